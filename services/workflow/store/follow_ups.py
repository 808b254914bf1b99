"""Answers that somebody was not satisfied with: what waits for the head of the unit that answered. Who judged, how and
in which words is not kept here: the desk is not told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    false,
    func,
    or_,
    select,
    text,
    true,
    update,
)

from services.workflow.domain.permission import Person
from services.workflow.store.queue import visible_to
from services.workflow.store.tables import case_, metadata
from shared.db import Instant, Reading, Transaction
from shared.ids import ordered_id
from shared.sql import insert_new

follow_up = Table(
    "follow_up",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("round", Integer, nullable=False),  # of the answer
    Column("unit", String(16), nullable=False),  # that answered
    Column("written_by", String(40)),  # who wrote the answer: it is not theirs to follow up, whoever has the case now
    Column("opened_at", Instant, nullable=False),
    Column("state", String(8), nullable=False),  # open, done, joined (a wish to look again takes its place), reopened
    Column("closed_by", String(40)),
    Column("closed_at", Instant),
    Column("words", Text),  # what was done
    UniqueConstraint("case_id", "round", name="follow_up_once"),
    Index("follow_up_open", "opened_at", postgresql_where=text("state = 'open'"), sqlite_where=text("state = 'open'")),
    Index("follow_up_unit", "unit", "opened_at"),
)

AT_MOST = 200  # of a list


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """An answer that somebody was not satisfied with, and what the head did."""

    id: UUID
    case_id: UUID
    round: int
    unit: str
    opened_at: datetime
    written_by: str | None = None
    state: str = "open"
    closed_by: str | None = None
    closed_at: datetime | None = None
    words: str | None = None


def open_follow_up(tx: Transaction, *, case_id: UUID, round: int, unit: str, written_by: str | None = None) -> bool:
    """Keep that an answer has to be looked at. False when it is looked at already, or was."""
    new = FollowUp(id=ordered_id(), case_id=case_id, round=round, unit=unit, opened_at=tx.now, written_by=written_by)
    return insert_new(tx.connection, follow_up, [vars(new)]) > 0


def follow_ups_of(tx: Reading, case_id: UUID) -> list[FollowUp]:
    """All of a case, oldest first."""
    found = select(follow_up).where(follow_up.c.case_id == case_id).order_by(follow_up.c.round)
    return [_follow_up(row) for row in tx.connection.execute(found)]


def close_follow_ups(tx: Transaction, case_id: UUID, *, state: str, by: str, words: str | None = None) -> bool:
    """End what waits about a case. False when nothing did."""
    done = update(follow_up).where(follow_up.c.case_id == case_id, follow_up.c.state == "open")
    closed = tx.connection.execute(done.values(state=state, closed_by=by, closed_at=tx.now, words=words))
    return closed.rowcount > 0


def follow_ups_seen_by(tx: Reading, person: Person) -> list[FollowUp]:
    """What waits for this person, the oldest first."""
    found = (
        select(follow_up)
        .join(case_, case_.c.id == follow_up.c.case_id)
        .where(follow_up.c.state == "open", _is_shown_to(person))
        .order_by(follow_up.c.opened_at, follow_up.c.id)
        .limit(AT_MOST)
    )
    return [_follow_up(row) for row in tx.connection.execute(found)]


def count_follow_ups(tx: Reading, person: Person) -> int:
    """How much waits for this person."""
    found = select(func.count()).select_from(follow_up.join(case_, case_.c.id == follow_up.c.case_id))
    return int(tx.connection.execute(found.where(follow_up.c.state == "open", _is_shown_to(person))).scalar_one())


def follow_ups_within(tx: Reading, person: Person, unit: str, *, first: datetime, before: datetime) -> dict[str, int]:
    """How many of a unit's answers somebody was not satisfied with in a span, by state."""
    found = (
        select(follow_up.c.state, func.count())
        .join(case_, case_.c.id == follow_up.c.case_id)
        .where(follow_up.c.unit == unit, follow_up.c.opened_at >= first, follow_up.c.opened_at < before)
        .where(_is_shown_to(person))
        .group_by(follow_up.c.state)
    )
    return {row[0]: int(row[1]) for row in tx.connection.execute(found)}


def _is_shown_to(person: Person) -> ColumnElement[bool]:
    """`may(…, "follow_up", …)` as SQL: the head of the unit and the director, neither who has the case nor who wrote
    the answer."""
    is_near = true() if person.role == "director" else case_.c.unit == person.unit
    is_other = or_(case_.c.officer.is_(None), case_.c.officer != person.person)
    is_others = or_(follow_up.c.written_by.is_(None), follow_up.c.written_by != person.person)
    return and_(visible_to(person), is_near, is_other, is_others) if person.role in {"head", "director"} else false()


def _follow_up(row: Any) -> FollowUp:
    return FollowUp(**row._mapping)
