"""The tables of the memory. Those of evidence only ever grow: `guards` sees to it."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from shared import auth
from shared.sql import Instant

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
