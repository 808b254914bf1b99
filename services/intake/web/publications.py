"""What the department makes public: a list to search, a page for each, and the same record on paper for a notice
board.
"""

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.intake import store
from services.intake.actions import count_opening
from services.intake.catalogue import Named
from services.intake.door import Door, the_door
from services.intake.store import Published
from services.intake.web.papers import qr_code
from services.intake.web.take_part import Section
from shared.db import Reading
from shared.web import WebApp, current_language, gettext
from shared.web.app import with_query

LISTED = 20
NEWEST = 3
ANSWERS = 10
LONGEST_SEARCH = 100  # characters
READING = "600 per minute"  # for one address, which a whole village may share
LAST_PAGE = 1000  # of a list: what lies further is searched for

pages = Blueprint("publications", __name__)


def add_to(app: WebApp) -> None:
    app.limit(READING, methods=["GET"])(pages)
    app.register_blueprint(pages)


def newest(door: Door, tx: Reading) -> Section:
    """What was made public last, as a section of the page of taking part."""
    rows = store.publications_on(tx, door.today(), most=NEWEST)
    return Section("take-part/_publications.html", {"rows": rows})


def _page_asked() -> int:
    return min(max(request.args.get("trang", 1, type=int), 1), LAST_PAGE)


@pages.get("/cong-khai")
def public() -> ResponseReturnValue:
    """What is public today, the newest first."""
    door, words = the_door(), request.args.get("q", "").strip()[:LONGEST_SEARCH]
    kind = request.args.get("loai", "")
    page = _page_asked()
    kinds = door.catalogue.publication_kinds
    with door.database.reading() as tx:
        rows = store.publications_on(
            tx,
            door.today(),
            words=words,
            kind=kind if kind in kinds else "",
            skip=(page - 1) * LISTED,
            most=LISTED + 1,
        )
    return render_template(
        "publications.html",
        rows=rows[:LISTED],
        newer=with_query(trang=str(page - 1) if page > 2 else None) if page > 1 else "",
        older=with_query(trang=str(page + 1)) if len(rows) > LISTED else "",
        words=words,
        kind=kind,
        kinds=[(code, _name(row)) for code, row in kinds.items()],
        kind_name=_kind_name,
    )


@pages.get("/hoi-dap")
def questions() -> ResponseReturnValue:
    """Answers kept ready, guides in force, and what others were answered where words are searched."""
    door, words = the_door(), request.args.get("q", "").strip()[:LONGEST_SEARCH]
    page = _page_asked()
    with door.database.reading() as tx:
        skip = (page - 1) * LISTED
        rows = store.publications_on(tx, door.today(), words=words, kind=store.GUIDE, skip=skip, most=LISTED + 1)
        others = store.public_cases(tx, store.Wanted(words=words, is_open=False), most=ANSWERS) if words else []
        known = door.known_answers.on_day(tx, door.today())
    return render_template(
        "questions.html",
        groups=known.by_group(known.on_day(door.today(), words=words)) if page == 1 else [],
        said=_in_language,
        rows=rows[:LISTED],
        newer=with_query(trang=str(page - 1) if page > 2 else None) if page > 1 else "",
        older=with_query(trang=str(page + 1)) if len(rows) > LISTED else "",
        words=words,
        answers=[one for one in others if one.answer and one.answered_on],
    )


@pages.get("/hoi-dap/<code>")
def answer(code: str) -> ResponseReturnValue:
    """One question with its answer; one that ended says so and stays at its address."""
    door = the_door()
    with door.database.reading() as tx:
        known = door.known_answers.on_day(tx, door.today())
        procedures = door.procedures.on_day(tx, door.today())
    found = known.find(code, door.today())
    if found is None:
        abort(404, description=gettext("Không có câu hỏi nào ở địa chỉ này."))
    return render_template(
        "question.html",
        one=found,
        said=_in_language,
        is_over=found.days[1] < door.today(),
        procedure=procedures.find(found.procedure, door.today()) if found.procedure else None,
        more=[row for row in known.on_day(door.today()) if row.group == found.group and row.code != code],
    )


def _in_language(row: Any, name: str) -> str:
    """A field of a row in the reader's language."""
    found: str = getattr(row, f"{name}_en" if current_language() == "en" else name)
    return found


@pages.get("/cong-khai/<number>")
def one(number: str) -> ResponseReturnValue:
    """One publication. Past its last day it stays at its address and says so; what was withdrawn says why."""
    door = the_door()
    with door.database.writing() as tx:
        found = _find(tx, door, number)
        if found.reason is None and request.method == "GET":
            count_opening(tx, found.id, today=door.today())
    if found.reason is not None:
        reason = door.catalogue.withdrawal_reasons.get(found.reason)
        page = render_template("publication-gone.html", one=found, reason=_name(reason) if reason else "")
        return page, 410
    return render_template("publication.html", **_shown(door, found))


@pages.get("/cong-khai/<number>/in")
def on_paper(number: str) -> ResponseReturnValue:
    """The same for a notice board: with its short address, and a square that opens the page."""
    door = the_door()
    with door.database.reading() as tx:
        found = _find(tx, door, number)
    if found.reason is not None:
        abort(410)
    address = f"{door.settings.public_url}{url_for('publications.one', number=found.number)}"
    return render_template(
        "publication-print.html",
        address=address,
        qr=qr_code(address, gettext("Mã QR mở trang này")),
        **_shown(door, found),
    )


def _find(tx: Reading, door: Door, number: str) -> Published:
    """A publication whose first day has come."""
    found = store.publication_by_number(tx, number)
    if found is None or (found.reason is None and found.starts_on > door.today()):
        abort(404, description=gettext("Không có văn bản nào ở địa chỉ này."))
    return found


def _shown(door: Door, found: Published) -> dict[str, Any]:
    return {
        "one": found,
        "kind": _kind_name(found.kind),
        "paragraphs": [part for part in found.text.split("\n\n") if part.strip()],
        "is_over": found.ends_on is not None and found.ends_on < door.today(),
    }


def _kind_name(code: str) -> str:
    row = the_door().catalogue.publication_kinds.get(code)
    return _name(row) if row else code


def _name(row: Named) -> str:
    return row.name_en if current_language() == "en" else row.name
