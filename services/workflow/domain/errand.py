"""An errand: what others are asked to do by a day of its own, beside the case's clock and never moving it.

A contribution of another unit, an answer to an urging. Reminded on the working day before, and once it is late.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from services.workflow.domain.deadline import Deadline
from services.workflow.domain.vocabulary import Rule
from shared.calendar import Calendar

SOON, LATE = "soon", "late"


def usual_day(rule: Rule, calendar: Calendar, *, today: date, latest: date | None = None) -> date:
    """The day that is proposed: so many working days from now, not after `latest`, which is the lead's own due day."""
    day = calendar.add_working_days(today, rule.value)
    while latest is not None and day > latest > today:
        day = calendar.add_working_days(day, -1)
    return day


def fault_of_day(day: date, calendar: Calendar, *, today: date, latest: date | None = None) -> str | None:
    """What is wrong with a day that somebody is to answer by: passed, rest_day, after_lead; None when it is good."""
    if day < today:
        return "passed"
    if not calendar.is_working_day(day):
        return "rest_day"
    if latest is not None and day > latest:
        return "after_lead"
    return None


def next_reminder(due_on: date, calendar: Calendar, *, after: datetime) -> tuple[datetime, str] | None:
    """When the next reminder falls, within working hours, and which it is; None when all were given."""
    before = calendar.add_working_days(due_on, -1)
    steps = (
        (calendar.hours_of(before)[0][0], SOON),
        (calendar.next_working_instant(calendar.end_of_day(due_on)), LATE),
    )
    return next(((at, name) for at, name in steps if at > after), None)


def not_later(clocks: Sequence[Deadline], announced_on: date | None, calendar: Calendar) -> tuple[Deadline, ...]:
    """These clocks, none of what is owed to the petitioner later than the day that they were told."""
    return tuple(
        replace(clock, due_on=announced_on, unrolled_on=announced_on, due_at=calendar.end_of_day(announced_on))
        if announced_on and clock.step == "answer" and clock.due_on is not None and clock.due_on > announced_on
        else clock
        for clock in clocks
    )
