"""What helps about a topic, and questions kept ready, in a browser: with and without script, narrow and wide."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter, Finding, OpenPage, scrolls_sideways, unfold
from tests.browser.test_answers import in_work
from tests.browser.test_citizen import fill, home, service
from tests.browser.test_desk import enter
from tests.workflow.builders import OFFICER, Office

__all__ = ["enter", "home", "service"]  # fixtures

pytestmark = pytest.mark.timeout(180)

Axe = Callable[[Page], list[Finding]]
TELL = "Ghi tên đường và số nhà hay cột mốc gần nhất"


@pytest.mark.parametrize("width", [360, 1280])
def test_s25_what_helps_appears_with_the_topic_and_again_before_sending(
    open_page: OpenPage, axe: Axe, noise_of: Callable[[Page], list[str]], home: str, width: int
) -> None:
    page = open_page(width=width, bypass_csp=True)
    noise = noise_of(page)
    fill(page, home)
    expect(page.locator("#guidance")).to_be_hidden()

    unfold(page, "Chọn lĩnh vực")
    page.get_by_label("Lĩnh vực đã chọn").select_option("C01")
    expect(page.locator("#guidance")).to_contain_text(TELL)
    form = (axe(page), scrolls_sideways(page))
    page.get_by_role("button", name="Kiểm tra trước khi gửi").click()

    expect(page.get_by_role("main")).to_contain_text("Nên thêm, không bắt buộc: ảnh hoặc tệp.")
    assert [form, (axe(page), scrolls_sideways(page))] == [([], False)] * 2
    assert noise == []


@pytest.mark.parametrize("width", [360, 1280])
def test_s25_an_officer_without_script_ticks_questions_and_sends_them_as_one(
    office: Office, desk: str, enter: Enter, open_page: OpenPage, axe: Axe, width: int
) -> None:
    case_id = in_work(office)
    page = open_page(width=width, java_script=False)
    enter(page, OFFICER)
    page.goto(f"{desk}/desk/cases/{case_id}")

    asked = page.locator("#d-ask")
    asked.get_by_label("Việc xảy ra ở tên đường nào").check()
    asked.get_by_label("Bạn gửi giúp một ảnh gần").check()
    asked.get_by_role("button", name="Gửi câu hỏi").click()

    expect(page.get_by_text("Đã gửi câu hỏi cho công dân")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("– Bạn gửi giúp một ảnh gần")
    assert not scrolls_sideways(page)


def test_s25_the_dialog_of_questions_is_for_everybody(
    office: Office, desk: str, enter: Enter, open_page: OpenPage, axe: Axe
) -> None:
    case_id = in_work(office)
    page = open_page(width=360, bypass_csp=True)
    enter(page, OFFICER)
    page.goto(f"{desk}/desk/cases/{case_id}?lang=en")

    page.locator("[data-open=d-ask]").first.click()
    expect(page.locator("#d-ask")).to_contain_text("What is missing?")

    assert axe(page) == []
