"""The counter in a browser: an officer files for a citizen, prints the receipt, and later hands over the result."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ops.world import World
from tests.browser.conftest import Finding, OpenPage, scrolls_sideways, sign_in
from tests.journeys.conftest import Desk, later, staff  # noqa: F401  (the people of the journeys)
from tests.journeys.test_spine import ANSWER, POTHOLE

pytestmark = pytest.mark.timeout(180)

Enter = Callable[[Page, str], None]


@pytest.fixture
def home(world: World, serve: Callable[[Any], str]) -> str:
    return serve(world.wsgi)


@pytest.fixture
def enter(world: World, home: str) -> Enter:
    """Signs somebody in and opens the counter."""

    def signed_in(page: Page, login: str) -> None:
        sign_in(page, world["workflow"].database, login, home)
        page.goto(f"{home}/desk/counter")

    return signed_in


def test_an_officer_files_for_a_citizen_and_hands_over_the_result(
    world: World,
    staff: Desk,  # noqa: F811
    later: Any,  # noqa: F811
    enter: Enter,
    open_page: OpenPage,
    axe: Callable[[Page], list[Finding]],
    noise_of: Callable[[Page], list[str]],
) -> None:
    page = open_page(width=1280)
    noise = noise_of(page)
    enter(page, "ha-tang-1")
    found = {"counter": axe(page)}
    page.get_by_role("button", name="Công dân đến quầy").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nhập thay công dân tại quầy")
    found["form"] = axe(page)
    page.get_by_label("Công dân ký trước mặt tôi").check()
    page.get_by_label("Chuyện gì đã xảy ra?").fill(POTHOLE)
    page.get_by_role("button", name="Kiểm tra trước khi gửi").click()
    found["check"] = axe(page)
    page.get_by_role("button", name="Gửi phản ánh").click()
    expect(page.get_by_role("button", name="In biên nhận")).to_be_visible()
    found["receipt"] = axe(page)
    code = page.locator("#the-code").inner_text()
    page.emulate_media(media="print")
    expect(page.get_by_text(code).first).to_be_visible()
    expect(page.locator(".counter-acts")).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Xong, về trang Tại quầy").click()
    expect(page.get_by_text("Công dân đến quầy").first).to_be_visible()

    world.settle()
    later(hours=2)
    staff.answer(staff.case_id(code), ANSWER)
    enter(page, "ha-tang-1")
    expect(page.get_by_text("Tôi đã nhập hôm nay")).to_be_visible()
    page.get_by_label("Mã trên biên nhận").fill(code)
    page.get_by_role("main").get_by_role("button", name="Tìm").click()
    found["found"] = axe(page)
    page.get_by_role("link", name="In câu trả lời để ký").click()
    expect(page.get_by_text("Người nhận")).to_be_visible()
    found["paper"] = axe(page)
    page.get_by_role("link", name="Về hồ sơ").click()
    page.locator("#counter").get_by_text("Giao kết quả…").click()
    dialog = page.get_by_role("dialog", name="Giao kết quả tại quầy")
    dialog.get_by_label("Người nhận đã ký").check()
    found["dialog"] = axe(page)
    dialog.get_by_role("button", name="Ghi nhận đã giao").click()
    expect(page.get_by_text("Đã ghi nhận giao kết quả tại quầy").first).to_be_visible()
    world.settle()

    assert {where: one for where, one in found.items() if one} == {}
    assert noise == []


@pytest.mark.parametrize("width", [360, 1280])
def test_a_call_and_a_letter_are_entered_on_any_screen(
    world: World,
    staff: Desk,  # noqa: F811
    enter: Enter,
    open_page: OpenPage,
    axe: Callable[[Page], list[Finding]],
    width: int,
) -> None:
    page = open_page(width=width, java_script=width != 360)
    enter(page, "ha-tang-1")
    page.get_by_role("button", name="Thư gửi đến").click()
    page.get_by_label("Ngày thư đến", exact=False).first.fill("01/01/2030")
    page.get_by_label("Chuyện gì đã xảy ra?").fill(POTHOLE)
    page.get_by_role("button", name="Kiểm tra trước khi gửi").last.click()
    expect(page.get_by_text("Ngày thư đến chưa tới").first).to_be_visible()
    wide = [scrolls_sideways(page)] if width != 360 else []  # without a script nobody can measure

    enter(page, "ha-tang-1")
    page.get_by_role("button", name="Công dân gọi điện").click()
    page.get_by_label("Chuyện gì đã xảy ra?").fill(POTHOLE)
    page.get_by_role("button", name="Kiểm tra trước khi gửi").last.click()
    page.get_by_role("button", name="Gửi phản ánh").click()
    expect(page.get_by_text("Đọc chậm cho người gọi")).to_be_visible()

    assert not any(wide)


def test_a_token_is_made_on_its_page(
    world: World,
    staff: Desk,  # noqa: F811
    home: str,
    enter: Enter,
    open_page: OpenPage,
    axe: Callable[[Page], list[Finding]],
) -> None:
    page = open_page(width=360)
    enter(page, "ha-tang-1")
    page.goto(f"{home}/desk/tokens")
    page.get_by_label("Tên").fill("Máy quét ở phòng một cửa")
    page.get_by_role("button", name="Tạo mã").click()

    expect(page.locator("#new-token")).to_contain_text("lnd_")
    assert axe(page) == []
    assert not scrolls_sideways(page)
