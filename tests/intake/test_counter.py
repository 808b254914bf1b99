"""Filing in a citizen's stead: let in by a pass, once; nobody is let in by anything else."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from services.intake import store
from services.intake.__main__ import build
from services.intake.domain.counter import Way, check_entry
from services.intake.domain.petition import Refused
from services.intake.door import Door
from services.intake.reactions import REACTIONS
from services.intake.web.stead import COOKIE
from shared.clock import MovableClock
from shared.db import Cause
from shared.events.base import Sealed
from shared.events.workflow import AnswerHandedOver, StaffChanged
from shared.keys import KeyRing
from shared.outbox import outbox
from shared.passes import COOKIE as PASS
from shared.passes import ENTRANCE, LIVES, Pass, write_pass
from shared.settings import Settings
from tests.intake.builders import a_picture, file_one, hear, typed
from tests.support import NOON, database_url

LETTER = Way("letter", ("none", "scanned"), 15, "a test")
TODAY = date(2026, 11, 23)


@pytest.fixture
def desk_keys(door: Door) -> KeyRing:
    return KeyRing.load(Path(door.settings.keys_dir), "workflow")


@pytest.fixture
def give(door: Door, desk_keys: KeyRing) -> Callable[..., str]:
    """A pass of the desk, as text."""

    def given_pass(**more: Any) -> str:
        usual = Pass(
            audience="intake",
            person="u:officer",
            unit="KCHT",
            channel="counter",
            expires_at=door.database.clock.now() + LIVES,
            nonce=uuid4().hex,
        )
        return write_pass(desk_keys, replace(usual, **more))

    return given_pass


def come_in(client: FlaskClient, text: str) -> Any:
    client.set_cookie(PASS, text, path=ENTRANCE)
    return client.get(ENTRANCE)


def fill(client: FlaskClient, files: list[Any] | None = None, **more: str) -> Any:
    return client.post("/gui", data={**typed(), **more, "files": files or []}, content_type="multipart/form-data")


def send(client: FlaskClient) -> Any:
    page = client.get("/kiem-tra").get_data(as_text=True)
    seen = page.split('name="seen" value="')[1].split('"')[0]
    return client.post("/kiem-tra", data={"seen": seen})


def told(door: Door) -> dict[str, Any]:
    with door.database.reading() as look:
        bodies = [json.loads(row.body) for row in look.connection.execute(outbox.select())]
    found = next(body for body in bodies if body["type"] == "petition.filed.v1")
    return found["data"] | {"time": found["time"]}  # type: ignore[no-any-return]


# ---- the way in


def test_a_pass_opens_the_form_in_another_dress_and_never_stands_in_an_address(
    client: FlaskClient, give: Callable[..., str]
) -> None:
    entered = come_in(client, give())

    page = client.get("/gui").get_data(as_text=True)

    assert (entered.status_code, entered.headers["Location"]) == (303, "/gui")
    assert client.get_cookie(PASS, path=ENTRANCE) is None
    cookie = next(one for one in entered.headers.getlist("Set-Cookie") if one.startswith(COOKIE))
    assert all(flag in cookie for flag in ("HttpOnly", "SameSite=Strict"))
    assert "Nhập thay công dân tại quầy" in page
    assert "data-draft=" not in page
    assert not any(f'name="{one}" value="y" checked' in page for one in ("sms", "survey", "publish"))


def test_without_a_pass_the_entrance_does_not_exist(client: FlaskClient) -> None:
    assert client.get(ENTRANCE).status_code == 404
    assert "Nhập thay" not in client.get("/gui").get_data(as_text=True)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"expires_at": NOON - timedelta(minutes=1)}, "hết giờ"),
        ({"expires_at": NOON + timedelta(days=1)}, "hết giờ"),
        ({"audience": "audit"}, "không dành cho"),
    ],
)
def test_a_pass_that_is_over_or_for_others_is_refused_in_words(
    client: FlaskClient, give: Callable[..., str], more: dict[str, Any], said: str
) -> None:
    answer = come_in(client, give(**more))

    assert answer.status_code == 403
    assert said in answer.get_data(as_text=True)


def test_a_pass_that_was_tampered_with_is_refused(client: FlaskClient, give: Callable[..., str]) -> None:
    body, _, signature = give(channel="phone").partition(".")
    other, _, _ = give(channel="letter").partition(".")

    answers = [come_in(client, text) for text in (f"{other}.{signature}", body, "x", "…")]

    assert {answer.status_code for answer in answers} == {403}
    assert "không do bàn làm việc ký" in answers[0].get_data(as_text=True)


def test_a_pass_opens_one_session_and_no_other(client: FlaskClient, service: Any, give: Callable[..., str]) -> None:
    text = give()
    come_in(client, text)

    elsewhere = come_in(service.app.test_client(), text)
    client.post(f"{ENTRANCE}/xong")
    afterwards = come_in(client, text)

    assert (elsewhere.status_code, afterwards.status_code) == (403, 403)
    assert "đã dùng rồi" in elsewhere.get_data(as_text=True)


def staff(person: str, *, is_active: bool) -> StaffChanged:
    return StaffChanged(
        person_id=uuid4(),
        person=person,
        role="officer",
        unit="KCHT",
        is_active=is_active,
        name=Sealed("x"),
        email=Sealed("x"),
    )


def heard(door: Door, event: StaffChanged) -> None:
    cause = Cause(uuid4(), "workflow", event.person_id, NOON, "c")
    with door.database.writing(cause=cause) as tx:
        REACTIONS[StaffChanged](tx, event)


def test_whose_account_is_switched_off_files_for_nobody(
    client: FlaskClient, door: Door, give: Callable[..., str]
) -> None:
    come_in(client, give())
    fill(client)
    heard(door, staff("u:officer", is_active=False))

    under_way, afresh = client.get("/kiem-tra"), come_in(client, give())
    heard(door, staff("u:officer", is_active=True))
    again = come_in(client, give())

    assert (under_way.status_code, afresh.status_code, again.status_code) == (403, 403, 303)
    assert "đã bị khóa" in afresh.get_data(as_text=True)


def test_what_was_begun_in_a_citizens_stead_is_never_filed_in_their_own_name(
    client: FlaskClient, door: Door, give: Callable[..., str]
) -> None:
    come_in(client, give())
    fill(client, signature="none")
    door.database.clock.move_to(NOON + LIVES)  # type: ignore[attr-defined]

    over = [client.get("/kiem-tra"), client.post("/kiem-tra", data={"seen": "x"}), fill(client, via="counter")]
    come_in(client, give(channel="counter"))

    assert {answer.status_code for answer in over} == {403}
    assert "vẫn còn trong bản nháp" in over[0].get_data(as_text=True)
    assert "ổ gà sâu" in client.get("/gui").get_data(as_text=True)


# ---- filing


def test_an_officer_files_for_a_citizen_and_prints_the_receipt(
    client: FlaskClient, door: Door, give: Callable[..., str]
) -> None:
    come_in(client, give())
    fill(client, signature="in_person")

    sent = send(client)
    page = client.get(sent.headers["Location"]).get_data(as_text=True)

    filed = told(door)
    assert sent.headers["Location"] == f"{ENTRANCE}/bien-nhan"
    assert (filed["channel"], filed["entered_by"], filed["signature_status"]) == ("counter", "u:officer", "in_person")
    assert filed["late_ground"] is None
    assert "Số PIN" in page
    assert "In biên nhận" in page
    assert "/t/" not in sent.headers["Location"]


def test_after_done_nothing_of_it_opens_on_this_computer(
    client: FlaskClient, door: Door, give: Callable[..., str]
) -> None:
    come_in(client, give())
    fill(client)
    send(client)

    left = client.post(f"{ENTRANCE}/xong")

    assert left.headers["Location"] == "/desk/counter"
    assert client.get(f"{ENTRANCE}/bien-nhan").status_code == 403
    assert client.get("/kiem-tra").status_code == 410
    assert "Nhập thay" not in client.get("/gui").get_data(as_text=True)


def test_pressed_twice_it_is_filed_once_and_shows_the_same_receipt(
    client: FlaskClient, door: Door, give: Callable[..., str]
) -> None:
    come_in(client, give())
    fill(client)
    send(client)

    again = client.post("/kiem-tra", data={"seen": "x"})

    assert again.headers["Location"] == f"{ENTRANCE}/bien-nhan"
    assert told(door)["entered_by"] == "u:officer"


def test_when_the_turn_is_over_the_receipt_does_not_open_again(
    client: FlaskClient, door: Door, give: Callable[..., str]
) -> None:
    come_in(client, give())
    fill(client)
    send(client)
    door.database.clock.move_to(NOON + LIVES)  # type: ignore[attr-defined]

    over = [client.get("/kiem-tra"), client.post("/kiem-tra", data={"seen": "x"}), client.get(f"{ENTRANCE}/bien-nhan")]

    assert [answer.status_code for answer in over] == [410, 410, 403]


def test_one_turn_takes_one_petition(client: FlaskClient, door: Door, give: Callable[..., str]) -> None:
    come_in(client, give())
    fill(client)
    send(client)

    second = client.get("/gui")

    assert second.headers["Location"] == f"{ENTRANCE}/bien-nhan"
    assert fill(client, text="Một chuyện khác hẳn nữa").status_code == 403


def test_on_the_telephone_the_code_is_spelled(client: FlaskClient, door: Door, give: Callable[..., str]) -> None:
    come_in(client, give(channel="phone"))
    fill(client)
    page = client.get(send(client).headers["Location"]).get_data(as_text=True)

    assert "Đọc chậm cho người gọi" in page
    assert 'class="spell"' in page


def test_nobody_signs_on_the_telephone(client: FlaskClient, give: Callable[..., str]) -> None:
    come_in(client, give(channel="phone"))

    answer = fill(client, signature="in_person")

    assert answer.status_code == 422
    assert "không nhận cách ký đó" in answer.get_data(as_text=True)


def test_a_scanned_letter_comes_with_its_scan(client: FlaskClient, door: Door, give: Callable[..., str]) -> None:
    come_in(client, give(channel="letter"))

    without = fill(client, signature="scanned", arrived_on="23/11/2026")
    with_it = fill(client, [(io.BytesIO(a_picture()), "don.jpg")], signature="scanned", arrived_on="23/11/2026")
    send(client)

    assert (without.status_code, with_it.status_code) == (422, 303)
    filed = told(door)
    assert (filed["signature_status"], filed["attachment_count"]) == ("scanned", 1)


def test_a_letter_counts_from_the_day_it_came_and_both_days_are_kept(
    client: FlaskClient, door: Door, give: Callable[..., str]
) -> None:
    come_in(client, give(channel="letter"))
    fill(client, arrived_on="20/11/2026", late_ground="post_room")
    page = client.get(send(client).headers["Location"]).get_data(as_text=True)

    filed = told(door)
    received_on = door.catalogue.calendar.local_day(door.database.clock.now()) - timedelta(days=3)
    assert filed["received_at"].startswith(received_on.isoformat())
    assert filed["time"].startswith("2026-11-23")
    assert filed["late_ground"] == "post_room"
    assert "tính là nhận ngày 20/11/2026" in page


@pytest.mark.parametrize(
    ("arrived_on", "late_ground", "said"),
    [
        ("24/11/2026", "", "chưa tới"),
        ("01/01/2026", "post_room", "quá 15 ngày"),
        ("20/11/2026", "", "Hãy chọn vì sao"),
        ("20/11/2026", "because", "Hãy chọn vì sao"),
        ("", "", "Hãy ghi ngày thư đến"),
        ("hôm qua", "", "ngày/tháng/năm"),
    ],
)
def test_no_letter_is_dated_as_one_likes(
    client: FlaskClient, give: Callable[..., str], arrived_on: str, late_ground: str, said: str
) -> None:
    come_in(client, give(channel="letter"))

    answer = fill(client, arrived_on=arrived_on, late_ground=late_ground)

    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.sampled_from(["", "post_room", "because"]))
def test_a_letter_never_came_later_than_today_nor_long_ago(day: date, ground: str) -> None:
    said = {"arrived_on": f"{day:%d/%m/%Y}", "late_ground": ground}

    try:
        entry = check_entry(said, way=LETTER, grounds=frozenset({"post_room"}), today=TODAY, has_files=False)
    except Refused:
        assert day > TODAY or day < TODAY - timedelta(days=15) or (day < TODAY and ground != "post_room")
    else:
        assert TODAY - timedelta(days=15) <= entry.arrived_on == day <= TODAY
        assert (entry.late_ground is not None) == (day < TODAY)


def test_many_citizens_at_one_counter_are_not_taken_for_one_who_floods(
    make_settings: Callable[..., Settings], clock: MovableClock, tmp_path: Path
) -> None:
    with database_url(tmp_path, "intake", tables=store.metadata) as url:
        made = build(make_settings("intake", DATABASE_URL=url, FILINGS_PER_MINUTE="2"), clock=clock)
        made.database.metadata.create_all(made.database.engine)
        keys, client = KeyRing.load(Path(made.settings.keys_dir), "workflow"), made.app.test_client()

        turns = [at_the_counter(client, keys, clock.now()) for _ in range(3)]
        at_home = [fill(client).status_code for _ in range(3)]
        made.database.close()

    assert turns == [(303, 303)] * 3
    assert at_home == [303, 303, 429]


def at_the_counter(client: FlaskClient, keys: KeyRing, now: datetime) -> tuple[int, int]:
    """One turn of an officer: the statuses of the form and of the sending."""
    given_pass = Pass(
        audience="intake",
        person="u:officer",
        unit="KCHT",
        channel="counter",
        expires_at=now + LIVES,
        nonce=uuid4().hex,
    )
    come_in(client, write_pass(keys, given_pass))
    statuses = fill(client).status_code, send(client).status_code
    client.post(f"{ENTRANCE}/xong")
    return statuses


def test_a_citizen_filing_at_home_is_told_to_have_written_it_themselves(client: FlaskClient, door: Door) -> None:
    fill(client)
    send(client)

    filed = told(door)

    assert (filed["channel"], filed["entered_by"], filed["signature_status"]) == ("web", None, "none")


def test_a_result_that_was_handed_over_stands_in_the_citizens_story(client: FlaskClient, door: Door) -> None:
    receipt = file_one(door.database)
    handed = AnswerHandedOver(
        petition_id=receipt.filed.id,
        case_id=uuid4(),
        actor="u:officer",
        round=1,
        given_to="delegate",
        given_on=date(2026, 11, 24),
        is_signed=True,
    )

    hear(door.database, handed)

    page = client.get(f"/t/{receipt.token}", follow_redirects=True).get_data(as_text=True)
    assert "Đã giao kết quả tại quầy, 24/11/2026" in page
