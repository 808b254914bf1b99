"""Wishes of petitioners to take their petition back, and what was decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from services.workflow.domain.permission import Person
from services.workflow.store.queue import visible_to
from services.workflow.store.tables import case_, withdrawal
from shared.db import Reading, Transaction
from shared.sql import upsert_many

AT_MOST = 200  # of a list


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """A petitioner wants to take it back."""

    case_id: UUID
    reason: str | None
    asked_at: datetime
    state: str
    decided_by: str | None = None
    decided_at: datetime | None = None


def ask_withdrawal(tx: Transaction, case_id: UUID, *, reason: str | None) -> None:
    """Keep the wish, in the place of one that was declined before."""
    row = {"case_id": case_id, "reason": reason, "asked_at": tx.now, "state": "asked"}
    upsert_many(tx.connection, withdrawal, [row | {"decided_by": None, "decided_at": None}])


def withdrawal_of(tx: Reading, case_id: UUID) -> Withdrawal | None:
    row = tx.connection.execute(select(withdrawal).where(withdrawal.c.case_id == case_id)).first()
    return None if row is None else _withdrawal(row)


def decide_withdrawal(tx: Transaction, case_id: UUID, *, state: str, by: str) -> None:
    """Decide the wish about a case, where there is one that waits."""
    done = update(withdrawal).where(withdrawal.c.case_id == case_id, withdrawal.c.state == "asked")
    tx.connection.execute(done.values(state=state, decided_by=by, decided_at=tx.now))


def withdrawals_seen_by(tx: Reading, person: Person) -> list[Withdrawal]:
    """Wishes that wait, about the cases that a person may see, the oldest first."""
    found = (
        select(withdrawal)
        .join(case_, case_.c.id == withdrawal.c.case_id)
        .where(withdrawal.c.state == "asked", visible_to(person))
        .order_by(withdrawal.c.asked_at, withdrawal.c.case_id)
        .limit(AT_MOST)
    )
    return [_withdrawal(row) for row in tx.connection.execute(found)]


def _withdrawal(row: Any) -> Withdrawal:
    return Withdrawal(**row._mapping)
