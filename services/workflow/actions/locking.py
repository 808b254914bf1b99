"""Locks away what denouncers sent, and gives back what turned out to be no denouncer's: by looking, a file at a time.

The door seals the files of what it knows to be a denunciation. A letter that turns out to be one at the desk, and files
that were stored before they were locked at all, come from the open.
"""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError

from services.workflow import store
from services.workflow.originals import Gone, lock_original, unlock_original
from shared.db import Database, Reading, Transaction
from shared.files import is_waiting, remove_file
from shared.keys import BadKeys, KeyRing
from shared.telemetry import log
from shared.vault import CannotUnlock, Vault

BATCH = 50  # files a turn


class LockFiles:
    """Keeps every file of a secret case under the key of its petition, and no other file under one; removes the photos
    of summaries that were emptied."""

    name, idle_s = "lock-files", 30.0

    def __init__(self, database: Database, files_dir: Path) -> None:
        self._database, self._files_dir = database, files_dir

    def once(self) -> int:
        with self._database.reading() as look:
            photos = store.emptied_photos(look, limit=BATCH)
            open_ones, idle = store.files_to_lock(look, limit=BATCH), store.idle_keys(look, limit=BATCH)
        done = 0
        for file in open_ones:
            with self._database.writing() as tx:  # no file is closed under a key that is not kept yet
                store.hold_key_for(tx, file)
            with self._database.writing() as tx:
                done += self._lock(tx, file)
        for petition_id in idle:
            with self._database.writing() as tx:
                self._retire(tx, petition_id)
        for case_id, ids in photos.items():
            for photo_id in ids:
                remove_file(self._files_dir, photo_id)
            with self._database.writing() as tx:
                store.drop_photos(tx, case_id, ids)
        return done + len(idle) + len(photos)

    def _lock(self, tx: Transaction, file: store.OpenFile) -> bool:
        """Whether its turn came."""
        key = store.hold_key_for(tx, file)
        if key is None:  # what it belongs to was erased before its turn came
            remove_file(self._files_dir, file.id)
        elif is_waiting(self._files_dir, file.id):  # the door still has it, sealed; its turn comes after the scanner's
            return False
        else:
            self._keep(lock_original, file.id, tx.codec.keys, key)
        store.note_locked(tx, file)
        return True

    def _retire(self, tx: Transaction, petition_id: UUID) -> None:
        """Nothing of this petition is secret any more: its files come back, and its key goes."""
        key = store.hold_idle_key(tx, petition_id)
        if key is None:
            return
        for file_id in store.files_of_petition(tx, petition_id):
            self._keep(unlock_original, file_id, tx.codec.keys, key)
        store.forget_locked(tx, petition_id)
        store.destroy_key(tx, petition_id)

    def _keep(self, how: Callable[..., None], file_id: UUID, keys: KeyRing, key: bytes) -> None:
        try:
            how(self._files_dir, file_id, keys=keys, key=key)
        except Gone:
            log.warning("a file of a petition is not on the disk", file_id=str(file_id))


def check_vault(database: Database) -> None:
    """Whether what was locked can be opened. Raises BadKeys; a database without tables, or away, asks for nothing."""
    vault = database.codec.keys.vault
    try:
        with database.reading() as look:
            if not inspect(look.connection).has_table("identity_key"):
                return
            for kid, count in store.kids_in_use(look).items():
                _must_open(look, vault, kid, count)
    except OperationalError:
        return


def _must_open(look: Reading, vault: Vault, kid: str, count: int) -> None:
    one = store.one_wrapped_by(look, kid)
    if one is None:
        return
    petition_id, wrapped = one
    try:
        vault.unwrap(kid, wrapped, about=petition_id.bytes)
    except CannotUnlock as problem:
        raise BadKeys(
            f"KEYS_DIR: {vault.file} does not open what is locked for {count} petitions ({problem}): "
            "bring the right file back, see Keys in docs/operating.md"
        ) from None
