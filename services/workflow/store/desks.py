"""What the desks of heads, the office and the director are made of: short lists and counts that stay quick."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal_column, select, text, true, tuple_
from sqlalchemy import case as when

from services.workflow.domain.case import Case
from services.workflow.domain.permission import Person
from services.workflow.store.cases import ExtensionRequest
from services.workflow.store.papers import Answer
from services.workflow.store.queue import (
    AWAITS,
    NOT_ASIDE,
    ONLY,
    UNASSIGNED,
    Listed,
    Row,
    _first,
    _row,
    _rows_of,
    aside,
    counts_of,
    nearest,
    visible_to,
)
from services.workflow.store.tables import answer, case_, deadline, extension_request, timeline
from shared.db import Reading

AT_ONCE = 5000
"""So many open cases are counted in one look; of more, each unit and person by itself, as far as lists are counted."""

LOOKED_AT = 20_000
"""Shares and weeks are made of the newest so many cases: more would keep the page waiting."""

IS_RUNNING = text("deadline.state = 'running'")  # as the index says it
IS_ELSEWHERE = text("case_.stage IN ('transferred', 'quarantined')")

# ---- lists by name


def _lists(person: Person, *, now: datetime, soon_at: datetime, escalated_at: datetime) -> dict[str, Listed]:
    own, work = nearest(person), nearest(person).only(NOT_ASIDE)
    not_own_draft = case_.c.drafted_by.is_distinct_from(person.person)
    not_own_wish = case_.c.extension_asked_by.is_distinct_from(person.person)
    return {
        "open": work,
        "aside": aside(person),
        "late": own.only(case_.c.queue_at <= now),
        "soon": own.only(case_.c.queue_at > now, case_.c.queue_at <= soon_at),
        "escalated": own.only(case_.c.queue_at <= escalated_at),
        "triage": work.at("triage"),
        "unassigned": replace(own, parts=UNASSIGNED),
        "unsent": own.at("approved"),
        "approve": own.at("drafted").only(not_own_draft),
        "sign": Listed().at("drafted").only(ONLY["restricted"], not_own_draft),
        "extensions": own.only(case_.c.extension_asked_by.is_not(None), not_own_wish),
        "apologies": own.only(case_.c.is_apology_owed, case_.c.apologised_at.is_(None)),
        "suspended": own.at("suspended"),
        "passing_on": own.at("triage").only(case_.c.route == "transfer"),
        "restricted": own.only(ONLY["restricted"]),
    }


@dataclass(frozen=True, kw_only=True)
class Glance:
    """The instants by which the desks measure."""

    now: datetime
    soon_at: datetime  # due until then counts as near
    escalated_at: datetime  # what was due until then was told to the director


def count_lists(tx: Reading, person: Person, names: Collection[str], glance: Glance) -> dict[str, int]:
    """How many cases stand in each of these lists."""
    known = _lists(person, now=glance.now, soon_at=glance.soon_at, escalated_at=glance.escalated_at)
    return counts_of(tx, person, {name: known[name] for name in names})


def first_of(tx: Reading, person: Person, name: str, glance: Glance, *, limit: int = 10) -> list[Row]:
    """The first cases of a list, least time left first."""
    known = _lists(person, now=glance.now, soon_at=glance.soon_at, escalated_at=glance.escalated_at)
    order = (case_.c.queue_at, case_.c.id)
    found = _first(person, known[name], columns=order, order=order, limit=limit)
    rows = _rows_of(tx, found, [found.c.queue_at, found.c.id], is_down=False, limit=limit)
    return [_row(row) for row in rows]


# ---- the house by unit and by person


def count_units(tx: Reading, person: Person, units: Sequence[str], glance: Glance) -> dict[str, dict[str, int]]:
    """Open, near and late cases of each unit."""
    return _count_by(tx, person, case_.c.unit, units, glance)


def count_officers(tx: Reading, person: Person, officers: Sequence[str], glance: Glance) -> dict[str, dict[str, int]]:
    """Open, near and late cases of each person, of those that the asker sees."""
    return _count_by(tx, person, case_.c.officer, officers, glance)


def _count_by(
    tx: Reading, person: Person, column: Any, keys: Sequence[str], glance: Glance
) -> dict[str, dict[str, int]]:
    """One look at all of them as long as they are few, and a look for each key where they are many."""
    if not keys:
        return {}
    columns = (column.label("key"), case_.c.queue_at)
    found = _first(person, Listed().only(column.in_(keys)), columns=columns, limit=AT_ONCE)
    sums = [
        func.coalesce(func.sum(when((and_(true(), *which), 1), else_=0)), 0)
        for which in _measures(glance, found.c.queue_at).values()
    ]
    rows = tx.connection.execute(select(found.c.key, *sums).group_by(found.c.key)).all()
    if sum(int(row[1]) for row in rows) < AT_ONCE:
        known = {row.key: dict(zip(_measures(glance), map(int, row[1:]), strict=True)) for row in rows}
        return {key: known.get(key, dict.fromkeys(_measures(glance), 0)) for key in keys}
    lists = {
        f"{key}:{name}": Listed(of="few").only(column == key, *which)
        for key in keys
        for name, which in _measures(glance).items()
    }
    counts = counts_of(tx, person, lists)
    return {key: {name: counts[f"{key}:{name}"] for name in _measures(glance)} for key in keys}


def _measures(glance: Glance, queue_at: Any = case_.c.queue_at) -> dict[str, list[ColumnElement[bool]]]:
    return {
        "open": [],
        "soon": [queue_at > glance.now, queue_at <= glance.soon_at],
        "late": [queue_at <= glance.now],
    }


# ---- what belongs to the rows of a list


def running_until(tx: Reading, cases: Collection[UUID], step: str) -> dict[UUID, datetime]:
    """When the running clock of a duty is over, by case."""
    found = select(deadline.c.case_id, deadline.c.due_at).where(
        deadline.c.case_id.in_(cases), deadline.c.step == step, IS_RUNNING
    )
    return {row.case_id: row.due_at for row in tx.connection.execute(found)}


def latest_drafts(tx: Reading, cases: Collection[Case]) -> dict[UUID, Answer]:
    """The newest version of the answer of each case that has one."""
    keys = [(case.id, case.draft_version) for case in cases if case.draft_version]
    found = select(answer).where(tuple_(answer.c.case_id, answer.c.version).in_(keys))
    rows = [dict(row._mapping) for row in tx.connection.execute(found)] if keys else []
    return {row.pop("case_id"): Answer(**row) for row in rows}


def extension_requests_of(tx: Reading, cases: Collection[UUID]) -> dict[UUID, ExtensionRequest]:
    found = select(extension_request).where(extension_request.c.case_id.in_(cases))
    rows = tx.connection.execute(found)
    return {row.case_id: ExtensionRequest(row.asked_by, row.asked_at, row.reason) for row in rows}


def proposals_of(tx: Reading, cases: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """What the sorting proposed, by case."""
    found = select(case_.c.id, case_.c.proposal).where(case_.c.id.in_(cases))
    return {row.id: row.proposal for row in tx.connection.execute(found)}


# ---- alarms, and what left the house


def alarms(tx: Reading, person: Person, *, rule: str, until: datetime, limit: int = 10) -> list[tuple[Row, datetime]]:
    """Open cases whose last limit comes before this instant, the nearest first, each with that limit."""
    near = (
        select(deadline.c.case_id, deadline.c.due_at)
        .join(case_, case_.c.id == deadline.c.case_id)
        .where(deadline.c.rule == rule, IS_RUNNING, deadline.c.due_at <= until, AWAITS, visible_to(person))
        .order_by(deadline.c.due_at)
        .limit(literal_column(str(limit)))
    )
    due = {row.case_id: row.due_at for row in tx.connection.execute(near)}
    rows = _whole(tx, list(due))
    return sorted(((row, due[row.case.id]) for row in rows), key=lambda pair: pair[1])


@dataclass(frozen=True, kw_only=True)
class Gone:
    """A case that left: to whom, by whom, when."""

    row: Row
    at: datetime
    actor: str
    to: str | None
    words: str | None


def passed_on(tx: Reading, person: Person, *, since: datetime, limit: int = 10) -> list[Gone]:
    """Cases that were passed on since then, the newest first."""
    newest = (
        select(case_.c.id)
        .where(IS_ELSEWHERE, case_.c.stage == "transferred", case_.c.changed_at >= since, visible_to(person))
        .order_by(case_.c.changed_at.desc())
        .limit(literal_column(str(limit)))
    )
    found = _gone(tx, list(tx.connection.execute(newest).scalars()), "transfer")
    return sorted(found, key=lambda one: one.at, reverse=True)


def put_aside(tx: Reading, person: Person, tables: Collection[tuple[str, int]], *, limit: int = 10) -> list[Gone]:
    """What nobody but the one who put it into quarantine has looked at yet, the oldest first: nothing falls off.

    `tables`: names and versions of the state tables that know a second look.
    """
    knows = tuple_(case_.c.workflow, case_.c.workflow_version).in_(tables)
    last = (
        select(timeline.c.what)
        .where(timeline.c.case_id == case_.c.id, timeline.c.what.in_(["quarantine", "look_again"]))
        .order_by(timeline.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    oldest = (
        select(case_.c.id)
        .where(IS_ELSEWHERE, case_.c.stage == "quarantined", knows, last == "quarantine", visible_to(person))
        .order_by(case_.c.changed_at)
        .limit(literal_column(str(limit)))
    )
    found = _gone(tx, list(tx.connection.execute(oldest).scalars()), "quarantine")
    return sorted(found, key=lambda one: one.at)


def _gone(tx: Reading, ids: Sequence[UUID], what: str) -> list[Gone]:
    rows = {row.case.id: row for row in _whole(tx, ids)}
    steps = select(timeline).where(timeline.c.case_id.in_(list(rows)), timeline.c.what == what)
    last = {step.case_id: step for step in tx.connection.execute(steps.order_by(timeline.c.at))}
    return [
        Gone(row=rows[key], at=step.at, actor=step.actor, to=step.data.get("to"), words=step.words)
        for key, step in last.items()
    ]


def _whole(tx: Reading, ids: Sequence[UUID]) -> list[Row]:
    keys = select(case_.c.id, case_.c.queue_at).where(case_.c.id.in_(ids)).subquery()
    found = _rows_of(tx, keys, [keys.c.queue_at, keys.c.id], is_down=False, limit=max(len(ids), 1)) if ids else []
    return [_row(row) for row in found]


# ---- weeks


@dataclass(frozen=True, kw_only=True)
class Weeks:
    """What came in and what was answered, week by week, oldest first."""

    received: Sequence[int]
    answered: Sequence[int]
    late: Sequence[int]
    by_unit: Mapping[str, tuple[int, int]]  # answered, of those late, in all these weeks
    is_whole: bool  # False where only the newest were looked at


def weeks_of(tx: Reading, person: Person, starts: Sequence[datetime]) -> Weeks:
    """The weeks that begin at these instants, the last one until now."""
    came = _newest(person, case_.c.received_at, since=starts[0])
    went = _newest(person, case_.c.answered_at, case_.c.unit, case_.c.answer_due_at, since=starts[0])
    received = tx.connection.execute(select(func.count(), *_per_week(came.c.received_at, starts))).one()
    is_late = went.c.answered_at >= went.c.answer_due_at
    columns = [*_per_week(went.c.answered_at, starts), *_per_week(went.c.answered_at, starts, is_late)]
    rows = tx.connection.execute(select(went.c.unit, *columns).group_by(went.c.unit)).all()
    many = len(starts)
    weekly = [sum(int(row[1 + week]) for row in rows) for week in range(2 * many)]
    by_unit = {row.unit: (sum(map(int, row[1 : many + 1])), sum(map(int, row[many + 1 :]))) for row in rows}
    return Weeks(
        received=[int(number) for number in received[1:]],
        answered=weekly[:many],
        late=weekly[many:],
        by_unit=by_unit,
        is_whole=max(int(received[0]), sum(weekly[:many])) < LOOKED_AT,
    )


def _newest(person: Person, column: Any, *more: Any, since: datetime) -> Any:
    """The newest by an instant; all that is read stands in one index."""
    found = select(column, *more).where(column >= since, column.is_not(None), visible_to(person))
    return found.order_by(column.desc()).limit(literal_column(str(LOOKED_AT))).subquery()


def _per_week(column: Any, starts: Sequence[datetime], *more: ColumnElement[bool]) -> list[ColumnElement[int]]:
    ends: list[datetime | None] = [*starts[1:], None]
    return [
        func.coalesce(func.sum(when((and_(column >= start, *more, *([column < end] if end else [])), 1), else_=0)), 0)
        for start, end in zip(starts, ends, strict=True)
    ]
