"""The draft of this browser: its key in a cookie, its words and files locked in the store."""

from collections.abc import Mapping
from dataclasses import replace

from flask import Response, request

from services.intake import files, store
from services.intake.domain.petition import Wrong
from services.intake.door import UPLOADS_LIVE, Door, accept_all, the_door
from services.intake.draft import Draft, DraftFile, DraftKey
from shared.db import Reading

COOKIE = "draft"
LIFE_S = int(UPLOADS_LIVE.total_seconds())


class DraftGone(Exception):
    """The draft is over a day old, was thrown away, or the browser keeps no cookies."""


def own_key() -> DraftKey | None:
    """The key in this browser's cookie."""
    return DraftKey.read(request.cookies.get(COOKIE, ""))


def draft_in(tx: Reading, key: DraftKey) -> Draft | None:
    """The draft of a key; none where it was sent or is gone."""
    locked = store.draft_of(tx, key.id, oldest=UPLOADS_LIVE)
    return None if locked is None else Draft.unlock(locked, key.key)


def draft_of(door: Door, key: DraftKey) -> Draft | None:
    with door.database.reading() as tx:
        return draft_in(tx, key)


def present() -> tuple[DraftKey | None, Draft]:
    """The key and the draft of this browser; a key whose draft was sent or is gone counts no longer."""
    key = own_key()
    draft = draft_of(the_door(), key) if key is not None else None
    return (key, draft) if key is not None and draft is not None else (None, Draft())


def present_words() -> Mapping[str, str]:
    """What was typed into the draft of this browser."""
    return present()[1].typed


def with_uploads(door: Door, key: DraftKey, draft: Draft, name: str) -> tuple[Draft, list[Wrong]]:
    """The draft with the files that were sent under a name, put aside; and what was wrong with the others."""
    sent = [(one.filename, one.read()) for one in request.files.getlist(name) if one.filename]
    taken, wrong = accept_all(sent, already=len(draft.files_for(name)), field=name)
    for kept, data, _ in taken:
        files.put_aside(door.settings.files_dir, kept, data, key.key, at=door.database.clock.now())
    more = tuple(DraftFile(kept, typed_name, name) for kept, _, typed_name in taken)
    return replace(draft, files=(*draft.files, *more)), wrong


def save(door: Door, key: DraftKey, draft: Draft) -> None:
    with door.database.writing() as tx:
        store.save_draft(tx, key.id, draft.lock(key.key))


def remember(page: Response, key: DraftKey) -> Response:
    """Give the browser the key of its draft."""
    is_https = the_door().settings.public_url.startswith("https:")
    page.set_cookie(COOKIE, key.write(), max_age=LIFE_S, httponly=True, samesite="Lax", secure=is_https, path="/")
    return page
