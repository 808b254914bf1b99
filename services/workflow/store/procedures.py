"""Which procedure a case is about, and dossiers of what would make procedures simpler."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text, Uuid, func, select, update

from services.workflow.domain.permission import Person
from services.workflow.domain.simplification import Dossier
from services.workflow.store.queue import visible_to
from services.workflow.store.tables import case_, metadata
from shared.db import Instant, Reading, Transaction
from shared.sql import upsert_many

case_procedure = Table(
    "case_procedure",
    metadata,
    Column("case_id", Uuid, ForeignKey("case_.id"), primary_key=True),
    Column("procedure", String(24), nullable=False),
    Column("named_by", String(40), nullable=False),
    Column("named_at", Instant, nullable=False),
    Index("case_procedure_named", "procedure"),
)

dossier = Table(
    "dossier",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("procedure", String(24), nullable=False),
    Column("procedure_version", Integer, nullable=False),
    Column("field", String(24), nullable=False),
    Column("unit", String(16), nullable=False),
    Column("what", Text, nullable=False),
    Column("cut_steps", Integer, nullable=False),
    Column("cut_papers", Integer, nullable=False),
    Column("cut_days", Integer, nullable=False),
    Column("state", String(12), nullable=False),  # draft, proposed, accepted, declined
    Column("opened_by", String(40), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("cases", Integer),
    Column("proposed_to", String(24)),
    Column("proposed_by", String(40)),
    Column("proposed_on", Date),
    Column("decided_by", String(40)),
    Column("decided_on", Date),
    Column("outcome", Text),
    Index("dossier_procedure", "procedure"),
)

LISTED = 200


# ---- which procedure a case is about


def name_procedure(tx: Transaction, case_id: UUID, procedure: str, *, by: str) -> None:
    row = {"case_id": case_id, "procedure": procedure, "named_by": by, "named_at": tx.now}
    upsert_many(tx.connection, case_procedure, [row])


def procedure_of(tx: Reading, case_id: UUID) -> str | None:
    found = select(case_procedure.c.procedure).where(case_procedure.c.case_id == case_id)
    return tx.connection.execute(found).scalar_one_or_none()


@dataclass(frozen=True)
class Concern:
    """Cases of one topic that name one procedure."""

    procedure: str
    topic: str | None
    count: int


def concerns(tx: Reading, person: Person) -> list[Concern]:
    """How many cases name each procedure, by topic, of those that the person may see; the most first."""
    counted = (
        select(case_procedure.c.procedure, case_.c.topic, func.count().label("count"))
        .join(case_, case_.c.id == case_procedure.c.case_id)
        .where(visible_to(person))
        .group_by(case_procedure.c.procedure, case_.c.topic)
    )
    found = [Concern(*row) for row in tx.connection.execute(counted)]
    return sorted(found, key=lambda one: (-one.count, one.procedure, one.topic or ""))


def sums_of(found: Iterable[Concern]) -> Counter[str]:
    """How many cases name each procedure."""
    sums: Counter[str] = Counter()
    for one in found:
        sums[one.procedure] += one.count
    return sums


def cases_about(
    tx: Reading, person: Person, *, procedure: str | None = None, topic: str = "", most: int = LISTED
) -> list[UUID]:
    """Cases of a procedure, or with None those of a topic that name none, the newest first; of those the person may
    see.
    """
    found = select(case_.c.id).outerjoin(case_procedure, case_procedure.c.case_id == case_.c.id)
    if procedure is None:
        found = found.where(case_procedure.c.procedure.is_(None))
    else:
        found = found.where(case_procedure.c.procedure == procedure)
    if topic:
        found = found.where(case_.c.topic == topic)
    found = found.where(visible_to(person)).order_by(case_.c.received_at.desc(), case_.c.id).limit(most)
    return list(tx.connection.execute(found).scalars())


# ---- dossiers

_NAMES = tuple(field.name for field in fields(Dossier))


def _dossier(row: Any) -> Dossier:
    return Dossier(**{name: row._mapping[name] for name in _NAMES})


def add_dossier(tx: Transaction, new: Dossier) -> None:
    tx.connection.execute(dossier.insert(), vars(new))


def save_dossier(tx: Transaction, changed: Dossier) -> None:
    values = {name: value for name, value in vars(changed).items() if name != "id"}
    tx.connection.execute(update(dossier).where(dossier.c.id == changed.id).values(**values))


def load_dossier(tx: Transaction, dossier_id: UUID) -> Dossier | None:
    """A dossier, held until the transaction ends. Everybody who works on cases reads them: they name no case."""
    row = tx.connection.execute(select(dossier).where(dossier.c.id == dossier_id).with_for_update()).one_or_none()
    return None if row is None else _dossier(row)


def find_dossier(tx: Reading, dossier_id: UUID) -> Dossier | None:
    row = tx.connection.execute(select(dossier).where(dossier.c.id == dossier_id)).one_or_none()
    return None if row is None else _dossier(row)


def dossiers(tx: Reading, *, procedure: str = "") -> list[Dossier]:
    """All dossiers, or those of one procedure, the newest first."""
    found = select(dossier).order_by(dossier.c.opened_at.desc(), dossier.c.id)
    if procedure:
        found = found.where(dossier.c.procedure == procedure)
    return [_dossier(row) for row in tx.connection.execute(found.limit(LISTED))]


def dossiers_of_year(tx: Reading, first: date, last: date) -> list[Dossier]:
    """The dossiers that stand in the list of a year: decided in it, or proposed in it and not decided yet."""
    day = func.coalesce(dossier.c.decided_on, dossier.c.proposed_on)
    found = select(dossier).where(day >= first, day <= last).order_by(dossier.c.field, dossier.c.procedure, day)
    return [_dossier(row) for row in tx.connection.execute(found)]
