"""Mending what people point out, and checking how cases were handled."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from services.workflow import store
from services.workflow.domain import inspection
from services.workflow.domain import remedy as rules_of_remedies
from services.workflow.domain.case import Case
from services.workflow.domain.permission import Person
from services.workflow.domain.remedy import OPEN, Remedy
from services.workflow.domain.rules import Rules
from services.workflow.steps import Incomplete, begin, must, needed, working_day_ahead
from shared.db import Transaction
from shared.events.workflow import CheckRecorded, RemedyDone, RemedyOpened
from shared.ids import ordered_id

ANSWERS = ("officer", "head")


class RemedyUnknown(Exception):
    """There is no such remedy, as far as this person is concerned."""


def open_remedy(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    what: str,
    unit: str,
    owner: str,
    due_on: date,
    case_id: UUID | None = None,
    check_id: UUID | None = None,
) -> Remedy:
    """Somebody of a unit mends something by a day, because of a case, a check, or what the figures show."""
    case = begin(tx, person, "open_remedy", case_id, None) if case_id else None
    must(rules_of_remedies.may_open(person, unit))
    new = Remedy(
        id=ordered_id(),
        what=needed(what, "what", least=10, most=1000),
        unit=unit,
        owner=_owner(tx, case, unit=unit, owner=owner),
        due_on=working_day_ahead(tx, rules, due_on),
        state=OPEN,
        opened_by=person.person,
        opened_at=tx.now,
        case_id=case_id,
        check_id=check_id,
    )
    store.add_remedy(tx, new)
    if case is not None:
        store.add_entry(tx, case.id, "remedy", actor=person.person, words=new.what, remedy=str(new.id))
    tx.emit(
        RemedyOpened(
            remedy_id=new.id, actor=person.person, cause=new.cause, unit=unit, owner=new.owner, due_on=new.due_on
        )
    )
    return new


def _owner(tx: Transaction, case: Case | None, *, unit: str, owner: str) -> str:
    if case is not None and case.excluded & {owner, unit}:
        raise Incomplete("owner", "about_them")
    if owner not in {one.person for one in store.colleagues(tx, unit=unit, roles=ANSWERS)}:
        raise Incomplete("owner", "unknown")
    return owner


def report_remedy(tx: Transaction, *, person: Person, remedy_id: UUID, evidence: str) -> Remedy:
    """The owner says what was done and what shows it; somebody else judges."""
    found = _load(tx, person, remedy_id)
    must(rules_of_remedies.may_report(person, found))
    words = needed(evidence, "evidence", least=10)
    done = rules_of_remedies.report(found, evidence=words, by=person.person, at=tx.now)
    store.save_remedy(tx, done)
    return done


def judge_remedy(
    tx: Transaction, rules: Rules, *, person: Person, remedy_id: UUID, is_good: bool, words: str = ""
) -> Remedy:
    """Somebody else than the owner closes it, or sends it back with the reason."""
    found = _load(tx, person, remedy_id)
    must(rules_of_remedies.may_judge(person, found))
    said = words.strip() or None if is_good else needed(words, "words", least=5)
    judged = rules_of_remedies.judge(found, is_good=is_good, words=said, by=person.person, at=tx.now)
    store.save_remedy(tx, judged)
    if is_good:
        _tell_done(tx, rules, judged)
    return judged


def _tell_done(tx: Transaction, rules: Rules, closed: Remedy) -> None:
    assert closed.done_by is not None
    assert closed.done_at is not None
    assert closed.judged_by is not None
    if closed.case_id is not None:
        store.add_entry(tx, closed.case_id, "remedy_closed", actor=closed.judged_by, remedy=str(closed.id))
    tx.emit(
        RemedyDone(
            remedy_id=closed.id,
            actor=closed.judged_by,
            done_by=closed.done_by,
            due_on=closed.due_on,
            is_in_time=rules.calendar.local_day(closed.done_at) <= closed.due_on,
        )
    )


def _load(tx: Transaction, person: Person, remedy_id: UUID) -> Remedy:
    found = store.load_remedy(tx, person, remedy_id)
    if found is None:
        raise RemedyUnknown
    return found


def record_check(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    month: str,
    results: Mapping[str, str],
    words: str = "",
) -> store.Inspection:
    """What was found when a case of the month's sample was looked at. Once for each case and month.

    Source: Kế hoạch 1167/KH-SGTVT: receiving and handling of procedure cases is checked.
    """
    begin(tx, person, "check", case_id, None)
    first, _ = inspection.month_of(month)
    checklist = inspection.checklist_on(rules.catalogue.checklists, first)
    if checklist is None:
        raise Incomplete("month", "unknown")
    if store.inspection_of(tx, case_id, month) is not None:
        raise Incomplete("month", "taken")
    try:
        found = inspection.results_of(checklist, results)
    except inspection.BadResults as missing:
        raise Incomplete(missing.item) from None
    is_bad = inspection.BAD in found.values()
    done = store.Inspection(
        id=ordered_id(),
        case_id=case_id,
        checklist=checklist.code,
        month=month,
        checked_by=person.person,
        checked_at=tx.now,
        results=found,
        words=needed(words, "words", least=10) if is_bad else words.strip() or None,
    )
    store.add_inspection(tx, done)
    store.add_entry(tx, case_id, "check", actor=person.person, month=month, bad=done.bad)
    tx.emit(
        CheckRecorded(
            check_id=done.id,
            actor=person.person,
            checklist=checklist.code,
            month=month,
            good=sum(result == inspection.GOOD for result in found.values()),
            bad=done.bad,
        )
    )
    return done
