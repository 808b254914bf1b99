"""Administrative procedures as citizens read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Named:
    name: str
    name_en: str


@dataclass(frozen=True)
class Needed:
    name: str
    name_en: str
    copies: int


@dataclass(frozen=True)
class Fee:
    name: str
    name_en: str
    amount: int | None  # đồng; None: by a schedule


@dataclass(frozen=True)
class Field:
    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Portal:
    """Where procedures are carried out online."""

    name: str
    name_en: str
    url: str


@dataclass(frozen=True)
class Procedure:
    """One procedure in one version."""

    code: str
    name: str
    name_en: str
    field: str
    unit: str
    steps: tuple[Named, ...]
    papers: tuple[Needed, ...]
    fees: tuple[Fee, ...]
    days: int
    days_unit: str  # working_day, day
    result: str
    result_en: str
    portal_url: str | None
    version: int
    valid_from: date | None
    valid_to: date | None
    source: str
    note: str | None

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Procedures:
    """All procedures, with those of other days."""

    rows: tuple[Procedure, ...]
    fields: tuple[Field, ...]
    portal: Portal

    def on_day(self, day: date) -> tuple[Procedure, ...]:
        return tuple(row for row in self.rows if row.holds_on(day))

    def find(self, code: str, day: date) -> Procedure | None:
        """The version of a day; of a procedure that ended before, its last one."""
        versions = sorted(
            (row for row in self.rows if row.code == code and (row.valid_from is None or row.valid_from <= day)),
            key=lambda row: row.version,
        )
        return versions[-1] if versions else None

    def next_of(self, code: str, day: date) -> Procedure | None:
        """The version that follows, where one is known already."""
        later = [row for row in self.rows if row.code == code and row.valid_from is not None and row.valid_from > day]
        return min(later, key=lambda row: row.valid_from or date.max, default=None)

    def by_field(self, rows: Iterable[Procedure]) -> list[tuple[Field, list[Procedure]]]:
        """Rows under their fields, in the order of the file; a field without any is left out."""
        known = list(rows)
        found = [(field, [row for row in known if row.field == field.code]) for field in self.fields]
        return [(field, its) for field, its in found if its]
