"""The desk in a browser: an officer and a head answer a citizen, by mouse, by keys, without script, on a phone."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from services.workflow import actions
from tests.browser.conftest import Enter, Finding, OpenPage, scrolls_sideways
from tests.workflow.builders import ANSWER, HEAD, OFFICER, Office, Staff

pytestmark = pytest.mark.timeout(180)

DESK_BYTES = 75 * 1024


@pytest.fixture
def enter(enter: Enter, desk: str) -> Enter:
    """Signs somebody in without a password, and opens their first screen."""

    def signed_in(page: Page, person: Staff) -> None:
        enter(page, person)
        page.goto(f"{desk}/desk/")

    return signed_in


def a_photo() -> FilePayload:
    """A picture as a telephone hands it over."""
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "grey").save(out, "JPEG")
    return {"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def open_case(page: Page) -> None:
    """Opens the case from the list, and waits until its keys work: scripts run before a page has loaded."""
    page.get_by_role("link", name="Ổ gà sâu trên đường Điện Biên Phủ").click()
    page.wait_for_url("**/desk/cases/**", wait_until="load")


def step(page: Page, words: str) -> None:
    page.get_by_role("group", name="Việc với hồ sơ").get_by_text(words).first.click()


def test_an_officer_and_a_head_answer_a_citizen(
    office: Office, enter: Enter, open_page: OpenPage, noise_of: Callable[[Page], list[str]]
) -> None:
    case_id = office.file()
    head, officer = open_page(), open_page()
    noise = [noise_of(head), noise_of(officer)]
    enter(head, HEAD)
    open_case(head)
    step(head, "Phân công")
    dialog = head.get_by_role("dialog", name="Phân công")
    expect(dialog.get_by_label("Người xử lý")).to_be_focused()
    dialog.get_by_label("Người xử lý").select_option(OFFICER.person)
    dialog.get_by_role("button", name="Phân công").click()
    expect(head.get_by_role("main").get_by_role("status")).to_contain_text("Đã phân công")

    enter(officer, OFFICER)
    open_case(officer)
    officer.keyboard.press("s")  # the next step is printed on its button
    expect(officer.get_by_text("Đang xử lý").first).to_be_visible()
    officer.get_by_label("Nội dung").fill(ANSWER)
    officer.get_by_label("Đã trả lời câu 1").check()
    officer.get_by_label("Ảnh, giấy tờ gửi kèm").set_input_files(a_photo())
    officer.get_by_label("Nội dung").focus()
    officer.keyboard.press("Control+Enter")
    expect(officer.get_by_text("Chờ người khác duyệt")).to_be_visible()

    head.reload()
    head.get_by_role("button", name="Duyệt câu trả lời").click()
    expect(head.get_by_text("Đã duyệt. Câu trả lời chờ được gửi.")).to_be_visible()
    officer.reload()
    step(officer, "Gửi trả lời")
    officer.get_by_role("dialog").get_by_role("button", name="Gửi trả lời").click()
    expect(officer.get_by_text("Đã trả lời công dân").first).to_be_visible()

    assert office.case(case_id).stage == "answered"
    assert noise == [[], []]


def test_the_same_without_script(office: Office, enter: Enter, open_page: OpenPage) -> None:
    case_id = office.file()
    page = open_page(java_script=False)
    enter(page, HEAD)

    page.get_by_role("link", name="Ổ gà sâu trên đường Điện Biên Phủ").click()
    page.get_by_label("Người xử lý").select_option(OFFICER.person)
    page.locator("#d-assign").get_by_role("button", name="Phân công").click()

    assert office.case(case_id).officer == OFFICER.person


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_no_screen_of_the_desk_shuts_anybody_out(
    office: Office, desk: str, enter: Enter, open_page: OpenPage, axe: Callable[[Page], list[Finding]], width: int
) -> None:
    case_id = office.file()
    office.file(
        code="3BJK7WQC", topic="C03", title="Đèn tín hiệu tắt", text="Đèn tín hiệu ngã tư Hà Nội tắt hoàn toàn."
    )
    office.act(actions.take, OFFICER, case_id)
    office.act(actions.ask_citizen, OFFICER, case_id, question="Ổ gà nằm ở làn đường nào ạ?")
    office.act(actions.resume, OFFICER, case_id)
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done")
    page = open_page(width=width, bypass_csp=True)
    found: dict[str, list[Any]] = {}

    enter(page, HEAD)
    for path in ("/desk/?view=unit", "/desk/?view=unit&q=kh%C3%B4ng+th%E1%BA%A5y", f"/desk/cases/{case_id}"):
        page.goto(desk + path)
        found[path] = [axe(page), scrolls_sideways(page)]
    with page.expect_navigation():
        page.locator("form[action$='return_draft'] textarea").evaluate("area => area.form.submit()")
    found["refused"] = [axe(page), scrolls_sideways(page)]
    expect(page.get_by_role("alert")).to_contain_text("Hãy viết lý do")

    assert found == {path: [[], False] for path in found}


def test_ctrl_k_opens_a_case_by_its_code(office: Office, desk: str, enter: Enter, page: Page) -> None:
    case_id = office.file(code="7K3M9HDT")
    enter(page, HEAD)

    page.keyboard.press("Control+k")
    page.keyboard.type("7k3m")
    page.get_by_role("option", name="7K3M9HDT").click()

    page.wait_for_url(f"**/desk/cases/{case_id}")


def test_a_desk_is_light(
    office: Office, desk: str, enter: Enter, open_page: OpenPage, bytes_of: Callable[[Page], Callable[[], int]]
) -> None:
    case_id = office.file()
    page = open_page()
    loaded = bytes_of(page)

    enter(page, HEAD)
    page.goto(f"{desk}/desk/cases/{case_id}")
    page.wait_for_load_state("networkidle")

    assert loaded() < DESK_BYTES * 2  # two pages on a first visit, uncompressed by the test's server
