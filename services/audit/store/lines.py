"""The index: which entries there are about something. It could be rebuilt from the entries."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from services.audit.domain.search import Search
from services.audit.store.log import Line
from services.audit.store.tables import case_head, event_index
from shared.db import Reading, Transaction
from shared.sql import insert_new


def remember_codes(tx: Transaction, codes: Mapping[UUID, str]) -> None:
    """Under which public code a petition is known."""
    rows = [{"subject": subject, "code": code.replace("-", "")[:32]} for subject, code in codes.items()]
    insert_new(tx.connection, case_head, rows)


def subject_of_code(tx: Reading, code: str) -> UUID | None:
    return tx.connection.execute(select(case_head.c.subject).where(case_head.c.code == code)).scalars().first()


def code_of_subject(tx: Reading, subject: UUID) -> str | None:
    return tx.connection.execute(select(case_head.c.code).where(case_head.c.subject == subject)).scalar()


def find_lines(
    tx: Reading, search: Search, *, limit: int, before: int | None = None, after: int | None = None
) -> list[Line]:
    """Entries that a search asks for, newest first: those right before or after a place, or the newest."""
    ask = _matching(tx, search)
    if ask is None:
        return []
    if after is not None:
        rows = tx.connection.execute(
            ask.where(event_index.c.idx > after).order_by(event_index.c.idx).limit(limit)
        ).all()
        return [Line(*row) for row in reversed(rows)]
    if before is not None:
        ask = ask.where(event_index.c.idx < before)
    rows = tx.connection.execute(ask.order_by(event_index.c.idx.desc()).limit(limit)).all()
    return [Line(*row) for row in rows]


def days_of(tx: Reading, search: Search, *, zone: str, limit: int = 50_000) -> dict[str, int]:
    """Local day (ISO) → how many of the newest `limit` entries that a search asks for fell on it."""
    ask = _matching(tx, search)
    if ask is None:
        return {}
    newest = ask.order_by(event_index.c.idx.desc()).limit(limit).subquery()
    if tx.connection.dialect.name == "postgresql":
        day = func.to_char(func.timezone(zone, newest.c.occurred_at), "YYYY-MM-DD")
    else:
        day = func.date(newest.c.occurred_at, "+7 hours")
    rows = tx.connection.execute(select(day, func.count()).group_by(day).order_by(day))
    return {row[0]: row[1] for row in rows}


def _matching(tx: Reading, search: Search) -> Select[Any] | None:
    """None when nothing can match."""
    ask, columns = select(event_index), event_index.c
    if search.subject:
        ask = ask.where(columns.subject == search.subject)
    if search.code:
        subject = subject_of_code(tx, search.code)
        if subject is None:
            return None
        ask = ask.where(columns.subject == subject)
    if search.types:
        patterns = [
            columns.type.like(name.replace("*", "%")) if "*" in name else columns.type == name for name in search.types
        ]
        ask = ask.where(_any(patterns))
    for name in search.without_types:
        ask = ask.where(columns.type.not_like(name.replace("*", "%")))
    if search.sources:
        ask = ask.where(columns.source.in_(search.sources))
    if search.actors:
        ask = ask.where(columns.actor.in_(search.actors))
    if search.units:
        ask = ask.where(columns.unit.in_(search.units))
    if search.since:
        ask = ask.where(columns.occurred_at >= search.since)
    if search.until:
        ask = ask.where(columns.occurred_at < search.until)
    return ask


def _any(conditions: Sequence[Any]) -> Any:
    first, *others = conditions
    for other in others:
        first = first | other
    return first


def line_at(tx: Reading, idx: int) -> Line | None:
    row = tx.connection.execute(select(event_index).where(event_index.c.idx == idx)).one_or_none()
    return Line(*row) if row else None


def line_of_event(tx: Reading, event_id: UUID) -> Line | None:
    """Where an event lies; the first one, should a source use an id twice."""
    row = tx.connection.execute(
        select(event_index).where(event_index.c.event_id == event_id).order_by(event_index.c.idx).limit(1)
    ).one_or_none()
    return Line(*row) if row else None


def life_of(tx: Reading, subject: UUID, *, limit: int = 500) -> list[Line]:
    """Everything about a petition, oldest first."""
    rows = tx.connection.execute(
        select(event_index).where(event_index.c.subject == subject).order_by(event_index.c.idx).limit(limit)
    )
    return [Line(*row) for row in rows]


def check_index(tx: Reading, low: int, high: int) -> Iterator[Line]:
    """Index rows low … high-1 in order, for comparing them with the entries."""
    rows = tx.connection.execute(
        select(event_index).where(event_index.c.idx >= low, event_index.c.idx < high).order_by(event_index.c.idx)
    )
    for row in rows:
        yield Line(*row)


def count_types(tx: Reading) -> list[str]:
    """The types of events that the log has, for the search's suggestions."""
    found: list[str] = []
    last = ""
    while True:  # a hop from type to type along the index, instead of a walk over all rows
        name = tx.connection.execute(select(func.min(event_index.c.type)).where(event_index.c.type > last)).scalar()
        if name is None:
            return found
        found.append(name)
        last = name
