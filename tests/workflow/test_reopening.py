"""Looking again at what was answered: asked by the citizen, decided by the head, worked on by a new clock."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.workflow import actions, reactions, store
from services.workflow.actions.splitting import Part
from services.workflow.domain.case import StepRefused
from services.workflow.domain.permission import may
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from shared.db import Cause
from shared.events.base import Event, Sealed
from shared.events.intake import PetitionPromiseJudged, PetitionReopenRequested
from shared.events.workflow import CaseAnswered, CaseFollowUp, CaseReopened, CaseReopeningRefused
from shared.inbox import Heard, NotYet
from tests.support import NOON
from tests.workflow.builders import (
    ANSWER,
    DENUNCIATION,
    DEPUTY,
    DIRECTOR,
    HEAD,
    LAWYER,
    LEGAL_HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
)

SECOND = "Ngày 08/12/2026 chúng tôi đã vá lại ổ gà bằng bê tông nhựa nóng. Căn cứ kế hoạch bảo dưỡng quý IV."
REFUSAL = "Chỗ Ông/Bà nêu thuộc đường khác, xin gửi phản ánh mới."


def answer(office: Office, case_id: UUID, text: str = ANSWER, **given: Any) -> list[Event]:
    usual: dict[str, Any] = {"text": text, "outcome": "done"}
    office.act(actions.submit_draft, OFFICER, case_id, **usual | given)
    office.act(actions.approve, HEAD, case_id)
    return office.act(actions.answer, OFFICER, case_id)


def answered(office: Office, **given: Any) -> UUID:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)
    answer(office, case_id, **given)
    return case_id


def wishes(office: Office, case_id: UUID) -> Sequence[store.Reopening]:
    with office.database.reading() as look:
        return store.reopenings_of(look, case_id)


def test_s33b_a_wish_goes_to_the_head_of_the_unit(office: Office) -> None:
    case_id = answered(office)

    (told,) = office.ask_again(case_id)

    assert isinstance(told, CaseFollowUp)
    assert (told.ground, set(told.tell)) == ("reopen_requested", {HEAD.person, DEPUTY.person})
    (wish,) = wishes(office, case_id)
    assert (wish.state, wish.reason, wish.round) == ("asked", "Mưa một đêm là bong hết", 1)


def test_s16c_a_reopened_case_is_worked_on_by_the_clock_of_the_same_rule_from_that_day(office: Office) -> None:
    case_id = answered(office)
    rule = office.case(case_id).answer_rule
    office.at("2026-12-07T09:00")
    office.ask_again(case_id)

    (told,) = office.act(actions.reopen, HEAD, case_id, words="Xem lại nền đường")

    case = office.case(case_id)
    assert isinstance(told, CaseReopened)
    assert (case.stage, case.answer_rule, case.answer_due_on) == ("in_progress", rule, date(2026, 12, 16))
    assert (told.round, told.ground, told.answer_due_on) == (1, "citizen_asked", date(2026, 12, 16))
    assert [due.rule for due in told.deadlines if due.is_governing] == [rule]
    assert (case.answered_at, case.approved_by, case.officer) == (None, None, OFFICER.person)
    assert case.next_step == "remind_50"
    assert wishes(office, case_id)[0].state == "granted"


def test_a_reopened_case_climbs_its_ladder_again(office: Office) -> None:
    case_id = answered(office)
    office.at("2026-12-07T09:00")
    office.ask_again(case_id)
    office.act(actions.reopen, HEAD, case_id)
    clock = actions.Sweep(office.database, office.rules)

    office.at("2026-12-17T09:00")
    while clock.once():
        pass

    with office.database.reading() as look:
        rungs = [entry.data["rung"] for entry in store.entries_of(look, case_id) if entry.what == "rung"]
    assert {"remind_50", "overdue_1"} <= set(rungs)


def test_s26b_a_corrected_answer_names_the_one_it_takes_the_place_of_and_may_apologise(office: Office) -> None:
    case_id = answered(office)
    office.ask_again(case_id)
    office.act(actions.reopen, HEAD, case_id)

    told = answer(office, case_id, SECOND, apology="Lần trước chúng tôi vá nguội, không chịu được mưa.")

    (given,) = [event for event in told if isinstance(event, CaseAnswered)]
    assert (given.round, given.corrects) == (2, 1)
    assert given.apology.value == "Lần trước chúng tôi vá nguội, không chịu được mưa."
    assert given.answer.value == SECOND


def test_a_first_answer_carries_no_apology_for_an_answer(office: Office) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)

    told = answer(office, case_id, apology="Xin lỗi")

    (given,) = [event for event in told if isinstance(event, CaseAnswered)]
    assert given.apology.value is None


def test_a_wish_is_refused_with_a_reason_that_its_citizen_reads(office: Office) -> None:
    case_id = answered(office)
    office.ask_again(case_id)

    with pytest.raises(Incomplete, match="reason"):
        office.act(actions.refuse_reopening, HEAD, case_id, reason="Không")
    (told,) = office.act(actions.refuse_reopening, HEAD, case_id, reason=REFUSAL)

    assert isinstance(told, CaseReopeningRefused)
    assert told.reason.value == REFUSAL
    assert office.case(case_id).stage == "answered"
    assert wishes(office, case_id)[0].state == "refused"
    with pytest.raises(StepRefused):
        office.act(actions.refuse_reopening, HEAD, case_id, reason=REFUSAL)


def test_one_asks_once_for_each_answer(office: Office) -> None:
    case_id = answered(office)

    assert len(office.ask_again(case_id)) == 1
    assert office.ask_again(case_id) == []
    office.act(actions.reopen, HEAD, case_id)
    assert office.ask_again(case_id) == []  # it is worked on
    answer(office, case_id, SECOND)
    assert office.ask_again(case_id) == []  # of an answer that does not hold any more
    assert len(office.ask_again(case_id, round=2)) == 1

    assert [(wish.round, wish.state) for wish in wishes(office, case_id)] == [(1, "granted"), (2, "asked")]


def test_a_closed_case_can_be_reopened_too(office: Office) -> None:
    case_id = answered(office)
    office.act(actions.close, OFFICER, case_id)
    office.ask_again(case_id)

    office.act(actions.reopen, HEAD, case_id)

    case = office.case(case_id)
    assert (case.stage, case.is_ended) == ("in_progress", False)


def test_silence_does_not_close_a_case_that_waits_for_a_decision(office: Office) -> None:
    case_id = answered(office)
    office.ask_again(case_id)
    clock = actions.Sweep(office.database, office.rules)

    office.at("2026-12-24T08:00")
    while clock.once():
        pass

    assert office.case(case_id).stage == "answered"


def test_who_leads_reopens_without_being_asked(office: Office) -> None:
    case_id = answered(office)

    (told,) = office.act(actions.reopen, HEAD, case_id)

    assert isinstance(told, CaseReopened)
    assert told.ground == "head_decided"


def test_a_head_reopens_their_own_answer_only_when_it_is_asked_for(office: Office) -> None:
    case_id = office.file()
    office.act(actions.take, HEAD, case_id)
    office.act(actions.submit_draft, HEAD, case_id, text=ANSWER, outcome="done")
    office.act(actions.approve, DEPUTY, case_id)
    office.act(actions.answer, HEAD, case_id)

    with pytest.raises(StepRefused):
        office.act(actions.reopen, HEAD, case_id)
    office.ask_again(case_id)
    (told,) = office.act(actions.reopen, HEAD, case_id)

    assert isinstance(told, CaseReopened)
    assert told.ground == "citizen_asked"


def test_the_head_of_the_unit_or_the_director_decides_and_nobody_else(office: Office) -> None:
    case_id = answered(office)
    office.ask_again(case_id)

    for person in (OFFICER, OFFICE):
        with pytest.raises(NotAllowed):
            office.act(actions.reopen, person, case_id)
    with pytest.raises(CaseUnknown):
        office.act(actions.reopen, STRANGER, case_id)

    assert may(DIRECTOR, "reopen", office.case(case_id))


def test_a_promise_that_the_citizen_says_was_broken_may_be_reopened(office: Office) -> None:
    case_id = answered(office, outcome="scheduled", promised_on=date(2026, 12, 10))
    office.at("2026-12-10T16:50")
    sweep = actions.PromiseSweep(office.database, office.rules)
    while sweep.once():
        pass
    with office.database.writing() as tx:
        (promise,) = store.promises_of(tx, case_id)
        petition_id = office.case(case_id).petition_id
        no = PetitionPromiseJudged(
            petition_id=petition_id, promise_id=promise.id, is_done=False, words=Sealed("Chưa ai đến")
        )
        heard = Heard(no, Cause(uuid4(), "intake", petition_id, NOON, "of-a-test"))
        reactions.take_judgements(tx, [heard], rules=office.rules)

    (told,) = office.act(actions.reopen, HEAD, case_id)

    assert isinstance(told, CaseReopened)
    assert told.ground == "promise_broken"


def test_those_whose_cases_follow_hear_of_the_reopening_and_may_ask_for_it(office: Office) -> None:
    lead = office.file()
    follower = office.file(code="3BJK7WQC", text="Trước số nhà 120 Điện Biên Phủ có hố sâu, xe ngã. Đề nghị vá.")
    office.act(actions.link, HEAD, follower, into=lead)
    office.act(actions.take, OFFICER, lead)
    answer(office, lead)

    assert len(office.ask_again(follower)) == 1
    told = office.act(actions.reopen, HEAD, lead)

    assert {event.petition_id for event in told} == {  # type: ignore[attr-defined]
        office.case(lead).petition_id,
        office.case(follower).petition_id,
    }


def test_of_several_matters_only_the_one_that_was_asked_for_is_reopened(office: Office) -> None:
    whole = office.file(text="Ổ gà sâu trước số nhà 12. Đèn tín hiệu ngã tư tắt hẳn.", topic=None, kind=None)
    if office.case(whole).stage != "triage":
        office.act(actions.return_to_triage, OFFICE, whole, reason="Thư nói nhiều việc")
    pothole = Part(text="Ổ gà sâu trước số nhà 12.", kind="report", topic="C01")
    light = Part(text="Đèn tín hiệu ngã tư tắt hẳn.", kind="report", topic="C03")
    first, second = office.act(actions.split, OFFICE, whole, parts=[pothole, light])[0].parts  # type: ignore[attr-defined]
    for part in (first, second):
        office.act(actions.take, OFFICER, part)
        answer(office, part)

    office.ask_again(second)

    assert (len(wishes(office, first)), len(wishes(office, second))) == (0, 1)


def test_what_the_law_gives_another_way_is_not_reopened(office: Office) -> None:
    case_id = office.file(**DENUNCIATION)
    office.act(actions.confirm_triage, LEGAL_HEAD, case_id)
    office.act(actions.assign, LEGAL_HEAD, case_id, officer=LAWYER.person)
    office.act(actions.accept, LEGAL_HEAD, case_id)
    office.act(actions.submit_draft, LAWYER, case_id, text=ANSWER, outcome="explained")
    office.act(actions.approve, DIRECTOR, case_id)

    told = office.act(actions.answer, LAWYER, case_id)

    (given,) = [event for event in told if isinstance(event, CaseAnswered)]
    assert given.reopen_until is None
    assert office.ask_again(case_id) == []


def test_a_wish_that_comes_before_its_case_waits(office: Office) -> None:
    wish = PetitionReopenRequested(petition_id=uuid4(), case_id=None, round=1, reason=Sealed("Chưa xong"))

    heard = Heard(wish, Cause(uuid4(), "intake", wish.petition_id, NOON, "of-a-test"))
    with office.database.writing() as tx, pytest.raises(NotYet):
        reactions.take_wishes(tx, [heard], rules=office.rules)


def test_s17d_who_was_late_once_explains_it_when_the_reopened_case_is_closed(office: Office) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)
    office.at("2026-12-09T09:00")
    answer(office, case_id)
    office.ask_again(case_id)
    office.act(actions.reopen, HEAD, case_id)
    answer(office, case_id, SECOND)

    with pytest.raises(Incomplete, match="explanation"):
        office.act(actions.close, OFFICER, case_id)
    assert office.case(case_id).next_step is None  # nothing closes that by time alone
