"""The rules against the sample petitions, whose results were worked out by hand from the law."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache

import pytest

from services.workflow.domain.deadline import apology_of, deadlines_of, extend
from services.workflow.domain.outcome import deadlines_for, outcome
from services.workflow.domain.sorting import OpenCase, Petition, Sorted, sort
from services.workflow.domain.vocabulary import PRIORITIES
from tests.workflow.support_rules import CONFIG, the_catalogue

CATALOGUE = the_catalogue()
CALENDAR = CATALOGUE.calendar
SAMPLES = {
    row["id"]: row for row in json.loads((CONFIG / "samples/petitions.json").read_text(encoding="utf-8"))["petitions"]
}
SAME = ("kind", "topic", "unit", "route", "restricted", "publication", "must_not_assign", "notify", "flags")


def petition_of(sample: dict) -> Petition:
    person = sample["petitioner"]
    return Petition(
        title=sample["title"],
        body=sample["body"],
        received_at=datetime.fromisoformat(sample["received_at"]),
        language=sample["language"],
        signature_status=sample["signature_status"],
        party=person["party"],
        name=person["name"],
        phone=person["phone"],
        email=person["email"],
        address=person["address"],
        attachments=tuple(file["type"] for file in sample["attachments"]),
    )


@cache
def filed() -> dict[str, tuple[Sorted, dict]]:
    """All samples filed in the order in which they came, each beside the open cases before it."""
    found: dict[str, tuple[Sorted, dict]] = {}
    cases: list[OpenCase] = []
    for id, sample in sorted(SAMPLES.items(), key=lambda pair: pair[1]["received_at"]):
        petition = petition_of(sample)
        proposal = sort(petition, CATALOGUE, open_cases=cases)
        told = outcome(proposal, petition, CATALOGUE, id=id, open_cases=cases)
        found[id] = proposal, told
        if not proposal.is_restricted and proposal.route == "accept":
            rule = f"topic:{proposal.topic}"
            case = OpenCase(
                id=id,
                kind=proposal.kind,
                topic=proposal.topic,
                received_on=CALENDAR.local_day(petition.received_at),
                title=petition.title,
                body=petition.body,
                answer_rule=rule,
                answer_due_on=date.fromisoformat(told["deadlines"][rule]),
            )
            cases.append(case)
    return found


def test_every_sample_is_here():
    assert len(SAMPLES) == 11


ASSERTED = {
    *SAME, "priority", "deadlines", "governing", "scenarios", "same_text_on",
    "linked_to", "inherits", "transfer_to", "limitation", "dossier", "sealed_identity",
}  # fmt: skip


def test_no_expectation_of_a_sample_is_left_out_here():
    for id, sample in SAMPLES.items():
        assert set(sample["expected"]) <= ASSERTED, id
        for row in sample["expected"]["deadlines"]:
            assert set(row) == {"rule", "from", "due"}, id


@pytest.mark.parametrize("id", SAMPLES)
def test_a_sample_is_sorted_as_worked_out(id):
    _, told = filed()[id]
    expected = SAMPLES[id]["expected"]

    assert {key: told[key] for key in SAME} == {key: expected[key] for key in SAME}
    for key in ("linked_to", "inherits", "transfer_to", "limitation", "dossier", "sealed_identity"):
        assert told.get(key) == expected.get(key), key


@pytest.mark.parametrize("id", SAMPLES)
def test_the_priority_is_never_below_the_expected_one(id):
    _, told = filed()[id]

    assert PRIORITIES.index(told["priority"]) >= PRIORITIES.index(SAMPLES[id]["expected"]["priority"])


@pytest.mark.parametrize("id", SAMPLES)
def test_the_duties_toward_the_petitioner_fall_due_as_worked_out(id):
    _, told = filed()[id]
    expected = SAMPLES[id]["expected"]

    assert told["deadlines"] == {row["rule"]: row["due"] for row in expected["deadlines"]}
    for row in expected.get("governing", []):
        assert {key: row[key] for key in row} in [{key: other[key] for key in row} for other in told["governing"]]


@pytest.mark.parametrize("id", SAMPLES)
def test_the_duties_run_from_the_day_or_the_instant_that_was_worked_out(id):
    proposal, _ = filed()[id]
    clocks = {row.rule: row for row in deadlines_for(proposal, petition_of(SAMPLES[id]), CATALOGUE)}

    for row in SAMPLES[id]["expected"]["deadlines"]:
        clock = clocks[row["rule"]]
        begun = clock.anchor_at.astimezone(CALENDAR.zone) if clock.unit == "hour" else clock.anchor_on
        assert begun.isoformat() == row["from"], row["rule"]


def scenarios() -> Iterator[tuple[str, str, dict]]:
    for id, sample in SAMPLES.items():
        for scenario in sample["expected"].get("scenarios", []):
            yield id, scenario["if"], {row["rule"]: (row["from"], row["due"]) for row in scenario["deadlines"]}


@pytest.mark.parametrize(("id", "if_", "expected"), list(scenarios()))
def test_what_follows_falls_due_as_worked_out(id, if_, expected):
    proposal, _ = filed()[id]
    anchors = {"received": datetime.fromisoformat(SAMPLES[id]["received_at"])}
    if if_.startswith("accepted "):
        anchors["accepted"] = date.fromisoformat(if_.split()[1].rstrip(","))
    clocks = {
        row.rule: row
        for row in deadlines_of(
            CATALOGUE, kind=proposal.kind, topic=proposal.topic, conditions=proposal.conditions, anchors=anchors
        )
    }
    due = {rule: (row.anchor_on, row.due_on) for rule, row in clocks.items()}
    if "extended" in if_:
        first = next(row for row in clocks.values() if row.step in ("answer", "settle"))
        rules = (
            ["denunciation.extend", "denunciation.extend.special"]
            if proposal.kind == "denunciation"
            else ["policy.extend"]
        )
        for code in rules[: 2 if if_.endswith("twice") else 1]:
            before = first.unrolled_on  # extensions count from the due day before it moved off a rest day
            first = extend(first, CATALOGUE.rule(code, first.due_on), CALENDAR, on=first.due_on - timedelta(days=5))
            due[code] = before, first.due_on

    assert {rule: tuple(day.isoformat() for day in due[rule]) for rule in expected} == expected


def test_the_same_text_on_an_earlier_date_goes_elsewhere():
    sample = SAMPLES["P10"]
    earlier = sample["expected"]["same_text_on"]

    found = sort(petition_of(sample), CATALOGUE, day=date.fromisoformat(earlier["date"]))

    assert {key: getattr(found, key) for key in ("kind", "topic", "unit", "route")} == {
        key: earlier[key] for key in ("kind", "topic", "unit", "route")
    }


def test_no_sample_leads_to_the_unit_that_it_is_about():
    for proposal, _ in filed().values():
        assert proposal.unit not in proposal.excluded_units


def test_the_body_of_the_duplicate_is_decomposed_on_purpose():
    assert "nfd_text" in filed()["P03"][0].flags
    assert filed()["P03"][0].linked_to == "P01"


def test_an_answer_that_will_be_late_is_apologised_for_the_day_before():
    clocks = deadlines_of(
        CATALOGUE,
        kind="report",
        topic="C01",
        anchors={"received": datetime.fromisoformat(SAMPLES["P01"]["received_at"])},
    )
    answer = next(row for row in clocks if row.step == "answer")

    assert apology_of(answer, CATALOGUE, kind="report").due_on == date(2026, 12, 1)
