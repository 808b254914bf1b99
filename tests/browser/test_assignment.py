"""Who gets a case, in a browser: the unit's page, plans and phrases, on a desk and on a phone, for every eye."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from services.workflow import actions
from services.workflow.catalogue import read_plan
from shared.clock import MovableClock
from tests.browser.conftest import Enter, Finding, OpenPage, scrolls_sideways
from tests.workflow.builders import (
    ADMIN,
    COLLEAGUE,
    HEAD,
    OFFICE,
    OFFICER,
    Office,
    Staff,
)

pytestmark = pytest.mark.timeout(180)

PLAN = {
    "source": "QĐ 01/QĐ-SXD",
    "close": [{"unit": "KCHT", "successor": "HTGT", "accounts": True}],
    "open": [{"code": "HTGT", "name": "Phòng Hạ tầng giao thông", "name_en": "Roads Division"}],
}


@pytest.fixture
def office(office: Office, clock: MovableClock) -> Office:
    """A unit with a row of its matrix, somebody away, and what they left."""
    today = clock.now().date()
    case_id = office.file()
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.file(code="3BJK7WQC", title="Hố to", text="Hố to trên đường Nguyễn Huệ, xe máy dễ ngã.")
    with office.database.writing() as tx:
        row = {"officer": OFFICER.person, "deputy": COLLEAGUE.person, "valid_from": today}
        actions.add_duty(tx, office.rules, person=HEAD, topic="C02", ward="phu-xuan", **row)
        days = {"valid_from": today, "valid_to": today.replace(day=27)}
        absent = {"absent": OFFICER.person, "reason": "sick", "deputy": COLLEAGUE.person}
        actions.add_absence(tx, office.rules, person=HEAD, **absent, **days)
    return office


@pytest.fixture
def enter(enter: Enter, desk: str) -> Callable[[Page, Staff, str], None]:
    """Opens an address of the desk for somebody, without a password."""

    def opened(page: Page, person: Staff, path: str) -> None:
        enter(page, person)
        page.goto(f"{desk}{path}", wait_until="load")

    return opened


PLACES = [
    (HEAD, "/desk/unit"),
    (HEAD, "/desk/?view=unassigned"),
    (OFFICE, "/desk/corrections"),
    (ADMIN, "/desk/reorganisation"),
]


@pytest.mark.parametrize(("person", "path"), PLACES)
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_is_whole_and_for_everybody(
    person: Staff,
    path: str,
    width: int,
    enter: Callable[[Page, Staff, str], None],
    open_page: OpenPage,
    axe: Callable[[Page], list[Finding]],
    noise_of: Callable[[Page], list[str]],
) -> None:
    page = open_page(width=width)
    noise = noise_of(page)

    enter(page, person, path)

    assert axe(page) == []
    assert not scrolls_sideways(page)
    assert noise == []


def test_a_head_without_scripts_hands_over_what_somebody_left(
    office: Office, enter: Callable[[Page, Staff, str], None], open_page: OpenPage
) -> None:
    page = open_page(java_script=False)
    enter(page, HEAD, "/desk/unit")

    page.get_by_role("button", name="Giao lại các hồ sơ đã chọn").click()

    expect(page.get_by_role("main")).to_contain_text("1 hồ sơ đã giao cho Cán bộ Hạ tầng 2")


def test_an_admin_without_scripts_makes_a_plan_and_takes_it_along(
    enter: Callable[[Page, Staff, str], None], open_page: OpenPage
) -> None:
    page = open_page(width=360, java_script=False)
    enter(page, ADMIN, "/desk/reorganisation")
    roads = page.get_by_role("group", name="Phòng Quản lý kết cấu hạ tầng giao thông")
    expect(roads.get_by_label("Đơn vị kế tiếp")).to_be_hidden()

    page.get_by_label("Quyết định số").fill("QĐ 01/QĐ-SXD")
    page.get_by_label("Ngày đầu tiên", exact=True).fill("23/11/2026")
    roads.get_by_role("checkbox", name="Phòng Quản lý kết cấu hạ tầng giao thông").check()
    roads.get_by_label("Đơn vị kế tiếp").select_option("Đơn vị mới 1")
    page.get_by_role("button", name="Xem sẽ thay đổi gì").click()
    expect(roads).to_contain_text("Hãy ghi đơn vị mới 1 ở bên dưới")
    new = page.locator("#open details").first
    new.locator("summary").click()
    new.get_by_label("Tên đơn vị").fill("Phòng Hạ tầng giao thông")
    new.get_by_label("Tên tiếng Anh").fill("Roads Division")
    new.get_by_label("Mã, ký hiệu").fill("htgt")
    page.get_by_role("button", name="Xem sẽ thay đổi gì").click()

    expect(page.locator("#effect")).to_contain_text("Phòng Hạ tầng giao thông")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Tải tệp phương án").click()
    assert taken.value.suggested_filename == "plan-2026-11-23.json"
    assert read_plan(taken.value.path()).heirs == {"KCHT": "HTGT"}


@pytest.mark.parametrize("width", [360, 1280])
def test_a_plan_and_what_is_wrong_with_it_are_for_everybody(
    width: int,
    enter: Callable[[Page, Staff, str], None],
    open_page: OpenPage,
    axe: Callable[[Page], list[Finding]],
) -> None:
    page = open_page(width=width)
    enter(page, ADMIN, "/desk/reorganisation")

    page.get_by_role("checkbox", name="Cảng vụ đường thủy nội địa").check()
    page.get_by_role("button", name="Xem sẽ thay đổi gì").click()

    assert (axe(page), scrolls_sideways(page)) == ([], False)
    page.get_by_text("Đã có tệp phương án (JSON)").click()
    page.get_by_label("Ngày đầu tiên của phương án").fill("23/11/2026")
    page.get_by_label("Phương án", exact=True).fill(json.dumps(PLAN, ensure_ascii=False))
    page.get_by_role("button", name="Xem trước tệp").click()
    expect(page.get_by_role("heading", name="Đơn vị kết thúc")).to_be_visible()
    assert (axe(page), scrolls_sideways(page)) == ([], False)
