"""What other units were asked to contribute, and what they said. Their words stay at the desk."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, ForeignKey, Index, String, Table, Text, Uuid, select, text, update

from services.workflow.store.tables import case_, metadata
from shared.db import Instant, Reading, Transaction

support = Table(
    "support",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("unit", String(16), nullable=False),
    Column("question", Text, nullable=False),
    Column("asked_by", String(40), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("state", String(12), nullable=False),  # asked, given, handed_back, ended
    Column("words", Text),  # the contribution, or why it was handed back
    Column("answered_by", String(40)),
    Column("answered_at", Instant),
    Column("next_step", String(8)),  # soon, late
    Column("next_step_at", Instant),
    Index("support_case", "case_id"),
    Index("support_unit", "unit", "case_id"),
    Index(
        "support_next_step",
        "next_step_at",
        postgresql_where=text("next_step_at IS NOT NULL"),
        sqlite_where=text("next_step_at IS NOT NULL"),
    ),
)

ACTIVE = ("asked", "given")
"""While a contribution stands so, its unit sees the case."""


@dataclass(frozen=True, kw_only=True)
class Support:
    """A contribution that was asked for."""

    id: UUID
    case_id: UUID
    unit: str
    question: str
    asked_by: str
    asked_at: datetime
    due_on: date
    state: str = "asked"  # asked, given, handed_back, ended
    words: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    next_step: str | None = None
    next_step_at: datetime | None = None


def add_support(tx: Transaction, asked: Support) -> None:
    tx.connection.execute(support.insert(), vars(asked))


def supports_of(tx: Reading, case_id: UUID) -> list[Support]:
    """All that was asked of other units, oldest first."""
    found = select(support).where(support.c.case_id == case_id).order_by(support.c.id)
    return [Support(**row._mapping) for row in tx.connection.execute(found)]


def change_support(tx: Transaction, support_id: UUID, **values: Any) -> None:
    """What became of a contribution; once it is not only asked for, nobody is reminded of it."""
    if values.get("state", "asked") != "asked":
        values |= {"next_step": None, "next_step_at": None}
    tx.connection.execute(update(support).where(support.c.id == support_id).values(**values))


def end_supports(tx: Transaction, case_id: UUID, *, states: Collection[str] = ACTIVE) -> None:
    """The case is not theirs to see any more, or nothing is waited for."""
    mine = (support.c.case_id == case_id) & support.c.state.in_(states)
    tx.connection.execute(update(support).where(mine).values(state="ended", next_step=None, next_step_at=None))


def is_support_due(tx: Reading) -> bool:
    """One probe of an index, as for the ladder of cases."""
    return (
        tx.connection.execute(select(support.c.id).where(support.c.next_step_at <= tx.now).limit(1)).first() is not None
    )


def claim_supports(tx: Transaction, *, limit: int) -> list[Support]:
    """Contributions whose reminder has come; what another worker holds is left to it."""
    due = select(support).where(support.c.next_step_at <= tx.now).order_by(support.c.next_step_at).limit(limit)
    return [Support(**row._mapping) for row in tx.connection.execute(due.with_for_update(skip_locked=True))]


def is_supported_by(unit: str | None) -> Any:
    """That this unit was asked to contribute to a case and has not handed it back, as a condition."""
    return (
        select(support.c.id)
        .where(support.c.case_id == case_.c.id, support.c.unit == unit, support.c.state.in_(ACTIVE))
        .exists()
    )


def awaits_support_of(unit: str | None) -> Any:
    """That a contribution of this unit is waited for, as a condition."""
    return (
        select(support.c.id)
        .where(support.c.case_id == case_.c.id, support.c.unit == unit, support.c.state == "asked")
        .exists()
    )
