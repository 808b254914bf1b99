"""What the door says."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.events.base import DESK, MIRROR, POST, Event, Sealed, event, told_to


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that came with a petition, as it is kept: re-encoded and without its metadata."""

    id: UUID
    media_type: str  # image/jpeg, application/pdf, or a document of Word, Excel, LibreOffice
    size_bytes: int
    sha256: str  # hexadecimal


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What a citizen answered to a question of the form, beside the question as it was asked on that day."""

    code: str  # of the question, in config/questions or config/steps
    question: str
    question_en: str
    value: str  # as people read it: words, number with its unit, names of what was chosen
    value_en: str
    raw: str  # as a form sends it: codes of what was chosen, the day as dd/mm/yyyy


@event("petition.filed.v1")
class PetitionFiled(Event):
    """A petition was accepted at the door and its receipt shown to the citizen."""

    petition_id: UUID
    public_code: str | None  # None where the code is the bearer's key: complaints and denunciations
    kind: str | None  # as the citizen chose it, id in config/kinds; None: left to us
    topic: str | None  # as the citizen chose it, code in config/topics
    ward: str | None  # code in config/wards
    language: str  # BCP 47: vi, en
    channel: str  # web, api, counter, phone, letter, open311
    party: str  # individual, organisation
    signature_status: str  # none, scanned, digital, in_person
    attachment_count: int
    received_at: datetime  # day 0 of every clock is the local date of this instant
    is_nfd: bool = (
        False  # whether the letters came decomposed, as some telephones send them, before the door composed them
    )
    entered_by: str | None = None  # u:…, who wrote it down for the citizen at the counter, from a call, from a letter
    late_ground: str | None = None  # why a letter was entered after the day it came, code in config/counter
    consultation_id: UUID | None = None  # the draft on which it comments; its answer is owed once that one is closed
    procedure: str | None = None  # the procedure it is about, as the citizen chose it, code in config/procedures
    doubts: tuple[
        str, ...
    ] = ()  # why a person should look first: trap, too_fast, no_proof, network, repeated, only_links
    may_publish: bool = False  # the citizen agreed that a summary is published; never of kinds that are kept close
    partner: str | None = None  # code of the partner whose program sent it
    code: Sealed[str] = told_to(DESK, POST)
    title: Sealed[str | None] = told_to(DESK)  # NFC
    text: Sealed[str] = told_to(DESK)  # the citizen's words, NFC
    place: Sealed[str | None] = told_to(DESK)  # the place it is about, as typed
    position: Sealed[str | None] = told_to(DESK)  # "16.463700,107.590900", WGS 84
    name: Sealed[str | None] = told_to(DESK)
    phone: Sealed[str | None] = told_to(DESK)  # as typed
    email: Sealed[str | None] = told_to(DESK)
    address: Sealed[str | None] = told_to(DESK)
    attachments: Sealed[tuple[Attachment, ...]] = told_to(DESK)
    organisation: Sealed[str | None] = told_to(
        DESK, default=None
    )  # its name, where one sent it; `name` is then a person
    answers: Sealed[tuple[Answered, ...]] = told_to(DESK, default=())  # in the order in which they were asked


@event("contact.given.v1")
class ContactGiven(Event):
    """The petitioner said where results may be told. Follows petition.filed in the same transaction."""

    petition_id: UUID
    language: str  # BCP 47
    channels: tuple[str, ...]  # email, sms: what was given and may be used
    code: Sealed[str] = told_to(POST)
    email: Sealed[str | None] = told_to(POST)
    mobile: Sealed[str | None] = told_to(POST)  # E.164, only numbers that take SMS
    name: Sealed[str | None] = told_to(POST)
    link_token: Sealed[str] = told_to(POST)  # opens the follow page: PUBLIC_URL/t/<token>


@event("contact.changed.v1")
class ContactChanged(Event):
    """The petitioner is told elsewhere, in another language or of less: all of it as it is valid from now on."""

    petition_id: UUID
    language: str  # BCP 47
    channels: tuple[str, ...]  # email, sms; none: nothing is told, they follow by their code
    declined: tuple[str, ...]  # sorts of notices that they do not want: progress, survey
    is_address_new: bool  # whether e-mail or telephone are others than before
    verified: tuple[str, ...]  # channels whose address stays as it was shown to be theirs
    code: Sealed[str] = told_to(POST)
    email: Sealed[str | None] = told_to(DESK, POST)
    phone: Sealed[str | None] = told_to(DESK)  # as typed
    mobile: Sealed[str | None] = told_to(POST)  # E.164, only numbers that take SMS
    name: Sealed[str | None] = told_to(POST)
    link_token: Sealed[str | None] = told_to(POST)  # none: as it was


@event("contact.check_asked.v1")
class ContactCheckAsked(Event):
    """The petitioner wants to show that an address is theirs: a link or a code goes there."""

    petition_id: UUID
    channel: str  # email, sms
    token: Sealed[str] = told_to(POST)  # of an e-mail the end of a link, of an SMS the code


@event("contact.verified.v1")
class ContactVerified(Event):
    """The petitioner has shown that an address is theirs."""

    petition_id: UUID
    channel: str  # email, sms


@event("list.asked.v1", subject="list_id")
class ListAsked(Event):
    """Somebody wants a list of the petitions that were filed with their address: a link goes there."""

    list_id: UUID
    language: str  # BCP 47
    email: Sealed[str | None] = told_to(POST)
    mobile: Sealed[str | None] = told_to(POST)  # E.164
    token: Sealed[str] = told_to(POST)  # opens the list: PUBLIC_URL/ho-so-cua-toi/<token>


@event("petition.supplemented.v1")
class PetitionSupplemented(Event):
    """The citizen added words or files, asked or unasked."""

    petition_id: UUID
    attachment_count: int
    is_reply: bool = True  # False: not the citizen's own words; a question to them stays open
    text: Sealed[str | None] = told_to(DESK)
    attachments: Sealed[tuple[Attachment, ...]] = told_to(DESK)


@event("petition.rated.v1")
class PetitionRated(Event):
    """The citizen judged the answer. The rated unit sees sums of five or more only; its head learns of a low mark, not
    of the mark, unless the citizen says no to that."""

    petition_id: UUID
    round: int  # 1: the first answer; one more after each reopening
    score: Sealed[int] = told_to(MIRROR)  # T5, 1 very dissatisfied … 5 very satisfied
    words: Sealed[str | None] = told_to(MIRROR)
    t1: Sealed[int | None] = told_to(MIRROR, default=None)  # aspects as in config/sipas, 0 no opinion: time taken
    t2: Sealed[int | None] = told_to(MIRROR, default=None)  # the answer met the matter
    t3: Sealed[int | None] = told_to(MIRROR, default=None)  # attitude
    t4: Sealed[int | None] = told_to(MIRROR, default=None)  # what really changed
    is_for_head: Sealed[bool] = told_to(DESK, default=False)  # a low mark, and its citizen lets the head know


@event("petition.reopen_requested.v1")
class PetitionReopenRequested(Event):
    """The answer did not solve it: the citizen asks to look at it again, once for each answer."""

    petition_id: UUID
    case_id: UUID | None  # of several matters, the one; None: known to the desk alone
    round: int  # of the answer that did not solve it
    reason: Sealed[str] = told_to(DESK)


@event("petition.withdrawn.v1")
class PetitionWithdrawn(Event):
    """The citizen wants to take the petition back. Whether that ends it is the law's to say, by its kind."""

    petition_id: UUID
    reason: Sealed[str | None] = told_to(DESK)


@event("petition.promise_judged.v1")
class PetitionPromiseJudged(Event):
    """The citizen said whether what was promised has been done."""

    petition_id: UUID
    promise_id: UUID
    is_done: bool
    words: Sealed[str | None] = told_to(DESK)


@event("readers.counted.v1", subject="publication_id")
class ReadersCounted(Event):
    """How often a publication was opened at the door on a day, and how many petitions began on its page."""

    publication_id: UUID
    on_day: date
    opened: int
    petitions: int  # none of the kinds whose senders are protected


@event("survey.invited.v1")
class SurveyInvited(Event):
    """A petitioner who agreed to be asked is invited to a survey round, or reminded of it."""

    petition_id: UUID
    survey_id: UUID
    is_reminder: bool
    ends_on: date
    name: Sealed[str] = told_to(POST)  # of the round
    token: Sealed[str] = told_to(POST)  # opens the questionnaire once: PUBLIC_URL/k/<token>


@event("survey.declined.v1")
class SurveyDeclined(Event):
    """A petitioner does not want to be asked in surveys any more."""

    petition_id: UUID
    survey_id: UUID  # to which they had been invited


@dataclass(frozen=True)
class Mark:
    """A judgement of one item."""

    item: str
    level: int  # 1 very dissatisfied … 5 very satisfied, 0 no opinion


@dataclass(frozen=True)
class Trait:
    """What somebody said of themselves: age, sex, education, occupation, ward, party."""

    name: str
    value: str


@event("survey.answered.v1", subject="answer_id")
class SurveyAnswered(Event):
    """Somebody answered a survey round. It names no petition, no person and no invitation.

    Who reads the words has no marks, and who counts the marks has no words.
    """

    answer_id: UUID  # drawn at random
    survey_id: UUID
    way: str  # invitation, link; paper, counter: typed in by an officer
    marks: Sealed[tuple[Mark, ...]] = told_to(MIRROR)
    harassment: Sealed[str | None] = told_to(MIRROR)  # H1
    wishes: Sealed[tuple[str, ...]] = told_to(MIRROR)  # N1, factors
    traits: Sealed[tuple[Trait, ...]] = told_to(MIRROR)
    words: Sealed[str | None] = told_to(DESK)  # O1


@event("dialogue.joined.v1", subject="dialogue_id")
class DialogueJoined(Event):
    """Somebody will come to a session, and says beforehand what about."""

    dialogue_id: UUID
    guest_id: UUID
    language: str  # BCP 47
    joined_at: datetime
    name: Sealed[str] = told_to(DESK)
    email: Sealed[str | None] = told_to(DESK)
    mobile: Sealed[str | None] = told_to(DESK)  # E.164, where SMS was agreed to
    phone: Sealed[str | None] = told_to(DESK)  # as typed
    question: Sealed[str] = told_to(DESK)
    petition_code: Sealed[str | None] = told_to(DESK)  # of a petition that it is about
    link_token: Sealed[str] = told_to(DESK)  # for the invitations: PUBLIC_URL/tham-gia/hen/<token>


@event("dialogue.left.v1", subject="dialogue_id")
class DialogueLeft(Event):
    """Who wanted to come does not: the seat is free again."""

    dialogue_id: UUID
    guest_id: UUID


@event("petition.followed.v1")
class PetitionFollowed(Event):
    """Somebody else saw the same and wants to hear of it, or does not any more. Nobody but the door knows who."""

    petition_id: UUID
    case_id: UUID
    followers: int  # all of them, now


@event("follower.told.v1", subject="follower_id")
class FollowerTold(Event):
    """There is news of a published case for one who follows it; says anew each time where they are told."""

    follower_id: UUID
    news: str  # begun, answered, redated
    language: str  # BCP 47
    due_on: date | None
    forgotten_after: date  # the postman keeps the address until then
    title: Sealed[str] = told_to(POST)  # of the published summary
    code: Sealed[str] = told_to(POST)
    email: Sealed[str | None] = told_to(POST)
    mobile: Sealed[str | None] = told_to(POST)  # E.164
    link_token: Sealed[str] = told_to(POST)  # PUBLIC_URL/theo/<token>
