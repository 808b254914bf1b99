"""What the clock asks beside the ladder of cases: contributions that are due or late, urgings that nobody answered.

By looking, like the ladder: each step once, in working hours, whatever stops in between.
"""

from collections.abc import Sequence
from uuid import UUID

from services.workflow import store
from services.workflow.actions.support import who_supports
from services.workflow.domain.case import Case
from services.workflow.domain.errand import LATE, next_reminder
from services.workflow.domain.ladder import who_hears
from services.workflow.domain.permission import Person
from services.workflow.domain.rules import Book, Rules
from shared.db import Database, Transaction
from shared.events.workflow import CaseSupportDue, UnitUrgeUnanswered

BATCH = 500  # errands a transaction


class Remind:
    """Takes the next step of every contribution and urging for which it has come."""

    name, idle_s = "remind", 60.0

    def __init__(self, database: Database, book: Book) -> None:
        self._database, self._book = database, book

    def once(self) -> int:
        with self._database.reading() as look:
            if not (store.is_support_due(look) or store.is_urge_due(look)):
                return 0
        with self._database.writing() as tx:
            supports, urges = store.claim_supports(tx, limit=BATCH), store.claim_urges(tx, limit=BATCH)
            people, rules = store.colleagues(tx), self._book.in_force(tx)
            for support in supports:
                remind_of_support(tx, rules, support, people)
            told: set[UUID] = set()
            for urge in urges:
                tell_unanswered(tx, urge, people, is_told=urge.batch_id in told)
                told.add(urge.batch_id)
            return len(supports) + len(urges)


def remind_of_support(tx: Transaction, rules: Rules, asked: store.Support, people: Sequence[Person]) -> None:
    """The supporting unit is reminded; once it is late, the lead hears it too. Nothing, where nothing is waited for."""
    case = store.find_case(tx, asked.case_id)
    if case is None or not _waits(case):
        store.change_support(tx, asked.id, state="ended")
        return
    assert asked.next_step_at is not None
    is_late = asked.next_step == LATE
    tell = {*who_supports(people, case, asked.unit)}
    if is_late:
        tell |= {*who_hears(people, case, ("officer",))}
    following = next_reminder(asked.due_on, rules.calendar, after=asked.next_step_at)
    store.change_support(
        tx,
        asked.id,
        next_step=following[1] if following else None,
        next_step_at=following[0] if following else None,
    )
    tx.emit(
        CaseSupportDue(
            petition_id=case.petition_id,
            case_id=case.id,
            support_id=asked.id,
            unit=None if case.is_secret else asked.unit,
            due_on=asked.due_on,
            is_late=is_late,
            tell=tuple(sorted(tell)),
        )
    )


def tell_unanswered(tx: Transaction, asked: store.Urge, people: Sequence[Person], *, is_told: bool = False) -> None:
    """The director hears, once for all cases of an urging, that it was not answered by its day."""
    case = store.find_case(tx, asked.case_id)
    if case is None or not _waits(case):
        store.change_urge(tx, asked.id, state="ended", next_step_at=None)
        return
    store.change_urge(tx, asked.id, next_step_at=None)
    store.add_entry(tx, case.id, "urge_unanswered", actor="system", due_on=asked.answer_by.isoformat())
    tx.emit(
        UnitUrgeUnanswered(
            petition_id=case.petition_id,
            case_id=case.id,
            urge_id=asked.id,
            unit=None if case.is_secret else asked.unit,
            answer_by=asked.answer_by,
            tell=() if is_told else who_hears(people, case, ("director",)),
        )
    )


def _waits(case: Case) -> bool:
    return not case.is_ended and case.answered_at is None
