"""Something is prepared, posted, read at the door and taken down again. Across the services."""

import re
from typing import Any
from uuid import UUID

from ops.world import World
from services.audit import store as memory
from tests.journeys.conftest import Citizen, Desk
from tests.journeys.test_spine import is_sound

WANTED = {
    "title": "Phân luồng cầu Trường Tiền",
    "text": "Từ 05 giờ ngày 01/12/2026, cầu Trường Tiền cấm ô tô để sửa mặt cầu.",
    "kind": "traffic",
    "unit": "KCHT",
    "starts_on": "23/11/2026",
    "ends_on": "",
    "channels": ["board"],
    "campaign": "an-toan-2026",
}


def press(staff: Desk, login: str, page: str, action: str, **typed: Any) -> str:
    """Send a form of a page; gives where it led."""
    client = staff.sign_in(login)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert token
    answer = client.post(action, data={"csrf_token": token[1]} | typed)
    assert answer.status_code == 303, answer.text
    staff.world.settle()
    return str(answer.location)


def test_s10a_prepared_posted_read_at_the_door_and_withdrawn(
    world: World, citizen: Citizen, staff: Desk, later: Any
) -> None:
    there = press(staff, "ha-tang-1", "/desk/publications/new", "/desk/publications/new", **WANTED)
    assert citizen.client.get("/cong-khai/2026-01").status_code == 404

    press(staff, "truong-ha-tang", there, f"{there}/post", version="1")
    assert "cấm ô tô để sửa mặt cầu" in citizen.client.get("/cong-khai/2026-01").text
    assert WANTED["title"] in citizen.client.get("/cong-khai?q=cau truong tien").text

    later(days=1)
    assert "1 lượt mở" in staff.sign_in("ha-tang-1").get(there).text

    press(staff, "truong-ha-tang", there, f"{there}/withdraw", reason="replaced")
    gone = citizen.client.get("/cong-khai/2026-01")
    assert gone.status_code == 410
    assert "Đã có bản mới thay thế" in gone.text
    assert "cấm ô tô" not in gone.text

    with world["audit"].database.reading() as look:
        told = {line.type for line in memory.life_of(look, UUID(there.rsplit("/", 1)[1]))}
    assert told == {"publication.posted.v1", "readers.counted.v1", "publication.withdrawn.v1"}
    assert is_sound(world)
