"""Sorting by a person: what the petition is, whose it is, whether it is the same matter as another one."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from services.workflow import store
from services.workflow.actions.following import hand_over_followers
from services.workflow.actions.support import end_supports
from services.workflow.domain import deadline as clocks
from services.workflow.domain import routing
from services.workflow.domain.admission import conditions_of_kind, lacks_identity
from services.workflow.domain.case import Case, KindClass, StepRefused
from services.workflow.domain.permission import Person, Refusal, may
from services.workflow.domain.rules import Rules, timed
from services.workflow.domain.vocabulary import PRIORITIES, UnknownWord
from services.workflow.ending import release_followers
from services.workflow.steps import (
    CaseUnknown,
    Incomplete,
    NotAllowed,
    begin,
    examined,
    give_out,
    is_about_conduct,
    needed,
    opened,
    routed,
    take_step,
    tell_of_conduct,
)
from services.workflow.taking_down import take_down_if_closed
from shared.db import Transaction
from shared.events.base import Sealed
from shared.events.workflow import CaseMerged, CaseRefused


def confirm_triage(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    kind: str | None = None,
    topic: str | None = None,
    unit: str | None = None,
) -> Case:
    """A person decides what the petition is and which unit answers it. What was proposed is kept beside it.

    Without a unit the routing chooses; a unit that the case is about is never chosen.
    """
    case = begin(tx, person, "decide", case_id, version)
    kind, topic = kind or case.kind, topic or case.topic
    decided = reclassified(case, rules, kind=kind, topic=topic, told=store.words_of(tx, case.id))
    if kind == case.kind:  # of another topic, it is no other life: a running case keeps its version
        decided = replace(decided, workflow=case.workflow, workflow_version=case.workflow_version)
    chosen = unit_for(tx, case, decided, rules, unit)
    decided = replace(decided, unit=chosen, route="accept", linked_to=None)
    is_other = (decided.kind, decided.topic) != (case.kind, case.topic) or case.linked_to is not None
    decision = {"kind": kind, "topic": topic, "unit": chosen, "by": person.person, "at": tx.now.isoformat()}
    if not is_other:
        taken = take_step(
            tx,
            rules,
            case,
            "decide",
            actor=person.person,
            role=person.role,
            columns={"decision": decision},
            data={"unit": chosen, "topic": topic, "kind": kind},
            unit=chosen,
            route="accept",
        )
        saved = taken.case
    else:
        saved = _reclassify(tx, rules, case, decided, person=person, decision=decision)
    take_down_if_closed(tx, saved, by=person.person)
    tx.emit(routed(saved, actor=person.person, units=rules.unit_codes))
    if not is_about_conduct(rules, case):  # who was told already is not told again
        tell_of_conduct(tx, rules, saved)
    return give_out(tx, rules, saved)


def reclassified(
    case: Case, rules: Rules, *, kind: str, topic: str | None, told: store.Words, is_part: bool = False
) -> Case:
    """The case as one of another kind or topic: how closely that is kept, how far it may be published, and what is
    asked of its sender. A part that needs a signature waits for a letter of its own.
    """
    day = rules.calendar.local_day(case.received_at)
    try:
        known = rules.catalogue.kind(kind)
        about = rules.catalogue.topic(topic, day) if topic else None
    except UnknownWord:
        raise Incomplete("topic", "unknown") from None
    is_restricted = known.restricted or (about is not None and about.restricted)
    kind_class = (
        KindClass.SECRET
        if kind.startswith("denunciation")
        else (KindClass.RESTRICTED if is_restricted else KindClass.ORDINARY)
    )
    levels = ["private", "code_holder", "public_summary"]
    allowed = [known.publication, *([about.publication] if about else [])]
    publication = min(allowed, key=levels.index)
    workflow = rules.current[kind]
    rule = routing.rule_for(rules.catalogue, kind=kind, topic=topic, ward=case.ward, priority=case.priority, day=day)
    priority = case.priority
    if rule is not None and rule.set_priority is not None:
        priority = max(priority, rule.set_priority, key=PRIORITIES.index)
    if rule is not None and rule.restricted and kind_class is KindClass.ORDINARY:
        kind_class, publication = KindClass.RESTRICTED, "private"
    conditions = case.conditions
    if kind != case.kind or is_part:
        conditions = conditions_of_kind(
            known,
            case.conditions,
            signature_status="none" if is_part else case.signature_status,
            is_unidentified=lacks_identity(known, name=told.name, address=told.address, phone=told.phone),
        )
    return replace(
        case,
        priority=priority,
        conditions=conditions,
        kind=kind,
        topic=topic,
        kind_class=kind_class,
        publication=publication,
        workflow=workflow.name,
        workflow_version=workflow.version,
    )


def unit_for(tx: Transaction, case: Case, decided: Case, rules: Rules, unit: str | None) -> str:
    """The unit that was chosen, or the one of the rules: one that works today, and that the case is not about.

    Raises Incomplete.
    """
    today = rules.calendar.local_day(tx.now)
    shut_out = routing.with_successors(rules.catalogue, case.excluded, today)
    if unit is None:
        try:
            found = routing.unit_for(
                rules.catalogue,
                kind=decided.kind,
                topic=decided.topic,
                day=rules.calendar.local_day(case.received_at),
                excluded=shut_out,
                ward=case.ward,
                priority=case.priority,
                given_on=today,
            )
        except UnknownWord:
            raise Incomplete("unit", "unknown") from None
        unit = found.unit
    if unit in shut_out:
        raise Incomplete("unit", "about_them")
    if unit not in rules.unit_codes:
        raise Incomplete("unit", "unknown")
    return unit


def _reclassify(
    tx: Transaction, rules: Rules, case: Case, decided: Case, *, person: Person, decision: dict[str, Any]
) -> Case:
    """The case under another kind: the old clocks end, those of the new kind start where they would have started."""
    rules.workflow_of(case).step(case, "decide", by=person.role)
    if decided.is_restricted and not case.is_restricted:
        release_followers(tx, rules, case, why="lead_restricted")
        decided = end_supports(tx, decided)
    after = rules.workflow_of(decided)
    (stage,) = after.targets(after.steps["decide"], case.stage)
    old = store.deadlines_of(tx, case.id)
    store.save_deadlines(tx, {key: clocks.void(clock) for key, clock in old.items() if clock.is_open})
    fresh = clocks.deadlines_of(
        rules.catalogue,
        kind=decided.kind,
        topic=decided.topic,
        conditions=decided.conditions,
        anchors={"received": case.received_at, "routed": tx.now},
    )
    fresh = tuple(clock for clock in fresh if clock.step != "triage")
    store.add_deadlines(tx, case.id, fresh)
    moved = timed(replace(decided, stage=stage), fresh, rules, after=(tx.now, ""))
    columns: dict[str, Any] = {"decision": decision} | _where_the_title_stands(tx, case, decided)
    saved = store.save_case(tx, moved, **columns)
    store.add_entry(
        tx,
        case.id,
        "decide",
        actor=person.person,
        unit=saved.unit,
        topic=saved.topic,
        kind=saved.kind,
        before={"kind": case.kind, "topic": case.topic},
    )
    tx.emit(opened(saved, fresh))
    return saved


def _where_the_title_stands(tx: Transaction, case: Case, decided: Case) -> dict[str, Any]:
    """A case that becomes restricted leaves the search; one that becomes secret is locked away, words and sender."""
    if decided.kind_class == case.kind_class:
        return {}
    if decided.is_secret:
        store.lock_away(tx, decided)
    elif case.is_secret:
        store.bring_back(tx, decided)
    words = store.words_of(tx, case.id)
    proposed = store.proposal_of(tx, case.id)[0]
    return {
        "proposal": store.without_words(proposed) if decided.is_secret else proposed,
        "title": "" if decided.is_secret else words.title or "",
        "folded": "" if decided.is_restricted else store.folded(words),
    }


def return_to_triage(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, reason: str
) -> Case:
    """Not ours, or sorted wrongly: back to be sorted again, with the reason."""
    case = begin(tx, person, "return_to_triage", case_id, version)
    words = needed(reason, "reason")
    taken = take_step(
        tx,
        rules,
        case,
        "return_to_triage",
        actor=person.person,
        role=person.role,
        words=words,
        officer=None,
        route="triage",
    )
    tx.emit(routed(taken.case, actor=person.person, units=rules.unit_codes))
    return taken.case


def quarantine(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, reason: str
) -> Case:
    """Advertising or nonsense: kept, hidden, told to nobody, and it can be taken out again."""
    case = begin(tx, person, "quarantine", case_id, version)
    words = needed(reason, "reason")
    taken = take_step(tx, rules, case, "quarantine", actor=person.person, role=person.role, words=words)
    release_followers(tx, rules, case, why="lead_quarantined")
    tx.emit(
        CaseRefused(
            petition_id=case.petition_id, case_id=case.id, actor=person.person, ground="spam", reason=Sealed(None)
        )
    )
    return taken.case


def look_again(tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None) -> Case:
    """A second person agrees that it is spam: it leaves the list of what is looked at again, and stays kept.

    Raises NotAllowed when it is the one who put it there.
    """
    case = begin(tx, person, "look_again", case_id, version)
    put = next(entry for entry in store.entries_of(tx, case.id) if entry.what == "quarantine")  # the newest
    if put.actor == person.person:
        raise NotAllowed(Refusal.YOU_PUT_IT_THERE)
    taken = take_step(tx, rules, case, "look_again", actor=person.person, role=person.role)
    tx.emit(examined(taken, person, what="looked_again"))
    return taken.case


def restore(tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None) -> Case:
    """Out of quarantine: its clocks run as if it had never been there."""
    case = begin(tx, person, "restore", case_id, version)
    fresh = clocks.deadlines_of(
        rules.catalogue,
        kind=case.kind,
        topic=case.topic,
        conditions=case.conditions,
        anchors={"received": case.received_at},
    )
    store.add_deadlines(tx, case.id, fresh)
    taken = take_step(tx, rules, case, "restore", actor=person.person, role=person.role, route="triage")
    tx.emit(opened(taken.case, fresh))
    tx.emit(routed(taken.case, actor=person.person, units=rules.unit_codes))
    return taken.case


def link(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, into: UUID
) -> Case:
    """The same matter as another open case: it follows that one, shares its clock and gets its answer.

    Never between ordinary and restricted cases.
    """
    case = begin(tx, person, "link", case_id, version)
    lead = store.load_case(tx, into)
    if lead is None or not may(person, "see", lead):
        raise CaseUnknown
    if lead.id == case.id or lead.is_ended or lead.is_restricted or case.is_restricted:
        raise StepRefused("only two ordinary open cases can be linked")
    taken = take_step(
        tx,
        rules,
        case,
        "link",
        actor=person.person,
        role=person.role,
        is_public=True,
        data={"into": str(lead.id)},
        linked_to=lead.id,
        answer_due_at=lead.answer_due_at,
        answer_due_on=lead.answer_due_on,
        answer_rule=lead.answer_rule,
    )
    hand_over_followers(tx, taken.case, lead, actor=person.person)
    store.add_entry(tx, lead.id, "followed", actor=person.person, follower=str(case.id))
    tx.emit(
        CaseMerged(
            petition_id=case.petition_id,
            case_id=case.id,
            actor=person.person,
            into_case_id=lead.id,
            answer_due_on=lead.answer_due_on,
        )
    )
    return taken.case
