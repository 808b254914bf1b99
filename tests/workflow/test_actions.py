"""What people may ask of the desk: each act with its event, each refusal by its name."""

from datetime import date

import pytest

from services.workflow import actions, store
from services.workflow.domain.case import KindClass, StepRefused
from services.workflow.domain.deadline import ClockRefused
from services.workflow.domain.permission import Refusal
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from services.workflow.store import StaleCase
from shared.events.workflow import CaseAnswered
from tests.support import types
from tests.workflow.builders import (
    ANSWER,
    COLLEAGUE,
    DENUNCIATION,
    DEPUTY,
    DIRECTOR,
    HEAD,
    INSPECTION_HEAD,
    LAWYER,
    LEGAL_HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
)


def in_work(office: Office, **given: object) -> object:
    case_id = office.file(**given)
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    return case_id


def told(events: list) -> list[str]:
    return [event.TYPE for event in events]


def test_a_case_goes_from_its_unit_to_the_citizen(office: Office) -> None:
    case_id = office.file()

    said = told(office.act(actions.assign, HEAD, case_id, officer=OFFICER.person))
    said += told(office.act(actions.accept, OFFICER, case_id))
    said += told(office.act(actions.report_progress, OFFICER, case_id, note="Đã đặt cọc cảnh báo"))
    said += told(office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done"))
    said += told(office.act(actions.approve, HEAD, case_id))
    answered = office.act(actions.answer, OFFICER, case_id)
    said += told(answered)
    said += told(office.act(actions.close, OFFICER, case_id))

    assert said == [
        "case.assigned.v1",
        "case.accepted.v1",
        "case.progressed.v1",
        "answer.drafted.v1",
        "answer.approved.v1",
        "case.answered.v1",
        "case.closed.v1",
    ]
    (given,) = answered
    assert isinstance(given, CaseAnswered)
    assert (given.is_on_time, given.round, given.answer.value, given.signer.value) == (True, 1, ANSWER, HEAD.name)
    with office.database.reading() as look:
        clocks = store.deadlines_of(look, case_id)
    assert not [clock for clock in clocks.values() if clock.is_open]


def test_who_may_not_see_a_case_is_told_that_there_is_none(office: Office) -> None:
    case_id = office.file()
    secret = office.file(**DENUNCIATION)

    with pytest.raises(CaseUnknown):
        office.act(actions.take, STRANGER, case_id)
    with pytest.raises(CaseUnknown):
        office.act(actions.assign, INSPECTION_HEAD, secret, officer=LAWYER.person)
    with pytest.raises(CaseUnknown):
        office.act(actions.confirm_triage, OFFICE, secret)


def test_a_stale_form_is_refused_with_the_case_as_it_is_now(office: Office) -> None:
    case_id = in_work(office)
    seen = office.case(case_id).version
    office.act(actions.report_progress, OFFICER, case_id, note="Đã đặt cọc cảnh báo")

    with pytest.raises(StaleCase) as stale:
        office.act(actions.submit_draft, OFFICER, case_id, version=seen, text=ANSWER, outcome="done")

    assert stale.value.case.version == seen + 1


def test_of_two_officers_who_take_one_case_the_second_is_refused(office: Office) -> None:
    case_id = office.file()
    seen = office.case(case_id).version

    office.act(actions.take, OFFICER, case_id, version=seen)

    with pytest.raises((StaleCase, StepRefused, NotAllowed)):
        office.act(actions.take, COLLEAGUE, case_id, version=seen)


def test_the_drafter_does_not_approve(office: Office) -> None:
    case_id = office.file()
    office.act(actions.assign, DEPUTY, case_id, officer=HEAD.person)
    office.act(actions.accept, HEAD, case_id)
    office.act(actions.submit_draft, HEAD, case_id, text=ANSWER, outcome="done")

    with pytest.raises(NotAllowed) as refused:
        office.act(actions.approve, HEAD, case_id)

    assert refused.value.reason is Refusal.YOU_DRAFTED_IT
    assert told(office.act(actions.approve, DEPUTY, case_id)) == ["answer.approved.v1"]


def test_nothing_is_answered_that_nobody_approved(office: Office) -> None:
    case_id = in_work(office)
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done")

    with pytest.raises(StepRefused):
        office.act(actions.answer, OFFICER, case_id)


def test_a_returned_draft_needs_words_and_comes_back_to_the_drafter(office: Office) -> None:
    case_id = in_work(office)
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done")

    with pytest.raises(Incomplete):
        office.act(actions.return_draft, HEAD, case_id, reason=" ")
    office.act(actions.return_draft, HEAD, case_id, reason="Thiếu ngày hoàn thành")

    assert office.case(case_id).stage == "in_progress"
    with office.database.reading() as look:
        (draft,) = store.answers_of(look, case_id)
    assert (draft.state, draft.words) == ("returned", "Thiếu ngày hoàn thành")


def test_a_scheduled_outcome_needs_its_day(office: Office) -> None:
    case_id = in_work(office)

    with pytest.raises(Incomplete) as missing:
        office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="scheduled")
    with pytest.raises(Incomplete) as passed:
        office.act(
            actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="scheduled", promised_on=date(2026, 11, 20)
        )

    assert (missing.value.field, passed.value.code) == ("promised_on", "passed")


def test_a_question_stops_the_clock_of_a_report(office: Office) -> None:
    case_id = in_work(office)

    events = office.act(actions.ask_citizen, OFFICER, case_id, question="Ổ gà nằm ở làn đường nào ạ?")

    assert told(events) == ["case.info_requested.v1", "case.clock_paused.v1"]
    assert events[0].reply_by == date(2026, 12, 8)
    assert (events[1].ground, events[1].rules) == ("waiting_for_citizen", ("topic:C01",))
    assert office.case(case_id).next_step == "wait_over"


def test_a_second_question_needs_a_reason(office: Office) -> None:
    case_id = in_work(office)
    office.act(actions.ask_citizen, OFFICER, case_id, question="Ổ gà nằm ở làn đường nào ạ?")
    office.act(actions.resume, OFFICER, case_id)

    with pytest.raises(Incomplete) as refused:
        office.act(actions.ask_citizen, OFFICER, case_id, question="Ổ gà sâu bao nhiêu vậy ạ?")

    assert refused.value.field == "again"
    office.act(
        actions.ask_citizen, OFFICER, case_id, question="Ổ gà sâu bao nhiêu vậy ạ?", again="Ảnh gửi lên không thấy rõ"
    )


def test_an_extension_needs_two_people_and_is_told_with_both_days(office: Office) -> None:
    case_id = in_work(office)
    assert told(office.act(actions.ask_extension, OFFICER, case_id, reason="Chờ vật liệu từ nhà thầu")) == []

    (event,) = office.act(actions.grant_extension, HEAD, case_id)

    assert (event.due_before, event.due_on) == (date(2026, 12, 3), date(2026, 12, 17))
    assert (event.asked_by, event.actor) == (OFFICER.person, HEAD.person)
    office.act(actions.ask_extension, OFFICER, case_id, reason="Vẫn chờ vật liệu từ nhà thầu")
    with pytest.raises(ClockRefused):
        office.act(actions.grant_extension, HEAD, case_id)


def test_who_asked_for_an_extension_cannot_grant_it(office: Office) -> None:
    case_id = in_work(office)
    office.act(actions.ask_extension, HEAD, case_id, reason="Chờ vật liệu từ nhà thầu")

    with pytest.raises(NotAllowed) as refused:
        office.act(actions.grant_extension, HEAD, case_id)

    assert refused.value.reason is Refusal.YOU_ASKED_FOR_IT
    office.act(actions.refuse_extension, DEPUTY, case_id, reason="Vật liệu đã về kho")
    assert office.case(case_id).extension_asked_by is None


def test_no_extension_after_the_due_day(office: Office) -> None:
    case_id = in_work(office)
    office.act(actions.ask_extension, OFFICER, case_id, reason="Chờ vật liệu từ nhà thầu")

    office.at("2026-12-04T08:00")

    with pytest.raises(ClockRefused) as refused:
        office.act(actions.grant_extension, HEAD, case_id)
    assert refused.value.code == "too_late"


def test_s22c_an_apology_gives_one_new_date_only(office: Office) -> None:
    case_id = in_work(office)
    words = "Mưa lớn làm chậm việc vá đường, chúng tôi xin lỗi."

    (event,) = office.act(actions.apologise, HEAD, case_id, reason=words, due_on=date(2026, 12, 10), signer=HEAD.name)

    assert (event.due_before, event.due_on, event.signer.value) == (date(2026, 12, 3), date(2026, 12, 10), HEAD.name)
    assert office.case(case_id).answer_due_on == date(2026, 12, 10)
    with pytest.raises(ClockRefused):
        office.act(actions.apologise, HEAD, case_id, reason=words, due_on=date(2026, 12, 15), signer=HEAD.name)


def test_a_late_case_cannot_be_closed_without_an_explanation(office: Office) -> None:
    case_id = in_work(office)
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done")
    office.at("2026-12-07T09:00")
    office.act(actions.approve, HEAD, case_id)
    (answered,) = office.act(actions.answer, OFFICER, case_id)
    assert not answered.is_on_time

    with pytest.raises(Incomplete) as refused:
        office.act(actions.close, OFFICER, case_id)

    assert refused.value.field == "explanation"
    office.act(actions.close, OFFICER, case_id, explanation="Mưa lớn kéo dài nên không thi công được mặt đường.")
    assert office.case(case_id).stage == "closed"


def test_a_person_decides_what_it_is_and_the_clock_counts_anew(office: Office) -> None:
    case_id = office.file()
    office.act(actions.return_to_triage, HEAD, case_id, reason="Đây là chuyện xe buýt, không phải mặt đường")

    events = office.act(actions.confirm_triage, OFFICE, case_id, topic="C02")

    assert told(events) == ["case.opened.v1", "case.routed.v1"]
    case = office.case(case_id)
    assert (case.topic, case.stage, case.answer_rule) == ("C02", "accepted", "topic:C02")
    assert case.answer_due_on == date(2026, 12, 1)  # five working days, still from the day of receipt
    with office.database.reading() as look:
        proposal, decision = store.proposal_of(look, case_id)
    assert (proposal["topic"], decision["topic"], decision["by"]) == ("C01", "C02", OFFICE.person)


def test_a_case_that_turns_out_to_be_restricted_leaves_the_search(office: Office) -> None:
    case_id = office.file()
    office.act(actions.return_to_triage, HEAD, case_id, reason="Thật ra phản ánh thái độ của công chức")

    office.act(actions.confirm_triage, OFFICE, case_id, kind="procedure_feedback", topic="C24")

    case = office.case(case_id)
    assert (case.kind_class, case.unit, case.publication) == (KindClass.RESTRICTED, "VP", "private")
    with office.database.reading() as look:
        found = store.page_of(look, OFFICE, "all", store.Filters(words="dien bien phu"), soon_at=look.now)
    assert found.rows == ()


def test_a_unit_that_a_case_is_about_is_never_chosen(office: Office) -> None:
    secret = office.file(**DENUNCIATION)

    with pytest.raises(Incomplete) as refused:
        office.act(actions.confirm_triage, LEGAL_HEAD, secret, unit="DKIEM")

    assert (refused.value.field, refused.value.code) == ("unit", "about_them")


def test_only_a_colleague_of_the_unit_is_assigned(office: Office) -> None:
    case_id = office.file()

    with pytest.raises(Incomplete):
        office.act(actions.assign, HEAD, case_id, officer=STRANGER.person)
    with pytest.raises(Incomplete):
        office.act(actions.assign, HEAD, case_id, officer="u:nobody")


def test_a_follower_hears_the_answer_of_the_case_it_follows(office: Office) -> None:
    lead, follower = in_work(office), office.file(code="3BJK7WQC", text="Hố to trên đường Điện Biên Phủ", title="Hố to")
    (merged,) = office.act(actions.link, OFFICE, follower, into=lead)
    assert merged.answer_due_on == office.case(lead).answer_due_on

    office.act(actions.submit_draft, OFFICER, lead, text=ANSWER, outcome="done")
    office.act(actions.approve, HEAD, lead)
    answers = office.act(actions.answer, OFFICER, lead)

    assert {one.petition_id for one in answers} == {office.case(lead).petition_id, office.case(follower).petition_id}


def test_restricted_cases_are_never_linked_to_open_ones(office: Office) -> None:
    lead, secret = in_work(office), office.file(**DENUNCIATION)

    with pytest.raises((StepRefused, NotAllowed, CaseUnknown)):
        office.act(actions.link, LEGAL_HEAD, secret, into=lead)


def test_a_transfer_names_the_body_and_ends_the_case(office: Office) -> None:
    case_id = office.file()

    (event,) = office.act(actions.transfer, OFFICE, case_id, to="X-CA", reason="Giấy phép lái xe do Công an cấp")

    assert (event.to, event.to_name) == ("X-CA", "Công an thành phố Huế")
    assert office.case(case_id).is_ended


def test_a_refusal_needs_a_ground_and_a_reason(office: Office) -> None:
    case_id = office.file()

    with pytest.raises(Incomplete):
        office.act(actions.refuse, HEAD, case_id, ground="no_time", reason="Chúng tôi không có thời gian cho việc này.")
    (event,) = office.act(
        actions.refuse,
        HEAD,
        case_id,
        ground="already_answered",
        reason="Đã trả lời bằng văn bản số 12 ngày 01/10/2026.",
    )

    assert event.ground == "already_answered"


def test_what_was_quarantined_can_be_taken_out_with_its_clock(office: Office) -> None:
    case_id = office.file()
    due = office.case(case_id).answer_due_on
    office.act(actions.return_to_triage, HEAD, case_id, reason="Có vẻ là quảng cáo")
    office.act(actions.quarantine, OFFICE, case_id, reason="Quảng cáo")
    assert office.case(case_id).next_step_at is None

    office.act(actions.restore, OFFICE, case_id)

    case = office.case(case_id)
    assert (case.stage, case.answer_due_on) == ("triage", due)
    assert case.next_step_at is not None


def test_a_withdrawal_is_recorded_and_nothing_is_owed(office: Office) -> None:
    case_id = in_work(office)

    (event,) = office.act(actions.withdraw, OFFICER, case_id, reason="Đơn rút có chữ ký ngày 23/11/2026, nộp tại quầy")

    assert event.outcome == "withdrawn"
    assert office.case(case_id).stage == "withdrawn"


def test_a_complaint_is_decided_by_the_director_and_a_question_does_not_stop_its_clock(office: Office) -> None:
    case_id = office.file(
        kind="complaint",
        topic=None,
        public_code=None,
        signature_status="scanned",
        title="Đơn khiếu nại Quyết định số 87/QĐ-SXD",
        text="Tôi khiếu nại Quyết định số 87/QĐ-SXD ngày 05/10/2026 về thu hồi phù hiệu xe. "
        "Tôi nhận quyết định ngày 12/10/2026.",
    )
    assert office.case(case_id).kind == "complaint"
    office.act(actions.confirm_triage, LEGAL_HEAD, case_id)
    office.act(actions.assign, LEGAL_HEAD, case_id, officer=LAWYER.person)
    asked = office.act(actions.ask_citizen, LAWYER, case_id, question="Đề nghị gửi bản sao quyết định số 87/QĐ-SXD.")
    assert told(asked) == ["case.info_requested.v1"]
    office.act(actions.resume, LAWYER, case_id)

    office.act(actions.accept, LEGAL_HEAD, case_id)

    case = office.case(case_id)
    assert (case.stage, case.answer_rule, case.answer_due_on) == ("in_progress", "complaint.settle", date(2026, 12, 23))
    office.act(actions.submit_draft, LAWYER, case_id, text=ANSWER, outcome="explained")
    with pytest.raises((NotAllowed, StepRefused)):
        office.act(actions.approve, LEGAL_HEAD, case_id)
    office.act(actions.approve, DIRECTOR, case_id)
    office.act(actions.answer, LAWYER, case_id)
    assert office.case(case_id).stage == "answered"


def test_a_note_is_for_colleagues_and_tells_nobody(office: Office) -> None:
    case_id = office.file()

    assert office.act(actions.add_note, COLLEAGUE, case_id, text="Đã gọi nhà thầu") == []

    with office.database.reading() as look:
        note = next(entry for entry in store.entries_of(look, case_id) if entry.what == "note")
    assert (note.actor, note.words, note.is_public) == (COLLEAGUE.person, "Đã gọi nhà thầu", False)


def test_reading_is_told_before_it_is_shown_and_once_a_minute(office: Office) -> None:
    case_id = in_work(office)

    def read() -> list[str]:
        with office.database.writing() as tx:
            actions.read_case(tx, person=OFFICER, case_id=case_id)
            return types(tx)

    assert read() == ["access.read.v1"]
    assert read() == []
    office.at("2026-11-23T12:02")
    assert read() == ["access.read.v1"]


def test_a_contact_is_opened_for_a_stated_purpose_only(office: Office) -> None:
    case_id = in_work(office)

    with office.database.writing() as tx, pytest.raises(Incomplete):
        actions.read_contact(tx, person=OFFICER, case_id=case_id, purpose="curiosity")
    with office.database.writing() as tx:
        words = actions.read_contact(tx, person=OFFICER, case_id=case_id, purpose="site_visit")
        (event,) = [pending.event for pending in tx.emitted]

    assert words.phone == "0905 123 456"
    assert (event.kind, event.purpose, event.actor) == ("identity", "site_visit", OFFICER.person)


def test_an_officer_does_not_learn_who_denounces(office: Office) -> None:
    secret = office.file(**DENUNCIATION)
    office.act(actions.confirm_triage, LEGAL_HEAD, secret)
    office.act(actions.assign, LEGAL_HEAD, secret, officer=LAWYER.person)

    with office.database.writing() as tx, pytest.raises(NotAllowed):
        actions.read_contact(tx, person=LAWYER, case_id=secret, purpose="ask_more")
    with office.database.writing() as tx:
        actions.read_case(tx, person=LAWYER, case_id=secret)
        (event,) = [pending.event for pending in tx.emitted]

    assert event.unit is None


def test_hiring_and_switching_off_are_told_with_the_address_for_the_postman_alone(office: Office) -> None:
    with office.database.writing() as tx:
        person = actions.add_person(
            tx,
            login="moi",
            name="Cán bộ Mới",
            email="moi@desk.example.vn",
            role="officer",
            unit="KCHT",
            password="một câu thật dài 42",
        )
        actions.switch_person(tx, person_id=person.person_id, is_active=False)
        events = [pending.event for pending in tx.emitted]

    assert [(event.TYPE, event.is_active, event.email.value) for event in events] == [
        ("staff.changed.v1", True, "moi@desk.example.vn"),
        ("staff.changed.v1", False, "moi@desk.example.vn"),
    ]
