"""What the door does on hearing the others: it keeps what the petitioner may know, so that the follow page asks
nobody."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.intake import register, store, survey
from services.intake.contact import read_phone
from services.intake.domain.consultation import Consultation, PublicAnswer
from services.intake.domain.dialogue import Session
from services.intake.domain.parts import Part, whole_of
from services.intake.domain.petition import PARTIES, Petition, Phone, PhoneUnknown
from services.intake.domain.secret import house_key
from services.intake.domain.survey import Survey
from services.intake.steps import Stead, file_petition
from services.intake.store import Entry, Notice, Opening, Published
from shared.db import Transaction
from shared.events.base import STAFF, Event, Sealed
from shared.events.common import AccessRead
from shared.events.intake import Attachment
from shared.events.notify import NoticeAccepted, NoticeDelivered, NoticeFailed, NoticeSuppressed
from shared.events.workflow import (
    AnswerApproved,
    AnswerDrafted,
    AnswerHandedOver,
    CaseAccepted,
    CaseAnswered,
    CaseApologised,
    CaseAssigned,
    CaseClockPaused,
    CaseClockResumed,
    CaseClockStarted,
    CaseClosed,
    CaseDialogueHeld,
    CaseDialogueInvited,
    CaseEscalated,
    CaseExamined,
    CaseExtended,
    CaseInfoRequested,
    CaseMerged,
    CaseOpened,
    CaseOverdue,
    CaseProgressed,
    CasePublished,
    CaseRefused,
    CaseReopened,
    CaseReopeningRefused,
    CaseRescheduled,
    CaseRouted,
    CaseSplit,
    CaseTransferred,
    CaseUnlinked,
    CaseUnpublished,
    CaseWithdrawalDeclined,
    ConfigChanged,
    ConsultationClosed,
    ConsultationOpened,
    DialogueAnnounced,
    DialogueCalledOff,
    DialogueCommitted,
    DialogueHeld,
    DossierListed,
    PartnerChanged,
    PetitionerErased,
    PromiseAsked,
    PromiseChecked,
    PublicationPosted,
    PublicationWithdrawn,
    StaffChanged,
    SurveyClosed,
    SurveyOpened,
    SurveyReminded,
    SurveySigned,
    WithLetter,
)
from shared.inbox import Heard, Together


@dataclass(frozen=True)
class Told:
    """What the petitioner may know of an event: a line of the story, and where the case stands since."""

    what: str  # empty: no line, only where the case stands
    facts: dict[str, Any]
    words: dict[str, Sealed[Any]]
    known: dict[str, Any]

    def entry(self, at: datetime, case_id: UUID) -> Entry:
        """The line as it is kept: without the words that were sealed for others or erased."""
        plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in self.facts.items()}
        words = {name: value.value for name, value in self.words.items() if value.is_open and value.value is not None}
        return Entry(at, self.what, plain, words, case_id)


def _told(
    what: str, *, facts: dict[str, Any] | None = None, words: dict[str, Sealed[Any]] | None = None, **known: Any
) -> Told:
    return Told(what, facts or {}, words or {}, known)


def open_case(heard: CaseOpened) -> Told:
    """The desk owes an answer: from now on the due day is known, no longer estimated."""
    topic = heard.sorting.value.topic if heard.sorting.is_open else heard.topic
    return _told(
        "opened",
        facts={"due_on": heard.answer_due_on, "topic": topic},
        stage="in_triage",
        due_on=heard.answer_due_on,
    )


def route_case(heard: CaseRouted) -> Told:
    unit = heard.destination.value if heard.destination.is_open else heard.unit
    stage: dict[str, Any] = {} if heard.ground == "reorganised" else {"stage": "assigned"}  # the work goes on
    return _told("routed", facts={"unit": unit}, unit=unit, **stage)


def assign_case(heard: CaseAssigned) -> Told:
    unit: dict[str, Any] = {"unit": heard.unit} if heard.unit else {}
    stage: dict[str, Any] = {} if heard.is_begun else {"stage": "assigned"}
    return _told("assigned", **stage, **unit)


def accept_case(heard: CaseAccepted) -> Told:
    return _told("accepted", stage="in_progress")


def refuse_case(heard: CaseRefused) -> Told:
    stage = "quarantined" if heard.ground == "spam" else "refused"
    return _told(stage, facts={"ground": heard.ground}, words={"reason": heard.reason}, stage=stage)


def transfer_case(heard: CaseTransferred) -> Told:
    facts = {"to": heard.to, "to_name": heard.to_name}
    return _told("transferred", facts=facts, words={"reason": heard.reason}, stage="transferred")


def merge_case(heard: CaseMerged) -> Told:
    due: dict[str, Any] = {"due_on": heard.answer_due_on} if heard.answer_due_on else {}
    return _told("merged", facts=due, stage="linked", **due)


def unlink_case(heard: CaseUnlinked) -> Told:
    """The case is looked at by itself again, and due when it was announced to be."""
    due: dict[str, Any] = {"due_on": heard.answer_due_on} if heard.answer_due_on else {}
    return _told("unlinked", facts=due, stage="in_triage", reply_by=None, **due)


def split_case(heard: CaseSplit) -> Told:
    """One line for all parts; each of them is opened in the same breath."""
    return _told("split", facts={"count": heard.count}, stage="split", due_on=None, reply_by=None)


def ask_citizen(heard: CaseInfoRequested) -> Told:
    """The officer asks the citizen something; the page gets a form for the answer."""
    return _told(
        "asked",
        facts={"reply_by": heard.reply_by},
        words={"question": heard.question},
        stage="waiting",
        reply_by=heard.reply_by,
    )


def note_progress(heard: CaseProgressed) -> Told:
    return _told("progressed", words={"note": heard.note})


def start_clock(heard: CaseClockStarted) -> Told:
    """From now on the due day is known: the time for the answer runs."""
    facts = {"anchor": heard.anchor, "due_on": heard.answer_due_on}
    return _told("clock_started", facts=facts, due_on=heard.answer_due_on)


def pause_clock(heard: CaseClockPaused) -> Told:
    stage: dict[str, Any] = {} if heard.ground == "waiting_for_citizen" else {"stage": "paused"}
    return _told("paused", facts={"ground": heard.ground}, **stage)


def resume_clock(heard: CaseClockResumed) -> Told:
    due: dict[str, Any] = {"due_on": heard.answer_due_on} if heard.answer_due_on else {}
    facts = {"ground": heard.ground} | due
    return _told("resumed", facts=facts, stage="in_progress", reply_by=None, **due)


def extend_deadline(heard: CaseExtended) -> Told:
    facts = {"due_before": heard.due_before, "due_on": heard.due_on}
    return _told("extended", facts=facts, words={"reason": heard.reason}, due_on=heard.due_on)


def reschedule(heard: CaseRescheduled) -> Told:
    """The calendar moved a day. Only the day that the citizen was told is the page's day."""
    facts = {"due_before": heard.due_before, "due_on": heard.due_on, "is_announced": heard.is_announced}
    due: dict[str, Any] = {"due_on": heard.due_on} if heard.is_announced else {}
    return _told("rescheduled", facts=facts, **due)


def move_due_day(tx: Transaction, heard: CaseExamined) -> None:
    """Something was found out that makes another day the due day; the letter of the desk says why. Or it was signed."""
    if heard.is_due_moved:
        store.move_case(tx, heard.petition_id, due_on=heard.answer_due_on)
    if heard.signature_status not in {None, "none"}:
        store.note_signature(tx, heard.petition_id, str(heard.signature_status))


def note_invitation(heard: CaseDialogueInvited) -> Told:
    """A dialogue about the case: where and when, on the petitioner's own page alone."""
    facts = {
        "ground": heard.ground,
        "starts_at": heard.starts_at.isoformat(),
        "is_online": heard.is_online,
        "dialogue_id": str(heard.dialogue_id),
    }
    return _told(
        "dialogue_invited", facts=facts, words={"place": heard.place, "chair": heard.chair, "reason": heard.reason}
    )


def note_dialogue(heard: CaseDialogueHeld) -> Told:
    return _told("dialogue_held", facts={"petitioner": heard.petitioner})


def show_apology(heard: CaseApologised) -> Told:
    facts = {"due_before": heard.due_before, "due_on": heard.due_on}
    words = {"reason": heard.reason, "signer": heard.signer}
    return _told("apologised", facts=facts, words=words, due_on=heard.due_on)


def note_overdue(heard: CaseOverdue) -> Told:
    """Said once for each clock; the page shows the answer's own."""
    return _told("overdue", facts={"rule": heard.rule, "due_on": heard.due_on})


def note_escalation(heard: CaseEscalated) -> Told:
    return _told("escalated", facts={"level": heard.level})


def note_draft(heard: AnswerDrafted) -> Told:
    return _told("", stage="drafted")


def note_approval(heard: AnswerApproved) -> Told:
    return _told("", stage="approved")


def show_answers(tx: Transaction, heard: Sequence[Heard]) -> None:
    """Results: their words, who signed, and whether they came in time."""
    _note(tx, [(one, _with_letter(_answer(one.event, at=one.cause.time), one.event)) for one in heard])
    published = [one for one in heard if one.event.point.is_open and one.event.point.value]
    for one in published:
        _publish(tx, one.event, at=one.cause.time)


def _publish(tx: Transaction, heard: CaseAnswered, *, at: datetime) -> None:
    """The answer to a comment stands on the page of its draft, beside what the comment says in words fit for that."""
    filed = store.petition_of(tx, heard.petition_id)
    if filed is not None and filed.consultation_id is not None and heard.answer.is_open:
        store.publish_answer(
            tx,
            PublicAnswer(
                petition_id=filed.id,
                consultation_id=filed.consultation_id,
                point=heard.point.value or "",
                answer=heard.answer.value,
                outcome=heard.outcome,
                answered_at=at,
            ),
        )


def _answer(heard: CaseAnswered, *, at: datetime) -> Told:
    facts = {
        "round": heard.round,
        "outcome": heard.outcome,
        "promised_on": heard.promised_on,
        "due_on": heard.due_on,
        "is_on_time": heard.is_on_time,
        "corrects": heard.corrects,
        "reopen_until": heard.reopen_until,
    }
    return _told(
        "answered",
        facts=facts,
        words={
            "answer": heard.answer,
            "signer": heard.signer,
            "apology": heard.apology,
            "evidence": _files(heard.evidence),
        },
        stage="answered",
        reply_by=None,
        round=heard.round,
        is_rated=heard.is_rated,
        answered_at=at,
    )


def note_handover(heard: AnswerHandedOver) -> Told:
    return _told("handed_over", facts={"given_to": heard.given_to, "given_on": heard.given_on})


def switch_person(tx: Transaction, heard: StaffChanged) -> None:
    """Whose account is switched off files for no citizen any more, whatever passes they hold."""
    store.switch_person(tx, heard.person, is_active=heard.is_active)


def open_consultation(tx: Transaction, heard: ConsultationOpened) -> None:
    """A draft on which everybody may comment, with all that its page shows."""
    if heard.draft.is_open:
        draft = heard.draft.value
        store.add_consultation(
            tx,
            Consultation(
                id=heard.consultation_id,
                number=heard.number,
                unit=heard.unit,
                opens_on=heard.opens_on,
                closes_on=heard.closes_on,
                answers_due_on=heard.answers_due_on,
                title=draft.title,
                summary=draft.summary,
                asked=draft.asked,
                text=draft.text,
                document=draft.document,
            ),
        )


def close_consultation(tx: Transaction, heard: ConsultationClosed) -> None:
    """Nobody comments on it any more."""
    store.close_consultation(
        tx,
        heard.consultation_id,
        closed_on=heard.closed_on,
        answers_due_on=heard.answers_due_on,
        reason=heard.reason.value if heard.reason.is_open else None,
    )


def _files(evidence: Sealed[tuple[Attachment, ...]]) -> Sealed[Any]:
    """Photos and papers as the story keeps them; those told to others stay closed."""
    if not evidence.is_open:
        return Sealed.closed()
    return Sealed([{"id": str(one.id), "media_type": one.media_type} for one in evidence.value] or None)


def reopen_case(heard: CaseReopened) -> Told:
    """It is worked on again, until a new day."""
    facts = {"round": heard.round, "ground": heard.ground, "due_on": heard.answer_due_on}
    return _told("reopened", facts=facts, stage="reopened", due_on=heard.answer_due_on)


def note_reopening_refused(heard: CaseReopeningRefused) -> Told:
    return _told("reopening_refused", facts={"round": heard.round}, words={"reason": heard.reason})


def ask_about_promise(heard: PromiseAsked) -> Told:
    """The page asks whether it has been done."""
    facts = {
        "promise_id": str(heard.promise_id),
        "promised_on": heard.promised_on,
        "judge_until": heard.judge_until,
    }
    return _told("promise_asked", facts=facts)


def note_promise(heard: PromiseChecked) -> Told:
    facts = {
        "promise_id": str(heard.promise_id),
        "promised_on": heard.promised_on,
        "moved_to": heard.moved_to,
        "by": heard.actor,
    }
    words = {"reason": heard.reason, "evidence": _files(heard.evidence)}
    return _told(f"promise_{heard.state}", facts=facts, words=words)


def close_case(heard: CaseClosed) -> Told:
    ended = {"refused": "refused", "transferred": "transferred", "withdrawn": "withdrawn"}
    return _told("closed", facts={"outcome": heard.outcome}, stage=ended.get(heard.outcome, "closed"))


def note_withdrawal_declined(heard: CaseWithdrawalDeclined) -> Told:
    """It is settled all the same; the page says why."""
    return _told("withdrawal_declined", words={"reason": heard.reason})


def erase_petitioner(tx: Transaction, heard: PetitionerErased) -> None:
    """What somebody wrote and who they are goes; that there was a petition, and what became of it, stays. Files are
    removed by a loop."""
    store.erase_guests(tx, heard.guests)
    if store.petitions_among(tx, [heard.petition_id]):
        store.erase_petitioner(tx, heard.petition_id, at=_time(tx))
        store.add_entry(tx, heard.petition_id, "erased", at=_time(tx), facts={}, words={})


def note_opening(tx: Transaction, heard: AccessRead) -> None:
    """Somebody opened the petition: its citizen may see who, when and what for."""
    assert tx.cause is not None
    if store.petitions_among(tx, [heard.petition_id]):
        seen = Opening(tx.cause.time, heard.role, heard.unit, heard.kind, heard.purpose)
        store.add_opening(tx, heard.petition_id, seen)


def keep_session(tx: Transaction, heard: DialogueAnnounced) -> None:
    """A session for the public, or its newest edition. Those within a case are nobody's here but their petitioner's."""
    if not heard.is_public or not heard.place.is_open:
        return
    store.keep_session(
        tx,
        Session(
            id=heard.dialogue_id,
            kind=heard.kind,
            edition=heard.edition,
            title=heard.title.value or "",
            topics=heard.topics.value or "",
            place=heard.place.value or "",
            chair=heard.chair.value or "",
            is_online=heard.is_online,
            starts_at=heard.starts_at,
            ends_at=heard.ends_at,
            seats=heard.seats,
        ),
    )


def call_off_session(tx: Transaction, heard: DialogueCalledOff) -> None:
    reason = heard.reason.value if heard.reason.is_open else None
    store.end_session(tx, heard.dialogue_id, state="called_off", reason=reason)


def note_held(tx: Transaction, heard: DialogueHeld) -> None:
    store.end_session(tx, heard.dialogue_id, state="held", reason=None)


def file_commitment(tx: Transaction, heard: DialogueCommitted) -> None:
    """What was promised in a session is filed as the petition of whom it was promised to: they follow it like any."""
    if not heard.text.is_open:  # erased
        return
    mobile = heard.mobile.value
    phone = Phone(typed=mobile, mobile=mobile, last_four=mobile[-4:]) if mobile else None
    file_petition(
        tx,
        sent=_for_somebody(heard, phone),
        kept=(),
        once=f"dialogue:{heard.petition_id}",
        key=house_key(tx.codec.keys.sign),
        channel="dialogue",
        petition_id=heard.petition_id,
    )


def file_dossier(tx: Transaction, heard: DossierListed) -> None:
    """A late dossier is filed as a petition of its applicant, written down at the counter by who listed it."""
    if not heard.text.is_open:  # erased
        return
    file_petition(
        tx,
        sent=_for_somebody(heard, _known_phone(heard.phone.value)),
        kept=(),
        once=f"dossier:{heard.petition_id}",
        key=house_key(tx.codec.keys.sign),
        channel="counter",
        stead=Stead(person=heard.actor, received_at=tx.now, late_ground=None),
        procedure=heard.procedure,
        petition_id=heard.petition_id,
    )


def _for_somebody(heard: DialogueCommitted | DossierListed, phone: Phone | None) -> Petition:
    """What the desk asks us to file for somebody, as if they had sent it."""
    return Petition(
        kind=heard.kind,
        topic=heard.topic,
        title=None,
        text=heard.text.value,
        place=None,
        ward=None,
        position=None,
        party=PARTIES[0],
        name=heard.name.value,
        phone=phone,
        email=heard.email.value,
        address=None,
        consents=("sms",) if phone and phone.mobile else (),
        language=heard.language,
    )


def _known_phone(typed: str | None) -> Phone | None:
    """The number of an applicant; one that is shared or free of charge stands there to be read, and takes no SMS."""
    if not typed:
        return None
    try:
        return read_phone(typed)
    except PhoneUnknown:
        return Phone(typed=typed, mobile=None, last_four=typed[-4:])


def _noting(told_of: Callable[[Any], Told]) -> Together:
    """The reaction that notes of each event what `told_of` says of it."""
    return Together(lambda tx, heard: _note(tx, [(one, _with_letter(told_of(one.event), one.event)) for one in heard]))


def _with_letter(told: Told, heard: Event) -> Told:
    """The same, with the letter that came with it: the follow page hands it out."""
    if not isinstance(heard, WithLetter) or not heard.letter.is_open or heard.letter.value is None:
        return told
    letter = heard.letter.value
    kept = {
        "id": str(letter.id),
        "type": letter.type,
        "number": letter.number,
        "signed_on": letter.signed_on.isoformat(),
        "size_bytes": letter.size_bytes,
        "sha256": letter.sha256,
    }
    return replace(told, facts=told.facts | {"letter": kept})


def _note(tx: Transaction, told: Sequence[tuple[Heard, Told]]) -> None:
    """Keep where the cases stand, and add a line to their stories. Petitions that are not ours are passed over."""
    ours = store.cases_among(tx, [heard.event.petition_id for heard, _ in told])
    noted = {heard.event.petition_id: (heard, one) for heard, one in told if heard.event.petition_id in ours}

    known = {id_: _where(tx, ours[id_], heard.event, one.known) for id_, (heard, one) in noted.items()}
    for id_, (heard, _) in noted.items():
        if _has_been_looked_at(heard.event):
            known[id_] = known[id_] | {"is_doubted": False}
    store.move_cases(tx, known)
    lines = {id_: one.entry(heard.cause.time, heard.event.case_id) for id_, (heard, one) in noted.items() if one.what}
    store.add_entries(tx, lines)


def _has_been_looked_at(heard: Event) -> bool:
    """Whether a person has done something with it: doubt ends there, save where it is confirmed."""
    is_spam = isinstance(heard, CaseRefused) and heard.ground == "spam"
    return getattr(heard, "actor", "").startswith(STAFF) and not is_spam


def _where(tx: Transaction, ours: store.Known, heard: Any, known: dict[str, Any]) -> dict[str, Any]:
    """What is known of a petition since an event about one of its cases: of most that is the only one."""
    if not ours.has_parts and ours.case_id in {None, heard.case_id}:
        return known | {"case_id": heard.case_id}
    parts = _parts(tx, ours, heard)
    parts[heard.case_id] = replace(parts[heard.case_id], **known)
    store.save_parts(tx, heard.petition_id, parts.values())
    return whole_of([*parts.values()]) | {"has_parts": True}


def _parts(tx: Transaction, ours: store.Known, heard: Any) -> dict[UUID, Part]:
    """The cases of a petition with that of an event, which may be new. Several from now on, where there was one."""
    assert ours.case_id is not None
    known = store.parts_of(tx, heard.petition_id) if ours.has_parts else []
    known = known or [store.only_case_of(tx, heard.petition_id, ours.case_id)]
    new = Part(case_id=heard.case_id, stage="received", number=len(known))
    return {new.case_id: new} | {part.case_id: part for part in known}


def _keeping_notices(state: str) -> Together:
    """The reaction that keeps what became of messages to our petitioners."""

    def keep(tx: Transaction, heard: Sequence[Heard]) -> None:
        to_petitioners = [one for one in heard if one.event.audience == "petitioner"]
        ours = store.petitions_among(tx, [one.event.petition_id for one in to_petitioners])
        told = [
            (
                one.event.petition_id,
                one.event.notice_id,
                Notice(one.cause.time, one.event.channel, one.event.purpose, state),
            )
            for one in to_petitioners
            if one.event.petition_id in ours
        ]
        store.keep_notices(tx, told)

    return Together(keep)


def show_publication(tx: Transaction, heard: PublicationPosted) -> None:
    """Everybody may read it, from its first day to its last. What was erased before we heard of it is not shown."""
    if not (heard.title.is_open and heard.text.is_open):
        return
    store.keep_publication(
        tx,
        Published(
            id=heard.publication_id,
            number=heard.number,
            kind=heard.kind,
            unit=heard.unit,
            starts_on=heard.starts_on,
            ends_on=heard.ends_on,
            posted_at=_time(tx),
            reason=None,
            withdrawn_at=None,
            title=heard.title.value,
            text=heard.text.value,
        ),
    )


def take_down_publication(tx: Transaction, heard: PublicationWithdrawn) -> None:
    """What it said goes; that it was there, and why it is not, stays."""
    store.empty_publication(tx, heard.publication_id, reason=heard.reason, at=_time(tx))


def open_survey(tx: Transaction, heard: SurveyOpened) -> None:
    """People are asked how content they are: invite those who are meant."""
    opened = Survey(
        id=heard.survey_id,
        code=heard.code,
        name=heard.name.value,
        policy=heard.policy.value,
        items=heard.items,
        ways=heard.ways,
        wards=heard.wards,
        starts_on=heard.starts_on,
        ends_on=heard.ends_on,
    )
    first, before = heard.answered_since, heard.answered_before
    if store.keep_survey(tx, opened) and first is not None and before is not None:
        survey.invite(tx, opened, first=first, before=before, key=house_key(tx.codec.keys.sign))


def remind_of_survey(tx: Transaction, heard: SurveyReminded) -> None:
    """Remind who was invited, once."""
    opened = store.survey_by_id(tx, heard.survey_id)
    if opened is not None:
        survey.remind(tx, opened, key=house_key(tx.codec.keys.sign))


def close_survey(tx: Transaction, heard: SurveyClosed) -> None:
    store.end_survey(tx, heard.survey_id, "closed_at", at=_time(tx))


def end_survey(tx: Transaction, heard: SurveySigned) -> None:
    """From the first signature on nothing is added, not even a paper."""
    store.end_survey(tx, heard.survey_id, "signed_at", at=_time(tx))


def _time(tx: Transaction) -> datetime:
    return tx.cause.time if tx.cause is not None else tx.now


def keep_document(tx: Transaction, heard: ConfigChanged) -> None:
    """A document that citizens read was published over its file."""
    if heard.text.is_open and heard.text.value is not None:
        store.keep_document(
            tx, name=heard.name, version=heard.version, valid_from=heard.valid_from, text=heard.text.value
        )


def open_cases(tx: Transaction, heard: Sequence[Heard]) -> None:
    """The desk owes answers. What it keeps closed leaves the list of requests."""
    _note(tx, [(one, _with_letter(open_case(one.event), one.event)) for one in heard])
    hidden = [one.event.petition_id for one in heard if _is_closed(one.event)]
    if hidden:
        store.hide_requests(tx, hidden)
    for one in heard:
        if one.event.is_restricted or one.event.kind is None:
            store.keep_close(tx, one.event.petition_id)


def _is_closed(heard: CaseOpened) -> bool:
    return heard.is_restricted or heard.kind is None or heard.publication == "private"


def keep_partner(tx: Transaction, heard: PartnerChanged) -> None:
    """Who may file by Open311, and with which key."""
    if heard.name.is_open:
        store.keep_partner(
            tx,
            {
                "id": heard.partner_id,
                "code": heard.code,
                "name": heard.name.value,
                "is_test": heard.is_test,
                "is_active": heard.is_active,
                "per_minute": heard.per_minute,
                "key_hash": heard.key_hash.value,
            },
        )


REACTIONS: dict[type[Event], Any] = {
    CaseOpened: Together(open_cases),
    CaseRouted: _noting(route_case),
    CaseAssigned: _noting(assign_case),
    CaseAccepted: _noting(accept_case),
    CaseRefused: register.then(_noting(refuse_case), register.over),
    CaseTransferred: register.then(_noting(transfer_case), register.over),
    CaseMerged: register.then(_noting(merge_case), register.over),
    CaseInfoRequested: _noting(ask_citizen),
    CaseProgressed: _noting(note_progress),
    CaseClockStarted: _noting(start_clock),
    CaseClockPaused: _noting(pause_clock),
    CaseClockResumed: _noting(resume_clock),
    CaseExtended: register.then(_noting(extend_deadline), register.redated),
    CaseRescheduled: register.then(_noting(reschedule), register.recounted),
    CaseExamined: move_due_day,
    CaseApologised: register.then(_noting(show_apology), register.redated),
    CaseOverdue: _noting(note_overdue),
    CaseEscalated: _noting(note_escalation),
    CaseUnlinked: register.unlinked(_noting(unlink_case)),
    CaseSplit: _noting(split_case),
    AnswerDrafted: _noting(note_draft),
    AnswerApproved: _noting(note_approval),
    CaseAnswered: register.then(Together(show_answers), register.answered),
    AnswerHandedOver: _noting(note_handover),
    CaseReopened: register.then(_noting(reopen_case), register.reopened),
    CaseReopeningRefused: _noting(note_reopening_refused),
    PromiseAsked: _noting(ask_about_promise),
    PromiseChecked: _noting(note_promise),
    CaseClosed: register.then(_noting(close_case), register.over),
    CaseWithdrawalDeclined: _noting(note_withdrawal_declined),
    ConsultationOpened: open_consultation,
    ConsultationClosed: close_consultation,
    StaffChanged: switch_person,
    PartnerChanged: keep_partner,
    ConfigChanged: keep_document,
    CasePublished: register.show_case,
    CaseUnpublished: register.take_down_case,
    PublicationPosted: show_publication,
    PublicationWithdrawn: take_down_publication,
    SurveyOpened: open_survey,
    SurveyReminded: remind_of_survey,
    SurveyClosed: close_survey,
    SurveySigned: end_survey,
    CaseDialogueInvited: _noting(note_invitation),
    CaseDialogueHeld: _noting(note_dialogue),
    DialogueAnnounced: keep_session,
    DialogueCalledOff: call_off_session,
    DialogueHeld: note_held,
    DialogueCommitted: file_commitment,
    DossierListed: file_dossier,
    AccessRead: note_opening,
    PetitionerErased: erase_petitioner,
    NoticeAccepted: _keeping_notices("accepted"),
    NoticeDelivered: _keeping_notices("delivered"),
    NoticeFailed: _keeping_notices("failed"),
    NoticeSuppressed: _keeping_notices("suppressed"),
}
