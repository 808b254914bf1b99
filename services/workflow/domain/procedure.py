"""Administrative procedures as the department posts them: steps, papers, fees, days, and the day of the next look."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True)
class Portal:
    """Where procedures are carried out online."""

    name: str
    name_en: str
    url: str
    source: str


@dataclass(frozen=True)
class Review:
    """Within how many working days a unit looks at a procedure whose review day has come."""

    working_days: int
    source: str


@dataclass(frozen=True)
class Line:
    """A step of a procedure."""

    name: str
    name_en: str


@dataclass(frozen=True)
class Needed:
    """A paper that has to be handed in."""

    name: str
    name_en: str
    copies: int


@dataclass(frozen=True)
class Fee:
    name: str
    name_en: str
    amount: int | None  # đồng; None: by a schedule that is not repeated here


@dataclass(frozen=True)
class Procedure:
    """One procedure in one version. The next version is a row of its own, from its day on."""

    code: str
    name: str
    name_en: str
    field: str  # code of a field
    unit: str
    steps: tuple[Line, ...]
    papers: tuple[Needed, ...]
    fees: tuple[Fee, ...]
    days: int
    days_unit: Literal["working_day", "day"]
    result: str
    result_en: str
    portal_url: str | None  # its own page there; None: the portal's first
    version: int
    review_on: date  # the day on which its unit looks whether it is still right
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: Literal["high", "medium", "low", "policy"]
    note: str | None

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


def procedures_on(rows: Iterable[Procedure], day: date) -> tuple[Procedure, ...]:
    """The procedures that hold on a day, in the order of the file."""
    return tuple(row for row in rows if row.holds_on(day))


def to_review(rows: Iterable[Procedure], day: date) -> tuple[Procedure, ...]:
    """Those whose review day has come.

    Source: Kế hoạch 1167/KH-SGTVT: rules about procedures are kept current and made public in full.
    """
    return tuple(row for row in procedures_on(rows, day) if row.review_on <= day)


def is_code(code: str) -> bool:
    return re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*", code) is not None


def faults_of(row: Procedure) -> Iterable[str]:
    """What is wrong with a row by itself."""
    if not row.steps:
        yield "steps: at least one"
    if row.days < 1:
        yield "days: at least one"
    if row.version < 1:
        yield "version: counted from 1"
    if any(paper.copies < 1 for paper in row.papers):
        yield "papers: at least one copy of each"
    if any(fee.amount is not None and fee.amount < 0 for fee in row.fees):
        yield "fees: not less than nothing"
    if row.portal_url is not None and not row.portal_url.startswith("https://"):
        yield "portal_url: begins with https://"
    if row.valid_from is not None and row.review_on < row.valid_from:
        yield "review_on: not before the first day"
