"""Work on a case: who does it, what the citizen is asked and told, and every later date with its reason."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from services.workflow import store
from services.workflow.actions import letters
from services.workflow.actions.consulting import end_wait
from services.workflow.domain import deadline as clocks
from services.workflow.domain.admission import missing_of
from services.workflow.domain.assignment import ANSWERS_CASES
from services.workflow.domain.case import Case
from services.workflow.domain.deadline import ClockRefused, Deadline
from services.workflow.domain.guidance import one_question, questions_about
from services.workflow.domain.permission import Person, may
from services.workflow.domain.rules import Rules, follow, owed
from services.workflow.domain.vocabulary import Rule
from services.workflow.steps import (
    Incomplete,
    assigned,
    begin,
    give_out,
    move_followers,
    needed,
    paused,
    retimed,
    rule_name,
    take_step,
    tell_paused,
    tell_resumed,
)
from shared.db import Transaction
from shared.events.base import Sealed
from shared.events.workflow import (
    CaseAccepted,
    CaseApologised,
    CaseClockPaused,
    CaseExtended,
    CaseInfoRequested,
    CaseProgressed,
)

WAIT_RULE = "policy.question_wait"
ASKED_TWICE = "asked_twice"
"""The flag of a case whose citizen was asked more than once."""


def assign(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, officer: str
) -> Case:
    """Give the case to an officer of its unit: for the first time, or to another one."""
    case = begin(tx, person, "assign", case_id, version)
    chosen = next(
        (one for one in store.colleagues(tx, unit=case.unit, roles=ANSWERS_CASES) if one.person == officer), None
    )
    if chosen is None:
        raise Incomplete("officer", "unknown")
    if not may(chosen, "see", replace(case, officer=officer)):
        raise Incomplete("officer", "about_them")
    name = "assign" if rules.workflow_of(case).may_take(case, "assign", by=person.role) else "reassign"
    taken = take_step(
        tx, rules, case, name, actor=person.person, role=person.role, data={"officer": officer}, officer=officer
    )
    tx.emit(assigned(taken.case, actor=person.person))
    return taken.case


def take(tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None) -> Case:
    """Take a case of one's own unit that nobody has yet, and begin."""
    case = begin(tx, person, "take", case_id, version)
    _refuse_unready(rules, case)
    taken = take_step(
        tx, rules, case, "take", actor=person.person, role=person.role, is_public=True, officer=person.person
    )
    tx.emit(assigned(taken.case, actor=person.person))
    tx.emit(CaseAccepted(petition_id=case.petition_id, case_id=case.id, actor=person.person))
    return taken.case


def accept(tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None) -> Case:
    """Take on what was assigned; for complaints and denunciations: accept it for settlement (thụ lý)."""
    case = begin(tx, person, "accept", case_id, version)
    _refuse_unready(rules, case)
    taken = take_step(tx, rules, case, "accept", actor=person.person, role=person.role, is_public=True)
    due_on = taken.case.answer_due_on
    letter = letters.issue(tx, rules, taken.case, "accept", signer=person.person, due_on=due_on)
    told = letters.told(case, letter)
    tx.emit(CaseAccepted(petition_id=case.petition_id, case_id=case.id, actor=person.person, **told))
    return taken.case


def _refuse_unready(rules: Rules, case: Case) -> None:
    """Raises Incomplete by the name of what the law asks of its sender and is not there yet."""
    if (missing := missing_of(case.conditions, rules.workflow_of(case).steps)) is not None:
        raise Incomplete(missing)


def report_progress(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, note: str
) -> Case:
    """Tell the citizen what was done before the answer; those whose cases follow this one hear it too."""
    case = begin(tx, person, "progress", case_id, version)
    words = needed(note, "note", least=5)
    taken = take_step(tx, rules, case, "progress", actor=person.person, role=person.role, is_public=True, words=words)
    for told in (case, *store.linked_to(tx, case.id)):
        tx.emit(CaseProgressed(petition_id=told.petition_id, case_id=told.id, actor=person.person, note=Sealed(words)))
    return taken.case


# ---- asking the citizen


def ask_citizen(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    question: str = "",
    ready: Sequence[str] = (),
    again: str = "",
) -> Case:
    """Ask one complete question; where the rules allow it the answer clock waits.

    `ready` names questions kept ready for the topic (`guidance.json`): they come first, then what was written.

    A second question needs a reason (`again`) and leaves a flag at the case: people are asked once, completely.
    """
    asked = store.find_case(tx, case_id)
    name = "ask"
    if asked is not None and "guide" in rules.workflow_of(asked).steps and asked.stage != "in_progress":
        name = "guide"
    case = begin(tx, person, name, case_id, version)
    today = rules.calendar.local_day(tx.now)
    kept = questions_about(rules.catalogue.questions, case.topic, today)
    if set(ready) - {one.code for one in kept}:
        raise Incomplete("ready", "unknown")
    words = needed(one_question(kept, ready, question), "question", least=10)
    is_again = bool(store.questions_of(tx, case_id))
    if is_again and not again.strip():
        raise Incomplete("again")
    wait = rules.catalogue.rule(WAIT_RULE, today)
    reply_by = rules.calendar.add_working_days(today, wait.value)
    ends_at = rules.calendar.next_working_instant(rules.calendar.end_of_day(reply_by))
    taken = take_step(
        tx,
        rules,
        case,
        name,
        actor=person.person,
        role=person.role,
        is_public=True,
        words=words,
        data={"reply_by": reply_by.isoformat(), "again": again.strip()},
        wait_ends_at=ends_at,
        flags=tuple(dict.fromkeys((*case.flags, ASKED_TWICE))) if is_again else case.flags,
    )
    store.add_question(tx, case.id, text=words, asked_by=person.person, reply_by=reply_by)
    letter = letters.issue(tx, rules, case, name, signer=person.person, question=words, reply_by=reply_by)
    tx.emit(
        CaseInfoRequested(
            petition_id=case.petition_id,
            case_id=case.id,
            actor=person.person,
            reply_by=reply_by,
            is_again=is_again,
            question=Sealed(words),
            again=Sealed(again.strip() if is_again else None),
            **letters.told(case, letter),
        )
    )
    if (still := paused(taken, actor=person.person, ground="waiting_for_citizen")) is not None:
        tx.emit(still)
    return taken.case


def resume(tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None) -> Case:
    """Go on without waiting longer: the answer came another way, or is not needed any more."""
    case = begin(tx, person, "resume", case_id, version)
    if case.stage == "consulting":
        return end_wait(tx, rules, case, ground="expert_wait_over", actor=person.person, role=person.role)
    return go_on(tx, rules, case, actor=person.person, role=person.role, ground="citizen_replied")


def go_on(tx: Transaction, rules: Rules, case: Case, *, actor: str, role: str, ground: str) -> Case:
    """The wait is over: the clock runs again. When nobody replied it runs from the end of the wait, not from the sweep
    that noticed it."""
    asked = store.open_question(tx, case.id)
    ended_at = None
    if asked is not None:
        store.reply_to(tx, asked.id, is_replied=ground == "citizen_replied")
        if ground == "wait_is_over":
            ended_at = rules.calendar.end_of_day(asked.reply_by) - timedelta(microseconds=1)
    taken = take_step(
        tx,
        rules,
        case,
        "resume",
        actor=actor,
        role=role,
        is_public=True,
        data={"ground": ground},
        clocks_at=ended_at,
    )
    letter = None
    if case.stage == "suspended":
        letter = letters.issue(tx, rules, taken.case, "resume", signer=actor, due_on=taken.case.answer_due_on)
    tell_resumed(tx, taken, actor=actor, ground=ground, letter=letters.told(case, letter))
    return give_out(tx, rules, taken.case)


def suspend(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, reason: str
) -> Case:
    """Suspend the settlement by the director's decision. Source: NĐ 155/2026 Đ12; Luật Tố cáo Đ34."""
    case = begin(tx, person, "suspend", case_id, version)
    words = needed(reason, "reason")
    taken = take_step(tx, rules, case, "suspend", actor=person.person, role=person.role, is_public=True, words=words)
    letter = letters.issue(tx, rules, taken.case, "suspend", signer=person.person, reason=words)
    suspended = paused(taken, actor=person.person, ground="suspension") or CaseClockPaused(
        petition_id=case.petition_id, case_id=case.id, actor=person.person, ground="suspension", rules=()
    )
    tell_paused(tx, taken.case, suspended, letter=letters.told(case, letter))
    return taken.case


# ---- later dates


def ask_extension(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, reason: str
) -> None:
    """Ask for a later due day. Nothing changes until another person grants it."""
    case = begin(tx, person, "ask_extension", case_id, version)
    if "extend" not in rules.workflow_of(case).steps or _extension_rule(rules, case, tx) is None:
        raise ClockRefused("no_rule", "no rule allows an extension of this kind")
    words = needed(reason, "reason", least=10)
    store.ask_for_extension(tx, case.id, asked_by=person.person, reason=words)
    store.add_entry(tx, case.id, "ask_extension", actor=person.person, words=words)


def grant_extension(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, reason: str = ""
) -> Case:
    """Grant the later due day that somebody else asked for, before the first one has passed."""
    case = begin(tx, person, "extend", case_id, version)
    asked = store.extension_request_of(tx, case.id)
    rule = _extension_rule(rules, case, tx)
    known = store.deadlines_of(tx, case.id)
    governing = owed(known.values())
    if asked is None or rule is None or governing is None or governing.due_on is None:
        raise ClockRefused("no_rule", "there is nothing to extend")
    today = rules.calendar.local_day(tx.now)
    later = clocks.extend(governing, rule, rules.calendar, on=today)
    words = needed(reason or asked.reason, "reason")
    case = _reschedule(tx, rules, case, known, governing, later)
    store.end_extension_request(tx, case.id)
    taken = take_step(
        tx,
        rules,
        case,
        "extend",
        actor=person.person,
        role=person.role,
        is_public=True,
        words=words,
        data={"before": governing.due_on.isoformat(), "due_on": str(later.due_on)},
        extension_asked_by=None,
    )
    assert later.due_on is not None
    for told in (taken.case, *move_followers(tx, taken.case)):
        letter = letters.issue(
            tx,
            rules,
            told,
            "extend",
            signer=person.person,
            reason=words,
            due_before=governing.due_on,
            due_on=later.due_on,
        )
        tx.emit(
            CaseExtended(
                petition_id=told.petition_id,
                case_id=told.id,
                actor=person.person,
                asked_by=asked.asked_by,
                rule=rule_name(case, rule.code),
                due_before=governing.due_on,
                due_on=later.due_on,
                due_at=later.due_at,
                reason=Sealed(words),
                **letters.told(told, letter),
            )
        )
    return taken.case


def refuse_extension(
    tx: Transaction, *, person: Person, case_id: UUID, version: int | None = None, reason: str
) -> None:
    """No later date: the due day stays."""
    case = begin(tx, person, "extend", case_id, version)
    words = needed(reason, "reason")
    store.end_extension_request(tx, case.id)
    store.add_entry(tx, case.id, "refuse_extension", actor=person.person, words=words)


def _extension_rule(rules: Rules, case: Case, tx: Transaction) -> Rule | None:
    day = rules.calendar.local_day(tx.now)
    found = clocks.extension_rules(rules.catalogue, kind=case.kind, conditions=case.conditions, day=day)
    return found[0] if found else None


def _reschedule(
    tx: Transaction, rules: Rules, case: Case, known: dict[UUID, Deadline], old: Deadline, new: Deadline
) -> Case:
    """Put a clock of the case to its new day, with all that hangs on it; the case is not saved yet."""
    changed = {key: new for key, clock in known.items() if clock == old}
    changed |= follow(case.kind, known, changed, rules.catalogue)
    store.save_deadlines(tx, changed)
    return retimed(tx, rules, case, case, (*known.values(),), (*(known | changed).values(),))


def apologise(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    reason: str,
    due_on: date,
    signer: str,
) -> Case:
    """The signed apology: what happened, and one new date. A second new date is refused.

    Source: NĐ 61/2018 Đ19(9) and form 04 of TT 03/2025/TT-VPCP for dossiers; the same by policy for petitions.
    """
    case = begin(tx, person, "apologise", case_id, version)
    words = needed(reason, "reason", least=20)
    known = store.deadlines_of(tx, case.id)
    governing = owed(known.values())
    if governing is None or governing.due_on is None:
        raise ClockRefused("no_rule", "nothing is owed any more")
    if case.apologised_at is not None:
        raise ClockRefused("no_more", "an apology gives one new date only, and it was given")
    later = clocks.apologise(governing, rules.calendar, due_on=due_on)
    case = _reschedule(tx, rules, case, known, governing, later)
    taken = take_step(
        tx,
        rules,
        case,
        "apologise",
        actor=person.person,
        role=person.role,
        is_public=True,
        words=words,
        data={"before": governing.due_on.isoformat(), "due_on": due_on.isoformat()},
        apologised_at=tx.now,
        is_apology_owed=False,
    )
    for told in (taken.case, *move_followers(tx, taken.case)):
        letter = letters.issue(
            tx,
            rules,
            told,
            "apologise",
            signer=person.person,
            reason=words,
            due_before=governing.due_on,
            due_on=due_on,
        )
        tx.emit(
            CaseApologised(
                petition_id=told.petition_id,
                case_id=told.id,
                actor=person.person,
                due_before=governing.due_on,
                due_on=due_on,
                due_at=later.due_at,
                reason=Sealed(words),
                signer=Sealed(needed(signer, "signer")),
                **letters.told(told, letter),
            )
        )
    return taken.case
