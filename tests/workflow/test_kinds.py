"""Every kind has its own life: how it is admitted, which way it goes, by which clocks, and what comes out of it."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.workflow import actions, store
from services.workflow.domain.admission import lacks_identity
from services.workflow.domain.case import GuardRefused, StepRefused
from services.workflow.domain.permission import Refusal
from services.workflow.steps import Incomplete, NotAllowed
from tests.workflow.builders import (
    ANSWER,
    DENUNCIATION,
    DIRECTOR,
    HEAD,
    LAWYER,
    LEGAL_HEAD,
    OFFICE,
    OFFICER,
    Office,
    Staff,
    hire,
    the_rules,
)

CLERK = Staff("u:clerk", "officer", "VP", name="Cán bộ Văn phòng")
CHIEF = Staff("u:chief", "head", "VP", name="Chánh Văn phòng")
SECOND = Staff("u:second", "office", "VP", name="Cán bộ Đầu mối 2")
REASON = "Đã xem kỹ nội dung, có căn cứ để làm như thế."
NOTE = "Gặp trực tiếp, đối chiếu giấy tờ tùy thân."
NAMED = {"name": "Lê Văn Mẫu", "address": "12 Lê Lợi", "phone": "0905123456"}
FEEDBACK: dict[str, Any] = {
    "title": "Bất cập khi gia hạn phù hiệu",
    "text": "Quy định tại Thông tư về gia hạn phù hiệu mỗi năm một lần là không phù hợp với hộ kinh doanh nhỏ.",
    "kind": "regulation_feedback",
    "topic": None,
}
DATA: dict[str, Any] = {
    "title": "Yêu cầu về dữ liệu",
    "text": "Cho tôi biết ai đã xem hồ sơ của tôi và cung cấp bản sao dữ liệu cá nhân của tôi.",
    "kind": "data_request",
    "topic": None,
}
COMPLAINT: dict[str, Any] = {
    "title": "Khiếu nại quyết định thu hồi phù hiệu",
    "text": "Tôi khiếu nại Quyết định số 87/QĐ-SXD ngày 12/10/2026 của Sở Xây dựng thu hồi phù hiệu xe của tôi. "
    "Đề nghị hủy quyết định.",
    "kind": "complaint",
    "topic": None,
    "signature_status": "in_person",
}


@pytest.fixture
def house(office: Office) -> Office:
    """The desk, with an officer and a head of the Office besides the focal point."""
    with office.database.writing() as tx:
        hire(tx, CLERK, CHIEF, SECOND)
    return office


def running(office: Office, case_id: UUID) -> dict[str, date | None]:
    """Rules that bind the house toward the sender now, each with its day."""
    with office.database.reading() as look:
        found = store.deadlines_of(look, case_id).values()
    return {clock.rule: clock.due_on for clock in found if clock.is_open and not clock.is_internal}


def ended(office: Office, case_id: UUID, step: str) -> set[str]:
    with office.database.reading() as look:
        return {clock.state for clock in store.deadlines_of(look, case_id).values() if clock.step == step}


def types(events: list[Any]) -> list[str]:
    return [event.TYPE for event in events]


def steps_of(kind: str) -> set[str]:
    return set(the_rules().current[kind].steps)


def answered(office: Office, case_id: UUID, *, by: Staff, approver: Staff, text: str = ANSWER) -> list[Any]:
    office.act(actions.submit_draft, by, case_id, text=text, outcome="explained", basis="", promised_on=None)
    office.act(actions.approve, approver, case_id)
    return office.act(actions.answer, by, case_id)


# ---- by our own clocks


@pytest.mark.parametrize(
    ("kind", "days"), [("report", "2026-12-03"), ("proposal", "2026-12-15"), ("procedure_feedback", "2026-12-08")]
)
def test_a_report_a_proposal_and_a_feedback_on_a_procedure_need_no_name_and_are_answered_in_days_of_policy(
    office: Office, kind: str, days: str
) -> None:
    nobody = {"name": None, "phone": None, "address": None}
    case_id = office.file(
        title="Việc ở đường Chi Lăng", text="Ở đường Chi Lăng việc này kéo dài.", topic=None, **nobody
    )
    office.act(actions.confirm_triage, OFFICE, case_id, kind=kind, topic=None, unit="KCHT")
    assert running(office, case_id)[f"{kind}.answer"] == date.fromisoformat(days)

    office.act(actions.take, OFFICER, case_id)
    told = answered(office, case_id, by=OFFICER, approver=HEAD)

    assert types(told)[0] == "case.answered.v1"
    assert (told[0].is_rated, told[0].reopen_until is not None) == (True, True)
    assert running(office, case_id) == {}


def test_a_comment_on_a_draft_has_no_clock_of_an_answer_before_its_consultation_closes(office: Office) -> None:
    case_id = office.file(
        title="Ý kiến", text="Tôi góp ý dự thảo quy hoạch bến bãi: nên giữ bến thuyền cũ.", topic=None
    )

    assert office.case(case_id).kind == "consultation_comment"
    assert not {rule for rule in running(office, case_id) if rule.endswith(".answer")}


def test_feedback_on_a_regulation_is_taken_on_when_name_address_and_telephone_are_known(office: Office) -> None:
    case_id = office.file(**FEEDBACK | {"name": "Lê Văn Mẫu", "address": None, "phone": None})
    case = office.case(case_id)
    assert (case.kind, case.route, case.stage, case.conditions) == (
        "regulation_feedback",
        "supplement",
        "triage",
        ("unidentified",),
    )
    office.act(actions.confirm_triage, LEGAL_HEAD, case_id)
    with pytest.raises(Incomplete) as refused:
        office.act(actions.take, LAWYER, case_id)
    assert refused.value.field == "identity"

    office.act(actions.assign, LEGAL_HEAD, case_id, officer=LAWYER.person)
    office.act(actions.verify_identity, LAWYER, case_id, note="Gọi lại số người gửi bổ sung, đủ địa chỉ.")
    office.act(actions.accept, LAWYER, case_id)

    assert office.case(case_id).stage == "in_progress"
    assert ended(office, case_id, "transfer") == {"met"}  # found to be ours: nothing is left to pass on
    assert set(running(office, case_id)) == {"topic:C23"}


def test_feedback_on_a_rule_of_another_body_is_passed_on_within_five_working_days(office: Office) -> None:
    case_id = office.file(**FEEDBACK | NAMED)
    assert running(office, case_id)["regulation_feedback.transfer"] == date(2026, 12, 1)  # over the holiday of the 24th

    told = office.act(actions.transfer, LEGAL_HEAD, case_id, to="X-UBND", reason=REASON)

    assert types(told) == ["case.transferred.v1"]
    assert ended(office, case_id, "transfer") == {"met"}
    assert running(office, case_id) == {}


def test_feedback_on_a_regulation_without_a_name_is_refused_by_its_article(office: Office) -> None:
    case_id = office.file(**FEEDBACK | {"name": None, "address": None, "phone": None})

    (told,) = office.act(actions.refuse, LEGAL_HEAD, case_id, ground="no_identity", reason=REASON)

    assert told.reason.value.startswith("Không ghi rõ tên, địa chỉ, số điện thoại (NĐ 20/2008 Đ7)")


@pytest.mark.parametrize(
    ("kind", "typed", "is_lacking"),
    [
        ("report", {}, False),
        ("regulation_feedback", NAMED, False),
        ("regulation_feedback", NAMED | {"phone": "  "}, True),
        ("data_request", NAMED, True),  # a name that was typed proves nothing
        ("complaint", {}, False),  # who signs says who they are
        ("denunciation_unqualified", {}, False),
    ],
)
def test_what_each_kind_asks_of_its_sender(kind: str, typed: dict[str, str], is_lacking: bool) -> None:
    told = {"name": None, "address": None, "phone": None} | typed

    assert lacks_identity(the_rules().catalogue.kind(kind), **told) == is_lacking


# ---- one's own data


def test_a_request_about_ones_own_data_is_taken_on_when_who_asks_is_verified_and_the_right_is_named(
    house: Office,
) -> None:
    case_id = house.file(
        **DATA | NAMED | {"text": "Tôi là chủ thể dữ liệu, đề nghị thực hiện quyền của chủ thể dữ liệu."}
    )
    house.act(actions.confirm_triage, OFFICE, case_id)
    house.act(actions.assign, OFFICE, case_id, officer=CLERK.person)
    assert running(house, case_id) == {"data_request.respond": date(2026, 11, 26)}
    for what, step, given in (
        ("identity", actions.verify_identity, {"note": NOTE}),
        ("right", actions.name_right, {"right": "withdraw_restrict_or_object", "has_processor": True}),
    ):
        with pytest.raises(Incomplete) as refused:
            house.act(actions.accept, CLERK, case_id)
        assert refused.value.field == what
        (told,) = house.act(step, CLERK, case_id, **given)
        assert (told.TYPE, told.what) == ("case.examined.v1", what)

    house.act(actions.accept, CLERK, case_id)

    assert house.case(case_id).stage == "in_progress"
    assert ended(house, case_id, "respond") == {"met"}
    assert house.case(case_id).answer_due_on == date(2026, 12, 14)  # 20 days: 13/12 is a Sunday


def test_the_right_that_is_named_decides_by_when_a_request_is_done(house: Office) -> None:
    case_id = house.file(**DATA | NAMED)
    house.act(actions.confirm_triage, OFFICE, case_id)
    assert house.case(case_id).answer_due_on == date(2026, 12, 3)  # see and copy: 10 days, read out of the words

    house.act(actions.name_right, OFFICE, case_id, right="withdraw_restrict_or_object")
    fifteen = house.case(case_id).answer_due_on
    house.act(actions.name_right, OFFICE, case_id, right="withdraw_restrict_or_object", has_processor=True)
    twenty = house.case(case_id).answer_due_on
    house.act(actions.name_right, OFFICE, case_id, right="see_correct_or_copy")

    assert (fifteen, twenty) == (date(2026, 12, 8), date(2026, 12, 14))
    assert house.case(case_id).answer_due_on == date(2026, 12, 3)
    with pytest.raises(Incomplete):
        house.act(actions.name_right, OFFICE, case_id, right="all")


def test_a_request_about_ones_own_data_waits_for_no_question_and_is_extended_once_by_fifteen_days(
    house: Office,
) -> None:
    case_id = house.file(**DATA | NAMED)
    house.act(actions.confirm_triage, OFFICE, case_id)
    house.act(actions.assign, OFFICE, case_id, officer=CLERK.person)
    house.act(actions.ask_citizen, CLERK, case_id, question="Anh chị muốn nhận bản sao ở đâu?")
    assert house.case(case_id).answer_due_on == date(2026, 12, 3)
    assert ended(house, case_id, "respond") == {"met"}
    house.act(actions.resume, CLERK, case_id)

    house.act(actions.ask_extension, CLERK, case_id, reason="Dữ liệu nằm ở ba hệ thống.")
    house.act(actions.grant_extension, CHIEF, case_id)
    assert house.case(case_id).answer_due_on == date(2026, 12, 18)
    house.act(actions.ask_extension, CLERK, case_id, reason="Vẫn chưa trích xuất xong.")
    with pytest.raises(Exception, match="allows 1 extension"):
        house.act(actions.grant_extension, CHIEF, case_id)

    house.act(actions.verify_identity, CLERK, case_id, note=NOTE)
    house.act(actions.accept, CLERK, case_id)
    told = answered(house, case_id, by=CLERK, approver=CHIEF)
    assert (types(told)[0], told[0].is_rated) == ("case.answered.v1", False)
    assert ended(house, case_id, "fulfil") <= {"met", "void"}


def test_who_is_not_the_person_is_refused_by_the_law_on_personal_data(house: Office) -> None:
    case_id = house.file(**DATA | NAMED)

    (told,) = house.act(actions.refuse, OFFICE, case_id, ground="not_the_person", reason=REASON)

    assert "Luật 91/2025/QH15" in told.reason.value
    assert running(house, case_id) == {}


# ---- complaints


def test_a_complaint_is_admitted_by_its_signature_decided_by_the_director_and_sent_in_three_days(
    office: Office,
) -> None:
    case_id = office.file(**COMPLAINT)
    assert set(running(office, case_id)) == {
        "complaint.accept.decree",
        "complaint.accept.law",
        "reception.status_notice",
    }
    office.act(actions.confirm_triage, LEGAL_HEAD, case_id)
    office.act(actions.assign, LEGAL_HEAD, case_id, officer=LAWYER.person)
    office.act(actions.accept, LEGAL_HEAD, case_id)
    assert office.case(case_id).answer_due_on == date(2026, 12, 23)  # 30 days from acceptance

    office.act(actions.submit_draft, LAWYER, case_id, text=ANSWER, outcome="explained", basis="", promised_on=None)
    office.act(actions.approve, DIRECTOR, case_id)
    assert running(office, case_id)["complaint.send"] == date(2026, 11, 27)
    told = office.act(actions.answer, LAWYER, case_id)

    assert types(told)[0] == "case.answered.v1"
    assert (told[0].is_rated, told[0].reopen_until) == (False, None)  # the law gives a second level instead


def test_a_web_form_that_a_person_calls_a_complaint_still_waits_for_a_signature(office: Office) -> None:
    case_id = office.file()

    office.act(actions.return_to_triage, OFFICE, case_id, reason="Đây là khiếu nại.")
    office.act(actions.confirm_triage, OFFICE, case_id, kind="complaint", topic="C28", unit="PCAT")

    assert office.case(case_id).conditions == ("unsigned",)
    assert "signature.guide" in running(office, case_id)
    assert "complaint.accept.law" not in running(office, case_id)


def test_a_second_complaint_is_settled_in_45_days_and_not_decided_before_the_dialogue(office: Office) -> None:
    case_id = office.file(**COMPLAINT)
    office.act(actions.confirm_triage, LEGAL_HEAD, case_id, kind="complaint_second", topic="C28", unit="PCAT")
    office.act(actions.assign, LEGAL_HEAD, case_id, officer=LAWYER.person)
    office.act(actions.accept, LEGAL_HEAD, case_id)
    assert office.case(case_id).answer_due_on == date(2027, 1, 7)
    office.act(actions.submit_draft, LAWYER, case_id, text=ANSWER, outcome="explained", basis="", promised_on=None)

    with pytest.raises(GuardRefused):
        office.act(actions.approve, DIRECTOR, case_id)

    assert not any(step.guards for step in the_rules().current["complaint"].steps.values())


# ---- denunciations


def test_a_denunciation_is_verified_accepted_and_settled_in_thirty_days_and_nothing_of_it_is_open(
    office: Office,
) -> None:
    case_id = office.file(**DENUNCIATION)
    assert {"denunciation.register", "denunciation.transfer"} <= set(running(office, case_id))
    office.act(actions.confirm_triage, LEGAL_HEAD, case_id)
    office.act(actions.assign, LEGAL_HEAD, case_id, officer=LAWYER.person)

    (told,) = office.act(actions.accept, LEGAL_HEAD, case_id)

    assert ended(office, case_id, "register_and_verify") <= {"met"}
    assert office.case(case_id).answer_due_on == date(2026, 12, 23)
    assert told.TYPE == "case.accepted.v1"
    assert "screen" not in steps_of("denunciation")


def test_information_without_a_denouncer_is_screened_in_five_days_and_owes_no_result(office: Office) -> None:
    case_id = office.file(**DENUNCIATION | {"name": None, "phone": None, "email": None, "address": None})
    case = office.case(case_id)
    assert (case.kind, case.workflow, case.answer_due_on) == (
        "denunciation_unqualified",
        "denunciation_unqualified",
        date(2026, 12, 1),
    )
    office.act(actions.confirm_triage, LEGAL_HEAD, case_id)

    office.act(actions.screen, LEGAL_HEAD, case_id, outcome="inspect", reason=REASON)

    assert office.case(case_id).stage == "in_progress"
    assert running(office, case_id) == {}
    assert not {
        "accept",
        "guide",
        "withdraw",
        "extend",
        "suspend",
        "apologise",
        "reopen",
        "record_signature",
    } & steps_of("denunciation_unqualified")


# ---- not ours, and nobody's


def test_what_is_not_ours_is_passed_on_in_five_working_days_and_nobody_here_works_on_it(office: Office) -> None:
    case_id = office.file(title="Giấy phép lái xe", text="Tôi hỏi thủ tục đổi giấy phép lái xe bị mất.", topic="C18")
    case = office.case(case_id)
    assert (case.kind, case.workflow, case.stage) == ("out_of_competence", "out_of_competence", "triage")
    assert running(office, case_id)["out_of_competence.transfer"] == date(2026, 12, 1)
    office.act(actions.confirm_triage, OFFICE, case_id)
    assert office.case(case_id).stage == "accepted"

    told = office.act(actions.transfer, OFFICE, case_id, to="X-CA", reason=REASON)

    assert (types(told), told[0].to_name) == (["case.transferred.v1"], "Công an thành phố Huế")
    assert running(office, case_id) == {}
    assert not {"assign", "take", "accept", "draft", "approve", "answer"} & steps_of("out_of_competence")


def test_who_finds_that_it_is_ours_sorts_it_as_what_it_is(office: Office) -> None:
    case_id = office.file(title="Giấy phép lái xe", text="Tôi hỏi thủ tục đổi giấy phép lái xe bị mất.", topic="C18")

    office.act(actions.confirm_triage, OFFICE, case_id, kind="report", topic="C01", unit="KCHT")

    case = office.case(case_id)
    assert (case.workflow, case.workflow_version, case.stage) == ("report", 2, "accepted")
    assert "topic:C01" in running(office, case_id)


def test_spam_is_put_aside_looked_at_again_by_another_and_never_deleted(house: Office) -> None:
    case_id = house.file(
        title="Vay tiền", text="Vay nhanh lãi suất thấp, giải ngân trong ngày: https://vay.example", topic=None
    )
    case = house.case(case_id)
    assert (case.kind, case.workflow, case.stage) == ("spam", "spam", "triage")
    assert running(house, case_id) == {}
    (told,) = house.act(actions.quarantine, OFFICE, case_id, reason="Quảng cáo vay tiền")
    assert (told.TYPE, told.ground) == ("case.refused.v1", "spam")

    with pytest.raises(NotAllowed) as refused:
        house.act(actions.look_again, OFFICE, case_id)
    assert refused.value.reason is Refusal.YOU_PUT_IT_THERE
    assert [one.row.case.id for one in aside(house)] == [case_id]
    house.act(actions.look_again, SECOND, case_id)

    assert aside(house) == []
    assert house.case(case_id).stage == "quarantined"  # kept, and it can be taken out for ever
    house.act(actions.restore, OFFICE, case_id)
    house.act(actions.quarantine, SECOND, case_id, reason="Vẫn là quảng cáo")
    assert [one.actor for one in aside(house)] == [SECOND.person]
    assert set(steps_of("spam")) == {"decide", "quarantine", "look_again", "restore", "withdraw"}


def aside(office: Office) -> list[store.Gone]:
    with office.database.reading() as look:
        return store.put_aside(look, OFFICE, office.rules.knowing("look_again"))


def test_whatever_is_called_spam_waits_to_be_put_aside_and_runs_no_clock(office: Office) -> None:
    case_id = office.file()
    office.act(actions.return_to_triage, OFFICE, case_id, reason="Quảng cáo trá hình.")

    office.act(actions.confirm_triage, OFFICE, case_id, kind="spam", topic=None, unit="VP")

    assert (office.case(case_id).stage, office.case(case_id).workflow) == ("triage", "spam")
    assert running(office, case_id) == {}


# ---- a running case keeps its version


def as_opened_before(office: Office, case_id: UUID, table: str, stage: str) -> None:
    """The case as if it had been opened when the table was at version 1."""
    with office.database.writing() as tx:
        cases = store.metadata.tables["case_"]
        given = {"workflow": table, "workflow_version": 1, "stage": stage}
        tx.connection.execute(cases.update().where(cases.c.id == case_id).values(**given))


def test_s23c_a_running_case_keeps_its_version_beside_a_new_one_of_the_same_kind(house: Office) -> None:
    old, new = house.file(**DATA | NAMED), house.file(**DATA | NAMED | {"code": "8QDX5TZX"})
    as_opened_before(house, old, "report", "triage")

    for case_id in (old, new):
        house.act(actions.confirm_triage, OFFICE, case_id)
        house.act(actions.assign, OFFICE, case_id, officer=CLERK.person)

    assert (house.case(old).workflow, house.case(new).workflow) == ("report", "data_request")
    with pytest.raises(StepRefused):
        house.act(actions.name_right, CLERK, old, right="see_correct_or_copy")
    house.act(actions.name_right, CLERK, new, right="see_correct_or_copy")
    assert "reopen" in house.rules.workflow_of(house.case(old)).steps
    assert "reopen" not in house.rules.workflow_of(house.case(new)).steps


def test_another_topic_is_no_other_version_and_another_kind_is(office: Office) -> None:
    same, other = office.file(), office.file(code="8QDX5TZX", ward="an-cuu", title="Ổ gà", place="9 Hùng Vương")
    for case_id in (same, other):
        as_opened_before(office, case_id, "report", "triage")

    office.act(actions.confirm_triage, OFFICE, same, kind="report", topic="C05", unit="KCHT")
    office.act(actions.confirm_triage, OFFICE, other, kind="proposal", topic="C07", unit="PCAT")

    assert office.case(same).workflow_version == 1
    assert office.case(other).workflow_version == 2
