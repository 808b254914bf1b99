"""The list of late dossiers in a browser: a faulty line comes back to be mended, also on a telephone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter, Finding, OpenPage, scrolls_sideways
from tests.workflow.builders import OFFICE

pytestmark = pytest.mark.timeout(180)

GOOD = "H35.13-261110-0042;VT-02;10/11/2026;27/11/2026;Nguyễn Thị Hồng Ánh;0905 123 456;anh.nth@example.vn"
FAULTY = "H35.13-261110-0043;XX-99;10/11/2026;27/11/2026;Lê Thị Hoa;0905 123 457;"


@pytest.mark.parametrize(("width", "java_script"), [(360, False), (1280, True)])
def test_s22c_a_faulty_line_of_a_list_comes_back_and_is_mended(
    desk: str, enter: Enter, open_page: OpenPage, axe: Callable[[Page], list[Finding]], width: int, java_script: bool
) -> None:
    page = open_page(width=width, java_script=java_script)
    enter(page, OFFICE)
    page.goto(f"{desk}/desk/counter")
    page.get_by_role("link", name="Hồ sơ thủ tục trễ hẹn").click()
    box = page.get_by_label("Danh sách, mỗi hồ sơ một dòng")
    box.fill(f"{GOOD}\n{FAULTY}")
    page.get_by_role("button", name="Ghi danh sách").click()
    expect(page.get_by_role("alert")).to_contain_text("Dòng 2 · Mã hoặc tên thủ tục: Không có thủ tục này")
    expect(box).to_have_value(FAULTY)
    assert not scrolls_sideways(page)
    assert axe(page) == [] if java_script else True

    box.fill(FAULTY.replace("XX-99", "VT-01"))
    page.get_by_role("button", name="Ghi danh sách").click()

    expect(page.get_by_text("Đã ghi 1 hồ sơ.")).to_be_visible()
    expect(page.get_by_text("H35.13-261110-0043")).to_be_visible()
    assert axe(page) == [] if java_script else True
