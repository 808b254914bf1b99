"""The desk's own figures and what each kind asks of its sender, in a browser and for everybody."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.workflow import actions
from tests.browser.conftest import Enter, Finding, OpenPage, scrolls_sideways
from tests.workflow.builders import DIRECTOR, HEAD, OFFICE, OFFICER, Office, Staff
from tests.workflow.test_kinds import DATA, NAMED, SECOND
from tests.workflow.test_plan import answered, apart

pytestmark = pytest.mark.timeout(240)

AD = {"title": "Vay tiền", "text": "Vay nhanh lãi suất thấp, giải ngân ngay: https://vay.example", "topic": None}


def a_month(office: Office) -> dict[str, Any]:
    """Three holes in one ward, one of them mended; a request about own data; an advertisement put aside."""
    cases = [office.file(**apart(number)) for number in range(1, 4)]
    answered(office, cases[0])
    request = office.file(**DATA | NAMED | {"code": "5EEE5EEE"})
    office.act(actions.confirm_triage, OFFICE, request)
    spam = office.file(**AD | {"code": "6FFF6FFF"})
    office.act(actions.quarantine, Staff(SECOND.person, "office", "VP"), spam, reason="Quảng cáo vay tiền")
    return {"request": request, "spam": spam}


@pytest.mark.parametrize("width", [360, 1280])
def test_figures_and_forms_of_a_kind_shut_nobody_out(
    office: Office,
    desk: str,
    enter: Enter,
    open_page: OpenPage,
    axe: Callable[[Page], list[Finding]],
    width: int,
) -> None:
    made = a_month(office)
    page = open_page(width=width, bypass_csp=True)
    found: dict[str, list[Any]] = {}

    for person, path in (
        (OFFICER, "/desk/figures"),
        (HEAD, "/desk/figures"),
        (DIRECTOR, "/desk/figures?unit=KCHT"),
        (HEAD, "/desk/repeats"),
        (OFFICE, "/desk/office"),
        (OFFICE, f"/desk/cases/{made['request']}"),
    ):
        enter(page, person)
        page.goto(desk + path)
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        found[f"{person.role} {path}"] = [axe(page), scrolls_sideways(page)]

    assert found == {key: [[], False] for key in found}


def test_a_request_about_ones_own_data_is_made_ready_and_spam_looked_at_again_without_script(
    office: Office, desk: str, enter: Enter, open_page: OpenPage
) -> None:
    made = a_month(office)
    page = open_page(java_script=False)
    enter(page, OFFICE)

    page.goto(f"{desk}/desk/cases/{made['request']}")
    expect(page.locator("#admission")).to_contain_text("chưa xác minh, chưa nhận việc được")
    page.get_by_text("Xác minh người gửi", exact=True).click()
    page.get_by_label("Biết chắc là ai từ đâu").fill("Gặp trực tiếp tại quầy, đối chiếu giấy tờ.")
    page.get_by_role("button", name="Đã xác minh").click()
    expect(page.locator("#admission")).to_contain_text("đã xác minh")
    page.goto(f"{desk}/desk/office")
    page.get_by_role("button", name="Đúng là tin rác Vay tiền").click()

    expect(page.get_by_role("heading", name="Tin rác, chờ người thứ hai xem lại")).to_be_visible()
    assert page.get_by_role("button", name="Đúng là tin rác").count() == 0
    assert office.case(made["spam"]).stage == "quarantined"


def test_a_hot_spot_opens_a_remedy(office: Office, desk: str, enter: Enter, page: Page) -> None:
    a_month(office)
    enter(page, HEAD)
    page.goto(f"{desk}/desk/repeats")

    page.get_by_role("link", name="Mở việc khắc phục").first.click()

    expect(page.get_by_label("Việc cần làm")).to_have_value(
        "Ổ gà, hư hỏng mặt đường, phường An Cựu: 3 lần trong 90 ngày. Cần "
    )
