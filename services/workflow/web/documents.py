"""The configuration on the screen: read as tables, changed in two steps by two persons, with its history."""

from datetime import date
from uuid import UUID

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.actions import DocumentUnknown, DraftDecided, DraftOutdated
from services.workflow.catalogue import read_letters
from services.workflow.domain.document import rows_of
from services.workflow.steps import NotAllowed
from services.workflow.web import words
from services.workflow.web.config_form import drafted, form, is_asked
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
from services.workflow.web.config_review import review
from services.workflow.web.drawing import draw
from services.workflow.web.frame import Desk
from shared import auth
from shared.config import BadConfig
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
            edition = book_of(desk).edition(look)
            return page(
                desk,
                look,
                "index",
                documents=[state_of(desk, look, name) for name in book_of(desk).names],
                drafts=store.drafts(look),
                left_out=[(one.document, reason_of(one.why)) for one in edition.left_out],
                unconfirmed=unconfirmed_years(edition.rules, look),
            )

    @app.get("/desk/config/doc/<name>")
    @auth.needs(*READERS)
    def config_document(name: str) -> ResponseReturnValue:
        with desk.database.reading() as look:
            text, first_day = newest(desk, look, name)
            lists = {key: rows for key, rows in rows_of(text).items() if rows}
            key = request.args.get("list", "") if request.args.get("list", "") in lists else next(iter(lists), "")
            asked = fold(request.args.get("q", ""))
            found = [row for row in lists.get(key, []) if asked in fold(" ".join(map(said, row.value.values())))]
            return page(
                desk,
                look,
                "document",
                document=state_of(desk, look, name),
                is_to_come=first_day > today_of(desk, look),
                first_day=first_day,
                lists={one: len(rows) for one, rows in lists.items()},
                key=key,
                rows=[shown_row(row, today_of(desk, look)) for row in found],
                count=len(lists.get(key, [])),
                asked=request.args.get("q", ""),
                others=others_of(text, lists),
            )

    @app.route("/desk/config/doc/<name>/row", methods=["GET", "POST"])
    @auth.needs("admin")
    def config_row(name: str) -> ResponseReturnValue:
        """One row in a form: written anew, or ended and followed by another."""
        with desk.database.reading() as look:
            text, _ = newest(desk, look, name)
        row = next((one for one in rows_of(text).get(request.args.get("list", ""), []) if is_asked(one)), None)
        if row is None:
            raise DocumentUnknown
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
            return page(
                desk,
                look,
                "history",
                document=state_of(desk, look, name),
                versions=store.history_of(look, name),
            )

    @app.get("/desk/config/doc/<name>/export")
    @auth.needs(*READERS)
    def config_export(name: str) -> ResponseReturnValue:
        """The text that holds, or one of its versions, as a file."""
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

    @app.get("/desk/config/drafts/<uuid:document_id>")
    @auth.needs(*READERS)
    def config_draft(document_id: UUID) -> ResponseReturnValue:
        with desk.database.reading() as look:
            return review(desk, look, find(look, document_id))

    @app.post("/desk/config/drafts/<uuid:document_id>/publish")
    @auth.needs(*READERS)
    def config_publish(document_id: UUID) -> ResponseReturnValue:
        try:
            with desk.database.writing() as tx:
                kept = actions.publish_document(tx, book_of(desk), person=auth.me(), document_id=document_id)
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
        with desk.database.writing() as tx:
            actions.withdraw_draft(tx, person=auth.me(), document_id=document_id)
        flash(gettext("Đã rút bản thay đổi; nó vẫn còn trong lịch sử"))
        return redirect(url_for("config"), 303)

    @app.get("/desk/config/letters")
    @auth.needs(*READERS)
    def config_letters() -> ResponseReturnValue:
        asked = fold(request.args.get("q", ""))
        letters = [one for one in read_letters(book_of(desk).folder) if asked in fold(f"{one.name} {one.text}")]
        with desk.database.reading() as look:
            return page(desk, look, "letters", letters=letters, asked=request.args.get("q", ""))

    @app.get("/desk/config/workflows")
    @auth.needs(*READERS)
    def config_workflows() -> ResponseReturnValue:
        tables = sorted({table.name: table for table in desk.rules.current.values()}.values(), key=lambda one: one.name)
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
        """Due days that may still move, because nobody confirmed the calendar of their year."""
        with desk.database.reading() as look:
            confirmed = desk.rules.calendar.is_confirmed
            days = [one for one in store.count_due_days(look) if not confirmed(today_of(desk, look), one[0])]
            cases = []
            if days:
                cases = store.due_between(look, auth.me(), days[0][0], date.max, limit=SHOWN_DAYS)
            return page(desk, look, "days", days=days, cases=cases, unconfirmed=unconfirmed_years(desk.rules, look))
