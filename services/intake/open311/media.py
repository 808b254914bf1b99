"""Fetches the pictures that partners named, after the petition is filed: whatever becomes of them, it stands.

Only the worker goes outside; the pages that answer partners have no way there.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from services.intake import store
from services.intake.actions import SupplementRefused, supplement_petition
from services.intake.domain.petition import FILE_BYTES_AT_MOST, Kept
from services.intake.door import Door
from services.intake.files import FileRefused, accept, forget
from services.intake.store import MediaWanted
from shared.fetch import FetchFailed, FetchRefused, Reach, fetch
from shared.telemetry import counter

SECONDS = 20.0
WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
MISSED = "Không tải được ảnh mà đối tác gửi kèm ({why}): {url}"
"""What the handler reads in the picture's stead, in the language of the desk."""

fetched = counter("open311_media_total", "Pictures of partners that were asked for", ["result"])


class MediaFetcher:
    """Adds to a petition the picture at the address that came with it, or that there is none."""

    name, idle_s, linger_s = "media", 5.0, 0.2

    def __init__(self, door: Door, reach: Reach) -> None:
        self._door, self._reach = door, reach

    def once(self) -> int:
        count = 0
        while self._one():
            count += 1
        return count

    def _one(self) -> bool:
        database = self._door.database
        with database.reading() as look:
            wanted = store.next_media(look)
        if wanted is None:
            return False
        with database.writing() as tx:
            is_ours = store.begin_media(tx, wanted, again_in=WAITS[min(wanted.tries, len(WAITS) - 1)])
        if is_ours:
            self._fetch(wanted)
        return True

    def _fetch(self, wanted: MediaWanted) -> None:
        try:
            answer = fetch(wanted.url, self._reach, seconds=SECONDS, most_bytes=FILE_BYTES_AT_MOST)
        except FetchRefused as refused:
            self._miss(wanted, refused.problem)
            return
        except FetchFailed as failed:
            self._miss(wanted, failed.problem, is_final=wanted.tries >= len(WAITS))
            return
        if answer.status != 200:
            self._miss(wanted, str(answer.status), is_final=answer.status not in AGAIN or wanted.tries >= len(WAITS))
            return
        self._take(wanted, answer.body)

    def _take(self, wanted: MediaWanted, body: bytes) -> None:
        with self._door.database.reading() as look:
            filed = store.petition_of(look, wanted.petition_id)
        try:
            accepted, fresh = accept(body)
            asked = replace(accepted, is_waiting=not self._door.is_scanned(body))
            kept = [self._door.keep(asked, fresh, kind=filed.kind if filed else None)]
        except FileRefused as refused:
            self._miss(wanted, refused.problem)
            return
        if not self._add(wanted, text="", kept=kept):
            forget(self._door.settings.files_dir, kept)
        fetched.labels("taken").inc()

    def _miss(self, wanted: MediaWanted, why: str, *, is_final: bool = True) -> None:
        fetched.labels("missed" if is_final else "again").inc()
        if is_final:
            self._add(wanted, text=MISSED.format(why=why, url=wanted.url), kept=[])

    def _add(self, wanted: MediaWanted, *, text: str, kept: Sequence[Kept]) -> bool:
        """Whether it was added: a petition that is over takes nothing more."""
        with self._door.database.writing() as tx:
            store.end_media(tx, wanted.petition_id)
            try:
                return supplement_petition(
                    tx,
                    petition_id=wanted.petition_id,
                    text=text,
                    kept=kept,
                    once=f"media:{wanted.petition_id}",
                    is_reply=False,
                )
            except SupplementRefused:
                return False
