"""What was filed in a citizen's stead."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ForeignKey,
    LargeBinary,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from services.intake.store.tables import metadata
from shared.db import Instant, Reading, Transaction, insert_new

counter_session = Table(
    "counter_session",  # an officer who files for a citizen; its pass opens nothing a second time
    metadata,
    Column("id_hash", LargeBinary, primary_key=True),
    Column("nonce", String(40), nullable=False, unique=True),
    Column("person", String(40), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("once", String(120)),  # the idempotency key of the petition that was filed in it
)

entered = Table(
    "entered",  # who wrote a petition down for its citizen, and when; the petition knows when it came
    metadata,
    Column("petition_id", ForeignKey("petition.id"), primary_key=True),
    Column("person", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("late_ground", String(40)),
)

switched_off = Table(
    "switched_off",  # members of staff whose accounts are off, as the desk told
    metadata,
    Column("person", String(40), primary_key=True),
)


def add_counter(tx: Transaction, opened: Mapping[str, Any], *, nonce: str) -> bool:
    """Keep a session. False when its pass was used before. Sessions that are over are forgotten."""
    tx.connection.execute(delete(counter_session).where(counter_session.c.expires_at <= tx.now))
    return bool(insert_new(tx.connection, counter_session, [{**opened, "nonce": nonce}]))


def counter_row(tx: Reading, id_hash: bytes) -> Mapping[str, Any] | None:
    """A session that is not over: id_hash, person, channel, expires_at, once."""
    known = (counter_session.c[name] for name in ("id_hash", "person", "channel", "expires_at", "once"))
    found = select(*known).where(counter_session.c.id_hash == id_hash, counter_session.c.expires_at > tx.now)
    row = tx.connection.execute(found).one_or_none()
    return None if row is None else dict(row._mapping)


def close_counter(tx: Transaction, id_hash: bytes, *, once: str) -> bool:
    """Keep what was filed in this session. False when something was before."""
    free = (counter_session.c.id_hash == id_hash) & counter_session.c.once.is_(None)
    return tx.connection.execute(update(counter_session).where(free).values(once=once)).rowcount == 1


def end_counter(tx: Transaction, id_hash: bytes) -> None:
    """The session is over now. Its row stays until its pass has expired, so that the pass opens nothing again."""
    tx.connection.execute(
        update(counter_session).where(counter_session.c.id_hash == id_hash).values(id_hash=b"over:" + id_hash)
    )


def add_entered(tx: Transaction, petition_id: UUID, *, person: str, late_ground: str | None) -> None:
    row = {"petition_id": petition_id, "person": person, "at": tx.now, "late_ground": late_ground}
    tx.connection.execute(insert(entered), row)


def entered_at(tx: Reading, petition_id: UUID) -> datetime | None:
    """When it was written down for its citizen; None when they did it themselves."""
    found = select(entered.c.at).where(entered.c.petition_id == petition_id)
    return tx.connection.execute(found).scalar_one_or_none()


def switch_person(tx: Transaction, person: str, *, is_active: bool) -> None:
    """Keep whether an account of staff is switched off."""
    tx.connection.execute(delete(switched_off).where(switched_off.c.person == person))
    if not is_active:
        tx.connection.execute(insert(switched_off), {"person": person})


def is_switched_off(tx: Reading, person: str) -> bool:
    found = select(switched_off.c.person).where(switched_off.c.person == person)
    return tx.connection.execute(found).first() is not None
