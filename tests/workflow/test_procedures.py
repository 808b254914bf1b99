"""Procedures at the desk: named by cases, looked at again when their day comes, made simpler by dossiers."""

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workflow import actions, store
from services.workflow.actions import ReviewSweep
from services.workflow.catalogue import read_catalogue
from services.workflow.domain.procedure import Procedure, to_review
from services.workflow.domain.rules import Rules
from services.workflow.domain.simplification import Cut, Dossier, DossierRefused, decide, propose
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from shared.config import BadConfig
from shared.events.base import Event
from tests.support import emitted
from tests.workflow.builders import (
    CONFIG,
    DIRECTOR,
    HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
    Staff,
    the_rules,
)

FEEDBACK = {
    "kind": "procedure_feedback",
    "topic": "C22",
    "title": "Đòi thêm giấy tờ",
    "text": "Nộp hồ sơ xin phép thi công trên đường, cán bộ đòi thêm bản sao hộ khẩu không có trong danh sách.",
}
FIRST: Procedure = the_rules().catalogue.procedures[0]
WHAT = "Bỏ bản vẽ biện pháp thi công với công trình nhỏ, vì đã có trong phương án tổ chức giao thông."


def rules_with(**changed: Any) -> Rules:
    """The rules in force, with the first procedure of the roads changed."""
    rules = the_rules()
    rows = [replace(row, **changed) if row.code == "DB-02" else row for row in rules.catalogue.procedures]
    return replace(rules, catalogue=replace(rules.catalogue, procedures=tuple(rows)))


def named(office: Office, person: Staff = OFFICE, procedure: str = "DB-02", **given: Any) -> tuple[UUID, list[Event]]:
    case_id = office.file(**FEEDBACK | given)
    return case_id, office.act(actions.name_procedure, person, case_id, procedure=procedure)


def dossier(office: Office, person: Staff = OFFICER, **given: Any) -> Dossier:
    usual = {"procedure": "DB-02", "what": WHAT, "cut": Cut(steps=0, papers=1, days=2)}
    with office.database.writing() as tx:
        return actions.open_dossier(tx, office.rules, person=person, **usual | given)


def proposed(office: Office, person: Staff = HEAD, to: str = "X-UBND") -> tuple[Dossier, list[Event]]:
    new = dossier(office)
    with office.database.writing() as tx:
        return actions.propose_simplification(tx, office.rules, person=person, dossier_id=new.id, to=to), emitted(tx)


def decided(office: Office, found: Dossier, person: Staff = HEAD, **given: Any) -> tuple[Dossier, list[Event]]:
    usual = {"is_accepted": True, "decided_on": date(2026, 11, 23), "outcome": "QĐ 12/QĐ-UBND: bỏ một giấy tờ"}
    with office.database.writing() as tx:
        kept = actions.record_decision(tx, office.rules, person=person, dossier_id=found.id, **usual | given)
        return kept, emitted(tx)


# ---- the catalogue


@pytest.fixture
def config(tmp_path: Path) -> Path:
    for file in CONFIG.glob("*.json"):
        shutil.copy(file, tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"unit": "XYZ"}, "procedures.json, procedures, row VT-01, unit: 'XYZ'"),
        ({"field": "magic"}, "procedures.json, procedures, row VT-01, field: 'magic'"),
        ({"steps": []}, "procedures.json, procedures, row VT-01, steps"),
        ({"days": 0}, "procedures.json, procedures, row VT-01, days"),
        ({"review_on": "2024-01-01"}, "procedures.json, procedures, row VT-01, review_on"),
        ({"portal_url": "http://example.vn"}, "procedures.json, procedures, row VT-01, portal_url"),
        ({"code": "vt/1"}, "procedures.json, procedures, row vt/1, code"),
        ({"days": "five"}, r"procedures.json, procedures, row 1 \(VT-01\): Expected `int`"),
        ({"colour": "red"}, r"procedures.json, procedures, row 1 \(VT-01\): unknown field 'colour'"),
    ],
)
def test_s19_a_wrong_row_is_named_by_file_row_and_field(config: Path, changed: dict[str, Any], said: str) -> None:
    path = config / "procedures.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    found["procedures"][0] |= changed
    path.write_text(json.dumps(found), encoding="utf-8")

    with pytest.raises(BadConfig, match=said):
        read_catalogue(config)


def test_s19_versions_follow_one_another(config: Path) -> None:
    path = config / "procedures.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    found["procedures"][0]["valid_to"] = "2026-12-31"
    found["procedures"].append(
        found["procedures"][0] | {"valid_from": "2027-01-01", "valid_to": None, "version": 1, "review_on": "2027-06-30"}
    )
    path.write_text(json.dumps(found), encoding="utf-8")

    with pytest.raises(BadConfig, match="version: 1 follows 1"):
        read_catalogue(config)


# ---- reviews


@given(st.dates(date(2025, 3, 1), date(2028, 1, 1)), st.dates(date(2025, 3, 1), date(2028, 1, 1)))
def test_s20b_a_procedure_is_looked_at_again_from_its_day_on_and_not_before(review_on: date, day: date) -> None:
    row = replace(FIRST, review_on=review_on)

    assert (to_review([row], day) == (row,)) == (review_on <= day)


def test_s20b_when_the_review_day_has_come_the_head_has_a_task_once(office: Office) -> None:
    rules = rules_with(review_on=date(2026, 11, 23))
    sweep = ReviewSweep(office.database, rules)

    done = [sweep.once() for _ in range(3)]

    assert done == [1, 0, 0]
    with office.database.reading() as look:
        (task,) = store.reviews_of(look, HEAD, "DB-02")
        assert [one.id for one in store.remedies_for(look, HEAD)] == [task.id]
    assert (task.owner in {HEAD.person, "u:deputy"}, task.cause, task.due_on) == (True, "procedure", date(2026, 12, 8))


def test_s20b_a_new_review_day_opens_a_new_task(office: Office) -> None:
    ReviewSweep(office.database, rules_with(review_on=date(2026, 11, 23))).once()
    office.at("2027-01-05T08:00")

    again = ReviewSweep(office.database, rules_with(review_on=date(2027, 1, 5))).once()

    assert again == 1
    with office.database.reading() as look:
        assert len(store.reviews_of(look, OFFICE, "DB-02")) == 2


def test_s20b_where_a_unit_has_no_head_the_office_looks(office: Office) -> None:
    rules = rules_with(review_on=date(2026, 11, 23), unit="QLCL")

    with office.database.writing() as tx:
        opened = actions.open_review(tx, rules, next(r for r in rules.catalogue.procedures if r.code == "DB-02"))
        told = emitted(tx)

    assert opened
    assert told[0].owner == OFFICE.person  # type: ignore[attr-defined]
    assert told[0].cause == "procedure"  # type: ignore[attr-defined]


# ---- which procedure a case is about


def test_s20a_an_officer_names_the_procedure_and_the_log_hears_it(office: Office) -> None:
    case_id, told = named(office)

    with office.database.reading() as look:
        assert store.procedure_of(look, case_id) == "DB-02"
        assert "procedure" in [entry.what for entry in store.entries_of(look, case_id)]
    assert [event.TYPE for event in told] == ["case.procedure_named.v1"]
    assert office.act(actions.name_procedure, OFFICE, case_id, procedure="DB-02") == []


def test_s20a_only_a_procedure_that_holds_today_is_named(office: Office) -> None:
    case_id = office.file(**FEEDBACK)

    for code in ("LX-01", "XX-99", ""):
        with pytest.raises(Incomplete):
            office.act(actions.name_procedure, OFFICE, case_id, procedure=code)


def test_a_pothole_has_no_procedure(office: Office) -> None:
    with pytest.raises(NotAllowed):
        office.act(actions.name_procedure, OFFICE, office.file(), procedure="DB-02")


def test_s20a_who_came_from_the_page_of_a_procedure_has_named_it(office: Office) -> None:
    case_id = office.file(**FEEDBACK, procedure="DB-02")
    other = office.file(**FEEDBACK | {"procedure": "gone", "code": "4XWQ3BJK"})
    pothole = office.file(procedure="DB-02", code="8GZN2RKM")

    with office.database.reading() as look:
        found = [store.procedure_of(look, one) for one in (case_id, other, pothole)]

    assert found == ["DB-02", None, None]


def test_s20a_cases_are_counted_by_procedure_and_only_for_those_who_may_see_them(office: Office) -> None:
    named(office)
    conduct = {
        "topic": "C24",
        "text": "Cán bộ bộ phận một cửa có thái độ hách dịch, gây phiền hà khi nhận hồ sơ.",
        "code": "4XWQ3BJK",
    }
    restricted, _ = named(office, DIRECTOR, **conduct)
    assert office.case(restricted).is_restricted

    with office.database.reading() as look:
        sums = {one.role: store.sums_of(store.concerns(look, one))["DB-02"] for one in (DIRECTOR, OFFICE, STRANGER)}
        listed = store.cases_about(look, STRANGER, procedure="DB-02")

    assert sums["director"] == 2
    assert sums["officer"] == 0
    assert listed == []


def test_s20b_petitions_about_a_notice_stand_beside_their_procedure(office: Office) -> None:
    notice = {
        "topic": "C31",
        "title": "Niêm yết sai phí",
        "text": "Bảng niêm yết thủ tục thi công trên đường ghi sai mức phí.",
    }
    case_id = office.file(**FEEDBACK | notice)

    with office.database.reading() as look:
        unnamed = store.cases_about(look, OFFICE, topic="C31")
    office.act(actions.name_procedure, OFFICE, case_id, procedure="DB-02")

    with office.database.reading() as look:
        assert store.cases_about(look, OFFICE, procedure="DB-02", topic="C31") == [case_id]
        assert store.cases_about(look, OFFICE, topic="C31") == []
    assert unnamed == [case_id]


# ---- dossiers


def test_s20a_a_dossier_goes_from_draft_to_an_outcome(office: Office) -> None:
    named(office)
    new, told = proposed(office, OFFICE)
    kept, decision = decided(office, new)

    assert (new.state, new.cases, new.proposed_to) == ("proposed", 1, "X-UBND")
    assert [event.TYPE for event in told] == ["simplification.proposed.v1"]
    assert (kept.state, kept.outcome) == ("accepted", "QĐ 12/QĐ-UBND: bỏ một giấy tờ")
    assert [event.TYPE for event in decision] == ["simplification.decided.v1"]
    assert "QĐ 12" not in repr(decision)
    assert WHAT not in repr(told)


def test_s20a_a_dossier_is_decided_once_and_only_after_it_was_proposed(office: Office) -> None:
    new, _ = proposed(office)
    decided(office, new, is_accepted=False)

    with pytest.raises(DossierRefused):
        decided(office, new)
    with pytest.raises(DossierRefused):
        decide(dossier(office), is_accepted=True, outcome="x", by="u:a", on=date(2026, 11, 23))
    with pytest.raises(DossierRefused):
        propose(new, to="X-UBND", cases=0, by="u:a", on=date(2026, 11, 23))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"what": "Bỏ bớt"}, "what"),
        ({"cut": Cut(steps=0, papers=0, days=0)}, "cut_steps"),
        ({"cut": Cut(steps=0, papers=9, days=0)}, "cut_papers"),
        ({"cut": Cut(steps=0, papers=0, days=99)}, "cut_days"),
    ],
)
def test_s20a_nobody_cuts_more_than_there_is(office: Office, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Incomplete) as refusal:
        dossier(office, **given)

    assert refusal.value.field == field


def test_s20a_officers_write_and_their_head_proposes(office: Office) -> None:
    with pytest.raises(NotAllowed):
        dossier(office, STRANGER)
    with pytest.raises(NotAllowed):
        proposed(office, OFFICER)
    with pytest.raises(Incomplete):
        proposed(office, to="nowhere")

    assert proposed(office, OFFICE)[0].state == "proposed"


def test_a_decision_is_neither_before_its_proposal_nor_to_come(office: Office) -> None:
    new, _ = proposed(office)

    for day in (date(2026, 11, 22), date(2026, 11, 24), None):
        with pytest.raises(Incomplete) as refusal:
            decided(office, new, decided_on=day)
        assert refusal.value.field == "decided_on"


def test_s34_the_list_of_a_year_has_what_was_decided_or_waits_in_it(office: Office) -> None:
    waits, _ = proposed(office)
    settled, _ = proposed(office)
    dossier(office)
    office.at("2027-01-15T08:00")
    decided(office, settled, decided_on=date(2027, 1, 14))

    with office.database.reading() as look:
        old = store.dossiers_of_year(look, date(2026, 1, 1), date(2026, 12, 31))
        new = store.dossiers_of_year(look, date(2027, 1, 1), date(2027, 12, 31))

    assert [one.id for one in old] == [waits.id]
    assert [(one.id, one.year) for one in new] == [(settled.id, 2027)]


def test_nobody_finds_a_case_that_is_not_theirs_by_naming_its_procedure(office: Office) -> None:
    case_id = office.file(**FEEDBACK)

    with pytest.raises(CaseUnknown):
        office.act(actions.name_procedure, STRANGER, case_id, procedure="DB-02")
    with pytest.raises(CaseUnknown):
        office.act(actions.name_procedure, OFFICE, uuid4(), procedure="DB-02")
