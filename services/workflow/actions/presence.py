"""Being there: who has a case open is shown to those who may see it, for a minute. It is no reading, and no event."""

from datetime import timedelta
from uuid import UUID

from services.workflow import store
from services.workflow.domain.case import Case
from services.workflow.domain.permission import Person, may
from services.workflow.steps import CaseUnknown
from shared.db import Reading, Transaction

FADES_AFTER = timedelta(seconds=60)
KEPT_FOR = timedelta(minutes=10)
DOING = ("open", "typing", "drafting")


def be_present(
    tx: Transaction, *, person: Person, case_id: UUID, doing: str = "open"
) -> tuple[Case, list[store.Present]]:
    """Say that one is there, and hear who else is. Raises CaseUnknown for those who may not see the case."""
    case = _seen(tx, person, case_id)
    store.forget_presence(tx, before=tx.now - KEPT_FOR)
    store.be_present(tx, case_id, person.person, doing=doing if doing in DOING else "open")
    return case, others_at(tx, case, person)


def leave_case(tx: Transaction, *, person: Person, case_id: UUID) -> None:
    """The page was left. Raises CaseUnknown."""
    _seen(tx, person, case_id)
    store.leave_case(tx, case_id, person.person)


def others_at(tx: Reading, case: Case, person: Person) -> list[store.Present]:
    """Who else has the case open; never somebody whom it is about."""
    since = tx.now - FADES_AFTER
    return store.present_at(tx, case.id, since=since, but=[person.person, *case.excluded])


def _seen(tx: Transaction, person: Person, case_id: UUID) -> Case:
    """Without holding it: being there must not keep others waiting."""
    case = store.find_case(tx, case_id)
    if case is None or not may(person, "see", case):
        raise CaseUnknown
    return case
