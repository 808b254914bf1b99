"""One's own data: taken home whole by who holds the secret, asked to be corrected or erased with a clock of its own."""

import io
import json
import zipfile
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from services.intake import store
from services.intake.door import Door
from services.intake.store.contacts import contact_check
from services.intake.store.partners import media_wanted
from shared.events.workflow import PetitionerErased
from tests.intake.builders import a_picture, case_opened, hear
from tests.intake.test_after import petition_of
from tests.intake.test_web import code_of, filed, outbox_of


def taken_home(client: FlaskClient, token: str) -> tuple[dict[str, Any], zipfile.ZipFile]:
    answer = client.get(f"/t/{token}/du-lieu.zip")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == "attachment; filename=du-lieu.zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    return json.loads(archive.read("du-lieu.json")), archive


def test_all_that_is_held_is_taken_home_with_its_files(client: FlaskClient, door: Door) -> None:
    token = filed(client, email="anh.nth@example.vn", name="Nguyễn Thị Hồng Ánh")
    photo = (io.BytesIO(a_picture()), "anh.jpg")
    client.post(f"/t/{token}/bo-sung", data={"text": "Xin xem ảnh", "files": photo})
    hear(door.database, case_opened(petition_of(door, token)))

    known, archive = taken_home(client, token)

    assert known["words"]["name"] == "Nguyễn Thị Hồng Ánh"
    assert known["words"]["email"] == "anh.nth@example.vn"
    assert "Xin xem ảnh" in json.dumps(known["story"], ensure_ascii=False)
    assert [one["media_type"] for one in known["files"]] == ["image/jpeg"]
    assert archive.namelist() == ["du-lieu.json", "tep-1.jpg"]
    assert archive.read("tep-1.jpg")[:2] == b"\xff\xd8"


def test_what_a_denouncer_sent_locked_stays_locked_and_the_file_tells_no_code(client: FlaskClient) -> None:
    token = filed(client, kind="denunciation")
    photo = (io.BytesIO(a_picture()), "anh.jpg")
    client.post(f"/t/{token}/bo-sung", data={"text": "Xin xem ảnh", "files": photo})

    known, archive = taken_home(client, token)

    assert [one["is_locked"] for one in known["files"]] == [True]
    assert archive.namelist() == ["du-lieu.json"]


def test_nobody_without_the_link_takes_anything(client: FlaskClient) -> None:
    token = filed(client, phone="0905 123 456")
    code = code_of(client, token)
    client.post("/theo-doi", data={"code": code, "digits": "3456"})

    assert client.get(f"/theo-doi/{code}").status_code == 200
    assert client.get(f"/theo-doi/{code}/du-lieu.zip").status_code == 404
    assert client.get("/t/" + "a" * 26 + "/du-lieu.zip").status_code == 404


def test_a_request_is_a_petition_with_a_code_of_its_own(client: FlaskClient, door: Door) -> None:
    token = filed(client, email="anh.nth@example.vn")
    sent = {"right": "erase", "words": "", "once": "một-lần"}

    first = client.post(f"/t/{token}/du-lieu", data=sent)
    again = client.post(f"/t/{token}/du-lieu", data=sent)

    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Location"] == again.headers["Location"]
    assert outbox_of(door).count("petition.filed.v1") == 2
    asked = first.headers["Location"].rsplit("/", 1)[1]
    page = client.get(f"/t/{asked}").text
    assert "Yêu cầu xóa dữ liệu cá nhân" in page
    assert code_of(client, token) in page


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"words": "Sai tên"}, "right"), ({"right": "correct"}, "words"), ({"right": "tất cả"}, "right")],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    client: FlaskClient, door: Door, typed: dict[str, str], field: str
) -> None:
    token = filed(client)

    page = client.post(f"/t/{token}/du-lieu", data=typed)

    assert page.status_code == 422
    assert f'href="#{field}"' in page.text
    assert typed.get("words", "") in page.text
    assert outbox_of(door).count("petition.filed.v1") == 1


@pytest.mark.parametrize("kind", ["complaint", "denunciation"])
def test_of_what_protects_its_sender_no_other_petition_speaks(client: FlaskClient, door: Door, kind: str) -> None:
    token = filed(client, kind=kind, name="Nguyễn Văn A", address="12 Lê Lợi")

    assert "gửi yêu cầu bằng văn bản" in client.get(f"/t/{token}/du-lieu").text
    assert client.post(f"/t/{token}/du-lieu", data={"right": "erase"}).status_code == 409
    assert outbox_of(door).count("petition.filed.v1") == 1


def test_a_report_that_is_kept_among_few_is_protected_too(client: FlaskClient, door: Door) -> None:
    token = filed(client)
    hear(door.database, case_opened(petition_of(door, token), is_restricted=True))

    assert client.post(f"/t/{token}/du-lieu", data={"right": "erase"}).status_code == 409


def test_of_a_doubted_petition_no_request_leads_to_a_message(client: FlaskClient, door: Door) -> None:
    token = filed(client, email="anh.nth@example.vn", website="http://shop.example")

    answer = client.post(f"/t/{token}/du-lieu", data={"right": "erase"})

    assert answer.status_code == 303
    assert outbox_of(door).count("petition.filed.v1") == 2
    assert outbox_of(door).count("contact.given.v1") == 1


def test_an_erasure_leaves_no_list_to_send_and_no_picture_to_fetch(client: FlaskClient, door: Door) -> None:
    token = filed(client, email="anh.nth@example.vn")
    petition_id = petition_of(door, token)
    client.post("/ho-so-cua-toi", data={"address": "anh.nth@example.vn"})
    with door.database.writing() as tx:
        store.want_media(tx, petition_id, "https://example.vn/anh.jpg")
        assert tx.connection.execute(select(contact_check.c.address)).scalars().all() == ["anh.nth@example.vn"]

    erased = PetitionerErased(petition_id=petition_id, actor="u:a", asked_by="u:b", request_id=uuid4())
    hear(door.database, erased)

    with door.database.reading() as look:
        assert look.connection.execute(select(contact_check)).all() == []
        assert look.connection.execute(select(media_wanted)).all() == []
