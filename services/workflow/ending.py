"""Ends that come from a petitioner or from the case that is followed: taken back, let go."""

from services.workflow import store
from services.workflow.domain import deadline as clocks
from services.workflow.domain.case import SYSTEM, Case
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.errand import not_later
from services.workflow.domain.rules import Rules
from services.workflow.steps import opened, routed, take_step
from shared.db import Transaction
from shared.events.workflow import CaseClosed, CaseUnlinked


def end_withdrawn(tx: Transaction, rules: Rules, case: Case, *, actor: str, role: str, words: str | None) -> Case:
    """Its sender took it back: clocks end, an open question needs no reply, those that follow it go on alone."""
    store.decide_withdrawal(tx, case.id, state="taken", by=actor)
    taken = take_step(tx, rules, case, "withdraw", actor=actor, role=role, is_public=True, words=words)
    asked = store.open_question(tx, case.id)
    if asked is not None:
        store.reply_to(tx, asked.id, is_replied=False)
    release_followers(tx, rules, case, why="lead_withdrawn")
    tx.emit(CaseClosed(petition_id=case.petition_id, case_id=case.id, actor=actor, outcome="withdrawn"))
    return taken.case


def release_followers(tx: Transaction, rules: Rules, lead: Case, *, why: str) -> None:
    """The lead ends for a reason of its own, which is not theirs: those that follow it are sorted by themselves."""
    for follower in store.linked_to(tx, lead.id):
        let_go(tx, rules, follower, actor=SYSTEM, role=SYSTEM, why=why, words=None)


def let_go(tx: Transaction, rules: Rules, case: Case, *, actor: str, role: str, why: str, words: str | None) -> Case:
    """A case that followed another one is sorted by itself again, by clocks of its own."""
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
