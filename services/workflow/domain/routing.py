"""Who handles a petition on a day: units through their successors, roles by date, and somebody else where
they are concerned.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from services.workflow.domain.vocabulary import Catalogue, RoutingRule, Target, UnknownWord, holds

FOCAL_POINT = "focal_point"
OUT_OF_COMPETENCE = "out_of_competence"


@dataclass(frozen=True)
class Destination:
    """The unit that handles a petition, and the body it must be passed on to, if it is not ours."""

    unit: str
    transfer_to: str | None = None
    is_fallback: bool = False  # the unit that it should go to is concerned
    rule: RoutingRule | None = None  # the department's own rule that decided


def is_external(catalogue: Catalogue, code: str) -> bool:
    return catalogue.body(code) is not None


def unit_on(catalogue: Catalogue, code: str, day: date) -> str:
    """The unit that does on a day what a unit once did: itself or its successor, which may be another body.

    Raises UnknownWord when the chain ends nowhere.
    """
    seen: list[str] = []
    while not is_external(catalogue, code):
        unit = catalogue.unit(code)
        if unit is None or code in seen:
            raise UnknownWord(f"unit {code!r} is not in the configuration on {day}")
        if unit.valid_to is None or day <= unit.valid_to or unit.successor is None:
            return code
        seen.append(code)
        code = unit.successor
    return code


def holder_of(catalogue: Catalogue, role: str, day: date) -> str:
    """The unit that holds a role on a day; the focal point where nobody does yet. Raises UnknownWord."""
    for row in catalogue.roles:
        if row.role == role and holds(row, day):
            return unit_on(catalogue, row.unit, day)
    if role == FOCAL_POINT:
        raise UnknownWord(f"nobody holds the role {role!r} on {day}")
    return holder_of(catalogue, FOCAL_POINT, day)


def target_on(catalogue: Catalogue, target: Target, day: date) -> str:
    if target.unit is not None:
        return unit_on(catalogue, target.unit, day)
    return holder_of(catalogue, target.role or FOCAL_POINT, day)


def rule_for(
    catalogue: Catalogue, *, kind: str, topic: str | None, ward: str | None, priority: str | None, day: date
) -> RoutingRule | None:
    """The department's own rule for such petitions on a day: the first that holds. Kinds whose work the law gives to
    a role have none.
    """
    if catalogue.kind(kind).routes_to is not None:
        return None
    said = {"kind": kind, "topic": topic, "ward": ward, "priority": priority}
    for rule in catalogue.routing:
        if holds(rule, day) and all(getattr(rule, name) in {None, value} for name, value in said.items()):
            return rule
    return None


def unit_for(
    catalogue: Catalogue,
    *,
    kind: str,
    topic: str | None,
    day: date,
    excluded: Iterable[str] = (),
    ward: str | None = None,
    priority: str | None = None,
    given_on: date | None = None,
) -> Destination:
    """Who handles a petition received on a day, when the excluded units may not.

    The kind's own role goes before the rules of the department, these before the topic. Where the topic has moved to
    another body, the focal point passes it on. `given_on`: when it is given out, where that is later than its receipt
    and units may have closed since. Raises UnknownWord.
    """
    today = max(day, given_on or day)
    rule = rule_for(catalogue, kind=kind, topic=topic, ward=ward, priority=priority, day=day)
    target = catalogue.kind(kind).routes_to or (rule.to if rule else None)
    if target is None:
        target = catalogue.topic(topic, day).routes_to if topic else Target(role=FOCAL_POINT)
    unit = unit_on(catalogue, target_on(catalogue, target, day), today)
    transfer_to = unit if is_external(catalogue, unit) else None
    if transfer_to:
        unit = holder_of(catalogue, FOCAL_POINT, today)
    found = beside(catalogue, unit, today, with_successors(catalogue, excluded, today))
    return replace(found, transfer_to=transfer_to or found.transfer_to, rule=rule)


def with_successors(catalogue: Catalogue, excluded: Iterable[str], day: date) -> frozenset[str]:
    """Whom a case is about, and whoever does their work on a day: a unit does not escape by being merged."""
    known = frozenset(excluded)
    return known | {unit_on(catalogue, one, day) for one in known if catalogue.unit(one) is not None}


def beside(catalogue: Catalogue, unit: str, day: date, shut_out: frozenset[str]) -> Destination:
    """This unit, or the first of those who step in that is not shut out. Raises UnknownWord when all are."""
    if unit not in shut_out:
        return Destination(unit)
    for other in catalogue.conflict_fallback:
        other = unit_on(catalogue, other, day)
        if other not in shut_out and other != unit:
            if is_external(catalogue, other):
                return Destination(holder_of(catalogue, FOCAL_POINT, day), other, is_fallback=True)
            return Destination(other, is_fallback=True)
    raise UnknownWord("every unit of conflict_fallback is concerned: add one in the configuration")
