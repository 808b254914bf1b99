"""What the clock asks: once a minute, and after every commit, of each case whose next step has come.

Deadlines are kept by looking, not by timers: a missed tick, a restart or a second worker changes nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from services.workflow import store
from services.workflow.actions.consulting import end_wait
from services.workflow.actions.ends import tell_closed
from services.workflow.actions.promises import silence_waits_until
from services.workflow.actions.work import go_on
from services.workflow.domain.case import SYSTEM, Case, StepRefused
from services.workflow.domain.deadline import ClockRefused
from services.workflow.domain.ladder import (
    APOLOGY,
    SILENCE,
    WAIT_OVER,
    Rung,
    house_rungs,
    next_rung,
    rungs_of,
    who_hears,
)
from services.workflow.domain.permission import Person
from services.workflow.domain.rules import Book, Rules, limit_of, owed
from services.workflow.domain.vocabulary import UnknownWord
from services.workflow.steps import rule_name, take_step
from shared.db import Database, Transaction
from shared.events.workflow import CaseApologyDue, CaseDueSoon, CaseEscalated, CaseOverdue
from shared.telemetry import log

BATCH = 500  # cases a transaction
REFUSED_FOR = timedelta(hours=1)


class Sweep:
    """Takes the next step of every case for which it has come."""

    name, idle_s = "sweep", 60.0

    def __init__(self, database: Database, book: Book, *, batch: int = BATCH) -> None:
        self._database, self._book, self._batch = database, book, batch

    def once(self) -> int:
        with self._database.reading() as look:
            if not store.is_anything_due(look):
                return 0
        with self._database.writing() as tx:
            due = store.claim_due(tx, limit=self._batch)
            people, rules = store.colleagues(tx) if due else [], self._book.in_force(tx)
            for case, taken in due:
                self._take(tx, rules, case, taken, people)
            return len(due)

    def _take(self, tx: Transaction, rules: Rules, case: Case, taken: Sequence[str], people: Sequence[Person]) -> None:
        """One case's step. A case that refuses it does not hold up the others: it is looked at again in an hour."""
        try:
            with tx.attempt():
                take_due_step(tx, rules, case, taken, people)
        except (StepRefused, ClockRefused, UnknownWord) as refused:
            log.error("a step of the clock was refused", case_id=str(case.id), step=case.next_step, why=str(refused))
            later = replace(case, next_step_at=tx.now + REFUSED_FOR)
            store.climb(tx, later, taken=taken, is_told=False)


def take_due_step(tx: Transaction, rules: Rules, case: Case, taken: Sequence[str], people: Sequence[Person]) -> None:
    """The step that has come, with its event, and the one after it. `taken` are the rungs that were climbed before."""
    assert case.next_step_at is not None
    if case.next_step == WAIT_OVER:
        if case.stage == "consulting":
            end_wait(tx, rules, case, ground="expert_wait_over")
        else:
            go_on(tx, rules, case, actor=SYSTEM, role=SYSTEM, ground="wait_is_over")
        return
    if case.next_step == SILENCE:
        _end_silence(tx, rules, case, taken)
        return
    clocks = store.deadlines_of(tx, case.id)
    governing = owed((*clocks.values(),))
    if governing is None:
        store.climb(tx, replace(case, next_step=None, next_step_at=None), taken=taken, is_told=False)
        return
    limit = limit_of((*clocks.values(),), rules.catalogue)
    house = house_rungs(clocks.values(), rules.catalogue)
    rungs = (*rungs_of(governing, rules.catalogue, kind=case.kind, limit=limit), *house)
    rung = next((one for one in rungs if one.name == case.next_step), None)
    following = next_rung(rungs, after=(case.next_step_at, case.next_step or ""))
    key = f"{case.next_step} {case.answer_rule} {case.answer_due_at:%Y-%m-%dT%H:%MZ}"
    is_told = rung is not None and key not in taken and _tell(tx, rules, case, rung, people)
    if is_told:
        store.add_entry(tx, case.id, "rung", actor=SYSTEM, rung=case.next_step, due_on=str(case.answer_due_on))
    climbed = replace(
        case,
        next_step=following.name if following else None,
        next_step_at=following.at if following else None,
        is_apology_owed=case.is_apology_owed or (is_told and case.next_step == APOLOGY),
    )
    store.climb(tx, climbed, taken=[*taken, key], is_told=is_told)


def _end_silence(tx: Transaction, rules: Rules, case: Case, taken: Sequence[str]) -> None:
    """Close the case, unless something is still waited for: a promised day, or a decision on looking again."""
    waits_until = silence_waits_until(tx, rules, case)
    if waits_until is None and store.open_reopenings(tx, case.id):
        waits_until = rules.calendar.local_day(tx.now)
    if waits_until is None:
        _close_quietly(tx, rules, case)
        return
    at = rules.calendar.next_working_instant(rules.calendar.end_of_day(waits_until))
    store.climb(tx, replace(case, next_step_at=at), taken=taken, is_told=False)


def _close_quietly(tx: Transaction, rules: Rules, case: Case) -> None:
    """Answered, and the citizen did not come back to it."""
    taken = take_step(tx, rules, case, "close", actor=SYSTEM, role=SYSTEM, is_public=True)
    tell_closed(tx, taken.case, actor=SYSTEM)


def _tell(tx: Transaction, rules: Rules, case: Case, rung: Rung, people: Sequence[Person]) -> bool:
    """Tell the event of a rung. False when there is nothing to tell: the apology of a case whose answer is approved."""
    assert case.answer_due_at is not None
    ids = {"petition_id": case.petition_id, "case_id": case.id}
    tell = who_hears(people, case, rung.tell)
    rule = rule_name(case, case.answer_rule)
    match rung.action:
        case "remind":
            tx.emit(
                CaseDueSoon(
                    **ids,
                    rule=rule,
                    share=rung.share or 0,
                    due_on=case.answer_due_on,
                    due_at=case.answer_due_at,
                    tell=tell,
                )
            )
        case "overdue":
            tx.emit(CaseOverdue(**ids, rule=rule, due_on=case.answer_due_on, due_at=case.answer_due_at, tell=tell))
        case "apology":
            by = rules.calendar.local_day(rung.at)
            if case.answer_due_on is None or case.stage == "approved" or case.apologised_at is not None:
                return False
            tx.emit(CaseApologyDue(**ids, apologise_by=by, due_on=case.answer_due_on, tell=tell))
        case _ if rung.term is not None:  # one of our own has passed: the house is reminded, the citizen hears nothing
            own, term = rule_name(case, rung.term.rule), rung.term
            tx.emit(CaseDueSoon(**ids, rule=own, share=100, due_on=term.due_on, due_at=term.due_at, tell=tell))
        case _:
            rule = rule_name(case, rules.catalogue.ladder.limit_alarms.rule) if rung.action == "alarm" else rule
            tx.emit(CaseEscalated(**ids, rule=rule, level="director", tell=tell))
    return True
