"""Where tiles and bundles of entries lie, and how a bundle is packed.

Source: c2sp.org/tlog-tiles.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.audit.tlog.tree import WIDTH

MAX_ENTRY = 65_535  # bytes: what the two octets of its length can say
ENTRIES = "entries"

_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


class BadPath(Exception):
    """No path of a tile by the specification: there is nothing here."""


class BadBundle(Exception):
    """Bytes that are no bundle of entries: cut short, or too many."""


@dataclass(frozen=True)
class Place:
    """Which tile: its level (None for a bundle of entries), its number there and how many of 256 it has."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def end(self) -> int:
        """How many leaves a tree must have for this tile to exist."""
        return (self.index * WIDTH + self.width) << 8 * (self.level or 0)

    @property
    def path(self) -> str:
        level = ENTRIES if self.level is None else self.level
        partial = f".p/{self.width}" if self.width < WIDTH else ""
        return f"tile/{level}/{_number_path(self.index)}{partial}"


def read_path(path: str) -> Place:
    """The place that a path names. Raises BadPath unless it is spelled as the specification says."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise BadPath(path)
    level, number, width = found.groups()
    place = Place(
        level=None if level == ENTRIES else int(level),
        index=int(number.replace("x", "").replace("/", "")),
        width=int(width) if width else WIDTH,
    )
    # One spelling a tile: no superfluous groups of zeros, no "partial" tile that is full.
    if place.path != path or (place.level or 0) > 63:
        raise BadPath(path)
    return place


def places(size: int) -> Iterator[Place]:
    """Every hash tile of a tree of this size, lowest level first."""
    level = 0
    while count := size >> 8 * level:
        for index in range((count + WIDTH - 1) // WIDTH):
            yield Place(level, index, min(WIDTH, count - index * WIDTH))
        level += 1


def bundles(size: int) -> Iterator[Place]:
    """Every bundle of entries of a log of this size."""
    for index in range((size + WIDTH - 1) // WIDTH):
        yield Place(None, index, min(WIDTH, size - index * WIDTH))


def pack(entries: Sequence[bytes]) -> bytes:
    """A bundle: each entry after the two octets of its length."""
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])


def unpack(bundle: bytes, count: int) -> list[bytes]:
    """The entries of a bundle. Raises BadBundle unless there are exactly `count`."""
    entries: list[bytes] = []
    at = 0
    for _ in range(count):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start], "big")
        if start > len(bundle) or at > len(bundle):
            raise BadBundle(f"cut short at entry {len(entries)}")
        entries.append(bundle[start:at])
    if at != len(bundle):
        raise BadBundle(f"{len(bundle) - at} bytes too many")
    return entries


def _number_path(number: int) -> str:
    path = f"{number % 1000:03d}"
    while number >= 1000:
        number //= 1000
        path = f"x{number % 1000:03d}/{path}"
    return path
