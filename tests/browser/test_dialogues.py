"""A session in a browser: announced at the desk, joined on a phone without JavaScript, written up with a promise."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from services.intake import store as door_store
from services.intake.__main__ import build
from shared.clock import MovableClock
from shared.events.workflow import DialogueAnnounced
from shared.settings import Settings
from tests.browser.conftest import Enter, Finding, OpenPage, scrolls_sideways
from tests.intake.builders import hear
from tests.intake.test_dialogues import announced
from tests.support import database_url
from tests.workflow.builders import DIRECTOR, OFFICE, OFFICER, Office
from tests.workflow.test_dialogues import MINUTES, joined
from tests.workflow.test_dialogues import announced as announced_at_the_desk

pytestmark = pytest.mark.timeout(180)

Axe = Callable[[Page], list[Finding]]


@pytest.fixture
def door(
    tmp_path: Path, make_settings: Callable[..., Settings], clock: MovableClock, serve: Callable[[Flask], str]
) -> Iterator[tuple[str, DialogueAnnounced]]:
    """The address of a door, and a session that was announced there."""
    with database_url(tmp_path, "intake", tables=door_store.metadata) as url:
        made: Any = build(make_settings("intake", DATABASE_URL=url), clock=clock)
        made.database.metadata.create_all(made.database.engine)
        told = announced()
        hear(made.database, told)
        yield serve(made.app), told
        made.database.close()


@pytest.mark.parametrize(("width", "java_script"), [(360, False), (1280, True)])
def test_s17a_a_citizen_registers_and_gives_the_seat_back(
    door: tuple[str, DialogueAnnounced],
    open_page: OpenPage,
    axe: Axe,
    clock: MovableClock,
    width: int,
    java_script: bool,
) -> None:
    address, told = door
    page = open_page(width=width, java_script=java_script)

    page.goto(f"{address}/tham-gia")
    assert axe(page) == [] if java_script else True
    page.get_by_role("link", name=told.title.value or "").click()
    assert not scrolls_sideways(page)
    page.get_by_role("button", name="Đăng ký").click()
    expect(page.get_by_role("alert")).to_contain_text("Hãy nhập họ tên")
    assert axe(page) == [] if java_script else True
    page.get_by_label("Họ và tên").fill("Nguyễn Thị Hồng Ánh")
    page.get_by_label("Thư điện tử").fill("anh.nth@example.vn")
    page.get_by_label("Bạn muốn hỏi điều gì?").fill("Bao giờ vá xong đoạn trước số nhà 120?")
    clock.move_to(clock.now() + timedelta(minutes=1))
    page.get_by_role("button", name="Đăng ký").click()

    expect(page.get_by_role("main")).to_contain_text("Bạn có một chỗ.")
    assert not scrolls_sideways(page)
    assert axe(page) == [] if java_script else True
    page.get_by_role("button", name="Huỷ chỗ của tôi").click()
    expect(page.get_by_role("main")).to_contain_text("Bạn đã huỷ chỗ ở buổi này.")


@pytest.mark.parametrize("width", [360, 1280])
def test_s17a_the_desk_plans_announces_and_writes_up_a_session(
    office: Office, desk: str, enter: Enter, open_page: OpenPage, axe: Axe, width: int
) -> None:
    page = open_page(width=width)
    enter(page, OFFICE)
    page.goto(f"{desk}/desk/dialogues")
    assert axe(page) == []

    page.get_by_label("Tiếp công dân trực tuyến").check()
    page.get_by_label("Tên buổi").fill("Tiếp công dân trực tuyến tháng 12")
    page.get_by_label("Ngày", exact=True).fill("26/11/2026")
    page.get_by_label("Từ", exact=True).fill("08:00")
    page.get_by_label("Đến", exact=True).fill("10:00")
    page.get_by_label("Nơi, hoặc đường dẫn").fill("https://hop.example.vn/1")
    page.get_by_label("Số chỗ").fill("30")
    page.get_by_label("Người chủ trì").select_option(DIRECTOR.person)
    page.get_by_role("button", name="Lên lịch").click()
    expect(page.get_by_label("Ngày", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("main")).to_contain_text("sớm nhất là thứ Ba 01/12/2026")
    assert axe(page) == []
    assert not scrolls_sideways(page)
    page.get_by_label("Ngày", exact=True).fill("01/12/2026")
    page.get_by_role("button", name="Lên lịch").click()
    page.get_by_role("button", name="Thông báo buổi này").click()

    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("Đã thông báo")
    assert axe(page) == []
    assert not scrolls_sideways(page)


@pytest.mark.parametrize("width", [360, 1280])
def test_s17a_a_promise_is_written_down_after_the_session(
    office: Office, desk: str, enter: Enter, open_page: OpenPage, axe: Axe, width: int
) -> None:
    session = announced_at_the_desk(office)
    joined(office, session)
    office.clock.move_to(session.ends_at)
    page = open_page(width=width)
    enter(page, DIRECTOR)
    page.goto(f"{desk}/desk/dialogues/{session.id}")
    assert axe(page) == []

    page.get_by_label("Nguyễn Thị Hồng Ánh").check()
    page.get_by_label("Biên bản").fill(MINUTES)
    page.get_by_role("button", name="Ghi biên bản").click()
    page.get_by_label("Việc gì").fill("Vá xong đoạn trước số nhà 120")
    page.get_by_label("Hứa với ai").select_option(label="Nguyễn Thị Hồng Ánh")
    page.get_by_label("Lĩnh vực").select_option("C01")
    page.get_by_label("Người làm").select_option(f"{OFFICER.person}@KCHT")
    page.get_by_label("Hẹn xong ngày").fill("15/01/2027")
    page.get_by_role("button", name="Mở hồ sơ cho việc này").click()

    expect(page.locator("#commitments")).to_contain_text("hẹn 15/01/2027")
    assert axe(page) == []
    assert not scrolls_sideways(page)
