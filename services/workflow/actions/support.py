"""Contributions of other units: asked with a day of their own, given or handed back. The lead and its clock stay."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.workflow import store
from services.workflow.domain.case import Case, StepRefused
from services.workflow.domain.errand import fault_of_day, next_reminder, usual_day
from services.workflow.domain.ladder import who_hears
from services.workflow.domain.permission import Person, may
from services.workflow.domain.rules import Rules
from services.workflow.steps import Incomplete, begin, needed
from shared.db import Transaction
from shared.events.workflow import CaseSupportAsked, CaseSupportGiven
from shared.ids import ordered_id

SUPPORT_RULE = "policy.support"


def ask_support(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    unit: str,
    question: str,
    due_on: date | None = None,
) -> Case:
    """Ask another unit to contribute; from now on it sees the case. Never a unit that the case is about."""
    case = begin(tx, person, "ask_support", case_id, version)
    _still_worked_on(case)
    words = needed(question, "question", least=10)
    if unit not in rules.unit_codes or unit in case.supporting | {case.unit}:
        raise Incomplete("unit", "not_for_support")
    if unit in case.excluded:
        raise Incomplete("unit", "about_them")
    due_on = _day(rules, case, tx, due_on)
    due = next_reminder(due_on, rules.calendar, after=tx.now)
    asked = store.Support(
        id=ordered_id(),
        case_id=case.id,
        unit=unit,
        question=words,
        asked_by=person.person,
        asked_at=tx.now,
        due_on=due_on,
        next_step_at=due[0] if due else None,
        next_step=due[1] if due else None,
    )
    store.add_support(tx, asked)
    saved = store.save_case(tx, replace(case, supporting=case.supporting | {unit}))
    store.add_entry(tx, case.id, "ask_support", actor=person.person, words=words, unit=unit, due_on=due_on.isoformat())
    tx.emit(
        CaseSupportAsked(
            petition_id=case.petition_id,
            case_id=case.id,
            support_id=asked.id,
            actor=person.person,
            unit=None if case.is_secret else unit,
            due_on=due_on,
            tell=who_supports(store.colleagues(tx, unit=unit), saved, unit),
        )
    )
    return saved


def usual_support_day(rules: Rules, case: Case, today: date) -> date:
    """The day that the form proposes."""
    return usual_day(rules.catalogue.rule(SUPPORT_RULE, today), rules.calendar, today=today, latest=case.answer_due_on)


def _day(rules: Rules, case: Case, tx: Transaction, due_on: date | None) -> date:
    today = rules.calendar.local_day(tx.now)
    if due_on is None:
        return usual_support_day(rules, case, today)
    latest = case.answer_due_on if case.answer_due_on and case.answer_due_on >= today else None
    if fault := fault_of_day(due_on, rules.calendar, today=today, latest=latest):
        raise Incomplete("due_on", fault)
    return due_on


def who_supports(people: Sequence[Person], case: Case, unit: str) -> tuple[str, ...]:
    """Who hears what a supporting unit is asked: those of its heads who may see the case, else whoever else may."""
    seeing = [one for one in people if one.unit == unit and may(one, "see", case)]
    heads = [one.person for one in seeing if one.role == "head"]
    return tuple(sorted(heads or [one.person for one in seeing]))


def give_support(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, text: str
) -> Case:
    """The contribution of this person's unit, in words."""
    return _answer(tx, rules, person, case_id, version, action="give_support", field="text", said=text)


def hand_back_support(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, reason: str
) -> Case:
    """Not theirs to say: handed back with the reason. The unit sees the case no longer."""
    return _answer(tx, rules, person, case_id, version, action="hand_back_support", field="reason", said=reason)


def _answer(
    tx: Transaction,
    rules: Rules,
    person: Person,
    case_id: UUID,
    version: int | None,
    *,
    action: str,
    field: str,
    said: str,
) -> Case:
    case = begin(tx, person, action, case_id, version)
    words = needed(said, field, least=5)
    asked = next((one for one in _asked_of(tx, case) if one.unit == person.unit), None)
    if asked is None:
        raise StepRefused("nothing is asked of this unit any more")
    is_given = action == "give_support"
    state = "given" if is_given else "handed_back"
    store.change_support(tx, asked.id, state=state, words=words, answered_by=person.person, answered_at=tx.now)
    supporting = case.supporting if is_given else case.supporting - {asked.unit}
    saved = store.save_case(tx, replace(case, supporting=supporting))
    store.add_entry(tx, case.id, action, actor=person.person, words=words, unit=asked.unit)
    tx.emit(
        CaseSupportGiven(
            petition_id=case.petition_id,
            case_id=case.id,
            support_id=asked.id,
            actor=person.person,
            unit=None if case.is_secret else asked.unit,
            due_on=asked.due_on,
            is_given=is_given,
            is_on_time=rules.calendar.local_day(tx.now) <= asked.due_on,
            tell=who_hears(store.colleagues(tx), case, ("officer",)),
        )
    )
    return saved


def _asked_of(tx: Transaction, case: Case) -> list[store.Support]:
    return [one for one in store.supports_of(tx, case.id) if one.state == "asked"]


def _still_worked_on(case: Case) -> None:
    if case.is_ended or case.answered_at is not None:
        raise StepRefused("nothing is asked about a case that was answered or has ended")


def end_supports(tx: Transaction, case: Case) -> Case:
    """The case is to be kept close: units that were asked while it was not see it no longer. The caller saves it."""
    if not case.supporting:
        return case
    store.end_supports(tx, case.id)
    return replace(case, supporting=frozenset())
