"""Somebody turns out to be concerned while the case runs: they lose everything at once, and for good."""

from uuid import UUID

import pytest

from services.workflow import actions, store
from services.workflow.actions.sweep import take_due_step
from services.workflow.domain.permission import Refusal, Refused, may
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from shared.events.workflow import CaseRouted
from tests.support import emitted
from tests.workflow.builders import COLLEAGUE, DEPUTY, DIRECTOR, HEAD, OFFICE, OFFICER, Office, Staff

WHY = "Người bị phản ánh là vợ của cán bộ xử lý"


def in_work(office: Office) -> UUID:
    case_id = office.file()
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    return case_id


def listed(office: Office, person: Staff) -> set[UUID]:
    """All that any list of this person holds."""
    with office.database.reading() as look:
        soon = office.clock.now()
        pages = [store.page_of(look, person, view, store.Filters(), soon_at=soon) for view in store.VIEWS]
        return {row.case.id for page in pages for row in page.rows}


def test_an_officer_who_is_concerned_loses_the_case_and_the_head_gives_it_to_another(office: Office) -> None:
    case_id = in_work(office)
    assert case_id in listed(office, OFFICER)

    (told,) = office.act(actions.exclude_person, HEAD, case_id, who=OFFICER.person, reason=WHY)

    case = office.case(case_id)
    assert (case.officer, case.stage, case.unit) == (None, "in_progress", "KCHT")
    assert isinstance(told, CaseRouted)
    assert told.excluded.value == (OFFICER.person,)
    assert case_id not in listed(office, OFFICER)
    assert may(OFFICER, "see", case) == Refused(Refusal.ABOUT_YOU)
    with pytest.raises(CaseUnknown):
        office.act(actions.report_progress, OFFICER, case_id, note="Tôi vẫn làm")
    with pytest.raises(Incomplete):
        office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.assign, HEAD, case_id, officer=COLLEAGUE.person)
    assert office.case(case_id).officer == COLLEAGUE.person


def test_a_case_that_lost_its_officer_stands_among_those_to_be_given(office: Office) -> None:
    case_id = in_work(office)

    office.act(actions.exclude_person, HEAD, case_id, who=OFFICER.person, reason=WHY)

    with office.database.reading() as look:
        page = store.page_of(look, HEAD, "unassigned", store.Filters(), soon_at=office.clock.now())
    assert [row.case.id for row in page.rows] == [case_id]


def test_a_unit_that_is_concerned_loses_the_case_with_everybody_in_it(office: Office) -> None:
    case_id = in_work(office)

    (told,) = office.act(actions.exclude_person, OFFICE, case_id, who="KCHT", reason=WHY)

    case = office.case(case_id)
    assert case.unit not in {"KCHT"}
    assert case.officer is None
    assert told.destination.value == case.unit
    for person in (OFFICER, COLLEAGUE, HEAD, DEPUTY):
        assert case_id not in listed(office, person)
    assert case_id in listed(office, DIRECTOR)


def test_who_is_kept_out_hears_no_reminder_any_more(office: Office) -> None:
    case_id = in_work(office)
    office.act(actions.exclude_person, OFFICE, case_id, who=HEAD.person, reason=WHY)

    office.at("2026-12-08T09:00")
    with office.database.writing() as tx:
        while due := store.claim_due(tx, limit=10):
            for case, taken in due:
                take_due_step(tx, office.rules, case, taken, store.colleagues(tx))
        told = emitted(tx)

    assert told
    assert all(HEAD.person not in getattr(event, "tell", ()) for event in told)


def test_who_is_kept_out_without_being_the_officer_leaves_the_officer_at_work(office: Office) -> None:
    case_id = in_work(office)

    office.act(actions.exclude_person, DIRECTOR, case_id, who=DEPUTY.person, reason=WHY)

    assert office.case(case_id).officer == OFFICER.person
    assert may(DEPUTY, "approve", office.case(case_id)) == Refused(Refusal.ABOUT_YOU)


@pytest.mark.parametrize(("who", "field"), [("u:nobody", "who"), ("", "who")])
def test_only_people_and_units_of_the_house_are_kept_out(office: Office, who: str, field: str) -> None:
    case_id = in_work(office)

    with pytest.raises(Incomplete) as refused:
        office.act(actions.exclude_person, HEAD, case_id, who=who, reason=WHY)

    assert refused.value.field == field


def test_an_officer_keeps_nobody_out(office: Office) -> None:
    case_id = in_work(office)

    with pytest.raises(NotAllowed):
        office.act(actions.exclude_person, OFFICER, case_id, who=HEAD.person, reason=WHY)


def test_who_keeps_themselves_out_is_gone_too(office: Office) -> None:
    case_id = in_work(office)

    office.act(actions.exclude_person, HEAD, case_id, who=HEAD.person, reason="Tôi là người nhà của người gửi")

    assert case_id not in listed(office, HEAD)
    assert case_id in listed(office, DEPUTY)
