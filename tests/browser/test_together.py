"""Working together in a browser: an expert answers by a link, a letter is taken apart, a unit is asked and urged."""

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from services.workflow import actions, store
from tests.browser.conftest import Enter, Finding, OpenPage, scrolls_sideways
from tests.workflow.builders import HEAD, LAWYER, OFFICE, OFFICER, Office

pytestmark = pytest.mark.timeout(180)

Axe = Callable[[Page], list[Finding]]
QUESTION = "Xin cho biết tải trọng cho phép của cầu trên đoạn đường này là bao nhiêu."
OPINION = "Tải trọng thiết kế của cầu là H30, xe trên 30 tấn không được qua."
POTHOLE = "Đường Nguyễn Huệ có ổ gà rất sâu trước số nhà 12, đề nghị vá."
BUS = "Xe buýt tuyến số 2 sáng nay bỏ chuyến, tôi chờ 40 phút không có xe."


def in_work(office: Office) -> UUID:
    case_id = office.file()
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    return case_id


def link_of(office: Office, case_id: UUID) -> str:
    events = office.act(
        actions.consult, OFFICER, case_id, name="Đại học Kỹ thuật", email="cau@example.vn", question=QUESTION
    )
    return str(events[0].link_token.value)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("width", "java_script"), [(360, False), (1280, True)])
def test_an_expert_answers_by_a_link_without_an_account(
    office: Office, desk: str, open_page: OpenPage, axe: Axe, width: int, java_script: bool
) -> None:
    case_id = in_work(office)
    address = f"{desk}/desk/consult/{link_of(office, case_id)}"
    page = open_page(width=width, java_script=java_script)

    page.goto(address)
    expect(page.get_by_role("main")).to_contain_text(QUESTION)
    assert not scrolls_sideways(page)
    for word in ("Nguyễn Thị Hồng Ánh", "7K3M", "Điện Biên Phủ"):
        assert word not in page.content()
    assert axe(page) == [] if java_script else True
    page.get_by_role("button", name="Gửi ý kiến").click()
    expect(page.get_by_label("Nội dung")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Nội dung").fill(OPINION)
    page.get_by_role("button", name="Gửi ý kiến").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Cảm ơn Ông/Bà")
    assert axe(page) == [] if java_script else True
    with office.database.reading() as look:
        assert [one.answer for one in store.consults_of(look, case_id)] == [OPINION]
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 404


@pytest.mark.parametrize("width", [360, 1280])
def test_the_officer_asks_an_expert_and_another_unit_and_reads_what_they_say(
    office: Office, desk: str, enter: Enter, open_page: OpenPage, axe: Axe, width: int
) -> None:
    case_id = in_work(office)
    page = open_page(width=width)
    enter(page, OFFICER)
    page.goto(f"{desk}/desk/cases/{case_id}")

    page.get_by_role("button", name="Đề nghị phối hợp…").click()
    dialog = page.get_by_role("dialog", name="Đề nghị đơn vị khác phối hợp")
    dialog.get_by_label("Đơn vị").select_option("PCAT")
    dialog.get_by_label("Cần biết hoặc cần làm gì").fill("Đoạn này có phải điểm đen tai nạn không?")
    dialog.get_by_role("button", name="Gửi đề nghị").click()
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("Đã gửi đề nghị phối hợp")
    page.get_by_role("button", name="Xin ý kiến chuyên môn…").click()
    dialog = page.get_by_role("dialog", name="Xin ý kiến chuyên môn bên ngoài")
    dialog.get_by_label("Người hoặc cơ quan được hỏi").fill("Đại học Kỹ thuật")
    dialog.get_by_label("Thư điện tử").fill("cau@example.vn")
    dialog.get_by_label("Câu hỏi").fill(QUESTION)
    dialog.get_by_label("Dừng đồng hồ").check()
    dialog.get_by_role("button", name="Gửi câu hỏi").click()

    together = page.locator("#together")
    expect(together).to_contain_text("Phòng Pháp chế")
    expect(together).to_contain_text("đồng hồ chờ đến")
    assert not scrolls_sideways(page)
    assert axe(page) == []

    lawyer = open_page(width=width)
    enter(lawyer, LAWYER)
    lawyer.goto(f"{desk}/desk/?view=support")
    lawyer.get_by_role("link", name="Ổ gà sâu trên đường Điện Biên Phủ").click()
    lawyer.get_by_label("Ý kiến phối hợp").fill("Không phải điểm đen; năm qua không có tai nạn.")
    lawyer.get_by_role("button", name="Gửi ý kiến").click()
    expect(lawyer.locator("#together")).to_contain_text("năm qua không có tai nạn")
    assert not scrolls_sideways(lawyer)
    assert axe(lawyer) == []


@pytest.mark.parametrize(("width", "java_script"), [(360, False), (1280, True)])
def test_a_letter_is_taken_apart_sentence_by_sentence(
    office: Office, desk: str, enter: Enter, open_page: OpenPage, axe: Axe, width: int, java_script: bool
) -> None:
    case_id = office.file(title="Chuyện phố tôi", text=f"{POTHOLE} {BUS}", kind=None, topic=None)
    if office.case(case_id).stage != "triage":
        office.act(actions.return_to_triage, OFFICE, case_id, reason="Thư nói nhiều việc")
    page = open_page(width=width, java_script=java_script)
    enter(page, OFFICE)
    page.goto(f"{desk}/desk/cases/{case_id}")
    page.get_by_role("link", name="Tách thành nhiều việc…").click()
    assert not scrolls_sideways(page)
    assert axe(page) == [] if java_script else True

    page.get_by_label(POTHOLE).select_option("1")
    page.get_by_role("button", name="Tách và báo người gửi").click()
    expect(page.get_by_role("alert")).to_contain_text("ít nhất hai phần")
    expect(page.get_by_label(POTHOLE)).to_have_value("1")
    page.get_by_label(BUS).select_option("2")
    page.locator("#topic-1").select_option("C01")
    page.locator("#topic-2").select_option("C13")
    page.get_by_role("button", name="Tách và báo người gửi").click()

    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("Đã tách thành 2 phần")
    assert office.case(case_id).stage == "split"


def test_a_unit_is_urged_and_a_colleague_is_mentioned(
    office: Office, desk: str, enter: Enter, open_page: OpenPage, axe: Axe
) -> None:
    case_id = in_work(office)
    clerk, head = open_page(), open_page(width=360)
    enter(clerk, OFFICE)
    clerk.goto(f"{desk}/desk/cases/{case_id}")
    clerk.get_by_role("button", name="Đôn đốc…").click()
    dialog = clerk.get_by_role("dialog", name="Đôn đốc")
    dialog.get_by_label("Lý do đôn đốc").fill("Người dân gọi lần thứ ba")
    dialog.get_by_role("button", name="Đôn đốc", exact=True).click()
    clerk.get_by_label("Ghi chú nội bộ").fill("@Trưởng phòng Hạ tầng xin gọi lại tôi")
    clerk.get_by_role("button", name="Thêm ghi chú").click()

    enter(head, HEAD)
    head.goto(f"{desk}/desk/")
    expect(head.get_by_role("heading", name="1 lần đôn đốc chờ bạn trả lời")).to_be_visible()
    assert axe(head) == []
    head.goto(f"{desk}/desk/mentions")
    expect(head.get_by_role("main")).to_contain_text("xin gọi lại tôi")
    assert not scrolls_sideways(head)
    assert axe(head) == []
    head.goto(f"{desk}/desk/cases/{case_id}")
    expect(head.get_by_role("heading", name="Được đôn đốc")).to_be_visible()
    assert not scrolls_sideways(head)
    assert axe(head) == []
    head.get_by_label("Vì sao chậm, và làm gì tiếp").fill("Chiều nay đội sửa đường có mặt")
    head.get_by_role("button", name="Trả lời đôn đốc").click()
    expect(head.get_by_role("heading", name="Được đôn đốc")).to_have_count(0)
