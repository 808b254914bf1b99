"""The traps of matching words, one by one: what folding, repeating, cutting and legal words must not do."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workflow.domain.matching import TOKEN, Passage
from services.workflow.domain.sorting import Sorted, sort
from shared.text import fold
from tests.workflow.support_rules import a_petition, the_catalogue

CATALOGUE = the_catalogue()
ANY_TEXT = ("GPLX", "GPMB", "VNeID")


def sorted_(body: str, **more) -> Sorted:
    return sort(a_petition(body, **more), CATALOGUE)


def score(found: Sorted, topic: str) -> int:
    return next((row.score for row in found.candidates if row.topic == topic), 0)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("yêu cầu giải quyết", "cau"),
        ("chuyến đò ngang", "do"),
        ("đổ đất ra đường", "đó"),
        ("do mưa lớn", "đò"),
        ("cau trước nhà đã trổ", "cầu"),
    ],
)
def test_text_with_accents_is_matched_with_accents(text, phrase):
    assert Passage(text).find(phrase) == []


def test_text_without_accents_is_folded_on_both_sides_and_listens_for_two_syllables_or_more():
    bare = Passage("cau ham bi ngap nuoc")

    assert bare.find("ngập nước")
    assert bare.find("cầu") == bare.find("hầm") == []


@pytest.mark.parametrize("said", ANY_TEXT)
@pytest.mark.parametrize("around", ["đổi {} ở đâu", "doi {} o dau", "{}"])
def test_words_that_lose_nothing_by_folding_match_in_any_text(said, around):
    for typed in (said, said.lower(), said.upper()):
        assert Passage(around.format(typed)).find(said), typed


def test_accents_are_decided_field_by_field():
    bare_title = sorted_("Đề nghị sửa sớm giúp dân đi lại an toàn.", title="o ga tren duong Phan Boi Chau")
    bare_body = sorted_("duong nay o ga nhieu qua, xe may de nga", title="Đường xuống cấp")

    assert bare_title.topic == bare_body.topic == "C01"


def test_a_stray_accented_name_does_not_make_a_text_accented():
    found = sorted_("duong Nguyễn Huệ co mot o ga rat lon de nghi sua som cho dan di lai duoc an toan hon")

    assert found.topic == "C01"


def test_a_phrase_weighs_its_syllables_and_three_times_in_the_title():
    body = sorted_("Có một ổ gà trên đường Hùng Vương.")
    both = sorted_("Có một ổ gà trên đường Hùng Vương.", title="Ổ gà")

    assert score(body, "C01") == 2
    assert score(both, "C01") == 2 + 3 * 2


def test_a_phrase_inside_a_longer_one_of_another_topic_says_nothing():
    found = sorted_("Đào xong không hoàn trả mặt đường Lê Huân.")

    assert found.topic == "C10"
    assert score(found, "C01") == 0


@given(st.integers(2, 30))
def test_however_often_a_word_is_repeated_it_counts_twice(times):
    assert score(sorted_("xe buýt " * times + "qua ngã tư."), "C13") == 4


def test_legal_words_count_double():
    topics = tuple(replace(topic, weight=1) for topic in CATALOGUE.topics)
    plain = replace(CATALOGUE, topics=topics)
    letter = a_petition("Tôi khiếu nại quyết định xử phạt số 12/QĐ-XPHC ngày 01/10/2026.", signature_status="scanned")

    once, twice = (score(sort(letter, rules), "C28") for rules in (plain, CATALOGUE))

    assert once > 0
    assert twice == 2 * once


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Tôi khiếu nại xe buýt bỏ chuyến sáng nay.", "report"),
        ("Tố cáo tình trạng lấn chiếm vỉa hè trên đường Bà Triệu.", "report"),
    ],
)
def test_legal_words_prove_nothing_and_hold_the_petition_until_a_person_looked(text, kind):
    found = sorted_(text)

    assert found.kind == kind
    assert found.is_held or found.is_restricted


@pytest.mark.parametrize(
    ("text", "phrase"), [("lan canh nhà", "lan can"), ("ngập ngừng", "ngập ngụa"), ("đường ôgà", "ổ gà")]
)
def test_a_keyword_inside_longer_words_is_none(text, phrase):
    assert Passage(text).find(phrase) == []


@pytest.mark.parametrize("between", [", ", "-", " – ", "...", "\n", "/"])
def test_punctuation_is_a_space(between):
    assert Passage(f"ổ{between}gà").find("ổ gà")


def test_of_several_matters_in_one_sentence_the_best_three_are_offered_with_their_reasons():
    found = sorted_("Từ bến xe đi taxi qua ổ gà, đèn tín hiệu hỏng, xe buýt tránh vạch sơn mờ.")

    assert len(found.candidates) == 3
    assert all(row.phrases and row.score > 0 for row in found.candidates)
    assert [row.score for row in found.candidates] == sorted((row.score for row in found.candidates), reverse=True)


keywords = st.sampled_from([phrase for topic in CATALOGUE.topics for phrase in topic.keywords])


@given(keywords)
def test_every_keyword_is_found_as_it_is_written_and_bare_when_it_can_be_told(phrase):
    assert Passage(phrase).find(phrase)
    if len(TOKEN.findall(phrase)) > 1:
        assert Passage(fold(phrase)).find(phrase)
