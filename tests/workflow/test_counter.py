"""At the counter and on the telephone: passes, results handed over, calls; who enters gains no right."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from services.workflow import actions, reactions, store
from services.workflow.domain.case import StepRefused
from services.workflow.domain.permission import MAY
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from shared.passes import COOKIE, ENTRANCE, read_pass
from tests.builders import petition_filed
from tests.support import NOON
from tests.workflow.builders import (
    ANSWER,
    AUDITOR,
    COLLEAGUE,
    DENUNCIATION,
    DIRECTOR,
    HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
    Staff,
    hear,
)
from tests.workflow.test_pages import HOME, send

Visit = Callable[[Staff], FlaskClient]


def answered(office: Office) -> Any:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done")
    office.act(actions.approve, HEAD, case_id)
    office.act(actions.answer, OFFICER, case_id)
    return case_id


# ---- results handed over


def test_a_result_is_handed_over_once_and_told(office: Office) -> None:
    case_id = answered(office)

    told = office.act(actions.hand_over, OFFICER, case_id, given_to="petitioner", is_signed=True)

    assert [event.TYPE for event in told] == ["answer.handed_over.v1"]
    event: Any = told[0]
    assert (event.given_to, event.given_on, event.is_signed, event.round) == ("petitioner", date(2026, 11, 23), True, 1)
    with pytest.raises(StepRefused):
        office.act(actions.hand_over, OFFICER, case_id, given_to="petitioner")


def test_before_the_answer_there_is_nothing_to_hand_over(office: Office) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)

    with pytest.raises(StepRefused):
        office.act(actions.hand_over, OFFICER, case_id, given_to="petitioner")


def test_a_closed_case_can_still_be_handed_over(office: Office) -> None:
    case_id = answered(office)
    office.act(actions.close, OFFICER, case_id)

    assert office.act(actions.hand_over, OFFICER, case_id, given_to="petitioner")


def test_a_delegate_shows_a_written_delegation_which_no_event_tells(office: Office) -> None:
    case_id = answered(office)
    paper = "Giấy ủy quyền ngày 24/11/2026, chị Nguyễn Thị Ánh cho con trai"

    with pytest.raises(Incomplete) as missing:
        office.act(actions.hand_over, OFFICER, case_id, given_to="delegate")
    told = office.act(actions.hand_over, OFFICER, case_id, given_to="delegate", delegation=paper)

    assert missing.value.field == "delegation"
    assert paper not in repr(told)
    with office.database.reading() as look:
        assert store.handovers_of(look, case_id)[0].delegation == paper


@pytest.mark.parametrize(("given_on", "code"), [(date(2026, 11, 24), "to_come"), (date(2026, 11, 20), "too_early")])
def test_a_result_is_given_between_the_answer_and_today(office: Office, given_on: date, code: str) -> None:
    case_id = answered(office)

    with pytest.raises(Incomplete) as wrong:
        office.act(actions.hand_over, OFFICER, case_id, given_to="petitioner", given_on=given_on)

    assert (wrong.value.field, wrong.value.code) == ("given_on", code)


@pytest.mark.parametrize(
    ("person", "refusal"), [(STRANGER, CaseUnknown), (AUDITOR, CaseUnknown)], ids=lambda one: getattr(one, "role", "")
)
def test_another_unit_hands_over_nothing(office: Office, person: Staff, refusal: type[Exception]) -> None:
    case_id = answered(office)

    with pytest.raises(refusal):
        office.act(actions.hand_over, person, case_id, given_to="petitioner")


# ---- calls


def test_a_call_is_a_line_that_the_citizen_does_not_read(office: Office) -> None:
    case_id = office.file()

    told = office.act(actions.log_call, COLLEAGUE, case_id, direction="citizen_called", words="Hỏi khi nào xong")

    assert told == []
    with office.database.reading() as look:
        line = store.entries_of(look, case_id)[0]
    assert (line.what, line.is_public, line.words) == ("log_call", False, "Hỏi khi nào xong")


def test_a_call_that_the_citizen_shall_read_is_told_by_who_handles_the_case(office: Office) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)
    call = {"direction": "we_called", "words": "Đã hẹn kiểm tra sáng thứ Tư", "is_told": True}

    told = office.act(actions.log_call, OFFICER, case_id, **call)

    assert [event.TYPE for event in told] == ["case.progressed.v1"]
    with pytest.raises(NotAllowed):
        office.act(actions.log_call, COLLEAGUE, case_id, **call)


def test_a_call_says_who_called_whom(office: Office) -> None:
    case_id = office.file()

    with pytest.raises(Incomplete):
        office.act(actions.log_call, OFFICER, case_id, direction="", words="Hỏi khi nào xong")


# ---- who entered it


def entered(office: Office, by: Staff, **given: Any) -> Any:
    filed = petition_filed(entered_by=by.person, channel="counter", late_ground=None, **given)
    with office.database.writing() as tx:
        hear(tx, reactions.open_cases, filed)
    return filed.petition_id


def test_who_entered_a_petition_gains_no_right_to_it(office: Office) -> None:
    denunciation = entered(office, COLLEAGUE, **DENUNCIATION)
    ordinary = entered(office, STRANGER)

    with office.database.reading() as look:
        mine = store.entered_by(look, COLLEAGUE, since=NOON - timedelta(days=1))
        theirs = store.entered_by(look, STRANGER, since=NOON - timedelta(days=1))

    assert [(one.petition_id, cases) for one, cases in mine] == [(denunciation, [])]
    assert [(one.petition_id, cases) for one, cases in theirs] == [(ordinary, [])]


def test_the_page_says_who_entered_it_and_when_the_letter_came(office: Office, visit: Visit) -> None:
    came_at = datetime(2026, 11, 20, 5, tzinfo=UTC)
    with office.database.writing() as tx:
        filed = petition_filed(entered_by=OFFICE.person, channel="letter", received_at=came_at, late_ground="post_room")
        hear(tx, reactions.open_cases, filed)
        case_id = store.cases_of(tx, filed.petition_id)[0].id

    page = visit(OFFICER).get(f"/desk/cases/{case_id}").get_data(as_text=True)

    assert f"{OFFICE.name} nhập thay" in page
    assert "thư đến 20/11/2026" in page
    assert "Văn thư chuyển đến sau" in page


# ---- screens


def test_the_desk_gives_a_pass_in_a_cookie_for_the_door_alone(office: Office, visit: Visit) -> None:
    answer = visit(OFFICER).post("/desk/counter/open", data={"channel": "letter"}, headers=HOME)

    cookie = answer.headers["Set-Cookie"]
    assert (answer.status_code, answer.headers["Location"]) == (303, ENTRANCE)
    assert all(part in cookie for part in (f"{COOKIE}=", f"Path={ENTRANCE}", "HttpOnly", "SameSite=Strict"))
    text = cookie.split(f"{COOKIE}=")[1].split(";")[0]
    keys = office.database.codec.keys
    reader = replace(keys, service="intake")
    given = read_pass(reader, text, issuer="workflow", now=office.clock.now())
    assert (given.person, given.unit, given.channel) == (OFFICER.person, "KCHT", "letter")


def test_there_is_no_pass_for_other_ways_and_other_roles(office: Office, visit: Visit) -> None:
    assert visit(OFFICER).post("/desk/counter/open", data={"channel": "web"}, headers=HOME).status_code == 422
    assert visit(AUDITOR).post("/desk/counter/open", data={"channel": "phone"}, headers=HOME).status_code == 403
    assert visit(AUDITOR).get("/desk/counter").status_code == 403


def test_the_counter_finds_by_code_only_what_one_may_see(office: Office, visit: Visit) -> None:
    answered(office)
    office.file(**DENUNCIATION)

    mine = visit(OFFICE).get("/desk/counter?code=7k3m-9hdt").get_data(as_text=True)
    strangers = visit(STRANGER).get("/desk/counter?code=7K3M9HDT").get_data(as_text=True)
    secret = visit(OFFICE).get("/desk/counter?code=9QDX5TZW").get_data(as_text=True)

    assert "Giao kết quả…" in mine
    assert "Không có hồ sơ nào với mã này" in strangers
    assert "Không có hồ sơ nào với mã này" in secret


def test_a_result_is_handed_over_on_the_screen_and_printed_for_signature(
    office: Office,
    visit: Visit,
) -> None:
    case_id = answered(office)
    client = visit(OFFICER)

    paper = client.get(f"/desk/cases/{case_id}/answer/print").get_data(as_text=True)
    without = send(client, office, case_id, "hand_over", given_to="delegate")
    done = send(client, office, case_id, "hand_over", given_to="petitioner", given_on="23/11/2026", is_signed="y")
    page = client.get(f"/desk/cases/{case_id}").get_data(as_text=True)

    assert "Người nhận" in paper
    assert ANSWER[:20] in paper
    assert (without.status_code, done.status_code) == (422, 303)
    assert "Giao kết quả tại quầy: Người gửi đơn, 23/11/2026, có ký nhận" in page
    assert 'id="d-hand_over"' not in page


def test_an_answer_that_was_not_given_is_not_printed(office: Office, visit: Visit) -> None:
    case_id = office.file()

    assert visit(OFFICER).get(f"/desk/cases/{case_id}/answer/print").status_code == 409
    assert visit(STRANGER).get(f"/desk/cases/{case_id}/answer/print").status_code == 404


def test_a_call_is_recorded_on_the_screen(office: Office, visit: Visit) -> None:
    case_id, client = office.file(), visit(OFFICER)

    done = send(client, office, case_id, "log_call", direction="citizen_called", words="Hỏi khi nào xong")

    assert done.status_code == 303
    assert "Cuộc gọi: Công dân gọi đến" in client.get(f"/desk/cases/{case_id}").get_data(as_text=True)


def test_a_token_is_made_shown_once_and_revoked(office: Office, visit: Visit) -> None:
    client = visit(OFFICER)

    made = client.post("/desk/tokens", data={"name": "máy in", "scope": "read", "days": "30"}, headers=HOME)
    again = client.get("/desk/tokens").get_data(as_text=True)
    with office.database.reading() as look:
        token_id = store.tokens_of(look)[0].id
    others = visit(HEAD).post(f"/desk/tokens/{token_id}/revoke", headers=HOME)
    client.post(f"/desk/tokens/{token_id}/revoke", headers=HOME)

    assert "lnd_" in made.get_data(as_text=True)
    assert "lnd_" not in again
    assert "máy in" in again
    assert others.status_code == 404
    assert "Chưa có mã nào" in client.get("/desk/tokens").get_data(as_text=True)


@pytest.mark.parametrize("action", ["hand_over", "log_call"])
def test_the_counter_is_open_to_who_works_on_cases(action: str) -> None:
    assert set(MAY[action]) == {OFFICER.role, HEAD.role, OFFICE.role, DIRECTOR.role}


def test_a_number_of_somebody_else_is_no_petition_of_mine(office: Office) -> None:
    with office.database.reading() as look:
        assert store.entered_of(look, uuid4()) is None
