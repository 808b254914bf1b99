"""Corrections of the sorting: counted, and turned into phrases that nobody's data can be read from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workflow import actions, store
from services.workflow.domain.corrections import Past, confusions, suggestions, tally
from services.workflow.domain.matching import TOKEN
from tests.support import NOON
from tests.workflow.builders import DIRECTOR, OFFICE, Office

SAID = (
    "Cột đèn trước nhà xe 75C-123.45 chớp nháy liên hồi, gọi 0905123456 mãi không ai sửa.",
    "Mấy hôm nay ngã tư Lê Lợi chớp nháy liên hồi, anh Nguyễn Văn An suýt ngã.",
    "Chỗ trường học chớp nháy liên hồi cả đêm; ngã tư lê lợi rất tối.",
)


def moved(text: str, number: int, *, proposed: str = "C01", decided: str | None = "C03") -> Past:
    return Past(
        petition=f"p{number}", proposed=("report", proposed, "KCHT"), decided=("report", decided, "KCHT"), text=text
    )


MOVED = [moved(text, number) for number, text in enumerate(SAID)]


def phrases(past: list[Past], every: list[Past] | None = None, **keywords: list[str]) -> list[str]:
    return [one.phrase for one in suggestions(past, every or past, keywords)]


def test_every_difference_between_proposal_and_decision_is_counted() -> None:
    same = moved("Ổ gà", 9, decided="C01")
    past = [*MOVED, same]

    counted, rows = tally(past), confusions(past)

    assert (counted.decided, counted.kind, counted.topic, counted.unit) == (4, 0, 3, 0)
    assert [(row.proposed, row.decided, row.count) for row in rows] == [("C01", "C03", 3)]


def test_what_several_moved_petitions_say_and_others_do_not_is_suggested_with_its_count() -> None:
    others = [moved(f"Ổ gà sâu số {number} trên đường", 50 + number, decided="C01") for number in range(5)]

    (found,) = suggestions(MOVED, [*MOVED, *others], {})

    assert (found.topic, found.phrase) == ("C03", "chớp nháy liên hồi")
    assert (found.moved, found.right, found.wrong, found.precision) == (3, 3, 0, 1.0)


def test_two_petitions_are_too_few() -> None:
    assert phrases(MOVED[:2]) == []
    assert phrases([MOVED[0], MOVED[0], MOVED[0]]) == []  # three cases of one petition are one voice


def test_what_others_say_as_often_is_not_suggested() -> None:
    others = [moved("Đèn chớp nháy liên hồi trên xe buýt", 60 + number, decided="C13") for number in range(3)]

    assert phrases(MOVED, [*MOVED, *others]) == []


def test_what_the_topic_listens_for_already_is_not_suggested() -> None:
    assert "chớp nháy liên hồi" not in phrases(MOVED, C03=["chớp nháy liên hồi"])


def test_accents_are_kept_and_a_text_without_them_teaches_nothing() -> None:
    bare = [moved("den chop nhay lien hoi suot dem o nga tu", 70 + number) for number in range(3)]

    assert phrases(bare) == []
    (found,) = suggestions(MOVED, [*MOVED, *bare], {})
    assert found.right == 6  # but it is found there, as the sorting finds it


@pytest.mark.parametrize("private", ["Lê Lợi", "lê lợi", "75C", "0905123456", "Nguyễn Văn"])
def test_no_number_and_no_name_is_part_of_a_phrase_however_it_was_typed(private: str) -> None:
    texts = [f"Đoạn Lê Lợi này {private} chớp nháy mãi {number}" for number in range(4)]
    found = phrases([moved(text, number) for number, text in enumerate(texts)])

    assert not any(private.lower() in phrase for phrase in found)


words = st.lists(st.sampled_from(["đèn", "đỏ", "tắt", "cả", "ngày", "An", "Cựu", "75C-1234", "0905", "."]), max_size=12)


@given(st.lists(words, min_size=3, max_size=6))
def test_whatever_is_typed_a_phrase_has_two_plain_syllables_or_more_of_three_petitions(typed: list[list[str]]) -> None:
    past = [moved(" ".join(each), number) for number, each in enumerate(typed)]

    for one in suggestions(past, past, {}):
        syllables = TOKEN.findall(one.phrase)
        assert len(syllables) >= 2
        assert all(syllable.isalpha() and syllable == syllable.lower() for syllable in syllables)
        assert one.moved >= 3
        assert one.precision >= 0.8


def test_only_ordinary_cases_are_looked_at_and_none_about_the_reader(office: Office) -> None:
    ordinary = office.file()
    conduct = office.file(
        code="2Q7NM4PX",
        kind="procedure_feedback",
        topic=None,
        title="Thái độ của cán bộ",
        text="Cán bộ một cửa quát mắng, hạch sách, gây phiền hà khi tôi nộp hồ sơ.",
    )
    assert office.case(conduct).is_restricted
    with office.database.writing() as tx:
        store.exclude(tx, ordinary, [OFFICE.person])

    with office.database.reading() as look:
        seen = {who.person: store.past_decisions(look, who, since=NOON) for who in (OFFICE, DIRECTOR)}

    assert seen[OFFICE.person] == []
    assert [(past.topic, is_by_person) for past, is_by_person in seen[DIRECTOR.person]] == [("C01", False)]


def test_a_decision_of_a_person_stands_beside_the_proposal(office: Office) -> None:
    case_id = office.file(title="Việc khác", text="Xin hỏi về một việc ở đường Hùng Vương.", topic=None)
    office.act(actions.confirm_triage, OFFICE, case_id, topic="C03")

    with office.database.reading() as look:
        ((past, is_by_person),) = store.past_decisions(look, OFFICE, since=NOON)

    assert is_by_person
    assert past.came_from_elsewhere
    assert past.topic == "C03"
