"""What the mirror makes of what it hears, in whatever order it comes."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.insight import store
from services.insight.domain.index import Share
from services.insight.domain.periods import Month, Period
from services.insight.domain.promises import FINAL, Promises
from shared.db import Database
from shared.events.base import Event, Sealed
from shared.events.workflow import (
    CaseApologised,
    CaseClockPaused,
    CaseClockResumed,
    CaseClosed,
    CaseMerged,
    CaseRefused,
    CaseTransferred,
)
from tests.conftest import MakeDatabase
from tests.insight.builders import (
    Story,
    a_story,
    answered,
    hear,
    noon,
    opened,
    rated,
    tell,
    told,
)

OCTOBER = Period("thang", date(2026, 10, 1), date(2026, 11, 1))
RECEIVED, DUE, BEFORE, AFTER = date(2026, 10, 5), date(2026, 10, 14), date(2026, 10, 12), date(2026, 10, 16)


@pytest.fixture
def database(make_database: MakeDatabase) -> Database:
    return make_database(store.metadata, "insight")


def all_promises(database: Database, period: Period = OCTOBER) -> Promises:
    with database.reading() as tx:
        return sum(store.count_promises(tx, period).values(), Promises())


def the_petition(story: Story) -> tuple[UUID, UUID]:
    case = next(event for _, event in story if hasattr(event, "case_id"))
    return case.petition_id, case.case_id  # type: ignore[attr-defined]


def _by(petition_id: UUID, case_id: UUID) -> dict[str, Any]:
    return {"petition_id": petition_id, "case_id": case_id, "actor": "u:1"}


def test_the_ten_cases_of_the_worked_example_give_seventy_per_cent(database: Database) -> None:
    tell(
        database,
        *[a_story(received=RECEIVED, due=DUE, answer=BEFORE) for _ in range(6)],
        a_story(received=RECEIVED, due=DUE, extended_to=date(2026, 10, 21), answer=AFTER),
        a_story(received=RECEIVED, due=DUE, answer=AFTER),
        *[a_story(received=RECEIVED, due=DUE) for _ in range(2)],
    )

    october = all_promises(database)

    assert (october.due, october.kept, october.kept_first, october.late, october.open) == (10, 7, 6, 1, 2)
    assert (october.extended, october.told, october.reachable) == (1, 7, 10)


def test_who_has_until_tonight_is_not_late_and_who_was_early_not_counted_yet(database: Database) -> None:
    today = Period("thang", date(2026, 10, 1), DUE)

    tell(database, a_story(received=RECEIVED, due=DUE), a_story(received=RECEIVED, due=DUE, answer=BEFORE))

    assert all_promises(database, today).due == 0
    with database.reading() as tx:
        assert store.count_overdue(tx, DUE) == {}
        assert store.count_overdue(tx, AFTER) == {DUE: 1}


def test_spam_duplicates_and_what_left_in_time_are_not_due(database: Database) -> None:
    stories = [a_story(received=RECEIVED, due=DUE) for _ in range(5)]
    ids = [the_petition(story) for story in stories]
    reason: Sealed[str | None] = Sealed.closed()

    tell(database, *stories)
    with database.writing() as tx:
        spam, linked, gone, handed_on, late = (_by(petition_id, case_id) for petition_id, case_id in ids)
        hear(tx, CaseRefused(**spam, ground="spam", reason=reason), on=AFTER)
        hear(tx, CaseMerged(**linked, into_case_id=uuid4(), answer_due_on=DUE), on=AFTER)
        hear(tx, CaseClosed(**gone, outcome="withdrawn"), on=BEFORE)
        hear(tx, CaseTransferred(**handed_on, to="X-CA", to_name="Công an", reason=reason), on=DUE)
        hear(tx, CaseClosed(**late, outcome="withdrawn"), on=AFTER)

    october = all_promises(database)
    with database.reading() as tx:
        endings = store.count_endings(tx, OCTOBER)

    assert (october.due, october.kept, october.open, october.standing) == (1, 0, 0, FINAL)
    assert october.of_a_hundred == (0, 1, 0)
    assert endings == {"linked": 1, "withdrawn": 2, "transferred": 1}


def test_a_pause_moves_both_days_and_an_extension_only_the_one_in_force(database: Database) -> None:
    later, latest = date(2026, 10, 16), date(2026, 10, 23)
    story = a_story(received=RECEIVED, due=DUE)
    petition_id, case_id = the_petition(story)
    ids = _by(petition_id, case_id)

    tell(database, story)
    with database.writing() as tx:
        hear(tx, CaseClockPaused(**ids, ground="waiting_for_citizen", rules=("topic:C01",)), on=BEFORE)
    still = all_promises(database)
    with database.writing() as tx:
        hear(
            tx,
            CaseClockResumed(**ids, ground="citizen_replied", answer_due_on=later, deadlines=()),
            on=BEFORE,
        )
        apology = CaseApologised(
            **ids,
            due_before=later,
            due_on=latest,
            due_at=noon(latest),
            reason=Sealed.closed(),
            signer=Sealed.closed(),
        )
        hear(tx, apology, on=later)
        hear(tx, answered(petition_id, case_id, due=latest), on=latest)

    october = all_promises(database)

    assert still.due == 0
    assert (october.due, october.kept, october.kept_first, october.apologised) == (1, 1, 0, 1)
    with database.reading() as tx:
        promise = store.promise_of(tx, case_id)
    assert promise is not None
    assert (promise.first_due_on, promise.due_on) == (later, latest)


def test_a_reopened_case_counts_twice(database: Database) -> None:
    second_due = date(2026, 10, 20)
    story = a_story(received=RECEIVED, due=DUE, answer=BEFORE)
    petition_id, case_id = the_petition(story)

    tell(database, [*story, (date(2026, 10, 22), answered(petition_id, case_id, due=second_due, round=2))])

    october = all_promises(database)

    assert (october.due, october.kept, october.late) == (2, 1, 1)


def test_restricted_and_secret_cases_are_in_no_figure(database: Database) -> None:
    with database.writing() as tx:
        for kind, is_restricted in (("complaint", True), (None, True), (None, False)):
            petition_id, case_id = uuid4(), uuid4()
            hear(
                tx,
                opened(petition_id, case_id, on=RECEIVED, due=DUE, kind=kind, is_restricted=is_restricted),
                on=RECEIVED,
            )
            hear(tx, answered(petition_id, case_id, due=DUE), on=AFTER)

    with database.reading() as tx:
        assert store.count_received(tx, OCTOBER) == {}
        assert store.count_answered(tx, OCTOBER) == {}
        assert store.count_promises(tx, OCTOBER) == {}
        assert store.count_topics(tx, OCTOBER) == {}
        assert store.count_responses(tx, OCTOBER) == {}


def test_a_case_sorted_anew_leaves_the_figures_when_it_becomes_restricted(database: Database) -> None:
    story = a_story(received=RECEIVED, due=DUE, answer=AFTER)
    petition_id, case_id = the_petition(story)
    again = opened(petition_id, case_id, on=RECEIVED, due=DUE, kind="complaint", is_restricted=True)

    tell(database, [*story[:4], (BEFORE, again), *story[4:]])

    assert all_promises(database) == Promises()


def test_a_case_sorted_anew_keeps_its_first_promise(database: Database) -> None:
    later = date(2026, 10, 20)
    story = a_story(received=RECEIVED, due=DUE)
    petition_id, case_id = the_petition(story)
    again = opened(petition_id, case_id, on=RECEIVED, due=later, kind="proposal")

    tell(database, [*story, (BEFORE, again), (AFTER, answered(petition_id, case_id, due=later))])

    october = all_promises(database)
    assert (october.due, october.kept, october.kept_first) == (1, 1, 0)


def test_a_case_taken_out_of_quarantine_counts_again(database: Database) -> None:
    story = a_story(received=RECEIVED, due=DUE)
    petition_id, case_id = the_petition(story)
    thrown_out = CaseRefused(**_by(petition_id, case_id), ground="spam", reason=Sealed.closed())
    tell(database, [*story, (BEFORE, thrown_out)])
    assert all_promises(database).due == 0

    tell(database, [(BEFORE, opened(petition_id, case_id, on=RECEIVED, due=DUE))])

    assert all_promises(database).due == 1


def test_four_ratings_of_a_unit_show_nothing_and_the_fifth_shows_all_five(database: Database) -> None:
    marks = (5, 5, 4, 3)
    tell(database, *[a_story(received=RECEIVED, due=DUE, answer=BEFORE, rating=mark) for mark in marks])
    with database.reading() as tx:
        assert store.count_marks(tx, OCTOBER) == {}

    tell(database, a_story(received=RECEIVED, due=DUE, answer=AFTER, rating=2))

    with database.reading() as tx:
        assert store.count_marks(tx, OCTOBER) == {(Month(2026, 10), "KCHT"): Share(3, 5)}


def test_a_figure_never_grows_by_one(database: Database) -> None:
    seen: list[int] = []
    for mark in (5, 1, 4, 2, 3, 5, 1, 1, 4, 2, 5, 5):
        tell(database, a_story(received=RECEIVED, due=DUE, answer=BEFORE, rating=mark))
        with database.reading() as tx:
            seen.append(sum(share.n for share in store.count_marks(tx, OCTOBER).values()))

    assert seen == [0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 10, 10]


def test_units_do_not_fill_each_others_batches(database: Database) -> None:
    for unit in ("KCHT", "VTPT", "PCAT"):
        tell(
            database,
            *[a_story(received=RECEIVED, due=DUE, answer=BEFORE, rating=4, unit=unit) for _ in range(4)],
        )

    with database.reading() as tx:
        assert store.count_marks(tx, OCTOBER) == {}
        assert store.marks_waiting(tx) == 12


def aspects(database: Database) -> Mapping[str, Share]:
    with database.reading() as tx:
        return store.count_aspects(tx, OCTOBER)


def judge(database: Database, **marks: int | None) -> None:
    """Somebody judges an answer and these aspects of it."""
    story = a_story(received=RECEIVED, due=DUE, answer=BEFORE)
    tell(database, [*story, (BEFORE, rated(the_petition(story)[0], 4, **marks))])


def test_s16a_an_aspect_is_published_by_fives_of_those_who_judged_it(database: Database) -> None:
    for mark in (5, 4, 2, 1):
        judge(database, t1=mark, t2=None)
    judge(database)  # the whole alone
    judge(database, t1=0)  # no opinion
    assert aspects(database) == {}

    judge(database, t1=4, t3=1)

    assert aspects(database) == {"T1": Share(3, 5)}


def test_s08b_the_figure_of_an_aspect_never_grows_by_one(database: Database) -> None:
    seen = []
    for mark in (5, 1, 4, 2, 3, 5, 1, 1, 4, 2, 5):
        judge(database, t4=mark)
        seen.append(aspects(database).get("T4", Share(0, 0)).n)

    assert seen == [0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 10]


def test_aspects_that_are_said_again_or_were_erased_change_nothing(database: Database) -> None:
    story = a_story(received=RECEIVED, due=DUE, answer=BEFORE)
    petition_id, _ = the_petition(story)
    tell(database, [*story, (BEFORE, rated(petition_id, 4, t1=5))])

    tell(database, [(AFTER, rated(petition_id, 1, t1=1, t2=1))])
    tell(database, [(AFTER, replace(rated(uuid4(), 1), t1=Sealed.closed()))])

    with database.reading() as tx:
        kept = tx.connection.execute(store.aspect_fact.select()).all()
    assert [(row.aspect, row.level) for row in kept] == [("T1", 5)]


def wishes(database: Database) -> Mapping[str, Mapping[str, int]]:
    with database.reading() as tx:
        return store.count_wishes(tx, OCTOBER)


def wish(database: Database, words: str, *, topic: str = "C01", is_restricted: bool = False) -> None:
    """Somebody judges an answer and adds words."""
    story = a_story(received=RECEIVED, due=DUE, answer=BEFORE, topic=topic, is_restricted=is_restricted)
    tell(database, [*story, (BEFORE, rated(the_petition(story)[0], 2, words=words))])


def test_s16b_a_wish_is_published_by_fives_of_each_topic(database: Database) -> None:
    for number in range(1, 12):
        wish(database, "Chờ lâu quá, mong trả lời nhanh hơn")
        assert wishes(database) == ({"faster": {"C01": number - number % 5}} if number >= 5 else {})
    for _ in range(4):
        wish(database, "Chờ lâu quá", topic="C13")

    assert wishes(database) == {"faster": {"C01": 10}}


def test_s16b_the_words_of_a_wish_are_kept_nowhere(database: Database) -> None:
    wish(database, "Nhà tôi số 12, chờ lâu quá")

    with database.reading() as tx:
        kept = {table.name: tx.connection.execute(table.select()).all() for table in store.metadata.sorted_tables}
    assert [row.wish for row in kept["wish_fact"]] == ["faster"]
    assert "Nhà tôi" not in str(kept)


def test_what_is_wished_of_a_restricted_case_is_never_shown(database: Database) -> None:
    for _ in range(5):
        wish(database, "Thái độ hách dịch", is_restricted=True)

    assert wishes(database) == {}


def test_a_wish_that_is_heard_before_its_answer_counts_once_the_answer_is_heard(database: Database) -> None:
    for _ in range(5):
        story = a_story(received=RECEIVED, due=DUE, answer=BEFORE)
        judgement = rated(the_petition(story)[0], 2, words="Chậm quá")
        assert wishes(database) == {}
        tell(database, [(BEFORE, judgement), *story, (AFTER, judgement)])

    assert wishes(database) == {"faster": {"C01": 5}}


def test_a_rating_given_twice_counts_once_and_an_erased_one_not_at_all(database: Database) -> None:
    story = a_story(received=RECEIVED, due=DUE, answer=BEFORE, rating=5)
    petition_id, _ = the_petition(story)
    erased = a_story(received=RECEIVED, due=DUE, answer=BEFORE)
    tell(database, story, erased)

    with database.writing() as tx:
        hear(tx, rated(petition_id, 1), on=AFTER)
        gone = rated(the_petition(erased)[0], 1)
        hear(
            tx,
            type(gone)(petition_id=gone.petition_id, round=1, score=Sealed.closed(), words=Sealed.closed()),
            on=AFTER,
        )

    with database.reading() as tx:
        assert store.count_responses(tx, OCTOBER) == {"KCHT": Share(1, 2)}


def test_only_who_was_told_counts_as_asked(database: Database) -> None:
    silent = [
        entry for entry in a_story(received=RECEIVED, due=DUE, answer=BEFORE) if "Notice" not in type(entry[1]).__name__
    ]
    petition_id, _ = the_petition(silent)
    others = [(BEFORE, told(petition_id, audience="staff")), (BEFORE, told(petition_id, purpose="filed"))]

    tell(database, [*silent, *others], a_story(received=RECEIVED, due=DUE, answer=BEFORE, rating=4))

    with database.reading() as tx:
        assert store.count_responses(tx, OCTOBER) == {"KCHT": Share(1, 1)}
    assert all_promises(database).told == 1


def test_days_to_the_answer_and_days_late_are_counted_by_the_calendar(database: Database) -> None:
    tell(
        database,
        a_story(received=RECEIVED, due=DUE, answer=BEFORE),
        a_story(received=RECEIVED, due=DUE, answer=AFTER),
        a_story(received=RECEIVED, due=DUE),
    )

    with database.reading() as tx:
        assert store.count_days_taken(tx, OCTOBER) == {7: 1, 11: 1}
        assert store.count_days_late(tx, OCTOBER) == {2: 1, 18: 1}
        assert store.count_waiting(tx) == {RECEIVED: 1}


def test_a_petition_without_a_case_is_still_being_sorted(database: Database) -> None:
    whole = a_story(received=RECEIVED, due=DUE)

    tell(database, whole[:2], a_story(received=RECEIVED, due=DUE))

    with database.reading() as tx:
        assert store.count_unsorted(tx) == 1


STORIES = [
    a_story(received=RECEIVED, due=DUE, answer=day, rating=mark, unit=unit)
    for day, mark, unit in zip(
        (BEFORE, AFTER, BEFORE, DUE, AFTER, BEFORE), (5, 1, 4, 3, 2, 5), ("KCHT",) * 5 + ("VP",), strict=True
    )
]


def _streams(stories: list[Story]) -> list[list[tuple[date, Event]]]:
    """What arrives in order: the events of one source about one petition."""
    streams: dict[tuple[str, UUID], list[tuple[date, Event]]] = {}
    for story in stories:
        for day, event in story:
            source = type(event).__module__
            streams.setdefault((source, event.petition_id), []).append((day, event))  # type: ignore[attr-defined]
    return list(streams.values())


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_figures_do_not_depend_on_which_source_was_heard_first(make_database: MakeDatabase, seed: int) -> None:
    dice, streams = random.Random(seed), [list(stream) for stream in _streams(STORIES)]
    database = make_database(store.metadata, "insight")
    with database.writing() as tx:
        while streams:
            stream = dice.choice(streams)
            day, event = stream.pop(0)
            hear(tx, event, on=day)
            streams = [stream for stream in streams if stream]

    october = all_promises(database)
    with database.reading() as tx:
        marks = sum(store.count_marks(tx, OCTOBER).values(), Share(0, 0))
        responses = store.count_responses(tx, OCTOBER)

    assert (october.due, october.kept, october.late, october.told) == (6, 4, 2, 4)
    assert marks == Share(2, 5)
    assert responses == {"KCHT": Share(5, 5), "VP": Share(1, 1)}
