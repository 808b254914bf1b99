"""What people wish for, told by phrases."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.insight.domain.wishes import Wish, wishes_in
from services.insight.reactions import read_wishes
from shared.config import BadConfig
from tests.support import ROOT

WISHES = (
    Wish("faster", ("chậm", "chờ lâu")),
    Wish("thorough", ("làm lại", "qua loa")),
    Wish("simpler", ("thủ tục",)),
)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Chậm quá, phải làm lại", ("faster", "thorough")),
        ("CHỜ LÂU", ("faster",)),
        ("Thuỷ tục gì", ()),
        ("Cảm ơn Sở", ()),
        ("", ()),
        ("phai cho lau qua", ("faster",)),  # typed without marks
        ("cham", ()),  # without marks one syllable may mean anything
        ("Đi làm. Lại chờ. Lâu rồi", ()),  # no phrase runs over the end of a sentence
        ("Chậm, chậm, chậm!", ("faster",)),
        ("chậm".encode().decode() + "\u200b", ("faster",)),
    ],
)
def test_words_speak_of_wishes_by_whole_phrases(text: str, codes: tuple[str, ...]) -> None:
    assert wishes_in(text, WISHES) == codes


def test_old_and_new_spelling_are_one() -> None:
    assert wishes_in("Thái độ hoà nhã", (Wish("courteous", ("hòa nhã",)),)) == ("courteous",)


def test_every_shipped_phrase_tells_its_own_wish_and_no_other() -> None:
    shipped = read_wishes(ROOT / "config")

    for wish in shipped:
        for phrase in wish.phrases:
            assert wishes_in(phrase, shipped) == (wish.code,), phrase


def test_a_wish_without_phrases_is_refused_by_name(tmp_path: Path) -> None:
    rows = json.loads((ROOT / "config" / "wishes.json").read_text(encoding="utf-8"))
    del rows["wishes"][0]["phrases"]
    (tmp_path / "wishes.json").write_text(json.dumps(rows), encoding="utf-8")

    with pytest.raises(BadConfig, match=r"wishes\.json, wishes, row 1 \(faster\)"):
        read_wishes(tmp_path)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"phrases": []}, "row faster, phrases: at least one"),
        ({"phrases": [""]}, "row faster, phrases: '' is not words"),  # it would be found in every text
        ({"phrases": ["!"]}, "row faster, phrases: '!' is not words"),
        ({"phrases": ["Nhanh hơn"]}, "row faster, phrases: 'Nhanh hơn' is not words in small letters"),
        ({"code": ""}, "code: between 1 and 32 characters"),
        ({"code": "x" * 33}, "code: between 1 and 32 characters"),  # the mirror could not keep it
        ({"code": "thorough"}, "row thorough, code: it is there twice"),
        ({"valid_from": "2027-01-01", "valid_to": "2026-01-01"}, "row faster, valid_to: before valid_from"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_by_name(tmp_path: Path, changed: dict[str, Any], why: str) -> None:
    rows = json.loads((ROOT / "config" / "wishes.json").read_text(encoding="utf-8"))
    rows["wishes"][0] |= changed
    (tmp_path / "wishes.json").write_text(json.dumps(rows), encoding="utf-8")

    with pytest.raises(BadConfig) as refused:
        read_wishes(tmp_path)

    assert str(refused.value).startswith("wishes.json, wishes, row")
    assert why in str(refused.value)
