"""What the mirror notes when it hears something. Sources come in any order: each note stands by itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from services.insight import store
from services.insight.domain.periods import local_day
from services.insight.domain.promises import days_late
from services.insight.domain.wishes import Wish, wishes_in
from shared.config import BadConfig, read_rows, valid_on
from shared.db import Transaction
from shared.events.base import Event
from shared.events.intake import ContactGiven, PetitionFiled, PetitionRated, SurveyAnswered, SurveyInvited
from shared.events.notify import NoticeAccepted, NoticeDelivered, NoticeFailed
from shared.events.workflow import (
    CaseAnswered,
    CaseApologised,
    CaseAssigned,
    CaseClockPaused,
    CaseClockResumed,
    CaseClockStarted,
    CaseClosed,
    CaseExtended,
    CaseMerged,
    CaseOpened,
    CaseRefused,
    CaseRescheduled,
    CaseRouted,
    CaseSplit,
    CaseTransferred,
    PetitionerErased,
    SurveyClosed,
    SurveyOpened,
    SurveySigned,
)
from shared.inbox import Heard, Together, erase_dead_letters
from shared.text import words

FIRST = 1
SPAM = "spam"


@dataclass(frozen=True)
class DatedWish(Wish):
    """A row of config/wishes: it holds from one day to another."""

    valid_from: date | None
    valid_to: date | None


def read_wishes(config_dir: Path) -> tuple[DatedWish, ...]:
    """What people may wish for. Raises BadConfig."""
    wishes = read_rows(config_dir / "wishes.json", "wishes", DatedWish)
    for wish in wishes:
        where = f"wishes.json, wishes, row {wish.code}"
        if not 0 < len(wish.code) <= store.LONGEST_WISH:
            raise BadConfig(f"{where}, code: between 1 and {store.LONGEST_WISH} characters")
        if sum(one.code == wish.code for one in wishes) > 1:
            raise BadConfig(f"{where}, code: it is there twice")
        if not wish.phrases:
            raise BadConfig(f"{where}, phrases: at least one")
        for phrase in wish.phrases:
            if not phrase or phrase != " ".join(words(phrase)):  # nothing would be found in every text
                raise BadConfig(f"{where}, phrases: {phrase!r} is not words in small letters, one space between two")
        if wish.valid_from and wish.valid_to and wish.valid_to < wish.valid_from:
            raise BadConfig(f"{where}, valid_to: before valid_from")
    return wishes


def note_petitions(tx: Transaction, heard: Sequence[Heard]) -> None:
    """Petitions came through the door."""
    filed: list[PetitionFiled] = [one.event for one in heard]
    facts = [
        {
            "petition_id": petition.petition_id,
            "filed_on": local_day(petition.received_at),
            "channel": petition.channel,
            "ward": petition.ward,
        }
        for petition in filed
    ]
    store.note_petitions(tx, facts)


def note_contacts(tx: Transaction, heard: Sequence[Heard]) -> None:
    """People can be told: the answer counts as told only where that is so."""
    given: list[ContactGiven] = [one.event for one in heard]
    store.note_petitions(tx, [{"petition_id": one.petition_id, "has_contact": bool(one.channels)} for one in given])


def keep_rating(tx: Transaction, heard: PetitionRated, *, wishes: Sequence[DatedWish] = ()) -> None:
    """A judgement came in; it is shown once four others of the same unit stand beside it."""
    if not heard.score.is_open:  # erased meanwhile: a rebuilt mirror cannot know it any more
        return
    answer = store.judged(tx, heard.petition_id, heard.round)
    unit = answer.unit if answer else None

    is_new = store.add_rating(
        tx,
        petition_id=heard.petition_id,
        round=heard.round,
        score=heard.score.value,
        rated_at=_time(tx),
        unit=unit,
    )
    if unit is not None:
        store.publish_ratings(tx, unit, on=_today(tx))
    if is_new:
        _keep_aspects(tx, heard)
        _keep_wishes(tx, heard, wishes, topic=answer.topic if answer else None)


def _keep_aspects(tx: Transaction, heard: PetitionRated) -> None:
    said = {"T1": heard.t1, "T2": heard.t2, "T3": heard.t3, "T4": heard.t4}
    levels = {aspect: mark.value for aspect, mark in said.items() if mark.is_open and mark.value}  # 0: no opinion
    store.add_aspects(tx, petition_id=heard.petition_id, round=heard.round, levels=levels, rated_at=_time(tx))
    for aspect in sorted(levels):  # in one order everywhere: no two wait for each other
        store.publish_aspects(tx, aspect, on=_today(tx))


def _keep_wishes(tx: Transaction, heard: PetitionRated, wishes: Sequence[DatedWish], *, topic: str | None) -> None:
    if not heard.words.is_open or not heard.words.value:
        return
    found = wishes_in(heard.words.value, valid_on(wishes, _today(tx)))
    store.add_wishes(
        tx, petition_id=heard.petition_id, round=heard.round, wishes=found, topic=topic, rated_at=_time(tx)
    )
    if topic is not None:
        for wish in sorted(found):  # in one order everywhere: no two wait for each other
            store.publish_wishes(tx, topic, wish, on=_today(tx))


def open_promises(tx: Transaction, heard: Sequence[Heard]) -> None:
    """Answers are owed, by a day that was told. Sorted anew, a case is opened again: what was promised first stays."""
    store.keep_cases(tx, [_case(one.event, heard_at=one.cause.time) for one in heard])

    opened: list[CaseOpened] = [one.event for one in heard]
    running = store.promises_of(tx, [case.case_id for case in opened])
    promises = [
        {
            "case_id": case.case_id,
            "round": running[case.case_id].round if case.case_id in running else FIRST,
            "petition_id": case.petition_id,
            "first_due_on": case.answer_due_on,
            "due_on": case.answer_due_on,
        }
        for case in opened
    ]
    store.note_promises(tx, promises)


def _case(opened: CaseOpened, *, heard_at: datetime) -> dict[str, Any]:
    return {
        "case_id": opened.case_id,
        "petition_id": opened.petition_id,
        "kind": opened.kind,
        "topic": opened.topic,
        "is_restricted": opened.is_restricted,
        "received_on": local_day(opened.received_at),
        "heard_at": heard_at,
    }


def name_units(tx: Transaction, heard: Sequence[Heard]) -> None:
    """Who will have to answer."""
    sent: list[CaseRouted | CaseAssigned] = [one.event for one in heard]
    units = {case.case_id: case.unit for case in sent if case.unit is not None}
    promises = [
        {
            "case_id": promise.case_id,
            "round": promise.round,
            "petition_id": promise.petition_id,
            "unit": units[promise.case_id],
        }
        for promise in store.promises_of(tx, units).values()
    ]
    store.note_promises(tx, promises)


def end_refused(tx: Transaction, heard: CaseRefused) -> None:
    store.end_case(tx, heard.case_id, ending=SPAM if heard.ground == SPAM else "refused", on=_today(tx))


def end_transferred(tx: Transaction, heard: CaseTransferred) -> None:
    store.end_case(tx, heard.case_id, ending="transferred", on=_today(tx))


def end_linked(tx: Transaction, heard: CaseMerged) -> None:
    """A duplicate shares the clock of the case it follows, and is counted with it."""
    store.end_case(tx, heard.case_id, ending="linked", on=_today(tx))


def end_split(tx: Transaction, heard: CaseSplit) -> None:
    """Its parts are opened in the same breath, and counted each for itself."""
    store.end_case(tx, heard.case_id, ending="split", on=_today(tx))


def start(tx: Transaction, heard: CaseClockStarted) -> None:
    """Only now is an answer owed by a day: of a comment on a draft, since nobody comments any more."""
    promise = store.promise_of(tx, heard.case_id)
    if promise is not None:
        first = promise.first_due_on or heard.answer_due_on
        store.change_promise(tx, heard.case_id, promise.round, due_on=heard.answer_due_on, first_due_on=first)


def pause(tx: Transaction, heard: CaseClockPaused) -> None:
    """The clock waits: until it runs again no day is in force."""
    promise = store.promise_of(tx, heard.case_id)
    if promise is not None:
        store.change_promise(tx, heard.case_id, promise.round, paused_on=_today(tx))
        store.count_up(tx, heard.case_id, promise.round, "pauses")


def resume(tx: Transaction, heard: CaseClockResumed) -> None:
    """The clock runs again. The wait was not ours, so it moves the first promise as well."""
    promise = store.promise_of(tx, heard.case_id)
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


def reschedule(tx: Transaction, heard: CaseRescheduled) -> None:
    """The calendar moved a day. The first promise stays what it was."""
    promise = store.promise_of(tx, heard.case_id)
    if heard.is_announced and promise is not None and promise.due_on == heard.due_before:
        store.change_promise(tx, heard.case_id, promise.round, due_on=heard.due_on)


def note_apology(tx: Transaction, heard: CaseApologised) -> None:
    """The one new day that comes with an apology."""
    _move_due_day(tx, heard.case_id, before=heard.due_before, after=heard.due_on, because="apologies")


def note_answer(tx: Transaction, heard: CaseAnswered) -> None:
    """The answer was given. Of a later round, this is where we hear of it."""
    answered_on = _today(tx)
    latest = store.promise_of(tx, heard.case_id)
    promise = latest if latest is not None and latest.round == heard.round else None
    due_on = heard.due_on or (promise.due_on if promise else None)

    answered = {
        "case_id": heard.case_id,
        "round": heard.round,
        "petition_id": heard.petition_id,
        "unit": latest.unit if latest else None,
        "first_due_on": promise.first_due_on if promise else heard.due_on,
        "due_on": due_on,
        "paused_on": None,
        "answered_on": answered_on,
        "days_taken": (answered_on - latest.received_on).days if latest and heard.round == FIRST else None,
        "days_late": days_late(due_on, answered_on) if due_on else None,
        "outcome": heard.outcome,
        "is_rated": heard.is_rated,
    }
    store.note_promises(tx, [answered])
    store.end_case(tx, heard.case_id, ending="answered", on=answered_on)
    store.touch_case(tx, heard.case_id, heard_at=_time(tx))

    _name_judged(tx, heard, on=answered_on)


def _name_judged(tx: Transaction, heard: CaseAnswered, *, on: date) -> None:
    """A judgement may have been heard of before the answer that it judges."""
    answer = store.judged(tx, heard.petition_id, heard.round)
    if answer is None:
        return
    if store.name_rated_unit(tx, heard.petition_id, heard.round, answer.unit):
        store.publish_ratings(tx, answer.unit, on=on)
    if answer.topic is not None:
        for wish in store.name_wished_topic(tx, heard.petition_id, heard.round, answer.topic):
            store.publish_wishes(tx, answer.topic, wish, on=on)


def close(tx: Transaction, heard: CaseClosed) -> None:
    """The case is over; one that ended before is not ended twice."""
    store.end_case(tx, heard.case_id, ending=heard.outcome, on=_today(tx))
    store.touch_case(tx, heard.case_id, heard_at=_time(tx))


def note_taken(tx: Transaction, heard: Sequence[Heard]) -> None:
    """Answers, and invitations, are on their way."""
    _note_inviting(tx, heard)
    store.note_notices(tx, [_notice(one.event) | {"taken_on": _day(one)} for one in _with_answer(heard)])


def note_arrived(tx: Transaction, heard: Sequence[Heard]) -> None:
    """Answers, and invitations, got there."""
    _note_inviting(tx, heard)
    arrived = [_notice(one.event) | {"arrived_on": _day(one), "is_failed": False} for one in _with_answer(heard)]
    store.note_notices(tx, arrived)


def note_failed(tx: Transaction, heard: Sequence[Heard]) -> None:
    """Answers, or invitations, did not get there."""
    _note_inviting(tx, heard, is_failed=True)
    store.note_notices(tx, [_notice(one.event) | {"is_failed": True} for one in _with_answer(heard)])


def _with_answer(heard: Sequence[Heard]) -> list[Heard]:
    """Only what told the petitioner an answer counts among promises."""
    return [one for one in heard if one.event.audience == "petitioner" and one.event.purpose == "answered"]


def _inviting(heard: Sequence[Heard]) -> list[Heard]:
    return [one for one in heard if one.event.purpose in {"survey_invited", "survey_reminded"}]


def _note_inviting(tx: Transaction, heard: Sequence[Heard], *, is_failed: bool = False) -> None:
    rows = [
        {"notice_id": one.event.notice_id, "petition_id": one.event.petition_id}
        | ({"is_failed": True} if is_failed else {"taken_at": one.cause.time})
        for one in _inviting(heard)
    ]
    store.note_survey_notices(tx, rows)


def _notice(told: NoticeAccepted | NoticeDelivered | NoticeFailed) -> dict[str, Any]:
    return {"notice_id": told.notice_id, "petition_id": told.petition_id, "channel": told.channel}


def open_round(tx: Transaction, heard: SurveyOpened) -> None:
    """People are asked how content they are."""
    opened = {
        "survey_id": heard.survey_id,
        "code": heard.code,
        "name": heard.name.value,
        "policy": heard.policy.value,
        "items": list(heard.items),
        "wards": list(heard.wards),
        "starts_on": heard.starts_on,
        "ends_on": heard.ends_on,
        "sample_size": heard.sample_size,
    }
    store.keep_round(tx, opened)


def close_round(tx: Transaction, heard: SurveyClosed) -> None:
    """Where no unit has a head nobody signs, and the figures stand at once."""
    ended = {} if heard.signers else {"signed_at": _time(tx), "final_at": _time(tx)}
    store.change_round(tx, heard.survey_id, closed_at=_time(tx), **ended)


def sign_round(tx: Transaction, heard: SurveySigned) -> None:
    """A head signed a round off; after the last of them its figures are shown."""
    store.sign_round(tx, heard.survey_id, at=_time(tx), is_last=heard.is_last)


def note_invitations(tx: Transaction, heard: Sequence[Heard]) -> None:
    """People were invited to a round, or reminded: the first time counts."""
    told = [(one.event, one.cause.time) for one in heard if not one.event.is_reminder]
    store.note_invitations(
        tx, [{"survey_id": one.survey_id, "petition_id": one.petition_id, "invited_at": at} for one, at in told]
    )


def keep_answers(tx: Transaction, heard: Sequence[Heard]) -> None:
    """Answers to rounds came in; nothing is shown of them before their round is signed off."""
    told: list[tuple[SurveyAnswered, datetime]] = [(one.event, one.cause.time) for one in heard]
    rows = [
        {
            "answer_id": one.answer_id,
            "survey_id": one.survey_id,
            "way": one.way,
            "answered_at": at,
            "marks": {mark.item: mark.level for mark in one.marks.value},
            "harassment": one.harassment.value,
            "wishes": list(one.wishes.value),
            "traits": {trait.name: trait.value for trait in one.traits.value},
        }
        for one, at in told
        if one.marks.is_open  # erased meanwhile: a rebuilt mirror cannot know it any more
    ]
    store.add_answers(tx, rows)


def erase_petitioner(tx: Transaction, heard: PetitionerErased) -> None:
    """Nothing here names anybody, but what could not be heard of them may."""
    erase_dead_letters(tx.connection, [heard.petition_id])


def _move_due_day(tx: Transaction, case_id: UUID, *, before: date, after: date, because: str) -> None:
    promise = store.promise_of(tx, case_id)
    if promise is None or promise.due_on != before:  # another clock of the case: acceptance, a status notice
        return
    store.change_promise(tx, case_id, promise.round, due_on=after)
    store.count_up(tx, case_id, promise.round, because)


def _time(tx: Transaction) -> datetime:
    """When it happened; not when we heard of it, so a late or repeated hearing gives the same figures."""
    return tx.cause.time if tx.cause is not None else tx.now


def _today(tx: Transaction) -> date:
    return local_day(_time(tx))


def _day(heard: Heard) -> date:
    return local_day(heard.cause.time)


def by(wishes: Sequence[DatedWish]) -> Mapping[type[Event], Callable[[Transaction, Any], None]]:
    """The reactions of a mirror that knows what people may wish for."""
    return {**REACTIONS, PetitionRated: partial(keep_rating, wishes=wishes)}


REACTIONS: Mapping[type[Event], Callable[[Transaction, Any], None]] = {
    PetitionFiled: Together(note_petitions),
    ContactGiven: Together(note_contacts),
    PetitionRated: keep_rating,
    PetitionerErased: erase_petitioner,
    CaseOpened: Together(open_promises),
    CaseRouted: Together(name_units),
    CaseAssigned: Together(name_units),
    CaseRefused: end_refused,
    CaseTransferred: end_transferred,
    CaseMerged: end_linked,
    CaseSplit: end_split,
    CaseClockStarted: start,
    CaseClockPaused: pause,
    CaseClockResumed: resume,
    CaseExtended: extend,
    CaseRescheduled: reschedule,
    CaseApologised: note_apology,
    CaseAnswered: note_answer,
    CaseClosed: close,
    SurveyOpened: open_round,
    SurveyClosed: close_round,
    SurveySigned: sign_round,
    SurveyInvited: Together(note_invitations),
    SurveyAnswered: Together(keep_answers),
    NoticeAccepted: Together(note_taken),
    NoticeDelivered: Together(note_arrived),
    NoticeFailed: Together(note_failed),
}
