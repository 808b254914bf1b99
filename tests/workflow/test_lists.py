"""Lists and counts among many cases: read in parts that exclude each other, and never counted without an end."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, select

from services.workflow import actions, store
from services.workflow.domain.case import Case
from services.workflow.domain.permission import Person, may
from services.workflow.store import assignment, queue
from services.workflow.store.tables import case_
from shared.db import Database
from tests.support import NOON
from tests.workflow.builders import (
    ANSWER,
    COLLEAGUE,
    DIRECTOR,
    EVERYBODY,
    HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
    a_case,
)
from tests.workflow.test_permission import asked_to_support, random_case

LIGHTS = {
    "code": "4XWQ3BJK",
    "topic": "C03",
    "title": "Đèn tín hiệu tắt",
    "text": "Đèn tín hiệu ngã tư Hà Nội tắt hoàn toàn.",
}
STAGES = ("triage", "accepted", "assigned", "in_progress", "waiting", "consulting", "drafted", "approved", "answered")
WORDS = store.Words(**dict.fromkeys(store.Words.__dataclass_fields__, "t"))


def keep(database: Database, cases: list[store.NewCase]) -> None:
    with database.writing() as tx:
        store.add_cases(tx, cases)
        tx._changed.clear()  # rows for a query, not a story to tell


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(queue, "COUNTED", 5)
    return 5


def test_no_case_is_seen_in_two_ways_and_all_ways_together_are_what_may_be_seen(database: Database) -> None:
    chance = random.Random(20261130)
    cases = [random_case(chance) for _ in range(120)]
    keep(database, [store.NewCase(case=case, words=WORDS, proposal={}) for case in cases])
    with database.writing() as tx:
        for case in cases:
            for unit in sorted(case.supporting):
                store.add_support(tx, asked_to_support(case, unit, "asked"))
        tx._changed.clear()

    for person in EVERYBODY:
        with database.reading() as look:
            ways = [
                set(look.connection.execute(select(case_.c.id).where(way)).scalars())
                for way in queue.ways_to_see(person)
            ]
            page = store.page_of(look, person, "all", store.Filters(), soon_at=look.now, limit=200)
        seen = [row.case.id for row in page.rows]
        assert sum(map(len, ways)) == len(set().union(*ways)), person
        assert len(seen) == len(set(seen))
        assert set(seen) == {case.id for case in cases if may(person, "see", case)}, person


def awaits(case: Case) -> bool:
    return not case.is_ended and case.stage != "answered"


def is_near(person: Person, case: Case) -> bool:
    return person.role in {"office", "director"} or case.unit == person.unit


HELD: dict[str, Callable[[Person, Case], bool]] = {
    "mine": lambda who, case: awaits(case) and case.officer == who.person,
    "unit": lambda who, case: awaits(case) and case.unit == who.unit,
    "triage": lambda who, case: awaits(case) and is_near(who, case) and case.stage == "triage",
    "waiting": lambda who, case: awaits(case) and is_near(who, case) and case.stage in queue.STAGE_GROUPS["wait"],
    "approve": lambda who, case: (
        awaits(case) and is_near(who, case) and case.stage == "drafted" and case.drafted_by != who.person
    ),
    "unassigned": lambda who, case: (
        awaits(case)
        and is_near(who, case)
        and (case.stage == "accepted" or (case.officer is None and case.stage != "triage"))
    ),
    "all": lambda _who, case: awaits(case),
    "done": lambda _who, case: not awaits(case),
}


def test_a_view_holds_and_counts_all_that_belongs_there_and_may_be_seen_and_nothing_else(database: Database) -> None:
    chance = random.Random(20261201)
    cases = [
        replace(random_case(chance), stage=chance.choice(STAGES), is_ended=chance.random() < 0.2) for _ in range(240)
    ]
    keep(database, [store.NewCase(case=case, words=WORDS, proposal={}) for case in cases])
    with database.writing() as tx:
        for case in cases:
            for unit in sorted(case.supporting):
                store.add_support(tx, asked_to_support(case, unit, "asked"))
        tx._changed.clear()

    for person in EVERYBODY:
        for view, holds in HELD.items():
            expected = {case.id for case in cases if holds(person, case) and may(person, "see", case)}
            with database.reading() as look:
                page = store.page_of(look, person, view, store.Filters(), soon_at=look.now, limit=300)
                counts = store.count_views(look, person, (view,), soon_at=look.now)
                groups = store.count_groups(look, person, view, soon_at=look.now)
            seen = [row.case.id for row in page.rows]
            assert (set(seen), len(seen)) == (expected, len(expected)), (person, view)
            assert counts[view] == groups["all"] == len(expected), (person, view)


def test_who_is_shut_out_later_neither_sees_nor_counts_the_case_any_more(database: Database) -> None:
    cases = [a_case(id=UUID(int=n + 1), answer_due_at=NOON) for n in range(3)]
    keep(database, [store.NewCase(case=case, words=WORDS, proposal={}) for case in cases])

    with database.writing() as tx:
        store.exclude(tx, cases[1].id, {OFFICER.person})
        tx._changed.clear()

    for person, expected in ((OFFICER, [1, 3]), (COLLEAGUE, [1, 2, 3])):
        with database.reading() as look:
            page = store.page_of(look, person, "unit", store.Filters(), soon_at=NOON)
            counts = store.count_views(look, person, ("unit",), soon_at=NOON)
        assert [row.case.id.int for row in page.rows] == expected
        assert counts["unit"] == len(expected)


def test_load_is_counted_of_what_is_seen_and_no_further_than_enough(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = [a_case(id=UUID(int=n + 1)) for n in range(3)]
    unseen = a_case(id=UUID(int=9), officer=COLLEAGUE.person, excluded=frozenset({HEAD.person}))
    keep(office.database, [store.NewCase(case=case, words=WORDS, proposal={}) for case in (*seen, unseen)])

    both = (OFFICER.person, COLLEAGUE.person)
    with office.database.reading() as look:
        whole = store.load_of(look, HEAD, both)
        monkeypatch.setattr(assignment, "LOADED", 2)
        enough = store.load_of(look, HEAD, both)

    assert whole == {OFFICER.person: 3, COLLEAGUE.person: 0}
    assert enough == {OFFICER.person: 2, COLLEAGUE.person: 0}


def test_groups_are_the_same_whether_counted_in_one_look_or_each_by_itself(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [a_case(id=UUID(int=n + 1), stage=STAGES[n % len(STAGES)], answer_due_at=NOON) for n in range(40)]
    keep(database, [store.NewCase(case=case, words=WORDS, proposal={}) for case in cases])

    for view in HELD:
        with database.reading() as look:
            together = store.count_groups(look, HEAD, view, soon_at=NOON)
            for few in (together["all"], 1):
                with monkeypatch.context() as patch:
                    patch.setattr(queue, "COUNTED", few)
                    one_by_one = store.count_groups(look, HEAD, view, soon_at=NOON)
                assert one_by_one == {name: min(count, few) for name, count in together.items()}, view


def test_the_parts_of_a_list_come_together_in_the_order_of_the_whole(database: Database) -> None:
    spread = [
        a_case(
            id=UUID(int=n + 1),
            officer=OFFICER.person if n % 2 else None,
            answer_due_at=NOON + timedelta(hours=97 * n % 50),
        )
        for n in range(20)
    ]
    keep(database, [store.NewCase(case=case, words=WORDS, proposal={}) for case in spread])

    with database.reading() as look:
        first = store.page_of(look, OFFICER, "unit", store.Filters(), soon_at=NOON, limit=7)
        then = store.page_of(look, OFFICER, "unit", store.Filters(), soon_at=NOON, limit=20, after=first.older)

    due = [row.case.answer_due_at for row in (*first.rows, *then.rows)]
    assert due == sorted(due, key=lambda at: at or NOON)
    assert len(due) == 20


def test_nothing_is_counted_without_an_end(database: Database, few: int) -> None:
    many = [a_case(id=UUID(int=n + 1), officer=None, answer_due_at=NOON) for n in range(9)]
    keep(database, [store.NewCase(case=case, words=WORDS, proposal={}) for case in many])

    with database.reading() as look:
        views = store.count_views(look, HEAD, ("unit", "mine"), soon_at=NOON)
        groups = store.count_groups(look, HEAD, "unit", soon_at=NOON)

    assert (views["unit"], views["mine"]) == (few, 0)
    assert (groups["all"], groups["doing"], groups["new"]) == (few, few, 0)


def test_what_has_lost_its_officer_waits_beside_what_never_had_one(database: Database) -> None:
    spread = [
        a_case(id=UUID(int=1), stage="in_progress", officer=None, answer_due_at=NOON + timedelta(hours=2)),
        a_case(id=UUID(int=2), stage="accepted", officer=None, answer_due_at=NOON + timedelta(hours=1)),
        a_case(id=UUID(int=3), stage="drafted", officer=None, answer_due_at=NOON + timedelta(hours=3)),
        a_case(id=UUID(int=4), stage="triage", officer=None, answer_due_at=NOON),
        a_case(id=UUID(int=5), stage="in_progress", answer_due_at=NOON),
        a_case(id=UUID(int=6), stage="answered", officer=None, answer_due_at=NOON),
    ]
    keep(database, [store.NewCase(case=case, words=WORDS, proposal={}) for case in spread])

    glance = store.Glance(now=NOON, soon_at=NOON, escalated_at=NOON)
    with database.reading() as look:
        page = store.page_of(look, HEAD, "unassigned", store.Filters(), soon_at=NOON)
        first = store.first_of(look, HEAD, "unassigned", glance)
        counts = store.count_lists(look, HEAD, ("unassigned",), glance)

    assert [row.case.id.int for row in page.rows] == [2, 1, 3]
    assert list(page.rows) == first
    assert counts == {"unassigned": 3}


def test_what_is_done_comes_newest_first_page_by_page(database: Database) -> None:
    done = [a_case(id=UUID(int=n + 1), stage="closed", is_ended=True) for n in range(7)]
    keep(database, [store.NewCase(case=case, words=WORDS, proposal={}) for case in done])

    with database.reading() as look:
        first = store.page_of(look, HEAD, "done", store.Filters(), soon_at=NOON, limit=3)
        then = store.page_of(look, HEAD, "done", store.Filters(), soon_at=NOON, limit=3, after=first.older)
        back = store.page_of(look, HEAD, "done", store.Filters(), soon_at=NOON, limit=3, before=then.newer)

    assert [row.case.id.int for row in first.rows] == [7, 6, 5]
    assert [row.case.id.int for row in then.rows] == [4, 3, 2]
    assert back.rows == first.rows


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"words": "dien phu ga"}, True),
        ({"words": "dien phu cau"}, False),
        ({"stage": "accepted"}, True),
        ({"stage": "drafted"}, False),
        ({"officer": "-"}, True),
        ({"officer": OFFICER.person}, False),
        ({"unit": "KCHT"}, True),
        ({"kind": "complaint"}, False),
        ({"channel": "web"}, True),
        ({"only": "apology"}, False),
        ({"received_from": NOON - timedelta(days=1), "received_before": NOON + timedelta(days=1)}, True),
        ({"received_before": NOON - timedelta(days=1)}, False),
    ],
)
def test_each_filter_narrows_the_list(office: Office, filters: dict[str, object], found: bool) -> None:
    office.file()

    with office.database.reading() as look:
        page = store.page_of(look, DIRECTOR, "all", store.Filters(**filters), soon_at=look.now)  # type: ignore[arg-type]

    assert bool(page.rows) == found


@pytest.mark.parametrize(("rare", "found", "is_cut"), [(3, [], True), (9, [6, 7, 8], False)])
def test_words_that_many_cases_hold_are_searched_no_further_and_the_list_says_so(
    database: Database, monkeypatch: pytest.MonkeyPatch, rare: int, found: list[int], is_cut: bool
) -> None:
    monkeypatch.setattr(queue, "WALKED", 4)
    monkeypatch.setattr(queue, "RARE", rare)
    words = [replace(WORDS, text="Đèn tắt" if n > 5 else "Ổ gà") for n in range(9)]
    cases = [a_case(id=UUID(int=n), answer_due_at=NOON + timedelta(hours=n)) for n in range(9)]
    keep(database, [store.NewCase(case=case, words=words[case.id.int], proposal={}) for case in cases])

    with database.reading() as look:
        page = store.page_of(look, HEAD, "unit", store.Filters(words="den"), soon_at=NOON, limit=2)
        every = store.page_of(look, HEAD, "unit", store.Filters(words="den"), soon_at=NOON, limit=20)

    assert [row.case.id.int for row in page.rows] == found[:2]
    assert (page.is_cut, every.is_cut) == (is_cut, False)
    assert [row.case.id.int for row in every.rows] == [6, 7, 8]


def test_rare_words_are_found_behind_the_head_of_a_list_in_its_order(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "WALKED", 2)
    words = [replace(WORDS, text="Đèn tắt" if n < 4 else "Ổ gà") for n in range(9)]
    cases = [a_case(id=UUID(int=n), stage="closed", is_ended=True) for n in range(9)]
    keep(database, [store.NewCase(case=case, words=words[case.id.int], proposal={}) for case in cases])

    filters = store.Filters(words="den")
    with database.reading() as look:
        first = store.page_of(look, HEAD, "done", filters, soon_at=NOON, limit=3)
        then = store.page_of(look, HEAD, "done", filters, soon_at=NOON, limit=3, after=first.older)
        nobodys = store.page_of(look, STRANGER, "done", filters, soon_at=NOON, limit=3)

    assert [row.case.id.int for row in (*first.rows, *then.rows)] == [3, 2, 1, 0]
    assert not nobodys.rows


def test_a_page_of_a_list_asks_the_database_once(office: Office) -> None:
    office.file()
    asked: list[str] = []
    event.listen(office.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    with office.database.reading() as look:
        store.page_of(look, OFFICE, "all", store.Filters(), soon_at=look.now)
        store.count_views(look, OFFICE, ("all", "triage", "soon"), soon_at=look.now)

    assert len([statement for statement in asked if statement != "BEGIN"]) == 2


def test_weeks_count_what_came_and_what_was_answered_late(office: Office) -> None:
    kept, late = office.file(code="7K3M9HDT"), office.file(**LIGHTS)
    for case_id, at in ((kept, "2026-11-25T09:00"), (late, "2026-12-14T09:00")):
        office.at(at)
        office.act(actions.take, OFFICER, case_id)
        office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done")
        office.act(actions.approve, HEAD, case_id)
        office.act(actions.answer, OFFICER, case_id)

    with office.database.reading() as look:
        starts = [NOON - timedelta(days=1), NOON + timedelta(days=14)]
        told = store.weeks_of(look, DIRECTOR, starts)
        nothing = store.weeks_of(look, STRANGER, starts)

    assert (list(told.received), list(told.answered), list(told.late)) == ([2, 0], [1, 1], [0, 1])
    assert told.by_unit == {"KCHT": (2, 1)}
    assert sum(nothing.received) == 0
