"""What the first user's yearly plan asks of the desk, row by row: each test is named after its row in docs/plan.md."""

import re
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.workflow import actions, store
from services.workflow.actions import Sweep
from services.workflow.domain.figures import Month, Repeat, hot_spots, rising_lateness
from services.workflow.domain.routing import unit_for
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from shared.events.base import SHAPES
from tests.workflow.builders import (
    ANSWER,
    COLLEAGUE,
    DENUNCIATION,
    DIRECTOR,
    HEAD,
    LAWYER,
    LEGAL_HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
    Staff,
    the_rules,
)
from tests.workflow.conftest import Visit
from tests.workflow.test_assignment import TODAY, be_away, entrust
from tests.workflow.test_pages import HOME
from tests.workflow.test_remedies import opened as remedied
from tests.workflow.test_sweep import bodies

CATALOGUE = the_rules().catalogue
CONDUCT = {
    "title": "Thái độ ở quầy số 5",
    "text": "Sáng 19/11 tôi đến quầy số 5 nộp hồ sơ, cán bộ trả lời cộc lốc, cho người quen vào trước.",
    "topic": None,
}
CODES = ("7K3M9HDT", "8QDX5TZX", "9QDX5TZW", "2BBB2BBB", "3CCC3CCC", "4DDD4DDD")


def answered(office: Office, case_id: UUID) -> None:
    office.act(actions.take, OFFICER, case_id)
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done", basis="", promised_on=None)
    office.act(actions.approve, HEAD, case_id)
    office.act(actions.answer, OFFICER, case_id)


HOLES = (
    ("Hùng Vương", "Mặt đường nứt vỡ thành hố trước chợ, xe tải qua là bắn đá."),
    ("Tố Hữu", "Ổ gà to giữa làn xe máy, tối không đèn, hôm qua có người ngã."),
    ("Bà Triệu", "Sau trận mưa nhựa bong từng mảng gần trường học, trẻ em đi rất khó."),
    ("Dương Văn An", "Hố ga lún kéo theo ổ gà sát vỉa hè, nước đọng cả tuần."),
    ("Nguyễn Huệ", "Đào đường lắp ống xong lấp ẩu, nay thành ổ gà dài."),
)


def apart(number: int) -> dict[str, str]:
    """Another hole than the others, so that none follows another."""
    road, text = HOLES[number]
    return {"code": CODES[number], "title": f"Ổ gà đường {road}", "text": text, "place": road, "ward": "an-cuu"}


def page(visit: Visit, person: Staff, address: str) -> str:
    answer = visit(person).get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


# ---- sorting, routing, owning


def test_s06_each_case_has_an_officer_and_a_head_and_each_of_them_sees_own_figures(
    office: Office, visit: Visit
) -> None:
    first, second = office.file(**apart(1)), office.file(**apart(2))
    answered(office, first)
    office.act(actions.assign, HEAD, second, officer=COLLEAGUE.person)

    case_page = page(visit, HEAD, f"/desk/cases/{second}")
    mine, theirs, unit = (page(visit, who, "/desk/figures") for who in (OFFICER, COLLEAGUE, HEAD))

    assert COLLEAGUE.name in case_page
    assert "Chịu trách nhiệm" in case_page
    assert HEAD.name in case_page
    assert "<b>1</b><span>đã trả lời</span>" in mine
    assert "<b>0</b><span>đã trả lời</span>" in theirs
    assert COLLEAGUE.name not in mine  # nobody else's
    assert OFFICER.name in unit
    assert COLLEAGUE.name in unit
    assert "<b>2</b><span>nhận</span>" in unit
    assert "<b>0</b><span>nhận</span>" in page(visit, STRANGER, "/desk/figures?unit=KCHT")  # asked in vain


def test_s13a_a_petition_about_a_road_goes_to_the_unit_and_by_the_days_of_its_topic(office: Office) -> None:
    units = {unit.code for unit in CATALOGUE.units}
    roads = [row for row in CATALOGUE.topics_on(TODAY) if row.code <= "C11"]

    assert [row.code for row in roads] == [f"C{number:02}" for number in range(1, 12)]
    for row in roads:
        assert row.answer_working_days, row.code
        assert row.priority in {"normal", "high", "urgent"}
        assert unit_for(CATALOGUE, kind=row.kind, topic=row.code, day=TODAY).unit in units, row.code
    case = office.case(office.file(topic="C01"))
    assert (case.topic, case.unit, case.priority) == ("C01", "KCHT", "normal")
    assert case.answer_due_on == CATALOGUE.calendar.add_working_days(TODAY, 7)


def test_s13b_what_is_urgent_has_a_queue_of_its_own_a_first_response_in_24_hours_and_stands_among_the_hot_spots(
    office: Office, visit: Visit
) -> None:
    office.at("2026-11-21T20:40")  # a Saturday night
    urgent = office.file(
        code="8QDX5TZX",
        topic="C03",
        title="Cây đổ chắn đường",
        text="Cây to đổ chắn ngang đường Bà Triệu, xe máy vừa tông vào, có người bị thương, nguy hiểm ngay bây giờ.",
        place="Bà Triệu",
        ward="phu-xuan",
    )
    office.file(**apart(1))
    case = office.case(urgent)
    with office.database.reading() as look:
        clocks = {clock.step: clock for clock in store.deadlines_of(look, urgent).values()}

    assert case.priority == "urgent"
    assert (clocks["first_response"].due_at - case.received_at).total_seconds() == 24 * 3600  # nights and Sundays too
    queue = page(visit, HEAD, "/desk/?view=all&priority=urgent")
    assert "Cây đổ chắn đường" in queue
    assert "Ổ gà đường Tố Hữu" not in queue
    spots = page(visit, DIRECTOR, "/desk/repeats")
    assert "Điểm nóng" in spots
    assert f"C03 {CATALOGUE.topic('C03', TODAY).name}" in spots
    assert "C01" not in spots  # once, and not urgent
    office.act(actions.take, OFFICER, urgent)
    with office.database.reading() as look:
        state = next(one.state for one in store.deadlines_of(look, urgent).values() if one.step == "first_response")
    assert state == "met"


def test_s27_a_feedback_on_a_procedure_goes_its_whole_path_and_each_clock_names_its_article(office: Office) -> None:
    case_id = office.file(
        title="Chờ phù hiệu quá hẹn", text="Tôi nộp hồ sơ phù hiệu xe hợp đồng, đã quá hẹn trả mà chưa có.", topic="C21"
    )
    case = office.case(case_id)
    assert (case.kind, case.topic, case.unit) == ("procedure_feedback", "C21", "TNTKQ")
    with office.database.reading() as look:
        clocks = list(store.deadlines_of(look, case_id).values())
    assert all(clock.source for clock in clocks)
    assert any("Đ28(1)" in clock.source for clock in clocks)  # the notice of reception
    by_law = [rule.source for rule in CATALOGUE.rules if rule.standing == "law"]
    assert all(re.search(r"(Đ|§)\d|NĐ \d|Luật", source) for source in by_law)

    if office.case(case_id).stage != "triage":
        office.act(actions.return_to_triage, OFFICE, case_id, reason="Xem lại đơn vị")
    office.act(actions.confirm_triage, OFFICE, case_id, kind="procedure_feedback", topic="C21", unit="KCHT")
    answered(office, case_id)
    office.act(actions.close, OFFICER, case_id)

    assert office.case(case_id).stage == "closed"
    with office.database.reading() as look:
        assert not [clock for clock in store.deadlines_of(look, case_id).values() if clock.is_open]
        told = {entry.what for entry in store.entries_of(look, case_id)}
    assert {"opened", "decide", "take", "approve", "answer", "close"} <= told


def test_s32a_the_head_assigns_within_a_working_day_and_approves_and_both_are_timed_events(office: Office) -> None:
    case_id = office.file()
    with office.database.reading() as look:
        own = next(one for one in store.deadlines_of(look, case_id).values() if one.step == "head_assigns_officer")
    assert own.due_on == date(2026, 11, 25)  # Tuesday is a holiday

    (given,) = office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done", basis="", promised_on=None)
    with pytest.raises(NotAllowed):
        office.act(actions.approve, OFFICER, case_id)
    (approved,) = office.act(actions.approve, HEAD, case_id)

    assert (given.TYPE, given.actor, given.officer) == ("case.assigned.v1", HEAD.person, OFFICER.person)
    assert (approved.TYPE, approved.actor, approved.drafted_by) == ("answer.approved.v1", HEAD.person, OFFICER.person)


def test_s32c_the_matrix_of_topic_and_ward_names_officer_deputy_and_dates(office: Office) -> None:
    entrust(
        office, topic="C01", ward="an-cuu", officer=OFFICER.person, deputy=COLLEAGUE.person, valid_to=date(2026, 11, 26)
    )

    first = office.file(**apart(1))
    be_away(office, OFFICER)
    second = office.file(**apart(2))
    elsewhere = office.file(**apart(3) | {"ward": "thuy-xuan"})
    office.at("2026-11-27T09:00")
    after = office.file(**apart(4))

    assert office.case(first).officer == OFFICER.person
    assert office.case(second).officer == COLLEAGUE.person  # the deputy stands in
    assert office.case(elsewhere).officer is None  # another ward is not meant
    assert office.case(after).officer is None  # the row has ended: the head decides


def test_s36_the_focal_point_sorts_dispatches_and_passes_on(office: Office, visit: Visit) -> None:
    sort_me = office.file(
        title="Việc ở đường Chi Lăng", text="Ở đường Chi Lăng việc này kéo dài, mong Sở xuống xem.", topic=None
    )
    not_ours = office.file(
        code="8QDX5TZX", title="Giấy phép lái xe", text="Tôi hỏi thủ tục đổi giấy phép lái xe bị mất.", topic="C18"
    )
    assert "Việc ở đường Chi Lăng" in page(visit, OFFICE, "/desk/office")
    assert visit(OFFICER).get("/desk/office").status_code == 403

    office.act(actions.confirm_triage, OFFICE, sort_me, kind="report", topic="C01", unit="KCHT")
    with pytest.raises(NotAllowed):
        office.act(actions.transfer, OFFICER, sort_me, to="X-CA", reason="Không phải việc của chúng tôi")
    (told,) = office.act(actions.transfer, OFFICE, not_ours, to="X-CA", reason="Việc của cảnh sát giao thông.")

    assert (office.case(sort_me).unit, office.case(sort_me).stage) == ("KCHT", "accepted")
    assert (told.TYPE, told.to) == ("case.transferred.v1", "X-CA")


def test_s39_an_officer_takes_a_case_of_the_unit_unasked_and_nobody_takes_it_twice(
    office: Office, visit: Visit
) -> None:
    case_id = office.file()
    assert "Ổ gà sâu trên đường Điện Biên Phủ" in page(visit, OFFICER, "/desk/?view=all")

    office.act(actions.take, OFFICER, case_id)
    with pytest.raises(Exception, match="take"):
        office.act(actions.take, COLLEAGUE, case_id)
    with pytest.raises(CaseUnknown):
        office.act(actions.take, STRANGER, case_id)
    office.act(actions.pass_on, OFFICER, case_id, officer=COLLEAGUE.person, reason="Bạn đang ở gần đó")

    assert office.case(case_id).officer == COLLEAGUE.person


# ---- keeping the clock


def test_s37_each_unit_has_a_page_of_its_month_with_what_was_late_and_how_often_it_was_urged(
    office: Office, visit: Visit
) -> None:
    late, urged = office.file(**apart(1)), office.file(**apart(2))
    office.at("2026-11-30T09:00")
    office.act(actions.urge, OFFICE, urged, reason="Người dân gọi lần thứ ba", answer_by=date(2026, 12, 2))
    office.act(actions.answer_urge, HEAD, urged, text="Chiều nay đội sửa đường có mặt")
    office.at("2026-12-09T09:00")
    answered(office, late)

    november, december = (
        page(visit, DIRECTOR, f"/desk/figures?unit=KCHT&month=2026-{month}") for month in ("11", "12")
    )

    assert "<b>2</b><span>nhận</span>" in november
    assert "1 lần, đã trả lời 1" in november
    assert "<b>1</b><span>trả lời trễ</span>" in december
    assert "<b>1</b><span>quá hạn, chưa trả lời</span>" in december
    assert OFFICER.name in december
    assert visit(DIRECTOR).get("/desk/figures?month=2026-13").status_code == 404


def test_a_remedy_of_a_case_that_is_about_a_head_is_in_no_figure_of_theirs(office: Office, visit: Visit) -> None:
    case_id = office.file(**apart(1))
    remedied(office, DIRECTOR, case_id=case_id)
    of_unit = page(visit, HEAD, "/desk/figures")

    office.act(actions.exclude_person, DIRECTOR, case_id, who=HEAD.person, reason="Người dân phản ánh chính người này")

    assert "mở 1, xong 0" in of_unit
    assert "mở 0, xong 0" in page(visit, HEAD, "/desk/figures")


# ---- apologising


def test_s22c_one_day_before_the_due_day_an_apology_is_owed_with_one_new_date_by_a_signed_letter(
    office: Office,
) -> None:
    case_id = office.file(
        title="Chờ phù hiệu quá hẹn", text="Tôi nộp hồ sơ phù hiệu xe hợp đồng, đã quá hẹn trả mà chưa có.", topic="C21"
    )
    due = office.case(case_id).answer_due_on
    assert office.case(case_id).topic == "C21"  # late dossiers arrive as this topic
    assert due is not None
    sweep = Sweep(office.database, office.rules)
    office.at(f"{due}T08:00")
    while sweep.once():
        pass
    (owed,) = bodies(office, "case.apology_due.v1")
    assert date.fromisoformat(owed["apologise_by"]) < due
    assert office.case(case_id).is_apology_owed

    given: dict[str, Any] = {"reason": "Hồ sơ nhiều, máy in phù hiệu hỏng hai ngày.", "signer": DIRECTOR.name}
    (told,) = office.act(actions.apologise, DIRECTOR, case_id, due_on=date(2026, 12, 8), **given)

    assert (told.TYPE, told.due_on, told.letter_type) == ("case.apologised.v1", date(2026, 12, 8), "apology")
    assert told.letter_number
    assert office.case(case_id).answer_due_on == date(2026, 12, 8)
    with pytest.raises(Exception, match="one new date only"):
        office.act(actions.apologise, DIRECTOR, case_id, due_on=date(2026, 12, 15), **given)


# ---- law and protection


def test_s17b_complaints_and_denunciations_have_their_own_law_and_are_seen_by_need_alone(office: Office) -> None:
    complaint = office.file(
        code="8QDX5TZX",
        kind="complaint",
        topic=None,
        title="Khiếu nại",
        text="Tôi khiếu nại Quyết định số 87/QĐ-SXD ngày 12/10/2026 của Sở thu hồi phù hiệu. Đề nghị hủy quyết định.",
    )
    secret = office.file(**DENUNCIATION)
    for case_id in (complaint, secret):
        for stranger in (OFFICER, STRANGER, HEAD, OFFICE):
            with pytest.raises(CaseUnknown), office.database.writing() as tx:
                actions.read_case(tx, person=stranger, case_id=case_id)
    assert office.case(complaint).conditions == ("unsigned",)
    office.act(actions.confirm_triage, LEGAL_HEAD, complaint)
    office.act(actions.assign, LEGAL_HEAD, complaint, officer=LAWYER.person)
    with pytest.raises(Incomplete):
        office.act(actions.accept, LEGAL_HEAD, complaint)
    with office.database.reading() as look:
        rules = {clock.rule for clock in store.deadlines_of(look, secret).values()}
    assert "denunciation.register" in rules


def test_s22d_the_unit_complained_of_is_shut_out_and_the_director_is_told_at_once(office: Office) -> None:
    case_id = office.file(**CONDUCT)
    case = office.case(case_id)

    assert (case.topic, case.is_restricted, "TNTKQ" in case.excluded) == ("C24", True, True)
    (told,) = bodies(office, "case.follow_up.v1")
    assert (told["ground"], told["tell"]) == ("conduct_reported", [DIRECTOR.person])


def test_s22d_a_petition_that_a_person_sorts_as_conduct_is_told_to_the_director_once(office: Office) -> None:
    case_id = office.file()
    office.act(actions.return_to_triage, OFFICE, case_id, reason="Là phản ánh thái độ")

    told = office.act(actions.confirm_triage, OFFICE, case_id, kind="procedure_feedback", topic="C24", unit="VP")

    assert [one.ground for one in told if one.TYPE == "case.follow_up.v1"] == ["conduct_reported"]


# ---- learning and correcting


def test_s17c_what_repeats_and_where_lateness_rises_opens_a_remedy_with_one_button(
    office: Office, visit: Visit
) -> None:
    for number in range(1, 4):
        office.file(**apart(number))
    shown = page(visit, HEAD, "/desk/repeats")
    assert "Mở việc khắc phục" in shown
    button = shown.split('class="btn alt sm" href="')[1].split('"')[0].replace("&amp;", "&")

    form = page(visit, HEAD, button.split("#")[0])
    assert "3 lần trong 90 ngày" in form
    wanted = {
        "what": "Ổ gà ở An Cựu, 3 lần: cần trải lại mặt đường",
        "owner": f"{OFFICER.person}@KCHT",
        "due_on": "04/12/2026",
    }
    sent = visit(HEAD).post("/desk/remedies", data=wanted, headers=HOME)

    assert sent.status_code == 303
    (opened,) = bodies(office, "remedy.opened.v1")
    assert opened["cause"] == "figures"
    assert visit(OFFICER).get("/desk/repeats").status_code == 403


def test_s17c_a_place_is_hot_when_it_comes_back_and_a_unit_when_it_keeps_its_days_less_often() -> None:
    def at(topic: str, count: int, urgent: int = 0) -> Repeat:
        return Repeat(topic=topic, ward="an-cuu", count=count, before=1, urgent=urgent, open=0)

    assert [one.topic for one in hot_spots([at("C01", 2), at("C02", 3), at("C03", 1, urgent=1)])] == ["C03", "C02"]
    now = [Month(key="A", in_time=6, late=4), Month(key="B", in_time=3), Month(key="C", in_time=9, waiting=1)]
    then = [Month(key="A", in_time=9, late=1), Month(key="B", in_time=9), Month(key="C", in_time=8, late=2)]
    assert [(one.unit, one.kept, one.before) for one in rising_lateness(now, then)] == [("A", 0.6, 0.9)]


# ---- account


def test_s22b_every_act_names_its_actor_whose_role_and_unit_the_log_knows(office: Office, visit: Visit) -> None:
    by_the_clock = {
        "case.opened.v1", "case.due_soon.v1", "case.overdue.v1", "case.escalated.v1", "case.apology_due.v1",
        "case.follow_up.v1", "promise.due.v1", "promise.asked.v1", "case.support_due.v1", "unit.urge_unanswered.v1",
        "case.rescheduled.v1", "case.consult_answered.v1",
    }  # fmt: skip
    for type_, shape in SHAPES.items():
        if (
            type_.startswith(("case.", "answer.", "promise.", "unit.", "remedy.", "check."))
            and type_ not in by_the_clock
        ):
            assert {"actor", "answered_by", "urged_by"} & {name for name, _ in shape.open}, type_
    known = {name for name, _ in SHAPES["staff.changed.v1"].open}
    assert {"person", "role", "unit"} <= known  # what a pseudonym was on that day

    case_id = office.file()
    answered(office, case_id)
    told = bodies(office, "case.answered.v1")
    assert told[0]["actor"] == OFFICER.person
    assert "ít hồ sơ" in page(visit, HEAD, "/desk/figures")  # the share of an officer, from five cases on
