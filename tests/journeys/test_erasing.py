"""After an erasure no table of any service holds a word of who was erased; the log is checked as before."""

import re
from typing import Any

from ops.world import World
from shared.bus import Message
from shared.service import inbox_of
from tests.journeys.conftest import Citizen, Desk
from tests.journeys.test_dialogues import SESSION, post
from tests.journeys.test_publications import press
from tests.journeys.test_register import petition_of
from tests.journeys.test_spine import ANSWER, is_sound

WORDS = {
    "title": "Xe buýt zqtitle bỏ chuyến",
    "text": "Sáng nay xe buýt zqtext bỏ chuyến ở bến Đông Ba, đề nghị Sở kiểm tra.",
    "place": "Bến zqplace Đông Ba",
    "name": "Nguyễn Zqname",
    "organisation": "Hợp tác xã Zqorganisation",
    "email": "zqemail@example.vn",
    "address": "12 Zqaddress, Huế",
    "phone": "0905 111 777",
}
MARKED = (
    "title", "text", "place", "name", "organisation", "email", "address", "line", "plate", "added", "reply", "new",
    "summary", "second", "rated", "reopen", "back",
)  # fmt: skip
MARKS = re.compile(rf"zq(?:{'|'.join(MARKED)})|905 ?111 ?777|905 ?222 ?888|16[.]4633|107[.]5911")
"""What only the petitioner wrote: their words, numbers and place."""
BUS = ("xe-buyt-1", "giam-doc-xe-buyt")
OTHER = {"name": "Người Khác", "email": "khac@example.vn", "phone": "0914 000 111"}


def filed(citizen: Citizen, **more: Any) -> dict[str, Any]:
    text = WORDS["text"]
    given = {**WORDS, "kind": "report", "topic": "C13", "party": "organisation", "lat": 16.4633, "lng": 107.5911}
    answers = {"bus_line": "zqline", "bus_plate": "zqplate"}
    return citizen.file(**given | {"text": text, "answers": answers, "consents": ["sms", "survey", "publish"]} | more)


def remaining(world: World) -> list[str]:
    """Each field of each table that still bears a mark."""
    found = []
    for name in ("intake", "workflow", "notify", "audit", "insight"):
        database = world[name].database
        with database.reading() as look:
            for table in database.metadata.sorted_tables:
                for row in look.connection.execute(table.select()):
                    for column, value in row._mapping.items():
                        text = value.decode("utf-8", "ignore") if isinstance(value, bytes) else str(value)
                        found += [f"{name}.{table.name}.{column}: {mark}" for mark in MARKS.findall(text.lower())]
    return sorted(set(found))


def erase(world: World, citizen: Citizen, staff: Desk, code: str) -> None:
    """By a request that bears nothing of whom it is about but the code."""
    request = citizen.file("Yêu cầu xóa dữ liệu của hồ sơ khác, theo giấy ủy quyền.", **OTHER)
    page = world["intake"].app.test_client()
    asked = page.post(f"/t/{request['secret']}/du-lieu", data={"right": "erase"}).headers["Location"].rsplit("/", 1)[1]
    world.settle()
    found = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", page.get(f"/t/{asked}").text)
    assert found
    case = staff.case_id(found[0])
    assert staff.do("dau-moi", case, "verify_identity", note="Gọi lại số đã đăng ký, đúng người.") == 303
    assert staff.do("dau-moi", case, "decide", kind="data_request", unit="VP") == 303
    assert staff.do("chanh-van-phong", case, "assign", officer=staff.person("van-phong-1")) == 303
    assert staff.do("van-phong-1", case, "name_right", right="withdraw_restrict_or_object") == 303
    assert staff.do("van-phong-1", case, "accept") == 303
    why = "Đã hết thời hạn lưu trữ hồ sơ này."
    assert staff.do("van-phong-1", case, "propose_erasure", code=code, reason=why) == 303
    assert staff.do("chanh-van-phong", case, "grant_erasure") == 303
    world.settle()


def test_all_that_was_written_about_an_answered_petition_is_gone_everywhere(
    world: World, citizen: Citizen, staff: Desk
) -> None:
    receipt = filed(citizen)
    world.settle()
    case, link = staff.case_id(receipt["code"]), f"/t/{receipt['secret']}"
    page = world["intake"].app.test_client()
    page.post(f"{link}/bo-sung", data={"text": "Bổ sung zqadded", "once": "b" * 22})
    page.post(f"{link}/xac-minh", data={"channel": "email"})
    page.post("/ho-so-cua-toi", data={"address": WORDS["email"]})
    world.settle()
    changed = {"email": "zqnew@example.vn", "phone": "0905 222 888", "sms": "y", "language": "vi", "progress": "y"}
    assert page.post(f"{link}/lien-he", data=changed).status_code == 303
    world.settle()
    officer, head = BUS
    assert staff.do(head, case, "assign", officer=staff.person(officer)) == 303
    there = f"/desk/cases/{case}/summary"
    told = {
        "title": "Xe buýt zqsummary bỏ chuyến",
        "text": "Xe buýt bỏ chuyến ở bến Đông Ba zqsummary.",
        "place": "Bến",
    }
    press(staff, officer, there, there, **told | {"answer": "", "late_reason": ""})
    press(staff, head, there, f"{there}/publish", version="1")
    press(staff, officer, there, there, **told | {"title": "Bản zqsecond", "answer": "", "late_reason": ""})
    assert staff.do(officer, case, "accept") == 303
    assert staff.do(officer, case, "ask", question="Xe chạy tuyến nào?") == 303
    page.post(f"{link}/bo-sung", data={"text": "Tuyến zqreply", "once": "c" * 22})
    world.settle()
    assert staff.do(officer, case, "draft", text=ANSWER, outcome="done", basis="Kế hoạch") == 303
    assert staff.do(head, case, "approve") == 303
    assert staff.do(officer, case, "answer") == 303
    assert page.post(f"{link}/danh-gia", data={"score": "1", "words": "zqrated"}).status_code == 303
    assert page.post(f"{link}/mo-lai", data={"reason": "Chưa xong đâu, zqreopen vẫn bỏ chuyến."}).status_code == 303
    world.settle()
    before = {one.rsplit(": ", 1)[1] for one in remaining(world)}
    assert {"zqtext", "zqname", "zqline", "zqadded", "zqsummary", "zqsecond", "zqreopen", "zqnew"} <= before

    erase(world, citizen, staff, receipt["code"])

    assert not remaining(world), "\n".join(remaining(world))
    assert page.get("/so-phan-anh/2026-0001").status_code == 410
    assert is_sound(world)


def test_what_came_with_taking_a_petition_back_is_gone_too(world: World, citizen: Citizen, staff: Desk) -> None:
    receipt = filed(citizen)
    world.settle()
    page = world["intake"].app.test_client()
    assert page.post(f"/t/{receipt['secret']}/rut", data={"reason": "zqback đã chạy lại"}).status_code == 303
    world.settle()
    assert any("zqback" in one for one in remaining(world))

    erase(world, citizen, staff, receipt["code"])

    assert not remaining(world), "\n".join(remaining(world))


def test_who_came_to_a_session_about_it_is_gone_too_and_other_guests_stay(
    world: World, citizen: Citizen, staff: Desk
) -> None:
    receipt = filed(citizen)
    world.settle()
    why = "Việc này do cơ quan khác giải quyết theo quy định hiện hành."
    case = staff.case_id(receipt["code"])
    assert staff.do("dau-moi", case, "refuse", ground="already_answered", reason=why) == 303
    planned = post(staff, "dau-moi", "/desk/dialogues", chair=staff.person("giam-doc"), **SESSION)
    session = planned.headers["Location"]
    post(staff, "dau-moi", f"{session}/announce")
    page, door = session.replace("/desk/dialogues/", "/tham-gia/buoi/"), citizen.client
    mine = {name: WORDS[name] for name in ("name", "email", "phone")} | {"sms": "y", "petition_code": receipt["code"]}
    asked = {"question": "Xe zqreply khi nào chạy lại?", "once": "a" * 20}
    assert door.post(page, data=mine | asked).status_code == 303
    assert door.post(page, data=OTHER | {"question": "Còn tuyến của tôi thì sao?", "once": "b" * 20}).status_code == 303
    world.settle()
    assert any(one.startswith("workflow.dialogue_guest.name") for one in remaining(world))

    erase(world, citizen, staff, receipt["code"])

    assert not remaining(world), "\n".join(remaining(world))
    guests = staff.sign_in("dau-moi").get(session).text
    assert OTHER["name"] in guests
    assert "Còn tuyến của tôi thì sao?" in guests
    assert is_sound(world)


def test_a_message_that_no_service_could_hear_is_emptied_too(world: World, citizen: Citizen, staff: Desk) -> None:
    receipt = filed(citizen)
    world.settle()
    case = staff.case_id(receipt["code"])
    why = "Việc này do cơ quan khác giải quyết theo quy định hiện hành."
    assert staff.do("dau-moi", case, "refuse", ground="already_answered", reason=why) == 303
    body = f'{{"subject":"{petition_of(world, case)}","text":"zqtext"}}'.encode()
    for name in ("intake", "workflow", "notify", "insight"):
        message = Message(body=body, headers={}, routing_key="intake.petition.filed.v1", message_id="")
        inbox_of(world[name]).put_aside(message, "malformed: of a test")
    assert {f"{name}.dead_message.body: zqtext" for name in ("intake", "notify", "insight")} <= set(remaining(world))

    erase(world, citizen, staff, receipt["code"])

    assert not remaining(world), "\n".join(remaining(world))


def test_a_letter_names_nobody_any_more(world: World, citizen: Citizen, staff: Desk) -> None:
    receipt = filed(citizen)
    world.settle()
    case = staff.case_id(receipt["code"])
    why = "Việc này do cơ quan khác giải quyết theo quy định hiện hành."
    assert staff.do("dau-moi", case, "refuse", ground="already_answered", reason=why) == 303

    erase(world, citizen, staff, receipt["code"])

    assert not remaining(world), "\n".join(remaining(world))
