"""The spans of time a page can speak of, in local days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")

MONTH, QUARTER, YEAR, TWELVE_MONTHS = "thang", "quy", "nam", "12-thang"
NAMES = (MONTH, QUARTER, YEAR, TWELVE_MONTHS)


@dataclass(frozen=True, order=True)
class Month:
    """A month of the calendar."""

    year: int
    month: int

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def next(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    def before(self, months: int) -> "Month":
        number = self.year * 12 + self.month - 1 - months
        return Month(number // 12, number % 12 + 1)


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included; the last is today, which is not over yet."""

    name: str
    first_day: date
    last_day: date

    @property
    def last_due_day(self) -> date:
        """Yesterday: who has until tonight is not late, and who was early is not counted in advance."""
        return self.last_day - timedelta(days=1)

    @property
    def months(self) -> tuple[Month, ...]:
        """Every month that the period touches, oldest first."""
        month, found = month_of(self.first_day), []
        while month.first_day <= self.last_day:
            found.append(month)
            month = month.next
        return tuple(found)


def local_day(at: datetime) -> date:
    """The day by the wall clock of the people we serve."""
    return at.astimezone(LOCAL).date()


def month_of(day: date) -> Month:
    return Month(day.year, day.month)


def period(name: str, today: date) -> Period:
    """The period of this name that ends today; an unknown name means the twelve months to today."""
    now = month_of(today)
    starts = {
        MONTH: now,
        QUARTER: Month(now.year, (now.month - 1) // 3 * 3 + 1),
        YEAR: Month(now.year, 1),
        TWELVE_MONTHS: now.before(11),
    }
    chosen = name if name in starts else TWELVE_MONTHS
    return Period(name=chosen, first_day=starts[chosen].first_day, last_day=today)


def preceding(span: Period) -> Period:
    """The whole period of the same kind before this one, to compare with."""
    months = {MONTH: 1, QUARTER: 3, YEAR: 12, TWELVE_MONTHS: 12}[span.name]
    first_day = month_of(span.first_day).before(months).first_day
    return Period(name=span.name, first_day=first_day, last_day=span.first_day - timedelta(days=1))
