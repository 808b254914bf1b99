"""Before a case is taken up: who asks and by which right, its signature, whether it came in time, how complex it is,
what it follows, screening.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from services.workflow import store
from services.workflow.actions.ends import refuse, transfer
from services.workflow.domain import admission
from services.workflow.domain import deadline as clocks
from services.workflow.domain.case import Case
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.permission import Person
from services.workflow.domain.rules import Rules
from services.workflow.domain.vocabulary import holds
from services.workflow.steps import Incomplete, Taken, begin, examined, needed, retimed, take_step
from shared.db import Transaction

SCREENED = ("inspect", "pass_on", "file")
"""What becomes of information without a denouncer. Source: Luật Tố cáo 2018 Đ25."""


def record_signature(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    how: str,
    signed_on: date | None,
) -> Case:
    """The signed letter came: the clocks that waited for it run from the day on which it came.

    Source: Luật Khiếu nại 2011 Đ8(2); Luật Tố cáo 2018 Đ22, Đ23.
    """
    case = begin(tx, person, "record_signature", case_id, version)
    if how not in admission.SIGNED:
        raise Incomplete("how", "unknown")
    if case.signature_status != "none" and admission.UNSIGNED not in case.conditions:
        raise Incomplete("how", "already")
    on = _a_day_since_receipt(tx, rules, case, signed_on, "signed_on")
    conditions = admission.conditions_when_signed(case.conditions)
    known = store.deadlines_of(tx, case.id)
    guided = {key: clocks.void(clock) for key, clock in known.items() if _is_guidance(clock)}
    fresh = admission.clocks_when_signed(
        rules.catalogue, known.values(), kind=case.kind, topic=case.topic, conditions=conditions, on=on
    )
    after = _governed(rules, known | guided | store.add_deadlines(tx, case.id, fresh), conditions)
    found = replace(store.admission_of(tx, case.id), signed_on=on, recorded_by=person.person)
    store.keep_admission(tx, case.id, found)
    return _examined(
        tx,
        rules,
        case,
        person,
        "record_signature",
        what="signature",
        before=known,
        after=after,
        data={"how": how, "signed_on": on.isoformat()},
        is_public=True,
        conditions=conditions,
        signature_status=how,
        flags=tuple(flag for flag in case.flags if flag != "unsigned"),
    )


def verify_signature(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, note: str
) -> Case:
    """A scanned signature was compared with the original or with the person, inside the term of acceptance."""
    case = begin(tx, person, "verify_signature", case_id, version)
    found = store.admission_of(tx, case.id)
    if case.signature_status not in admission.TO_BE_VERIFIED or found.verified_by:
        raise Incomplete("note", "already")
    words = needed(note, "note", least=5)
    store.keep_admission(tx, case.id, replace(found, verified_by=person.person, verified_at=tx.now))
    return _examined(tx, rules, case, person, "verify_signature", what="signature_verified", words=words)


def set_limitation(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    knew_on: date | None,
    obstacle_from: date | None = None,
    obstacle_to: date | None = None,
    obstacle: str = "",
) -> Case:
    """Since when the complainant knew of the decision, and which time of an obstacle is not counted.

    Source: Luật Khiếu nại 2011 Đ9, Đ33.
    """
    case = begin(tx, person, "set_limitation", case_id, version)
    received_on = rules.calendar.local_day(case.received_at)
    if knew_on is None:
        raise Incomplete("knew_on")
    if knew_on > received_on:
        raise Incomplete("knew_on", "too_late")
    if (obstacle_from is None) != (obstacle_to is None):
        raise Incomplete("obstacle_to" if obstacle_to is None else "obstacle_from")
    if obstacle_from and obstacle_to and obstacle_to < obstacle_from:
        raise Incomplete("obstacle_to", "too_early")
    words = needed(obstacle, "obstacle", least=10) if obstacle_from else None
    found = replace(
        store.admission_of(tx, case.id),
        knew_on=knew_on,
        obstacle_from=obstacle_from,
        obstacle_to=obstacle_to,
        obstacle=words,
    )
    store.keep_admission(tx, case.id, found)
    data = {"knew_on": knew_on.isoformat()}
    return _examined(tx, rules, case, person, "set_limitation", what="limitation", data=data, words=words)


def judge(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    criteria: Sequence[str],
    is_remote: bool,
    reason: str,
) -> Case:
    """An officer decides, in writing, whether a case is complex or remote: another time for settling it governs.

    Source: NĐ 155/2026 Đ2; Luật Khiếu nại 2011 Đ28, Đ37; Luật Tố cáo 2018 Đ30.
    """
    case = begin(tx, person, "judge", case_id, version)
    today = rules.calendar.local_day(tx.now)
    known_codes = {row.code for row in rules.catalogue.criteria if case.kind in row.kinds and holds(row, today)}
    if not known_codes.issuperset(criteria):
        raise Incomplete("criteria", "unknown")
    words = needed(reason, "reason", least=20)
    conditions = admission.judged(case.conditions, kind=case.kind, criteria=criteria, is_remote=is_remote)
    known = store.deadlines_of(tx, case.id)
    after = _governed(rules, known, conditions)
    found = replace(store.admission_of(tx, case.id), criteria=tuple(sorted(set(criteria))), judged_because=words)
    store.keep_admission(tx, case.id, found)
    return _examined(
        tx,
        rules,
        case,
        person,
        "judge",
        what="complexity",
        before=known,
        after=after,
        words=words,
        is_public=True,
        data={"criteria": sorted(set(criteria)), "is_remote": is_remote},
        conditions=conditions,
    )


def name_first_level(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, first: str
) -> Case:
    """Which complaint this one follows at the second level. Source: Luật Khiếu nại 2011 Đ33."""
    case = begin(tx, person, "name_first_level", case_id, version)
    typed = first.replace("-", "").replace(" ", "").upper()
    rows = [row for row in store.find_by_code(tx, person, typed) if row.case.code == typed] if typed else []
    if len(rows) != 1 or rows[0].case.kind != "complaint" or rows[0].case.id == case.id:
        raise Incomplete("first", "unknown")
    store.keep_admission(tx, case.id, replace(store.admission_of(tx, case.id), first_level=rows[0].case.id))
    return _examined(tx, rules, case, person, "name_first_level", what="first_level")


def screen(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    outcome: str,
    reason: str,
    to: str = "",
) -> Case:
    """Information without a denouncer: inspected where it is clear and can be verified, else passed on or filed.

    Source: Luật Tố cáo 2018 Đ25.
    """
    case = begin(tx, person, "screen", case_id, version)
    if outcome not in SCREENED:
        raise Incomplete("outcome", "unknown")
    words = needed(reason, "reason", least=20)
    store.keep_admission(tx, case.id, replace(store.admission_of(tx, case.id), screened=outcome))
    same: dict[str, Any] = {"person": person, "case_id": case_id, "version": version, "reason": words}
    if outcome == "pass_on":
        return transfer(tx, rules, to=to, **same)
    if outcome == "file":
        return refuse(tx, rules, ground="filed", **same)
    taken = take_step(
        tx, rules, case, "screen", actor=person.person, role=person.role, words=words, data={"outcome": outcome}
    )
    tx.emit(examined(taken, person, what="screened"))
    return taken.case


def verify_identity(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, note: str
) -> Case:
    """It is known who asks, and the note says from where: a paper, a meeting, what they added.

    Source: Luật 91/2025/QH15; NĐ 20/2008 Đ7.
    """
    case = begin(tx, person, "verify_identity", case_id, version)
    if admission.UNIDENTIFIED not in case.conditions:
        raise Incomplete("note", "known")
    words = needed(note, "note", least=10)
    found = replace(store.admission_of(tx, case.id), verified_by=person.person, verified_at=tx.now)
    store.keep_admission(tx, case.id, found)
    conditions = tuple(held for held in case.conditions if held != admission.UNIDENTIFIED)
    return _examined(tx, rules, case, person, "verify_identity", what="identity", words=words, conditions=conditions)


def name_right(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    right: str,
    has_processor: bool = False,
) -> Case:
    """Which right a person uses over their own data: it decides by when it must be done, counted from the receipt.

    Source: NĐ 356/2025.
    """
    case = begin(tx, person, "name_right", case_id, version)
    if right not in admission.RIGHTS:
        raise Incomplete("right", "unknown")
    conditions = admission.with_right(case.conditions, right, has_processor=has_processor)
    known = store.deadlines_of(tx, case.id)
    fresh = clocks.deadlines_of(
        rules.catalogue, kind=case.kind, topic=case.topic, conditions=conditions, anchors={"received": case.received_at}
    )
    due = [clock for clock in fresh if clock.step == "fulfil"]
    asked = {clock.rule for clock in due}
    ended = {
        key: clocks.void(clock) for key, clock in known.items() if clock.step == "fulfil" and clock.rule not in asked
    }
    running = {clock.rule for key, clock in known.items() if clock.is_open and key not in ended}
    started = store.add_deadlines(tx, case.id, [clock for clock in due if clock.rule not in running])
    after = _governed(rules, known | ended | started, conditions)
    data = {"right": right, "has_processor": has_processor}
    return _examined(
        tx, rules, case, person, "name_right", what="right", before=known, after=after, data=data, conditions=conditions
    )


# ---- what all of them share


def _a_day_since_receipt(tx: Transaction, rules: Rules, case: Case, day: date | None, field: str) -> date:
    if day is None:
        raise Incomplete(field)
    if day > rules.calendar.local_day(tx.now):
        raise Incomplete(field, "too_late")
    if day < rules.calendar.local_day(case.received_at):
        raise Incomplete(field, "too_early")
    return day


def _is_guidance(clock: Deadline) -> bool:
    return clock.step == "send_signature_guidance" and clock.is_open


def _governed(rules: Rules, running: Mapping[UUID, Deadline], conditions: Sequence[str]) -> dict[UUID, Deadline]:
    """The same clocks, with those marked that bind under these conditions."""
    bound = clocks.regovern(running.values(), rules.catalogue, conditions)
    return dict(zip(running, bound, strict=True))


def _examined(
    tx: Transaction,
    rules: Rules,
    case: Case,
    person: Person,
    step: str,
    *,
    what: str,
    before: Mapping[UUID, Deadline] | None = None,
    after: Mapping[UUID, Deadline] | None = None,
    words: str | None = None,
    data: Mapping[str, Any] | None = None,
    is_public: bool = False,
    **changes: Any,
) -> Case:
    """Keep what was found, with the clocks that it moved, and tell it."""
    then = store.deadlines_of(tx, case.id) if before is None else before
    now = then if after is None else after
    moved = replace(rules.workflow_of(case).take(case, step, by=person.role), **changes)
    store.save_deadlines(tx, admission.moved(then, now))
    moved = retimed(tx, rules, case, moved, (*then.values(),), (*now.values(),))
    saved = store.save_case(tx, moved)
    store.add_entry(tx, case.id, step, actor=person.person, is_public=is_public, words=words, **(data or {}))
    is_due_moved = saved.answer_due_on != case.answer_due_on
    told = words if what == "complexity" else None
    tx.emit(examined(Taken(case, saved, now), person, what=what, is_due_moved=is_due_moved, words=told))
    return saved
