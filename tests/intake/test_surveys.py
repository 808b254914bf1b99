"""Survey rounds at the door: who is invited, one answer for each invitation, and no way from an answer to a person."""

import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from services.intake import store, survey
from services.intake.catalogue import read_catalogue
from services.intake.domain.petition import Refused
from services.intake.domain.survey import Survey, read_answer
from services.intake.door import Door
from services.intake.reactions import REACTIONS
from shared.clock import MovableClock
from shared.config import BadConfig
from shared.db import Cause
from shared.events.base import Event, Sealed, subject_of
from shared.events.workflow import SurveyClosed, SurveyOpened, SurveyReminded, SurveySigned
from shared.keys import KeyRing
from shared.outbox import outbox
from shared.passes import COOKIE as PASS
from shared.passes import ENTRANCE, LIVES, Pass, write_pass
from tests.builders import an_event
from tests.intake.builders import case_answered, case_opened, file_one
from tests.intake.builders import hear as hear_of_petition
from tests.intake.test_consultations import opened as an_open_draft
from tests.support import NOON

CONFIG = Path(__file__).parents[2] / "config"
ITEMS = ("A1", "A10", "B8", "H1", "N1", "O1")
AGREED = {"sms": "y", "survey": "y", "phone": "0905 123 456"}
WORDS = "Mong có thêm xe buýt tối"
ANSWER = {
    "A1": "5",
    "B8": "2",
    "H1": "none",
    "N1": ["service_staff"],
    "O1": WORDS,
    "sex": "female",
}


def hear(door: Door, told: Event, *, at: datetime = NOON) -> None:
    with door.database.writing(cause=Cause(uuid4(), "workflow", subject_of(told), at, "c")) as tx:
        REACTIONS[type(told)](tx, told)


def opening(**more: Any) -> SurveyOpened:
    usual = {
        "survey_id": uuid4(),
        "code": "2026-1",
        "items": ITEMS,
        "ways": ("invitation", "link", "paper"),
        "wards": (),
        "starts_on": date(2026, 11, 23),
        "ends_on": date(2026, 12, 12),
        "answered_since": NOON - timedelta(days=30),
        "answered_before": NOON + timedelta(days=1),
        "name": Sealed("Khảo sát quý IV năm 2026"),
        "policy": Sealed(None),
    }
    return an_event(SurveyOpened, **usual | more)


def answered(door: Door, *, is_rated: bool = True, **more: str) -> UUID:
    """A petition that was answered just now."""
    petition_id = file_one(door.database, **{**AGREED, **more}).filed.id
    hear_of_petition(door.database, case_opened(petition_id), at=NOON)
    hear_of_petition(door.database, case_answered(petition_id, is_rated=is_rated), at=NOON)
    return petition_id


def told(door: Door, kind: str) -> list[dict[str, Any]]:
    """The open fields of the events of this type, oldest first."""
    with door.database.reading() as look:
        rows = look.connection.execute(outbox.select().where(outbox.c.type == kind).order_by(outbox.c.id)).all()
    return [json.loads(row.body)["data"] for row in rows]


def token_for(door: Door, start: SurveyOpened, petition_id: UUID) -> str:
    return survey._token(door.key, start.survey_id, petition_id)


def once_of(page: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found
    return found[1]


def send(client: FlaskClient, address: str, **more: Any) -> Any:
    page = client.get(address)
    assert page.status_code == 200, page.text
    return client.post(address, data={**ANSWER, "once": once_of(page.text), **more})


# ---- who is invited


def test_s09_only_who_agreed_and_was_answered_in_the_period_is_invited_each_person_once(door: Door) -> None:
    wanted = answered(door)
    answered(door)  # the same person again
    other = answered(door, phone="0914 000 111")
    answered(door, phone="0914 000 112", survey="")  # did not agree
    answered(door, phone="0914 000 113", is_rated=False)  # of a kind that is not judged
    file_one(door.database, **AGREED | {"phone": "0914 000 114"})  # not answered yet

    hear(door, opening())

    invited = told(door, "survey.invited.v1")
    assert len(invited) == 2
    assert str(other) in {one["petition_id"] for one in invited}
    assert wanted is not None
    assert not {one["is_reminder"] for one in invited} - {False}
    assert all("token" not in one and "name" not in one for one in invited)


def test_s18b_a_round_for_some_wards_invites_people_of_these_only(door: Door) -> None:
    here = answered(door, ward="thuan-hoa")
    answered(door, phone="0914 000 111")

    hear(door, opening(wards=("thuan-hoa",)))

    assert [one["petition_id"] for one in told(door, "survey.invited.v1")] == [str(here)]


def test_nobody_is_asked_in_two_rounds_at_a_time(door: Door) -> None:
    answered(door)

    hear(door, opening())
    hear(door, opening(code="2026-2"))

    assert len(told(door, "survey.invited.v1")) == 1


def test_a_round_that_is_heard_of_twice_invites_once(door: Door) -> None:
    answered(door)
    start = opening()

    hear(door, start)
    hear(door, start)

    assert len(told(door, "survey.invited.v1")) == 1


def test_s09_the_reminder_goes_to_everybody_but_those_who_want_no_more(client: FlaskClient, door: Door) -> None:
    first, second, third = (answered(door, phone=f"0914 000 11{n}") for n in range(3))
    start = opening()
    hear(door, start)
    send(client, f"/k/{token_for(door, start, first)}")

    assert client.get(f"/k/{token_for(door, start, second)}/thoi").status_code == 200
    assert client.post(f"/k/{token_for(door, start, second)}/thoi").status_code == 303
    hear(door, SurveyReminded(survey_id=start.survey_id, actor="system"))

    reminded = {one["petition_id"] for one in told(door, "survey.invited.v1") if one["is_reminder"]}
    assert reminded == {str(first), str(third)}  # who has answered is not told apart
    assert [one["petition_id"] for one in told(door, "survey.declined.v1")] == [str(second)]


def test_who_wants_no_more_is_not_invited_again(client: FlaskClient, door: Door) -> None:
    answered(door, email="hoa@example.vn")
    answered(door, email="Hoa@example.vn")  # the same person, typed otherwise
    start = opening()
    hear(door, start)
    with door.database.reading() as look:
        [petition_id] = store.invited_to(look, start.survey_id)
    client.post(f"/k/{token_for(door, start, petition_id)}/thoi")
    hear(door, SurveyClosed(survey_id=start.survey_id, actor="system", is_early=False, signers=("KCHT",)))

    hear(door, opening(code="2026-2"))

    assert len(told(door, "survey.invited.v1")) == 1


# ---- answering


def test_s09_an_invitation_takes_one_answer(client: FlaskClient, door: Door) -> None:
    petition_id = answered(door)
    start = opening()
    hear(door, start)
    address = f"/k/{token_for(door, start, petition_id)}"

    first = send(client, address)
    again = client.get(address)
    second = client.post(address, data={**ANSWER, "once": str(uuid4())})

    assert (first.status_code, again.status_code, second.status_code) == (303, 409, 409)
    assert len(told(door, "survey.answered.v1")) == 1


def test_a_button_pressed_twice_answers_once_and_thanks_twice(client: FlaskClient, door: Door) -> None:
    petition_id = answered(door)
    start = opening()
    hear(door, start)
    address = f"/k/{token_for(door, start, petition_id)}"
    data = {**ANSWER, "once": once_of(client.get(address).text)}

    statuses = [client.post(address, data=data).status_code for _ in range(2)]

    assert statuses == [303, 303]
    assert len(told(door, "survey.answered.v1")) == 1


def test_s08b_an_answer_names_no_petition_no_person_and_no_invitation(client: FlaskClient, door: Door) -> None:
    petition_id = answered(door)
    start = opening()
    hear(door, start)
    token = token_for(door, start, petition_id)
    send(client, f"/k/{token}")

    (event,) = told(door, "survey.answered.v1")

    assert set(event) == {"answer_id", "survey_id", "way", "commit"}
    assert event["way"] == "invitation"
    with door.database.reading() as look:
        rows = look.connection.execute(store.survey_answer.select()).all()
        (spent,) = look.connection.execute(store.invitation.select()).all()
    assert [set(row._mapping) for row in rows] == [{"answer_id", "survey_id", "way", "entered_by"}]
    known = {str(event["answer_id"]), str(rows[0].answer_id)}
    assert known.isdisjoint({str(petition_id), token, spent.token_hash.hex()})
    assert set(spent._mapping) == {"token_hash", "survey_id", "petition_id", "is_spent"}  # no time


def test_s08b_an_invitation_is_given_back_when_its_answer_could_not_be_kept(
    client: FlaskClient, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    petition_id = answered(door)
    start = opening()
    hear(door, start)
    address = f"/k/{token_for(door, start, petition_id)}"

    def full(*_: Any, **__: Any) -> bool:
        raise OSError("the disk is full")

    with monkeypatch.context() as trouble:
        trouble.setattr(store, "add_survey_answer", full)
        client.application.testing = False
        client.application.config["PROPAGATE_EXCEPTIONS"] = False
        failed = send(client, address)

    assert failed.status_code == 500
    assert send(client, address).status_code == 303


def test_s16a_anybody_answers_by_the_open_link_and_may_leave_out_what_they_like(
    client: FlaskClient, door: Door
) -> None:
    hear(door, opening())

    nothing = client.post("/khao-sat/2026-1", data={})
    little = client.post("/khao-sat/2026-1", data={"A1": "0"})

    assert nothing.status_code == 422
    assert "Hãy trả lời ít nhất một câu" in nothing.text
    assert little.status_code == 303
    assert [one["way"] for one in told(door, "survey.answered.v1")] == ["link"]


def test_a_refusal_keeps_what_was_ticked_and_typed(client: FlaskClient, door: Door) -> None:
    hear(door, opening())
    many = ["service_staff", "service_result", "service_access", "policy_quality"]

    page = client.post("/khao-sat/2026-1", data={**ANSWER, "N1": many})

    assert page.status_code == 422
    assert "Hãy chọn nhiều nhất 3 việc" in page.text
    assert WORDS in page.text
    assert 'name="A1" value="5" checked' in page.text
    assert page.text.count(" checked") == 7
    assert told(door, "survey.answered.v1") == []


def test_s18b_only_what_the_round_asks_is_asked(client: FlaskClient, door: Door) -> None:
    policy = "Quyết định 12/2026/QĐ-UBND"
    hear(door, opening(items=("A1", "A10"), policy=Sealed(policy), wards=("thuan-hoa",)))

    page = client.get("/khao-sat/2026-1").text

    assert policy in page
    assert 'name="A10"' in page
    assert not any(f'name="{code}"' in page for code in ("A2", "B1", "H1", "O1"))
    assert page.count('<option value="thuan-hoa"') == 1
    assert 'value="phu-xuan"' not in page


@pytest.mark.parametrize(
    ("moment", "status"), [(NOON - timedelta(days=1), 403), (NOON, 200), (NOON + timedelta(days=20), 410)]
)
def test_a_round_is_answered_between_its_days_only(
    client: FlaskClient, door: Door, clock: MovableClock, moment: datetime, status: int
) -> None:
    hear(door, opening())
    clock.move_to(moment)

    assert client.get("/khao-sat/2026-1").status_code == status


def test_who_comes_too_late_keeps_their_words(client: FlaskClient, door: Door) -> None:
    start = opening()
    hear(door, start)
    hear(door, SurveyClosed(survey_id=start.survey_id, actor="system", is_early=True, signers=("KCHT",)))

    page = client.post("/khao-sat/2026-1", data=ANSWER)

    assert page.status_code == 410
    assert WORDS in page.text


def test_open_rounds_are_listed_where_people_take_part(client: FlaskClient, door: Door) -> None:
    assert "Hiện không có khảo sát nào mở" in client.get("/tham-gia").text

    hear(door, opening())

    assert "/khao-sat/2026-1" in client.get("/tham-gia").text
    poster = client.get("/khao-sat/2026-1/ap-phich").text
    assert "<svg" in poster
    assert "/khao-sat/2026-1" in poster


def test_a_round_by_invitation_only_is_not_open_to_all(client: FlaskClient, door: Door) -> None:
    hear(door, opening(ways=("invitation",)))

    assert client.get("/khao-sat/2026-1").status_code == 403
    assert client.get("/khao-sat/2026-1/ap-phich").status_code == 403
    assert "/khao-sat/2026-1" not in client.get("/tham-gia").text


@pytest.mark.parametrize("address", ["/k/nobody", "/k/nobody/thoi", "/khao-sat/2026-9", "/khao-sat/2026-9/ap-phich"])
def test_what_is_not_there_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


# ---- typed in by an officer


@pytest.fixture
def at_work(client: FlaskClient, door: Door) -> FlaskClient:
    """A browser of an officer who came with a pass for typing in answers."""
    keys = KeyRing.load(Path(door.settings.keys_dir), "workflow")
    given = Pass(
        audience="intake",
        person="u:officer",
        unit="KCHT",
        channel="survey",
        expires_at=door.database.clock.now() + LIVES,
        nonce=uuid4().hex,
    )
    client.set_cookie(PASS, write_pass(keys, given), path=ENTRANCE)
    assert client.get(ENTRANCE).location.endswith("/khao-sat/nhap")
    return client


def test_s09_an_officer_types_in_many_papers_each_marked_so(at_work: FlaskClient, door: Door) -> None:
    start = opening()
    hear(door, start)
    assert at_work.get("/khao-sat/nhap").location.endswith("/khao-sat/nhap/2026-1")

    unmarked = send(at_work, "/khao-sat/nhap/2026-1")
    sent = [send(at_work, "/khao-sat/nhap/2026-1", way=way).status_code for way in ("paper", "counter")]

    assert unmarked.status_code == 422
    assert sent == [303, 303]
    assert [one["way"] for one in told(door, "survey.answered.v1")] == ["paper", "counter"]
    assert all("u:officer" not in json.dumps(one) for one in told(door, "survey.answered.v1"))


def test_s09_papers_are_typed_in_until_the_first_signature(at_work: FlaskClient, door: Door) -> None:
    start = opening()
    hear(door, start)
    hear(door, SurveyClosed(survey_id=start.survey_id, actor="system", is_early=False, signers=("KCHT", "PCAT")))

    assert send(at_work, "/khao-sat/nhap/2026-1", way="paper").status_code == 303
    hear(door, SurveySigned(survey_id=start.survey_id, actor="u:head", unit="KCHT", is_last=False))

    assert at_work.get("/khao-sat/nhap/2026-1").status_code == 410
    assert at_work.post("/khao-sat/nhap/2026-1", data={**ANSWER, "way": "paper"}).status_code == 410


def test_nobody_types_in_without_a_pass_and_such_a_pass_files_no_petition(
    client: FlaskClient, door: Door, at_work: FlaskClient
) -> None:
    hear(door, opening())
    stranger = client.application.test_client()

    assert stranger.get("/khao-sat/nhap").status_code == 404
    assert stranger.post("/khao-sat/nhap/2026-1", data=ANSWER).status_code == 404
    petition = {"kind": "report", "text": "Trước cổng trường có ổ gà sâu 20 cm"}
    assert at_work.post("/gui", data=petition).status_code == 403
    an_open_draft(door)
    assert at_work.post("/gop-y/7", data={"text": "Đề nghị kéo dài tuyến số 4 đến An Cựu"}).status_code == 403
    assert told(door, "petition.filed.v1") == []


# ---- the rules


def a_survey(**more: Any) -> Survey:
    usual: dict[str, Any] = {
        "id": uuid4(), "code": "2026-1", "name": "x", "policy": None, "items": ITEMS,
        "ways": ("invitation", "link", "paper"), "wards": (),
        "starts_on": date(2026, 11, 23), "ends_on": date(2026, 12, 12),
    }  # fmt: skip
    return Survey(**usual | more)


@pytest.mark.parametrize(
    ("typed", "field", "problem"),
    [
        ({"A1": ["6"]}, "A1", "not_a_choice"),
        ({"A1": ["5"], "H1": ["maybe"]}, "H1", "not_a_choice"),
        ({"A1": ["5"], "sex": ["x"]}, "sex", "not_a_choice"),
        ({"A1": ["5"], "ward": ["nowhere"]}, "ward", "not_a_choice"),
        ({"O1": ["x" * 1001]}, "O1", "too_long"),
        ({"A2": ["5"]}, "items", "missing"),  # not asked in this round
    ],
)
def test_what_cannot_be_an_answer_is_named(typed: dict[str, list[str]], field: str, problem: str) -> None:
    asked = read_catalogue(CONFIG).questionnaire

    with pytest.raises(Refused) as refused:
        read_answer(typed, survey=a_survey(), asked=asked, wards=frozenset({"thuan-hoa"}))

    assert [(one.field, one.problem) for one in refused.value.wrong] == [(field, problem)]


def test_papers_have_their_own_time() -> None:
    over = replace(a_survey(), closed_at=NOON)

    assert over.takes("paper", date(2026, 12, 20))
    assert not over.takes("link", date(2026, 11, 24))
    assert not replace(over, signed_at=NOON).takes("counter", date(2026, 12, 20))
    assert not a_survey().takes("paper", date(2026, 11, 22))


def test_an_item_of_no_factor_is_found_at_start(tmp_path: Path) -> None:
    for file in CONFIG.glob("*.json"):
        text = file.read_text(encoding="utf-8")
        if file.name == "sipas.json":
            text = text.replace('"code": "A1", "factor": "policy_accountability"', '"code": "A1", "factor": "nothing"')
        (tmp_path / file.name).write_text(text, encoding="utf-8")

    with pytest.raises(BadConfig, match=r"sipas\.json, items, row A1, factor"):
        read_catalogue(tmp_path)
