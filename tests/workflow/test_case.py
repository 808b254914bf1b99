"""The life of a case: tables and drawings agree, faults are refused, and no walk skips the second pair of eyes."""

import copy
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from services.workflow.domain.case import BadWorkflow, StepRefused, Workflow, read_workflow
from services.workflow.domain.permission import MAY
from services.workflow.domain.rules import make_rules
from shared.events.base import SHAPES
from tests.workflow.builders import a_case, the_rules

ROOT = Path(__file__).parents[2]
TABLES = sorted((ROOT / "config" / "workflows").glob("*.yaml"))
NAMES = [path.stem for path in TABLES]


def table_of(name: str) -> dict:
    return yaml.safe_load((ROOT / "config" / "workflows" / f"{name}.yaml").read_text(encoding="utf-8"))


def workflow(name: str = "report") -> Workflow:
    return read_workflow(name, table_of(name))


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_the_life_of_a_case_is_as_drawn(table: Path) -> None:
    drawing = (ROOT / "docs" / "workflows" / f"{table.stem}.md").read_text(encoding="utf-8")
    read = workflow(table.stem)

    drawn = set(re.findall(r"(\w+) --> (\w+): (\w+)", drawing))
    first = set(re.findall(r"\[\*\] --> (\w+)", drawing))
    last = set(re.findall(r"(\w+) --> \[\*\]", drawing))

    assert drawn == read.moves()
    assert first == set(read.starts.values())
    assert last == {stage.name for stage in read.stages.values() if stage.is_end}


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_every_step_tells_an_event_that_exists(table: Path) -> None:
    read = workflow(table.stem)

    assert {step.says for step in read.steps.values()} <= set(SHAPES)


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_whom_a_table_allows_a_step_the_permissions_know(table: Path) -> None:
    read = workflow(table.stem)

    for step in read.steps.values():
        assert step.by - {"system"} <= set(MAY.get(step.name, {})), step.name


def test_every_kind_lives_by_one_table() -> None:
    rules = the_rules()

    assert set(rules.current) == {kind.id for kind in rules.catalogue.kinds}
    assert all(kind in table.kinds for kind, table in rules.current.items())


def test_the_page_of_a_case_names_every_kind_and_shows_every_drawing() -> None:
    page = (ROOT / "docs" / "case-life.md").read_text(encoding="utf-8")

    for kind, table in the_rules().current.items():
        row = next((line for line in page.splitlines() if f"`{kind}`" in line), "")
        assert f"(workflows/{table.name}.md)" in row, kind
    for path in TABLES:
        assert f"(workflows/{path.stem}.md)" in page


def test_a_newer_version_may_leave_a_kind_to_another_table_and_the_older_stays() -> None:
    """Two versions side by side: new cases live by the newest, running ones by theirs."""
    rules = the_rules()

    assert {"report": rules.current["report"].version, "spam": rules.current["spam"].name} == {
        "report": 2,
        "spam": "spam",
    }
    assert "spam" in rules.workflow_of(a_case(workflow_version=1)).kinds
    assert "spam" not in rules.workflow_of(a_case(workflow_version=2)).kinds
    greedy = replace(rules.current["report"], version=3, kinds=("report", "spam"))
    with pytest.raises(BadWorkflow, match="spam stands in"):
        make_rules(rules.catalogue, [*rules.workflows.values(), greedy], rules.papers, rules.press, rules.answers)


def changed(change: str) -> dict:
    table = copy.deepcopy(table_of("report"))
    match change:
        case "unknown stage":
            table["steps"]["accept"]["to"] = "nowhere"
        case "unknown role":
            table["steps"]["accept"]["by"] = ["visitor"]
        case "dead end":
            for name in ("assign", "take", "return_to_triage", "link", "transfer", "refuse", "withdraw"):
                table["steps"][name]["from"] = [s for s in table["steps"][name]["from"] if s != "accepted"] or [
                    "triage"
                ]
        case "never reached":
            table["stages"]["forgotten"] = {**table["stages"]["closed"]}
        case "no English":
            table["stages"]["triage"]["citizen"] = {"vi": "Đang xem xét"}
        case "clocks run on":
            del table["steps"]["close"]["ends"]
        case "clock never resumes":
            del table["steps"]["resume"]["resumes"]
        case "slip of the pen":
            table["steps"]["close"]["ennds"] = "met"
        case "no first stage":
            table["starts"] = {"accept": "accepted"}
    return table


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("unknown stage", "unknown stages"),
        ("unknown role", "unknown roles"),
        ("dead end", "accepted is a dead end"),
        ("never reached", "never reached"),
        ("no English", "lacks words"),
        ("clocks run on", "leaves clocks running"),
        ("clock never resumes", "no step lets the clock run again"),
        ("slip of the pen", "unknown keys"),
        ("no first stage", "no first stage"),
    ],
)
def test_a_table_that_nobody_could_live_by_is_refused(change: str, why: str) -> None:
    with pytest.raises(BadWorkflow, match=why):
        read_workflow("report", changed(change))


def test_a_step_needs_the_right_stage_and_the_right_role() -> None:
    report, case = workflow(), a_case(stage="drafted")

    assert report.take(case, "approve", by="head").stage == "approved"
    with pytest.raises(StepRefused):
        report.take(case, "approve", by="officer")
    with pytest.raises(StepRefused):
        report.take(case, "answer", by="head")


@pytest.mark.parametrize("paused_in", ["triage", "assigned", "in_progress"])
def test_a_case_goes_on_where_it_was_paused(paused_in: str) -> None:
    report = workflow()
    case = a_case(stage=paused_in)

    waiting = report.take(case, "ask", by="office" if paused_in == "triage" else "officer")

    assert (waiting.stage, waiting.is_paused) == ("waiting", True)
    back = report.take(waiting, "resume", by="system")
    assert (back.stage, back.is_paused) == (paused_in, False)


@settings(max_examples=120, deadline=None)
@given(data=st.data(), name=st.sampled_from(NAMES))
def test_no_walk_reaches_an_answer_that_was_not_approved(data: st.DataObject, name: str) -> None:
    read = workflow(name)
    case, walk = a_case(stage=data.draw(st.sampled_from(sorted(set(read.starts.values())))), workflow=name), []

    while case.stage != "answered" and not case.is_ended and len(walk) < 30:
        can = [(step.name, by) for step in read.steps_from(case.stage) for by in sorted(step.by)]
        walk.append(data.draw(st.sampled_from(can)))
        case = read.take(case, walk[-1][0], by=walk[-1][1])

    if case.stage == "answered":
        since = [step for step, _ in walk][::-1]
        assert "approve" in since
        assert "draft" in since[since.index("approve") :]
        assert "draft" not in since[: since.index("approve")]


@settings(max_examples=80, deadline=None)
@given(data=st.data(), name=st.sampled_from(NAMES))
def test_a_case_waits_only_in_a_stage_from_which_it_can_go_on(data: st.DataObject, name: str) -> None:
    read = workflow(name)
    case, length = a_case(stage=read.first_stage("otherwise"), workflow=name), 0

    while not case.is_ended and length < 30:
        can = [(step.name, by) for step in read.steps_from(case.stage) for by in sorted(step.by)]
        step, by = data.draw(st.sampled_from(can))
        case, length = read.take(case, step, by=by), length + 1

        assert case.is_paused == (case.stage in {"waiting", "consulting", "suspended"})
