"""Complaints and denunciations by steps, and the questions of a topic, in a browser: with and without script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Finding, OpenPage, scrolls_sideways, unfold
from tests.browser.test_citizen import fill, home, service
from tests.intake.builders import a_picture

__all__ = ["home", "service"]  # fixtures

pytestmark = pytest.mark.timeout(180)

Axe = Callable[[Page], list[Finding]]
LETTER = {"name": "don.jpg", "mimeType": "image/jpeg", "buffer": a_picture(size=(400, 300))}
WORDS = {
    "vi": {"begin": "Bắt đầu", "next": "Tiếp tục", "send": "Gửi đơn", "by_scan": "Gửi ngay ảnh chụp"},
    "en": {"begin": "Begin", "next": "Continue", "send": "Send the letter", "by_scan": "Send a photo or scan"},
}


def press(page: Page, name: str) -> None:
    page.locator(".acts .btn").filter(has_text=name).first.click()


def answer(page: Page, kind: str, number: int) -> None:
    """Fill in one page of a kind."""
    if kind == "complaint" and number == 1:
        page.locator("[name=a_target][value=decision]").check()
        page.locator("#a_decision_number").fill("45/QĐ-SXD")
        page.locator("#a_decided_by").fill("Sở Xây dựng")
        page.locator("#a_knew_on").fill("02/11/2026")
    if kind == "denunciation" and number == 1:
        page.locator("#a_accused").fill("Nhân viên quầy số 3")
    if number == 2:
        page.locator("#text").fill("Xe đã lắp camera từ tháng 8 mà vẫn bị thu hồi phù hiệu.")
        if kind == "complaint":
            page.locator("#a_asks").fill("Huỷ quyết định số 45.")
    if kind == "complaint" and number == 4:
        page.locator("#name").fill("Lê Văn An")
        page.locator("#address").fill("12 Lê Lợi, Huế")
        page.locator("[name=a_acting][value=self]").check()


@pytest.mark.parametrize("java_script", [True, False])
@pytest.mark.parametrize("kind", ["complaint", "denunciation"])
def test_a_letter_is_filed_by_five_steps_and_signed_in_english(
    open_page: OpenPage, noise_of: Callable[[Page], list[str]], home: str, kind: str, java_script: bool
) -> None:
    page, say = open_page(width=360, java_script=java_script), WORDS["en"]
    noise = noise_of(page)
    page.goto(f"{home}/gui?lang=en")
    unfold(page, "Complaint or denunciation")
    page.locator(f"button[name=do][value={kind}]").click()

    for number in (1, 2, 3, 4):
        answer(page, kind, number)
        assert not scrolls_sideways(page)
        press(page, say["next"])
    page.get_by_label(say["by_scan"]).check()
    page.set_input_files("#letter", LETTER)
    press(page, say["send"])

    expect(page.locator("#the-code")).to_be_visible()
    assert not scrolls_sideways(page)
    assert noise == []


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", ["complaint", "denunciation"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_on_any_step_wrong_or_right(
    open_page: OpenPage, axe: Axe, home: str, width: int, kind: str, language: str
) -> None:
    page, say, found = open_page(width=width, bypass_csp=True), WORDS[language], {}
    page.goto(f"{home}/gui/buoc/1?loai={kind}&lang={language}")
    press(page, say["begin"])

    def look(name: str) -> None:
        found[name] = (axe(page), scrolls_sideways(page))

    for number in (1, 2, 3, 4):
        if number in {1, 2}:
            press(page, say["next"])
            look(f"{number}, wrong")
        answer(page, kind, number)
        look(str(number))
        press(page, say["next"])
    press(page, say["send"])
    look("sign, wrong")
    page.goto(f"{home}/gui/buoc/don")
    look("letter")
    page.goto(f"{home}/gui/buoc/ky")
    page.locator("[name=signature][value=post]").check()
    press(page, say["send"])
    look("receipt")
    page.goto(f"{home}{page.locator('.acts a.btn').first.get_attribute('href')}")
    look("follow")
    page.goto(f"{home}/huong-dan")
    look("help")

    assert {name: what for name, what in found.items() if what != ([], False)} == {}


@pytest.mark.parametrize("width", [360, 1280])
def test_questions_appear_with_the_topic_and_only_those_that_apply(
    open_page: OpenPage, axe: Axe, noise_of: Callable[[Page], list[str]], home: str, width: int
) -> None:
    page = open_page(width=width, bypass_csp=True)
    noise = noise_of(page)
    fill(page, home)
    unfold(page, "Chọn lĩnh vực")
    page.get_by_label("Lĩnh vực đã chọn").select_option("C03")

    expect(page.get_by_text("Đứng ở màu nào?")).to_be_hidden()
    page.get_by_label("Đứng yên một màu").check()
    expect(page.get_by_text("Đứng ở màu nào?")).to_be_visible()
    page.get_by_label("Đỏ", exact=True).check()
    found = (axe(page), scrolls_sideways(page))
    page.get_by_role("button", name="Kiểm tra trước khi gửi").click()

    expect(page.get_by_role("main")).to_contain_text("Đứng ở màu nào?")
    assert found == ([], False)
    assert noise == []


def test_without_script_a_topic_that_must_be_asked_about_comes_back_with_its_questions(
    open_page: OpenPage, axe: Axe, home: str
) -> None:
    page = open_page(width=360, java_script=False)
    fill(page, home)
    unfold(page, "Chọn lĩnh vực")
    page.get_by_label("Lĩnh vực đã chọn").select_option("C03")
    page.get_by_role("button", name="Kiểm tra trước khi gửi").click()

    expect(page.get_by_role("alert")).to_contain_text("Hãy trả lời: Đèn đang thế nào?")
    expect(page.get_by_text("Chỉ trả lời khi “Đèn đang thế nào?” là: Đứng yên một màu.")).to_be_visible()
    page.get_by_label("Tắt hẳn").check()
    page.get_by_role("button", name="Kiểm tra trước khi gửi").click()
    expect(page.get_by_role("main")).to_contain_text("Tắt hẳn")


def test_what_was_answered_is_back_after_a_reload(open_page: OpenPage, home: str) -> None:
    page = open_page(width=360, bypass_csp=True)
    fill(page, home)
    unfold(page, "Chọn lĩnh vực")
    page.get_by_label("Lĩnh vực đã chọn").select_option("C01")
    page.get_by_label("Bằng mặt bàn trở lên").check()
    page.get_by_label("Sâu khoảng bao nhiêu?").fill("15")
    page.wait_for_function("localStorage['draft:petition']?.includes('a_hole_depth')")

    page.reload()

    expect(page.get_by_label("Bằng mặt bàn trở lên")).to_be_checked()
    expect(page.get_by_label("Sâu khoảng bao nhiêu?")).to_have_value("15")


def test_a_denunciation_takes_away_what_a_report_left_on_the_phone(page: Page, home: str) -> None:
    fill(page, home)
    expect(page.locator("#saved")).to_contain_text("Đã lưu nháp")

    unfold(page, "Khiếu nại hoặc tố cáo")
    page.locator("button[name=do][value=denunciation]").click()
    page.locator("#a_accused").fill("Ông X")
    page.wait_for_timeout(1000)

    assert page.evaluate("JSON.stringify(localStorage)") == "{}"
    expect(page.get_by_role("link", name="Thoát nhanh")).to_be_visible()
