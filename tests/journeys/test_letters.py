"""A letter travels from the head's approval to the citizen, and the log proves it."""

import io
import json
import re
from hashlib import sha256
from typing import Any

import pypdf

from ops.world import World
from services.audit import store as memory
from tests.journeys.conftest import Citizen, Desk
from tests.journeys.test_spine import ANSWER, POTHOLE


def test_the_signed_answer_reaches_the_citizen_as_the_log_knows_it(
    world: World, citizen: Citizen, staff: Desk, later: Any
) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()
    later(hours=2)

    staff.answer(staff.case_id(receipt["code"]), ANSWER)

    door = world["intake"].app.test_client()
    link = re.search(r'href="(/t/[^"]+/van-ban/[^"]+)"', door.get(f"/t/{receipt['secret']}").text)
    assert link
    data = door.get(link[1]).data
    words = " ".join(pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text().split())
    assert "Số: 01/SXD-KCHT" in words
    assert "Trưởng phòng Hạ tầng" in words
    assert sha256(data).hexdigest() in said_openly(world, receipt["code"])
    assert not any("01/SXD-KCHT" in letter.text for letter in citizen.letters())


def said_openly(world: World, code: str) -> set[str]:
    """The hashes of letters that the log keeps about a petition."""
    with world["audit"].database.reading() as tx:
        subject = memory.subject_of_code(tx, code.replace("-", ""))
        assert subject is not None
        told = [line.idx for line in memory.life_of(tx, subject) if line.type == "case.answered.v1"]
        entries = memory.load_entries(tx, told).values()
    return {json.loads(entry)["data"]["letter_sha256"] for entry in entries}
