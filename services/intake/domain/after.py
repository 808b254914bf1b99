"""What a citizen may still say after an answer, read from the story of the petition."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID


class Entry(Protocol):
    """A line of the story."""

    @property
    def at(self) -> datetime: ...
    @property
    def what(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    @property
    def case_id(self) -> UUID | None: ...


E = TypeVar("E", bound=Entry)


def reopenable(story: Sequence[E], today: date) -> list[E]:
    """The answers that may be asked to be looked at again: the last one to each matter, within its days, not asked
    about before."""
    last = {entry.case_id: entry for entry in story if entry.what == "answered"}
    return [answer for answer in last.values() if _is_in_time(answer, today) and not _is_looked_at(answer, story)]


def _is_in_time(answer: Entry, today: date) -> bool:
    until = answer.facts.get("reopen_until")
    return until is not None and today <= date.fromisoformat(until)


def _is_looked_at(answer: Entry, story: Sequence[Entry]) -> bool:
    return any(
        entry.what in {"reopen_requested", "reopened"}
        and entry.case_id == answer.case_id
        and entry.facts.get("round") == answer.facts["round"]
        for entry in story
    )


def is_withdrawing(story: Sequence[Entry]) -> bool:
    """Whether a wish to take it back waits, or was granted."""
    last = next((e.what for e in reversed(story) if e.what in {"withdrawal_asked", "withdrawal_declined"}), "")
    return last == "withdrawal_asked"


def asked_promise(story: Sequence[E], today: date) -> E | None:
    """The question about a promise that waits for a word, if there is one."""
    asked = (entry for entry in reversed(story) if entry.what == "promise_asked")
    return next((question for question in asked if _waits(question, story, today)), None)


def _waits(question: Entry, story: Sequence[Entry], today: date) -> bool:
    if today > date.fromisoformat(question.facts["judge_until"]):
        return False
    promise = question.facts["promise_id"]
    is_settled = any(
        entry.what in {"promise_judged", "promise_moved"} and entry.facts.get("promise_id") == promise
        for entry in story
    )
    is_worked_on = any(
        entry.what == "reopened" and entry.case_id == question.case_id and entry.at >= question.at for entry in story
    )
    return not is_settled and not is_worked_on
