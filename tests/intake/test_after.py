"""After the answer, at the door: asking to look again, saying whether a promise was kept."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from services.intake import store
from services.intake.domain.after import asked_promise, reopenable
from services.intake.domain.secret import hashed
from services.intake.door import Door
from shared.clock import MovableClock
from shared.events.base import Sealed
from shared.events.intake import Attachment
from shared.events.workflow import CaseReopened, CaseReopeningRefused, PromiseAsked, PromiseChecked
from shared.files import store_file
from tests.intake.builders import a_picture, case_answered, case_opened, hear
from tests.intake.test_web import filed, outbox_of
from tests.support import NOON

UNTIL = date(2026, 12, 23)


def petition_of(door: Door, token: str) -> UUID:
    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(token))
    assert found is not None
    return found.id


def answered(client: FlaskClient, door: Door, **more: Any) -> tuple[str, UUID]:
    """A petition with an answer that may be asked to be looked at again."""
    token = filed(client)
    petition_id = petition_of(door, token)
    hear(door.database, case_opened(petition_id))
    hear(door.database, replace(case_answered(petition_id), **{"reopen_until": UNTIL} | more))
    return token, petition_id


def asked(petition_id: UUID) -> PromiseAsked:
    return PromiseAsked(
        petition_id=petition_id,
        case_id=petition_id,
        promise_id=uuid4(),
        promised_on=date(2026, 11, 23),
        judge_until=date(2026, 12, 23),
    )


def reopened(petition_id: UUID) -> CaseReopened:
    return CaseReopened(
        petition_id=petition_id,
        case_id=petition_id,
        actor="u:head",
        round=1,
        ground="citizen_asked",
        answer_due_on=date(2026, 12, 16),
        deadlines=(),
    )


def test_s33b_who_was_not_helped_asks_to_look_again_once_for_each_answer(client: FlaskClient, door: Door) -> None:
    token, _ = answered(client, door)

    assert f"/t/{token}/mo-lai" in client.get(f"/t/{token}").text
    first = client.post(f"/t/{token}/mo-lai", data={"reason": "Mưa một đêm là bong hết"})
    second = client.post(f"/t/{token}/mo-lai", data={"reason": "Mưa một đêm là bong hết"})

    assert (first.status_code, second.status_code) == (303, 409)
    assert outbox_of(door).count("petition.reopen_requested.v1") == 1
    page = client.get(f"/t/{token}").text
    assert "Bạn xin xem lại câu trả lời" in page
    assert "/mo-lai" not in page


def test_opening_the_page_asks_nothing(client: FlaskClient, door: Door) -> None:
    token, petition_id = answered(client, door)
    hear(door.database, asked(petition_id))

    assert client.get(f"/t/{token}/mo-lai").status_code == 200
    assert client.get(f"/t/{token}/loi-hen").status_code == 200

    assert not {"petition.reopen_requested.v1", "petition.promise_judged.v1"} & set(outbox_of(door))


def test_a_wish_without_words_comes_back(client: FlaskClient, door: Door) -> None:
    token, _ = answered(client, door)

    answer = client.post(f"/t/{token}/mo-lai", data={"reason": "chưa"})

    assert answer.status_code == 422
    assert "ít nhất 10 ký tự" in answer.text


def test_the_time_to_ask_ends_with_its_last_day(client: FlaskClient, door: Door, clock: MovableClock) -> None:
    token, _ = answered(client, door)

    clock.move_to(NOON + timedelta(days=30, hours=12))  # the evening of the last day is over

    assert "/mo-lai" not in client.get(f"/t/{token}").text
    assert client.post(f"/t/{token}/mo-lai", data={"reason": "Mưa một đêm là bong hết"}).status_code == 409


def test_what_the_law_gives_another_way_offers_no_such_thing(client: FlaskClient, door: Door) -> None:
    token, _ = answered(client, door, reopen_until=None)

    assert "/mo-lai" not in client.get(f"/t/{token}").text
    assert client.get(f"/t/{token}/mo-lai").status_code == 409


@pytest.mark.parametrize(("score", "page"), [("1", "mo-lai"), ("2", "mo-lai"), ("3", "danh-gia")])
def test_s16c_who_is_not_satisfied_is_offered_to_have_it_looked_at_again(
    client: FlaskClient, door: Door, score: str, page: str
) -> None:
    token, _ = answered(client, door)

    judged = client.post(f"/t/{token}/danh-gia", data={"score": score})

    assert judged.headers["Location"] == f"/t/{token}/{page}"


def test_s05b_every_answer_of_a_reopened_case_is_judged_by_itself(client: FlaskClient, door: Door) -> None:
    token, petition_id = answered(client, door)
    client.post(f"/t/{token}/danh-gia", data={"score": "1"})
    hear(door.database, reopened(petition_id))
    hear(door.database, replace(case_answered(petition_id, round_=2), corrects=1, reopen_until=UNTIL))

    assert client.get(f"/t/{token}/danh-gia").status_code == 200
    client.post(f"/t/{token}/danh-gia", data={"score": "5"})

    assert outbox_of(door).count("petition.rated.v1") == 2


def test_a_reopened_petition_shows_its_new_day_and_the_answer_before(client: FlaskClient, door: Door) -> None:
    token, petition_id = answered(client, door)
    client.post(f"/t/{token}/mo-lai", data={"reason": "Mưa một đêm là bong hết"})

    hear(door.database, reopened(petition_id))
    working = client.get(f"/t/{token}").text
    apology = Sealed("Lần trước chúng tôi vá nguội.")
    hear(door.database, replace(case_answered(petition_id, round_=2), corrects=1, apology=apology))
    again = client.get(f"/t/{token}").text

    assert "Đang xử lý lại" in working
    assert "16/12/2026" in working
    assert "Đã trả lời lại" in again
    assert "Lần trước chúng tôi vá nguội." in again
    assert "Câu trả lời trước" in again


def test_the_reason_of_a_refusal_is_read_on_the_page(client: FlaskClient, door: Door) -> None:
    token, petition_id = answered(client, door)

    hear(
        door.database,
        CaseReopeningRefused(
            petition_id=petition_id,
            case_id=petition_id,
            actor="u:head",
            round=1,
            reason=Sealed("Chỗ này thuộc đường khác, xin gửi việc mới."),
        ),
    )

    assert "Chỗ này thuộc đường khác" in client.get(f"/t/{token}").text


def test_a_citizen_says_whether_the_promise_was_kept(client: FlaskClient, door: Door) -> None:
    token, petition_id = answered(client, door)
    hear(door.database, asked(petition_id))

    assert "Việc đã được làm chưa?" in client.get(f"/t/{token}").text
    empty = client.post(f"/t/{token}/loi-hen", data={"words": "x"})
    said = client.post(f"/t/{token}/loi-hen", data={"is_done": "no", "words": "Chưa ai đến"})
    twice = client.post(f"/t/{token}/loi-hen", data={"is_done": "yes"})

    assert (empty.status_code, said.status_code, twice.status_code) == (422, 303, 409)
    assert outbox_of(door).count("petition.promise_judged.v1") == 1
    assert "Bạn nói: chưa làm" in client.get(f"/t/{token}").text


def test_a_promise_that_was_moved_is_asked_about_on_its_new_day(client: FlaskClient, door: Door) -> None:
    token, petition_id = answered(client, door)
    question = asked(petition_id)
    hear(door.database, question)

    hear(
        door.database,
        PromiseChecked(
            petition_id=petition_id,
            case_id=petition_id,
            actor="u:head",
            promise_id=question.promise_id,
            state="moved",
            promised_on=date(2026, 11, 23),
            moved_to=date(2026, 12, 1),
            reason=Sealed("Mưa lũ kéo dài"),
        ),
    )

    page = client.get(f"/t/{token}").text
    assert "Mưa lũ kéo dài" in page
    assert client.get(f"/t/{token}/loi-hen").status_code == 409


def test_s28_the_photos_of_an_answer_open_for_its_citizen_alone(client: FlaskClient, door: Door) -> None:
    photo = Attachment(id=uuid4(), media_type="image/jpeg", size_bytes=10, sha256="0" * 64)
    store_file(door.settings.files_dir, photo.id, a_picture())
    token, _ = answered(client, door, evidence=Sealed((photo,)))
    other = filed(client, text="Việc khác, ở đường khác, xin xem giúp.")

    assert f"/t/{token}/tep/{photo.id}" in client.get(f"/t/{token}").text
    assert client.get(f"/t/{token}/tep/{photo.id}").content_type == "image/jpeg"
    assert client.get(f"/t/{other}/tep/{photo.id}").status_code == 404


def test_what_may_still_be_said_is_read_from_the_story() -> None:
    def entry(what: str, **facts: Any) -> store.Entry:
        return store.Entry(NOON, what, facts, {})

    answer = entry("answered", round=1, reopen_until="2026-12-23")
    question = entry("promise_asked", promise_id="x", judge_until="2026-12-23")

    assert reopenable([answer], UNTIL) == [answer]
    assert reopenable([answer, entry("closed")], UNTIL) == [answer]
    assert reopenable([answer], UNTIL + timedelta(days=1)) == []
    assert reopenable([answer, entry("reopen_requested", round=1)], UNTIL) == []
    assert reopenable([answer, entry("reopened", round=1)], UNTIL) == []
    assert reopenable([], UNTIL) == []
    assert asked_promise([answer, question], UNTIL) is question
    assert asked_promise([question, entry("promise_judged", promise_id="x")], UNTIL) is None
    assert asked_promise([question], UNTIL + timedelta(days=1)) is None
