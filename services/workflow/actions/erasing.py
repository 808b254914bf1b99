"""Erasing what a person wrote and who they are, on their request: proposed by who handles it, decided by another."""

from uuid import UUID

from services.workflow import store
from services.workflow.domain import admission
from services.workflow.domain.case import Case, StepRefused
from services.workflow.domain.permission import Person, Refusal
from services.workflow.domain.rules import Rules
from services.workflow.steps import Incomplete, NotAllowed, begin, needed
from services.workflow.taking_down import take_down_all
from shared.db import Transaction
from shared.events.workflow import PetitionerErased


def propose_erasure(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    case_id: UUID,
    version: int | None = None,
    code: str,
    reason: str,
) -> Case:
    """Propose to erase a petition whose handling is over; the reason says why no duty to keep it stands against it.

    Source: Luật 91/2025/QH15; the law of archives prevails while it wants the record kept.
    """
    case = begin(tx, person, "propose_erasure", case_id, version)
    if admission.UNIDENTIFIED in case.conditions:
        raise Incomplete("code", "who_asks_is_unknown")
    petition_id = _petition_to_erase(tx, case, code)
    words = needed(reason, "reason", least=20)
    before = store.erasure_of(tx, case.id)
    if before is not None and before.state != "refused":
        raise StepRefused("it was proposed before")
    store.propose_erasure(
        tx,
        store.Erasure(case_id=case.id, petition_id=petition_id, reason=words, asked_by=person.person, asked_at=tx.now),
    )
    store.add_entry(tx, case.id, "propose_erasure", actor=person.person, words=words)
    return case


def _petition_to_erase(tx: Transaction, request: Case, code: str) -> UUID:
    """The petition of a code, where it can be erased. Raises Incomplete."""
    rows = store.case_by_code(tx, "".join(filter(str.isalnum, code)).upper())
    if not rows or rows[0].petition_id == request.petition_id:
        raise Incomplete("code", "unknown")
    cases = store.cases_of(tx, rows[0].petition_id)
    if any(one.is_restricted or one.is_secret for one in cases):
        raise Incomplete("code", "unknown")  # that it exists is not said here
    if any(not one.is_ended and one.answered_at is None for one in cases):
        raise Incomplete("code", "still_handled")
    return cases[0].petition_id


def grant_erasure(tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None) -> Case:
    """Erase it: words, contact, files, in every service. Never by who proposed it. The log stays whole."""
    case, proposed = _proposed(tx, person, case_id, version)
    store.decide_erasure(tx, case.id, state="granted", by=person.person)
    cases = store.cases_of(tx, proposed.petition_id)
    for one in cases:
        take_down_all(tx, one, by=person.person)
    guests = store.erase_petitioner(tx, cases, proposed.petition_id)
    for one in cases:
        store.add_entry(tx, one.id, "erased", actor=person.person, is_public=True)
    store.add_entry(tx, case.id, "grant_erasure", actor=person.person, is_public=True)
    tx.emit(
        PetitionerErased(
            petition_id=proposed.petition_id,
            actor=person.person,
            asked_by=proposed.asked_by,
            request_id=case.petition_id,
            guests=tuple(guests),
        )
    )
    return case


def refuse_erasure(
    tx: Transaction, rules: Rules, *, person: Person, case_id: UUID, version: int | None = None, reason: str
) -> Case:
    """It is kept; the reason goes into the answer to who asked."""
    case, _ = _proposed(tx, person, case_id, version)
    words = needed(reason, "reason", least=20)
    store.decide_erasure(tx, case.id, state="refused", by=person.person)
    store.add_entry(tx, case.id, "refuse_erasure", actor=person.person, words=words)
    return case


def _proposed(tx: Transaction, person: Person, case_id: UUID, version: int | None) -> tuple[Case, store.Erasure]:
    case = begin(tx, person, "grant_erasure", case_id, version)
    proposed = store.erasure_of(tx, case.id)
    if proposed is None or proposed.state != "asked":
        raise StepRefused("nobody proposed it")
    if proposed.asked_by == person.person:
        raise NotAllowed(Refusal.YOU_PROPOSED_IT)
    return case, proposed
