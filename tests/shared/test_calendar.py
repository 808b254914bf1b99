"""Counting with the calendar: the worked examples of the law, and what must hold on any day."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.calendar import DayOff, MakeUpDay, WorkingHours, calendar_of
from shared.config import read_calendar

CONFIG = Path(__file__).parents[2] / "config"
HUE = read_calendar(CONFIG)
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
COUNTS = st.integers(0, 60)
INSTANTS = st.datetimes(datetime(2024, 1, 2), datetime(2027, 11, 30), timezones=st.just(UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00").astimezone(UTC)


def a_calendar(**changed):
    rows = {
        "utc_offset": "+07:00",
        "weekly_rest": (6, 7),
        "confirmed_years": (2026,),
        "working_hours": (WorkingHours((*range(1, 13),), ("07:30", "11:30"), ("13:00", "17:00"), "s", "c"),),
        "days_off": (),
        "make_up_days": (),
    }
    return calendar_of(**rows | changed)


def a_day_off(day: date) -> DayOff:
    return DayOff(day, "statutory", "Lễ", "Holiday", "official", "s", "high")


@pytest.mark.parametrize(
    ("first", "count", "due"),
    [
        (date(2026, 11, 20), 7, date(2026, 12, 2)),  # 24/11 is a holiday
        (date(2026, 7, 3), 7, date(2026, 7, 14)),
        (date(2026, 7, 6), 7, date(2026, 7, 15)),
        (date(2026, 11, 19), 7, date(2026, 12, 1)),
        (date(2026, 8, 20), 3, date(2026, 8, 24)),  # Saturday 22/8 is worked
        (date(2026, 11, 21), 3, date(2026, 11, 26)),  # from a Saturday
        (date(2026, 11, 18), 15, date(2026, 12, 10)),
        (date(2026, 2, 13), 1, date(2026, 2, 23)),  # over the New Year holidays
    ],
)
def test_working_days_are_counted_from_the_day_after(first, count, due):
    assert HUE.add_working_days(first, count) == due


@pytest.mark.parametrize(
    ("first", "count", "roll", "due"),
    [
        (date(2026, 7, 3), 10, "forward", date(2026, 7, 13)),
        (date(2026, 7, 6), 10, "forward", date(2026, 7, 16)),
        (date(2026, 11, 19), 10, "forward", date(2026, 11, 30)),  # 29/11 is a Sunday
        (date(2026, 11, 16), -1, "backward", date(2026, 11, 13)),  # 15/11 is a Sunday
        (date(2026, 11, 25), 45, "forward", date(2027, 1, 11)),
        (date(2026, 10, 12), 90, "forward", date(2027, 1, 11)),
        (date(2026, 11, 20), 45, "none", date(2027, 1, 4)),
    ],
)
def test_calendar_days_roll_off_rest_days(first, count, roll, due):
    assert HUE.add_days_rolled(first, count, roll) == due


def test_a_due_day_ends_at_midnight_in_hue():
    assert HUE.end_of_day(date(2026, 12, 2)) == datetime(2026, 12, 2, 17, 0, tzinfo=UTC)


def test_the_office_closes_at_the_hours_of_the_season():
    assert HUE.close_of_day(date(2026, 7, 1)) == at("2026-07-01T17:30")
    assert HUE.close_of_day(date(2026, 12, 1)) == at("2026-12-01T17:00")
    assert HUE.close_of_day(date(2026, 11, 29)) == at("2026-11-27T17:00")  # Sunday: the Friday before


def test_the_local_day_begins_at_seventeen_utc():
    assert HUE.local_day(datetime(2026, 11, 22, 16, 59, tzinfo=UTC)) == date(2026, 11, 22)
    assert HUE.local_day(datetime(2026, 11, 22, 17, 0, tzinfo=UTC)) == date(2026, 11, 23)


@given(INSTANTS)
def test_the_fixed_offset_agrees_with_the_zone_of_the_world(instant):
    assert HUE.local_day(instant) == instant.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()


def test_working_time_leaves_out_noon_nights_and_holidays():
    assert HUE.working_time_between(at("2026-11-23T11:00"), at("2026-11-23T13:30")) == timedelta(hours=1)
    assert HUE.working_time_between(at("2026-11-23T16:00"), at("2026-11-25T08:30")) == timedelta(hours=2)
    assert HUE.working_time_between(at("2026-11-23T16:00"), at("2026-11-23T08:00")) == timedelta()


def test_working_time_added_lands_inside_working_hours():
    assert HUE.add_working_time(at("2026-11-23T16:00"), timedelta(hours=2)) == at("2026-11-25T08:30")
    assert HUE.next_working_instant(at("2026-11-21T20:40")) == at("2026-11-23T07:30")
    assert HUE.next_working_instant(at("2026-11-23T09:00")) == at("2026-11-23T09:00")


def test_a_year_without_a_decision_is_not_confirmed():
    assert HUE.is_confirmed(date(2026, 12, 31))
    assert not HUE.is_confirmed(date(2027, 1, 4))
    assert not HUE.is_confirmed(date(2026, 12, 31), date(2027, 1, 4))


def test_the_strip_says_of_each_day_what_it_is():
    kinds = {day.on.day: (day.kind, day.name) for day in HUE.days(date(2026, 8, 21), date(2026, 8, 31))}

    assert kinds[21] == ("working", "thứ Sáu")
    assert kinds[22] == ("make_up", "Làm bù cho 31/08/2026")
    assert kinds[23] == ("rest", "Chủ nhật")
    assert kinds[31] == ("swapped", "Nghỉ hoán đổi")


@given(DAYS, st.integers(1, 60))
def test_a_term_of_working_days_never_ends_on_a_day_off(day, count):
    assert HUE.is_working_day(HUE.add_working_days(day, count))
    assert HUE.is_working_day(HUE.add_working_days(day, -count))


@given(DAYS, DAYS, COUNTS)
def test_who_begins_later_never_ends_earlier(one, other, count):
    first, last = sorted((one, other))

    assert HUE.add_working_days(first, count) <= HUE.add_working_days(last, count)
    assert HUE.add_days_rolled(first, count) <= HUE.add_days_rolled(last, count)


@given(DAYS, COUNTS, COUNTS)
def test_two_terms_in_a_row_are_one_term(day, one, other):
    assert HUE.add_working_days(HUE.add_working_days(day, one), other) == HUE.add_working_days(day, one + other)


@given(DAYS, COUNTS)
def test_counting_the_days_gives_back_the_term(day, count):
    assert HUE.working_days_between(day, HUE.add_working_days(day, count)) == count


@given(DAYS, COUNTS)
def test_going_back_from_a_working_day_undoes_going_on(day, count):
    worked = HUE.roll(day, "forward")

    assert HUE.add_working_days(HUE.add_working_days(worked, count), -count) == worked


@given(DAYS, DAYS)
def test_working_days_between_are_those_of_the_strip(one, other):
    first, last = sorted((one, other))

    worked = sum(day.is_working for day in HUE.days(first, last)[1:])

    assert HUE.working_days_between(first, last) == worked == -HUE.working_days_between(last, first)


@given(INSTANTS, st.integers(0, 20_000))
def test_working_time_added_is_the_working_time_between(start, minutes):
    amount = timedelta(minutes=minutes)

    end = HUE.add_working_time(start, amount)

    assert HUE.working_time_between(start, end) == amount
    assert HUE.is_working_day(HUE.local_day(end))


@given(INSTANTS, INSTANTS, INSTANTS)
def test_working_time_adds_up(one, two, three):
    first, middle, last = sorted((one, two, three))

    parts = HUE.working_time_between(first, middle) + HUE.working_time_between(middle, last)

    assert parts == HUE.working_time_between(first, last)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"weekly_rest": range(1, 8)}, "not all"),
        ({"days_off": (a_day_off(date(2026, 11, 28)),)}, "weekly rest day"),
        ({"days_off": (a_day_off(date(2026, 11, 24)), a_day_off(date(2026, 11, 24)))}, "given twice"),
        ({"make_up_days": (MakeUpDay(date(2026, 11, 28), date(2026, 11, 24), "official", "s", "c"),)}, "no day off"),
        (
            {
                "days_off": (a_day_off(date(2026, 11, 24)),),
                "make_up_days": (MakeUpDay(date(2026, 11, 27), date(2026, 11, 24), "official", "s", "c"),),
            },
            "no weekly rest day",
        ),
        (
            {"working_hours": (WorkingHours((1,), ("11:30", "07:30"), ("13:00", "17:00"), "s", "c"),)},
            "follow each other",
        ),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(changed, says):
    with pytest.raises(ValueError, match=says):
        a_calendar(**changed)


def test_hours_that_nobody_entered_are_not_invented():
    with pytest.raises(ValueError, match="no working hours are known for 2020-01-02"):
        HUE.hours_of(date(2020, 1, 2))
