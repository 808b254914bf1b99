"""What citizens are told about a topic before they send, and questions kept ready, so that they are asked once."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.config import valid_on

Wanted = Literal["place", "files", "phone"]
"""What a form can see that it lacks."""


@dataclass(frozen=True)
class Guidance:
    """What to tell and to attach about a topic, and what happens next."""

    topic: str
    text: str
    text_en: str
    next: str
    next_en: str
    wants: tuple[Wanted, ...]
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: str


@dataclass(frozen=True)
class ReadyQuestion:
    """One complete question for one missing piece, about some topics."""

    code: str
    topics: tuple[str, ...]
    text: str
    text_en: str
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: str


def questions_about(rows: Iterable[ReadyQuestion], topic: str | None, day: date) -> tuple[ReadyQuestion, ...]:
    """The questions kept ready for a topic on a day, in the order of the file."""
    return tuple(row for row in valid_on(rows, day) if topic in row.topics)


def one_question(ready: Iterable[ReadyQuestion], chosen: Collection[str], typed: str) -> str:
    """The chosen questions and what was typed, as one: a line each where there are several."""
    lines = [row.text for row in ready if row.code in chosen]
    if typed.strip():
        lines.append(typed.strip())
    return lines[0] if len(lines) == 1 else "\n".join(f"– {line}" for line in lines)
