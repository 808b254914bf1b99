"""What helps about a topic: beside it on the form, before sending, and when something is asked. Never a barrier."""

import json
from datetime import date

from flask.testing import FlaskClient

from services.intake import store
from services.intake.domain.secret import hashed
from services.intake.door import Door
from services.intake.reactions import keep_document
from shared.events.base import Sealed
from shared.events.workflow import ConfigChanged
from tests.builders import an_event
from tests.intake.builders import a_picture, case_opened, hear, info_requested
from tests.intake.test_web import filed, fill, send
from tests.support import ROOT

TELL = "Ghi tên đường và số nhà hay cột mốc gần nhất"
LEAD = "Để chúng tôi xử lý được ngay"
MISSING = "Nên thêm, không bắt buộc"


def test_s25_what_helps_stands_beside_the_topic_once_it_is_chosen(client: FlaskClient) -> None:
    assert LEAD not in client.get("/gui").text
    assert TELL in client.get("/gui?linh-vuc=C01").text
    assert TELL in client.get("/gui/huong-dan?linh-vuc=C01").text
    assert "nearest house number" in client.get("/gui/huong-dan?linh-vuc=C01&lang=en").text
    assert client.get("/gui/huong-dan?linh-vuc=C99").text == ""


def test_s25_what_helps_and_what_is_missing_is_said_before_sending(client: FlaskClient) -> None:
    fill(client, topic="C01", place="Trước số 12 Lê Lợi")
    without_photo = client.get("/kiem-tra").text
    sent = send(client)

    assert TELL in without_photo
    assert MISSING in without_photo
    assert '/gui#files">ảnh hoặc tệp</a>.' in without_photo
    assert '/gui#place">địa điểm' not in without_photo
    assert sent.status_code == 303


def test_s25_nothing_is_called_missing_that_is_there(client: FlaskClient) -> None:
    fill(client, (a_picture(), "o-ga.jpg"), topic="C01", place="Trước số 12 Lê Lợi")

    page = client.get("/kiem-tra").text

    assert TELL in page
    assert MISSING not in page


def test_s25_who_is_asked_reads_what_helps_beside_the_question(client: FlaskClient, door: Door) -> None:
    token = filed(client, topic="C01")
    before = client.get(f"/t/{token}").text
    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(token))
    assert found
    hear(door.database, case_opened(found.id))
    hear(door.database, info_requested(found.id))

    after = client.get(f"/t/{token}").text

    assert LEAD not in before
    assert TELL in after


def test_s25_what_the_desk_publishes_is_told_at_once(client: FlaskClient, door: Door) -> None:
    text = json.loads((ROOT / "config" / "guidance.json").read_text(encoding="utf-8"))
    text["texts"][0]["text"] = "Gửi ảnh hố và ảnh biển tên đường."
    told = an_event(
        ConfigChanged, name="guidance.json", version=1, valid_from=date(2026, 11, 23), text=Sealed(json.dumps(text))
    )
    with door.database.writing() as tx:
        keep_document(tx, told)

    assert "Gửi ảnh hố và ảnh biển tên đường." in client.get("/gui?linh-vuc=C01").text
