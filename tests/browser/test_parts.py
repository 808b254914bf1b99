"""The follow page of a petition about several matters, on a phone and on a desk."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.intake import store
from services.intake.__main__ import build
from shared.events.base import Sealed
from shared.events.workflow import CaseRouted
from tests.browser.conftest import Finding, OpenPage, scrolls_sideways
from tests.browser.test_citizen import file, id_of
from tests.intake.builders import case_answered, hear
from tests.intake.test_parts import FIRST, SECOND, opened, taken_apart_of
from tests.support import database_url


@pytest.fixture
def service(tmp_path: Path, make_settings: Callable[..., Any], clock: Any) -> Iterator[Any]:
    with database_url(tmp_path, "intake", tables=store.metadata) as url:
        made = build(make_settings("intake", DATABASE_URL=url), clock=clock)
        made.database.metadata.create_all(made.database.engine)
        yield made
        made.database.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_citizen_sees_every_part_with_its_unit_day_and_answer(
    open_page: OpenPage, serve: Callable[[Any], str], service: Any, axe: Callable[[Page], list[Finding]], width: int
) -> None:
    page = open_page(width=width)
    follow = file(page, serve(service.app))
    petition_id, database = id_of(service, follow), service.database
    taken_apart_of(database, petition_id)
    for case_id, unit in ((FIRST, "KCHT"), (SECOND, "VTCC")):
        told: dict[str, Any] = {"actor": "u:a", "route": "accept", "unit": unit, "excluded_units": ()}
        sealed = {"excluded": Sealed(()), "destination": Sealed(unit)}
        hear(database, CaseRouted(petition_id=petition_id, case_id=case_id, **told, **sealed))
    given = replace(case_answered(petition_id), case_id=FIRST, answer=Sealed("Ngày 25/11 đã vá xong ổ gà."))
    hear(database, replace(given, reopen_until=date(2026, 12, 23)))
    hear(database, opened(petition_id, SECOND, "C13", date(2026, 12, 1), unit="VTCC"))

    page.goto(page.url.rsplit("/bien-nhan", 1)[0] + follow)

    parts = page.locator("#phan")
    expect(parts.get_by_role("heading", name="Phần 1: Ổ gà, hư hỏng mặt đường")).to_be_visible()
    expect(parts.get_by_role("heading", name="Phần 2: Xe buýt")).to_be_visible()
    expect(parts).to_contain_text("Ngày 25/11 đã vá xong ổ gà.")
    expect(parts).to_contain_text("chậm nhất thứ Ba 01/12/2026")
    expect(page.get_by_text("được tách thành 2 phần")).to_have_count(1)
    assert not scrolls_sideways(page)
    assert axe(page) == []

    parts.get_by_role("link", name="Xin xem lại").click()
    page.get_by_label("Phần 1: Ổ gà, hư hỏng mặt đường").check()
    page.get_by_label("Điều gì chưa được giải quyết?").fill("Mưa một đêm là bong hết")
    assert not scrolls_sideways(page)
    assert axe(page) == []
    page.get_by_role("button", name="Gửi yêu cầu xem lại").click()
    expect(page.get_by_text("Bạn xin xem lại câu trả lời")).to_be_visible()
