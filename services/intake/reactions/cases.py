"""The life of a case as its petitioner reads it: from the receipt to the end, with its clocks."""

from collections.abc import Sequence
from typing import Any

from services.intake import store
from services.intake.reactions.noting import Told, note, told_as, with_letter
from shared.db import Transaction
from shared.events.workflow import (
    AnswerApproved,
    AnswerDrafted,
    CaseAccepted,
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
    CaseRefused,
    CaseRescheduled,
    CaseRouted,
    CaseSplit,
    CaseTransferred,
    CaseUnlinked,
    CaseWithdrawalDeclined,
)
from shared.inbox import Heard


def open_case(heard: CaseOpened) -> Told:
    """The desk owes an answer: from now on the due day is known, no longer estimated."""
    topic = heard.sorting.value.topic if heard.sorting.is_open else heard.topic
    return told_as(
        "opened",
        facts={"due_on": heard.answer_due_on, "topic": topic},
        stage="in_triage",
        due_on=heard.answer_due_on,
    )


def route_case(heard: CaseRouted) -> Told:
    unit = heard.destination.value if heard.destination.is_open else heard.unit
    stage: dict[str, Any] = {} if heard.ground == "reorganised" else {"stage": "assigned"}  # the work goes on
    return told_as("routed", facts={"unit": unit}, unit=unit, **stage)


def assign_case(heard: CaseAssigned) -> Told:
    unit: dict[str, Any] = {"unit": heard.unit} if heard.unit else {}
    stage: dict[str, Any] = {} if heard.is_begun else {"stage": "assigned"}
    return told_as("assigned", **stage, **unit)


def accept_case(heard: CaseAccepted) -> Told:
    return told_as("accepted", stage="in_progress")


def refuse_case(heard: CaseRefused) -> Told:
    stage = "quarantined" if heard.ground == "spam" else "refused"
    return told_as(stage, facts={"ground": heard.ground}, words={"reason": heard.reason}, stage=stage)


def transfer_case(heard: CaseTransferred) -> Told:
    facts = {"to": heard.to, "to_name": heard.to_name}
    return told_as("transferred", facts=facts, words={"reason": heard.reason}, stage="transferred")


def merge_case(heard: CaseMerged) -> Told:
    due: dict[str, Any] = {"due_on": heard.answer_due_on} if heard.answer_due_on else {}
    return told_as("merged", facts=due, stage="linked", **due)


def unlink_case(heard: CaseUnlinked) -> Told:
    """The case is looked at by itself again, and due when it was announced to be."""
    due: dict[str, Any] = {"due_on": heard.answer_due_on} if heard.answer_due_on else {}
    return told_as("unlinked", facts=due, stage="in_triage", reply_by=None, **due)


def split_case(heard: CaseSplit) -> Told:
    """One line for all parts; each of them is opened in the same breath."""
    return told_as("split", facts={"count": heard.count}, stage="split", due_on=None, reply_by=None)


def ask_citizen(heard: CaseInfoRequested) -> Told:
    """The officer asks the citizen something; the page gets a form for the answer."""
    return told_as(
        "asked",
        facts={"reply_by": heard.reply_by},
        words={"question": heard.question},
        stage="waiting",
        reply_by=heard.reply_by,
    )


def note_progress(heard: CaseProgressed) -> Told:
    return told_as("progressed", words={"note": heard.note})


def start_clock(heard: CaseClockStarted) -> Told:
    """From now on the due day is known: the time for the answer runs."""
    facts = {"anchor": heard.anchor, "due_on": heard.answer_due_on}
    return told_as("clock_started", facts=facts, due_on=heard.answer_due_on)


def pause_clock(heard: CaseClockPaused) -> Told:
    stage: dict[str, Any] = {} if heard.ground == "waiting_for_citizen" else {"stage": "paused"}
    return told_as("paused", facts={"ground": heard.ground}, **stage)


def resume_clock(heard: CaseClockResumed) -> Told:
    due: dict[str, Any] = {"due_on": heard.answer_due_on} if heard.answer_due_on else {}
    facts = {"ground": heard.ground} | due
    return told_as("resumed", facts=facts, stage="in_progress", reply_by=None, **due)


def extend_deadline(heard: CaseExtended) -> Told:
    facts = {"due_before": heard.due_before, "due_on": heard.due_on}
    return told_as("extended", facts=facts, words={"reason": heard.reason}, due_on=heard.due_on)


def reschedule(heard: CaseRescheduled) -> Told:
    """The calendar moved a day. Only the day that the citizen was told is the page's day."""
    facts = {"due_before": heard.due_before, "due_on": heard.due_on, "is_announced": heard.is_announced}
    due: dict[str, Any] = {"due_on": heard.due_on} if heard.is_announced else {}
    return told_as("rescheduled", facts=facts, **due)


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
    return told_as(
        "dialogue_invited", facts=facts, words={"place": heard.place, "chair": heard.chair, "reason": heard.reason}
    )


def note_dialogue(heard: CaseDialogueHeld) -> Told:
    return told_as("dialogue_held", facts={"petitioner": heard.petitioner})


def show_apology(heard: CaseApologised) -> Told:
    facts = {"due_before": heard.due_before, "due_on": heard.due_on}
    words = {"reason": heard.reason, "signer": heard.signer}
    return told_as("apologised", facts=facts, words=words, due_on=heard.due_on)


def note_overdue(heard: CaseOverdue) -> Told:
    """Said once for each clock; the page shows the answer's own."""
    return told_as("overdue", facts={"rule": heard.rule, "due_on": heard.due_on})


def note_escalation(heard: CaseEscalated) -> Told:
    return told_as("escalated", facts={"level": heard.level})


def note_draft(heard: AnswerDrafted) -> Told:
    return told_as("", stage="drafted")


def note_approval(heard: AnswerApproved) -> Told:
    return told_as("", stage="approved")


def close_case(heard: CaseClosed) -> Told:
    ended = {"refused": "refused", "transferred": "transferred", "withdrawn": "withdrawn"}
    return told_as("closed", facts={"outcome": heard.outcome}, stage=ended.get(heard.outcome, "closed"))


def note_withdrawal_declined(heard: CaseWithdrawalDeclined) -> Told:
    """It is settled all the same; the page says why."""
    return told_as("withdrawal_declined", words={"reason": heard.reason})


def open_cases(tx: Transaction, heard: Sequence[Heard]) -> None:
    """The desk owes answers. What it keeps closed leaves the list of requests."""
    note(tx, [(one, with_letter(open_case(one.event), one.event)) for one in heard])
    hidden = [one.event.petition_id for one in heard if _is_closed(one.event)]
    if hidden:
        store.hide_requests(tx, hidden)
    for one in heard:
        if one.event.is_restricted or one.event.kind is None:
            store.keep_close(tx, one.event.petition_id)


def _is_closed(heard: CaseOpened) -> bool:
    return heard.is_restricted or heard.kind is None or heard.publication == "private"
