"""One service's database: transactions in which rows and events stand or fall together, on SQLite and PostgreSQL."""

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Connection, Dialect, Engine, MetaData, create_engine, event
from sqlalchemy.exc import DisconnectionError

from shared import outbox
from shared.clock import Clock
from shared.events.base import Event, subject_of
from shared.events.codec import Codec
from shared.ids import ordered_id
from shared.sql import Instant, insert_new, update_many

__all__ = ["Cause", "ChangeWithoutEvent", "Database", "Instant", "Reading", "Transaction", "insert_new", "update_many"]

RESTED_S = 1.0  # a connection that was idle for longer is asked whether it still lives


class ChangeWithoutEvent(Exception):
    """A transaction changed a petition and told nobody: it is refused, since the log would not know."""


@dataclass(frozen=True)
class Cause:
    """The event that a transaction reacts to."""

    id: UUID
    source: str
    subject: UUID
    time: datetime
    correlation: str


@dataclass(frozen=True)
class Reading:
    """A consistent look at the database. `now` is read once: everything on a page bears one instant."""

    connection: Connection
    now: datetime

    def emitted_body(self, event_id: UUID) -> bytes | None:
        """The open bytes of an event that was emitted here: none, where nothing is emitted."""
        return None


@dataclass(frozen=True)
class Transaction(Reading):
    """Rows changed and events emitted together: both are kept, or neither.

    `now` (UTC) is read once, by the edge: every row and event of a transaction bears that instant.
    """

    codec: Codec
    correlation: str
    cause: Cause | None = None
    emitted: list[outbox.Pending] = field(default_factory=list)
    _changed: set[UUID] = field(default_factory=set)
    _flushed: list[int] = field(default_factory=lambda: [0])
    _bodies: dict[UUID, bytes] = field(default_factory=dict)

    def emit(self, told: Event, *, event_id: UUID | None = None) -> UUID:
        """Tell the other services, once this transaction commits. Returns the event's id."""
        event_id = event_id or ordered_id()
        self.emitted.append(outbox.Pending(id=event_id, event=told, cause=self.cause, correlation=self.correlation))
        return event_id

    def changed(self, subject: UUID) -> None:
        """A store changed this petition's state, so an event about it must follow in this transaction."""
        self._changed.add(subject)

    def flush(self) -> None:
        """Write what was emitted so far into the outbox."""
        waiting = self.emitted[self._flushed[0] :]
        if waiting:
            self._bodies.update(outbox.append(self.connection, self.codec, waiting, now=self.now))
            self._flushed[0] = len(self.emitted)

    def because(self, cause: Cause) -> "Transaction":
        """The same transaction, reacting to this event: what it emits names it as the cause."""
        return Transaction(
            connection=self.connection,
            now=self.now,
            codec=self.codec,
            correlation=cause.correlation,
            cause=cause,
            emitted=self.emitted,
            _changed=self._changed,
            _flushed=self._flushed,
            _bodies=self._bodies,
        )

    def emitted_body(self, event_id: UUID) -> bytes | None:
        """The open bytes of an event that was emitted in this transaction: what a receipt's digest is made of."""
        self.flush()
        return self._bodies.get(event_id)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part that may fail alone: on an exception its rows and events are forgotten, the rest stays."""
        emitted, changed = len(self.emitted), set(self._changed)
        self.flush()
        try:
            with self.connection.begin_nested():
                yield
                self.flush()
        except BaseException:
            for forgotten in self.emitted[emitted:]:
                self._bodies.pop(forgotten.id, None)
            del self.emitted[emitted:]
            self._flushed[0] = emitted
            self._changed.clear()
            self._changed.update(changed)
            raise

    def finish(self) -> None:
        """Last words before the commit. Raises ChangeWithoutEvent."""
        silent = self._changed - {subject_of(pending.event) for pending in self.emitted}
        if silent:
            raise ChangeWithoutEvent(f"changed without an event: {', '.join(map(str, silent))}")
        self.flush()


class Database:
    """One service's database."""

    def __init__(self, url: str, metadata: MetaData, *, codec: Codec, clock: Clock, pool_size: int = 8) -> None:
        self.url, self.metadata, self.codec, self.clock = url, metadata, codec, clock
        self.engine = _engine(url, pool_size)
        self.dialect: str = self.engine.dialect.name
        self.on_commit: list[Callable[[], None]] = []
        # One writer at a time, in line: SQLite's own waiting sleeps and starves.
        self._turn = threading.RLock() if self.dialect == "sqlite" else nullcontext()

    @contextmanager
    def writing(self, *, cause: Cause | None = None) -> Iterator[Transaction]:
        """A transaction that commits when the block ends well. Its time is read once, here."""
        with self._turn, self.engine.connect() as connection, connection.begin():
            tx = Transaction(
                connection=connection,
                now=self.clock.now(),
                codec=self.codec,
                correlation=cause.correlation if cause else correlation_id(),
                cause=cause,
            )
            yield tx
            tx.finish()
        for told in self.on_commit:
            told()

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A look that changes nothing."""
        with self.engine.connect().execution_options(reading=True) as connection, connection.begin():
            yield Reading(connection=connection, now=self.clock.now())

    @contextmanager
    def housekeeping(self) -> Iterator[Connection]:
        """A transaction of the plumbing itself: no time, no events, and nobody is woken by it."""
        with self._turn, self.engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def correlation_id() -> str:
    """What binds the traces of one request together: the web kit's id, or a fresh one."""
    return str(structlog.contextvars.get_contextvars().get("correlation_id") or ordered_id())


def _engine(url: str, pool_size: int) -> Engine:
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": 10, "check_same_thread": False}, pool_size=pool_size)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    # A server that vanished without a word is noticed after seconds, not after the two hours of TCP's own patience.
    # Compiling a statement costs seconds where it touches many indexes and reads little of each: our pages do.
    patience = {
        "connect_timeout": 5,
        "tcp_user_timeout": 4000,  # milliseconds
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "options": "-c timezone=UTC -c jit=off",
    }
    engine = create_engine(url, pool_size=pool_size, max_overflow=8, connect_args=patience)
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", partial(_ping_the_rested, engine.dialect))
    return engine


def _note_rest(_connection: Any, record: Any) -> None:
    record.info["rests_since"] = monotonic()


def _ping_the_rested(dialect: Dialect, connection: Any, record: Any, _proxy: object) -> None:
    """Ask a connection that has rested whether it still lives; one that was just at work is taken at its word."""
    if monotonic() - record.info.get("rests_since", math.inf) < RESTED_S:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as problem:
        raise DisconnectionError("the connection was lost while it rested") from problem


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we send BEGIN ourselves
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock first: upgrading a reader's lock later fails at once when another one writes.
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
