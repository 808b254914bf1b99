"""The public page: honest, private, readable, and to be taken away."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from services.insight import store
from services.insight.__main__ import build
from services.insight.web import export, make_pages
from services.insight.web.asked import read_questionnaire
from services.insight.web.names import Names, read_names
from shared import migrate
from shared.clock import MovableClock
from shared.db import Database
from shared.events.intake import PetitionFiled
from shared.service import migrations_of
from shared.settings import Settings
from tests.conftest import MakeDatabase
from tests.insight.builders import Story, a_story, rated, tell
from tests.support import NOON

TODAY = date(2026, 11, 23)
RECEIVED, DUE = TODAY - timedelta(days=20), TODAY - timedelta(days=11)
NAMES = Names(
    units={"KCHT": {"vi": "Phòng Hạ tầng", "en": "Infrastructure"}, "VTPT": {"vi": "=VTPT", "en": "=VTPT"}},
    topics={"C01": {"vi": "Ổ gà", "en": "Potholes"}},
    wishes={"faster": {"vi": "Giải quyết, trả lời nhanh hơn", "en": "Be quicker"}},
    asked={
        "T1": {"vi": "Thời gian xử lý", "en": "Time taken"},
        "T3": {"vi": "Thái độ của người xử lý", "en": "Attitude of the handler"},
        "T5": {"vi": "Hài lòng chung", "en": "Overall"},
    },
)


@pytest.fixture
def database(make_database: MakeDatabase) -> Database:
    return make_database(store.metadata, "insight")


@pytest.fixture
def client(database: Database, make_settings: Callable[..., Settings]) -> FlaskClient:
    settings = make_settings("insight")
    return make_pages(settings, database, NAMES, read_questionnaire(settings.config_dir)).test_client()


def in_time(unit: str = "KCHT", rating: int | None = None) -> Story:
    return a_story(received=RECEIVED, due=DUE, answer=DUE, rating=rating, unit=unit)


def page(client: FlaskClient, address: str = "/so-lieu?lang=vi") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def rows_of(client: FlaskClient, table: str) -> list[dict[str, str]]:
    answer = client.get(f"/so-lieu/{table}.csv?lang=vi")
    assert answer.get_data().startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig")), delimiter=";"))


def test_before_the_first_petition_the_page_says_what_it_will_show(client: FlaskClient) -> None:
    empty = page(client)

    assert "Chưa có số liệu" in empty
    assert empty.count("dot none") == 200  # a hundred in each of the two drawings
    assert "0%" not in empty.partition("<body")[2]


def test_s12a_public_figures_count_who_still_waits_against_us(client: FlaskClient, database: Database) -> None:
    tell(database, *[in_time() for _ in range(7)], *[a_story(received=RECEIVED, due=DUE) for _ in range(3)])

    shown = page(client)

    assert "10 hồ sơ đến hạn, 7 được trả lời đúng hạn" in shown
    assert "3 hồ sơ đã quá hạn mà người gửi vẫn đang chờ" in shown
    assert "Số tạm tính" in shown


def test_four_ratings_are_shown_nowhere(client: FlaskClient, database: Database) -> None:
    tell(database, *[in_time(rating=1) for _ in range(4)])

    shown, numbers = page(client), json.loads(client.get("/so-lieu/so-lieu.json").get_data())

    assert "Chưa đơn vị nào có đủ 5 phiếu" in shown
    assert "dưới 5 phiếu" in shown
    assert numbers["satisfaction"] is None
    assert numbers["response"] is None
    assert numbers["units"][0]["satisfaction"] is None
    assert rows_of(client, "don-vi")[0]["Số phiếu"] == ""


def test_five_ratings_are_shown_with_interval_and_warning(client: FlaskClient, database: Database) -> None:
    tell(database, *[in_time(rating=mark) for mark in (5, 5, 4, 3, 2)])

    shown, line = page(client), rows_of(client, "don-vi")[0]

    assert "60% hài lòng trở lên; với 5 phiếu" in shown
    assert "23,1–88,2" in shown
    assert "Ít phiếu" in shown
    assert line["Hài lòng trở lên (%)"] == "60,00"
    assert (line["Khoảng tin cậy từ"], line["đến"]) == ("23,07", "88,24")


def test_s16a_each_aspect_is_shown_with_its_interval_and_number(client: FlaskClient, database: Database) -> None:
    for mark in (5, 5, 4, 3, 2):
        story = in_time()
        petition_id = next(heard.petition_id for _, heard in story if isinstance(heard, PetitionFiled))
        tell(database, [*story, (DUE, rated(petition_id, 4, t3=mark))])

    shown = page(client)

    assert "Thấp nhất: thái độ của người xử lý, 60% hài lòng trở lên; với 5 phiếu" in shown
    assert "dưới 5 phiếu" in shown  # the others


def test_s16b_what_people_wish_for_is_shown_by_topic_and_can_be_taken_away(
    client: FlaskClient, database: Database
) -> None:
    for words in ("Chậm quá", "cho lau qua", "Mong Sở giải quyết nhanh hơn", "Trễ hẹn hai lần!", "Chờ lâu"):
        story = in_time()
        petition_id = next(heard.petition_id for _, heard in story if isinstance(heard, PetitionFiled))
        tell(database, [*story, (DUE, rated(petition_id, 2, words=words))])

    shown = page(client)

    assert "Nhiều nhất: giải quyết, trả lời nhanh hơn, 5 người" in shown
    assert rows_of(client, "mong-muon")[0]["Mã"] == "faster"
    assert client.get("/so-lieu/so-lieu.json").json["wishes"] == [{"wish": "faster", "count": 5, "topics": {"C01": 5}}]


def test_the_index_is_never_called_the_official_one(client: FlaskClient, database: Database) -> None:
    tell(database, *[in_time(rating=4) for _ in range(5)])

    for address in ("/so-lieu?lang=vi", "/so-lieu/cach-tinh?lang=vi"):
        shown = page(client, address)
        assert "theo cấu trúc SIPAS" in shown
        assert "Chỉ số SIPAS" not in shown


def test_every_chart_has_its_finding_and_its_table(client: FlaskClient, database: Database) -> None:
    tell(database, *[in_time(rating=4) for _ in range(30)])

    shown = page(client)

    charts = re.findall(r'<section class="chart">.*?</section>', shown, re.DOTALL)
    assert len(charts) == 8
    for chart in charts:
        assert re.search(r"</h2><p>\w.+?</p>", chart)
        assert "<details>" in chart
        assert chart.count("<svg") in (0, 2)
    assert "style=" not in shown
    assert "<script>" not in shown


def test_the_page_speaks_english(client: FlaskClient, database: Database) -> None:
    tell(database, *[in_time(rating=4) for _ in range(5)])

    shown = page(client, "/so-lieu?lang=en")

    assert "5 cases due, 5 answered on time" in shown
    assert "Infrastructure" in shown


@pytest.mark.parametrize("name", ["thang", "quy", "nam", "12-thang", "khong-co"])
def test_every_period_has_its_page(client: FlaskClient, database: Database, name: str) -> None:
    tell(database, in_time())

    assert 'aria-current="true"' in page(client, f"/so-lieu?ky={name}")


def test_no_cell_of_a_table_is_a_formula(client: FlaskClient, database: Database) -> None:
    tell(database, in_time(unit="VTPT"))

    assert rows_of(client, "don-vi")[0]["Đơn vị"] == "'=VTPT"
    for start in "=+-@\t\r\n":
        assert export.as_csv(["x"], [[start + "1"]]).decode("utf-8-sig").splitlines()[1].lstrip('"')[0] == "'"


def test_s12a_tables_of_units_months_and_topics_are_public_and_add_up(client: FlaskClient, database: Database) -> None:
    tell(database, in_time(), in_time(unit="VTPT"), a_story(received=RECEIVED, due=DUE))

    totals = {
        table: sum(int(row["Đến hạn"]) for row in rows_of(client, table)) for table in ("don-vi", "thang", "linh-vuc")
    }

    assert totals == {"don-vi": 3, "thang": 3, "linh-vuc": 3}
    assert client.get("/so-lieu/khac.csv").status_code == 404


def test_pages_may_be_kept_a_minute_and_are_asked_for_by_their_content(client: FlaskClient) -> None:
    first = client.get("/so-lieu?lang=vi")
    again = client.get("/so-lieu?lang=vi", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert all({"Accept-Language", "Cookie"} <= set(page.vary) for page in (first, client.get("/so-lieu/don-vi.csv")))
    assert again.status_code == 304


def test_codes_without_a_name_are_shown_as_they_are(client: FlaskClient, database: Database) -> None:
    tell(
        database,
        *[a_story(received=RECEIVED, due=DUE, answer=DUE, unit="OLD", topic="C99") for _ in range(5)],
    )

    shown = page(client)

    assert "OLD" in shown
    assert "C99" in shown


def test_the_service_is_put_together_with_the_names_in_config(make_settings: Callable[..., Settings]) -> None:
    service = build(make_settings("insight"), clock=MovableClock(NOON))

    migrate.upgrade(service.database.engine, migrations_of("insight"))

    assert "Chưa có số liệu" in page(service.app.test_client())
    assert service.hears == ("intake", "workflow", "notify")
    assert read_names(service.settings.config_dir).unit("KCHT") != "KCHT"
    service.database.close()
