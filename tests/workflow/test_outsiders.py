"""The page of each case tells an outsider why it is due on that day, who answers for it, and what comes next."""

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest

from services.workflow import store
from services.workflow.domain import deadline as clocks
from services.workflow.domain.case import Case, KindClass
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.rules import owed
from shared.ids import ordered_id
from tests.support import NOON
from tests.workflow.builders import DIRECTOR, HEAD, LAWYER, LEGAL_HEAD, OFFICER, Office, a_case, the_rules
from tests.workflow.conftest import Visit

QUESTIONS = {
    "vi": ("Cách tính", "Chịu trách nhiệm", "Tiếp theo"),
    "en": ("How it is counted", "Answers for it", "Next"),
}
"""Why on that day, who, what next: as the page asks them."""


def clocks_of(kind: str) -> tuple[Deadline, ...]:
    """The clocks of a petition of this kind that came at noon and was taken up at once."""
    anchors: dict[str, Any] = {"received": NOON, "routed": NOON, "accepted": NOON}
    topic = "C01" if kind in {"report", "proposal"} else None
    return clocks.deadlines_of(the_rules().catalogue, kind=kind, topic=topic, anchors=anchors)


def kinds() -> list[str]:
    """One kind for each way in which a state table and its clocks meet."""
    found: dict[tuple[str, ...], str] = {}
    for workflow in the_rules().workflows.values():
        for kind in workflow.kinds:
            found.setdefault((workflow.name, *sorted(clock.rule for clock in clocks_of(kind))), kind)
    return list(found.values())


def at(kind: str, stage: str) -> tuple[Case, tuple[Deadline, ...]]:
    """A case of this kind where it stands at this stage, with the clocks that it has there."""
    workflow = next(one for one in the_rules().workflows.values() if kind in one.kinds)
    is_ended, is_secret = workflow.stages[stage].is_end, kind.startswith("denunciation")
    running = tuple(clock for clock in clocks_of(kind) if clock.step != "triage" or stage == "triage")
    answer = owed(running)
    has_answer = stage in {"answered", "closed"}
    case = a_case(
        id=ordered_id(),
        petition_id=uuid4(),
        kind=kind,
        topic="C01" if kind in {"report", "proposal"} else None,
        kind_class=KindClass.SECRET if is_secret else KindClass.ORDINARY,
        unit="PCAT" if is_secret else "KCHT",
        officer=None if stage in {"triage", "accepted"} else (LAWYER if is_secret else OFFICER).person,
        stage=stage,
        workflow=workflow.name,
        workflow_version=workflow.version,
        is_ended=is_ended,
        resumes_to="in_progress" if stage in {"waiting", "consulting", "suspended"} else None,
        answered_at=NOON if has_answer else None,
        next_step="silence" if stage == "answered" else None,
        next_step_at=NOON + timedelta(days=30) if stage == "answered" else None,
        answer_due_on=answer.due_on if answer else None,
        answer_due_at=answer.due_at if answer else None,
        answer_rule=answer.rule if answer else None,
    )
    return case, tuple(replace(clock, state=_state(stage, is_ended=is_ended)) for clock in running)


def _state(stage: str, *, is_ended: bool) -> str:
    return "met" if stage in {"answered", "closed"} else "void" if is_ended else "running"


def answers_on(page: str) -> dict[str, str]:
    """What a page answers, by its question."""
    pairs = re.findall(r"<dt>([^<]+)</dt><dd[^>]*>(.*?)</dd>", page, re.DOTALL)
    return {unescape(asked): " ".join(unescape(re.sub("<[^>]+>", " ", said)).split()) for asked, said in pairs}


@pytest.mark.parametrize("kind", kinds())
def test_an_outsider_reads_why_on_that_day_who_and_what_next(office: Office, visit: Visit, kind: str) -> None:
    workflow = next(one for one in the_rules().workflows.values() if kind in one.kinds)
    words = store.Words(**vars(store.words_only("Nội dung")) | {"title": "Một việc"})
    proposal = {"kind": kind, "topic": None, "unit": "KCHT", "route": "accept", "transfer_to": None}
    proposal |= {"candidates": [], "reasons": []}
    made = {stage: at(kind, stage) for stage in workflow.stages}
    with office.database.writing() as tx:
        new = [store.NewCase(case=case, words=words, proposal=proposal, deadlines=own) for case, own in made.values()]
        store.add_cases(tx, new)
        tx._changed.clear()  # rows for pages, not stories to tell
    client, head = visit(DIRECTOR), LEGAL_HEAD if kind.startswith("denunciation") else HEAD

    for stage, (case, _) in made.items():
        for language, (why, who, then) in QUESTIONS.items():
            said = answers_on(client.get(f"/desk/cases/{case.id}?lang={language}").get_data(as_text=True))
            assert len(said.get(why, "")) > 20, (stage, language, "why on that day")
            assert head.name in said.get(who, ""), (stage, language, "who answers for it")
            assert len(said.get(then, "").split()) > 2, (stage, language, "what happens next")


def test_a_day_says_the_rule_that_it_follows_from(office: Office, visit: Visit) -> None:
    case_id = office.file()

    said = answers_on(visit(DIRECTOR).get(f"/desk/cases/{case_id}").text)

    assert office.case(case_id).answer_due_on == date(2026, 12, 3)
    assert "7" in said["Cách tính"]
    assert "03/12" in said["Cách tính"] or "3/12" in said["Cách tính"]


def test_who_works_for_the_whole_house_reads_its_name(visit: Visit) -> None:
    frame = visit(DIRECTOR).get("/desk/").text

    assert "Giám đốc · Sở Xây dựng thành phố Huế" in " ".join(re.sub("<[^>]+>", " ", frame).split())
