"""A petition's life as the log tells it: what happened, how long nothing did, and where it stood at any entry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

WORTH_SAYING = timedelta(minutes=10)
"""A shorter pause between two events is none."""

READING = "access.read.v1"


@dataclass(frozen=True)
class Moment:
    """One entry about a petition."""

    idx: int
    at: datetime
    type: str
    data: Mapping[str, Any]
    actor: str | None = None


@dataclass(frozen=True)
class Stretch:
    """Entries that are told as one, and how long nothing had happened before them."""

    moments: tuple[Moment, ...]
    after: timedelta | None  # None: too short to be worth a line, or the first

    @property
    def first(self) -> Moment:
        return self.moments[0]


@dataclass(frozen=True)
class State:
    """Where a case stood after an entry."""

    stage: str = ""
    due_on: str | None = None  # ISO date
    due_before: str | None = None  # the day it was moved from, if it was
    unit: str | None = None
    officer: str | None = None
    is_paused: bool = False


_STAGES = {
    "petition.filed.v1": "received",
    "case.opened.v1": "received",
    "case.assigned.v1": "assigned",
    "case.accepted.v1": "in_progress",
    "case.info_requested.v1": "waiting_citizen",
    "answer.drafted.v1": "drafted",
    "answer.approved.v1": "approved",
    "case.answered.v1": "answered",
    "case.reopened.v1": "reopened",
    "case.refused.v1": "refused",
    "case.transferred.v1": "transferred",
    "case.merged.v1": "merged",
    "case.closed.v1": "closed",
    "petition.withdrawn.v1": "withdrawn",
}


def stretches(moments: Sequence[Moment]) -> list[Stretch]:
    """A life in order: readings by the same person right after each other are one line."""
    told: list[Stretch] = []
    last: datetime | None = None
    for moment in moments:
        if told and _is_more_of(told[-1].moments[-1], moment):
            told[-1] = replace(told[-1], moments=(*told[-1].moments, moment))
        else:
            pause = moment.at - last if last is not None else timedelta()
            told.append(Stretch((moment,), pause if pause >= WORTH_SAYING else None))
        last = max(last, moment.at) if last is not None else moment.at
    return told


def state_after(moments: Iterable[Moment], idx: int) -> State:
    """Where the case stood when entry `idx` had happened."""
    state = State()
    for moment in moments:
        if moment.idx > idx:
            break
        state = _step(state, moment)
    return state


def _is_more_of(before: Moment, now: Moment) -> bool:
    same = before.type == now.type == READING and before.actor == now.actor
    return same and before.data.get("kind") == now.data.get("kind") and now.at - before.at < timedelta(hours=1)


def _step(state: State, moment: Moment) -> State:
    data, stage = moment.data, _STAGES.get(moment.type)
    if stage:
        state = replace(state, stage=stage)
    if moment.type in ("case.routed.v1", "case.assigned.v1") and data.get("unit"):
        state = replace(state, unit=data["unit"])
    if moment.type == "case.assigned.v1":
        state = replace(state, officer=data.get("officer"))
    if moment.type in ("case.clock_paused.v1", "case.clock_resumed.v1"):
        state = replace(state, is_paused=moment.type == "case.clock_paused.v1")
        if not state.is_paused and state.stage == "waiting_citizen":
            state = replace(state, stage="in_progress")
    due = data.get("answer_due_on") or data.get("due_on")
    if due and moment.type in _DUE and data.get("is_announced", True) and due != state.due_on:
        state = replace(state, due_on=due, due_before=state.due_on)
    return state


_DUE = {
    "case.opened.v1",
    "case.clock_started.v1",
    "case.clock_resumed.v1",
    "case.extended.v1",
    "case.rescheduled.v1",
    "case.apologised.v1",
    "case.merged.v1",
}
