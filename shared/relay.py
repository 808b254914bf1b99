"""The relay: gives committed events their place in their source, chains and signs them, and hands them to the broker.

Numbering looks for rows without a place, never for ids beyond a cursor: ids are handed out before the commit, so late
commits would be skipped for ever.
"""

import base64
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.exc import DBAPIError

from shared.bus import Message, Publisher
from shared.db import Database
from shared.events.codec import ZERO, b64u, leaf_bytes, leaf_hash, on_the_wire, open_fields, signed_bytes
from shared.keys import KeyRing
from shared.outbox import outbox, relay_state
from shared.sql import insert_new, update_many

BATCH = 500
_LEADERSHIP = 0x4C4E  # the advisory lock of the one relay that may work; each service has its own database

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class State:
    """How far a source has come."""

    epoch: UUID
    assigned: int  # last position given
    published: int  # last position the broker has confirmed
    head_hash: bytes  # leaf hash of the event at `assigned`


def state_of(connection: Connection) -> State:
    """The state of the relay; a fresh database gets its first one."""
    row = connection.execute(select(relay_state)).one_or_none()
    if row is None:
        first = {"one": 1, "epoch": uuid4(), "assigned": 0, "published": 0, "head_hash": ZERO}
        insert_new(connection, relay_state, [first])
        row = connection.execute(select(relay_state)).one()
    return State(row.epoch, row.assigned, row.published, bytes(row.head_hash))


def to_message(row: "_Row", *, source: str, epoch: UUID, kid: str) -> Message:
    """A numbered row of the outbox as it travels."""
    return Message(
        body=on_the_wire(row.body, row.sealed),
        headers={
            "pos": row.pos,
            "epoch": str(epoch),
            "prev": b64u(row.prev),
            "sig": base64.b64encode(row.sig).decode(),
            "kid": kid,
        },
        routing_key=f"{source}.{row.type}",
        message_id=str(row.event_id),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    pos: int
    event_id: UUID
    type: str
    body: bytes
    sealed: bytes | None
    prev: bytes
    sig: bytes


class Relay:
    """One service's relay. Many may run: one leads, the others stand by."""

    name = "relay"
    idle_s = 2.0
    linger_s = 0.03  # a round costs the same for one event as for ten

    def __init__(self, database: Database, keys: KeyRing, publisher: Publisher) -> None:
        self._database, self._keys, self._publisher = database, keys, publisher
        self._source, self._kid = keys.service, keys.kid(keys.service)
        self._leading: Connection | None = None
        self._state: State | None = None  # as it is written; nobody else writes it while we lead
        self._told = 0  # last position the broker has confirmed; written with the next numbers, or at rest
        self._voice = ThreadPoolExecutor(1, thread_name_prefix=f"{self._source}:voice")

    def once(self) -> int:
        """Number what waits and tell what is numbered. Returns how many events the broker confirmed."""
        if not self._may_lead():
            return 0
        try:
            return self._tell_all()
        except BaseException:
            self._state = None  # what we remember need not be what is written
            raise

    def _tell_all(self) -> int:
        told, rows = 0, self._untold() or self._number()
        while rows:
            following: list[_Row] = []
            if len(rows) < BATCH:
                self._publish(rows)
            else:  # more may wait: it is numbered while the broker confirms
                telling = self._voice.submit(self._publish, rows)
                following = self._number()
                telling.result()
            self._told = rows[-1].pos
            told += len(rows)
            rows = following
        return told

    def _untold(self) -> list[_Row]:
        """What got its number before, and was not told or not confirmed then."""
        if self._state is None:
            with self._turn() as connection:
                self._state = state_of(connection)
            self._told = self._state.published
        if self._told == self._state.assigned:
            return []
        with self._turn() as connection:
            return _read(connection, after=self._told, limit=BATCH)

    def _number(self) -> list[_Row]:
        """Give what waits its place."""
        assert self._state is not None
        state = self._state
        with self._turn() as connection:
            waiting = connection.execute(_WAITING).all()
            rows, changes = self._chained(waiting, after=state)
            if rows:
                state = replace(state, assigned=rows[-1].pos, head_hash=changes[-1]["leaf_hash"])
                update_many(connection, outbox, "id", changes)
            state = replace(state, published=self._told)
            if state != self._state:
                new = {"assigned": state.assigned, "head_hash": state.head_hash, "published": state.published}
                connection.execute(_NEW_STATE, new)
        self._state = state
        return rows

    def _write_down_what_was_told(self) -> None:
        if self._state is not None and self._state.published < self._told:
            with self._turn() as connection:
                connection.execute(update(relay_state).values(published=self._told))

    def _chained(self, waiting: Sequence[Any], *, after: State) -> tuple[list[_Row], list[dict[str, Any]]]:
        pos, head = after.assigned, after.head_hash
        rows, changes = [], []
        for row in waiting:
            pos += 1
            hashed = leaf_hash(leaf_bytes(open_fields(row.body), pos=pos, prev=head))
            sig = self._keys.sign(signed_bytes(self._source, hashed))
            changes.append({"id": row.id, "pos": pos, "leaf_hash": hashed, "prev": head, "sig": sig})
            rows.append(_Row(pos, row.event_id, row.type, row.body, row.sealed, head, sig))
            head = hashed
        return rows, changes

    def _publish(self, rows: Sequence[_Row]) -> None:
        assert self._state is not None
        epoch = self._state.epoch
        self._publisher.publish([to_message(row, source=self._source, epoch=epoch, kid=self._kid) for row in rows])

    def _may_lead(self) -> bool:
        if self._database.dialect == "sqlite":
            return True  # one process, one relay
        if self._leading is None:
            connection = self._database.engine.connect()
            if not connection.execute(select(func.pg_try_advisory_lock(_LEADERSHIP))).scalar():
                connection.close()
                return False
            connection.commit()
            self._leading, self._state = connection, None  # another one may have led meanwhile
        return True

    @contextmanager
    def _turn(self) -> Iterator[Connection]:
        """A transaction that only the leader can have: on PostgreSQL it runs on the connection that holds the lock."""
        if self._leading is None:
            with self._database.housekeeping() as connection:
                yield connection
            return
        try:
            with self._leading.begin():
                yield self._leading
        except DBAPIError:
            self.resign()
            raise

    def resign(self) -> None:
        """Let another relay lead."""
        leading, self._leading = self._leading, None
        if leading is not None:
            leading.invalidate()
            leading.close()

    def close(self) -> None:
        self._voice.shutdown()
        with suppress(DBAPIError):  # it would only be told once more
            self._write_down_what_was_told()
        self.resign()
        self._publisher.close()


_WAITING = (
    select(outbox.c.id, outbox.c.event_id, outbox.c.type, outbox.c.body, outbox.c.sealed)
    .where(outbox.c.pos.is_(None))
    .order_by(outbox.c.id)
    .limit(BATCH)
)
_NEW_STATE = update(relay_state).values(
    assigned=bindparam("assigned"), head_hash=bindparam("head_hash"), published=bindparam("published")
)


def read_messages(connection: Connection, keys: KeyRing, *, after: int, limit: int) -> tuple[State, list[Message]]:
    """Numbered events beyond a position, in order: what a feed tells again."""
    state, kid = state_of(connection), keys.kid(keys.service)
    rows = _read(connection, after=after, limit=limit)
    return state, [to_message(row, source=keys.service, epoch=state.epoch, kid=kid) for row in rows]


def _read(connection: Connection, *, after: int, limit: int) -> list[_Row]:
    found = connection.execute(
        select(
            outbox.c.pos, outbox.c.event_id, outbox.c.type, outbox.c.body, outbox.c.sealed, outbox.c.prev, outbox.c.sig
        )
        .where(outbox.c.pos > after)
        .order_by(outbox.c.pos)
        .limit(limit)
    )
    return [_Row(*row) for row in found]
