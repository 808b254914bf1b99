"""Cases that follow another one: told of each of its steps, and on their own again when it cannot carry them."""

from dataclasses import replace
from uuid import UUID

from services.workflow import store
from services.workflow.domain import deadline as clocks
from services.workflow.domain.case import SYSTEM, Case, StepRefused
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.errand import not_later
from services.workflow.domain.permission import Person
from services.workflow.domain.rules import Rules
from services.workflow.steps import begin, needed, opened, routed, take_step
from shared.db import Transaction
from shared.events.workflow import CaseMerged, CaseUnlinked


def unlink(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, reason: str
) -> Case:
    """Not the same matter after all: the case follows no longer, and is sorted by itself again."""
    case = begin(tx, person, "unlink", case_id, version)
    words = needed(reason, "reason", least=5)
    lead = store.find_case(tx, case.linked_to) if case.linked_to else None
    if lead is not None and lead.answered_at is not None:
        raise StepRefused("it was answered together with the case that it follows")
    return _unlink(tx, rules, case, actor=person.person, role=person.role, why="decided", words=words)


def release_followers(tx: Transaction, rules: Rules, lead: Case, *, why: str) -> None:
    """The lead ends for a reason of its own, which is not theirs: those that follow it are sorted by themselves."""
    for follower in store.linked_to(tx, lead.id):
        _unlink(tx, rules, follower, actor=SYSTEM, role=SYSTEM, why=why, words=None)


def _unlink(tx: Transaction, rules: Rules, case: Case, *, actor: str, role: str, why: str, words: str | None) -> Case:
    assert case.linked_to is not None
    store.add_deadlines(tx, case.id, own_clocks(tx, rules, case))
    taken = take_step(
        tx,
        rules,
        case,
        "unlink",
        actor=actor,
        role=role,
        is_public=True,
        words=words,
        data={"from": str(case.linked_to), "why": why},
        linked_to=None,
        route="triage",
        officer=None,
    )
    store.add_entry(tx, case.linked_to, "unfollowed", actor=actor, follower=str(case.id))
    tx.emit(
        CaseUnlinked(
            petition_id=case.petition_id,
            case_id=case.id,
            actor=actor,
            from_case_id=case.linked_to,
            why=why,
            answer_due_on=taken.case.answer_due_on,
        )
    )
    tx.emit(opened(taken.case, tuple(clock for clock in taken.clocks.values() if clock.is_open)))
    tx.emit(routed(taken.case, actor=actor, units=rules.unit_codes))
    return taken.case


def own_clocks(tx: Transaction, rules: Rules, case: Case) -> tuple[Deadline, ...]:
    """The clocks of a follower as if it had never followed, without the duties that were done meanwhile, and never
    later than the day that its sender was told last.
    """
    fresh = clocks.deadlines_of(
        rules.catalogue,
        kind=case.kind,
        topic=case.topic,
        conditions=case.conditions,
        anchors={"received": case.received_at},
    )
    done = {clock.step for clock in store.deadlines_of(tx, case.id).values() if clock.state in {"met", "missed"}}
    owed = tuple(clock for clock in fresh if clock.step not in done)
    return not_later(owed, case.answer_due_on, rules.calendar)


def hand_over_followers(tx: Transaction, case: Case, lead: Case, *, actor: str) -> None:
    """A case that others follow begins to follow one itself: so do they."""
    for follower in store.linked_to(tx, case.id):
        moved = replace(
            follower,
            linked_to=lead.id,
            answer_due_at=lead.answer_due_at,
            answer_due_on=lead.answer_due_on,
            answer_rule=lead.answer_rule,
        )
        store.save_case(tx, moved)
        store.add_entry(tx, follower.id, "link", actor=actor, is_public=True, into=str(lead.id))
        tx.emit(
            CaseMerged(
                petition_id=follower.petition_id,
                case_id=follower.id,
                actor=actor,
                into_case_id=lead.id,
                answer_due_on=lead.answer_due_on,
            )
        )
