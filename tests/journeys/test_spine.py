"""A petition travels from the form to the notice, the log and back."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ops.world import World
from services.audit import store as memory
from services.audit import verify
from services.audit.publish import load_verifier
from shared.clock import MovableClock
from shared.outbox import outbox
from shared.settings import SERVICES
from tests.journeys.conftest import Citizen, Desk

POTHOLE = "Trước số nhà 120 đường Điện Biên Phủ có ổ gà sâu khoảng 20 cm, đề nghị Sở cho vá sớm."
ANSWER = (
    "Ngày 25/11 chúng tôi đã kiểm tra và vá xong ổ gà trước số nhà 120 đường Điện Biên Phủ. Căn cứ kế hoạch bảo dưỡng."
)


def log_of(world: World, petition: str) -> list[str]:
    """The types of everything the log knows of a petition, in its order."""
    with world["audit"].database.reading() as tx:
        subject = memory.subject_of_code(tx, petition.replace("-", ""))
        assert subject is not None
        return [line.type for line in sorted(memory.life_of(tx, subject), key=lambda one: one.idx)]


def is_sound(world: World) -> bool:
    audit = world["audit"]
    with audit.database.reading() as tx:
        verify.verify(verify.Tables(tx), load_verifier(audit.settings.keys_dir))
    return True


def test_a_petition_is_filed_routed_confirmed_by_mail_and_text_and_logged(world: World, citizen: Citizen) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()

    seen = citizen.look(receipt)
    assert (seen["unit"]["code"], seen["due_on"]) == ("KCHT", "2026-12-03")
    (mail,), (text,) = citizen.letters(), citizen.letters("sms")
    assert receipt["code"] in mail.text
    assert "/t/" in mail.text
    assert text.text.isascii()
    assert len(text.text) <= 160
    assert POTHOLE not in mail.text
    log = log_of(world, receipt["code"])
    assert log.count("notice.accepted.v1") == 2
    assert {"petition.filed.v1", "contact.given.v1", "case.opened.v1", "case.routed.v1"} <= set(log)
    assert is_sound(world)


def test_an_answer_reaches_the_citizen_who_rates_it_and_the_figures_know(
    world: World, citizen: Citizen, staff: Desk, later: Any
) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()
    later(hours=2)
    case = staff.case_id(receipt["code"])

    staff.answer(case, ANSWER)

    seen = citizen.look(receipt)
    assert seen["answer"]["text"] == ANSWER
    assert seen["answer"]["signer"] == "Trưởng phòng Hạ tầng"
    told = [letter.subject for letter in citizen.letters() if letter.recipient == citizen.email]
    assert len(told) == len(set(told))
    page = world["intake"].app.test_client()
    link = f"/t/{receipt['secret']}/danh-gia"
    assert page.get(link).status_code == 200
    assert page.post(link, data={"score": "5", "words": "Nhanh quá"}).status_code in {200, 302, 303}
    assert page.post(link, data={"score": "1"}).status_code in {409, 302, 303, 200}
    world.settle()
    assert log_of(world, receipt["code"]).count("petition.rated.v1") == 1
    assert "case.answered.v1" in log_of(world, receipt["code"])
    assert is_sound(world)


def test_s31a_a_question_to_the_citizen_stops_the_clock_until_the_reply(
    world: World, citizen: Citizen, staff: Desk, later: Any
) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()
    case = staff.case_id(receipt["code"])
    staff.do("truong-ha-tang", case, "assign", officer=staff.person("ha-tang-1"))
    staff.do("ha-tang-1", case, "accept")

    assert staff.do("ha-tang-1", case, "ask", question="Ổ gà nằm ở làn nào, gần cột đèn số mấy?") == 303
    assert citizen.look(receipt)["question"]["text"].startswith("Ổ gà nằm ở làn nào")
    later(days=3)  # Thursday; Tuesday was a holiday
    page = world["intake"].app.test_client()
    reply = page.post(
        f"/t/{receipt['secret']}/bo-sung", data={"text": "Làn bên phải, gần cột đèn số 14.", "once": "a" * 22}
    )
    assert reply.status_code in {302, 303}
    world.settle()

    assert citizen.look(receipt)["due_on"] > "2026-12-03"
    assert "Làn bên phải" in staff.see("ha-tang-1", case)
    assert {"case.info_requested.v1", "case.clock_paused.v1", "case.clock_resumed.v1"} <= set(
        log_of(world, receipt["code"])
    )


def test_sending_twice_files_once(world: World, citizen: Citizen) -> None:
    first = citizen.file(POTHOLE, once="the-same-key-of-both")
    second = citizen.file(POTHOLE, once="the-same-key-of-both")
    world.settle()

    assert first == second
    assert len(citizen.letters()) == 1
    assert log_of(world, first["code"]).count("petition.filed.v1") == 1


def test_the_drafter_cannot_approve(world: World, citizen: Citizen, staff: Desk) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()
    case = staff.case_id(receipt["code"])
    staff.do("truong-ha-tang", case, "take")
    staff.do("truong-ha-tang", case, "draft", text=ANSWER, outcome="done", basis="x")

    assert staff.do("truong-ha-tang", case, "approve") == 403

    assert citizen.look(receipt)["answer"] is None


def test_s22d_a_unit_that_a_petition_is_about_does_not_find_it_and_the_director_hears_of_it(
    world: World, citizen: Citizen, staff: Desk
) -> None:
    receipt = citizen.file(
        "Sáng 19/11 tôi đến quầy số 5 nộp hồ sơ, cán bộ trả lời cộc lốc, cho người quen vào trước. "
        "Đề nghị Sở chấn chỉnh."
    )
    world.settle()
    case = staff.case_id(receipt["code"])

    assert staff.sign_in("truong-mot-cua").get(f"/desk/cases/{case}").status_code == 404
    assert str(case) not in staff.sign_in("truong-mot-cua").get("/desk/?q=" + receipt["code"]).text
    assert staff.sign_in("chanh-van-phong").get(f"/desk/cases/{case}").status_code == 200
    told = [letter for letter in citizen.letters() if letter.recipient != citizen.email]
    assert [letter.recipient.split("@")[0] for letter in told] == ["giam-doc"]
    assert "thái độ" not in told[0].subject  # of a restricted case a mail says only that there is something to see


@pytest.mark.timeout(300)  # weeks of office hours, each of which has to come to rest on real servers
def test_s29_reminders_come_once_each_and_a_late_case_is_escalated(
    world: World, citizen: Citizen, staff: Desk, later: Any
) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()
    case = staff.case_id(receipt["code"])
    staff.do("truong-ha-tang", case, "assign", officer=staff.person("ha-tang-1"))
    staff.do("ha-tang-1", case, "accept")

    for _ in range(20 * 4):
        later(hours=6)

    log = log_of(world, receipt["code"])
    assert log.count("case.overdue.v1") == 1
    assert log.count("case.escalated.v1") == 1
    assert log.count("case.apology_due.v1") == 1
    assert 1 <= log.count("case.due_soon.v1") <= 3
    assert log.index("case.apology_due.v1") < log.index("case.overdue.v1") < log.index("case.escalated.v1")


def test_reading_a_case_is_logged_and_the_citizen_sees_who_read(world: World, citizen: Citizen, staff: Desk) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()

    staff.see("truong-ha-tang", staff.case_id(receipt["code"]))
    world.settle()

    assert "access.read.v1" in log_of(world, receipt["code"])
    page = world["intake"].app.test_client().get(f"/t/{receipt['secret']}").text
    assert "Ai đã mở" in page


def test_no_word_of_a_petition_stands_in_the_log_or_the_open_part_of_any_event(
    world: World, citizen: Citizen, staff: Desk
) -> None:
    secrets = ("Điện Biên Phủ", "Nguyễn Thị Hồng Ánh", "905123456", "0905 123 456", citizen.email, "kế hoạch bảo dưỡng")
    receipt = citizen.file(POTHOLE)
    world.settle()
    staff.answer(staff.case_id(receipt["code"]), ANSWER)

    told = []
    for service in SERVICES:
        with world[service].database.reading() as tx:
            told += [bytes(body).decode() for body in tx.connection.execute(select(outbox.c.body)).scalars()]
    with world["audit"].database.reading() as tx:
        told += [entry.decode() for _, entry in memory.entries_between(tx, 0, memory.load_log(tx).size)]
    assert len(told) > 20
    for secret in secrets:
        assert not [entry for entry in told if secret in entry or json.dumps(secret)[1:-1] in entry], secret


def test_a_world_that_was_cut_off_tells_the_rest_when_it_comes_back(tmp_path: Path, clock: MovableClock) -> None:
    with_power = World(tmp_path, clock=clock).open()
    receipt = Citizen(with_power).file(POTHOLE)
    with_power.close()  # nothing was told, the bus is gone

    clock.move_to(clock.now() + timedelta(minutes=1))
    again = World(tmp_path, clock=clock).open()
    again.settle()

    assert Citizen(again).look(receipt)["unit"]["code"] == "KCHT"
    assert len(Citizen(again).letters()) == 1
    assert is_sound(again)
    again.close()
