"""Ways through the door on a phone of 360 px, each with and without JavaScript: after the answer, and about a draft."""

import itertools
import re
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import expect

from services.intake.proof import NUMBERS
from tests.browser.conftest import OpenPage, scrolls_sideways
from tests.browser.pages import Furnished, answer_of
from tests.browser.test_pages import home, made
from tests.intake.builders import case_opened, file_one, hear

__all__ = ["home", "made"]  # a door with one of everything

pytestmark = pytest.mark.browser

TURNS = itertools.count()


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def phone(request: pytest.FixtureRequest, open_page: OpenPage) -> Any:
    return open_page(width=360, java_script=request.param)


def test_s16c_a_low_mark_from_the_mail_leads_to_asking_for_another_look(phone: Any, made: Furnished, home: str) -> None:
    receipt = file_one(made.door.database)
    hear(made.door.database, case_opened(receipt.filed.id, answer_due_on=date(2026, 12, 3)))
    hear(made.door.database, answer_of(made.door, receipt.filed.id))

    phone.goto(f"{home}/t/{receipt.token}/danh-gia?diem=1")  # as the mail of the answer leads there
    expect(phone.get_by_role("radio", name="Rất không hài lòng").first).to_be_checked()
    phone.get_by_role("button", name="Gửi đánh giá").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("xem lại")
    phone.get_by_label("Điều gì chưa được giải quyết?").fill("Mưa một đêm là bong hết")
    phone.get_by_role("button", name="Gửi yêu cầu xem lại").click()

    expect(phone.get_by_text("Bạn xin xem lại câu trả lời")).to_be_visible()
    assert not scrolls_sideways(phone)
    phone.goto(f"{home}/t/{receipt.token}/danh-gia?diem=5")  # the mail again: the first mark stays
    expect(phone.get_by_role("heading", level=1)).to_have_text("Cảm ơn bạn đã chấm điểm")


def test_four_aspects_are_told_in_one_go_with_the_whole(phone: Any, made: Furnished, home: str) -> None:
    receipt = file_one(made.door.database)
    hear(made.door.database, case_opened(receipt.filed.id))
    hear(made.door.database, answer_of(made.door, receipt.filed.id))

    phone.goto(f"{home}/t/{receipt.token}/danh-gia")
    phone.get_by_text("Chấm riêng bốn điều").click()
    for words in ("Thời gian xử lý phản ánh", "Kết quả thực tế sau xử lý"):
        phone.get_by_role("group", name=words).get_by_text("Bình thường").click()
    phone.get_by_role("button", name="Gửi đánh giá").click()
    assert phone.title().startswith("Lỗi: ")  # the whole is asked for, and nothing that was ticked is lost
    expect(phone.get_by_role("group", name="Thời gian xử lý phản ánh").get_by_label("Bình thường")).to_be_checked()
    phone.get_by_role("group", name="Nhìn chung").get_by_text("Hài lòng", exact=True).click()
    phone.get_by_role("button", name="Gửi đánh giá").click()

    expect(phone.get_by_role("heading", level=1)).to_have_text("Cảm ơn bạn đã chấm điểm")


def test_a_draft_is_commented_on_and_followed(phone: Any, made: Furnished, home: str) -> None:
    phone.goto(f"{home}/tham-gia")
    phone.locator('a[href="/gop-y/7"]').first.click()
    phone.get_by_role("textbox", name="Góp ý của bạn").fill(f"Nên kéo dài tuyến số 4 đến chợ An Cựu ({next(TURNS)}).")
    phone.get_by_role("button", name="Gửi góp ý").click()
    if phone.title().startswith("Lỗi: "):  # too quick for somebody without a proof: a small sum is asked for
        sum_of = phone.get_by_label(re.compile("bằng mấy"))
        asked = sum_of.evaluate("one => one.labels[0].textContent").lower()
        first, second = re.findall(r"\w+", asked.partition(" bằng ")[0])[::2]
        sum_of.fill(str(NUMBERS["vi"].index(first) + NUMBERS["vi"].index(second)))
        phone.get_by_role("button", name="Gửi góp ý").click()

    expect(phone.get_by_role("heading", level=1)).to_contain_text("Đã nhận góp ý của bạn")
    phone.get_by_role("link", name="Theo dõi", exact=True).click()
    expect(phone.get_by_text("Lấy ý kiến đến hết")).to_be_visible()
    assert not scrolls_sideways(phone)
