"""The log itself: entries, tiles, its state and its checkpoints.

Entries lie once, in compressed bundles of 256; those of the open bundle wait in `tail`. The price: whoever wants one
entry unpacks a bundle.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, select, update

from services.audit.store.tables import bundle, checkpoint, event_index, log_state, tail, tile
from services.audit.tlog import tiles
from services.audit.tlog.note import Checkpoint
from services.audit.tlog.tree import HASH, WIDTH, Tile, Tree
from shared.db import Reading, Transaction
from shared.sql import insert_new


@dataclass(frozen=True)
class Log:
    """The log's state between two appends."""

    tree: Tree
    root: bytes
    pos: int
    head: bytes
    batched_at: datetime | None
    batched_size: int

    @property
    def size(self) -> int:
        return self.tree.size


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the index knows it."""

    idx: int
    recorded_at: datetime
    occurred_at: datetime
    event_id: UUID
    source: str
    pos: int
    type: str
    subject: UUID
    sequence: int
    actor: str | None
    unit: str | None


class Damaged(Exception):
    """A bundle that cannot be unpacked."""


class LogMoved(Exception):
    """Somebody else appended meanwhile: this transaction starts again."""


def load_log(tx: Reading, *, lock: bool = False) -> Log:
    """The log's state; an empty log where there is none yet. `lock` keeps other appenders out until the commit."""
    ask = select(log_state)
    row = tx.connection.execute(ask.with_for_update() if lock else ask).one_or_none()
    if row is None:
        empty = Tree()
        return Log(empty, empty.root(), 0, bytes(HASH), None, 0)
    return Log(
        Tree.unpack(row.size, bytes(row.edge)),
        bytes(row.root),
        row.pos,
        bytes(row.head),
        row.batched_at,
        row.batched_size,
    )


def lock_log(tx: Transaction) -> Log:
    """The log's state, for the one who appends; the row is made where there is none."""
    empty = Tree()
    first = {
        "one": 1,
        "size": 0,
        "edge": b"",
        "root": empty.root(),
        "pos": 0,
        "head": bytes(HASH),
        "batched_size": 0,
    }
    log = load_log(tx, lock=True)
    if log.size == 0:
        insert_new(tx.connection, log_state, [first])
        log = load_log(tx, lock=True)
    return log


def append(
    tx: Transaction,
    before: int,
    after: Log,
    *,
    lines: Sequence[Line],
    entries: Sequence[bytes],
    full: Sequence[Tile],
) -> None:
    """Keep new entries: index, bundles, tiles and the log's new state. Raises LogMoved."""
    changed = tx.connection.execute(
        update(log_state)
        .where(log_state.c.one == 1, log_state.c.size == before)
        .values(
            size=after.size,
            edge=after.tree.pack(),
            root=after.root,
            pos=after.pos,
            head=after.head,
            batched_at=after.batched_at,
            batched_size=after.batched_size,
        )
    )
    if changed.rowcount != 1:
        raise LogMoved(f"the log is no longer {before} long")
    _add_lines(tx.connection, lines)
    _add_entries(tx.connection, before, entries)
    if full:
        rows = [{"level": done.level, "n": done.index, "data": done.data} for done in full]
        tx.connection.execute(tile.insert(), rows)


_COLUMNS = tuple(column.name for column in event_index.columns)


def _add_lines(connection: Connection, lines: Sequence[Line]) -> None:
    if connection.dialect.name != "postgresql":
        connection.execute(event_index.insert(), [{name: getattr(line, name) for name in _COLUMNS} for line in lines])
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    with raw.cursor() as cursor, cursor.copy(f"COPY event_index ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
        for line in lines:
            copy.write_row([getattr(line, name) for name in _COLUMNS])


def _add_entries(connection: Connection, before: int, entries: Sequence[bytes]) -> None:
    """Fill the open bundle; what is complete is packed and leaves the tail."""
    start, open_ = before - before % WIDTH, before % WIDTH
    if open_ + len(entries) < WIDTH:
        connection.execute(tail.insert(), [_chunk(before, entries)])
        return
    run = [*_load_tail(connection, start), *entries] if open_ else list(entries)
    end = len(run) // WIDTH * WIDTH
    full = [{"n": (start + at) // WIDTH, "data": _squeeze(run[at : at + WIDTH])} for at in range(0, end, WIDTH)]
    connection.execute(bundle.insert(), full)
    if open_:
        connection.execute(delete(tail).where(tail.c.idx < start + end))
    if end < len(run):
        connection.execute(tail.insert(), [_chunk(start + end, run[end:])])


def _chunk(idx: int, entries: Sequence[bytes]) -> dict[str, object]:
    return {"idx": idx, "count": len(entries), "data": tiles.pack(entries)}


def _load_tail(connection: Connection, start: int) -> list[bytes]:
    rows = connection.execute(
        select(tail.c.data, tail.c.count).where(tail.c.idx >= start, tail.c.idx < start + WIDTH).order_by(tail.c.idx)
    )
    return [entry for data, count in rows for entry in tiles.unpack(bytes(data), count)]


def _squeeze(entries: Sequence[bytes]) -> bytes:
    return zlib.compress(tiles.pack(entries), 3)


def entries_between(tx: Reading, low: int, high: int) -> Iterator[tuple[int, bytes]]:
    """Entries low … high-1 with their places, read again from where they are kept."""
    for number in range(low // WIDTH, (high + WIDTH - 1) // WIDTH):
        start = number * WIDTH
        for at, entry in enumerate(load_bundle(tx, number)):
            if low <= start + at < high:
                yield start + at, entry


def load_bundle(tx: Reading, number: int) -> list[bytes]:
    """The entries of a bundle, as many as there are. Raises Damaged, BadBundle."""
    packed = select(bundle.c.data).where(bundle.c.n == number)
    data = tx.connection.execute(packed).scalar()
    if data is None:
        waiting = _load_tail(tx.connection, number * WIDTH)
        # Between the two looks a writer may have completed the bundle and emptied the tail.
        data = None if waiting else tx.connection.execute(packed).scalar()
        if data is None:
            return waiting
    try:
        return tiles.unpack(zlib.decompress(bytes(data)), WIDTH)
    except zlib.error as problem:
        raise Damaged(str(problem)) from None


def load_entry(tx: Reading, idx: int) -> bytes | None:
    entries = load_bundle(tx, idx // WIDTH)
    return entries[idx % WIDTH] if idx % WIDTH < len(entries) else None


def load_entries(tx: Reading, places: Sequence[int]) -> dict[int, bytes]:
    """Some entries by their place; each bundle is unpacked once."""
    found = {}
    for number in sorted({idx // WIDTH for idx in places}):
        entries = load_bundle(tx, number)
        for idx in places:
            if idx // WIDTH == number and idx % WIDTH < len(entries):
                found[idx] = entries[idx % WIDTH]
    return found


def load_tile(tx: Reading, level: int, index: int, width: int) -> bytes | None:
    """The first hashes of a tile, or None when there are not that many. A partial tile is a prefix of the full one."""
    full = select(tile.c.data).where(tile.c.level == level, tile.c.n == index)
    data = tx.connection.execute(full).scalar()
    if data is None:
        log = load_log(tx)
        is_open = level < len(log.tree.edge) and (log.size >> 8 * level) // WIDTH == index
        # Between the two looks a writer may have completed the tile.
        data = log.tree.edge[level] if is_open else tx.connection.execute(full).scalar() or b""
    data = bytes(data)[: width * HASH]
    return data if len(data) == width * HASH else None


# ---- checkpoints


@dataclass(frozen=True)
class Signed:
    """A checkpoint as it was published."""

    size: int
    note: str
    made_at: datetime


def add_checkpoint(tx: Transaction, made: Checkpoint, note: str) -> None:
    insert_new(tx.connection, checkpoint, [{"size": made.size, "note": note, "made_at": tx.now}])


def latest_checkpoint(tx: Reading) -> Signed | None:
    row = tx.connection.execute(select(checkpoint).order_by(checkpoint.c.size.desc()).limit(1)).one_or_none()
    return Signed(*row) if row else None


def checkpoints_from(tx: Reading, size: int, *, limit: int) -> list[Signed]:
    """Checkpoints of at least this size, smallest first."""
    rows = tx.connection.execute(
        select(checkpoint).where(checkpoint.c.size >= size).order_by(checkpoint.c.size).limit(limit)
    )
    return [Signed(*row) for row in rows]
