"""The book of reception, form 03/TCD: a table for spreadsheets, for who looks over all."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from flask import Response, request
from flask.typing import ResponseReturnValue

from services.workflow.actions.book import ROLES, read_book
from services.workflow.domain.letter import register_number, short_date
from services.workflow.domain.permission import may
from services.workflow.steps import Incomplete, day_of
from services.workflow.store import Received
from services.workflow.web import words
from services.workflow.web.addresses import gives
from services.workflow.web.frame import Desk
from shared import auth
from shared.web import gettext, lazy

WRONG: Mapping[tuple[str, str], str] = {
    ("first_day", "missing"): lazy("Hãy nhập ngày đầu"),
    ("last_day", "missing"): lazy("Hãy nhập ngày cuối"),
    ("first_day", "malformed"): lazy("Viết ngày như 01/11/2026"),
    ("last_day", "malformed"): lazy("Viết ngày như 30/11/2026"),
    ("last_day", "too_long"): lazy("Ngày cuối phải sau ngày đầu, và không quá một năm"),
    ("last_day", "too_many"): lazy("Quá nhiều hồ sơ cho một tệp: hãy chọn ít ngày hơn"),
}

Cell = Callable[[Desk, int, Received], str]


def serve(desk: Desk) -> None:
    app = desk.app

    @app.get("/desk/book")
    @auth.needs(*ROLES)
    def book() -> ResponseReturnValue:
        return _page(desk)

    @app.get("/desk/book.csv")
    @auth.needs(*ROLES)
    def book_csv() -> ResponseReturnValue:
        try:
            return reception(desk)
        except Incomplete as refusal:
            return _page(desk, wrong=refusal)


@gives("book.csv", "text/csv", roles=ROLES, query=("first_day", "last_day"), is_shown=False)
def reception(desk: Desk) -> Response:
    """The book of reception of some days, form 03/TCD; every name in it is told as read"""
    first, last = (day_of(request.args.get(name, ""), name) for name in ("first_day", "last_day"))
    with desk.database.writing() as tx:
        rows = read_book(tx, desk.rules, person=auth.me(), first=first, last=last)
    assert first is not None
    assert last is not None
    return _as_csv(desk, rows, name=f"{first:%Y%m%d}-{last:%Y%m%d}")


def _page(desk: Desk, *, wrong: Incomplete | None = None) -> ResponseReturnValue:
    with desk.database.reading() as look:
        today = desk.rules.calendar.local_day(look.now)
        first = today.replace(day=1)
        if today.day <= 5:  # who asks in the first days of a month asks for the last one
            first = (first - timedelta(days=1)).replace(day=1)
        return desk.page(
            look,
            "desk/book.html",
            here="book",
            status=422 if wrong else 200,
            days=(
                request.args.get("first_day", short_date(first)),
                request.args.get("last_day", short_date(today)),
            ),
            wrong=wrong,
            said=WRONG.get((wrong.field, wrong.code), gettext("Hãy điền mục này")) if wrong else "",
            book=desk.rules.papers.book,
        )


# ---- the table


def _register(_desk: Desk, _number: int, row: Received) -> str:
    return register_number(row.register)


def _name(_desk: Desk, _number: int, row: Received) -> str:
    return (row.name or "") if may(auth.me(), "see_contact", row.case) else ""


def _address(_desk: Desk, _number: int, row: Received) -> str:
    return (row.address or "") if may(auth.me(), "see_contact", row.case) else ""


def _course(desk: Desk, _number: int, row: Received) -> str:
    return str(desk.rules.workflow_of(row.case).stages[row.case.stage].desk["vi"])


def _result(_desk: Desk, _number: int, row: Received) -> str:
    return "; ".join(f"{one.symbol} ngày {short_date(one.signed_on)}" for one in row.letters)


CELLS: Mapping[str, Cell] = {
    "number": lambda desk, number, row: str(number),
    "register": _register,
    "received_on": lambda desk, number, row: short_date(desk.rules.calendar.local_day(row.case.received_at)),
    "channel": lambda desk, number, row: str(words.CHANNELS.get(row.case.channel, row.case.channel)),
    "name": _name,
    "address": _address,
    "matter": lambda desk, number, row: "" if row.case.is_secret else row.title,
    "kind": lambda desk, number, row: desk.kind(row.case.kind),
    "unit": lambda desk, number, row: desk.unit(row.case.unit),
    "course": _course,
    "due_on": lambda desk, number, row: short_date(row.case.answer_due_on) if row.case.answer_due_on else "",
    "result": _result,
    "note": lambda desk, number, row: gettext("Mật") if row.case.is_secret else "",
}
"""What stands in each column that the configuration may name."""


def _as_csv(desk: Desk, rows: Sequence[Received], *, name: str) -> Response:
    """Byte order mark, semicolons, and no cell that a program would run."""
    text, columns = io.StringIO(), desk.rules.papers.book.columns
    table = csv.writer(text, delimiter=";")
    table.writerow([column.title for column in columns])
    for number, row in enumerate(rows, start=1):
        table.writerow([_safe(CELLS[column.code](desk, number, row)) for column in columns])
    response = Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="so-tiep-nhan-{name}.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _safe(cell: str) -> str:
    """Source: OWASP, CSV injection."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
