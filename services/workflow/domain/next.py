"""What happens next to a case, by whom and until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from services.workflow.domain.case import SYSTEM, Case, Workflow
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.rules import owed

WAY = ("decide", "assign", "accept", "screen", "draft", "approve", "answer", "resume", "close", "transfer")
"""The steps that lead a case to its answer, or to the body that gives it, in their order; the others lead aside."""

REOPEN = "reopen"
"""Deciding on a wish to look again: no step of the state table, since it may come in vain."""

OWN_CLOCKS = {
    "decide": ("triage",),
    "assign": ("head_assigns_officer",),
    "accept": ("accept_or_refuse", "register_and_verify", "respond"),
    "screen": ("screen",),
    "transfer": ("transfer",),
}
"""Steps with a clock of their own: until then, and not only until the answer."""

NEAREST = ("officer", "head", "office", "director")
"""Who is meant when several roles may do it: the nearest to the work."""


@dataclass(frozen=True, kw_only=True)
class Next:
    """The next thing that has to happen."""

    step: str  # of the state table, or REOPEN
    who: str  # officer, head, office, director, citizen, system
    due_on: date | None = None
    due_at: datetime | None = None


def what_next(
    case: Case,
    workflow: Workflow,
    clocks: Iterable[Deadline],
    *,
    reply_by: date | None = None,
    is_asked_again: bool = False,
) -> Next | None:
    """The next step on the way to the answer; None when the case has ended.

    `is_asked_again`: a citizen waits to hear whether the answer is looked at again. Nothing closes by itself then.
    """
    ahead = {step.name: step for step in workflow.steps_from(case.stage)}
    name = next((name for name in WAY if name in ahead), None)
    if case.is_ended or name is None:
        return None
    if name == "resume" and case.stage == "waiting":
        return Next(step=name, who="citizen", due_on=reply_by)
    if name == "close" and is_asked_again:
        return Next(step=REOPEN, who="head")
    if name == "close" and case.next_step_at is not None:
        return Next(step=name, who=SYSTEM, due_at=case.next_step_at)
    running = [clock for clock in clocks if clock.state == "running"]
    own = (clock for clock in running if clock.step in OWN_CLOCKS.get(name, ()))
    until = min(own, key=lambda clock: clock.due_at, default=None) or owed(running)
    return Next(
        step=name,
        who=_nearest(case, name, ahead[name].by),
        due_on=until.due_on if until else None,
        due_at=until.due_at if until else None,
    )


def _nearest(case: Case, name: str, roles: frozenset[str]) -> str:
    if name == "decide" and "office" in roles and not case.is_restricted:
        return "office"  # the focal point sorts what everybody may see
    return next((role for role in NEAREST if role in roles), SYSTEM)
