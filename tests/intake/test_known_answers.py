"""Questions that people keep asking: shown, searched, linked, offered before sending, changed while the door runs."""

import json
from datetime import date
from typing import Any

from flask.testing import FlaskClient

from services.intake.door import Door
from shared.events.base import Sealed
from shared.events.workflow import ConfigChanged
from tests.builders import an_event
from tests.intake.builders import hear
from tests.intake.test_offer import checked
from tests.support import ROOT

SHIPPED = json.loads((ROOT / "config" / "known_answers.json").read_text(encoding="utf-8"))


def test_a_fresh_door_answers_what_people_keep_asking_in_both_languages(client: FlaskClient) -> None:
    here = client.get("/hoi-dap").text
    there = client.get("/hoi-dap?lang=en").text

    for row in SHIPPED["answers"]:
        assert row["question"] in here
        assert row["question_en"].replace("'", "&#39;") in there
        assert row["source"] in here


def test_questions_are_found_without_accents_and_each_has_an_address(client: FlaskClient) -> None:
    found = client.get("/hoi-dap?q=doi bang lai").text
    one = client.get("/hoi-dap/doi-bang-lai")

    assert "Đổi giấy phép lái xe (bằng lái) ở đâu?" in found
    assert "Thấy ổ gà thì báo ở đâu" not in found
    assert "Từ 01/3/2025" in one.text
    assert "/thu-tuc/LX-01" in one.text
    assert client.get("/hoi-dap/khong-co").status_code == 404


def test_an_answer_whose_source_is_not_confirmed_says_so(client: FlaskClient) -> None:
    unsure = [row["code"] for row in SHIPPED["answers"] if row["confidence"] == "medium"]
    said = [
        row["code"] for row in SHIPPED["answers"] if "chưa được xác nhận" in client.get(f"/hoi-dap/{row['code']}").text
    ]

    assert unsure
    assert said == unsure
    assert client.get("/hoi-dap").text.count("chưa được xác nhận") == len(unsure)


def test_an_answer_is_offered_before_what_it_answers_is_sent(client: FlaskClient) -> None:
    asked = checked(client, topic="", text="Cho tôi hỏi đổi bằng lái ở đâu, Sở có nhận hồ sơ không ạ?")
    reported = checked(client, text="Ổ gà sâu trước trường Quốc Học, xe suýt ngã, rất nguy hiểm buổi tối")

    assert "/hoi-dap/doi-bang-lai" in asked
    assert "/hoi-dap/doi-bang-lai" not in reported


def test_the_desk_changes_an_answer_while_the_door_runs(client: FlaskClient, door: Door) -> None:
    ended = SHIPPED["answers"][0] | {"valid_to": "2026-11-22"}
    fresh = SHIPPED["answers"][0] | {"valid_from": "2026-11-23", "answer": "Nay còn gửi cả thư giấy."}
    text = json.dumps(SHIPPED | {"answers": [ended, fresh]})

    said: Any = an_event(
        ConfigChanged, name="known_answers.json", version=1, valid_from=date(2026, 11, 23), text=Sealed(text)
    )
    hear(door.database, said)

    assert "Nay còn gửi cả thư giấy." in client.get("/hoi-dap").text
    assert client.get("/hoi-dap/khac-nhau").status_code == 404
