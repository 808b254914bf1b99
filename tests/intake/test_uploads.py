"""Files that go by themselves: kept with the draft, once each, counted, and for nobody else."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.intake.tiles import Tiles
from shared.settings import BadSetting, Environment
from tests.intake.builders import a_pdf, a_picture

WORDS = {"kind": "report", "text": "Ổ gà sâu giữa làn xe máy, rất nguy hiểm."}


def send(client: FlaskClient, data: bytes, name: str = "a.jpg") -> Any:
    return client.post("/gui/tep", data={"files": (io.BytesIO(data), name)})


def test_a_file_stays_with_the_draft_and_comes_to_the_check_page(client: FlaskClient) -> None:
    answer = send(client, a_pdf(), "đơn.pdf")

    assert answer.status_code == 200
    assert "đơn.pdf" in answer.text
    assert answer.text.strip().startswith("<li>")
    assert "đơn.pdf" in client.get("/gui").text
    client.post("/gui", data=WORDS)
    assert 'title="đơn.pdf"' in client.get("/kiem-tra").text


def test_a_file_that_is_sent_again_after_a_lost_reply_is_kept_once(client: FlaskClient) -> None:
    first, second = send(client, a_picture()), send(client, a_picture())

    assert first.text == second.text
    assert client.get("/gui").text.count('name="drop"') == 1


def test_a_fifth_file_is_refused_in_words(client: FlaskClient) -> None:
    for n in range(4):
        send(client, a_picture(size=(10 + n, 10)))

    answer = send(client, a_picture(size=(50, 50)))

    assert (answer.status_code, answer.text) == (422, "Bạn gửi được nhiều nhất 4 tệp. Hãy bỏ bớt")


@pytest.mark.parametrize("data", [b"MZ a program", b"", b"<svg onload=alert(1)>"])
def test_what_is_no_file_of_ours_is_refused_as_plain_text(client: FlaskClient, data: bytes) -> None:
    answer = send(client, data, "<b>x</b>.exe")

    assert answer.status_code == 422
    assert answer.content_type == "text/plain; charset=utf-8"
    assert "<b>" not in answer.text


def test_a_body_without_a_file_is_refused(client: FlaskClient) -> None:
    assert client.post("/gui/tep").status_code == 422


def test_a_file_too_large_is_refused_before_it_is_read(client: FlaskClient) -> None:
    assert send(client, b"x" * (12 * 2**20)).status_code == 413


def test_files_of_one_browser_are_not_those_of_another(client: FlaskClient, service: Any) -> None:
    send(client, a_pdf(), "đơn.pdf")

    assert "đơn.pdf" not in service.app.test_client().get("/gui").text


def test_the_kept_form_is_the_same_for_everybody(client: FlaskClient) -> None:
    client.post("/gui", data=WORDS | {"phone": "0905123456"})
    send(client, a_pdf(), "đơn.pdf")

    kept = client.get("/gui/trong").text

    assert WORDS["text"] not in kept
    assert "0905123456" not in kept
    assert "đơn.pdf" not in kept


def test_another_language_has_another_worker(client: FlaskClient) -> None:
    vietnamese, english = client.get("/sw.js?l=vi").text, client.get("/sw.js?l=en").text

    assert "/gui/trong?lang=vi" in vietnamese
    assert "/gui/trong?lang=en" in english
    assert vietnamese.split("\n")[1] != english.split("\n")[1]


def test_without_a_tile_server_there_is_no_map_and_no_other_host(client: FlaskClient) -> None:
    page = client.get("/gui")

    assert "data-map" not in page.text
    assert "leaflet" not in page.text
    assert "img-src 'self' data: blob:;" in page.headers["Content-Security-Policy"]


def tiles(**given: str) -> Tiles | None:
    return Tiles.read(Environment(given))


def test_tiles_name_the_one_host_that_may_show_pictures() -> None:
    found = tiles(MAP_TILE_URL="https://t.example.vn:8443/a/{z}/{x}/{y}.png", MAP_MAX_ZOOM="17")

    assert found
    assert (found.origin, found.max_zoom) == ("https://t.example.vn:8443", 17)
    own = tiles(MAP_TILE_URL="/tiles/{z}/{x}/{y}.png")
    assert own
    assert own.origin == ""
    assert tiles() is None


@pytest.mark.parametrize(
    "url",
    [
        "https://{s}.example.vn/{z}/{x}/{y}.png",
        "https://t.example.vn/{z}/{x}.png",
        "//t.example.vn/{z}/{x}/{y}.png",
        "javascript:{z}{x}{y}",
        "https://a.example;script-src *//{z}/{x}/{y}",
        "https://*/{z}/{x}/{y}.png",
    ],
)
def test_an_address_of_tiles_that_opens_more_than_one_host_is_refused(url: str) -> None:
    with pytest.raises(BadSetting, match="MAP_TILE_URL"):
        tiles(MAP_TILE_URL=url)


def test_uploads_have_a_limit_of_their_own(service: Any) -> None:
    assert service.app.extensions["door"].limits.uploads == "240 per minute"
