"""Survey rounds: prepared by one, opened by another, closed at the end of their last day or by a person with a reason,
signed off by each head."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.workflow import store
from services.workflow.domain import survey as rounds
from services.workflow.domain.case import SYSTEM
from services.workflow.domain.permission import Person, Refusal
from services.workflow.domain.rules import Book, Rules
from services.workflow.domain.survey import INVITATION, LONGEST_DAYS, WAYS, Survey
from services.workflow.steps import Incomplete, NotAllowed, must, needed
from shared.db import Database, Transaction
from shared.events.base import Sealed
from shared.events.workflow import SurveyClosed, SurveyOpened, SurveyReminded, SurveySigned
from shared.ids import ordered_id


class SurveyUnknown(Exception):
    """There is no such round."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What a round is to be, as it was typed."""

    name: str
    policy: str
    items: Collection[str]
    ways: Collection[str]
    wards: Collection[str]
    starts_on: date | None
    ends_on: date | None
    answered_from: date | None
    answered_to: date | None
    population: int | None


def prepare_survey(tx: Transaction, rules: Rules, *, person: Person, frame: Frame, known: Collection[str]) -> Survey:
    """A new round, which somebody else opens. `known`: codes of the items there are. Raises Incomplete, NotAllowed."""
    must(rounds.may_prepare(person))
    today = rules.calendar.local_day(tx.now)
    new = Survey(
        id=ordered_id(),
        code=rounds.next_code(today.year, store.survey_codes(tx)),
        state=rounds.PREPARED,
        prepared_by=person.person,
        prepared_at=tx.now,
        **_checked(rules, frame, known, today),
    )
    store.save_survey(tx, new)
    return new


def change_survey(
    tx: Transaction, rules: Rules, *, person: Person, survey_id: UUID, frame: Frame, known: Collection[str]
) -> Survey:
    """A round before it is opened, written anew: who wrote it last has prepared it."""
    must(rounds.may_prepare(person))
    found = _load(tx, survey_id)
    if found.state != rounds.PREPARED:
        raise rounds.SurveyRefused("it was opened already")
    checked = _checked(rules, frame, known, rules.calendar.local_day(tx.now))
    changed = replace(found, **checked, prepared_by=person.person, prepared_at=tx.now)
    store.save_survey(tx, changed)
    return changed


def open_survey(
    tx: Transaction, rules: Rules, *, person: Person, survey_id: UUID, seen: str, remind_after: timedelta
) -> Survey:
    """People may answer from now on, and who is invited hears of it. `seen` is when what was looked at had been
    written: nothing else is opened. Raises Incomplete before its first day, SurveyRefused.
    """
    found = _load(tx, survey_id)
    must(rounds.may_open(person, found))
    if found.prepared_at.isoformat() != seen:
        raise rounds.SurveyRefused("it was written anew since it was looked at")
    today = rules.calendar.local_day(tx.now)
    if today < found.starts_on:
        raise Incomplete("starts_on", "to_come")
    if today > found.ends_on:
        raise Incomplete("ends_on", "passed")
    remind_at = rules.calendar.start_of_day(today + remind_after)
    has_reminder = INVITATION in found.ways and today + remind_after < found.ends_on
    after = rounds.opened(found, by=person.person, at=tx.now, remind_at=remind_at if has_reminder else None)
    store.save_survey(tx, after)
    since, before = answered_between(rules, after) or (None, None)
    tx.emit(
        SurveyOpened(
            survey_id=after.id,
            actor=person.person,
            prepared_by=after.prepared_by,
            code=after.code,
            items=after.items,
            ways=after.ways,
            wards=after.wards,
            starts_on=after.starts_on,
            ends_on=after.ends_on,
            answered_since=since,
            answered_before=before,
            population=after.population,
            sample_size=after.sample_size,
            name=Sealed(after.name),
            policy=Sealed(after.policy),
        )
    )
    return after


def answered_between(rules: Rules, found: Survey) -> tuple[datetime, datetime] | None:
    """Between which instants the petitions were answered whose petitioners are invited; None where nobody is."""
    if found.answered_from is None or found.answered_to is None:
        return None
    return rules.calendar.start_of_day(found.answered_from), rules.calendar.end_of_day(found.answered_to)


def close_survey(tx: Transaction, *, person: Person, survey_id: UUID, reason: str) -> Survey:
    """End a round before its last day, with the reason."""
    must(rounds.may_prepare(person))
    return _close(tx, _load(tx, survey_id), by=person.person, reason=needed(reason, "reason", least=10, most=1000))


def sign_survey(tx: Transaction, *, person: Person, survey_id: UUID) -> Survey:
    """Sign a closed round off, for one's own unit. Raises NotAllowed."""
    found = _load(tx, survey_id)
    signed = store.signatures_of(tx, survey_id)
    units = rounds.signs_for(person, found, signed=signed, headless=_headless(tx, found))
    if not units:
        raise NotAllowed(Refusal.NOT_YOUR_ROLE)
    missing = len(set(found.signers) - set(signed) - set(units))
    after = rounds.signed(found, at=tx.now, missing=missing)
    store.save_survey(tx, after)
    for unit in units:
        store.add_signature(tx, survey_id, unit=unit, person=person.person)
        is_last = not missing and unit == units[-1]
        tx.emit(SurveySigned(survey_id=survey_id, actor=person.person, unit=unit, is_last=is_last))
    return after


class SurveySweep:
    """Reminds and closes rounds when their time has come."""

    name, idle_s = "surveys", 60.0

    def __init__(self, database: Database, book: Book) -> None:
        self._database, self._book = database, book

    def once(self) -> int:
        with self._database.reading() as look:
            today = self._book.in_force(look).calendar.local_day(look.now)
            if not store.due_surveys(look, over_before=today):
                return 0
        with self._database.writing() as tx:
            today = self._book.in_force(tx).calendar.local_day(tx.now)
            due = store.due_surveys(tx, over_before=today)
            for survey_id in due:
                look_after(tx, survey_id, today=today)
            return len(due)


def look_after(tx: Transaction, survey_id: UUID, *, today: date) -> None:
    """Close a round whose days are over, or remind its people; neither where another worker was quicker."""
    found = _load(tx, survey_id)
    if found.state != rounds.OPEN:
        return
    if found.ends_on < today:
        _close(tx, found, by=SYSTEM, reason=None)
    elif found.remind_at is not None and found.remind_at <= tx.now:
        store.save_survey(tx, replace(found, remind_at=None))
        tx.emit(SurveyReminded(survey_id=survey_id, actor=SYSTEM))


def _close(tx: Transaction, found: Survey, *, by: str, reason: str | None) -> Survey:
    signers = {one.unit for one in store.colleagues(tx, roles=("head",)) if one.unit}
    after = rounds.closed(found, by=by, at=tx.now, reason=reason, signers=signers)
    store.save_survey(tx, after)
    tx.emit(SurveyClosed(survey_id=after.id, actor=by, is_early=reason is not None, signers=after.signers))
    return after


def _headless(tx: Transaction, found: Survey) -> set[str]:
    return set(found.signers) - {one.unit for one in store.colleagues(tx, roles=("head",))}


def _load(tx: Transaction, survey_id: UUID) -> Survey:
    found = store.load_survey(tx, survey_id)
    if found is None:
        raise SurveyUnknown
    return found


def _checked(rules: Rules, frame: Frame, known: Collection[str], today: date) -> dict[str, Any]:
    """The fields of a round, when they make sense together. Raises Incomplete."""
    name = needed(frame.name, "name", least=10, most=200)
    items = tuple(code for code in known if code in frame.items)
    if not items:
        raise Incomplete("items")
    ways = tuple(way for way in WAYS if way in frame.ways)
    if not ways:
        raise Incomplete("ways")
    if set(frame.wards) - rules.catalogue.wards_by_code.keys():
        raise Incomplete("wards", "unknown")
    starts_on, ends_on = _span(frame, today)
    return {
        "name": name,
        "policy": needed(frame.policy, "policy", most=300) if frame.policy.strip() else None,
        "items": items,
        "ways": ways,
        "wards": tuple(sorted(set(frame.wards))),
        "starts_on": starts_on,
        "ends_on": ends_on,
        "population": _population(frame.population),
        **_invited(frame, ways, today),
    }


def _span(frame: Frame, today: date) -> tuple[date, date]:
    if frame.starts_on is None:
        raise Incomplete("starts_on")
    if frame.ends_on is None:
        raise Incomplete("ends_on")
    if frame.starts_on < today:
        raise Incomplete("starts_on", "passed")
    if frame.ends_on < frame.starts_on:
        raise Incomplete("ends_on", "before_start")
    if (frame.ends_on - frame.starts_on).days > LONGEST_DAYS:
        raise Incomplete("ends_on", "too_long")
    return frame.starts_on, frame.ends_on


def _invited(frame: Frame, ways: Collection[str], today: date) -> dict[str, date | None]:
    """Whose answers are looked at: petitioners answered between two days, where people are invited at all."""
    if INVITATION not in ways:
        return {"answered_from": None, "answered_to": None}
    if frame.answered_from is None:
        raise Incomplete("answered_from")
    if frame.answered_to is None:
        raise Incomplete("answered_to")
    if frame.answered_to < frame.answered_from:
        raise Incomplete("answered_to", "before_start")
    if frame.answered_to > today:
        raise Incomplete("answered_to", "to_come")
    return {"answered_from": frame.answered_from, "answered_to": frame.answered_to}


def _population(typed: int | None) -> int | None:
    if typed is not None and not 1 <= typed <= 10_000_000:
        raise Incomplete("population", "out_of_range")
    return typed
