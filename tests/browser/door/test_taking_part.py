"""Taking part: a comment on a draft, a petition of somebody else that one meets too."""

import itertools

from playwright.sync_api import expect

from services.intake import store
from services.intake.domain.secret import hashed
from tests.browser.door.conftest import Phone

TURNS = itertools.count()


def test_a_draft_is_commented_on_and_followed(phone: Phone) -> None:
    before = phone.count()
    phone.open("/tham-gia")
    phone.page.locator('a[href="/gop-y/7"]').first.click()
    phone.field("Góp ý của bạn").fill(f"Nên kéo dài tuyến số 4 đến chợ An Cựu ({next(TURNS)}).")
    phone.press("Gửi góp ý")

    phone.heading("Đã nhận góp ý của bạn")
    assert (phone.filed().kind, phone.count()) == ("consultation_comment", before + 1)
    phone.go("Theo dõi")
    phone.says("Lấy ý kiến đến hết")


def test_what_somebody_else_reported_is_followed_with_a_code_of_ones_own(phone: Phone) -> None:
    phone.open("/so-phan-anh/2026-0001")
    phone.go("Tôi cũng gặp")
    phone.field("Thư điện tử").fill(f"me-{next(TURNS)}@example.vn")
    phone.press("Theo dõi việc này")
    phone.heading("Việc bạn theo dõi")
    token = phone.page.url.rsplit("/", 1)[1]

    phone.press("Thôi theo dõi")

    phone.says("Bạn đã thôi theo dõi. Địa chỉ của bạn đã bị xoá.")
    with phone.door.database.reading() as look:
        left = store.follower_by_token(look, hashed(token))
    assert left is not None
    assert (left.email, left.left_at is not None) == (None, True)
    expect(phone.page.get_by_role("button", name="Thôi theo dõi")).to_have_count(0)
