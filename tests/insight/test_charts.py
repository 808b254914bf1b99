"""Charts: well-formed, without style or script, and readable by those who cannot see them."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insight import charts
from services.insight.charts import Bar, Series, Sheet, axis_top

SHEET = Sheet("thu", "Tên <b>", "Câu & chữ")


def drawings() -> list[str]:
    labels = ["T1", "T2", "T3"]
    series = [Series("Nhận", [3, None, 8]), Series("Trả lời", [2, 2, 9])]
    return [
        charts.dots(SHEET, kept=93, late=6, waiting=1),
        charts.dots(SHEET, kept=0, late=0, waiting=0),
        charts.line(SHEET, labels, series),
        charts.line(SHEET, ["T1"], [Series("Nhận", [0])]),
        charts.bars(SHEET, [Bar("Phòng <Hạ tầng>", 60, "60%", between=(23, 88), is_uncertain=True)]),
        charts.bars(SHEET, [Bar("x" * 60, 0, "0")], most=0),
        charts.columns(SHEET, labels, [0, 4, 9], marked=2),
    ]


@pytest.mark.parametrize("drawing", drawings())
def test_a_drawing_is_well_formed_twice_and_says_what_it_shows(drawing: str) -> None:
    both = ElementTree.fromstring(f"<x>{drawing}</x>")

    assert [svg.get("class") for svg in both] == ["ch w", "ch s"]
    for svg in both:
        assert svg.findtext("title") == "Tên <b>"
        assert svg.findtext("desc") == "Câu & chữ"
    names = [node.get("id") for node in both.iter() if node.get("id")]
    assert len(names) == len(set(names))
    assert not any(node.get("style") or node.tag == "script" for node in both.iter())


def test_late_and_waiting_differ_from_in_time_by_shape_too() -> None:
    both = ElementTree.fromstring(f"<x>{charts.dots(SHEET, kept=3, late=2, waiting=1)}</x>")

    shapes = {(node.tag, node.get("class")) for node in both.iter() if "dot" in node.get("class", "")}

    assert shapes == {("circle", "dot"), ("path", "dot late"), ("circle", "dot open")}


@given(st.integers(0, 10_000_000))
def test_an_axis_holds_its_highest_value_in_five_round_steps(highest: int) -> None:
    top, step = axis_top(highest)

    assert top >= highest
    assert top % step == 0
    assert 1 <= top // step <= 5
    assert str(step).rstrip("0") in {"1", "2", "5"}
