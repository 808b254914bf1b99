"""Whether we kept our word: counted by due day, so that a case nobody answered counts against us."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date

from services.insight.domain.index import Share

PROVISIONAL, FINAL, NONE_DUE = "provisional", "final", "none_due"


@dataclass(frozen=True)
class Promises:
    """The cases whose due day in force lies in a period, and what became of them.

    Left out: spam, duplicates linked to another case, cases that the citizen took back before the day, cases
    refused or handed to another body by that day, and cases whose clock stands still. A reopened case is
    counted once more.
    """

    due: int = 0
    kept: int = 0  # answered on or before the due day in force
    kept_first: int = 0  # answered on or before the day that was promised at first
    late: int = 0  # answered after the due day in force
    open: int = 0  # not answered yet, beyond the due day
    extended: int = 0
    apologised: int = 0
    reachable: int = 0  # the petitioner left an address
    told: int = 0  # of these, the message with the answer was on its way by the due day

    def __add__(self, other: "Promises") -> "Promises":
        return Promises(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def on_time(self) -> Share:
        return Share(self.kept, self.due)

    @property
    def first_promise(self) -> Share:
        return Share(self.kept_first, self.due)

    @property
    def extended_share(self) -> Share:
        return Share(self.extended, self.due)

    @property
    def told_on_time(self) -> Share:
        return Share(self.told, self.reachable)

    @property
    def answered_only(self) -> Share:
        """The flattering rate that forgets who still waits. Computed to be shown as what we do not use."""
        return Share(self.kept, self.kept + self.late)

    @property
    def standing(self) -> str:
        """Whether the figure can still change: final once every case in it is answered."""
        if not self.due:
            return NONE_DUE
        return PROVISIONAL if self.open else FINAL

    @property
    def of_a_hundred(self) -> tuple[int, int, int]:
        """Kept, late and waiting, of a hundred; of `due` itself where it is less. Nobody is rounded away.

        Late are also those who gave up after the day without an answer.
        """
        size, late = min(self.due, 100), self.due - self.kept - self.open
        waiting = _dots(self.open, self.due, size)
        kept = min(_half_up(self.kept * size, self.due), size - waiting - (late > 0)) if size else 0
        return (kept, size - kept - waiting, waiting) if late else (size - waiting, 0, waiting)


def _dots(part: int, whole: int, size: int) -> int:
    """A part of `size` dots, and at least one dot for anybody."""
    return max(_half_up(part * size, whole), 1) if part else 0


def _half_up(above: int, below: int) -> int:
    return (2 * above + below) // (2 * below)


def days_late(due_on: date, day: date) -> int:
    """Calendar days, negative before the due day."""
    return (day - due_on).days


def quantile(days: Mapping[int, int], share: int) -> int | None:
    """The number of days within which `share` per cent of the cases lie; `days` is number of days → cases."""
    total, reached = sum(days.values()), 0
    for number in sorted(days):
        reached += days[number]
        if 100 * reached >= share * total:
            return number
    return None
