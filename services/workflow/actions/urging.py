"""Urging: the office or the director asks a unit for an answer about a case, or about all that are late, by a day."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.workflow import store
from services.workflow.domain.case import Case, StepRefused
from services.workflow.domain.errand import fault_of_day, usual_day
from services.workflow.domain.ladder import who_hears
from services.workflow.domain.permission import Person, Refusal, may
from services.workflow.domain.rules import Rules
from services.workflow.steps import Incomplete, NotAllowed, begin, needed
from shared.db import Transaction
from shared.events.workflow import UnitUrgeAnswered, UnitUrged
from shared.ids import ordered_id

URGE_RULE = "policy.urge"
MOST = 200  # cases of one urging


def urge(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    reason: str,
    answer_by: date | None = None,
) -> Case:
    """Urge the unit of a case."""
    case = begin(tx, person, "urge", case_id, version)
    _urge(tx, rules, person, [case], reason=reason, answer_by=answer_by)
    return case


def urge_unit(
    tx: Transaction, rules: Rules, *, person: Person, unit: str, reason: str, answer_by: date | None = None
) -> int:
    """Urge a unit about all its cases that are late, as far as this person sees them. Returns how many."""
    if person.role not in {"office", "director"}:
        raise NotAllowed(Refusal.NOT_YOUR_ROLE)
    if unit not in rules.unit_codes:
        raise Incomplete("unit", "unknown")
    late = store.overdue_cases_of(tx, person, unit, limit=MOST)
    cases = [begin(tx, person, "urge", case_id, None) for case_id in late]
    cases = [case for case in cases if _open_urge(tx, case) is None]
    if not cases:
        raise Incomplete("unit", "nothing_late")
    _urge(tx, rules, person, cases, reason=reason, answer_by=answer_by)
    return len(cases)


def _urge(
    tx: Transaction, rules: Rules, person: Person, cases: Sequence[Case], *, reason: str, answer_by: date | None
) -> None:
    words, calendar = needed(reason, "reason", least=5), rules.calendar
    today = calendar.local_day(tx.now)
    by = answer_by or usual_day(rules.catalogue.rule(URGE_RULE, today), calendar, today=today)
    if fault := fault_of_day(by, calendar, today=today):
        raise Incomplete("answer_by", fault)
    batch, people = ordered_id(), store.colleagues(tx)
    for number, case in enumerate(cases):
        if case.is_ended or case.answered_at is not None or _open_urge(tx, case) is not None:
            raise StepRefused("this case waits for nothing, or its unit was urged already")
        urged = store.Urge(
            id=ordered_id(),
            case_id=case.id,
            batch_id=batch,
            unit=case.unit,
            reason=words,
            urged_by=person.person,
            urged_at=tx.now,
            answer_by=by,
            next_step_at=calendar.next_working_instant(calendar.end_of_day(by)),
        )
        store.add_urge(tx, urged)
        store.add_entry(tx, case.id, "urge", actor=person.person, words=words, unit=case.unit, due_on=by.isoformat())
        tx.emit(
            UnitUrged(
                petition_id=case.petition_id,
                case_id=case.id,
                urge_id=urged.id,
                actor=person.person,
                unit=None if case.is_secret else case.unit,
                answer_by=by,
                cases=len(cases),
                tell=who_hears(people, case, ("unit_head",)) if number == 0 else (),
            )
        )


def usual_urge_day(rules: Rules, today: date) -> date:
    """The day that the form proposes."""
    return usual_day(rules.catalogue.rule(URGE_RULE, today), rules.calendar, today=today)


def answer_urge(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, text: str
) -> Case:
    """The head says what holds the case up and what happens now; who urged is told."""
    case = begin(tx, person, "answer_urge", case_id, version)
    asked = _open_urge(tx, case)
    if asked is None:
        raise StepRefused("nobody has urged this case, or it was answered already")
    words = needed(text, "text", least=5)
    store.change_urge(
        tx,
        asked.id,
        state="answered",
        answer=words,
        answered_by=person.person,
        answered_at=tx.now,
        next_step_at=None,
    )
    store.add_entry(tx, case.id, "answer_urge", actor=person.person, words=words)
    tx.emit(
        UnitUrgeAnswered(
            petition_id=case.petition_id,
            case_id=case.id,
            urge_id=asked.id,
            actor=person.person,
            unit=None if case.is_secret else case.unit,
            answer_by=asked.answer_by,
            is_on_time=rules.calendar.local_day(tx.now) <= asked.answer_by,
            tell=tuple(
                one.person for one in store.colleagues(tx) if one.person == asked.urged_by and may(one, "see", case)
            ),
        )
    )
    return case


def _open_urge(tx: Transaction, case: Case) -> store.Urge | None:
    return next((one for one in store.urges_of(tx, case.id) if one.state == "asked"), None)
