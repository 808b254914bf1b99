"""Remedies and checks: what is mended so that a fault does not come back, and how handling was looked at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, String, Table, Text, Uuid, exists, or_, select, update

from services.workflow.domain.permission import Person
from services.workflow.domain.remedy import CLOSED, OVERSEERS, Remedy
from services.workflow.store.queue import visible_to
from services.workflow.store.tables import case_, metadata
from shared.db import Instant, Reading, Transaction, insert_new

LISTED = 200
DRAWN_FROM = 2000  # cases of a month at most

remedy = Table(
    "remedy",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("what", Text, nullable=False),
    Column("unit", String(16), nullable=False),
    Column("owner", String(40), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("state", String(8), nullable=False),  # open, done, closed
    Column("opened_by", String(40), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("case_id", Uuid, ForeignKey("case_.id")),
    Column("check_id", Uuid),
    Column("evidence", Text),
    Column("done_by", String(40)),
    Column("done_at", Instant),
    Column("judged_by", String(40)),
    Column("judged_at", Instant),
    Column("words", Text),
    Column("procedure", String(24)),
    Column("review_on", Date),
    Index("remedy_review", "procedure", "review_on", unique=True),
    Index("remedy_list", "state", "due_on", "id"),
    Index("remedy_case", "case_id"),
)

inspection = Table(
    "inspection",  # CHECK is a word of SQL
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("checklist", String(24), nullable=False),
    Column("month", String(7), nullable=False),  # YYYY-MM
    Column("checked_by", String(40), nullable=False),
    Column("checked_at", Instant, nullable=False),
    Column("results", JSON, nullable=False),  # item → good, bad, none
    Column("words", Text),
    Index("inspection_once", "case_id", "month", unique=True),
    Index("inspection_month", "month"),
)

_NAMES = tuple(field.name for field in fields(Remedy))


def _remedy(row: Any) -> Remedy:
    return Remedy(**{name: row._mapping[name] for name in _NAMES})


def add_remedy(tx: Transaction, new: Remedy) -> None:
    tx.connection.execute(remedy.insert(), vars(new))


def add_review(tx: Transaction, new: Remedy) -> bool:
    """Keep the review of a procedure. False where that of this day was opened before."""
    return bool(insert_new(tx.connection, remedy, [vars(new)]))


def reviews_opened(tx: Reading, procedures: Iterable[str]) -> set[tuple[str, date]]:
    """Procedure and review day of the reviews that were opened."""
    found = select(remedy.c.procedure, remedy.c.review_on).where(remedy.c.procedure.in_(list(procedures)))
    return {(row.procedure, row.review_on) for row in tx.connection.execute(found)}


def reviews_of(tx: Reading, person: Person, procedure: str) -> list[Remedy]:
    """The reviews of a procedure, the newest first, of what the person may see."""
    found = select(remedy).where(remedy.c.procedure == procedure, shown_to(person))
    return [_remedy(row) for row in tx.connection.execute(found.order_by(remedy.c.opened_at.desc()))]


def save_remedy(tx: Transaction, changed: Remedy) -> None:
    values = {name: value for name, value in vars(changed).items() if name != "id"}
    tx.connection.execute(update(remedy).where(remedy.c.id == changed.id).values(**values))


def load_remedy(tx: Transaction, person: Person, remedy_id: UUID) -> Remedy | None:
    """A remedy that the person may see, held until the transaction ends."""
    found = select(remedy).where(remedy.c.id == remedy_id, shown_to(person)).with_for_update(of=remedy)
    row = tx.connection.execute(found).one_or_none()
    return None if row is None else _remedy(row)


def find_remedy(tx: Reading, person: Person, remedy_id: UUID) -> Remedy | None:
    row = tx.connection.execute(select(remedy).where(remedy.c.id == remedy_id, shown_to(person))).one_or_none()
    return None if row is None else _remedy(row)


def remedies_for(tx: Reading, person: Person, *, is_closed: bool = False) -> list[Remedy]:
    """Remedies of the person's unit, or of all for those who look over all: the next due first, closed ones newest."""
    order = (remedy.c.judged_at.desc(), remedy.c.id) if is_closed else (remedy.c.due_on, remedy.c.id)
    which = remedy.c.state == CLOSED if is_closed else remedy.c.state != CLOSED
    found = select(remedy).where(which, shown_to(person)).order_by(*order).limit(LISTED)
    return [_remedy(row) for row in tx.connection.execute(found)]


def remedies_of(tx: Reading, person: Person, case_id: UUID) -> list[Remedy]:
    """What a case gave rise to, oldest first, of what the person may see."""
    found = select(remedy).where(remedy.c.case_id == case_id, shown_to(person)).order_by(remedy.c.opened_at)
    return [_remedy(row) for row in tx.connection.execute(found)]


def shown_to(person: Person) -> Any:
    """Remedies of one's unit; of a case only to those who may see the case."""
    of_visible = exists().where(case_.c.id == remedy.c.case_id, visible_to(person))
    whose = True if person.role in OVERSEERS else or_(remedy.c.unit == person.unit, remedy.c.owner == person.person)
    return or_(remedy.c.case_id.is_(None), of_visible) & whose


# ---- checks


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """One case as it was looked at."""

    id: UUID
    case_id: UUID
    checklist: str
    month: str
    checked_by: str
    checked_at: datetime
    results: dict[str, str]
    words: str | None

    @property
    def bad(self) -> int:
        return sum(result == "bad" for result in self.results.values())


def add_inspection(tx: Transaction, done: Inspection) -> None:
    tx.connection.execute(inspection.insert(), vars(done))


def inspections_of(tx: Reading, person: Person, month: str) -> dict[UUID, Inspection]:
    """What was looked at from a month's sample, by case."""
    found = select(inspection).join(case_, case_.c.id == inspection.c.case_id)
    rows = tx.connection.execute(found.where(inspection.c.month == month, visible_to(person)))
    return {row.case_id: Inspection(**row._mapping) for row in rows}


def inspection_of(tx: Reading, case_id: UUID, month: str) -> Inspection | None:
    found = select(inspection).where(inspection.c.case_id == case_id, inspection.c.month == month)
    row = tx.connection.execute(found).one_or_none()
    return None if row is None else Inspection(**row._mapping)


def answered_between(
    tx: Reading, person: Person, kinds: Iterable[str], *, first: datetime, before: datetime
) -> Sequence[UUID]:
    """Cases of these kinds that were answered between two instants, of those the person may see."""
    found = (
        select(case_.c.id)
        .where(case_.c.kind.in_(list(kinds)), case_.c.answered_at >= first, case_.c.answered_at < before)
        .where(visible_to(person))
        .order_by(case_.c.answered_at, case_.c.id)
        .limit(DRAWN_FROM)
    )
    return tx.connection.execute(found).scalars().all()
