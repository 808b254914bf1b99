"""A petition about several matters: each has a case of its own at the desk; the petition stands where they all do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

OVER = frozenset({"closed", "refused", "quarantined", "transferred", "withdrawn"})
"""Stages in which nothing more comes."""

SPLIT = "split"
_FAR = (
    "waiting",
    "received",
    "in_triage",
    "assigned",
    "reopened",
    "paused",
    "in_progress",
    "drafted",
    "approved",
    "linked",
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One matter of a petition, as far as the desk told of its case."""

    case_id: UUID
    stage: str
    number: int = 0  # in the order in which the desk opened them
    unit: str | None = None
    due_on: date | None = None
    reply_by: date | None = None
    round: int = 0
    is_rated: bool = False
    answered_at: datetime | None = None

    @property
    def is_worked_on(self) -> bool:
        return self.stage not in OVER | {"answered", SPLIT}


def whole_of(parts: Sequence[Part]) -> dict[str, Any]:
    """Where the petition stands: with its part that is least far; due on the nearest day that is owed.

    It is answered when all parts are that can be, and over when all are. What was taken apart counts no more.
    """
    parts = [part for part in parts if part.stage != SPLIT] or list(parts)
    working = [part for part in parts if part.is_worked_on]
    slowest = min(working, key=_how_far, default=None)
    nearest = min(working or parts, key=lambda part: part.due_on or date.max)
    return {
        "stage": slowest.stage if slowest else _end_of(parts),
        "unit": nearest.unit,
        "due_on": nearest.due_on,
        "reply_by": min((part.reply_by for part in parts if part.reply_by), default=None),
        "round": max(part.round for part in parts),
        "is_rated": not working and any(part.is_rated for part in parts),
        "answered_at": max((part.answered_at for part in parts if part.answered_at), default=None),
    }


def _how_far(part: Part) -> int:
    return _FAR.index(part.stage) if part.stage in _FAR else len(_FAR)


def _end_of(parts: Sequence[Part]) -> str:
    """Nobody works on it any more: answered while an answer stands open, else how it ended."""
    stages = {part.stage for part in parts}
    if "answered" in stages:
        return "answered"
    return stages.pop() if len(stages) == 1 else "closed"
