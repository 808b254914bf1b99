"""Urgings: what the office or the director urged a unit to, until when, and what the unit said."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, ForeignKey, Index, String, Table, Text, Uuid, select, text, update

from services.workflow.domain.permission import Person
from services.workflow.store.queue import visible_to
from services.workflow.store.tables import case_, metadata
from shared.db import Instant, Reading, Transaction

urge = Table(
    "urge",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("batch_id", Uuid, nullable=False),  # the same for all cases that were urged in one go
    Column("unit", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("urged_by", String(40), nullable=False),
    Column("urged_at", Instant, nullable=False),
    Column("answer_by", Date, nullable=False),
    Column("state", String(12), nullable=False),  # asked, answered, ended
    Column("answer", Text),
    Column("answered_by", String(40)),
    Column("answered_at", Instant),
    Column("next_step_at", Instant),
    Index("urge_case", "case_id"),
    Index("urge_asked", "case_id", postgresql_where=text("state = 'asked'"), sqlite_where=text("state = 'asked'")),
    Index(
        "urge_next_step",
        "next_step_at",
        postgresql_where=text("next_step_at IS NOT NULL"),
        sqlite_where=text("next_step_at IS NOT NULL"),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Urge:
    """A unit was urged about a case."""

    id: UUID
    case_id: UUID
    batch_id: UUID
    unit: str
    reason: str
    urged_by: str
    urged_at: datetime
    answer_by: date
    state: str = "asked"  # asked, answered, ended
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    next_step_at: datetime | None = None


@dataclass(frozen=True)
class Urging:
    """An urging that waits, as a list shows it."""

    case_id: UUID
    code: str
    urge: Urge


def add_urge(tx: Transaction, asked: Urge) -> None:
    tx.connection.execute(urge.insert(), vars(asked))


def urges_of(tx: Reading, case_id: UUID) -> list[Urge]:
    """The urgings of a case, newest first."""
    found = select(urge).where(urge.c.case_id == case_id).order_by(urge.c.id.desc())
    return [Urge(**row._mapping) for row in tx.connection.execute(found)]


def open_urges(tx: Reading, person: Person, *, limit: int = 20) -> list[Urging]:
    """What this person's unit has still to answer, the nearest day first, of the cases that they may see."""
    found = (
        select(urge, case_.c.code)
        .join(case_, case_.c.id == urge.c.case_id)
        .where(case_.c.unit == person.unit, urge.c.state == "asked", ~case_.c.is_ended, visible_to(person))
        .order_by(urge.c.answer_by, urge.c.id)
        .limit(limit)
    )
    names = Urge.__dataclass_fields__
    return [
        Urging(row.case_id, row.code, Urge(**{name: row._mapping[name] for name in names}))
        for row in tx.connection.execute(found)
    ]


def change_urge(tx: Transaction, urge_id: UUID, **values: Any) -> None:
    """What became of an urging."""
    tx.connection.execute(update(urge).where(urge.c.id == urge_id).values(**values))


def overdue_cases_of(tx: Reading, person: Person, unit: str, *, limit: int) -> list[UUID]:
    """A unit's cases whose answer is late, of those that the person may see: the longest waiting first."""
    late = (case_.c.unit == unit) & ~case_.c.is_ended & case_.c.answered_at.is_(None) & (case_.c.queue_at <= tx.now)
    found = select(case_.c.id).where(late, visible_to(person)).order_by(case_.c.queue_at, case_.c.id).limit(limit)
    return list(tx.connection.execute(found).scalars())


def is_urge_due(tx: Reading) -> bool:
    return tx.connection.execute(select(urge.c.id).where(urge.c.next_step_at <= tx.now).limit(1)).first() is not None


def claim_urges(tx: Transaction, *, limit: int) -> list[Urge]:
    """Urgings whose day has passed; what another worker holds is left to it."""
    due = select(urge).where(urge.c.next_step_at <= tx.now).order_by(urge.c.next_step_at).limit(limit)
    return [Urge(**row._mapping) for row in tx.connection.execute(due.with_for_update(skip_locked=True))]
