"""A survey round in a browser: prepared at the desk, opened by another, answered on a phone without a script."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ops.world import World
from tests.browser.conftest import Finding, OpenPage, scrolls_sideways
from tests.journeys.conftest import Desk, staff  # noqa: F401  (the people of the journeys)
from tests.workflow.builders import session_of

pytestmark = pytest.mark.timeout(180)


def test_s16a_a_round_is_prepared_opened_and_answered(
    world: World,
    staff: Desk,  # noqa: F811
    serve: Callable[[Any], str],
    open_page: OpenPage,
    axe: Callable[[Page], list[Finding]],
    noise_of: Callable[[Page], list[str]],
) -> None:
    home, sign_in = serve(world.wsgi), world["workflow"].app.extensions["sign_in"]

    def at_desk(login: str) -> Page:
        page = open_page(width=1280)
        token = session_of(world["workflow"].database, login)
        page.context.add_cookies([{"name": sign_in.cookie, "value": token, "url": home}])
        page.goto(f"{home}/desk/surveys")
        return page

    office = at_desk("dau-moi")
    noise = noise_of(office)
    found = {"list": axe(office)}
    office.get_by_role("link", name="Soạn đợt mới").click()
    office.get_by_label("Tên đợt").fill("Khảo sát sự hài lòng cuối năm")
    office.get_by_label("Mời người đã được trả lời").uncheck()
    office.get_by_label("Đường dẫn mở").check()
    office.get_by_label("Từ ngày", exact=True).fill("23/11/2026")
    office.get_by_role("button", name="Lưu để người khác mở").click()
    expect(office.get_by_text("Hãy nhập ngày kết thúc").first).to_be_visible()
    found["refused"] = axe(office)
    office.get_by_label("Đến hết ngày", exact=True).fill("12/12/2026")
    office.get_by_role("button", name="Lưu để người khác mở").click()
    expect(office.get_by_text("Bạn soạn đợt này")).to_be_visible()

    director = at_desk("giam-doc")
    director.get_by_role("link", name="Khảo sát sự hài lòng cuối năm").click()
    director.get_by_role("button", name="Mở đợt khảo sát").click()
    expect(director.get_by_text("Đã mở đợt khảo sát")).to_be_visible()
    found["round"] = axe(director)
    world.settle()

    phone = open_page(width=360, java_script=False)
    phone.goto(f"{home}/tham-gia")
    phone.get_by_role("link", name="Khảo sát sự hài lòng cuối năm").click()
    phone.get_by_role("group", name="Đi lại an toàn hơn").get_by_label("Rất hài lòng").check()
    for wish in ("Thủ tục hành chính", "Kết quả dịch vụ", "Tiếp cận dịch vụ", "Chất lượng chính sách"):
        phone.get_by_role("checkbox", name=wish).check()
    phone.get_by_label("Ý kiến khác").fill("Mong có thêm xe buýt tối")
    phone.get_by_role("button", name="Gửi phiếu").click()
    expect(phone.get_by_text("Hãy chọn nhiều nhất 3 việc").first).to_be_visible()
    expect(phone.get_by_label("Ý kiến khác")).to_have_value("Mong có thêm xe buýt tối")
    phone.get_by_role("checkbox", name="Thủ tục hành chính").uncheck()
    phone.get_by_role("button", name="Gửi phiếu").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Cảm ơn bạn đã trả lời")

    looking = open_page(width=360)
    for name, address in {"form": "khao-sat/2026-1", "poster": "khao-sat/2026-1/ap-phich"}.items():
        looking.goto(f"{home}/{address}")
        found[name] = axe(looking)
        assert not scrolls_sideways(looking)
    looking.goto(f"{home}/so-lieu/hai-long")
    found["figures"] = axe(looking)

    assert {where: one for where, one in found.items() if one} == {}
    assert [one for one in noise if "422" not in one] == []  # a refusal is one
