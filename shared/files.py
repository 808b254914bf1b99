"""Where files of citizens lie: under random names, never under the name they came with.

A file of a denouncer bears a second name that says how it is kept: sealed by the door for the desk, until the desk has
locked it under the key of its petition. Whoever asks for the plain file of one finds none.
"""

import os
from pathlib import Path
from uuid import UUID, uuid4

PLAIN, SEALED, LOCKED = "", ".sealed", ".locked"
WAITING, INFECTED = ".waiting", ".infected"
"""Not scanned for viruses yet, and therefore sealed for the door alone; found to hold one, and therefore empty."""
FORMS = (WAITING, PLAIN, SEALED, LOCKED, INFECTED)
"""In the order in which they are removed: once it waits no more, whoever scans it knows that it is gone."""

_OOXML = "application/vnd.openxmlformats-officedocument"
DOCX, XLSX = f"{_OOXML}.wordprocessingml.document", f"{_OOXML}.spreadsheetml.sheet"
ODT, ODS = "application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet"
_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", DOCX: "docx", XLSX: "xlsx", ODT: "odt", ODS: "ods"}


def ending_of(media_type: str) -> str:
    """The ending of a name under which a file is saved; `bin` for what we do not know."""
    return _ENDINGS.get(media_type, "bin")


def file_kind(media_type: str) -> str:
    """What stands on the tile of a file that is no picture: PDF, DOCX."""
    return ending_of(media_type).upper()


def path_of(files_dir: Path, file_id: UUID, form: str = PLAIN) -> Path:
    """The place of a file: two levels, so that no folder grows too large; the few that wait lie together."""
    name = str(file_id)
    return files_dir / ("waiting" if form == WAITING else name[:2]) / (name + form)


def store_file(files_dir: Path, file_id: UUID, data: bytes, form: str = PLAIN) -> None:
    """Keep a file for good: it is on the disk when this returns, whole or not at all."""
    path = path_of(files_dir, file_id, form)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{uuid4().hex[:12]}.new")  # two may write it at once: a button pressed twice
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def read_file(files_dir: Path, file_id: UUID, form: str = PLAIN) -> bytes:
    """Raises FileNotFoundError."""
    return path_of(files_dir, file_id, form).read_bytes()


def is_closed(files_dir: Path, file_id: UUID) -> bool:
    """Whether a file is kept so that only the desk can open it."""
    return any(path_of(files_dir, file_id, form).exists() for form in (SEALED, LOCKED))


def is_waiting(files_dir: Path, file_id: UUID) -> bool:
    """Whether a file may be opened by nobody before it was scanned."""
    return path_of(files_dir, file_id, WAITING).exists()


def is_infected(files_dir: Path, file_id: UUID) -> bool:
    """Whether a virus was found in a file, which is gone since."""
    return path_of(files_dir, file_id, INFECTED).exists()


def file_state(files_dir: Path, file_id: UUID) -> str:
    """What a page says of a file that cannot be opened: waiting, infected; empty for all others."""
    if is_waiting(files_dir, file_id):
        return "waiting"
    return "infected" if is_infected(files_dir, file_id) else ""


def waiting_files(files_dir: Path) -> list[UUID]:
    """Files that wait for the scanner, oldest first."""
    found = [(path.stat().st_mtime, UUID(path.stem)) for path in files_dir.glob(f"waiting/*{WAITING}")]
    return [file_id for _, file_id in sorted(found)]


def end_waiting(files_dir: Path, file_id: UUID) -> bool:
    """Whether the file still waited until now; False: it was erased in the meantime."""
    try:
        path_of(files_dir, file_id, WAITING).unlink()
    except FileNotFoundError:
        return False
    return True


def remove_file(files_dir: Path, file_id: UUID, *forms: str) -> None:
    """Remove a file that may be gone already: what is kept of it in these forms, or in every one."""
    for form in forms or FORMS:
        path_of(files_dir, file_id, form).unlink(missing_ok=True)
