"""The page of somebody outside: a question, room for one answer, nothing else. No account, and no way further in."""

from uuid import UUID

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.workflow import actions, store
from services.workflow.actions.consulting import LONGEST_ANSWER, NoSuchLink, find_by_link
from services.workflow.steps import Incomplete
from services.workflow.web import words
from services.workflow.web.files import file_response, original
from services.workflow.web.frame import Desk
from shared.web import lazy

LOOKING = "30 per minute; 200 per hour"
ANSWERING = "6 per minute; 30 per hour"


def serve(desk: Desk) -> None:
    app = desk.app
    app.refuses(
        NoSuchLink,
        404,
        words=lazy("Đường dẫn này không dùng được: có thể gõ chưa đủ, đã hết hạn, đã trả lời hoặc đã được thu hồi."),
    )

    def answer_by_link(token: str) -> ResponseReturnValue:
        """The question; sent, the one answer to it."""
        wrong = ""
        if request.method == "POST":
            try:
                with desk.database.writing() as tx:
                    actions.answer_by_link(tx, desk.rules, token=token, text=request.form.get("text", ""))
            except Incomplete as refusal:
                wrong = words.incomplete(refusal.field, refusal.code)
            else:
                return redirect(url_for("consult_done"), 303)
        with desk.database.reading() as look:
            asked = find_by_link(look, token)
            files = [row for row in store.attachments_of(look, asked.case_id) if str(row.id) in asked.files]
        page = render_template(
            "desk/consult.html",
            asked=asked,
            files=files,
            token=token,
            said=request.form.get("text", ""),
            wrong=[("text", wrong)] if wrong else [],
            longest=LONGEST_ANSWER,
        )
        return _unseen(make_response(page, 422 if wrong else 200))

    def consult_file(token: str, attachment_id: UUID) -> ResponseReturnValue:
        """A file that the officer chose to show."""
        with desk.database.reading() as look:
            asked = find_by_link(look, token)
            found = [row for row in store.attachments_of(look, asked.case_id) if row.id == attachment_id]
            case = store.find_case(look, asked.case_id)
            if case is None or not found or str(attachment_id) not in asked.files:
                abort(404)
            data = original(desk, look, case, attachment_id)
        return _unseen(file_response(found[0], data))

    per_look = app.limit(LOOKING)
    per_answer = app.limit(ANSWERING, methods=["POST"])
    app.add_url_rule(
        "/desk/consult/<token>", "answer_by_link", per_look(per_answer(answer_by_link)), methods=["GET", "POST"]
    )
    app.add_url_rule("/desk/consult/<token>/files/<uuid:attachment_id>", "consult_file", per_look(consult_file))
    app.add_url_rule("/desk/consult/", "consult_done", _done)


def _done() -> ResponseReturnValue:
    return _unseen(make_response(render_template("desk/consult-done.html")))


def _unseen(response: Response) -> Response:
    """Its address is a key: no page that is left for another one tells it, and no machine lists it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
