"""Judgements of answers, and how they become public: by fives, by the unit that answered."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, case, select

from services.insight.domain import suppression
from services.insight.store.tables import aspect_fact, case_fact, promise_fact, rating_fact, rating_queue, wish_fact
from shared.db import Reading, Transaction, insert_new


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
    return _publish(tx, aspect, aspect_fact, aspect_fact.c.aspect == aspect, on=on)


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
    return _publish(tx, f"{topic} {wish}", wish_fact, and_(wish_fact.c.topic == topic, wish_fact.c.wish == wish), on=on)


def name_wished_topic(tx: Transaction, petition_id: UUID, round: int, topic: str) -> list[str]:
    """Say what the answer was about of which people wished something before we knew. Returns their wishes."""
    is_nameless = and_(wish_fact.c.petition_id == petition_id, wish_fact.c.round == round, wish_fact.c.topic.is_(None))
    found = sorted(tx.connection.execute(select(wish_fact.c.wish).where(is_nameless)).scalars())
    tx.connection.execute(wish_fact.update().where(is_nameless).values(topic=topic))
    return found


def _publish(tx: Transaction, queue: str, table: Table, is_in_queue: ColumnElement[bool], *, on: date) -> int:
    """Publish what waits in a queue, whole batches only, oldest first. Returns how many."""
    # Two reactions about one queue meet on its row: otherwise both might publish, one of them a small batch.
    insert_new(tx.connection, rating_queue, [{"unit": queue}])
    tx.connection.execute(select(rating_queue.c.unit).where(rating_queue.c.unit == queue).with_for_update())
    is_waiting = and_(is_in_queue, table.c.published_on.is_(None))
    waiting = tx.connection.execute(
        select(table.c.petition_id, table.c.round).where(is_waiting).order_by(table.c.rated_at, table.c.petition_id)
    ).all()
    batch = waiting[: suppression.to_publish(len(waiting))]
    for petition_id, round_ in batch:
        tx.connection.execute(
            table.update()
            .where(is_waiting, table.c.petition_id == petition_id, table.c.round == round_)
            .values(published_on=on)
        )
    return len(batch)


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
    return _publish(tx, unit, rating_fact, and_(rating_fact.c.unit == unit, rating_fact.c.score > 0), on=on)
