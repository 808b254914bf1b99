"""The addresses of working together: contributions, urgings, opinions from outside, letters taken apart, mentions."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.actions.splitting import MOST, Part, pieces_of
from services.workflow.domain.case import StepRefused
from services.workflow.domain.permission import Refused, may
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed, begin
from services.workflow.web import words
from services.workflow.web.addresses import LOOKS, Facts, does, sees
from services.workflow.web.asks import Asks, asks
from services.workflow.web.frame import Desk
from services.workflow.web.moves import MOVES
from shared import auth
from shared.db import Reading
from shared.web import gettext, lazy, ngettext

TOGETHER: dict[str, tuple[Asks, str]] = {
    "ask_support": (asks(actions.ask_support, "unit", "question", "due_on"), lazy("Đã gửi đề nghị phối hợp")),
    "give_support": (asks(actions.give_support, "text"), lazy("Đã gửi ý kiến phối hợp")),
    "hand_back_support": (asks(actions.hand_back_support, "reason"), lazy("Đã trả lại đề nghị phối hợp")),
    "split_up": (asks(actions.split, "parts"), lazy("Đã tách, người gửi được báo")),
    "unlink": (asks(actions.unlink, "reason"), lazy("Đã thôi gộp: hồ sơ được xem xét riêng, người gửi được báo")),
    "consult": (
        asks(actions.consult, "name", "email", "question", "files", "is_waiting", "language"),
        lazy("Đã gửi câu hỏi; người được hỏi nhận đường dẫn riêng"),
    ),
    "revoke_consult": (asks(actions.revoke, "consult_id"), lazy("Đã thu hồi đường dẫn")),
    "urge": (asks(actions.urge, "reason", "answer_by"), lazy("Đã đôn đốc đơn vị")),
    "answer_urge": (asks(actions.answer_urge, "text"), lazy("Đã trả lời đôn đốc")),
}


def serve(desk: Desk) -> None:
    app = desk.app
    MOVES.update(TOGETHER)

    @app.get("/desk/cases/<uuid:case_id>/split_up")
    @desk.needs()
    def taking_apart(case_id: UUID) -> ResponseReturnValue:
        """The letter in pieces, to be given to parts."""
        LOOKS["cases/<uuid:case_id>/split_up"](desk, case_id=case_id)
        with desk.database.reading() as look:
            return _split_page(desk, look, case_id)

    @app.post("/desk/cases/<uuid:case_id>/split_up")
    @desk.needs()
    def take_apart(case_id: UUID) -> ResponseReturnValue:
        version = request.form.get("version", type=int)
        try:
            with desk.database.writing() as tx:
                begin(tx, auth.me(), "split_up", case_id, version)
                parts = _parts(pieces_of(store.words_of(tx, case_id).text))
                made = actions.split(tx, desk.rules, person=auth.me(), case_id=case_id, version=version, parts=parts)
        except Incomplete as refusal:
            with desk.database.reading() as look:
                wrong = words.incomplete(refusal.field, refusal.code)
                return _split_page(desk, look, case_id, wrong=wrong, status=422)
        parted = ngettext("Đã tách thành %(num)s phần", "Đã tách thành %(num)s phần", len(made))
        flash(gettext("%(what)s, người gửi được báo", what=parted))
        return redirect(url_for("case", case_id=case_id), 303)

    @app.get("/desk/mentions")
    @desk.needs()
    def mentions() -> ResponseReturnValue:
        with desk.database.reading() as look:
            found = mentioned(desk, look)
            return desk.page(look, "desk/mentions.html", here="mentions", names=store.names_of(look), **found)

    @app.post("/desk/urge")
    @auth.needs("office", "director")
    def urge_unit() -> ResponseReturnValue:
        """Urge a unit about everything of its that is late."""
        try:
            count = URGE(desk)
        except Incomplete as refusal:
            flash(words.incomplete(refusal.field, refusal.code), "error")
        except StepRefused:
            flash(gettext("Hồ sơ vừa thay đổi, hãy thử lại"), "error")
        else:
            flash(ngettext("Đã đôn đốc về %(num)s hồ sơ trễ", "Đã đôn đốc về %(num)s hồ sơ trễ", count))
        return redirect(url_for("queue"), 303)


@sees("mentions", "mentions")
def mentioned(_desk: Desk, look: Reading) -> Facts:
    """Where colleagues name one in their notes, newest first"""
    return {"mentions": store.mentions_of(look, auth.me())}


URGE = does(
    "urge",
    actions.urge_unit,
    *("unit", "reason", "answer_by"),
    roles=("office", "director"),
    done=lazy("Đã đôn đốc đơn vị"),
)


@sees("cases/<uuid:case_id>/split_up", "pieces", "most", tells=actions.read_case)
def pieces(desk: Desk, look: Reading, case_id: UUID) -> Facts:
    """The letter in pieces, to be given to parts by who may take it apart now"""
    me, case = auth.me(), store.find_case(look, case_id)
    if case is None or not may(me, "see", case):
        raise CaseUnknown
    if isinstance(answer := may(me, "split_up", case), Refused):
        raise NotAllowed(answer.reason)
    desk.rules.workflow_of(case).step(case, "split_up", by=me.role)
    return {"pieces": pieces_of(store.words_of(look, case_id).text), "most": MOST}


def _parts(pieces: list[str]) -> list[Part]:
    """Each part: the words that were typed for it, else the pieces that were given to it."""
    chosen = [request.form.get(f"piece-{number}", "") for number in range(len(pieces))]
    found = []
    for number in range(1, MOST + 1):
        typed = request.form.get(f"text-{number}", "").strip()
        own = " ".join(piece for piece, part in zip(pieces, chosen, strict=True) if part == str(number))
        if typed or own:
            kind, topic = (request.form.get(f"{name}-{number}") or None for name in ("kind", "topic"))
            found.append(Part(text=typed or own, kind=kind, topic=topic))
    return found


def _split_page(desk: Desk, look: Reading, case_id: UUID, *, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    case = store.find_case(look, case_id)
    if case is None:
        raise CaseUnknown
    told: Any = store.words_of(look, case_id)
    return desk.page(
        look,
        "desk/split.html",
        status=status,
        case=case,
        title=told.title or case.code,
        pieces=pieces_of(told.text),
        most=MOST,
        said=request.form,
        fault=wrong,
    )
