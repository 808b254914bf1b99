"""Rows of the memory: entries and tiles that only ever grow, an index that could be rebuilt, and how far sources came.

Entries lie once, in compressed bundles of 256; those of the open bundle wait in `tail`. The price of the narrow index
is that whoever wants an entry unpacks a bundle.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    delete,
    event,
    func,
    select,
    update,
)

from services.audit.domain.chain import Head
from services.audit.domain.search import Search
from services.audit.tlog import tiles
from services.audit.tlog.note import Checkpoint
from services.audit.tlog.tree import HASH, WIDTH, Tile, Tree
from shared import auth
from shared.db import Reading, Transaction
from shared.sql import Instant, insert_new

metadata = MetaData()
auth.add_tables(metadata)

source = Table(
    "source",
    metadata,
    Column("source", String(16), primary_key=True),
    Column("epoch", String(36), nullable=False),
    Column("pos", BigInteger, nullable=False),  # everything up to here is in the log
    Column("head", LargeBinary, nullable=False),  # leaf hash of the event at `pos`
    Column("is_frozen", Boolean, nullable=False, default=False),
    Column("seen_at", Instant, nullable=False),
)
source_told = Table(  # what a source said of itself when it was last asked
    "source_told",
    metadata,
    Column("source", String(16), primary_key=True),
    Column("pos", BigInteger, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("unnumbered", Integer, nullable=False),
    Column("unnumbered_age_s", Integer, nullable=False),
    Column("asked_at", Instant, nullable=False),
)
source_key = Table(
    "source_key",
    metadata,
    Column("source", String(16), primary_key=True),
    Column("kid", String(8), primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("since_pos", BigInteger, nullable=False),
)
event_index = Table(
    "event_index",
    metadata,
    Column("idx", BigInteger, primary_key=True, autoincrement=False),  # place in the log, from 0
    Column("recorded_at", Instant, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("source", String(16), nullable=False),
    Column("pos", BigInteger, nullable=False),
    Column("type", String(64), nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("actor", String(200)),
    Column("unit", String(200)),
    UniqueConstraint("source", "pos", name="event_index_place"),
    Index("event_index_subject", "subject", "idx"),
    Index("event_index_actor", "actor", "idx"),
    Index("event_index_type", "type", "idx"),
    Index("event_index_event", "event_id"),
    Index("event_index_time", "occurred_at", postgresql_using="brin"),
)
case_head = Table(
    "case_head",
    metadata,
    Column("subject", Uuid, primary_key=True),
    Column("code", String(32), nullable=False, index=True),  # the public code, where it is not a bearer's key
)
tail = Table(  # entries of the open bundle, in the portions in which they came
    "tail",
    metadata,
    Column("idx", BigInteger, primary_key=True, autoincrement=False),  # of the first one
    Column("count", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),  # each after its length
)
bundle = Table(
    "bundle",
    metadata,
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),  # zlib over 256 entries, each after its length
)
tile = Table(
    "tile",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),  # full ones only
)
log_state = Table(
    "log_state",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("edge", LargeBinary, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("pos", BigInteger, nullable=False),  # the log's own records are a chain too
    Column("head", LargeBinary, nullable=False),
    Column("batched_at", Instant),  # when the last batch record was written
    Column("batched_size", BigInteger, nullable=False),  # up to where batch records reach
)
checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
)
withheld = Table(  # events of which the log keeps the hash alone
    "withheld",
    metadata,
    Column("source", String(16), primary_key=True),
    Column("pos", BigInteger, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("idx", BigInteger, nullable=False),
)
held = Table(  # events that came before their turn
    "held",
    metadata,
    Column("source", String(16), primary_key=True),
    Column("pos", BigInteger, primary_key=True, autoincrement=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
refused = Table(
    "refused",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("source", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False, index=True),
)
finding = Table(
    "finding",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("source", String(16), nullable=False),
    Column("detail", String(64), nullable=False),
    Column("idx", BigInteger, nullable=False),  # the record in the log that opened it
    Column("opened_at", Instant, nullable=False),
    Column("closed_idx", BigInteger),  # the record that closed it
)

recomputation = Table(  # each time that everything was read and hashed again
    "recomputation",
    metadata,
    Column("at", Instant, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("took_ms", Integer, nullable=False),
    Column("fault", String(200), nullable=False),  # empty: sound
)

EVIDENCE = (event_index, bundle, tile, checkpoint, withheld, source_key)
"""Tables of which no row may ever change or go."""


# ---- guards: the database itself refuses what would rewrite the past


def protect(connection: Connection) -> None:
    """Put the guards up, in either world. Doing it again changes nothing."""
    statements = _guards_of_postgresql() if connection.dialect.name == "postgresql" else _guards_of_sqlite()
    for statement in statements:
        connection.exec_driver_sql(statement)


def _guards_of_sqlite() -> Iterator[str]:
    for table in EVIDENCE:
        for act in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER IF NOT EXISTS {table.name}_no_{act.lower()} BEFORE {act} ON {table.name} "
                f"BEGIN SELECT RAISE(ABORT, '{table.name} only grows'); END"
            )
    yield (
        "CREATE TRIGGER IF NOT EXISTS tail_no_update BEFORE UPDATE ON tail "
        "BEGIN SELECT RAISE(ABORT, 'tail only grows'); END"
    )
    yield (
        "CREATE TRIGGER IF NOT EXISTS tail_no_delete BEFORE DELETE ON tail "
        f"WHEN NOT EXISTS (SELECT 1 FROM bundle WHERE n = OLD.idx / {WIDTH}) "
        "BEGIN SELECT RAISE(ABORT, 'this entry is in no bundle yet'); END"
    )
    yield (
        "CREATE TRIGGER IF NOT EXISTS log_state_grows BEFORE UPDATE ON log_state WHEN NEW.size <= OLD.size "
        "BEGIN SELECT RAISE(ABORT, 'the log only grows'); END"
    )
    yield (
        "CREATE TRIGGER IF NOT EXISTS log_state_stays BEFORE DELETE ON log_state "
        "BEGIN SELECT RAISE(ABORT, 'the log only grows'); END"
    )


def _guards_of_postgresql() -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '%% only grows', TG_TABLE_NAME; END $$"
    )
    yield (
        "CREATE OR REPLACE FUNCTION audit_tail_goes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NOT EXISTS (SELECT 1 FROM bundle WHERE n = OLD.idx / {WIDTH}) THEN "
        "RAISE EXCEPTION 'entry %% is in no bundle yet', OLD.idx; END IF; RETURN OLD; END $$"
    )
    yield (
        "CREATE OR REPLACE FUNCTION audit_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.size <= OLD.size THEN RAISE EXCEPTION 'the log only grows'; END IF; RETURN NEW; END $$"
    )
    for table in EVIDENCE:
        yield from _trigger(table, "no_change", "BEFORE UPDATE OR DELETE", "ROW", "audit_refuse")
    for table in (*EVIDENCE, tail, log_state):
        yield from _trigger(table, "no_truncate", "BEFORE TRUNCATE", "STATEMENT", "audit_refuse")
    yield from _trigger(tail, "no_update", "BEFORE UPDATE", "ROW", "audit_refuse")
    yield from _trigger(tail, "no_delete", "BEFORE DELETE", "ROW", "audit_tail_goes")
    yield from _trigger(log_state, "grows", "BEFORE UPDATE", "ROW", "audit_grows")
    yield from _trigger(log_state, "stays", "BEFORE DELETE", "ROW", "audit_refuse")


def _trigger(table: Table, name: str, when: str, each: str, function: str) -> Iterator[str]:
    yield (
        f"CREATE OR REPLACE TRIGGER {table.name}_{name} {when} ON {table.name} "
        f"FOR EACH {each} EXECUTE FUNCTION {function}()"
    )
    # Also where somebody plays a replica, which switches ordinary triggers off.
    yield f"ALTER TABLE {table.name} ENABLE ALWAYS TRIGGER {table.name}_{name}"


event.listen(metadata, "after_create", lambda _metadata, connection, **_: protect(connection))


# ---- the log


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
    return zlib.compress(tiles.pack(entries), 6)


def entries_between(tx: Reading, low: int, high: int) -> Iterator[tuple[int, bytes]]:
    """Entries low … high-1 with their places, read again from where they are kept."""
    for number in range(low // WIDTH, (high + WIDTH - 1) // WIDTH):
        start = number * WIDTH
        for at, entry in enumerate(load_bundle(tx, number)):
            if low <= start + at < high:
                yield start + at, entry


def load_bundle(tx: Reading, number: int) -> list[bytes]:
    """The entries of a bundle, as many as there are."""
    data = tx.connection.execute(select(bundle.c.data).where(bundle.c.n == number)).scalar()
    if data is not None:
        try:
            return tiles.unpack(zlib.decompress(bytes(data)), WIDTH)
        except zlib.error as problem:
            raise Damaged(str(problem)) from None
    return _load_tail(tx.connection, number * WIDTH)


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
    data = tx.connection.execute(select(tile.c.data).where(tile.c.level == level, tile.c.n == index)).scalar()
    if data is None:
        log = load_log(tx)
        is_open = level < len(log.tree.edge) and (log.size >> 8 * level) // WIDTH == index
        data = log.tree.edge[level] if is_open else b""
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


# ---- sources


def load_heads(tx: Reading) -> dict[str, Head]:
    """How far each source came that was ever heard."""
    rows = tx.connection.execute(select(source))
    return {row.source: Head(row.source, row.epoch, row.pos, bytes(row.head), row.is_frozen) for row in rows}


def save_head(tx: Transaction, head: Head) -> None:
    values = {
        "epoch": head.epoch,
        "pos": head.pos,
        "head": head.leaf,
        "is_frozen": head.is_frozen,
        "seen_at": tx.now,
    }
    changed = tx.connection.execute(update(source).where(source.c.source == head.source).values(**values))
    if not changed.rowcount:
        tx.connection.execute(source.insert().values(source=head.source, **values))


def load_keys(tx: Reading) -> dict[tuple[str, str], bytes]:
    """(source, short name of the key) → public key, for every key that the log has accepted."""
    return {(row.source, row.kid): bytes(row.public_key) for row in tx.connection.execute(select(source_key))}


def add_key(tx: Transaction, name: str, kid: str, public_key: bytes, *, since_pos: int) -> None:
    row = {"source": name, "kid": kid, "public_key": public_key, "since_pos": since_pos}
    insert_new(tx.connection, source_key, [row])


def known_leaves(tx: Reading, name: str, positions: Sequence[int]) -> dict[int, bytes]:
    """Leaf hashes of a source's events that were taken before, by their position."""
    rows = tx.connection.execute(
        select(event_index.c.pos, event_index.c.idx).where(
            event_index.c.source == name, event_index.c.pos.in_(positions)
        )
    ).all()
    runs: dict[int, bytes] = {}
    leaves = {}
    for pos, idx in rows:
        number = idx // WIDTH
        if number not in runs:
            runs[number] = _leaf_run(tx, number)
        leaves[pos] = runs[number][idx % WIDTH * HASH : (idx % WIDTH + 1) * HASH]
    kept_out = tx.connection.execute(
        select(withheld.c.pos, withheld.c.leaf).where(withheld.c.source == name, withheld.c.pos.in_(positions))
    )
    return leaves | {pos: bytes(leaf) for pos, leaf in kept_out}


def _leaf_run(tx: Reading, number: int) -> bytes:
    data = tx.connection.execute(select(tile.c.data).where(tile.c.level == 0, tile.c.n == number)).scalar()
    return bytes(data) if data is not None else load_log(tx).tree.edge[0]


def add_withheld(tx: Transaction, name: str, pos: int, leaf: bytes, idx: int) -> None:
    tx.connection.execute(withheld.insert().values(source=name, pos=pos, leaf=leaf, idx=idx))


@dataclass(frozen=True)
class Told:
    """What a source said of itself when it was last asked."""

    pos: int
    head: bytes
    unnumbered: int
    unnumbered_age_s: int
    asked_at: datetime


def save_told(tx: Transaction, name: str, told: Told) -> None:
    values = vars(told)
    changed = tx.connection.execute(update(source_told).where(source_told.c.source == name).values(**values))
    if not changed.rowcount:
        tx.connection.execute(source_told.insert().values(source=name, **values))


def load_told(tx: Reading) -> dict[str, Told]:
    rows = tx.connection.execute(select(source_told))
    return {
        row.source: Told(row.pos, bytes(row.head), row.unnumbered, row.unnumbered_age_s, row.asked_at) for row in rows
    }


# ---- what waits, and what was turned away


def load_held(tx: Reading, name: str, *, limit: int) -> list[tuple[int, dict[str, Any], bytes]]:
    """Events of a source that wait for those before them: position, headers, body."""
    rows = tx.connection.execute(select(held).where(held.c.source == name).order_by(held.c.pos).limit(limit))
    return [(row.pos, json.loads(row.headers), bytes(row.body)) for row in rows]


def count_held(tx: Reading) -> dict[str, tuple[int, int]]:
    """Source → how many events are held, and their bytes."""
    rows = tx.connection.execute(
        select(held.c.source, func.count(), func.coalesce(func.sum(func.length(held.c.body)), 0)).group_by(
            held.c.source
        )
    )
    return {name: (count, size) for name, count, size in rows}


def hold(tx: Transaction, name: str, pos: int, headers: Mapping[str, Any], body: bytes) -> None:
    row = {"source": name, "pos": pos, "headers": json.dumps(dict(headers), default=str), "body": body}
    insert_new(tx.connection, held, [row])


def let_go(tx: Transaction, name: str, up_to: int) -> None:
    """Forget held events that have been taken."""
    tx.connection.execute(delete(held).where(held.c.source == name, held.c.pos <= up_to))


def refuse(tx: Transaction, name: str, reason: str, headers: Mapping[str, Any], body: bytes) -> None:
    """Keep a message that was turned away, for people to look at; the same one again is the same row."""
    told = json.dumps(dict(headers), default=str)[:2000]
    row = {
        "id": UUID(bytes=hashlib.sha256(told.encode() + body).digest()[:16]),
        "source": name[:16],
        "reason": reason[:32],
        "headers": told,
        "body": body[:65536],
        "at": tx.now,
    }
    insert_new(tx.connection, refused, [row])


def forget_refused(tx: Transaction, before: datetime) -> int:
    return tx.connection.execute(delete(refused).where(refused.c.at < before)).rowcount


def count_refused(tx: Reading) -> int:
    return tx.connection.execute(select(func.count()).select_from(refused)).scalar_one()


# ---- findings


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, until people have closed it."""

    id: UUID
    kind: str
    source: str
    detail: str
    idx: int
    opened_at: datetime
    closed_idx: int | None = None


def add_finding(tx: Transaction, found: Finding) -> None:
    tx.connection.execute(finding.insert().values(**vars(found)))


def open_findings(tx: Reading) -> list[Finding]:
    """Findings that nobody has closed, newest first."""
    rows = tx.connection.execute(select(finding).where(finding.c.closed_idx.is_(None)).order_by(finding.c.idx.desc()))
    return [Finding(*row) for row in rows]


def close_findings(tx: Transaction, name: str, idx: int) -> None:
    """People have looked at everything that was open about a source."""
    tx.connection.execute(
        update(finding).where(finding.c.source == name, finding.c.closed_idx.is_(None)).values(closed_idx=idx)
    )


# ---- recomputations


@dataclass(frozen=True)
class Recomputation:
    """What came out when everything was read and hashed again."""

    at: datetime
    size: int
    took_ms: int
    fault: str = ""


def add_recomputation(tx: Transaction, done: Recomputation) -> None:
    insert_new(tx.connection, recomputation, [vars(done)])


def last_recomputation(tx: Reading) -> Recomputation | None:
    row = tx.connection.execute(select(recomputation).order_by(recomputation.c.at.desc()).limit(1)).one_or_none()
    return Recomputation(*row) if row else None


# ---- reading, for auditors


def remember_codes(tx: Transaction, codes: Mapping[UUID, str]) -> None:
    """Under which public code a petition is known."""
    rows = [{"subject": subject, "code": code.replace("-", "")[:32]} for subject, code in codes.items()]
    insert_new(tx.connection, case_head, rows)


def subject_of_code(tx: Reading, code: str) -> UUID | None:
    return tx.connection.execute(select(case_head.c.subject).where(case_head.c.code == code)).scalars().first()


def code_of_subject(tx: Reading, subject: UUID) -> str | None:
    return tx.connection.execute(select(case_head.c.code).where(case_head.c.subject == subject)).scalar()


def find_lines(
    tx: Reading, search: Search, *, limit: int, before: int | None = None, after: int | None = None
) -> list[Line]:
    """Entries that a search asks for, newest first: those right before or after a place, or the newest."""
    ask = _matching(tx, search)
    if ask is None:
        return []
    if after is not None:
        rows = tx.connection.execute(
            ask.where(event_index.c.idx > after).order_by(event_index.c.idx).limit(limit)
        ).all()
        return [Line(*row) for row in reversed(rows)]
    if before is not None:
        ask = ask.where(event_index.c.idx < before)
    rows = tx.connection.execute(ask.order_by(event_index.c.idx.desc()).limit(limit)).all()
    return [Line(*row) for row in rows]


def days_of(tx: Reading, search: Search, *, zone: str, limit: int = 50_000) -> dict[str, int]:
    """Local day (ISO) → how many of the newest `limit` entries that a search asks for fell on it."""
    ask = _matching(tx, search)
    if ask is None:
        return {}
    newest = ask.order_by(event_index.c.idx.desc()).limit(limit).subquery()
    if tx.connection.dialect.name == "postgresql":
        day = func.to_char(func.timezone(zone, newest.c.occurred_at), "YYYY-MM-DD")
    else:
        day = func.date(newest.c.occurred_at, "+7 hours")
    rows = tx.connection.execute(select(day, func.count()).group_by(day).order_by(day))
    return {row[0]: row[1] for row in rows}


def _matching(tx: Reading, search: Search) -> Select[Any] | None:
    """None when nothing can match."""
    ask, columns = select(event_index), event_index.c
    if search.subject:
        ask = ask.where(columns.subject == search.subject)
    if search.code:
        subject = subject_of_code(tx, search.code)
        if subject is None:
            return None
        ask = ask.where(columns.subject == subject)
    if search.types:
        patterns = [
            columns.type.like(name.replace("*", "%")) if "*" in name else columns.type == name for name in search.types
        ]
        ask = ask.where(_any(patterns))
    for name in search.without_types:
        ask = ask.where(columns.type.not_like(name.replace("*", "%")))
    if search.sources:
        ask = ask.where(columns.source.in_(search.sources))
    if search.actors:
        ask = ask.where(columns.actor.in_(search.actors))
    if search.units:
        ask = ask.where(columns.unit.in_(search.units))
    if search.since:
        ask = ask.where(columns.occurred_at >= search.since)
    if search.until:
        ask = ask.where(columns.occurred_at < search.until)
    return ask


def _any(conditions: Sequence[Any]) -> Any:
    first, *others = conditions
    for other in others:
        first = first | other
    return first


def line_at(tx: Reading, idx: int) -> Line | None:
    row = tx.connection.execute(select(event_index).where(event_index.c.idx == idx)).one_or_none()
    return Line(*row) if row else None


def line_of_event(tx: Reading, event_id: UUID) -> Line | None:
    """Where an event lies; the first one, should a source use an id twice."""
    row = tx.connection.execute(
        select(event_index).where(event_index.c.event_id == event_id).order_by(event_index.c.idx).limit(1)
    ).one_or_none()
    return Line(*row) if row else None


def life_of(tx: Reading, subject: UUID, *, limit: int = 500) -> list[Line]:
    """Everything about a petition, oldest first."""
    rows = tx.connection.execute(
        select(event_index).where(event_index.c.subject == subject).order_by(event_index.c.idx).limit(limit)
    )
    return [Line(*row) for row in rows]


def check_index(tx: Reading, low: int, high: int) -> Iterator[Line]:
    """Index rows low … high-1 in order, for comparing them with the entries."""
    rows = tx.connection.execute(
        select(event_index).where(event_index.c.idx >= low, event_index.c.idx < high).order_by(event_index.c.idx)
    )
    for row in rows:
        yield Line(*row)


def count_types(tx: Reading) -> list[str]:
    """The types of events that the log has, for the search's suggestions."""
    found: list[str] = []
    last = ""
    while True:  # a hop from type to type along the index, instead of a walk over all rows
        name = tx.connection.execute(select(func.min(event_index.c.type)).where(event_index.c.type > last)).scalar()
        if name is None:
            return found
        found.append(name)
        last = name
