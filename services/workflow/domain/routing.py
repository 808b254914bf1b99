"""Who handles a petition on a day: units through their successors, roles by date, and somebody else where
they are concerned.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.workflow.domain.vocabulary import Catalogue, Target, UnknownWord, holds

FOCAL_POINT = "focal_point"
OUT_OF_COMPETENCE = "out_of_competence"


@dataclass(frozen=True)
class Destination:
    """The unit that handles a petition, and the body it must be passed on to, if it is not ours."""

    unit: str
    transfer_to: str | None = None
    is_fallback: bool = False  # the unit that it should go to is concerned


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


def unit_for(
    catalogue: Catalogue,
    *,
    kind: str,
    topic: str | None,
    day: date,
    excluded: Iterable[str] = (),
) -> Destination:
    """Who handles a petition received on a day, when the excluded units may not.

    The kind's own role goes before the topic. Where the topic has moved to another body, the focal point
    passes it on. Raises UnknownWord.
    """
    target = catalogue.kind(kind).routes_to
    if target is None:
        target = catalogue.topic(topic, day).routes_to if topic else Target(role=FOCAL_POINT)
    unit, shut_out = target_on(catalogue, target, day), frozenset(excluded)
    transfer_to = unit if is_external(catalogue, unit) else None
    if transfer_to:
        unit = holder_of(catalogue, FOCAL_POINT, day)
    if unit not in shut_out:
        return Destination(unit, transfer_to)
    for other in catalogue.conflict_fallback:
        other = unit_on(catalogue, other, day)
        if other not in shut_out and other != unit:
            return _fallback(catalogue, other, transfer_to, day)
    raise UnknownWord("every unit of conflict_fallback is concerned: add one in the configuration")


def _fallback(catalogue: Catalogue, unit: str, transfer_to: str | None, day: date) -> Destination:
    if is_external(catalogue, unit):
        return Destination(holder_of(catalogue, FOCAL_POINT, day), transfer_to or unit, is_fallback=True)
    return Destination(unit, transfer_to, is_fallback=True)
