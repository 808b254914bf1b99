"""What was answered, what was promised with it, and whether it is looked at again."""

from collections.abc import Sequence
from datetime import datetime

from services.intake import store
from services.intake.domain.consultation import PublicAnswer
from services.intake.reactions.noting import Told, files_of, note, told_as, with_letter
from shared.db import Transaction
from shared.events.workflow import (
    AnswerHandedOver,
    CaseAnswered,
    CaseReopened,
    CaseReopeningRefused,
    PromiseAsked,
    PromiseChecked,
)
from shared.inbox import Heard


def show_answers(tx: Transaction, heard: Sequence[Heard]) -> None:
    """Results: their words, who signed, and whether they came in time."""
    note(tx, [(one, with_letter(_answer(one.event, at=one.cause.time), one.event)) for one in heard])
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
    return told_as(
        "answered",
        facts=facts,
        words={
            "answer": heard.answer,
            "signer": heard.signer,
            "apology": heard.apology,
            "evidence": files_of(heard.evidence),
        },
        stage="answered",
        reply_by=None,
        round=heard.round,
        is_rated=heard.is_rated,
        answered_at=at,
    )


def note_handover(heard: AnswerHandedOver) -> Told:
    return told_as("handed_over", facts={"given_to": heard.given_to, "given_on": heard.given_on})


def reopen_case(heard: CaseReopened) -> Told:
    """It is worked on again, until a new day."""
    facts = {"round": heard.round, "ground": heard.ground, "due_on": heard.answer_due_on}
    return told_as("reopened", facts=facts, stage="reopened", due_on=heard.answer_due_on)


def note_reopening_refused(heard: CaseReopeningRefused) -> Told:
    return told_as("reopening_refused", facts={"round": heard.round}, words={"reason": heard.reason})


def ask_about_promise(heard: PromiseAsked) -> Told:
    """The page asks whether it has been done."""
    facts = {
        "promise_id": str(heard.promise_id),
        "promised_on": heard.promised_on,
        "judge_until": heard.judge_until,
    }
    return told_as("promise_asked", facts=facts)


def note_promise(heard: PromiseChecked) -> Told:
    facts = {
        "promise_id": str(heard.promise_id),
        "promised_on": heard.promised_on,
        "moved_to": heard.moved_to,
        "by": heard.actor,
    }
    words = {"reason": heard.reason, "evidence": files_of(heard.evidence)}
    return told_as(f"promise_{heard.state}", facts=facts, words=words)
