"""What the desk knows of its own work: a month of a unit or a person, what comes back, where lateness rises. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

FEWEST = 5
"""Of fewer cases no share is said: one late answer would look like a habit."""

REPEATED = 3
"""So many petitions about one matter in one place, and it is no chance any more."""


@dataclass(frozen=True, kw_only=True)
class Month:
    """A month of a unit, or of one person: what came, what was answered, what is late and still waits."""

    key: str  # unit or pseudonym; empty: nobody has it yet
    came: int = 0
    in_time: int = 0
    late: int = 0
    waiting: int = 0  # fell due in the month and is not answered yet

    @property
    def answered(self) -> int:
        return self.in_time + self.late

    @property
    def kept(self) -> float | None:
        """The share in time of what was answered or should have been; None of too few."""
        owed = self.answered + self.waiting
        return self.in_time / owed if owed >= FEWEST else None


def together(months: Iterable[Month], key: str) -> Month:
    """Several rows as one."""
    rows = list(months)
    return Month(
        key=key,
        came=sum(row.came for row in rows),
        in_time=sum(row.in_time for row in rows),
        late=sum(row.late for row in rows),
        waiting=sum(row.waiting for row in rows),
    )


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """One matter in one place, in a span of days and in the span before it."""

    topic: str
    ward: str | None
    count: int
    before: int
    urgent: int
    open: int

    @property
    def is_rising(self) -> bool:
        return self.count > self.before


def hot_spots(repeats: Iterable[Repeat]) -> list[Repeat]:
    """What repeats, or is urgent once: the urgent first, then the most often told."""
    found = [one for one in repeats if one.count >= REPEATED or one.urgent]
    return sorted(found, key=lambda one: (-one.urgent, -one.count, one.topic, one.ward or ""))


@dataclass(frozen=True, kw_only=True)
class Rise:
    """A unit that keeps its days less often than in the month before."""

    unit: str
    kept: float
    before: float


def rising_lateness(now: Iterable[Month], before: Iterable[Month]) -> list[Rise]:
    """Units whose share in time fell, the deepest fall first; none where either month has too few cases."""
    then = {row.key: row.kept for row in before}
    found = [
        Rise(unit=row.key, kept=row.kept, before=share)
        for row in now
        if row.kept is not None and (share := then.get(row.key)) is not None and row.kept < share
    ]
    return sorted(found, key=lambda one: one.kept - one.before)
