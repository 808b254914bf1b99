"""What the mirror keeps: a row per petition, case, promise, rating and notice; figures are counted from them.

Sums are made by the database, so a page asks for as few rows in a country as in a town; the price is that a
figure nobody foresaw needs a new question here.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Index,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    event,
    exists,
    extract,
    func,
    or_,
    select,
)

from services.insight.domain import suppression
from services.insight.domain.index import SATISFIED_FROM, Share
from services.insight.domain.periods import Month, Period
from services.insight.domain.promises import Promises
from services.insight.domain.rounds import Answered
from shared.db import Instant, Reading, Transaction, insert_new
from shared.sql import padded, upsert_many

COUNTED_ELSEWHERE = ("linked", "split")
"""Endings of cases that are counted with the one they follow, or as their parts."""

metadata = MetaData()

petition_fact = Table(
    "petition_fact",
    metadata,
    Column("petition_id", Uuid, primary_key=True),
    Column("filed_on", Date),  # local day; None while only a contact was heard of
    Column("channel", String(16)),
    Column("ward", String(64)),
    Column("has_contact", Boolean, nullable=False, default=False),
    Index("petition_fact_filed_on", "filed_on"),
)
case_fact = Table(
    "case_fact",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("petition_id", Uuid, nullable=False),
    Column("kind", String(32)),  # None: a secret kind, and then topic and unit are None too
    Column("topic", String(16)),
    Column("is_restricted", Boolean, nullable=False),
    Column("received_on", Date, nullable=False),  # local day
    Column("ending", String(16)),  # answered, refused, spam, transferred, withdrawn, linked, split; None: open
    Column("ended_on", Date),
    Column("heard_at", Instant, nullable=False),
    Index("case_fact_petition", "petition_id"),
    Index("case_fact_received_on", "received_on"),
    Index("case_fact_ended_on", "ended_on"),
)
promise_fact = Table(
    "promise_fact",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("round", Integer, primary_key=True),  # 1, and one more after each reopening
    Column("petition_id", Uuid, nullable=False),
    Column("unit", String(16)),
    Column("first_due_on", Date),  # as promised at first; only the citizen's own pauses move it
    Column("due_on", Date),  # in force
    Column("paused_on", Date),  # since when the clock stands still
    Column("pauses", Integer, nullable=False, default=0),
    Column("extensions", Integer, nullable=False, default=0),
    Column("apologies", Integer, nullable=False, default=0),
    Column("answered_on", Date),
    Column("days_taken", Integer),  # calendar days from receipt to answer; first round only
    Column("days_late", Integer),  # calendar days, negative when early
    Column("outcome", String(16)),
    Column("is_rated", Boolean, nullable=False, default=False),  # a rating is asked for
    Index("promise_fact_petition", "petition_id", "round"),
    Index("promise_fact_due_on", "due_on"),
    Index("promise_fact_answered_on", "answered_on"),
)
rating_fact = Table(
    "rating_fact",
    metadata,
    Column("petition_id", Uuid, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("score", Integer, nullable=False),  # 1 very dissatisfied … 5 very satisfied, 0 no opinion
    Column("rated_at", Instant, nullable=False),
    Column("unit", String(16)),  # that gave the answer; None until we heard of it
    Column("published_on", Date),  # local day; None while fewer than a batch wait
    Index("rating_fact_unit", "unit", "published_on"),
    Index("rating_fact_published_on", "published_on"),
)
aspect_fact = Table(
    "aspect_fact",
    metadata,
    Column("petition_id", Uuid, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("aspect", String(4), primary_key=True),  # code of the questionnaire, after_answer
    Column("level", Integer, nullable=False),  # 1 … 5; who has no opinion is not kept
    Column("rated_at", Instant, nullable=False),
    Column("published_on", Date),
    Index("aspect_fact_published_on", "published_on"),
)
wish_fact = Table(
    "wish_fact",
    metadata,
    Column("petition_id", Uuid, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("wish", String(32), primary_key=True),  # code of config/wishes; the words are not kept
    Column("topic", String(16)),  # of the answer; None until we heard of it
    Column("rated_at", Instant, nullable=False),
    Column("published_on", Date),
    Index("wish_fact_topic", "topic", "wish", "published_on"),
    Index("wish_fact_published_on", "published_on"),
)
rating_queue = Table(
    "rating_queue", metadata, Column("unit", String(64), primary_key=True)
)  # or aspect, wish and topic
notice_fact = Table(
    "notice_fact",
    metadata,
    Column("notice_id", Uuid, primary_key=True),
    Column("petition_id", Uuid, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("taken_on", Date),  # a server or gateway took it
    Column("arrived_on", Date),  # there is evidence that it got there
    Column("is_failed", Boolean, nullable=False, default=False),
    Index("notice_fact_petition", "petition_id"),
)


# ---- what reactions write


def note_petitions(tx: Transaction, facts: Sequence[Mapping[str, Any]]) -> None:
    """Keep facts of petitions, whether or not others of them came first."""
    _note(tx, petition_fact, facts, at_first={"has_contact": False})


def keep_cases(tx: Transaction, cases: Sequence[Mapping[str, Any]]) -> None:
    """Keep cases as they were last opened. Those that were thrown out, or followed another one, count again."""
    upsert_many(tx.connection, case_fact, cases)
    tx.connection.execute(_COUNT_AGAIN, {"case_ids": padded([row["case_id"] for row in cases])})


def note_promises(tx: Transaction, facts: Sequence[Mapping[str, Any]]) -> None:
    """Keep facts of clocks, new or running. What was promised first stays."""
    at_first = {"pauses": 0, "extensions": 0, "apologies": 0, "is_rated": False}
    _note(tx, promise_fact, facts, at_first=at_first, keeping={"first_due_on"})


def note_notices(tx: Transaction, facts: Sequence[Mapping[str, Any]]) -> None:
    """Keep what became of messages that told an answer."""
    _note(tx, notice_fact, facts, at_first={"is_failed": False})


def _note(
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


def add_rating(
    tx: Transaction, *, petition_id: UUID, round: int, score: int, rated_at: datetime, unit: str | None
) -> bool:
    """A judgement of an answer. It is given once; a second one for the same answer changes nothing. True if new."""
    row = {
        "petition_id": petition_id,
        "round": round,
        "score": score,
        "rated_at": rated_at,
        "unit": unit,
        "published_on": None,
    }
    return insert_new(tx.connection, rating_fact, [row]) > 0


def add_aspects(
    tx: Transaction, *, petition_id: UUID, round: int, levels: Mapping[str, int], rated_at: datetime
) -> None:
    """What was said of single aspects of an answer. It is given once, with the judgement of the whole."""
    rows = [
        {
            "petition_id": petition_id,
            "round": round,
            "aspect": aspect,
            "level": level,
            "rated_at": rated_at,
            "published_on": None,
        }
        for aspect, level in levels.items()
    ]
    if rows:
        insert_new(tx.connection, aspect_fact, rows)


def publish_aspects(tx: Transaction, aspect: str, *, on: date) -> int:
    """Publish what waits of an aspect, of all units together, whole batches only. Returns how many.

    Who judges aspects is few: by unit they would stand alone behind every figure.
    """
    _hold_queue(tx, aspect)
    waiting = tx.connection.execute(
        select(aspect_fact.c.petition_id, aspect_fact.c.round)
        .where(aspect_fact.c.aspect == aspect, aspect_fact.c.published_on.is_(None))
        .order_by(aspect_fact.c.rated_at, aspect_fact.c.petition_id)
    ).all()
    batch = waiting[: suppression.to_publish(len(waiting))]
    for petition_id, round_ in batch:
        tx.connection.execute(
            aspect_fact.update()
            .where(
                aspect_fact.c.petition_id == petition_id,
                aspect_fact.c.round == round_,
                aspect_fact.c.aspect == aspect,
            )
            .values(published_on=on)
        )
    return len(batch)


def add_wishes(
    tx: Transaction, *, petition_id: UUID, round: int, wishes: Collection[str], topic: str | None, rated_at: datetime
) -> None:
    """What the words beside a judgement wish for. They are said once, with the judgement of the whole."""
    rows = [
        {
            "petition_id": petition_id,
            "round": round,
            "wish": wish,
            "topic": topic,
            "rated_at": rated_at,
            "published_on": None,
        }
        for wish in wishes
    ]
    if rows:
        insert_new(tx.connection, wish_fact, rows)


def publish_wishes(tx: Transaction, topic: str, wish: str, *, on: date) -> int:
    """Publish what waits of a wish in a topic, whole batches only, oldest first. Returns how many."""
    _hold_queue(tx, f"{topic} {wish}")
    is_waiting = and_(wish_fact.c.topic == topic, wish_fact.c.wish == wish, wish_fact.c.published_on.is_(None))
    waiting = tx.connection.execute(
        select(wish_fact.c.petition_id, wish_fact.c.round)
        .where(is_waiting)
        .order_by(wish_fact.c.rated_at, wish_fact.c.petition_id)
    ).all()
    batch = waiting[: suppression.to_publish(len(waiting))]
    for petition_id, round_ in batch:
        tx.connection.execute(
            wish_fact.update()
            .where(is_waiting, wish_fact.c.petition_id == petition_id, wish_fact.c.round == round_)
            .values(published_on=on)
        )
    return len(batch)


def name_wished_topic(tx: Transaction, petition_id: UUID, round: int, topic: str) -> list[str]:
    """Say what the answer was about of which people wished something before we knew. Returns their wishes."""
    is_nameless = and_(wish_fact.c.petition_id == petition_id, wish_fact.c.round == round, wish_fact.c.topic.is_(None))
    found = sorted(tx.connection.execute(select(wish_fact.c.wish).where(is_nameless)).scalars())
    tx.connection.execute(wish_fact.update().where(is_nameless).values(topic=topic))
    return found


def _hold_queue(tx: Transaction, name: str) -> None:
    # Two reactions about one queue meet on this row: otherwise both might publish, one of them a small batch.
    insert_new(tx.connection, rating_queue, [{"unit": name}])
    tx.connection.execute(select(rating_queue.c.unit).where(rating_queue.c.unit == name).with_for_update())


@dataclass(frozen=True)
class Judged:
    """What a judgement was about: who answered, and in which topic."""

    unit: str
    topic: str | None  # None: of a restricted case as well


def judged(tx: Reading, petition_id: UUID, round: int) -> Judged | None:
    """The answer of this round that was judged; the first one where a petition was split. None: not heard of yet."""
    row = tx.connection.execute(
        select(
            promise_fact.c.unit,
            case((case_fact.c.is_restricted.is_(False), case_fact.c.topic)).label("topic"),
        )
        .join_from(promise_fact, case_fact, case_fact.c.case_id == promise_fact.c.case_id, isouter=True)
        .where(
            promise_fact.c.petition_id == petition_id,
            promise_fact.c.round == round,
            promise_fact.c.answered_on.is_not(None),
            promise_fact.c.unit.is_not(None),
        )
        .order_by(promise_fact.c.answered_on, promise_fact.c.case_id)
        .limit(1)
    ).first()
    return Judged(row.unit, row.topic) if row is not None else None


def name_rated_unit(tx: Transaction, petition_id: UUID, round: int, unit: str) -> bool:
    """Say whose answer a rating judged that came before we knew. True when there was one."""
    done = tx.connection.execute(
        rating_fact.update()
        .where(
            rating_fact.c.petition_id == petition_id,
            rating_fact.c.round == round,
            rating_fact.c.unit.is_(None),
        )
        .values(unit=unit)
    )
    return bool(done.rowcount)


def publish_ratings(tx: Transaction, unit: str, *, on: date) -> int:
    """Publish what waits of a unit, whole batches only, oldest first. Returns how many."""
    _hold_queue(tx, unit)
    waiting = tx.connection.execute(
        select(rating_fact.c.petition_id, rating_fact.c.round)
        .where(rating_fact.c.unit == unit, rating_fact.c.published_on.is_(None), rating_fact.c.score > 0)
        .order_by(rating_fact.c.rated_at, rating_fact.c.petition_id)
    ).all()
    batch = waiting[: suppression.to_publish(len(waiting))]
    for petition_id, round_ in batch:
        tx.connection.execute(
            rating_fact.update()
            .where(rating_fact.c.petition_id == petition_id, rating_fact.c.round == round_)
            .values(published_on=on)
        )
    return len(batch)


# ---- what pages read


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


# ---- survey rounds

survey_fact = Table(
    "survey_fact",
    metadata,
    Column("survey_id", Uuid, primary_key=True),
    Column("code", String(12), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("policy", Text),
    Column("items", JSON, nullable=False),
    Column("wards", JSON, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("sample_size", Integer),
    Column("closed_at", Instant),
    Column("signed_at", Instant),  # by the first head: what was answered later does not count
    Column("final_at", Instant),  # by the last one: from then on the figures are shown
    Column("signers", Integer, nullable=False, default=0),
)
survey_answer_fact = Table(
    "survey_answer_fact",  # answers are only ever added: `_keep_answers`
    metadata,
    Column("answer_id", Uuid, primary_key=True),
    Column("survey_id", Uuid, nullable=False, index=True),
    Column("way", String(12), nullable=False),  # invitation, link, paper, counter
    Column("answered_at", Instant, nullable=False),
    Column("marks", JSON, nullable=False),  # item → level
    Column("harassment", String(8)),
    Column("wishes", JSON, nullable=False),
    Column("traits", JSON, nullable=False),
)
survey_invitation = Table(
    "survey_invitation",
    metadata,
    Column("survey_id", Uuid, primary_key=True),
    Column("petition_id", Uuid, primary_key=True),
    Column("invited_at", Instant, nullable=False),
    Index("survey_invitation_petition", "petition_id", "invited_at"),
)
survey_notice = Table(
    "survey_notice",
    metadata,
    Column("notice_id", Uuid, primary_key=True),
    Column("petition_id", Uuid, nullable=False, index=True),
    Column("taken_at", Instant),
    Column("is_failed", Boolean, nullable=False, default=False),
)

KEEP_ANSWERS = {
    "sqlite": tuple(
        f"CREATE TRIGGER IF NOT EXISTS survey_answer_no_{act.lower()} BEFORE {act} ON survey_answer_fact "
        "BEGIN SELECT RAISE(ABORT, 'answers are only added'); END"
        for act in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION survey_answer_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'answers are only added'; END $$",
        "CREATE OR REPLACE TRIGGER survey_answer_no_change BEFORE UPDATE OR DELETE ON survey_answer_fact "
        "FOR EACH ROW EXECUTE FUNCTION survey_answer_refuse()",
    ),
}
"""The database itself refuses to change an answer, or to take one away."""


def _keep_answers(_metadata: MetaData, connection: Any, **_: Any) -> None:
    for statement in KEEP_ANSWERS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


event.listen(metadata, "after_create", _keep_answers)


@dataclass(frozen=True)
class Round:
    """A survey round as the mirror knows it."""

    survey_id: UUID
    code: str
    name: str
    policy: str | None
    items: tuple[str, ...]
    wards: tuple[str, ...]
    starts_on: date
    ends_on: date
    sample_size: int | None
    closed_at: datetime | None
    signed_at: datetime | None
    final_at: datetime | None
    signers: int

    def asks_like(self, other: "Round") -> bool:
        """Whether both asked the same of the same people, so that they may be compared."""
        return (self.items, self.policy, self.wards) == (other.items, other.policy, other.wards)


_ROUND = tuple(field.name for field in fields(Round))


def keep_round(tx: Transaction, opened: Mapping[str, Any]) -> None:
    insert_new(tx.connection, survey_fact, [{"signers": 0, **opened}])


def change_round(tx: Transaction, survey_id: UUID, **changes: Any) -> None:
    tx.connection.execute(survey_fact.update().where(survey_fact.c.survey_id == survey_id).values(**changes))


def sign_round(tx: Transaction, survey_id: UUID, *, at: datetime, is_last: bool) -> None:
    """One more head signed."""
    changes: dict[str, Any] = {
        "signers": survey_fact.c.signers + 1,
        "signed_at": func.coalesce(survey_fact.c.signed_at, at),
    }
    change_round(tx, survey_id, **changes | ({"final_at": at} if is_last else {}))


def final_rounds(tx: Reading) -> list[Round]:
    """Rounds that every head has signed, the latest first."""
    found = select(*(survey_fact.c[name] for name in _ROUND)).where(survey_fact.c.final_at.is_not(None))
    rows = tx.connection.execute(found.order_by(survey_fact.c.starts_on.desc(), survey_fact.c.code.desc()))
    return [Round(**{**row._mapping, "items": tuple(row.items), "wards": tuple(row.wards)}) for row in rows]


def add_answers(tx: Transaction, answers: Sequence[Mapping[str, Any]]) -> None:
    """Keep answers; one that is there stays as it is."""
    insert_new(tx.connection, survey_answer_fact, answers)


def answers_of(tx: Reading, known: Round) -> list[tuple[str, Answered]]:
    """The answers that count, each with the way in which it came, in the order of random numbers."""
    found = select(survey_answer_fact).where(survey_answer_fact.c.survey_id == known.survey_id)
    if known.signed_at is not None:
        found = found.where(survey_answer_fact.c.answered_at <= known.signed_at)
    return [
        (row.way, Answered(row.marks, row.harassment, tuple(row.wishes), row.traits))
        for row in tx.connection.execute(found.order_by(survey_answer_fact.c.answer_id))
    ]


def note_invitations(tx: Transaction, told: Sequence[Mapping[str, Any]]) -> None:
    insert_new(tx.connection, survey_invitation, told)


def note_survey_notices(tx: Transaction, facts: Sequence[Mapping[str, Any]]) -> None:
    """Keep what became of messages that invited somebody."""
    _note(tx, survey_notice, facts, at_first={"is_failed": False})


def count_delivered(tx: Reading, survey_id: UUID) -> int:
    """Invitations that were delivered: a message of them, or of their reminder, was taken and did not fail.

    A message belongs to the last invitation of its petition before it.
    """
    later = survey_invitation.alias()
    is_of_later = exists().where(
        later.c.petition_id == survey_invitation.c.petition_id,
        later.c.invited_at > survey_invitation.c.invited_at,
        later.c.invited_at <= survey_notice.c.taken_at,
    )
    arrived = exists().where(
        survey_notice.c.petition_id == survey_invitation.c.petition_id,
        survey_notice.c.is_failed.is_(False),
        survey_notice.c.taken_at >= survey_invitation.c.invited_at,
        ~is_of_later.correlate(survey_invitation, survey_notice),
    )
    found = select(func.count()).select_from(survey_invitation)
    return tx.connection.execute(
        found.where(survey_invitation.c.survey_id == survey_id, arrived.correlate(survey_invitation))
    ).scalar_one()
