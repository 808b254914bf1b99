"""The gate, a text kept ready, a promise and a reopening in a browser, on a telephone, without script."""

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from services.workflow import actions
from tests.browser.conftest import Enter, Finding, OpenPage, scrolls_sideways
from tests.browser.test_desk import a_photo, enter
from tests.workflow.builders import ANSWER, HEAD, OFFICER, Office

__all__ = ["enter"]  # the fixtures of the desk at work

pytestmark = pytest.mark.timeout(180)

Axe = Callable[[Page], list[Finding]]
SECOND = "Ngày 26/11/2026 chúng tôi đã vá lại ổ gà trước số nhà 120. Căn cứ kế hoạch bảo dưỡng quý IV."


def in_work(office: Office, **given: str) -> UUID:
    case_id = office.file(**given)
    office.act(actions.take, OFFICER, case_id)
    return case_id


def answered(office: Office, **given: str) -> UUID:
    """A case whose answer promised something, and whose citizen asks to look again."""
    case_id = in_work(office)
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="scheduled", promised_on=date(2026, 12, 10))
    office.act(actions.approve, HEAD, case_id)
    office.act(actions.answer, OFFICER, case_id)
    office.ask_again(case_id)
    return case_id


def test_the_gate_says_what_is_missing_and_lets_through_what_is_mended(
    office: Office, desk: str, enter: Enter, open_page: OpenPage, noise_of: Callable[[Page], list[str]]
) -> None:
    case_id = in_work(office)
    page = open_page()
    noise = noise_of(page)
    enter(page, OFFICER)
    page.goto(f"{desk}/desk/cases/{case_id}")

    page.get_by_text("Dùng câu trả lời mẫu").click()
    page.get_by_role("link", name="Đã vá mặt đường").click()
    expect(page.get_by_label("Nội dung")).to_have_value(re.compile("120 Điện Biên Phủ"))
    page.get_by_role("button", name="Trình duyệt").click()
    expect(page.get_by_role("alert")).to_contain_text("chưa qua được mọi điều bắt buộc")
    expect(page.get_by_text("Chưa trả lời câu 1:")).to_be_visible()
    page.get_by_label("Nội dung").fill(ANSWER)
    page.get_by_label("Đã trả lời câu 1").check()
    page.get_by_label("Ảnh, giấy tờ gửi kèm").set_input_files(a_photo())
    page.get_by_role("button", name="Trình duyệt").click()
    expect(page.get_by_text("Chờ người khác duyệt")).to_be_visible()

    assert office.case(case_id).stage == "drafted"
    assert [one for one in noise if "422" not in one] == []


def test_a_head_reopens_and_an_officer_answers_again(
    office: Office, desk: str, enter: Enter, open_page: OpenPage
) -> None:
    case_id = answered(office)
    head, officer = open_page(), open_page()
    enter(head, HEAD)

    head.get_by_role("link", name="Lời hẹn, xin xem lại").click()
    head.get_by_role("link", name="Ổ gà sâu trên đường Điện Biên Phủ").first.click()
    head.get_by_text("Mở lại…", exact=True).click()
    head.get_by_role("dialog", name="Mở lại hồ sơ").get_by_role("button", name="Mở lại").click()
    expect(head.get_by_text("Đã mở lại: đồng hồ chạy từ hôm nay")).to_be_visible()

    enter(officer, OFFICER)
    officer.goto(f"{desk}/desk/cases/{case_id}")
    expect(officer.get_by_text(ANSWER).first).to_be_visible()  # the answer before
    officer.get_by_label("Nội dung").fill(SECOND)
    officer.get_by_label("Đã trả lời câu 1").check()
    officer.get_by_label("Kết quả").select_option("explained")
    officer.get_by_label("Lời xin lỗi, nếu câu trả lời trước sai").fill("Lần trước chúng tôi vá nguội.")
    officer.get_by_role("button", name="Trình duyệt").click()

    expect(officer.get_by_text("Chờ người khác duyệt")).to_be_visible()


def test_a_draft_passes_the_gate_without_script(office: Office, desk: str, enter: Enter, open_page: OpenPage) -> None:
    case_id = in_work(office)
    page = open_page(java_script=False)
    enter(page, OFFICER)
    page.goto(f"{desk}/desk/cases/{case_id}?text=pothole-repaired")

    page.get_by_label("Nội dung").fill(ANSWER)
    page.get_by_label("Đã trả lời câu 1").check()
    page.get_by_label("Ảnh, giấy tờ gửi kèm").set_input_files(a_photo())
    page.get_by_role("button", name="Trình duyệt").click()

    assert office.case(case_id).stage == "drafted"


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_neither_gate_nor_reopening_shuts_anybody_out(
    office: Office, desk: str, enter: Enter, open_page: OpenPage, axe: Axe, width: int
) -> None:
    waiting = answered(office)
    office.act(actions.close, OFFICER, waiting)
    case_id = in_work(office, code="3BJK7WQC")
    page = open_page(width=width, bypass_csp=True)
    found = {}
    enter(page, OFFICER)
    for path in (f"/desk/cases/{case_id}?q=vá&text=pothole-repaired", f"/desk/cases/{waiting}", "/desk/promises"):
        page.goto(desk + path)
        found[path] = [axe(page), scrolls_sideways(page)]
    page.goto(f"{desk}/desk/cases/{case_id}")
    page.get_by_label("Nội dung").fill("Gọi 0905 123 456 để biết {who} làm gì cho Ông/Bà.")
    page.get_by_role("button", name="Trình duyệt").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found["refused"] = [axe(page), scrolls_sideways(page)]
    enter(page, HEAD)
    page.goto(f"{desk}/desk/cases/{waiting}")
    found["head"] = [axe(page), scrolls_sideways(page)]

    assert found == {path: [[], False] for path in found}
