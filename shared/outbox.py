"""The outbox: events written in the transaction of the rows they speak of, told to the others after it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    select,
    text,
)

from shared.events.base import Event, subject_of
from shared.events.codec import Codec
from shared.sql import Instant, insert_rows

if TYPE_CHECKING:
    from shared.db import Cause, Reading


@dataclass(frozen=True)
class Pending:
    """An event emitted in a transaction that has not committed yet."""

    id: UUID
    event: Event
    cause: "Cause | None"
    correlation: str


TABLES = MetaData()

outbox_stream = Table(
    "outbox_stream",
    TABLES,
    Column("subject", Uuid, primary_key=True),
    Column("seq", Integer, nullable=False),
)
outbox = Table(
    "outbox",
    TABLES,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("subject", Uuid, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("type", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),  # the open bytes: never changed
    Column("sealed", LargeBinary),  # joined on the way out, emptied by an erasure
    Column("created_at", Instant, nullable=False),
    Column("pos", BigInteger, unique=True),  # given after the commit, without gaps
    Column("leaf_hash", LargeBinary),
    Column("prev", LargeBinary),
    Column("sig", LargeBinary),
    Index("outbox_unnumbered", "id", postgresql_where=text("pos IS NULL"), sqlite_where=text("pos IS NULL")),
)
relay_state = Table(
    "relay_state",
    TABLES,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Uuid, nullable=False),  # changes when the database is restored from an older copy
    Column("assigned", BigInteger, nullable=False),
    Column("published", BigInteger, nullable=False),
    Column("head_hash", LargeBinary, nullable=False),
)
subscriber_receipt = Table(
    "subscriber_receipt",
    TABLES,
    Column("subscriber", String(32), primary_key=True),
    Column("pos", BigInteger, nullable=False),
    Column("seen_at", Instant, nullable=False),
)


def add_tables(metadata: MetaData) -> None:
    """Make the tables of the producing side part of a service's own. Calling it twice changes nothing."""
    for table in TABLES.sorted_tables:
        if table.name not in metadata.tables:
            table.to_metadata(metadata)


# Two transactions about one petition meet on this row: the second waits for the first to commit.
_next_in_line = text(
    "INSERT INTO outbox_stream (subject, seq) VALUES (:subject, :count) "
    "ON CONFLICT (subject) DO UPDATE SET seq = outbox_stream.seq + excluded.seq RETURNING seq"
)
_next_in_lines = (
    "INSERT INTO outbox_stream (subject, seq) "
    "SELECT * FROM unnest(CAST(%(subjects)s AS uuid[]), CAST(%(counts)s AS integer[])) "
    "ON CONFLICT (subject) DO UPDATE SET seq = outbox_stream.seq + excluded.seq RETURNING subject, seq"
)


def append(connection: Connection, codec: Codec, pending: Sequence[Pending], *, now: datetime) -> dict[UUID, bytes]:
    """Put events in line, each at the end of its petition's stream. Whether they stay, the transaction decides.

    Returns their open bytes by event.
    """
    counts = Counter(subject_of(waiting.event) for waiting in pending)
    place = _take_places(connection, counts)
    rows, bodies = [], {}
    for waiting in pending:
        subject = subject_of(waiting.event)
        place[subject] += 1
        written = codec.write(
            waiting.event,
            event_id=waiting.id,
            sequence=place[subject],
            now=now,
            correlation=waiting.correlation,
            causation=waiting.cause.id if waiting.cause else None,
        )
        bodies[written.id] = written.body
        rows.append(
            {
                "event_id": written.id,
                "subject": subject,
                "seq": place[subject],
                "type": written.type,
                "body": written.body,
                "sealed": written.sealed,
                "created_at": now,
            }
        )
    insert_rows(connection, outbox, rows)
    return bodies


def erase_sealed(connection: Connection, subject: UUID) -> int:
    """Empty the sealed part of all that was told of a petition: the open bytes, which the log is committed to, stay.

    What has not left yet stays too, so that its hearers get it; they are told of the erasure after it. How many.
    """
    told = (outbox.c.subject == subject) & outbox.c.pos.is_not(None) & outbox.c.sealed.is_not(None)
    return int(connection.execute(outbox.update().where(told).values(sealed=None)).rowcount)


def erase_sealed_naming(connection: Connection, subject: UUID, named: UUID) -> int:
    """The same of those events of a stream that name somebody in an open field. How many."""
    told = (outbox.c.subject == subject) & outbox.c.pos.is_not(None) & outbox.c.sealed.is_not(None)
    rows = connection.execute(select(outbox.c.event_id, outbox.c.body).where(told)).all()
    theirs = [row.event_id for row in rows if str(named).encode() in bytes(row.body)]
    return int(connection.execute(outbox.update().where(outbox.c.event_id.in_(theirs)).values(sealed=None)).rowcount)


def _take_places(connection: Connection, counts: Counter[UUID]) -> dict[UUID, int]:
    """The last place of each stream before these were taken. Locked in one order, so nobody deadlocks."""
    in_order = sorted(counts.items())
    if connection.dialect.name == "postgresql":
        subjects, numbers = zip(*in_order, strict=True)
        rows = connection.exec_driver_sql(_next_in_lines, {"subjects": list(subjects), "counts": list(numbers)})
        return {row.subject: row.seq - counts[row.subject] for row in rows}
    return {
        subject: connection.execute(_next_in_line, {"subject": subject.hex, "count": count}).scalar_one() - count
        for subject, count in in_order
    }


def stored_body(tx: "Reading", event_id: UUID) -> bytes | None:
    """The open bytes of an event of ours, emitted in this transaction or before; None when there is no such event."""
    told = tx.emitted_body(event_id)
    if told is not None:
        return told
    body = tx.connection.execute(select(outbox.c.body).where(outbox.c.event_id == event_id)).scalar()
    return None if body is None else bytes(body)
