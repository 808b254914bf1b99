"""States, retries, quiet hours and breakers: pure rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.notice import LOCAL, Notice, QuietHours, notice_id, without_excluded
from services.notify.domain.outcome import (
    SCHEDULES,
    Breaker,
    Outcome,
    Result,
    scrub,
)
from tests.support import NOON

QUIET = QuietHours()


def a_notice(**given: Any) -> Notice:
    usual: dict[str, Any] = {
        "id": UUID(int=7),
        "petition_id": uuid4(),
        "case_id": None,
        "event_id": uuid4(),
        "event_type": "case.answered.v1",
        "source": "workflow",
        "correlation": "c",
        "rule": "answer",
        "audience": "petitioner",
        "recipient": "petitioner",
        "channel": "email",
        "purpose": "answered",
        "version": 1,
        "lane": 1,
        "created_at": NOON,
        "valid_until": NOON + timedelta(hours=48),
        "next_at": NOON,
        "state": "dispatching",
        "fence": 1,
    }
    return Notice(**(usual | given))


def outcome(result: Result, **more: Any) -> Outcome:
    return Outcome(result=result, **more)


@pytest.mark.parametrize(
    ("result", "state", "error_class", "attempts"),
    [
        (Result.ACCEPTED, "accepted", "", 1),
        (Result.TRANSIENT, "retry", "", 1),
        (Result.THROTTLED, "retry", "", 0),
        (Result.BAD_RECIPIENT, "failed", "recipient", 1),
        (Result.BAD_CONTENT, "failed", "content", 1),
        (Result.AMBIGUOUS, "unknown", "", 1),
        (Result.HELD, "queued", "", 0),
    ],
)
def test_each_outcome_has_its_state(result: Result, state: str, error_class: str, attempts: int) -> None:
    after = a_notice().after(outcome(result), NOON, QUIET)

    assert (after.state, after.error_class, after.attempt_no) == (state, error_class, attempts)
    assert (after.final_at is not None) == (state in {"accepted", "failed"})


def test_a_notice_is_tried_ever_more_slowly_and_given_up_when_its_time_is_over() -> None:
    notice, now, waits = a_notice(), NOON, []
    while notice.state in {"dispatching", "retry"}:
        notice = replace(notice, state="dispatching").after(outcome(Result.TRANSIENT), now, QUIET)
        waits.append(notice.next_at - now)
        now = notice.next_at

    assert (notice.state, notice.error_class) == ("failed", "retries_over")
    assert timedelta(seconds=5) <= waits[0] <= timedelta(seconds=15)
    assert waits[2] >= timedelta(seconds=150)
    assert now < notice.valid_until
    assert 8 <= notice.attempt_no <= 20


@given(st.uuids(), st.integers(1, 30), st.sampled_from(["email", "sms"]))
def test_waits_are_spread_by_half_to_one_and_a_half_and_always_the_same(id_: UUID, attempt: int, channel: str) -> None:
    schedule = SCHEDULES[channel]
    at = schedule.next_at(id_, attempt=attempt, now=NOON)

    wait_s = schedule.waits_s[min(attempt, len(schedule.waits_s)) - 1]
    assert 0.5 * wait_s <= (at - NOON).total_seconds() <= 1.5 * wait_s
    assert at == schedule.next_at(id_, attempt=attempt, now=NOON)


def test_a_server_that_does_not_know_us_yet_is_given_five_minutes() -> None:
    at = SCHEDULES["email"].next_at(UUID(int=7), attempt=1, now=NOON, code="450")

    assert at - NOON >= timedelta(minutes=5)


def test_what_the_books_say_decides_about_an_unclear_notice() -> None:
    unclear = a_notice(state="unknown", unclear_since=NOON, attempt_no=1)

    assert unclear.found(is_taken=True, now=NOON).state == "accepted"
    assert unclear.found(is_taken=False, now=NOON).state == "retry"
    assert not unclear.found(is_taken=False, now=NOON).is_possible_duplicate


def test_without_books_the_law_s_notices_go_again_later_and_are_marked_and_others_are_given_up() -> None:
    statutory = a_notice(state="unknown", unclear_since=NOON)
    bulk = a_notice(state="unknown", unclear_since=NOON, lane=2)
    later = NOON + timedelta(minutes=15)

    waiting = statutory.found(is_taken=None, now=NOON)
    again = waiting.found(is_taken=None, now=later)

    assert (waiting.state, waiting.next_at) == ("unknown", later)
    assert (again.state, again.is_possible_duplicate) == ("retry", True)
    assert bulk.found(is_taken=None, now=later).error_class == "unknown"


@pytest.mark.parametrize(
    ("local", "channel", "lane", "waits_until"),
    [
        ((23, 12, 0), "sms", 1, None),
        ((23, 21, 59), "sms", 1, None),
        ((23, 22, 0), "sms", 1, (24, 7, 0)),
        ((23, 23, 59), "sms", 2, (24, 7, 0)),
        ((24, 0, 0), "sms", 3, (24, 7, 0)),
        ((24, 6, 59), "sms", 1, (24, 7, 0)),
        ((24, 7, 0), "sms", 1, None),
        ((23, 23, 0), "sms", 0, None),
        ((23, 23, 0), "email", 1, None),
    ],
)
def test_phones_are_left_alone_at_night(
    local: tuple[int, int, int], channel: str, lane: int, waits_until: tuple[int, int, int] | None
) -> None:
    at = datetime(2026, 11, *local, tzinfo=LOCAL)

    earliest = QUIET.earliest(at, channel=channel, lane=lane, valid_until=at + timedelta(days=3))

    assert earliest == (datetime(2026, 11, *waits_until, tzinfo=LOCAL) if waits_until else at)


def test_what_would_be_pointless_in_the_morning_is_sent_at_night() -> None:
    at = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # 23:30 in Huế

    assert QUIET.earliest(at, channel="sms", lane=1, valid_until=at + timedelta(hours=5)) == at


names = st.sampled_from(["u:a", "u:b", "u:c", "KCHT", "VP", "u:d"])


@given(st.lists(names), st.frozensets(names), st.dictionaries(names, st.sampled_from(["KCHT", "VP", "QLVT"])))
def test_nobody_whom_the_petition_is_about_is_ever_a_recipient(
    recipients: list[str], excluded: frozenset[str], units: dict[str, str]
) -> None:
    told = without_excluded(recipients, excluded, units)

    assert not set(told) & excluded
    assert not {units[person] for person in told if person in units} & excluded
    assert len(told) == len(set(told))
    kept = [p for p in recipients if p not in excluded and units.get(p) not in excluded]
    assert set(told) == set(kept)


def test_one_duty_has_one_id_and_another_duty_another() -> None:
    duty: dict[str, Any] = {
        "event_id": uuid4(),
        "rule": "answer",
        "recipient": "u:a",
        "channel": "email",
        "purpose": "answered",
    }

    assert notice_id(**duty) == notice_id(**duty)
    others = [duty | {name: uuid4() if name == "event_id" else "other"} for name in duty]
    assert len({notice_id(**duty), *(notice_id(**other) for other in others)}) == 6


def test_what_left_before_the_pause_began_does_not_make_it_longer() -> None:
    broken = outcome(Result.TRANSIENT, is_connection_error=True, phase="connect", code="ConnectionRefusedError")
    paused = Breaker().after([broken] * 12, NOON)

    assert paused == Breaker().after([broken] * 5, NOON)
    assert paused.most(NOON + timedelta(seconds=31), 20) == 1
    assert paused.after([broken], NOON + timedelta(seconds=31)).trips == paused.trips + 1


def test_a_provider_that_fails_five_times_in_a_row_is_left_alone_and_then_tried_with_one() -> None:
    broken = outcome(Result.TRANSIENT, is_connection_error=True, phase="connect", code="ConnectionRefusedError")
    good = outcome(Result.ACCEPTED)

    opened = Breaker().after([broken] * 5, NOON)
    again = opened.after([broken], NOON + timedelta(seconds=30))

    assert Breaker().after([broken] * 4, NOON).most(NOON, 20) == 20
    assert opened.most(NOON + timedelta(seconds=29), 20) == 0
    assert opened.most(NOON + timedelta(seconds=30), 20) == 1
    assert again.most(NOON + timedelta(seconds=89), 20) == 0  # twice as long
    assert again.after([good], NOON + timedelta(seconds=90)) == Breaker()


def test_a_provider_that_fails_every_second_time_is_left_alone_too() -> None:
    broken, good = outcome(Result.AMBIGUOUS), outcome(Result.ACCEPTED)

    assert Breaker().after([broken, good] * 9, NOON).most(NOON, 20) == 20
    assert Breaker().after([broken, good] * 10 + [broken], NOON).most(NOON, 20) == 0


def test_throttling_and_refused_addresses_are_no_fault_of_the_provider() -> None:
    fine = [outcome(Result.THROTTLED), outcome(Result.BAD_RECIPIENT), outcome(Result.HELD)] * 20

    assert Breaker().after(fine, NOON) == Breaker()


def test_a_provider_s_words_are_kept_without_addresses_and_numbers() -> None:
    words = scrub("550 5.1.1 <anh.nth@example.vn>: unknown;\r\n call +84 905 123 456 or 0905123456")

    assert "example" not in words
    assert "905" not in words
    assert "5.1.1" in words
    assert "\n" not in words
