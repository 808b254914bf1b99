"""Texts for phones: folded, in one part, counted as carriers count."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain import texting

HARD = "Ẵ Ặ Ữ Ỡ ẫ ễ ợ đ Đ"


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("Sở GTVT đã tiếp nhận", "So GTVT da tiep nhan"),
        (HARD, "A A U O a e o d D"),
        (unicodedata.normalize("NFD", HARD), "A A U O a e o d D"),
        ("Ðường số 5 – phường An Cựu", "Duong so 5 - phuong An Cuu"),
        ("50% & #1 [khẩn] {x} <y> @", "50 1 khan x y"),
        ("https://a.vn/t/x_Y-9", "https://a.vn/t/x_Y-9"),
    ],
)
def test_accents_go_and_every_letter_stays(written: str, sent: str) -> None:
    assert texting.fold(written) == sent


@given(st.text(max_size=300))
def test_whatever_is_written_every_carrier_takes_what_is_left(written: str) -> None:
    folded = texting.fold(written)

    assert folded.isascii()
    assert set(folded) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:/?_-")
    assert texting.fold(folded) == folded


def test_a_text_that_does_not_fit_into_one_part_is_refused() -> None:
    assert texting.one_text("a" * 160) == "a" * 160
    with pytest.raises(texting.NotOneText):
        texting.one_text("a" * 161)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("đ" * 70, 1),
        ("đ" * 71, 2),
        ("đ" * 134, 2),
        ("đ" * 135, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 153, 3),  # an escape is never cut: the first part ends at 152
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("", 1),
    ],
)
def test_parts_are_counted_as_the_standard_says(text: str, parts: int) -> None:
    assert texting.count_parts(text) == parts
