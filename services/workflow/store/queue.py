"""Lists and counts. Every one of them goes through `visible_to`: what you may not see is not counted either.

What is asked here stays quick among millions of cases: each list is read in the order of an index and no further than
its page, and nothing is counted beyond `COUNTED`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    and_,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    true,
    tuple_,
    union_all,
)
from sqlalchemy import case as when

from services.workflow.domain.case import Case
from services.workflow.domain.permission import Person
from services.workflow.store.cases import _COLUMNS, _case
from services.workflow.store.support import awaits_support_of, is_supported_by
from services.workflow.store.tables import case_, case_excluded, case_words
from shared.db import Reading

VIEWS = ("mine", "unit", "soon", "unassigned", "waiting", "approve", "triage", "all", "done", "support", "aside")
STAGE_GROUPS = {
    "new": ("triage", "accepted", "assigned"),
    "doing": ("in_progress",),
    "wait": ("waiting", "suspended", "consulting"),
    "approve": ("drafted", "approved"),
    "done": ("answered",),
}
COUNTED = 1000
"""Nothing is counted further than this: a screen says 999+."""

WALKED = 5000
"""So many rows of a list are looked at for words before the index of words is asked: what is frequent is found on the
way, what is rare has few rows in the index. Either alone would read a million rows for the other.
"""

RARE = 5000
"""Words that more of the cases hold that one may see, and that yet are no page's worth of those WALKED, are searched no
further: a list says so, and asks for more words.
"""

AWAITS: Any = text("(NOT case_.is_ended AND case_.stage <> 'answered')")
IS_DONE: Any = text("(case_.is_ended OR case_.stage = 'answered')")
HAS_LOST_ITS_OFFICER: Any = text("(case_.officer IS NULL AND case_.stage NOT IN ('triage', 'accepted'))")
"""As the indexes say it, word for word, so that they are used."""

EVERY: ColumnElement[bool] = true()

IS_ASIDE: Any = text("case_.kind = 'spam'")
NOT_ASIDE: Any = text("case_.kind <> 'spam'")
"""What looks like advertising, or was doubted at the door, lies apart from the other work until a person has looked."""

ONLY: dict[str, ColumnElement[bool]] = {
    "apology": and_(case_.c.is_apology_owed, case_.c.apologised_at.is_(None)),
    "extension": case_.c.extension_asked_by.is_not(None),
    "restricted": case_.c.kind_class != literal_column("'ordinary'"),
    "escalated": true(),  # by its instant, `due_before`
}
"""What the desks count, as a filter of the lists."""


def visible_to(person: Person) -> ColumnElement[bool]:
    """`may(person, "see", case)` as SQL."""
    return and_(_not_about(person), or_(false(), *ways_to_see(person)))


@lru_cache(maxsize=1024)
def _not_about(person: Person) -> ColumnElement[bool]:
    """Few cases shut anybody out, and each of them is looked up by itself: OFFSET keeps a database from reading, for
    every list, all that ever was about a unit.
    """
    about_them = (
        select(case_excluded.c.case_id)
        .where(case_excluded.c.case_id == case_.c.id, case_excluded.c.who.in_([person.person, person.unit]))
        .offset(literal_column("0"))
    )
    return or_(~case_.c.has_excluded, ~about_them.correlate(case_).exists())


@lru_cache(maxsize=1024)
def ways_to_see(person: Person) -> tuple[ColumnElement[bool], ...]:
    """The ways in which a role sees a case, no case in two of them.

    Each is read by an index of its own; asked for all at once, a database would read everything.
    """
    is_mine = and_(case_.c.officer.is_not(None), case_.c.officer == person.person)
    not_mine = case_.c.officer.is_distinct_from(person.person)
    is_our_unit, is_ordinary = case_.c.unit == person.unit, case_.c.kind_class == "ordinary"
    helps = and_(is_supported_by(person.unit), case_.c.unit != (person.unit or ""), not_mine)
    match person.role:
        case "officer":
            return (is_mine, and_(is_our_unit, is_ordinary, not_mine), and_(helps, is_ordinary))
        case "head":
            return (and_(is_mine, case_.c.unit != (person.unit or "")), is_our_unit, helps)
        case "office":
            is_ours_to_keep = case_.c.kind_class == "restricted"
            return (
                is_ordinary,
                and_(is_mine, case_.c.kind_class != "ordinary"),
                and_(is_our_unit, is_ours_to_keep, not_mine),
                and_(helps, is_ours_to_keep),
            )
        case "director":
            return (true(),)
        case _:
            return ()


@dataclass(frozen=True, kw_only=True)
class Part:
    """One of the lists that make up another."""

    condition: ColumnElement[bool] = EVERY
    stages: tuple[str, ...] | None = None  # None is all
    has_index: bool = False  # of its own, in which few stand: then no stage may lead away from it

    def at(self, stages: tuple[str, ...]) -> "Part":
        return replace(self, stages=tuple(one for one in stages if self.stages is None or one in self.stages))

    def looks(self, *, is_in_order: bool) -> list[ColumnElement[bool]]:
        """The condition of each look. In order the stages are read one by one: each is an index in that order."""
        if self.stages is None:
            return [self.condition]
        if self.has_index:
            return [and_(self.condition, func.coalesce(case_.c.stage, "").in_(self.stages))]
        if not is_in_order:
            return [and_(self.condition, case_.c.stage.in_(self.stages))]
        return [and_(self.condition, case_.c.stage == stage) for stage in self.stages] or [false()]


UNASSIGNED = (Part(stages=("accepted",)), Part(condition=HAS_LOST_ITS_OFFICER, has_index=True))
"""Two lists in one: what was never given to anybody, and what was begun and has nobody now."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What a list asks for, and how little of the house has to be looked at for it."""

    conditions: tuple[ColumnElement[bool], ...] = (AWAITS,)  # the first says which index of words holds them
    parts: tuple[Part, ...] = (Part(),)  # no case in two of them: read one by one
    of: str = ""  # person, unit: of the reader's own alone; few: so little that each case is looked at

    def only(self, *more: ColumnElement[bool]) -> "Listed":
        return replace(self, conditions=(*self.conditions, *more))

    def at(self, *stages: str) -> "Listed":
        """What of the list stands at one of these stages."""
        return replace(self, parts=tuple(part.at(stages) for part in self.parts))

    def ways(self, person: Person) -> tuple[ColumnElement[bool], ...]:
        """The ways to see that can lead to a case of this list."""
        ways = ways_to_see(person) or (false(),)
        match self.of, person.role:
            case "person", "officer" | "head" | "office":
                return (true(),)  # one's own cases are seen, whatever they are
            case "unit", "officer":
                return (or_(case_.c.kind_class == "ordinary", case_.c.officer == person.person),)
            case "unit", "head":
                return (true(),)
            case "few", _:
                return (or_(*ways),)
        return ways

    def looks(self, person: Person, *, is_in_order: bool) -> list[tuple[ColumnElement[bool], ...]]:
        """The conditions of each look that has to be taken; together they find every case once."""
        return [
            (*self.conditions, one, way, _not_about(person))
            for way in self.ways(person)
            for part in self.parts
            for one in part.looks(is_in_order=is_in_order)
        ]


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What narrows a view, as it stands in the address of the page."""

    words: str = ""  # folded
    code: str = ""  # letters and digits of a code
    group: str = ""  # a key of STAGE_GROUPS, or late
    stage: str = ""
    topic: str = ""
    ward: str = ""
    priority: str = ""
    officer: str = ""  # pseudonym, or - for nobody
    unit: str = ""
    kind: str = ""
    channel: str = ""
    only: str = ""  # a key of ONLY
    received_from: datetime | None = None
    received_before: datetime | None = None
    due_from: datetime | None = None  # due at or after: where the official calendar is not known yet
    due_before: datetime | None = None


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
    is_cut: bool = False  # of what was searched only the first WALKED rows were looked at


def in_view(person: Person, view: str, *, soon_at: datetime) -> Listed:
    """What a view holds, beyond what the person may see."""
    match view:
        case "mine":
            return Listed(of="person").only(case_.c.officer == person.person)
        case "unit":
            return of_unit(person)
        case "soon":
            return nearest(person).only(case_.c.queue_at <= soon_at)
        case "unassigned":
            return replace(nearest(person), parts=UNASSIGNED)
        case "waiting":
            return nearest(person).at(*STAGE_GROUPS["wait"])
        case "approve":
            not_own = case_.c.drafted_by.is_distinct_from(person.person)
            return nearest(person).at("drafted").only(not_own)
        case "triage":
            return nearest(person).at("triage").only(NOT_ASIDE)
        case "aside":
            return aside(person)
        case "support":
            return Listed().only(awaits_support_of(person.unit))
        case "done":
            return Listed(conditions=(IS_DONE,))
        case _:
            return Listed().only(NOT_ASIDE)


def aside(person: Person) -> Listed:
    """What lies apart until a person has looked, the oldest first."""
    return nearest(person).at("triage").only(IS_ASIDE)


def of_unit(person: Person) -> Listed:
    """The open work of one's unit."""
    return Listed(of="unit").only(case_.c.unit == person.unit, NOT_ASIDE)


def nearest(person: Person) -> Listed:
    """The open work of one's part of the house: one's unit, or all for those who look over all."""
    return Listed() if person.role in {"office", "director"} else Listed(of="unit").only(case_.c.unit == person.unit)


def narrowed(listed: Listed, filters: Filters, *, now: datetime) -> Listed:
    """What remains of a list, but for the words that are searched."""
    if filters.group in STAGE_GROUPS:
        listed = listed.at(*STAGE_GROUPS[filters.group])
    if filters.stage:
        listed = listed.at(filters.stage)
    found: list[ColumnElement[bool]] = []
    if filters.group == "late":
        found.append(case_.c.queue_at <= now)
    for name in ("topic", "ward", "priority", "unit", "kind", "channel"):
        if value := getattr(filters, name):
            found.append(case_.c[name] == value)
    if filters.only in ONLY:
        found.append(ONLY[filters.only])
    if filters.officer:
        found.append(case_.c.officer.is_(None) if filters.officer == "-" else case_.c.officer == filters.officer)
    spans = (
        (case_.c.received_at, filters.received_from, filters.received_before),
        (case_.c.queue_at, filters.due_from, filters.due_before),
    )
    for column, first, before in spans:
        found += [column >= first] if first else []
        found += [column < before] if before else []
    return listed.only(*found)


def _searched(filters: Filters, columns: Any) -> list[ColumnElement[bool]]:
    """Every word stands somewhere in the text, or the code begins so."""
    if not (filters.words or filters.code):
        return []
    either: list[ColumnElement[bool]] = []
    if filters.words:
        words = filters.words.split()[:8]
        either.append(and_(*(columns.folded.contains(word, autoescape=True) for word in words)))
    if len(filters.code) >= 4:
        either.append(columns.code.startswith(filters.code))
    return [or_(false(), *either)]


_ROW = (*_COLUMNS, case_.c.title, case_.c.queue_at, case_words.c.place)


def _row(found: Any) -> Row:
    values = found._mapping
    case = _case(found)
    return Row(case=case, title=values["title"], place=None if case.is_secret else values["place"])


def _first(
    person: Person,
    listed: Listed,
    *,
    columns: Sequence[ColumnElement[Any]],
    order: Sequence[ColumnElement[Any]] = (),
    limit: int,
    among: Filters | None = None,
) -> Any:
    """The first of what the person sees of a list: up to `limit` rows of each look that it takes.

    With `among` only the first WALKED rows of each are looked at, for what is searched.
    """
    looks = listed.looks(person, is_in_order=bool(order))
    parts = [_part(look, columns=columns, order=order, limit=limit, among=among) for look in looks]
    return union_all(*(select(part) for part in parts)).subquery() if len(parts) > 1 else parts[0]


def _part(
    conditions: Sequence[ColumnElement[bool]],
    *,
    columns: Sequence[ColumnElement[Any]],
    order: Sequence[ColumnElement[Any]],
    limit: int,
    among: Filters | None,
) -> Any:
    most: ColumnElement[Any] = literal_column(str(limit))
    if among is None:
        return select(*columns).select_from(case_).where(*conditions).order_by(*order).limit(most).subquery()
    keys = [case_.c.queue_at, case_.c.id, case_.c.stage, case_.c.folded, case_.c.code]
    near = select(*keys).where(*conditions).order_by(*order).limit(literal_column(str(WALKED))).subquery()
    found = select(*(near.c[column.name] for column in columns)).where(*_searched(among, near.c))
    return found.limit(most).subquery()  # the rows come in the order of the walk


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
    """A page of a view, least time left first; of what is done, the newest first.

    Keys instead of numbers, so that nothing is skipped when rows arrive.
    """
    is_search = bool(filters.words or filters.code)
    listed = Listed() if view == "all" and is_search else in_view(person, view, soon_at=soon_at)  # a search finds all
    listed = narrowed(listed, filters, now=tx.now)
    order: tuple[Any, ...] = (case_.c.id,) if view == "done" else (case_.c.queue_at, case_.c.id)
    is_down = (view == "done") != bool(before)
    place = tuple_(*order) if len(order) > 1 else order[0]
    if key := before or after:
        at = _key(key, is_id_alone=view == "done")
        listed = listed.only(place < at if is_down else place > at)
    read = _Reading(person=person, listed=listed, order=order, is_down=is_down, limit=limit + 1)
    rows, is_cut = _search(tx, read, filters) if is_search else (read.rows(tx), False)
    more, rows = len(rows) > limit, rows[:limit]
    if before:
        rows.reverse()
    if not rows:
        return Page(rows=(), newer="", older="", is_cut=is_cut)
    has_newer = more if before else bool(after)
    has_older = True if before else more
    return Page(
        rows=tuple(_row(row) for row in rows),
        newer=_key_of(rows[0]) if has_newer else "",
        older=_key_of(rows[-1]) if has_older else "",
        is_cut=is_cut,
    )


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """How a page of a list is read."""

    person: Person
    listed: Listed
    order: Sequence[Any]
    is_down: bool
    limit: int

    def rows(self, tx: Reading, *more: ColumnElement[bool], among: Filters | None = None) -> list[Any]:
        found = _first(
            self.person,
            self.listed.only(*more),
            columns=(case_.c.id, case_.c.queue_at),
            order=[column.desc() if self.is_down else column for column in self.order],
            limit=self.limit,
            among=among,
        )
        turned = [found.c[column.name] for column in self.order]
        return _rows_of(tx, found, turned, is_down=self.is_down, limit=self.limit)

    def is_longer_than(self, tx: Reading, count: int) -> bool:
        """Whether there is more of the list than so many rows in one of its parts."""
        found = _first(self.person, self.listed, columns=(literal_column("1").label("one"),), limit=count)
        return int(tx.connection.execute(select(func.count()).select_from(found)).scalar_one()) >= count


def _search(tx: Reading, read: _Reading, filters: Filters) -> tuple[list[Any], bool]:
    """The first rows in which the words stand: on the way through the list, or by the index of words, where they are
    rare enough; and whether they were not.
    """
    rows = read.rows(tx, among=filters)
    if len(rows) == read.limit or not read.is_longer_than(tx, WALKED):
        return rows, False
    if read.limit > RARE:  # an export is whole, whatever it takes
        return read.rows(tx, *_searched(filters, case_.c)), False
    looks = replace(read.listed, of="few").looks(read.person, is_in_order=False)
    is_here = or_(false(), *(and_(*look) for look in looks))
    held = (
        select(case_.c.id, *(column.label(f"by_{column.name}") for column in read.order), is_here.label("is_here"))
        .where(read.listed.conditions[0], *_searched(filters, case_.c), visible_to(read.person))
        .limit(literal_column(str(RARE)))
    )
    found = tx.connection.execute(held).all()
    if len(found) == RARE:
        return rows, True
    found = sorted((row for row in found if row.is_here), key=lambda row: row[1:], reverse=read.is_down)
    ids = [row.id for row in found[: read.limit]]
    keys = select(case_.c.id, case_.c.queue_at).where(case_.c.id.in_(ids)).subquery()
    turned = [keys.c[column.name] for column in read.order]
    return _rows_of(tx, keys, turned, is_down=read.is_down, limit=read.limit), False


def _rows_of(tx: Reading, found: Any, order: Sequence[Any], *, is_down: bool, limit: int) -> list[Any]:
    """The rows of what was found by their keys alone: the whole of them is fetched for one page only."""
    turned = [column.desc() if is_down else column for column in order]
    whole = select(*_ROW).select_from(found).join(case_, case_.c.id == found.c.id)
    whole = whole.join(case_words, case_words.c.case_id == case_.c.id).order_by(*turned).limit(limit)
    return list(tx.connection.execute(whole))


def rows_by_id(tx: Reading, person: Person, ids: Sequence[UUID]) -> list[Row]:
    """These cases as lists show them, of those that the person may see, least time left first."""
    found = select(*_ROW).join(case_words, case_words.c.case_id == case_.c.id)
    found = found.where(case_.c.id.in_(ids), visible_to(person)).order_by(case_.c.queue_at, case_.c.id)
    return [_row(row) for row in tx.connection.execute(found)]


class BadKey(ValueError):
    """The place in a list is no place."""


def _key_of(row: Any) -> str:
    return f"{row.queue_at.isoformat()}_{row.id.hex}"


def _key(key: str, *, is_id_alone: bool = False) -> Any:
    at, _, case_id = key.partition("_")
    try:
        instant, ident = datetime.fromisoformat(at.replace(" ", "+")), UUID(hex=case_id)
    except ValueError:
        raise BadKey(key) from None
    if instant.tzinfo is None:
        raise BadKey(key)
    last = literal(ident, case_.c.id.type)
    return last if is_id_alone else tuple_(literal(instant, case_.c.queue_at.type), last)


def counts_of(
    tx: Reading,
    person: Person,
    lists: Mapping[str, Listed],
    *,
    words: Mapping[str, Filters] | None = None,
) -> dict[str, int]:
    """How many cases each list holds, in one statement; none is counted beyond COUNTED.

    `words` are what is searched in some of the lists: found among their first WALKED rows.
    """
    if not lists:
        return {}
    searched = {name: one for name, one in (words or {}).items() if one.words or one.code}
    counted = {name: _count(person, listed, searched.get(name)) for name, listed in lists.items()}
    row = tx.connection.execute(select(*(count.label(name) for name, count in counted.items()))).one()
    return {name: min(int(value), COUNTED) for name, value in row._mapping.items()}


def _count(person: Person, listed: Listed, among: Filters | None = None) -> ColumnElement[int]:
    order = (case_.c.queue_at,) if among else ()
    found = _first(person, listed, columns=(case_.c.id,), order=order, limit=COUNTED, among=among)
    return select(func.count()).select_from(found).scalar_subquery()


def count_views(
    tx: Reading, person: Person, views: Sequence[str], *, soon_at: datetime, more: Mapping[str, Any] | None = None
) -> dict[str, int]:
    """How many cases each view holds, and how many of one's own are late, in one statement.

    `more` are lists of one's own: a name, with the view and the filters that it stands for.
    """
    lists = {view: in_view(person, view, soon_at=soon_at) for view in views}
    late = nearest(person).only(case_.c.queue_at <= tx.now)
    words = {}
    for name, (view, filters) in (more or {}).items():
        lists[name] = narrowed(in_view(person, view, soon_at=soon_at), filters, now=tx.now)
        words[name] = filters
    return counts_of(tx, person, lists | {"late": late}, words=words)


def count_groups(
    tx: Reading, person: Person, view: str, *, soon_at: datetime, filters: Filters = Filters()
) -> dict[str, int]:
    """How many cases of a view stand in each group of stages, how many are late, and how many are due within a day.

    One look at all of them as long as they are few, and a look for each group where they are many. Of a search, what
    stands among the first WALKED rows is counted.
    """
    listed = narrowed(in_view(person, view, soon_at=soon_at), filters, now=tx.now)
    groups, among = _groups(tx.now), filters if filters.words or filters.code else None
    if view == "done":
        words = {"all": filters} if among else None
        return counts_of(tx, person, {"all": listed}, words=words) | dict.fromkeys(groups, 0)
    order = (case_.c.queue_at, case_.c.id) if among else ()
    found = _first(person, listed, columns=(case_.c.stage, case_.c.queue_at), order=order, limit=COUNTED, among=among)
    here = _groups(tx.now, found.c)
    columns = [func.coalesce(func.sum(when((which, 1), else_=0)), 0).label(name) for name, which in here.items()]
    row = tx.connection.execute(select(func.count().label("all"), *columns).select_from(found)).one()
    counts = {name: int(value) for name, value in row._mapping.items()}
    if counts["all"] < COUNTED or among:
        return counts
    many = {name: narrowed(listed, Filters(group=name), now=tx.now) for name in groups}
    many["today"] = listed.only(groups["today"])
    return counts_of(tx, person, many) | {"all": COUNTED}


def _groups(now: datetime, columns: Any = case_.c) -> dict[str, ColumnElement[bool]]:
    groups: dict[str, ColumnElement[bool]] = {
        name: columns.stage.in_(stages) for name, stages in STAGE_GROUPS.items() if name != "done"
    }
    groups["late"] = columns.queue_at <= now
    groups["today"] = and_(columns.queue_at > now, columns.queue_at <= now + timedelta(days=1))
    return groups


def row_of(tx: Reading, person: Person, case_id: UUID) -> Row | None:
    """A case as a list shows it, when the person may see it."""
    found = select(*_ROW).join(case_words, case_words.c.case_id == case_.c.id)
    row = tx.connection.execute(found.where(case_.c.id == case_id, visible_to(person))).one_or_none()
    return None if row is None else _row(row)


def find_by_code(tx: Reading, person: Person, code: str, *, limit: int = 8) -> list[Row]:
    """Cases whose code begins so, of those the person may see. `code` is letters and digits."""
    found = select(*_ROW).join(case_words, case_words.c.case_id == case_.c.id)
    begins = case_.c.code.startswith(code, autoescape=not code.isalnum())
    found = found.where(begins, visible_to(person)).order_by(case_.c.code, case_.c.id)
    rows = tx.connection.execute(found.limit(limit))
    return [_row(row) for row in rows]


def followers_of(tx: Reading, person: Person, case_id: UUID) -> list[Row]:
    """The cases that follow this one, of those the person may see."""
    found = select(*_ROW).join(case_words, case_words.c.case_id == case_.c.id)
    follow = found.where(case_.c.linked_to == case_id, visible_to(person)).order_by(case_.c.id)
    rows = tx.connection.execute(follow.limit(20))
    return [_row(row) for row in rows]


def related_to(tx: Reading, person: Person, near: Case, *, limit: int = 5) -> list[Row]:
    """Cases about the same topic in the same ward, and the others of the same petition: newest first."""
    lists = [case_.c.petition_id == near.petition_id]
    if not near.is_restricted and near.topic is not None and near.ward is not None:
        is_near = and_(case_.c.topic == near.topic, case_.c.ward == near.ward, case_.c.kind_class == "ordinary")
        lists.append(and_(is_near, case_.c.petition_id != near.petition_id))
    parts = [
        select(case_.c.id, case_.c.received_at)
        .where(which, case_.c.id != near.id, visible_to(person))
        .order_by(case_.c.received_at.desc(), case_.c.id)
        .limit(literal_column(str(limit)))
        .subquery()
        for which in lists
    ]
    found = union_all(*(select(part) for part in parts)).subquery()
    rows = _rows_of(tx, found, [found.c.received_at, found.c.id], is_down=True, limit=limit)
    return [_row(row) for row in rows]
