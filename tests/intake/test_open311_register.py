"""The list of requests joined with the public register: what everybody may read, by whichever way it came."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from defusedxml import ElementTree as ET
from flask.testing import FlaskClient

from services.intake.domain.open311 import Wanted
from services.intake.door import Door
from services.intake.store import listed_requests
from shared.clock import MovableClock
from shared.events.base import Sealed
from shared.events.workflow import CaseUnpublished, PetitionerErased, PublicPhoto
from tests.hearing import statements
from tests.intake.builders import case_answered, case_opened, file_one, hear
from tests.intake.test_open311 import URL, file, hub, petition_id_of
from tests.intake.test_open311_schemas import REQUESTS, TOKEN, check
from tests.intake.test_register import show

__all__ = ["hub"]
NUMBER = "2026-0001"


def listed(client: FlaskClient, query: str = "") -> list[str]:
    return [one["service_request_id"] for one in client.get(f"{URL}/requests.json?{query}").json or []]


def one(client: FlaskClient, named: str) -> dict[str, Any]:
    (found,) = client.get(f"{URL}/requests/{named}.json").json or [{}]
    return dict(found)


def a_shot(shows: str) -> PublicPhoto:
    return PublicPhoto(uuid4(), shows, 10, "0" * 64)


def publish_own(hub: FlaskClient, door: Door, **given: Any) -> tuple[str, UUID]:
    """A request of a partner whose case the desk opened and published: its code and the petition's id."""
    code = file(hub)
    petition_id = petition_id_of(door, code)
    hear(door.database, case_opened(petition_id))
    show(door.database, petition_id=petition_id, case_id=petition_id, **given)
    return code, petition_id


def take_down(door: Door, case_id: UUID, reason: str = "consent") -> None:
    gone = {"petition_id": case_id, "case_id": case_id, "actor": "u:head", "number": NUMBER, "reason": reason}
    hear(door.database, CaseUnpublished(**gone))


def test_what_the_register_shows_is_listed_by_its_number_whichever_way_it_came(client: FlaskClient, door: Door) -> None:
    after, before = a_shot("after"), a_shot("before")
    petition_id = file_one(door.database, phone="0905 123 456").filed.id
    show(door.database, petition_id=petition_id, case_id=petition_id, photos=Sealed((after, before)))

    seen = one(client, NUMBER)

    assert listed(client) == [NUMBER]
    assert seen["description"].startswith("Ổ gà trước trường Quốc Học, đường Lê Lợi\n\nỔ gà sâu giữa làn xe máy")
    assert "[biển số]" in seen["description"]
    assert (seen["lat"], seen["long"]) == (16.459, 107.582)
    assert seen["address"].startswith("Đường Lê Lợi, ")
    assert seen["media_url"] == f"http://127.0.0.1:8000/so-phan-anh/{NUMBER}/anh/{before.id}"
    assert (seen["status"], seen["status_notes"], seen["service_code"]) == ("open", "Đang xử lý", "C01")
    assert seen["requested_datetime"] == "2026-11-19T17:00:00Z"  # the day in Huế, not the hour
    assert seen["expected_datetime"] == "2026-12-03T16:59:59Z"


def test_an_answer_that_is_public_is_what_the_status_says(client: FlaskClient, door: Door) -> None:
    told = show(
        door.database, answered_on=date(2026, 11, 25), is_on_time=True, answer=Sealed("Đã vá xong đêm 24/11/2026.")
    )
    before, petition = one(client, told.number), uuid4()
    show(door.database, petition_id=petition, case_id=petition, number="2026-0002")
    hear(door.database, case_answered(petition))
    without_summary = one(client, "2026-0002")

    assert (before["status"], before["status_notes"]) == ("closed", "Đã vá xong đêm 24/11/2026.")
    assert (without_summary["status"], without_summary["status_notes"]) == ("closed", "Đã có kết quả")


def test_a_partners_own_request_that_is_public_keeps_its_row_and_the_words_stand_in_another(
    hub: FlaskClient, door: Door
) -> None:
    code, _ = publish_own(hub, door, topic="C13", position=Sealed("16.464,107.591"))

    own, public = one(hub, code), one(hub, NUMBER)

    assert set(listed(hub)) == {code, NUMBER}
    assert (own["service_code"], own["requested_datetime"]) == ("C01", "2026-11-23T05:00:00Z")
    assert set(own) & {"description", "lat", "long", "media_url"} == set()
    assert (public["lat"], public["long"], public["service_code"]) == (16.464, 107.591, "C13")
    assert public["requested_datetime"] == "2026-11-19T17:00:00Z"  # the day in Huế, not the hour
    assert public["description"].startswith("Ổ gà trước trường Quốc Học")
    said = json.dumps([own, public], ensure_ascii=False)
    assert "16.4637" not in said
    assert "cổng trường có ổ gà" not in said
    assert code not in json.dumps(public)


def test_what_a_partner_sent_in_secret_is_listed_by_its_number_once_it_is_public(hub: FlaskClient, door: Door) -> None:
    code = file(hub)
    petition_id = petition_id_of(door, code)
    hear(door.database, case_opened(petition_id, is_restricted=True))
    show(door.database, petition_id=petition_id, case_id=petition_id)

    assert listed(hub) == [NUMBER]


def test_each_public_part_of_a_partners_request_stands_by_itself(hub: FlaskClient, door: Door) -> None:
    code = file(hub)
    petition_id = petition_id_of(door, code)
    hear(door.database, case_opened(petition_id))
    show(door.database, petition_id=petition_id, case_id=uuid4())
    show(door.database, petition_id=petition_id, case_id=uuid4(), number="2026-0002")

    assert set(listed(hub)) == {code, NUMBER, "2026-0002"}
    assert "description" not in one(hub, code)


def test_what_is_taken_down_leaves_the_list_and_an_own_request_stays(hub: FlaskClient, door: Door) -> None:
    code, own_id = publish_own(hub, door, number="2026-0009")
    other = show(door.database)
    assert set(listed(hub)) == {code, NUMBER, "2026-0009"}

    take_down(door, other.case_id)
    take_down(door, own_id)

    assert listed(hub) == [code]
    for path in (f"requests/{NUMBER}", f"tokens/{NUMBER}", "requests/2026-0009"):
        assert hub.get(f"{URL}/{path}.json").status_code == 404


def test_who_was_erased_leaves_the_list_by_whichever_way_they_came(hub: FlaskClient, door: Door) -> None:
    _, own_id = publish_own(hub, door)
    by_form = file_one(door.database).filed.id
    show(door.database, petition_id=by_form, case_id=by_form, number="2026-0002")

    for petition_id in (own_id, by_form):
        erased = {"petition_id": petition_id, "actor": "u:head", "asked_by": "u:officer", "request_id": uuid4()}
        hear(door.database, PetitionerErased(**erased))

    assert listed(hub) == []


@pytest.mark.parametrize("found", [{"is_restricted": True}, {"publication": "private"}])
def test_what_turned_out_confidential_is_listed_by_neither_name(
    hub: FlaskClient, door: Door, found: dict[str, Any]
) -> None:
    code, petition_id = publish_own(hub, door)

    take_down(door, petition_id, "not_public")
    hear(door.database, case_opened(petition_id, **found))

    assert listed(hub) == []
    assert hub.get(f"{URL}/requests/{code}.json").status_code == 404


def test_a_topicless_case_of_the_register_is_no_request(client: FlaskClient, door: Door) -> None:
    show(door.database, topic=None)

    assert listed(client) == []


def test_both_sorts_are_narrowed_and_paged_together(hub: FlaskClient, door: Door, clock: MovableClock) -> None:
    for n in range(4):
        show(
            door.database,
            petition_id=uuid4(),
            case_id=uuid4(),
            number=f"2026-{n + 1:04}",
            received_on=date(2026, 11, 22) + timedelta(days=n),
            topic=("C01", "C13")[n % 2],
            is_open=n < 3,
        )
    code = file(hub)  # on the noon of the second day
    newest_first = ["2026-0004", "2026-0003", code, "2026-0002", "2026-0001"]
    clock.move_to(clock.now() + timedelta(days=5))

    assert listed(hub) == newest_first
    assert [listed(hub, f"page_size=2&page={page}") for page in (1, 2, 3, 4)] == [
        *(newest_first[:2], newest_first[2:4], newest_first[4:], [])
    ]
    assert listed(hub, "service_code=C13") == ["2026-0004", "2026-0002"]
    assert listed(hub, "status=closed") == ["2026-0004"]
    assert listed(hub, "status=open&service_code=C01") == ["2026-0003", code, "2026-0001"]
    assert listed(hub, "start_date=2026-11-22T17:00:00Z&end_date=2026-11-23T05:00:00Z") == [code, "2026-0002"]
    assert set(listed(hub, f"service_request_id={code},2026-0003,2026-9999,nonsense&status=closed")) == {
        *(code, "2026-0003")
    }
    check(hub.get(f"{URL}/requests.json"), REQUESTS)
    check(hub.get(f"{URL}/tokens/2026-0002.json"), TOKEN)


def test_xml_and_json_say_the_same_of_a_public_case(client: FlaskClient, door: Door) -> None:
    show(door.database, photos=Sealed((a_shot("after"),)), answer=Sealed("Đã vá <xong> & dọn."))

    (row,) = ET.fromstring(client.get(f"{URL}/requests/{NUMBER}.xml").data)
    plain = one(client, NUMBER)

    written = {element.tag: element.text for element in row if element.text}
    assert written == {name: str(value) for name, value in plain.items()}


def test_a_page_takes_two_statements_however_much_it_lists(hub: FlaskClient, door: Door) -> None:
    for n in range(12):
        file(hub, description=f"Ổ gà số {n} trước cổng trường")
        show(door.database, petition_id=uuid4(), case_id=uuid4(), number=f"2026-{n + 1:04}")

    with statements(door.database) as asked, door.database.reading() as look:
        found = listed_requests(look, Wanted())

    assert len(found) == 24
    assert len([one for one in asked if one.lstrip().startswith("SELECT")]) == 2
