"""A draft in a real browser: commented on from a phone without JavaScript, answered at the desk; poster and sheet."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.intake import store
from services.intake.__main__ import build
from services.intake.door import Door
from shared.clock import MovableClock
from tests.browser.conftest import Enter, OpenPage, scrolls_sideways
from tests.intake.test_consultations import TITLE, answer_to, closed, opened
from tests.support import database_url
from tests.workflow import test_consultations as desks
from tests.workflow.builders import HEAD, OFFICE, OFFICER, Office

A_MINUTE = timedelta(minutes=1)
COMMENT = "Nên kéo dài tuyến số 4 đến chợ An Cựu, bà con đi lại dễ hơn."


@pytest.fixture
def service(tmp_path: Path, make_settings: Callable[..., Any], clock: Any) -> Iterator[Any]:
    with database_url(tmp_path, "intake", tables=store.metadata) as url:
        made = build(make_settings("intake", DATABASE_URL=url), clock=clock)
        made.database.metadata.create_all(made.database.engine)
        yield made
        made.database.close()


@pytest.fixture
def door(service: Any) -> Door:
    found: Door = service.app.extensions["door"]
    return found


@pytest.mark.parametrize(("width", "java_script"), [(360, False), (1280, True)])
def test_s14b_a_draft_is_found_read_and_commented_on_without_a_name(
    open_page: OpenPage,
    service: Any,
    door: Door,
    serve: Callable[[Any], str],
    clock: MovableClock,
    width: int,
    java_script: bool,
) -> None:
    opened(door)
    page = open_page(width=width, java_script=java_script)

    page.goto(serve(service.app))
    page.get_by_role("complementary").get_by_role("link", name="Tham gia").click()
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("textbox", name="Góp ý của bạn").fill(COMMENT)
    clock.move_to(clock.now() + A_MINUTE)
    page.get_by_role("button", name="Gửi góp ý").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Đã nhận góp ý của bạn")
    page.get_by_role("link", name="Theo dõi", exact=True).click()
    expect(page.get_by_text("Lấy ý kiến đến hết")).to_be_visible()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_s18a_the_pages_of_a_draft_are_clean_open_and_closed(
    open_page: OpenPage,
    door: Door,
    serve: Callable[[Any], str],
    service: Any,
    axe: Any,
    clock: MovableClock,
    width: int,
    language: str,
) -> None:
    draft, home, page = opened(door), serve(service.app), open_page(width=width, bypass_csp=True)

    def look(path: str) -> None:
        page.goto(f"{home}{path}?lang={language}")
        assert axe(page) == [], path
        assert not scrolls_sideways(page), path

    for path in ("/tham-gia", "/gop-y/7", "/gop-y/7/ap-phich", "/gop-y/7/phieu"):
        look(path)
    page.goto(f"{home}/gop-y/7")
    page.locator("textarea").fill(COMMENT)
    clock.move_to(clock.now() + A_MINUTE)
    page.locator("form button").last.click()
    with door.database.reading() as look_in:
        filed = store.petition_of(look_in, look_in.connection.execute(store.petition.select()).one().id)
    assert filed is not None
    answer_to(door, filed)
    closed(door, draft)
    look("/tham-gia")
    look("/gop-y/7")


@pytest.mark.parametrize("width", [360, 1280])
def test_s14b_the_desk_opens_a_draft_and_answers_its_comments_together(
    open_page: OpenPage, desk: str, office: Office, enter: Enter, axe: Any, width: int
) -> None:
    new = desks.prepared(office)
    head, officer = open_page(width=width, bypass_csp=True), open_page(width=width, bypass_csp=True)
    enter(head, HEAD)
    enter(officer, OFFICER)
    there = f"{desk}/desk/consultations/{new.id}"

    head.goto(there)
    head.get_by_role("button", name="Mở lấy ý kiến").click()
    expect(head.get_by_text("Đã mở:")).to_be_visible()
    for _ in range(2):
        desks.commented(office, new)
    officer.goto(there)
    for tick in officer.locator("input[name=id]").all():
        tick.check()
    officer.get_by_label("Điểm góp ý").fill(desks.POINT)
    officer.get_by_role("textbox", name="Tiếp thu, giải trình").fill(desks.ANSWER)
    officer.get_by_text("Tôi đã đọc").click()
    _is_clean(officer, axe)
    officer.get_by_role("button", name="Trình duyệt").click()
    expect(officer.get_by_text("Đã trình 2 câu trả lời")).to_be_visible()
    head.goto(there)
    _is_clean(head, axe)
    head.get_by_role("button", name="Duyệt 2 câu trả lời").click()
    head.get_by_role("button", name="Gửi 2 câu trả lời").click()

    expect(head.get_by_text("Đã gửi 2 câu trả lời")).to_be_visible()
    _is_clean(head, axe)


def test_the_form_of_a_consultation_is_clean_also_with_what_is_wrong(
    open_page: OpenPage, desk: str, enter: Enter, axe: Any
) -> None:
    page = open_page(width=360, bypass_csp=True)
    enter(page, OFFICE)

    page.goto(f"{desk}/desk/consultations/new")
    _is_clean(page, axe)
    page.get_by_role("button", name="Ghi lại").click()

    expect(page.get_by_text("Hãy viết tên dự thảo")).to_be_visible()
    _is_clean(page, axe)


def _is_clean(page: Page, axe: Any) -> None:
    assert axe(page) == []
    assert not scrolls_sideways(page)
