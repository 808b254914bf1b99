"""Who of a unit gets a case: the matrix, absences, passing on, and the head who has not given it out yet."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workflow import actions, store
from services.workflow.actions.splitting import Part
from services.workflow.domain.assignment import (
    Absence,
    Duty,
    Matrix,
    assignee_on,
    at_once,
    clashing,
    suggestion,
)
from services.workflow.domain.case import KindClass, StepRefused
from services.workflow.domain.permission import Refusal, Refused, may
from services.workflow.steps import Incomplete, NotAllowed
from shared.events.workflow import CaseSplit
from tests.support import types
from tests.workflow.builders import (
    COLLEAGUE,
    HEAD,
    LAWYER,
    LEGAL_HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
    Staff,
    a_case,
)
from tests.workflow.builders import the_rules as rules_of

TODAY = date(2026, 11, 23)
EVERY_DAY = (date(2026, 1, 1), None)
THIRD = Staff("u:third", "officer")
STAFF = {one.person: one for one in (OFFICER, COLLEAGUE, THIRD, HEAD, STRANGER)}


def a_duty(**given: Any) -> Duty:
    usual: dict[str, Any] = {
        "id": uuid4(),
        "unit": "KCHT",
        "topic": None,
        "ward": None,
        "officer": OFFICER.person,
        "deputy": COLLEAGUE.person,
        "valid_from": EVERY_DAY[0],
        "valid_to": EVERY_DAY[1],
    }
    return Duty(**usual | given)


def away(person: Staff, *, deputy: str | None = None, first: date = TODAY, days: int = 3) -> Absence:
    return Absence(
        id=uuid4(),
        person=person.person,
        unit="KCHT",
        valid_from=first,
        valid_to=first + timedelta(days=days),
        reason="leave",
        deputy=deputy,
    )


def named(duties: list[Duty], absences: list[Absence] | None = None, day: date = TODAY, **case: Any) -> str | None:
    asked = a_case(**{"officer": None, "ward": "phu-xuan"} | case)
    found = assignee_on(Matrix(duties, absences or [], STAFF), asked, day)
    return found.person if found else None


# ---- the rule


def test_the_most_specific_row_names_the_officer() -> None:
    unit = a_duty(officer=THIRD.person)
    ward = a_duty(ward="phu-xuan", officer=HEAD.person)
    topic = a_duty(topic="C01", officer=COLLEAGUE.person, deputy=None)
    both = a_duty(topic="C01", ward="phu-xuan", officer=OFFICER.person)

    assert named([unit]) == THIRD.person
    assert named([unit, ward]) == HEAD.person
    assert named([ward, topic, unit]) == COLLEAGUE.person
    assert named([topic, both, ward]) == OFFICER.person
    assert named([both], ward="thuan-hoa") is None
    assert named([replace(both, valid_to=TODAY - timedelta(days=1)), unit]) == THIRD.person


def test_a_deputy_stands_in_and_where_nobody_is_there_the_head_decides() -> None:
    duties = [a_duty()]

    assert named(duties, [away(OFFICER)]) == COLLEAGUE.person
    assert named(duties, [away(OFFICER, deputy=THIRD.person)]) == THIRD.person
    assert named(duties, [away(OFFICER), away(COLLEAGUE)]) is None
    assert named(duties, [away(OFFICER, first=TODAY + timedelta(days=1))]) == OFFICER.person
    assert named([a_duty(officer="u:gone")]) == COLLEAGUE.person
    assert named([a_duty(officer=STRANGER.person, deputy=None)]) is None


def test_a_case_about_the_officer_of_its_row_is_given_out_by_a_person() -> None:
    assert named([a_duty()], excluded=frozenset({OFFICER.person})) is None
    assert named([a_duty()], [away(OFFICER)], excluded=frozenset({COLLEAGUE.person})) is None


def test_a_restricted_case_needs_a_row_of_its_own_topic() -> None:
    restricted = {"kind_class": KindClass.RESTRICTED, "topic": "C24"}

    assert named([a_duty()], **restricted) is None
    assert named([a_duty(topic="C24")], **restricted) == OFFICER.person


def test_a_denunciation_is_never_given_out_by_the_matrix() -> None:
    case = a_case(
        kind="denunciation", topic="C29", unit="PCAT", officer=None, stage="accepted", workflow="denunciation"
    )
    lawyer = Staff("u:lawyer", "officer", "PCAT")
    matrix = Matrix([a_duty(unit="PCAT", topic="C29", officer=lawyer.person)], [], {lawyer.person: lawyer})

    assert assignee_on(matrix, case, TODAY) is not None
    assert at_once(matrix, case, rules_of().workflow_of(case), TODAY) is None


people = st.sampled_from([*STAFF, "u:gone"])
days = st.integers(-4, 4).map(lambda number: TODAY + timedelta(days=number))
duty_rows = st.builds(
    Duty,
    id=st.uuids(),
    unit=st.sampled_from(["KCHT", "VTCC"]),
    topic=st.sampled_from([None, "C01", "C13"]),
    ward=st.sampled_from([None, "phu-xuan"]),
    officer=people,
    deputy=st.none() | people,
    valid_from=days,
    valid_to=st.none() | days,
)
absence_rows = st.builds(
    Absence,
    id=st.uuids(),
    person=people,
    unit=st.just("KCHT"),
    valid_from=days,
    valid_to=days,
    reason=st.just("sick"),
    deputy=st.none() | people,
)


@given(
    st.lists(duty_rows, max_size=6),
    st.lists(absence_rows, max_size=6),
    st.frozensets(st.sampled_from([*STAFF, "KCHT"]), max_size=3),
    st.sampled_from(list(KindClass)),
    st.sampled_from(["C01", "C13", None]),
    days,
)
def test_whoever_is_named_is_there_of_the_unit_and_not_concerned(
    duties: list[Duty],
    absences: list[Absence],
    excluded: frozenset[str],
    kind_class: KindClass,
    topic: str | None,
    day: date,
) -> None:
    matrix = Matrix(duties, absences, STAFF)
    case = a_case(officer=None, ward="phu-xuan", topic=topic, kind_class=kind_class, excluded=excluded)

    found = assignee_on(matrix, case, day)
    suggested = suggestion(matrix, case, day, load={})

    for person in [found.person] if found else []:
        assert person not in excluded
        assert case.unit not in excluded
        assert STAFF[person].unit == case.unit
        assert not any(one.person == person and one.valid_from <= day <= one.valid_to for one in absences)
        assert may(STAFF[person], "see", replace(case, officer=person))
    if suggested is not None:
        assert suggested not in excluded
        assert STAFF[suggested].unit == case.unit
    if found:
        assert suggested == found.person


@given(duty_rows, duty_rows)
def test_two_rows_clash_when_both_hold_on_some_day(one: Duty, other: Duty) -> None:
    def is_held(row: Duty) -> Iterator[bool]:
        last = row.valid_to or TODAY + timedelta(days=9)
        return (row.valid_from <= TODAY + timedelta(days=n) <= last for n in range(-9, 10))

    both = any(a and b for a, b in zip(is_held(one), is_held(other), strict=True))
    empty = any(row.valid_to is not None and row.valid_to < row.valid_from for row in (one, other))

    if not empty:
        assert (clashing([one], other) is not None) == (both and one.is_about == other.is_about)


def test_where_the_matrix_names_nobody_whoever_has_least_is_suggested() -> None:
    matrix = Matrix([], [], STAFF)
    case = a_case(officer=None)

    assert suggestion(matrix, case, TODAY, load={OFFICER.person: 3, COLLEAGUE.person: 1, THIRD.person: 2}) == (
        COLLEAGUE.person
    )


def test_among_equally_busy_officers_each_case_finds_its_own() -> None:
    matrix = Matrix([], [], STAFF)
    cases = [a_case(id=UUID(int=n + 1), officer=None) for n in range(30)]

    found = [suggestion(matrix, case, TODAY, load={}) for case in cases]

    assert found == [suggestion(matrix, case, TODAY, load={}) for case in cases]
    assert set(found) == {known.person for known in STAFF.values() if known.role == "officer" and known.unit == "KCHT"}


# ---- at the desk


def entrust(office: Office, **given: Any) -> UUID:
    usual: dict[str, Any] = {"officer": OFFICER.person, "deputy": COLLEAGUE.person, "valid_from": TODAY}
    with office.database.writing() as tx:
        return actions.add_duty(tx, office.rules, person=HEAD, **usual | given).id


def be_away(office: Office, person: Staff, **given: Any) -> None:
    usual: dict[str, Any] = {"valid_from": TODAY, "valid_to": TODAY, "reason": "sick"}
    with office.database.writing() as tx:
        actions.add_absence(tx, office.rules, person=HEAD, absent=person.person, **usual | given)


def last_entry(office: Office, case_id: UUID) -> store.Entry:
    with office.database.reading() as look:
        return store.entries_of(look, case_id)[0]


def test_a_petition_that_is_accepted_at_once_is_assigned_at_once(office: Office) -> None:
    entrust(office, topic="C01")

    case_id = office.file()

    case = office.case(case_id)
    assert (case.stage, case.officer) == ("assigned", OFFICER.person)
    with office.database.reading() as look:
        entry = next(one for one in store.entries_of(look, case_id) if one.what == "assign")
        states = {clock.step: clock.state for clock in store.deadlines_of(look, case_id).values()}
    assert (entry.actor, entry.data) == ("system", {"officer": OFFICER.person, "by": "matrix", "topic": "C01"})
    assert states["head_assigns_officer"] == "met"


def test_without_a_row_it_waits_for_the_head(office: Office) -> None:
    entrust(office, topic="C02")

    assert office.case(office.file()).stage == "accepted"


def test_what_a_person_sorts_into_the_unit_is_assigned_in_the_same_breath(office: Office) -> None:
    entrust(office)
    case_id = office.file(title="Việc khác", text="Xin hỏi về một việc.", topic=None, place=None, ward=None)
    assert office.case(case_id).stage == "triage"

    told = office.act(actions.confirm_triage, OFFICE, case_id, topic="C01")

    assert [event.TYPE for event in told][-2:] == ["case.routed.v1", "case.assigned.v1"]
    assert told[-1].actor == "system"  # type: ignore[attr-defined]
    assert office.case(case_id).officer == OFFICER.person


def test_what_comes_back_from_the_citizen_to_be_given_out_is_given_out(office: Office) -> None:
    case_id = office.file(
        kind="complaint",
        topic=None,
        title="Đơn khiếu nại",
        text="Tôi khiếu nại quyết định số 12/QĐ-SXD ngày 01/11/2026 về việc thu hồi phù hiệu xe của tôi.",
    )
    office.act(actions.confirm_triage, LEGAL_HEAD, case_id)
    office.act(actions.ask_citizen, LEGAL_HEAD, case_id, question="Xin ông ký tên dưới đơn và gửi lại.")
    with office.database.writing() as tx:
        row = {"topic": "C28", "officer": LAWYER.person, "valid_from": TODAY}
        actions.add_duty(tx, office.rules, person=LEGAL_HEAD, **row)

    office.act(actions.resume, LEGAL_HEAD, case_id)

    assert (office.case(case_id).stage, office.case(case_id).officer) == ("assigned", LAWYER.person)


def test_each_part_of_a_letter_that_was_taken_apart_is_given_out(office: Office) -> None:
    entrust(office)
    whole = office.file(topic=None, kind=None, text="Ổ gà sâu trước số nhà 12. Xe buýt tuyến 2 bỏ chuyến sáng nay.")
    if office.case(whole).stage != "triage":
        office.act(actions.return_to_triage, OFFICE, whole, reason="Thư nói nhiều việc")
    pothole = Part(text="Ổ gà sâu trước số nhà 12.", kind="report", topic="C01")
    bus = Part(text="Xe buýt tuyến 2 bỏ chuyến sáng nay.", kind="report", topic="C13")

    split = office.act(actions.split, OFFICE, whole, parts=[pothole, bus])[0]

    assert isinstance(split, CaseSplit)
    assert [office.case(part).officer for part in split.parts] == [OFFICER.person, None]


def test_the_timeline_says_for_whom_a_deputy_stands_in(office: Office) -> None:
    entrust(office)
    be_away(office, OFFICER)

    case_id = office.file()

    assert office.case(case_id).officer == COLLEAGUE.person
    with office.database.reading() as look:
        entry = next(one for one in store.entries_of(look, case_id) if one.what == "assign")
    assert entry.data["instead_of"] == OFFICER.person


def test_a_head_keeps_the_matrix_of_the_own_unit_and_history_stays(office: Office) -> None:
    duty_id = entrust(office, topic="C01")

    with pytest.raises(Incomplete) as twice:
        entrust(office, topic="C01", officer=COLLEAGUE.person, deputy=None)
    with pytest.raises(Incomplete) as foreign:
        entrust(office, topic="C02", officer=STRANGER.person)
    with office.database.writing() as tx, pytest.raises(Incomplete):
        actions.end_duty(tx, office.rules, person=LEGAL_HEAD, duty_id=duty_id)
    with office.database.writing() as tx, pytest.raises(NotAllowed):
        actions.add_duty(tx, office.rules, person=OFFICER, officer=OFFICER.person, valid_from=TODAY)
    with office.database.writing() as tx:
        actions.end_duty(tx, office.rules, person=HEAD, duty_id=duty_id)
        told = types(tx)

    assert (twice.value.field, twice.value.code) == ("topic", "taken")
    assert (foreign.value.field, foreign.value.code) == ("officer", "unknown")
    assert told == ["assignment.changed.v1"]
    with office.database.reading() as look:
        (row,) = store.duties_of(look, {"KCHT"})
    assert row.valid_to == TODAY - timedelta(days=1)


def test_an_absence_overlaps_no_other_and_ends_when_they_are_back(office: Office) -> None:
    entrust(office)
    be_away(office, OFFICER, valid_to=TODAY + timedelta(days=9))
    with pytest.raises(Incomplete):
        be_away(office, OFFICER, valid_from=TODAY + timedelta(days=9), valid_to=TODAY + timedelta(days=12))

    with office.database.writing() as tx:
        (absence,) = store.absences_of(tx, {"KCHT"}, since=TODAY)
        actions.end_absence(tx, office.rules, person=HEAD, absence_id=absence.id)

    assert office.case(office.file()).officer == OFFICER.person


def test_s39_an_officer_passes_a_case_on_inside_the_unit_and_says_why(office: Office) -> None:
    case_id = office.file()
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)

    told = office.act(actions.pass_on, OFFICER, case_id, officer=COLLEAGUE.person, reason="Đoạn này anh phụ trách")

    assert [event.TYPE for event in told] == ["case.assigned.v1"]
    assert office.case(case_id).officer == COLLEAGUE.person
    assert last_entry(office, case_id).words == "Đoạn này anh phụ trách"
    with pytest.raises(NotAllowed):
        office.act(actions.pass_on, OFFICER, case_id, officer=COLLEAGUE.person, reason="Không còn là của tôi")


@pytest.mark.parametrize("officer", [STRANGER.person, OFFICER.person, "u:nobody"])
def test_a_case_is_passed_on_to_nobody_else(office: Office, officer: str) -> None:
    case_id = office.file()
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)

    with pytest.raises(Incomplete):
        office.act(actions.pass_on, OFFICER, case_id, officer=officer, reason="Vì một lý do")


def test_a_restricted_case_is_passed_on_by_its_head_alone() -> None:
    restricted = a_case(kind_class=KindClass.RESTRICTED)

    assert may(OFFICER, "pass_on", restricted) == Refused(Refusal.NOT_YOUR_ROLE)
    assert may(OFFICER, "pass_on", a_case())


def test_nobody_passes_on_what_nobody_has(office: Office) -> None:
    case_id = office.file()

    with pytest.raises((StepRefused, NotAllowed)):
        office.act(actions.pass_on, OFFICER, case_id, officer=COLLEAGUE.person, reason="Vì một lý do")


# ---- the head who waits


def test_a_head_who_gives_nothing_out_within_a_working_day_is_reminded_once(office: Office) -> None:
    case_id = office.file()
    sweep = actions.Sweep(office.database, office.rules)
    assert office.case(case_id).next_step == "unassigned_1"

    office.at("2026-11-25T16:00")
    early = sweep.once()
    office.at("2026-11-26T08:01")
    with office.database.reading() as look:
        late = store.late_to_assign(look, [office.case(case_id)])
    due = sweep.once()
    again = sweep.once()

    assert (early, due, again) == (0, 1, 0)
    assert late == {case_id}
    entry = last_entry(office, case_id)
    assert (entry.what, entry.data["rung"]) == ("rung", "unassigned_1")
    assert office.case(case_id).next_step == "remind_50"


def test_who_was_in_time_is_not_reminded(office: Office) -> None:
    case_id = office.file()
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    before = len(timeline(office, case_id))

    office.at("2026-11-26T08:01")
    actions.Sweep(office.database, office.rules).once()

    assert len(timeline(office, case_id)) == before
    assert office.case(case_id).next_step == "remind_50"


def timeline(office: Office, case_id: UUID) -> list[store.Entry]:
    with office.database.reading() as look:
        return store.entries_of(look, case_id)


def test_what_an_absent_officer_left_is_seen_by_who_may_see_it(office: Office) -> None:
    case_id = office.file()
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)

    with office.database.reading() as look:
        head = store.left_behind(look, HEAD, [OFFICER.person])
        stranger = store.left_behind(look, LEGAL_HEAD, [OFFICER.person])

    assert [row.id for row in head[OFFICER.person]] == [case_id]
    assert stranger == {}
