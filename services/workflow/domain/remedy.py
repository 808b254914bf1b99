"""Remedies: what is done so that a fault does not come back, and who may open, report and judge one."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.workflow.domain.permission import ALLOWED, Allowed, Person, Refusal, Refused

OPEN, DONE, CLOSED = "open", "done", "closed"
OVERSEERS = frozenset({"office", "director"})


class RemedyRefused(Exception):
    """The remedy does not stand where this could be done with it."""


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What somebody does by a day, why, and what showed that it was done.

    Source: Kế hoạch 1167/KH-SGTVT: faults that people point out are mended, not only answered.
    """

    id: UUID
    what: str
    unit: str
    owner: str  # pseudonym
    due_on: date
    state: str  # open, done (reported, to be judged), closed
    opened_by: str
    opened_at: datetime
    case_id: UUID | None = None  # the case or the check that caused it
    check_id: UUID | None = None
    evidence: str | None = None
    done_by: str | None = None
    done_at: datetime | None = None
    judged_by: str | None = None
    judged_at: datetime | None = None
    procedure: str | None = None  # or the procedure whose review day came
    review_on: date | None = None
    words: str | None = None  # why it was sent back, or what the judge adds

    @property
    def cause(self) -> str:
        if self.procedure:
            return "procedure"
        return "case" if self.case_id else "check" if self.check_id else "figures"

    def is_late_on(self, day: date) -> bool:
        return self.state == OPEN and self.due_on < day


def may_open(person: Person, unit: str) -> Allowed | Refused:
    """Heads for their own unit; the Office and the director for any."""
    if person.role in OVERSEERS or (person.role == "head" and person.unit == unit):
        return ALLOWED
    return Refused(Refusal.NOT_YOUR_ROLE)


def may_report(person: Person, remedy: Remedy) -> Allowed | Refused:
    """The owner, or the head who answers for the unit."""
    if person.person == remedy.owner or (person.role == "head" and person.unit == remedy.unit):
        return ALLOWED
    return Refused(Refusal.NOT_ASSIGNED)


def may_judge(person: Person, remedy: Remedy) -> Allowed | Refused:
    """Somebody else than who owns it or says that it is done."""
    if person.person in {remedy.owner, remedy.done_by}:
        return Refused(Refusal.YOU_OWN_IT)
    return may_open(person, remedy.unit)


def report(remedy: Remedy, *, evidence: str, by: str, at: datetime) -> Remedy:
    """The remedy as its owner says that it is done. Raises RemedyRefused."""
    if remedy.state != OPEN:
        raise RemedyRefused(f"a remedy that is {remedy.state} cannot be reported")
    return replace(remedy, state=DONE, evidence=evidence, done_by=by, done_at=at, words=None)


def judge(remedy: Remedy, *, is_good: bool, words: str | None, by: str, at: datetime) -> Remedy:
    """Closed when it helped; open again, with the reason, when not. Raises RemedyRefused."""
    if remedy.state != DONE:
        raise RemedyRefused(f"a remedy that is {remedy.state} cannot be judged")
    state = CLOSED if is_good else OPEN
    return replace(remedy, state=state, judged_by=by, judged_at=at, words=words)
