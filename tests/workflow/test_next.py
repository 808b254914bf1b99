"""What happens next to a case, and how doubtful a proposal is: rules without a database."""

from datetime import date
from typing import Any

import pytest

from services.workflow.domain import deadline as clocks
from services.workflow.domain.case import Case
from services.workflow.domain.doubt import doubt_of, doubts_of
from services.workflow.domain.next import what_next
from tests.support import NOON
from tests.workflow.builders import a_case, the_rules

PLAIN: dict[str, Any] = {
    "kind": "report",
    "topic": "C01",
    "route": "accept",
    "candidates": [{"topic": "C01", "score": 9}, {"topic": "C02", "score": 3}],
    "reasons": [{"code": "topic"}],
}


def next_of(case: Case, **more: Any) -> Any:
    rules = the_rules()
    running = clocks.deadlines_of(
        rules.catalogue, kind=case.kind, topic=case.topic, anchors={"received": NOON, "routed": NOON}
    )
    return what_next(case, rules.workflow_of(case), running, **more)


@pytest.mark.parametrize(
    ("stage", "step", "who"),
    [
        ("triage", "decide", "office"),
        ("accepted", "assign", "head"),
        ("assigned", "accept", "officer"),
        ("in_progress", "draft", "officer"),
        ("drafted", "approve", "head"),
        ("approved", "answer", "officer"),
    ],
)
def test_each_stage_of_a_report_leads_on_by_one_step_and_one_role(stage: str, step: str, who: str) -> None:
    found = next_of(a_case(stage=stage))

    assert (found.step, found.who) == (step, who)


def test_a_case_without_an_officer_is_due_when_the_clock_of_the_head_says_so() -> None:
    found = next_of(a_case(stage="accepted", officer=None))

    assert found.due_on == date(2026, 11, 25)  # one working day; the 24th is a holiday


def test_an_answer_is_due_on_the_day_that_is_owed_to_the_citizen() -> None:
    assert next_of(a_case(stage="in_progress")).due_on == date(2026, 12, 3)


def test_a_case_that_waits_waits_for_the_citizen_until_the_day_of_the_question() -> None:
    found = next_of(a_case(stage="waiting", resumes_to="in_progress"), reply_by=date(2026, 12, 8))

    assert (found.who, found.due_on) == ("citizen", date(2026, 12, 8))


def test_a_decision_on_a_complaint_is_signed_by_the_director() -> None:
    complaint = a_case(kind="complaint", workflow="complaint", stage="drafted")

    assert next_of(complaint).who == "director"


def test_who_asks_to_look_again_waits_for_the_head_and_not_for_the_clock() -> None:
    answered = a_case(stage="answered", next_step="silence", next_step_at=NOON)

    assert next_of(answered).step == "close"
    assert (next_of(answered, is_asked_again=True).step, next_of(answered, is_asked_again=True).who) == (
        "reopen",
        "head",
    )


def test_nothing_happens_to_a_case_that_has_ended() -> None:
    assert next_of(a_case(stage="closed", is_ended=True)) is None


def test_a_plain_proposal_is_not_doubtful() -> None:
    assert doubts_of(PLAIN) == ()
    assert doubt_of(PLAIN) == 0


@pytest.mark.parametrize(
    ("changed", "doubt"),
    [
        ({"topic": None}, "no_topic"),
        ({"kind": None}, "no_kind"),
        ({"route": "transfer"}, "elsewhere"),
        ({"route": "link"}, "same"),
        ({"route": "quarantine"}, "spam"),
        ({"reasons": [{"code": "held"}]}, "weighty"),
        ({"candidates": [{"topic": "C01", "score": 9}, {"topic": "C02", "score": 8}]}, "close"),
    ],
)
def test_each_doubt_has_its_sign(changed: dict[str, Any], doubt: str) -> None:
    assert doubts_of(PLAIN | changed) == (doubt,)


def test_the_heaviest_doubt_is_said_first() -> None:
    assert doubts_of(PLAIN | {"topic": None, "route": "link"}) == ("no_topic", "same")
