"""Reading is an act: it is told before anything is shown. A second look within a minute is the same reading."""

from datetime import timedelta
from uuid import UUID

from services.workflow import store
from services.workflow.domain.case import Case
from services.workflow.domain.permission import Person
from services.workflow.steps import Incomplete, begin, needed
from shared.db import Transaction
from shared.events.common import AccessRead

FOLDED_WITHIN = timedelta(seconds=60)
SHOWN_FOR = timedelta(minutes=10)  # how long a revealed contact stays on the page
PURPOSES = ("site_visit", "ask_more", "phone_result", "legal_order")


def read_case(tx: Transaction, *, person: Person, case_id: UUID, kind: str = "case") -> Case:
    """The case for reading; who reads it is told first. Raises CaseUnknown."""
    case = begin(tx, person, "see", case_id, None)
    purpose = "assigned_case" if case.officer == person.person else "supervision"
    if person.unit in case.supporting:
        purpose = "contribution"
    if case.stage == "drafted" and person.role in {"head", "director"} and case.drafted_by != person.person:
        purpose = "approval"
    tell_read(tx, case, person, kind=kind, purpose=purpose)
    return case


def read_contact(tx: Transaction, *, person: Person, case_id: UUID, purpose: str) -> store.Words:
    """The sender's name and contact, for a stated purpose which the citizen will see."""
    case = begin(tx, person, "see_contact", case_id, None)
    if needed(purpose, "purpose") not in PURPOSES:
        raise Incomplete("purpose", "unknown")
    tell_read(tx, case, person, kind="identity", purpose=purpose)
    store.add_entry(tx, case.id, "identity_read", actor=person.person, is_public=True, purpose=purpose)
    return store.words_of(tx, case.id)


def tell_read(tx: Transaction, case: Case, person: Person, *, kind: str, purpose: str) -> None:
    if store.read_lately(tx, case.id, person=person.person, kind=kind, purpose=purpose, since=tx.now - FOLDED_WITHIN):
        return
    tx.emit(
        AccessRead(
            petition_id=case.petition_id,
            actor=person.person,
            role=person.role,
            unit=None if case.is_secret else person.unit,
            kind=kind,
            purpose=purpose,
        )
    )
