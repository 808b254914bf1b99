"""Answers as they are shipped, and what is refused of them: file, row and field are named."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.intake.published import read_procedures
from shared.config import BadConfig
from shared.known_answers import read_known_answers
from tests.config.test_questions import CONFIG, changed

TODAY = date(2026, 11, 23)


def test_every_group_has_answers_that_lead_to_procedures_that_there_are() -> None:
    known = read_known_answers(CONFIG / "known_answers.json")
    procedures = {row.code for row in read_procedures(CONFIG / "procedures.json").rows}

    assert [group for group, _ in known.by_group(known.on_day(TODAY))] == list(known.groups)
    assert {row.procedure for row in known.rows if row.procedure} <= procedures
    assert all(len(row.question) < 90 and len(row.answer) < 700 for row in known.rows)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"group": "khac"}, "row bien-nhan, group: 'khac' is none of"),
        ({"answer_en": " "}, "row bien-nhan, answer_en: there are no words"),
        ({"code": "Biên nhận"}, "code: small letters"),
        ({"code": "mat-ma"}, "row mat-ma: two rows hold on the same day"),
        ({"topic": "C01"}, "topic"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    path = changed(tmp_path, "known_answers.json", "answers", 0, more)

    with pytest.raises(BadConfig, match=said):
        read_known_answers(path)


def test_an_answer_that_ended_stays_at_its_address_and_leaves_the_list(tmp_path: Path) -> None:
    path = changed(tmp_path, "known_answers.json", "answers", 0, {"valid_to": "2026-11-22"})

    known = read_known_answers(path)
    code = json.loads(path.read_text(encoding="utf-8"))["answers"][0]["code"]

    assert code not in {row.code for row in known.on_day(TODAY)}
    assert known.find(code, TODAY) is not None
    assert known.find("khong-co", TODAY) is None
