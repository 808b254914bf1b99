"""Who of a unit answers for what: its head keeps the matrix and the absences, an officer passes a case on."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from services.workflow import store
from services.workflow.domain.assignment import ANSWERS_CASES, REASONS, Absence, Duty, clashing, suggestion
from services.workflow.domain.case import Case
from services.workflow.domain.permission import Person, Refusal, may
from services.workflow.domain.rules import Rules
from services.workflow.steps import Incomplete, NotAllowed, assigned, begin, needed, take_step
from shared.db import Transaction
from shared.events.workflow import AssignmentChanged
from shared.ids import ordered_id


def pass_on(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    officer: str,
    reason: str,
) -> Case:
    """Hand one's own case to a colleague of the unit, and say why."""
    case = begin(tx, person, "pass_on", case_id, version)
    words = needed(reason, "reason", least=5)
    chosen = next((one for one in _staff(tx, case.unit) if one.person == officer), None)
    if chosen is None or officer == person.person:
        raise Incomplete("officer", "unknown")
    if not may(chosen, "see", replace(case, officer=officer)):
        raise Incomplete("officer", "about_them")
    taken = take_step(
        tx,
        rules,
        case,
        "pass_on",
        actor=person.person,
        role=person.role,
        words=words,
        data={"officer": officer},
        officer=officer,
    )
    tx.emit(assigned(taken.case, actor=person.person))
    return taken.case


def suggested_officer(tx: Transaction, rules: Rules, *, person: Person, case_id: UUID) -> str:
    """Whom the head's list suggests for a case; raises Incomplete where that is nobody."""
    case = begin(tx, person, "assign", case_id, None)
    today = rules.calendar.local_day(tx.now)
    duties = store.duties_of(tx, {case.unit}, since=today)
    matrix = store.matrix_with(tx, duties, {case.unit}, day=today)
    found = suggestion(matrix, case, today, load=store.load_of(tx, person, matrix.staff))
    if found is None:
        raise Incomplete("officer", "nobody")
    return found


def _staff(tx: Transaction, unit: str) -> list[Person]:
    return list(store.colleagues(tx, unit=unit, roles=ANSWERS_CASES))


def _unit_of(person: Person) -> str:
    """The unit whose matrix this person keeps. Raises NotAllowed."""
    if person.role != "head" or person.unit is None:
        raise NotAllowed(Refusal.NOT_YOUR_ROLE)
    return person.unit


# ---- the matrix


def add_duty(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    topic: str | None = None,
    ward: str | None = None,
    officer: str,
    deputy: str | None = None,
    valid_from: date,
    valid_to: date | None = None,
) -> Duty:
    """From a day on this officer answers for a topic in a ward. Raises Incomplete: two rows never say it at once."""
    unit, today = _unit_of(person), rules.calendar.local_day(tx.now)
    staff = {one.person for one in _staff(tx, unit)}
    if topic is not None and topic not in rules.catalogue.topics_of(valid_from).codes:
        raise Incomplete("topic", "unknown")
    if ward is not None and ward not in {row.code for row in rules.catalogue.wards}:
        raise Incomplete("ward", "unknown")
    if officer not in staff:
        raise Incomplete("officer", "unknown")
    if deputy is not None and (deputy not in staff or deputy == officer):
        raise Incomplete("deputy", "unknown")
    if valid_from < today:
        raise Incomplete("valid_from", "passed")
    if valid_to is not None and valid_to < valid_from:
        raise Incomplete("valid_to", "before")
    new = Duty(
        id=ordered_id(),
        unit=unit,
        topic=topic,
        ward=ward,
        officer=officer,
        deputy=deputy,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    if clashing(store.duties_of(tx, {unit}, since=today), new) is not None:
        raise Incomplete("topic", "taken")
    store.add_duty(tx, new, by=person.person)
    tx.emit(told_of(new, actor=person.person))
    return new


def end_duty(tx: Transaction, rules: Rules, *, person: Person, duty_id: UUID) -> Duty:
    """The row holds to the end of yesterday; what is open stays with whom it was given to."""
    unit, today = _unit_of(person), rules.calendar.local_day(tx.now)
    duty = store.duty_to_change(tx, duty_id)
    if duty is None or duty.unit != unit:
        raise Incomplete("duty", "unknown")
    last = today - timedelta(days=1)
    if duty.valid_to is not None and duty.valid_to <= last:
        return duty
    store.end_duty(tx, duty_id, last=last, by=person.person)
    ended = replace(duty, valid_to=last)
    tx.emit(told_of(ended, actor=person.person))
    return ended


def told_of(duty: Duty, *, actor: str) -> AssignmentChanged:
    """The event of a row that was added or ended."""
    return AssignmentChanged(
        assignment_id=duty.id,
        actor=actor,
        unit=duty.unit,
        topic=duty.topic,
        ward=duty.ward,
        officer=duty.officer,
        deputy=duty.deputy,
        valid_from=duty.valid_from,
        valid_to=duty.valid_to,
    )


# ---- absences: why somebody is away is told to nobody, so no event says it


def add_absence(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    absent: str,
    valid_from: date,
    valid_to: date,
    reason: str,
    deputy: str | None = None,
) -> Absence:
    """Somebody of the unit is away; who stands in gets what comes meanwhile."""
    unit, today = _unit_of(person), rules.calendar.local_day(tx.now)
    staff = {one.person for one in _staff(tx, unit)}
    if absent not in staff:
        raise Incomplete("absent", "unknown")
    if deputy is not None and (deputy not in staff or deputy == absent):
        raise Incomplete("deputy", "unknown")
    if reason not in REASONS:
        raise Incomplete("absence_reason", "unknown")
    if valid_to < max(valid_from, today):
        raise Incomplete("until", "before")
    new = Absence(
        id=ordered_id(),
        person=absent,
        unit=unit,
        valid_from=valid_from,
        valid_to=valid_to,
        reason=reason,
        deputy=deputy,
    )
    known = store.absences_of(tx, {unit}, since=valid_from)
    if any(one.person == absent and one.valid_from <= valid_to for one in known):
        raise Incomplete("absent", "taken")
    store.add_absence(tx, new, by=person.person)
    return new


def end_absence(tx: Transaction, rules: Rules, *, person: Person, absence_id: UUID) -> None:
    """They are back: from today on they are there."""
    unit, today = _unit_of(person), rules.calendar.local_day(tx.now)
    known = store.absence_to_change(tx, absence_id)
    if known is None or known.unit != unit:
        raise Incomplete("absence", "unknown")
    if known.valid_to >= today:
        store.end_absence(tx, absence_id, last=today - timedelta(days=1), by=person.person)
