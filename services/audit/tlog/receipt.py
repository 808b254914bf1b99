"""The receipt: one file with an entry, its proof and the checkpoint it leads to. Complete in itself.

Source: c2sp.org/tlog-proof. The entry rides in the `extra` line, which is worth nothing until it has been hashed.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.audit.tlog.note import Checkpoint, Verifier, open_checkpoint
from services.audit.tlog.proof import MAX_STEPS, BadProof, root_from_inclusion
from services.audit.tlog.tree import leaf_hash

MAX_RECEIPT = 256 * 1024  # characters
_HEAD = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True)
class Receipt:
    """A receipt whose every part has been checked."""

    entry: bytes
    index: int
    checkpoint: Checkpoint


def write_receipt(entry: bytes, *, index: int, path: Sequence[bytes], note: str) -> str:
    """The file that a citizen keeps."""
    lines = [_HEAD, f"extra {_b64(entry)}", f"index {index}", *map(_b64, path)]
    return "\n".join(lines) + "\n\n" + note


def open_receipt(text: str, verifier: Verifier) -> Receipt:
    """What a receipt proves. Raises BadProof, or BadNote when its checkpoint is not signed by this log."""
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if len(text) > MAX_RECEIPT or not blank or len(lines) < 3 or lines[0] != _HEAD:
        raise BadProof("this is no receipt")
    index = _INDEX.fullmatch(lines[2])
    if index is None or not lines[1].startswith("extra ") or len(lines) > 3 + MAX_STEPS:
        raise BadProof("the head of the receipt is wrong")
    entry = _bytes(lines[1].removeprefix("extra "))
    checkpoint = open_checkpoint(note, verifier)
    number, path = int(index[1]), [_bytes(line) for line in lines[3:]]
    if root_from_inclusion(leaf_hash(entry), index=number, size=checkpoint.size, path=path) != checkpoint.root:
        raise BadProof("the entry is not in the log")
    return Receipt(entry, number, checkpoint)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    """The last letter may hold bits that belong to no byte: only one spelling of them is a proof."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadProof("a line of the proof is not base64") from None
    if _b64(data) != text:
        raise BadProof("a line of the proof is not as base64 writes it")
    return data
