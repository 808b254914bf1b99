"""Who has a case open, and who is away. Presence is advice that fades within a minute, not a reading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, ForeignKey, Index, String, Table, Uuid, delete, select

from services.workflow.store.tables import case_, metadata
from shared.db import Instant, Reading, Transaction
from shared.sql import upsert_many

presence = Table(
    "presence",
    metadata,
    Column("case_id", Uuid, ForeignKey(case_.c.id), primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("doing", String(12), nullable=False),  # open, typing, drafting
    Column("seen_at", Instant, nullable=False),
    Index("presence_seen", "seen_at"),
)

staff_away = Table(
    "staff_away",  # who is away, from one day to another, both included
    metadata,
    Column("person", String(40), primary_key=True),
    Column("from_on", Date, primary_key=True),
    Column("until_on", Date, nullable=False),
    Column("noted_by", String(40), nullable=False),
    Column("noted_at", Instant, nullable=False),
)


@dataclass(frozen=True, kw_only=True)
class Present:
    person: str
    doing: str
    seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class Away:
    person: str
    from_on: date
    until_on: date


def be_present(tx: Transaction, case_id: UUID, person: str, *, doing: str) -> None:
    row = {"case_id": case_id, "person": person, "doing": doing, "seen_at": tx.now}
    upsert_many(tx.connection, presence, [row])


def forget_presence(tx: Transaction, *, before: datetime) -> None:
    """Rows of those who went away without a word."""
    tx.connection.execute(delete(presence).where(presence.c.seen_at < before))


def leave_case(tx: Transaction, case_id: UUID, person: str) -> None:
    tx.connection.execute(delete(presence).where(presence.c.case_id == case_id, presence.c.person == person))


def present_at(tx: Reading, case_id: UUID, *, since: datetime, but: Iterable[str]) -> list[Present]:
    """Who has the case open, apart from these people."""
    found = select(presence.c.person, presence.c.doing, presence.c.seen_at).where(
        presence.c.case_id == case_id, presence.c.seen_at > since, presence.c.person.not_in([*but])
    )
    rows: Sequence[Any] = tx.connection.execute(found.order_by(presence.c.person).limit(10)).all()
    return [Present(**row._mapping) for row in rows]


def away_on(tx: Reading, first: date, last: date | None = None) -> list[Away]:
    """Who is away on a day, or on any day until the last one."""
    away = select(staff_away.c.person, staff_away.c.from_on, staff_away.c.until_on).where(
        staff_away.c.from_on <= (last or first), staff_away.c.until_on >= first
    )
    return [Away(**row._mapping) for row in tx.connection.execute(away.order_by(staff_away.c.from_on))]


def note_away(tx: Transaction, away: Away, *, noted_by: str) -> None:
    row = {
        "person": away.person,
        "from_on": away.from_on,
        "until_on": away.until_on,
        "noted_by": noted_by,
        "noted_at": tx.now,
    }
    upsert_many(tx.connection, staff_away, [row])


def drop_away(tx: Transaction, person: str, from_on: date) -> None:
    tx.connection.execute(delete(staff_away).where(staff_away.c.person == person, staff_away.c.from_on == from_on))
