"""What everybody reads at the door without signing in: a list, a page for each, and the same on paper."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from services.intake.door import Door, ReaderCount
from services.intake.reactions import REACTIONS
from shared.clock import MovableClock
from shared.db import Cause
from shared.events.base import Event, Sealed
from shared.events.intake import ReadersCounted
from shared.events.workflow import PublicationPosted, PublicationWithdrawn
from shared.outbox import outbox
from tests.builders import an_event
from tests.intake.test_web import filed

TITLE = "Phân luồng cầu Trường Tiền từ 01/12/2026"
TEXT = "Từ 05 giờ, cầu Trường Tiền cấm ô tô.\n\nXe đi vòng qua cầu Phú Xuân."


def hear(door: Door, told: Event) -> None:
    subject: UUID = told.publication_id  # type: ignore[attr-defined]
    now = door.database.clock.now()
    with door.database.writing(cause=Cause(uuid4(), "workflow", subject, now, "c")) as tx:
        REACTIONS[type(told)](tx, told)


def post(door: Door, number: str = "2026-01", **given: Any) -> UUID:
    usual = {
        "number": number,
        "kind": "traffic",
        "unit": "KCHT",
        "starts_on": date(2026, 11, 23),
        "ends_on": date(2026, 12, 31),
        "title": Sealed(TITLE),
        "text": Sealed(TEXT),
    }
    told = an_event(PublicationPosted, **usual | given)
    hear(door, told)
    return told.publication_id


def counts(door: Door) -> list[ReadersCounted]:
    """What the desk is told of readers so far."""
    ReaderCount(door).once()
    with door.database.reading() as look:
        rows = look.connection.execute(outbox.select().order_by(outbox.c.id)).all()
    return [door.database.codec.read(bytes(row.body))[1] for row in rows if row.type == "readers.counted.v1"]  # type: ignore[misc]


def test_s10a_what_the_desk_posted_is_read_by_everybody(client: FlaskClient, door: Door) -> None:
    post(door)

    page, list_ = client.get("/cong-khai/2026-01"), client.get("/cong-khai")

    assert (page.status_code, list_.status_code) == (200, 200)
    assert TITLE in page.text
    assert "Xe đi vòng qua cầu Phú Xuân." in page.text
    assert "/cong-khai/2026-01" in list_.text
    assert TITLE in client.get("/tham-gia").text


@pytest.mark.parametrize("typed", ["cau truong tien", "CẦU TRƯỜNG TIỀN", "phu xuan o to"])
def test_s10a_it_is_found_without_accents(client: FlaskClient, door: Door, typed: str) -> None:
    post(door)
    post(door, "2026-02", title=Sealed("Lịch tiếp công dân"), text=Sealed("Thứ Năm hằng tuần, tại trụ sở."))

    found = client.get("/cong-khai", query_string={"q": typed}).text

    assert "2026-01" in found
    assert "2026-02" not in found


def test_s12b_planning_is_a_list_of_its_own(client: FlaskClient, door: Door) -> None:
    post(door)
    post(door, "2026-02", kind="planning", title=Sealed("Quy hoạch bến xe phía Bắc"))

    found = client.get("/cong-khai?loai=planning").text

    assert "Quy hoạch bến xe phía Bắc" in found
    assert TITLE not in found


def test_s10a_it_leaves_the_list_by_its_date_and_says_so_at_its_address(
    client: FlaskClient, door: Door, clock: MovableClock
) -> None:
    post(door)

    clock.move_to(datetime.fromisoformat("2026-12-31T23:59+07:00"))
    last_day = client.get("/cong-khai").text
    clock.move_to(datetime.fromisoformat("2027-01-01T00:01+07:00"))
    day_after, page = client.get("/cong-khai").text, client.get("/cong-khai/2026-01")

    assert TITLE in last_day
    assert TITLE not in day_after
    assert page.status_code == 200
    assert "Đã hết thời gian công khai ngày 31/12/2026." in page.text


def test_nobody_reads_it_before_its_first_day(client: FlaskClient, door: Door) -> None:
    post(door, starts_on=date(2026, 12, 1))

    assert client.get("/cong-khai/2026-01").status_code == 404
    assert TITLE not in client.get("/cong-khai").text


def test_s10a_what_was_withdrawn_says_why_and_nothing_else(client: FlaskClient, door: Door) -> None:
    publication_id = post(door)

    hear(door, an_event(PublicationWithdrawn, publication_id=publication_id, reason="personal_data"))
    page, paper = client.get("/cong-khai/2026-01"), client.get("/cong-khai/2026-01/in")

    assert (page.status_code, paper.status_code) == (410, 410)
    assert "Có thông tin cá nhân không được công khai" in page.text
    assert "Trường Tiền" not in page.text
    assert TITLE not in client.get("/cong-khai?q=truong tien").text


def test_s10a_the_printed_notice_bears_the_short_address_and_a_square_that_opens_it(
    client: FlaskClient, door: Door
) -> None:
    post(door)

    paper = client.get("/cong-khai/2026-01/in").text

    assert "127.0.0.1:8000/cong-khai/2026-01<" in paper
    assert "<svg" in paper
    assert TITLE in paper


def test_what_was_erased_before_it_was_heard_is_not_shown(client: FlaskClient, door: Door) -> None:
    post(door, title=Sealed.closed(), text=Sealed.closed())

    assert client.get("/cong-khai/2026-01").status_code == 404


def test_s33a_the_desk_hears_once_a_day_how_often_it_was_opened_and_what_began_there(
    client: FlaskClient, door: Door, clock: MovableClock
) -> None:
    publication_id = post(door)
    for _ in range(3):
        client.get("/cong-khai/2026-01")
    client.get("/gui?loai=proposal&tu=2026-01")
    filed(client, kind="proposal", publication="2026-01")
    client.delete_cookie("draft")
    filed(client, kind="denunciation", publication="2026-01")

    same_day = counts(door)
    clock.move_to(clock.now() + timedelta(days=1))
    told = [(one.publication_id, one.on_day, one.opened, one.petitions) for one in (*counts(door), *counts(door)[1:])]

    assert same_day == []
    assert told == [(publication_id, date(2026, 11, 23), 3, 1)]


def test_a_form_that_was_opened_from_a_publication_remembers_which(client: FlaskClient, door: Door) -> None:
    post(door)

    assert 'name="publication" value="2026-01"' in client.get("/gui?loai=proposal&tu=2026-01").text
