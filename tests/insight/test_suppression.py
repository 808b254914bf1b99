"""Nobody's judgement can be worked out from what is shown."""

from hypothesis import given
from hypothesis import strategies as st

from services.insight.domain.suppression import FEWEST, hidden, to_publish


def test_cells_under_five_are_hidden() -> None:
    assert hidden({"KCHT": 40, "VTPT": 4, "VP": 3, "PCAT": 12}) == {"VTPT", "VP"}


def test_a_cell_hidden_alone_takes_the_next_smallest_with_it() -> None:
    assert hidden({"KCHT": 40, "VTPT": 4, "PCAT": 12}) == {"VTPT", "PCAT"}


def test_a_cell_without_anybody_needs_no_company() -> None:
    assert hidden({"KCHT": 40, "VTPT": 0, "PCAT": 12}) == {"VTPT"}


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 60), min_size=2, max_size=8))
def test_no_small_cell_can_be_had_from_the_total(cells: dict[str, int]) -> None:
    away = hidden(cells)

    rest = sum(cells.values()) - sum(count for cell, count in cells.items() if cell not in away)

    if any(cells[cell] for cell in away):
        assert len(away) >= 2
        assert rest == sum(cells[cell] for cell in away)
    assert all(cells[cell] >= FEWEST for cell in cells if cell not in away)


@given(st.integers(0, 200))
def test_ratings_are_published_by_whole_batches(waiting: int) -> None:
    published = to_publish(waiting)

    assert published % FEWEST == 0
    assert 0 <= waiting - published < FEWEST
