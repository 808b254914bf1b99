"""Taken up by law: grounds of each kind and day, a signature and the clocks it starts, limitation, complexity."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workflow import actions, store
from services.workflow.domain.admission import grounds_on, judged, limitation_of, obstacle_days
from services.workflow.domain.permission import Refusal
from services.workflow.steps import Incomplete, NotAllowed
from shared.events.workflow import CaseExamined
from tests.workflow.builders import (
    DENUNCIATION,
    DIRECTOR,
    LAWYER,
    LEGAL_HEAD,
    Office,
    the_rules,
)

CATALOGUE = the_rules().catalogue
TODAY = date(2026, 11, 23)
COMPLAINT: dict[str, Any] = {
    "title": "Khiếu nại quyết định thu hồi phù hiệu",
    "text": "Tôi khiếu nại Quyết định số 87/QĐ-SXD ngày 12/10/2026 của Sở Xây dựng thu hồi phù hiệu xe của tôi. "
    "Tôi nhận được quyết định ngày 15/10/2026. Đề nghị hủy quyết định.",
    "kind": "complaint",
    "topic": None,
    "signature_status": "none",
}
REASON = "Phải xác minh tại hai xã và lấy ý kiến của ba cơ quan."


def complaint(office: Office, **given: Any) -> UUID:
    """A complaint at an officer of the legal division, its conditions to be verified."""
    case_id = office.file(**COMPLAINT | given)
    office.act(actions.confirm_triage, LEGAL_HEAD, case_id, kind="complaint", topic="C28", unit="PCAT")
    office.act(actions.assign, LEGAL_HEAD, case_id, officer=LAWYER.person)
    return case_id


def clocks(office: Office, case_id: UUID, step: str) -> dict[str, tuple[str, bool, date | None]]:
    """State, whether it governs, and due day of the clocks of a step, by their rule."""
    with office.database.reading() as look:
        found = store.deadlines_of(look, case_id).values()
    return {clock.rule: (clock.state, clock.is_governing, clock.due_on) for clock in found if clock.step == step}


# ---- grounds


def test_a_complaint_is_refused_on_nine_grounds_of_its_law_and_one_of_reception() -> None:
    found = grounds_on(CATALOGUE, "complaint", TODAY)

    assert [row.basis for row in found if "Khiếu nại" in row.basis] == [
        f"Luật Khiếu nại 2011 Đ11({number})" for number in range(1, 10)
    ]
    assert [row.form for row in found if row.code == "already_answered"] == ["Mẫu 01/TCD"]


def test_every_kind_knows_its_grounds_on_every_day_once_each() -> None:
    for day in (date(2026, 6, 30), date(2026, 7, 1), TODAY):
        for kind in CATALOGUE.kinds:
            codes = [row.code for row in grounds_on(CATALOGUE, kind.id, day)]
            assert len(codes) == len(set(codes)), kind.id
            assert codes or kind.id == "spam", kind.id


def test_the_basis_of_a_ground_is_the_one_of_the_day() -> None:
    def basis(day: date) -> str:
        return next(row.basis for row in grounds_on(CATALOGUE, "report", day) if row.code == "already_answered")

    assert basis(date(2026, 6, 30)) == "Luật Tiếp công dân 2013 Đ9(3)"
    assert basis(date(2026, 7, 1)) == "NĐ 154/2026 Đ4(1)(h)"


def test_a_ground_of_another_kind_is_none_and_the_article_goes_to_the_citizen(office: Office) -> None:
    case_id = complaint(office)
    reason = "Đơn gửi qua trang web, không có chữ ký dù đã hướng dẫn."

    with pytest.raises(Incomplete):
        office.act(actions.refuse, LEGAL_HEAD, case_id, ground="no_breach_shown", reason=reason)
    (told,) = office.act(actions.refuse, LEGAL_HEAD, case_id, ground="no_signature", reason=reason)

    assert told.ground == "no_signature"
    assert told.reason.value == f"Đơn không có chữ ký hoặc điểm chỉ (Luật Khiếu nại 2011 Đ11(5)).\n\n{reason}"


def test_the_ground_of_a_denunciation_is_told_sealed_only(office: Office) -> None:
    secret = office.file(**DENUNCIATION)

    (told,) = office.act(
        actions.refuse, DIRECTOR, secret, ground="no_breach_shown", reason="Không có thông tin nào để xác minh."
    )

    assert told.ground == "sealed"
    assert "Đ29(1)(d)" in told.reason.value


# ---- signature


def test_an_unsigned_complaint_has_no_time_of_acceptance_and_is_not_accepted(office: Office) -> None:
    case_id = complaint(office)

    assert clocks(office, case_id, "accept_or_refuse") == {}
    with pytest.raises(Incomplete) as refused:
        office.act(actions.accept, LEGAL_HEAD, case_id)
    assert refused.value.field == "signature"


def test_s17b_a_signed_letter_starts_the_clocks_of_acceptance_from_its_day(office: Office) -> None:
    case_id = complaint(office)
    office.at("2026-11-30T09:00")

    told = office.act(actions.record_signature, LAWYER, case_id, how="scanned", signed_on=date(2026, 11, 27))

    case = office.case(case_id)
    assert (case.signature_status, case.conditions) == ("scanned", ())
    assert clocks(office, case_id, "accept_or_refuse") == {
        "complaint.accept.decree": ("running", False, date(2026, 12, 8)),
        "complaint.accept.law": ("running", True, date(2026, 12, 7)),
    }
    assert [state for state, _, _ in clocks(office, case_id, "send_signature_guidance").values()] == ["void"]
    assert case.answer_due_on == date(2026, 12, 7)
    assert isinstance(told[0], CaseExamined)
    assert (told[0].what, told[0].is_due_moved, told[0].answer_due_on) == ("signature", True, date(2026, 12, 7))
    office.act(actions.verify_signature, LAWYER, case_id, note="Đối chiếu bản gốc")
    office.act(actions.accept, LEGAL_HEAD, case_id)
    assert office.case(case_id).stage == "in_progress"


@pytest.mark.parametrize(
    ("how", "signed_on", "field", "code"),
    [
        ("fax", TODAY, "how", "unknown"),
        ("scanned", None, "signed_on", "missing"),
        ("scanned", date(2026, 11, 24), "signed_on", "too_late"),
        ("scanned", date(2026, 11, 22), "signed_on", "too_early"),
    ],
)
def test_a_signature_needs_a_way_and_a_day(
    office: Office, how: str, signed_on: date | None, field: str, code: str
) -> None:
    case_id = complaint(office)

    with pytest.raises(Incomplete) as refused:
        office.act(actions.record_signature, LAWYER, case_id, how=how, signed_on=signed_on)

    assert (refused.value.field, refused.value.code) == (field, code)


def test_a_signature_is_recorded_and_verified_once(office: Office) -> None:
    case_id = complaint(office, signature_status="scanned")

    with pytest.raises(Incomplete):
        office.act(actions.record_signature, LAWYER, case_id, how="scanned", signed_on=TODAY)
    office.act(actions.verify_signature, LAWYER, case_id, note="Đối chiếu bản gốc")
    with pytest.raises(Incomplete):
        office.act(actions.verify_signature, LAWYER, case_id, note="Đối chiếu bản gốc")


# ---- limitation


def test_ninety_days_are_counted_without_the_time_of_an_obstacle() -> None:
    plain = limitation_of(CATALOGUE, "complaint", knew_on=date(2026, 8, 20), received_on=TODAY)
    longer = limitation_of(
        CATALOGUE,
        "complaint",
        knew_on=date(2026, 8, 20),
        received_on=TODAY,
        obstacle=(date(2026, 9, 1), date(2026, 9, 10)),
    )

    assert plain is not None
    assert longer is not None
    assert (plain.due_on, plain.is_in_time) == (date(2026, 11, 18), False)
    assert (longer.obstacle_days, longer.due_on, longer.is_in_time) == (10, date(2026, 11, 30), True)
    assert limitation_of(CATALOGUE, "report", knew_on=TODAY, received_on=TODAY) is None


days = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(knew=days, length=st.integers(0, 200), first=days, span=st.integers(0, 60))
def test_an_obstacle_never_shortens_and_never_adds_more_than_it_lasted(
    knew: date, length: int, first: date, span: int
) -> None:
    received = knew + timedelta(days=length)

    added = obstacle_days((first, first + timedelta(days=span)), knew_on=knew, received_on=received)

    assert 0 <= added <= min(span + 1, length + 1)


def test_a_limitation_is_recorded_with_its_obstacle(office: Office) -> None:
    case_id = complaint(office)
    given: dict[str, Any] = {"knew_on": date(2026, 8, 20)}

    for wrong, field in (
        ({"knew_on": None}, "knew_on"),
        ({"knew_on": date(2026, 11, 24)}, "knew_on"),
        ({"obstacle_from": date(2026, 9, 1)}, "obstacle_to"),
        ({"obstacle_from": date(2026, 9, 2), "obstacle_to": date(2026, 9, 1)}, "obstacle_to"),
        ({"obstacle_from": date(2026, 9, 1), "obstacle_to": date(2026, 9, 2)}, "obstacle"),
    ):
        with pytest.raises(Incomplete) as refused:
            office.act(actions.set_limitation, LAWYER, case_id, **given | wrong)
        assert refused.value.field == field
    (told,) = office.act(
        actions.set_limitation,
        LAWYER,
        case_id,
        **given,
        obstacle_from=date(2026, 9, 1),
        obstacle_to=date(2026, 9, 10),
        obstacle="Nằm viện, có giấy ra viện",
    )

    assert (told.what, told.is_due_moved) == ("limitation", False)
    with office.database.reading() as look:
        assert store.admission_of(look, case_id).obstacle_to == date(2026, 9, 10)


# ---- complexity


def test_a_complex_case_gets_the_longer_time_and_the_citizen_the_reason(office: Office) -> None:
    case_id = complaint(office, signature_status="in_person")
    office.act(actions.accept, LEGAL_HEAD, case_id)
    assert office.case(case_id).answer_due_on == date(2026, 12, 23)

    (told,) = office.act(
        actions.judge, LAWYER, case_id, criteria=["places", "agencies"], is_remote=False, reason=REASON
    )
    assert office.case(case_id).answer_due_on == date(2027, 1, 7)
    assert clocks(office, case_id, "settle")["complaint.settle.complex"][:2] == ("running", True)
    assert (told.what, told.is_due_moved, told.reason.value) == ("complexity", True, REASON)
    office.act(actions.judge, LAWYER, case_id, criteria=["places"], is_remote=True, reason=REASON)
    assert office.case(case_id).answer_due_on == date(2027, 1, 22)
    office.act(actions.judge, LAWYER, case_id, criteria=[], is_remote=False, reason=REASON)
    assert office.case(case_id).answer_due_on == date(2026, 12, 23)


@pytest.mark.parametrize(
    ("kind", "criteria", "is_remote", "held"),
    [
        ("complaint", [], False, ()),
        ("complaint", ["places"], True, ("complex", "remote")),
        ("denunciation", ["places"], True, ("complex",)),
        ("denunciation", ["places", "evidence"], False, ("complex", "specially_complex")),
        ("denunciation", ["places", "places"], False, ("complex",)),
    ],
)
def test_what_is_held_follows_from_the_criteria(kind: str, criteria: list[str], is_remote: bool, held: tuple) -> None:
    assert judged(("complex", "remote"), kind=kind, criteria=criteria, is_remote=is_remote) == held


def test_a_judgement_needs_known_criteria_and_a_reason(office: Office) -> None:
    case_id = complaint(office)

    for wrong, field in (({"criteria": ["busy"]}, "criteria"), ({"reason": "phức tạp"}, "reason")):
        with pytest.raises(Incomplete) as refused:
            office.act(actions.judge, LAWYER, case_id, **{"criteria": [], "is_remote": False, "reason": REASON} | wrong)
        assert refused.value.field == field


def test_nothing_is_told_of_what_was_found_of_a_denunciation(office: Office) -> None:
    secret = office.file(**DENUNCIATION)
    office.act(actions.confirm_triage, LEGAL_HEAD, secret)

    (told,) = office.act(actions.judge, LEGAL_HEAD, secret, criteria=["places"], is_remote=False, reason=REASON)

    assert (told.what, told.conditions, told.signature_status) == ("sealed", (), None)
    assert all(due.rule == "sealed" for due in told.deadlines)


# ---- levels and screening


def test_a_second_complaint_follows_the_first(office: Office) -> None:
    first = complaint(office)
    second = office.file(**COMPLAINT | {"code": "8QDX5TZX", "public_code": "8QDX5TZX"})
    office.act(actions.confirm_triage, LEGAL_HEAD, second, kind="complaint_second", topic="C28", unit="PCAT")

    with pytest.raises(Incomplete):
        office.act(actions.name_first_level, LEGAL_HEAD, second, first="8QDX-5TZX")
    office.act(actions.name_first_level, LEGAL_HEAD, second, first=office.case(first).code)

    with office.database.reading() as look:
        assert store.admission_of(look, second).first_level == first
    with pytest.raises(NotAllowed) as refused:
        office.act(actions.name_first_level, LEGAL_HEAD, first, first="8QDX-5TZX")
    assert refused.value.reason is Refusal.NOT_THIS_KIND


@pytest.mark.parametrize(
    ("outcome", "to", "stage", "told"),
    [
        ("inspect", "", "in_progress", "case.examined.v1"),
        ("pass_on", "X-CA", "transferred", "case.transferred.v1"),
        ("file", "", "refused", "case.refused.v1"),
    ],
)
def test_an_anonymous_denunciation_is_inspected_passed_on_or_filed(
    office: Office, outcome: str, to: str, stage: str, told: str
) -> None:
    anonymous = office.file(**DENUNCIATION | {"name": None, "phone": None, "email": None, "address": None})
    office.act(actions.confirm_triage, LEGAL_HEAD, anonymous)
    assert office.case(anonymous).kind == "denunciation_unqualified"

    events = office.act(actions.screen, LEGAL_HEAD, anonymous, outcome=outcome, to=to, reason=REASON)

    assert [event.TYPE for event in events] == [told]
    assert office.case(anonymous).stage == stage
    assert {state for state, _, _ in clocks(office, anonymous, "screen").values()} == {"met"}


def test_a_denunciation_with_a_name_is_not_screened(office: Office) -> None:
    secret = office.file(**DENUNCIATION)
    office.act(actions.confirm_triage, LEGAL_HEAD, secret)

    with pytest.raises(NotAllowed):
        office.act(actions.screen, LEGAL_HEAD, secret, outcome="file", reason=REASON)
