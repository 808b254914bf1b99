"""Wishes of citizens to look again at what was answered, and what was decided."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    select,
    text,
    update,
)

from services.workflow.domain.permission import Person
from services.workflow.store.queue import visible_to
from services.workflow.store.tables import case_, metadata
from shared.db import Instant, Reading, Transaction
from shared.ids import ordered_id

reopening = Table(
    "reopening",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("petition_id", Uuid, nullable=False),  # of who asked: perhaps of a case that follows this one
    Column("round", Integer, nullable=False),  # of the answer that did not solve it
    Column("reason", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("state", String(8), nullable=False),  # asked, granted, refused
    Column("decided_by", String(40)),
    Column("decided_at", Instant),
    Column("words", Text),  # why it was refused
    UniqueConstraint("petition_id", "round", name="reopening_once"),
    Index("reopening_case", "case_id"),
    Index(
        "reopening_waiting", "asked_at", postgresql_where=text("state = 'asked'"), sqlite_where=text("state = 'asked'")
    ),
)

AT_MOST = 200  # of a list


@dataclass(frozen=True, kw_only=True)
class Reopening:
    """A citizen's wish to look again."""

    id: UUID
    case_id: UUID
    petition_id: UUID
    round: int
    reason: str
    asked_at: datetime
    state: str = "asked"
    decided_by: str | None = None
    decided_at: datetime | None = None
    words: str | None = None


def add_reopening(tx: Transaction, *, case_id: UUID, petition_id: UUID, round: int, reason: str) -> bool:
    """Keep a wish. False when this citizen asked for the same answer before."""
    asked = Reopening(
        id=ordered_id(), case_id=case_id, petition_id=petition_id, round=round, reason=reason, asked_at=tx.now
    )
    before = select(reopening.c.id).where(reopening.c.petition_id == petition_id, reopening.c.round == round)
    if tx.connection.execute(before).first() is not None:
        return False
    tx.connection.execute(reopening.insert(), asdict(asked))
    return True


def reopenings_of(tx: Reading, case_id: UUID) -> list[Reopening]:
    """All wishes about a case, oldest first."""
    found = select(reopening).where(reopening.c.case_id == case_id).order_by(reopening.c.id)
    return [_reopening(row) for row in tx.connection.execute(found)]


def open_reopenings(tx: Reading, case_id: UUID) -> list[Reopening]:
    """The wishes that nobody has decided yet."""
    return [one for one in reopenings_of(tx, case_id) if one.state == "asked"]


def decide_reopenings(tx: Transaction, case_id: UUID, *, state: str, by: str, words: str | None = None) -> None:
    """Decide all open wishes about a case at once."""
    done = update(reopening).where(reopening.c.case_id == case_id, reopening.c.state == "asked")
    tx.connection.execute(done.values(state=state, decided_by=by, decided_at=tx.now, words=words))


def reopenings_seen_by(tx: Reading, person: Person) -> list[Reopening]:
    """Open wishes about the cases that a person may see, the oldest first."""
    found = (
        select(reopening)
        .join(case_, case_.c.id == reopening.c.case_id)
        .where(reopening.c.state == "asked", visible_to(person))
        .order_by(reopening.c.asked_at, reopening.c.id)
        .limit(AT_MOST)
    )
    return [_reopening(row) for row in tx.connection.execute(found)]


def count_wishes(tx: Reading, person: Person) -> int:
    """How many open wishes there are about the cases that a person may see."""
    found = select(func.count()).select_from(reopening.join(case_, case_.c.id == reopening.c.case_id))
    return int(tx.connection.execute(found.where(reopening.c.state == "asked", visible_to(person))).scalar_one())


def _reopening(row: Any) -> Reopening:
    return Reopening(**row._mapping)
