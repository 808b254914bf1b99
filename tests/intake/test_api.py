"""The entrance for programs."""

import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from sqlalchemy import event

from services.intake.door import Door
from shared.outbox import outbox
from tests.intake.builders import a_picture, typed
from tests.intake.test_web import outbox_of

URL = "/api/v1/petitions"


def test_the_document_is_valid_openapi_and_offers_what_the_configuration_has(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document

    validate(document)

    assert document["openapi"] == "3.1.0"
    kinds = document["components"]["schemas"]["Petition"]["properties"]["kind"]["enum"]
    assert {"report", "complaint"} <= set(kinds)
    assert "spam" not in kinds
    assert all(choice in json.dumps(client.get("/api/v1/catalogue").json) for choice in kinds)


def test_caches_may_keep_the_catalogue_and_do_not_mix_languages(client: FlaskClient) -> None:
    first = client.get("/api/v1/catalogue")
    again = client.get("/api/v1/catalogue", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert again.status_code == 304
    assert all({"Accept-Language", "Cookie"} <= set(answer.vary) for answer in (first, again))


def test_a_program_files_and_follows(client: FlaskClient, door: Door) -> None:
    filed = client.post(URL, json={**typed(topic="C01"), "lat": 16.46, "lng": 107.59, "consents": ["survey"]})

    assert filed.status_code == 201
    receipt = filed.json
    assert receipt
    assert set(receipt) == {"code", "secret", "pin", "tracking_url", "received_at", "event_id", "digest"}
    assert filed.headers["Location"] == f"{URL}/{receipt['code']}"
    assert receipt["tracking_url"].endswith("/t/" + receipt["secret"])
    progress = client.get(filed.headers["Location"], headers={"X-Petition-Secret": receipt["secret"]}).json
    assert progress
    assert (progress["stage"], progress["label"], progress["is_estimate"]) == ("received", "Đã tiếp nhận", True)
    assert progress["due_on"] == "2026-12-03"
    assert progress["digest"] == receipt["digest"]


def test_the_secret_goes_in_a_header_and_must_be_the_petitions_own(client: FlaskClient) -> None:
    one, other = (client.post(URL, json=typed(text=f"Chuyện số {n} cần xử lý")).json for n in range(2))
    assert one
    assert other

    assert client.get(f"{URL}/{one['code']}").status_code == 401
    assert client.get(f"{URL}/{one['code']}?secret={one['secret']}").status_code == 401
    answers = [
        client.get(f"{URL}/{one['code']}", headers={"X-Petition-Secret": other["secret"]}),
        client.get(f"{URL}/7K3M-9HDK", headers={"X-Petition-Secret": "nope"}),
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json["title"] == answers[1].json["title"]  # type: ignore[index]


def test_a_lost_reply_is_asked_for_again_under_the_same_key(client: FlaskClient, door: Door) -> None:
    key = {"Idempotency-Key": "6f1c0c5e-0f5b-4c53-8f6f-2f0f3d2f1a11"}

    answers = [client.post(URL, json=typed(), headers=key) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert outbox_of(door) == ["petition.filed.v1"]


def test_one_key_for_two_petitions_is_refused(client: FlaskClient) -> None:
    key = {"Idempotency-Key": "6f1c0c5e-0f5b-4c53-8f6f-2f0f3d2f1a11"}
    client.post(URL, json=typed(), headers=key)

    answer = client.post(URL, json=typed(text="Một chuyện khác hẳn"), headers=key)

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("key", ["short", "x" * 101, "có dấu tiếng Việt dài".encode().decode("latin-1")])
def test_a_key_that_could_be_somebody_elses_is_refused(client: FlaskClient, key: str) -> None:
    assert client.post(URL, json=typed(), headers={"Idempotency-Key": key}).status_code == 400


def test_files_come_with_a_form(client: FlaskClient, door: Door) -> None:
    files = [(io.BytesIO(a_picture()), "a.jpg"), (io.BytesIO(a_picture("PNG")), "b.png")]

    answer = client.post(URL, data={**typed(), "files": files}, content_type="multipart/form-data")

    assert answer.status_code == 201
    with door.database.reading() as look:
        body = json.loads(look.connection.execute(outbox.select()).one().body)
    assert body["data"]["attachment_count"] == 2
    assert body["data"]["channel"] == "api"


BAD: list[tuple[Any, str]] = [
    ({}, "kind"),
    ({"kind": "report"}, "text"),
    ({**typed(), "text": 5}, "text"),
    ({**typed(), "colour": "red"}, "colour"),
    ({**typed(), "consents": "sms"}, "consents"),
    ({**typed(), "consents": ["everything"]}, "consents"),
    ({**typed(), "lat": "north", "lng": 107}, "position"),
    ({**typed(), "lat": True}, "lat"),
    ({**typed(), "language": "fr"}, "language"),
    ({**typed(), "name": "A\r\nB"}, "name"),
    ({**typed(), "text": "x\u0000" * 20}, "text"),
    ({**typed(), "place": ["a"]}, "place"),
]


@pytest.mark.parametrize(("body", "field"), BAD, ids=[f"{field}-{n}" for n, (_, field) in enumerate(BAD)])
def test_a_bad_field_is_named_with_what_to_do(client: FlaskClient, door: Door, body: Any, field: str) -> None:
    answer = client.post(URL, json=body, headers={"Accept-Language": "en"})

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json
    assert field in [error["field"] for error in answer.json["errors"]]
    assert all(error["detail"] for error in answer.json["errors"])
    assert outbox_of(door) == []


@pytest.mark.parametrize(
    ("data", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"x", "text/plain", 415),
        (b"", "", 415),
        (b"not a form", "multipart/form-data; boundary=x", 422),
    ],
)
def test_a_body_that_is_none_is_refused_politely(
    client: FlaskClient, data: bytes, media_type: str, status: int
) -> None:
    answer = client.post(URL, data=data, content_type=media_type)

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


def test_words_of_a_refusal_follow_the_callers_language(client: FlaskClient) -> None:
    said = [
        client.post(URL, json={"kind": "report", "text": "x"}, headers={"Accept-Language": tongue}).json
        for tongue in ("vi", "en")
    ]

    assert "ít nhất 10 ký tự" in said[0]["errors"][0]["detail"]  # type: ignore[index]
    assert "at least 10 characters" in said[1]["errors"][0]["detail"]  # type: ignore[index]


def test_who_files_too_fast_is_told_when_to_come_back(service: Any, clock: Any) -> None:
    door: Door = service.app.extensions["door"]
    for _ in range(door.limits.filing_by_program):
        door.programs.take("127.0.0.0/24", clock.now())

    answer = service.app.test_client().post(URL, json=typed())

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"


def test_filing_costs_few_statements(client: FlaskClient, door: Door) -> None:
    said: list[str] = []
    event.listen(door.database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))

    client.post(URL, json=typed())

    asked = [statement.split()[0] for statement in said if not statement.startswith(("BEGIN", "COMMIT"))]
    assert len(asked) <= 6, said
