"""A survey round from its form to its figures: prepared, opened, invited, answered, closed, signed off, shown."""

import re
from typing import Any

from flask.testing import FlaskClient

from ops.world import World
from tests.journeys.conftest import Citizen, Desk
from tests.journeys.test_spine import ANSWER, POTHOLE, is_sound

HEADS = ("truong-ha-tang", "giam-doc-xe-buyt", "truong-phap-che", "chanh-van-phong", "truong-mot-cua")
ROUND = {
    "name": "Khảo sát sự hài lòng cuối năm",
    "items": ["A1", "A10", "B8", "B12", "H1", "O1"],
    "ways": ["invitation", "link", "paper"],
    "starts_on": "23/11/2026",
    "ends_on": "12/12/2026",
    "answered_from": "01/11/2026",
    "answered_to": "23/11/2026",
    "population": "500",
}


def press(client: FlaskClient, page: str, address: str, **typed: Any) -> str:
    """Send a form of the desk as its page gives it; where it leads."""
    hidden = dict(re.findall(r'name="(csrf_token|seen)" value="([^"]+)"', client.get(page).text))
    answer = client.post(address, data={**hidden, **typed})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def fill(client: FlaskClient, address: str, level: int, **more: str) -> int:
    page = client.get(address)
    once = re.search(r'name="once" value="([^"]+)"', page.text)
    assert once, page.text
    marks = dict.fromkeys(("A1", "A10", "B8", "B12"), str(level))
    return client.post(address, data={**marks, "H1": "none", "once": once[1], **more}).status_code


def test_s09_a_round_goes_from_its_form_to_the_public_figures(
    world: World, citizen: Citizen, staff: Desk, later: Any
) -> None:
    receipt = citizen.file(POTHOLE, consents=["sms", "survey"])
    world.settle()
    later(hours=2)
    staff.answer(staff.case_id(receipt["code"]), ANSWER)
    office, director = staff.sign_in("dau-moi"), staff.sign_in("giam-doc")

    there = press(office, "/desk/surveys/new", "/desk/surveys/new", **ROUND)
    press(director, there, f"{there}/open")
    world.settle()
    (letter,) = [one for one in citizen.letters() if "khảo sát" in one.subject]
    link = re.search(r"(/k/\w+)\n", letter.text)
    assert link

    door = world["intake"].app.test_client()
    assert fill(door, link[1], 5, O1="Cảm ơn đã vá đường") == 303
    assert [fill(door, "/khao-sat/2026-1", level) for level in (5, 4, 4, 2)] == [303] * 4
    world.settle()
    assert "Cảm ơn đã vá đường" not in office.get(there).text
    assert world["insight"].app.test_client().get("/so-lieu/hai-long/2026-1").status_code == 404

    later(days=8)
    later(days=12)
    assert "Đã đóng" in staff.sign_in("dau-moi").get(there).text
    assert "Cảm ơn đã vá đường" in staff.sign_in("dau-moi").get(there).text
    assert door.get("/khao-sat/2026-1").status_code == 410
    for head in HEADS:
        press(staff.sign_in(head), there, f"{there}/sign")
    world.settle()

    page = world["insight"].app.test_client().get("/so-lieu/hai-long/2026-1").text
    assert "80,00%" in page  # four of five are satisfied
    assert "37,55–96,38" in page  # of an item, by Wilson
    assert "Cảm ơn đã vá đường" not in page
    assert [one.subject for one in citizen.letters()].count("Nhắc lời mời trả lời khảo sát") == 1
    assert is_sound(world)
