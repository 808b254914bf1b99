"""What an auditor may ask of the log: a line of words like `case:7K3M-9HDX type:case.* from:2026-11-20`."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from uuid import UUID

ZONE = timezone(timedelta(hours=7), "+07")  # days in a search are days in Vietnam

_CODE = re.compile(r"[0-9A-Z]{4}-?[0-9A-Z]{4}")
_TYPE = re.compile(r"[a-z_*]+(?:\.[a-z0-9_*]+)*")
_SOURCE = re.compile(r"[a-z]{1,16}")


class NotUnderstood(Exception):
    """A word of the search makes no sense; the message is that word."""


@dataclass(frozen=True)
class Search:
    """Everything that is given must be true; of several values for one thing, any."""

    subject: UUID | None = None
    code: str | None = None
    types: tuple[str, ...] = ()  # a star stands for anything: "case.*"
    without_types: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_empty(self) -> bool:
        return self == Search()


@dataclass
class _Draft:
    subject: UUID | None = None
    code: str | None = None
    days: dict[str, date] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)


def read_search(words: str) -> Search:
    """The search that a line of words asks for. Raises NotUnderstood."""
    draft = _Draft()
    for word in words.split():
        _read_word(draft, word)
    days, lists = draft.days, {name: tuple(values) for name, values in draft.lists.items()}
    return Search(
        subject=draft.subject,
        code=draft.code,
        types=lists.get("type", ()),
        without_types=lists.get("-type", ()),
        sources=lists.get("source", ()),
        actors=lists.get("actor", ()),
        units=lists.get("unit", ()),
        since=_midnight(days["from"]) if "from" in days else None,
        until=_midnight(days["to"] + timedelta(days=1)) if "to" in days else None,
    )


def _read_word(draft: _Draft, word: str) -> None:
    name, colon, value = word.partition(":")
    if not colon or not value:
        raise NotUnderstood(word)
    match name:
        case "case" | "subject":
            _read_case(draft, word, value)
        case "type" | "-type" if _TYPE.fullmatch(value):
            draft.lists.setdefault(name, []).append(value)
        case "source" if _SOURCE.fullmatch(value):
            draft.lists.setdefault(name, []).append(value)
        case "actor" | "unit" if len(value) <= 64:
            draft.lists.setdefault(name, []).append(value)
        case "from" | "to":
            draft.days[name] = _read_day(word, value)
        case _:
            raise NotUnderstood(word)


def _read_case(draft: _Draft, word: str, value: str) -> None:
    if _CODE.fullmatch(value.upper()):
        draft.code = value.upper().replace("-", "")
        return
    try:
        draft.subject = UUID(value)
    except ValueError:
        raise NotUnderstood(word) from None


def _read_day(word: str, value: str) -> date:
    """2026-11-20 or 20/11/2026."""
    for shape in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(value, shape).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise NotUnderstood(word)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZONE).astimezone(UTC)
