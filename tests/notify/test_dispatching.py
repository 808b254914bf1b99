"""Sending: once, whatever fails and whoever is killed, and never two at the same notice."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import OperationalError

from services.notify import actions, store
from services.notify.channels.catcher import CUT, Reply
from services.notify.domain.outcome import Breaker, Outcome, Prepared, Result
from services.notify.sending import Dispatcher
from tests.builders import an_event
from tests.notify.conftest import Post
from tests.notify.test_reactions import answered
from tests.support import NOON

LEASE = timedelta(seconds=300)


class Killed(BaseException):
    """The process is gone."""


class Dying:
    """A channel whose process is killed at a moment."""

    def __init__(self, channel: Any, moment: str, *, after: int = 0) -> None:
        self._channel, self._moment, self._left = channel, moment, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def send(self, message: Prepared, *, ref: str, seconds: float) -> Outcome:
        is_now, self._left = self._left <= 0, self._left - 1
        if is_now and self._moment == "before":
            raise Killed
        outcome: Outcome = self._channel.send(message, ref=ref, seconds=seconds)
        if is_now and self._moment == "after":
            raise Killed
        return outcome


class Blind:
    """A channel whose provider keeps no books that we could read."""

    can_query = False

    def __init__(self, channel: Any) -> None:
        self._channel = channel

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def query(self, ref: str) -> bool | None:
        return None


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_worker_killed_while_it_sends_neither_loses_nor_doubles_a_message(
    post: Post, moment: str, after: int
) -> None:
    for _ in range(5):
        post.petition(channels=("email",))

    with pytest.raises(Killed):
        post.dispatcher(Dying(post.mail, moment, after=after)).once()
    post.run()
    during = len(post.arrivals())
    post.clock.move_to(NOON + LEASE)
    post.run()

    assert during == after + (moment == "after")
    assert len(post.arrivals()) == 5
    assert {arrival.times for arrival in post.arrivals()} == {1}
    assert post.events() == ["notice.accepted.v1"] * 5


def test_where_one_process_is_everything_a_restart_does_not_wait_for_the_lease(post: Post) -> None:
    post.petition(channels=("email",))
    with pytest.raises(Killed):
        post.dispatcher(Dying(post.mail, "before"), owner="before the restart").once()

    post.reaper(only_owner="after the restart").once()
    post.run()

    assert [arrival.times for arrival in post.arrivals()] == [1]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_without_books_at_most_the_one_that_was_leaving_is_sent_twice_and_marked(post: Post, moment: str) -> None:
    for _ in range(5):
        post.petition(channels=("email",))
    blind = Blind(post.mail)

    with pytest.raises(Killed):
        post.dispatcher(Dying(blind, moment, after=2)).once()
    for wait in (LEASE, LEASE + timedelta(minutes=15)):
        post.clock.move_to(NOON + wait)
        reaper = post.reaper()
        reaper._channels = {"email": blind, "sms": post.texts}
        while reaper.once() + post.dispatcher(blind).once():
            pass

    times = sorted(arrival.times for arrival in post.arrivals())
    assert len({arrival.ref for arrival in post.arrivals()}) == 5
    assert times == ([1] * 5 if moment == "before" else [1] * 4 + [2] * 2)
    with post.database.reading() as tx:
        marked = tx.connection.exec_driver_sql("SELECT count(*) FROM notice WHERE is_possible_duplicate").scalar()
    assert marked == 1


@pytest.mark.parametrize("has_books", [True, False])
def test_what_left_while_the_database_was_away_is_written_when_it_is_back(
    post: Post, monkeypatch: pytest.MonkeyPatch, has_books: bool
) -> None:
    for _ in range(3):
        post.petition(channels=("email",))
    dispatcher = post.dispatcher(post.mail if has_books else Blind(post.mail))
    note_outcomes = actions.note_outcomes

    def away(*args: Any, **more: Any) -> int:
        raise OperationalError("COMMIT", {}, Exception("the server went away"))

    monkeypatch.setattr(actions, "note_outcomes", away)
    with pytest.raises(OperationalError):
        dispatcher.once()
    monkeypatch.setattr(actions, "note_outcomes", note_outcomes)
    while dispatcher.once():
        pass
    post.clock.move_to(NOON + LEASE)
    while dispatcher.once() + post.reaper().once():
        pass

    assert [arrival.times for arrival in post.arrivals()] == [1, 1, 1]
    assert post.events() == ["notice.accepted.v1"] * 3


def test_a_turn_sends_all_that_is_due_whatever_the_size_of_a_batch(post: Post) -> None:
    for _ in range(5):
        post.petition(channels=("email",))
    dispatcher = Dispatcher(post.database, post.desk, post.mail, name="d", owner="here", batch=2)

    sent = dispatcher.once()

    assert sent == 5
    assert [arrival.times for arrival in post.arrivals()] == [1] * 5


def test_a_look_in_vain_wakes_nobody(post: Post) -> None:
    dispatcher, rings = post.dispatcher(), []
    post.database.on_commit.append(lambda: rings.append("ring"))

    dispatcher.once()

    assert rings == []


def test_a_line_for_which_all_goes_well_hears_of_the_others_bad_news_in_some_seconds(post: Post) -> None:
    line = post.dispatcher()
    post.petition(channels=("email",))
    line.once()
    with post.database.writing() as tx:
        store.save_breaker(tx, post.mail.provider, Breaker(is_open=True, until=NOON + timedelta(seconds=30), trips=1))

    post.petition(channels=("email",))
    at_once = line.once()
    post.petition(channels=("email",))
    line._trusted_until = 0.0
    in_some_seconds = line.once()

    assert (at_once, in_some_seconds) == (1, 0)


def test_who_lost_the_lease_writes_nothing(post: Post) -> None:
    petition_id = post.petition(channels=("email",))

    class Sleepy(Dying):
        """While it sends, its lease ends and the notice is looked up, found missing and sent by another."""

        def send(self, message: Prepared, *, ref: str, seconds: float) -> Outcome:
            post.clock.move_to(NOON + LEASE)
            post.reaper().once()
            post.dispatcher(owner="another").once()
            return Outcome(result=Result.TRANSIENT, phase="rcpt", code="450")

    post.dispatcher(Sleepy(post.mail, "never")).once()

    notice = post.notices(petition_id)["filed", "email"]
    assert (notice.state, notice.attempt_no) == ("accepted", 1)
    assert len(post.arrivals()) == 1
    assert post.events() == ["notice.accepted.v1"]


def test_an_answer_that_overtakes_a_leased_apology_stops_it(post: Post) -> None:
    petition_id, case_id = post.petition(channels=("email",)), uuid4()
    post.run()
    post.hear(an_event(post_event("CaseApologised"), petition_id=petition_id, case_id=case_id))

    class Overtaken(Blind):
        def pack(self, *args: Any) -> Prepared:
            prepared: Prepared = self._channel.pack(*args)
            return prepared

    dispatcher = post.dispatcher(Overtaken(post.mail))
    send_one_by_one = dispatcher._send_one_by_one

    def answer_first(ready: Any, end: float) -> None:
        post.hear(answered(petition_id, case_id=case_id))
        send_one_by_one(ready, end)

    dispatcher._send_one_by_one = answer_first  # type: ignore[method-assign]
    dispatcher.once()

    assert post.states(petition_id)["apologised", "email"] == "suppressed"
    assert not [arrival for arrival in post.arrivals() if "Xin lỗi" in arrival.subject]


def post_event(name: str) -> Any:
    from shared.events import workflow

    return getattr(workflow, name)


def test_a_line_cut_after_the_message_was_taken_is_looked_up_and_not_sent_again(post: Post) -> None:
    petition_id = post.petition(channels=("email",))
    post.catcher.mailbox.set_mood("email", "cut_after")

    post.run()
    unclear = post.states(petition_id)["filed", "email"]
    post.catcher.mailbox.set_mood("email", "normal")
    post.clock.move_to(NOON + timedelta(seconds=30))
    post.run()

    assert unclear == "unknown"
    assert post.states(petition_id)["filed", "email"] == "accepted"
    assert [arrival.times for arrival in post.arrivals()] == [1]


def test_a_line_cut_before_the_message_was_taken_is_looked_up_and_sent_again(post: Post) -> None:
    petition_id = post.petition(channels=("email",))
    post.follow(lambda moment, _: CUT if moment == "DOT" else None)

    post.run()
    unclear = post.states(petition_id)["filed", "email"]
    post.follow(None)
    post.clock.move_to(NOON + timedelta(seconds=30))
    post.run()

    assert unclear == "unknown"
    assert [arrival.times for arrival in post.arrivals()] == [1]


def test_a_relay_that_is_down_is_left_alone_and_everything_arrives_when_it_is_back(post: Post) -> None:
    petitions = [post.petition(channels=("email",)) for _ in range(12)]
    post.catcher.stop()

    post.run()
    down = [post.states(petition_id)["filed", "email"] for petition_id in petitions]
    post.catcher._wanted_port = post.catcher.port
    post.catcher.start()
    for minutes in range(1, 30):
        post.clock.move_to(NOON + timedelta(minutes=minutes))
        post.run()

    assert set(down) <= {"queued", "retry"}
    assert down.count("retry") == 5  # after five failures in a row nobody knocks any more
    assert len(post.arrivals()) == 12
    assert {arrival.times for arrival in post.arrivals()} == {1}


def test_a_slow_relay_is_waited_for(post: Post) -> None:
    petition_id = post.petition(channels=("email",))
    post.follow(lambda moment, _: Reply(after_s=0.5) if moment == "DOT" else None)

    post.run()

    assert post.states(petition_id)["filed", "email"] == "accepted"


def test_a_retry_sends_the_same_bytes_an_hour_later(post: Post) -> None:
    petition_id = post.petition(channels=("email",))
    sent: list[bytes] = []
    pack = post.mail.pack

    class Noting(Blind):
        can_query = True

        def pack(self, *args: Any) -> Prepared:
            prepared: Prepared = pack(*args)
            sent.append(prepared.data)
            return prepared

    post.catcher.mailbox.set_mood("email", "busy")
    post.dispatcher(Noting(post.mail)).once()
    post.catcher.mailbox.set_mood("email", "normal")
    post.clock.move_to(NOON + timedelta(hours=1))
    post.dispatcher(Noting(post.mail)).once()

    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert post.arrivals()[0].content == sent[0]
    assert post.notices(petition_id)["filed", "email"].attempt_no == 2


def test_an_address_that_does_not_exist_turns_the_duty_to_the_phone(post: Post) -> None:
    petition_id = post.petition()
    post.catcher.mailbox.set_mood("email", "refuse")
    post.hear(an_event(post_event("CaseAccepted"), petition_id=petition_id))

    post.run()

    states = post.states(petition_id)
    assert states["accepted", "email"] == "failed"
    assert states["accepted", "sms"] == "accepted"
    assert [arrival.channel for arrival in post.arrivals()] == ["sms", "sms"]
    post.hear(answered(petition_id))
    assert ("answered", "email") not in post.states(petition_id)


def test_an_address_with_a_line_break_is_refused_and_no_connection_is_made(post: Post) -> None:
    petition_id = post.petition(channels=("email",), email="a@example.vn\r\nBcc: b@example.vn")
    before = post.catcher.connections

    post.run()

    notice = post.notices(petition_id)["filed", "email"]
    assert (notice.state, notice.error_class) == ("failed", "recipient")
    assert post.catcher.connections == before
    assert post.arrivals() == []


def test_nothing_leaves_after_its_time(post: Post) -> None:
    petition_id = post.petition(channels=("email",))
    post.clock.move_to(NOON + timedelta(hours=72))

    post.run()

    assert post.notices(petition_id)["filed", "email"].error_class == "expired"
    assert post.events() == ["notice.suppressed.v1"]


def test_texts_planned_at_night_leave_in_the_morning_and_e_mails_at_once(post: Post) -> None:
    post.clock.move_to(NOON + timedelta(hours=11))  # 23:00 in Huế
    petition_id = post.petition()

    post.run()
    at_night = post.states(petition_id)
    post.clock.move_to(NOON + timedelta(hours=19))
    post.run()

    assert at_night == {("filed", "email"): "accepted", ("filed", "sms"): "queued"}
    assert post.states(petition_id)["filed", "sms"] == "accepted"


def test_the_ledger_has_every_attempt_and_no_address(post: Post) -> None:
    petition_id = post.petition(channels=("email",))
    words = "450 4.7.1 <anh.nth@example.vn>: come back later"
    post.follow(lambda moment, _: Reply(words) if moment == "RCPT" else None)
    post.run()
    post.follow(None)
    post.clock.move_to(NOON + timedelta(minutes=20))
    post.run()

    with post.database.reading() as tx:
        rows = tx.connection.exec_driver_sql(
            "SELECT no, phase, outcome, code, enhanced, diagnostic FROM attempt ORDER BY no"
        )
        attempts = [tuple(row) for row in rows]

    assert [attempt[:5] for attempt in attempts] == [
        (1, "rcpt", "transient", "450", "4.7.1"),
        (2, "dot", "accepted", "250", "2.0.0"),
    ]
    assert "example" not in attempts[0][5]
    assert isinstance(post.notices(petition_id)["filed", "email"].id, UUID)


def test_a_poisonous_text_fails_alone(post: Post) -> None:
    bad, good = post.petition(channels=("email",)), post.petition(channels=("email",))
    with post.database.writing() as tx:
        tx.connection.exec_driver_sql("UPDATE notice SET version = 9 WHERE petition_id = " + _literal(post, bad))

    post.run()

    assert post.notices(bad)["filed", "email"].error_class == "content"
    assert post.states(good)["filed", "email"] == "accepted"


def _literal(post: Post, value: UUID) -> str:
    return f"'{value}'" if post.database.dialect == "postgresql" else f"'{value.hex}'"
