"""What is kept of petitions, cases, promises and notices as events tell of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, select

from services.insight.store.tables import case_fact, notice_fact, petition_fact, promise_fact
from shared.db import Reading, Transaction
from shared.sql import padded, upsert_many


def note_petitions(tx: Transaction, facts: Sequence[Mapping[str, Any]]) -> None:
    """Keep facts of petitions, whether or not others of them came first."""
    note_facts(tx, petition_fact, facts, at_first={"has_contact": False})


def keep_cases(tx: Transaction, cases: Sequence[Mapping[str, Any]]) -> None:
    """Keep cases as they were last opened. Those that were thrown out, or followed another one, count again."""
    upsert_many(tx.connection, case_fact, cases)
    tx.connection.execute(_COUNT_AGAIN, {"case_ids": padded([row["case_id"] for row in cases])})


def note_promises(tx: Transaction, facts: Sequence[Mapping[str, Any]]) -> None:
    """Keep facts of clocks, new or running. What was promised first stays."""
    at_first = {"pauses": 0, "extensions": 0, "apologies": 0, "is_rated": False}
    note_facts(tx, promise_fact, facts, at_first=at_first, keeping={"first_due_on"})


def note_notices(tx: Transaction, facts: Sequence[Mapping[str, Any]]) -> None:
    """Keep what became of messages that told an answer."""
    note_facts(tx, notice_fact, facts, at_first={"is_failed": False})


def note_facts(
    tx: Transaction,
    table: Table,
    facts: Sequence[Mapping[str, Any]],
    *,
    at_first: Mapping[str, Any],
    keeping: Collection[str] = (),
) -> None:
    """Keep facts of rows that all name the same columns; `at_first` says what else a new row needs."""
    if facts:
        stays = {*keeping, *(at_first.keys() - facts[0].keys())}
        upsert_many(tx.connection, table, [{**at_first, **row} for row in facts], keeping=stays)


_COUNT_AGAIN = (
    case_fact.update()
    .where(case_fact.c.case_id.in_(bindparam("case_ids", expanding=True)), case_fact.c.ending.in_(("spam", "linked")))
    .values(ending=None, ended_on=None)
)


@dataclass(frozen=True)
class Promise:
    """The running clock of a case, or its last one."""

    case_id: UUID
    round: int
    petition_id: UUID
    unit: str | None
    first_due_on: date | None
    due_on: date | None
    received_on: date


def promise_of(tx: Reading, case_id: UUID) -> Promise | None:
    """A case's latest clock; None when there is none."""
    return promises_of(tx, [case_id]).get(case_id)


def promises_of(tx: Reading, case_ids: Collection[UUID]) -> dict[UUID, Promise]:
    """The latest clock of each case that has one."""
    rows = tx.connection.execute(_PROMISES, {"case_ids": padded(case_ids)}) if case_ids else ()
    return {row.case_id: Promise(**row._mapping) for row in rows}


_PROMISES = (
    select(
        promise_fact.c.case_id,
        promise_fact.c.round,
        promise_fact.c.petition_id,
        promise_fact.c.unit,
        promise_fact.c.first_due_on,
        promise_fact.c.due_on,
        case_fact.c.received_on,
    )
    .join(case_fact, case_fact.c.case_id == promise_fact.c.case_id)
    .where(promise_fact.c.case_id.in_(bindparam("case_ids", expanding=True)))
    .order_by(promise_fact.c.round)
)


def change_promise(tx: Transaction, case_id: UUID, round: int, **changes: Any) -> None:
    tx.connection.execute(
        promise_fact.update().where(promise_fact.c.case_id == case_id, promise_fact.c.round == round).values(**changes)
    )


def count_up(tx: Transaction, case_id: UUID, round: int, name: str) -> None:
    """One pause, extension or apology more."""
    change_promise(tx, case_id, round, **{name: promise_fact.c[name] + 1})


def touch_case(tx: Transaction, case_id: UUID, *, heard_at: datetime) -> None:
    """Something was heard of a case: how fresh the figures are."""
    tx.connection.execute(
        case_fact.update()
        .where(case_fact.c.case_id == case_id, case_fact.c.heard_at < heard_at)
        .values(heard_at=heard_at)
    )


def end_case(tx: Transaction, case_id: UUID, *, ending: str, on: date) -> None:
    """How a case ended. What ended it first stays: closing an answered case changes no figure."""
    tx.connection.execute(
        case_fact.update()
        .where(case_fact.c.case_id == case_id, case_fact.c.ending.is_(None))
        .values(ending=ending, ended_on=on)
    )
