"""The honest rate: by due day, with those who still wait."""

from hypothesis import given
from hypothesis import strategies as st

from services.insight.domain.promises import FINAL, NONE_DUE, PROVISIONAL, Promises, quantile

TEN_CASES = Promises(due=10, kept=7, kept_first=6, late=1, open=2, extended=1)


@st.composite
def promises(draw: st.DrawFn) -> Promises:
    kept, late, still, gone = (draw(st.integers(0, 3000)) for _ in range(4))
    return Promises(due=kept + late + still + gone, kept=kept, late=late, open=still)


def test_ten_cases_due_in_a_month_give_seventy_per_cent_not_eighty_seven() -> None:
    assert TEN_CASES.on_time.index == 70
    assert TEN_CASES.first_promise.index == 60
    assert TEN_CASES.open == 2
    assert TEN_CASES.answered_only.index == 87.5


def test_a_period_is_provisional_while_anybody_waits() -> None:
    assert TEN_CASES.standing == PROVISIONAL
    assert Promises(due=3, kept=1, late=2).standing == FINAL
    assert Promises().standing == NONE_DUE


def test_the_dots_show_everybody_who_waits() -> None:
    assert Promises(due=1000, kept=930, late=60, open=10).of_a_hundred == (93, 6, 1)
    assert Promises(due=10_000, kept=9_999, open=1).of_a_hundred == (99, 0, 1)
    assert TEN_CASES.of_a_hundred == (7, 1, 2)
    assert Promises(due=1, kept=0).of_a_hundred == (0, 1, 0)


@given(promises())
def test_there_are_as_many_dots_as_cases_up_to_a_hundred(some: Promises) -> None:
    kept, late, waiting = some.of_a_hundred

    assert kept + late + waiting == min(some.due, 100)
    assert (waiting > 0) == (some.open > 0)


@given(promises(), promises())
def test_promises_of_two_units_add_up(one: Promises, other: Promises) -> None:
    both = one + other

    assert both.on_time == one.on_time + other.on_time
    assert both.due == one.due + other.due


def test_quantiles_are_days_that_really_occurred() -> None:
    days = {1: 5, 3: 4, 20: 1}

    assert quantile(days, 50) == 1
    assert quantile(days, 90) == 3
    assert quantile(days, 100) == 20
    assert quantile({}, 50) is None
