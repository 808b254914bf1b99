"""Who has a case open. Presence is advice that fades within a minute, not a reading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, String, Table, Uuid, delete, select

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


@dataclass(frozen=True, kw_only=True)
class Present:
    person: str
    doing: str
    seen_at: datetime


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
