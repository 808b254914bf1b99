"""The citizen's files, each opening told before it is shown; sandboxed, so that no file acts as a page of ours."""

from typing import Any
from uuid import UUID

from flask import Response, abort
from flask.typing import ResponseReturnValue

from services.workflow import store
from services.workflow.actions import read_case
from services.workflow.domain.case import Case
from services.workflow.domain.permission import may
from services.workflow.originals import Gone, read_original
from services.workflow.web.frame import Desk
from services.workflow.web.sealed import may_see_files
from shared import auth
from shared.db import Reading
from shared.files import ending_of, read_file

SHOWN = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


def serve(desk: Desk) -> None:
    @desk.app.get("/desk/files/<uuid:attachment_id>")
    @desk.needs()
    def attachment(attachment_id: UUID) -> ResponseReturnValue:
        return shown(desk, attachment_id)


def shown(desk: Desk, attachment_id: UUID) -> Response:
    """A file for the one who asks, told before it is shown; 404 where they may not see it."""
    me = auth.me()
    with desk.database.writing() as tx:
        found = store.attachment_for_reading(tx, attachment_id)
        seen = [row for row in found if (case := store.find_case(tx, row.case_id)) and may(me, "see", case)]
        if not seen:
            abort(404)
        case = read_case(tx, person=me, case_id=seen[0].case_id, kind="attachment")
        if not may_see_files(tx, case, me):
            abort(404)
        data = original(desk, tx, case, attachment_id)
    return file_response(seen[0], data)


def original(desk: Desk, tx: Reading, case: Case, attachment_id: UUID) -> bytes:
    """What the citizen sent, locked or not; 404 where it was erased."""
    keys, petition = desk.database.codec.keys, case.petition_id
    key = store.keys_of(tx, keys.vault, [petition]).get(petition)
    try:
        return read_original(desk.app.settings.files_dir, attachment_id, keys=keys, key=key)
    except Gone:
        abort(404)


def own_file(desk: Desk, file_id: UUID) -> bytes:
    """A file of the house itself; 404 where it is gone."""
    try:
        return read_file(desk.app.settings.files_dir, file_id)
    except FileNotFoundError:
        abort(404)


def file_response(file: Any, data: bytes) -> Response:
    """A file as it is sent: pictures are shown, everything else is saved; none of them acts as a page of ours."""
    is_picture = file.media_type in SHOWN
    ending = SHOWN.get(file.media_type) or ending_of(file.media_type)
    response = Response(data, content_type=file.media_type if is_picture else "application/octet-stream")
    name = f"{str(file.id)[:8]}.{ending}"
    response.headers["Content-Disposition"] = f'{"inline" if is_picture else "attachment"}; filename="{name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
