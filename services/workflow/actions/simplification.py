"""Dossiers of what would make a procedure simpler: written, proposed to who decides, and what came of it."""

from datetime import date
from typing import Any
from uuid import UUID

from services.workflow import store
from services.workflow.domain import simplification as rules_of_dossiers
from services.workflow.domain.permission import Person
from services.workflow.domain.procedure import Procedure, procedures_on
from services.workflow.domain.rules import Rules
from services.workflow.domain.simplification import DRAFT, Cut, Dossier
from services.workflow.steps import Incomplete, must, needed
from shared.db import Transaction
from shared.events.workflow import SimplificationDecided, SimplificationProposed
from shared.ids import ordered_id

LONGEST_WORDS = 4000  # characters


class DossierUnknown(Exception):
    """There is no such dossier, or no such procedure."""


def open_dossier(tx: Transaction, rules: Rules, *, person: Person, procedure: str, what: str, cut: Cut) -> Dossier:
    """Begin a dossier of a procedure that holds today. Raises DossierUnknown, Incomplete, NotAllowed."""
    today = rules.calendar.local_day(tx.now)
    row = next((one for one in procedures_on(rules.catalogue.procedures, today) if one.code == procedure), None)
    if row is None:
        raise DossierUnknown
    must(rules_of_dossiers.may_write(person, row.unit))
    new = Dossier(
        id=ordered_id(),
        procedure=row.code,
        procedure_version=row.version,
        field=row.field,
        unit=row.unit,
        what=needed(what, "what", least=20, most=LONGEST_WORDS),
        **_possible(cut, row),
        state=DRAFT,
        opened_by=person.person,
        opened_at=tx.now,
    )
    store.add_dossier(tx, new)
    return new


def propose_simplification(tx: Transaction, rules: Rules, *, person: Person, dossier_id: UUID, to: str) -> Dossier:
    """Hand a dossier to who decides: a department or a body outside, with how many cases call for it."""
    found = _load(tx, dossier_id)
    must(rules_of_dossiers.may_propose(person, found.unit))
    today = rules.calendar.local_day(tx.now)
    if to not in {body.code for body in rules.catalogue.deciders_on(today)}:
        raise Incomplete("to", "unknown")
    count = store.sums_of(store.concerns(tx, person))[found.procedure]
    proposed = rules_of_dossiers.propose(found, to=to, cases=count, by=person.person, on=today)
    store.save_dossier(tx, proposed)
    tx.emit(
        SimplificationProposed(
            dossier_id=proposed.id,
            actor=person.person,
            procedure=proposed.procedure,
            procedure_version=proposed.procedure_version,
            field=proposed.field,
            unit=proposed.unit,
            proposed_to=to,
            cut_steps=proposed.cut_steps,
            cut_papers=proposed.cut_papers,
            cut_days=proposed.cut_days,
        )
    )
    return proposed


def record_decision(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    dossier_id: UUID,
    is_accepted: bool,
    decided_on: date | None,
    outcome: str,
) -> Dossier:
    """Write down what was decided about a proposal. Raises DossierRefused, Incomplete."""
    found = _load(tx, dossier_id)
    must(rules_of_dossiers.may_propose(person, found.unit))
    if decided_on is None:
        raise Incomplete("decided_on")
    if decided_on > rules.calendar.local_day(tx.now):
        raise Incomplete("decided_on", "to_come")
    if found.proposed_on is not None and decided_on < found.proposed_on:
        raise Incomplete("decided_on", "too_early")
    words = needed(outcome, "outcome", least=10, most=LONGEST_WORDS)
    decided = rules_of_dossiers.decide(found, is_accepted=is_accepted, outcome=words, by=person.person, on=decided_on)
    store.save_dossier(tx, decided)
    tx.emit(
        SimplificationDecided(
            dossier_id=decided.id,
            actor=person.person,
            procedure=decided.procedure,
            is_accepted=is_accepted,
            decided_on=decided_on,
        )
    )
    return decided


def _possible(cut: Cut, row: Procedure) -> dict[str, Any]:
    """What would be cut, no more than there is. Raises Incomplete."""
    for name, asked, there in (
        ("cut_steps", cut.steps, len(row.steps)),
        ("cut_papers", cut.papers, len(row.papers)),
        ("cut_days", cut.days, row.days),
    ):
        if not 0 <= asked <= there:
            raise Incomplete(name, "too_many")
    if cut.is_nothing:
        raise Incomplete("cut_steps", "nothing")
    return {"cut_steps": cut.steps, "cut_papers": cut.papers, "cut_days": cut.days}


def _load(tx: Transaction, dossier_id: UUID) -> Dossier:
    found = store.load_dossier(tx, dossier_id)
    if found is None:
        raise DossierUnknown
    return found
