"""A reorganisation as data: which units close, which open, what moves where, from which day on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal, Self

from services.workflow.domain.routing import is_external, target_on, unit_on
from services.workflow.domain.vocabulary import Catalogue, Target, UnknownWord, holds

Row = dict[str, Any]


REASONS = {
    "own_successor": "{unit} would be its own successor",
    "closed_already": "{unit} is closed already, in favour of {successor}",
    "unit_unknown": "no unit {unit} works on {day}",
    "code_taken": "the code {opened} is that of another unit: codes are never used again",
    "moved_already": "{moved} has a row from {day} already",
    "topic_unknown": "no topic {moved} holds on {day}",
    "role_unknown": "no role {moved} holds on {day}",
    "topic_nowhere": "topic {moved} would lead nowhere: {why}",
    "role_nowhere": "the role {moved} would lead nowhere: {why}",
    "role_outside": "the role {moved} would be another body's: move it",
    "no_accounts": "no account can work in {unit} on {day}",
}


class Reason(str):
    """Why a plan is refused, as operators read it; `code` and `about` let a page say it beside its field."""

    code: str
    about: Mapping[str, str]

    def __new__(cls, code: str, **about: Any) -> Self:
        made = super().__new__(cls, REASONS[code].format(**about))
        made.code, made.about = code, {name: str(value) for name, value in about.items()}
        return made


class PlanRefused(Exception):
    """A plan after which something would lead nowhere, or that is not about what there is. `reasons`: all of them."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True, kw_only=True)
class Closing:
    """A unit that ends, who takes over its work, and whether its people go there too."""

    unit: str
    successor: str
    accounts: bool = False


@dataclass(frozen=True, kw_only=True)
class Opening:
    code: str
    name: str
    name_en: str
    type: Literal["division", "desk", "agency"] = "division"


@dataclass(frozen=True, kw_only=True)
class Moving:
    """What goes to another unit from that day on, by code."""

    topics: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the decision of a reorganisation says. `people`: accounts that go elsewhere, unit by name for signing in."""

    source: str
    close: tuple[Closing, ...] = ()
    open: tuple[Opening, ...] = ()
    move: Moving = Moving()
    people: Mapping[str, str] = field(default_factory=dict)

    def heir_of(self, unit: str) -> str:
        """Who has the work of a unit once the plan is carried out: itself, or the last of its successors."""
        successors, seen = {one.unit: one.successor for one in self.close}, {unit}
        while unit in successors:
            unit = successors[unit]
            if unit in seen:
                raise PlanRefused([Reason("own_successor", unit=unit)])
            seen.add(unit)
        return unit

    @property
    def heirs(self) -> dict[str, str]:
        return {one.unit: self.heir_of(one.unit) for one in self.close}

    def unit_of(self, login: str, unit: str | None) -> str | None:
        """Where an account works once the plan is carried out."""
        if login in self.people:
            return self.people[login]
        goes = {one.unit for one in self.close if one.accounts}
        return self.heir_of(unit) if unit in goes and unit is not None else unit


# ---- the rows of the files


def rewritten(organisation: Mapping[str, Any], topics: Mapping[str, Any], plan: Plan, on: date) -> tuple[Row, Row]:
    """Both files with the rows of the plan; with what they have already they stay as they are. Raises PlanRefused."""
    reasons = [Reason("own_successor", unit=unit) for unit, heir in plan.heirs.items() if unit == heir]
    units = _opened(_closed(organisation["units"], plan, on, reasons), plan, on, reasons)
    roles = _moved(organisation["roles"], "role", plan.move.roles, plan, on, reasons)
    rows = _moved(topics["topics"], "code", plan.move.topics, plan, on, reasons)
    if reasons:
        raise PlanRefused(reasons)
    return {**organisation, "units": units, "roles": roles}, {**topics, "topics": rows}


def _closed(units: Iterable[Row], plan: Plan, on: date, reasons: list[Reason]) -> list[Row]:
    closing, last, found = {one.unit: one for one in plan.close}, on - timedelta(days=1), set()
    rows = []
    for row in units:
        one = closing.get(row["code"])
        if one is not None and _holds(row, last):
            found.add(one.unit)
            if row["valid_to"] == last.isoformat() and row["successor"] != one.successor:
                reasons.append(Reason("closed_already", unit=one.unit, successor=row["successor"]))
            row = row | {"valid_to": last.isoformat(), "successor": one.successor}
        rows.append(row)
    reasons += [Reason("unit_unknown", unit=code, day=last) for code in sorted(set(closing) - found)]
    return rows


def _opened(units: list[Row], plan: Plan, on: date, reasons: list[Reason]) -> list[Row]:
    known = {row["code"]: row for row in units}
    for one in plan.open:
        old = known.get(one.code)
        if old is None:
            units = [
                *units,
                {
                    "code": one.code,
                    "name": one.name,
                    "name_en": one.name_en,
                    "type": one.type,
                    "valid_from": on.isoformat(),
                    "valid_to": None,
                    "successor": None,
                    "source": plan.source,
                },
            ]
        elif old["valid_from"] != on.isoformat() or old["name"] != one.name:
            reasons.append(Reason("code_taken", opened=one.code))
    return units


def _moved(
    rows: Iterable[Row], key: str, moves: Mapping[str, str], plan: Plan, on: date, reasons: list[Reason]
) -> list[Row]:
    """The rows, those that move ended and followed by a new one of the same code."""
    found, kept = set(), []
    for row in rows:
        kept.append(row)
        unit = moves.get(row[key])
        if unit is None or not _holds(row, on):
            continue
        found.add(row[key])
        whose = {"unit": unit} if key == "role" else {"routes_to": {"unit": unit}}
        if all(row[name] == value for name, value in whose.items()):
            continue  # it is there already
        if row["valid_from"] == on.isoformat():
            reasons.append(Reason("moved_already", moved=row[key], day=on))
            continue
        kept[-1] = row | {"valid_to": (on - timedelta(days=1)).isoformat()}
        kept.append(row | whose | {"valid_from": on.isoformat(), "source": plan.source})
    unknown = "role_unknown" if key == "role" else "topic_unknown"
    reasons += [Reason(unknown, moved=code, day=on) for code in sorted(set(moves) - found)]
    return kept


def _holds(row: Row, day: date) -> bool:
    return (row["valid_from"] or "") <= day.isoformat() <= (row["valid_to"] or "9999-12-31")


# ---- what comes of it


def refuse_dead_ends(after: Catalogue, plan: Plan, on: date) -> None:
    """Raises PlanRefused when a topic or role would lead nowhere on the day, or people to where nobody can sign in."""
    reasons = list(_dead_ends(after, plan, on))
    if reasons:
        raise PlanRefused(reasons)


def _dead_ends(after: Catalogue, plan: Plan, on: date) -> Iterator[Reason]:
    for topic in after.topics_on(on):
        try:
            target_on(after, topic.routes_to, on)
        except UnknownWord as nowhere:
            yield Reason("topic_nowhere", moved=topic.code, why=nowhere)
    for role in (row for row in after.roles if holds(row, on)):
        try:
            if is_external(after, unit_on(after, role.unit, on)):
                yield Reason("role_outside", moved=role.role)
        except UnknownWord as nowhere:
            yield Reason("role_nowhere", moved=role.role, why=nowhere)
    goes_to = {*plan.people.values(), *(plan.heir_of(one.unit) for one in plan.close if one.accounts)}
    for code in sorted(goes_to):
        unit = after.unit(code)
        if unit is None or not holds(unit, on):
            yield Reason("no_accounts", unit=code, day=on)


@dataclass(frozen=True)
class Change:
    """What is another unit's from the day on."""

    what: str  # topic, role
    code: str
    before: str
    after: str


def changes(before: Catalogue, after: Catalogue, on: date) -> tuple[Change, ...]:
    """Which topics and roles are another unit's from that day on than on the day before."""
    last = on - timedelta(days=1)
    roles = {row.role for row in after.roles if holds(row, on)}
    asked = [
        *(("topic", topic.code, topic.routes_to) for topic in after.topics_on(on)),
        *(("role", role, Target(role=role)) for role in sorted(roles)),
    ]
    found = []
    for what, code, target in asked:
        then = before.topic(code, last).routes_to if what == "topic" else target
        was, will_be = target_on(before, then, last), target_on(after, target, on)
        if was != will_be:
            found.append(Change(what, code, was, will_be))
    return tuple(found)


def is_in_force(catalogue: Catalogue, plan: Plan, on: date) -> bool:
    """Whether these rules know what the plan says: what reads the files once must have read them since."""
    closed = [(catalogue.unit(one.unit), one) for one in plan.close]
    last = on - timedelta(days=1)
    is_closed = all(
        unit is not None and (unit.valid_to, unit.successor) == (last, one.successor) for unit, one in closed
    )
    return is_closed and all(catalogue.unit(one.code) is not None for one in plan.open)
