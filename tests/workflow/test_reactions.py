"""What the desk does when it hears: cases open with their clocks, supplements wake the clock, notices are kept."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from services.workflow import actions, reactions, store
from services.workflow.domain.case import KindClass
from shared.events import DESK, SHAPES
from shared.events.intake import PetitionSupplemented
from shared.events.notify import NoticeAccepted, NoticeDelivered
from shared.events.workflow import CaseOpened, CaseRouted
from shared.inbox import NotYet
from tests.builders import an_event, petition_filed
from tests.support import NOON, emitted, types
from tests.workflow.builders import (
    COLLEAGUE,
    DENUNCIATION,
    DIRECTOR,
    HEAD,
    INSPECTION_HEAD,
    LEGAL_HEAD,
    OFFICER,
    Office,
    hear,
)


def test_a_petition_filed_on_monday_noon_is_due_when_its_seventh_working_day_ends(office: Office) -> None:
    heard = petition_filed(kind="report", topic="C01")

    with office.database.writing() as tx:
        hear(tx, reactions.open_cases, heard)
        told = emitted(tx)

    opened, routed = told
    case = office.case(opened.case_id)
    assert (case.stage, case.unit, case.kind) == ("accepted", "KCHT", "report")
    assert case.answer_due_at == datetime(2026, 12, 3, 17, 0, tzinfo=UTC)  # midnight in Huế
    assert isinstance(opened, CaseOpened)
    assert isinstance(routed, CaseRouted)
    assert (opened.answer_due_on, routed.unit, routed.route) == (date(2026, 12, 3), "KCHT", "accept")
    assert {due.step for due in opened.deadlines} == {"answer", "status_notice"}


def test_a_denunciation_says_nothing_of_itself_in_open_fields(office: Office) -> None:
    with office.database.writing() as tx:
        hear(tx, reactions.open_cases, petition_filed(**DENUNCIATION))
        opened, routed = emitted(tx)

    assert (opened.kind, opened.topic, routed.unit, routed.route) == (None, None, None, "sealed")
    assert {due.rule for due in opened.deadlines} == {"sealed"}
    assert routed.excluded_units == ()
    assert opened.sorting.value.kind == "denunciation"
    assert routed.excluded.value == ("DKIEM",)
    case = office.case(opened.case_id)
    assert (case.kind_class, case.stage, case.unit) == (KindClass.SECRET, "triage", "PCAT")


def test_a_secret_title_is_in_no_search_and_no_list_of_others(office: Office) -> None:
    case_id = office.file(**DENUNCIATION)

    with office.database.reading() as look:
        found = [
            store.page_of(look, who, "all", store.Filters(words="to cao"), soon_at=NOON).rows
            for who in (DIRECTOR, LEGAL_HEAD, INSPECTION_HEAD)
        ]
        by_code = [store.find_by_code(look, who, "9QDX") for who in (DIRECTOR, INSPECTION_HEAD, OFFICER)]

    assert found == [(), (), ()]
    assert [[row.case.id for row in rows] for rows in by_code] == [[case_id], [], []]


def test_a_person_whom_a_petition_names_is_shut_out(office: Office) -> None:
    named = {**DENUNCIATION, "text": DENUNCIATION["text"].replace("Nguyễn Văn B", "Cán Bộ Xe"), "title": None}

    case_id = office.file(**named)

    assert "DKIEM" in office.case(case_id).excluded


def test_the_same_matter_is_proposed_as_a_duplicate_and_takes_the_due_day(office: Office) -> None:
    office.at("2026-11-20T09:15")
    first = office.file(
        received_at=office.clock.now(),
        title="Ổ gà sâu trên đường Điện Biên Phủ",
        text="Trước số nhà 120 đường Điện Biên Phủ, gần ngã ba Lê Ngô Cát có ổ gà sâu khoảng 20 cm, trời mưa "
        "nước đọng, tối 18/11 đã có hai xe máy ngã. Đề nghị Sở cho vá sớm.",
        place="Điện Biên Phủ, gần ngã ba Lê Ngô Cát",
    )
    office.at("2026-11-21T18:30")
    second = office.file(
        received_at=office.clock.now(),
        code="3BJK7WQC",
        title="Mặt đường Điện Biên Phủ hư hỏng",
        text="Đoạn Điện Biên Phủ giao Lê Ngô Cát có hố rất to, tối qua lại có người té xe, mong cơ quan "
        "chức năng vá gấp.",
        place="Điện Biên Phủ giao Lê Ngô Cát",
    )

    lead, follower = office.case(first), office.case(second)
    assert (follower.route, follower.stage, follower.linked_to) == ("link", "triage", first)
    assert follower.answer_due_on == lead.answer_due_on == date(2026, 12, 2)


def test_a_letter_with_two_matters_gives_two_cases(office: Office) -> None:
    heard = petition_filed(
        title="Hai việc",
        text="1. Đường Nguyễn Huệ có ổ gà rất sâu trước số nhà 12, đề nghị vá.\n"
        "2. Xe buýt tuyến số 2 sáng nay bỏ chuyến, tôi chờ 40 phút không có xe.",
        topic=None,
        kind=None,
    )

    with office.database.writing() as tx:
        hear(tx, reactions.open_cases, heard)
        told = emitted(tx)

    opened = [one for one in told if isinstance(one, CaseOpened)]
    assert sorted((one.topic or "") for one in opened) == ["C01", "C13"]
    assert len({one.case_id for one in opened}) == 2


def test_a_supplement_lets_the_clock_run_again_and_moves_the_due_day(office: Office) -> None:
    case_id = office.file()
    case = office.case(case_id)
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    office.act(actions.ask_citizen, OFFICER, case_id, question="Ổ gà nằm ở làn đường nào ạ?")
    assert office.case(case_id).stage == "waiting"

    office.at("2026-11-26T08:00")
    heard = an_event(
        PetitionSupplemented,
        petition_id=case.petition_id,
        attachment_count=0,
        is_reply=True,
        text="Làn bên phải.",
        attachments=(),
    )
    with office.database.writing() as tx:
        hear(tx, reactions.take_supplements, heard)
        told = emitted(tx)

    assert [one.TYPE for one in told] == ["case.clock_resumed.v1"]
    assert told[0].ground == "citizen_replied"
    after = office.case(case_id)
    assert (after.stage, after.answer_due_on) == ("in_progress", date(2026, 12, 7))  # 25 and 26/11 lost; 24/11 was none
    with office.database.reading() as look:
        assert store.supplements_of(look, case_id)[0].text == "Làn bên phải."
        assert store.questions_of(look, case_id)[0].is_replied


def test_what_a_program_brings_later_answers_no_question(office: Office) -> None:
    case_id = office.file()
    case = office.case(case_id)
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    office.act(actions.ask_citizen, OFFICER, case_id, question="Ổ gà nằm ở làn đường nào ạ?")

    heard = an_event(PetitionSupplemented, petition_id=case.petition_id, attachment_count=0, is_reply=False)
    with office.database.writing() as tx:
        hear(tx, reactions.take_supplements, heard)

    assert office.case(case_id).stage == "waiting"
    with office.database.reading() as look:
        assert not store.questions_of(look, case_id)[0].is_replied


def test_a_supplement_before_its_case_waits(office: Office) -> None:
    heard = an_event(PetitionSupplemented, petition_id=uuid4(), text=None)

    with office.database.writing() as tx, pytest.raises(NotYet):
        hear(tx, reactions.take_supplements, heard)


def test_a_notice_is_shown_with_the_last_that_was_heard_of_it(office: Office) -> None:
    case = office.case(office.file())
    same = {
        "petition_id": case.petition_id,
        "notice_id": uuid4(),
        "audience": "petitioner",
        "channel": "sms",
        "purpose": "filed",
    }

    with office.database.writing() as tx:
        hear(tx, reactions.keep_notices, an_event(NoticeDelivered, **same, evidence="handset"))
        hear(tx, reactions.keep_notices, an_event(NoticeAccepted, **same))
        assert types(tx) == []

    with office.database.reading() as look:
        assert [(one.state, one.detail) for one in store.notices_of(look, case.petition_id)] == [
            ("delivered", "handset")
        ]


def test_the_desk_is_told_no_mark_and_no_words_of_a_rating_and_no_contact() -> None:
    told = {name for name, _, audiences in SHAPES["petition.rated.v1"].sealed if DESK in audiences}

    assert told == {"is_for_head"}
    assert "contact.given.v1" not in {event.TYPE for event in reactions.REACTIONS}


def test_a_long_wait_costs_no_more_than_its_working_days(office: Office) -> None:
    case_id = office.file()
    office.act(actions.take, COLLEAGUE, case_id)
    office.act(actions.ask_citizen, COLLEAGUE, case_id, question="Ổ gà nằm ở làn đường nào ạ?")

    office.clock.move_to(NOON + timedelta(days=4))  # Friday 27/11: 25, 26, 27 were worked
    office.act(actions.resume, COLLEAGUE, case_id)

    assert office.case(case_id).answer_due_on == date(2026, 12, 8)
