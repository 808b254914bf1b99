"""A promise is made, asked about and denied; the case is reopened and answered again. Across all services."""

from datetime import datetime
from typing import Any

from ops.world import World
from shared.clock import MovableClock
from tests.journeys.conftest import Citizen, Desk
from tests.journeys.test_spine import ANSWER, POTHOLE, is_sound, log_of

PROMISE = (
    "Ngày 24/11/2026 chúng tôi đã kiểm tra ổ gà trước số nhà 120 Điện Biên Phủ. Việc vá xong chậm nhất 01/12/2026."
)
SECOND = "Ngày 03/12/2026 chúng tôi đã vá xong ổ gà trước số nhà 120 Điện Biên Phủ. Căn cứ kế hoạch bảo dưỡng."


def at(world: World, clock: MovableClock, local: str) -> None:
    clock.move_to(datetime.fromisoformat(f"{local}+07:00"))
    world.settle()


def test_a_promise_that_was_not_kept_brings_the_case_back_and_the_citizen_an_answer_that_solves(
    world: World, citizen: Citizen, staff: Desk, clock: MovableClock, later: Any
) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()
    case = staff.case_id(receipt["code"])
    at(world, clock, "2026-11-24T09:00")
    link, page = f"/t/{receipt['secret']}", world["intake"].app.test_client()

    # promised
    assert staff.do("truong-ha-tang", case, "assign", officer=staff.person("ha-tang-1")) == 303
    assert staff.do("ha-tang-1", case, "accept") == 303
    promise = {"text": PROMISE, "outcome": "scheduled", "promised_on": "01/12/2026", "answered_1": "yes"}
    assert staff.do("ha-tang-1", case, "draft", **promise) == 303
    assert staff.do("truong-ha-tang", case, "approve") == 303
    assert staff.do("ha-tang-1", case, "answer") == 303

    # reminded, asked
    at(world, clock, "2026-11-27T08:00")
    at(world, clock, "2026-12-01T08:00")
    at(world, clock, "2026-12-01T16:50")
    subjects = [letter.subject for letter in citizen.letters() if letter.recipient == citizen.email]
    assert [subject for subject in subjects if subject.startswith("Việc đã được làm chưa?")]
    assert len([one for one in citizen.letters() if one.subject.startswith("Sắp đến ngày đã hẹn")]) >= 2
    assert "Việc đã được làm chưa?" in page.get(link).text

    # denied
    assert page.post(f"{link}/loi-hen", data={"is_done": "no", "words": "Chưa ai đến"}).status_code == 303
    world.settle()
    assert [one for one in citizen.letters() if one.subject.startswith("Cần quyết định sau trả lời")]
    assert "Chưa ai đến" in staff.see("truong-ha-tang", case)

    # reopened, by a clock that runs from this day
    assert staff.do("truong-ha-tang", case, "reopen") == 303
    seen = citizen.look(receipt)
    assert seen["due_on"] == "2026-12-10"
    assert "Đang xử lý lại" in page.get(link).text
    assert [one for one in citizen.letters() if one.subject.startswith("Đang xử lý lại")]

    # answered again
    later(days=2)
    again = {"text": SECOND, "outcome": "done", "answered_1": "yes", "apology": "Chúng tôi đã không giữ lời hẹn."}
    assert staff.do("ha-tang-1", case, "draft", **again) == 303
    assert staff.do("truong-ha-tang", case, "approve") == 303
    assert staff.do("ha-tang-1", case, "answer") == 303
    shown = page.get(link).text
    assert "Đã trả lời lại" in shown
    assert "Chúng tôi đã không giữ lời hẹn." in shown
    told = [letter for letter in citizen.letters() if letter.recipient == citizen.email]
    assert len([letter for letter in told if letter.subject.startswith("Đã có kết quả")]) == 2

    # and all of it is in the log
    log = log_of(world, receipt["code"])
    assert log.count("case.answered.v1") == 2
    assert {
        "promise.made.v1",
        "promise.due.v1",
        "promise.asked.v1",
        "petition.promise_judged.v1",
        "promise.checked.v1",
        "case.follow_up.v1",
        "case.reopened.v1",
    } <= set(log)
    assert is_sound(world)


def test_who_is_not_satisfied_asks_to_look_again_and_the_unit_learns_of_no_score(
    world: World, citizen: Citizen, staff: Desk
) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()
    case = staff.case_id(receipt["code"])
    staff.answer(case, ANSWER)
    link, page = f"/t/{receipt['secret']}", world["intake"].app.test_client()

    judged = page.post(f"{link}/danh-gia", data={"score": "1", "words": "Quá tệ"})
    asked = page.post(f"{link}/mo-lai", data={"reason": "Mưa một đêm là bong hết"})
    world.settle()
    desk = staff.see("truong-ha-tang", case)
    refused = staff.do(
        "truong-ha-tang", case, "refuse_reopening", reason="Chỗ này thuộc đường khác, xin gửi một việc mới."
    )

    assert judged.headers["Location"] == f"{link}/mo-lai"
    assert (asked.status_code, refused) == (303, 303)
    assert "Mưa một đêm là bong hết" in desk
    assert "Quá tệ" not in desk
    assert "Chỗ này thuộc đường khác" in page.get(link).text
    assert {"petition.reopen_requested.v1", "case.reopening_refused.v1"} <= set(log_of(world, receipt["code"]))


def test_a_low_mark_at_the_door_is_a_task_at_the_desk_of_the_head_who_closes_it(
    world: World, citizen: Citizen, staff: Desk
) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()
    case = staff.case_id(receipt["code"])
    staff.answer(case, ANSWER)
    link, page = f"/t/{receipt['secret']}", world["intake"].app.test_client()

    judged = page.post(f"{link}/danh-gia", data={"score": "2", "words": "Quá tệ"})
    world.settle()
    mails = [one for one in citizen.letters() if "chưa hài lòng" in one.text]
    head, officer = staff.see("truong-ha-tang", case), staff.see("ha-tang-1", case)
    closed = staff.do("truong-ha-tang", case, "close_follow_up", done="Đã xem tại chỗ, hẹn phủ lại mặt đường.")
    world.settle()

    assert (judged.status_code, closed) == (303, 303)
    assert mails
    assert citizen.email not in {one.recipient for one in mails}
    assert "Có người chưa hài lòng" in head
    assert "Có người chưa hài lòng" not in officer
    assert "Quá tệ" not in head
    assert {"petition.rated.v1", "case.follow_up.v1", "case.followed_up.v1"} <= set(log_of(world, receipt["code"]))
    assert is_sound(world)
