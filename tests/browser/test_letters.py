"""Letters in a browser: who approves sees who signs; nobody is shut out; the paper itself is one click away."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.workflow import actions
from tests.browser.conftest import Enter, Finding, OpenPage, scrolls_sideways
from tests.browser.test_desk import enter
from tests.workflow.builders import ANSWER, HEAD, OFFICE, OFFICER, Office

__all__ = ["enter"]  # fixtures of the desk

pytestmark = pytest.mark.timeout(180)

LIGHTS = {
    "code": "3BJK7WQC",
    "topic": "C03",
    "title": "Đèn tín hiệu tắt",
    "text": "Đèn tín hiệu ngã tư Hà Nội tắt hoàn toàn.",
}


def drafted(office: Office, **given: Any) -> Any:
    case_id = office.file(**given)
    office.act(actions.take, OFFICER, case_id)
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done")
    return case_id


def test_a_head_looks_at_the_letter_before_signing_it(
    office: Office, desk: str, enter: Enter, page: Page, noise_of: Callable[[Page], list[str]]
) -> None:
    case_id = drafted(office)
    noise = noise_of(page)
    enter(page, HEAD)
    page.goto(f"{desk}/desk/cases/{case_id}")

    block = page.get_by_label("Khối chữ ký")
    expect(block).to_contain_text("TL. GIÁM ĐỐC")
    expect(block).to_contain_text(HEAD.name)
    path = page.get_by_role("link", name="Xem trước văn bản").get_attribute("href")
    draft = page.request.get(f"{desk}{path}")

    assert draft.headers["content-type"] == "application/pdf"
    assert draft.body().startswith(b"%PDF-")
    assert noise == []


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_no_screen_with_letters_shuts_anybody_out(
    office: Office, desk: str, enter: Enter, open_page: OpenPage, axe: Callable[[Page], list[Finding]], width: int
) -> None:
    waiting = drafted(office)
    sent = drafted(office, **LIGHTS)
    office.act(actions.approve, HEAD, sent)
    office.act(actions.answer, OFFICER, sent)
    found: dict[str, list[Any]] = {}

    for person, paths in (
        (HEAD, (f"/desk/cases/{waiting}", f"/desk/cases/{sent}")),
        (OFFICE, ("/desk/book", "/desk/book.csv")),
    ):
        page = open_page(width=width, bypass_csp=True)
        enter(page, person)
        for path in paths:
            page.goto(desk + path)
            found[path] = [axe(page), scrolls_sideways(page)]

    assert found == {path: [[], False] for path in found}
