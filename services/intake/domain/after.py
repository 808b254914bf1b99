"""What a citizen may still say after an answer, read from the story of the petition."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol, TypeVar


class Entry(Protocol):
    """A line of the story."""

    @property
    def what(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...


E = TypeVar("E", bound=Entry)


def reopenable(story: Sequence[E], today: date) -> E | None:
    """The answer that may be asked to be looked at again: the last one, within its days, not asked for before."""
    since = [entry for entry in story if entry.what in {"answered", "reopened", "reopen_requested"}]
    last = since[-1] if since else None
    until = last.facts.get("reopen_until") if last and last.what == "answered" else None
    return last if until and today <= date.fromisoformat(until) else None


def asked_promise(story: Sequence[E], today: date) -> E | None:
    """The question about a promise that waits for a word, if there is one."""
    since = [entry for entry in story if entry.what in _ENDS_QUESTION or entry.what == "promise_asked"]
    last = since[-1] if since else None
    if last is None or last.what != "promise_asked" or today > date.fromisoformat(last.facts["judge_until"]):
        return None
    return last


_ENDS_QUESTION = {"promise_judged", "promise_moved", "reopened"}
