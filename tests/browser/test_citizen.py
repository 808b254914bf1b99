"""The door in a real browser: with and without JavaScript, on a phone and on a desk."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from services.intake import store
from services.intake.__main__ import build
from services.intake.domain.secret import hashed
from services.intake.door import Door
from tests.browser.conftest import OpenPage, scrolls_sideways, unfold
from tests.intake.builders import a_photo_with_position, case_answered, case_opened, hear, info_requested
from tests.support import database_url

WORDS = "Trước cổng trường có ổ gà sâu khoảng 20 cm, hai xe máy đã ngã."


@pytest.fixture
def service(tmp_path: Path, make_settings: Callable[..., Any], clock: Any) -> Iterator[Any]:
    with database_url(tmp_path, "intake", tables=store.metadata) as url:
        made = build(make_settings("intake", DATABASE_URL=url), clock=clock)
        made.database.metadata.create_all(made.database.engine)
        yield made
        made.database.close()


@pytest.fixture
def home(service: Any, serve: Callable[[Any], str]) -> str:
    return serve(service.app)


def fill(page: Page, home: str, *, phone: str = "0905 123 456") -> None:
    page.goto(f"{home}/gui")
    page.get_by_label("Chuyện gì đã xảy ra?").fill(WORDS)
    page.get_by_label("Địa điểm").fill("Trước số 12 Lê Lợi")
    page.get_by_role("textbox", name="Số điện thoại").fill(phone)


def file(page: Page, home: str, **more: str) -> str:
    """File a petition; gives the address of its follow page."""
    fill(page, home, **more)
    page.get_by_role("button", name="Kiểm tra trước khi gửi").click()
    page.get_by_role("button", name="Gửi phản ánh").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Đã nhận")
    return str(page.get_by_role("link", name="Theo dõi", exact=True).get_attribute("href"))


def id_of(service: Any, follow: str) -> UUID:
    door: Door = service.app.extensions["door"]
    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(follow.rsplit("/", 1)[1]))
    assert found
    return found.id


@pytest.mark.parametrize("java_script", [True, False])
def test_a_petition_goes_from_the_form_to_the_follow_page_on_a_desk(
    open_page: Any, noise_of: Any, home: str, java_script: bool
) -> None:
    page = open_page(java_script=java_script)
    noise = noise_of(page)

    page.goto(home)
    page.get_by_role("link", name="Gửi phản ánh").click()
    page.get_by_label("Chuyện gì đã xảy ra?").fill(WORDS)
    page.set_input_files("#files", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": a_photo_with_position()})
    page.get_by_role("textbox", name="Số điện thoại").fill("0905 123 456")
    page.get_by_role("button", name="Kiểm tra trước khi gửi").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Kiểm tra rồi gửi")
    expect(page.get_by_role("main")).to_contain_text(WORDS)
    expect(page.locator(".thumbs img")).to_have_count(1)
    expect(page.get_by_role("main")).to_contain_text("Bạn sẽ không nhận được tin nào")
    page.get_by_role("button", name="Ổ gà, hư hỏng mặt đường").click()
    page.get_by_role("button", name="Gửi phản ánh").click()

    code = page.locator("#the-code").inner_text()
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", code)
    page.reload()
    expect(page.locator("#the-code")).to_have_text(code)
    page.goto(f"{home}/theo-doi")
    page.get_by_label("Mã theo dõi").fill(code.lower().replace("-", ""))
    page.get_by_label("4 số cuối điện thoại, hoặc PIN").fill("3456")
    page.get_by_role("button", name="Xem").click()
    expect(page.get_by_role("main")).to_contain_text("Dự kiến trả lời bạn chậm nhất thứ Năm 03/12/2026")
    assert not scrolls_sideways(page)
    assert noise == []


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    open_page: Any, axe: Any, service: Any, home: str, width: int
) -> None:
    page = open_page(width=width, bypass_csp=True)
    follow = file(page, home)
    receipt, door = page.url, service.app.extensions["door"]
    secret = file(page, f"{home}", phone="")
    petition_id = id_of(service, follow)
    hear(door.database, case_opened(petition_id))
    hear(door.database, info_requested(petition_id))
    hear(door.database, case_answered(id_of(service, secret)))

    found = {}
    for path in ("/", "/gui", "/gui?loai=denunciation", "/theo-doi", "/quyen-rieng-tu", "/tiep-can", "/gui?lang=en"):
        page.goto(home + path)
        found[path] = (axe(page), scrolls_sideways(page))
    for path in (receipt, home + follow, home + secret, home + secret + "/danh-gia", home + "/t/nothing"):
        page.goto(path)
        found[path] = (axe(page), scrolls_sideways(page))
    page.goto(f"{home}/gui?lang=vi")
    page.get_by_role("button", name="Kiểm tra trước khi gửi").click()
    found["wrong"] = (axe(page), scrolls_sideways(page))

    assert {path: what for path, what in found.items() if what != ([], False)} == {}


def test_a_wrong_form_says_what_to_do_and_keeps_what_was_typed(page: Page, home: str) -> None:
    fill(page, home, phone="0123")
    page.get_by_role("button", name="Kiểm tra trước khi gửi").click()

    assert page.title().startswith("Lỗi: ")
    box = page.get_by_role("alert")
    expect(box).to_be_focused()
    box.get_by_role("link", name="Hãy kiểm tra số điện thoại").click()
    expect(page.get_by_role("textbox", name="Số điện thoại")).to_be_focused()
    expect(page.get_by_label("Chuyện gì đã xảy ra?")).to_have_value(WORDS)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_reason_stands_between_the_label_and_its_field(open_page: OpenPage, home: str, width: int) -> None:
    page = open_page(width=width)
    fill(page, home, phone="0123")
    page.get_by_role("button", name="Kiểm tra trước khi gửi").click()

    label, reason, field, neighbour = (
        page.locator(found).bounding_box() for found in ("label[for=phone]", "#phone-e", "#phone", "#email")
    )

    assert label
    assert reason
    assert field
    assert neighbour
    assert label["y"] + label["height"] <= reason["y"]
    assert reason["y"] + reason["height"] <= field["y"]
    assert (field["y"] == neighbour["y"]) == (width == 1280)


def test_a_second_press_of_the_button_files_nothing_more(page: Page, service: Any, home: str) -> None:
    fill(page, home)
    page.get_by_role("button", name="Kiểm tra trước khi gửi").click()
    page.get_by_role("button", name="Gửi phản ánh").dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Đã nhận")
    first = page.url

    page.go_back()

    expect(page).to_have_url(first)
    with service.database.reading() as look:
        assert len(look.connection.execute(store.petition.select()).all()) == 1


def test_the_topic_search_answers_while_typing(page: Page, home: str) -> None:
    page.goto(f"{home}/gui")

    unfold(page, "Chọn lĩnh vực")
    page.locator("#q").press_sequentially("xe buyt")
    page.get_by_role("button", name="Xe buýt").click()

    expect(page.locator("#topic")).to_have_value("C13")
    expect(page.locator("#q-say")).to_have_text("Đã chọn: Xe buýt")


def test_a_sent_petition_leaves_no_draft_on_the_device(page: Page, home: str) -> None:
    fill(page, home)
    expect(page.locator("#saved")).to_contain_text("Đã lưu nháp")
    page.get_by_role("button", name="Kiểm tra trước khi gửi").click()
    page.get_by_role("button", name="Gửi phản ánh").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Đã nhận")

    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('draft'))") == []
    page.goto(f"{home}/gui")
    expect(page.get_by_label("Chuyện gì đã xảy ra?")).to_have_value("")


def test_a_denunciation_leaves_nothing_on_the_device(page: Page, home: str) -> None:
    page.goto(f"{home}/gui?loai=denunciation")
    page.get_by_role("button", name="Bắt đầu").click()
    page.get_by_label("Bạn tố cáo ai?").fill("Ông X ở quầy số 3 vòi tiền của tôi")
    page.wait_for_timeout(1200)

    assert page.evaluate("JSON.stringify(localStorage)") == "{}"
    expect(page.get_by_role("link", name="Thoát nhanh")).to_be_visible()
