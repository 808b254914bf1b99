"""Remedies and checks: mended by one, judged by another; a sample that nobody can choose."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workflow import actions, store
from services.workflow.domain import inspection, remedy
from services.workflow.domain.remedy import Remedy, RemedyRefused
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from shared.events.base import Event
from tests.support import NOON, emitted
from tests.workflow.builders import (
    ANSWER,
    COLLEAGUE,
    DIRECTOR,
    HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
    Staff,
    the_rules,
)

GOOD = {
    "received": "good",
    "papers": "good",
    "asked_once": "good",
    "in_time": "good",
    "answers": "good",
    "manner": "none",
}


def opened(office: Office, person: Staff = HEAD, **given: Any) -> tuple[Remedy, list[Event]]:
    usual = {
        "what": "Rà soát và vá mọi ổ gà trên đường Điện Biên Phủ",
        "unit": "KCHT",
        "owner": OFFICER.person,
        "due_on": date(2026, 12, 4),
    }
    with office.database.writing() as tx:
        return actions.open_remedy(tx, office.rules, person=person, **usual | given), emitted(tx)


def reported(office: Office, **given: Any) -> Remedy:
    new, _ = opened(office, **given)
    with office.database.writing() as tx:
        return actions.report_remedy(tx, person=OFFICER, remedy_id=new.id, evidence="Đã vá xong, ảnh trong hồ sơ")


def judged(office: Office, person: Staff, found: Remedy, **given: Any) -> tuple[Remedy, list[Event]]:
    with office.database.writing() as tx:
        done = actions.judge_remedy(tx, office.rules, person=person, remedy_id=found.id, **{"is_good": True} | given)
        return done, emitted(tx)


def test_s07a_a_remedy_is_closed_by_somebody_else_than_its_owner(office: Office) -> None:
    done = reported(office)

    with pytest.raises(NotAllowed):
        judged(office, OFFICER, done)
    closed, told = judged(office, HEAD, done)

    assert closed.state == "closed"
    assert [event.TYPE for event in told] == ["remedy.done.v1"]
    assert told[0].is_in_time  # type: ignore[attr-defined]


def test_a_head_who_owns_a_remedy_does_not_judge_it(office: Office) -> None:
    new, _ = opened(office, OFFICE, owner=HEAD.person)
    with office.database.writing() as tx:
        done = actions.report_remedy(tx, person=HEAD, remedy_id=new.id, evidence="Đã vá xong, ảnh trong hồ sơ")

    with pytest.raises(NotAllowed):
        judged(office, HEAD, done)

    assert judged(office, DIRECTOR, done)[0].state == "closed"


def test_a_remedy_of_a_case_stands_in_its_timeline_and_its_event_names_no_case(office: Office) -> None:
    case_id = office.file()

    new, told = opened(office, case_id=case_id)

    with office.database.reading() as look:
        assert "remedy" in [entry.what for entry in store.entries_of(look, case_id)]
        assert [found.id for found in store.remedies_of(look, HEAD, case_id)] == [new.id]
    (event,) = told
    assert event.TYPE == "remedy.opened.v1"
    assert str(case_id) not in repr(event)


def test_what_did_not_help_goes_back_with_a_reason(office: Office) -> None:
    done = reported(office)

    with pytest.raises(Incomplete):
        judged(office, HEAD, done, is_good=False)
    again, told = judged(office, HEAD, done, is_good=False, words="Còn ba ổ gà trước chợ")

    assert (again.state, again.words, told) == ("open", "Còn ba ổ gà trước chợ", [])


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"what": "Vá"}, "what", "missing"),
        ({"due_on": date(2026, 11, 20)}, "due_on", "passed"),
        ({"due_on": date(2026, 11, 29)}, "due_on", "rest_day"),
        ({"owner": STRANGER.person}, "owner", "unknown"),
    ],
)
def test_what_is_missing_is_named(office: Office, given: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(Incomplete) as refusal:
        opened(office, **given)

    assert (refusal.value.field, refusal.value.code) == (field, code)


def test_a_head_opens_remedies_for_the_own_unit_only_and_an_officer_none(office: Office) -> None:
    with pytest.raises(NotAllowed):
        opened(office, HEAD, unit="VTCC", owner=STRANGER.person)
    with pytest.raises(NotAllowed):
        opened(office, OFFICER)


def test_a_remedy_of_a_case_that_is_hidden_does_not_exist(office: Office) -> None:
    case_id = office.file()
    new, _ = opened(office, case_id=case_id)
    with office.database.writing() as tx:
        store.exclude(tx, case_id, [COLLEAGUE.person])

    with office.database.reading() as look:
        assert store.find_remedy(look, COLLEAGUE, new.id) is None
        assert store.remedies_for(look, COLLEAGUE) == []
        assert [found.id for found in store.remedies_for(look, OFFICER)] == [new.id]
        assert store.remedies_for(look, STRANGER) == []


def a_remedy(**given: Any) -> Remedy:
    usual: dict[str, Any] = {
        "id": uuid4(), "what": "x", "unit": "KCHT", "owner": OFFICER.person, "due_on": date(2026, 12, 4),
        "state": "open", "opened_by": HEAD.person, "opened_at": NOON,
    }  # fmt: skip
    return Remedy(**usual | given)


@given(st.lists(st.sampled_from(["report", "good", "bad"]), max_size=8))
def test_no_walk_closes_what_nobody_reported(walk: list[str]) -> None:
    found, last = a_remedy(), ""
    for step in walk:
        try:
            if step == "report":
                found = remedy.report(found, evidence="y", by=OFFICER.person, at=NOON)
            else:
                found = remedy.judge(found, is_good=step == "good", words=None, by=HEAD.person, at=NOON)
        except RemedyRefused:
            continue
        if found.state == "closed":
            assert last == "report"
        last = step


# ---- checks


def answered(office: Office) -> UUID:
    """A case about a procedure, answered in November."""
    case_id = office.file(
        kind="procedure_feedback",
        topic="C21",
        title=None,
        text="Hồ sơ đổi phù hiệu xe của tôi nộp ngày 02/11 hẹn trả ngày 09/11 đến nay chưa có kết quả. " + uuid4().hex,
        place=None,
        ward=None,
    )
    case = office.case(case_id)
    unit_head, unit_officer = Staff(f"u:head-{case.unit}", "head", case.unit), Staff("u:one", "officer", case.unit)
    with office.database.writing() as tx:
        if unit_head.person not in store.names_of(tx):
            from tests.workflow.builders import hire

            hire(tx, unit_head, unit_officer)
    if case.stage == "triage":
        office.act(actions.confirm_triage, OFFICE, case_id)
    office.act(actions.assign, unit_head, case_id, officer=unit_officer.person)
    office.act(actions.accept, unit_officer, case_id)
    office.act(actions.submit_draft, unit_officer, case_id, text=ANSWER, outcome="explained")
    office.act(actions.approve, unit_head, case_id)
    office.act(actions.answer, unit_officer, case_id)
    return case_id


def checked(
    office: Office, case_id: UUID, person: Staff = OFFICE, **given: Any
) -> tuple[store.Inspection, list[Event]]:
    usual = {"month": "2026-11", "results": GOOD}
    with office.database.writing() as tx:
        return actions.record_check(tx, office.rules, person=person, case_id=case_id, **usual | given), emitted(tx)


def test_s22a_a_case_of_the_sample_is_checked_once_and_findings_become_remedies(office: Office) -> None:
    case_id = answered(office)
    results = GOOD | {"in_time": "bad"}

    with pytest.raises(Incomplete):
        checked(office, case_id, results=results)
    found, told = checked(office, case_id, results=results, words="Trả lời sau hẹn mà không xin lỗi")
    with pytest.raises(Incomplete) as again:
        checked(office, case_id)

    assert (again.value.field, again.value.code) == ("month", "taken")
    (event,) = told
    assert (event.TYPE, event.good, event.bad) == ("check.recorded.v1", 4, 1)  # type: ignore[attr-defined]
    new, _ = opened(office, OFFICE, check_id=found.id, what="Nhắc việc xin lỗi trong họp tuần")
    assert new.cause == "check"


def test_every_item_needs_a_result(office: Office) -> None:
    case_id = answered(office)

    with pytest.raises(Incomplete) as refusal:
        checked(office, case_id, results={name: value for name, value in GOOD.items() if name != "papers"})

    assert refusal.value.field == "papers"


def test_officers_and_heads_check_nothing(office: Office) -> None:
    case_id = answered(office)

    with pytest.raises((NotAllowed, CaseUnknown)):
        checked(office, case_id, HEAD)


@given(st.lists(st.uuids(), max_size=60, unique=True), st.randoms())
def test_whoever_draws_again_draws_the_same_cases(cases: list[UUID], chance: Any) -> None:
    drawn = inspection.sample(cases, month="2026-11", count=10)
    shuffled = list(cases)
    chance.shuffle(shuffled)

    assert inspection.sample(shuffled, month="2026-11", count=10) == drawn
    assert len(drawn) == min(10, len(cases))
    assert set(drawn) <= set(cases)


def test_a_month_ends_where_the_next_begins() -> None:
    assert inspection.month_of("2026-12") == (date(2026, 12, 1), date(2027, 1, 1))
    for wrong in ("2026-13", "0000-01", "0001-01", "9999-12"):
        with pytest.raises(inspection.BadMonth):
            inspection.month_of(wrong)


def test_the_checklist_names_its_source() -> None:
    (found,) = the_rules().catalogue.checklists
    assert found.source
    assert found.per_month == 10
