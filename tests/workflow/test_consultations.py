"""Consultations on drafts: two persons open one, its comments wait for the close, one answer serves several."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workflow import actions, store
from services.workflow.domain import consultation as rules_of_consultations
from services.workflow.domain.consultation import Consultation, ConsultationRefused, Tally
from services.workflow.steps import Incomplete, NotAllowed
from shared.events.base import Event
from tests.support import NOON, emitted
from tests.workflow.builders import (
    COLLEAGUE,
    DIRECTOR,
    HEAD,
    LEGAL_HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
    Staff,
    the_rules,
)

POINT = "Kéo dài tuyến xe buýt số 4 đến chợ An Cựu"
ANSWER = "Sở đã ghi nhận và sẽ kéo dài tuyến số 4 đến chợ An Cựu từ ngày 01/03/2027, Điều 5 dự thảo."
COMMENT = {
    "kind": "consultation_comment",
    "topic": None,
    "title": None,
    "place": None,
    "ward": None,
    "text": "Nên cho xe buýt số 4 chạy đến chợ An Cựu, bà con đi lại dễ hơn.",
}


def a_draft(**given: Any) -> dict[str, Any]:
    usual = {
        "title": "Quy chế quản lý xe buýt công cộng",
        "summary": "Dự thảo sắp xếp lại 12 tuyến xe buýt và giờ chạy, áp dụng từ tháng 3 năm 2027.",
        "asked": "Tuyến nào nên kéo dài, giờ nào nên thêm chuyến.",
        "text": "Điều 1. Phạm vi điều chỉnh …",
        "unit": "KCHT",
        "opens_on": date(2026, 11, 23),
        "closes_on": date(2026, 11, 30),
    }
    return usual | given


def prepared(office: Office, person: Staff = OFFICE, **given: Any) -> Consultation:
    with office.database.writing() as tx:
        return actions.prepare_consultation(tx, office.rules, person=person, **a_draft(**given))


def open_up(office: Office, one: Consultation, person: Staff = HEAD) -> tuple[Consultation, list[Event]]:
    """Opened as it was looked at."""
    seen = one.prepared_at.isoformat()
    with office.database.writing() as tx:
        done = actions.open_consultation(tx, office.rules, person=person, consultation_id=one.id, seen=seen)
        return done, emitted(tx)


def opened(office: Office, **given: Any) -> tuple[Consultation, list[Event]]:
    return open_up(office, prepared(office, **given))


def closed(office: Office, one: Consultation, person: Staff = OFFICE, reason: str = "Đã đủ ý kiến cần nghe") -> Any:
    with office.database.writing() as tx:
        done = actions.close_consultation(tx, office.rules, person=person, consultation_id=one.id, reason=reason)
        return done, emitted(tx)


def sweep(office: Office) -> int:
    return actions.CloseConsultations(office.database, office.rules).once()


def commented(office: Office, on: Consultation, **given: Any) -> UUID:
    code = uuid4().hex[:8].upper()
    return office.file(**COMMENT | {"consultation_id": on.id, "code": code, "public_code": code} | given)


def drafted(office: Office, case_id: UUID, person: Staff = OFFICER, **given: Any) -> list[Event]:
    asked = {"text": ANSWER, "outcome": "taken_up", "point": POINT, "answers_all": True} | given
    with office.database.writing() as tx:
        actions.draft_for_comment(tx, office.rules, person=person, case_id=case_id, **asked)
        return emitted(tx)


# ---- two persons


def test_s14b_who_prepares_a_consultation_does_not_open_it(office: Office) -> None:
    new = prepared(office)
    acting_head = replace(OFFICE, role="head", unit="KCHT")

    with pytest.raises(NotAllowed):
        open_up(office, new, acting_head)
    done, told = opened(office)

    assert (done.state, done.opened_by) == ("opened", HEAD.person)
    assert [event.TYPE for event in told] == ["consultation.opened.v1"]
    assert told[0].draft.value.title == done.title  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("person", "is_allowed"),
    [(HEAD, True), (DIRECTOR, True), (LEGAL_HEAD, False), (OFFICER, False), (OFFICE, False)],
)
def test_the_head_of_the_unit_in_charge_or_the_director_opens_it(person: Staff, is_allowed: bool) -> None:
    one = a_consultation(prepared_by="u:somebody")

    assert bool(rules_of_consultations.may_open(person, one)) is is_allowed


def test_only_the_office_prepares(office: Office) -> None:
    with pytest.raises(NotAllowed):
        prepared(office, person=HEAD)


def test_what_was_written_anew_meanwhile_is_not_opened_unseen(office: Office) -> None:
    new = prepared(office)
    office.at("2026-11-23T13:00")
    with office.database.writing() as tx:
        actions.change_consultation(
            tx, office.rules, person=OFFICE, consultation_id=new.id, **a_draft(title="Tên khác hẳn")
        )

    with pytest.raises(ConsultationRefused):
        open_up(office, new)


def test_what_people_comment_on_is_not_changed_any_more(office: Office) -> None:
    one, _ = opened(office)

    with office.database.writing() as tx, pytest.raises(ConsultationRefused):
        actions.change_consultation(tx, office.rules, person=OFFICE, consultation_id=one.id, **a_draft())


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("title", {"title": "Ngắn"}),
        ("document", {"text": " "}),
        ("unit", {"unit": "XYZ"}),
        ("opens_on", {"opens_on": None}),
        ("closes_on", {"closes_on": date(2026, 11, 22)}),
        ("closes_on", {"opens_on": date(2026, 11, 1), "closes_on": date(2026, 11, 20)}),
    ],
)
def test_what_is_missing_or_makes_no_sense_is_named(office: Office, field: str, given: dict[str, Any]) -> None:
    with pytest.raises(Incomplete) as refused:
        prepared(office, **given)

    assert refused.value.field == field


def test_each_consultation_has_a_number_of_its_own_for_its_short_address(office: Office) -> None:
    assert [prepared(office).number for _ in range(3)] == [1, 2, 3]


# ---- comments are cases


def test_s14b_every_comment_becomes_a_case_of_the_unit_in_charge_and_not_by_sorting(office: Office) -> None:
    one, _ = opened(office)
    denouncing = "Tôi tố cáo ông Trưởng phòng Hạ tầng nhận tiền. Ổ gà đường Điện Biên Phủ, xe buýt bỏ chuyến."

    case = office.case(commented(office, one, text=denouncing))

    assert (case.kind, case.unit, case.stage) == ("consultation_comment", "KCHT", "accepted")
    assert (case.consultation_id, case.topic, case.is_restricted) == (one.id, None, False)


def test_whom_a_comment_names_neither_sees_nor_answers_it(office: Office) -> None:
    one, _ = opened(office)
    text = "Ông Nguyễn Văn Hải đã làm dự thảo này quá vội, nên lấy ý kiến thêm."

    with office.database.writing() as tx:
        found = store.metadata.tables["account"]
        tx.connection.execute(found.update().where(found.c.person == COLLEAGUE.person).values(name="Nguyễn Văn Hải"))
    case = office.case(commented(office, one, text=text))

    assert COLLEAGUE.person in case.excluded
    with office.database.reading() as look:
        seen = [
            (
                len(store.comments_of(look, person, one.id, limit=10)),
                store.count_comments(look, person, [one.id])[one.id],
            )
            for person in (COLLEAGUE, DIRECTOR)
        ]
    assert seen == [(0, {}), (1, {"accepted": 1})]  # and no number tells them that there is one


def test_s14b_the_clock_of_a_comment_does_not_run_from_its_filing(office: Office) -> None:
    one, _ = opened(office)

    case_id = commented(office, one)

    with office.database.reading() as look:
        assert store.deadlines_of(look, case_id) == {}
    assert (office.case(case_id).answer_due_on, office.case(case_id).next_step_at) == (None, None)


# ---- the close


def test_s14b_comments_are_due_fifteen_working_days_after_the_last_day(office: Office) -> None:
    one, _ = opened(office)
    case_id = commented(office, one)
    office.at("2026-12-01T00:01")

    assert sweep(office) == 2
    assert sweep(office) == 0

    case = office.case(case_id)
    with office.database.reading() as look:
        done = store.find_consultation(look, one.id)
        clocks = store.deadlines_of(look, case_id).values()
    assert done is not None
    assert (done.state, done.closed_by, done.closed_on) == ("closed", "system", date(2026, 11, 30))
    assert (case.answer_due_on, case.answer_rule) == (date(2026, 12, 21), "consultation_comment.answer")
    assert "answer" in {clock.step for clock in clocks}
    assert case.next_step_at is not None


def test_a_close_that_is_noticed_late_starts_the_clock_where_it_should_have(office: Office) -> None:
    one, _ = opened(office)
    case_id = commented(office, one)

    office.at("2026-12-04T09:00")
    sweep(office)

    assert office.case(case_id).answer_due_on == date(2026, 12, 21)


def test_s14b_a_consultation_is_closed_early_with_a_reason_and_the_clock_runs_from_that_day(office: Office) -> None:
    one, _ = opened(office)
    case_id = commented(office, one)
    office.at("2026-11-25T10:00")

    with pytest.raises(Incomplete):
        closed(office, one, reason="đủ")
    with pytest.raises(NotAllowed):
        closed(office, one, STRANGER)
    _, told = closed(office, one)
    sweep(office)

    assert told[0].is_early
    assert told[0].closed_on == date(2026, 11, 25)
    assert told[0].answers_due_on == office.case(case_id).answer_due_on == date(2026, 12, 16)


def test_a_comment_that_was_on_its_way_at_the_close_gets_the_same_day(office: Office) -> None:
    one, _ = opened(office)
    office.at("2026-12-01T00:01")
    sweep(office)

    case_id = commented(office, one)
    sweep(office)

    assert office.case(case_id).answer_due_on == date(2026, 12, 21)


def test_many_comments_are_started_in_several_goes_and_each_once(office: Office) -> None:
    one, _ = opened(office)
    cases = [commented(office, one) for _ in range(5)]
    office.at("2026-12-01T00:01")
    by_two = actions.CloseConsultations(office.database, office.rules, batch=2)

    assert [by_two.once() for _ in range(4)] == [3, 2, 1, 0]

    assert {office.case(case_id).answer_due_on for case_id in cases} == {date(2026, 12, 21)}


def test_what_is_a_report_after_all_is_no_comment_any_more(office: Office) -> None:
    one, _ = opened(office)
    case_id = commented(office, one)
    office.act(actions.return_to_triage, HEAD, case_id, reason="Đây là phản ánh ổ gà, không phải góp ý")
    office.act(actions.confirm_triage, HEAD, case_id, kind="report", topic="C01")

    with office.database.reading() as look:
        assert store.count_comments(look, DIRECTOR, [one.id]) == {one.id: {}}
    assert office.case(case_id).answer_due_on == date(2026, 12, 3)  # of its own clock, from its filing


# ---- answers


def test_s14b_the_same_answer_is_given_to_several_comments_by_four_eyes(office: Office) -> None:
    one, _ = opened(office)
    cases = [commented(office, one) for _ in range(3)]

    for case_id in cases:
        drafted(office, case_id)
    with pytest.raises(NotAllowed):
        office.act(actions.approve, replace(OFFICER, role="head"), cases[0])
    told = []
    for case_id in cases:
        office.act(actions.approve, HEAD, case_id)
        told += office.act(actions.answer, OFFICER, case_id)

    answers = [event for event in told if event.TYPE == "case.answered.v1"]
    assert [event.point.value for event in answers] == [POINT] * 3  # type: ignore[attr-defined]
    assert {event.outcome for event in answers} == {"taken_up"}  # type: ignore[attr-defined]
    with office.database.reading() as look:
        comments = store.comments_of(look, OFFICER, one.id, limit=10)
        assert Tally.of(store.count_comments(look, DIRECTOR, [one.id])[one.id]).answered == 3
    assert len({comment.written for comment in comments}) == 1


def test_however_many_comments_were_answered_the_next_one_stands_on_the_page(office: Office) -> None:
    one, _ = opened(office)
    first, second = commented(office, one), commented(office, one)
    drafted(office, first)
    office.act(actions.approve, HEAD, first)
    office.act(actions.answer, OFFICER, first)

    with office.database.writing() as tx:
        shown = store.comments_of(tx, OFFICER, one.id, limit=1)
        taken_out = actions.read_comments(tx, person=OFFICER, consultation_id=one.id)

    assert [comment.case.id for comment in shown] == [second]
    assert [comment.case.id for comment in taken_out] == [first, second]  # in the order in which they came


@pytest.mark.parametrize("point", ["", "Gọi 0905 123 456 để hỏi thêm", "x" * 501])
def test_what_is_published_of_a_comment_must_be_said_and_name_nobody(office: Office, point: str) -> None:
    one, _ = opened(office)
    case_id = commented(office, one)

    with pytest.raises(Incomplete) as refused:
        drafted(office, case_id, point=point)

    assert refused.value.field == "point"
    assert office.case(case_id).stage == "accepted"  # nothing of it was kept


def test_no_reason_lets_personal_data_into_an_answer_that_everybody_reads(office: Office) -> None:
    one, _ = opened(office)
    case_id = commented(office, one)

    with pytest.raises(Incomplete) as refused:
        drafted(office, case_id, text=f"{ANSWER} Gọi chị Hoa, 0905 123 456.", in_spite="Người góp ý muốn như vậy")

    assert (refused.value.field, refused.value.code) == ("text", "personal")
    assert office.case(case_id).stage == "accepted"


def test_a_draft_must_say_that_it_answers_what_the_comment_asks(office: Office) -> None:
    one, _ = opened(office)
    case_id = commented(office, one, text="Bao giờ có xe buýt đến chợ An Cựu? Đề nghị cho biết sớm.")

    with pytest.raises(Incomplete) as refused:
        drafted(office, case_id, answers_all=False)
    drafted(office, case_id, answers_all=True)

    assert refused.value.field == "in_spite"
    assert office.case(case_id).stage == "drafted"


def test_other_answers_publish_nothing(office: Office) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)

    with pytest.raises(Incomplete):
        office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="taken_up")
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done", point=POINT, replies={})
    office.act(actions.approve, HEAD, case_id)
    told = office.act(actions.answer, OFFICER, case_id)

    assert told[-1].point.value is None  # type: ignore[attr-defined]


def test_every_comment_that_is_taken_out_is_told_as_a_reading(office: Office) -> None:
    one, _ = opened(office)
    for _ in range(2):
        commented(office, one)

    with office.database.writing() as tx:
        found = actions.read_comments(tx, person=HEAD, consultation_id=one.id)
        told = emitted(tx)
    with office.database.writing() as tx:
        others = actions.read_comments(tx, person=STRANGER, consultation_id=one.id)

    assert len(found) == 2
    assert [(event.TYPE, event.kind) for event in told] == [("access.read.v1", "export")] * 2  # type: ignore[attr-defined]
    assert others == []


# ---- rules


def a_consultation(**given: Any) -> Consultation:
    usual: dict[str, Any] = {
        "id": uuid4(),
        "number": 1,
        "document": None,
        "prepared_by": OFFICE.person,
        "prepared_at": NOON,
    }
    return Consultation(**a_draft() | usual | given)


days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(closes_on=days, today=days)
def test_a_close_by_the_clock_counts_from_the_last_day_and_an_early_one_from_its_own(
    closes_on: date, today: date
) -> None:
    one = a_consultation(opens_on=date(2026, 1, 1), closes_on=closes_on, state="opened")

    done = rules_of_consultations.close(one, by="system", at=NOON, today=today)

    assert done.closed_on == min(today, closes_on)
    assert one.stands_on(today) == ("open" if today <= closes_on else "closed")


@given(closed_on=days)
def test_the_answers_are_due_on_a_working_day_after_the_close(closed_on: date) -> None:
    rules = the_rules()

    due_on = rules_of_consultations.answers_due_on(rules.catalogue, closed_on)

    assert rules.calendar.is_working_day(due_on)
    assert rules.calendar.working_days_between(closed_on, due_on) == 15


@pytest.mark.parametrize("act", [rules_of_consultations.open_up, rules_of_consultations.close])
def test_what_was_closed_is_neither_opened_nor_closed_again(act: Callable[..., Any]) -> None:
    with pytest.raises(ConsultationRefused):
        act(a_consultation(state="closed"), by="u:x", at=NOON, today=date(2026, 11, 24))
