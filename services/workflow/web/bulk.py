"""Acts on many cases at once, each in a transaction of its own; and lists as their reader sees them, to be kept."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.domain.case import StepRefused
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from services.workflow.store import StaleCase
from services.workflow.web import words
from services.workflow.web.addresses import does, gives
from services.workflow.web.asked import asked
from services.workflow.web.face import left
from services.workflow.web.filters import KEPT, read_filters
from services.workflow.web.frame import Desk
from shared import auth
from shared.db import Reading, Transaction
from shared.web import gettext, lazy, said
from shared.web.i18n import day, instant

SUGGESTED = "suggested"
"""What a list sends instead of a person, when each case goes to whom it was suggested for."""

MOST_PICKED = 200
MOST_EXPORTED = 5000
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet would take for a formula. Source: OWASP, CSV injection."""

HEAD = (
    lazy("Mã"),
    lazy("Tiêu đề"),
    lazy("Loại"),
    lazy("Lĩnh vực"),
    lazy("Phường, xã"),
    lazy("Trạng thái"),
    lazy("Mức khẩn"),
    lazy("Gửi qua"),
    lazy("Tiếp nhận"),
    lazy("Hạn trả lời"),
    lazy("Thời gian còn lại"),
    lazy("Đơn vị"),
    lazy("Người xử lý"),
)
WHY_NOT = {
    "unknown": lazy("Không có hồ sơ này"),
    "stale": lazy("đã thay đổi trong lúc bạn chọn"),
    "refused": lazy("không làm được ở trạng thái hiện nay"),
}

Act = Callable[[Transaction, UUID, int], Any]


@dataclass(frozen=True)
class Outcome:
    """What became of one case of many."""

    code: str
    case_id: str
    why: str = ""  # why not; empty when it was done


def serve(desk: Desk) -> None:
    app = desk.app

    @app.post("/desk/bulk")
    @desk.needs()
    def bulk() -> ResponseReturnValue:
        """Give many cases to one officer; per row it is said what failed and why."""
        officer, outcomes = request.form.get("officer", ""), ASSIGN(desk)
        with desk.database.reading() as look:
            name = store.names_of(look).get(officer, "—")
            if officer == SUGGESTED:
                name = gettext("người được gợi ý")
            return _told(desk, look, outcomes, gettext("đã giao cho %(name)s", name=name))

    @app.post("/desk/bulk/note")
    @desk.needs()
    def bulk_note() -> ResponseReturnValue:
        """The same note among colleagues in many cases."""
        outcomes = NOTE(desk)
        with desk.database.reading() as look:
            return _told(desk, look, outcomes, gettext("đã có ghi chú"))


@gives("list.csv", "text/csv", query=("view", *KEPT), fields=("id",), methods=("GET", "POST"))
def export(desk: Desk) -> Response:
    """The cases that are named, or the list of the address, as a table; as the reader sees them, and no more"""
    with desk.database.reading() as look:
        written = _table(desk, look, _rows(desk, look))
    response = Response("\ufeff" + written, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="ho-so-{day(look.now).replace("/", "-")}.csv"'
    return response


@gives("list/print", "text/html", query=("view", *KEPT), fields=("id",), methods=("GET", "POST"))
def list_on_paper(desk: Desk) -> Response:
    """The same list for a printer"""
    with desk.database.reading() as look:
        rows = _rows(desk, look)
        page = render_template(
            "desk/list_paper.html",
            desk=desk,
            words=words,
            now=look.now,
            me=auth.me(),
            rows=rows,
            names=store.names_of(look),
            left={row.case.id: left(row.case, desk.rules.calendar, look.now) for row in rows},
            stages={row.case.id: _stage(desk, row) for row in rows},
            title=words.VIEWS.get(request.args.get("view", ""), gettext("Hồ sơ đã chọn")),
        )
    return make_response(page)


def each(desk: Desk, picked: Sequence[str], act: Act) -> list[Outcome]:
    """What became of each of these cases, named by id and version."""
    return [_one(desk, one, act) for one in picked[:MOST_PICKED]]


def _assign(desk: Desk, *, person: auth.Person, id: Sequence[str], officer: str) -> list[Outcome]:
    """Many cases given to one officer, or each to whom it is suggested for; of each is said what failed and why."""

    def assign(tx: Transaction, case_id: UUID, version: int) -> None:
        to = officer
        if officer == SUGGESTED:
            to = actions.suggested_officer(tx, desk.rules, person=person, case_id=case_id)
        actions.assign(tx, desk.rules, person=person, case_id=case_id, version=version, officer=to)

    return each(desk, id, assign)


def _note(desk: Desk, *, person: auth.Person, id: Sequence[str], note: str) -> list[Outcome]:
    """The same note among colleagues in many cases."""

    def add(tx: Transaction, case_id: UUID, _version: int) -> None:
        actions.add_note(tx, person=person, case_id=case_id, text=note)

    return each(desk, id, add)


ASSIGN = does("bulk", _assign, "id", "officer", done=lazy("Đã xong, xem từng hồ sơ"))
NOTE = does("bulk/note", _note, "id", "note", done=lazy("Đã xong, xem từng hồ sơ"))


def _one(desk: Desk, picked: str, act: Act) -> Outcome:
    ident, _, version = picked.partition(":")
    try:
        case_id = UUID(ident)
    except ValueError:
        return Outcome("", "", str(WHY_NOT["unknown"]))
    why: Any = ""
    try:
        with desk.database.writing() as tx:
            act(tx, case_id, int(version) if version.isdecimal() and len(version) < 10 else 0)
    except CaseUnknown:
        return Outcome("", "", str(WHY_NOT["unknown"]))
    except StaleCase:
        why = WHY_NOT["stale"]
    except Incomplete as refusal:
        why = words.incomplete(refusal.field, refusal.code)
    except NotAllowed as refusal:
        why = words.REFUSALS.get(refusal.reason.value, WHY_NOT["refused"])
    except StepRefused:
        why = WHY_NOT["refused"]
    with desk.database.reading() as look:
        row = store.row_of(look, auth.me(), case_id)
    return Outcome(row.case.code if row else "", ident, str(why))


def _told(desk: Desk, look: Reading, outcomes: Sequence[Outcome], done: str) -> ResponseReturnValue:
    return desk.page(look, "desk/bulk.html", outcomes=outcomes, done=done)


def _picked() -> list[UUID]:
    found = []
    for picked in asked().getlist("id")[:MOST_PICKED]:
        try:
            found.append(UUID(picked.partition(":")[0]))
        except ValueError:
            continue
    return found


def _rows(desk: Desk, look: Reading) -> Sequence[store.Row]:
    """What was ticked, else the whole list of the address."""
    me, ids = auth.me(), _picked()
    if ids:
        return store.rows_by_id(look, me, ids)
    view = request.args.get("view", "")
    if view not in store.VIEWS:
        return ()
    narrowed = read_filters(desk.rules.calendar, request.args, view=view, at=desk.glance(look.now))
    return store.page_of(look, me, view, narrowed.filters, soon_at=desk.soon_at(look.now), limit=MOST_EXPORTED).rows


def _stage(desk: Desk, row: store.Row) -> Any:
    return desk.rules.workflow_of(row.case).stages[row.case.stage]


def _table(desk: Desk, look: Reading, rows: Sequence[store.Row]) -> str:
    names, out = store.names_of(look), io.StringIO()
    table = csv.writer(out)
    table.writerow([str(name) for name in HEAD])
    for row in rows:
        case = row.case
        table.writerow(
            safe_cell(cell)
            for cell in (
                case.code,
                row.title or gettext("Hồ sơ mật"),
                desk.kind(case.kind),
                desk.topic(case.topic),
                desk.ward(case.ward),
                said(_stage(desk, row).desk),
                str(words.PRIORITIES[case.priority]),
                str(words.CHANNELS.get(case.channel, case.channel)),
                instant(case.received_at),
                day(case.answer_due_on) if case.answer_due_on else "",
                left(case, desk.rules.calendar, look.now).words,
                desk.unit(case.unit),
                names.get(case.officer or "", ""),
            )
        )
    return out.getvalue()


def safe_cell(cell: str) -> str:
    """A cell that no spreadsheet computes."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
