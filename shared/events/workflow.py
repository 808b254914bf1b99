"""What the desk says. `actor` and `officer` are pseudonyms of staff ("u:…"), or "system" for the clock and the sorting.

Of a secret kind (denunciations) kind, topic and unit are told sealed only: the open fields are None.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from shared.events.base import DESK, DOOR, MIRROR, POST, Event, Sealed, event, told_to
from shared.events.intake import Attachment


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


@dataclass(frozen=True, kw_only=True)
class LetterIssued:
    """A letter as the door hands it out: its file has the same id."""

    id: UUID
    type: str  # code in config/papers, e.g. "answer"
    number: str  # with its symbol, e.g. "123/SXD-VP"
    signed_on: date
    size_bytes: int
    sha256: str  # hexadecimal


@dataclass(frozen=True, kw_only=True)
class WithLetter(Event):
    """A step that may issue a letter: all None where it did not. Of a secret kind type and number are sealed only."""

    letter_type: str | None = None
    letter_number: str | None = None
    letter_sha256: str | None = None  # of the file; it holds a random id, so nobody can guess what was hashed
    letter: Sealed[LetterIssued | None] = field(default_factory=lambda: Sealed(None), metadata={"audiences": (DOOR,)})


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
    ground: str | None = None  # reorganised: its unit was closed, and nothing else about it changed
    excluded: Sealed[tuple[str, ...]] = told_to(DOOR, POST)  # units and pseudonyms
    destination: Sealed[str] = told_to(DOOR, POST, MIRROR)  # the unit


@event("case.assigned.v1")
class CaseAssigned(Event):
    petition_id: UUID
    case_id: UUID
    actor: str
    officer: str
    unit: str | None
    is_begun: bool | None = None  # another officer goes on with work that was begun


@event("case.accepted.v1")
class CaseAccepted(WithLetter):
    """The officer took the case on: work begins."""

    petition_id: UUID
    case_id: UUID
    actor: str


@event("case.refused.v1")
class CaseRefused(WithLetter):
    petition_id: UUID
    case_id: UUID
    actor: str
    ground: str  # code: spam, no_signature, out_of_time …
    reason: Sealed[str | None] = told_to(DOOR, POST)


@event("case.transferred.v1")
class CaseTransferred(WithLetter):
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
class CaseInfoRequested(WithLetter):
    """The citizen is asked one complete question; the answer clock waits."""

    petition_id: UUID
    case_id: UUID
    actor: str
    reply_by: date
    is_again: bool = False  # asked a second time: people should be asked once, completely
    question: Sealed[str] = told_to(DOOR, POST)
    again: Sealed[str | None] = told_to(DESK, default=None)  # why: kept by the desk, committed to for everybody


@event("case.progressed.v1")
class CaseProgressed(Event):
    """Something was done that the citizen should hear of before the answer."""

    petition_id: UUID
    case_id: UUID
    actor: str
    note: Sealed[str] = told_to(DOOR, POST)


@event("case.clock_paused.v1")
class CaseClockPaused(WithLetter):
    petition_id: UUID
    case_id: UUID
    actor: str
    ground: str  # waiting_for_citizen, expert_opinion, suspension
    rules: tuple[str, ...]  # the clocks that stand still


@event("case.clock_resumed.v1")
class CaseClockResumed(WithLetter):
    petition_id: UUID
    case_id: UUID
    actor: str
    ground: str  # citizen_replied, wait_is_over, expert_answered, expert_wait_over
    answer_due_on: date | None  # the new due day
    deadlines: tuple[Due, ...]


@event("case.extended.v1")
class CaseExtended(WithLetter):
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


@event("case.rescheduled.v1")
class CaseRescheduled(Event):
    """A due day was counted anew, because days off were decided; the rule is the one that the clock began with."""

    petition_id: UUID
    case_id: UUID
    actor: str  # system
    rule: str
    ground: str  # calendar
    due_before: date
    due_on: date
    due_at: datetime
    is_announced: bool  # it is the day on which the citizen was told to expect the answer
    is_later: bool


@event("case.clock_started.v1")
class CaseClockStarted(Event):
    """Something happened from which the time for the answer runs: since then it is owed by a day."""

    petition_id: UUID
    case_id: UUID
    actor: str  # system
    anchor: str  # consultation_closed
    anchor_on: date  # the first day is the one after it
    answer_due_on: date | None
    deadlines: tuple[Due, ...]


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
class CaseApologised(WithLetter):
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
    unmet: tuple[str, ...] = ()  # hard checks that this version was submitted in spite of
    in_spite: Sealed[str | None] = told_to(DESK, default=None)  # why: kept by the desk, committed to for everybody


@event("answer.approved.v1")
class AnswerApproved(Event):
    """Approved by somebody else than the drafter."""

    petition_id: UUID
    case_id: UUID
    actor: str
    drafted_by: str
    version: int


@event("case.answered.v1")
class CaseAnswered(WithLetter):
    """The result was given. The text is the institution's words as approved."""

    petition_id: UUID
    case_id: UUID
    actor: str
    round: int  # 1: the first answer; one more after each reopening
    outcome: str  # done, scheduled, explained, not_competent; of a comment on a draft also taken_up
    promised_on: date | None
    due_on: date | None
    is_on_time: bool
    is_rated: bool  # a rating is asked for this kind
    corrects: int | None = None  # the round of the answer that this one takes the place of
    reopen_until: date | None = None  # the last day on which the citizen may ask to look again; None: not for this kind
    answer: Sealed[str] = told_to(DOOR, POST)
    signer: Sealed[str] = told_to(DOOR, POST)
    apology: Sealed[str | None] = told_to(DOOR, POST, default=None)  # for a first answer that was wrong
    point: Sealed[str | None] = told_to(DOOR, default=None)  # of a comment on a draft: what it says, to be published
    evidence: Sealed[tuple[Attachment, ...]] = told_to(DOOR, default=())  # photos and papers that show it


@dataclass(frozen=True)
class PublicPhoto:
    """A photo as everybody may see it: drawn anew, with what must not be seen painted over."""

    id: UUID
    shows: str  # before, after
    size_bytes: int
    sha256: str


@event("case.published.v1")
class CasePublished(Event):
    """A summary of a case that everybody may read: written by one person, published by another.

    Its words travel sealed for the door although everybody may read them: what is taken down can then be erased from
    the log, which keeps open fields for good.
    """

    petition_id: UUID
    case_id: UUID
    actor: str
    written_by: str  # u:…, somebody else
    number: str  # of the register, and of its address: "2026-0012"
    version: int  # of the summary
    topic: str | None
    ward: str | None
    unit: str
    received_on: date
    due_on: date | None
    answered_on: date | None
    is_on_time: bool | None  # None: not answered yet
    is_open: bool | None = None  # it may still be answered; None: told before this was said
    title: Sealed[str] = told_to(DOOR)
    text: Sealed[str] = told_to(DOOR)
    answer: Sealed[str | None] = told_to(DOOR)
    late_reason: Sealed[str | None] = told_to(DOOR)
    place: Sealed[str | None] = told_to(DOOR)
    position: Sealed[str | None] = told_to(DOOR)  # "16.464,107.591": to about 100 m
    photos: Sealed[tuple[PublicPhoto, ...]] = told_to(DOOR)


@event("case.unpublished.v1")
class CaseUnpublished(Event):
    """A published summary was taken down; its address says why."""

    petition_id: UUID
    case_id: UUID
    actor: str
    number: str
    reason: str  # code in config/publications, case_reasons
    heirs: tuple[UUID, ...] = ()  # cases that go on with its matter: who followed it follows them


@event("case.kept_back.v1")
class CaseKeptBack(Event):
    """Kind and topic would let a summary of this case be published, and a person decided that none is."""

    petition_id: UUID
    case_id: UUID
    actor: str
    is_kept_back: bool  # False: it may be published again, as far as kind and topic allow


@event("case.reopened.v1")
class CaseReopened(Event):
    """An answered case is worked on again, by a clock that runs from this day."""

    petition_id: UUID
    case_id: UUID
    actor: str
    round: int  # of the answer that did not solve it
    ground: str  # citizen_asked, promise_broken, head_decided
    answer_due_on: date | None
    deadlines: tuple[Due, ...]


@event("case.reopening_refused.v1")
class CaseReopeningRefused(Event):
    """The answer stays as it is; the citizen reads why."""

    petition_id: UUID
    case_id: UUID
    actor: str
    round: int
    reason: Sealed[str] = told_to(DOOR, POST)


@event("case.withdrawal_declined.v1")
class CaseWithdrawalDeclined(Event):
    """The petitioner wants to take it back, and it is settled all the same. With the reason."""

    petition_id: UUID
    case_id: UUID
    actor: str
    reason: Sealed[str] = told_to(DOOR, POST)


@event("case.follow_up.v1")
class CaseFollowUp(Event):
    """Somebody has to look at it: after the answer the head of the unit, at a word about conduct the director."""

    petition_id: UUID
    case_id: UUID
    ground: str  # reopen_requested, not_satisfied, withdrawal_asked; promise_denied, promise_passed; conduct_reported
    tell: tuple[str, ...]  # pseudonyms of staff


@event("case.followed_up.v1")
class CaseFollowedUp(Event):
    """The head did something about an answer that somebody was not satisfied with."""

    petition_id: UUID
    case_id: UUID
    actor: str
    round: int  # of the answer
    done: Sealed[str] = told_to(DESK)


@event("promise.made.v1")
class PromiseMade(Event):
    """An answer said that something will be done by a day."""

    petition_id: UUID
    case_id: UUID
    actor: str
    promise_id: UUID
    round: int  # of the answer
    promised_on: date


@event("promise.due.v1")
class PromiseDue(Event):
    """The promised day is near, or has come: who answers for it is reminded."""

    petition_id: UUID
    case_id: UUID
    promise_id: UUID
    step: str  # before, day
    promised_on: date
    tell: tuple[str, ...]


@event("promise.asked.v1")
class PromiseAsked(Event):
    """The citizen is asked whether it has been done."""

    petition_id: UUID
    case_id: UUID
    promise_id: UUID
    promised_on: date
    judge_until: date


@event("promise.checked.v1")
class PromiseChecked(Event):
    """What became of a promise: kept, broken, or moved to one later day with the reason."""

    petition_id: UUID
    case_id: UUID
    actor: str  # who says so: staff, "citizen", or "system" when the day went by
    promise_id: UUID
    state: str  # kept, broken, moved
    promised_on: date
    moved_to: date | None
    reason: Sealed[str | None] = told_to(DOOR, POST, default=None)  # why the day was moved
    evidence: Sealed[tuple[Attachment, ...]] = told_to(DOOR, default=())  # photos and papers that show it


@event("answer.handed_over.v1")
class AnswerHandedOver(Event):
    """The answer was given on paper at the counter, in person."""

    petition_id: UUID
    case_id: UUID
    actor: str
    round: int
    given_to: str  # petitioner, delegate
    given_on: date
    is_signed: bool  # a signature of who took it is kept on paper


@event("case.closed.v1")
class CaseClosed(Event):
    petition_id: UUID
    case_id: UUID
    actor: str
    outcome: str  # answered, refused, transferred, withdrawn
    is_late: bool = False  # an answer of it came late, and the explanation says why
    explanation: Sealed[str | None] = told_to(DESK, default=None)  # kept by the desk, committed to for everybody


@event("case.examined.v1")
class CaseExamined(Event):
    """Something was found out that decides whether, and within which time, the case must be settled."""

    petition_id: UUID
    case_id: UUID
    actor: str
    what: str  # signature, signature_verified, limitation, complexity, first_level, screened; sealed of secret kinds
    signature_status: str | None
    conditions: tuple[str, ...]  # what decides between clocks: complex, remote …; empty for secret kinds
    is_due_moved: bool
    answer_due_on: date | None
    deadlines: tuple[Due, ...]
    reason: Sealed[str | None] = told_to(DOOR, POST)


@event("case.redacted.v1")
class CaseRedacted(Event):
    """A person confirmed the copy that handlers may read, without anything that tells who wrote it."""

    petition_id: UUID
    case_id: UUID
    actor: str


@event("access.break_glass.v1")
class AccessBreakGlass(Event):
    """Somebody opened who the denouncer is, for a while; second persons hear of it at once."""

    petition_id: UUID
    case_id: UUID
    actor: str
    role: str
    reason: str  # code in config/grounds.json, openings
    ends_at: datetime
    tell: tuple[str, ...]  # pseudonyms of staff


@event("access.reviewed.v1")
class AccessReviewed(Event):
    """Another person looked at why an identity was opened."""

    petition_id: UUID
    case_id: UUID
    actor: str
    opened_by: str


@event("petitioner.erased.v1")
class PetitionerErased(Event):
    """What a person wrote and who they are is erased, on their request: decided by two persons. Every service empties
    what it holds of it; the log stays whole."""

    petition_id: UUID
    actor: str  # who decided
    asked_by: str  # the other person, who proposed it
    request_id: UUID  # the petition by which it was asked for
    guests: tuple[
        UUID, ...
    ] = ()  # registrations of the same person to sessions that named this petition: erased with it


@event("identity.erased.v1")
class IdentityErased(Event):
    """The key of what was locked for a petition was destroyed: nobody can read it any more, in no copy."""

    petition_id: UUID
    actor: str
    ground: str  # code: retention_over, legal_order


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


@event("partner.changed.v1", subject="partner_id")
class PartnerChanged(Event):
    """A partner whose programs file at the door was registered, or something about it changed: all that holds now."""

    partner_id: UUID
    actor: str  # u:…, or system
    code: str  # for good: petitions bear it
    is_test: bool  # what it sends is checked and not kept
    is_active: bool
    per_minute: int  # requests, in each process of the door
    is_told: bool  # whether it is told what becomes of petitions: its webhook is on
    change: str  # registered, key, limits, stopped, resumed, webhook, scope, paused, unpaused
    hears_public: bool = False  # whether it is told of all that is public too, not of its own requests alone
    name: Sealed[str] = told_to(DOOR, POST)
    key_hash: Sealed[str | None] = told_to(DOOR)  # SHA-256 of its key, hexadecimal; None: the key it had
    webhook_url: Sealed[str | None] = told_to(POST)
    webhook_secret: Sealed[str | None] = told_to(POST)  # whsec_…; None: the secret it had


@event("webhook.due.v1", subject="partner_id")
class WebhookDue(Event):
    """A partner is to be told what became of a petition that it sent, or that everybody may read of; or once more."""

    partner_id: UUID
    delivery_id: UUID  # the same each time that it is sent
    petition_id: UUID | None  # None: a trial, or that something was taken down, which says nothing of it
    kind: str  # request.updated, request.published, request.unpublished, ping
    is_again: bool  # somebody at the desk asked for it
    body: Sealed[str] = told_to(POST)  # JSON, the same bytes each time


@event("config.changed.v1", subject="document")
class ConfigChanged(Event):
    """A document of the configuration was published: written by one person, put in force by another."""

    document: UUID  # one for each name, so that its versions stay in their order
    name: str  # clocks.json
    version: int  # of its name
    sha256: str  # of its text, which stays here
    valid_from: date  # local day from which it is in force
    drafted_by: str  # u:…
    published_by: str  # u:…
    text: Sealed[str | None] = told_to(DOOR, default=None)  # of those that the door shows, as procedures.json


@event("remedy.opened.v1", subject="remedy_id")
class RemedyOpened(Event):
    """Something is to be mended so that it does not come back. Which case showed it stays the desk's own."""

    remedy_id: UUID
    actor: str
    cause: str  # case, check, procedure (its review day came), figures
    unit: str
    owner: str
    due_on: date


@event("remedy.done.v1", subject="remedy_id")
class RemedyDone(Event):
    """Somebody else than who did it has seen that it helped."""

    remedy_id: UUID
    actor: str
    done_by: str
    due_on: date
    is_in_time: bool


@event("check.recorded.v1", subject="check_id")
class CheckRecorded(Event):
    """How a case was handled was looked at, by a list."""

    check_id: UUID
    actor: str
    checklist: str
    month: str  # YYYY-MM, from which the sample was drawn
    good: int
    bad: int


@event("case.procedure_named.v1")
class CaseProcedureNamed(Event):
    """It became known which administrative procedure a case is about."""

    petition_id: UUID
    case_id: UUID
    actor: str  # u:…, or "citizen", who chose it on the form
    procedure: str  # code in config/procedures


@event("simplification.proposed.v1", subject="dossier_id")
class SimplificationProposed(Event):
    """A proposal to make a procedure simpler was handed to who decides."""

    dossier_id: UUID
    actor: str
    procedure: str  # code in config/procedures
    procedure_version: int
    field: str  # code in config/procedures
    unit: str
    proposed_to: str  # code of a department or of a body outside
    cut_steps: int
    cut_papers: int
    cut_days: int


@event("simplification.decided.v1", subject="dossier_id")
class SimplificationDecided(Event):
    dossier_id: UUID
    actor: str  # who wrote it down
    procedure: str
    is_accepted: bool
    decided_on: date


@event("publication.posted.v1", subject="publication_id")
class PublicationPosted(Event):
    """Something was made public: prepared by one person, posted by another."""

    publication_id: UUID
    actor: str
    prepared_by: str
    number: str  # of the register, and of its short address: "2026-12"
    kind: str  # code in config/publications
    channels: tuple[str, ...]  # codes in config/publications
    campaign: str | None  # code in config/publications
    unit: str
    starts_on: date
    ends_on: date | None  # the last day
    title: Sealed[str] = told_to(DOOR)
    text: Sealed[str] = told_to(DOOR)


@event("publication.shown.v1", subject="publication_id")
class PublicationShown(Event):
    """Somebody saw that it was posted at a place, or heard it; a photo or a note shows it."""

    publication_id: UUID
    proof_id: UUID
    actor: str
    channel: str
    seen_on: date
    sha256: str | None  # of the photo


@event("publication.withdrawn.v1", subject="publication_id")
class PublicationWithdrawn(Event):
    """No longer shown; its address says why."""

    publication_id: UUID
    actor: str
    reason: str  # code in config/publications


@event("survey.opened.v1", subject="survey_id")
class SurveyOpened(Event):
    """People are asked how content they are: a round that one prepared and another opened."""

    survey_id: UUID
    actor: str
    prepared_by: str  # u:…, somebody else
    code: str  # 2026-1: in addresses and on posters
    items: tuple[str, ...]  # codes of the questionnaire, config/sipas
    ways: tuple[str, ...]  # invitation, link, paper
    wards: tuple[str, ...]  # codes in config/wards; none: everywhere
    starts_on: date
    ends_on: date  # the last day
    answered_since: datetime | None  # who is invited: petitioners who were answered from then on and agreed
    answered_before: datetime | None
    population: int | None
    sample_size: int | None  # answers aimed at
    name: Sealed[str] = told_to(DOOR, MIRROR)
    policy: Sealed[str | None] = told_to(DOOR, MIRROR)  # the one policy that it is about


@event("survey.reminded.v1", subject="survey_id")
class SurveyReminded(Event):
    """Who was invited to a round is reminded, once."""

    survey_id: UUID
    actor: str


@event("survey.closed.v1", subject="survey_id")
class SurveyClosed(Event):
    """A round takes no more answers. Papers that came in time are typed in until the first signature."""

    survey_id: UUID
    actor: str  # system: its last day is over
    is_early: bool
    signers: tuple[str, ...]  # units whose heads sign it off


@event("survey.signed.v1", subject="survey_id")
class SurveySigned(Event):
    """The head of a unit signed a closed round off. After the last of them its figures are shown."""

    survey_id: UUID
    actor: str
    unit: str
    is_last: bool


@event("assignment.changed.v1", subject="assignment_id")
class AssignmentChanged(Event):
    """A row of a unit's assignment matrix was added or ended: who answers for which topic in which ward."""

    assignment_id: UUID
    actor: str
    unit: str
    topic: str | None  # None: every topic
    ward: str | None  # None: every ward
    officer: str
    deputy: str | None
    valid_from: date
    valid_to: date | None  # the last day


@event("units.reorganised.v1", subject="reorganisation_id")
class UnitsReorganised(Event):
    """Units were closed and others took over their work: what was theirs, and who may not see it, is their successors'
    from that day on.
    """

    reorganisation_id: UUID
    actor: str
    on_day: date
    closed: tuple[str, ...]
    successors: tuple[str, ...]  # of the closed ones, in the same order
    moved: int  # cases that were open and changed their unit


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
    why: str  # decided, withdrawn, lead_refused, lead_withdrawn, lead_split, lead_restricted, lead_quarantined
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


# ---- sessions: reception days, dialogues, sessions online


@event("dialogue.announced.v1", subject="dialogue_id")
class DialogueAnnounced(Event):
    """A session will be held, or one that was announced was changed: the newest edition holds.

    Of a session within a case nothing is told to the door here: the petitioner is invited in the stream of the case.
    """

    dialogue_id: UUID
    actor: str
    kind: str  # code in config/dialogues: reception, thematic, online, complaint
    edition: int  # 1: announced; one more with each change
    is_public: bool
    is_online: bool
    starts_at: datetime
    ends_at: datetime
    seats: int
    title: Sealed[str | None] = told_to(DOOR)
    topics: Sealed[str | None] = told_to(DOOR)
    place: Sealed[str | None] = told_to(DOOR)  # where, or the address of a session online
    chair: Sealed[str | None] = told_to(DOOR)  # the name of who receives


@event("dialogue.called_off.v1", subject="dialogue_id")
class DialogueCalledOff(Event):
    """A session that was announced is not held."""

    dialogue_id: UUID
    actor: str
    reason: Sealed[str | None] = told_to(DOOR)


@event("dialogue.held.v1", subject="dialogue_id")
class DialogueHeld(Event):
    """A session was held. Its minutes stay at the desk, committed to for everybody."""

    dialogue_id: UUID
    actor: str
    expected: int  # guests who had not cancelled
    came: int  # of them
    walked_in: int  # people who came unannounced
    minutes: Sealed[str] = told_to(DESK)


@event("dialogue.invited.v1", subject="guest_id")
class DialogueInvited(Event):
    """A guest of a session is told where and when it is, that it is another day or place, or that it is not held."""

    dialogue_id: UUID
    guest_id: UUID
    ground: str  # invited, changed, soon (the working day before), called_off
    starts_at: datetime
    session_on: date  # the local day: addresses are forgotten after it
    language: str  # BCP 47
    title: Sealed[str] = told_to(POST)
    place: Sealed[str] = told_to(POST)
    reason: Sealed[str | None] = told_to(POST)  # of a change, or why it is called off
    name: Sealed[str] = told_to(POST)
    email: Sealed[str | None] = told_to(POST)
    mobile: Sealed[str | None] = told_to(POST)  # E.164
    link_token: Sealed[str | None] = told_to(POST)  # opens PUBLIC_URL/tham-gia/hen/<token>; None for who was named here


@event("dialogue.committed.v1", subject="dialogue_id")
class DialogueCommitted(Event):
    """Something was promised in a session: the door files it as a petition of who asked, and a case answers it."""

    dialogue_id: UUID
    petition_id: UUID  # the one to be filed
    actor: str
    kind: str
    topic: str
    unit: str
    officer: str
    due_on: date
    language: str  # BCP 47
    text: Sealed[str] = told_to(DOOR)
    name: Sealed[str | None] = told_to(DOOR)
    email: Sealed[str | None] = told_to(DOOR)
    mobile: Sealed[str | None] = told_to(DOOR)  # E.164


@event("dossier.listed.v1", subject="dossier_id")
class DossierListed(Event):
    """A dossier of a procedure is or will be late: the door files it as a petition of its applicant, so that a case
    owes them an apology with one new date. Source: NĐ 61/2018 Đ19(9).
    """

    dossier_id: UUID
    petition_id: UUID  # the one to be filed
    actor: str
    kind: str
    topic: str
    procedure: str  # code in config/procedures
    received_on: date
    due_on: date  # on which it was promised to be ready
    language: str  # BCP 47
    text: Sealed[str] = told_to(DOOR)
    name: Sealed[str | None] = told_to(DOOR)
    email: Sealed[str | None] = told_to(DOOR)
    phone: Sealed[str | None] = told_to(DOOR)  # as typed


@event("case.dialogue_invited.v1")
class CaseDialogueInvited(Event):
    """The petitioner is told of a dialogue about their case: where and when, that it changed, or is not held."""

    petition_id: UUID
    case_id: UUID
    actor: str
    dialogue_id: UUID
    ground: str  # invited, changed, soon, called_off
    starts_at: datetime
    is_online: bool
    place: Sealed[str] = told_to(DOOR, POST)
    chair: Sealed[str] = told_to(DOOR)
    reason: Sealed[str | None] = told_to(DOOR, POST)


@event("case.dialogue_held.v1")
class CaseDialogueHeld(Event):
    """What became of the dialogue with the petitioner. A decision at the second level waits for it."""

    petition_id: UUID
    case_id: UUID
    actor: str
    dialogue_id: UUID
    petitioner: str  # present, excused (another session is owed), absent (without good reason)


# ---- drafts on which people may comment


@dataclass(frozen=True, kw_only=True)
class DraftPolicy:
    """What is laid before the public: the draft with what is asked about it."""

    title: str
    summary: str  # in plain words
    asked: str  # on what people's views are wanted
    text: str | None  # the draft itself, where it is no file
    document: Attachment | None  # its file, kept under the same id


@event("consultation.opened.v1", subject="consultation_id")
class ConsultationOpened(Event):
    """Everybody may comment on a draft from one day to another; opened by somebody else than who prepared it."""

    consultation_id: UUID
    actor: str
    prepared_by: str
    number: int  # its short address
    unit: str  # which answers the comments
    opens_on: date
    closes_on: date  # the last day
    answers_due_on: date  # of the comments, if it closes on its day
    draft: Sealed[DraftPolicy] = told_to(DOOR)


@event("consultation.closed.v1", subject="consultation_id")
class ConsultationClosed(Event):
    """Nobody comments any more: the time for the answers runs from this day."""

    consultation_id: UUID
    actor: str  # who closed it before its last day, or "system"
    closed_on: date
    is_early: bool
    answers_due_on: date
    reason: Sealed[str | None] = told_to(DOOR)  # why it was closed early
