"""What every page must keep: nothing for axe to find, no sideways scroll, no noise, few bytes, keyboard, no script."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WIDTHS, scrolls_sideways
from tests.shared.sample import make_sample


@pytest.fixture
def door(serve: Callable[[Any], str], make_settings: Any) -> str:
    """The sample's pages for citizens."""
    return serve(make_sample(make_settings("intake")))


@pytest.fixture
def desk(serve: Callable[[Any], str], make_settings: Any) -> str:
    """The sample's pages for staff."""
    return serve(make_sample(make_settings("workflow"), is_staff=True))


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    open_page: Any, axe: Any, door: str, desk: str, width: int
) -> None:
    page = open_page(width=width)

    found = {}
    for url in (f"{door}/form", f"{door}/form?lang=en", f"{desk}/desk", f"{door}/nothing-here"):
        page.goto(url)
        found[url] = (axe(page), scrolls_sideways(page))

    assert set(map(str, found.values())) == {str(([], False))}, found


def test_a_wrong_form_focuses_its_summary_and_leads_to_the_field(page: Page, axe: Any, door: str) -> None:
    page.goto(f"{door}/form")
    page.get_by_role("button", name="Kiểm tra trước khi gửi").click()

    box = page.get_by_role("alert")
    expect(box).to_be_focused()
    assert page.title().startswith("Lỗi: ")
    assert axe(page) == []

    box.get_by_role("link", name="Hãy nhập địa điểm").click()

    expect(page.locator("#location")).to_be_focused()


def test_a_mended_field_does_not_move_the_button_from_under_the_pointer(open_page: Any, door: str) -> None:
    page = open_page(width=360)
    page.goto(f"{door}/form")
    button = page.get_by_role("button", name="Kiểm tra trước khi gửi")
    button.click()
    page.locator("#location").fill("12 Hà Nội, phường Thuận Hóa")
    button.scroll_into_view_if_needed()
    before = button.bounding_box()

    page.locator("#location").blur()

    assert button.bounding_box() == before
    expect(page.get_by_text("Đã sửa, sẽ kiểm tra lại khi gửi")).to_be_visible()


def test_no_page_makes_noise_under_its_own_policy(page: Page, noise_of: Any, door: str, desk: str) -> None:
    noise = noise_of(page)

    for url in (f"{door}/form", f"{door}/form?lang=en"):
        page.goto(url, wait_until="networkidle")

    assert noise == []


def test_a_first_visit_weighs_less_than_sixty_kilobytes(open_page: Any, bytes_of: Any, door: str) -> None:
    page = open_page(width=360)
    weight = bytes_of(page)

    page.goto(f"{door}/form", wait_until="networkidle")

    assert weight() < 60_000


def test_a_draft_survives_a_reload_and_keeps_no_code(page: Page, door: str) -> None:
    page.goto(f"{door}/form")
    page.get_by_label("Chuyện gì đã xảy ra?").fill("Ổ gà sâu trước trường học, đã ba ngày")
    page.get_by_label("Mã theo dõi").fill("7K3M9HDT")
    expect(page.locator("#saved")).to_contain_text("Đã lưu nháp")

    page.reload()

    expect(page.get_by_label("Chuyện gì đã xảy ra?")).to_have_value("Ổ gà sâu trước trường học, đã ba ngày")
    expect(page.get_by_label("Mã theo dõi")).to_have_value("")


def test_no_draft_is_kept_of_a_denunciation(page: Page, door: str) -> None:
    page.goto(f"{door}/form")
    page.get_by_label("Tố cáo").check()
    page.get_by_label("Chuyện gì đã xảy ra?").fill("Một việc cần giữ kín")

    expect(page.locator("#saved")).to_contain_text("Không lưu nháp")

    assert page.evaluate("localStorage.length") == 0


def test_a_typed_day_is_answered_by_its_weekday(page: Page, door: str) -> None:
    page.goto(f"{door}/form")

    page.get_by_label("Ngày xảy ra").fill("20/11/2026")

    expect(page.locator("#on-day")).to_have_text("Thứ Sáu")


def test_photos_have_our_words_and_can_be_taken_away(page: Page, door: str) -> None:
    page.goto(f"{door}/form")
    dot = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")  # one clear pixel
    for name in ("a.gif", "b.gif"):
        page.locator("#photos").set_input_files({"name": name, "mimeType": "image/gif", "buffer": dot})

    page.get_by_role("button", name="Bỏ a.gif").click()

    expect(page.locator(".thumbs img")).to_have_count(1)
    assert page.evaluate("document.querySelector('#photos').files.length") == 1


def test_the_desk_works_by_keyboard(page: Page, desk: str) -> None:
    page.goto(f"{desk}/desk")
    expect(page.locator(".bulk")).to_be_hidden()
    for key in ("j", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-count]")).to_have_text("1")

    page.keyboard.press("Control+k")
    page.keyboard.type("phan cong")  # found without accents
    expect(page.get_by_role("option").filter(visible=True)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("dialog.pal")).to_be_hidden()

    page.evaluate("delete document.body.dataset.keys")  # switched off: single letters do nothing
    page.keyboard.press("x")
    expect(page.locator("[data-count]")).to_have_text("1")


def test_a_dialog_opens_from_its_button_and_closes(page: Page, door: str) -> None:
    page.goto(f"{door}/form")

    page.get_by_role("button", name="Hỏi…").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="Đóng").click()

    expect(page.get_by_role("dialog")).to_be_hidden()


def test_everything_works_without_a_script(open_page: Any, door: str) -> None:
    page = open_page(java_script=False)
    page.goto(f"{door}/form")
    expect(page.get_by_text("Bạn hỏi gì?")).to_be_visible()

    page.get_by_role("button", name="Kiểm tra trước khi gửi").click()

    assert page.title().startswith("Lỗi:")
    assert page.get_by_role("alert").get_by_role("link").count() == 5


@pytest.mark.parametrize("width", WIDTHS)
def test_no_target_is_smaller_than_a_finger(open_page: Any, door: str, width: int) -> None:
    page = open_page(width=width)
    page.goto(f"{door}/form")

    small = page.evaluate(
        """() => [...document.querySelectorAll('main a, main button, header a, footer a, select')].filter(e => {
             const r = e.getBoundingClientRect(); return e.offsetParent && r.width && (r.height < 24 || r.width < 24) })
           .map(e => e.outerHTML.slice(0, 90))"""
    )

    assert small == []
