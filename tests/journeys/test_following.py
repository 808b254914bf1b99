"""What petitioners do with what is theirs, across all services."""

from ops.world import World
from tests.journeys.conftest import Citizen, Desk
from tests.journeys.test_spine import POTHOLE, is_sound, log_of


def test_a_petition_taken_back_ends_at_the_desk_and_its_sender_is_told(
    world: World, citizen: Citizen, staff: Desk
) -> None:
    receipt = citizen.file(POTHOLE)
    world.settle()
    case = staff.case_id(receipt["code"])
    link, page = f"/t/{receipt['secret']}", world["intake"].app.test_client()

    assert page.post(f"{link}/rut", data={"reason": "Đội đã vá sáng nay"}).status_code == 303
    world.settle()

    assert "Đội đã vá sáng nay" in staff.see("truong-ha-tang", case)
    assert "Đã rút hồ sơ" in page.get(link).text
    assert citizen.look(receipt)["stage"] == "withdrawn"
    letters = [one for one in citizen.letters() if one.subject.startswith("Đã đóng")]
    assert len(letters) == 1
    assert "Theo yêu cầu rút của Ông/Bà" in letters[0].text
    assert {"petition.withdrawn.v1", "case.closed.v1"} <= set(log_of(world, receipt["code"]))
    assert is_sound(world)


def test_a_complaint_taken_back_waits_for_a_person_who_goes_on_or_ends_it(
    world: World, citizen: Citizen, staff: Desk
) -> None:
    complaint = "Tôi khiếu nại Quyết định số 12/QĐ-SXD ngày 10/11/2026 thu hồi phù hiệu xe của tôi. Tôi đã ký tên."
    receipt = citizen.file(complaint, kind="complaint", address="12 Lê Lợi, Huế")
    world.settle()
    case = staff.case_id(receipt["code"])
    link, page = f"/t/{receipt['secret']}", world["intake"].app.test_client()
    page.post(f"{link}/rut")
    world.settle()

    assert "Người gửi xin rút" in staff.see("truong-phap-che", case)
    assert "Người gửi xin rút, chờ quyết định" in staff.sign_in("truong-phap-che").get("/desk/promises").text
    why = "Vụ việc liên quan nhiều người nên vẫn giải quyết."
    assert staff.do("truong-phap-che", case, "decline_withdrawal", reason=why) == 303
    assert "Vụ việc liên quan nhiều người" in page.get(link).text
    assert "Người gửi xin rút, chờ quyết định" not in staff.sign_in("truong-phap-che").get("/desk/promises").text
