"""What answers promised, and what became of it."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    select,
    text,
    update,
)

from services.workflow.domain.permission import Person
from services.workflow.domain.promise import Promise
from services.workflow.store.queue import visible_to
from services.workflow.store.tables import case_, metadata
from shared.db import Instant, Reading, Transaction

promise = Table(
    "promise",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("round", Integer, nullable=False),  # of the answer
    Column("what", Text, nullable=False),
    Column("promised_on", Date, nullable=False),
    Column("made_by", String(40), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("state", String(8), nullable=False),  # open, kept, broken, moved
    Column("checked_by", String(40)),
    Column("checked_at", Instant),
    Column("words", Text),
    Column("asked_at", Instant),
    Column("judged_at", Instant),
    Column("is_done", Boolean),
    Column("said", Text),
    Column("moved_from", Uuid),
    Column("next_step", String(8)),
    Column("next_step_at", Instant),
    Index("promise_case", "case_id"),
    Index(
        "promise_waiting",
        "promised_on",
        postgresql_where=text("state IN ('open', 'broken')"),
        sqlite_where=text("state IN ('open', 'broken')"),
    ),
    Index(
        "promise_next_step",
        "next_step_at",
        postgresql_where=text("next_step_at IS NOT NULL"),
        sqlite_where=text("next_step_at IS NOT NULL"),
    ),
)

AT_MOST = 200  # of a list


def add_promise(tx: Transaction, made: Promise) -> None:
    tx.connection.execute(promise.insert(), asdict(made))


def save_promise(tx: Transaction, kept: Promise) -> None:
    values = asdict(kept)
    tx.connection.execute(update(promise).where(promise.c.id == values.pop("id")).values(**values))


def promises_of(tx: Reading, case_id: UUID) -> list[Promise]:
    """All promises of a case, oldest first."""
    found = select(promise).where(promise.c.case_id == case_id).order_by(promise.c.made_at, promise.c.promised_on)
    return [_promise(row) for row in tx.connection.execute(found)]


def load_promise(tx: Transaction, promise_id: UUID) -> Promise | None:
    """The promise, held until the transaction ends."""
    row = tx.connection.execute(select(promise).where(promise.c.id == promise_id).with_for_update()).one_or_none()
    return None if row is None else _promise(row)


def due_promises(tx: Transaction, *, limit: int) -> list[tuple[UUID, UUID]]:
    """Ids of case and promise where the next step has come, the longest waiting first."""
    due = select(promise.c.case_id, promise.c.id).where(promise.c.next_step_at <= tx.now)
    return [(row.case_id, row.id) for row in tx.connection.execute(due.order_by(promise.c.next_step_at).limit(limit))]


def is_any_promise_due(tx: Reading) -> bool:
    """One probe of an index: the price of an idle sweep."""
    found = select(promise.c.id).where(promise.c.next_step_at <= tx.now).limit(1)
    return tx.connection.execute(found).first() is not None


def promises_seen_by(tx: Reading, person: Person) -> list[Promise]:
    """Promises that are open or broken, of the cases that a person may see: the nearest day first."""
    found = (
        select(promise)
        .join(case_, case_.c.id == promise.c.case_id)
        .where(promise.c.state.in_(["open", "broken"]), promise.c.round == case_.c.answer_round)
        .where(case_.c.answered_at.is_not(None), visible_to(person))
        .order_by(promise.c.promised_on, promise.c.id)
        .limit(AT_MOST)
    )
    return [_promise(row) for row in tx.connection.execute(found)]


def _promise(row: Any) -> Promise:
    return Promise(**row._mapping)
