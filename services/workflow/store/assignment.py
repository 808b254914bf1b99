"""The assignment matrix and the absences of each unit. Rows are added and ended, never deleted: they are history."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, Index, String, Table, Uuid, func, literal_column, or_, select, update

from services.workflow.domain.assignment import Absence, Duty, Matrix
from services.workflow.domain.case import Case
from services.workflow.domain.permission import Person
from services.workflow.domain.vocabulary import holds
from services.workflow.store.people import colleagues
from services.workflow.store.queue import AWAITS, Listed, counts_of, visible_to
from services.workflow.store.tables import case_, deadline, metadata
from shared.db import Instant, Reading, Transaction

account = metadata.tables["account"]

assignment_rule = Table(
    "assignment_rule",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("unit", String(16), nullable=False),
    Column("topic", String(16)),  # None: every topic
    Column("ward", String(40)),  # None: every ward
    Column("officer", String(40), nullable=False),
    Column("deputy", String(40)),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("made_by", String(40), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("ended_by", String(40)),
    Column("ended_at", Instant),
    Index("assignment_rule_unit", "unit"),
)

absence = Table(
    "absence",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person", String(40), nullable=False),
    Column("unit", String(16), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("deputy", String(40)),
    Column("made_by", String(40), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("ended_by", String(40)),
    Column("ended_at", Instant),
    Index("absence_unit", "unit", "valid_to"),
)

_DUTY = tuple(assignment_rule.c[name] for name in Duty.__dataclass_fields__)
_ABSENCE = tuple(absence.c[name] for name in Absence.__dataclass_fields__)


def duties_of(tx: Reading, units: Collection[str], *, since: date | None = None) -> list[Duty]:
    """Rows of the matrices of some units, ended ones too; with `since` only those that hold on that day or later."""
    found = select(*_DUTY).where(assignment_rule.c.unit.in_(units))
    if since is not None:
        found = found.where(or_(assignment_rule.c.valid_to.is_(None), assignment_rule.c.valid_to >= since))
    ordered = found.order_by(
        assignment_rule.c.unit, assignment_rule.c.topic, assignment_rule.c.ward, assignment_rule.c.valid_from
    )
    return [Duty(**row._mapping) for row in tx.connection.execute(ordered)]


def absences_of(tx: Reading, units: Collection[str], *, since: date) -> list[Absence]:
    """Absences in some units that are not over by that day, by their first."""
    found = select(*_ABSENCE).where(absence.c.unit.in_(units), absence.c.valid_to >= since)
    rows = tx.connection.execute(found.order_by(absence.c.valid_from, absence.c.id))
    return [Absence(**row._mapping) for row in rows]


def away_in(tx: Reading, units: Collection[str], *, day: date) -> dict[str, date]:
    """Who of some units is not there on a day, and until which day."""
    return {one.person: one.valid_to for one in absences_of(tx, units, since=day) if holds(one, day)}


def matrix_of(tx: Reading, units: Collection[str], *, day: date) -> Matrix:
    """What the units' matrices say on a day. Where no row holds, nothing else is asked for."""
    duties = duties_of(tx, units, since=day) if units else []
    return matrix_with(tx, duties, units, day=day) if duties else Matrix()


def matrix_with(tx: Reading, duties: list[Duty], units: Collection[str], *, day: date) -> Matrix:
    staff = {one.person: one for one in colleagues(tx) if one.unit in units}
    return Matrix(duties, absences_of(tx, units, since=day), staff)


def add_duty(tx: Transaction, duty: Duty, *, by: str) -> None:
    tx.connection.execute(assignment_rule.insert(), asdict(duty) | {"made_by": by, "made_at": tx.now})


def end_duty(tx: Transaction, duty_id: UUID, *, last: date, by: str) -> None:
    ended = {"valid_to": last, "ended_by": by, "ended_at": tx.now}
    tx.connection.execute(update(assignment_rule).where(assignment_rule.c.id == duty_id).values(**ended))


def duty_to_change(tx: Transaction, duty_id: UUID) -> Duty | None:
    row = tx.connection.execute(select(*_DUTY).where(assignment_rule.c.id == duty_id).with_for_update()).one_or_none()
    return None if row is None else Duty(**row._mapping)


def add_absence(tx: Transaction, new: Absence, *, by: str) -> None:
    tx.connection.execute(absence.insert(), asdict(new) | {"made_by": by, "made_at": tx.now})


def end_absence(tx: Transaction, absence_id: UUID, *, last: date, by: str) -> None:
    ended = {"valid_to": last, "ended_by": by, "ended_at": tx.now}
    tx.connection.execute(update(absence).where(absence.c.id == absence_id).values(**ended))


def absence_to_change(tx: Transaction, absence_id: UUID) -> Absence | None:
    row = tx.connection.execute(select(*_ABSENCE).where(absence.c.id == absence_id).with_for_update()).one_or_none()
    return None if row is None else Absence(**row._mapping)


# ---- what the head sees of it, always through `visible_to`


LOADED = 100
"""Whoever has so many open cases has enough: nobody is the less busy for having no more."""


def load_of(tx: Reading, person: Person, officers: Collection[str]) -> dict[str, int]:
    """How many open cases of their unit each officer has, of those the person may see, counted up to LOADED."""
    theirs = (
        select(literal_column("1").label("one"))
        .select_from(case_)
        .where(AWAITS, case_.c.officer == account.c.person, case_.c.unit == account.c.unit, visible_to(person))
        .limit(literal_column(str(LOADED)))
        .correlate(account)
        .subquery()
    )
    counted = select(account.c.person, select(func.count()).select_from(theirs).scalar_subquery())
    rows = tx.connection.execute(counted.where(account.c.person.in_(officers)))
    return {row[0]: row[1] for row in rows}


def late_to_assign(tx: Reading, cases: Iterable[Case]) -> set[UUID]:
    """Those of some cases that nobody was given in the time for it."""
    waiting = [case.id for case in cases if case.officer is None]
    if not waiting:
        return set()
    late = select(deadline.c.case_id).where(
        deadline.c.case_id.in_(waiting),
        deadline.c.step == "head_assigns_officer",
        deadline.c.state == "running",
        deadline.c.due_at <= tx.now,
    )
    return set(tx.connection.execute(late).scalars())


def count_left_behind(tx: Reading, person: Person, *, day: date) -> int:
    """How many open cases of a unit that the person may see are in the hands of somebody who is away."""
    away = select(absence.c.person).where(
        absence.c.unit == person.unit, absence.c.valid_from <= day, absence.c.valid_to >= day
    )
    behind = Listed().only(case_.c.officer.in_(away))
    return counts_of(tx, person, {"behind": behind})["behind"]


def left_behind(tx: Reading, person: Person, officers: Collection[str], *, limit: int = 200) -> dict[str, list[Any]]:
    """The open cases of some officers that the person may see, the most urgent first: id, version, code, title."""
    if not officers:
        return {}
    columns = (case_.c.officer, case_.c.id, case_.c.version, case_.c.code, case_.c.title, case_.c.answer_due_on)
    found = (
        select(*columns)
        .where(visible_to(person), AWAITS, case_.c.officer.in_(officers))
        .order_by(case_.c.queue_at, case_.c.id)
        .limit(limit)
    )
    rows: dict[str, list[Any]] = {}
    for row in tx.connection.execute(found):
        rows.setdefault(row.officer, []).append(row)
    return rows
