"""A day off is declared: two persons publish it, and everybody who waits hears of it, in a world that never stopped."""

import re
from typing import Any

from ops.world import World
from services.audit import verify
from services.audit.publish import load_verifier
from tests.journeys.conftest import Citizen, Desk

POTHOLE = "Trước số nhà 120 đường Điện Biên Phủ có ổ gà sâu khoảng 20 cm, đề nghị Sở cho vá sớm."
FLOOD = '"days_off": [\n    {"date": "2026-11-25", "kind": "statutory", "name": "Nghỉ do lũ", "name_en": "Floods", '
FLOOD += '"status": "official", "source": "Công điện", "confidence": "high"},'


def send(client: Any, address: str, page: str, **typed: str) -> Any:
    """Fill the form of a page in and send it."""
    shown = client.get(page).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown)
    assert token
    based = re.search(r'name="based_on" value="([^"]+)"', shown)
    form = typed | {"csrf_token": token[1]} | ({"based_on": based[1]} if based else {})
    return client.post(address, data=form)


def test_a_day_off_declared_by_two_persons_reaches_every_citizen_who_waits(
    world: World, citizen: Citizen, staff: Desk
) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()
    before = citizen.look(receipt)["due_on"]
    admin, office = staff.sign_in("quan-tri"), staff.sign_in("dau-moi")
    writing = "/desk/config/doc/calendar.json/text"
    calendar = admin.get("/desk/config/doc/calendar.json/export").text

    drafted = send(
        admin,
        writing,
        writing,
        text=calendar.replace('"days_off": [', FLOOD, 1),
        reason="Công điện khẩn về mưa lũ ngày 23/11",
        valid_from="23/11/2026",
    )
    published = send(office, f"{drafted.location}/publish", drafted.location)
    world.settle()

    assert (drafted.status_code, published.status_code) == (303, 303)
    after = citizen.look(receipt)["due_on"]
    assert (before, after) == ("2026-12-03", "2026-12-04")
    told = [letter for letter in citizen.letters() if "Hạn trả lời tính lại" in letter.subject]
    assert len(told) == 1
    assert "03/12/2026" in told[0].text
    assert "04/12/2026" in told[0].text
    world.settle()
    assert len([one for one in citizen.letters() if "Hạn trả lời tính lại" in one.subject]) == 1
    memory = world["audit"]
    with memory.database.reading() as tx:
        verify.verify(verify.Tables(tx), load_verifier(memory.settings.keys_dir))


def test_a_case_that_comes_after_a_publication_is_counted_by_it(world: World, citizen: Citizen, staff: Desk) -> None:
    admin, office = staff.sign_in("quan-tri"), staff.sign_in("dau-moi")
    writing = "/desk/config/doc/topics.json/text"
    topics = admin.get("/desk/config/doc/topics.json/export").text
    drafted = send(
        admin,
        writing,
        writing,
        text=topics.replace('"answer_working_days": 7', '"answer_working_days": 2', 1),
        reason="Rút ngắn thời hạn vá ổ gà",
        valid_from="23/11/2026",
    )
    send(office, f"{drafted.location}/publish", drafted.location)
    world.settle()

    receipt = citizen.file(POTHOLE)
    world.settle()

    assert citizen.look(receipt)["due_on"] == "2026-11-26"
