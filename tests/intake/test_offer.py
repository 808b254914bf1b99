"""What is offered before sending, and the questions that people keep asking."""

import json
import shutil
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from services.intake.catalogue import read_catalogue
from services.intake.domain.danger import Danger, speaks_of_danger
from shared.clock import MovableClock
from shared.config import BadConfig
from shared.db import Database
from shared.events.base import Sealed
from shared.events.workflow import PublicationPosted
from tests.intake.builders import hear
from tests.intake.by_steps import walk
from tests.intake.test_register import HOME, show
from tests.support import ROOT

TYPED = {"kind": "report", "topic": "C01", "ward": "thuan-hoa", "text": "ổ gà sâu trước trường Quốc Học, xe suýt ngã"}


def post(database: Database, **given: Any) -> None:
    usual: dict[str, Any] = {
        "publication_id": uuid4(),
        "actor": "u:head",
        "prepared_by": "u:officer",
        "number": "2026-01",
        "kind": "guide",
        "channels": ("web",),
        "campaign": None,
        "unit": "NL",
        "starts_on": date(2026, 11, 1),
        "ends_on": None,
        "title": Sealed("Đổi bằng lái xe cần giấy tờ gì?"),
        "text": Sealed("Mang bằng lái cũ và giấy khám sức khỏe đến bộ phận một cửa."),
    }
    hear(database, PublicationPosted(**usual | given))


def checked(client: FlaskClient, **typed: str) -> str:
    client.post("/gui", data=TYPED | typed, headers=HOME)
    page = client.get("/kiem-tra")
    assert page.status_code == 200
    return page.text


def test_s10b_guides_and_answers_are_found_without_accents_while_they_hold(service: Any, client: FlaskClient) -> None:
    post(service.database)
    post(service.database, number="2026-02", title=Sealed("Đổi bằng lái năm 2025"), ends_on=date(2026, 11, 2))
    show(
        service.database,
        title=Sealed("Đổi bằng lái bị trả lại hồ sơ"),
        answer=Sealed("Đã nhận lại."),
        answered_on=date(2026, 11, 22),
        is_on_time=True,
    )

    page = client.get("/hoi-dap?q=doi bang lai").text

    assert "/cong-khai/2026-01" in page
    assert "/cong-khai/2026-02" not in page
    assert "/so-phan-anh/2026-0001" in page
    assert "/cong-khai/2026-01" in client.get("/hoi-dap").text


def test_s10b_what_may_already_answer_is_offered_before_sending(service: Any, client: FlaskClient) -> None:
    post(service.database)

    asked = checked(client, topic="C18", text="Cho tôi hỏi đổi bằng lái xe thì cần giấy tờ gì ạ")
    other = checked(client)

    assert "Đổi bằng lái xe cần giấy tờ gì?" in asked
    assert "Đổi bằng lái xe cần giấy tờ gì?" not in other


def test_a_public_case_that_is_alike_is_offered_with_its_address_and_does_not_block(
    service: Any, client: FlaskClient
) -> None:
    show(service.database)

    page = checked(client)
    elsewhere = checked(client, ward="phu-xuan")

    assert "/so-phan-anh/2026-0001/toi-cung-gap?tu=nhap" in page
    assert "Gửi phản ánh" in page
    assert "/so-phan-anh/2026-0001" not in elsewhere


@pytest.mark.parametrize("kind", ["denunciation", "complaint"])
def test_who_complains_or_denounces_is_offered_nothing_whatever_is_public(
    service: Any, client: FlaskClient, kind: str
) -> None:
    show(service.database)
    post(service.database, title=Sealed("Ổ gà trước trường Quốc Học xử lý thế nào?"))

    walk(client, kind, text=TYPED["text"])
    page = client.get("/gui/buoc/ky").text

    assert 'name="seen"' in page
    assert "/so-phan-anh/" not in page
    assert "/cong-khai/" not in page


TODAY = date(2026, 11, 23)


@cache
def dangers() -> tuple[Danger, ...]:
    return read_catalogue(ROOT / "config").dangers_on(TODAY)


@pytest.mark.parametrize("text", ["Cây đổ chắn ngang đường", "cay do chan ngang duong", "Có tai nạn, người bị thương"])
def test_words_of_danger_are_heard_with_accents_and_without(text: str) -> None:
    assert speaks_of_danger(text, dangers())


def dangers_with(folder: Path, **changed: Any) -> Path:
    """The configuration with the first danger changed."""
    shutil.copytree(ROOT / "config", folder / "config")
    file = folder / "config" / "dangers.json"
    found = json.loads(file.read_text(encoding="utf-8"))
    found["dangers"][0] |= changed
    file.write_text(json.dumps(found), encoding="utf-8")
    return folder / "config"


def test_a_danger_is_looked_for_on_its_days_alone(tmp_path: Path) -> None:
    found = read_catalogue(dangers_with(tmp_path, phrases=["bão số 9"], valid_to="2026-11-23"))

    assert speaks_of_danger("Bão số 9 làm đổ biển báo", found.dangers_on(TODAY))
    assert not speaks_of_danger("Bão số 9 làm đổ biển báo", found.dangers_on(TODAY + timedelta(days=1)))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"phrases": []}, "phrases: at least one"),
        ({"phrases": ["Cháy to"]}, "phrases: 'Cháy to' is not words in small letters"),
        ({"phrases": [""]}, "phrases: '' is not words in small letters"),
        ({"phrases": ["  "]}, "phrases: '  ' is not words in small letters"),
        ({"source": " "}, "source: there are no words"),
        ({"valid_from": "2027-01-01", "valid_to": "2026-01-01"}, "valid_to: before valid_from"),
        ({"phrase": ["cháy"]}, "phrase"),
        ({"phrases": "cháy"}, "phrases"),
    ],
)
def test_a_danger_that_makes_no_sense_is_refused_by_file_row_and_field(
    tmp_path: Path, changed: dict[str, Any], why: str
) -> None:
    with pytest.raises(BadConfig) as refused:
        read_catalogue(dangers_with(tmp_path, **changed))

    assert str(refused.value).startswith("dangers.json, dangers, row")
    assert "crash" in str(refused.value)
    assert why in str(refused.value)


def test_ordinary_words_are_no_danger_and_words_of_danger_put_the_numbers_first(
    service: Any, client: FlaskClient
) -> None:
    assert not speaks_of_danger("Xe buýt số 11 hay bỏ chuyến buổi sáng", dangers())
    assert "Đang nguy hiểm đến người?" in checked(client, text="Dây điện đứt nằm trên đường, có người bị thương")
    assert "Đang nguy hiểm đến người?" not in checked(client, text="Xe buýt số 11 hay bỏ chuyến buổi sáng")


def test_notices_in_force_and_three_figures_stand_on_the_first_page(
    service: Any, client: FlaskClient, clock: MovableClock
) -> None:
    post(service.database, kind="notice", title=Sealed("Cấm cầu Trường Tiền đêm 30/11"), ends_on=date(2026, 12, 30))
    post(service.database, kind="notice", number="2026-03", title=Sealed("Nghỉ lễ 2/9"), ends_on=date(2026, 11, 3))
    before = client.get("/").text
    show(service.database, answered_on=date(2026, 11, 22), is_on_time=True)

    clock.move_to(clock.now() + timedelta(minutes=2))  # the figures are counted once a minute
    page = client.get("/").text

    assert "Cấm cầu Trường Tiền đêm 30/11" in page
    assert "Nghỉ lễ 2/9" not in page
    assert "việc đã công bố" not in before
    assert "trả lời đúng hạn" in page
