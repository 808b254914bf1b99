"""Following a petition: by code and PIN, by its link, by one link for all; saying more, taking it back, seeing and
correcting what is held."""

import io
import json
import zipfile

from playwright.sync_api import expect

from services.intake import own
from shared.events.intake import ContactCheckAsked, ListAsked, PetitionFiled, PetitionSupplemented, PetitionWithdrawn
from shared.events.workflow import PetitionerErased
from tests.browser.door.conftest import Phone
from tests.browser.door.test_filing import PHOTO, WORDS, write
from tests.intake.builders import case_answered, case_opened, file_one, info_requested
from tests.intake.test_contact import told
from tests.support import emitted


def test_a_petition_is_followed_by_the_code_and_pin_of_its_receipt(phone: Phone) -> None:
    phone.open("/gui")
    write(phone)
    phone.press("Kiểm tra trước khi gửi")
    phone.press("Gửi phản ánh")
    code = phone.page.locator("#the-code").inner_text()
    pin = phone.page.locator(".pin b").inner_text()

    phone.open("/theo-doi")
    phone.field("Mã theo dõi").fill(code.lower().replace("-", ""))
    phone.field("4 số cuối điện thoại, hoặc PIN").fill(pin)
    phone.press("Xem")

    assert phone.page.url.endswith(f"/theo-doi/{code}")
    phone.says("Tiếp theo: câu trả lời cho bạn", WORDS)


def test_a_petition_is_followed_by_its_link_from_the_first_word_to_the_answer(phone: Phone) -> None:
    receipt = file_one(phone.door.database)
    phone.open(f"/t/{receipt.token}")
    phone.says("Chưa có ai mở")

    phone.desk_says(case_opened(receipt.filed.id))
    phone.page.reload()
    phone.says("Trả lời bạn chậm nhất")
    phone.desk_says(case_answered(receipt.filed.id))
    phone.page.reload()

    phone.says("Đã vá xong đêm 25/11.")


def test_a_supplement_with_a_photo_reaches_the_handler_once(phone: Phone) -> None:
    receipt = file_one(phone.door.database)
    phone.open(f"/t/{receipt.token}")
    phone.page.get_by_text("Bổ sung thông tin hoặc ảnh").click()
    phone.page.locator("#bo-sung textarea").fill("Hôm nay hố rộng thêm, xem ảnh.")
    phone.page.set_input_files("#files", PHOTO)
    phone.press("Gửi bổ sung")

    phone.says("Hôm nay hố rộng thêm, xem ảnh.")
    expect(phone.page.locator(".thumbs img")).to_have_count(1)
    assert phone.told(PetitionSupplemented, receipt.filed) == 1


def test_a_question_of_the_handler_is_answered(phone: Phone) -> None:
    receipt = file_one(phone.door.database)
    phone.desk_says(case_opened(receipt.filed.id), info_requested(receipt.filed.id))
    phone.open(f"/t/{receipt.token}")
    phone.says("Ổ gà nằm ở làn nào?")
    phone.field("Câu trả lời của bạn").fill("Làn bên phải, gần cột đèn số 14")
    phone.press("Gửi câu trả lời")

    phone.says("Làn bên phải, gần cột đèn số 14")
    assert phone.told(PetitionSupplemented, receipt.filed) == 1


def test_a_petition_is_taken_back(phone: Phone) -> None:
    receipt = file_one(phone.door.database)
    phone.open(f"/t/{receipt.token}")
    phone.go("Rút hồ sơ")
    phone.says("Hồ sơ kết thúc ngay.")
    phone.page.locator("#reason").fill("Việc đã xong")
    phone.press("Rút hồ sơ này")

    phone.says("Đã nhận yêu cầu rút")
    assert phone.told(PetitionWithdrawn, receipt.filed) == 1


def test_one_link_opens_all_petitions_of_an_address(phone: Phone) -> None:
    address = f"me-{phone.way.replace(' ', '')}@example.vn"
    sent = [file_one(phone.door.database, key=phone.door.key, email=address).filed for _ in range(2)]
    phone.open("/theo-doi")
    phone.go("Nhận đường dẫn mở mọi hồ sơ của tôi")
    phone.page.locator("#address").fill(address)
    phone.press("Gửi đường dẫn cho tôi")
    phone.says("Hãy xem thư hoặc tin nhắn")

    phone.open(f"/ho-so-cua-toi/{token_that_was_sent(phone)}")

    phone.says(*(one.code for one in sent))
    phone.page.get_by_role("link", name=sent[0].code).click()
    phone.says(sent[0].code)


def token_that_was_sent(phone: Phone) -> str:
    """What opens the list for which a mail leaves now."""
    with phone.door.database.writing() as tx:
        own.send_lists(tx, key=phone.door.key)
        (asked,) = (one for one in emitted(tx) if isinstance(one, ListAsked))
        return asked.token.value


def test_where_one_is_told_is_changed_and_shown_to_be_theirs(phone: Phone) -> None:
    receipt = file_one(phone.door.database)
    phone.open(f"/t/{receipt.token}")
    phone.go("Cách chúng tôi báo bạn")
    phone.page.locator("#email").fill("anh.nth@example.vn")
    phone.press("Lưu")

    phone.says("Từ nay chúng tôi báo bạn theo cách này.")
    assert phone.story(receipt.filed) == ["contact_changed"]
    here = phone.page.url
    phone.press("Gửi đường dẫn xác minh")
    phone.open(f"/xac-minh/{told(phone.door, ContactCheckAsked)[-1].token.value}")
    phone.press("Xác minh")

    phone.page.goto(here)
    phone.says("Thư điện tử đã xác minh.")


# ---- one's own data


def own_data(phone: Phone, token: str) -> None:
    phone.open(f"/t/{token}")
    phone.go("Xem, tải, sửa, xoá dữ liệu")
    phone.heading("Dữ liệu của bạn")


def test_one_sees_all_that_is_held(phone: Phone) -> None:
    receipt = file_one(phone.door.database, name="Nguyễn Thị Hồng Ánh")
    own_data(phone, receipt.token)

    with phone.page.expect_download() as loaded:
        phone.go("Tải tất cả (ZIP)")

    archive = zipfile.ZipFile(io.BytesIO(loaded.value.path().read_bytes()))
    assert json.loads(archive.read("du-lieu.json"))["words"]["name"] == "Nguyễn Thị Hồng Ánh"


def test_a_correction_is_asked_for_and_answered(phone: Phone) -> None:
    receipt = file_one(phone.door.database, name="Nguyễn Thị Hồng Anh")
    before = phone.count()
    own_data(phone, receipt.token)
    phone.page.locator("[name=right][value=correct]").check()
    phone.page.locator("#words").fill("Tên tôi là Ánh, không phải Anh.")
    phone.press("Gửi yêu cầu")
    phone.says("Chúng tôi trả lời là đã nhận trong 2 ngày làm việc.")
    asked = phone.filed()
    phone.go("Theo dõi")
    phone.says("Yêu cầu sửa dữ liệu cá nhân", "Tên tôi là Ánh, không phải Anh.")

    phone.desk_says(case_opened(asked.id, kind="data_request"), case_answered(asked.id, is_rated=False))
    phone.page.reload()

    phone.says("Đã vá xong đêm 25/11.")
    assert (asked.kind, phone.count(), phone.told(PetitionFiled, asked)) == ("data_request", before + 1, 1)


def test_an_erasure_is_asked_for_and_both_pages_say_what_became_of_it(phone: Phone) -> None:
    receipt = file_one(phone.door.database, name="Nguyễn Thị Hồng Ánh")
    own_data(phone, receipt.token)
    phone.page.locator("[name=right][value=erase]").check()
    phone.press("Gửi yêu cầu")
    asked = phone.filed()
    phone.go("Theo dõi")
    follow = phone.page.url

    erased = PetitionerErased(petition_id=receipt.filed.id, actor="u:a", asked_by="u:b", request_id=asked.id)
    phone.desk_says(case_opened(asked.id, kind="data_request"), erased, case_answered(asked.id, is_rated=False))
    phone.page.goto(follow)
    phone.says("Kết quả")
    phone.open(f"/t/{receipt.token}")

    phone.says("Nội dung đã được xoá theo yêu cầu.")
