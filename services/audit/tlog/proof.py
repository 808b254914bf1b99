"""Proofs, made from tiles and checked against roots: that an entry is in the log, and that a log only grew."""

from collections.abc import Sequence
from typing import Protocol

from services.audit.tlog.tree import HASH, WIDTH, node_hash, split_hashes, split_of

MAX_STEPS = 63


class BadProof(Exception):
    """The proof does not prove it."""


class FetchTile(Protocol):
    def __call__(self, level: int, index: int, width: int) -> bytes:
        """The first `width` hashes of a tile, concatenated."""
        ...


class Prover:
    """Makes proofs about a tree of `size` leaves. Each tile is fetched once and its inner nodes computed once."""

    def __init__(self, fetch: FetchTile, size: int) -> None:
        self._fetch, self._size = fetch, size
        self._known: dict[tuple[int, int], list[list[bytes]]] = {}

    def inclusion(self, index: int) -> list[bytes]:
        """That leaf `index` is in the tree. Raises BadProof when it is not. Source: RFC 9162, section 2.1.3.1."""
        if not 0 <= index < self._size:
            raise BadProof(f"there is no leaf {index} among {self._size}")
        return self._inclusion(index, 0, self._size)

    def consistency(self, old: int) -> list[bytes]:
        """That the tree began with its first `old` leaves. Source: RFC 9162, section 2.1.4.1."""
        if not 0 < old <= self._size:
            raise BadProof(f"there is no tree of {old} inside one of {self._size}")
        return self._consistency(old, 0, self._size, is_whole=True)

    def root(self, size: int) -> bytes:
        """The root over the first `size` leaves, at least one."""
        return self._range(0, size)

    def _inclusion(self, index: int, low: int, high: int) -> list[bytes]:
        if high - low == 1:
            return []
        middle = low + split_of(high - low)
        if index < middle:
            return [*self._inclusion(index, low, middle), self._range(middle, high)]
        return [*self._inclusion(index, middle, high), self._range(low, middle)]

    def _consistency(self, old: int, low: int, high: int, *, is_whole: bool) -> list[bytes]:
        if old == high:
            return [] if is_whole else [self._range(low, high)]
        middle = low + split_of(high - low)
        if old <= middle:
            return [*self._consistency(old, low, middle, is_whole=is_whole), self._range(middle, high)]
        return [*self._consistency(old, middle, high, is_whole=False), self._range(low, middle)]

    def _range(self, low: int, high: int) -> bytes:
        """The root over leaves low … high-1, of which every left part is perfect."""
        count = high - low
        if count & (count - 1) == 0:
            return self._perfect(count.bit_length() - 1, low // count)
        middle = low + split_of(count)
        return node_hash(self._range(low, middle), self._range(middle, high))

    def _perfect(self, height: int, index: int) -> bytes:
        level, rest = divmod(height, 8)
        tile, offset = divmod(index << rest, WIDTH)
        return self._rows(level, tile)[rest][offset >> rest]

    def _rows(self, level: int, index: int) -> list[list[bytes]]:
        """A tile's hashes and the complete nodes above them, row by row."""
        rows = self._known.get((level, index))
        if rows is None:
            width = min(WIDTH, (self._size >> 8 * level) - index * WIDTH)
            rows = [split_hashes(self._fetch(level, index, width))]
            while len(row := rows[-1]) > 1:
                rows.append([node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)])
            self._known[level, index] = rows
        return rows


def root_from_inclusion(leaf: bytes, *, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a proof leads to. Raises BadProof when its length cannot fit.

    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        raise BadProof("the index lies beyond the tree")
    _check_steps([leaf, *path])
    at, last, root = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise BadProof("the proof is too long")
        if at & 1 or at == last:
            root = node_hash(step, root)
            at, last = _climb(at, last)
        else:
            root = node_hash(root, step)
        at, last = at >> 1, last >> 1
    if last:
        raise BadProof("the proof is too short")
    return root


def check_consistency(*, old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> None:
    """That the tree of `new` leaves began with that of `old`. Raises BadProof when it did not.

    An old size of nothing is refused: meeting a log for the first time is no proof of growth.
    Source: RFC 9162, section 2.1.4.2.
    """
    if not 0 < old <= new:
        raise BadProof("the old size must lie between one and the new size")
    _check_steps(path)
    if old == new:
        if path or old_root != new_root:
            raise BadProof("the same size, but another tree")
        return
    if not path:
        raise BadProof("the proof is empty")
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    was = now = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise BadProof("the proof is too long")
        if at & 1 or at == last:
            was, now = node_hash(step, was), node_hash(step, now)
            at, last = _climb(at, last)
        else:
            now = node_hash(now, step)
        at, last = at >> 1, last >> 1
    if last or was != old_root or now != new_root:
        raise BadProof("the new tree did not grow from the old one")


def _climb(at: int, last: int) -> tuple[int, int]:
    """Up to the level at which this node has a left neighbour, or to the top."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _check_steps(steps: Sequence[bytes]) -> None:
    if len(steps) > MAX_STEPS + 1 or any(len(step) != HASH for step in steps):
        raise BadProof("not a list of hashes")
