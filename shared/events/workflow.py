"""What the desk says. `actor` and `officer` are pseudonyms of staff ("u:…"), or "system" for the clock and the sorting.

Of a secret kind (denunciations) kind, topic and unit are told sealed only: the open fields are None.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.events.base import DOOR, MIRROR, POST, Event, Sealed, event, told_to


@dataclass(frozen=True, kw_only=True)
class Due:
    """One clock of a case: its rule and the day, or for terms in hours the instant, on which it ends."""

    rule: str  # code in config/clocks, or "topic:C01" for the topic's own answer days
    step: str  # what is owed: answer, status_notice, accept_or_refuse …
    due_on: date | None  # local date; None for terms in hours
    due_at: datetime  # the first instant at which it is late, UTC
    is_governing: bool  # of several rules for one duty: the earliest


@dataclass(frozen=True, kw_only=True)
class Sorting:
    """What a case is, where the open fields must not say it."""

    kind: str
    topic: str | None
    unit: str


@event("case.opened.v1")
class CaseOpened(Event):
    """The institution owes an answer: what it is, and by when."""

    petition_id: UUID
    case_id: UUID
    kind: str | None
    topic: str | None
    priority: str  # normal, high, urgent
    is_restricted: bool
    publication: str  # private, code_holder, public_summary
    workflow_version: int
    received_at: datetime
    answer_due_on: date | None
    deadlines: tuple[Due, ...]
    sorting: Sealed[Sorting] = told_to(DOOR, POST, MIRROR)


@event("case.routed.v1")
class CaseRouted(Event):
    """A unit was chosen to handle the case; whoever it is about is shut out."""

    petition_id: UUID
    case_id: UUID
    actor: str
    route: str  # triage outcome proposed or decided: accept, link, split, admit, guide, screen, transfer …
    unit: str | None
    excluded_units: tuple[str, ...]  # empty for secret kinds, where `excluded` has them
    excluded: Sealed[tuple[str, ...]] = told_to(DOOR, POST)  # units and pseudonyms
    destination: Sealed[str] = told_to(DOOR, POST, MIRROR)  # the unit


@event("case.assigned.v1")
class CaseAssigned(Event):
    petition_id: UUID
    case_id: UUID
    actor: str
    officer: str
    unit: str | None


@event("case.accepted.v1")
class CaseAccepted(Event):
    """The officer took the case on: work begins."""

    petition_id: UUID
    case_id: UUID
    actor: str


@event("case.refused.v1")
class CaseRefused(Event):
    petition_id: UUID
    case_id: UUID
    actor: str
    ground: str  # code: spam, no_signature, out_of_time …
    reason: Sealed[str | None] = told_to(DOOR, POST)


@event("case.transferred.v1")
class CaseTransferred(Event):
    """The matter belongs to another body, which has been told."""

    petition_id: UUID
    case_id: UUID
    actor: str
    to: str  # code of the external body, e.g. X-CA
    to_name: str  # its public name
    reason: Sealed[str | None] = told_to(DOOR, POST)


@event("case.merged.v1")
class CaseMerged(Event):
    """This case follows another one about the same matter and shares its clock."""

    petition_id: UUID
    case_id: UUID
    actor: str
    into_case_id: UUID
    answer_due_on: date | None  # taken from the case it follows


@event("case.info_requested.v1")
class CaseInfoRequested(Event):
    """The citizen is asked one complete question; the answer clock waits."""

    petition_id: UUID
    case_id: UUID
    actor: str
    reply_by: date
    question: Sealed[str] = told_to(DOOR, POST)


@event("case.progressed.v1")
class CaseProgressed(Event):
    """Something was done that the citizen should hear of before the answer."""

    petition_id: UUID
    case_id: UUID
    actor: str
    note: Sealed[str] = told_to(DOOR, POST)


@event("case.clock_paused.v1")
class CaseClockPaused(Event):
    petition_id: UUID
    case_id: UUID
    actor: str
    ground: str  # waiting_for_citizen, expert_opinion, suspension
    rules: tuple[str, ...]  # the clocks that stand still


@event("case.clock_resumed.v1")
class CaseClockResumed(Event):
    petition_id: UUID
    case_id: UUID
    actor: str
    ground: str  # citizen_replied, wait_is_over, expert_answered, expert_wait_over
    answer_due_on: date | None  # the new due day
    deadlines: tuple[Due, ...]


@event("case.extended.v1")
class CaseExtended(Event):
    """A later due day, with its ground, granted by another person than who asked."""

    petition_id: UUID
    case_id: UUID
    actor: str  # who granted it
    asked_by: str
    rule: str
    due_before: date
    due_on: date
    due_at: datetime
    reason: Sealed[str] = told_to(DOOR, POST)


@event("case.due_soon.v1")
class CaseDueSoon(Event):
    """A step of the ladder before the due day."""

    petition_id: UUID
    case_id: UUID
    rule: str
    share: int  # per cent of the working time that is used
    due_on: date | None
    due_at: datetime
    tell: tuple[str, ...]  # pseudonyms of staff


@event("case.overdue.v1")
class CaseOverdue(Event):
    petition_id: UUID
    case_id: UUID
    rule: str
    due_on: date | None
    due_at: datetime
    tell: tuple[str, ...]


@event("case.escalated.v1")
class CaseEscalated(Event):
    petition_id: UUID
    case_id: UUID
    rule: str
    level: str  # director
    tell: tuple[str, ...]


@event("case.apology_due.v1")
class CaseApologyDue(Event):
    """No approved answer one day before the due day: an apology with one new date is owed."""

    petition_id: UUID
    case_id: UUID
    apologise_by: date
    due_on: date
    tell: tuple[str, ...]


@event("case.apologised.v1")
class CaseApologised(Event):
    """The signed apology, with its one new date."""

    petition_id: UUID
    case_id: UUID
    actor: str
    due_before: date
    due_on: date
    due_at: datetime
    reason: Sealed[str] = told_to(DOOR, POST)
    signer: Sealed[str] = told_to(DOOR, POST)


@event("answer.drafted.v1")
class AnswerDrafted(Event):
    petition_id: UUID
    case_id: UUID
    actor: str
    version: int


@event("answer.approved.v1")
class AnswerApproved(Event):
    """Approved by somebody else than the drafter."""

    petition_id: UUID
    case_id: UUID
    actor: str
    drafted_by: str
    version: int


@event("case.answered.v1")
class CaseAnswered(Event):
    """The result was given. The text is the institution's words as approved."""

    petition_id: UUID
    case_id: UUID
    actor: str
    round: int  # 1: the first answer; one more after each reopening
    outcome: str  # done, scheduled, explained, not_competent
    promised_on: date | None
    due_on: date | None
    is_on_time: bool
    is_rated: bool  # a rating is asked for this kind
    answer: Sealed[str] = told_to(DOOR, POST)
    signer: Sealed[str] = told_to(DOOR, POST)


@event("case.closed.v1")
class CaseClosed(Event):
    petition_id: UUID
    case_id: UUID
    actor: str
    outcome: str  # answered, refused, transferred, withdrawn


@event("staff.changed.v1", subject="person_id")
class StaffChanged(Event):
    """An account of staff was made or changed; `person` is the pseudonym that events bear."""

    person_id: UUID
    person: str  # u:…
    role: str  # officer, head, office, auditor, director, admin
    unit: str
    is_active: bool
    name: Sealed[str] = told_to(POST, DOOR)
    email: Sealed[str] = told_to(POST)


# ---- several units, several matters, people outside


@event("case.split.v1")
class CaseSplit(Event):
    """A person saw several matters in one letter: each has a case of its own now, opened in the same breath."""

    petition_id: UUID
    case_id: UUID
    actor: str
    parts: tuple[UUID, ...]  # the new cases
    count: int  # how many there are


@event("case.unlinked.v1")
class CaseUnlinked(Event):
    """This case follows the other one no longer: it is looked at by itself again."""

    petition_id: UUID
    case_id: UUID
    actor: str
    from_case_id: UUID
    why: str  # decided, lead_refused, lead_withdrawn, lead_split, lead_restricted, lead_quarantined
    answer_due_on: date | None  # never later than what was announced


@event("case.support_asked.v1")
class CaseSupportAsked(Event):
    """Another unit is asked to contribute by a day of its own; the case stays with its lead."""

    petition_id: UUID
    case_id: UUID
    support_id: UUID
    actor: str
    unit: str | None  # None for secret kinds
    due_on: date
    tell: tuple[str, ...]  # pseudonyms of staff


@event("case.support_given.v1")
class CaseSupportGiven(Event):
    """The supporting unit contributed, or handed the question back."""

    petition_id: UUID
    case_id: UUID
    support_id: UUID
    actor: str
    unit: str | None
    due_on: date
    is_given: bool  # False: handed back, with a reason that the desk keeps
    is_on_time: bool
    tell: tuple[str, ...]


@event("case.support_due.v1")
class CaseSupportDue(Event):
    """A contribution is due tomorrow, or was not given by its day. The clock of the case knows nothing of it."""

    petition_id: UUID
    case_id: UUID
    support_id: UUID
    unit: str | None
    due_on: date
    is_late: bool
    tell: tuple[str, ...]


@event("unit.urged.v1")
class UnitUrged(Event):
    """A unit is urged about a case, with a reason that the desk keeps, and is to answer by a day."""

    petition_id: UUID
    case_id: UUID
    urge_id: UUID
    actor: str
    unit: str | None  # None for secret kinds
    answer_by: date
    cases: int  # how many cases this urging is about
    tell: tuple[str, ...]  # told once for all cases of an urging: empty for the others


@event("unit.urge_answered.v1")
class UnitUrgeAnswered(Event):
    petition_id: UUID
    case_id: UUID
    urge_id: UUID
    actor: str
    unit: str | None
    answer_by: date
    is_on_time: bool
    tell: tuple[str, ...]


@event("unit.urge_unanswered.v1")
class UnitUrgeUnanswered(Event):
    """The day of an urging passed without an answer: told to the director, once."""

    petition_id: UUID
    case_id: UUID
    urge_id: UUID
    unit: str | None
    answer_by: date
    tell: tuple[str, ...]


@event("case.mentioned.v1")
class CaseMentioned(Event):
    """A note among colleagues names people who may see the case. The note itself stays at the desk."""

    petition_id: UUID
    case_id: UUID
    note_id: UUID
    actor: str
    tell: tuple[str, ...]


@event("case.consulted.v1")
class CaseConsulted(Event):
    """Somebody outside is asked for an opinion by a link of their own; who the citizen is they do not learn."""

    petition_id: UUID
    case_id: UUID
    consult_id: UUID
    actor: str
    expires_on: date
    is_waiting: bool  # the clock stands still until then
    language: str
    name: Sealed[str] = told_to(POST)
    email: Sealed[str] = told_to(POST)
    link_token: Sealed[str] = told_to(POST)


@event("case.consult_answered.v1")
class CaseConsultAnswered(Event):
    petition_id: UUID
    case_id: UUID
    consult_id: UUID
    tell: tuple[str, ...]


@event("case.consult_revoked.v1")
class CaseConsultRevoked(Event):
    """The link leads nowhere any more."""

    petition_id: UUID
    case_id: UUID
    consult_id: UUID
    actor: str
