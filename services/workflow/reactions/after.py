"""After the answer: wishes to look again, low marks, what became of promises."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.workflow import store
from services.workflow.domain.case import Case
from services.workflow.domain.promise import Promise, may_judge
from services.workflow.domain.rules import Rules
from services.workflow.steps import check_promise, follow_up
from shared.db import Transaction
from shared.events.intake import PetitionPromiseJudged, PetitionRated, PetitionReopenRequested
from shared.inbox import Heard, NotYet


def take_wishes(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """Citizens ask to look again at an answer: it goes to the head of the unit."""
    for one in heard:
        asked: PetitionReopenRequested = one.event
        case = next(iter(_answered(tx, asked.petition_id, asked.round, only=asked.case_id)), None)
        if case is not None and asked.reason.is_open:
            _take_wish(tx.because(one.cause), case, asked, rules)


def _answered(tx: Transaction, petition_id: UUID, round: int, *, only: UUID | None = None) -> list[Case]:
    """The cases that were answered so: the petition's own, or those that they follow; none once that answer does not
    hold any more."""
    cases = store.cases_of(tx, petition_id)
    if not cases:
        raise NotYet("the case of this petition is not open yet")
    leads = [
        store.load_case(tx, case.linked_to) if case.stage == "linked" and case.linked_to else case
        for case in cases
        if only in {None, case.id}
    ]
    return [case for case in leads if case and case.answered_at is not None and case.answer_round == round]


def _take_wish(tx: Transaction, case: Case, asked: PetitionReopenRequested, rules: Rules) -> None:
    """Once for each answer; kinds that the law gives another way are left as they are."""
    reason = asked.reason.value
    if "reopen" not in rules.workflow_of(case).steps:
        return
    if not store.add_reopening(
        tx, case_id=case.id, petition_id=asked.petition_id, round=case.answer_round, reason=reason
    ):
        return
    store.add_entry(tx, case.id, "reopening_asked", actor="citizen", is_public=True, words=reason)
    store.close_follow_ups(tx, case.id, state="joined", by="citizen")
    follow_up(tx, case, "reopen_requested")


def take_low_marks(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """Citizens were not satisfied with an answer, and let the head of the unit know: something to look at, once for
    each answer, and nothing more where somebody asked to look again. No line in the case: its officer is not told."""
    for one in heard:
        rated: PetitionRated = one.event
        if not (rated.is_for_head.is_open and rated.is_for_head.value):
            continue
        for case in _answered(tx, rated.petition_id, rated.round):
            is_asked_again = any(wish.round == rated.round for wish in store.reopenings_of(tx, case.id))
            writer = store.writer_of(tx, case.id, rated.round)
            if is_asked_again or not store.open_follow_up(
                tx, case_id=case.id, round=rated.round, unit=case.unit, written_by=writer
            ):
                continue
            follow_up(tx.because(one.cause), case, "not_satisfied", but={case.officer, writer})


def take_judgements(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """Citizens said whether what was promised has been done."""
    for one in heard:
        judged: PetitionPromiseJudged = one.event
        cases = store.cases_of(tx, judged.petition_id)
        if not cases:
            raise NotYet("the case of this petition is not open yet")
        promise = store.load_promise(tx, judged.promise_id)
        case = store.load_case(tx, promise.case_id) if promise else None
        is_theirs = case is not None and {case.id} & {found for own in cases for found in (own.id, own.linked_to)}
        if promise and case and is_theirs and may_judge(promise, rules.answers, rules.calendar.local_day(tx.now)):
            words = judged.words.value if judged.words.is_open else None
            _judge(tx.because(one.cause), case, promise, is_done=judged.is_done, words=words)


def _judge(tx: Transaction, case: Case, promise: Promise, *, is_done: bool, words: str | None) -> None:
    """The citizen said whether it was done. A no is the head's to follow up."""
    promise = replace(promise, judged_at=tx.now, is_done=is_done, said=words or None)
    state = "kept" if is_done else "broken"
    if promise.state != state:
        promise = check_promise(tx, case, promise, state, actor="citizen", words=promise.words)
    store.save_promise(tx, replace(promise, next_step=None, next_step_at=None))
    what = "promise_yes" if is_done else "promise_no"
    store.add_entry(tx, case.id, what, actor="citizen", is_public=True, words=words or None)
    if not is_done:
        follow_up(tx, case, "promise_denied")
