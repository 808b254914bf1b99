"""Filing each kind that a citizen can file at the door, from its first page to the receipt."""

import re

import pytest
from playwright.sync_api import expect

from services.intake.catalogue import OFFERED
from shared.events.intake import PetitionFiled
from tests.browser.door.conftest import Phone
from tests.browser.test_stepped_filing import LETTER, answer
from tests.intake.builders import a_picture

WORDS = "Trước cổng trường có ổ gà sâu khoảng 20 cm, hai xe máy đã ngã."
ON_ONE_PAGE = (
    ("report", "Gửi phản ánh", "Gửi phản ánh"),
    ("proposal", "Kiến nghị", "Gửi"),
    ("procedure_feedback", "Hồ sơ, thủ tục", "Gửi"),
)
BY_STEPS = (("complaint", "Khiếu nại"), ("denunciation", "Tố cáo"))
PHOTO = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": a_picture(size=(640, 480))}


def write(phone: Phone, words: str = WORDS) -> None:
    phone.field("Chuyện gì đã xảy ra?").fill(words)
    phone.field("Địa điểm").fill("Trước số 12 Lê Lợi")


def is_filed_once(phone: Phone, kind: str | None, before: int) -> None:
    filed = phone.filed()
    assert filed.kind == kind
    assert phone.count() == before + 1
    assert phone.told(PetitionFiled, filed) == 1
    phone.page.reload()
    expect(phone.page.locator("#the-code")).to_have_text(filed.code)
    phone.says_nothing_on_device()


def test_every_kind_that_is_offered_is_filed_here() -> None:
    assert {kind for kind, *_ in (*ON_ONE_PAGE, *BY_STEPS)} == set(OFFERED)


@pytest.mark.parametrize(("kind", "link", "send"), ON_ONE_PAGE)
def test_what_needs_no_signature_is_filed_on_one_page(phone: Phone, kind: str, link: str, send: str) -> None:
    before = phone.count()
    phone.open("/")
    phone.go(link)
    write(phone)
    phone.press("Kiểm tra trước khi gửi")
    phone.heading("Kiểm tra rồi gửi")
    phone.says(WORDS)
    phone.press(send)

    phone.heading("Đã nhận")
    is_filed_once(phone, kind, before)


def test_a_photo_goes_with_a_report_and_leads_to_the_follow_page(phone: Phone) -> None:
    phone.open("/gui")
    write(phone)
    phone.page.set_input_files("#files", PHOTO)
    if phone.has_script:  # it goes by itself, ahead of the form
        expect(phone.page.locator(".kept img")).to_have_count(1)
    phone.press("Kiểm tra trước khi gửi")
    expect(phone.page.locator(".thumbs img")).to_have_count(1)
    phone.press("Gửi phản ánh")

    phone.go("Theo dõi")
    expect(phone.page.locator(".thumbs img")).to_have_count(1)
    phone.says(WORDS)


def test_feedback_about_a_procedure_begins_at_its_page(phone: Phone) -> None:
    before = phone.count()
    phone.open("/thu-tuc/VT-01")
    phone.go("Phản ánh về thủ tục này")
    phone.says("Về thủ tục:")
    write(phone, "Hồ sơ nộp 02/11, hẹn 16/11, nay chưa có kết quả.")
    phone.press("Kiểm tra trước khi gửi")
    phone.press("Gửi")

    phone.heading("Đã nhận")
    is_filed_once(phone, "procedure_feedback", before)


@pytest.mark.parametrize(("kind", "link"), BY_STEPS)
def test_a_letter_is_filed_by_five_steps_and_signed(phone: Phone, kind: str, link: str) -> None:
    before = phone.count()
    phone.open("/")
    phone.press(link)
    for number in (1, 2, 3, 4):
        answer(phone.page, kind, number)
        phone.says_nothing_on_device()
        phone.press("Tiếp tục")
    phone.heading("Kiểm tra và ký")
    phone.page.get_by_label("Gửi ngay ảnh chụp").check()
    phone.page.set_input_files("#letter", LETTER)
    phone.press("Gửi đơn")

    phone.heading("Đã nhận hồ sơ")
    is_filed_once(phone, kind, before)
    assert kind == "complaint" or not re.search("denunciation|tố cáo", phone.history(), re.IGNORECASE)


def test_a_letter_is_sent_unsigned_and_its_signed_photo_later(phone: Phone) -> None:
    phone.open("/gui/buoc/1?loai=complaint")  # an older bookmark
    phone.press("Bắt đầu")
    for number in (1, 2, 3, 4):
        answer(phone.page, "complaint", number)
        phone.press("Tiếp tục")
    phone.page.locator("[name=signature][value=post]").check()
    phone.press("Gửi đơn")
    phone.go("Theo dõi")

    phone.page.set_input_files("#letter", LETTER)
    phone.press("Gửi đơn đã ký")

    phone.says("Đã nhận đơn đã ký")
    assert phone.filed().signature_status == "scanned"
