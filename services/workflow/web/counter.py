"""The counter: a pass to the door for filing in a citizen's stead, cases by their code, results on paper, calls."""

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.domain.case import Case, StepRefused
from services.workflow.domain.counter import may_hand_over
from services.workflow.domain.permission import may
from services.workflow.web import late_dossiers, words
from services.workflow.web.addresses import Facts, does, gives, sees
from services.workflow.web.filters import code_typed
from services.workflow.web.frame import Desk
from shared import auth, passes
from shared.config import read_rows
from shared.db import Reading
from shared.web import current_language, gettext, lazy

WAYS = {
    "counter": (lazy("Công dân đến quầy"), lazy("Nhập cùng công dân, in biên nhận, có thể ký tại chỗ")),
    "phone": (lazy("Công dân gọi điện"), lazy("Nhập trong lúc nghe, đọc mã cho người gọi")),
    "letter": (lazy("Thư gửi đến"), lazy("Ghi ngày thư đến; kèm bản quét của đơn đã ký")),
}
GIVEN_TO = {"petitioner": lazy("Người gửi đơn"), "delegate": lazy("Người được ủy quyền bằng văn bản")}
CALLS = {"citizen_called": lazy("Công dân gọi đến"), "we_called": lazy("Chúng tôi gọi cho công dân")}


@dataclass(frozen=True)
class Ground:
    """Why a letter was entered later than it came."""

    code: str
    name: str
    name_en: str


def serve(desk: Desk) -> None:
    app = desk.app
    grounds = {one.code: one for one in read_rows(app.settings.config_dir / "counter.json", "late_grounds", Ground)}

    def late_ground(code: str) -> str:
        known = grounds.get(code)
        return code if known is None else known.name if current_language() == "vi" else known.name_en

    app.jinja_env.globals.update(receivers=GIVEN_TO, calls=CALLS, late_ground=late_ground)

    @app.get("/desk/counter")
    @desk.needs()
    def counter() -> ResponseReturnValue:
        with desk.database.reading() as look:
            return desk.page(
                look,
                "desk/counter.html",
                here="counter",
                ways=WAYS,
                typed=_typed_code(),
                may_list_late=late_dossiers.may_be_listed(desk, look),
                **at_counter(desk, look),
            )

    @app.post("/desk/counter/open")
    @desk.needs()
    def open_counter() -> ResponseReturnValue:
        """Give this person a pass, and send them to the door with it."""
        return send_to_door(desk, request.form.get("channel", ""))


@sees("counter", "mine", "found", query=("code",))
def at_counter(desk: Desk, look: Reading) -> Facts:
    """What one wrote down for citizens today, and the cases whose `code` begins so"""
    me, calendar = auth.me(), desk.rules.calendar
    midnight = calendar.start_of_day(calendar.local_day(look.now))
    return {
        "mine": store.entered_by(look, me, since=midnight),
        "found": _found(desk, look, me, code_typed(_typed_code())),
    }


def _typed_code() -> str:
    return request.args.get("code", "").strip()[:20]


def _sign(desk: Desk, *, person: auth.Person, channel: str) -> str:
    """A pass to the door, for filing once in a citizen's stead: who has it may enter for half an hour."""
    return signed_pass(desk, person=person, channel=channel)


OPEN = does("counter/open", _sign, "channel", done=lazy("Đã mở lượt nhập thay"))


@gives("cases/<uuid:case_id>/answer/print", "text/html")
def answer_on_paper(desk: Desk, case_id: UUID) -> Response:
    """The answer with a place for the signature of who takes it"""
    with desk.database.writing() as tx:
        case = actions.read_case(tx, person=auth.me(), case_id=case_id, kind="export")
        given = next((one for one in reversed(store.answers_of(tx, case_id)) if one.state == "answered"), None)
        if given is None:
            raise StepRefused("no answer was given yet")
        page = render_template(
            "desk/handover.html",
            desk=desk,
            words=words,
            case=case,
            given=given,
            signer=store.names_of(tx).get(given.decided_by or "", ""),
            me=auth.me(),
            now=tx.now,
        )
    return make_response(page)


def signed_pass(desk: Desk, *, person: auth.Person, channel: str) -> str:
    with desk.database.reading() as look:
        return actions.sign_pass(look, desk.database.codec.keys, person=person, channel=channel)


def send_to_door(desk: Desk, channel: str) -> ResponseReturnValue:
    """To the door with a pass: in a cookie that goes nowhere else."""
    page = redirect(passes.ENTRANCE, 303)
    page.set_cookie(
        passes.COOKIE,
        signed_pass(desk, person=auth.me(), channel=channel),
        max_age=int(passes.LIVES.total_seconds()),
        path=passes.ENTRANCE,
        httponly=True,
        samesite="Strict",
        secure=desk.app.settings.public_url.startswith("https:"),
    )
    return page


def _found(desk: Desk, look: Reading, me: auth.Person, code: str) -> list[SimpleNamespace] | None:
    """Cases whose code begins so, and whether their answer waits to be handed over; None where nothing was typed."""
    if len(code) < 4:
        return None
    rows = store.find_by_code(look, me, code)
    return [
        SimpleNamespace(
            row=row,
            stage=desk.rules.workflow_of(row.case).stages[row.case.stage],
            waits=may(me, "hand_over", row.case) and may_hand_over(row.case, store.handovers_of(look, row.case.id)),
        )
        for row in rows
    ]


def of(look: Reading, case: Case) -> dict[str, Any]:
    """What the page of a case shows of the counter: who wrote it down, and what was handed over."""
    given = store.handovers_of(look, case.id)
    return {
        "entered": store.entered_of(look, case.petition_id),
        "handovers": given,
        "waits": may_hand_over(case, given),
    }


def line_words(what: str, data: dict[str, Any]) -> str:
    """What a line of the timeline says of a call or of a result that was handed over; empty for other lines."""
    if what == "log_call":
        return str(CALLS.get(data.get("direction", ""), ""))
    if what == "hand_over":
        day = date.fromisoformat(data["given_on"])
        signed = gettext("có ký nhận") if data.get("is_signed") else gettext("không ký nhận")
        return f"{GIVEN_TO.get(data.get('given_to', ''), '')}, {day:%d/%m/%Y}, {signed}"
    return ""
