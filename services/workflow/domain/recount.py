"""Counting the running clocks of a case anew when days off were decided: each keeps the rule that it began with."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from services.workflow.domain.deadline import Deadline, due_by, lost_between, recount, regovern
from services.workflow.domain.rules import follow
from services.workflow.domain.vocabulary import Catalogue
from shared.calendar import Calendar

Key = TypeVar("Key")


def recounted(
    known: Mapping[Key, Deadline], catalogue: Catalogue, *, kind: str, conditions: Iterable[str], now: datetime
) -> dict[Key, Deadline]:
    """The clocks of a case that this calendar moves, as they are by it.

    What has run out stays late, and nothing becomes late by being counted anew.
    """
    moved = {
        key: after
        for key, clock in known.items()
        if clock.anchor != "answer_due" and (after := _moved(clock, catalogue, now)) != clock
    }
    moved |= {
        key: after
        for key, after in follow(kind, known, moved, catalogue).items()
        if not _changes_lateness(known[key], after, now)
    }
    for key, clock in known.items():
        if key not in moved and (after := _moved(clock, catalogue, now)) != clock:
            moved[key] = after
    all_of_them = {**known, **moved}
    governed = dict(zip(all_of_them, regovern(all_of_them.values(), catalogue, conditions), strict=True))
    return {key: clock for key, clock in governed.items() if clock != known[key]}


def _moved(clock: Deadline, catalogue: Catalogue, now: datetime) -> Deadline:
    if not clock.is_open or clock.is_late_at(now):
        return clock
    after = counted_anew(clock, catalogue)
    return clock if _changes_lateness(clock, after, now) else after


def _changes_lateness(before: Deadline, after: Deadline, now: datetime) -> bool:
    """Whether it would become late by this count, once it runs, or would be late no more."""
    return before.is_late_at(now) or (after.due_at < before.due_at and after.due_at <= now)


def counted_anew(clock: Deadline, catalogue: Catalogue) -> Deadline:
    """The same term by the calendar of today: its pauses are counted anew, its extensions and promises stay.

    A term in hours knows no calendar. A promised date, and one that was put off in other units than its own, only move
    when they fall on a day off.
    """
    if clock.due_on is None or clock.unrolled_on is None:
        return clock
    if clock.new_dates or _was_put_off_in_other_units(clock, catalogue):
        return due_by(clock, clock.unrolled_on, catalogue.calendar)
    return recount(_with_pauses_counted(clock, catalogue.calendar), catalogue.calendar)


def _was_put_off_in_other_units(clock: Deadline, catalogue: Catalogue) -> bool:
    return any(rule.unit != clock.unit for rule in catalogue.rules if rule.code in clock.extensions)


def _with_pauses_counted(clock: Deadline, calendar: Calendar) -> Deadline:
    pauses = tuple(
        replace(one, lost=lost_between(one.began_at, one.ended_at, unit=clock.unit, calendar=calendar))
        for one in clock.pauses
    )
    more = sum(one.lost for one in pauses) - sum(one.lost for one in clock.pauses)
    return replace(clock, pauses=pauses, added=clock.added + more)
