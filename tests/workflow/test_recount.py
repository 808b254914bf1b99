"""A new calendar and the clocks that run: counted anew once, by the rule they began with, told where promised."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from services.workflow import actions, store
from services.workflow.actions import Recount
from services.workflow.actions import recount as room
from services.workflow.domain import deadline as clocks
from services.workflow.domain.deadline import Deadline
from services.workflow.domain.recount import counted_anew, recounted
from services.workflow.domain.rules import owed
from services.workflow.domain.vocabulary import Catalogue
from services.workflow.rulebook import RuleBook
from shared.calendar import DayOff
from tests.workflow.builders import ADMIN, CONFIG, DENUNCIATION, DIRECTOR, HEAD, OFFICE, OFFICER, Office, the_rules
from tests.workflow.support_rules import the_catalogue

# ---- rules, by properties

DAYS = st.dates(date(2026, 1, 5), date(2026, 12, 11))
INSTANTS = st.datetimes(datetime(2026, 1, 5), datetime(2026, 12, 11), timezones=st.just(UTC))
KINDS = st.sampled_from(["report", "proposal", "complaint", "denunciation", "petition_of_law", "data_request"])
RULES = st.sampled_from([rule for rule in the_catalogue().rules if rule.unit != "hour" and rule.direction == "after"])


def with_days_off(days: set[date]) -> Catalogue:
    """The catalogue whose calendar has these days off too."""
    calendar = the_catalogue().calendar
    more = {
        day: DayOff(day, "statutory", "Nghỉ thêm", "One more", "official", "-", "high")
        for day in days
        if calendar.is_working_day(day)
    }
    return replace(the_catalogue(), calendar=replace(calendar, days_off={**calendar.days_off, **more}))


MORE_DAYS_OFF = st.sets(st.dates(date(2026, 1, 1), date(2027, 3, 1)), max_size=12)


@st.composite
def lived(draw: Any) -> Deadline:
    """A clock as it may stand: begun, perhaps paused and resumed, perhaps waiting."""
    calendar = the_catalogue().calendar
    clock = clocks.start(draw(RULES), draw(INSTANTS), calendar)
    at = clock.anchor_at
    for _ in range(draw(st.integers(0, 2))):
        at += timedelta(hours=draw(st.integers(1, 200)))
        if at >= clock.due_at:
            break
        clock = clocks.pause(clock, at)
        if draw(st.booleans()) and draw(st.booleans()):
            break
        at += timedelta(hours=draw(st.integers(0, 900)))
        clock = clocks.resume(clock, at, calendar)
    return clock


@given(lived(), MORE_DAYS_OFF)
def test_counting_twice_is_counting_once(clock: Deadline, off: set[date]) -> None:
    other = with_days_off(off)

    once = counted_anew(clock, other)

    assert counted_anew(once, other) == once


@given(lived(), MORE_DAYS_OFF)
def test_counting_by_the_calendar_it_was_counted_by_changes_nothing(clock: Deadline, off: set[date]) -> None:
    other = with_days_off(off)

    assert counted_anew(clock, the_catalogue()) == clock
    assert counted_anew(counted_anew(clock, other), the_catalogue()) == clock


@given(lived(), MORE_DAYS_OFF)
def test_no_term_ends_on_a_day_off(clock: Deadline, off: set[date]) -> None:
    other = with_days_off(off)

    after = counted_anew(clock, other)

    assert after.due_on is not None
    assert after.roll == "none" or other.calendar.is_working_day(after.due_on)
    assert after.due_at == other.calendar.end_of_day(after.due_on)


@given(RULES, INSTANTS, INSTANTS, MORE_DAYS_OFF)
def test_who_comes_later_is_never_due_earlier(rule: Any, one: datetime, other: datetime, off: set[date]) -> None:
    first, second = sorted((one, other))
    catalogue = with_days_off(off)

    due = [clocks.start(rule, at, catalogue.calendar).due_at for at in (first, second)]

    assert due[0] <= due[1]


@given(RULES, INSTANTS, st.integers(1, 400), st.integers(0, 900), MORE_DAYS_OFF)
def test_a_pause_adds_exactly_the_days_that_were_lost_by_any_calendar(
    rule: Any, received: datetime, after: int, lasting: int, off: set[date]
) -> None:
    """Counted day by day, slowly: the days of the term are those that are worked outside the pause."""
    catalogue, other = the_catalogue(), with_days_off(off)
    clock = clocks.start(rule, received, catalogue.calendar)
    began = received + timedelta(hours=after)
    ended = began + timedelta(hours=lasting)
    assert clock.unrolled_on is not None
    assume(catalogue.calendar.local_day(began) <= clock.unrolled_on)  # what is left after it are days of rest
    resumed = counted_anew(clocks.resume(clocks.pause(clock, began), ended, catalogue.calendar), other)

    calendar = other.calendar
    lost = range_of(calendar.local_day(began), calendar.local_day(ended))
    day, left = resumed.anchor_on, rule.value
    while left:
        day += timedelta(days=1)
        counts = calendar.is_working_day(day) if rule.unit == "working_day" else True
        left -= counts and day not in lost

    assert resumed.unrolled_on is not None
    # a pause at the very end leaves the rest of the term to follow it; both ways count the same days
    spent = [one for one in range_of(resumed.anchor_on, resumed.unrolled_on) if one not in lost]
    worked = [one for one in spent if rule.unit == "day" or calendar.is_working_day(one)]
    assert len(worked) == rule.value
    assert resumed.unrolled_on == day or resumed.unrolled_on in lost


def range_of(first: date, last: date) -> list[date]:
    """The days after the first, up to and including the last."""
    return [first + timedelta(days=number + 1) for number in range((last - first).days)]


@given(st.sampled_from(["report", "complaint", "proposal"]), INSTANTS, MORE_DAYS_OFF, st.integers(0, 60))
def test_nothing_becomes_late_by_being_counted_and_what_is_late_stays(
    kind: str, received: datetime, off: set[date], later: int
) -> None:
    other = with_days_off(off)
    now = received + timedelta(days=later)
    known = dict(
        enumerate(
            clocks.deadlines_of(other, kind=kind, topic=None, anchors={"received": received, "accepted": received})
        )
    )

    moved = recounted(known, the_catalogue(), kind=kind, conditions=(), now=now)

    assert recounted(known | moved, the_catalogue(), kind=kind, conditions=(), now=now) == {}
    for key, clock in moved.items():
        assert known[key].is_late_at(now) == clock.is_late_at(now)
        assert (clock.rule, clock.value, clock.unit) == (known[key].rule, known[key].value, known[key].unit)


# ---- cases


@pytest.fixture
def book() -> RuleBook:
    return RuleBook(CONFIG, the_rules().press)


def declare_off(office: Office, book: RuleBook, *days: str, year_only: bool = False) -> None:
    """More days off, published by two persons."""
    with office.database.reading() as look:
        text = actions.newest_text(look, book, "calendar.json")[0]
    calendar = json.loads(text)
    calendar["days_off"] += [
        {
            "date": day,
            "kind": "statutory",
            "name": "Nghỉ thêm",
            "name_en": "One more",
            "status": "official",
            "source": "-",
            "confidence": "high",
        }
        for day in days
    ]
    _publish(office, book, "calendar.json", calendar)


def take_back_off(office: Office, book: RuleBook, day: str) -> None:
    """A day off that is worked after all."""
    with office.database.reading() as look:
        calendar = json.loads(actions.newest_text(look, book, "calendar.json")[0])
    calendar["days_off"] = [row for row in calendar["days_off"] if row["date"] != day]
    _publish(office, book, "calendar.json", calendar)


def _publish(office: Office, book: RuleBook, name: str, content: dict[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1)
    with office.database.writing() as tx:
        written = actions.draft_document(
            tx, book, person=ADMIN, name=name, text=text, reason="Thông báo nghỉ lễ bổ sung"
        )
        actions.publish_document(tx, book, person=OFFICE, document_id=written.id)


def told(office: Office) -> list[dict[str, Any]]:
    """What was told of days counted anew, in order."""
    table = store.metadata.tables["outbox"]
    with office.database.reading() as look:
        rows = look.connection.execute(table.select().order_by(table.c.id)).all()
    return [json.loads(row.body)["data"] for row in rows if row.type == "case.rescheduled.v1"]


def work(office: Office, book: RuleBook) -> int:
    loop, total = Recount(office.database, book), 0
    while done := loop.once():
        total += done
    return total


def test_a_new_day_off_moves_an_open_case_and_tells_the_citizen_before_and_after(
    office: Office, book: RuleBook
) -> None:
    case_id = office.file()
    before = office.case(case_id)
    declare_off(office, book, "2026-11-25")

    work(office, book)

    after = office.case(case_id)
    assert before.answer_due_on is not None
    assert after.answer_due_on == the_rules().calendar.add_working_days(before.answer_due_on, 1)
    announced = [one for one in told(office) if one["is_announced"]]
    assert [(one["due_before"], one["due_on"], one["is_later"], one["ground"]) for one in announced] == [
        (str(before.answer_due_on), str(after.answer_due_on), True, "calendar")
    ]


def test_counting_again_says_nothing_more(office: Office, book: RuleBook) -> None:
    office.file()
    declare_off(office, book, "2026-11-25")
    assert work(office, book) == 1
    said = told(office)

    assert work(office, book) == 0
    assert Recount(office.database, RuleBook(CONFIG, the_rules().press)).once() == 0  # a new process
    assert told(office) == said


def test_killing_between_batches_changes_nothing(office: Office, book: RuleBook, monkeypatch: Any) -> None:
    cases = [office.file(code=f"{number}AAA1AAA") for number in range(2, 7)]
    declare_off(office, book, "2026-11-25")
    monkeypatch.setattr(room, "BATCH", 2)
    before = office.case(cases[0]).answer_due_on

    assert Recount(office.database, book).once() == 2
    with pytest.raises(RuntimeError):
        _recount_and_die(office, book)
    assert work(office, RuleBook(CONFIG, the_rules().press)) == 3

    assert len({office.case(case_id).answer_due_on for case_id in cases}) == 1
    assert office.case(cases[0]).answer_due_on != before
    assert len([one for one in told(office) if one["is_announced"]]) == 5


def _recount_and_die(office: Office, book: RuleBook) -> None:
    with office.database.writing() as tx:
        for case in store.cases_counted_otherwise(tx, book.in_force(tx).counted_by, limit=2):
            room.recount_case(tx, book.in_force(tx), case, store.deadlines_of(tx, case.id))
        raise RuntimeError("killed")


def test_a_change_that_moves_no_day_counts_nobody(office: Office, book: RuleBook) -> None:
    office.file()
    with office.database.reading() as look:
        calendar = json.loads(actions.newest_text(look, book, "calendar.json")[0])
    calendar["days_off"][0]["name"] = "Tết"
    _publish(office, book, "calendar.json", calendar)

    assert work(office, book) == 0


def test_an_earlier_day_is_no_broken_promise(office: Office, book: RuleBook) -> None:
    case_id = office.file()
    before = office.case(case_id).answer_due_on
    take_back_off(office, book, "2026-11-24")

    work(office, book)

    after = office.case(case_id).answer_due_on
    assert before is not None
    assert after is not None
    assert after < before
    assert [one["is_later"] for one in told(office) if one["is_announced"]] == [False]


def test_a_new_rule_leaves_running_cases_the_one_they_began_with(office: Office, book: RuleBook) -> None:
    running = office.file()
    before = office.case(running).answer_due_on
    with office.database.reading() as look:
        topics = json.loads(actions.newest_text(look, book, "topics.json")[0])
    for row in topics["topics"]:
        if row["code"] == "C01":
            row["answer_working_days"] = 2
    _publish(office, book, "topics.json", topics)
    declare_off(office, book, "2026-11-25")

    work(office, book)

    after = office.case(running)
    assert before is not None
    assert after.answer_due_on == the_rules().calendar.add_working_days(before, 1)
    with office.database.reading() as look:
        (answer,) = [one for one in store.deadlines_of(look, running).values() if one.step == "answer"]
    assert answer.value != 2


def test_what_is_late_stays_late(office: Office, book: RuleBook) -> None:
    case_id = office.file()
    due = office.case(case_id).answer_due_on
    office.at("2026-12-20T09:00")
    declare_off(office, book, "2026-12-21")

    work(office, book)

    assert office.case(case_id).answer_due_on == due
    assert told(office) == []


def test_a_waiting_case_keeps_the_end_of_its_wait_and_is_told_when_it_goes_on(office: Office, book: RuleBook) -> None:
    case_id = office.file()
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    office.act(actions.ask_citizen, OFFICER, case_id, question="Ông bà cho biết số nhà gần nhất ạ?")
    waiting = office.case(case_id)
    declare_off(office, book, "2026-11-25")

    work(office, book)

    after = office.case(case_id)
    assert (after.next_step, after.next_step_at) == (waiting.next_step, waiting.next_step_at)
    assert all(not one["is_announced"] for one in told(office))


def test_the_rule_of_a_secret_kind_is_not_told(office: Office, book: RuleBook) -> None:
    office.file(**DENUNCIATION)
    declare_off(office, book, "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30", "2026-12-01", "2026-12-02")

    work(office, book)

    assert {one["rule"] for one in told(office)} <= {"sealed"}


def test_the_apology_hangs_on_the_new_day(office: Office, book: RuleBook) -> None:
    case_id = office.file()
    declare_off(office, book, "2026-11-25")

    work(office, book)

    with office.database.reading() as look:
        known = store.deadlines_of(look, case_id)
        rules = book.in_force(look)
    governing = owed(known.values())
    assert governing is not None
    apology = next(one for one in known.values() if one.anchor == "answer_due")
    assert apology.due_on == clocks.apology_of(governing, rules.catalogue, kind="report").due_on  # type: ignore[union-attr]


def test_a_day_that_was_promised_with_an_apology_moves_off_a_day_off_only(office: Office, book: RuleBook) -> None:
    case_id = office.file()
    office.act(
        actions.apologise,
        DIRECTOR,
        case_id,
        reason="Vật tư về chậm hơn dự kiến do mưa lũ kéo dài.",
        due_on=date(2026, 12, 15),
        signer="Giám đốc Sở",
    )
    declare_off(office, book, "2026-12-01")
    work(office, book)
    kept = office.case(case_id).answer_due_on
    declare_off(office, book, "2026-12-15")
    work(office, book)

    assert kept == date(2026, 12, 15)
    assert office.case(case_id).answer_due_on == date(2026, 12, 16)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.dates(date(2026, 11, 24), date(2026, 12, 31)), max_size=5))
def test_cases_counted_anew_stand_as_if_they_had_come_under_the_new_calendar(days: set[date]) -> None:
    rules, other = the_rules(), with_days_off(days)
    received = datetime(2026, 11, 23, 5, tzinfo=UTC)
    begun = _begun(rules.catalogue, received)

    moved = begun | recounted(begun, other, kind="report", conditions=(), now=received)

    assert moved == _begun(other, received)


def _begun(catalogue: Catalogue, received: datetime) -> dict[int, Deadline]:
    found = clocks.deadlines_of(catalogue, kind="report", topic="C01", anchors={"received": received})
    return dict(enumerate(found))
