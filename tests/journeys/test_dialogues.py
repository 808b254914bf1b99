"""A session is announced, joined, held; what was promised there is a case that is answered. Across all services."""

import re
from datetime import datetime
from typing import Any

from ops.world import World
from shared.clock import MovableClock
from tests.journeys.conftest import Citizen, Desk
from tests.journeys.test_spine import is_sound, log_of

SESSION = {
    "kind": "thematic",
    "title": "Đối thoại với hộ dân đường Điện Biên Phủ",
    "topics": "Lịch thi công, bụi, tiếng ồn",
    "starts_on": "03/12/2026",
    "begins": "08:00",
    "ends": "11h",
    "place": "Hội trường tầng 2, 10 Phan Bội Châu",
    "seats": "40",
}
ANSWER = "Ngày 04/01/2027 chúng tôi đã vá xong đoạn trước số nhà 120 Điện Biên Phủ như đã hứa tại buổi đối thoại."


def at(world: World, clock: MovableClock, local: str) -> None:
    clock.move_to(datetime.fromisoformat(f"{local}+07:00"))
    world.settle()


def post(staff: Desk, login: str, address: str, **fields: str) -> Any:
    """Send a form of the desk, as its page does it."""
    client = staff.sign_in(login)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/desk/dialogues").text)
    assert token
    answer = client.post(address, data={"csrf_token": token[1]} | fields)
    staff.world.settle()
    return answer


def test_s17a_what_was_promised_in_a_dialogue_is_a_case_with_its_day_and_reaches_who_asked(
    world: World, citizen: Citizen, staff: Desk, clock: MovableClock
) -> None:
    # announced
    planned = post(staff, "dau-moi", "/desk/dialogues", chair=staff.person("giam-doc"), **SESSION)
    session = planned.headers["Location"]
    assert post(staff, "dau-moi", f"{session}/announce").status_code == 303
    page, door = session.replace("/desk/dialogues/", "/tham-gia/buoi/"), citizen.client
    assert SESSION["title"] in door.get("/tham-gia").text

    # joined, invited
    person = {"name": "Nguyễn Thị Hồng Ánh", "email": citizen.email, "phone": "0905 123 456", "sms": "y"}
    joined = door.post(page, data=person | {"question": "Bao giờ vá xong trước số nhà 120?", "once": "a" * 20})
    world.settle()
    mine = joined.headers["Location"]
    (letter,) = [one for one in citizen.letters() if one.recipient == citizen.email]
    (text,) = citizen.letters("sms")
    assert letter.subject == "Lịch hẹn lúc 08:00, 03/12/2026"
    assert SESSION["place"] in letter.text
    assert mine in letter.text
    assert mine in text.text
    assert "Điện Biên Phủ" not in text.text + letter.subject
    assert "Bao giờ vá xong" in staff.sign_in("dau-moi").get(session).text

    # reminded, held
    at(world, clock, "2026-12-02T08:00")
    assert [one for one in citizen.letters() if one.subject.startswith("Nhắc lịch hẹn")]
    at(world, clock, "2026-12-03T11:30")
    desk = staff.sign_in("giam-doc").get(session).text
    guest = re.search(r'name="came" value="([^"]+)"', desk)
    assert guest
    minutes = "Bà Ánh hỏi khi nào vá xong; Giám đốc giao Phòng Hạ tầng làm xong trước 08/01/2027."
    assert post(staff, "giam-doc", f"{session}/held", minutes=minutes, came=guest[1]).status_code == 303

    # promised: a case with its day, its unit and its officer
    promise = {
        "what": "Vá xong đoạn trước số nhà 120 Điện Biên Phủ",
        "guest": guest[1],
        "topic": "C01",
        "officer": f"{staff.person('ha-tang-1')}@KCHT",
        "due_on": "08/01/2027",
    }
    assert post(staff, "giam-doc", f"{session}/commit", **promise).status_code == 303
    shown = staff.sign_in("giam-doc").get(session).text
    found = re.search(r'href="/desk/cases/([^"]+)">Vá xong', shown)
    assert found
    case = found[1]
    seen = staff.see("ha-tang-1", case)
    assert "08/01/2027" in seen
    assert "Đã nhận làm tại buổi tiếp công dân, đối thoại" in seen
    receipt = next(one for one in citizen.letters() if one.subject.startswith("Đã tiếp nhận"))
    link = re.search(r"/t/[a-z2-7]+", receipt.text)
    assert link
    assert "Vá xong đoạn trước số nhà 120" in door.get(link[0]).text

    # answered, in time, to who asked
    at(world, clock, "2027-01-04T09:00")
    assert staff.do("ha-tang-1", case, "accept") == 303
    fields = {"text": ANSWER, "outcome": "done", "basis": "Biên bản đối thoại", "answered_1": "yes"}
    assert staff.do("ha-tang-1", case, "draft", **fields) == 303
    assert staff.do("truong-ha-tang", case, "approve") == 303
    assert staff.do("ha-tang-1", case, "answer") == 303
    assert [one for one in citizen.letters() if one.subject.startswith("Đã có kết quả")]
    assert ANSWER in door.get(link[0]).text

    code = receipt.subject.rsplit(" ", 1)[-1]
    assert {"case.opened.v1", "case.assigned.v1", "case.answered.v1"} <= set(log_of(world, code))
    assert is_sound(world)
