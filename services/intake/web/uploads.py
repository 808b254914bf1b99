"""Files that go by themselves, one at a time, while the form is still being written: a lost line costs one file."""

from dataclasses import replace

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from services.intake import files, store
from services.intake.door import Door, accept_all, the_door
from services.intake.draft import Draft, DraftFile, DraftKey
from services.intake.web import stead
from services.intake.web.drafts import draft_in, own_key, remember
from services.intake.web.filing import who_counts
from services.intake.words import wrong_words
from shared.web import WebApp, private

ONE_FILE_BODY = 11 * 2**20  # bytes: a file of 10 MB, and what is around it

pages = Blueprint("uploads", __name__)


def add_to(app: WebApp, door: Door) -> None:
    app.limit(door.limits.uploads, methods=["POST"], key=who_counts)(pages)
    app.register_blueprint(pages)


@pages.post("/gui/tep")
@private
def take() -> ResponseReturnValue:
    """The line of the form that shows the file, or the reason why it is not taken, in words."""
    door = the_door()
    request.max_content_length = ONE_FILE_BODY
    sent = [(one.filename, one.read()) for one in request.files.getlist("files")[:1] if one.filename]
    key = own_key() or DraftKey.fresh()
    with door.database.reading() as look:
        already = len((draft_in(look, key) or Draft()).files_for("files"))
    taken, wrong = accept_all(sent, already=already)
    if wrong or not taken:
        return _words(wrong_words(wrong[0]) if wrong else "", 422)
    kept, data, name = taken[0]
    with door.database.writing() as tx:
        store.hold_draft(tx, key.id)
        draft = draft_in(tx, key)
        if draft is None:  # none yet, or its petition was sent: a new one begins
            key, draft = DraftKey.fresh(), Draft(stead.marked({}))
        one = next((f for f in draft.files if f.kept.sha256 == kept.sha256), None)
        if one is None:  # sent again after a lost reply, it is kept once
            one = DraftFile(kept, name)
            files.put_aside(door.settings.files_dir, kept, data, key.key, at=tx.now)
            store.save_draft(tx, key.id, replace(draft, files=(*draft.files, one)).lock(key.key))
    return remember(make_response(render_template("_file.html", one=one)), key)


def _words(words: str, status: int) -> Response:
    return Response(words, status, content_type="text/plain; charset=utf-8")
