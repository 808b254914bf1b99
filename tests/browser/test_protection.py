"""Protection in a browser: two steps to an identity without script, the copy for handlers, on phones and screens."""

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from services.workflow import actions
from tests.browser.conftest import Enter, Finding, OpenPage, scrolls_sideways
from tests.workflow.builders import (
    DENUNCIATION,
    DIRECTOR,
    LAWYER,
    LEGAL_HEAD,
    Office,
)

pytestmark = pytest.mark.timeout(180)

SENDER = {"name": "Lê Thị Mẫu", "phone": "0905 777 888", "address": "7 kiệt 12 đường Hàm Nghi"}


def in_hand(office: Office) -> UUID:
    secret = office.file(**DENUNCIATION | SENDER)
    office.act(actions.confirm_triage, LEGAL_HEAD, secret)
    office.act(actions.assign, LEGAL_HEAD, secret, officer=LAWYER.person)
    return secret


def test_an_identity_is_opened_in_two_steps_without_script(
    office: Office, desk: str, enter: Enter, open_page: OpenPage
) -> None:
    secret, page = in_hand(office), open_page(java_script=False)
    enter(page, LEGAL_HEAD)

    page.goto(f"{desk}/desk/cases/{secret}")
    expect(page.get_by_text("Lê Thị Mẫu")).to_have_count(0)
    page.get_by_role("link", name="Mở danh tính…").click()
    page.get_by_label("Lý do").select_option("verify_conditions")
    page.get_by_label("Diễn giải").fill("Đối chiếu chữ ký trên đơn với giấy tờ")
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("button", name="Mở danh tính và báo người thứ hai").click()

    expect(page.get_by_text("Lê Thị Mẫu").first).to_be_visible()
    expect(page.get_by_text("còn 30 phút").first).to_be_visible()
    other = open_page()
    enter(other, DIRECTOR)
    other.goto(f"{desk}/desk/identity")
    other.get_by_label("Kết luận").fill("Đúng việc, đúng lúc")
    other.get_by_role("button", name="Đã xem lại").click()
    expect(other.get_by_text("Không có lần nào chờ.")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_of_protection_fit_and_are_accessible(
    office: Office,
    desk: str,
    enter: Enter,
    open_page: OpenPage,
    axe: Callable[[Page], list[Finding]],
    width: int,
) -> None:
    secret, page = in_hand(office), open_page(width=width)
    why = {"reason": "verify_conditions", "words": "Đối chiếu chữ ký trên đơn với giấy tờ"}
    office.act(actions.open_identity, DIRECTOR, secret, **why)
    enter(page, LEGAL_HEAD)

    for path in (f"cases/{secret}", f"cases/{secret}/identity", "identity"):
        page.goto(f"{desk}/desk/{path}")
        assert axe(page) == [], path
        assert not scrolls_sideways(page), path
