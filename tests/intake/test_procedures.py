"""Procedures as everybody reads them: by field, found without accents, each on a page and on paper."""

import json
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from services.intake.door import Door
from services.intake.reactions import keep_document
from shared.clock import MovableClock
from shared.events.base import Sealed
from shared.events.workflow import ConfigChanged
from shared.outbox import outbox
from tests.builders import an_event
from tests.intake.test_web import filed
from tests.support import ROOT

FILE = ROOT / "config" / "procedures.json"


def publish(door: Door, *, valid_from: date = date(2026, 11, 23), version: int = 1, **changed: Any) -> None:
    """The desk published the catalogue anew, with VT-01 changed."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    found["procedures"][0] |= changed
    text = Sealed(json.dumps(found))
    told = an_event(ConfigChanged, name="procedures.json", version=version, valid_from=valid_from, text=text)
    with door.database.writing() as tx:
        keep_document(tx, told)


def test_s19_every_procedure_that_holds_stands_under_its_field(client: FlaskClient) -> None:
    page = client.get("/thu-tuc").text

    assert "Cấp giấy phép kinh doanh vận tải bằng xe ô tô" in page
    assert "5 ngày làm việc" in page
    assert "Đổi giấy phép lái xe" not in page
    assert "https://dichvucong.gov.vn" in page


@pytest.mark.parametrize("typed", ["phu hieu xe", "PHÙ HIỆU", "vt-02"])
def test_s12b_a_procedure_is_found_without_accents(client: FlaskClient, typed: str) -> None:
    page = client.get("/thu-tuc", query_string={"q": typed}).text

    assert "/thu-tuc/VT-02" in page
    assert "/thu-tuc/XD-01" not in page


def test_s19_a_page_says_papers_steps_days_fees_and_where_it_comes_from(client: FlaskClient) -> None:
    page = client.get("/thu-tuc/DB-02").text

    for said in ("Đơn đề nghị cấp phép thi công", "7 ngày làm việc", "Không thu", "Luật Đường bộ 2024", "theo trí nhớ"):
        assert said in page


def test_s19_a_procedure_that_ended_says_so_and_is_not_printed(client: FlaskClient) -> None:
    page = client.get("/thu-tuc/LX-01")

    assert page.status_code == 200
    assert "Từ 01/3/2025 việc này do Công an giải quyết" in page.text
    assert client.get("/thu-tuc/LX-01/in").status_code == 404
    assert client.get("/thu-tuc/XX-99").status_code == 404


def test_s21_the_poster_bears_version_date_address_and_a_square(client: FlaskClient) -> None:
    paper = client.get("/thu-tuc/VT-01/in").text

    assert "Bản 1, áp dụng từ 01/03/2025" in paper
    assert "In ngày 23/11/2026." in paper
    assert "127.0.0.1:8000/thu-tuc/VT-01<" in paper
    assert "<svg" in paper


def test_s20b_what_the_desk_publishes_is_read_at_once_and_from_its_day(
    client: FlaskClient, door: Door, clock: MovableClock
) -> None:
    publish(door, days=4, version=1)
    publish(door, days=3, version=2, valid_from=date(2026, 12, 1))

    today = client.get("/thu-tuc/VT-01").text
    clock.move_to(datetime.fromisoformat("2026-12-01T00:01+07:00"))
    later = client.get("/thu-tuc/VT-01").text

    assert "4 ngày làm việc" in today
    assert "3 ngày làm việc" in later


def test_documents_that_are_not_for_citizens_are_not_kept(door: Door) -> None:
    told = an_event(ConfigChanged, name="topics.json", text=Sealed(None), document=uuid4())

    with door.database.writing() as tx:
        keep_document(tx, told)

    with door.database.reading() as look:
        assert len(door.procedures.on_day(look, date(2026, 11, 23)).rows) == 9


def test_s20a_who_comes_from_a_procedure_says_which_it_is_about(client: FlaskClient, door: Door) -> None:
    form = client.get("/gui?loai=procedure_feedback&thu-tuc=DB-02").text
    filed(client, kind="procedure_feedback", procedure="DB-02")
    client.delete_cookie("draft")
    filed(client, kind="report", procedure="DB-02")

    with door.database.reading() as look:
        rows = look.connection.execute(outbox.select().order_by(outbox.c.id)).all()
    told = [door.database.codec.read(bytes(row.body))[1] for row in rows]
    assert "Cấp phép thi công công trình trên đường bộ đang khai thác" in form
    assert [one.procedure for one in told] == ["DB-02", None]  # type: ignore[attr-defined]
