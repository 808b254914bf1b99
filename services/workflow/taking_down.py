"""Taking down what everybody read of a case: somebody decided so, or the case is not public any more."""

from collections.abc import Collection
from uuid import UUID

from services.workflow import store
from services.workflow.domain import summary as rules_of_summaries
from services.workflow.domain.case import SYSTEM, Case
from services.workflow.domain.summary import DROPPED, WITHDRAWN, Summary
from shared.db import Transaction
from shared.events.workflow import CaseUnpublished


def take_down_if_closed(tx: Transaction, case: Case, *, by: str = SYSTEM, heirs: Collection[UUID] = ()) -> None:
    """Take down what is public of a case of which nothing may be public any more. `heirs` are the cases that go on with
    its matter; where it follows another one, that one."""
    known = store.summaries_of(tx, case.id)
    why = rules_of_summaries.hindrance(case, has_consent=True)
    if why is None or not known:
        return
    if case.stage == "linked" and case.linked_to is not None:
        heirs = [case.linked_to]
    take_down_all(tx, case, by=by, heirs=tuple(heirs))
    if case.is_restricted:
        store.empty_summaries(tx, case.id)


def take_down_all(tx: Transaction, case: Case, *, by: str, heirs: tuple[UUID, ...] = ()) -> None:
    """Nobody reads of it any more, and nothing of it waits to be published."""
    known = store.summaries_of(tx, case.id)
    waits, public = rules_of_summaries.waiting(known), rules_of_summaries.current(known)
    if waits is not None:
        store.save_summary(tx, rules_of_summaries.ended(waits, DROPPED, by=by, at=tx.now))
    if public is not None:
        take_down(tx, case, public, by=by, reason="not_public", words=None, heirs=heirs)


def take_down(
    tx: Transaction,
    case: Case,
    found: Summary,
    *,
    by: str,
    reason: str,
    words: str | None,
    heirs: tuple[UUID, ...] = (),
) -> Summary:
    """The summary is read no more; its address says why."""
    gone = rules_of_summaries.ended(found, WITHDRAWN, by=by, at=tx.now, reason=reason, words=words)
    store.save_summary(tx, gone)
    assert gone.number is not None
    tx.emit(
        CaseUnpublished(
            petition_id=case.petition_id,
            case_id=case.id,
            actor=by,
            number=gone.number,
            reason=reason,
            heirs=heirs,
        )
    )
    return gone
