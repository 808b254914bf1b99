"""Cases that follow another one: told of each of its steps, and on their own again when it cannot carry them."""

from dataclasses import replace
from uuid import UUID

from services.workflow import store
from services.workflow.domain.case import Case, StepRefused
from services.workflow.domain.permission import Person
from services.workflow.domain.rules import Rules
from services.workflow.ending import let_go
from services.workflow.steps import begin, needed
from shared.db import Transaction
from shared.events.workflow import CaseMerged


def unlink(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, reason: str
) -> Case:
    """Not the same matter after all: the case follows no longer, and is sorted by itself again."""
    case = begin(tx, person, "unlink", case_id, version)
    words = needed(reason, "reason", least=5)
    lead = store.find_case(tx, case.linked_to) if case.linked_to else None
    if lead is not None and lead.answered_at is not None:
        raise StepRefused("it was answered together with the case that it follows")
    return let_go(tx, rules, case, actor=person.person, role=person.role, why="decided", words=words)


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
