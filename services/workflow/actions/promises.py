"""What an answer promised: made with the answer, reminded of, asked about, kept, broken, or moved once."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.workflow import store
from services.workflow.domain.case import SYSTEM, Case, StepRefused
from services.workflow.domain.deadline import ClockRefused
from services.workflow.domain.ladder import who_hears
from services.workflow.domain.permission import Person
from services.workflow.domain.promise import (
    ASK,
    BEFORE,
    DAY,
    Promise,
    judge_until,
    next_of,
    rungs_of,
    silence_until,
)
from services.workflow.domain.rules import Book, Rules
from services.workflow.steps import Incomplete, begin, check_promise, follow_up, needed
from shared.db import Database, Transaction
from shared.events.workflow import PromiseAsked, PromiseDue, PromiseMade
from shared.ids import ordered_id

BATCH = 500  # promises a transaction


def make_promise(
    tx: Transaction,
    rules: Rules,
    case: Case,
    *,
    what: str,
    promised_on: date,
    actor: str,
    moved_from: UUID | None = None,
) -> Promise:
    """Keep a promise as a task of its own. Silence does not close its case before its day, and the time after it."""
    first = next_of(rungs_of(promised_on, rules.answers, rules.calendar), after=tx.now)
    made = Promise(
        id=ordered_id(),
        case_id=case.id,
        round=case.answer_round,
        what=what,
        promised_on=promised_on,
        made_by=actor,
        made_at=tx.now,
        moved_from=moved_from,
        next_step=first.name if first else None,
        next_step_at=first.at if first else None,
    )
    store.add_promise(tx, made)
    tx.emit(
        PromiseMade(
            petition_id=case.petition_id,
            case_id=case.id,
            actor=actor,
            promise_id=made.id,
            round=made.round,
            promised_on=promised_on,
        )
    )
    return made


def keep_promise(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    promise_id: UUID,
    words: str,
) -> Promise:
    """It was done: said in words, shown by a photo where the topic wants one. The citizen is asked at once."""
    case = begin(tx, person, "keep_promise", case_id, version)
    promise = _held(tx, case, promise_id)
    if not promise.can_be_kept:
        raise StepRefused("what the citizen denied, or was ended, is not the unit's to say")
    said = needed(words, "done_words", least=10)
    files = store.answer_files_of(tx, case.id)
    photos = [one.attachment for one in files if one.added_at >= promise.made_at]
    if rules.answers.wants_photo(case.topic, rules.calendar.local_day(tx.now)) and not photos:
        raise Incomplete("evidence")
    promise = check_promise(tx, case, promise, "kept", actor=person.person, words=said, evidence=photos)
    store.add_entry(tx, case.id, "promise_kept", actor=person.person, is_public=True, words=said)
    if promise.asked_at is None:
        promise = _ask(tx, rules, case, promise)
    promise = replace(promise, next_step=None, next_step_at=None)
    store.save_promise(tx, promise)
    return promise


def move_promise(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    promise_id: UUID,
    moved_to: date,
    reason: str,
) -> Promise:
    """One later day, with the reason that the citizen reads; a second one is refused."""
    case = begin(tx, person, "move_promise", case_id, version)
    promise = _held(tx, case, promise_id)
    if not promise.can_be_moved:
        raise ClockRefused("no_more", "a promise is moved once")
    if moved_to <= max(promise.promised_on, rules.calendar.local_day(tx.now)):
        raise ClockRefused("not_later", "the new day comes after the promised one")
    words = needed(reason, "reason", least=10)
    moved = check_promise(tx, case, promise, "moved", actor=person.person, words=words, moved_to=moved_to)
    store.save_promise(tx, replace(moved, next_step=None, next_step_at=None))
    store.add_entry(
        tx,
        case.id,
        "promise_moved",
        actor=person.person,
        is_public=True,
        words=words,
        before=promise.promised_on.isoformat(),
        on=moved_to.isoformat(),
    )
    return make_promise(
        tx, rules, case, what=promise.what, promised_on=moved_to, actor=person.person, moved_from=promise.id
    )


def _held(tx: Transaction, case: Case, promise_id: UUID) -> Promise:
    """A promise of this answer. Raises StepRefused when it is none, or the case is worked on again."""
    promise = store.load_promise(tx, promise_id)
    if promise is None or promise.case_id != case.id or promise.round != case.answer_round or case.answered_at is None:
        raise StepRefused("this is no promise of the answer that holds")
    return promise


def end_promises(tx: Transaction, case: Case, *, actor: str) -> None:
    """The case is worked on again: what the answer before promised is no longer waited for."""
    for promise in store.promises_of(tx, case.id):
        if promise.state == "open":
            promise = check_promise(tx, case, promise, "broken", actor=actor)
        if promise.next_step is not None:
            store.save_promise(tx, replace(promise, next_step=None, next_step_at=None))


# ---- what the clock asks


class PromiseSweep:
    """Takes the next step of every promise for which it has come: each step once, in working hours."""

    name, idle_s = "promises", 60.0

    def __init__(self, database: Database, book: Book) -> None:
        self._database, self._book = database, book

    def once(self) -> int:
        with self._database.reading() as look:
            if not store.is_any_promise_due(look):
                return 0
        with self._database.writing() as tx:
            due, rules = store.due_promises(tx, limit=BATCH), self._book.in_force(tx)
            for case_id, promise_id in due:  # held in the order in which acts of people hold them
                case, promise = store.load_case(tx, case_id), store.load_promise(tx, promise_id)
                if case and promise and promise.next_step_at and promise.next_step_at <= tx.now:
                    take_due_promise(tx, rules, case, promise)
            return len(due)


def take_due_promise(tx: Transaction, rules: Rules, case: Case, promise: Promise) -> None:
    """The step that has come, with its event, and the one after it."""
    following = next_of(
        rungs_of(promise.promised_on, rules.answers, rules.calendar), after=tx.now, name=promise.next_step or ""
    )
    match promise.next_step:
        case step if step in {BEFORE, DAY}:
            _remind(tx, case, promise)
        case step if step == ASK:
            promise = _ask(tx, rules, case, promise)
        case _ if promise.state == "open":  # the morning after
            promise = check_promise(tx, case, promise, "broken", actor=SYSTEM)
            store.add_entry(tx, case.id, "promise_passed", actor=SYSTEM)
            follow_up(tx, case, "promise_passed")
    ahead = replace(promise, next_step=following.name if following else None)
    store.save_promise(tx, replace(ahead, next_step_at=following.at if following else None))


def _remind(tx: Transaction, case: Case, promise: Promise) -> None:
    tell = who_hears(store.colleagues(tx), case, ("officer", "unit_head"))
    store.add_entry(tx, case.id, "promise_due", actor=SYSTEM, step=promise.next_step)
    tx.emit(
        PromiseDue(
            petition_id=case.petition_id,
            case_id=case.id,
            promise_id=promise.id,
            step=promise.next_step or DAY,
            promised_on=promise.promised_on,
            tell=tell,
        )
    )


def _ask(tx: Transaction, rules: Rules, case: Case, promise: Promise) -> Promise:
    """Ask the citizen, and everybody whose case follows this one."""
    asked = replace(promise, asked_at=tx.now)
    store.add_entry(tx, case.id, "promise_asked", actor=SYSTEM, is_public=True)
    for told in (case, *store.linked_to(tx, case.id)):
        tx.emit(
            PromiseAsked(
                petition_id=told.petition_id,
                case_id=told.id,
                promise_id=promise.id,
                promised_on=promise.promised_on,
                judge_until=judge_until(promise, rules.answers),
            )
        )
    return asked


def silence_waits_until(tx: Transaction, rules: Rules, case: Case) -> date | None:
    """Until when a promise keeps silence from closing a case; None when none does."""
    days = rules.workflow_of(case).closes_after or 0
    today = rules.calendar.local_day(tx.now)
    until = [
        silence_until(promise, days)
        for promise in store.promises_of(tx, case.id)
        if promise.round == case.answer_round and promise.state != "moved"
    ]
    return max((day for day in until if day > today), default=None)
