"""What citizens sent, as it lies on the disk: plain, or of a denouncer sealed by the door and then locked here.

A file is written whole in its new form before the old one goes: whatever breaks off in between, it can be read, and the
same step done once more ends alike.
"""

from pathlib import Path
from uuid import UUID

from shared.files import LOCKED, PLAIN, SEALED, read_file, remove_file, store_file
from shared.keys import CannotOpen, KeyRing
from shared.vault import CannotUnlock, lock, unlock


class Gone(Exception):
    """There is no such file on the disk, or the key it was locked under was destroyed."""


def read_original(files_dir: Path, file_id: UUID, *, keys: KeyRing, key: bytes | None) -> bytes:
    """The bytes of a file in whatever form it is kept; `key` is that of its petition. Raises Gone."""
    for form in (LOCKED, SEALED, PLAIN):
        try:
            data = read_file(files_dir, file_id, form)
        except FileNotFoundError:
            continue
        return _opened(file_id, data, form, keys, key)
    raise Gone


def _opened(file_id: UUID, data: bytes, form: str, keys: KeyRing, key: bytes | None) -> bytes:
    try:
        if form == LOCKED:
            return unlock(key or b"", data, about=file_id.bytes)
        return keys.open(data) if form == SEALED else data
    except (CannotUnlock, CannotOpen):
        raise Gone from None


def lock_original(files_dir: Path, file_id: UUID, *, keys: KeyRing, key: bytes) -> None:
    """Keep a file under the key of its petition alone. Raises Gone."""
    data = read_original(files_dir, file_id, keys=keys, key=key)
    store_file(files_dir, file_id, lock(key, data, about=file_id.bytes), LOCKED)
    remove_file(files_dir, file_id, SEALED, PLAIN)


def unlock_original(files_dir: Path, file_id: UUID, *, keys: KeyRing, key: bytes) -> None:
    """Keep a file plain again. Raises Gone."""
    store_file(files_dir, file_id, read_original(files_dir, file_id, keys=keys, key=key))
    remove_file(files_dir, file_id, SEALED, LOCKED)
