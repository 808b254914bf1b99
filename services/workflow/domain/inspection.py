"""Checking how cases were handled: a monthly sample that nobody can choose, and a list of what is looked at."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from uuid import UUID

from services.workflow.domain.vocabulary import Checklist, holds

GOOD, BAD, NONE = "good", "bad", "none"
RESULTS = (GOOD, BAD, NONE)
A_MONTH = re.compile(r"2\d{3}-(0[1-9]|1[0-2])")


class BadMonth(ValueError):
    """A month is written YYYY-MM."""


class BadResults(Exception):
    """Every item of the list needs one of the three results. `item` is the first that has none."""

    def __init__(self, item: str) -> None:
        super().__init__(f"{item} has no result")
        self.item = item


def results_of(checklist: Checklist, said: Mapping[str, str]) -> dict[str, str]:
    """One result for each item. Raises BadResults."""
    for item in checklist.items:
        if said.get(item.code) not in RESULTS:
            raise BadResults(item.code)
    return {item.code: said[item.code] for item in checklist.items}


def checklist_on(lists: Iterable[Checklist], day: date) -> Checklist | None:
    """The list that holds on a day."""
    return next((one for one in lists if holds(one, day)), None)


def month_of(typed: str) -> tuple[date, date]:
    """First day of a month and of the next one. Raises BadMonth."""
    if not A_MONTH.fullmatch(typed):
        raise BadMonth(typed)
    year, month = int(typed[:4]), int(typed[5:])
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


def sample(cases: Iterable[UUID], *, month: str, count: int) -> list[UUID]:
    """The cases of a month that are looked at: drawn by their hashes, so that anybody can draw them again and nobody,
    who handles or who checks, can choose.
    """
    return sorted(cases, key=lambda case: sha256(f"{month} {case}".encode()).digest())[:count]
