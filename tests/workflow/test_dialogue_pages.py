"""The pages of sessions at the desk: planned by a form, refused in words, shown to who may see them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.workflow import actions, store
from tests.workflow.builders import DIRECTOR, HEAD, LAWYER, OFFICE, OFFICER, STRANGER, Office
from tests.workflow.conftest import Visit
from tests.workflow.test_dialogues import (
    MINUTES,
    a_complaint,
    announced,
    bound,
    committed,
    drafted,
    filed_for,
    held,
    joined,
)

FORM = {
    "kind": "thematic",
    "title": "Đối thoại với hộ dân đường Điện Biên Phủ",
    "topics": "Bụi, tiếng ồn",
    "starts_on": "03/12/2026",
    "begins": "8h",
    "ends": "11:30",
    "place": "Hội trường tầng 2",
    "seats": "40",
    "chair": DIRECTOR.person,
}


def test_s17a_the_office_plans_a_session_and_announces_it(office: Office, visit: Visit) -> None:
    client = visit(OFFICE)

    planned = client.post("/desk/dialogues", data=FORM)
    page = client.get(planned.headers["Location"])
    done = client.post(f"{planned.headers['Location']}/announce")

    assert (planned.status_code, done.status_code) == (303, 303)
    assert "Thông báo buổi này" in page.text
    assert "08:00–11:30, thứ Năm 03/12/2026" in page.text
    with office.database.reading() as look:
        (session,) = store.dialogues_for(look, OFFICE)
    assert (session.state, session.starts_at) == ("announced", datetime(2026, 12, 3, 1, 0, tzinfo=UTC))


def test_s17a_a_date_that_is_too_near_comes_back_with_the_earliest_day_and_keeps_what_was_typed(
    office: Office, visit: Visit
) -> None:
    online = FORM | {"kind": "online", "place": "https://hop.example.vn/1", "starts_on": "27/11/2026"}

    answer = visit(OFFICE).post("/desk/dialogues", data=online)

    assert answer.status_code == 422
    assert "Phải báo trước ít nhất 5 ngày làm việc (NĐ 154/2026 Đ23(1))" in answer.text
    assert "sớm nhất là thứ Ba 01/12/2026" in answer.text
    assert 'value="https://hop.example.vn/1"' in answer.text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"starts_on": ""}, "Hãy nhập ngày"),
        ({"begins": "sáng"}, "Hãy nhập giờ bắt đầu"),
        ({"ends": "7:00"}, "Giờ kết thúc phải sau giờ bắt đầu"),
        ({"seats": "nhiều"}, "Hãy ghi số chỗ"),
        ({"kind": ""}, "Hãy chọn loại buổi"),
        ({"kind": "complaint"}, "Hãy chọn loại buổi"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(office: Office, visit: Visit, given: dict[str, str], words: str) -> None:
    answer = visit(OFFICE).post("/desk/dialogues", data=FORM | given)

    assert answer.status_code == 422
    assert words in answer.text


def test_a_head_sees_the_list_but_no_form_and_nobody_who_is_coming(office: Office, visit: Visit) -> None:
    session = announced(office)
    joined(office, session)
    client = visit(HEAD)

    listed, page = client.get("/desk/dialogues").text, client.get(f"/desk/dialogues/{session.id}").text
    refused = client.post("/desk/dialogues", data=FORM)

    assert session.title in listed
    assert 'id="new"' not in listed
    assert "Nguyễn Thị Hồng Ánh" not in page
    assert refused.status_code == 403


def test_s17a_after_the_session_minutes_and_promises_are_written_on_its_page(office: Office, visit: Visit) -> None:
    session = announced(office)
    guest, _ = joined(office, session)
    office.clock.move_to(session.ends_at)
    client, address = visit(DIRECTOR), f"/desk/dialogues/{session.id}"

    short = client.post(f"{address}/held", data={"minutes": "Ngắn", "came": str(guest)})
    done = client.post(f"{address}/held", data={"minutes": MINUTES, "came": str(guest), "walked_in": "3"})
    promise = {
        "what": "Vá xong đoạn trước số nhà 120",
        "guest": str(guest),
        "topic": "C01",
        "officer": f"{OFFICER.person}@KCHT",
        "due_on": "15/01/2027",
    }
    nameless = client.post(f"{address}/commit", data=promise | {"officer": ""})
    made = client.post(f"{address}/commit", data=promise)

    assert (short.status_code, done.status_code) == (422, 303)
    assert ">Ngắn</textarea>" in short.text
    assert (nameless.status_code, made.status_code) == (422, 303)
    assert "Hãy chọn người làm" in nameless.text
    page = client.get(address).text
    assert MINUTES in page
    assert "Vá xong đoạn trước số nhà 120" in page
    assert "hẹn 15/01/2027" in page


def test_whom_the_case_of_a_promise_is_about_reads_nothing_of_it(office: Office, visit: Visit) -> None:
    session = announced(office)
    held(office, session)
    made, (event,) = committed(office, session)
    case_id = filed_for(office, made, event)
    address = f"/desk/dialogues/{session.id}"
    before = visit(HEAD).get(address).text

    office.act(actions.exclude_person, OFFICE, case_id, who="KCHT", reason="Việc đã hứa là về chính đơn vị này")

    assert made.what in before
    assert made.what not in visit(HEAD).get(address).text
    assert made.what in visit(DIRECTOR).get(address).text


def test_calling_off_without_a_reason_comes_back(office: Office, visit: Visit) -> None:
    session = announced(office)

    answer = visit(OFFICE).post(f"/desk/dialogues/{session.id}/call_off", data={"reason": ""})

    assert answer.status_code == 422
    assert "Hãy ghi lý do" in answer.text


def approve(visit: Visit, case_id: UUID) -> Any:
    return visit(DIRECTOR).post(f"/desk/cases/{case_id}/approve", data={})


def test_s17a_the_page_of_a_second_complaint_says_that_a_dialogue_comes_first(office: Office, visit: Visit) -> None:
    case_id = a_complaint(office)
    drafted(office, case_id)

    before, refused = visit(LAWYER).get(f"/desk/cases/{case_id}").text, approve(visit, case_id)
    session = bound(office, case_id)
    held(office, session, LAWYER, petitioner="absent")
    after = visit(LAWYER).get(f"/desk/cases/{case_id}").text

    assert "Chưa ra quyết định được:" in before
    assert refused.status_code == 409
    assert "một bước luật yêu cầu làm trước" in refused.text
    assert "Chưa ra quyết định được:" not in after
    assert "vắng, không có lý do chính đáng" in after.lower()


def test_s17a_a_dialogue_within_a_case_is_planned_from_its_page_and_hidden_from_others(
    office: Office, visit: Visit
) -> None:
    case_id = a_complaint(office, "complaint")
    form = {name: value for name, value in FORM.items() if name not in {"kind", "seats"}}

    planned = visit(LAWYER).post("/desk/dialogues", data=form | {"kind": "complaint", "case": str(case_id)})
    address = planned.headers["Location"]

    assert "Chỉ người khiếu nại và người được mời biết." in visit(LAWYER).get(f"/desk/dialogues?case={case_id}").text
    assert visit(LAWYER).get(address).status_code == 200
    assert visit(STRANGER).get(address).status_code == 404
    assert FORM["title"] not in visit(OFFICE).get("/desk/dialogues").text
    invited = visit(LAWYER).post(f"{address}/invite", data={"name": "Ông Lê Văn C", "email": "c@example.vn"})
    assert invited.status_code == 303
    assert "Ông Lê Văn C" in visit(LAWYER).get(address).text


def test_s17a_a_dialogue_within_a_case_is_moved_to_another_day_from_its_page(office: Office, visit: Visit) -> None:
    session = bound(office, a_complaint(office))
    form = {name: value for name, value in FORM.items() if name not in {"kind", "seats"}}

    silent = visit(LAWYER).post(f"/desk/dialogues/{session.id}/change", data=form | {"starts_on": "07/12/2026"})
    done = visit(LAWYER).post(
        f"/desk/dialogues/{session.id}/change",
        data=form | {"starts_on": "07/12/2026", "reason": "Giám đốc đi công tác"},
    )

    assert (silent.status_code, done.status_code) == (422, 303)
    assert "Hãy ghi lý do" in silent.text
    assert "thứ Hai 07/12/2026" in visit(LAWYER).get(f"/desk/dialogues/{session.id}").text


def test_what_cannot_be_done_any_more_is_said(office: Office, visit: Visit) -> None:
    session = announced(office)
    with office.database.writing() as tx:
        actions.call_off_dialogue(tx, office.rules, person=OFFICE, dialogue_id=session.id, reason="Hội trường bị ngập")

    answer = visit(OFFICE).post(f"/desk/dialogues/{session.id}/announce")

    assert answer.status_code == 409
    assert "đã được người khác xử lý" in answer.text
