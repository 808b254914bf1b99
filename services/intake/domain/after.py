"""What a citizen may still say after an answer, read from the story of the petition."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol, TypeVar


class Entry(Protocol):
    """A line of the story."""

    @property
    def at(self) -> datetime: ...
    @property
    def what(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...


E = TypeVar("E", bound=Entry)


def reopenable(story: Sequence[E], today: date) -> E | None:
    """The answer that may be asked to be looked at again: the last one, within its days, not asked for before."""
    answer = _last(story, "answered")
    until = answer.facts.get("reopen_until") if answer else None
    if answer is None or until is None or today > date.fromisoformat(until):
        return None
    is_settled = any(
        entry.what in {"reopen_requested", "reopened"} and entry.facts.get("round") == answer.facts["round"]
        for entry in story
    )
    return None if is_settled else answer


def asked_promise(story: Sequence[E], today: date) -> E | None:
    """The question about a promise that waits for a word, if there is one."""
    question = _last(story, "promise_asked")
    if question is None or today > date.fromisoformat(question.facts["judge_until"]):
        return None
    promise = question.facts["promise_id"]
    is_settled = any(
        entry.what in {"promise_judged", "promise_moved"} and entry.facts.get("promise_id") == promise
        for entry in story
    )
    is_worked_on = any(entry.what == "reopened" and entry.at >= question.at for entry in story)
    return None if is_settled or is_worked_on else question


def _last(story: Sequence[E], what: str) -> E | None:
    return next((entry for entry in reversed(story) if entry.what == what), None)
