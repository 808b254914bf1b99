"""The rule book in a browser: a change is written, reviewed and published by mouse; no page shuts anybody out."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from services.workflow import actions, store
from services.workflow.rulebook import RuleBook
from services.workflow.web import make_desk
from shared.settings import Settings
from tests.browser.conftest import Enter, Finding, OpenPage, scrolls_sideways
from tests.workflow.builders import ADMIN, CONFIG, OFFICE, Office, Staff, the_rules

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def book() -> RuleBook:
    return RuleBook(CONFIG, the_rules().press)


@pytest.fixture
def desk(office: Office, book: RuleBook, make_settings: Callable[..., Settings], serve: Callable[[Flask], str]) -> str:
    """The address of a desk with a rule book."""
    return serve(make_desk(make_settings("workflow"), office.database, book))


@pytest.fixture
def enter(enter: Enter, desk: str) -> Enter:
    """Signs somebody in without a password, and opens the rule book."""

    def signed_in(page: Page, person: Staff) -> None:
        enter(page, person)
        page.goto(f"{desk}/desk/config")

    return signed_in


@pytest.mark.parametrize("java_script", [True, False], ids=["script", "no script"])
def test_a_row_is_changed_by_two_persons(
    office: Office,
    book: RuleBook,
    enter: Enter,
    open_page: OpenPage,
    noise_of: Callable[[Page], list[str]],
    java_script: bool,
) -> None:
    office.file()
    admin, other = open_page(java_script=java_script), open_page(java_script=java_script)
    noise = [noise_of(admin), noise_of(other)]
    enter(admin, ADMIN)
    admin.get_by_role("link", name="Lĩnh vực", exact=True).click()
    admin.get_by_role("link", name="Sửa C01", exact=True).click()
    admin.get_by_text("Viết lại dòng này").click()
    admin.get_by_label("Số ngày làm việc để trả lời").fill("5")
    admin.get_by_label("Vì sao, theo văn bản nào").fill("Quyết định rút ngắn thời hạn của Sở")
    admin.get_by_role("button", name="Lưu để xem lại").click()
    expect(admin.get_by_role("heading", name="Thay đổi gì")).to_be_visible()
    expect(admin.get_by_role("button", name="Công bố")).to_have_count(0)

    enter(other, OFFICE)
    other.get_by_role("link", name="Quyết định rút ngắn").click()
    other.get_by_role("button", name="Công bố").click()
    expect(other.get_by_role("main").get_by_role("status").first).to_contain_text("Đã công bố Lĩnh vực, bản 1")

    with office.database.reading() as look:
        assert book.in_force(look).catalogue.topics_by_code["C01"].answer_working_days == 5
    assert noise == [[], []]


def a_draft(office: Office, book: RuleBook, name: str, old: str, new: str) -> str:
    text = (CONFIG / name).read_text(encoding="utf-8")
    with office.database.writing() as tx:
        draft = actions.draft_document(
            tx, book, person=ADMIN, name=name, text=text.replace(old, new, 1), reason="Theo thông báo mới của Bộ"
        )
    return str(draft.id)


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_no_page_of_the_rule_book_shuts_anybody_out(
    office: Office,
    book: RuleBook,
    desk: str,
    enter: Enter,
    open_page: OpenPage,
    axe: Callable[[Page], list[Finding]],
    width: int,
) -> None:
    office.file()
    drafts = [
        a_draft(office, book, "topics.json", '"routes_to": {"unit": "KCHT"}', '"routes_to": {"unit": "VP"}'),
        a_draft(office, book, "calendar.json", '"2026-11-24"', '"2026-11-26"'),
    ]
    with office.database.writing() as tx:
        actions.publish_document(tx, book, person=OFFICE, document_id=store.drafts(tx)[1].id)
    page = open_page(width=width, bypass_csp=True)
    found: dict[str, list[Any]] = {}

    enter(page, ADMIN)
    for path in (
        "",
        "/doc/topics.json",
        "/doc/calendar.json?list=days_off&q=2027",
        "/doc/sorting.json",
        "/doc/topics.json/row?list=topics&row=1",
        "/doc/clocks.json/text",
        f"/drafts/{drafts[0]}",
        "/doc/calendar.json/history",
        "/letters",
        "/workflows",
        "/days",
    ):
        page.goto(f"{desk}/desk/config{path}")
        found[path] = [axe(page), scrolls_sideways(page)]
    page.goto(f"{desk}/desk/config/doc/clocks.json/text")
    page.get_by_label("clocks.json").fill('{"rules": [],\n "ladders": 1}')
    page.get_by_label("Vì sao, theo văn bản nào").fill("Một lý do đủ dài")
    page.get_by_role("button", name="Lưu để xem lại").click()
    expect(page.get_by_text("không có trường tên").first).to_be_visible()
    found["refused"] = [axe(page), scrolls_sideways(page)]

    assert found == {path: [[], False] for path in found}
