"""What an answer promised: reminded of, asked about, kept, broken, or moved once."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.workflow import actions, reactions, store
from services.workflow.actions.promises import PromiseSweep
from services.workflow.domain.case import StepRefused
from services.workflow.domain.deadline import ClockRefused
from services.workflow.domain.promise import Promise, rungs_of
from services.workflow.steps import Incomplete, NotAllowed
from shared.db import Cause
from shared.events.base import Event, Sealed
from shared.events.intake import Attachment, PetitionPromiseJudged
from shared.events.workflow import (
    CaseAnswered,
    CaseFollowUp,
    PromiseAsked,
    PromiseChecked,
    PromiseDue,
    PromiseMade,
)
from shared.inbox import Heard
from shared.outbox import outbox
from tests.support import NOON, emitted
from tests.workflow.builders import ANSWER, DEPUTY, HEAD, OFFICER, Office, the_rules

PROMISED = date(2026, 12, 10)  # Thursday


@pytest.fixture
def sweep(office: Office) -> PromiseSweep:
    return PromiseSweep(office.database, office.rules)


def promised(office: Office, on: date = PROMISED, **given: Any) -> UUID:
    """A case whose answer promised something."""
    case_id = office.file(**given)
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="scheduled", promised_on=on)
    office.act(actions.approve, HEAD, case_id)
    office.act(actions.answer, OFFICER, case_id)
    return case_id


def the_promise(office: Office, case_id: UUID) -> Promise:
    with office.database.reading() as look:
        return store.promises_of(look, case_id)[-1]


def swept(office: Office, sweep: PromiseSweep) -> list[str]:
    """What the clock told now, by type."""
    before = {row.event_id for row in outbox_of(office)}
    while sweep.once():
        pass
    return [row.type for row in outbox_of(office) if row.event_id not in before]


def outbox_of(office: Office) -> Sequence[Any]:
    with office.database.reading() as look:
        return look.connection.execute(outbox.select().order_by(outbox.c.created_at)).all()


def judge(office: Office, case_id: UUID, *, is_done: bool, words: str | None = None) -> list[Event]:
    """The citizen says whether it was done."""
    judged = PetitionPromiseJudged(
        petition_id=office.case(case_id).petition_id,
        promise_id=the_promise(office, case_id).id,
        is_done=is_done,
        words=Sealed(words),
    )
    return hear(office, reactions.take_judgements, judged)


def hear(office: Office, react: Any, event: Any) -> list[Event]:
    with office.database.writing() as tx:
        react(tx, [Heard(event, Cause(uuid4(), "intake", event.petition_id, NOON, "of-a-test"))], rules=office.rules)
        return emitted(tx)


def types(events: Sequence[Event]) -> list[str]:
    return [event.TYPE for event in events]


def a_photo() -> Attachment:
    return Attachment(id=uuid4(), media_type="image/jpeg", size_bytes=1000, sha256="0" * 64)


def test_a_scheduled_answer_becomes_a_promise(office: Office) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="scheduled", promised_on=PROMISED)
    office.act(actions.approve, HEAD, case_id)

    told = office.act(actions.answer, OFFICER, case_id)

    made = next(event for event in told if isinstance(event, PromiseMade))
    assert (made.promised_on, made.round) == (PROMISED, 1)
    kept = the_promise(office, case_id)
    assert (kept.state, kept.what, kept.next_step) == ("open", ANSWER, "before")


def test_the_ladder_of_a_promise_stands_in_working_hours() -> None:
    rules = the_rules()

    rungs = rungs_of(PROMISED, rules.answers, rules.calendar)

    assert [rung.name for rung in rungs] == ["before", "day", "ask", "passed"]
    assert [rules.calendar.local_day(rung.at) for rung in rungs] == [
        date(2026, 12, 8),
        PROMISED,
        PROMISED,
        date(2026, 12, 11),
    ]
    assert all(rules.calendar.is_working_time(rung.at) for rung in rungs)


def test_a_promise_for_a_rest_day_is_asked_about_on_the_next_day_that_is_worked() -> None:
    rules = the_rules()

    rungs = rungs_of(date(2026, 12, 12), rules.answers, rules.calendar)  # Saturday

    assert [rules.calendar.local_day(rung.at) for rung in rungs[1:]] == [
        date(2026, 12, 14),
        date(2026, 12, 14),
        date(2026, 12, 15),
    ]


def test_each_step_is_taken_once_and_the_citizen_is_asked_on_the_day(office: Office, sweep: PromiseSweep) -> None:
    case_id = promised(office)

    told = {}
    for at in ("2026-12-07T16:00", "2026-12-08T08:00", "2026-12-09T08:00", "2026-12-10T08:00", "2026-12-10T16:50"):
        office.at(at)
        told[at] = swept(office, sweep)

    assert list(told.values()) == [[], ["promise.due.v1"], [], ["promise.due.v1"], ["promise.asked.v1"]]
    assert the_promise(office, case_id).asked_at is not None


def test_officer_and_head_are_reminded_and_nobody_else(office: Office) -> None:
    case_id = promised(office)
    office.at("2026-12-08T08:00")

    with office.database.writing() as tx:
        case, promise = store.load_case(tx, case_id), the_promise(office, case_id)
        assert case is not None
        actions.promises.take_due_promise(tx, office.rules, case, promise)
        (due,) = emitted(tx)

    assert isinstance(due, PromiseDue)
    assert due.step == "before"
    assert set(due.tell) == {OFFICER.person, HEAD.person, DEPUTY.person}


def test_a_day_that_goes_by_without_a_word_is_a_broken_promise_and_the_head_is_told(
    office: Office, sweep: PromiseSweep
) -> None:
    case_id = promised(office)
    office.at("2026-12-10T16:50")
    swept(office, sweep)

    office.at("2026-12-11T08:00")

    assert sorted(swept(office, sweep)) == ["case.follow_up.v1", "promise.checked.v1"]
    assert (the_promise(office, case_id).state, the_promise(office, case_id).checked_by) == ("broken", "system")


def test_an_officer_shows_with_a_photo_that_it_was_done_and_the_citizen_is_asked_at_once(office: Office) -> None:
    case_id = promised(office)
    promise = the_promise(office, case_id)
    office.at("2026-12-09T10:00")

    with pytest.raises(Incomplete, match="evidence"):
        office.act(
            actions.keep_promise, OFFICER, case_id, promise_id=promise.id, words="Đã vá xong sáng ngày 09/12/2026"
        )
    office.act(actions.add_evidence, OFFICER, case_id, files=[a_photo()])
    told = office.act(
        actions.keep_promise, OFFICER, case_id, promise_id=promise.id, words="Đã vá xong sáng ngày 09/12/2026"
    )

    assert types(told) == ["promise.checked.v1", "promise.asked.v1"]
    checked, asked = told
    assert isinstance(checked, PromiseChecked)
    assert isinstance(asked, PromiseAsked)
    assert (checked.state, len(checked.evidence.value), asked.judge_until) == ("kept", 1, date(2027, 1, 9))
    assert (the_promise(office, case_id).state, the_promise(office, case_id).next_step) == ("kept", None)


def test_a_yes_keeps_the_promise_and_nobody_is_told_anything_more(office: Office, sweep: PromiseSweep) -> None:
    case_id = promised(office)
    office.at("2026-12-10T16:50")
    swept(office, sweep)

    told = judge(office, case_id, is_done=True, words="Cảm ơn")

    assert types(told) == ["promise.checked.v1"]
    promise = the_promise(office, case_id)
    assert (promise.state, promise.is_done, promise.said) == ("kept", True, "Cảm ơn")
    office.at("2026-12-11T08:00")
    assert swept(office, sweep) == []


def test_a_no_beats_what_the_unit_said_and_goes_to_the_head(office: Office) -> None:
    case_id = promised(office)
    office.at("2026-12-09T10:00")
    office.act(actions.add_evidence, OFFICER, case_id, files=[a_photo()])
    promise = the_promise(office, case_id)
    office.act(actions.keep_promise, OFFICER, case_id, promise_id=promise.id, words="Đã vá xong sáng ngày 09/12/2026")

    told = judge(office, case_id, is_done=False, words="Vẫn còn nguyên")

    checked, follow_up = told
    assert isinstance(checked, PromiseChecked)
    assert isinstance(follow_up, CaseFollowUp)
    assert (checked.state, checked.actor, follow_up.ground) == ("broken", "citizen", "promise_denied")
    assert set(follow_up.tell) == {HEAD.person, DEPUTY.person}
    with pytest.raises(StepRefused):
        office.act(actions.keep_promise, OFFICER, case_id, promise_id=promise.id, words="Đã vá xong thật rồi mà")


def test_a_citizen_says_it_once_and_only_when_asked(office: Office, sweep: PromiseSweep) -> None:
    case_id = promised(office)

    assert judge(office, case_id, is_done=False) == []  # nobody asked yet
    office.at("2026-12-10T16:50")
    swept(office, sweep)
    assert judge(office, case_id, is_done=True) != []
    assert judge(office, case_id, is_done=False) == []

    assert the_promise(office, case_id).is_done is True


def test_the_day_is_moved_once_by_the_head_with_a_reason_that_the_citizen_reads(office: Office) -> None:
    case_id = promised(office)
    reason = "Mưa lũ, đội sửa chưa ra được hiện trường"
    move = {"promise_id": the_promise(office, case_id).id, "moved_to": date(2026, 12, 17), "reason": reason}

    with pytest.raises(NotAllowed):
        office.act(actions.move_promise, OFFICER, case_id, **move)
    with pytest.raises(ClockRefused, match="after"):
        office.act(actions.move_promise, HEAD, case_id, **move | {"moved_to": PROMISED})
    told = office.act(actions.move_promise, HEAD, case_id, **move)
    again = {"promise_id": the_promise(office, case_id).id, "moved_to": date(2026, 12, 24), "reason": reason}
    with pytest.raises(ClockRefused, match="once"):
        office.act(actions.move_promise, HEAD, case_id, **again)

    assert types(told) == ["promise.checked.v1", "promise.made.v1"]
    (moved, _) = told
    assert isinstance(moved, PromiseChecked)
    assert (moved.state, moved.moved_to, moved.reason.value) == ("moved", date(2026, 12, 17), reason)
    with office.database.reading() as look:
        assert [one.state for one in store.promises_of(look, case_id)] == ["moved", "open"]


def test_silence_closes_no_case_before_its_promised_day_and_the_time_after_it(office: Office) -> None:
    case_id = promised(office, on=date(2026, 12, 28))
    clock = actions.Sweep(office.database, office.rules)

    office.at("2026-12-24T08:00")  # thirty days after the answer
    while clock.once():
        pass
    assert office.case(case_id).stage == "answered"
    office.at("2027-01-28T08:00")
    while clock.once():
        pass

    assert office.case(case_id).stage == "closed"


def test_those_whose_cases_follow_are_asked_too(office: Office, sweep: PromiseSweep) -> None:
    lead = office.file()
    follower = office.file(code="3BJK7WQC", text="Trước số nhà 120 Điện Biên Phủ có hố sâu, xe ngã. Đề nghị vá.")
    office.act(actions.link, HEAD, follower, into=lead)
    office.act(actions.take, OFFICER, lead)
    office.act(actions.submit_draft, OFFICER, lead, text=ANSWER, outcome="scheduled", promised_on=PROMISED)
    office.act(actions.approve, HEAD, lead)
    told = office.act(actions.answer, OFFICER, lead)
    assert len([event for event in told if isinstance(event, CaseAnswered)]) == 2
    office.at("2026-12-10T16:50")
    assert swept(office, sweep).count("promise.asked.v1") == 2

    judged = PetitionPromiseJudged(
        petition_id=office.case(follower).petition_id,
        promise_id=the_promise(office, lead).id,
        is_done=False,
        words=Sealed(None),
    )
    hear(office, reactions.take_judgements, judged)

    assert the_promise(office, lead).is_denied
