"""The department's own rules of routing: the first that holds decides, below the law and never against a conflict."""

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workflow import actions, store
from services.workflow.catalogue import read_catalogue
from services.workflow.domain.routing import Destination, rule_for, unit_for, with_successors
from services.workflow.domain.sorting import sort
from services.workflow.domain.vocabulary import PRIORITIES, Catalogue, RoutingRule, Target
from shared.config import BadConfig
from tests.support import ROOT
from tests.workflow.builders import OFFICE, Office
from tests.workflow.support_rules import a_petition, the_catalogue

CONFIG = ROOT / "config"
CATALOGUE = the_catalogue()
TODAY = date(2026, 11, 23)


def a_rule(to: str, **given: Any) -> RoutingRule:
    usual = {"id": "R-90", "to": Target(unit=to), "valid_from": None, "valid_to": None, "source": "của phép thử"}
    return RoutingRule(**usual | given)


def with_rules(*rules: RoutingRule) -> Catalogue:
    return replace(CATALOGUE, routing=rules)


def unit(catalogue: Catalogue, **asked: Any) -> str:
    return unit_for(catalogue, **{"kind": "report", "topic": "C01", "day": TODAY} | asked).unit


def test_the_first_rule_that_holds_decides_before_the_topic() -> None:
    rules = with_rules(
        a_rule("QLCL", id="R-1", topic="C01", ward="phu-xuan"),
        a_rule("VP", id="R-2", topic="C01"),
        a_rule("KHTC", topic="C01"),
    )

    assert unit(rules, ward="phu-xuan") == "QLCL"
    assert unit(rules, ward="thuan-hoa") == "VP"
    assert unit(rules, topic="C02") == "KCHT"
    assert unit_for(rules, kind="report", topic="C01", day=TODAY).rule == rules.routing[1]


def test_everything_that_a_rule_names_must_hold() -> None:
    rules = with_rules(a_rule("VP", kind="report", topic="C01", ward="phu-xuan", priority="urgent"))

    assert unit(rules, ward="phu-xuan", priority="urgent") == "VP"
    assert unit(rules, ward="phu-xuan", priority="high") == "KCHT"
    assert unit(rules, ward=None, priority="urgent") == "KCHT"
    assert unit(rules, kind="proposal", ward="phu-xuan", priority="urgent") == "KCHT"


def test_a_rule_holds_on_its_days() -> None:
    rules = with_rules(a_rule("VP", topic="C01", valid_from=date(2026, 12, 1), valid_to=date(2026, 12, 31)))

    assert [unit(rules, day=date(2026, month, 1)) for month in (11, 12)] == ["KCHT", "VP"]
    assert unit(rules, day=date(2027, 1, 1)) == "KCHT"


def test_what_the_law_gives_to_a_role_no_rule_takes_away() -> None:
    rules = with_rules(a_rule("KHTC", topic="C28"), a_rule("KHTC", ward="phu-xuan"))

    assert unit(rules, kind="complaint", topic="C28", ward="phu-xuan") == "PCAT"
    assert rule_for(rules, kind="denunciation", topic="C29", ward="phu-xuan", priority=None, day=TODAY) is None


def test_a_unit_that_is_concerned_gets_nothing_by_a_rule_either() -> None:
    rules = with_rules(a_rule("VTPT", topic="C24"))

    found = unit_for(rules, kind="procedure_feedback", topic="C24", day=TODAY, excluded={"VTPT"})

    assert (found.unit, found.is_fallback) == ("PCAT", True)


def test_a_rule_may_lead_to_another_body_by_way_of_the_focal_point() -> None:
    rules = with_rules(a_rule("X-XA", topic="C09"))

    found = unit_for(rules, kind="report", topic="C09", day=TODAY)

    assert replace(found, rule=None) == Destination("VP", "X-XA")
    assert sort(a_petition("Lấn chiếm hành lang đường bộ trước chợ An Cựu."), rules).transfer_to == "X-XA"


def test_a_rule_follows_its_unit_to_the_successor() -> None:
    assert unit(with_rules(a_rule("TTRA", topic="C01"))) == "PCAT"


def test_a_merged_unit_does_not_get_what_is_about_its_predecessor() -> None:
    assert with_successors(CATALOGUE, {"TTRA", "u:somebody"}, TODAY) == {"TTRA", "PCAT", "u:somebody"}
    assert unit(CATALOGUE, topic="C12", excluded={"TTRA"}) == "VP"


def test_what_is_given_out_later_goes_to_a_unit_that_works_then() -> None:
    received = date(2025, 6, 1)

    assert unit(CATALOGUE, topic="C12", day=received) == "TTRA"
    assert unit(CATALOGUE, topic="C12", day=received, given_on=TODAY) == "PCAT"


def test_a_rule_raises_the_priority_closes_the_case_and_says_so_itself() -> None:
    rules = with_rules(a_rule("KCHT", topic="C01", set_priority="urgent", restricted=True))

    found = sort(a_petition("Ổ gà sâu trước số 12 đường Hùng Vương."), rules)

    assert (found.priority, found.is_restricted, found.publication) == ("urgent", True, "private")
    assert found.rule == rules.routing[0]


@given(st.sampled_from(PRIORITIES), st.sampled_from(["C01", "C02", "C03"]))
def test_no_rule_lowers_a_priority(asked: Any, topic: str) -> None:
    text = {"C01": "Ổ gà trên đường Hùng Vương.", "C02": "Lan can cầu hỏng.", "C03": "Đèn tín hiệu ở ngã sáu tắt."}
    letter = a_petition(text[topic])

    before = sort(letter, CATALOGUE).priority
    after = sort(letter, with_rules(a_rule("KCHT", topic=topic, set_priority=asked))).priority

    assert PRIORITIES.index(after) == max(PRIORITIES.index(before), PRIORITIES.index(asked))


rules_drawn = st.lists(
    st.builds(
        a_rule,
        st.sampled_from(["KCHT", "VTCC", "TTRA", "X-CA", "VP"]),
        topic=st.none() | st.sampled_from(["C01", "C13", "C24"]),
        ward=st.none() | st.just("phu-xuan"),
    ),
    max_size=4,
)


@given(rules_drawn, st.sampled_from(["C01", "C13", "C24"]), st.sets(st.sampled_from(["KCHT", "VTCC", "TTRA"])))
def test_whatever_the_rules_say_nobody_concerned_and_no_closed_unit_is_chosen(
    rules: list[RoutingRule], topic: str, excluded: set[str]
) -> None:
    found = unit_for(with_rules(*rules), kind="report", topic=topic, day=TODAY, excluded=excluded, ward="phu-xuan")

    chosen = CATALOGUE.unit(found.unit)
    assert found.unit not in with_successors(CATALOGUE, excluded, TODAY)
    assert chosen is not None
    assert chosen.valid_to is None


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"to": {"unit": "KCTH"}}, "'KCTH'"),
        ({"to": {}}, "give either a unit or a role"),
        ({"to": {"role": "nobody"}}, "'nobody'"),
        ({"topic": "C99"}, "'C99'"),
        ({"ward": "nowhere"}, "'nowhere'"),
        ({"kind": "complaint"}, "the role that the law gives it"),
        ({"kind": None, "topic": None}, "must ask for"),
        ({"priority": "highest"}, "priority"),
        ({"sett_priority": "high"}, "unknown field"),
        ({"id": "R-02"}, "two rows hold on the same day"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_file_and_row(tmp_path: Path, changed: dict[str, Any], says: str) -> None:
    for file in CONFIG.glob("*.json"):
        shutil.copy(file, tmp_path)
    path = tmp_path / "routing.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    found["rules"][0] |= changed
    path.write_text(json.dumps(found), encoding="utf-8")

    with pytest.raises(BadConfig, match=r"routing\.json") as refused:
        read_catalogue(tmp_path)

    assert says in str(refused.value)


def test_the_rule_stands_in_the_proposal_as_it_was(office: Office) -> None:
    case_id = office.file(
        kind="proposal",
        topic="C03",
        title="Kiến nghị lắp đèn tín hiệu",
        text="Kiến nghị lắp thêm đèn tín hiệu ở ngã tư đường Hùng Vương.",
    )

    with office.database.reading() as look:
        proposal, _ = store.proposal_of(look, case_id)

    assert (proposal["rule"]["id"], proposal["rule"]["to"]["unit"]) == ("R-01", "PCAT")
    assert proposal["rule"]["source"]


def test_a_person_who_leaves_the_unit_to_the_rules_gets_what_they_say(office: Office) -> None:
    rule = a_rule("KHTC", topic="C01", restricted=True, set_priority="high")
    office.rules = replace(office.rules, catalogue=with_rules(rule))
    case_id = office.file(title="Việc khác", text="Xin hỏi về một việc.", topic=None, place=None, ward=None)

    office.act(actions.confirm_triage, OFFICE, case_id, topic="C01")

    case = office.case(case_id)
    assert (case.unit, case.priority, case.is_restricted, case.publication) == ("KHTC", "high", True, "private")
