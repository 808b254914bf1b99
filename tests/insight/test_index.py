"""The satisfaction index: the formula, how sure it is, and how it is written."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insight.domain.index import NOTHING, Share, is_clear_change, item, mean, shown

shares = st.integers(1, 400).flatmap(lambda n: st.builds(Share, count=st.integers(0, n), n=st.just(n)))


def test_no_opinion_is_not_counted() -> None:
    levels = {5: 2, 4: 1, 3: 1, 2: 1, 0: 1}

    marks = item(levels)

    assert marks == Share(3, 5)
    assert marks.index is not None
    assert shown(marks.index) == Decimal("60.00")


def test_the_whole_is_the_mean_of_two_contents_each_the_mean_of_its_factors() -> None:
    policy = mean(map(Fraction, (80, 70, 75, 85)))
    service = mean(map(Fraction, (90, 80, 85, 75, 70)))

    whole = mean((policy, service))

    assert (policy, service, whole) == (Fraction("77.5"), Fraction(80), Fraction("78.75"))


def test_an_item_without_any_answer_is_not_defined_and_left_out_of_its_factor() -> None:
    nobody = item({0: 3})

    assert nobody.index is None
    assert nobody.interval is None
    assert mean((Fraction(80), nobody.index, Fraction(90))) == 85
    assert mean((nobody.index,)) is None


@pytest.mark.parametrize(
    ("count", "n", "index", "low", "high"),
    [
        (0, 5, "0.00", "0.00", "43.45"),
        (3, 5, "60.00", "23.07", "88.24"),
        (5, 5, "100.00", "56.55", "100.00"),
        (24, 30, "80.00", "62.69", "90.49"),
        (41, 50, "82.00", "69.20", "90.23"),
        (328, 400, "82.00", "77.94", "85.45"),
    ],
)
def test_the_interval_is_that_of_wilson(count: int, n: int, index: str, low: str, high: str) -> None:
    share = Share(count, n)

    assert share.index is not None
    assert shown(share.index) == Decimal(index)
    assert share.interval is not None
    assert tuple(map(shown, share.interval)) == (Decimal(low), Decimal(high))


@given(shares)
def test_the_interval_holds_the_index_and_stays_within_the_scale(share: Share) -> None:
    assert share.index is not None
    assert share.interval is not None
    low, high = share.interval

    assert 0 <= low <= high <= 100
    assert shown(low, 6) <= shown(share.index, 6) <= shown(high, 6)


def test_figures_are_rounded_half_up_and_only_when_shown() -> None:
    assert shown(Fraction(1, 8), 2) == Decimal("0.13")
    assert shown(Fraction(25, 1000), 2) == Decimal("0.03")
    assert shown(Fraction(200, 3), 1) == Decimal("66.7")


def test_a_change_counts_only_when_the_intervals_do_not_meet() -> None:
    assert is_clear_change(Share(120, 400), Share(328, 400))
    assert not is_clear_change(Share(24, 30), Share(41, 50))
    assert not is_clear_change(NOTHING, Share(41, 50))
