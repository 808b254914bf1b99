"""The rules in force, put together once: catalogue and state tables, and what a step does to the clocks of a case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any, Protocol, TypeVar

from services.workflow.domain import deadline as clocks
from services.workflow.domain.answering import AnswerRules
from services.workflow.domain.case import BadWorkflow, Case, Step, Workflow, was_late
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.ladder import SILENCE, WAIT_OVER, Rung, house_rungs, next_rung, rungs_of
from services.workflow.domain.letter import Papers, Press
from services.workflow.domain.vocabulary import Catalogue
from shared.calendar import Calendar

Key = TypeVar("Key")

OPEN_STATES = {"running", "paused"}


@dataclass(frozen=True)
class Rules:
    """What the desk works by."""

    catalogue: Catalogue
    workflows: Mapping[tuple[str, int], Workflow]  # by name and version: a running case keeps its version
    current: Mapping[str, Workflow]  # by kind: what a new case lives by, the newest version of one table
    papers: Papers
    press: Press
    answers: AnswerRules

    @property
    def calendar(self) -> Calendar:
        return self.catalogue.calendar

    @cached_property
    def counted_by(self) -> str:
        """Tells apart what running clocks are counted by: the days and hours that are worked, and the ladder."""
        calendar = self.calendar
        hours = [(row.valid_from, row.valid_to, row.months, row.spans) for row in calendar.working_hours]
        days = (sorted(calendar.weekly_rest), sorted(calendar.days_off), sorted(calendar.make_up_days))
        said = repr((calendar.zone, sorted(calendar.confirmed_years), days, hours, self.catalogue.ladder))
        return sha256(said.encode()).hexdigest()

    def in_force(self, _look: Any) -> "Rules":
        """Rules by themselves are a book that nobody writes in."""
        return self

    @cached_property
    def unit_codes(self) -> frozenset[str]:
        return frozenset(unit.code for unit in self.catalogue.units)

    def knowing(self, step: str) -> list[tuple[str, int]]:
        """Names and versions of the state tables that have a step."""
        return [key for key, workflow in self.workflows.items() if step in workflow.steps]

    def workflow_of(self, case: Case) -> Workflow:
        return self.workflows[case.workflow, case.workflow_version]


class Book(Protocol):
    """Gives the rules in force, as a look at the database finds them."""

    def in_force(self, look: Any, /) -> Rules: ...


def make_rules(
    catalogue: Catalogue, workflows: Iterable[Workflow], papers: Papers, press: Press, answers: AnswerRules
) -> Rules:
    """The rules of these parts. Raises BadWorkflow when a kind lives by no table."""
    known: dict[tuple[str, int], Workflow] = {}
    newest: dict[str, Workflow] = {}
    for workflow in sorted(workflows, key=lambda one: one.version):
        if (workflow.name, workflow.version) in known:
            raise BadWorkflow(f"{workflow.name} has version {workflow.version} twice")
        known[workflow.name, workflow.version] = newest[workflow.name] = workflow
    current: dict[str, Workflow] = {}
    for workflow in newest.values():
        for kind in workflow.kinds:
            other = current.setdefault(kind, workflow)
            if other is not workflow:
                raise BadWorkflow(f"{kind} stands in {other.name} and in {workflow.name}")
    if missing := {kind.id for kind in catalogue.kinds} - set(current):
        raise BadWorkflow(f"no state table for {', '.join(sorted(missing))}")
    return Rules(catalogue, known, current, papers, press, answers)


# ---- what a step does to the clocks


def effect_of(step: Step, running: Mapping[Key, Deadline], *, at: datetime, calendar: Calendar) -> dict[Key, Deadline]:
    """The clocks that a step changes, as they are after it."""
    changed: dict[Key, Deadline] = {}
    for key, clock in running.items():
        if clock.state not in OPEN_STATES:
            continue
        after = clock
        if clock.step in step.meets or step.ends == "met":
            after = clocks.meet(clock, at)
        elif step.ends == "void":  # what was late when it ended stays late
            after = clocks.meet(clock, at) if clock.is_late_at(at) else clocks.void(clock)
        elif step.pauses and clock.step in step.pauses and clock.state == "running":
            after = clocks.pause(clock, at)
        elif step.is_resuming and clock.state == "paused":
            after = clocks.resume(clock, at, calendar)
        if after != clock:
            changed[key] = after
    return changed


def owed(deadlines: Iterable[Deadline]) -> Deadline | None:
    """The clock that the case is measured by now: the earliest open one of what is owed to the citizen."""
    return clocks.answer_deadline(tuple(clock for clock in deadlines if clock.state in OPEN_STATES))


def follow(
    kind: str, clocks_before: Mapping[Key, Deadline], changed: Mapping[Key, Deadline], catalogue: Catalogue
) -> dict[Key, Deadline]:
    """The clocks that hang on the answer's due day, counted anew when it moved: the day of the apology."""
    answer = next((clock for clock in changed.values() if clock.step == "answer" and clock.state == "running"), None)
    if answer is None:
        return {}
    fresh = clocks.apology_of(answer, catalogue, kind=kind)
    return {
        key: fresh
        for key, clock in clocks_before.items()
        if fresh is not None and clock.anchor == "answer_due" and clock.is_open and key not in changed
    }


def timed(
    case: Case,
    deadlines: Sequence[Deadline],
    rules: Rules,
    *,
    after: tuple[datetime, str],
    wait_ends_at: datetime | None = None,
) -> Case:
    """The case with its due day and its next rung, from its clocks as they are now.

    `after` is when, and by the name of which rung, the ladder was last looked at. A case that waits climbs no ladder:
    its next step is the end of the wait. After the answer it is the end of the citizen's silence.
    """
    governing = owed(deadlines)
    rung: Rung | None = None
    if case.is_ended:
        pass
    elif case.answered_at is not None:
        rung = _silence(case, case.answered_at, deadlines, rules)
    elif case.is_paused:
        rung = None if wait_ends_at is None else Rung(at=wait_ends_at, name=WAIT_OVER, action=WAIT_OVER, tell=())
    elif governing is not None and governing.state == "running":
        limit = limit_of(deadlines, rules.catalogue)
        rungs = rungs_of(governing, rules.catalogue, kind=case.kind, limit=limit)
        rung = next_rung((*rungs, *house_rungs(deadlines, rules.catalogue)), after=after)
    return replace(
        case,
        answer_due_at=governing.due_at if governing else case.answer_due_at,
        answer_due_on=governing.due_on if governing else case.answer_due_on,
        answer_rule=governing.rule if governing else case.answer_rule,
        next_step=rung.name if rung else None,
        next_step_at=rung.at if rung else None,
    )


def sooner(case: Case, deadlines: Sequence[Deadline], rules: Rules, *, after: datetime) -> Case:
    """The case with a rung of the house before the one it waits for, where a term of ours has just begun to run."""
    rung = next_rung(house_rungs(deadlines, rules.catalogue), after=(after, ""))
    if rung is None or case.is_paused or (case.next_step_at is not None and case.next_step_at <= rung.at):
        return case
    return replace(case, next_step=rung.name, next_step_at=rung.at)


def was_ever_late(case: Case, deadlines: Iterable[Deadline]) -> bool:
    """Whether an answer of the case came late, this one or one before it was reopened."""
    return was_late(case) or any(
        clock.state == "missed" and clock.is_governing and clock.step == "answer" for clock in deadlines
    )


def _silence(case: Case, answered_at: datetime, deadlines: Iterable[Deadline], rules: Rules) -> Rung | None:
    """When an answered case closes by itself, because the citizen did not come back to it."""
    days = rules.workflow_of(case).closes_after
    if days is None or was_ever_late(case, deadlines):
        return None  # who was late explains it; nothing closes that by time alone
    calendar = rules.calendar
    at = calendar.next_working_instant(calendar.end_of_day(calendar.local_day(answered_at) + timedelta(days=days)))
    return Rung(at=at, name=SILENCE, action=SILENCE, tell=())


def limit_of(deadlines: Iterable[Deadline], catalogue: Catalogue) -> Deadline | None:
    """The running clock of the last limit, whose alarms stand beside the ladder."""
    rule = catalogue.ladder.limit_alarms.rule
    return next((clock for clock in deadlines if clock.rule == rule and clock.state == "running"), None)
