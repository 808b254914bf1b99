"""Survey rounds in figures: by the formula, as sure as they are, and without a way back to one person."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DatabaseError

from services.insight import store
from services.insight.domain.index import Share, shown
from services.insight.domain.rounds import (
    OVERALL,
    Answered,
    Figure,
    Frame,
    figures,
    intervals,
    is_clear_change,
    result,
    shares_of,
)
from services.insight.reactions import REACTIONS
from services.insight.web import make_pages
from services.insight.web.asked import read_questionnaire
from shared.clock import MovableClock
from shared.db import Cause, Database
from shared.events.base import Event, Sealed, subject_of
from shared.events.intake import Mark, SurveyAnswered, SurveyInvited, Trait
from shared.events.notify import NoticeAccepted, NoticeFailed
from shared.events.workflow import SurveyClosed, SurveyOpened, SurveySigned
from shared.settings import Settings
from tests.builders import an_event
from tests.conftest import MakeDatabase
from tests.insight.test_pages import NAMES
from tests.support import NOON

FRAME = Frame(
    {"p1": ("A1", "A2"), "p2": ("A3",), "s1": ("B1",), "s2": ("B2", "B3")},
    {"policy": ("p1", "p2"), "service": ("s1", "s2")},
)


def people(*levels: int, item: str = "A1") -> list[dict[str, int]]:
    return [{item: level} for level in levels]


# ---- the formula


def test_s16a_an_item_counts_those_with_an_opinion_and_rounds_half_up() -> None:
    share = shares_of(FRAME, people(5, 5, 4, 3, 2, 0))["A1"]

    assert (shown(share.index or Fraction(0)), share.n) == (Decimal("60.00"), 5)
    assert [str(shown(edge)) for edge in share.interval or ()] == ["23.07", "88.24"]
    assert str(shown(Fraction(201, 1000), 2)) == "0.20"
    assert str(shown(Fraction(1005, 1000))) == "1.01"  # half up, where Python's own rounding says 1.00


def test_s16a_the_whole_is_the_mean_of_its_two_contents() -> None:
    frame = Frame(
        {f"f{n}": (f"i{n}",) for n in range(9)},
        {"policy": ("f0", "f1", "f2", "f3"), "service": ("f4", "f5", "f6", "f7", "f8")},
    )
    items = dict(zip(frame.items, map(Fraction, (80, 70, 75, 85, 90, 80, 85, 75, 70)), strict=True))

    found = figures(frame, items)

    assert [str(shown(Fraction(found[code] or 0))) for code in ("policy", "service", OVERALL)] == [
        "77.50",
        "80.00",
        "78.75",
    ]


def test_an_item_nobody_had_an_opinion_on_is_left_out_of_its_factor() -> None:
    found = figures(FRAME, {"A1": Fraction(80), "A2": None, "A3": None, "B1": None, "B2": None, "B3": None})

    assert (found["p1"], found["p2"], found["policy"]) == (80, None, 80)
    assert found[OVERALL] is None  # one of its halves is not known


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (0, 5, "0.00", "43.45"),
        (3, 5, "23.07", "88.24"),
        (5, 5, "56.55", "100.00"),
        (24, 30, "62.69", "90.49"),
        (41, 50, "69.20", "90.23"),
        (328, 400, "77.94", "85.45"),
    ],
)
def test_s16a_the_interval_of_an_item_is_wilsons(k: int, n: int, low: str, high: str) -> None:
    assert [str(shown(edge)) for edge in Share(k, n).interval or ()] == [low, high]


def test_s16a_whoever_draws_again_finds_the_same_interval() -> None:
    answers = [{"A1": 1 + n % 5, "A2": 5, "A3": 4, "B1": n % 6, "B2": 3, "B3": 5} for n in range(40)]

    once, again = intervals(FRAME, answers), intervals(FRAME, answers)

    assert once == again
    assert set(once) == {"p1", "p2", "s1", "s2", "policy", "service", OVERALL}
    assert [str(shown(edge)) for edge in once["p1"]] == ["62.50", "77.50"]


@settings(max_examples=10, deadline=None)
@given(st.lists(st.fixed_dictionaries({item: st.integers(0, 5) for item in FRAME.items}), min_size=5, max_size=12))
def test_a_mean_lies_within_its_interval_and_both_within_nought_and_a_hundred(answers: list[dict[str, int]]) -> None:
    found = result(FRAME, [Answered(marks) for marks in answers])

    for code in FRAME.factors:
        figure = found.figures[code]
        if figure.index is not None and figure.interval is not None:
            low, high = figure.interval
            assert 0 <= low <= high <= 100
            assert float(low) - 1e-9 <= float(figure.index) <= float(high) + 1e-9


def test_only_intervals_that_do_not_overlap_are_a_change() -> None:
    def at(low: int, high: int) -> Figure:
        return Figure(Fraction(low), 100, (Decimal(low), Decimal(high)))

    assert not is_clear_change(at(60, 70), at(70, 80))
    assert is_clear_change(at(60, 69), at(70, 80))


# ---- what is not shown


def answered(count: int, *, level: int = 5, **more: Any) -> list[Answered]:
    return [Answered(dict.fromkeys(FRAME.items, level), **more) for _ in range(count)]


def test_s08b_under_five_answers_there_is_nothing_at_all() -> None:
    found = result(FRAME, answered(4))

    assert found.is_hidden
    assert all(figure.index is None for figure in found.figures.values())


def test_s08b_a_small_item_hides_its_factor_and_at_each_level_the_next_smallest() -> None:
    most = {item: 5 for item in FRAME.items if item != "B2"}
    found = result(FRAME, [Answered(most)] * 10 + [Answered({"B2": 1})] * 3).figures

    hidden = {code for code, figure in found.items() if figure.is_hidden}

    assert hidden == {"B2", "B3", "s2", "s1"}  # the mean of the factor would say what three people marked
    assert found["service"].index is not None
    assert found["A1"].n == 10


def test_s08b_a_group_of_which_few_judged_an_item_is_hidden() -> None:
    female = answered(8, traits={"sex": "female"})
    male = [Answered({"A1": 4, "A3": 4, "B1": 4, "B2": 4, "B3": 4}, traits={"sex": "male"})] * 8
    one_more = [Answered({"A2": 1}, traits={"sex": "male"})]

    cuts = result(FRAME, female + male + one_more).cuts["sex"]

    assert {cut.value: cut.figure.is_hidden for cut in cuts} == {"female": True, "male": True}


def test_s08b_a_group_without_opinions_does_not_keep_a_small_one_company() -> None:
    groups = answered(20, traits={"sex": "female"}) + answered(3, traits={"sex": "male"})
    silent = [Answered({}, harassment="none", traits={"sex": "other"})]

    cuts = result(FRAME, groups + silent).cuts["sex"]

    assert all(cut.figure.is_hidden for cut in cuts)


def test_s08b_a_small_group_takes_the_next_smallest_with_it() -> None:
    groups = {"female": 20, "male": 8, "other": 2}
    found = result(FRAME, [one for sex, n in groups.items() for one in answered(n, traits={"sex": sex})])

    shown_groups = {cut.value: cut.figure.is_hidden for cut in found.cuts["sex"]}

    assert shown_groups == {"female": False, "male": True, "other": True}


def test_few_answers_are_called_few() -> None:
    assert result(FRAME, answered(29)).main.is_few
    assert not result(FRAME, answered(30)).main.is_few


def test_harassment_is_the_share_of_some_and_many() -> None:
    said = ["none"] * 16 + ["some"] * 3 + ["many"]
    found = result(FRAME, [Answered({"A1": 4}, harassment=one) for one in said] + answered(5))

    assert (found.harassment.index, found.harassment.n) == (20, 20)


def test_wishes_named_by_few_are_hidden_in_company() -> None:
    found = result(FRAME, answered(9, wishes=("p1",)) + answered(6, wishes=("s1",)) + answered(2, wishes=("s2",)))

    assert found.wishes == {"p1": 9, "s1": None, "s2": None}


def test_s18b_a_round_of_policy_items_alone_stands_for_its_content() -> None:
    frame = FRAME.asking(("A1", "A3"))

    found = result(frame, answered(6))

    assert (frame.heading, found.main.index, found.figures[OVERALL].index) == ("policy", 100, None)


# ---- what the mirror hears and shows


@pytest.fixture
def database(make_database: MakeDatabase) -> Database:
    return make_database(store.metadata, "insight")


@pytest.fixture
def client(database: Database, make_settings: Callable[..., Settings]) -> FlaskClient:
    settings = make_settings("insight")
    return make_pages(settings, database, NAMES, read_questionnaire(settings.config_dir)).test_client()


def hear(database: Database, *told: Event, at: datetime = NOON) -> None:
    with database.writing() as tx:
        for one in told:
            cause = Cause(uuid4(), "source", subject_of(one), at, "test")
            REACTIONS[type(one)](tx.because(cause), one)


def opening(code: str = "2026-1", **more: Any) -> SurveyOpened:
    usual = {
        "survey_id": uuid4(),
        "code": code,
        "items": ("A1", "A10", "B8"),
        "wards": (),
        "starts_on": date(2026, 11, int(code[-1])),
        "ends_on": date(2026, 11, 20),
        "sample_size": 222,
        "name": Sealed(f"Khảo sát {code}"),
        "policy": Sealed(None),
    }
    return an_event(SurveyOpened, **usual | more)


def an_answer(survey_id: UUID, level: int = 5, *, way: str = "link", **more: Any) -> SurveyAnswered:
    usual = {
        "answer_id": uuid4(),
        "marks": Sealed(tuple(Mark(item, level) for item in ("A1", "A10", "B8"))),
        "harassment": Sealed(None),
        "wishes": Sealed(()),
        "traits": Sealed((Trait("sex", "female"),)),
        "words": Sealed.closed(),
    }
    return SurveyAnswered(survey_id=survey_id, way=way, **usual | more)


def ending(database: Database, survey_id: UUID, *units: str, at: datetime = NOON) -> None:
    hear(database, SurveyClosed(survey_id=survey_id, actor="system", is_early=False, signers=units), at=at)
    for unit in units:
        signature = SurveySigned(survey_id=survey_id, actor="u:head", unit=unit, is_last=unit == units[-1])
        hear(database, signature, at=at)


def a_round(database: Database, levels: Sequence[int], code: str = "2026-1", **more: Any) -> UUID:
    start = opening(code, **more)
    hear(database, start, *(an_answer(start.survey_id, level) for level in levels))
    ending(database, start.survey_id, "KCHT", "PCAT")
    return start.survey_id


def test_s08b_nothing_is_shown_before_the_last_head_has_signed(database: Database, client: FlaskClient) -> None:
    start = opening()
    hear(database, start, *(an_answer(start.survey_id) for _ in range(8)))
    hear(database, SurveyClosed(survey_id=start.survey_id, actor="system", is_early=False, signers=("KCHT", "PCAT")))
    hear(database, SurveySigned(survey_id=start.survey_id, actor="u:head", unit="KCHT", is_last=False))

    assert client.get("/so-lieu/hai-long/2026-1").status_code == 404
    assert "Chưa có đợt nào" in client.get("/so-lieu/hai-long").text
    hear(database, SurveySigned(survey_id=start.survey_id, actor="u:head", unit="PCAT", is_last=True))
    assert "100,00%" in client.get("/so-lieu/hai-long/2026-1").text


def test_s08b_an_answer_is_neither_changed_nor_taken_away(database: Database) -> None:
    start = opening()
    one = an_answer(start.survey_id, 2)
    hear(database, start, one, one)
    table = store.survey_answer_fact

    for statement in (table.delete(), table.update().values(marks={"A1": 5})):
        with pytest.raises(DatabaseError), database.writing() as tx:
            tx.connection.execute(statement)

    with database.reading() as look:
        assert [row.marks for row in look.connection.execute(table.select())] == [{"A1": 2, "A10": 2, "B8": 2}]


def test_what_is_answered_after_the_first_signature_does_not_count(database: Database, client: FlaskClient) -> None:
    survey_id = a_round(database, [5] * 6)

    hear(database, an_answer(survey_id, 1, way="paper"), at=NOON + timedelta(seconds=1))

    assert "<b>6</b>" in client.get("/so-lieu/hai-long/2026-1").text


def test_s09_the_response_is_answers_by_invitation_of_those_delivered(database: Database, client: FlaskClient) -> None:
    start = opening()
    invited = [uuid4() for _ in range(40)]
    hear(database, start)
    for petition_id in invited:
        hear(database, an_event(SurveyInvited, petition_id=petition_id, survey_id=start.survey_id, is_reminder=False))
    for place, petition_id in enumerate(invited):
        outcome = NoticeFailed if place < 4 else NoticeAccepted
        told = an_event(
            outcome, petition_id=petition_id, notice_id=uuid4(), audience="petitioner", purpose="survey_invited"
        )
        hear(database, told, at=NOON + timedelta(minutes=1))
    hear(database, *(an_answer(start.survey_id, way="invitation") for _ in range(6)))
    ending(database, start.survey_id, "KCHT")

    with database.reading() as look:
        assert store.count_delivered(look, start.survey_id) == 36
    page = client.get("/so-lieu/hai-long/2026-1").text
    assert "16,7%" in page
    assert "Dưới 20% người được mời đã trả lời" in page


def test_a_message_of_a_later_round_does_not_count_for_the_one_before(database: Database) -> None:
    first, second, petition_id = opening("2026-1"), opening("2026-2"), uuid4()
    hear(database, first, second)
    for start, at in ((first, NOON), (second, NOON + timedelta(days=9))):
        invitation = an_event(SurveyInvited, petition_id=petition_id, survey_id=start.survey_id, is_reminder=False)
        hear(database, invitation, at=at)
    told = an_event(NoticeAccepted, petition_id=petition_id, notice_id=uuid4(), purpose="survey_invited")
    hear(database, told, at=NOON + timedelta(days=9, minutes=1))

    with database.reading() as look:
        assert [store.count_delivered(look, one.survey_id) for one in (first, second)] == [0, 1]


def test_s05a_a_clear_fall_is_said_and_a_small_move_is_no_clear_change(
    database: Database, client: FlaskClient, clock: MovableClock
) -> None:
    a_round(database, [5] * 40, "2026-1")
    a_round(database, [5] * 38 + [2] * 2, "2026-2")
    a_round(database, [2] * 40, "2026-3")

    small, fall = client.get("/so-lieu/hai-long/2026-2").text, client.get("/so-lieu/hai-long/2026-3").text

    assert "Không thay đổi rõ so với đợt trước" in small or "Thấp hơn hẳn" in small
    assert "Thấp hơn hẳn đợt trước (95,00%)" in fall
    assert "Giảm rõ so với đợt trước" in fall


def test_rounds_that_asked_other_things_are_not_compared(database: Database, client: FlaskClient) -> None:
    a_round(database, [5] * 8, "2026-1", items=("A1",))
    a_round(database, [2] * 8, "2026-2")

    assert "đợt trước" not in client.get("/so-lieu/hai-long/2026-2").text.lower().replace("các đợt trước", "")


@pytest.mark.parametrize("address", ["/so-lieu/hai-long", "/so-lieu/hai-long/2026-1"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_s16a_the_measure_is_never_called_the_official_index(
    database: Database, client: FlaskClient, address: str, language: str
) -> None:
    a_round(database, [5] * 8)

    page = client.get(f"{address}?lang={language}").text

    assert "Chỉ số SIPAS" not in page
    assert "SIPAS index" not in page.replace("not the official SIPAS index", "")
    assert ("theo cấu trúc SIPAS" if language == "vi" else "structured like SIPAS") in page


def test_the_figures_can_be_taken_away_without_what_is_hidden(database: Database, client: FlaskClient) -> None:
    a_round(database, [5, 4, 3, 4, 5, 1], "2026-1")
    a_round(database, [5, 4], "2026-2")

    shown_rows = client.get("/so-lieu/hai-long/2026-1.csv").get_data().decode("utf-8-sig").splitlines()
    hidden_rows = client.get("/so-lieu/hai-long/2026-2.csv").get_data().decode("utf-8-sig").splitlines()

    assert shown_rows[0] == "code;index;low;high;n"
    assert "A1;66.67;30.00;90.32;6" in shown_rows
    assert "A1;;;;" in hidden_rows
    assert client.get("/so-lieu/hai-long/2026-9.csv").status_code == 404


def test_an_answer_whose_marks_were_erased_is_passed_over(database: Database) -> None:
    start = opening()

    hear(database, start, an_answer(start.survey_id, marks=Sealed.closed()))

    with database.reading() as look:
        assert look.connection.execute(store.survey_answer_fact.select()).all() == []
