"""Open311 at the door: what programs of partners send and read, and what never comes out."""

import hashlib
import io
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from defusedxml import ElementTree as ET
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.intake import store
from services.intake.domain.open311 import AskedWrong, read_wanted
from services.intake.door import Door
from services.intake.open311.writing import Document, Each, as_json, as_xml
from services.intake.store import petition
from shared.clock import MovableClock
from shared.events.base import Sealed
from shared.events.workflow import PartnerChanged, Sorting
from shared.outbox import outbox
from tests.intake.builders import a_picture, case_answered, case_opened, hear
from tests.intake.test_web import outbox_of
from tests.support import NOON

URL, TEST = "/open311/v2", "/open311/test/v2"
XML, JSON = "text/xml; charset=utf-8", "application/json; charset=utf-8"
KEY = "lnp_a-key-of-a-test-only"
POTHOLE = {
    "api_key": KEY,
    "service_code": "C01",
    "lat": "16.4637",
    "long": "107.5909",
    "address_string": "120 Điện Biên Phủ",
    "description": "Trước cổng trường có ổ gà sâu khoảng 20 cm.",
    "first_name": "Ánh",
    "last_name": "Nguyễn Thị Hồng",
    "phone": "0905 123 456",
    "email": "anh.nth@example.vn",
}


def a_partner(door: Door, *, code: str = "hue-s", key: str = KEY, **more: Any) -> UUID:
    """A partner of which the desk told."""
    partner_id: UUID = more.pop("partner_id", None) or uuid4()
    usual: dict[str, Any] = {
        "partner_id": partner_id,
        "actor": "u:a",
        "code": code,
        "is_test": False,
        "is_active": True,
        "per_minute": 600,
        "is_told": False,
        "change": "registered",
        "name": Sealed("Hue-S"),
        "key_hash": Sealed(hashlib.sha256(key.encode()).hexdigest()),
        "webhook_url": Sealed(None),
        "webhook_secret": Sealed(None),
    }
    hear(door.database, PartnerChanged(**usual | more))
    return partner_id


@pytest.fixture
def hub(client: FlaskClient, door: Door) -> FlaskClient:
    """The program of a partner."""
    a_partner(door)
    return client


def file(hub: FlaskClient, **more: Any) -> str:
    answer = hub.post(f"{URL}/requests.json", data={**POTHOLE, **more})
    assert answer.status_code == 200, answer.text
    assert answer.json
    return str(answer.json[0]["service_request_id"])


def petition_id_of(door: Door, code: str) -> UUID:
    with door.database.reading() as look:
        found: UUID = look.connection.execute(select(petition.c.id).where(petition.c.code == code)).scalar_one()
        return found


def elements(text: str, path: str) -> list[str]:
    return [one.text or "" for one in ET.fromstring(text.encode()).findall(path)]


# ---- what may be read


@pytest.mark.parametrize("place", ["/open311", URL, TEST])
def test_discovery_names_both_endpoints_and_formats(client: FlaskClient, place: str) -> None:
    found, written = client.get(f"{place}/discovery.json"), client.get(f"{place}/discovery.xml")

    assert (found.content_type, written.content_type) == (JSON, XML)
    assert found.json
    assert {"changeset", "contact", "key_service", "endpoints"} == set(found.json)
    assert [one["type"] for one in found.json["endpoints"]] == ["production", "test"]
    assert all(one["formats"] == ["text/xml", "application/json"] for one in found.json["endpoints"])
    assert elements(written.text, "endpoints/endpoint/type") == ["production", "test"]
    assert client.get(found.json["key_service"]).status_code == 200


def test_services_are_topics_that_are_nobodys_secret(client: FlaskClient, door: Door) -> None:
    found, written = client.get(f"{URL}/services.json").json, client.get(f"{URL}/services.xml").text

    codes = {one["service_code"] for one in found or []}
    assert {"C01", "C13"} <= codes
    assert not codes & {"C24", "C28", "C29", "C30", "C23"}
    assert set(elements(written, "service/metadata")) == {"true", "false"}
    assert client.get(f"{URL}/services/C29.xml").status_code == 404


def test_the_words_of_services_follow_the_language_that_is_asked_for(client: FlaskClient) -> None:
    english = client.get(f"{URL}/services.json", headers={"Accept-Language": "en"}).json
    assert english

    assert any(one["service_name"] == "Late administrative dossier" for one in english)


def test_an_empty_list_is_a_list(client: FlaskClient) -> None:
    assert client.get(f"{URL}/requests.json").json == []
    assert client.get(f"{URL}/requests.xml").text.endswith("<service_requests></service_requests>")


# ---- filing


@pytest.mark.parametrize(("suffix", "media_type"), [("xml", XML), ("json", JSON)])
def test_a_partner_files_and_asks_where_it_stands(hub: FlaskClient, door: Door, suffix: str, media_type: str) -> None:
    filed = hub.post(f"{URL}/requests.{suffix}", data=POTHOLE)

    assert (filed.status_code, filed.content_type) == (200, media_type)
    if suffix == "xml":
        assert filed.data.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
        (code,) = elements(filed.text, "request/service_request_id")
    else:
        code = filed.json[0]["service_request_id"]  # type: ignore[index]
    one = hub.get(f"{URL}/requests/{code}.json").json
    assert one
    assert one == hub.get(f"{URL}/requests.json").json
    (seen,) = one
    assert (seen["status"], seen["service_code"]) == ("open", "C01")
    assert seen["requested_datetime"] == "2026-11-23T05:00:00Z"
    assert seen["expected_datetime"] == "2026-12-03T16:59:59Z"
    with door.database.reading() as look:
        body = json.loads(look.connection.execute(outbox.select()).first().body)["data"]  # type: ignore[union-attr]
    assert (body["channel"], body["partner"], body["kind"], body["topic"]) == ("open311", "hue-s", "report", "C01")


def test_what_a_citizen_gave_goes_in_and_never_comes_out(hub: FlaskClient, door: Door) -> None:
    code = file(hub)

    said = "".join(
        hub.get(f"{URL}/{path}").text
        for path in ("requests.xml", "requests.json", f"requests/{code}.xml", f"requests/{code}.json")
    )
    for private in ("Ánh", "Nguyễn", "0905", "anh.nth", "120 Điện", "cổng trường", "16.46", "107.59"):
        assert private not in said
    with door.database.reading() as look:
        words = store.words_of(look, petition_id_of(door, code))
    assert (words.name, words.phone, words.position) == (
        "Nguyễn Thị Hồng Ánh",
        "0905 123 456",
        "16.463700,107.590900",
    )


def test_xml_has_every_element_and_json_no_empty_one(hub: FlaskClient) -> None:
    code = file(hub)

    (row,) = ET.fromstring(hub.get(f"{URL}/requests/{code}.xml").data)
    (plain,) = hub.get(f"{URL}/requests/{code}.json").json or [{}]

    assert [one.tag for one in row] == [
        *("service_request_id", "status", "status_notes", "service_name", "service_code", "description"),
        *("agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime"),
        *("address", "address_id", "zipcode", "lat", "long", "media_url"),
    ]
    assert None not in plain.values()
    assert "" not in plain.values()


def test_its_link_opens_the_petition_and_the_digits_of_the_telephone_do_not(hub: FlaskClient, door: Door) -> None:
    answer = hub.post(f"{URL}/requests.json", data=POTHOLE).json
    assert answer

    link = answer[0]["service_notice"].rsplit("/t/", 1)[1].split(".")[0]
    assert hub.get(f"/t/{link}").status_code in {200, 302, 303}
    typed = {"code": answer[0]["service_request_id"], "digits": "3456"}
    assert hub.post("/theo-doi", data=typed).status_code != 303


def test_few_words_are_made_whole_and_no_answer_is_lost(hub: FlaskClient, door: Door) -> None:
    code = file(hub, description="Sâu", **{"attribute[DEPTH]": "20 cm", "attribute[LANE][]": ["trái", "phải"]})

    with door.database.reading() as look:
        text = store.words_of(look, petition_id_of(door, code)).text or ""
    assert "Sâu" in text
    assert "DEPTH: 20 cm" in text
    assert "LANE: trái\nLANE: phải" in text


def test_pictures_may_come_along(hub: FlaskClient, door: Door) -> None:
    answer = hub.post(
        f"{URL}/requests.json",
        data={**POTHOLE, "media": [(io.BytesIO(a_picture()), "a.jpg")]},
        content_type="multipart/form-data",
    )

    assert answer.status_code == 200
    with door.database.reading() as look:
        assert len(store.attachments_of(look, petition_id_of(door, answer.json[0]["service_request_id"]))) == 1  # type: ignore[index]


def test_the_same_words_twice_are_one_request_until_some_time_has_passed(
    hub: FlaskClient, door: Door, clock: MovableClock
) -> None:
    first, again = file(hub), file(hub)
    clock.move_to(clock.now() + timedelta(minutes=9))
    soon = file(hub)
    clock.move_to(clock.now() + timedelta(minutes=30))
    later, other = file(hub), file(hub, description="Chuyện khác: đèn đường không sáng.")

    assert first == again == soon
    assert len({first, later, other}) == 3
    assert outbox_of(door).count("petition.filed.v1") == 3


def test_an_idempotency_key_files_once_and_refuses_other_words(hub: FlaskClient, door: Door) -> None:
    key = {"Idempotency-Key": "of-the-hub-1"}
    answers = [hub.post(f"{URL}/requests.json", data=POTHOLE, headers=key) for _ in range(2)]
    other = hub.post(f"{URL}/requests.json", data={**POTHOLE, "description": "Chuyện khác hẳn"}, headers=key)

    assert answers[0].json == answers[1].json
    assert other.status_code == 400
    assert outbox_of(door).count("petition.filed.v1") == 1


def test_what_is_sent_to_test_is_checked_and_not_kept(client: FlaskClient, door: Door) -> None:
    a_partner(door, code="hue-s-test", key="lnp_for-tests", is_test=True)
    sent = {**POTHOLE, "api_key": "lnp_for-tests"}

    good, bad = client.post(f"{TEST}/requests.json", data=sent), client.post(f"{URL}/requests.json", data=sent)

    assert good.status_code == 200
    assert good.json[0]["service_request_id"].startswith("TEST-")  # type: ignore[index]
    assert client.post(f"{TEST}/requests.json", data={**sent, "lat": "x"}).status_code == 400
    assert bad.status_code == 403
    assert outbox_of(door) == []


# ---- what is refused


@pytest.mark.parametrize("suffix", ["xml", "json"])
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"api_key": ""}, 403),
        ({"api_key": "lnp_of-nobody"}, 403),
        ({"service_code": ""}, 404),
        ({"service_code": "C29"}, 404),
        ({"service_code": "no such"}, 404),
        ({"lat": "", "long": "", "address_string": ""}, 400),
        ({"lat": "16.4", "long": "", "address_string": ""}, 400),
        ({"lat": "90.1"}, 400),
        ({"lat": "nan"}, 400),
        ({"address_id": "no-such-ward"}, 400),
        ({"phone": "12"}, 400),
        ({"email": "x"}, 400),
        ({"description": "x" * 4001}, 400),
        ({"description": "x\u202ey" * 20}, 400),
        ({"first_name": "A\r\nB"}, 400),
        ({"media_url": "file:///etc/passwd"}, 400),
        ({"media_url": "http://a:b@example.vn/"}, 400),
        ({"media_url": "http://example.vn:25/"}, 400),
        ({"jurisdiction_id": "elsewhere.example"}, 404),
    ],
)
def test_a_refusal_speaks_the_format_that_was_asked_for(
    hub: FlaskClient, door: Door, suffix: str, change: dict[str, str], status: int
) -> None:
    answer = hub.post(f"{URL}/requests.{suffix}", data={**POTHOLE, **change})

    assert answer.status_code == status
    assert answer.content_type == (XML if suffix == "xml" else JSON)
    if suffix == "xml":
        found = elements(answer.text, "error/description")
    else:
        found = [one["description"] for one in answer.json or []]
    assert found
    assert all(found)
    assert outbox_of(door) == []


def test_all_that_is_wrong_is_said_at_once(hub: FlaskClient) -> None:
    answer = hub.post(f"{URL}/requests.json", data={**POTHOLE, "phone": "12", "email": "x", "lat": "0"})

    said = [one["description"].split(":")[0] for one in answer.json or []]
    assert sorted(said) == ["email", "phone", "position"]


@pytest.mark.parametrize(
    "query",
    [
        "status=lost",
        "start_date=yesterday",
        "start_date=0001-01-01T00:00:00%2B14:00",
        "end_date=9999-12-31T23:59:59Z",
        "start_date=2026-01-01T00:00:00Z&end_date=2026-11-01T00:00:00Z",
        "start_date=2026-11-02T00:00:00Z&end_date=2026-11-01T00:00:00Z",
        "page=0",
        "page=x",
        "page_size=-1",
        "service_request_id=" + ",".join(["x"] * 201),
    ],
)
def test_a_list_that_cannot_be_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"{URL}/requests.xml?{query}").status_code == 400
    assert client.get(f"{URL}/requests.json?{query}").json


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/requests/7K3M-9HDK.json", "GET", 404),
        ("/requests/%00.json", "GET", 404),
        ("/tokens/none.json", "GET", 404),
        ("/services.yaml", "GET", 404),
        ("/nowhere.json", "GET", 404),
        ("/services.json", "POST", 404),
        ("/requests.json", "PUT", 405),
        ("/requests.json", "DELETE", 405),
        ("/requests.json", "TRACE", 405),
        ("/services.json?jurisdiction_id=elsewhere", "GET", 404),
    ],
)
def test_what_is_not_there_is_no_fault_of_ours(client: FlaskClient, path: str, method: str, status: int) -> None:
    answer = client.open(URL + path, method=method)

    assert answer.status_code == status
    if path.endswith(".json") and method != "TRACE":
        assert answer.content_type == JSON


def test_the_key_in_the_address_does_not_count(hub: FlaskClient) -> None:
    answer = hub.post(f"{URL}/requests.json?api_key={KEY}", data={**POTHOLE, "api_key": ""})

    assert answer.status_code == 403


def test_a_partner_that_was_stopped_or_got_another_key_files_no_more(client: FlaskClient, door: Door) -> None:
    partner_id = a_partner(door)
    a_partner(door, partner_id=partner_id, key="lnp_the-new-one", change="key")
    old, new = (
        client.post(f"{URL}/requests.json", data={**POTHOLE, "api_key": key}) for key in (KEY, "lnp_the-new-one")
    )
    a_partner(door, partner_id=partner_id, is_active=False, key_hash=Sealed(None), change="stopped")
    stopped = client.post(f"{URL}/requests.json", data={**POTHOLE, "api_key": "lnp_the-new-one"})

    assert [one.status_code for one in (old, new, stopped)] == [403, 200, 403]


def test_each_partner_has_a_limit_of_its_own(client: FlaskClient, door: Door) -> None:
    a_partner(door, per_minute=2)
    a_partner(door, code="other", key="lnp_other")
    answers = [client.post(f"{URL}/requests.json", data=POTHOLE) for _ in range(3)]
    other = client.post(f"{URL}/requests.json", data={**POTHOLE, "api_key": "lnp_other"})

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) in range(1, 61)
    assert answers[2].content_type == JSON
    assert other.status_code == 200


# ---- the list


def test_the_list_is_narrowed_and_paged(hub: FlaskClient, clock: MovableClock) -> None:
    codes = []
    for n in range(5):
        codes.insert(0, file(hub, description=f"Ổ gà số {n} trước cổng trường", service_code=("C01", "C13")[n % 2]))
        clock.move_to(clock.now() + timedelta(minutes=1))

    def found(query: str) -> list[str]:
        return [one["service_request_id"] for one in hub.get(f"{URL}/requests.json?{query}").json or []]

    assert found("") == codes
    assert found("page_size=2") == codes[:2]
    assert found("page_size=2&page=3") == codes[4:]
    assert found("page_size=2&page=4") == []
    assert found("service_code=C13") == [codes[1], codes[3]]
    assert found("service_code=C01,C13&status=open,closed&start_date=&end_date=") == codes
    assert found("service_code=%00") == codes
    assert found("status=closed") == []
    assert sorted(found(f"service_request_id={codes[0]},{codes[4]},nonsense&status=closed")) == sorted(
        [codes[0], codes[4]]
    )
    assert found("start_date=2026-11-23T05:02:00Z") == codes[:3]
    assert found("end_date=2026-11-23T12:01:00+07:00") == codes[3:]  # the plus came as a space
    clock.move_to(clock.now() + timedelta(days=91))
    assert found("") == []
    assert found("start_date=2026-11-01T00:00:00Z") == codes


def test_an_answer_closes_it(hub: FlaskClient, door: Door) -> None:
    code = file(hub)
    petition_id = petition_id_of(door, code)
    hear(door.database, case_opened(petition_id))
    hear(door.database, case_answered(petition_id))

    (seen,) = hub.get(f"{URL}/requests/{code}.json").json or [{}]

    assert (seen["status"], seen["updated_datetime"]) == ("closed", "2026-11-23T06:00:00Z")
    assert "Đã vá xong" not in json.dumps(seen, ensure_ascii=False)
    assert [one["service_request_id"] for one in hub.get(f"{URL}/requests.json?status=closed").json or []] == [code]


@pytest.mark.parametrize(
    "found",
    [
        {"is_restricted": True},
        {"publication": "private"},
        {"kind": None, "topic": None, "sorting": Sealed(Sorting(kind="denunciation", topic="C29", unit="TTRA"))},
    ],
)
def test_what_the_desk_finds_confidential_leaves_the_list(hub: FlaskClient, door: Door, found: dict[str, Any]) -> None:
    code = file(hub)
    hear(door.database, case_opened(petition_id_of(door, code), **found))

    assert hub.get(f"{URL}/requests.json").json == []
    assert hub.get(f"{URL}/requests/{code}.json").status_code == 404
    assert hub.get(f"{URL}/requests/{code}.json").data == hub.get(f"{URL}/requests/7K3M-9HDK.json").data
    assert hub.get(f"{URL}/tokens/{code}.json").status_code == 404


def test_what_came_by_the_page_is_not_listed(client: FlaskClient, door: Door) -> None:
    client.post("/api/v1/petitions", json={"kind": "report", "text": "Một việc gửi từ trang của chúng tôi"})

    assert client.get(f"{URL}/requests.json").json == []


# ---- writing


WORDS = st.text(max_size=60)


@given(st.lists(st.fixed_dictionaries({"code": WORDS, "description": WORDS}), max_size=5))
@settings(max_examples=150, deadline=None)
def test_whatever_is_written_can_be_read_again(rows: list[dict[str, str]]) -> None:
    document = Document("errors", "error", rows)

    read = json.loads(as_json(document))
    parsed = ET.fromstring(as_xml(document))

    assert read == [{name: word for name, word in row.items() if word} for row in rows]
    assert len(parsed) == len(rows)
    for element, row in zip(parsed, rows, strict=True):
        assert [one.tag for one in element] == [*row]
        for one in element:
            kept = [c for c in row[one.tag].replace("\r\n", "\n").replace("\r", "\n") if c == "\n" or c.isprintable()]
            assert all(c in (one.text or "") for c in kept)


def test_lists_within_are_elements_and_bare_arrays() -> None:
    document = Document("a", record={"words": Each("word", ["<b>", "&"]), "rows": Each("row", [{"x": 1, "y": None}])})

    assert as_json(document) == '{"words": ["<b>", "&"], "rows": [{"x": 1}]}'
    assert b"<words><word>&lt;b&gt;</word><word>&amp;</word></words>" in as_xml(document)
    assert b"<rows><row><x>1</x><y></y></row></rows>" in as_xml(document)


ASKED = ("service_request_id", "service_code", "start_date", "end_date", "status", "page", "page_size")


@given(st.dictionaries(st.sampled_from(ASKED), WORDS, max_size=4))
@settings(max_examples=200, deadline=None)
def test_no_question_makes_a_fault_of_ours(asked: dict[str, str]) -> None:
    try:
        wanted = read_wanted(asked, now=NOON)
    except AskedWrong:
        return
    assert wanted.ids is not None or wanted.since is not None


HOSTILE = (
    "<script>alert(1)</script>",
    "]]></description><x>",
    "&lol;&lol;&lol;&lol;",
    "' OR 1=1; DROP TABLE petition; --",
    "\x00" * 20,
    "\x1b[31mđỏ" * 5,
    "\ufffe" * 12,
    "\U0001f600" * 10,
    "a\u0301" * 30,
    "\u202eđảo chiều" * 3,
    "{{7*7}}${7*7}<%= 7*7 %>",
    "../../../../etc/passwd",
    "\r\nSet-Cookie: a=b\r\n\r\n",
)
FIELDS = (
    *("description", "address_string", "last_name", "service_code", "media_url"),
    *("attribute[X]", "attribute[hole_size]", "attribute[hole_lane][]", "publish"),
)


@pytest.mark.parametrize("suffix", ["xml", "json"])
@pytest.mark.parametrize("field", FIELDS)
def test_hostile_words_are_filed_or_refused_and_never_a_fault(hub: FlaskClient, field: str, suffix: str) -> None:
    for words in HOSTILE:
        answer = hub.post(f"{URL}/requests.{suffix}", data={**POTHOLE, field: words})

        assert answer.status_code in {200, 400, 404}, words
        if suffix == "xml":
            ET.fromstring(answer.data)
        else:
            assert isinstance(answer.json, list)
