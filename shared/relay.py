"""The relay: gives committed events their place in their source, chains and signs them, and hands them to the broker.

Numbering looks for rows without a place, never for ids beyond a cursor: ids are handed out before the commit, so late
commits would be skipped for ever.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import structlog
from sqlalchemy import Connection, func, select, update
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
        self._epoch: UUID | None = None
        self._numbered: list[_Row] = []  # numbered by us and not told yet: saves reading them again
        self._is_level = False  # whether everything that has a number is known to be told

    def once(self) -> int:
        """Number what waits and tell what is numbered. Returns how many events the broker confirmed."""
        if not self._may_lead():
            return 0
        told = 0
        while self._number() or not self._is_level:
            told += self._tell()
        return told

    def _number(self) -> bool:
        """Give what waits its place. False when nothing waits."""
        with self._turn() as connection:
            waiting = connection.execute(
                select(outbox.c.id, outbox.c.event_id, outbox.c.type, outbox.c.body, outbox.c.sealed)
                .where(outbox.c.pos.is_(None))
                .order_by(outbox.c.id)
                .limit(BATCH)
            ).all()
            if not waiting:
                return False
            state = state_of(connection)
            pos, head, changes, rows = state.assigned, state.head_hash, [], []
            for row in waiting:
                pos += 1
                hashed = leaf_hash(leaf_bytes(open_fields(row.body), pos=pos, prev=head))
                sig = self._keys.sign(signed_bytes(self._source, hashed))
                changes.append({"id": row.id, "pos": pos, "leaf_hash": hashed, "prev": head, "sig": sig})
                rows.append(_Row(pos, row.event_id, row.type, row.body, row.sealed, head, sig))
                head = hashed
            update_many(connection, outbox, "id", changes)
            connection.execute(update(relay_state).values(assigned=pos, head_hash=head))
        self._epoch, self._is_level = state.epoch, False
        self._numbered = rows if state.published == state.assigned else []
        return True

    def _tell(self) -> int:
        rows, self._numbered = self._numbered, []
        if not rows:
            with self._turn() as connection:
                state = state_of(connection)
                rows, self._epoch = _read(connection, after=state.published, limit=BATCH), state.epoch
        if not rows:
            self._is_level = True
            return 0
        assert self._epoch is not None
        self._publisher.publish(
            [to_message(row, source=self._source, epoch=self._epoch, kid=self._kid) for row in rows]
        )
        last = rows[-1].pos
        with self._turn() as connection:
            connection.execute(update(relay_state).values(published=last).where(relay_state.c.published < last))
        return len(rows)

    def _may_lead(self) -> bool:
        if self._database.dialect == "sqlite":
            return True  # one process, one relay
        if self._leading is None:
            connection = self._database.engine.connect()
            if not connection.execute(select(func.pg_try_advisory_lock(_LEADERSHIP))).scalar():
                connection.close()
                return False
            connection.commit()
            self._leading, self._numbered, self._is_level = connection, [], False  # another one may have led meanwhile
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
        self.resign()
        self._publisher.close()


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
