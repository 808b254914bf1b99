"""Survey rounds at the desk: prepared by one, opened by another, closed in time, signed off by each head."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workflow import actions, reactions, store
from services.workflow.actions.surveys import Frame, look_after
from services.workflow.domain import survey as rounds
from services.workflow.domain.survey import Survey, SurveyRefused, sample_size
from services.workflow.steps import Incomplete, NotAllowed
from shared.events.base import Event, Sealed
from shared.events.intake import SurveyAnswered
from tests.builders import an_event
from tests.support import NOON, emitted
from tests.workflow.builders import (
    DIRECTOR,
    HEAD,
    INSPECTION_HEAD,
    LEGAL_HEAD,
    OFFICE,
    OFFICER,
    Office,
    Staff,
    hear,
    the_rules,
)
from tests.workflow.conftest import Visit
from tests.workflow.test_pages import HOME

KNOWN = ("A1", "A10", "B8", "H1", "O1")
WEEK = timedelta(days=7)
FRAME = Frame(
    name="Khảo sát quý IV năm 2026",
    policy="",
    items=("B8", "A1", "H1"),
    ways=("invitation", "link", "paper"),
    wards=(),
    starts_on=date(2026, 11, 23),
    ends_on=date(2026, 12, 12),
    answered_from=date(2026, 10, 1),
    answered_to=date(2026, 11, 20),
    population=500,
)


def prepared(office: Office, person: Staff = OFFICE, **given: Any) -> Survey:
    with office.database.writing() as tx:
        return actions.prepare_survey(tx, office.rules, person=person, frame=replace(FRAME, **given), known=KNOWN)


def opened(office: Office, survey: Survey, person: Staff = DIRECTOR) -> tuple[Survey, list[Event]]:
    with office.database.writing() as tx:
        seen = survey.prepared_at.isoformat()
        after = actions.open_survey(tx, office.rules, person=person, survey_id=survey.id, seen=seen, remind_after=WEEK)
        return after, emitted(tx)


def closed(office: Office, survey: Survey, reason: str = "Đã đủ số phiếu cần có") -> tuple[Survey, list[Event]]:
    with office.database.writing() as tx:
        return actions.close_survey(tx, person=OFFICE, survey_id=survey.id, reason=reason), emitted(tx)


def signed(office: Office, survey: Survey, person: Staff) -> tuple[Survey, list[Event]]:
    with office.database.writing() as tx:
        return actions.sign_survey(tx, person=person, survey_id=survey.id), emitted(tx)


def swept(office: Office) -> tuple[int, Survey]:
    done = actions.SurveySweep(office.database, Always()).once()
    with office.database.reading() as look:
        return done, store.surveys(look)[0]


class Always:
    """The rules in force, whenever one looks."""

    def in_force(self, _look: Any) -> Any:
        return the_rules()


def answers(office: Office, survey_id: UUID, *words: str | None, way: str = "link") -> None:
    told = [
        an_event(SurveyAnswered, answer_id=uuid4(), survey_id=survey_id, way=way, words=Sealed(one)) for one in words
    ]
    with office.database.writing() as tx:
        hear(tx, reactions.take_survey_answers, *told)


@pytest.mark.parametrize(("population", "needed"), [(500, 222), (5_000, 370), (50_000, 397), (1, 1)])
def test_s09_the_sample_is_proposed_by_the_formula(population: int, needed: int) -> None:
    assert sample_size(population) == needed


@given(st.integers(1, 10_000_000))
def test_a_sample_is_never_larger_than_the_people_nor_than_four_hundred(population: int) -> None:
    assert 1 <= sample_size(population) <= min(population, 400)


def test_s09_a_round_is_prepared_by_one_and_opened_by_another(office: Office) -> None:
    new = prepared(office)

    with pytest.raises(NotAllowed):
        opened(office, new, OFFICE)
    after, told = opened(office, new)

    (event,) = told
    assert (new.code, new.items, after.state) == ("2026-1", ("A1", "B8", "H1"), "open")
    assert (event.TYPE, event.prepared_by, event.actor) == ("survey.opened.v1", OFFICE.person, DIRECTOR.person)  # type: ignore[attr-defined]
    assert event.sample_size == 222  # type: ignore[attr-defined]
    with pytest.raises(SurveyRefused):
        opened(office, new)


def test_whoever_changes_a_round_last_has_prepared_it(office: Office) -> None:
    new = prepared(office)

    with office.database.writing() as tx:
        frame = replace(FRAME, name="Khảo sát cuối năm 2026")
        actions.change_survey(tx, office.rules, person=DIRECTOR, survey_id=new.id, frame=frame, known=KNOWN)

    with pytest.raises(NotAllowed):
        opened(office, new, DIRECTOR)
    assert opened(office, new, OFFICE)[0].name == "Khảo sát cuối năm 2026"


def test_s18b_a_round_may_be_about_one_policy_in_some_wards(office: Office) -> None:
    policy = "Quyết định 12/2026/QĐ-UBND về vỉa hè"
    new = prepared(office, policy=policy, wards=("thuan-hoa",), items=("A1", "A10"), ways=("link",))

    _, (event,) = opened(office, new)

    assert event.wards == ("thuan-hoa",)  # type: ignore[attr-defined]
    assert event.policy.value == policy  # type: ignore[attr-defined]
    assert event.answered_since is None  # type: ignore[attr-defined]
    assert policy not in repr(event)


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"name": "Quý IV"}, "name", "missing"),
        ({"items": ()}, "items", "missing"),
        ({"items": ("X9",)}, "items", "missing"),
        ({"ways": ()}, "ways", "missing"),
        ({"wards": ("nowhere",)}, "wards", "unknown"),
        ({"starts_on": date(2026, 11, 20)}, "starts_on", "passed"),
        ({"ends_on": date(2026, 11, 22)}, "ends_on", "before_start"),
        ({"ends_on": date(2027, 11, 22)}, "ends_on", "too_long"),
        ({"answered_from": None}, "answered_from", "missing"),
        ({"answered_to": date(2026, 11, 30)}, "answered_to", "to_come"),
        ({"population": 0}, "population", "out_of_range"),
    ],
)
def test_what_makes_no_sense_is_named(office: Office, given: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(Incomplete) as refusal:
        prepared(office, **given)

    assert (refusal.value.field, refusal.value.code) == (field, code)


def test_officers_and_heads_prepare_no_round(office: Office) -> None:
    for person in (OFFICER, HEAD):
        with pytest.raises(NotAllowed):
            prepared(office, person)


def test_a_round_is_not_opened_before_its_first_day(office: Office) -> None:
    new = prepared(office, starts_on=date(2026, 11, 30))

    with pytest.raises(Incomplete):
        opened(office, new)
    office.at("2026-11-30T08:00")

    assert opened(office, new)[0].state == "open"


def test_s09_who_was_invited_is_reminded_once_and_the_round_closes_after_its_last_day(office: Office) -> None:
    opened(office, prepared(office))

    assert swept(office)[0] == 0
    office.at("2026-11-30T08:00")
    assert swept(office)[0] == 1
    assert swept(office)[0] == 0
    office.at("2026-12-12T23:59")
    assert swept(office)[1].state == "open"
    office.at("2026-12-13T00:00")
    done, after = swept(office)

    assert (done, after.state, after.closed_by) == (1, "closed", "system")


def test_a_worker_that_looked_a_moment_later_neither_reminds_again_nor_closes_again(office: Office) -> None:
    survey, _ = opened(office, prepared(office))

    def looked_after(today: date) -> list[str]:
        with office.database.writing() as tx:
            look_after(tx, survey.id, today=today)
            return [event.TYPE for event in emitted(tx)]

    office.at("2026-11-30T08:00")
    told = [looked_after(date(2026, 11, 30)) for _ in range(2)]
    office.at("2026-12-13T00:00")
    told += [looked_after(date(2026, 12, 13)) for _ in range(2)]

    assert told == [["survey.reminded.v1"], [], ["survey.closed.v1"], []]


def test_closing_early_needs_a_reason(office: Office) -> None:
    after, _ = opened(office, prepared(office))

    with pytest.raises(Incomplete):
        closed(office, after, "xong")
    _, (event,) = closed(office, after)

    assert event.is_early  # type: ignore[attr-defined]
    assert event.signers == ("DKIEM", "KCHT", "PCAT")  # type: ignore[attr-defined]


def test_s09_each_head_signs_off_once_and_the_last_one_ends_the_round(office: Office) -> None:
    after, _ = opened(office, prepared(office))
    closed(office, after)

    first, told = signed(office, after, HEAD)
    with pytest.raises(NotAllowed):
        signed(office, after, HEAD)
    with pytest.raises(NotAllowed):
        signed(office, after, OFFICE)
    signed(office, after, LEGAL_HEAD)
    last, ended = signed(office, after, INSPECTION_HEAD)

    assert (first.state, last.state) == ("closed", "signed")
    assert [event.is_last for event in (*told, *ended)] == [False, True]  # type: ignore[attr-defined]


def test_the_director_signs_for_a_unit_that_has_no_head_any_more(office: Office) -> None:
    after, _ = opened(office, prepared(office))
    closed(office, after)
    with pytest.raises(NotAllowed):
        signed(office, after, DIRECTOR)

    units = rounds.signs_for(
        DIRECTOR, replace(after, state="closed", signers=("KCHT", "PCAT")), signed={}, headless={"PCAT"}
    )

    assert units == ("PCAT",)


def test_s08b_the_desk_holds_no_mark_and_reads_words_only_when_it_is_over(office: Office) -> None:
    after, _ = opened(office, prepared(office))

    answers(office, after.id, "Đèn đường sáng hơn", None, way="link")
    with office.database.reading() as look:
        before = store.survey_words(look, after.id)
        count = store.count_survey_answers(look, after.id)
    closed(office, after)

    assert before == []
    assert count == {"link": 2}
    assert {column.name for column in store.metadata.tables["survey_answer"].columns} == {
        "answer_id",
        "survey_id",
        "way",
        "words",
    }
    with office.database.reading() as look:
        assert store.survey_words(look, after.id) == ["Đèn đường sáng hơn"]


@given(st.lists(st.sampled_from(["open", "close", "sign"]), max_size=8))
def test_no_walk_signs_a_round_that_was_not_closed(walk: list[str]) -> None:
    found, seen = a_round(), []
    for step in walk:
        try:
            if step == "open":
                found = rounds.opened(found, by="u:b", at=NOON, remind_at=None)
            elif step == "close":
                found = rounds.closed(found, by="u:b", at=NOON, reason=None, signers={"KCHT"})
            else:
                found = rounds.signed(found, at=NOON, missing=0)
        except SurveyRefused:
            continue
        seen.append(step)

    assert seen == ["open", "close", "sign"][: len(seen)]


def a_round(**given: Any) -> Survey:
    usual: dict[str, Any] = {
        "id": uuid4(), "code": "2026-1", "name": "x", "policy": None, "items": ("A1",), "ways": ("link",), "wards": (),
        "starts_on": date(2026, 11, 23), "ends_on": date(2026, 12, 12), "answered_from": None, "answered_to": None,
        "population": None, "state": "prepared", "prepared_by": "u:a", "prepared_at": NOON,
    }  # fmt: skip
    return Survey(**usual | given)


def test_codes_count_up_within_a_year() -> None:
    assert rounds.next_code(2026, ["2026-1", "2025-9", "2026-10"]) == "2026-11"
    assert rounds.next_code(2027, ["2026-1"]) == "2027-1"


# ---- pages

FORM = {
    "name": "Khảo sát quý IV năm 2026",
    "items": ["A1", "B8", "H1", "O1"],
    "ways": ["link", "paper"],
    "starts_on": "23/11/2026",
    "ends_on": "12/12/2026",
    "population": "5.000",
}


def seen_on(page: str) -> str:
    """Which writing of a round a page shows."""
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found, page
    return found[1]


def test_what_was_written_anew_meanwhile_is_not_opened_unread(office: Office, visit: Visit) -> None:
    by_office, by_director = visit(OFFICE), visit(DIRECTOR)
    there = by_office.post("/desk/surveys/new", data=FORM, headers=HOME).location
    seen = seen_on(by_director.get(there).text)
    office.clock.move_to(NOON + timedelta(minutes=5))
    changed = by_office.post(f"{there}/change", data=FORM | {"ways": ["link"]}, headers=HOME)

    stale = by_director.post(f"{there}/open", data={"seen": seen}, headers=HOME)
    fresh = by_director.post(f"{there}/open", data={"seen": seen_on(by_director.get(there).text)}, headers=HOME)

    assert (changed.status_code, stale.status_code, fresh.status_code) == (303, 409, 303)


def test_a_round_goes_from_form_to_signature_on_the_pages(office: Office, visit: Visit) -> None:
    by_office, by_director = visit(OFFICE), visit(DIRECTOR)

    sent = by_office.post("/desk/surveys/new", data=FORM, headers=HOME)
    there = sent.location
    seen = {"seen": seen_on(by_director.get(there).text)}
    own = by_office.post(f"{there}/open", data=seen, headers=HOME)
    done = by_director.post(f"{there}/open", data=seen, headers=HOME)

    assert (sent.status_code, own.status_code, done.status_code) == (303, 403, 303)
    page = by_director.get(there).text
    assert "cần khoảng 370" in page
    assert "/khao-sat/2026-1" in page
    assert by_director.post(f"{there}/close", data={"reason": "xong"}, headers=HOME).status_code == 422
    assert by_director.post(f"{there}/close", data={"reason": "Đã đủ phiếu cần có"}, headers=HOME).status_code == 303
    assert "Ký xác nhận cho" in visit(HEAD).get(there).text
    assert visit(HEAD).post(f"{there}/sign", headers=HOME).status_code == 303
    assert visit(OFFICER).post(f"{there}/sign", headers=HOME).status_code == 403


def test_a_refusal_keeps_what_was_typed(office: Office, visit: Visit) -> None:
    answer = visit(OFFICE).post("/desk/surveys/new", data=FORM | {"ends_on": "31/13/2026"}, headers=HOME)

    assert answer.status_code == 422
    assert "dạng ngày/tháng/năm" in answer.text
    assert "Khảo sát quý IV năm 2026" in answer.text
    assert 'value="A1" checked' in answer.text
    assert 'value="A2" checked' not in answer.text


def test_words_are_read_by_the_office_from_five_answers_on(office: Office, visit: Visit) -> None:
    after, _ = opened(office, prepared(office))
    answers(office, after.id, "Mong có thêm xe buýt tối", None, None, None)
    closed(office, after)
    there = f"/desk/surveys/{after.id}"

    few = visit(OFFICE).get(there).text
    answers(office, after.id, None, way="paper")
    enough = visit(OFFICE).get(there).text

    assert "xe buýt tối" not in few
    assert "xe buýt tối" in enough
    assert "xe buýt tối" not in visit(HEAD).get(there).text


def test_an_officer_is_sent_to_the_door_with_a_pass_to_type_in_papers(office: Office, visit: Visit) -> None:
    sent = visit(OFFICER).post("/desk/surveys/enter", headers=HOME)

    assert sent.status_code == 303
    assert sent.location == "/gui/tai-quay"
    assert "ln-pass=" in sent.headers["Set-Cookie"]


def test_officers_find_no_form_and_a_round_that_is_none_is_not_found(office: Office, visit: Visit) -> None:
    assert visit(OFFICER).get("/desk/surveys/new").status_code == 403
    assert visit(OFFICER).get("/desk/surveys").status_code == 200
    assert visit(OFFICE).get(f"/desk/surveys/{uuid4()}").status_code == 404
    assert visit(OFFICE).get(f"/desk/surveys/{uuid4()}/change").status_code == 404
