"""What the door doubted: marked, apart from the other work, and nothing of it lost."""

from datetime import timedelta
from typing import Any

import pytest

from services.workflow import actions, reactions, store
from services.workflow.domain.case import Case
from shared.events.workflow import CaseOpened
from tests.builders import petition_filed
from tests.support import emitted
from tests.workflow.builders import DENUNCIATION, OFFICE, Office, hear
from tests.workflow.conftest import Visit

LIGHT = {
    "kind": "report",
    "topic": None,
    "title": None,
    "entered_by": None,
    "text": "Ghế chờ ở trạm xe buýt trước số nhà 12 đường Lê Lợi bị gãy một thanh.",
}


def heard(office: Office, **more: Any) -> Case:
    with office.database.writing() as tx:
        hear(tx, reactions.open_cases, petition_filed(**{**LIGHT, **more}))
        opened = next(one for one in emitted(tx) if isinstance(one, CaseOpened))
    return office.case(opened.case_id)


def counts(office: Office, *views: str) -> dict[str, int]:
    with office.database.reading() as look:
        found = store.count_views(look, OFFICE, views, soon_at=look.now + timedelta(days=2))
    return {view: found[view] for view in views}


def test_what_the_door_doubted_waits_apart_without_a_clock_and_in_no_other_count(office: Office) -> None:
    case = heard(office, doubts=("trap",))

    assert (case.stage, case.kind, case.answer_due_on) == ("triage", "spam", None)
    assert counts(office, "triage", "all", "soon", "aside") == {"triage": 0, "all": 0, "soon": 0, "aside": 1}


def test_taken_out_it_has_the_clock_it_would_have_had(office: Office) -> None:
    plain, doubted = heard(office), heard(office, doubts=("repeated", "network"))
    assert (plain.kind, doubted.kind) == ("report", "spam")

    with office.database.writing() as tx:
        proposed = store.proposal_of(tx, doubted.id)[0]
        taken = actions.confirm_triage(
            tx, office.rules, person=OFFICE, case_id=doubted.id, kind=proposed["kind"], topic=proposed["topic"]
        )

    assert proposed["doubts"] == ["repeated", "network"]
    assert (taken.kind, taken.topic, taken.unit) == (plain.kind, plain.topic, plain.unit)
    assert taken.answer_due_on == plain.answer_due_on
    assert counts(office, "all", "aside") == {"all": 2, "aside": 0}


def test_a_person_refuses_it_as_spam_and_it_can_still_be_taken_out(office: Office) -> None:
    case = heard(office, doubts=("only_links",))

    with office.database.writing() as tx:
        actions.quarantine(tx, office.rules, person=OFFICE, case_id=case.id, reason="Quảng cáo vay tiền")
    refused = office.case(case.id)
    with office.database.writing() as tx:
        actions.restore(tx, office.rules, person=OFFICE, case_id=case.id)

    assert refused.stage == "quarantined"
    assert office.case(case.id).stage == "triage"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (DENUNCIATION | {"public_code": None}, "denunciation"),
        (
            {
                "kind": "complaint",
                "public_code": None,
                "text": "Tôi khiếu nại quyết định số 12/QĐ-SXD thu hồi giấy phép của tôi.",
            },
            "complaint",
        ),
        ({"text": "Cầu treo sắp sập, rất nguy hiểm, có người bị thương, cần cấp cứu ngay."}, "report"),
    ],
)
def test_complaints_denunciations_and_dangers_are_never_set_aside_by_software(
    office: Office, words: dict[str, Any], kind: str
) -> None:
    case = heard(office, **words, doubts=("trap", "too_fast"))

    assert (case.stage, case.kind) == ("triage", kind)
    with office.database.reading() as look:
        assert store.proposal_of(look, case.id)[0]["doubts"] == ["trap", "too_fast"]


def test_a_search_finds_what_lies_apart(office: Office) -> None:
    case = heard(office, doubts=("trap",))

    with office.database.reading() as look:
        found = store.page_of(
            look, OFFICE, "all", store.Filters(code=case.code), soon_at=look.now, after="", before=""
        ).rows

    assert [row.case.id for row in found] == [case.id]


def test_the_office_sees_why_and_how_long_it_waits(office: Office, visit: Visit) -> None:
    case = heard(office, doubts=("too_fast", "repeated"))
    assert case.kind == "spam"
    page = visit(OFFICE).get("/desk/office").text
    assert "Nghi là tin rác, chưa ai xem" in page
    assert "điền và gửi trong vài giây" in page
    assert "Quá một tuần chưa xem" not in page
    assert "Cổng tiếp nhận nghi là tin rác" in visit(OFFICE).get(f"/desk/office/triage?case={case.id}").text

    office.clock.move_to(office.clock.now() + timedelta(days=8))

    assert "Quá một tuần chưa xem" in visit(OFFICE).get("/desk/office").text
