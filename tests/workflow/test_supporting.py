"""Other units contribute by a day of their own; the Office urges; colleagues are named in notes."""

from datetime import date
from uuid import UUID

import pytest

from services.workflow import actions, store
from services.workflow.actions import Remind, Sweep
from services.workflow.domain.case import KindClass, StepRefused
from services.workflow.domain.errand import fault_of_day, next_reminder
from services.workflow.domain.mention import meant_by
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from shared.events.base import Event
from tests.support import NOON, emitted
from tests.workflow.builders import (
    DENUNCIATION,
    DIRECTOR,
    HEAD,
    LAWYER,
    LEGAL_HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
    the_rules,
)
from tests.workflow.test_sweep import bodies

QUESTION = "Đề nghị cho biết tuyến xe buýt nào đi qua đoạn đường này."
BUS = "Xe buýt tuyến số 2 sáng nay bỏ chuyến, tôi chờ 40 phút không có xe."


def in_work(office: Office, **given: object) -> UUID:
    case_id = office.file(**given)
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    return case_id


def supported(office: Office) -> UUID:
    case_id = in_work(office)
    office.act(actions.ask_support, OFFICER, case_id, unit="PCAT", question=QUESTION, due_on=date(2026, 11, 26))
    return case_id


def times(office: Office, type_: str) -> int:
    return len(bodies(office, type_))


# ---- support


def test_another_unit_is_asked_sees_the_case_and_answers(office: Office) -> None:
    case_id = in_work(office)
    with pytest.raises(CaseUnknown):
        office.act(actions.give_support, LAWYER, case_id, text="Chưa được hỏi")

    (asked,) = office.act(
        actions.ask_support, OFFICER, case_id, unit="PCAT", question=QUESTION, due_on=date(2026, 11, 26)
    )
    (given,) = office.act(actions.give_support, LAWYER, case_id, text="Tuyến số 2 và tuyến số 5.")

    assert (asked.unit, asked.due_on, asked.tell) == ("PCAT", date(2026, 11, 26), (LEGAL_HEAD.person,))
    assert (given.is_given, given.is_on_time, given.tell) == (True, True, (OFFICER.person,))
    assert "Tuyến" not in repr(vars(given))
    assert office.case(case_id).supporting == {"PCAT"}
    with office.database.reading() as look:
        (kept,) = store.supports_of(look, case_id)
    assert (kept.state, kept.words, kept.answered_by) == ("given", "Tuyến số 2 và tuyến số 5.", LAWYER.person)


def test_a_contribution_is_due_on_a_working_day_not_after_the_lead(office: Office) -> None:
    case_id = in_work(office)  # due on 3 December

    for day, code in [
        (date(2026, 11, 28), "rest_day"),
        (date(2026, 12, 4), "after_lead"),
        (date(2026, 11, 20), "passed"),
    ]:
        with pytest.raises(Incomplete) as refused:
            office.act(actions.ask_support, OFFICER, case_id, unit="PCAT", question=QUESTION, due_on=day)
        assert (refused.value.field, refused.value.code) == ("due_on", code)
    (asked,) = office.act(actions.ask_support, OFFICER, case_id, unit="PCAT", question=QUESTION)
    assert asked.due_on == date(2026, 11, 27)  # three working days on: 24 November is a holiday


def test_a_unit_that_a_case_is_about_is_never_asked(office: Office) -> None:
    case_id = in_work(office)
    with office.database.writing() as tx:
        case = store.load_case(tx, case_id)
        store.exclude(tx, case_id, ["VTCC"])
        saved = store.save_case(tx, type(case)(**vars(case) | {"excluded": frozenset({"VTCC"})}))
        tx._changed.clear()
    assert saved.excluded == {"VTCC"}

    with pytest.raises(Incomplete) as refused:
        office.act(actions.ask_support, OFFICER, case_id, unit="VTCC", question=QUESTION)

    assert refused.value.code == "about_them"


def test_a_secret_case_goes_to_another_unit_by_the_director_alone_and_says_no_unit(office: Office) -> None:
    case_id = office.file(**DENUNCIATION)
    assert office.case(case_id).kind_class is KindClass.SECRET

    with pytest.raises(NotAllowed):
        office.act(actions.ask_support, LEGAL_HEAD, case_id, unit="KCHT", question=QUESTION)
    (asked,) = office.act(actions.ask_support, DIRECTOR, case_id, unit="KCHT", question=QUESTION)

    assert asked.unit is None
    with pytest.raises(CaseUnknown):  # its head alone
        office.act(actions.give_support, OFFICER, case_id, text="Tôi trả lời thay")
    (given,) = office.act(actions.give_support, HEAD, case_id, text="Phòng không có hồ sơ nào liên quan.")
    assert given.unit is None


def test_what_is_handed_back_is_out_of_sight_again(office: Office) -> None:
    case_id = supported(office)

    (given,) = office.act(actions.hand_back_support, LEGAL_HEAD, case_id, reason="Việc của Trung tâm Xe buýt")

    assert not given.is_given
    assert office.case(case_id).supporting == frozenset()
    with pytest.raises(CaseUnknown):
        office.act(actions.hand_back_support, LEGAL_HEAD, case_id, reason="Việc của Trung tâm Xe buýt")


def test_the_supporter_is_reminded_in_working_hours_and_the_leads_ladder_goes_on(office: Office) -> None:
    case_id = supported(office)
    before = office.case(case_id)
    remind = Remind(office.database, office.rules)

    seen = []
    for moment in ("2026-11-24T22:00", "2026-11-25T06:00", "2026-11-25T09:00", "2026-11-26T12:00", "2026-11-27T09:00"):
        office.at(moment)
        remind.once()
        remind.once()
        seen.append(times(office, "case.support_due.v1"))

    assert seen == [0, 0, 1, 1, 2]
    soon, late = bodies(office, "case.support_due.v1")
    assert (soon["is_late"], soon["tell"]) == (False, [LEGAL_HEAD.person])
    assert (late["is_late"], late["tell"]) == (True, sorted([LEGAL_HEAD.person, OFFICER.person]))
    after = office.case(case_id)
    assert (after.next_step, after.next_step_at, after.version) == (
        before.next_step,
        before.next_step_at,
        before.version,
    )


def test_nobody_is_reminded_of_what_was_given(office: Office) -> None:
    case_id = supported(office)
    office.act(actions.give_support, LAWYER, case_id, text="Tuyến số 2 và tuyến số 5.")

    office.at("2026-12-01T09:00")

    assert Remind(office.database, office.rules).once() == 0


def test_a_case_that_becomes_restricted_is_out_of_the_supporters_sight(office: Office) -> None:
    case_id = office.file()
    office.act(actions.ask_support, HEAD, case_id, unit="PCAT", question=QUESTION)
    office.act(actions.return_to_triage, HEAD, case_id, reason="Có dấu hiệu khiếu nại")

    office.act(actions.confirm_triage, OFFICE, case_id, kind="complaint", topic=None, unit="VTCC")

    assert office.case(case_id).supporting == frozenset()
    with pytest.raises((CaseUnknown, StepRefused)):
        office.act(actions.give_support, LAWYER, case_id, text="Tuyến số 2 và tuyến số 5.")


def test_days_and_reminders_of_an_errand() -> None:
    calendar = the_rules().calendar

    assert fault_of_day(date(2026, 11, 29), calendar, today=date(2026, 11, 23)) == "rest_day"
    assert fault_of_day(date(2026, 11, 30), calendar, today=date(2026, 11, 23)) is None
    first = next_reminder(date(2026, 11, 30), calendar, after=NOON)
    assert first is not None
    assert first[1] == "soon"
    assert calendar.local_day(first[0]) == date(2026, 11, 27)
    second = next_reminder(date(2026, 11, 30), calendar, after=first[0])
    assert second is not None
    assert second[1] == "late"
    assert next_reminder(date(2026, 11, 30), calendar, after=second[0]) is None


# ---- urging


def test_s37_a_unit_is_urged_and_its_head_answers(office: Office) -> None:
    case_id = in_work(office)

    (urged,) = office.act(
        actions.urge, OFFICE, case_id, reason="Người dân gọi lần thứ ba", answer_by=date(2026, 11, 25)
    )
    with pytest.raises(NotAllowed):
        office.act(actions.answer_urge, OFFICER, case_id, text="Tôi đang làm")
    (answered,) = office.act(actions.answer_urge, HEAD, case_id, text="Chiều nay đội sửa đường có mặt")

    assert (urged.unit, urged.tell) == ("KCHT", (*sorted(["u:deputy", HEAD.person]),))
    assert (answered.is_on_time, answered.tell) == (True, (OFFICE.person,))
    with pytest.raises(StepRefused):
        office.act(actions.answer_urge, HEAD, case_id, text="Chiều nay đội sửa đường có mặt")


def test_only_the_office_and_the_director_urge(office: Office) -> None:
    case_id = in_work(office)

    with pytest.raises(NotAllowed):
        office.act(actions.urge, HEAD, case_id, reason="Nhanh lên nhé")
    with pytest.raises(CaseUnknown):
        office.act(actions.urge, STRANGER, case_id, reason="Nhanh lên nhé")


def test_an_urging_that_nobody_answers_is_told_to_the_director_once(office: Office) -> None:
    case_id = in_work(office)
    office.act(actions.urge, OFFICE, case_id, reason="Người dân gọi lần thứ ba", answer_by=date(2026, 11, 25))
    remind = Remind(office.database, office.rules)

    seen = []
    for moment in ("2026-11-25T17:00", "2026-11-26T03:00", "2026-11-26T09:00", "2026-11-27T09:00"):
        office.at(moment)
        remind.once()
        seen.append(times(office, "unit.urge_unanswered.v1"))

    assert seen == [0, 0, 1, 1]
    assert bodies(office, "unit.urge_unanswered.v1")[0]["tell"] == [DIRECTOR.person]
    office.act(actions.answer_urge, HEAD, case_id, text="Xin nhận thiếu sót, sáng nay làm")  # late, but still


def test_all_late_cases_of_a_unit_are_urged_with_one_message(office: Office) -> None:
    first, second = (
        in_work(office),
        in_work(office, title="Biển báo", text="Biển báo gãy ở ngã tư Bà Triệu.", topic="C04"),
    )
    office.at("2026-12-20T09:00")
    Sweep(office.database, office.rules).once()

    with office.database.writing() as tx:
        assert actions.urge_unit(tx, office.rules, person=OFFICE, unit="KCHT", reason="Trễ hạn cuối năm") == 2
        told: list[Event] = emitted(tx)

    assert {event.case_id for event in told} == {first, second}
    assert sorted(len(event.tell) for event in told) == [0, 2]
    assert {event.cases for event in told} == {2}
    with office.database.reading() as look:
        assert {one.case_id for one in store.open_urges(look, HEAD)} == {first, second}
        assert store.open_urges(look, STRANGER) == []


# ---- notes that name somebody


def test_a_note_tells_whom_it_names(office: Office) -> None:
    case_id = in_work(office)

    (told,) = office.act(
        actions.add_note, OFFICER, case_id, text="@Trưởng phòng Hạ tầng xem giúp; @cán bộ đầu mối biết"
    )

    assert told.tell == tuple(sorted([HEAD.person, OFFICE.person]))
    with office.database.reading() as look:
        assert store.count_unread(look, HEAD) == 1
        (seen,) = store.mentions_of(look, HEAD)
    assert (seen.author, seen.case_id, seen.read_at) == (OFFICER.person, case_id, None)
    with office.database.writing() as tx:
        actions.read_mentions(tx, person=HEAD, case_id=case_id)
    with office.database.reading() as look:
        assert store.count_unread(look, HEAD) == 0


def test_a_note_names_a_whole_unit_but_not_its_author(office: Office) -> None:
    case_id = in_work(office)

    (told,) = office.act(actions.add_note, HEAD, case_id, text="Nhờ @KCHT cùng xem")

    assert HEAD.person not in told.tell
    assert {OFFICER.person, "u:colleague", "u:deputy"} == set(told.tell)


def test_a_stranger_and_nobody_are_refused_alike(office: Office) -> None:
    case_id = in_work(office)
    refusals = []
    for name in ("Cán bộ Xe buýt", "Không Có Ai", "VTCC"):
        with pytest.raises(Incomplete) as refused:
            office.act(actions.add_note, OFFICER, case_id, text=f"@{name} xem giúp")
        refusals.append((refused.value.field, refused.value.code))

    assert set(refusals) == {("note", "mention_unknown")}
    with office.database.reading() as look:
        assert not [entry for entry in store.entries_of(look, case_id) if entry.what == "note"]


def test_a_note_that_names_nobody_is_told_to_nobody(office: Office) -> None:
    assert office.act(actions.add_note, OFFICER, in_work(office), text="Đã gọi; thư để ở ban@example.vn") == []


def test_of_two_names_that_fit_the_longer_one_is_meant() -> None:
    known = {"an": ["u:1"], "an binh": ["u:2"]}

    assert meant_by("@An Bình nhé", known).people == ("u:2",)
    assert meant_by("@an nhé @AN", known).people == ("u:1",)
    assert meant_by("@anh nhé", known).unknown == ("anh",)
