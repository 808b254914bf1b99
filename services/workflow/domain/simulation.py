"""What changed rules would have made of petitions that were received, and what a calendar makes of clocks that run."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from uuid import UUID

from services.workflow.domain.case import Case
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.recount import recounted
from services.workflow.domain.rules import Rules, owed
from services.workflow.domain.sorting import Letter, Petition, by_words


@dataclass(frozen=True)
class Outcome:
    """What a petition is, and who handles it how soon, by its words alone."""

    kind: str | None
    topic: str | None
    unit: str
    priority: str

    def differs(self, other: "Outcome") -> tuple[str, ...]:
        names = (field.name for field in fields(self))
        return tuple(name for name in names if getattr(self, name) != getattr(other, name))


@dataclass(frozen=True)
class Changed:
    """A petition of which the new rules would make something else."""

    case_id: UUID
    before: Outcome
    after: Outcome

    @property
    def fields(self) -> tuple[str, ...]:
        return self.before.differs(self.after)


@dataclass(frozen=True)
class Simulation:
    looked_at: int
    changed: tuple[Changed, ...]
    counts: Mapping[str, int]  # field of an outcome → how many cases would have got another one


def simulate(old: Rules, new: Rules, cases: Iterable[tuple[UUID, Petition]], *, at: datetime) -> Simulation:
    """Sort each petition by both rules, as if it had come at this instant, when the new ones are in force."""
    found, looked_at = [], 0
    for case_id, petition in cases:
        looked_at += 1
        arriving = replace(petition, received_at=at)
        before, after = _outcome(arriving, old), _outcome(arriving, new)
        if before != after:
            found.append(Changed(case_id, before, after))
    return Simulation(looked_at, tuple(found), Counter(name for one in found for name in one.fields))


def _outcome(petition: Petition, rules: Rules) -> Outcome:
    found = by_words(Letter.of(petition, rules.catalogue))
    return Outcome(found.kind, found.topic, found.unit, found.priority)


@dataclass(frozen=True)
class Moves:
    """What counting anew would do to the days that citizens were told."""

    looked_at: int
    later: int
    earlier: int


def count_moves(new: Rules, cases: Iterable[tuple[Case, Mapping[UUID, Deadline]]], *, now: datetime) -> Moves:
    """How many cases would be due later, and how many earlier, by other days off."""
    looked_at = later = earlier = 0
    for case, known in cases:
        looked_at += 1
        moved = recounted(known, new.catalogue, kind=case.kind, conditions=case.conditions, now=now)
        governing = owed({**known, **moved}.values())
        if governing is not None and governing.due_on is not None and case.answer_due_on is not None:
            later += governing.due_on > case.answer_due_on
            earlier += governing.due_on < case.answer_due_on
    return Moves(looked_at, later, earlier)
