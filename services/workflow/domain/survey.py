"""Survey rounds: what is asked of whom and until when; prepared by one, opened by another, signed off by each head."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from uuid import UUID

from services.workflow.domain.permission import ALLOWED, Allowed, Person, Refusal, Refused
from services.workflow.domain.remedy import OVERSEERS

PREPARED, OPEN, CLOSED, SIGNED = "prepared", "open", "closed", "signed"
INVITATION, LINK, PAPER = "invitation", "link", "paper"
WAYS = (INVITATION, LINK, PAPER)
MARGIN = Fraction(1, 20)  # of the figure, either way
LONGEST_DAYS = 120


class SurveyRefused(Exception):
    """The round does not stand where this could be done with it."""


@dataclass(frozen=True, kw_only=True)
class Survey:
    """A round of the questionnaire.

    Source: Kế hoạch 1167/KH-SGTVT: satisfaction is measured while the plan is carried out.
    """

    id: UUID
    code: str  # 2026-1: in addresses and on posters
    name: str
    policy: str | None  # the one policy that it is about
    items: tuple[str, ...]
    ways: tuple[str, ...]
    wards: tuple[str, ...]  # none: everywhere
    starts_on: date
    ends_on: date  # the last day
    answered_from: date | None  # who is invited: petitioners answered between these days
    answered_to: date | None
    population: int | None
    state: str  # prepared, open, closed, signed
    prepared_by: str
    prepared_at: datetime
    opened_by: str | None = None
    opened_at: datetime | None = None
    remind_at: datetime | None = None  # until it was done
    closed_by: str | None = None
    closed_at: datetime | None = None
    reason: str | None = None  # why it was closed before its last day
    signers: tuple[str, ...] = ()  # units whose heads sign it off
    signed_at: datetime | None = None  # by the last of them

    @property
    def sample_size(self) -> int | None:
        return None if self.population is None else sample_size(self.population)

    @property
    def takes_paper(self) -> bool:
        return PAPER in self.ways and self.state in {OPEN, CLOSED}


def sample_size(population: int) -> int:
    """How many answers show the figure to within five per cent either way.

    Source: Yamane, n = N / (1 + N·e²), rounded half up; the method of QĐ 1001/QĐ-BNV of 2023.
    """
    exact = population / (1 + population * MARGIN**2)
    return int(exact + Fraction(1, 2))


def may_prepare(person: Person) -> Allowed | Refused:
    return ALLOWED if person.role in OVERSEERS else Refused(Refusal.NOT_YOUR_ROLE)


def may_open(person: Person, survey: Survey) -> Allowed | Refused:
    """Somebody else than who prepared it."""
    return Refused(Refusal.YOU_PREPARED_THE_ROUND) if person.person == survey.prepared_by else may_prepare(person)


def signs_for(person: Person, survey: Survey, *, signed: Collection[str], headless: Collection[str]) -> tuple[str, ...]:
    """The units for which this person may sign now: heads for their own, the director where there is no head any
    more."""
    if survey.state != CLOSED:
        return ()
    waiting = [unit for unit in survey.signers if unit not in signed]
    if person.role == "head":
        return tuple(unit for unit in waiting if unit == person.unit)
    return tuple(unit for unit in waiting if unit in headless) if person.role == "director" else ()


def opened(survey: Survey, *, by: str, at: datetime, remind_at: datetime | None) -> Survey:
    """Raises SurveyRefused."""
    _must(survey, PREPARED)
    return replace(survey, state=OPEN, opened_by=by, opened_at=at, remind_at=remind_at)


def closed(survey: Survey, *, by: str, at: datetime, reason: str | None, signers: Collection[str]) -> Survey:
    """Where no unit has a head nobody signs, and it is over at once. Raises SurveyRefused."""
    _must(survey, OPEN)
    ended = replace(survey, closed_by=by, closed_at=at, reason=reason, remind_at=None, signers=tuple(sorted(signers)))
    return replace(ended, state=CLOSED) if signers else replace(ended, state=SIGNED, signed_at=at)


def signed(survey: Survey, *, at: datetime, missing: int) -> Survey:
    """`missing`: the units that have still to sign. Raises SurveyRefused."""
    _must(survey, CLOSED)
    return survey if missing else replace(survey, state=SIGNED, signed_at=at)


def next_code(year: int, taken: Collection[str]) -> str:
    """The code of a new round: its year, and its number in it."""
    numbers = [int(found[1]) for code in taken if (found := re.fullmatch(rf"{year}-(\d+)", code))]
    return f"{year}-{max(numbers, default=0) + 1}"


def _must(survey: Survey, state: str) -> None:
    if survey.state != state:
        raise SurveyRefused(f"a round that is {survey.state} is not {state}")
