"""A reorganisation: the plan as rows of the files, refused where it leads nowhere, carried out once on open cases."""

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from services.workflow import actions, store
from services.workflow.catalogue import REORGANISED, catalogue_after, one_row_a_line, read_plan, write_plan
from services.workflow.commands import reorganise
from services.workflow.domain.case import Case, KindClass
from services.workflow.domain.permission import may
from services.workflow.domain.reorganisation import Closing, Moving, Opening, Plan, PlanRefused, changes, is_in_force
from services.workflow.domain.routing import unit_for
from services.workflow.domain.rules import Rules
from services.workflow.rulebook import read_rules
from services.workflow.store.tables import case_, case_excluded
from shared.clock import MovableClock
from shared.settings import Settings
from tests.support import NOON, ROOT, emitted
from tests.workflow.builders import (
    COLLEAGUE,
    DEPUTY,
    EVERYBODY,
    HEAD,
    OFFICER,
    STRANGER,
    Office,
    Staff,
    a_case,
)

CONFIG = ROOT / "config"
ON, EVE = date(2026, 11, 23), date(2026, 11, 22)
ROADS = Opening(code="HTGT", name="Phòng Hạ tầng giao thông", name_en="Roads Division")
MERGER = Plan(
    source="QĐ 01/QĐ-SXD",
    close=(Closing(unit="KCHT", successor="HTGT", accounts=True), Closing(unit="QLCL", successor="HTGT")),
    open=(ROADS,),
    move=Moving(topics={"C06": "HTGT"}, roles={"regulation_feedback": "VP"}),
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of the configuration that may be rewritten."""
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


@pytest.fixture
def after(config: Path) -> Rules:
    write_plan(config, MERGER, ON)
    return read_rules(config, config.parent / "files")


def carried_out(office: Office, rules: Rules, plan: Plan = MERGER, on: date = ON) -> int:
    with office.database.writing() as tx:
        known = store.add_reorganisation(tx, plan, on)
    return actions.carry_out(office.database, rules, known)


# ---- the files


def test_a_plan_becomes_dated_rows_and_nothing_else_of_the_files_changes(config: Path) -> None:
    before = {name: (config / name).read_text(encoding="utf-8").splitlines() for name in REORGANISED}

    catalogue = write_plan(config, MERGER, ON)

    units = {unit.code: unit for unit in catalogue.units}
    assert (units["KCHT"].valid_to, units["KCHT"].successor) == (EVE, "HTGT")
    assert (units["HTGT"].valid_from, units["HTGT"].source) == (ON, "QĐ 01/QĐ-SXD")
    assert [catalogue.topic("C06", day).routes_to.unit for day in (EVE, ON)] == ["PCAT", "HTGT"]
    assert unit_for(catalogue, kind="report", topic="C01", day=ON).unit == "HTGT"
    assert unit_for(catalogue, kind="report", topic="C01", day=EVE).unit == "KCHT"
    now = {name: (config / name).read_text(encoding="utf-8").splitlines() for name in REORGANISED}
    changed = {name: len(set(now[name]) - set(before[name])) for name in REORGANISED}
    assert changed == {"organisation.json": 6, "topics.json": 2}


def test_written_twice_it_is_written_once(config: Path) -> None:
    write_plan(config, MERGER, ON)
    once = [(config / name).read_text(encoding="utf-8") for name in REORGANISED]

    write_plan(config, MERGER, ON)

    assert [(config / name).read_text(encoding="utf-8") for name in REORGANISED] == once


def test_a_write_that_stopped_between_the_files_is_finished_by_the_next(config: Path) -> None:
    topics = (config / "topics.json").read_text(encoding="utf-8")
    write_plan(config, MERGER, ON)
    whole = (config / "topics.json").read_text(encoding="utf-8")
    (config / "topics.json").write_text(topics, encoding="utf-8")
    read_rules(config, config.parent / "files")  # what is between can be worked with

    write_plan(config, MERGER, ON)

    assert (config / "topics.json").read_text(encoding="utf-8") == whole


@pytest.mark.parametrize("name", REORGANISED)
def test_the_files_are_kept_in_the_shape_in_which_they_are_written(name: str) -> None:
    text = (CONFIG / name).read_text(encoding="utf-8")

    assert one_row_a_line(json.loads(text)) == text


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (replace(MERGER, open=()), "'HTGT' is not in the configuration"),
        (replace(MERGER, close=(Closing(unit="KCTH", successor="VP"),)), "no unit KCTH works"),
        (replace(MERGER, close=(Closing(unit="TTRA", successor="VP"),)), "no unit TTRA works"),
        (
            replace(MERGER, close=(Closing(unit="VP", successor="X-CA"),)),
            "focal_point would be another body's",
        ),
        (replace(MERGER, close=(Closing(unit="KCHT", successor="TTRA"),), open=(), move=Moving()), ""),
        (replace(MERGER, open=(Opening(code="TTRA", name="Tổ mới", name_en="New"),)), "codes are never used again"),
        (replace(MERGER, move=Moving(topics={"C99": "HTGT"})), "no topic C99 holds"),
        (replace(MERGER, move=Moving(topics={"C06": "QLXX"})), "QLXX"),
        (replace(MERGER, people={"ha-tang-1": "KCHT"}), "no account can work in KCHT"),
        (
            replace(MERGER, close=(Closing(unit="KCHT", successor="QLCL"), Closing(unit="QLCL", successor="KCHT"))),
            "its own successor",
        ),
    ],
)
def test_a_plan_that_leads_nowhere_is_refused_with_its_reasons_and_writes_nothing(
    config: Path, plan: Plan, says: str
) -> None:
    before = [(config / name).read_text(encoding="utf-8") for name in REORGANISED]
    if not says:
        assert catalogue_after(config, plan, ON).unit("KCHT").successor == "TTRA"  # type: ignore[union-attr]
        return  # a closed unit has a successor of its own: the chain leads on

    with pytest.raises(PlanRefused) as refused:
        write_plan(config, plan, ON)

    assert any(says in reason for reason in refused.value.reasons)
    assert [(config / name).read_text(encoding="utf-8") for name in REORGANISED] == before


def test_what_it_changes_is_said_before(config: Path) -> None:
    before = read_rules(config, config.parent / "files").catalogue
    after = catalogue_after(config, MERGER, ON)

    told = {(one.what, one.code, one.before, one.after) for one in changes(before, after, ON)}

    assert ("topic", "C01", "KCHT", "HTGT") in told
    assert ("topic", "C06", "PCAT", "HTGT") in told
    assert ("role", "regulation_feedback", "PCAT", "VP") in told
    assert not is_in_force(before, MERGER, ON)
    assert is_in_force(after, MERGER, ON)


# ---- the cases


def test_open_cases_go_to_the_successor_with_their_officer_and_an_event_each(office: Office, after: Rules) -> None:
    mine, waiting, elsewhere = (
        office.file(),
        office.file(code="3BJK7WQC"),
        office.file(
            code="2Q7NM4PX", title="Xe buýt bỏ chuyến", text="Xe buýt tuyến 2 bỏ chuyến sáng nay.", topic="C13"
        ),
    )
    office.act(actions.assign, HEAD, mine, officer=OFFICER.person)
    before = office.case(mine)

    carried_out(office, after)

    moved = office.case(mine)
    assert (moved.unit, moved.officer, moved.stage) == ("HTGT", OFFICER.person, "assigned")
    assert (moved.code, moved.answer_due_at) == (before.code, before.answer_due_at)
    assert office.case(waiting).unit == "HTGT"
    assert office.case(elsewhere).unit == "VTCC"
    with office.database.reading() as look:
        (entry, *_) = store.entries_of(look, mine)
        assert (entry.what, entry.data["from"], entry.data["heir"]) == ("moved", "KCHT", "HTGT")
        assert {one.person for one in store.colleagues(look, unit="HTGT")} == {
            OFFICER.person,
            COLLEAGUE.person,
            HEAD.person,
            DEPUTY.person,
        }


def test_each_is_told_once_and_a_second_time_changes_nothing(office: Office, after: Rules) -> None:
    case_id = office.file()
    with office.database.writing() as tx:
        known = store.add_reorganisation(tx, MERGER, ON)

    with office.database.writing() as tx:
        first = actions.reorganisation.move_batch(tx, after, known)
        told = [event for event in emitted(tx) if event.TYPE == "case.routed.v1"]
    version = office.case(case_id).version
    again = carried_out(office, after)

    assert first == 1
    assert [(event.ground, event.unit) for event in told] == [("reorganised", "HTGT")]  # type: ignore[attr-defined]
    assert again == 0
    assert office.case(case_id).version == version


def test_an_officer_who_does_not_go_along_leaves_the_case_to_the_new_head(office: Office, after: Rules) -> None:
    stays = replace(MERGER, close=tuple(replace(one, accounts=False) for one in MERGER.close))
    assigned_ = office.file()
    begun = office.file(code="3BJK7WQC", title="Ổ gà lớn", text="Ổ gà lớn trên đường Nguyễn Huệ, xe máy dễ ngã.")
    for case_id in (assigned_, begun):
        office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, begun)

    carried_out(office, after, stays)

    head = Staff("u:new", "head", "HTGT")
    assert [(office.case(one).stage, office.case(one).officer) for one in (assigned_, begun)] == [
        ("accepted", None),
        ("in_progress", None),
    ]
    with office.database.reading() as look:
        page = store.page_of(look, head, "unassigned", store.Filters(), soon_at=NOON)
        running = [clock.step for clock in store.deadlines_of(look, assigned_).values() if clock.state == "running"]
    assert {row.case.id for row in page.rows} == {assigned_, begun}
    assert "head_assigns_officer" in running


def test_a_case_about_a_closed_unit_is_told_once_and_its_exclusions_are_sealed_with_it(
    office: Office, after: Rules
) -> None:
    (kept,) = keep(office, [a_case(unit="VTCC", officer=None, stage="accepted", excluded=frozenset({"QLCL"}))])

    carried_out(office, after)

    case = office.case(kept.id)
    assert (case.unit, case.excluded) == ("VTCC", {"QLCL", "HTGT"})
    assert not may(Staff("u:roads", "head", "HTGT"), "see", case)


def test_what_is_closed_keeps_the_name_of_its_unit(office: Office, after: Rules) -> None:
    case_id = office.file()
    office.act(
        actions.refuse, HEAD, case_id, ground="already_answered", reason="Việc này đã được trả lời trước đây rồi."
    )

    carried_out(office, after)

    assert office.case(case_id).unit == "KCHT"


def test_what_an_officer_answered_for_goes_along(office: Office, after: Rules) -> None:
    with office.database.writing() as tx:
        actions.add_duty(tx, office.rules, person=HEAD, topic="C01", officer=OFFICER.person, valid_from=ON)

    carried_out(office, after)

    with office.database.reading() as look:
        (ended,) = store.duties_of(look, {"KCHT"})
        (begun,) = store.duties_of(look, {"HTGT"})
    assert ended.valid_to == EVE
    assert (begun.officer, begun.topic, begun.valid_from) == (OFFICER.person, "C01", ON)


def test_a_unit_that_takes_over_a_unit_that_a_case_is_about_loses_the_case(office: Office, config: Path) -> None:
    plan = Plan(source="QĐ 02/QĐ-SXD", close=(Closing(unit="DKIEM", successor="PCAT", accounts=True),))
    write_plan(config, plan, ON)
    kept = keep(office, [a_case(unit="PCAT", officer=None, stage="accepted", excluded=frozenset({"DKIEM"}))])

    carried_out(office, read_rules(config, config.parent / "files"), plan)

    moved = office.case(kept[0].id)
    assert moved.unit == "VP"
    assert moved.excluded == {"DKIEM", "PCAT"}


def keep(office: Office, cases: list[Case]) -> list[Case]:
    words = store.Words(**dict.fromkeys(store.Words.__dataclass_fields__, "t"))
    with office.database.writing() as tx:
        store.add_cases(tx, [store.NewCase(case=case, words=words, proposal={}) for case in cases])
        tx._changed.clear()  # rows to be moved, not a story to tell
    return cases


def random_case(chance: random.Random) -> Case:
    units = ["KCHT", "QLCL", "VTCC", "VP", "PCAT"]
    unit = chance.choice(units)
    others = [OFFICER.person, HEAD.person, *(other for other in units if other != unit)]
    return a_case(
        id=uuid4(),
        petition_id=uuid4(),
        unit=unit,
        officer=chance.choice([None, OFFICER.person, STRANGER.person]),
        kind_class=chance.choice(list(KindClass)),
        excluded=frozenset(chance.sample(others, chance.choice([0, 0, 1, 2]))),
        stage=(stage := chance.choice(["triage", "accepted", "assigned", "in_progress", "drafted", "closed"])),
        is_ended=stage == "closed",
    )


def test_after_it_nobody_concerned_sees_or_handles_a_case_and_the_query_says_so_row_by_row(
    office: Office, after: Rules
) -> None:
    chance = random.Random(20261123)
    before = {case.id: case for case in keep(office, [random_case(chance) for _ in range(250)])}

    carried_out(office, after)

    with office.database.reading() as look:
        cases = [store.find_case(look, case_id) for case_id in before]
        told = {(row.case_id, row.who) for row in look.connection.execute(select(case_excluded))}
    everybody = [replace(one, unit=MERGER.unit_of(one.person, one.unit)) for one in EVERYBODY]
    everybody.append(Staff("u:roads", "head", "HTGT"))
    for case in cases:
        assert case is not None
        was = before[case.id]
        if was.excluded & {"KCHT", "QLCL"}:
            assert "HTGT" in case.excluded
        assert {who for case_id, who in told if case_id == case.id} == case.excluded >= was.excluded
        assert case.unit not in case.excluded or case.is_ended
        assert case.unit == was.unit or not case.is_ended
        assert case.is_ended or case.unit not in MERGER.heirs
        if case.unit != was.unit:
            assert case.officer is None or case.officer not in case.excluded
    for person in everybody:
        with office.database.reading() as look:
            seen = set(look.connection.execute(select(case_.c.id).where(store.visible_to(person))).scalars())
        assert seen == {case.id for case in cases if case is not None and may(person, "see", case)}, person


def test_the_worker_carries_it_out_on_its_day_and_only_with_rules_that_know_it(office: Office, after: Rules) -> None:
    case_id = office.file()
    with office.database.writing() as tx:
        store.add_reorganisation(tx, MERGER, ON)
    office.at("2026-11-22T12:00")
    early = actions.Succession(office.database, after).once()

    office.at("2026-11-23T00:05")
    unaware = actions.Succession(office.database, office.rules).once()
    done = actions.Succession(office.database, after).once()
    idle = actions.Succession(office.database, after).once()

    assert (early, unaware, done, idle) == (0, 0, 1, 0)
    assert office.case(case_id).unit == "HTGT"


# ---- the command


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    file = tmp_path / "plan.json"
    file.write_text(
        json.dumps(
            {
                "source": "QĐ 01/QĐ-SXD",
                "close": [{"unit": "KCHT", "successor": "HTGT", "accounts": True}],
                "open": [{"code": "HTGT", "name": "Phòng Hạ tầng giao thông", "name_en": "Roads Division"}],
            },
            ensure_ascii=False,
        ),
        encoding="utf-8",
    )
    return file


def test_one_command_says_what_it_would_do_and_then_does_it(
    office: Office,
    config: Path,
    plan_file: Path,
    make_settings: Callable[..., Settings],
    clock: MovableClock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    case_id = office.file()
    settings = make_settings("workflow", CONFIG_DIR=str(config), DATABASE_URL=office.database.url)
    before = (config / "organisation.json").read_text(encoding="utf-8")

    dry = reorganise(settings, plan_file, on=ON, is_dry=True, clock=clock)
    said, untouched = capsys.readouterr().out, (config / "organisation.json").read_text(encoding="utf-8")
    done = reorganise(settings, plan_file, on=ON, is_dry=False, clock=clock)

    assert (dry, done) == (0, 0)
    assert "close KCHT: 1 ordinary open cases go to HTGT" in said
    assert f"account {OFFICER.person}: KCHT → HTGT" in said
    assert untouched == before != (config / "organisation.json").read_text(encoding="utf-8")
    assert office.case(case_id).unit == "HTGT"


def test_a_refused_plan_names_every_reason(
    config: Path,
    tmp_path: Path,
    make_settings: Callable[..., Settings],
    clock: MovableClock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "bad.json"
    file.write_text('{"source": "QĐ", "close": [{"unit": "AA", "successor": "VP"}], "move": {"topics": {"C99": "VP"}}}')

    code = reorganise(make_settings("workflow", CONFIG_DIR=str(config)), file, on=ON, is_dry=False, clock=clock)

    assert code == 2
    assert "no unit AA" in (said := capsys.readouterr().err)
    assert "C99" in said
    assert read_plan(file).source == "QĐ"
