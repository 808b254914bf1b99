"""Lists and counts. Every one of them goes through `visible_to`: what you may not see is not counted either."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, literal, or_, select, true, tuple_
from sqlalchemy import case as when

from services.workflow.domain.case import Case
from services.workflow.domain.permission import Person
from services.workflow.store.cases import _COLUMNS, _case
from services.workflow.store.support import awaits_support_of, is_supported_by
from services.workflow.store.tables import case_, case_excluded, case_words
from shared.db import Reading

VIEWS = ("mine", "unit", "soon", "unassigned", "waiting", "approve", "triage", "all", "done", "support")
IN_HAND = ("assigned", "in_progress", "waiting", "consulting", "suspended", "drafted", "approved")
STAGE_GROUPS = {
    "new": ("triage", "accepted", "assigned"),
    "doing": ("in_progress",),
    "wait": ("waiting", "suspended", "consulting"),
    "approve": ("drafted", "approved"),
    "done": ("answered",),
}


def visible_to(person: Person) -> ColumnElement[bool]:
    """`may(person, "see", case)` as SQL."""
    about_them = exists().where(
        case_excluded.c.case_id == case_.c.id, case_excluded.c.who.in_([person.person, person.unit])
    )
    return and_(~about_them, _seen_by_role(person))


def _seen_by_role(person: Person) -> ColumnElement[bool]:
    is_mine = and_(case_.c.officer.is_not(None), case_.c.officer == person.person)
    is_our_unit = or_(case_.c.unit == person.unit, is_supported_by(person.unit))
    is_ordinary = case_.c.kind_class == "ordinary"
    match person.role:
        case "officer":
            return or_(is_mine, and_(is_our_unit, is_ordinary))
        case "head":
            return or_(is_mine, is_our_unit)
        case "office":
            return or_(is_mine, is_ordinary, and_(is_our_unit, case_.c.kind_class == "restricted"))
        case "director":
            return true()
        case _:
            return false()


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What narrows a view, as it stands in the address of the page."""

    words: str = ""  # folded
    code: str = ""  # letters and digits of a code
    group: str = ""  # a key of STAGE_GROUPS, or late
    topic: str = ""
    ward: str = ""
    priority: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A case as a list shows it: of a secret one neither title nor place, since a list is no reading that is told."""

    case: Case
    title: str  # empty for secret kinds
    place: str | None


@dataclass(frozen=True)
class Page:
    rows: Sequence[Row]
    newer: str  # keys for the pager, empty at the ends
    older: str


def in_view(person: Person, view: str, *, soon_at: datetime) -> ColumnElement[bool]:
    """What a saved view holds, beyond what the person may see."""
    is_open = ~case_.c.is_ended
    awaits_answer = and_(is_open, case_.c.stage != "answered")
    match view:
        case "mine":
            return and_(awaits_answer, case_.c.officer == person.person)
        case "unit":
            return and_(awaits_answer, case_.c.unit == person.unit)
        case "soon":
            return and_(awaits_answer, case_.c.queue_at <= soon_at, _nearest(person))
        case "unassigned":
            has_nobody = and_(case_.c.officer.is_(None), case_.c.stage.in_(IN_HAND))
            return and_(is_open, or_(case_.c.stage == "accepted", has_nobody), _nearest(person))
        case "waiting":
            return and_(is_open, case_.c.stage.in_(STAGE_GROUPS["wait"]), _nearest(person))
        case "approve":
            not_own = or_(case_.c.drafted_by.is_(None), case_.c.drafted_by != person.person)
            return and_(is_open, case_.c.stage == "drafted", not_own, _nearest(person))
        case "triage":
            return and_(is_open, case_.c.stage == "triage", _nearest(person))
        case "support":
            return and_(awaits_answer, awaits_support_of(person.unit))
        case "done":
            return or_(case_.c.is_ended, case_.c.stage == "answered")
        case _:
            return awaits_answer


def _nearest(person: Person) -> ColumnElement[bool]:
    """The part of the house whose work it is: one's unit, or all for those who look over all."""
    return true() if person.role in {"office", "director"} else case_.c.unit == person.unit


def _narrowed(filters: Filters, *, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.words or filters.code:
        either = []
        if filters.words:
            either.append(case_.c.folded.contains(filters.words, autoescape=True))
        if len(filters.code) >= 4:
            either.append(case_.c.code.startswith(filters.code, autoescape=True))
        found.append(or_(*either) if either else false())
    if filters.group == "late":
        found.append(case_.c.queue_at <= now)
    elif filters.group in STAGE_GROUPS:
        found.append(case_.c.stage.in_(STAGE_GROUPS[filters.group]))
    for name in ("topic", "ward", "priority"):
        if value := getattr(filters, name):
            found.append(case_.c[name] == value)
    return found


_ROW = (*_COLUMNS, case_.c.title, case_.c.queue_at, case_words.c.place)


def _row(found: Any) -> Row:
    values = found._mapping
    case = _case(found)
    return Row(case=case, title=values["title"], place=None if case.is_secret else values["place"])


def page_of(
    tx: Reading,
    person: Person,
    view: str,
    filters: Filters,
    *,
    soon_at: datetime,
    after: str = "",
    before: str = "",
    limit: int = 50,
) -> Page:
    """A page of a view, least time left first; keys instead of numbers, so that nothing is skipped when rows arrive."""
    conditions = [visible_to(person), in_view(person, view, soon_at=soon_at), *_narrowed(filters, now=tx.now)]
    place = tuple_(case_.c.queue_at, case_.c.id)
    found = select(*_ROW).join(case_words, case_words.c.case_id == case_.c.id).where(*conditions)
    if before:
        found = found.where(place < _key(before)).order_by(case_.c.queue_at.desc(), case_.c.id.desc())
    else:
        found = (found.where(place > _key(after)) if after else found).order_by(case_.c.queue_at, case_.c.id)
    rows = list(tx.connection.execute(found.limit(limit + 1)))
    more, rows = len(rows) > limit, rows[:limit]
    if before:
        rows.reverse()
    if not rows:
        return Page(rows=(), newer="", older="")
    has_newer = more if before else bool(after)
    has_older = True if before else more
    return Page(
        rows=tuple(_row(row) for row in rows),
        newer=_key_of(rows[0]) if has_newer else "",
        older=_key_of(rows[-1]) if has_older else "",
    )


class BadKey(ValueError):
    """The place in a list is no place."""


def _key_of(row: Any) -> str:
    return f"{row.queue_at.isoformat()}_{row.id.hex}"


def _key(key: str) -> Any:
    at, _, case_id = key.partition("_")
    try:
        instant, ident = datetime.fromisoformat(at.replace(" ", "+")), UUID(hex=case_id)
    except ValueError:
        raise BadKey(key) from None
    if instant.tzinfo is None:
        raise BadKey(key)
    return tuple_(literal(instant, case_.c.queue_at.type), literal(ident, case_.c.id.type))


def count_views(tx: Reading, person: Person, views: Sequence[str], *, soon_at: datetime) -> dict[str, int]:
    """How many cases each view holds, and how many of one's views are late, in one statement."""
    counted = {view: in_view(person, view, soon_at=soon_at) for view in views}
    counted["late"] = and_(in_view(person, "all", soon_at=soon_at), case_.c.queue_at <= tx.now, _nearest(person))
    columns = [func.coalesce(func.sum(when((what, 1), else_=0)), 0).label(name) for name, what in counted.items()]
    row = tx.connection.execute(select(*columns).where(visible_to(person), ~case_.c.is_ended)).one()
    return {name: int(value) for name, value in row._mapping.items()}


def count_groups(tx: Reading, person: Person, view: str, *, soon_at: datetime) -> dict[str, int]:
    """How many cases of a view stand in each group of stages, and how many are late."""
    columns = [
        func.coalesce(func.sum(when((case_.c.stage.in_(stages), 1), else_=0)), 0).label(name)
        for name, stages in STAGE_GROUPS.items()
    ]
    late = func.coalesce(func.sum(when((case_.c.queue_at <= tx.now, 1), else_=0)), 0).label("late")
    today = func.coalesce(
        func.sum(when((and_(case_.c.queue_at > tx.now, case_.c.queue_at <= tx.now + timedelta(days=1)), 1), else_=0)), 0
    ).label("today")
    found = select(*columns, late, today, func.count().label("all"))
    row = tx.connection.execute(found.where(visible_to(person), in_view(person, view, soon_at=soon_at))).one()
    return {name: int(value) for name, value in row._mapping.items()}


def row_of(tx: Reading, person: Person, case_id: UUID) -> Row | None:
    """A case as a list shows it, when the person may see it."""
    found = select(*_ROW).join(case_words, case_words.c.case_id == case_.c.id)
    row = tx.connection.execute(found.where(case_.c.id == case_id, visible_to(person))).one_or_none()
    return None if row is None else _row(row)


def find_by_code(tx: Reading, person: Person, code: str, *, limit: int = 8) -> list[Row]:
    """Cases whose code begins so, of those the person may see."""
    found = select(*_ROW).join(case_words, case_words.c.case_id == case_.c.id)
    begins = case_.c.code.startswith(code, autoescape=True)
    rows = tx.connection.execute(found.where(begins, visible_to(person)).order_by(case_.c.queue_at).limit(limit))
    return [_row(row) for row in rows]


def followers_of(tx: Reading, person: Person, case_id: UUID) -> list[Row]:
    """The cases that follow this one, of those the person may see."""
    found = select(*_ROW).join(case_words, case_words.c.case_id == case_.c.id)
    rows = tx.connection.execute(found.where(case_.c.linked_to == case_id, visible_to(person)).limit(20))
    return [_row(row) for row in rows]


def related_to(tx: Reading, person: Person, near: Case, *, limit: int = 5) -> list[Row]:
    """Cases about the same topic in the same ward, and the others of the same petition: newest first."""
    if near.is_restricted:
        same = case_.c.petition_id == near.petition_id
    else:
        same = or_(
            case_.c.petition_id == near.petition_id,
            and_(case_.c.topic == near.topic, case_.c.ward == near.ward, case_.c.kind_class == "ordinary"),
        )
    found = select(*_ROW).join(case_words, case_words.c.case_id == case_.c.id)
    rows = tx.connection.execute(
        found.where(same, case_.c.id != near.id, visible_to(person)).order_by(case_.c.received_at.desc()).limit(limit)
    )
    return [_row(row) for row in rows]
