"""Publishing a case: covering a photo without a script, and nobody shut out."""

import os

import pytest
from playwright.sync_api import expect

from services.workflow import actions, store
from tests.browser.conftest import Enter, OpenPage, scrolls_sideways
from tests.browser.test_answers import Axe, a_photo
from tests.workflow.builders import ANSWER, HEAD, OFFICER, Office
from tests.workflow.test_summaries import in_work


@pytest.mark.parametrize("width", [360, 1280])
def test_s15a_a_photo_is_covered_without_script_and_published_by_the_head(
    office: Office, desk: str, enter: Enter, open_page: OpenPage, axe: Axe, width: int
) -> None:
    case_id = in_work(office)
    office.act(actions.accept, OFFICER, case_id)
    page = open_page(java_script=False, width=width)
    enter(page, OFFICER)
    page.goto(f"{desk}/desk/cases/{case_id}")
    page.get_by_label("Nội dung").fill(ANSWER)
    page.get_by_label("Ảnh, giấy tờ gửi kèm").set_input_files(a_photo())
    page.get_by_role("button", name="Lưu nháp").click()

    page.goto(f"{desk}/desk/cases/{case_id}/summary")
    page.get_by_label("Tiêu đề").fill("Ổ gà trước trường Quốc Học")
    page.get_by_label("Việc được phản ánh").fill("Ổ gà sâu, người báo để số 0905 123 456.")
    page.get_by_label("Sau khi làm").check()
    page.get_by_label("Hàng 2, cột 3", exact=True).check(force=True)
    page.get_by_role("button", name="Lưu và che").click()
    expect(page.get_by_text("[số điện thoại]").first).to_be_visible()
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"/tmp/public/desk-summary-{width}.png", full_page=True)
    with office.database.reading() as look:
        (one,) = store.summaries_of(look, case_id)
    assert one.photos[0].cells == (14,)

    head = open_page(width=width, bypass_csp=True)
    enter(head, HEAD)
    head.goto(f"{desk}/desk/cases/{case_id}/summary")
    assert axe(head) == []
    assert not scrolls_sideways(head)
    head.get_by_role("button", name="Công bố", exact=True).click()
    expect(head.get_by_text("/so-phan-anh/2026-0001")).to_be_visible()
