"""What happens at the counter: petitions that staff wrote down for citizens, and answers that were handed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, Uuid, select

from services.workflow.domain.permission import Person
from services.workflow.store.queue import _ROW, Row, _row, visible_to
from services.workflow.store.tables import case_, case_words, metadata
from shared.db import Instant, Reading, Transaction, insert_new
from shared.ids import ordered_id

entry = Table(
    "counter_entry",  # who wrote a petition down for its citizen; it gives them no right to the case
    metadata,
    Column("petition_id", Uuid, primary_key=True),
    Column("person", String(40), nullable=False),
    Column("channel", String(16), nullable=False),  # counter, phone, letter
    Column("at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("late_ground", String(40)),
    Index("counter_entry_person", "person", "at"),
)

handover = Table(
    "handover",  # an answer on paper, given in person
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("given_to", String(16), nullable=False),  # petitioner, delegate
    Column("delegation", Text),  # which written authority a delegate showed
    Column("given_on", Date, nullable=False),
    Column("is_signed", Boolean, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Index("handover_case", "case_id"),
)


@dataclass(frozen=True, kw_only=True)
class Entered:
    """A petition that somebody wrote down for its citizen."""

    petition_id: UUID
    person: str
    channel: str
    at: datetime
    received_at: datetime
    late_ground: str | None


@dataclass(frozen=True, kw_only=True)
class Handover:
    """An answer that was given in person."""

    round: int
    given_to: str
    delegation: str | None
    given_on: date
    is_signed: bool
    actor: str
    at: datetime


def add_entered(tx: Transaction, entered: Sequence[Entered]) -> None:
    insert_new(tx.connection, entry, [vars(one) for one in entered])


def entered_of(tx: Reading, petition_id: UUID) -> Entered | None:
    """Who wrote this petition down, and when; None when its citizen did."""
    row = tx.connection.execute(select(entry).where(entry.c.petition_id == petition_id)).one_or_none()
    return None if row is None else Entered(**row._mapping)


def entered_by(tx: Reading, person: Person, *, since: datetime) -> list[tuple[Entered, list[Row]]]:
    """What this person wrote down since then, newest first, with those of its cases that they may see."""
    found = select(entry).where(entry.c.person == person.person, entry.c.at >= since).order_by(entry.c.at.desc())
    mine = [Entered(**row._mapping) for row in tx.connection.execute(found.limit(100))]
    cases: dict[UUID, list[Row]] = {}
    for row in tx.connection.execute(_rows([one.petition_id for one in mine], person)):
        cases.setdefault(row.petition_id, []).append(_row(row))
    return [(one, cases.get(one.petition_id, [])) for one in mine]


def _rows(petitions: Sequence[UUID], person: Person) -> Any:
    found = select(*_ROW).join(case_words, case_words.c.case_id == case_.c.id)
    return found.where(case_.c.petition_id.in_(petitions), visible_to(person)).order_by(case_.c.id)


def add_handover(tx: Transaction, case_id: UUID, given: Handover) -> None:
    tx.connection.execute(handover.insert(), {"id": ordered_id(), "case_id": case_id} | vars(given))


def handovers_of(tx: Reading, case_id: UUID) -> list[Handover]:
    """Oldest first."""
    found = select(handover).where(handover.c.case_id == case_id).order_by(handover.c.id)
    return [
        Handover(**{name: value for name, value in row._mapping.items() if name not in {"id", "case_id"}})
        for row in tx.connection.execute(found)
    ]
