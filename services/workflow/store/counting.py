"""By which days and hours the clocks of each case were counted last: what a new calendar has yet to move."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Select,
    String,
    Table,
    Uuid,
    delete,
    exists,
    or_,
    select,
    update,
)

from services.workflow.domain.case import Case
from services.workflow.domain.deadline import Deadline
from services.workflow.store.cases import _COLUMNS, _case
from services.workflow.store.tables import case_, deadline, metadata
from shared.db import Reading, Transaction
from shared.sql import insert_rows

case_counted = Table(
    "case_counted",  # by which calendar and ladder the clocks of a case were counted last
    metadata,
    Column("case_id", Uuid, ForeignKey("case_.id"), primary_key=True),
    Column("counted_by", String(64), nullable=False),
)


def note_counted(tx: Transaction, case_ids: Collection[UUID], counted_by: str) -> None:
    """Cases whose clocks were just started by these days and hours."""
    insert_rows(tx.connection, case_counted, [{"case_id": case_id, "counted_by": counted_by} for case_id in case_ids])


def note_recounted(tx: Transaction, case_ids: Sequence[UUID], counted_by: str) -> None:
    """Cases whose clocks were counted anew."""
    tx.connection.execute(delete(case_counted).where(case_counted.c.case_id.in_(case_ids)))
    note_counted(tx, case_ids, counted_by)


def cases_counted_otherwise(tx: Transaction, counted_by: str, *, after: UUID | None = None, limit: int) -> list[Case]:
    """Open cases that were counted by other days and hours than these, in the order of their ids; held until the
    transaction ends. Those that another worker holds are left to it.
    """
    found = _counted_otherwise(_COLUMNS, counted_by, after=after).limit(limit)
    return [_case(row) for row in tx.connection.execute(found.with_for_update(of=case_, skip_locked=True))]


def is_any_counted_otherwise(tx: Reading, counted_by: str, *, after: UUID | None = None) -> bool:
    """Whether an open case, behind this id, was counted by other days and hours than these."""
    found = _counted_otherwise([case_.c.id], counted_by, after=after).limit(1)
    return tx.connection.execute(found).first() is not None


def _counted_otherwise(columns: Sequence[ColumnElement[Any]], counted_by: str, *, after: UUID | None) -> Select[Any]:
    is_other = or_(case_counted.c.counted_by.is_(None), case_counted.c.counted_by != counted_by)
    joined = case_.outerjoin(case_counted, case_counted.c.case_id == case_.c.id)
    found = select(*columns).select_from(joined).where(~case_.c.is_ended, is_other).order_by(case_.c.id)
    return found if after is None else found.where(case_.c.id > after)


def clocks_of(tx: Reading, case_ids: Collection[UUID]) -> dict[UUID, dict[UUID, Deadline]]:
    """The clocks of some cases, by case and by their ids."""
    found = select(deadline.c.id, deadline.c.case_id, deadline.c.body).where(deadline.c.case_id.in_(case_ids))
    clocks: dict[UUID, dict[UUID, Deadline]] = {case_id: {} for case_id in case_ids}
    for row in tx.connection.execute(found.order_by(deadline.c.id)):
        clocks[row.case_id][row.id] = msgspec.convert(row.body, Deadline)
    return clocks


def keep_next_step(tx: Transaction, case: Case) -> None:
    """Keep when the next rung of a held case comes. No new version: nobody was told anything."""
    values = {"next_step": case.next_step, "next_step_at": case.next_step_at}
    tx.connection.execute(update(case_).where(case_.c.id == case.id).values(**values))


def without_own_clocks(tx: Transaction, lead_id: UUID) -> list[Case]:
    """Cases that follow this one, or that are proposed as the same matter, by its clocks; held."""
    has_own = exists().where(deadline.c.case_id == case_.c.id)
    found = select(*_COLUMNS).where(case_.c.linked_to == lead_id, case_.c.answered_at.is_(None), ~has_own)
    return [_case(row) for row in tx.connection.execute(found.order_by(case_.c.id).with_for_update())]
