"""The receipt of an event: made from the tiles that are kept, good for ever."""

from services.audit import store
from services.audit.tlog.proof import Prover
from services.audit.tlog.receipt import write_receipt
from shared.db import Reading


class NotSignedYet(Exception):
    """The entry is in the log, but no checkpoint covers it yet: try again in a moment."""


def receipt_of(tx: Reading, idx: int) -> str:
    """The file that proves an entry, complete in itself. Raises NotSignedYet."""
    latest = store.latest_checkpoint(tx)
    if latest is None or latest.size <= idx:
        raise NotSignedYet(f"entry {idx} waits for its checkpoint")
    entry = store.load_entry(tx, idx)
    assert entry is not None  # an index row without its entry cannot be committed
    path = prover(tx, latest.size).inclusion(idx)
    return write_receipt(entry, index=idx, path=path, note=latest.note)


def prover(tx: Reading, size: int) -> Prover:
    """Makes proofs about the first `size` entries from the tiles that are kept."""

    def fetch(level: int, index: int, width: int) -> bytes:
        data = store.load_tile(tx, level, index, width)
        if data is None:
            raise LookupError(f"tile {level}/{index} of width {width} is missing")
        return data

    return Prover(fetch, size)
