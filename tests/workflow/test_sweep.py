"""What the clock asks: each step once, in working hours, to the right people, whatever stops in between."""

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from services.workflow import actions, store
from services.workflow.actions import Sweep
from shared.outbox import outbox
from tests.workflow.builders import (
    ANSWER,
    DENUNCIATION,
    DEPUTY,
    DIRECTOR,
    HEAD,
    LEGAL_HEAD,
    OFFICE,
    OFFICER,
    Office,
)

LADDER = {
    "case.due_soon.v1",
    "case.overdue.v1",
    "case.escalated.v1",
    "case.apology_due.v1",
    "case.clock_resumed.v1",
    "case.closed.v1",
}


@pytest.fixture
def sweep(office: Office) -> Sweep:
    return Sweep(office.database, office.rules)


def told_by(office: Office, sweep: Sweep) -> list[str]:
    """The types of what one look of the clock told."""
    with office.database.reading() as look:
        before = look.connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one()
    sweep.once()
    with office.database.reading() as look:
        rows = look.connection.execute(outbox_rows()).all()
    return [row.type for row in rows[before:]]


def outbox_rows() -> Any:
    table = store.metadata.tables[outbox.name]
    return select(table.c.type, table.c.body).order_by(table.c.id)


def bodies(office: Office, type_: str) -> list[dict[str, Any]]:
    with office.database.reading() as look:
        rows = look.connection.execute(outbox_rows()).all()
    return [json.loads(row.body)["data"] for row in rows if row.type == type_]


def in_work(office: Office) -> Any:
    case_id = office.file()
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    return case_id


def test_s37_the_whole_ladder_is_climbed_once_and_in_working_hours(office: Office, sweep: Sweep) -> None:
    in_work(office)  # received Monday 23/11 noon, due Thursday 03/12
    story = []

    for day in (*range(23, 31), *range(1, 12)):
        for hour in range(24):
            month = 11 if day > 20 else 12
            office.at(f"2026-{month}-{day:02}T{hour:02}:01")
            story += [(f"{day:02}T{hour:02}", type_) for type_ in told_by(office, sweep)]

    assert [type_ for _, type_ in story] == [
        "case.due_soon.v1",
        "case.apology_due.v1",
        "case.due_soon.v1",
        "case.due_soon.v1",
        "case.overdue.v1",
        "case.escalated.v1",
    ]
    assert all(7 <= int(at[-2:]) <= 17 for at, _ in story)
    assert [due["share"] for due in bodies(office, "case.due_soon.v1")] == [50, 80, 100]
    (apology,) = bodies(office, "case.apology_due.v1")
    assert apology["apologise_by"] == "2026-12-02"


def test_s29_each_rung_tells_its_own_level(office: Office, sweep: Sweep) -> None:
    in_work(office)

    office.at("2026-12-14T09:00")
    while sweep.once():
        pass

    soon = bodies(office, "case.due_soon.v1")
    assert soon[0]["tell"] == [OFFICER.person]
    assert soon[1]["tell"] == sorted([OFFICER.person, HEAD.person, DEPUTY.person])
    (late,) = bodies(office, "case.overdue.v1")
    assert late["tell"] == sorted([OFFICER.person, HEAD.person, DEPUTY.person, OFFICE.person])
    (above,) = bodies(office, "case.escalated.v1")
    assert above["tell"] == [DIRECTOR.person]


def test_whoever_a_case_is_about_is_not_told_that_it_is_late(office: Office, sweep: Sweep) -> None:
    office.file(
        kind="procedure_feedback",
        topic="C24",
        title="Phản ánh thái độ của công chức Văn phòng Sở",
        text="Cán bộ tại Văn phòng Sở trả lời cộc lốc, cho người quen vào trước. Tôi đề nghị chấn chỉnh.",
    )

    office.at("2026-12-31T09:00")
    while sweep.once():
        pass

    told = {person for late in bodies(office, "case.overdue.v1") for person in late["tell"]}
    with office.database.reading() as look:
        case = store.page_of(look, DIRECTOR, "all", store.Filters(), soon_at=look.now).rows[0].case
    assert case.is_restricted
    if "VP" in case.excluded:
        assert OFFICE.person not in told


def test_a_restart_in_between_repeats_nothing_and_forgets_nothing(office: Office, sweep: Sweep) -> None:
    in_work(office)
    office.at("2026-12-02T16:59")
    sweep.once()

    for _ in range(3):
        Sweep(office.database, office.rules).once()  # a new process, at the same minute

    told = [event for event in _types(office) if event in LADDER]
    assert told.count("case.due_soon.v1") == 2
    assert told.count("case.apology_due.v1") == 1


def _types(office: Office) -> list[str]:
    with office.database.reading() as look:
        return [row.type for row in look.connection.execute(outbox_rows())]


def test_a_transaction_that_fails_takes_no_step(office: Office, sweep: Sweep) -> None:
    case_id = in_work(office)
    office.at("2026-12-04T09:00")
    with pytest.raises(RuntimeError, match="killed"), office.database.writing() as tx:  # noqa: PT012
        ((case, _),) = store.claim_due(tx, limit=10)
        raise RuntimeError("killed")
    assert case.id == case_id

    while sweep.once():
        pass

    assert [event for event in _types(office) if event in LADDER].count("case.overdue.v1") == 1


def test_an_idle_sweep_does_nothing(office: Office, sweep: Sweep) -> None:
    in_work(office)

    assert sweep.once() == 0


def test_nobody_is_reminded_of_a_case_that_waits_for_the_citizen(office: Office, sweep: Sweep) -> None:
    case_id = in_work(office)
    office.act(actions.ask_citizen, OFFICER, case_id, question="Ổ gà nằm ở làn đường nào ạ?")

    office.at("2026-12-08T16:00")

    assert sweep.once() == 0
    assert office.case(case_id).stage == "waiting"


def test_when_the_wait_is_over_the_case_goes_on_with_what_is_known(office: Office, sweep: Sweep) -> None:
    case_id = in_work(office)
    office.act(actions.ask_citizen, OFFICER, case_id, question="Ổ gà nằm ở làn đường nào ạ?")

    office.at("2026-12-09T07:31")
    assert told_by(office, sweep) == ["case.clock_resumed.v1"]

    case = office.case(case_id)
    assert (case.stage, case.answer_due_on) == ("in_progress", date(2026, 12, 17))
    assert bodies(office, "case.clock_resumed.v1")[0]["ground"] == "wait_is_over"


def test_an_approved_answer_needs_no_apology(office: Office, sweep: Sweep) -> None:
    case_id = in_work(office)
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done")
    office.act(actions.approve, HEAD, case_id)

    office.at("2026-12-03T10:00")
    while sweep.once():
        pass

    assert "case.apology_due.v1" not in _types(office)
    assert not office.case(case_id).is_apology_owed


def test_a_reminder_does_not_make_an_open_form_stale(office: Office, sweep: Sweep) -> None:
    case_id = in_work(office)
    seen = office.case(case_id).version
    office.at("2026-11-30T10:00")
    assert sweep.once() == 1

    office.act(actions.report_progress, OFFICER, case_id, version=seen, note="Đã đặt cọc cảnh báo")


def test_a_step_taken_a_moment_before_the_sweep_swallows_no_reminder(office: Office, sweep: Sweep) -> None:
    case_id = in_work(office)
    office.at("2026-12-04T08:00")

    office.act(actions.report_progress, OFFICER, case_id, note="Đã đặt cọc cảnh báo")
    while sweep.once():
        pass

    assert "case.overdue.v1" in _types(office)


def test_an_extension_moves_the_ladder(office: Office, sweep: Sweep) -> None:
    case_id = in_work(office)
    office.act(actions.ask_extension, OFFICER, case_id, reason="Chờ vật liệu từ nhà thầu")
    office.act(actions.grant_extension, HEAD, case_id)

    office.at("2026-12-04T09:00")
    while sweep.once():
        pass

    assert "case.overdue.v1" not in _types(office)


def test_an_answered_case_closes_when_the_citizen_stays_silent(office: Office, sweep: Sweep) -> None:
    case_id = in_work(office)
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done")
    office.act(actions.approve, HEAD, case_id)
    office.act(actions.answer, OFFICER, case_id)

    office.at("2026-12-23T16:00")
    assert sweep.once() == 0
    office.at("2026-12-24T07:31")
    assert told_by(office, sweep) == ["case.closed.v1"]

    assert office.case(case_id).stage == "closed"


def test_the_rules_of_a_secret_case_are_named_nowhere(office: Office, sweep: Sweep) -> None:
    office.file(**DENUNCIATION)

    office.at("2026-12-10T09:00")
    while sweep.once():
        pass

    late = bodies(office, "case.overdue.v1")
    assert {one["rule"] for one in late} == {"sealed"}
    assert {person for one in late for person in one["tell"]} == {LEGAL_HEAD.person}


def test_a_case_that_nobody_has_yet_is_recalled_to_the_head(office: Office, sweep: Sweep) -> None:
    office.file()

    office.at("2026-11-30T10:00")
    sweep.once()

    assert bodies(office, "case.due_soon.v1")[0]["tell"] == sorted([HEAD.person, DEPUTY.person])


def test_a_case_that_refuses_its_step_does_not_hold_up_the_others(office: Office, sweep: Sweep) -> None:
    stuck, other = in_work(office), office.file(code="3BJK7WQC", title="Hố to", text="Hố to trên đường Nguyễn Huệ")
    with office.database.writing() as tx:
        table = store.metadata.tables["case_"]
        tx.connection.execute(
            table.update().where(table.c.id == stuck).values(next_step="silence", next_step_at=tx.now)
        )

    waiting_for = office.case(other).next_step

    office.at("2026-11-30T10:00")
    assert sweep.once() == 2

    assert "case.due_soon.v1" in _types(office)
    assert office.case(other).next_step != waiting_for
    assert office.case(stuck).stage == "in_progress"


def test_a_rung_that_was_taken_for_a_due_day_is_not_taken_again(office: Office, sweep: Sweep) -> None:
    case_id = in_work(office)
    office.at("2026-11-30T10:00")
    sweep.once()
    with office.database.writing() as tx:
        table = store.metadata.tables["case_"]
        tx.connection.execute(
            table.update().where(table.c.id == case_id).values(next_step="remind_50", next_step_at=tx.now)
        )

    sweep.once()

    assert _types(office).count("case.due_soon.v1") == 1
    assert office.case(case_id).next_step != "remind_50"
