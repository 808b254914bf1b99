"""Questions that are data: when they are asked, what may be answered, and what becomes of it."""

import json
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from services.intake import store
from services.intake.domain.petition import Reader
from services.intake.domain.questions import asked_of, field_of, read_answers, read_day, read_number
from services.intake.domain.secret import hashed
from services.intake.door import Door
from services.intake.reactions import keep_document
from services.workflow.actions.documents import AT_THE_DOOR
from shared.events.base import Sealed
from shared.events.workflow import ConfigChanged
from shared.questions import Option, Question, holds
from tests.builders import an_event
from tests.intake.builders import typed
from tests.intake.test_web import filed, fill
from tests.support import ROOT

TODAY = date(2026, 11, 23)
SIZE = ("small", "large")


def a_question(code: str = "size", **more: Any) -> Question:
    usual: dict[str, Any] = {"sort": "text", "text": "Rộng?", "text_en": "How wide?", "source": "thử"}
    return Question(code=code, **usual | {"valid_from": None, "valid_to": None} | more)


def a_choice(code: str = "size", **more: Any) -> Question:
    return a_question(code, sort="choice", options=tuple(Option(one, one.upper(), one) for one in SIZE), **more)


def answered(*questions: Question, is_lenient: bool = False, **given: str) -> tuple[dict[str, str], dict[str, str]]:
    """What was read, and what was refused, by field."""
    reader = Reader({f"a_{code}": said for code, said in given.items()})
    read = read_answers(reader, questions, today=TODAY, is_lenient=is_lenient)
    return {one.code: one.value for one in read}, {one.field: one.problem for one in reader.wrong.values()}


@pytest.mark.parametrize(
    ("condition", "is_asked"),
    [
        (None, True),
        ({"==": [{"var": "size"}, "large"]}, True),
        ({"==": [{"var": "size"}, "small"]}, False),
        ({"!=": [{"var": "size"}, "small"]}, True),
        ({"in": [{"var": "size"}, ["small", "large"]]}, True),
        ({"!": {"in": [{"var": "size"}, ["large"]]}}, False),
        ({"and": [{"==": [{"var": "size"}, "large"]}, {"==": [{"var": "lane"}, "car"]}]}, False),
        ({"or": [{"==": [{"var": "size"}, "large"]}, {"==": [{"var": "lane"}, "car"]}]}, True),
    ],
)
def test_a_condition_says_whether_a_question_is_asked(condition: Any, is_asked: bool) -> None:
    assert holds(condition, {"size": ["large"]}) is is_asked


@given(st.lists(st.sampled_from(SIZE), max_size=2), st.sampled_from(SIZE))
def test_not_equal_is_always_the_contrary_of_equal(given_: list[str], wanted: str) -> None:
    pair = [{"var": "size"}, wanted]

    assert holds({"==": pair}, {"size": given_}) is not holds({"!=": pair}, {"size": given_})


def test_what_nobody_was_asked_for_is_neither_kept_nor_required() -> None:
    size = a_choice()
    deep = a_question("deep", is_required=True, when={"==": [{"var": "size"}, "large"]})

    assert answered(size, deep, size="small", deep="20") == ({"size": "SMALL"}, {})
    assert answered(size, deep, size="large") == ({"size": "LARGE"}, {"a_deep": "missing"})
    assert answered(size, deep, is_lenient=True, size="large") == ({"size": "LARGE"}, {})


def test_an_answer_to_a_question_that_is_not_asked_opens_no_other() -> None:
    chain = (
        a_choice("one"),
        a_choice("two", when={"==": [{"var": "one"}, "large"]}),
        a_question("three", when={"==": [{"var": "two"}, "large"]}),
    )

    asked = asked_of(chain, {"a_one": "small", "a_two": "large", "a_three": "x"})

    assert [one.code for one in asked] == ["one"]


@pytest.mark.parametrize(
    ("question", "said", "problem"),
    [
        (a_choice(), "huge", "not_a_choice"),
        (a_question(sort="number"), "hai mươi", "not_a_number"),
        (a_question(sort="number", least=1), "0", "too_little"),
        (a_question(sort="number", most=9), "10", "too_much"),
        (a_question(sort="date"), "31/02/2026", "not_a_day"),
        (a_question(sort="date"), "01/01/0001", "not_a_day"),
        (a_question(sort="date", is_past=True), "24/11/2026", "to_come"),
        (a_question(longest=3), "quá dài", "too_long"),
        (a_question(), "hai\ndòng", "line_break"),
        (a_question(), "ẩn\u202e", "hidden_characters"),
    ],
)
def test_a_wrong_answer_is_refused_at_its_own_field(question: Question, said: str, problem: str) -> None:
    assert answered(question, size=said)[1] == {"a_size": problem}


def test_several_ticks_are_kept_in_the_order_of_the_choices() -> None:
    several = a_question(sort="choices", options=tuple(Option(one, one.upper(), one) for one in SIZE))

    assert answered(several, size="large,small") == ({"size": "SMALL; LARGE"}, {})


@pytest.mark.parametrize(
    ("written", "number"), [("20", 20), ("1,5", 1.5), ("1.5", 1.5), ("1.500", 1500), ("2 000", 2000), ("-1", None)]
)
def test_numbers_are_read_as_vietnamese_write_them(written: str, number: float | None) -> None:
    assert read_number(written) == number


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.sampled_from("/.-"))
def test_every_day_is_read_as_it_is_written(day: date, mark: str) -> None:
    assert read_day(f"{day:%d/%m/%Y}".replace("/", mark)) == day


# ---- on the pages


def test_the_questions_of_a_topic_come_with_it_and_their_answers_reach_the_desk(
    client: FlaskClient, door: Door
) -> None:
    fragment = client.get("/gui/hoi?linh-vuc=C01").text

    assert 'name="a_hole_size"' in fragment
    assert client.get("/gui/hoi?linh-vuc=C06").text == ""
    token = filed(client, topic="C01", a_hole_size="table", a_hole_depth="15", a_hole_lane="car")
    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(token))
        assert found
        words = store.words_of(look, found.id)
    kept = {one["code"]: one["value"] for one in words.answers or ()}
    assert kept == {"hole_size": "Bằng mặt bàn trở lên", "hole_depth": "15 cm", "hole_lane": "Làn ô tô"}
    assert "Bằng mặt bàn trở lên" in client.get(f"/t/{token}").text
    assert "Like a table or larger" in client.get(f"/t/{token}?lang=en").text


def test_a_question_that_must_be_answered_is_asked_again_with_everything_kept(client: FlaskClient) -> None:
    answer = fill(client, topic="C03", a_light_pole="TH-12", a_light_since="ba hôm nay")

    assert answer.status_code == 422
    assert "Hãy trả lời: Đèn đang thế nào?" in answer.text
    assert 'href="#a_light_state"' in answer.text
    assert 'value="TH-12"' in answer.text
    assert 'value="ba hôm nay"' in answer.text
    assert "Chỉ trả lời khi “Đèn đang thế nào?” là: Đứng yên một màu." in answer.text


def test_before_sending_the_answers_stand_with_a_way_to_each(client: FlaskClient) -> None:
    fill(client, topic="C01", a_hole_size="table")

    page = client.get("/kiem-tra").text

    assert "Bằng mặt bàn trở lên" in page
    assert 'href="/gui#a_hole_depth"' in page
    assert "Sâu khoảng bao nhiêu?" in page


def test_questions_published_by_the_desk_are_asked_from_their_day_on(client: FlaskClient, door: Door) -> None:
    text = json.loads((ROOT / "config" / "questions.json").read_text(encoding="utf-8"))
    text["questions"][0]["text"] = "Ổ gà to chừng nào?"
    told = an_event(ConfigChanged, name="questions.json", version=1, valid_from=TODAY, text=Sealed(json.dumps(text)))
    with door.database.writing() as tx:
        keep_document(tx, told)

    assert "questions.json" in AT_THE_DOOR
    assert "Ổ gà to chừng nào?" in client.get("/gui/hoi?linh-vuc=C01").text


def test_an_organisation_gives_its_name_and_a_person_to_talk_to(client: FlaskClient, door: Door) -> None:
    refused = fill(client, party="organisation")
    token = filed(client, party="organisation", organisation="Công ty Sông Hương", name="Trần Văn Bình")

    assert refused.status_code == 422
    assert "Hãy nhập tên tổ chức" in refused.text
    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(token))
        assert found
        words = store.words_of(look, found.id)
    assert (words.organisation, words.name) == ("Công ty Sông Hương", "Trần Văn Bình")


# ---- of programs


def test_programs_may_answer_and_are_told_which_answer_is_wrong(client: FlaskClient) -> None:
    body = typed(topic="C01") | {"answers": {"hole_size": "table", "hole_depth": 15, "hole_lane": ["car", "edge"]}}

    good = client.post("/api/v1/petitions", json=body)
    wrong = client.post("/api/v1/petitions", json=body | {"answers": {"hole_depth": "sâu", "hole_size": "table"}})
    unknown = client.post("/api/v1/petitions", json=body | {"answers": {"colour": "đỏ"}})
    nothing = client.post("/api/v1/petitions", json=typed(topic="C03"))

    assert [one.status_code for one in (good, wrong, unknown, nothing)] == [201, 422, 422, 201]
    assert wrong.json
    assert unknown.json
    assert wrong.json["errors"][0]["field"] == "answers.hole_depth"
    assert (unknown.json["errors"][0]["field"], unknown.json["errors"][0]["code"]) == (
        "answers.colour",
        "unknown_field",
    )


def test_a_number_of_a_program_has_a_decimal_point(client: FlaskClient, door: Door) -> None:
    body = typed(topic="C01") | {"answers": {"hole_size": "table", "hole_depth": 1.125}}

    filed_by_program = client.post("/api/v1/petitions", json=body).json or {}

    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(filed_by_program["secret"]))
        assert found
        words = store.words_of(look, found.id)
    assert {one["code"]: one["value"] for one in words.answers or ()}["hole_depth"] == "1,125 cm"


def test_every_question_has_a_field_of_its_own() -> None:
    assert field_of(a_question("hole_size")) == "a_hole_size"
