"""The spans of time a page speaks of."""

from datetime import UTC, date, datetime

from services.insight.domain.periods import Month, local_day, period

TODAY = date(2026, 11, 23)


def test_twelve_months_begin_with_the_first_day_of_the_eleventh_month_before() -> None:
    span = period("12-thang", TODAY)

    assert (span.first_day, span.last_day, span.last_due_day) == (
        date(2025, 12, 1),
        TODAY,
        date(2026, 11, 22),
    )
    assert (len(span.months), span.months[0], span.months[-1]) == (12, Month(2025, 12), Month(2026, 11))


def test_month_quarter_and_year_begin_with_their_first_day() -> None:
    first_days = [period(name, TODAY).first_day for name in ("thang", "quy", "nam")]

    assert first_days == [date(2026, 11, 1), date(2026, 10, 1), date(2026, 1, 1)]


def test_an_unknown_period_means_twelve_months() -> None:
    assert period("'; drop table", TODAY).name == "12-thang"


def test_a_day_is_the_day_by_the_clock_in_hue() -> None:
    assert local_day(datetime(2026, 11, 23, 16, 59, tzinfo=UTC)) == date(2026, 11, 23)
    assert local_day(datetime(2026, 11, 23, 17, 0, tzinfo=UTC)) == date(2026, 11, 24)
