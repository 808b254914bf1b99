"""What a new calendar does to running clocks: every open case is counted anew, in batches, by looking.

Each batch keeps by what its cases were counted, in the transaction of their new days: a restart or a second worker
changes nothing, and counting twice is counting once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from uuid import UUID

from services.workflow import store
from services.workflow.domain.case import SYSTEM, Case
from services.workflow.domain.deadline import ClockRefused, Deadline
from services.workflow.domain.recount import recounted
from services.workflow.domain.rules import Book, Rules, owed, timed
from services.workflow.domain.vocabulary import UnknownWord
from services.workflow.steps import rule_name
from shared.db import Database, Transaction
from shared.events.workflow import CaseRescheduled
from shared.telemetry import log

BATCH = 200  # cases a transaction


class Recount:
    """Counts the clocks of every open case by the calendar in force."""

    name, idle_s = "recount", 30.0

    def __init__(self, database: Database, book: Book) -> None:
        self._database, self._book = database, book
        self._after: UUID | None = None  # what comes before was looked at, so that a round reads each case once

    def once(self) -> int:
        with self._database.reading() as look:
            counted_by = self._book.in_force(look).counted_by
            if self._after and not store.is_any_counted_otherwise(look, counted_by, after=self._after):
                self._after = None
            if not self._after and not store.is_any_counted_otherwise(look, counted_by):
                return 0
        with self._database.writing() as tx:
            rules = self._book.in_force(tx)
            cases = store.cases_counted_otherwise(tx, rules.counted_by, after=self._after, limit=BATCH)
            self._after = cases[-1].id if cases else None
            clocks = store.clocks_of(tx, [case.id for case in cases])
            for case in cases:
                _recount_one(tx, rules, case, clocks[case.id])
            store.note_recounted(tx, [case.id for case in cases], rules.counted_by)
            return len(cases)


def _recount_one(tx: Transaction, rules: Rules, case: Case, known: Mapping[UUID, Deadline]) -> None:
    """A case that cannot be counted does not hold up the others: it keeps its days, and the log says so."""
    try:
        with tx.attempt():
            recount_case(tx, rules, case, known)
    except (ClockRefused, UnknownWord, ValueError) as refused:
        log.error("a case could not be counted anew", case_id=str(case.id), why=str(refused))


def recount_case(tx: Transaction, rules: Rules, case: Case, known: Mapping[UUID, Deadline]) -> None:
    """The clocks of a held case by the rules in force. Days that moved are told; the house's own move quietly."""
    changed = recounted(known, rules.catalogue, kind=case.kind, conditions=case.conditions, now=tx.now)
    store.save_deadlines(tx, changed)
    after = {**known, **changed}
    retimed = _retimed(tx, rules, case, after)
    told = list(_told(case, retimed, known, after))
    if not told:
        store.keep_next_step(tx, retimed)
        return
    saved = store.save_case(tx, retimed)
    announced = next((one for one in told if one.is_announced), None)
    days = {"before": str(announced.due_before), "due_on": str(announced.due_on)} if announced else {}
    store.add_entry(tx, case.id, "rescheduled", actor=SYSTEM, is_public=announced is not None, **days)
    for one in told:
        tx.emit(one)
    if announced:
        _tell_followers(tx, saved, announced)


def _retimed(tx: Transaction, rules: Rules, case: Case, clocks: Mapping[UUID, Deadline]) -> Case:
    """The case with its due day and next rung. A rung that has come is left to the sweep, the end of a wait stays."""
    after = timed(case, (*clocks.values(),), rules, after=(tx.now, ""))
    has_come = case.next_step_at is not None and case.next_step_at <= tx.now
    if case.is_paused or has_come:
        return replace(after, next_step=case.next_step, next_step_at=case.next_step_at)
    return after


def _told(
    case: Case, after_case: Case, before: Mapping[UUID, Deadline], after: Mapping[UUID, Deadline]
) -> Iterator[CaseRescheduled]:
    """An event for each binding day that was owed to the citizen and moved."""
    governing = owed(after.values())
    for key, clock in after.items():
        old = before[key]
        is_announced = clock is governing and clock.state == "running"
        due_before = case.answer_due_on if is_announced else old.due_on
        if clock.is_internal or not clock.is_open or not (clock.is_governing or old.is_governing):
            continue
        if due_before is None or clock.due_on is None or due_before == clock.due_on:
            continue
        yield CaseRescheduled(
            petition_id=case.petition_id,
            case_id=case.id,
            actor=SYSTEM,
            rule=rule_name(after_case, clock.rule),
            ground="calendar",
            due_before=due_before,
            due_on=clock.due_on,
            due_at=clock.due_at,
            is_announced=is_announced,
            is_later=clock.due_on > due_before,
        )


def _tell_followers(tx: Transaction, lead: Case, told: CaseRescheduled) -> None:
    """Who follows the case, or is thought to be about the same matter, shares its day."""
    for case in store.without_own_clocks(tx, lead.id):
        if case.answer_due_on is not None:
            store.save_case(tx, replace(case, answer_due_at=lead.answer_due_at, answer_due_on=lead.answer_due_on))
            tx.emit(replace(told, petition_id=case.petition_id, case_id=case.id))
