"""The configuration on the screen: read as tables, changed in two steps by two persons, with its history."""

from datetime import date
from uuid import UUID

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.actions import DocumentUnknown, DraftDecided, DraftOutdated
from services.workflow.catalogue import read_letters
from services.workflow.domain.case import Workflow
from services.workflow.domain.document import digest_of, rows_of
from services.workflow.steps import NotAllowed
from services.workflow.web import words
from services.workflow.web.addresses import Facts, does, gives, sees
from services.workflow.web.config_form import drafted, form, row_asked_for
from services.workflow.web.config_page import (
    book_of,
    find,
    newest,
    others_of,
    page,
    reason_of,
    said,
    shown_row,
    state_of,
    title_of,
    today_of,
    unconfirmed_years,
)
from services.workflow.web.config_review import REVIEWED, review, reviewed
from services.workflow.web.drawing import draw
from services.workflow.web.frame import Desk
from shared import auth
from shared.config import BadConfig
from shared.db import Reading
from shared.text import fold
from shared.web import current_language, gettext, lazy

READERS = ("admin", "office", "director")
SHOWN_DAYS = 200


def serve(desk: Desk) -> None:
    app = desk.app
    app.refuses(DocumentUnknown, 404, words=lazy("Không có tài liệu này."))
    app.refuses(DraftDecided, 409, words=lazy("Bản thay đổi này đã được công bố hoặc đã rút."))
    app.refuses(
        DraftOutdated,
        409,
        words=lazy(
            "Tài liệu đã có bản mới hơn từ khi bạn mở nó. Hãy mở bản mới và làm lại thay đổi, để không xóa mất."
        ),
    )

    @app.get("/desk/config")
    @auth.needs(*READERS)
    def config() -> ResponseReturnValue:
        with desk.database.reading() as look:
            return page(desk, look, "index", **documents_now(desk, look))

    @app.get("/desk/config/doc/<name>")
    @auth.needs(*READERS)
    def config_document(name: str) -> ResponseReturnValue:
        with desk.database.reading() as look:
            return page(desk, look, "document", asked=request.args.get("q", ""), **one_document(desk, look, name))

    @app.route("/desk/config/doc/<name>/row", methods=["GET", "POST"])
    @auth.needs("admin")
    def config_row(name: str) -> ResponseReturnValue:
        """One row in a form: written anew, or ended and followed by another."""
        with desk.database.reading() as look:
            text, _ = newest(desk, look, name)
        row = row_asked_for(text)
        if request.method == "GET":
            return form(desk, name, text, row=row)
        return drafted(desk, name, text, row=row)

    @app.route("/desk/config/doc/<name>/text", methods=["GET", "POST"])
    @auth.needs("admin")
    def config_text(name: str) -> ResponseReturnValue:
        """The text of the whole document."""
        with desk.database.reading() as look:
            text, _ = newest(desk, look, name)
        return form(desk, name, text) if request.method == "GET" else drafted(desk, name, text)

    @app.get("/desk/config/doc/<name>/history")
    @auth.needs(*READERS)
    def config_history(name: str) -> ResponseReturnValue:
        with desk.database.reading() as look:
            return page(desk, look, "history", **history(desk, look, name))

    @app.get("/desk/config/drafts/<uuid:document_id>")
    @auth.needs(*READERS)
    def config_draft(document_id: UUID) -> ResponseReturnValue:
        with desk.database.reading() as look:
            return review(desk, look, find(look, document_id))

    @app.post("/desk/config/drafts/<uuid:document_id>/publish")
    @auth.needs(*READERS)
    def config_publish(document_id: UUID) -> ResponseReturnValue:
        try:
            kept = PUBLISH(desk, document_id=document_id)
        except BadConfig:
            with desk.database.reading() as look:
                return review(desk, look, find(look, document_id), status=422)
        except NotAllowed as refusal:
            abort(403, description=str(words.REFUSALS.get(refusal.reason.value, refusal)))
        flash(gettext("Đã công bố %(name)s, bản %(version)s", name=title_of(kept.name), version=kept.version))
        return redirect(url_for("config_history", name=kept.name), 303)

    @app.post("/desk/config/drafts/<uuid:document_id>/withdraw")
    @auth.needs(*READERS)
    def config_withdraw(document_id: UUID) -> ResponseReturnValue:
        WITHDRAW.and_say(desk, document_id=document_id)
        return redirect(url_for("config"), 303)

    @app.get("/desk/config/letters")
    @auth.needs(*READERS)
    def config_letters() -> ResponseReturnValue:
        with desk.database.reading() as look:
            return page(desk, look, "letters", asked=request.args.get("q", ""), **letters(desk, look))

    @app.get("/desk/config/workflows")
    @auth.needs(*READERS)
    def config_workflows() -> ResponseReturnValue:
        tables = _tables(desk)
        chosen = next((one for one in tables if one.name == request.args.get("table")), tables[0])
        with desk.database.reading() as look:
            return page(
                desk,
                look,
                "workflows",
                tables=tables,
                chosen=chosen,
                drawing=draw(chosen, current_language(), said=lambda name: str(words.STEPS.get(name, name))),
            )

    @app.get("/desk/config/days")
    @auth.needs(*READERS)
    def config_days() -> ResponseReturnValue:
        with desk.database.reading() as look:
            return page(desk, look, "days", **provisional_days(desk, look))


@sees("config", "documents", "drafts", "left_out", "unconfirmed", roles=READERS)
def documents_now(desk: Desk, look: Reading) -> Facts:
    """The documents of the rule book, drafts that wait, what was left out, years whose calendar nobody confirmed"""
    edition = book_of(desk).edition(look)
    return {
        "documents": [state_of(desk, look, name) for name in book_of(desk).names],
        "drafts": store.drafts(look),
        "left_out": [(one.document, reason_of(one.why)) for one in edition.left_out],
        "unconfirmed": unconfirmed_years(edition.rules, look),
    }


@sees(
    "config/doc/<name>",
    *("document", "is_to_come", "first_day", "based_on", "lists", "key", "rows", "count", "others"),
    roles=READERS,
    query=("list", "q"),
)
def one_document(desk: Desk, look: Reading, name: str) -> Facts:
    """A document: its lists, the rows of one `list` in which `q` occurs; `based_on` goes with a draft over it"""
    text, first_day = newest(desk, look, name)
    lists = {key: rows for key, rows in rows_of(text).items() if rows}
    key = request.args.get("list", "") if request.args.get("list", "") in lists else next(iter(lists), "")
    asked = fold(request.args.get("q", ""))
    found = [row for row in lists.get(key, []) if asked in fold(" ".join(map(said, row.value.values())))]
    return {
        "document": state_of(desk, look, name),
        "is_to_come": first_day > today_of(desk, look),
        "first_day": first_day,
        "based_on": digest_of(text),
        "lists": {one: len(rows) for one, rows in lists.items()},
        "key": key,
        "rows": [shown_row(row, today_of(desk, look)) for row in found],
        "count": len(lists.get(key, [])),
        "others": others_of(text, lists),
    }


@sees("config/doc/<name>/history", "document", "versions", roles=READERS)
def history(desk: Desk, look: Reading, name: str) -> Facts:
    """The versions of a document: published, drafted, withdrawn"""
    return {"document": state_of(desk, look, name), "versions": store.history_of(look, name)}


@gives("config/doc/<name>/export", "application/json", roles=READERS, query=("version",))
def config_export(desk: Desk, name: str) -> Response:
    """The text that holds, or one of its versions, as a file"""
    with desk.database.reading() as look:
        text, _ = newest(desk, look, name)
        version = request.args.get("version", "")
        if version:
            text = next((one.text for one in store.published(look, name) if str(one.version) == version), "")
    if not text:
        raise DocumentUnknown
    stem = name.removesuffix(".json") + (f"-{version}" if version else "")
    headers = {"Content-Disposition": f'attachment; filename="{stem}.json"'}
    return Response(text, content_type="application/json; charset=utf-8", headers=headers)


@sees("config/drafts/<uuid:document_id>", *REVIEWED, roles=READERS, query=("tried",))
def one_draft(desk: Desk, look: Reading, document_id: UUID) -> Facts:
    """What a draft changes, whether it makes sense, and what it would have made of what came lately"""
    return reviewed(desk, look, find(look, document_id))


@sees("config/letters", "letters", roles=READERS, query=("q",))
def letters(desk: Desk, _look: Reading) -> Facts:
    """The words of letters and notices in which `q` occurs"""
    asked = fold(request.args.get("q", ""))
    return {"letters": [one for one in read_letters(book_of(desk).folder) if asked in fold(f"{one.name} {one.text}")]}


@sees("config/workflows", "workflows", roles=READERS)
def workflows(desk: Desk, _look: Reading) -> Facts:
    """The lives of cases: stages, steps, who takes them"""
    return {
        "workflows": [
            {
                "name": table.name,
                "version": table.version,
                "kinds": sorted(table.kinds),
                "stages": [
                    {"name": stage.name, "words": dict(stage.desk), "is_end": stage.is_end}
                    for stage in table.stages.values()
                ],
                "steps": [
                    {"name": step.name, "from": sorted(step.allowed_from), "to": step.to, "by": sorted(step.by)}
                    for step in table.steps.values()
                ],
            }
            for table in _tables(desk)
        ]
    }


def _tables(desk: Desk) -> list[Workflow]:
    return sorted({table.name: table for table in desk.rules.current.values()}.values(), key=lambda one: one.name)


@sees("config/days", "days", "cases", "unconfirmed", roles=READERS)
def provisional_days(desk: Desk, look: Reading) -> Facts:
    """Due days that may still move, because nobody confirmed the calendar of their year"""
    confirmed = desk.rules.calendar.is_confirmed
    days = [one for one in store.count_due_days(look) if not confirmed(today_of(desk, look), one[0])]
    cases = store.due_between(look, auth.me(), days[0][0], date.max, limit=SHOWN_DAYS) if days else []
    return {"days": days, "cases": cases, "unconfirmed": unconfirmed_years(desk.rules, look)}


PUBLISH = does(
    "config/drafts/<uuid:document_id>/publish", actions.publish_document, roles=READERS, done=lazy("Đã công bố")
)
WITHDRAW = does(
    "config/drafts/<uuid:document_id>/withdraw",
    actions.withdraw_draft,
    roles=READERS,
    done=lazy("Đã rút bản thay đổi; nó vẫn còn trong lịch sử"),
)
