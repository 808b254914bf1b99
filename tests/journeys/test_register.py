"""A case is published, found, followed by somebody else, answered, and taken down again. Across the services."""

import re
from datetime import timedelta
from typing import Any

from ops.world import World
from services.audit import store as memory
from tests.journeys.conftest import Citizen, Desk
from tests.journeys.test_publications import press
from tests.journeys.test_spine import is_sound

HOME = {"Origin": "http://localhost"}
TOLD = {
    "title": "Ổ gà trước trường Quốc Học",
    "text": "Ổ gà sâu giữa làn xe máy. Người báo để số 0905 123 456.",
    "place": "Đường Lê Lợi",
    "answer": "",
    "late_reason": "",
}


def test_s15a_a_case_is_published_found_followed_and_answered_and_its_follower_is_told(
    world: World, citizen: Citizen, staff: Desk
) -> None:
    receipt = citizen.file(
        "Trước cổng trường Quốc Học, đường Lê Lợi có ổ gà sâu khoảng 20 cm.",
        topic="C01",
        ward="thuan-hoa",
        place="Đường Lê Lợi",
        consents=["publish"],
    )
    world.settle()
    case_id = staff.case_id(receipt["code"])
    staff.do("truong-ha-tang", case_id, "assign", officer=staff.person("ha-tang-1"))
    there = f"/desk/cases/{case_id}/summary"
    press(staff, "ha-tang-1", there, there, **TOLD)
    press(staff, "truong-ha-tang", there, f"{there}/publish", version="1")

    # Somebody else finds it before sending the same, and follows it instead.
    other = citizen.client
    typed = {"kind": "report", "topic": "C01", "ward": "thuan-hoa", "text": "ổ gà sâu trước trường Quốc Học nguy hiểm"}
    other.post("/gui", data=typed | {"email": "binh@example.vn"}, headers=HOME)
    check = other.get("/kiem-tra").text
    assert TOLD["title"] in check
    page = other.get("/so-phan-anh/2026-0001").text
    assert "[số điện thoại]" in page
    form = other.get("/so-phan-anh/2026-0001/toi-cung-gap?tu=nhap").text
    once = re.search(r'name="once" value="([^"]+)"', form)
    assert once
    assert "binh@example.vn" in form
    sent = other.post(
        "/so-phan-anh/2026-0001/toi-cung-gap", data={"once": once[1], "email": "binh@example.vn"}, headers=HOME
    )
    world.settle()
    assert "1 người cũng gặp" in staff.see("ha-tang-1", case_id)
    assert "binh@example.vn" not in staff.see("ha-tang-1", case_id)

    answer_of(staff, case_id)

    told = [one for one in citizen.letters() if "binh@example.vn" in str(one)]
    assert len(told) == 2  # that they follow, and that it is answered
    assert "Đã trả lời" in other.get(sent.location).text
    press(staff, "truong-ha-tang", there, f"{there}/withdraw", reason="consent")
    gone = other.get("/so-phan-anh/2026-0001")
    assert gone.status_code == 410
    assert "Quốc Học" not in gone.text
    with world["audit"].database.reading() as look:
        lines = {line.type for line in memory.life_of(look, petition_of(world, case_id))}
    assert {"case.published.v1", "petition.followed.v1", "case.unpublished.v1"} <= lines
    assert is_sound(world)


def test_s15a_who_followed_a_case_that_was_merged_hears_once_how_the_other_one_was_answered(
    world: World, citizen: Citizen, staff: Desk
) -> None:
    hole = "Trước cổng trường Quốc Học, đường Lê Lợi có ổ gà sâu khoảng 20 cm."
    receipts = [
        citizen.file(text, topic="C01", ward="thuan-hoa", place="Đường Lê Lợi", consents=["publish"])
        for text in (hole, "Mặt đường Lê Lợi vỡ một mảng lớn, xe máy ngã.")
    ]
    world.settle()
    lead, merged = (staff.case_id(one["code"]) for one in receipts)
    for number, case_id in enumerate((lead, merged), 1):
        staff.do("truong-ha-tang", case_id, "assign", officer=staff.person("ha-tang-1"))
        there = f"/desk/cases/{case_id}/summary"
        press(staff, "ha-tang-1", there, there, **TOLD | {"title": f"Ổ gà số {number}"})
        press(staff, "truong-ha-tang", there, f"{there}/publish", version="1")
        form = citizen.client.get(f"/so-phan-anh/2026-000{number}/toi-cung-gap").text
        once = re.search(r'name="once" value="([^"]+)"', form)
        assert once
        world.clock.move_to(world.clock.now() + timedelta(minutes=1))
        own = {"once": once[1], "email": "binh@example.vn"}
        sent = citizen.client.post(f"/so-phan-anh/2026-000{number}/toi-cung-gap", data=own, headers=HOME)
        assert sent.status_code == 303
    world.settle()
    before = len([one for one in citizen.letters() if one.recipient == "binh@example.vn"])

    assert staff.do("truong-ha-tang", merged, "link", into=str(lead)) == 303
    answer_of(staff, lead)

    told = [one for one in citizen.letters() if one.recipient == "binh@example.vn"][before:]
    assert len(told) == 1
    page = citizen.client.get(sent.location).text  # by the link of the merged one
    assert "Ổ gà số 1" in page
    assert "Đã trả lời" in page
    citizen.client.post(f"{sent.location}/thoi", headers=HOME)
    assert "Bạn đã thôi theo dõi" in citizen.client.get(sent.location).text
    assert is_sound(world)


def answer_of(staff: Desk, case_id: Any) -> None:
    assert staff.do("ha-tang-1", case_id, "accept") == 303
    text = "Ngày 25/11/2026 chúng tôi đã vá ổ gà. Căn cứ kế hoạch bảo dưỡng quý IV."
    assert staff.do("ha-tang-1", case_id, "draft", text=text, outcome="done", basis="Kế hoạch bảo dưỡng") == 303
    assert staff.do("truong-ha-tang", case_id, "approve") == 303
    assert staff.do("ha-tang-1", case_id, "answer") == 303


def petition_of(world: World, case_id: Any) -> Any:
    from services.workflow import store

    with world["workflow"].database.reading() as look:
        found = store.find_case(look, case_id)
    assert found is not None
    return found.petition_id
