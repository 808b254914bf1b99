"""Where staff live all day, in a browser: each role's desk, lists that renew themselves, two people at one case."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.workflow import actions
from tests.browser.conftest import Enter, Finding, OpenPage, scrolls_sideways
from tests.browser.test_desk import DESK_BYTES, enter  # noqa: F401  # opens the first screen
from tests.workflow.builders import (
    ADMIN,
    ANSWER,
    AUDITOR,
    DENUNCIATION,
    DIRECTOR,
    HEAD,
    OFFICE,
    OFFICER,
    Office,
    Staff,
)

pytestmark = pytest.mark.timeout(240)

LIGHTS = {
    "code": "4XWQ3BJK",
    "topic": "C03",
    "title": "Đèn tín hiệu tắt",
    "text": "Đèn tín hiệu ngã tư Hà Nội tắt hoàn toàn.",
}
SIGNS = {
    "code": "8GZN2RKM",
    "topic": "C04",
    "title": "Biển báo bị che khuất",
    "text": "Biển báo cấm tải trên đường Kim Long bị cây che khuất.",
}
UNCLEAR = {"code": "3BJK7WQC", "topic": None, "title": "Việc lạ", "text": "Việc này tôi không biết gọi là gì cả."}
LOOK = "dispatchEvent(new Event('look'))"  # what happens every twenty seconds


def a_busy_house(office: Office) -> Any:
    """Something in every list: to sort, to assign, to approve, wished for, late, secret."""
    drafted, wished = office.file(), office.file(**LIGHTS)
    office.file(**SIGNS)
    office.file(**UNCLEAR)
    office.file(**DENUNCIATION)
    office.act(actions.take, OFFICER, drafted)
    office.act(actions.submit_draft, OFFICER, drafted, text=ANSWER, outcome="done")
    office.act(actions.take, OFFICER, wished)
    office.act(actions.ask_extension, OFFICER, wished, reason="Chờ vật tư đặc biệt")
    return drafted


SCREENS: list[tuple[Staff, tuple[str, ...]]] = [
    (OFFICER, ("/desk/", "/desk/?view=unit&topic=C01", "/desk/?view=unit&from=x", "/desk/views", "/desk/?view=done")),
    (HEAD, ("/desk/", "/desk/list/print?view=unit", "/desk/office/triage")),
    (OFFICE, ("/desk/", "/desk/office/triage")),
    (DIRECTOR, ("/desk/", "/desk/?view=all&only=restricted")),
    (AUDITOR, ("/desk/",)),
    (ADMIN, ("/desk/", "/desk/people")),
]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(("person", "paths"), SCREENS, ids=lambda value: getattr(value, "role", ""))
def test_no_desk_shuts_anybody_out(
    office: Office,
    desk: str,
    enter: Enter,  # noqa: F811
    open_page: OpenPage,
    axe: Callable[[Page], list[Finding]],
    width: int,
    person: Staff,
    paths: tuple[str, ...],
) -> None:
    a_busy_house(office)
    page = open_page(width=width, bypass_csp=True)
    found: dict[str, list[Any]] = {}

    enter(page, person)
    for path in paths:
        page.goto(desk + path)
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        found[path] = [axe(page), scrolls_sideways(page)]

    assert found == {path: [[], False] for path in paths}


def test_the_longest_name_of_a_kind_fits_on_a_phone(
    office: Office,
    desk: str,
    enter: Enter,  # noqa: F811
    open_page: OpenPage,
) -> None:
    case_id = office.file(**UNCLEAR | {"kind": "procedure_feedback"})
    page = open_page(width=360)
    enter(page, OFFICE)

    page.goto(f"{desk}/desk/office/triage?case={case_id}")

    expect(page.get_by_text("Phản ánh, kiến nghị về việc giải quyết thủ tục hành chính").first).to_be_visible()
    assert not scrolls_sideways(page)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_stale_form_and_a_sign_in_shut_nobody_out(
    office: Office,
    desk: str,
    enter: Enter,  # noqa: F811
    open_page: OpenPage,
    axe: Callable[[Page], list[Finding]],
    width: int,
) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)
    page = open_page(width=width, bypass_csp=True)
    page.goto(f"{desk}/desk/sign-in")
    page.get_by_role("button", name="Đăng nhập").click()
    found = {"sign-in": [axe(page), scrolls_sideways(page)]}

    enter(page, OFFICER)
    page.goto(f"{desk}/desk/cases/{case_id}")
    office.act(actions.save_draft, HEAD, case_id, text=ANSWER, outcome="done")
    page.get_by_label("Nội dung").fill(f"{ANSWER} Xin cảm ơn.")
    page.get_by_role("button", name="Lưu nháp").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{HEAD.name} vừa thay đổi hồ sơ này")
    found["stale"] = [axe(page), scrolls_sideways(page)]

    assert found == {"sign-in": [[], False], "stale": [[], False]}


def test_a_list_renews_itself_and_loses_neither_tick_nor_focus(
    office: Office,
    desk: str,
    enter: Enter,  # noqa: F811
    page: Page,
    noise_of: Callable[[Page], list[str]],
) -> None:
    case_id = office.file()
    noise = noise_of(page)
    enter(page, HEAD)
    page.goto(f"{desk}/desk/?view=unit")
    page.get_by_role("checkbox", name="7K3M9HDT").check()
    page.get_by_role("link", name="Ổ gà sâu trên đường Điện Biên Phủ").focus()

    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.file(**LIGHTS)
    page.evaluate(LOOK)

    row = page.get_by_role("row", name="7K3M9HDT")
    expect(row).to_contain_text(OFFICER.name)
    expect(row).to_contain_text("vừa đổi")
    expect(row.get_by_role("checkbox")).to_be_checked()
    expect(page.get_by_role("link", name="Ổ gà sâu trên đường Điện Biên Phủ")).to_be_focused()
    expect(page.get_by_role("link", name="Đèn tín hiệu tắt")).to_have_count(0)
    page.get_by_role("button", name="1 hồ sơ mới: hiện").click()
    expect(page.get_by_role("link", name="Đèn tín hiệu tắt")).to_be_focused()
    expect(page.get_by_role("navigation", name="Khung nhìn").get_by_role("link", name="Phòng tôi 2")).to_be_visible()
    assert noise == []


def test_a_list_says_that_the_connection_is_lost(
    office: Office,
    desk: str,
    enter: Enter,  # noqa: F811
    page: Page,
) -> None:
    office.file()
    enter(page, HEAD)
    page.goto(f"{desk}/desk/?view=unit")

    page.context.set_offline(True)
    page.evaluate(LOOK)

    expect(page.get_by_text("Mất kết nối, đang thử lại")).to_be_visible()


def test_two_people_at_one_case_see_each_other(
    office: Office,
    desk: str,
    enter: Enter,  # noqa: F811
    open_page: OpenPage,
    noise_of: Callable[[Page], list[str]],
) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)
    officer, head = open_page(), open_page()
    noise = [noise_of(officer), noise_of(head)]
    for page, person in ((officer, OFFICER), (head, HEAD)):
        enter(page, person)
        page.goto(f"{desk}/desk/cases/{case_id}")

    officer.get_by_label("Nội dung").press_sequentially("Chúng tôi")
    expect(officer.get_by_text(f"{HEAD.name} đang xem hồ sơ này")).to_be_visible()
    head.evaluate(LOOK)

    expect(head.get_by_text(f"{OFFICER.name} đang soạn trả lời")).to_be_visible()
    expect(head.get_by_text(f"{OFFICER.name} cũng đang soạn câu trả lời này")).to_be_visible()
    office.act(actions.report_progress, HEAD, case_id, note="Đã đặt cọc cảnh báo")
    officer.evaluate(LOOK)
    expect(officer.get_by_text("Hồ sơ vừa thay đổi")).to_be_visible()
    expect(officer.get_by_label("Nội dung")).to_have_value("Chúng tôi")
    assert noise == [[], []]


def test_a_head_works_down_the_desk_with_one_click_each(
    office: Office,
    enter: Enter,  # noqa: F811
    page: Page,
) -> None:
    drafted = a_busy_house(office)
    enter(page, HEAD)

    page.get_by_role("button", name="Duyệt Ổ gà sâu").click()
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("Đã duyệt")
    page.get_by_label("Người xử lý").first.select_option(OFFICER.person)
    page.get_by_role("button", name="Giao Biển báo bị che khuất").click()
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("Đã phân công")
    page.get_by_role("button", name="Đồng ý Đèn tín hiệu tắt").click()
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("Đã gia hạn")

    assert page.url.endswith("/desk/head")
    assert office.case(drafted).stage == "approved"


def test_the_office_sorts_by_keys(office: Office, enter: Enter, page: Page) -> None:  # noqa: F811
    case_id = office.file(**UNCLEAR)
    enter(page, OFFICE)

    page.keyboard.press("s")
    page.wait_for_url("**/desk/office/triage?case=*", wait_until="load")
    page.get_by_label("Lĩnh vực").select_option("C01")
    page.get_by_label("Lĩnh vực").press("Control+Enter")

    expect(page.get_by_role("heading", name="Không còn đơn nào chờ phân loại")).to_be_visible()
    assert office.case(case_id).stage == "accepted"


def test_the_director_comes_from_a_number_to_its_list(office: Office, enter: Enter, page: Page) -> None:  # noqa: F811
    a_busy_house(office)
    office.at("2026-12-10T09:00")
    enter(page, DIRECTOR)

    page.get_by_role("link", name="trễ, Phòng Quản lý kết cấu hạ tầng giao thông").click()

    expect(page.get_by_role("link", name="Ổ gà sâu trên đường Điện Biên Phủ")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Đơn vị: Phòng Quản lý")).to_be_visible()


def test_an_auditor_is_led_to_the_log_and_an_admin_to_the_people(
    office: Office,
    enter: Enter,  # noqa: F811
    open_page: OpenPage,
) -> None:
    auditor, admin = open_page(), open_page()

    enter(auditor, AUDITOR)
    enter(admin, ADMIN)

    expect(auditor.get_by_role("link", name="Mở sổ nhật ký")).to_have_attribute("href", "/audit/")
    admin.get_by_role("link", name="Mở danh sách người dùng").click()
    expect(admin.get_by_role("heading", name="Thêm người dùng")).to_be_visible()


def test_keys_move_tick_and_tell_about_themselves(
    office: Office,
    desk: str,
    enter: Enter,  # noqa: F811
    page: Page,
) -> None:
    case_id = office.file()
    enter(page, HEAD)
    page.goto(f"{desk}/desk/?view=unit", wait_until="load")

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Phím tắt")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_text("1 hồ sơ đã chọn")).to_be_visible()
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/desk/cases/{case_id}")


def test_an_officers_day_without_script(
    office: Office,
    desk: str,
    enter: Enter,  # noqa: F811
    open_page: OpenPage,
) -> None:
    case_id = office.file()
    page = open_page(java_script=False)
    enter(page, OFFICER)

    page.goto(f"{desk}/desk/?view=unassigned")
    page.locator("summary", has_text="Lọc thêm").click()
    page.get_by_label("Lĩnh vực").select_option("C01")
    page.get_by_role("button", name="Lọc", exact=True).click()
    page.locator("summary", has_text="Lưu khung nhìn này").click()
    page.get_by_label("Tên khung nhìn").fill("Ổ gà chưa ai nhận")
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.get_by_role("link", name="Ổ gà chưa ai nhận 1").click()
    page.get_by_role("link", name="Ổ gà sâu trên đường Điện Biên Phủ").click()
    page.get_by_role("button", name="Nhận việc này").click()
    page.get_by_label("Nội dung").first.fill(ANSWER)
    page.get_by_label("Đã trả lời câu 1").check()
    page.get_by_label("Kết quả").select_option("explained")  # what is done needs a photo
    page.get_by_role("button", name="Trình duyệt").click()

    expect(page.get_by_text("Chờ người khác duyệt")).to_be_visible()
    assert office.case(case_id).stage == "drafted"


@pytest.mark.parametrize("person", [HEAD, OFFICE, DIRECTOR], ids=lambda one: one.role)
def test_each_desk_is_light(
    office: Office,
    enter: Enter,  # noqa: F811
    open_page: OpenPage,
    bytes_of: Callable[[Page], Callable[[], int]],
    person: Staff,
) -> None:
    a_busy_house(office)
    page = open_page()
    loaded = bytes_of(page)

    enter(page, person)
    page.wait_for_load_state("networkidle")

    assert loaded() < DESK_BYTES * 2  # uncompressed by the test's server
