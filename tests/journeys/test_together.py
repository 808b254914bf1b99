"""Working together, across the services: a letter taken apart, another unit, somebody outside, an urging."""

import re
from typing import Any
from uuid import UUID

from sqlalchemy import select

from ops.world import World
from services.workflow.store.tables import case_
from tests.journeys.conftest import Citizen, Desk
from tests.journeys.test_spine import ANSWER, POTHOLE, is_sound, log_of

BUS = "Xe buýt tuyến số 2 sáng nay bỏ chuyến, tôi chờ 40 phút không có xe."
QUESTION = "Xin cho biết tải trọng cho phép của cầu trên đoạn đường này là bao nhiêu."
OPINION = "Tải trọng thiết kế của cầu là H30."


def in_work(staff: Desk, citizen: Citizen, world: World) -> tuple[dict[str, Any], UUID]:
    receipt = citizen.file(POTHOLE)
    world.settle()
    case_id = staff.case_id(receipt["code"])
    assert staff.do("truong-ha-tang", case_id, "assign", officer=staff.person("ha-tang-1")) == 303
    assert staff.do("ha-tang-1", case_id, "accept") == 303
    return receipt, case_id


def mails_to(citizen: Citizen, login: str) -> list[str]:
    return [one.subject for one in citizen.letters() if one.recipient == f"{login}@desk.example.vn"]


def parts_at_the_desk(world: World, code: str) -> dict[str, UUID]:
    """The open cases of a petition by their unit."""
    with world["workflow"].database.reading() as tx:
        asked = select(case_.c.unit, case_.c.id).where(case_.c.code == code.replace("-", ""), case_.c.stage != "split")
        return {row.unit: row.id for row in tx.connection.execute(asked)}


def test_a_letter_is_taken_apart_and_its_citizen_sees_every_part(world: World, citizen: Citizen, staff: Desk) -> None:
    receipt = citizen.file(f"{POTHOLE} {BUS}", kind="report", topic="C01")
    world.settle()
    whole = staff.case_id(receipt["code"])
    if "split_up" not in staff.see("dau-moi", whole):
        assert staff.do("dau-moi", whole, "return_to_triage", reason="Thư nói hai việc") == 303
    words = {"text-1": POTHOLE, "kind-1": "report", "topic-1": "C01"}
    words |= {"text-2": BUS, "kind-2": "report", "topic-2": "C13"}

    assert staff.do("dau-moi", whole, "split_up", **words) == 303

    seen = citizen.look(receipt)
    assert [(part["number"], part["unit"]["code"]) for part in seen["parts"]] == [(1, "KCHT"), (2, "VTCC")]
    assert sum("tách thành 2 phần" in line["title"] for line in seen["timeline"]) == 1
    assert len([one for one in citizen.letters() if "tách thành nhiều phần" in one.subject]) == 1
    parts = parts_at_the_desk(world, receipt["code"])

    staff.answer(parts["KCHT"], ANSWER)

    seen = citizen.look(receipt)
    assert [part["stage"] for part in seen["parts"]] == ["answered", "assigned"]
    assert seen["parts"][0]["answer"] == ANSWER
    assert seen["stage"] == "assigned"
    page = world["intake"].app.test_client().get(f"/t/{receipt['secret']}").text
    assert "Đơn của bạn có 2 phần" in page
    assert ANSWER in page
    assert staff.do("giam-doc-xe-buyt", parts["VTCC"], "take") == 303
    assert staff.do("giam-doc-xe-buyt", parts["VTCC"], "progress", note="Đang kiểm tra hành trình xe") == 303
    assert any("Tiến độ" in one.subject for one in citizen.letters())  # the first answer silences no other part
    assert log_of(world, receipt["code"]).count("case.split.v1") == 1
    assert is_sound(world)


def test_another_unit_contributes_and_the_citizen_hears_nothing_of_it(
    world: World, citizen: Citizen, staff: Desk, later: Any
) -> None:
    receipt, case_id = in_work(staff, citizen, world)
    lines = len(citizen.look(receipt)["timeline"])
    asked = {"unit": "PCAT", "question": "Đoạn này có phải điểm đen không?", "due_on": "26/11/2026"}

    assert staff.do("ha-tang-1", case_id, "ask_support", **asked) == 303

    assert mails_to(citizen, "truong-phap-che") == [f"Đề nghị phối hợp: {receipt['code']}"]
    later(days=1, hours=22)  # Wednesday morning, the working day before
    assert mails_to(citizen, "truong-phap-che")[-1].startswith("Sắp đến hạn phối hợp")
    assert staff.do("phap-che-1", case_id, "give_support", text="Không phải điểm đen.") == 303
    assert f"Đã có ý kiến phối hợp: {receipt['code']}" in mails_to(citizen, "ha-tang-1")
    assert "Không phải điểm đen." in staff.see("ha-tang-1", case_id)
    assert len(citizen.look(receipt)["timeline"]) == lines
    told = {"case.support_asked.v1", "case.support_due.v1", "case.support_given.v1"}
    assert told <= set(log_of(world, receipt["code"]))


def test_an_expert_answers_by_the_link_in_the_mail_and_the_clock_runs_on(
    world: World, citizen: Citizen, staff: Desk, later: Any
) -> None:
    receipt, case_id = in_work(staff, citizen, world)
    expert = {"name": "Đại học Kỹ thuật", "email": "cau@example.vn", "question": QUESTION, "is_waiting": "yes"}

    assert staff.do("ha-tang-1", case_id, "consult", **expert) == 303

    assert citizen.look(receipt)["stage"] == "paused"
    (mail,) = [one for one in citizen.letters() if one.recipient == "cau@example.vn"]
    assert receipt["code"] not in mail.text + mail.subject
    link = re.search(r"/desk/consult/[\w-]+", mail.text)
    assert link is not None
    later(days=1, hours=22)
    browser = world["workflow"].app.test_client()
    page = browser.get(link[0])
    assert QUESTION in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    assert browser.post(link[0], data={"csrf_token": token[1], "text": OPINION}).status_code == 303
    world.settle()

    assert OPINION in staff.see("ha-tang-1", case_id)
    assert mails_to(citizen, "ha-tang-1")[-1].startswith("Đã có ý kiến chuyên môn")
    seen = citizen.look(receipt)
    assert (seen["stage"], seen["due_on"]) == ("in_progress", "2026-12-04")
    used, unknown = browser.get(link[0]), browser.get("/desk/consult/a-word-that-nobody-was-told")
    assert (used.status_code, unknown.status_code) == (404, 404)
    assert used.text.partition("<main")[2] == unknown.text.partition("<main")[2]
    assert OPINION not in "".join(line["note"] or "" for line in seen["timeline"])
    assert is_sound(world)


def test_an_urging_is_told_to_the_head_and_unanswered_to_the_director(
    world: World, citizen: Citizen, staff: Desk, later: Any
) -> None:
    receipt, case_id = in_work(staff, citizen, world)

    urged = {"reason": "Người dân gọi lần thứ ba", "answer_by": "25/11/2026"}
    assert staff.do("dau-moi", case_id, "urge", **urged) == 303

    assert f"Đôn đốc: {receipt['code']}" in mails_to(citizen, "truong-ha-tang")
    assert "Được đôn đốc" in staff.see("truong-ha-tang", case_id)
    later(days=3)
    director = [one for one in mails_to(citizen, "giam-doc") if one.startswith("Chưa trả lời đôn đốc")]
    assert len(director) == 1
    later(hours=20)
    assert staff.do("truong-ha-tang", case_id, "answer_urge", text="Sáng nay đội sửa đường có mặt") == 303
    assert f"Đã trả lời đôn đốc: {receipt['code']}" in mails_to(citizen, "dau-moi")
    assert len([one for one in mails_to(citizen, "giam-doc") if one.startswith("Chưa trả lời đôn đốc")]) == 1
    assert log_of(world, receipt["code"]).count("unit.urge_unanswered.v1") == 1


def test_who_follows_a_lead_that_is_refused_is_not_lost(world: World, citizen: Citizen, staff: Desk) -> None:
    first, lead = in_work(staff, citizen, world)
    other = Citizen(world, email="binh.tv@example.vn")
    second = other.file("Ổ gà sâu ở 120 Điện Biên Phủ vẫn chưa ai vá, rất nguy hiểm.", kind="report", topic="C01")
    world.settle()
    follower = staff.case_id(second["code"])
    due_on = other.look(second)["due_on"]
    assert staff.do("dau-moi", follower, "link", into=first["code"]) == 303
    assert other.look(second)["stage"] == "linked"

    reason = "Người gửi đã được trả lời bằng văn bản ngày 01/11/2026."
    assert staff.do("dau-moi", lead, "refuse", ground="already_answered", reason=reason) == 303

    seen = other.look(second)
    assert (seen["stage"], seen["due_on"]) == ("assigned", due_on)
    assert any("xem xét riêng" in one.subject for one in other.letters() if one.recipient == other.email)
    assert reason not in "".join(line["note"] or "" for line in seen["timeline"])
