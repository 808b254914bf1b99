"""The log as a directory of files, as the specification lays them out: any verifier can read it.

Source: c2sp.org/tlog-tiles. The directory is the same, byte for byte, whatever database it comes from.
"""

import os
from pathlib import Path

from services.audit import store
from services.audit.store import Signed
from services.audit.tlog import tiles
from shared.db import Reading


class NothingSigned(Exception):
    """There is no checkpoint yet, so there is nothing to hand out."""


def export(tx: Reading, folder: Path, *, with_entries: bool = True) -> Signed:
    """Write tiles, bundles of entries (for auditors) and, last, the checkpoint. Raises NothingSigned."""
    latest = store.latest_checkpoint(tx)
    if latest is None:
        raise NothingSigned("there is no checkpoint yet")
    for place in tiles.places(latest.size):
        assert place.level is not None
        data = store.load_tile(tx, place.level, place.index, place.width)
        if data is None:
            raise LookupError(f"{place.path} is missing")
        _write(folder / place.path, data)
    for place in tiles.bundles(latest.size) if with_entries else ():
        _write(folder / place.path, tiles.pack(store.load_bundle(tx, place.index)[: place.width]))
    _write(folder / "checkpoint", latest.note.encode())
    return latest


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
