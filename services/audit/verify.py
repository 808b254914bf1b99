"""Recomputing everything: from the entries to the signed root, and every source's chain from its first event.

Nothing that is kept is believed: only the log's public key, which comes from outside.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from services.audit import store
from services.audit.domain.chain import ZERO
from services.audit.entries import actor_of
from services.audit.reactions import LOG
from services.audit.store import Recomputation
from services.audit.tlog import tiles
from services.audit.tlog.note import BadNote, Checkpoint, Verifier, open_checkpoint
from services.audit.tlog.tiles import BadBundle, Place
from services.audit.tlog.tree import HASH, WIDTH, Tree, leaf_hash, split_hashes
from shared.db import Database, Reading
from shared.events.codec import from_b64u
from shared.telemetry import log


class Tampered(Exception):
    """Evidence that the log is not what was signed, or that a source's events are not complete."""


class CannotTell(Exception):
    """Something could not be read, so there is no verdict."""


class Shelf(Protocol):
    """Where a log lies."""

    def checkpoint(self) -> str:
        """The newest signed note. Raises CannotTell."""
        ...

    def tile(self, place: Place) -> bytes:
        """A hash tile. Raises CannotTell when it cannot be had."""
        ...

    def entries(self, place: Place) -> list[bytes] | None:
        """The entries of a bundle; None where entries are not for us."""
        ...


@dataclass
class Report:
    """What was found. `sources`: name → last number; None when the entries were not to be had."""

    origin: str
    size: int
    root: str
    sources: dict[str, int] | None = None
    records: dict[str, int] = field(default_factory=dict)  # the log's own: type → how many


@dataclass
class Chains:
    """The chains of all sources, followed from entry to entry."""

    heads: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)
    batched: int = 0  # up to where batch records reach

    def follow(self, idx: int, entry: bytes, leaf: bytes) -> None:
        """Raises Tampered when an entry is not the next one of its source."""
        try:
            told = json.loads(entry)
            name, pos, prev = told["source"].removeprefix("/"), told["pos"], from_b64u(told["prev"])
            type_, data = told["type"], told["data"]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Tampered(f"entry {idx} cannot be read") from None
        last, head = self.heads.get(name, (0, ZERO))
        if pos != last + 1 or prev != head:
            raise Tampered(f"entry {idx}: {name} goes from number {last} to {pos}, or its chain is broken")
        self.heads[name] = (pos, leaf)
        if name == LOG:
            self.records[type_] = self.records.get(type_, 0) + 1
            self._believe(idx, type_, data)

    def _believe(self, idx: int, type_: str, data: dict[str, Any]) -> None:
        """What the log's own records say about the sources."""
        try:
            if type_ == "audit.withheld.v1":
                self._skip(idx, data["source"], data["pos"], from_b64u(data["leaf"]))
            elif type_ == "audit.source.v1" and data["act"] == "accepted":
                self.heads[data["source"]] = (data["pos"], from_b64u(data["head"]))
            elif type_ == "audit.batch.v1":
                self._compare(idx, data)
        except (KeyError, ValueError, TypeError):
            raise Tampered(f"entry {idx} is a malformed record") from None

    def _skip(self, idx: int, name: str, pos: int, leaf: bytes) -> None:
        if pos != self.heads.get(name, (0, ZERO))[0] + 1:
            raise Tampered(f"entry {idx} withholds number {pos} of {name}, which is not its turn")
        self.heads[name] = (pos, leaf)

    def _compare(self, idx: int, data: dict[str, Any]) -> None:
        if data["first"] != self.batched or data["first"] + data["count"] != idx:
            raise Tampered(f"entry {idx}: the batch record does not follow the one before it")
        self.batched = idx + 1
        told = {name: (head["pos"], from_b64u(head["head"])) for name, head in data["sources"].items()}
        if told != {name: head for name, head in self.heads.items() if name != LOG}:
            raise Tampered(f"entry {idx}: the batch record names other last numbers than the log has")


def verify(shelf: Shelf, verifier: Verifier, *, since: str | None = None) -> Report:
    """Recompute a log. `since` is an older checkpoint, kept elsewhere. Raises Tampered or CannotTell."""
    signed = _open(shelf.checkpoint(), verifier)
    old = _open(since, verifier) if since else None
    if old and old.size > signed.size:
        raise Tampered(f"{old.size} entries were signed once, now there are {signed.size}")
    if old and old.size == signed.size and old.root != signed.root:
        raise Tampered("two checkpoints of one size, with different roots")
    roots = {signed.size: signed.root} | ({old.size: old.root} if old else {})
    chains, has_entries, tree = Chains(), True, Tree()
    for place in tiles.bundles(signed.size):
        entries = shelf.entries(place) if has_entries else None
        has_entries = entries is not None
        stored = split_hashes(_tile(shelf, Place(0, place.index, place.width)))
        leaves = stored if entries is None else [leaf_hash(entry) for entry in entries]
        if leaves != stored:
            raise Tampered(f"tile 0/{place.index} is not what its entries say")
        for at, entry in enumerate(entries or ()):
            chains.follow(place.index * WIDTH + at, entry, leaves[at])
        _grow(tree, leaves, roots, shelf)
    _check_open_tiles(shelf, tree)
    return Report(
        origin=signed.origin,
        size=signed.size,
        root=signed.root.hex(),
        sources={name: pos for name, (pos, _) in sorted(chains.heads.items())} if has_entries else None,
        records=chains.records,
    )


def _grow(tree: Tree, leaves: list[bytes], roots: dict[int, bytes], shelf: Shelf) -> None:
    """Add leaves; compare with the signed roots on the way, and each completed tile with the one that is kept."""
    start = tree.size
    cuts = sorted(size - start for size in roots if start < size <= start + len(leaves))
    for low, high in zip([0, *cuts], [*cuts, len(leaves)], strict=True):
        for done in tree.append(leaves[low:high]) if high > low else ():
            if done.level and _tile(shelf, Place(done.level, done.index)) != done.data:
                raise Tampered(f"tile {done.level}/{done.index} is not what the leaves say")
        if tree.size in roots and tree.root() != roots[tree.size]:
            raise Tampered(f"the root over {tree.size} entries is not the one that was signed")


def _check_open_tiles(shelf: Shelf, tree: Tree) -> None:
    for level, run in enumerate(tree.edge):
        place = Place(level, (tree.size >> 8 * level) // WIDTH, len(run) // HASH)
        if level and run and _tile(shelf, place) != run:
            raise Tampered(f"{place.path} is not what the leaves say")


def _tile(shelf: Shelf, place: Place) -> bytes:
    data = shelf.tile(place)
    if len(data) != place.width * HASH:
        raise Tampered(f"{place.path} has {len(data)} bytes")
    return data


def _open(note: str, verifier: Verifier) -> Checkpoint:
    try:
        return open_checkpoint(note, verifier)
    except BadNote as problem:
        raise Tampered(f"checkpoint: {problem}") from None


# ---- where a log may lie


@dataclass(frozen=True)
class Folder:
    """A directory of files, as `export-tiles` writes it."""

    path: Path

    def checkpoint(self) -> str:
        return self._read("checkpoint").decode(errors="replace")

    def tile(self, place: Place) -> bytes:
        try:
            return self._read(place.path)
        except CannotTell:
            if place.width == WIDTH or place.level is None:
                raise
            return self._read(Place(place.level, place.index).path)[: place.width * HASH]

    def entries(self, place: Place) -> list[bytes] | None:
        if not (self.path / "tile" / tiles.ENTRIES).exists():
            return None
        try:
            return tiles.unpack(self._read(place.path), place.width)
        except BadBundle as problem:
            raise Tampered(f"{place.path}: {problem}") from None

    def _read(self, name: str) -> bytes:
        try:
            return (self.path / name).read_bytes()
        except OSError as problem:
            raise CannotTell(f"{name}: {problem.strerror}") from None


@dataclass(frozen=True)
class Site:
    """The public part of a log, over HTTP: hashes for everybody, entries for auditors only."""

    url: str  # as far as /log
    timeout_s: float = 20

    def checkpoint(self) -> str:
        return self._get("checkpoint").decode(errors="replace")

    def tile(self, place: Place) -> bytes:
        return self._get(place.path)

    def entries(self, place: Place) -> list[bytes] | None:
        return None

    def _get(self, name: str) -> bytes:
        try:
            with urlopen(f"{self.url.rstrip('/')}/{name}", timeout=self.timeout_s) as answer:
                return bytes(answer.read(1 << 20))
        except HTTPError as problem:
            raise CannotTell(f"{name}: {HTTPStatus(problem.code).phrase}") from None
        except (URLError, OSError, ValueError) as problem:
            raise CannotTell(f"{name}: {problem}") from None


@dataclass(frozen=True)
class Tables:
    """The database itself."""

    tx: Reading

    def checkpoint(self) -> str:
        latest = store.latest_checkpoint(self.tx)
        if latest is None:
            raise CannotTell("nothing has been signed yet")
        return latest.note

    def tile(self, place: Place) -> bytes:
        assert place.level is not None
        data = store.load_tile(self.tx, place.level, place.index, place.width)
        if data is None:
            raise Tampered(f"{place.path} is missing")
        return data

    def entries(self, place: Place) -> list[bytes] | None:
        try:
            entries = store.load_bundle(self.tx, place.index)[: place.width]
        except (BadBundle, store.Damaged) as problem:
            raise Tampered(f"{place.path}: {problem}") from None
        if len(entries) != place.width:
            raise Tampered(f"{place.path} has {len(entries)} entries")
        return entries


def check_index(tx: Reading, size: int) -> None:
    """Compare the index, from which auditors' lists are made, with the entries. Raises Tampered."""
    for start in range(0, size, WIDTH):
        end = min(start + WIDTH, size)
        lines = {line.idx: line for line in store.check_index(tx, start, end)}
        for idx, entry in store.entries_between(tx, start, end):
            line, told = lines.get(idx), json.loads(entry)
            if line is None or _as_told(told) != _as_known(line):
                raise Tampered(f"the index is wrong about entry {idx}")


def _as_told(entry: dict[str, Any]) -> tuple[object, ...]:
    data, at = entry["data"], datetime.fromisoformat(entry["time"])
    place = entry["id"], entry["source"], entry["pos"], entry["type"], entry["subject"], entry["sequence"]
    return (*place, at, actor_of(data), data.get("unit"))


def _as_known(line: store.Line) -> tuple[object, ...]:
    place = str(line.event_id), f"/{line.source}", line.pos, line.type, str(line.subject), line.sequence
    return (*place, line.occurred_at, line.actor, line.unit)


def words_of(report: Report) -> Iterator[str]:
    """A report as lines of text."""
    yield f"OK {report.origin}"
    yield f"size {report.size}"
    yield f"root {report.root}"
    if report.sources is None:
        yield "sources: not checked, the entries are for auditors"
        return
    for name, pos in report.sources.items():
        yield f"source {name} 1-{pos}"


# ---- again and again


class Recompute:
    """Reads and hashes everything again now and then: a silent fault is found before somebody needs the log."""

    name = "recompute"
    idle_s = 60.0

    def __init__(self, database: Database, verifier: Verifier, *, every: timedelta = timedelta(hours=1)) -> None:
        self._database, self._verifier, self._every = database, verifier, every

    def once(self) -> int:
        with self._database.reading() as tx:
            last, signed = store.last_recomputation(tx), store.latest_checkpoint(tx)
            if signed is None or not self._is_due(tx, last, signed.size):
                return 0
            began, fault = time.perf_counter(), ""
            try:
                check_index(tx, verify(Tables(tx), self._verifier).size)
            except Tampered as problem:
                fault = str(problem)
                log.error("the log is not what was signed", fault=fault)
            took_ms = int((time.perf_counter() - began) * 1000)
        with self._database.writing() as writing:
            store.add_recomputation(writing, Recomputation(writing.now, signed.size, took_ms, fault[:200]))
        return 1

    def _is_due(self, tx: Reading, last: Recomputation | None, size: int) -> bool:
        if last is None:
            return True
        age = tx.now - last.at
        return age >= self._every and (last.size != size or age >= timedelta(days=1))
