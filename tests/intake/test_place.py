"""Places on numbered roads: read as people write them, written as the posts say, and told to the desk in one line."""

import json
import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from services.intake import store
from services.intake.catalogue import read_catalogue
from services.intake.domain.petition import Refused, check_petition
from services.intake.domain.place import PlaceUnknown, Road, on_road, read_post, read_road, write_post
from shared.config import BadConfig
from tests.intake.builders import CHOICES, typed
from tests.support import ROOT

QL1A = Road("QL1A", "Quốc lộ 1A", "National Road 1A", ("QL1",), 790, 906, None, None, "test", "medium")
ROADS = (QL1A,)


@pytest.mark.parametrize(
    ("written", "metres"),
    [
        ("Km 824+300", 824_300),
        ("km824.3", 824_300),
        ("824,3", 824_300),
        ("824+300", 824_300),
        ("KM 824 + 300 m", 824_300),
        ("cột km 824", 824_000),
        ("K0+50", 50),
        ("Km1+5", 1_005),
    ],
)
def test_a_post_is_read_as_people_write_it(written: str, metres: int) -> None:
    assert read_post(written) == metres


@pytest.mark.parametrize(
    "written", ["", "km", "824+3000", "Km 824+300 trái tuyến", "3001", "-5", "8 2 4", "1e3", "٣٣+"]
)
def test_what_is_no_post_is_refused(written: str) -> None:
    with pytest.raises(PlaceUnknown):
        read_post(written)


@given(
    st.integers(0, 3000),
    st.integers(0, 999),
    st.sampled_from(["Km {}+{:03}", "km{}.{:03}", "{},{:03}", "K{} + {:03}m"]),
)
def test_a_post_comes_back_from_every_spelling(km: int, metres: int, spelling: str) -> None:
    whole = km * 1000 + metres

    assert read_post(spelling.format(km, metres)) == whole
    assert read_post(write_post(whole)) == whole


@given(st.text(max_size=30))
def test_any_text_is_a_post_or_refused_by_name(text: str) -> None:
    with suppress(PlaceUnknown):
        assert 0 <= read_post(text) <= 3_000_999


@given(st.text(max_size=30))
def test_any_text_is_a_road_or_refused_by_name(text: str) -> None:
    with suppress(PlaceUnknown):
        assert read_road(text, ROADS)


@pytest.mark.parametrize("written", ["QL1A", "ql 1a", "QL.1A", "Quốc lộ 1A", "quoc lo 1a", "QL1", "National Road 1A"])
def test_a_road_of_the_list_is_known_by_all_its_names(written: str) -> None:
    assert read_road(written, ROADS) is QL1A


@pytest.mark.parametrize(
    ("written", "code"),
    [("Tỉnh lộ 10A", "ĐT10A"), ("TL 10b", "ĐT10B"), ("đt.4", "ĐT4"), ("quốc lộ 49b", "QL49B"), ("CT 01", "CT01")],
)
def test_a_road_that_is_not_on_the_list_is_taken_by_its_number(written: str, code: str) -> None:
    assert read_road(written, ROADS) == code


@pytest.mark.parametrize("written", ["Lê Lợi", "QL", "1A", "QL1AB", "xyz12", ""])
def test_a_street_is_no_road_with_a_number(written: str) -> None:
    with pytest.raises(PlaceUnknown):
        read_road(written, ROADS)


def test_a_post_outside_the_territory_is_refused_where_the_posts_are_known() -> None:
    with pytest.raises(PlaceUnknown) as refused:
        on_road(QL1A, 2_430_000, None)

    assert refused.value.problem == "off_the_road"
    assert "Km 790" in refused.value.given
    unsure = Road("QL1A", "", "", (), 790, 906, None, None, "test", "low")
    assert on_road(unsure, 1_000, None) == "QL1A, Km 1+000"


def check(**more: str) -> Any:
    return check_petition(typed(**more), choices=replace(CHOICES, roads=ROADS), language="vi")


def test_the_desk_reads_road_and_post_in_one_line_with_the_words() -> None:
    assert check(road="ql1", km="824,3", place="trước cây xăng").place == "QL1A, Km 824+300 – trước cây xăng"
    assert check(road="QL1A").place == "QL1A"
    assert check(place="12 Lê Lợi").place == "12 Lê Lợi"
    assert check().place is None


@pytest.mark.parametrize(
    ("more", "field", "problem"),
    [
        ({"km": "824"}, "road", "needed_for_post"),
        ({"road": "đường làng", "km": "1"}, "road", "not_a_road"),
        ({"road": "QL1A", "km": "xa"}, "km", "not_a_post"),
        ({"road": "QL1A", "km": "12"}, "km", "off_the_road"),
        ({"road": "QL1A\nx"}, "road", "line_break"),
        ({"road": "Q" * 61}, "road", "too_long"),
    ],
)
def test_a_wrong_road_or_post_is_refused_at_its_field(more: dict[str, str], field: str, problem: str) -> None:
    with pytest.raises(Refused) as refused:
        check(**more)

    assert [(one.field, one.problem) for one in refused.value.wrong] == [(field, problem)]


def test_a_road_is_kept_through_form_and_check_and_filed_as_place(client: FlaskClient, service: Any) -> None:
    words = {"kind": "report", "text": "Ổ gà sâu giữa làn xe máy, rất nguy hiểm.", "road": "QL1", "km": "824.3"}

    wrong = client.post("/gui", data=words | {"km": "12"})
    assert wrong.status_code == 422
    assert "Đường này qua địa bàn ở QL1A: Km 790 – Km 906" in wrong.text
    assert 'value="12"' in wrong.text
    assert '<details class="more" open><summary>Phường, xã; số đường và cột km' in wrong.text
    client.post("/gui", data=words)
    page = client.get("/kiem-tra").text
    assert "QL1A, Km 824+300" in page
    client.post("/kiem-tra", data={"seen": page.split('name="seen" value="')[1].split('"')[0]})

    with service.database.reading() as look:
        assert [row.place for row in look.connection.execute(store.petition.select())] == ["QL1A, Km 824+300"]


def test_how_exactly_a_telephone_knew_is_said_before_sending(client: FlaskClient) -> None:
    typed = {"kind": "report", "text": "Ổ gà sâu giữa làn xe máy.", "lat": "16.4637", "lng": "107.5909", "acc": "18"}

    client.post("/gui", data=typed)

    assert "Đã ghi vị trí 16.463700, 107.590900, sai số khoảng 18 m" in client.get("/kiem-tra").text


@pytest.mark.parametrize(
    ("change", "said"),
    [({"confidence": "sure"}, "confidence"), ({"km_to": None}, "km_to"), ({"km_from": 999}, "km_to")],
)
def test_a_slip_in_the_list_of_roads_names_its_row(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    path = tmp_path / "config" / "roads.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["roads"][0] |= change
    path.write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(BadConfig, match=f"roads.json, roads, row QL1A, {said}"):
        read_catalogue(tmp_path / "config")


def test_each_road_that_is_shipped_is_dated_and_sourced() -> None:
    roads = read_catalogue(ROOT / "config").choices_on(date(2026, 11, 30)).roads

    assert all(road.source for road in roads)
    assert len({name for road in roads for name in (road.code, *road.aliases)}) == len(
        [name for road in roads for name in (road.code, *road.aliases)]
    )
