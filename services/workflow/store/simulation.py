"""Petitions as they were stored, to be sorted once more; and which of them somebody may see."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from services.workflow.domain.permission import Person
from services.workflow.domain.sorting import Petition
from services.workflow.store.queue import AWAITS, visible_to
from services.workflow.store.tables import case_, case_words
from shared.db import Reading


def petitions_since(tx: Reading, since: datetime, *, limit: int) -> list[tuple[UUID, Petition]]:
    """Ordinary cases received since then, the newest first, with what the sorting knew of them but the citizen's own
    choice.
    """
    words = [case_words.c[name] for name in ("text", "place", "position", "party", "name", "phone", "email", "address")]
    found = _ordinary_since(since, case_, *words).join(case_words, case_words.c.case_id == case_.c.id)
    rows = tx.connection.execute(found.order_by(case_.c.received_at.desc()).limit(limit))
    return [(row.id, _petition(row)) for row in rows]


def count_petitions_since(tx: Reading, since: datetime) -> int:
    return int(tx.connection.execute(_ordinary_since(since, func.count())).scalar_one())


def _ordinary_since(since: datetime, *columns: Any) -> Select[Any]:
    return select(*columns).select_from(case_).where(case_.c.kind_class == "ordinary", case_.c.received_at >= since)


def _petition(row: Any) -> Petition:
    north, _, east = (row.position or "").partition(",")
    return Petition(
        title=row.title or None,
        body=row.text,
        received_at=row.received_at,
        language=row.language,
        signature_status=row.signature_status,
        ward=row.ward,
        place=row.place,
        position=(float(north), float(east)) if east else None,
        party=row.party,
        name=row.name,
        phone=row.phone,
        email=row.email,
        address=row.address,
    )


def titles_of(tx: Reading, person: Person, case_ids: Collection[UUID]) -> Mapping[UUID, tuple[str, str]]:
    """Code and title of those of these cases that somebody may see."""
    found = select(case_.c.id, case_.c.code, case_.c.title).where(case_.c.id.in_(case_ids), visible_to(person))
    return {row.id: (row.code, row.title) for row in tx.connection.execute(found)}


# ---- due days in years whose calendar nobody confirmed


def count_due_days(tx: Reading) -> list[tuple[date, str, int]]:
    """Due days of open ordinary cases: the day, the unit, and how many cases."""
    found = (
        select(case_.c.answer_due_on, case_.c.unit, func.count().label("cases"))
        .where(AWAITS, case_.c.kind_class == "ordinary")
        .where(case_.c.answer_due_on.is_not(None))
        .group_by(case_.c.answer_due_on, case_.c.unit)
        .order_by(case_.c.answer_due_on, case_.c.unit)
    )
    return [(row.answer_due_on, row.unit, row.cases) for row in tx.connection.execute(found)]


def due_between(
    tx: Reading, person: Person, first: date, last: date, *, limit: int
) -> list[tuple[UUID, str, str, date]]:
    """Open cases due in these days that somebody may see, the earliest first: id, code, title, day."""
    found = (
        select(case_.c.id, case_.c.code, case_.c.title, case_.c.answer_due_on)
        .where(AWAITS, case_.c.answer_due_on.between(first, last))
        .where(visible_to(person))
        .order_by(case_.c.answer_due_on, case_.c.id)
        .limit(limit)
    )
    return [(row.id, row.code, row.title, row.answer_due_on) for row in tx.connection.execute(found)]
