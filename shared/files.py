"""Where files of citizens lie: under random names, never under the name they came with."""

import os
from pathlib import Path
from uuid import UUID


def path_of(files_dir: Path, file_id: UUID) -> Path:
    """The place of a file: two levels, so that no folder grows too large."""
    name = str(file_id)
    return files_dir / name[:2] / name


def store_file(files_dir: Path, file_id: UUID, data: bytes) -> None:
    """Keep a file for good: it is on the disk when this returns, whole or not at all."""
    path = path_of(files_dir, file_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def read_file(files_dir: Path, file_id: UUID) -> bytes:
    """Raises FileNotFoundError."""
    return path_of(files_dir, file_id).read_bytes()


def remove_file(files_dir: Path, file_id: UUID) -> None:
    """Remove a file that may be gone already."""
    path_of(files_dir, file_id).unlink(missing_ok=True)
