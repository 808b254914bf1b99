"""Administrative procedures: found without accents, each on a page of its own, and on paper for the counter."""

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.intake.domain.procedure import Procedure, Procedures
from services.intake.domain.search import Entry, search
from services.intake.door import Door, the_door
from services.intake.web.papers import qr_code
from shared.db import Reading
from shared.web import WebApp, current_language, gettext, ngettext
from shared.web.i18n import num

LONGEST_SEARCH = 100  # characters

pages = Blueprint("procedures", __name__)


def add_to(app: WebApp) -> None:
    app.register_blueprint(pages)


@pages.get("/thu-tuc")
def procedures() -> ResponseReturnValue:
    """The procedures that hold today, by field."""
    door, words = the_door(), request.args.get("q", "").strip()[:LONGEST_SEARCH]
    with door.database.reading() as tx:
        book = _book(door, tx)
    rows = book.on_day(door.today())
    if words:
        codes = search(words, [Entry(row.code, (row.name, row.name_en), _known_by(row)) for row in rows])
        rows = tuple(row for row in rows if row.code in codes)
    return render_template(
        "procedures.html", groups=book.by_field(rows), words=words, name=_name, term=_term, portal=book.portal
    )


@pages.get("/thu-tuc/<code>")
def one(code: str) -> ResponseReturnValue:
    """A procedure as it holds today; one that ended says since when."""
    return render_template("procedure.html", **_shown(code))


@pages.get("/thu-tuc/<code>/in")
def on_paper(code: str) -> ResponseReturnValue:
    """The same for a wall: with version and date, and a square that opens the page."""
    door, shown = the_door(), _shown(code)
    if shown["is_over"]:
        abort(404, description=gettext("Thủ tục này không còn được giải quyết ở đây."))
    address = f"{door.settings.public_url}{url_for('procedures.one', code=code)}"
    qr = qr_code(address, gettext("Mã QR mở trang thủ tục này"))
    return render_template("procedure-print.html", address=address, qr=qr, today=door.today(), **shown)


def _book(door: Door, tx: Reading) -> Procedures:
    return door.procedures.on_day(tx, door.today())


def _shown(code: str) -> dict[str, Any]:
    door = the_door()
    today = door.today()
    with door.database.reading() as tx:
        book = _book(door, tx)
    found = book.find(code, today)
    if found is None:
        abort(404, description=gettext("Không có thủ tục nào ở địa chỉ này."))
    field = next((row for row in book.fields if row.code == found.field), None)
    return {
        "one": found,
        "field": _name(field) if field else "",
        "is_over": found.valid_to is not None and found.valid_to < today,
        "next": book.next_of(code, today),
        "portal": book.portal,
        "portal_url": found.portal_url or book.portal.url,
        "name": _name,
        "term": _term,
        "fee": _fee,
    }


def _known_by(row: Procedure) -> tuple[str, ...]:
    return (row.code, *(paper.name for paper in row.papers))


def _name(row: Any) -> str:
    """The name of a row in the page's language."""
    return str(row.name_en if current_language() == "en" else row.name)


def _term(row: Procedure) -> str:
    if row.days_unit == "working_day":
        return ngettext("%(num)s ngày làm việc", "%(num)s ngày làm việc", row.days)
    return ngettext("%(num)s ngày", "%(num)s ngày", row.days)


def _fee(amount: int | None) -> str:
    return gettext("%(amount)s đồng", amount=num(amount)) if amount else ""
