"""A real browser does the work that a form asks for, and where it cannot it is asked in words."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from services.intake import store
from services.intake.__main__ import build
from tests.support import database_url

WORDS = "Trước số 12 Lê Lợi có ổ gà sâu khoảng 20 cm."


@pytest.fixture
def home(tmp_path: Path, make_settings: Callable[..., Any], clock: Any, serve: Callable[[Any], str]) -> Iterator[str]:
    """A door under attack: each form has to bring a proof."""
    with database_url(tmp_path, "intake", tables=store.metadata) as url:
        made = build(make_settings("intake", DATABASE_URL=url, PROOF_REQUIRED="yes"), clock=clock)
        made.database.metadata.create_all(made.database.engine)
        yield serve(made.app)
        made.database.close()


def test_a_browser_works_from_the_first_touch_and_is_asked_nothing(open_page: Callable[..., Any], home: str) -> None:
    page = open_page(width=360)
    page.goto(f"{home}/gui")
    assert page.locator("[name=altcha]").input_value() == ""

    page.get_by_label("Chuyện gì đã xảy ra?").fill(WORDS)
    expect(page.locator("[name=altcha]")).not_to_have_value("", timeout=20_000)
    page.get_by_role("button", name="Kiểm tra trước khi gửi").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Kiểm tra")
    expect(page.get_by_text("bằng mấy?")).to_have_count(0)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [360, 1280])
def test_without_javascript_a_question_in_words_is_asked_and_read_by_everybody(
    open_page: Callable[..., Any], home: str, width: int, language: str
) -> None:
    page = open_page(width=width, java_script=False)
    page.goto(f"{home}/gui?lang={language}")
    page.locator("[name=text]").fill(WORDS)
    page.locator("form.petition button.btn:visible").last.click()
    box = page.locator("[name=riddle]")
    expect(box).to_be_visible()

    box.fill("99")
    page.locator("main form[method=post] .acts button").last.click()
    expect(page.locator("#riddle-e")).to_be_visible()
    said = page.locator("label[for=riddle]").inner_text()

    assert ("cộng" if language == "vi" else "plus") in said
    page.locator("[name=riddle]").fill("")
    page.locator("main form[method=post] .acts button").last.click()
    expect(page.locator("#the-code")).to_be_visible()
