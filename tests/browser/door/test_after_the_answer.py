"""After the answer: judging it, asking for another look, saying whether a promise was kept."""

from datetime import date

from playwright.sync_api import expect

from services.intake.steps import Receipt
from shared.events.intake import PetitionPromiseJudged, PetitionRated, PetitionReopenRequested
from tests.browser.door.conftest import Phone
from tests.browser.pages import answer_of, promise_asked
from tests.intake.builders import case_opened, file_one


def answered(phone: Phone) -> Receipt:
    """A petition whose answer came."""
    receipt = file_one(phone.door.database)
    phone.desk_says(
        case_opened(receipt.filed.id, answer_due_on=date(2026, 12, 3)), answer_of(phone.door, receipt.filed.id)
    )
    return receipt


def test_an_answer_is_judged_by_one_question(phone: Phone) -> None:
    receipt = answered(phone)
    phone.open(f"/t/{receipt.token}")
    phone.go("Chấm điểm câu trả lời")
    phone.page.get_by_role("radio", name="Hài lòng", exact=True).first.check()
    phone.press("Gửi đánh giá")

    phone.heading("Cảm ơn bạn đã chấm điểm")
    assert phone.told(PetitionRated, receipt.filed) == 1


def test_s16c_a_low_mark_from_the_mail_leads_to_asking_for_another_look(phone: Phone) -> None:
    receipt = answered(phone)
    phone.open(f"/t/{receipt.token}/danh-gia?diem=1")  # as the mail of the answer leads there
    expect(phone.page.get_by_role("radio", name="Rất không hài lòng").first).to_be_checked()
    phone.press("Gửi đánh giá")
    phone.heading("xem lại")
    phone.page.get_by_label("Điều gì chưa được giải quyết?").fill("Mưa một đêm là bong hết")
    phone.press("Gửi yêu cầu xem lại")

    phone.says("Bạn xin xem lại câu trả lời")
    assert phone.told(PetitionReopenRequested, receipt.filed) == 1
    phone.open(f"/t/{receipt.token}/danh-gia?diem=5")  # the mail again: the first mark stays
    phone.heading("Cảm ơn bạn đã chấm điểm")
    assert phone.told(PetitionRated, receipt.filed) == 1


def test_four_aspects_are_told_in_one_go_with_the_whole(phone: Phone) -> None:
    receipt = answered(phone)
    phone.open(f"/t/{receipt.token}/danh-gia")
    phone.page.get_by_text("Chấm riêng bốn điều").click()
    for words in ("Thời gian xử lý phản ánh", "Kết quả thực tế sau xử lý"):
        phone.page.get_by_role("group", name=words).get_by_text("Bình thường").click()
    phone.press("Gửi đánh giá")
    assert phone.page.title().startswith("Lỗi: ")  # the whole is asked for, and nothing that was ticked is lost
    aspect = phone.page.get_by_role("group", name="Thời gian xử lý phản ánh")
    expect(aspect.get_by_label("Bình thường")).to_be_checked()
    phone.page.get_by_role("group", name="Nhìn chung").get_by_text("Hài lòng", exact=True).click()
    phone.press("Gửi đánh giá")

    phone.heading("Cảm ơn bạn đã chấm điểm")


def test_another_look_is_asked_for_once(phone: Phone) -> None:
    receipt = answered(phone)
    phone.open(f"/t/{receipt.token}")
    phone.go("Xin xem lại")
    phone.page.get_by_label("Điều gì chưa được giải quyết?").fill("Mưa một đêm là bong hết")
    phone.press("Gửi yêu cầu xem lại")

    phone.says("Người đứng đầu đơn vị sẽ xem và trả lời bạn", "Bạn xin xem lại câu trả lời")
    expect(phone.page.get_by_role("link", name="Xin xem lại")).to_have_count(0)
    assert phone.told(PetitionReopenRequested, receipt.filed) == 1


def test_a_promise_that_was_not_kept_is_denied(phone: Phone) -> None:
    receipt = answered(phone)
    phone.desk_says(promise_asked(phone.door, receipt.filed.id))
    phone.open(f"/t/{receipt.token}")
    expect(phone.page.get_by_role("heading", name="Việc đã được làm chưa?")).to_be_visible()
    phone.go("Trả lời")
    phone.page.get_by_label("Chưa làm, hoặc làm chưa xong").check()
    phone.page.get_by_label("Bạn muốn nói thêm?").fill("Chưa ai đến")
    phone.press("Gửi")

    phone.says("Bạn nói: chưa làm")
    assert phone.told(PetitionPromiseJudged, receipt.filed) == 1
