"""Everything the public page shows of one period, counted at one instant."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.insight import store
from services.insight.domain.index import NOTHING, Share
from services.insight.domain.periods import Month, Period, local_day, period, preceding
from services.insight.domain.promises import Promises, quantile
from services.insight.domain.suppression import FEWEST, hidden
from shared.db import Reading

AGES = (7, 14, 30, 60)  # calendar days: the upper edges of the groups of those who wait


@dataclass(frozen=True)
class UnitLine:
    """A unit beside the others, by the same rules and for the same period."""

    unit: str
    promises: Promises
    marks: Share
    response: Share
    is_hidden: bool  # too few ratings to show any of them


@dataclass(frozen=True)
class MonthLine:
    month: Month
    received: int
    answered: int
    promises: Promises
    marks: Share
    is_hidden: bool


@dataclass(frozen=True)
class TopicLine:
    topic: str | None
    received: int
    promises: Promises


@dataclass(frozen=True)
class WishLine:
    """Something that people wished for in the words beside their judgement; whole fives in each topic."""

    wish: str
    topics: tuple[tuple[str, int], ...]  # the most frequent first

    @property
    def count(self) -> int:
        return sum(count for _, count in self.topics)


@dataclass(frozen=True)
class Picture:
    """What became of people's petitions in a period."""

    period: Period
    as_of: datetime
    latest: datetime | None  # the youngest event in these figures; None: nothing was ever heard
    received: int
    answered: int
    endings: Mapping[str, int]  # of those received in the period; "open" for those that wait
    unsorted: int
    promises: Promises
    overdue: Mapping[date, int]  # due day → cases that wait now, of all times
    ages: tuple[int, ...]  # who waits now, by days since receipt, in the groups of AGES and beyond
    oldest_days: int | None
    median_days: int | None
    most_days: int | None  # within which nine of ten were answered
    median_late: int | None
    marks: Share
    marks_before: Share  # the period before
    response: Share
    aspects: Mapping[str, Share]  # of those who judged more than the whole, all units together
    units: tuple[UnitLine, ...]
    months: tuple[MonthLine, ...]
    topics: tuple[TopicLine, ...]
    wishes: tuple[WishLine, ...]

    @property
    def is_empty(self) -> bool:
        """Nothing was ever heard, so there is nothing to show yet."""
        return self.latest is None

    @property
    def waiting(self) -> int:
        return sum(self.ages)

    @property
    def overdue_now(self) -> int:
        return sum(self.overdue.values())

    @property
    def has_marks(self) -> bool:
        return self.marks.n >= FEWEST


def look(tx: Reading, name: str) -> Picture:
    """The picture of the period of this name that ends today."""
    today = local_day(tx.now)
    span = period(name, today)
    received, answered = store.count_received(tx, span), store.count_answered(tx, span)
    groups, marks = store.count_promises(tx, span), store.count_marks(tx, span)
    responses, waiting = store.count_responses(tx, span), store.count_waiting(tx)
    topics, days_taken = store.count_topics(tx, span), store.count_days_taken(tx, span)
    return Picture(
        period=span,
        as_of=tx.now,
        latest=store.latest_event(tx),
        received=sum(received.values()),
        answered=sum(answered.values()),
        endings=store.count_endings(tx, span),
        unsorted=store.count_unsorted(tx),
        promises=_all(groups.values()),
        overdue=store.count_overdue(tx, today),
        ages=_by_age(waiting, today),
        oldest_days=max(((today - day).days for day in waiting), default=None),
        median_days=quantile(days_taken, 50),
        most_days=quantile(days_taken, 90),
        median_late=quantile(store.count_days_late(tx, span), 50),
        marks=_share(marks.values()),
        marks_before=_share(store.count_marks(tx, preceding(span)).values()),
        response=_share(responses.values()),
        aspects=store.count_aspects(tx, span),
        units=_units(groups, marks, responses),
        months=_months(span, received, answered, groups, marks),
        topics=_topics(topics, groups),
        wishes=_wishes(store.count_wishes(tx, span)),
    )


def _units(
    groups: Mapping[store.Group, Promises],
    marks: Mapping[tuple[Month, str], Share],
    responses: Mapping[str | None, Share],
) -> tuple[UnitLine, ...]:
    """One line per unit that had something to answer; who has most of it stands first."""
    codes = {g.unit for g in groups} | {unit for _, unit in marks} | set(responses)
    units = sorted(code for code in codes if code is not None)
    by_unit = {unit: _share(share for (_, who), share in marks.items() if who == unit) for unit in units}
    away = hidden({unit: share.n for unit, share in by_unit.items()})
    lines = (
        UnitLine(
            unit=unit,
            promises=_all(some for group, some in groups.items() if group.unit == unit),
            marks=by_unit[unit],
            response=responses.get(unit, NOTHING),
            is_hidden=unit in away,
        )
        for unit in units
    )
    return tuple(sorted(lines, key=lambda line: (-line.promises.due, line.unit)))


def _months(
    span: Period,
    received: Mapping[Month, int],
    answered: Mapping[Month, int],
    groups: Mapping[store.Group, Promises],
    marks: Mapping[tuple[Month, str], Share],
) -> tuple[MonthLine, ...]:
    by_month = {month: _share(share for (when, _), share in marks.items() if when == month) for month in span.months}
    away = hidden({month: share.n for month, share in by_month.items()})
    return tuple(
        MonthLine(
            month=month,
            received=received.get(month, 0),
            answered=answered.get(month, 0),
            promises=_all(some for group, some in groups.items() if group.month == month),
            marks=by_month[month],
            is_hidden=month in away,
        )
        for month in span.months
    )


def _topics(received: Counter[str | None], groups: Mapping[store.Group, Promises]) -> tuple[TopicLine, ...]:
    """One line per topic that people wrote about, the most frequent first."""
    return tuple(
        TopicLine(topic, count, _all(some for group, some in groups.items() if group.topic == topic))
        for topic, count in sorted(received.items(), key=lambda pair: (-pair[1], pair[0] or ""))
    )


def _wishes(counts: Mapping[str, Mapping[str, int]]) -> tuple[WishLine, ...]:
    """One line per wish, the most frequent first."""
    lines = (
        WishLine(wish, tuple(sorted(topics.items(), key=lambda pair: (-pair[1], pair[0]))))
        for wish, topics in counts.items()
    )
    return tuple(sorted(lines, key=lambda line: (-line.count, line.wish)))


def _by_age(waiting: Mapping[date, int], today: date) -> tuple[int, ...]:
    ages = [0] * (len(AGES) + 1)
    for day, count in waiting.items():
        ages[sum((today - day).days > edge for edge in AGES)] += count
    return tuple(ages)


def _all(some: Iterable[Promises]) -> Promises:
    return sum(some, Promises())


def _share(some: Iterable[Share]) -> Share:
    return sum(some, NOTHING)
