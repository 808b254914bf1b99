"""Looking again at what was answered: decided by the head, worked on by a new clock; or followed up without one."""

from dataclasses import replace
from uuid import UUID

from services.workflow import store
from services.workflow.actions.promises import end_promises
from services.workflow.domain import consultation
from services.workflow.domain import deadline as clocks
from services.workflow.domain.case import Case, StepRefused
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.permission import Person, Refusal, may
from services.workflow.domain.rules import Rules, owed, timed
from services.workflow.steps import NotAllowed, begin, dues, needed, take_step
from shared.db import Transaction
from shared.events.base import Sealed
from shared.events.workflow import CaseFollowedUp, CaseReopened, CaseReopeningRefused


def reopen(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, words: str = ""
) -> Case:
    """Work on it again: what a citizen asked for, what a promise that the citizen says was broken calls for, or what
    the head decides.

    The clock is that of the same rule, from today. `words` are for the officer: a note among colleagues. The line in
    the case does not say the ground.
    """
    case = begin(tx, person, "reopen", case_id, version)
    ground = _ground(tx, case, person)
    if ground is None:
        raise StepRefused("nobody asked for it, and no promise of the answer was broken")
    fresh = _clocks_from_now(tx, rules, case)
    store.add_deadlines(tx, case.id, fresh)
    again = replace(case, answered_at=None, is_ended=False)
    running = timed(again, fresh, rules, after=(tx.now, ""))
    end_promises(tx, case, actor=person.person)
    taken = take_step(
        tx,
        rules,
        case,
        "reopen",
        actor=person.person,
        role=person.role,
        is_public=True,
        data={"round": case.answer_round},
        answered_at=None,
        drafted_by=None,
        approved_by=None,
        extension_asked_by=None,
        is_apology_owed=False,
        apologised_at=None,
        answer_due_at=running.answer_due_at,
        answer_due_on=running.answer_due_on,
        answer_rule=running.answer_rule,
        next_step=running.next_step,
        next_step_at=running.next_step_at,
    )
    store.decide_reopenings(tx, case.id, state="granted", by=person.person)
    store.close_follow_ups(tx, case.id, state="reopened", by=person.person)
    if words.strip():
        store.add_note(tx, case.id, author=person.person, text=needed(words, "words"))
    for told in (taken.case, *store.linked_to(tx, case.id)):
        tx.emit(
            CaseReopened(
                petition_id=told.petition_id,
                case_id=told.id,
                actor=person.person,
                round=case.answer_round,
                ground=ground,
                answer_due_on=taken.case.answer_due_on,
                deadlines=dues(taken.case, fresh),
            )
        )
    return taken.case


def refuse_reopening(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, reason: str
) -> None:
    """The answer stays; whoever asked reads why."""
    case = begin(tx, person, "reopen", case_id, version)
    asked = store.open_reopenings(tx, case.id)
    if not asked:
        raise StepRefused("nobody asked for it")
    words = needed(reason, "reason", least=20)
    store.decide_reopenings(tx, case.id, state="refused", by=person.person, words=words)
    store.add_entry(tx, case.id, "refuse_reopening", actor=person.person, is_public=True, words=words)
    for one in asked:
        tx.emit(
            CaseReopeningRefused(
                petition_id=one.petition_id,
                case_id=case.id,
                actor=person.person,
                round=one.round,
                reason=Sealed(words),
            )
        )


def close_follow_up(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, done: str
) -> Case:
    """The head says what was done about an answer that somebody was not satisfied with. The note stays with those who
    lead: its officer does not learn who judged what."""
    case = begin(tx, person, "follow_up", case_id, version)
    waiting = next((one for one in store.follow_ups_of(tx, case.id) if one.state == "open"), None)
    if waiting is None:
        raise StepRefused("nobody said so, or it was followed up already")
    if waiting.written_by == person.person:
        raise NotAllowed(Refusal.YOU_ANSWERED_IT)
    words = needed(done, "done", least=10)
    store.close_follow_ups(tx, case.id, state="done", by=person.person, words=words)
    tx.emit(
        CaseFollowedUp(
            petition_id=case.petition_id,
            case_id=case.id,
            actor=person.person,
            round=waiting.round,
            done=Sealed(words),
        )
    )
    return case


def _ground(tx: Transaction, case: Case, person: Person) -> str | None:
    """Why it may be reopened now; None when there is no reason. Who leads needs none: that they decided it must not
    show that somebody was not satisfied."""
    if store.open_reopenings(tx, case.id):
        return "citizen_asked"
    promises = [one for one in store.promises_of(tx, case.id) if one.round == case.answer_round]
    if any(one.state == "broken" for one in promises):
        return "promise_broken"
    return "head_decided" if may(person, "follow_up", case) else None


def _clocks_from_now(tx: Transaction, rules: Rules, case: Case) -> tuple[Deadline, ...]:
    """The clock of the answer by the same rule, and the day of the apology that hangs on it, counted from today."""
    found = clocks.deadlines_of(
        rules.catalogue,
        kind=case.kind,
        topic=case.topic,
        conditions=case.conditions,
        anchors=dict.fromkeys(("received", consultation.ANCHOR), tx.now),
    )
    answer = owed(found)
    return tuple(
        clock for clock in found if answer is not None and (clock.group == answer.group or clock.anchor == "answer_due")
    )
