"""A case and its life: stages, and the steps between them, as tables that are read and checked once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

SAME, BACK = "same", "back"
"""Where a step may lead besides a stage: nowhere else, or to where the case was paused."""

LANGUAGES = ("vi", "en")
TONES = {"new", "doing", "wait", "done", "late"}
ROLES = {"officer", "head", "office", "auditor", "director", "admin", "system"}
LONGEST_TITLE = 90  # characters
DIALOGUE_HELD = "dialogue_held"
"""The flag of a case whose dialogue is done with."""
SYSTEM = "system"
"""The actor of what the clock and the sorting do."""


class KindClass(StrEnum):
    """How closely a case is kept."""

    ORDINARY = "ordinary"
    RESTRICTED = "restricted"  # need to know: complaints, conduct
    SECRET = "secret"  # denunciations


class BadWorkflow(Exception):
    """A state table that cannot be lived by; the message says which table and why."""


class StepRefused(Exception):
    """The step is not possible from here, or not for this role."""


class GuardRefused(StepRefused):
    """Something else must have happened before this step. `guard` is its name in GUARDS."""

    def __init__(self, guard: str) -> None:
        super().__init__(f"not before {guard}")
        self.guard = guard


@dataclass(frozen=True, kw_only=True)
class Case:
    """The institution's duty to answer one petition."""

    id: UUID
    petition_id: UUID
    code: str
    kind: str
    topic: str | None
    unit: str
    stage: str
    workflow: str  # name of its state table
    workflow_version: int
    received_at: datetime
    route: str = "accept"
    priority: str = "normal"  # normal, high, urgent
    kind_class: KindClass = KindClass.ORDINARY
    publication: str = "private"
    officer: str | None = None  # pseudonym
    ward: str | None = None
    language: str = "vi"
    channel: str = "web"
    signature_status: str = "none"
    answer_due_at: datetime | None = None  # the first instant at which it is late
    answer_due_on: date | None = None
    answer_rule: str | None = None  # the rule that governs now
    resumes_to: str | None = None  # the stage in which its clock was paused
    is_ended: bool = False
    next_step: str | None = None  # of the ladder
    next_step_at: datetime | None = None
    linked_to: UUID | None = None
    drafted_by: str | None = None
    approved_by: str | None = None
    draft_version: int = 0
    extension_asked_by: str | None = None
    is_apology_owed: bool = False
    apologised_at: datetime | None = None
    answered_at: datetime | None = None
    answer_round: int = 0
    excluded: frozenset[str] = frozenset()  # units and pseudonyms that it is about
    flags: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()  # what decides between the clocks of a step: complex, remote, unsigned …
    attachment_count: int = 0
    version: int = 1
    consultation_id: UUID | None = None  # the draft on which it comments
    supporting: frozenset[str] = frozenset()  # units that were asked to contribute and have not handed it back

    @property
    def is_paused(self) -> bool:
        return self.resumes_to is not None

    @property
    def is_secret(self) -> bool:
        return self.kind_class is KindClass.SECRET

    @property
    def is_restricted(self) -> bool:
        return self.kind_class is not KindClass.ORDINARY


def _dialogue_held(case: Case) -> bool:
    """A dialogue took place, or the petitioner stayed away from it without a good reason.

    Source: Luật Khiếu nại Đ39, NĐ 155/2026 Đ11: at the second level a duty, before the decision.
    """
    return DIALOGUE_HELD in case.flags


GUARDS: Mapping[str, Callable[[Case], bool]] = {"dialogue_held": _dialogue_held}
"""What a state table may ask for before a step, by its name there: whether a case fulfils it."""


def title_of(text: str) -> str:
    """A title where the citizen gave none: the first words."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TITLE else line[:LONGEST_TITLE].rsplit(" ", 1)[0] + "…"


def was_late(case: Case) -> bool:
    """Whether the answer came after its due instant."""
    return case.answered_at is not None and case.answer_due_at is not None and case.answered_at >= case.answer_due_at


@dataclass(frozen=True)
class Stage:
    name: str
    desk: Mapping[str, str]  # words for staff, by language
    citizen: Mapping[str, str]  # words for the citizen, by language
    tone: str
    is_end: bool


@dataclass(frozen=True)
class Step:
    """What may happen to a case, and what it does to its clocks."""

    name: str
    allowed_from: frozenset[str]
    to: str  # a stage, same or back
    by: frozenset[str]
    says: str  # the event that tells it
    needs: tuple[str, ...]
    meets: frozenset[str]  # duties that are done by it
    starts: frozenset[str]  # anchors from which further clocks run
    ends: str | None  # what becomes of the clocks that still run: met, void
    pauses: frozenset[str] | None  # duties whose clocks stand still; None: the case does not wait
    is_resuming: bool
    is_restarting: bool
    guards: Mapping[str, frozenset[str]]  # of GUARDS → the kinds for which it stands before this step

    def unmet(self, case: Case) -> str | None:
        """The first guard that a case does not fulfil."""
        return next(
            (name for name, kinds in self.guards.items() if case.kind in kinds and not GUARDS[name](case)), None
        )

    @property
    def is_pausing(self) -> bool:
        return self.pauses is not None


@dataclass(frozen=True)
class Workflow:
    """One state table: the life of the kinds that share it."""

    name: str
    version: int
    kinds: tuple[str, ...]
    starts: Mapping[str, str]  # route → first stage
    closes_after: int | None  # calendar days after the answer, when the citizen stays silent
    stages: Mapping[str, Stage]
    steps: Mapping[str, Step]

    def first_stage(self, route: str) -> str:
        return self.starts.get(route, self.starts["otherwise"])

    def step(self, case: Case, name: str, *, by: str) -> Step:
        """The step, when it is possible. Raises StepRefused when stage or role forbids it, GuardRefused when something
        else comes first.
        """
        step = self.steps.get(name)
        if step is None or case.stage not in step.allowed_from or by not in step.by:
            raise StepRefused(f"{by} cannot {name} a case that is {case.stage}")
        if (guard := step.unmet(case)) is not None:
            raise GuardRefused(guard)
        return step

    def take(self, case: Case, name: str, *, by: str) -> Case:
        """The case after a step. Raises StepRefused when stage or role forbids it."""
        step = self.step(case, name, by=by)
        stage = {SAME: case.stage, BACK: case.resumes_to or case.stage}.get(step.to, step.to)
        paused_in = case.stage if step.is_pausing else case.resumes_to
        return replace(
            case,
            stage=stage,
            resumes_to=None if step.is_resuming or step.ends else paused_in,
            is_ended=self.stages[stage].is_end,
        )

    def targets(self, step: Step, before: str) -> set[str]:
        """The stages to which a step may lead from this one."""
        if step.to == SAME:
            return {before}
        if step.to == BACK:
            pauses = (other for other in self.steps.values() if other.is_pausing and other.to == before)
            return {stage for other in pauses for stage in other.allowed_from}
        return {step.to}

    def moves(self) -> set[tuple[str, str, str]]:
        """Every arrow of the drawing: from, to, step."""
        return {
            (before, after, step.name)
            for step in self.steps.values()
            for before in step.allowed_from
            for after in self.targets(step, before)
        }

    def steps_from(self, stage: str) -> tuple[Step, ...]:
        return tuple(step for step in self.steps.values() if stage in step.allowed_from)

    def may_take(self, case: Case, name: str, *, by: str) -> bool:
        step = self.steps.get(name)
        return step is not None and case.stage in step.allowed_from and by in step.by and step.unmet(case) is None


def read_workflow(name: str, table: Mapping[str, Any]) -> Workflow:
    """A state table from its file. Raises BadWorkflow when nobody could live by it."""
    try:
        stages = {key: _stage(key, row) for key, row in table["stages"].items()}
        steps = {key: _step(key, row) for key, row in table["steps"].items()}
        workflow = Workflow(
            name=name,
            version=int(table["version"]),
            kinds=tuple(table["kinds"]),
            starts=dict(table["starts"]),
            closes_after=table.get("closes_after"),
            stages=stages,
            steps=steps,
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise BadWorkflow(f"{name}: {problem!r}") from None
    faults = list(_faults(workflow))
    if faults:
        raise BadWorkflow(f"{name}: " + "; ".join(faults))
    return workflow


def _stage(name: str, row: Mapping[str, Any]) -> Stage:
    return Stage(
        name=name,
        desk=row["desk"],
        citizen=row["citizen"],
        tone=row["tone"],
        is_end=bool(row.get("is_end", False)),
    )


def _step(name: str, row: Mapping[str, Any]) -> Step:
    known = {"from", "to", "by", "says", "needs", "meets", "starts", "ends", "pauses", "resumes", "restarts", "guards"}
    if set(row) - known:
        raise ValueError(f"{name} has unknown keys {sorted(set(row) - known)}")
    return Step(
        name=name,
        allowed_from=frozenset(row["from"]),
        to=row["to"],
        by=frozenset(row["by"]),
        says=row["says"],
        needs=tuple(row.get("needs", ())),
        meets=frozenset(row.get("meets", ())),
        starts=frozenset(row.get("starts", ())),
        ends=row.get("ends"),
        pauses=frozenset(row["pauses"]) if "pauses" in row else None,
        is_resuming=bool(row.get("resumes", False)),
        is_restarting=bool(row.get("restarts", False)),
        guards={name: frozenset(kinds) for name, kinds in row.get("guards", {}).items()},
    )


def _faults(workflow: Workflow) -> Iterator[str]:
    """What is wrong with a table, one sentence each."""
    stages, steps = workflow.stages, workflow.steps
    if "otherwise" not in workflow.starts:
        yield "no first stage for other routes"
    for stage in stages.values():
        if any(not words.get(language) for words in (stage.desk, stage.citizen) for language in LANGUAGES):
            yield f"{stage.name} lacks words in a language"
        if stage.tone not in TONES:
            yield f"{stage.name} has an unknown tone"
        leads = {after for step in workflow.steps_from(stage.name) for after in workflow.targets(step, stage.name)}
        if not stage.is_end and leads <= {stage.name}:
            yield f"{stage.name} is a dead end"
    for step in steps.values():
        if unknown := (step.allowed_from | {step.to}) - set(stages) - {SAME, BACK}:
            yield f"{step.name} names unknown stages {sorted(unknown)}"
            continue
        if unknown := step.by - ROLES:
            yield f"{step.name} names unknown roles {sorted(unknown)}"
        if not step.by:
            yield f"nobody may {step.name}"
        if nameless := set(step.guards) - set(GUARDS):
            yield f"{step.name} asks for unknown guards {sorted(nameless)}"
        if strangers := {kind for kinds in step.guards.values() for kind in kinds} - set(workflow.kinds):
            yield f"{step.name} guards kinds that live elsewhere {sorted(strangers)}"
        if step.to in stages and stages[step.to].is_end and step.ends not in {"met", "void"}:
            yield f"{step.name} ends the case and leaves clocks running"
        if step.is_pausing and not any(other.is_resuming and step.to in other.allowed_from for other in steps.values()):
            yield f"after {step.name} no step lets the clock run again"
    if unreached := set(stages) - _reached(workflow):
        yield f"never reached: {sorted(unreached)}"


def _reached(workflow: Workflow) -> set[str]:
    reached = set(workflow.starts.values())
    while True:
        more = {after for before, after, _ in workflow.moves() if before in reached} - reached
        if not more:
            return reached
        reached |= more
