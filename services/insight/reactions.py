"""What the mirror notes when it hears something. Sources come in any order: each note stands by itself."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.insight import store
from services.insight.domain.periods import local_day
from services.insight.domain.promises import days_late
from shared.db import Transaction
from shared.events.base import Event
from shared.events.intake import ContactGiven, PetitionFiled, PetitionRated
from shared.events.notify import NoticeAccepted, NoticeDelivered, NoticeFailed
from shared.events.workflow import (
    CaseAnswered,
    CaseApologised,
    CaseAssigned,
    CaseClockPaused,
    CaseClockResumed,
    CaseClosed,
    CaseExtended,
    CaseMerged,
    CaseOpened,
    CaseRefused,
    CaseRouted,
    CaseTransferred,
)

FIRST = 1
SPAM = "spam"


def note_petition(tx: Transaction, heard: PetitionFiled) -> None:
    """A petition came through the door."""
    store.note_petition(
        tx,
        heard.petition_id,
        filed_on=local_day(heard.received_at),
        channel=heard.channel,
        ward=heard.ward,
    )


def note_contact(tx: Transaction, heard: ContactGiven) -> None:
    """Somebody can be told: the answer counts as told only where that is so."""
    store.note_petition(tx, heard.petition_id, has_contact=bool(heard.channels))


def keep_rating(tx: Transaction, heard: PetitionRated) -> None:
    """A judgement came in; it is shown once four others of the same unit stand beside it."""
    if not heard.score.is_open:  # erased meanwhile: a rebuilt mirror cannot know it any more
        return
    unit = store.unit_that_answered(tx, heard.petition_id, heard.round)

    store.add_rating(
        tx,
        petition_id=heard.petition_id,
        round=heard.round,
        score=heard.score.value,
        rated_at=_time(tx),
        unit=unit,
    )
    if unit is not None:
        store.publish_ratings(tx, unit, on=_today(tx))


def open_promise(tx: Transaction, heard: CaseOpened) -> None:
    """An answer is owed, by a day that was told. Sorted anew, a case is opened again: what was promised first stays."""
    store.keep_case(
        tx,
        heard.case_id,
        petition_id=heard.petition_id,
        kind=heard.kind,
        topic=heard.topic,
        is_restricted=heard.is_restricted,
        received_on=local_day(heard.received_at),
        heard_at=_time(tx),
    )
    store.add_promise(
        tx,
        case_id=heard.case_id,
        round=FIRST,
        petition_id=heard.petition_id,
        first_due_on=heard.answer_due_on,
        due_on=heard.answer_due_on,
    )
    promise = _promise(tx, heard.case_id)
    if promise is not None:
        first = promise.first_due_on or heard.answer_due_on
        store.change_promise(tx, heard.case_id, promise.round, due_on=heard.answer_due_on, first_due_on=first)


def name_unit(tx: Transaction, heard: CaseRouted | CaseAssigned) -> None:
    """Who will have to answer."""
    promise = _promise(tx, heard.case_id)
    if promise is not None and heard.unit is not None:
        store.change_promise(tx, heard.case_id, promise.round, unit=heard.unit)


def end_refused(tx: Transaction, heard: CaseRefused) -> None:
    store.end_case(tx, heard.case_id, ending=SPAM if heard.ground == SPAM else "refused", on=_today(tx))


def end_transferred(tx: Transaction, heard: CaseTransferred) -> None:
    store.end_case(tx, heard.case_id, ending="transferred", on=_today(tx))


def end_linked(tx: Transaction, heard: CaseMerged) -> None:
    """A duplicate shares the clock of the case it follows, and is counted with it."""
    store.end_case(tx, heard.case_id, ending="linked", on=_today(tx))


def pause(tx: Transaction, heard: CaseClockPaused) -> None:
    """The clock waits: until it runs again no day is in force."""
    promise = _promise(tx, heard.case_id)
    if promise is not None:
        store.change_promise(tx, heard.case_id, promise.round, paused_on=_today(tx))
        store.count_up(tx, heard.case_id, promise.round, "pauses")


def resume(tx: Transaction, heard: CaseClockResumed) -> None:
    """The clock runs again. The wait was not ours, so it moves the first promise as well."""
    promise = _promise(tx, heard.case_id)
    if promise is None:
        return
    changes: dict[str, object] = {"paused_on": None}
    if heard.answer_due_on is not None:
        moved = heard.answer_due_on - promise.due_on if promise.due_on else None
        first = promise.first_due_on + moved if promise.first_due_on and moved else promise.first_due_on
        changes |= {"due_on": heard.answer_due_on, "first_due_on": first or heard.answer_due_on}
    store.change_promise(tx, heard.case_id, promise.round, **changes)


def extend(tx: Transaction, heard: CaseExtended) -> None:
    """A later day was granted. The first promise stays what it was."""
    _move_due_day(tx, heard.case_id, before=heard.due_before, after=heard.due_on, because="extensions")


def note_apology(tx: Transaction, heard: CaseApologised) -> None:
    """The one new day that comes with an apology."""
    _move_due_day(tx, heard.case_id, before=heard.due_before, after=heard.due_on, because="apologies")


def note_answer(tx: Transaction, heard: CaseAnswered) -> None:
    """The answer was given. Of a later round, this is where we hear of it."""
    answered_on = _today(tx)
    promise = _promise(tx, heard.case_id, round=heard.round)
    if promise is None:
        earlier = _promise(tx, heard.case_id)
        store.add_promise(
            tx,
            case_id=heard.case_id,
            round=heard.round,
            petition_id=heard.petition_id,
            unit=earlier.unit if earlier else None,
            first_due_on=heard.due_on,
            due_on=heard.due_on,
        )
        promise = _promise(tx, heard.case_id, round=heard.round)
    due_on = heard.due_on or (promise.due_on if promise else None)

    store.change_promise(
        tx,
        heard.case_id,
        heard.round,
        answered_on=answered_on,
        due_on=due_on,
        paused_on=None,
        days_taken=(answered_on - promise.received_on).days if promise and heard.round == FIRST else None,
        days_late=days_late(due_on, answered_on) if due_on else None,
        outcome=heard.outcome,
        is_rated=heard.is_rated,
    )
    store.end_case(tx, heard.case_id, ending="answered", on=answered_on)
    store.touch_case(tx, heard.case_id, heard_at=_time(tx))

    unit = store.unit_that_answered(tx, heard.petition_id, heard.round)
    if unit is not None and store.name_rated_unit(tx, heard.petition_id, heard.round, unit):
        store.publish_ratings(tx, unit, on=answered_on)


def close(tx: Transaction, heard: CaseClosed) -> None:
    """The case is over; one that ended before is not ended twice."""
    store.end_case(tx, heard.case_id, ending=heard.outcome, on=_today(tx))
    store.touch_case(tx, heard.case_id, heard_at=_time(tx))


def note_taken(tx: Transaction, heard: NoticeAccepted) -> None:
    _note_notice(tx, heard, taken_on=_today(tx))


def note_arrived(tx: Transaction, heard: NoticeDelivered) -> None:
    _note_notice(tx, heard, arrived_on=_today(tx), is_failed=False)


def note_failed(tx: Transaction, heard: NoticeFailed) -> None:
    _note_notice(tx, heard, is_failed=True)


def _note_notice(tx: Transaction, heard: NoticeAccepted | NoticeDelivered | NoticeFailed, **facts: object) -> None:
    """Only what told the petitioner an answer is of interest here."""
    if heard.audience == "petitioner" and heard.purpose == "answered":
        store.note_notice(tx, heard.notice_id, petition_id=heard.petition_id, channel=heard.channel, **facts)


def _move_due_day(tx: Transaction, case_id: UUID, *, before: date, after: date, because: str) -> None:
    promise = _promise(tx, case_id)
    if promise is None or promise.due_on != before:  # another clock of the case: acceptance, a status notice
        return
    store.change_promise(tx, case_id, promise.round, due_on=after)
    store.count_up(tx, case_id, promise.round, because)


def _promise(tx: Transaction, case_id: UUID, *, round: int | None = None) -> store.Promise | None:
    return store.promise_of(tx, case_id, round=round)


def _time(tx: Transaction) -> Any:
    """When it happened; not when we heard of it, so a late or repeated hearing gives the same figures."""
    return tx.cause.time if tx.cause is not None else tx.now


def _today(tx: Transaction) -> date:
    return local_day(_time(tx))


REACTIONS: Mapping[type[Event], Callable[[Transaction, Any], None]] = {
    PetitionFiled: note_petition,
    ContactGiven: note_contact,
    PetitionRated: keep_rating,
    CaseOpened: open_promise,
    CaseRouted: name_unit,
    CaseAssigned: name_unit,
    CaseRefused: end_refused,
    CaseTransferred: end_transferred,
    CaseMerged: end_linked,
    CaseClockPaused: pause,
    CaseClockResumed: resume,
    CaseExtended: extend,
    CaseApologised: note_apology,
    CaseAnswered: note_answer,
    CaseClosed: close,
    NoticeAccepted: note_taken,
    NoticeDelivered: note_arrived,
    NoticeFailed: note_failed,
}
