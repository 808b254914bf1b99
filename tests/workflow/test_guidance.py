"""Questions kept ready for a topic: ticked, put together by the server, sent as one."""

from datetime import date

import pytest

from services.workflow import actions
from services.workflow.domain.guidance import one_question, questions_about
from services.workflow.steps import Incomplete
from shared.events.workflow import CaseInfoRequested
from tests.workflow.builders import OFFICER, Office, the_rules
from tests.workflow.conftest import Visit
from tests.workflow.test_answers import in_work
from tests.workflow.test_pages import HOME

ABOUT_HOLES = questions_about(the_rules().catalogue.questions, "C01", date(2026, 11, 23))
WHERE, PHOTO = (next(one for one in ABOUT_HOLES if one.code == code) for code in ("where", "photo"))


def test_one_question_alone_stands_as_it_is_and_several_stand_in_lines() -> None:
    assert one_question(ABOUT_HOLES, [], " Gần cột đèn nào? ") == "Gần cột đèn nào?"
    assert one_question(ABOUT_HOLES, ["where"], "") == WHERE.text
    assert one_question(ABOUT_HOLES, ["photo", "where"], "Gần cột đèn nào?").splitlines() == [
        f"– {WHERE.text}",
        f"– {PHOTO.text}",
        "– Gần cột đèn nào?",
    ]
    assert one_question(ABOUT_HOLES, [], "") == ""


def test_s25_questions_kept_ready_become_one_complete_question(office: Office) -> None:
    case_id = in_work(office)

    told = office.act(actions.ask_citizen, OFFICER, case_id, ready=["where", "photo"], question="Gần cột đèn nào?")

    asked = next(event for event in told if isinstance(event, CaseInfoRequested))
    assert asked.question.value == f"– {WHERE.text}\n– {PHOTO.text}\n– Gần cột đèn nào?"


def test_s25_a_question_kept_for_another_topic_and_none_at_all_are_refused(office: Office) -> None:
    case_id = in_work(office)

    with pytest.raises(Incomplete, match="ready"):
        office.act(actions.ask_citizen, OFFICER, case_id, ready=["boat"])
    with pytest.raises(Incomplete, match="question"):
        office.act(actions.ask_citizen, OFFICER, case_id)


def test_s25_the_dialog_offers_the_questions_and_keeps_the_ticks_when_it_is_refused(
    office: Office, visit: Visit
) -> None:
    case_id, staff = in_work(office), visit(OFFICER)
    there = f"/desk/cases/{case_id}"
    page = staff.get(there).text
    form = {"version": str(office.case(case_id).version), "question": ""}

    none = staff.post(f"{there}/ask", data=form, headers=HOME)
    ticked = staff.post(f"{there}/ask", data=form | {"ready": ["where", "photo"]}, headers=HOME)
    staff.post(f"{there}/resume", data={"version": str(office.case(case_id).version)}, headers=HOME)
    again = form | {"version": str(office.case(case_id).version), "ready": ["photo"]}
    refused = staff.post(f"{there}/ask", data=again, headers=HOME)

    assert f'value="where"><span><span lang="vi">{WHERE.text}' in page
    assert 'value="boat"' not in page
    assert (none.status_code, ticked.status_code, refused.status_code) == (422, 303, 422)
    assert "Hãy viết câu hỏi đầy đủ" in none.text
    assert 'value="photo" checked' in refused.text
    assert 'value="where" checked' not in refused.text
