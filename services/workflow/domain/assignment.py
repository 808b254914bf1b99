"""Who of a unit answers for what: the assignment matrix, absences, and whom they name on a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID
from zlib import crc32

from services.workflow.domain.case import SYSTEM, Case, Workflow
from services.workflow.domain.permission import Person
from services.workflow.domain.vocabulary import holds

ANSWERS_CASES = ("officer", "head")
REASONS = ("leave", "sick", "mission", "training", "other")
BY_MATRIX, BY_DIALOGUE = "matrix", "dialogue"
"""How the timeline says that nobody decided this but the matrix; or who chaired the session where it was promised."""


@dataclass(frozen=True, kw_only=True)
class Duty:
    """A row of the matrix: this officer answers for a topic in a ward; None is every topic, every ward."""

    id: UUID
    unit: str
    topic: str | None
    ward: str | None
    officer: str  # pseudonym
    deputy: str | None
    valid_from: date
    valid_to: date | None

    @property
    def is_about(self) -> tuple[str, str | None, str | None]:
        return self.unit, self.topic, self.ward

    def covers(self, case: Case) -> bool:
        """Whether the row speaks of this case. What is not ordinary is given by a row that names its topic only: need
        to know is nobody's by default.
        """
        is_topic = self.topic == case.topic if self.topic else not case.is_restricted
        return self.unit == case.unit and is_topic and self.ward in {None, case.ward}


@dataclass(frozen=True, kw_only=True)
class Absence:
    """Days on which somebody is not there, both included, and who stands in."""

    id: UUID
    person: str
    unit: str
    valid_from: date
    valid_to: date
    reason: str
    deputy: str | None


@dataclass(frozen=True)
class Matrix:
    """All that is needed to name somebody: rows, absences, and the active accounts."""

    duties: Sequence[Duty] = ()
    absences: Sequence[Absence] = ()
    staff: Mapping[str, Person] = field(default_factory=dict)

    def absence_of(self, person: str, day: date) -> Absence | None:
        return next((one for one in self.absences if one.person == person and holds(one, day)), None)

    def can_answer(self, person: str, unit: str, day: date) -> bool:
        """Whether somebody works in the unit, answers cases and is there on the day."""
        known = self.staff.get(person)
        is_of_unit = known is not None and known.unit == unit and known.role in ANSWERS_CASES
        return is_of_unit and self.absence_of(person, day) is None


@dataclass(frozen=True)
class Assignee:
    """Whom the matrix names, by which row, and for whom they stand in; without a row, who was named in a session."""

    person: str
    duty: Duty | None = None
    instead_of: str | None = None

    @property
    def why(self) -> dict[str, str]:
        """What the timeline keeps of it."""
        if self.duty is None:
            return {"by": BY_DIALOGUE}
        found = {
            "by": BY_MATRIX,
            "topic": self.duty.topic,
            "ward": self.duty.ward,
            "instead_of": self.instead_of,
        }
        return {name: value for name, value in found.items() if value is not None}


def assignee_on(matrix: Matrix, case: Case, day: date) -> Assignee | None:
    """Whom the matrix names for a case on a day: the officer of its most specific row, else who stands in for them.

    None where nobody is named or there, and where the case is about the officer: then the head decides. Nobody is
    named who is shut out, absent, gone, or of another unit.
    """
    rows = [duty for duty in matrix.duties if duty.covers(case) and holds(duty, day)]
    if not rows or case.unit in case.excluded:
        return None
    duty = max(rows, key=lambda row: (row.topic is not None, row.ward is not None, row.valid_from, row.id))
    if duty.officer in case.excluded:
        return None
    if matrix.can_answer(duty.officer, case.unit, day):
        return Assignee(duty.officer, duty)
    absence = matrix.absence_of(duty.officer, day)
    deputy = absence.deputy if absence is not None and absence.deputy else duty.deputy
    if deputy is None or deputy in case.excluded or not matrix.can_answer(deputy, case.unit, day):
        return None
    return Assignee(deputy, duty, instead_of=duty.officer)


def at_once(matrix: Matrix, case: Case, workflow: Workflow, day: date) -> Assignee | None:
    """Who gets an accepted case without anybody deciding it, where the life of its kind allows that."""
    if case.officer is not None or not workflow.may_take(case, "assign", by=SYSTEM):
        return None
    return assignee_on(matrix, case, day)


def suggestion(matrix: Matrix, case: Case, day: date, *, load: Mapping[str, int]) -> str | None:
    """Whom the head's list suggests: whom the matrix names, else whoever of the officers has the fewest open cases.

    Among equally busy ones each case finds its own, so that a list does not give all to the first.
    """
    named = assignee_on(matrix, case, day)
    if named is not None:
        return named.person
    free = [
        person
        for person, known in matrix.staff.items()
        if known.role == "officer" and person not in case.excluded and matrix.can_answer(person, case.unit, day)
    ]
    return min(free, key=lambda person: (load.get(person, 0), crc32(f"{case.id} {person}".encode())), default=None)


def clashing(duties: Iterable[Duty], new: Duty) -> Duty | None:
    """A row about the same topic and ward that holds on a day of the new one."""
    return next((one for one in duties if one.is_about == new.is_about and _meet(one, new)), None)


def _meet(one: Duty, other: Duty) -> bool:
    last, other_last = one.valid_to or date.max, other.valid_to or date.max
    return one.valid_from <= other_last and other.valid_from <= last


def given(case: Case, named: Assignee, workflow: Workflow) -> Case:
    """The case as it is once it was assigned."""
    return replace(workflow.take(case, "assign", by=SYSTEM), officer=named.person)
