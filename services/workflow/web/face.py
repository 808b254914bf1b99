"""The face of the clock: time left in words, the share that is used, the days as a strip."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.workflow.domain.case import Case
from services.workflow.domain.deadline import Deadline
from shared.calendar import Calendar
from shared.web import gettext, ngettext


@dataclass(frozen=True)
class Left:
    """How much time a case has, for the row of a list."""

    kind: str  # '', soon, late, held, done
    words: str
    share: int  # per cent that is used


def left(case: Case, calendar: Calendar, now: datetime) -> Left:
    """The time that is left until the answer is late: working days, or hours on the last day."""
    if case.is_ended or case.answered_at is not None:
        return Left("done", gettext("Đã trả lời") if case.answered_at else gettext("Đã xong"), 100)
    if case.is_paused:
        return Left("held", gettext("Đang chờ"), _share(case, calendar, now))
    if case.answer_due_at is None:
        return Left("", gettext("Không có hạn"), 0)
    if now >= case.answer_due_at:
        return Left("late", gettext("Trễ %(span)s", span=_since(case.answer_due_at, calendar, now)), 100)
    today, last = calendar.local_day(now), calendar.local_day(case.answer_due_at - timedelta(microseconds=1))
    days = calendar.working_days_between(today, last)
    if today == last or days == 0:
        return Left("soon", gettext("Còn %(span)s", span=_hours(case.answer_due_at - now)), _share(case, calendar, now))
    words = ngettext("Còn %(num)s ngày", "Còn %(num)s ngày", days)
    return Left("soon" if days <= 2 else "", words, _share(case, calendar, now))


def _since(due_at: datetime, calendar: Calendar, now: datetime) -> str:
    days = calendar.working_days_between(
        calendar.local_day(due_at - timedelta(microseconds=1)), calendar.local_day(now)
    )
    if days >= 1 and now - due_at >= timedelta(hours=24):
        return ngettext("%(num)s ngày làm việc", "%(num)s ngày làm việc", days)
    return _hours(now - due_at)


def _hours(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    hours, minutes = divmod(minutes, 60)
    if hours == 0:
        return ngettext("%(num)s phút", "%(num)s phút", minutes)
    if hours >= 10 or minutes == 0:
        return ngettext("%(num)s giờ", "%(num)s giờ", hours)
    return gettext("%(hours)s giờ %(minutes)s phút", hours=hours, minutes=minutes)


def _share(case: Case, calendar: Calendar, now: datetime) -> int:
    if case.answer_due_at is None:
        return 0
    first, last = calendar.local_day(case.received_at), calendar.local_day(case.answer_due_at)
    whole = max(calendar.working_days_between(first, last), 1)
    used = calendar.working_days_between(first, calendar.local_day(now))
    return max(0, min(100, round(100 * used / whole)))


def days_left(owed: Deadline, calendar: Calendar, now: datetime) -> str:
    """The big words above the strip."""
    if owed.state == "paused":
        return gettext("Đồng hồ đang dừng")
    if now >= owed.due_at:
        return gettext("Trễ %(span)s", span=_since(owed.due_at, calendar, now))
    if owed.due_on is None:
        return gettext("Còn %(span)s", span=_hours(owed.due_at - now))
    days = calendar.working_days_between(calendar.local_day(now), owed.due_on)
    if days <= 0:
        return gettext("Hạn là hôm nay")
    return ngettext("Còn %(num)s ngày làm việc", "Còn %(num)s ngày làm việc", days)


def cells(
    first: date, last: date, calendar: Calendar, *, today: date, held: Sequence[tuple[date, date]] = ()
) -> list[tuple[str, str, str]]:
    """The days from receipt to due: kind, number, words. `held` are spans in which the clock stood still."""
    found = []
    end = max(last, today) if today <= last + timedelta(days=10) else last
    for day in calendar.days(first, end):
        is_held = any(start < day.on <= stop for start, stop in held)
        if day.on == first:
            kind, said = "got", gettext("ngày nhận, không tính")
        elif day.on == last:
            kind, said = "due", gettext("hạn")
        elif day.on == today:
            kind, said = "today", gettext("hôm nay")
        elif not day.is_working:
            kind, said = "rest", day.name if day.kind != "rest" else gettext("nghỉ")
        elif is_held:
            kind, said = "hold", gettext("dừng chờ công dân")
        elif day.on < today:
            kind, said = "used", gettext("đã dùng")
        else:
            kind, said = "", ""
        number = f"{day.on.day}/{day.on.month}" if day.on.day == 1 else str(day.on.day)
        found.append((kind, number, said))
    return found


def instant_left(until: datetime | None, calendar: Calendar, now: datetime) -> Left | None:
    """The time that is left of a clock of the house; None where none runs."""
    if until is None:
        return None
    if now >= until:
        return Left("late", gettext("Trễ %(span)s", span=_since(until, calendar, now)), 100)
    return Left("soon", gettext("Còn %(span)s", span=_hours(until - now)), 50)
