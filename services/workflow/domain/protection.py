"""Who may look behind a denunciation, who hears of it at once, and which figures are too small to be shown. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from services.workflow.domain.case import Case, KindClass
from services.workflow.domain.permission import Person
from services.workflow.domain.vocabulary import OpeningRules

SMALLEST_FIGURE = 5


class Opened(Protocol):
    """An opening, as far as rules are concerned."""

    @property
    def person(self) -> str: ...
    @property
    def told(self) -> tuple[str, ...]: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def reviewed_by(self) -> str | None: ...


def told_of_opening(
    people: Iterable[Person], case: Case, rules: OpeningRules, *, person: str, role: str
) -> tuple[str, ...]:
    """Pseudonyms of the second persons: never who opens it, never whom the case is about. Empty: nobody is there.

    A head is one of the unit that handles the case.
    """
    others = [one for one in people if one.person != person and not case.excluded & {one.person, one.unit}]
    for wanted in rules.tells.get(role, ()):
        heard = [one.person for one in others if one.role == wanted and (wanted != "head" or one.unit == case.unit)]
        if heard:
            return tuple(sorted(heard))
    return ()


def is_open_for(openings: Iterable[Opened], person: str, now: datetime) -> datetime | None:
    """Until when the identity is open for this person; None when it is not."""
    until = max((one.ends_at for one in openings if one.person == person), default=None)
    return until if until is not None and until > now else None


def may_review(person: Person, opening: Opened, case: Case) -> bool:
    """Whether this person looks at the opening afterwards: they were told of it, did not do it, are not concerned."""
    is_concerned = bool(case.excluded & {person.person, person.unit})
    return person.person in opening.told and person.person != opening.person and not is_concerned


def shown_figure(count: int, kind_class: KindClass) -> int | None:
    """A figure as the desk shows it; None where it is so small that it could point at somebody.

    Figures of closely kept kinds below five are not shown, nought included: it would tell that there is none.
    Source: Luật Tố cáo 2018 Đ8(3); policy.
    """
    is_too_small = kind_class is not KindClass.ORDINARY and count < SMALLEST_FIGURE
    return None if is_too_small else count
