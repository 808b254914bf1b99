"""Judging an answer: one question by link, four more for who likes, one judgement for each answer."""

import json
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from services.intake.catalogue import read_catalogue
from services.intake.domain.petition import Refused
from services.intake.domain.rating import ASPECTS, LEVELS, NO_OPINION, asked_for, read_rating
from services.intake.door import Door
from shared.config import BadConfig
from shared.events.codec import Codec, on_the_wire
from shared.events.intake import PetitionRated
from shared.keys import KeyRing
from shared.outbox import outbox
from tests.intake.test_after import answered
from tests.intake.test_web import outbox_of
from tests.support import ROOT


def chosen(page: str) -> list[str]:
    return re.findall(r'name="score" value="(\d)" checked', page)


def told(door: Door, service: str = "insight") -> list[PetitionRated]:
    """The judgements, as a service reads them."""
    keys = KeyRing.load(Path(door.settings.keys_dir), service)
    codec = Codec(keys)
    with door.database.reading() as look:
        rows = look.connection.execute(outbox.select().order_by(outbox.c.id)).all()
    return [codec.read(on_the_wire(bytes(row.body), row.sealed))[1] for row in rows if row.type == PetitionRated.TYPE]  # type: ignore[misc]


# ---- by link


@pytest.mark.parametrize("level", ["1", "5"])
def test_s16a_a_link_of_the_message_opens_with_its_mark_chosen_and_records_nothing(
    client: FlaskClient, door: Door, level: str
) -> None:
    token, _ = answered(client, door)
    address = f"/t/{token}/danh-gia?diem={level}"

    for _ in range(2):  # a mail scanner opens every link, and asks for heads
        client.head(address)
        page = client.get(address)

    assert chosen(page.text) == [level]
    assert "petition.rated.v1" not in outbox_of(door)
    assert client.post(f"/t/{token}/danh-gia", data={"score": level}).status_code == 303
    assert outbox_of(door).count("petition.rated.v1") == 1


@pytest.mark.parametrize("level", ["", "0", "6", "5 ", "-1", "5'--", "%00", "１"])
def test_a_link_with_another_mark_opens_with_none_chosen(client: FlaskClient, door: Door, level: str) -> None:
    token, _ = answered(client, door)

    page = client.get(f"/t/{token}/danh-gia", query_string={"diem": level})

    assert page.status_code == 200
    assert chosen(page.text) == []


def test_s16a_the_whole_is_asked_first_and_four_aspects_may_be_judged_with_it(client: FlaskClient, door: Door) -> None:
    token, _ = answered(client, door)

    page = client.get(f"/t/{token}/danh-gia").text
    client.post(f"/t/{token}/danh-gia", data={"score": "4", "T1": "2", "T3": "0", "T4": "9", "words": " Chậm "})

    assert page.index('name="score"') < page.index('name="T1"') < page.index('name="T4"')
    assert "Thời gian xử lý phản ánh" in page
    (judged,) = told(door)
    assert (judged.score.value, judged.words.value) == (4, "Chậm")
    assert [mark.value for mark in (judged.t1, judged.t2, judged.t3, judged.t4)] == [2, None, 0, None]


def test_a_mark_that_is_pressed_twice_counts_once_and_the_first_one_stays(client: FlaskClient, door: Door) -> None:
    token, _ = answered(client, door)

    presses = [client.post(f"/t/{token}/danh-gia", data={"score": score}) for score in ("5", "5", "1")]

    assert [press.status_code for press in presses] == [303, 303, 303]
    assert [judged.score.value for judged in told(door)] == [5]
    assert "giữ điểm gửi đầu tiên" in client.get(f"/t/{token}/danh-gia").text


def test_without_a_mark_nothing_is_recorded_and_everything_typed_stays(client: FlaskClient, door: Door) -> None:
    token, _ = answered(client, door)

    refused = client.post(f"/t/{token}/danh-gia", data={"T2": "1", "words": "Trả lời không đúng việc"})

    assert refused.status_code == 422
    assert "Trả lời không đúng việc" in refused.text
    assert 'name="T2" value="1" checked' in refused.text
    assert "<details open>" in refused.text
    assert told(door) == []


def test_s16c_who_has_judged_is_offered_another_look_on_the_same_page_whatever_the_mark(
    client: FlaskClient, door: Door
) -> None:
    token, _ = answered(client, door)

    client.post(f"/t/{token}/danh-gia", data={"score": "3"})

    assert f'href="/t/{token}/mo-lai"' in client.get(f"/t/{token}/danh-gia").text


@pytest.mark.parametrize(
    ("typed", "is_told"), [({"score": "1"}, True), ({"score": "2"}, True), ({"score": "3"}, False)]
)
def test_s16c_of_a_low_mark_the_head_learns_that_it_was_one(
    client: FlaskClient, door: Door, typed: dict[str, str], is_told: bool
) -> None:
    token, _ = answered(client, door)

    page = client.get(f"/t/{token}/danh-gia").text
    client.post(f"/t/{token}/danh-gia", data=typed)

    assert "Khi bạn chấm Không hài lòng, Rất không hài lòng, người đứng đầu đơn vị được báo" in page
    (judged,) = told(door, "workflow")
    assert (judged.is_for_head.value, judged.score.is_open, judged.words.is_open) == (is_told, False, False)


def test_who_does_not_want_it_is_not_made_known_to_the_head(client: FlaskClient, door: Door) -> None:
    token, _ = answered(client, door)

    client.post(f"/t/{token}/danh-gia", data={"score": "1", "is_kept_from_head": "yes"})

    (judged,) = told(door, "workflow")
    assert judged.is_for_head.value is False
    assert told(door)[0].score.value == 1


def test_a_refused_judgement_keeps_that_the_head_is_not_to_know(client: FlaskClient, door: Door) -> None:
    token, _ = answered(client, door)

    refused = client.post(f"/t/{token}/danh-gia", data={"is_kept_from_head": "yes"})

    assert refused.status_code == 422
    assert 'name="is_kept_from_head" value="yes" checked' in refused.text
    assert "họ có thể đoán ra là bạn" in refused.text


@pytest.mark.parametrize("mark", [5, -1])
def test_a_limit_outside_of_the_scale_is_refused_by_name(tmp_path: Path, mark: int) -> None:
    folder = _config_with(tmp_path, lambda found: found["rules"].update(follow_up_if_T5_at_most=mark))

    with pytest.raises(BadConfig, match=r"sipas\.json, rules, follow_up_if_T5_at_most: a mark from 0 \(never\) to 4"):
        read_catalogue(folder)


# ---- the rule


@given(st.dictionaries(st.sampled_from(("score", *ASPECTS, "words", "x")), st.text(max_size=5)))
def test_whatever_is_typed_is_a_mark_of_the_scale_or_refused(typed: dict[str, str]) -> None:
    if not asked_for(typed.get("score", "")):
        with pytest.raises(Refused):
            read_rating(typed)
        return

    with suppress(Refused):  # hidden characters in the words
        rating = read_rating(typed)
        assert rating.score in LEVELS
        assert set(rating.aspects) <= set(ASPECTS)
        assert set(rating.aspects.values()) <= LEVELS | {NO_OPINION}


@given(st.text())
def test_a_link_names_a_level_of_the_scale_or_none(level: str) -> None:
    assert asked_for(level) in {"", *map(str, LEVELS)}


def test_a_questionnaire_that_asks_other_aspects_is_refused_by_file_and_row(tmp_path: Path) -> None:
    folder = _config_with(tmp_path, lambda found: found["after_answer"].pop(1))

    with pytest.raises(BadConfig, match=r"sipas\.json, after_answer: asks T1, T2"):
        read_catalogue(folder)


def _config_with(tmp_path: Path, change: Any) -> Path:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    found = json.loads((folder / "sipas.json").read_text(encoding="utf-8"))
    change(found)
    (folder / "sipas.json").write_text(json.dumps(found), encoding="utf-8")
    return folder
