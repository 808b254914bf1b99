"""What programs send is looked at from outside first: nothing of a body is read that is too long or comes too often."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.intake import store
from services.intake.__main__ import build
from services.intake.door import FILING_BODY, WORDS_BODY, Door
from shared.clock import MovableClock
from shared.settings import Settings
from tests.intake.test_open311 import JSON, KEY, POTHOLE, TEST, URL, XML, a_partner
from tests.support import database_url

FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
API = "/api/v1/petitions"


class Unread(io.BytesIO):
    """A body of which no byte may be asked for."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = readinto = read


def send(client: FlaskClient, path: str, sort: str, *, length: int, **more: Any) -> Any:
    given = {"CONTENT_LENGTH": str(length), "wsgi.input": Unread(), **more}
    return client.post(path, content_type=sort, environ_overrides=given)


@pytest.fixture
def guarded(tmp_path: Path, make_settings: Callable[..., Settings], clock: MovableClock) -> Iterator[FlaskClient]:
    """A door where one address may post three times a minute, and bring two wrong keys."""
    limits = {"OPEN311_POSTS_PER_MINUTE": "3", "OPEN311_STRANGERS_PER_MINUTE": "2"}
    with database_url(tmp_path, "intake", tables=store.metadata) as url:
        made = build(make_settings("intake", DATABASE_URL=url, **limits), clock=clock)
        made.database.metadata.create_all(made.database.engine)
        a_partner(made.app.extensions["door"])
        yield made.app.test_client()
        made.database.close()


@pytest.mark.parametrize(("suffix", "media_type"), [("xml", XML), ("json", JSON)])
@pytest.mark.parametrize(("sort", "longest"), [(FORM, WORDS_BODY), (PARTS, FILING_BODY)])
@pytest.mark.parametrize("where", [URL, TEST])
def test_a_body_that_says_it_is_too_long_is_refused_unread_in_the_format_that_was_asked_for(
    client: FlaskClient, where: str, sort: str, longest: int, suffix: str, media_type: str
) -> None:
    answer = send(client, f"{where}/requests.{suffix}", sort, length=longest + 1)

    assert (answer.status_code, answer.content_type) == (413, media_type)
    assert "256 KB" in answer.text


@pytest.mark.parametrize(
    ("sort", "longest"), [("application/json", WORDS_BODY), (FORM, WORDS_BODY), (PARTS, FILING_BODY)]
)
def test_the_json_entrance_refuses_it_unread_too(client: FlaskClient, sort: str, longest: int) -> None:
    assert send(client, API, sort, length=longest + 1).status_code == 413


def test_a_network_that_files_too_fast_is_answered_unread(client: FlaskClient, door: Door, clock: MovableClock) -> None:
    for _ in range(door.limits.filing_by_program):
        door.programs.take("127.0.0.0/24", clock.now())

    answer = send(client, API, "application/json", length=100)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


@pytest.mark.parametrize(("suffix", "media_type"), [("xml", XML), ("json", JSON)])
def test_an_address_that_posts_too_often_is_answered_unread(guarded: FlaskClient, suffix: str, media_type: str) -> None:
    filed = [guarded.post(f"{URL}/requests.json", data=POTHOLE).status_code for _ in range(3)]

    answer = send(guarded, f"{URL}/requests.{suffix}", PARTS, length=1000)
    elsewhere = guarded.post(f"{URL}/requests.json", data=POTHOLE, environ_overrides={"REMOTE_ADDR": "203.0.113.7"})

    assert filed == [200, 200, 200]
    assert (answer.status_code, answer.content_type) == (429, media_type)
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert elsewhere.status_code == 200


def test_who_brings_wrong_keys_is_answered_unread_and_who_brings_right_ones_is_not_counted(
    guarded: FlaskClient,
) -> None:
    good = guarded.post(f"{URL}/requests.json", data=POTHOLE)
    wrong = [
        guarded.post(
            f"{URL}/requests.json",
            data={**POTHOLE, "api_key": f"{KEY}-wrong"},
            environ_overrides={"REMOTE_ADDR": "203.0.113.9"},
        )
        for _ in range(2)
    ]

    again = send(guarded, f"{URL}/requests.json", PARTS, length=1000, REMOTE_ADDR="203.0.113.9")

    assert good.status_code == 200
    assert [one.status_code for one in wrong] == [403, 403]
    assert again.status_code == 429
    assert guarded.post(f"{URL}/requests.json", data=POTHOLE).status_code == 200
