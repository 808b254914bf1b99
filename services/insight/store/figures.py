"""What pages read: figures counted from the facts, month by month."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, extract, func, or_, select

from services.insight.domain.index import SATISFIED_FROM, Share
from services.insight.domain.periods import Month, Period
from services.insight.domain.promises import Promises
from services.insight.store.tables import (
    aspect_fact,
    case_fact,
    notice_fact,
    petition_fact,
    promise_fact,
    rating_fact,
    wish_fact,
)
from shared.db import Reading

COUNTED_ELSEWHERE = ("linked", "split")
"""Endings of cases that are counted with the one they follow, or as their parts."""


@dataclass(frozen=True)
class Group:
    """A line of a table: which month, unit and topic. None: not known, or of all."""

    month: Month
    unit: str | None
    topic: str | None


# Complaints, denunciations and whatever else is restricted stay out of every public figure, totals included:
# a live number that grows by one tells that one has arrived.
_is_public = and_(case_fact.c.is_restricted.is_(False), case_fact.c.kind.is_not(None))

_is_counted = and_(_is_public, case_fact.c.kind != "spam", func.coalesce(case_fact.c.ending, "") != "spam")


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _month(column: ColumnElement[Any]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    return extract("year", column).label("year"), extract("month", column).label("month")


def _was_told(by: ColumnElement[Any] | None = None) -> ColumnElement[bool]:
    """A message with this round's answer was taken on its way, by that day if one is named."""
    taken = func.coalesce(notice_fact.c.arrived_on, notice_fact.c.taken_on)
    conditions = [
        notice_fact.c.petition_id == promise_fact.c.petition_id,
        notice_fact.c.is_failed.is_(False),
        taken >= promise_fact.c.answered_on,
    ]
    if by is not None:
        conditions.append(taken <= by)
    return exists().where(*conditions).correlate(promise_fact)


def count_received(tx: Reading, period: Period) -> Mapping[Month, int]:
    """Petitions received, by month; those that are not spam."""
    year, month = _month(case_fact.c.received_on)
    rows = tx.connection.execute(
        select(year, month, func.count().label("total"))
        .where(_is_counted, case_fact.c.received_on.between(period.first_day, period.last_day))
        .group_by(year, month)
    )
    return {Month(row.year, row.month): row.total for row in rows}


def count_answered(tx: Reading, period: Period) -> Mapping[Month, int]:
    """First answers given, by month, whenever the petition came."""
    year, month = _month(promise_fact.c.answered_on)
    rows = tx.connection.execute(
        select(year, month, func.count().label("total"))
        .join(case_fact, case_fact.c.case_id == promise_fact.c.case_id)
        .where(
            _is_counted,
            promise_fact.c.round == 1,
            func.coalesce(case_fact.c.ending, "").not_in(COUNTED_ELSEWHERE),
            promise_fact.c.answered_on.between(period.first_day, period.last_day),
        )
        .group_by(year, month)
    )
    return {Month(row.year, row.month): row.total for row in rows}


def count_endings(tx: Reading, period: Period) -> Counter[str]:
    """What became of the petitions received in a period; "open" for those that still wait."""
    ending = func.coalesce(case_fact.c.ending, "open").label("ending")
    rows = tx.connection.execute(
        select(ending, func.count().label("total"))
        .where(_is_counted, case_fact.c.received_on.between(period.first_day, period.last_day))
        .group_by(ending)
    )
    return Counter({row.ending: row.total for row in rows})


def count_topics(tx: Reading, period: Period) -> Counter[str | None]:
    """Petitions received, by topic; None for those without one."""
    rows = tx.connection.execute(
        select(case_fact.c.topic, func.count().label("total"))
        .where(_is_counted, case_fact.c.received_on.between(period.first_day, period.last_day))
        .group_by(case_fact.c.topic)
    )
    return Counter({row.topic: row.total for row in rows})


def count_unsorted(tx: Reading) -> int:
    """Petitions that came through the door and of which no case was heard yet, of any kind."""
    known = exists().where(case_fact.c.petition_id == petition_fact.c.petition_id)
    return tx.connection.execute(
        select(func.count()).select_from(petition_fact).where(petition_fact.c.filed_on.is_not(None), ~known)
    ).scalar_one()


def count_promises(tx: Reading, period: Period) -> Mapping[Group, Promises]:
    """The promises that fell due in a period up to yesterday, by month of the due day, unit and topic."""
    flags = _due_in(period).subquery()
    year, month = _month(flags.c.due_on)
    answered = flags.c.answered_on.is_not(None)
    kept = and_(answered, flags.c.answered_on <= flags.c.due_on)
    rows = tx.connection.execute(
        select(
            year,
            month,
            flags.c.unit,
            flags.c.topic,
            func.count().label("due"),
            _sum(kept).label("kept"),
            _sum(and_(answered, flags.c.answered_on <= flags.c.first_due_on)).label("kept_first"),
            _sum(and_(answered, flags.c.answered_on > flags.c.due_on)).label("late"),
            _sum(and_(~answered, flags.c.ending.is_(None))).label("open"),
            _sum(flags.c.extensions > 0).label("extended"),
            _sum(flags.c.apologies > 0).label("apologised"),
            _sum(flags.c.has_contact).label("reachable"),
            _sum(and_(flags.c.has_contact, flags.c.was_told)).label("told"),
        ).group_by(year, month, flags.c.unit, flags.c.topic)
    )
    return {
        Group(Month(row.year, row.month), row.unit, row.topic): Promises(
            due=row.due,
            kept=row.kept,
            kept_first=row.kept_first,
            late=row.late,
            open=row.open,
            extended=row.extended,
            apologised=row.apologised,
            reachable=row.reachable,
            told=row.told,
        )
        for row in rows
    }


def _due_in(period: Period) -> Select[Any]:
    """One row for each promise of `domain.promises`: what is due, not what was answered."""
    ending, ended_on, due_on = case_fact.c.ending, case_fact.c.ended_on, promise_fact.c.due_on
    left_in_time = or_(
        and_(ending == "withdrawn", ended_on < due_on),
        and_(ending.in_(("refused", "transferred")), ended_on <= due_on),
    )
    unanswered = promise_fact.c.answered_on.is_(None)
    return (
        select(
            promise_fact.c.unit,
            case_fact.c.topic,
            case_fact.c.ending,
            due_on,
            promise_fact.c.first_due_on,
            promise_fact.c.answered_on,
            promise_fact.c.extensions,
            promise_fact.c.apologies,
            func.coalesce(petition_fact.c.has_contact, False).label("has_contact"),
            _was_told(by=due_on).label("was_told"),
        )
        .select_from(promise_fact)
        .join(case_fact, case_fact.c.case_id == promise_fact.c.case_id)
        .outerjoin(petition_fact, petition_fact.c.petition_id == promise_fact.c.petition_id)
        .where(
            _is_counted,
            func.coalesce(ending, "").not_in(COUNTED_ELSEWHERE),
            due_on.between(period.first_day, period.last_due_day),
            or_(~unanswered, promise_fact.c.paused_on.is_(None)),
            or_(~unanswered, ending.is_(None), ~left_in_time),
        )
    )


def count_overdue(tx: Reading, today: date) -> Mapping[date, int]:
    """Who waits beyond the day now, of all times: due day → cases."""
    rows = tx.connection.execute(
        select(promise_fact.c.due_on, func.count().label("total"))
        .join(case_fact, case_fact.c.case_id == promise_fact.c.case_id)
        .where(
            _is_counted,
            case_fact.c.ending.is_(None),
            promise_fact.c.answered_on.is_(None),
            promise_fact.c.paused_on.is_(None),
            promise_fact.c.due_on < today,
        )
        .group_by(promise_fact.c.due_on)
    )
    return {row.due_on: row.total for row in rows}


def count_waiting(tx: Reading) -> Mapping[date, int]:
    """Who waits for an answer now: day of receipt → cases."""
    rows = tx.connection.execute(
        select(case_fact.c.received_on, func.count().label("total"))
        .where(_is_counted, case_fact.c.ending.is_(None))
        .group_by(case_fact.c.received_on)
    )
    return {row.received_on: row.total for row in rows}


def count_days_taken(tx: Reading, period: Period) -> Mapping[int, int]:
    """Calendar days from receipt to the first answer → cases answered in the period."""
    rows = tx.connection.execute(
        select(promise_fact.c.days_taken, func.count().label("total"))
        .join(case_fact, case_fact.c.case_id == promise_fact.c.case_id)
        .where(
            _is_counted,
            func.coalesce(case_fact.c.ending, "").not_in(COUNTED_ELSEWHERE),
            promise_fact.c.days_taken.is_not(None),
            promise_fact.c.answered_on.between(period.first_day, period.last_day),
        )
        .group_by(promise_fact.c.days_taken)
    )
    return {row.days_taken: row.total for row in rows}


def count_days_late(tx: Reading, period: Period) -> Mapping[int, int]:
    """Calendar days late → cases due in the period; who still waits is counted up to today."""
    due = _due_in(period).add_columns(promise_fact.c.days_late).subquery()
    rows = tx.connection.execute(
        select(due.c.days_late, due.c.due_on, func.count().label("total"))
        .where(or_(due.c.days_late > 0, and_(due.c.answered_on.is_(None), due.c.ending.is_(None))))
        .group_by(due.c.days_late, due.c.due_on)
    )
    late: Counter[int] = Counter()
    for row in rows:
        days = row.days_late if row.days_late is not None else (period.last_day - row.due_on).days
        late[days] += row.total
    return late


def count_marks(tx: Reading, period: Period) -> Mapping[tuple[Month, str], Share]:
    """The satisfied among the published ratings, by month of publication and unit: sums of five or more."""
    year, month = _month(rating_fact.c.published_on)
    rows = tx.connection.execute(
        select(
            year,
            month,
            rating_fact.c.unit,
            func.count().label("n"),
            _sum(rating_fact.c.score >= SATISFIED_FROM).label("satisfied"),
        )
        .where(rating_fact.c.published_on.between(period.first_day, period.last_day))
        .group_by(year, month, rating_fact.c.unit)
    )
    return {(Month(row.year, row.month), row.unit): Share(row.satisfied, row.n) for row in rows}


def count_aspects(tx: Reading, period: Period) -> Mapping[str, Share]:
    """The satisfied among the published judgements of each aspect, of all units: sums of five or more."""
    rows = tx.connection.execute(
        select(
            aspect_fact.c.aspect,
            func.count().label("n"),
            _sum(aspect_fact.c.level >= SATISFIED_FROM).label("satisfied"),
        )
        .where(aspect_fact.c.published_on.between(period.first_day, period.last_day))
        .group_by(aspect_fact.c.aspect)
    )
    return {row.aspect: Share(row.satisfied, row.n) for row in rows}


def count_wishes(tx: Reading, period: Period) -> Mapping[str, Mapping[str, int]]:
    """How many wished what, by wish and topic, of those published in the period: fives and their multiples."""
    rows = tx.connection.execute(
        select(wish_fact.c.wish, wish_fact.c.topic, func.count().label("n"))
        .where(wish_fact.c.published_on.between(period.first_day, period.last_day))
        .group_by(wish_fact.c.wish, wish_fact.c.topic)
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.wish, {})[row.topic] = row.n
    return found


def count_responses(tx: Reading, period: Period) -> Mapping[str | None, Share]:
    """Who rated, of those who were told an answer in the period and asked to judge it, by unit."""
    rated = exists().where(
        rating_fact.c.petition_id == promise_fact.c.petition_id, rating_fact.c.round == promise_fact.c.round
    )
    asked = (
        select(promise_fact.c.unit, rated.correlate(promise_fact).label("has_rated"))
        .select_from(promise_fact)
        .join(case_fact, case_fact.c.case_id == promise_fact.c.case_id)
        .where(
            _is_counted,
            promise_fact.c.is_rated,
            promise_fact.c.answered_on.between(period.first_day, period.last_day),
            or_(_was_told(), rated.correlate(promise_fact)),
        )
        .subquery()
    )
    rows = tx.connection.execute(
        select(asked.c.unit, func.count().label("asked"), _sum(asked.c.has_rated).label("rated")).group_by(asked.c.unit)
    )
    return {row.unit: Share(row.rated, row.asked) for row in rows}


def latest_event(tx: Reading) -> datetime | None:
    """When the youngest event happened that these figures contain; None before the first one."""
    seen = [
        tx.connection.execute(select(func.max(column))).scalar()
        for column in (case_fact.c.heard_at, rating_fact.c.rated_at)
    ]
    known = [at for at in seen if at is not None]
    return max(known) if known else None


def marks_waiting(tx: Reading) -> int:
    """Ratings that wait for their batch to be full."""
    return tx.connection.execute(
        select(func.count()).select_from(rating_fact).where(rating_fact.c.published_on.is_(None))
    ).scalar_one()
