"""Sessions of reception and dialogue: announced in time, told to who is coming, written up; promises become cases."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.workflow import actions, reactions, store
from services.workflow.domain import dialogue as sessions
from services.workflow.domain.case import DIALOGUE_HELD, GuardRefused
from services.workflow.domain.dialogue import Commitment, Dialogue, DialogueRefused, TooSoon
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from services.workflow.store.tables import case_
from shared.db import Transaction
from shared.events.base import Event, Sealed
from shared.events.intake import DialogueJoined, DialogueLeft
from tests.builders import petition_filed
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
    Staff,
    hear,
    the_rules,
)
from tests.workflow.test_letters import COMPLAINT

CALENDAR = the_rules().calendar
MINUTES = "Người dân hỏi về lịch vá đường Điện Biên Phủ; Giám đốc nhận việc."


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00")


def a_plan(**given: Any) -> actions.Plan:
    usual: dict[str, Any] = {
        "kind": "thematic",
        "title": "Đối thoại với hộ dân đường Điện Biên Phủ",
        "topics": "Lịch thi công, bụi, tiếng ồn",
        "place": "Hội trường tầng 2, 10 Phan Bội Châu",
        "starts_at": local("2026-12-03T08:00"),
        "ends_at": local("2026-12-03T11:00"),
        "seats": 40,
        "chair": DIRECTOR.person,
    }
    return actions.Plan(**usual | given)


def done(office: Office, act: Callable[..., Any], person: Staff = OFFICE, **given: Any) -> tuple[Any, list[Event]]:
    with office.database.writing() as tx:
        return act(tx, office.rules, person=person, **given), emitted(tx)


def announced(office: Office, person: Staff = OFFICE, case_id: UUID | None = None, **given: Any) -> Dialogue:
    new, _ = done(office, actions.plan_dialogue, person, plan=a_plan(**given), case_id=case_id)
    return done(office, actions.announce_dialogue, person, dialogue_id=new.id)[0]  # type: ignore[no-any-return]


def joined(office: Office, session: Dialogue, **given: Any) -> tuple[UUID, list[Event]]:
    """Somebody registers at the door."""
    usual: dict[str, Any] = {
        "dialogue_id": session.id,
        "guest_id": uuid4(),
        "language": "vi",
        "joined_at": NOON,
        "name": Sealed("Nguyễn Thị Hồng Ánh"),
        "email": Sealed("anh.nth@example.vn"),
        "mobile": Sealed("+84905123456"),
        "phone": Sealed("0905 123 456"),
        "question": Sealed("Bao giờ vá xong đoạn trước số nhà 120?"),
        "petition_code": Sealed(None),
        "link_token": Sealed("abcdefghijklmnopqrstuvwxyz"),
    }
    event = DialogueJoined(**usual | given)
    with office.database.writing() as tx:
        hear(tx, reactions.take_guests, event)
        return event.guest_id, emitted(tx)


def held(office: Office, session: Dialogue, person: Staff = OFFICE, **given: Any) -> tuple[Dialogue, list[Event]]:
    office.clock.move_to(session.ends_at)
    return done(office, actions.hold_dialogue, person, dialogue_id=session.id, **{"minutes": MINUTES} | given)


def types(told: list[Event]) -> list[str]:
    return [event.TYPE for event in told]


# ---- the day


def test_s17a_a_session_online_is_announced_five_working_days_before_and_the_refusal_names_the_earliest_day(
    office: Office,
) -> None:
    # Monday 23 November; the 24th is a holiday, so five working days before 1 December is Monday the 23rd
    online = {"kind": "online", "place": "https://hop.example.vn/phong-1"}

    with pytest.raises(TooSoon) as refusal:
        announced(office, starts_at=local("2026-11-30T08:00"), ends_at=local("2026-11-30T10:00"), **online)
    session = announced(office, starts_at=local("2026-12-01T08:00"), ends_at=local("2026-12-01T10:00"), **online)

    assert refusal.value.earliest == date(2026, 12, 1)
    assert "NĐ 154/2026 Đ23(1)" in refusal.value.rule.source
    assert session.state == "announced"


def test_what_was_planned_in_time_is_refused_when_it_is_announced_too_late(office: Office) -> None:
    plan = a_plan(kind="online", place="https://hop.example.vn/phong-1")
    new, told = done(office, actions.plan_dialogue, plan=plan)
    office.at("2026-11-27T09:00")

    with pytest.raises(TooSoon):
        done(office, actions.announce_dialogue, dialogue_id=new.id)

    assert told == []


@given(st.dates(date(2026, 1, 5), date(2026, 11, 1)), st.sampled_from(["online", "complaint"]))
def test_the_earliest_day_is_in_time_and_no_working_day_before_it_is(today: date, kind: str) -> None:
    rule = actions.notice_rule(the_rules(), kind, max(today, date(2026, 7, 1)))
    assert rule is not None

    first = sessions.earliest(rule, today, CALENDAR)

    assert sessions.is_in_time(rule, first, today, CALENDAR)
    between = [today + timedelta(days=n) for n in range((first - today).days)]
    assert not [
        day for day in between if CALENDAR.is_working_day(day) and sessions.is_in_time(rule, day, today, CALENDAR)
    ]


@given(st.dates(date(2026, 1, 12), date(2026, 12, 1)))
def test_the_last_day_for_announcing_is_a_working_day_five_of_them_before(day: date) -> None:
    rule = actions.notice_rule(the_rules(), "online", date(2026, 7, 1))
    assert rule is not None

    last = sessions.notice_of(rule, day, CALENDAR).due_on

    assert last is not None
    assert CALENDAR.is_working_day(last)
    the_day_before = timedelta(days=1)  # the day of the session is the one that is not counted
    assert CALENDAR.working_days_between(last - the_day_before, day - the_day_before) == 5


# ---- who, and what is told


def test_s17a_the_office_announces_a_session_and_its_words_are_sealed_for_the_door(office: Office) -> None:
    new, before = done(office, actions.plan_dialogue, plan=a_plan())

    session, (event,) = done(office, actions.announce_dialogue, dialogue_id=new.id)

    assert (before, event.TYPE, session.edition) == ([], "dialogue.announced.v1", 1)
    assert event.is_public  # type: ignore[attr-defined]
    assert event.place.value == "Hội trường tầng 2, 10 Phan Bội Châu"  # type: ignore[attr-defined]
    assert event.chair.value == "Giám đốc Sở"  # type: ignore[attr-defined]
    assert "Phan Bội Châu" not in repr(event)


@pytest.mark.parametrize("person", [OFFICER, HEAD])
def test_only_the_office_and_the_director_plan_sessions_for_the_public(office: Office, person: Staff) -> None:
    with pytest.raises(NotAllowed):
        done(office, actions.plan_dialogue, person, plan=a_plan())


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"kind": "complaint"}, "kind", "unknown"),
        ({"title": "Họp"}, "title", "missing"),
        ({"ends_at": local("2026-12-03T08:00")}, "ends_at", "too_early"),
        ({"seats": 0}, "seats", "malformed"),
        ({"kind": "online"}, "place", "no_link"),
        ({"kind": "reception", "chair": HEAD.person}, "chair", "unknown"),
        ({"starts_at": local("2026-11-20T08:00")}, "starts_on", "passed"),
    ],
)
def test_what_is_wrong_with_a_plan_is_named(office: Office, given: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(Incomplete) as refusal:
        done(office, actions.plan_dialogue, plan=a_plan(**given))

    assert (refusal.value.field, refusal.value.code) == (field, code)


def test_s17a_who_registers_is_invited_and_who_cancelled_hears_nothing_more(office: Office) -> None:
    session = announced(office)
    _, (invited,) = joined(office, session)
    gone, _ = joined(office, session, email=Sealed("khac@example.vn"))
    with office.database.writing() as tx:
        hear(tx, reactions.let_guests_go, DialogueLeft(dialogue_id=session.id, guest_id=gone))

    _, told = done(office, actions.call_off_dialogue, dialogue_id=session.id, reason="Hội trường bị ngập")

    assert (invited.TYPE, invited.ground) == ("dialogue.invited.v1", "invited")  # type: ignore[attr-defined]
    assert invited.place.value == session.place  # type: ignore[attr-defined]
    assert types(told) == ["dialogue.called_off.v1", "dialogue.invited.v1"]
    assert told[1].reason.value == "Hội trường bị ngập"  # type: ignore[attr-defined]
    assert told[1].email.value == "anh.nth@example.vn"  # type: ignore[attr-defined]


def test_s17a_a_change_tells_all_who_are_coming_with_the_reason(office: Office) -> None:
    session = announced(office)
    joined(office, session)
    plan = a_plan(starts_at=local("2026-12-04T14:00"), ends_at=local("2026-12-04T16:00"))

    with pytest.raises(Incomplete):
        done(office, actions.change_dialogue, dialogue_id=session.id, plan=plan)
    changed, told = done(
        office, actions.change_dialogue, dialogue_id=session.id, plan=plan, reason="Giám đốc họp đột xuất"
    )

    assert changed.edition == 2
    assert types(told) == ["dialogue.announced.v1", "dialogue.invited.v1"]
    assert told[1].ground == "changed"  # type: ignore[attr-defined]
    assert told[1].starts_at == local("2026-12-04T14:00")  # type: ignore[attr-defined]


def test_a_change_of_place_alone_needs_no_new_notice_and_seats_are_never_fewer_than_guests(office: Office) -> None:
    online = {"kind": "online", "starts_at": local("2026-12-01T08:00"), "ends_at": local("2026-12-01T10:00")}
    session = announced(office, place="https://hop.example.vn/1", **online)
    joined(office, session)
    joined(office, session)
    office.at("2026-11-30T09:00")
    moved = a_plan(place="https://hop.example.vn/2", **online)

    changed, _ = done(office, actions.change_dialogue, dialogue_id=session.id, plan=moved, reason="Đổi phòng họp")
    few = a_plan(place="https://hop.example.vn/2", seats=1, **online)
    with pytest.raises(Incomplete) as refusal:
        done(office, actions.change_dialogue, dialogue_id=session.id, plan=few, reason="Đổi phòng họp")

    assert changed.place == "https://hop.example.vn/2"
    assert (refusal.value.field, refusal.value.code) == ("seats", "taken")


def test_s17a_guests_are_reminded_once_a_working_day_before(office: Office) -> None:
    session = announced(office)  # Thursday 3 December
    joined(office, session)
    reminder = actions.DialogueReminder(office.database, office.rules)
    office.at("2026-12-01T16:00")
    early = reminder.once()

    office.at("2026-12-02T08:00")
    reminded = (reminder.once(), reminder.once())

    assert (early, *reminded) == (0, 1, 0)
    with office.database.reading() as look:
        told = look.connection.execute(text("SELECT count(*) FROM outbox WHERE type = 'dialogue.invited.v1'"))
        assert told.scalar() == 2  # invited, and reminded


# ---- after it


def test_a_session_is_written_up_after_it_began_by_who_organises_or_chairs_it(office: Office) -> None:
    session = announced(office)
    came, _ = joined(office, session)
    joined(office, session)

    with pytest.raises(DialogueRefused):
        done(office, actions.hold_dialogue, dialogue_id=session.id, minutes=MINUTES)
    office.clock.move_to(session.ends_at)
    with pytest.raises(NotAllowed):
        done(office, actions.hold_dialogue, HEAD, dialogue_id=session.id, minutes=MINUTES)
    _, (event,) = held(office, session, DIRECTOR, came=[came], walked_in=7)

    assert event.TYPE == "dialogue.held.v1"
    assert (event.expected, event.came, event.walked_in) == (2, 1, 7)  # type: ignore[attr-defined]
    assert event.minutes.value == MINUTES  # type: ignore[attr-defined]
    with office.database.reading() as look:
        assert sorted(one.has_come is True for one in store.guests_of(look, session.id)) == [False, True]


def committed(office: Office, session: Dialogue, **given: Any) -> tuple[Commitment, list[Event]]:
    usual: dict[str, Any] = {
        "what": "Vá xong đoạn trước số nhà 120 Điện Biên Phủ",
        "topic": "C01",
        "unit": "KCHT",
        "officer": OFFICER.person,
        "due_on": date(2027, 1, 15),
    }
    return done(office, actions.commit_in_dialogue, dialogue_id=session.id, **usual | given)


def filed_for(office: Office, made: Commitment, event: Event) -> UUID:
    """The door files what was promised; the id of its case."""
    heard = petition_filed(
        petition_id=made.petition_id,
        kind=event.kind,  # type: ignore[attr-defined]
        topic=event.topic,  # type: ignore[attr-defined]
        text=event.text.value,  # type: ignore[attr-defined]
        channel="dialogue",
        received_at=made.made_at,
    )
    with office.database.writing() as tx:
        hear(tx, reactions.open_cases, heard)
        assert types(emitted(tx)) == ["case.opened.v1", "case.routed.v1", "case.assigned.v1"]
        return emitted(tx)[0].case_id  # type: ignore[attr-defined,no-any-return]


def test_s17a_a_commitment_becomes_a_case_with_the_promised_day_its_unit_and_its_officer(office: Office) -> None:
    session = announced(office)
    guest, _ = joined(office, session)
    held(office, session)

    made, (event,) = committed(office, session, guest_id=guest)
    case = office.case(filed_for(office, made, event))

    assert event.TYPE == "dialogue.committed.v1"
    assert event.email.value == "anh.nth@example.vn"  # type: ignore[attr-defined]
    assert (case.stage, case.unit, case.officer) == ("assigned", "KCHT", OFFICER.person)
    assert (case.answer_due_on, case.answer_rule) == (date(2027, 1, 15), "dialogue.commitment")
    assert case.next_step_at is not None  # somebody is reminded of it
    with office.database.reading() as look:
        clocks = store.deadlines_of(look, case.id).values()
        assert [clock.due_on for clock in clocks if clock.step == "answer"] == [date(2027, 1, 15)]
        assert store.commitment_cases(look, OFFICE, [made.petition_id])[made.petition_id].case.id == case.id


def test_what_is_promised_by_a_button_pressed_twice_is_owed_once(office: Office) -> None:
    session = announced(office)
    guest, _ = joined(office, session)
    held(office, session)

    made, told = committed(office, session, guest_id=guest)
    again, untold = committed(office, session, guest_id=guest)
    other, told_too = committed(office, session)

    assert (again, untold) == (made, [])
    assert other.petition_id != made.petition_id  # to everybody, not to this guest
    assert types([*told, *told_too]) == ["dialogue.committed.v1"] * 2


def test_words_that_would_make_a_petition_restricted_do_not_hide_what_was_promised_in_public(office: Office) -> None:
    session = announced(office)
    held(office, session)
    what = "Xem lại thái độ của cán bộ Phòng Quản lý hạ tầng khi nhận đơn tố cáo ông Trưởng phòng Hạ tầng"

    made, (event,) = committed(office, session, what=what)
    case = office.case(filed_for(office, made, event))

    assert (case.stage, case.excluded, case.is_restricted) == ("assigned", frozenset(), False)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"what": "Vá"}, "what"),
        ({"topic": "X99"}, "topic"),
        ({"officer": STRANGER.person}, "officer"),
        ({"due_on": date(2026, 11, 20)}, "due_on"),
        ({"guest_id": uuid4()}, "guest"),
    ],
)
def test_what_is_missing_of_a_commitment_is_named(office: Office, given: dict[str, Any], field: str) -> None:
    session = announced(office)
    held(office, session)

    with pytest.raises(Incomplete) as refusal:
        committed(office, session, **given)

    assert refusal.value.field == field


# ---- within a case


def a_complaint(office: Office, kind: str = "complaint_second") -> UUID:
    """A complaint that was accepted and has a draft for signature."""
    case_id = office.file(
        kind=kind,
        topic=None,
        public_code=None,
        signature_status="scanned",
        title="Khiếu nại quyết định thu hồi phù hiệu",
        text="Tôi khiếu nại Quyết định số 12/QĐ-SGTVT ngày 10/11/2026 thu hồi phù hiệu xe của tôi.",
    )
    table = the_rules().current[kind]
    with office.database.writing() as tx:
        lives = {"workflow": table.name, "workflow_version": table.version}
        _move(tx, case_id, kind=kind, stage="in_progress", unit="PCAT", officer=LAWYER.person, **lives)
    return case_id


def _move(tx: Transaction, case_id: UUID, **values: Any) -> None:
    tx.connection.execute(case_.update().where(case_.c.id == case_id).values(**values))


def drafted(office: Office, case_id: UUID) -> None:
    with office.database.writing() as tx:
        _move(tx, case_id, stage="drafted", drafted_by=LAWYER.person)


def bound(office: Office, case_id: UUID, **given: Any) -> Dialogue:
    return announced(office, LAWYER, case_id, **{"kind": "complaint", "title": "Đối thoại khiếu nại lần hai"} | given)


def test_s17a_a_second_complaint_is_not_decided_before_its_dialogue(office: Office) -> None:
    case_id = a_complaint(office)
    drafted(office, case_id)
    rules, case = office.rules, office.case(case_id)

    with pytest.raises(GuardRefused) as refusal:
        rules.workflow_of(case).step(case, "approve", by="director")
    session = bound(office, case_id)
    held(office, session, LAWYER, petitioner="present")
    after = office.case(case_id)

    assert refusal.value.guard == "dialogue_held"
    assert DIALOGUE_HELD in after.flags
    assert rules.workflow_of(after).may_take(after, "approve", by="director")


def test_s17a_every_table_that_second_complaints_live_by_asks_for_the_dialogue_before_the_decision() -> None:
    tables = [table for table in the_rules().workflows.values() if "complaint_second" in table.kinds]

    assert tables
    for table in tables:
        for step in ("approve", "answer"):
            assert "complaint_second" in table.steps[step].guards["dialogue_held"]


def test_nobody_is_reminded_of_a_dialogue_in_a_case_that_has_ended(office: Office) -> None:
    case_id = a_complaint(office)
    bound(office, case_id)
    with office.database.writing() as tx:
        _move(tx, case_id, is_ended=True)
    office.at("2026-12-02T08:00")

    assert actions.DialogueReminder(office.database, office.rules).once() == 1

    with office.database.reading() as look:
        told = look.connection.execute(text("SELECT count(*) FROM outbox WHERE type = 'case.dialogue_invited.v1'"))
        assert told.scalar() == 1  # the invitation


@pytest.mark.parametrize(("petitioner", "is_free"), [("present", True), ("absent", True), ("excused", False)])
def test_s17a_who_stays_away_without_a_good_reason_holds_nothing_up_and_who_has_one_gets_another_dialogue(
    office: Office, petitioner: str, is_free: bool
) -> None:
    case_id = a_complaint(office)
    session = bound(office, case_id)

    _, told = held(office, session, LAWYER, petitioner=petitioner)

    assert types(told) == ["dialogue.held.v1", "case.dialogue_held.v1"]
    assert (DIALOGUE_HELD in office.case(case_id).flags) is is_free


def test_a_first_complaint_may_be_decided_without_a_dialogue(office: Office) -> None:
    case_id = a_complaint(office, "complaint")
    drafted(office, case_id)
    case = office.case(case_id)

    assert office.rules.workflow_of(case).may_take(case, "approve", by="director")


def test_s17a_at_the_second_level_the_head_of_the_body_holds_the_dialogue_in_person(office: Office) -> None:
    with pytest.raises(Incomplete) as refusal:
        bound(office, a_complaint(office), chair=LEGAL_HEAD.person)

    assert (refusal.value.field, refusal.value.code) == ("chair", "in_person")
    assert bound(office, a_complaint(office, "complaint"), chair=LEGAL_HEAD.person).chair == LEGAL_HEAD.person


def test_s17a_a_dialogue_within_a_case_is_told_to_nobody_but_the_petitioner_and_who_is_invited(office: Office) -> None:
    case_id = a_complaint(office)
    new, _ = done(office, actions.plan_dialogue, LAWYER, plan=a_plan(kind="complaint"), case_id=case_id)
    invited = {"dialogue_id": new.id, "name": "Ông Lê Văn C", "email": "c@example.vn"}
    for _ in range(2):  # the button was pressed twice
        done(office, actions.invite_to_dialogue, LAWYER, **invited)

    session, told = done(office, actions.announce_dialogue, LAWYER, dialogue_id=new.id)

    assert types(told) == ["dialogue.announced.v1", "dialogue.invited.v1", "case.dialogue_invited.v1"]
    assert not told[0].is_public  # type: ignore[attr-defined]
    assert told[0].title.value is None  # type: ignore[attr-defined]
    assert str(case_id) not in repr(told[:2])
    assert told[1].email.value == "c@example.vn"  # type: ignore[attr-defined]
    with office.database.reading() as look:
        assert store.find_dialogue(look, STRANGER, session.id) is None
        assert store.dialogues_for(look, OFFICE) == []
        assert [one.id for one in store.dialogues_for(look, LAWYER)] == [session.id]


def test_five_days_before_a_dialogue_on_a_complaint_are_counted_back_from_a_sunday(office: Office) -> None:
    case_id = a_complaint(office)
    # 28 November less five days is Monday 23 November, today
    near = {"starts_at": local("2026-11-27T08:00"), "ends_at": local("2026-11-27T10:00")}

    with pytest.raises(TooSoon) as refusal:
        bound(office, case_id, **near)

    assert refusal.value.earliest == date(2026, 11, 30)
    assert "NĐ 155/2026" in refusal.value.rule.source


def test_whom_a_complaint_is_about_neither_sees_nor_chairs_its_dialogue(office: Office) -> None:
    case_id = a_complaint(office, "complaint")
    session = bound(office, case_id)
    with office.database.writing() as tx:
        store.exclude(tx, case_id, [LEGAL_HEAD.person])
        _move(tx, case_id, excluded=[LEGAL_HEAD.person])

    with pytest.raises(Incomplete) as refusal:
        bound(office, case_id, chair=LEGAL_HEAD.person)
    with office.database.reading() as look:
        assert store.find_dialogue(look, LEGAL_HEAD, session.id) is None
    with pytest.raises((CaseUnknown, actions.DialogueUnknown)):
        done(office, actions.call_off_dialogue, LEGAL_HEAD, dialogue_id=session.id, reason="Không cần nữa")

    assert (refusal.value.field, refusal.value.code) == ("chair", "about_them")


def test_nothing_is_promised_beside_the_decision_of_a_case(office: Office) -> None:
    session = bound(office, a_complaint(office))
    held(office, session, LAWYER, petitioner="present")

    with pytest.raises(DialogueRefused):
        committed(office, session, person=LAWYER)


# ---- who reads who is coming


def test_who_looks_at_the_guests_is_told_and_others_see_none(office: Office) -> None:
    session = announced(office)
    joined(office, session)

    with office.database.writing() as tx:
        _, seen = actions.read_dialogue(tx, person=OFFICE, dialogue_id=session.id)
        told = emitted(tx)
    with office.database.writing() as tx:
        _, hidden = actions.read_dialogue(tx, person=HEAD, dialogue_id=session.id)
        untold = emitted(tx)

    assert (len(seen), types(told)) == (1, ["access.read.v1"])
    assert (hidden, untold) == ([], [])


def test_beside_the_name_of_a_guest_stands_no_code_that_tells_who_denounced(office: Office) -> None:
    denounced, asked = office.case(office.file(**DENUNCIATION)), office.case(office.file(code="7K3M9HDT"))
    complained = office.case(office.file(**COMPLAINT))
    session = announced(office)
    for case in (denounced, asked, complained):
        joined(office, session, petition_code=Sealed(case.code))

    def codes_for(person: Staff) -> set[str | None]:
        with office.database.writing() as tx:
            _, guests = actions.read_dialogue(tx, person=person, dialogue_id=session.id)
        return {guest.petition_code for guest in guests}

    assert denounced.is_secret
    assert codes_for(OFFICE) == {None, asked.code}
    assert codes_for(DIRECTOR) == {None, asked.code, complained.code}  # who sees the denunciation knows no name
