"""Consultations: drafts of policies on which everybody may comment for a while; who prepares, opens and closes one.

Each comment is a case of the unit in charge. Its clock does not run from its filing but from the close.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.workflow.domain.deadline import Deadline, deadlines_of
from services.workflow.domain.permission import ALLOWED, Allowed, Person, Refusal, Refused
from services.workflow.domain.sorting import Reason, Sorted
from services.workflow.domain.vocabulary import Catalogue, Publication
from shared.events.intake import Attachment

KIND = "consultation_comment"
ANCHOR = "consultation_closed"
"""From what the time for the answers runs: an anchor of `config/clocks.json`."""

PREPARED, OPENED, CLOSED = "prepared", "opened", "closed"


class ConsultationRefused(Exception):
    """The consultation does not stand where this could be done with it, or is not any more what was looked at."""


@dataclass(frozen=True, kw_only=True)
class Consultation:
    """A draft that is laid before the public, from the first day to the last, and the unit that answers.

    Source: Kế hoạch 1167/KH-SGTVT, 1.2: more people take part; NĐ 20/2008 Đ6(3), Đ9(2).
    """

    id: UUID
    number: int  # its short address
    title: str
    summary: str  # in plain words
    asked: str  # on what views are wanted
    text: str | None  # the draft itself, where it is no file
    document: Attachment | None  # its file
    unit: str
    opens_on: date
    closes_on: date  # the last day
    prepared_by: str  # who wrote it last: somebody else opens it
    prepared_at: datetime
    state: str = PREPARED
    opened_by: str | None = None
    opened_at: datetime | None = None
    closed_by: str | None = None  # "system" where its days were over
    closed_at: datetime | None = None
    closed_on: date | None = None  # day 0 of the answers
    reason: str | None = None  # why it was closed early

    def stands_on(self, day: date) -> str:
        """For the pages: prepared, planned (opened, its first day to come), open, closed."""
        if self.state == OPENED:
            return "planned" if day < self.opens_on else "closed" if self.closes_on < day else "open"
        return self.state


def may_prepare(person: Person) -> Allowed | Refused:
    """The Office."""
    return ALLOWED if person.role == "office" else Refused(Refusal.NOT_YOUR_ROLE)


def may_open(person: Person, consultation: Consultation) -> Allowed | Refused:
    """The head of the unit in charge or the director, and never who prepared it."""
    if person.person == consultation.prepared_by:
        return Refused(Refusal.YOU_WROTE_THE_DRAFT)
    return _answers_for(person, consultation)


def may_close(person: Person, consultation: Consultation) -> Allowed | Refused:
    """Before its last day: the Office, the head of the unit in charge, the director."""
    return ALLOWED if person.role == "office" else _answers_for(person, consultation)


def _answers_for(person: Person, consultation: Consultation) -> Allowed | Refused:
    is_head = person.role == "head" and person.unit == consultation.unit
    return ALLOWED if is_head or person.role == "director" else Refused(Refusal.NOT_YOUR_ROLE)


def open_up(consultation: Consultation, *, by: str, at: datetime, today: date) -> Consultation:
    """Raises ConsultationRefused: it was opened before, or its last day has passed."""
    if consultation.state != PREPARED or consultation.closes_on < today:
        raise ConsultationRefused(f"a consultation that is {consultation.state} is not opened on {today}")
    return replace(consultation, state=OPENED, opened_by=by, opened_at=at)


def close(consultation: Consultation, *, by: str, at: datetime, today: date, reason: str | None = None) -> Consultation:
    """Nobody comments any more. Where its days were over it ended on the last of them, however late that is noticed.

    Raises ConsultationRefused.
    """
    if consultation.state != OPENED:
        raise ConsultationRefused(f"a consultation that is {consultation.state} is not closed")
    on = min(today, consultation.closes_on)
    return replace(consultation, state=CLOSED, closed_by=by, closed_at=at, closed_on=on, reason=reason)


def clocks_from(catalogue: Catalogue, closed_on: date) -> tuple[Deadline, ...]:
    """The clocks of a comment once its consultation was closed. Source: config/clocks.json."""
    return deadlines_of(catalogue, kind=KIND, topic=None, anchors={ANCHOR: closed_on})


def answers_due_on(catalogue: Catalogue, closed_on: date) -> date:
    """The last day for answering the comments."""
    answer = next(clock for clock in clocks_from(catalogue, closed_on) if clock.step == "answer")
    assert answer.due_on is not None
    return answer.due_on


def as_comment(found: Sorted, consultation: Consultation, *, unit: str, publication: Publication) -> Sorted:
    """A comment goes to the unit in charge, whatever its words look like. Whom it names is still kept out."""
    named = dict.fromkeys([*found.named_persons, *(name for part in found.parts for name in part.named_persons)])
    return replace(
        found,
        kind=KIND,
        topic=None,
        candidates=(),
        unit=unit,
        route="accept",
        priority="normal",
        is_restricted=False,
        is_held=False,
        publication=publication,
        excluded_units=(),
        named_persons=tuple(named),
        flags=(),
        conditions=frozenset(),
        linked_to=None,
        transfer_to=None,
        parts=(),
        text=None,
        limitation=None,
        ground=None,
        rule=None,
        reasons=(Reason("consultation", (str(consultation.number),)),),
    )


@dataclass(frozen=True)
class Tally:
    """How far the answering of a consultation is."""

    comments: int = 0
    answered: int = 0
    to_approve: int = 0
    approved: int = 0

    @classmethod
    def of(cls, by_stage: Mapping[str, int]) -> "Tally":
        """From the number of comments in each stage."""
        return cls(
            comments=sum(by_stage.values()),
            answered=by_stage.get("answered", 0) + by_stage.get("closed", 0),
            to_approve=by_stage.get("drafted", 0),
            approved=by_stage.get("approved", 0),
        )
