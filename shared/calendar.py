"""Working days and working hours by date, and every way in which the law counts with them. Days are local
dates.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cached_property, lru_cache
from typing import Literal, TypeVar

Roll = Literal["forward", "backward", "none"]
Date = date  # a type of its own name: rows below have a field called `date`
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DayOff:
    """A day off that falls on Monday to Friday."""

    date: Date
    kind: Literal["statutory", "in_lieu", "swapped"]
    name: str
    name_en: str
    status: Literal["official", "provisional"]
    source: str
    confidence: str


@dataclass(frozen=True)
class MakeUpDay:
    """A rest day that is worked, for the day off that it replaces."""

    date: Date
    replaces: Date
    status: Literal["official", "provisional"]
    source: str
    confidence: str


@dataclass(frozen=True)
class WorkingHours:
    """The hours worked on the working days of some months, between two days. Times are local, such as 07:30."""

    months: tuple[int, ...]
    morning: tuple[str, str]
    afternoon: tuple[str, str]
    source: str
    confidence: str
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        return (
            day.month in self.months
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day <= self.valid_to)
        )

    @cached_property
    def spans(self) -> tuple[tuple[time, time], ...]:
        halves = (self.morning, self.afternoon)
        return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in halves)


@dataclass(frozen=True)
class Day:
    """One day of the strip that shows how a term was counted."""

    on: date
    kind: Literal["working", "make_up", "rest", "statutory", "in_lieu", "swapped"]
    name: str
    name_en: str

    @property
    def is_working(self) -> bool:
        return self.kind in ("working", "make_up")


Row = TypeVar("Row", DayOff, MakeUpDay)

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Calendar:
    """Which days and hours are worked. A year that nobody confirmed is counted by rule and marked so."""

    zone: timezone  # Viet Nam has known no summer time since 1975: a fixed offset is the whole zone
    weekly_rest: frozenset[int]  # ISO days of the week, 7 = Sunday
    confirmed_years: frozenset[int]
    working_hours: tuple[WorkingHours, ...]
    days_off: Mapping[date, DayOff] = field(default_factory=dict)
    make_up_days: Mapping[date, MakeUpDay] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        if day in self.make_up_days:
            return True
        return day.isoweekday() not in self.weekly_rest and day not in self.days_off

    def is_confirmed(self, first: date, last: date | None = None) -> bool:
        """Whether the calendar of the year, or of all years from `first` to `last`, was decided officially."""
        years = range(first.year, (last or first).year + 1)
        return all(year in self.confirmed_years for year in years)

    # --- days ---

    def roll(self, day: date, roll: Roll) -> date:
        """The day itself when it is worked or must stay, else the nearest working day after or before it.

        Source: BLDS 2015 Đ148(5) for forward.
        """
        if roll == "none":
            return day
        step = ONE_DAY if roll == "forward" else -ONE_DAY
        while not self.is_working_day(day):
            day += step
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """The working day on which a term ends; the first day is not counted. Negative counts go back.

        Source: BLDS 2015 Đ147(2).
        """
        if count == 0:
            return day
        year, worked = day.year, self._working_days(day.year)
        at = count + (bisect_right(worked, day) - 1 if count > 0 else bisect_left(worked, day))
        while at >= len(worked):
            at -= len(worked)
            year += 1
            worked = self._working_days(year)
        while at < 0:
            year -= 1
            worked = self._working_days(year)
            at += len(worked)
        return worked[at]

    @cached_property
    def _working_days(self) -> Callable[[int], tuple[date, ...]]:
        """The working days of a year, in order, counted once."""
        return lru_cache(maxsize=64)(
            lambda year: tuple(filter(self.is_working_day, _days(date(year, 1, 1), date(year, 12, 31))))
        )

    def add_days_rolled(self, day: date, count: int, roll: Roll = "forward") -> date:
        """The day on which a term of calendar days ends, moved when it is a rest day."""
        return self.roll(day + count * ONE_DAY, roll)

    def working_days_between(self, first: date, last: date) -> int:
        """Working days after `first` up to and including `last`; negative when `last` is before `first`."""
        if last < first:
            return -self.working_days_between(last, first)
        whole_years = sum(len(self._working_days(year)) for year in range(first.year, last.year))
        before_first = bisect_right(self._working_days(first.year), first)
        return whole_years + bisect_right(self._working_days(last.year), last) - before_first

    def days(self, first: date, last: date) -> tuple[Day, ...]:
        """Each day from `first` to `last`, both included, with what it is and in words why it is not worked."""
        return tuple(self._day(day) for day in _days(first, last))

    def _day(self, day: date) -> Day:
        name, name_en = WEEKDAYS[day.weekday()], WEEKDAYS_EN[day.weekday()]
        if make_up := self.make_up_days.get(day):
            replaced = make_up.replaces
            return Day(day, "make_up", f"Làm bù cho {replaced:%d/%m/%Y}", f"Worked in place of {replaced:%d/%m/%Y}")
        if off := self.days_off.get(day):
            return Day(day, off.kind, off.name, off.name_en)
        if day.isoweekday() in self.weekly_rest:
            return Day(day, "rest", name, name_en)
        return Day(day, "working", name, name_en)

    # --- instants ---

    def local_day(self, instant: datetime) -> date:
        """The local date of an instant: day 0 of a term that begins with it."""
        return instant.astimezone(self.zone).date()

    def start_of_day(self, day: date) -> datetime:
        """The first instant of a local day, UTC."""
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)

    def end_of_day(self, day: date) -> datetime:
        """The first instant after 24:00 of a local day, UTC: what is owed on that day is late from here.

        Source: BLDS 2015 Đ148(6).
        """
        return self.start_of_day(day + ONE_DAY)

    def hours_of(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The spans worked on a day, UTC; none on a day off. Raises ValueError when no hours are known for
        it.
        """
        return self._hours_once_read(day)

    @cached_property
    def _hours_once_read(self) -> Callable[[date], tuple[tuple[datetime, datetime], ...]]:
        return lru_cache(maxsize=4096)(self._read_hours)

    def _read_hours(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        if not self.is_working_day(day):
            return ()
        for hours in self.working_hours:
            if hours.holds_on(day):
                return tuple(
                    (
                        datetime.combine(day, start, self.zone).astimezone(UTC),
                        datetime.combine(day, end, self.zone).astimezone(UTC),
                    )
                    for start, end in hours.spans
                )
        raise ValueError(f"no working hours are known for {day}")

    def close_of_day(self, day: date) -> datetime:
        """When the office closes on a working day: the desk's target, never the legal end of a term."""
        return self.hours_of(self.roll(day, "backward"))[-1][1]

    def is_working_time(self, instant: datetime) -> bool:
        return any(start <= instant < end for start, end in self.hours_of(self.local_day(instant)))

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Time worked from `start` to `end`; nothing when `end` is not later."""
        total = timedelta()
        if start < end:
            for day in _days(self.local_day(start), self.local_day(end)):
                for opens, closes in self.hours_of(day):
                    total += max(min(closes, end) - max(opens, start), timedelta())
        return total

    def add_working_time(self, start: datetime, amount: timedelta) -> datetime:
        """The instant, inside working hours, at which `amount` has been worked since `start`.

        Nothing added to an instant outside working hours gives the next opening.
        """
        day = self.local_day(start)
        while True:
            for opens, closes in self.hours_of(day):
                begins = max(opens, start.astimezone(UTC))
                if begins >= closes:
                    continue
                if begins + amount <= closes:
                    return begins + amount
                amount -= closes - begins
            day += ONE_DAY

    def next_working_instant(self, instant: datetime) -> datetime:
        """The instant itself when it is worked, else the next opening."""
        return self.add_working_time(instant, timedelta())


def calendar_of(
    *,
    utc_offset: str,
    weekly_rest: Iterable[int],
    confirmed_years: Iterable[int],
    working_hours: Iterable[WorkingHours],
    days_off: Iterable[DayOff],
    make_up_days: Iterable[MakeUpDay],
) -> Calendar:
    """A calendar of its rows. Raises ValueError when they contradict each other or leave no day to work."""
    rest = frozenset(weekly_rest)
    if not rest < frozenset(range(1, 8)):
        raise ValueError("weekly_rest must name some days of the week by 1 (Monday) to 7 (Sunday), and not all")
    offset = datetime.fromisoformat(f"2000-01-01T00:00:00{utc_offset}").tzinfo
    hours = tuple(working_hours)
    for row in hours:
        times = [moment for span in row.spans for moment in span]
        if times != sorted(times) or len(set(times)) < len(times):
            raise ValueError(f"working hours of {row.valid_from}: the times must follow each other")
    off = _by_date(days_off, "day off")
    make_up = _by_date(make_up_days, "make-up day")
    for day, row_off in off.items():
        if day.isoweekday() in rest:
            raise ValueError(f"{day} ({row_off.name}) is a weekly rest day: a day off falls on a day that is worked")
        if day in make_up:
            raise ValueError(f"{day} is both a day off and a make-up day")
    for day, made_up in make_up.items():
        if day.isoweekday() not in rest:
            raise ValueError(f"make-up day {day} is no weekly rest day")
        if made_up.replaces not in off:
            raise ValueError(f"make-up day {day} replaces {made_up.replaces}, which is no day off")
    zone = timezone(datetime(2000, 1, 1, tzinfo=offset).utcoffset() or timedelta())
    return Calendar(zone, rest, frozenset(confirmed_years), hours, off, make_up)


def _by_date(rows: Iterable[Row], what: str) -> dict[date, Row]:
    found: dict[date, Row] = {}
    for row in rows:
        if row.date in found:
            raise ValueError(f"{what} {row.date} is given twice")
        found[row.date] = row
    return found


def _days(first: date, last: date) -> Iterable[date]:
    return (first + number * ONE_DAY for number in range((last - first).days + 1))
