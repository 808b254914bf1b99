"""After the answer, in a citizen's browser: asking to look again, saying whether a promise was kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from shared.events.base import Sealed
from shared.events.intake import Attachment
from shared.events.workflow import PromiseAsked
from shared.files import store_file
from tests.browser.conftest import Finding, OpenPage, scrolls_sideways
from tests.browser.test_citizen import file, home, id_of, service
from tests.intake.builders import a_picture, case_answered, case_opened, hear

__all__ = ["home", "service"]  # the fixtures of a door at work

pytestmark = pytest.mark.timeout(180)

UNTIL = date(2026, 12, 23)


def answered(page: Page, home: str, service: Any) -> str:
    """A petition whose answer came with a photo and a promise, about which its citizen is asked now."""
    follow = file(page, home)
    petition_id, door = id_of(service, follow), service.app.extensions["door"]
    photo = Attachment(id=uuid4(), media_type="image/jpeg", size_bytes=10, sha256="0" * 64)
    store_file(door.settings.files_dir, photo.id, a_picture(size=(640, 480)))
    hear(door.database, case_opened(petition_id))
    given = replace(case_answered(petition_id), outcome="scheduled", promised_on=date(2026, 11, 23))
    hear(door.database, replace(given, reopen_until=UNTIL, evidence=Sealed((photo,))))
    asked = PromiseAsked(
        petition_id=petition_id,
        case_id=petition_id,
        promise_id=uuid4(),
        promised_on=date(2026, 11, 23),
        judge_until=UNTIL,
    )
    hear(door.database, asked)
    return f"{home}{follow}" if follow.startswith("/") else follow


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_nobody_is_shut_out_after_the_answer(
    open_page: OpenPage, axe: Callable[[Page], list[Finding]], service: Any, home: str, width: int
) -> None:
    page = open_page(width=width, bypass_csp=True)
    follow = answered(page, home, service)
    found = {}

    for path in ("", "/mo-lai", "/loi-hen", "/mo-lai?lang=en"):
        page.goto(follow + path)
        found[path] = [axe(page), scrolls_sideways(page)]
    page.goto(follow + "/mo-lai?lang=vi")
    page.get_by_role("button", name="Gửi yêu cầu xem lại").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found["refused"] = [axe(page), scrolls_sideways(page)]

    assert found == {path: [[], False] for path in found}
