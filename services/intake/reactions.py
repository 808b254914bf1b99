"""What the door does on hearing the others: it keeps what the petitioner may know, so that the follow page asks
nobody."""

from datetime import date
from typing import Any
from uuid import UUID

from services.intake import store
from services.intake.store import Notice, Opening
from shared.db import Transaction
from shared.events.base import Event, Sealed
from shared.events.common import AccessRead
from shared.events.notify import NoticeAccepted, NoticeDelivered, NoticeFailed, NoticeSuppressed
from shared.events.workflow import (
    AnswerApproved,
    AnswerDrafted,
    CaseAccepted,
    CaseAnswered,
    CaseApologised,
    CaseAssigned,
    CaseClockPaused,
    CaseClockResumed,
    CaseClosed,
    CaseEscalated,
    CaseExtended,
    CaseInfoRequested,
    CaseMerged,
    CaseOpened,
    CaseOverdue,
    CaseProgressed,
    CaseRefused,
    CaseRouted,
    CaseTransferred,
)


def open_case(tx: Transaction, heard: CaseOpened) -> None:
    """The desk owes an answer: from now on the due day is known, no longer estimated."""
    _note(
        tx,
        heard.petition_id,
        "opened",
        facts={"due_on": heard.answer_due_on},
        stage="in_triage",
        due_on=heard.answer_due_on,
    )


def route_case(tx: Transaction, heard: CaseRouted) -> None:
    unit = heard.destination.value if heard.destination.is_open else heard.unit
    _note(tx, heard.petition_id, "routed", facts={"unit": unit}, stage="assigned", unit=unit)


def assign_case(tx: Transaction, heard: CaseAssigned) -> None:
    unit: dict[str, Any] = {"unit": heard.unit} if heard.unit else {}
    _note(tx, heard.petition_id, "assigned", stage="assigned", **unit)


def accept_case(tx: Transaction, heard: CaseAccepted) -> None:
    _note(tx, heard.petition_id, "accepted", stage="in_progress")


def refuse_case(tx: Transaction, heard: CaseRefused) -> None:
    stage = "quarantined" if heard.ground == "spam" else "refused"
    _note(tx, heard.petition_id, stage, facts={"ground": heard.ground}, words={"reason": heard.reason}, stage=stage)


def transfer_case(tx: Transaction, heard: CaseTransferred) -> None:
    facts = {"to": heard.to, "to_name": heard.to_name}
    _note(tx, heard.petition_id, "transferred", facts=facts, words={"reason": heard.reason}, stage="transferred")


def merge_case(tx: Transaction, heard: CaseMerged) -> None:
    due: dict[str, Any] = {"due_on": heard.answer_due_on} if heard.answer_due_on else {}
    _note(tx, heard.petition_id, "merged", facts=due, stage="linked", **due)


def ask_citizen(tx: Transaction, heard: CaseInfoRequested) -> None:
    """The officer asks the citizen something; the page gets a form for the answer."""
    _note(
        tx,
        heard.petition_id,
        "asked",
        facts={"reply_by": heard.reply_by},
        words={"question": heard.question},
        stage="waiting",
        reply_by=heard.reply_by,
    )


def note_progress(tx: Transaction, heard: CaseProgressed) -> None:
    _note(tx, heard.petition_id, "progressed", words={"note": heard.note})


def pause_clock(tx: Transaction, heard: CaseClockPaused) -> None:
    stage: dict[str, Any] = {} if heard.ground == "waiting_for_citizen" else {"stage": "paused"}
    _note(tx, heard.petition_id, "paused", facts={"ground": heard.ground}, **stage)


def resume_clock(tx: Transaction, heard: CaseClockResumed) -> None:
    due: dict[str, Any] = {"due_on": heard.answer_due_on} if heard.answer_due_on else {}
    facts = {"ground": heard.ground} | due
    _note(tx, heard.petition_id, "resumed", facts=facts, stage="in_progress", reply_by=None, **due)


def extend_deadline(tx: Transaction, heard: CaseExtended) -> None:
    facts = {"due_before": heard.due_before, "due_on": heard.due_on}
    _note(tx, heard.petition_id, "extended", facts=facts, words={"reason": heard.reason}, due_on=heard.due_on)


def show_apology(tx: Transaction, heard: CaseApologised) -> None:
    facts = {"due_before": heard.due_before, "due_on": heard.due_on}
    words = {"reason": heard.reason, "signer": heard.signer}
    _note(tx, heard.petition_id, "apologised", facts=facts, words=words, due_on=heard.due_on)


def note_overdue(tx: Transaction, heard: CaseOverdue) -> None:
    """Said once for each clock; the page shows the answer's own."""
    _note(tx, heard.petition_id, "overdue", facts={"rule": heard.rule, "due_on": heard.due_on})


def note_escalation(tx: Transaction, heard: CaseEscalated) -> None:
    _note(tx, heard.petition_id, "escalated", facts={"level": heard.level})


def note_draft(tx: Transaction, heard: AnswerDrafted) -> None:
    store.move_case(tx, heard.petition_id, stage="drafted")


def note_approval(tx: Transaction, heard: AnswerApproved) -> None:
    store.move_case(tx, heard.petition_id, stage="approved")


def show_answer(tx: Transaction, heard: CaseAnswered) -> None:
    """The result: its words, who signed, and whether it came in time."""
    assert tx.cause is not None
    facts = {
        "round": heard.round,
        "outcome": heard.outcome,
        "promised_on": heard.promised_on,
        "due_on": heard.due_on,
        "is_on_time": heard.is_on_time,
    }
    _note(
        tx,
        heard.petition_id,
        "answered",
        facts=facts,
        words={"answer": heard.answer, "signer": heard.signer},
        stage="answered",
        reply_by=None,
        round=heard.round,
        is_rated=heard.is_rated,
        answered_at=tx.cause.time,
    )


def close_case(tx: Transaction, heard: CaseClosed) -> None:
    ended = {"refused": "refused", "transferred": "transferred", "withdrawn": "withdrawn"}
    _note(tx, heard.petition_id, "closed", facts={"outcome": heard.outcome}, stage=ended.get(heard.outcome, "closed"))


def note_opening(tx: Transaction, heard: AccessRead) -> None:
    """Somebody opened the petition: its citizen may see who, when and what for."""
    assert tx.cause is not None
    if store.move_case(tx, heard.petition_id):
        seen = Opening(tx.cause.time, heard.role, heard.unit, heard.kind, heard.purpose)
        store.add_opening(tx, heard.petition_id, seen)


def note_accepted(tx: Transaction, heard: NoticeAccepted) -> None:
    _note_notice(tx, heard, "accepted")


def note_delivered(tx: Transaction, heard: NoticeDelivered) -> None:
    _note_notice(tx, heard, "delivered")


def note_failed(tx: Transaction, heard: NoticeFailed) -> None:
    _note_notice(tx, heard, "failed")


def note_suppressed(tx: Transaction, heard: NoticeSuppressed) -> None:
    _note_notice(tx, heard, "suppressed")


def _note(
    tx: Transaction,
    petition_id: UUID,
    what: str,
    *,
    facts: dict[str, Any] | None = None,
    words: dict[str, Sealed[Any]] | None = None,
    **known: Any,
) -> None:
    """Keep where the case stands, and add a line to its story. A petition that is not ours is passed over."""
    assert tx.cause is not None
    if not store.move_case(tx, petition_id, **known):
        return
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in (facts or {}).items()}
    told = {name: value.value for name, value in (words or {}).items() if value.is_open and value.value is not None}
    store.add_entry(tx, petition_id, what, at=tx.cause.time, facts=plain, words=told)


def _note_notice(
    tx: Transaction, heard: NoticeAccepted | NoticeDelivered | NoticeFailed | NoticeSuppressed, state: str
) -> None:
    assert tx.cause is not None
    if heard.audience == "petitioner" and store.move_case(tx, heard.petition_id):
        told = Notice(tx.cause.time, heard.channel, heard.purpose, state)
        store.keep_notice(tx, heard.petition_id, heard.notice_id, told)


REACTIONS: dict[type[Event], Any] = {
    CaseOpened: open_case,
    CaseRouted: route_case,
    CaseAssigned: assign_case,
    CaseAccepted: accept_case,
    CaseRefused: refuse_case,
    CaseTransferred: transfer_case,
    CaseMerged: merge_case,
    CaseInfoRequested: ask_citizen,
    CaseProgressed: note_progress,
    CaseClockPaused: pause_clock,
    CaseClockResumed: resume_clock,
    CaseExtended: extend_deadline,
    CaseApologised: show_apology,
    CaseOverdue: note_overdue,
    CaseEscalated: note_escalation,
    AnswerDrafted: note_draft,
    AnswerApproved: note_approval,
    CaseAnswered: show_answer,
    CaseClosed: close_case,
    AccessRead: note_opening,
    NoticeAccepted: note_accepted,
    NoticeDelivered: note_delivered,
    NoticeFailed: note_failed,
    NoticeSuppressed: note_suppressed,
}
