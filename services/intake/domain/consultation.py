"""A draft on which everybody may comment for a while, and what everybody may read of the answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.events.intake import Attachment

KIND = "consultation_comment"


class ConsultationNotOpen(Exception):
    """Nobody may comment on this draft today."""


@dataclass(frozen=True, kw_only=True)
class Consultation:
    """A draft as its page shows it."""

    id: UUID
    number: int  # its short address
    unit: str  # which answers
    opens_on: date
    closes_on: date  # the last day
    answers_due_on: date
    title: str
    summary: str  # in plain words
    asked: str  # on what views are wanted
    text: str | None  # the draft itself, where it is no file
    document: Attachment | None
    closed_on: date | None = None
    reason: str | None = None  # why it was closed early

    def stands_on(self, day: date) -> str:
        """planned, open, closed."""
        if self.closed_on is not None or self.closes_on < day:
            return "closed"
        return "planned" if day < self.opens_on else "open"

    @property
    def ended_on(self) -> date:
        """The last day on which it was, or will be, open."""
        return self.closed_on or self.closes_on


@dataclass(frozen=True, kw_only=True)
class PublicAnswer:
    """What everybody may read of the answer to one comment: never the comment itself, nor who sent it."""

    petition_id: UUID
    consultation_id: UUID
    point: str
    answer: str
    outcome: str
    answered_at: datetime


@dataclass(frozen=True)
class Answered:
    """Comments that say the same and got the same answer."""

    point: str
    answer: str
    outcome: str
    count: int


def together(answers: Iterable[PublicAnswer]) -> Sequence[Answered]:
    """Each point with its answer once, and to how many comments it was given; in the order of the first."""
    counted: dict[tuple[str, str, str], int] = {}
    for one in answers:
        key = (one.point, one.answer, one.outcome)
        counted[key] = counted.get(key, 0) + 1
    return [Answered(*key, count) for key, count in counted.items()]
