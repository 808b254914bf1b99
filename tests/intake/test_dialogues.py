"""Sessions at the door: seen by all, joined without an account, given back by link, kept in one's own calendar."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from services.intake import store
from services.intake.contact import read_email, read_phone
from services.intake.domain.dialogue import Session, calendar_entry, check_registration
from services.intake.domain.petition import Refused
from services.intake.door import Door
from shared.clock import MovableClock
from shared.db import Database
from shared.events.base import Sealed
from shared.events.workflow import (
    CaseDialogueHeld,
    CaseDialogueInvited,
    DialogueAnnounced,
    DialogueCalledOff,
    DialogueCommitted,
)
from tests.intake.builders import case_opened, file_one, hear
from tests.intake.test_web import outbox_of
from tests.support import NOON

STARTS = datetime(2026, 12, 3, 1, 0, tzinfo=UTC)
PERSON = {"name": "Nguyễn Thị Hồng Ánh", "phone": "0905 123 456", "question": "Bao giờ vá xong đoạn này?", "sms": "y"}


def announced(**given: Any) -> DialogueAnnounced:
    usual: dict[str, Any] = {
        "dialogue_id": uuid4(),
        "actor": "u:office",
        "kind": "thematic",
        "edition": 1,
        "is_public": True,
        "is_online": False,
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(hours=3),
        "seats": 2,
        "title": Sealed("Đối thoại với hộ dân đường Điện Biên Phủ"),
        "topics": Sealed("Lịch thi công, bụi, tiếng ồn"),
        "place": Sealed("Hội trường tầng 2"),
        "chair": Sealed("Giám đốc Sở"),
    }
    return DialogueAnnounced(**usual | given)


def a_session(door: Door, **given: Any) -> UUID:
    told = announced(**given)
    hear(door.database, told)
    return told.dialogue_id


def join(client: FlaskClient, session_id: UUID, **more: str) -> Any:
    return client.post(f"/tham-gia/buoi/{session_id}", data=PERSON | {"once": uuid4().hex} | more)


def test_s17a_who_comes_registers_without_an_account_and_the_door_keeps_no_name(
    client: FlaskClient, door: Door
) -> None:
    session_id = a_session(door)

    listed, page = client.get("/tham-gia").text, client.get(f"/tham-gia/buoi/{session_id}").text
    answer = join(client, session_id)
    own = client.get(answer.headers["Location"]).text

    assert "Đối thoại với hộ dân đường Điện Biên Phủ" in listed
    assert "Hội trường tầng 2" in page
    assert answer.status_code == 303
    assert "Bạn có một chỗ." in own
    assert outbox_of(door) == ["dialogue.joined.v1"]
    with door.database.reading() as tx:
        kept = tx.connection.execute(store.registration.select()).one()
    assert set(kept._mapping) == {"id", "session_id", "token_hash", "at", "has_left"}


def test_s17a_no_more_people_register_than_there_are_seats_and_one_given_back_is_free_again(
    client: FlaskClient, door: Door
) -> None:
    session_id = a_session(door, seats=1)
    first = join(client, session_id)
    refused = join(client, session_id)
    page = client.get(f"/tham-gia/buoi/{session_id}").text

    cancelled = client.post(f"{first.headers['Location']}/huy")
    twice = client.post(f"{first.headers['Location']}/huy")
    again = join(client, session_id)

    assert refused.status_code == 409
    assert "Buổi này đã hết chỗ" in page
    assert (cancelled.status_code, twice.status_code, again.status_code) == (303, 303, 303)
    assert outbox_of(door) == ["dialogue.joined.v1", "dialogue.left.v1", "dialogue.joined.v1"]


def test_the_same_press_of_the_button_takes_one_seat(client: FlaskClient, door: Door) -> None:
    session_id = a_session(door)

    first, second = join(client, session_id, once="a" * 20), join(client, session_id, once="a" * 20)

    assert first.headers["Location"] == second.headers["Location"]
    assert outbox_of(door) == ["dialogue.joined.v1"]


def test_what_is_wrong_is_said_and_what_was_typed_stays(client: FlaskClient, door: Door) -> None:
    session_id = a_session(door)

    answer = join(client, session_id, name="", phone="", sms="", question="Bao giờ", petition_code="7K3M-9HDD")

    assert answer.status_code == 422
    for words in ("Hãy nhập họ tên", "số điện thoại hoặc thư điện tử", "ít nhất 10 ký tự", "Mã này gõ chưa đúng"):
        assert words in answer.text
    assert ">Bao giờ</textarea>" in answer.text
    assert outbox_of(door) == []


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"email": "", "phone": "0234 3822 222", "sms": "y"}, {"phone"}),
        ({"phone": "", "email": "", "sms": "y"}, {"phone"}),
        ({"phone": "1", "email": ""}, {"phone"}),
        ({"website": "x"}, {"website"}),
        ({"name": "An\nBình"}, {"name"}),
    ],
)
def test_a_registration_is_refused_by_field(typed: dict[str, str], fields: set[str]) -> None:
    with pytest.raises(Refused) as refusal:
        check_registration(PERSON | typed, read_phone=read_phone, read_email=read_email)

    assert {wrong.field for wrong in refusal.value.wrong} == fields


def test_a_number_is_passed_on_for_sms_only_where_that_was_agreed_to() -> None:
    agreed = check_registration(PERSON, read_phone=read_phone, read_email=read_email)
    not_agreed = check_registration(PERSON | {"sms": ""}, read_phone=read_phone, read_email=read_email)

    assert (agreed.mobile, not_agreed.mobile, not_agreed.phone) == ("+84905123456", None, "0905 123 456")


def test_s17a_a_session_within_a_case_is_in_no_calendar(client: FlaskClient, door: Door) -> None:
    nothing = Sealed(None)
    session_id = a_session(door, is_public=False, title=nothing, topics=nothing, place=nothing, chair=nothing)

    assert client.get(f"/tham-gia/buoi/{session_id}").status_code == 404
    assert "Hiện chưa có buổi nào" in client.get("/tham-gia").text


def test_what_was_called_off_or_has_begun_takes_nobody_any_more(
    client: FlaskClient, door: Door, clock: MovableClock
) -> None:
    session_id, other_id = a_session(door), a_session(door)
    mine = join(client, session_id).headers["Location"]
    hear(
        door.database,
        DialogueCalledOff(dialogue_id=session_id, actor="u:office", reason=Sealed("Hội trường bị ngập")),
    )

    shown = client.get(mine).text
    refused = join(client, session_id)
    clock.move_to(STARTS)

    assert "Buổi này không diễn ra" in shown
    assert "Hội trường bị ngập" in shown
    assert (refused.status_code, join(client, other_id).status_code) == (409, 409)
    assert "Hiện chưa có buổi nào" in client.get("/tham-gia").text


def test_a_changed_session_shows_its_newest_edition(client: FlaskClient, door: Door) -> None:
    first = announced()
    hear(door.database, first)
    changed = announced(dialogue_id=first.dialogue_id, edition=2, place=Sealed("Trung tâm văn hóa phường Thuận Hóa"))

    hear(door.database, changed)

    page = client.get(f"/tham-gia/buoi/{first.dialogue_id}").text
    assert "Trung tâm văn hóa phường Thuận Hóa" in page
    assert "Giờ hoặc nơi đã đổi" in page


# ---- the calendar


def test_s17a_the_session_comes_as_a_calendar_file_and_only_guests_get_the_way_into_the_room(
    client: FlaskClient, door: Door
) -> None:
    session_id = a_session(door, kind="online", is_online=True, place=Sealed("https://hop.example.vn/phong-1"))
    mine = join(client, session_id).headers["Location"]

    everybody, own = client.get(f"/tham-gia/buoi/{session_id}/lich.ics"), client.get(f"{mine}/lich.ics")

    assert everybody.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "DTSTART:20261203T010000Z\r\n" in everybody.text
    assert f"UID:{session_id}@lang-nghe\r\n" in everybody.text
    assert "hop.example.vn" not in everybody.text + client.get(f"/tham-gia/buoi/{session_id}").text
    assert "LOCATION:https://hop.example.vn/phong-1\r\n" in own.text


def unfolded(entry: str) -> dict[str, str]:
    lines = entry.replace("\r\n ", "").split("\r\n")
    return dict(line.split(":", 1) for line in lines if ":" in line)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=200), st.integers(1, 9))
def test_no_words_break_the_lines_of_a_calendar_file(words: str, edition: int) -> None:
    session = Session(
        id=uuid4(),
        kind="thematic",
        edition=edition,
        title=words,
        topics=f"{words}\n{words}",
        place="Hội trường",
        chair="",
        is_online=False,
        starts_at=STARTS,
        ends_at=STARTS,
        seats=1,
    )

    entry = calendar_entry(session, place=session.place, address="https://x.example.vn/", now=NOON)

    assert all(len(line.encode()) <= 75 for line in entry.split("\r\n"))
    assert len(unfolded(entry)) == 14 + 1  # BEGIN and END are there twice
    said = unfolded(entry)["SUMMARY"]
    assert re.sub(r"\\([\\;,])", r"\1", said) == words
    assert unfolded(entry)["SEQUENCE"] == str(edition - 1)


# ---- what was promised there


def test_s17a_what_was_promised_is_filed_as_the_petition_of_whom_it_was_promised_to(
    database: Database,
) -> None:
    made = DialogueCommitted(
        dialogue_id=uuid4(),
        petition_id=uuid4(),
        actor="u:office",
        kind="proposal",
        topic="C01",
        unit="KCHT",
        officer="u:officer",
        due_on=STARTS.date(),
        language="vi",
        text=Sealed("Vá xong đoạn trước số nhà 120 Điện Biên Phủ"),
        name=Sealed("Nguyễn Thị Hồng Ánh"),
        email=Sealed("anh.nth@example.vn"),
        mobile=Sealed("+84905123456"),
    )

    hear(database, made)
    hear(database, made)

    with database.reading() as tx:
        filed = store.petition_of(tx, made.petition_id)
        words = store.words_of(tx, made.petition_id)
    assert filed is not None
    assert (filed.channel, filed.kind, filed.topic, filed.consents) == ("dialogue", "proposal", "C01", ("sms",))
    assert (words.text, words.email) == ("Vá xong đoạn trước số nhà 120 Điện Biên Phủ", "anh.nth@example.vn")


def test_s17a_a_petitioner_reads_the_invitation_on_their_own_page(client: FlaskClient, door: Door) -> None:
    receipt = file_one(door.database, kind="complaint", name="Ánh", address="12 Lê Lợi")
    petition_id = receipt.filed.id
    hear(door.database, case_opened(petition_id))
    invited: dict[str, Any] = {
        "petition_id": petition_id,
        "case_id": petition_id,
        "actor": "u:lawyer",
        "dialogue_id": uuid4(),
    }
    hear(
        door.database,
        CaseDialogueInvited(
            **invited,
            ground="invited",
            starts_at=STARTS,
            is_online=False,
            place=Sealed("Phòng tiếp dân, 10 Phan Bội Châu"),
            chair=Sealed("Giám đốc Sở"),
            reason=Sealed(None),
        ),
    )
    hear(door.database, CaseDialogueHeld(**invited, petitioner="present"))

    page = client.get(f"/t/{receipt.token}").text

    assert "Mời bạn đối thoại lúc 08:00, thứ Năm 03/12/2026" in page
    assert "Phòng tiếp dân, 10 Phan Bội Châu · Chủ trì: Giám đốc Sở" in page
    assert "Đã đối thoại với bạn" in page
