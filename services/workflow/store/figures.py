"""The desk's own figures: a month by unit or by person, and what comes back. Everybody's are of what they may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select, true
from sqlalchemy import case as when

from services.workflow.domain.figures import Month, Repeat
from services.workflow.domain.permission import Person
from services.workflow.store.follow_ups import follow_ups_within
from services.workflow.store.queue import AWAITS, visible_to
from services.workflow.store.remedies import remedy, shown_to
from services.workflow.store.tables import case_
from services.workflow.store.urging import urge
from shared.db import Reading

NEWEST = 20_000
"""Repeats are looked for among the newest so many cases: more would keep the page waiting."""


NOBODY: ColumnElement[str] = literal_column("''")  # as a word of the statement: it is grouped by what it is selected by


@dataclass(frozen=True, kw_only=True)
class Span:
    """A month, or another span: from its first instant to the first one after it; `until` is not after now."""

    first: datetime
    before: datetime
    until: datetime


def months_of(
    tx: Reading, person: Person, span: Span, *, by: Literal["unit", "officer"], unit: str | None = None
) -> list[Month]:
    """A row for each unit or officer that had anything, by what this person may see. `unit`: of this one only."""
    key = func.coalesce(getattr(case_.c, by), NOBODY)
    own: ColumnElement[bool] = true() if unit is None else case_.c.unit == unit
    if by == "officer" and person.role == "officer":
        own = and_(own, case_.c.officer == person.person)
    is_late = and_(case_.c.answer_due_at.is_not(None), case_.c.answered_at >= case_.c.answer_due_at)
    came = _counts(tx, person, key, [own, *_within(case_.c.received_at, span.first, span.before)])
    answered = _within(case_.c.answered_at, span.first, span.before)
    late = _counts(tx, person, key, [own, is_late, *answered])
    in_time = _counts(tx, person, key, [own, ~is_late | case_.c.answer_due_at.is_(None), *answered])
    waiting = _counts(tx, person, key, [own, AWAITS, *_within(case_.c.queue_at, span.first, span.until)])
    return [
        Month(
            key=one,
            came=came.get(one, 0),
            in_time=in_time.get(one, 0),
            late=late.get(one, 0),
            waiting=waiting.get(one, 0),
        )
        for one in sorted({*came, *late, *in_time, *waiting})
    ]


def _within(column: Any, first: datetime, before: datetime) -> list[ColumnElement[bool]]:
    return [column >= first, column < before]


def _counts(tx: Reading, person: Person, key: Any, which: list[Any]) -> dict[str, int]:
    found = select(key.label("key"), func.count()).where(*which, visible_to(person)).group_by(key)
    return {row[0]: int(row[1]) for row in tx.connection.execute(found)}


@dataclass(frozen=True, kw_only=True)
class Urged:
    """How often a unit was urged in a span, and how often it answered; remedies that were opened and closed in it;
    answers that somebody was not satisfied with, and those that the head followed up."""

    urged: int
    answered: int
    opened: int
    closed: int
    unsatisfied: int
    followed_up: int


def urged_of(tx: Reading, person: Person, span: Span, unit: str) -> Urged:
    """Of what this person may see. Who was not satisfied is counted for those who lead."""
    visible = select(urge.c.state, func.count()).join(case_, case_.c.id == urge.c.case_id)
    found = visible.where(urge.c.unit == unit, visible_to(person), *_within(urge.c.urged_at, span.first, span.before))
    states: Mapping[str, int] = {row[0]: int(row[1]) for row in tx.connection.execute(found.group_by(urge.c.state))}
    judged = follow_ups_within(tx, person, unit, first=span.first, before=span.before)
    return Urged(
        urged=sum(states.values()),
        answered=states.get("answered", 0),
        opened=_remedies(tx, person, unit, *_within(remedy.c.opened_at, span.first, span.before)),
        closed=_remedies(
            tx, person, unit, remedy.c.state == "closed", *_within(remedy.c.judged_at, span.first, span.before)
        ),
        unsatisfied=sum(judged.values()),
        followed_up=sum(many for state, many in judged.items() if state != "open"),
    )


def _remedies(tx: Reading, person: Person, unit: str, *which: ColumnElement[bool]) -> int:
    found = select(func.count()).select_from(remedy).where(remedy.c.unit == unit, shown_to(person), *which)
    return int(tx.connection.execute(found).scalar_one())


def repeats_of(tx: Reading, person: Person, *, since: datetime, middle: datetime) -> list[Repeat]:
    """Ordinary cases by topic and ward: since the middle, and between the first instant and it. Duplicates count: who
    tells of the same hole a second time has seen it again."""
    newest = (
        select(case_.c.topic, case_.c.ward, case_.c.received_at, case_.c.priority, case_.c.is_ended, case_.c.stage)
        .where(
            case_.c.received_at >= since,
            case_.c.topic.is_not(None),
            case_.c.kind_class == "ordinary",
            or_(case_.c.stage != "quarantined", ~case_.c.is_ended),
            visible_to(person),
        )
        .order_by(case_.c.received_at.desc())
        .limit(literal_column(str(NEWEST)))
        .subquery()
    )
    is_new = newest.c.received_at >= middle

    def many(*which: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(when((and_(true(), *which), 1), else_=0)), 0)

    found = select(
        newest.c.topic,
        newest.c.ward,
        many(is_new),
        many(~is_new),
        many(is_new, newest.c.priority == "urgent"),
        many(~newest.c.is_ended, newest.c.stage != "answered"),
    ).group_by(newest.c.topic, newest.c.ward)
    return [
        Repeat(topic=row[0], ward=row[1], count=int(row[2]), before=int(row[3]), urgent=int(row[4]), open=int(row[5]))
        for row in tx.connection.execute(found)
    ]
