"""Questions and steps as they are shipped, and what is refused of them: file, row and field are named."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.intake.catalogue import read_catalogue
from services.intake.published import read_ways
from shared.config import BadConfig
from shared.questions import Question, read_questions

CONFIG = Path(__file__).parents[2] / "config"
TODAY = date(2026, 11, 23)
TOPICS = frozenset(topic.code for topic in read_catalogue(CONFIG).topics)
DECIDED = {"==": [{"var": "target"}, "decision"]}


def changed(tmp_path: Path, name: str, key: str, at: int, more: dict[str, Any]) -> Path:
    """A file of the configuration with one row changed."""
    found = json.loads((CONFIG / name).read_text(encoding="utf-8"))
    found[key][at] |= more
    path = tmp_path / name
    path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return path


def asked(**more: Any) -> dict[str, Any]:
    return {"when": more}


def test_at_least_eight_topics_have_questions_of_their_own_in_both_languages() -> None:
    rows = read_questions(CONFIG / "questions.json", topics=TOPICS)

    assert len({topic for row in rows for topic in row.topics}) >= 8
    assert {"C01", "C03", "C13", "C18", "C21"} <= {topic for row in rows for topic in row.topics}
    assert any(row.when for row in rows)


@pytest.mark.parametrize("kind", ["complaint", "denunciation"])
def test_a_complaint_and_a_denunciation_take_five_steps(kind: str) -> None:
    way = read_ways(CONFIG / "steps.json").of(kind, TODAY)

    assert way
    assert [step.number for step in way.steps] == [1, 2, 3, 4, 5]
    assert all(step.source for step in way.steps)
    assert way.steps[-1].fields == ("signature",)


def test_reports_stay_one_page() -> None:
    assert read_ways(CONFIG / "steps.json").of("report", TODAY) is None


def test_every_term_that_a_step_speaks_of_is_a_rule_of_the_clocks() -> None:
    terms = read_catalogue(CONFIG).terms_on(TODAY)

    spoken_of = {advice.term for step in read_ways(CONFIG / "steps.json").steps for advice in step.advice}

    assert spoken_of == {"complaint.limit"}
    assert (terms["complaint.limit"].value, terms["complaint.limit"].unit) == (90, "day")


@pytest.mark.parametrize(
    ("number", "more", "says"),
    [
        (0, {"topics": ["C99"]}, r"questions\.json, questions, row hole_size, topics: 'C99'"),
        (0, {"topics": []}, r"row hole_size, topics: at least one"),
        (0, {"text_en": " "}, r"row hole_size, text_en: there are no words"),
        (0, {"options": []}, r"row hole_size, options: at least two"),
        (0, {"sort": "slider"}, r"row 1 \(hole_size\): .*sort"),
        (0, {"question": "?"}, r"row 1 \(hole_size\): unknown field 'question'"),
        (0, {"code": "Hole Size"}, r"row Hole Size, code"),
        (1, {"code": "hole_size", "when": None}, r"row hole_size: two rows hold on the same day"),
        (1, {"unit_en": ""}, r"row hole_depth, unit_en: unit in both languages"),
        (1, {"least": 9, "most": 1}, r"row hole_depth, least: not above most"),
        (1, {"options": [{"code": "a1", "text": "a", "text_en": "a"}]}, r"row hole_depth, options: only of a choice"),
        (1, asked(**{"==": [{"var": "hole_lane"}, "car"]}), r"row hole_depth, when: 'hole_lane' is not asked before"),
        (1, asked(**{"==": [{"var": "hole_size"}, "sea"]}), r"row hole_depth, when: 'sea' cannot be answered"),
        (1, asked(**{">": [{"var": "hole_size"}, "plate"]}), r"row hole_depth, when: '>' is none of"),
        (1, asked(**{"==": ["hole_size", "plate"]}), r"row hole_depth, when: '==' compares"),
        (1, asked(**{"and": []}), r"row hole_depth, when: 'and' joins a list"),
        (1, asked(**{"!": {"!": {"!": {"!": {"==": [{"var": "hole_size"}, "plate"]}}}}}), r"at most four deep"),
        (1, asked(), r"row hole_depth, when: one comparison in braces"),
    ],
)
def test_a_slip_in_a_question_is_refused_and_named(tmp_path: Path, number: int, more: Any, says: str) -> None:
    path = changed(tmp_path, "questions.json", "questions", number, more)

    with pytest.raises(BadConfig, match=says):
        read_questions(path, topics=TOPICS)


@pytest.mark.parametrize(
    ("number", "more", "says"),
    [
        (0, {"kind": "report2"}, r"steps\.json, steps, row report2 1, kind"),
        (0, {"fields": ["colour"]}, r"row complaint 1, fields: there is no field or question 'colour'"),
        (0, {"number": 2}, r"row complaint, number: .* they do not run from 1 on"),
        (0, {"title_en": ""}, r"row complaint 1, title: words in both languages"),
        (0, {"advice": [{"field": "asks", "term": "complaint.limit"}]}, r"row complaint 1, advice: 'asks'"),
        (1, {"fields": ["text", "asks", "before", "knew_on"]}, r"row complaint, fields: something is asked twice"),
        (1, {"fields": ["asks", "before"]}, r"row complaint, fields: no step asks for 'text'"),
        (4, {"fields": ["signature", "sms"]}, r"row complaint, fields: the last step asks for the signature alone"),
        (0, {"titel": "?"}, r"unknown field 'titel'"),
    ],
)
def test_a_slip_in_a_step_is_refused_and_named(tmp_path: Path, number: int, more: Any, says: str) -> None:
    path = changed(tmp_path, "steps.json", "steps", number, more)

    with pytest.raises(BadConfig, match=says):
        read_ways(path)


def test_steps_may_change_from_a_day_on(tmp_path: Path) -> None:
    found = json.loads((CONFIG / "steps.json").read_text(encoding="utf-8"))
    later = [row | {"valid_from": "2027-01-01"} for row in found["steps"] if row["kind"] == "complaint"]
    later[0] = later[0] | {"title": "Việc gì?"}
    found["steps"] = [row | {"valid_to": "2026-12-31"} for row in found["steps"]] + later
    path = tmp_path / "steps.json"
    path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")

    ways = read_ways(path)

    titles = [way.steps[0].title for day in (TODAY, date(2027, 1, 1)) if (way := ways.of("complaint", day))]
    assert titles == ["Khiếu nại về việc gì?", "Việc gì?"]


def test_a_question_names_no_topic_where_a_step_names_it() -> None:
    rows = read_questions(CONFIG / "steps.json")

    assert all(isinstance(row, Question) and row.topics == () for row in rows)
    assert [row.when for row in rows if row.code == "decision_number"] == [DECIDED]
