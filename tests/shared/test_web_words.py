"""Two languages: which one a page speaks, and that English misses nothing."""

import re
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared.settings import SERVICES
from shared.web.i18n import (
    UntranslatedFile,
    day,
    file_size,
    grouped,
    instant,
    num,
    percent,
    read_catalog,
    said,
    short_instant,
    speaking,
    untranslated,
    weekday_day,
)
from tests.shared.sample import make_sample
from tests.support import ROOT

AT = datetime(2026, 11, 20, 0, 42, tzinfo=UTC)


@pytest.fixture
def door(make_settings: Any) -> FlaskClient:
    return make_sample(make_settings("intake")).test_client()


@pytest.mark.parametrize("package", ["shared", *(f"services/{name}" for name in SERVICES)])
def test_everything_we_say_is_said_in_english_too(package: str) -> None:
    assert untranslated(ROOT / package) == []


@pytest.mark.parametrize("package", ["shared/web", *(f"services/{name}" for name in SERVICES)])
def test_no_words_are_put_into_english_twice(package: str) -> None:
    file = ROOT / package / "translations" / "en.po"

    said = re.findall(r'^msgid ("[^\n]*"(?:\n"[^\n]*")*)', file.read_text(encoding="utf-8"), re.MULTILINE)

    assert [words for words, times in Counter(said).items() if times > 1] == []


def test_a_missing_or_doubtful_translation_is_reported() -> None:
    missing = untranslated(ROOT / "tests" / "shared" / "sample")

    assert "Mọi phần" in missing
    assert "Đang xử lý" in missing  # there, but marked fuzzy
    assert "%(num)s hồ sơ" not in missing
    assert "Quay lại" in missing


@pytest.mark.parametrize(
    ("query", "headers", "language"),
    [
        ("", {}, "vi"),
        ("", {"Accept-Language": "vi-VN,vi;q=0.9,en;q=0.8"}, "vi"),
        ("", {"Accept-Language": "en-GB,en;q=0.9"}, "en"),
        ("", {"Accept-Language": "fr-FR"}, "vi"),
        ("?lang=en", {"Accept-Language": "vi"}, "en"),
        ("?lang=vi", {"Accept-Language": "en"}, "vi"),
        ("?lang=<script>", {}, "vi"),
    ],
)
def test_the_language_is_asked_for_remembered_or_guessed(
    door: FlaskClient, query: str, headers: dict[str, str], language: str
) -> None:
    assert f'<html lang="{language}">' in door.get("/form" + query, headers=headers).text


def test_a_chosen_language_is_remembered(door: FlaskClient) -> None:
    door.get("/form?lang=en")

    page = door.get("/form", headers={"Accept-Language": "vi"}).text

    assert '<html lang="en">' in page
    assert "Department of Transport" in page


def test_the_switch_keeps_the_address(door: FlaskClient) -> None:
    page = door.get("/form?a=1&b=%C4%91").text

    assert 'href="/form?a=1&amp;b=%C4%91&amp;lang=en"' in page


def test_english_that_asks_for_a_value_nobody_gives_is_reported(tmp_path: Path) -> None:
    (tmp_path / "translations").mkdir()
    (tmp_path / "page.py").write_text("_('Còn %(n)s ngày')", encoding="utf-8")
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    entry = head + 'msgid "Còn %(n)s ngày"\nmsgstr "%(days)s days left"\n'
    (tmp_path / "translations" / "en.po").write_text(entry, encoding="utf-8")

    assert untranslated(tmp_path) == ["Còn %(n)s ngày"]


def test_numbers_agree_with_their_words(door: FlaskClient) -> None:
    assert door.get("/count/1?lang=en").text == "1 case"
    assert door.get("/count/1234").text == "1,234 cases"
    assert door.get("/count/1234?lang=vi").text == "1.234 hồ sơ"


def test_numbers_and_days_are_written_as_the_language_does() -> None:
    assert num(1234.5) == "1.234,5"
    assert num(93, 1) == "93,0"
    assert percent(0.931) == "93,1%"
    assert day(date(2026, 11, 23)) == "23/11/2026"
    assert weekday_day(date(2026, 11, 20)) == "thứ Sáu 20/11/2026"
    assert weekday_day(date(2026, 11, 22)) == "Chủ nhật 22/11/2026"
    assert instant(AT) == "07:42, thứ Sáu 20/11/2026"
    assert short_instant(AT) == "07:42, 20/11"
    assert file_size(1_234_567) == "1,2 MB"
    with speaking("en"):
        assert num(1234.5) == "1,234.5"
        assert instant(AT) == "07:42, Friday 20/11/2026"


def test_an_instant_late_in_the_evening_belongs_to_the_next_day_in_hue() -> None:
    assert day(datetime(2026, 11, 20, 17, 0, tzinfo=UTC)) == "21/11/2026"


def test_a_code_is_shown_in_groups() -> None:
    assert grouped("7K3M9HDT") == grouped("7k3m-9hdt").upper() == "7K3M-9HDT"


def test_a_text_of_the_configuration_falls_back_to_vietnamese() -> None:
    with speaking("en"):
        assert said({"vi": "Mặt đường", "en": "Road surface"}) == "Road surface"
        assert said({"vi": "Mặt đường"}) == "Mặt đường"


def test_a_broken_translation_file_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "en.po"
    broken.write_text("these are no entries\n", encoding="utf-8")

    with pytest.raises(UntranslatedFile, match=r"en\.po"):
        read_catalog(broken)
