"""The gate of an answer: what the citizen asked, and whether these words answer it."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workflow.catalogue import read_answer_rules, read_canned, read_catalogue
from services.workflow.domain.answering import PLACEHOLDER, AnswerRules
from services.workflow.domain.checks import CHECKS, Draft, Finding, Reply, examine, marked, questions_in, unmet
from shared.config import BadConfig
from tests.workflow.builders import CONFIG, the_rules

RULES = the_rules().answers
TODAY = date(2026, 11, 23)
MARKS = RULES.marks_on(TODAY)
GOOD = "Ngày 25/11/2026 chúng tôi đã vá ổ gà. Căn cứ kế hoạch bảo dưỡng quý IV."
CANNED = {one.code: one for one in RULES.canned_on(TODAY)}


def rules_of(folder: Path) -> AnswerRules:
    return read_answer_rules(folder, read_catalogue(folder), canned=read_canned(folder), own_phone="")


def a_draft(text: str = GOOD, **given: Any) -> Draft:
    usual: dict[str, Any] = {"text": text, "outcome": "explained", "topic": "C13", "place": "120 Điện Biên Phủ"}
    return Draft(**usual | given)


def faults(text: str = GOOD, **given: Any) -> set[str]:
    return {found.code for found in examine(a_draft(text, **given), RULES, TODAY) if not found.is_good}


def the(code: str, text: str, **given: Any) -> Finding:
    return next(found for found in examine(a_draft(text, **given), RULES, TODAY) if found.code == code)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (GOOD, set()),
        ("Ngày 25/11/2026 chúng tôi đã vá ổ gà.", {"has_basis"}),
        (GOOD + " Xin gọi 0905 123 456.", {"no_personal_data"}),
        (GOOD + " Xin gọi 0234 300 0000.", set()),
        (GOOD + " Xe 75H-012.34 đã bị nhắc.", {"no_personal_data"}),
        (GOOD + " Xe 75b-012.34 đã bị nhắc.", {"no_personal_data"}),
        (GOOD + " Số định danh 046012345678.", {"no_personal_data"}),
        (GOOD + " Thư: anh.nth@example.vn", {"no_personal_data"}),
        (GOOD + " Quyết định số 87/QĐ-SXD, hồ sơ H57.14-261103-0021.", set()),
        (GOOD + " " + "chữ " * 26 + ".", {"short_sentences"}),
        (GOOD + " Chúng tôi sẽ tiến hành kiểm tra lại.", {"plain_words"}),
        (GOOD + " Việc giao cho {who}.", {"no_gaps"}),
        ("Cảm ơn bạn.", {"says_done", "names_date", "has_basis"}),
    ],
)
def test_an_answer_is_looked_over(text: str, found: set[str]) -> None:
    assert faults(text) == found


def test_what_is_scheduled_needs_a_promise() -> None:
    assert faults(outcome="scheduled") == {"has_promise"}
    assert faults(outcome="scheduled", promised_on=date(2026, 12, 3)) == set()


def test_work_that_is_done_on_a_road_is_shown_by_a_photo() -> None:
    assert faults(outcome="done", topic="C01") == {"has_photo"}
    assert faults(outcome="done", topic="C01", photo_count=1) == set()
    assert faults(outcome="explained", topic="C01") == set()
    assert faults(outcome="done", topic="C13") == set()


PETITION = (
    "Trước số nhà 120 có ổ gà sâu 20 cm. Vì sao tháng trước đã vá mà nay lại hỏng? Đề nghị Sở cho vá sớm.\n"
    "Xin hỏi khi nào làm"
)


def test_questions_are_found_and_numbered_in_their_order() -> None:
    asked = questions_in(PETITION, MARKS)

    assert [one.text for one in asked] == [
        "Vì sao tháng trước đã vá mà nay lại hỏng?",
        "Đề nghị Sở cho vá sớm.",
        "Xin hỏi khi nào làm",
    ]
    assert [one.no for one in asked] == [1, 2, 3]
    assert all(PETITION[one.start : one.end] == one.text for one in asked)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("de nghi kiem tra nha xe va tra loi cho toi", 1),  # typed without accents
        ("Đèn tín hiệu tắt từ 19 giờ tối nay, rất nguy hiểm.", 0),
        ("Đường dài 1.500 m, hỏng 3.5 m. Khi nào sửa?", 1),
        ("When will it be repaired?", 1),
        ("", 0),
    ],
)
def test_what_asks_is_told_from_what_tells(text: str, count: int) -> None:
    assert len(questions_in(text, MARKS)) == count


def test_what_a_citizen_adds_later_never_changes_the_numbers_of_earlier_questions() -> None:
    before = questions_in(PETITION, MARKS)

    after = questions_in(PETITION + "\nBao giờ trả lời tôi?", MARKS)

    assert after[: len(before)] == before


@given(st.text(alphabet="aă?.!\n đề nghị khi nào", max_size=200))
def test_every_question_stands_where_it_is_said_to_stand(text: str) -> None:
    for one in questions_in(text, MARKS):
        assert text[one.start : one.end].strip() == one.text


def test_each_question_is_answered_or_it_is_said_why_not() -> None:
    replies = {1: Reply(True), 2: Reply(False, "Việc của nhà thầu, chờ biên bản"), 3: Reply(False, "")}

    found = the("questions_answered", GOOD, petition=PETITION, replies=replies)

    assert (found.is_good, found.detail) == (False, "3")
    assert the("questions_answered", GOOD, petition=PETITION, replies=replies | {3: Reply(True)}).is_good
    assert "questions_answered" in unmet(examine(a_draft(petition=PETITION), RULES, TODAY))


def test_a_text_of_the_drawer_alone_is_no_answer() -> None:
    text = CANNED["bus-checked"].text
    bare = PLACEHOLDER.sub("", text)

    assert not the("own_words", text).is_good
    assert the("own_words", text.replace("{checked_on}", "24/11/2026")).is_good
    assert the("own_words", text.replace("{route}", "120 Điện Biên Phủ")).is_good
    assert not the("own_words", bare).is_good
    assert the("own_words", "Chúng tôi đã nói chuyện với lái xe và trả lại tiền vé cho Ông/Bà.").is_good


def test_words_of_the_office_are_shown_with_plain_ones_in_their_place() -> None:
    text = GOOD + " Chúng tôi tiến hành kiểm tra."

    found = the("plain_words", text)

    assert found.detail == "tiến hành kiểm tra → kiểm tra"
    assert [text[start:end] for start, end in found.spans] == ["tiến hành kiểm tra"]
    assert not found.is_hard


def test_the_page_marks_what_is_wrong_where_it_stands() -> None:
    text = "Gọi 0905 123 456 nhé. Việc giao cho {who}."

    pieces = marked(text, examine(a_draft(text), RULES, TODAY))

    assert "".join(piece for _, piece in pieces) == text
    assert ("no_personal_data", "0905 123 456") in pieces
    assert ("no_gaps", "{who}") in pieces


def test_the_gaps_of_a_text_are_filled_with_what_is_known_and_the_others_stay() -> None:
    text = CANNED["pothole-repaired"].filled({"place": "120 Điện Biên Phủ", "code": "7K3M-9HDT"})

    assert "120 Điện Biên Phủ" in text
    assert "7K3M-9HDT" in text
    assert "{done_on}" in text


def test_the_drawer_offers_the_texts_of_the_topic_first_and_finds_by_words_without_accents() -> None:
    assert RULES.find_canned(TODAY, topic="C03")[0].code == "signal-repaired"
    assert [one.code for one in RULES.find_canned(TODAY, topic=None, words="den tin hieu")] == ["signal-repaired"]
    assert RULES.find_canned(date(2024, 1, 1), topic="C03") == ()


def test_every_text_kept_ready_passes_the_gate_once_its_gaps_are_filled() -> None:
    assert len(CANNED) >= 8
    for one in CANNED.values():
        text = one.filled({gap: "24/11/2026" if gap.endswith("_on") else "việc này" for gap in one.gaps})
        found = examine(
            a_draft(text, outcome=one.outcome, promised_on=TODAY, photo_count=1, topic=one.topics[0]), RULES, TODAY
        )
        assert unmet(found) == (), one.code
        assert {each.code for each in found if not each.is_good} <= {"has_basis", "names_date"}, one.code


def test_a_check_holds_from_its_first_day_on() -> None:
    assert examine(a_draft("Cảm ơn bạn."), RULES, date(2025, 2, 28)) == ()
    assert {rule.code for rule in RULES.checks} == set(CHECKS)


def spoiled(tmp_path: Path, change: Any) -> Path:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    file = folder / "answer_rules.json"
    rows = json.loads(file.read_text(encoding="utf-8"))
    change(rows)
    file.write_text(json.dumps(rows), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda rows: rows["checks"][0].update(code="is_kind"), "checks, row is_kind"),
        (lambda rows: rows["photo_topics"][0].update(topic="C99"), "photo_topics: 'C99'"),
        (lambda rows: rows["terms"].append(rows["terms"][0]), "terms, row promise.remind_before: two rows"),
        (lambda rows: rows["terms"][0].update(value="two"), "terms, row 1"),
        (lambda rows: rows["plain_words"][0].pop("source"), "plain_words, row 1"),
    ],
)
def test_a_slip_in_the_rules_is_named(tmp_path: Path, change: Any, named: str) -> None:
    folder = spoiled(tmp_path, change)

    with pytest.raises(BadConfig, match=named.replace("(", "[(]")):
        rules_of(folder)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("outcome: done", "outcome: fine", "pothole-repaired.txt, outcome"),
        ("title: Đã vá mặt đường\n", "", "pothole-repaired.txt, title: missing"),
        ("valid from: 2025-03-01", "valid from: March", "pothole-repaired.txt"),
        ("topics: C01, C10", "topics: C01, C77", "'C77'"),
        ("\n---\n", "\n", "three dashes"),
    ],
)
def test_a_slip_in_a_text_kept_ready_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    folder = spoiled(tmp_path, lambda rows: None)
    file = folder / "answers" / "pothole-repaired.txt"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    with pytest.raises(BadConfig, match=named):
        rules_of(folder)
