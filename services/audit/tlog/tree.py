"""The Merkle tree: it only grows, and its whole state is its right edge, a few kilobytes at any size."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 256  # hashes in a full tile, entries in a full bundle
HASH = 32  # bytes
EMPTY_ROOT = hashlib.sha256(b"").digest()

_sha256 = hashlib.sha256


def leaf_hash(entry: bytes) -> bytes:
    """Source: RFC 6962, section 2.1."""
    return _sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Source: RFC 6962, section 2.1."""
    return _sha256(b"\x01" + left + right).digest()


def split_of(count: int) -> int:
    """How many of `count` leaves (two or more) stand left of the root: the largest power of two below it."""
    return 1 << ((count - 1).bit_length() - 1)


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over a run of hashes; of none, the root of the empty tree."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = split_of(len(hashes))
    return node_hash(root_of(hashes[:split]), root_of(hashes[split:]))


def split_hashes(run: bytes) -> list[bytes]:
    """Concatenated hashes, one by one."""
    return [run[at : at + HASH] for at in range(0, len(run), HASH)]


@dataclass(frozen=True)
class Tile:
    """A completed tile: 256 hashes of one level."""

    level: int
    index: int
    data: bytes


class Tree:
    """A growing tree. `edge[level]` are the concatenated hashes of that level's open tile."""

    def __init__(self, size: int = 0, edge: Sequence[bytes] = ()) -> None:
        self.size, self.edge = size, list(edge)

    def append(self, leaves: Sequence[bytes]) -> list[Tile]:
        """Add leaf hashes; returns the tiles that they complete."""
        before, self.size = self.size, self.size + len(leaves)
        completed: list[Tile] = []
        rising, level = b"".join(leaves), 0
        while rising:
            if level == len(self.edge):
                self.edge.append(b"")
            run, first = self.edge[level] + rising, (before >> 8 * level) // WIDTH
            full, rest = _full_tiles(run)
            completed += [Tile(level, first + number, data) for number, data in enumerate(full)]
            self.edge[level] = rest
            rising, level = b"".join(map(_perfect_root, full)), level + 1
        return completed

    def root(self) -> bytes:
        """The root over everything so far."""
        root = b""
        for run in self.edge:  # the lowest level holds the rightmost leaves
            for part in reversed(_perfect_parts(split_hashes(run))):
                root = node_hash(part, root) if root else part
        return root or EMPTY_ROOT

    def pack(self) -> bytes:
        """The edge as bytes, to be kept until the tree goes on growing."""
        return b"".join((len(run) // HASH).to_bytes(2, "big") + run for run in self.edge)

    @classmethod
    def unpack(cls, size: int, packed: bytes) -> "Tree":
        edge, at = [], 0
        while at < len(packed):
            end = at + 2 + HASH * int.from_bytes(packed[at : at + 2], "big")
            edge.append(packed[at + 2 : end])
            at = end
        return cls(size, edge)


def _full_tiles(run: bytes) -> tuple[list[bytes], bytes]:
    tile = HASH * WIDTH
    end = len(run) // tile * tile
    return [run[at : at + tile] for at in range(0, end, tile)], run[end:]


def _perfect_root(run: bytes) -> bytes:
    """The root over 2^k concatenated hashes, level by level: half the time of the recursion."""
    while len(run) > HASH:
        run = b"".join([_sha256(b"\x01" + run[at : at + 2 * HASH]).digest() for at in range(0, len(run), 2 * HASH)])
    return run


def _perfect_parts(hashes: Sequence[bytes]) -> list[bytes]:
    """An open tile's hashes as the roots of its perfect subtrees, widest first."""
    parts, at = [], 0
    while at < len(hashes):
        width = 1 << ((len(hashes) - at).bit_length() - 1)
        parts.append(_perfect_root(b"".join(hashes[at : at + width])))
        at += width
    return parts
