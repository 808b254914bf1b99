"""A draft is laid before the public, commented on, closed by the clock, and answered in public. Across all services."""

import re
from datetime import datetime
from typing import Any

from ops.world import World
from services.insight import store as mirror
from shared.clock import MovableClock
from tests.journeys.conftest import Citizen, Desk
from tests.journeys.test_spine import is_sound, log_of

DRAFT = {
    "title": "Quy chế quản lý xe buýt công cộng",
    "summary": "Dự thảo sắp xếp lại 12 tuyến xe buýt và giờ chạy, áp dụng từ tháng 3 năm 2027.",
    "asked": "Tuyến nào nên kéo dài, giờ nào nên thêm chuyến.",
    "draft_text": "Điều 1. Phạm vi điều chỉnh",
    "unit": "KCHT",
    "opens_on": "23/11/2026",
    "closes_on": "27/11/2026",
}
POINT = "Kéo dài tuyến số 4 đến chợ An Cựu"
ANSWER = "Sở đã tiếp thu và sẽ kéo dài tuyến số 4 đến chợ An Cựu từ ngày 01/03/2027, Điều 5 dự thảo."
WORDS = "Nên cho xe buýt số 4 chạy đến chợ An Cựu, bà con đi lại dễ hơn."


def send(staff: Desk, login: str, page: str, to: str, **fields: Any) -> Any:
    """A form of a page of the desk, sent as the browser sends it: with its hidden fields."""
    client = staff.sign_in(login)
    form = client.get(page).text.partition(f'action="{to}"')[2] or client.get(page).text
    form = form.partition("</form>")[0]
    hidden = re.findall(r'name="(csrf_token|seen|id)" value="([^"]+)"', form)
    typed = {name: [value for key, value in hidden if key == name] for name, _ in hidden}
    answer = client.post(to, data=typed | fields)
    staff.world.settle()
    assert answer.status_code == 303, answer.text
    return answer.location


def test_s14b_a_draft_is_opened_commented_on_closed_and_answered_where_the_citizen_and_everybody_reads_it(
    world: World, citizen: Citizen, staff: Desk, clock: MovableClock
) -> None:
    public = world["intake"].app.test_client()

    # opened by another person than who prepared it
    there = send(staff, "dau-moi", "/desk/consultations/new", "/desk/consultations/new", **DRAFT)
    assert DRAFT["title"] not in public.get("/tham-gia").text
    send(staff, "truong-ha-tang", there, f"{there}/open")
    assert DRAFT["title"] in public.get("/tham-gia").text

    # commented on, with and without a name
    named = {"text": WORDS, "once": "one", "name": "Nguyễn Thị Hồng Ánh", "email": citizen.email, "party": "individual"}
    first = public.post("/gop-y/1", data=named).location
    second = public.post(
        "/gop-y/1", data={"text": WORDS + " Cả chiều về.", "once": "two", "party": "individual"}
    ).location
    world.settle()
    code = re.search(r'id="the-code"[^>]*>([^<]+)<', public.get(first).text)
    assert code
    case = staff.case_id(code[1])
    assert "Lấy ý kiến đến hết" in public.get(first.replace("/bien-nhan/", "/t/")).text
    assert [letter for letter in citizen.letters() if letter.subject.startswith("Đã tiếp nhận")]

    # closed by the clock: the time for the answers runs from the last day
    clock.move_to(datetime.fromisoformat("2026-11-28T00:05+07:00"))
    world.settle()
    follow = first.replace("/bien-nhan/", "/t/")
    assert "Đợt lấy ý kiến đã kết thúc, bắt đầu tính hạn trả lời" in public.get(follow).text
    assert "18/12/2026" in public.get(follow).text
    assert public.post("/gop-y/1", data=named | {"once": "late"}).status_code == 409
    with world["insight"].database.reading() as look:
        promise = mirror.promise_of(look, case)
    assert promise is not None
    assert promise.first_due_on is not None
    assert promise.first_due_on.isoformat() == "2026-12-18"

    # answered, both at once, by four eyes
    clock.move_to(datetime.fromisoformat("2026-12-01T09:00+07:00"))
    world.settle()
    same = {"point": POINT, "text": ANSWER, "outcome": "taken_up", "answers_all": "yes"}
    send(staff, "ha-tang-1", there, f"{there}/draft", **same)
    send(staff, "truong-ha-tang", there, f"{there}/approve")
    send(staff, "ha-tang-1", there, f"{there}/answer")

    # the citizen reads it, and so does everybody, but no comment
    for link in (follow, second.replace("/bien-nhan/", "/t/")):
        assert ANSWER in public.get(link).text
    page = public.get("/gop-y/1").text
    assert page.count(ANSWER) == 1
    assert POINT in page
    assert WORDS not in page
    assert [letter for letter in citizen.letters() if letter.subject.startswith("Đã có kết quả")]

    # and all of it is in the log
    log = log_of(world, code[1])
    assert {"petition.filed.v1", "case.clock_started.v1", "case.answered.v1"} <= set(log)
    assert is_sound(world)
