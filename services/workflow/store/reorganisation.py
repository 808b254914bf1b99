"""Reorganisations, how far each is carried out, and the cases that still stand where they no longer belong."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import JSON, Column, Date, Integer, Select, Table, Uuid, exists, func, select, union, update

from services.workflow.domain.case import Case
from services.workflow.domain.reorganisation import Plan
from services.workflow.store.cases import _COLUMNS, _case, exclude
from services.workflow.store.tables import case_, case_excluded, metadata
from shared.db import Instant, Reading, Transaction
from shared.ids import ordered_id

reorganisation = Table(
    "reorganisation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("on_day", Date, nullable=False),
    Column("plan", JSON, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("moved", Integer, nullable=False),  # open cases that changed their unit so far
    Column("done_at", Instant),
)


@dataclass(frozen=True, kw_only=True)
class Reorganisation:
    id: UUID
    on_day: date
    plan: Plan
    moved: int
    done_at: datetime | None


_COLUMNS_OF = [reorganisation.c[name] for name in Reorganisation.__dataclass_fields__]


def reorganisations(tx: Reading, *, due_by: date | None = None) -> list[Reorganisation]:
    """All of them, the newest first; with `due_by` those whose day has come and that are not carried out."""
    found = select(*_COLUMNS_OF).order_by(reorganisation.c.on_day.desc(), reorganisation.c.id.desc())
    if due_by is not None:
        found = found.where(reorganisation.c.done_at.is_(None), reorganisation.c.on_day <= due_by)
    return [
        Reorganisation(**dict(row._mapping) | {"plan": msgspec.convert(row.plan, Plan)})
        for row in tx.connection.execute(found)
    ]


def add_reorganisation(tx: Transaction, plan: Plan, on: date) -> Reorganisation:
    """Keep a plan until it is carried out. The same plan for the same day is the same reorganisation."""
    for known in reorganisations(tx):
        if (known.plan, known.on_day) == (plan, on):
            return known
    row = {"id": ordered_id(), "on_day": on, "plan": msgspec.to_builtins(plan), "made_at": tx.now, "moved": 0}
    tx.connection.execute(reorganisation.insert(), row)
    return Reorganisation(id=row["id"], on_day=on, plan=plan, moved=0, done_at=None)


def note_moved(tx: Transaction, reorganisation_id: UUID, count: int, *, is_done: bool) -> None:
    counted = {"moved": reorganisation.c.moved + count} | ({"done_at": tx.now} if is_done else {})
    tx.connection.execute(update(reorganisation).where(reorganisation.c.id == reorganisation_id).values(**counted))


def to_be_moved(tx: Transaction, heirs: Mapping[str, str], *, limit: int) -> list[Case]:
    """Cases that stand in closed units and are open, and all, ended ones too, that are about a closed unit whose heir
    is not shut out yet; held until the transaction ends.
    """
    lists: list[Select[Any]] = []
    for unit, heir in heirs.items():
        too = case_excluded.alias("too")
        is_shut_out = exists().where(too.c.case_id == case_excluded.c.case_id, too.c.who == heir)
        lists += [
            select(case_.c.id).where(~case_.c.is_ended, case_.c.unit == unit).order_by(case_.c.id),
            select(case_excluded.c.case_id.label("id"))
            .where(case_excluded.c.who == unit, ~is_shut_out)
            .order_by(case_excluded.c.case_id),
        ]
    if not lists:
        return []
    ids = union(*(select(one.limit(limit).subquery()) for one in lists)).subquery()  # each read in order, no further
    found = select(*_COLUMNS).where(case_.c.id.in_(select(ids.c.id))).order_by(case_.c.id).limit(limit)
    return [_case(row) for row in tx.connection.execute(found.with_for_update(of=case_))]


def widen_exclusion(tx: Transaction, case: Case) -> None:
    """Shut out more than before, also of a case that has ended: whoever may not see it, may not see it later."""
    exclude(tx, case.id, case.excluded)
    tx.connection.execute(update(case_).where(case_.c.id == case.id).values(excluded=sorted(case.excluded)))


def count_ordinary(tx: Reading, units: Collection[str]) -> dict[str, int]:
    """How many open ordinary cases stand in each unit, for the plan of who reads no case."""
    counted = select(case_.c.unit, func.count()).where(
        ~case_.c.is_ended, case_.c.kind_class == "ordinary", case_.c.unit.in_(list(units))
    )
    rows = tx.connection.execute(counted.group_by(case_.c.unit))
    return {row[0]: row[1] for row in rows}
