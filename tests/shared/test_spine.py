"""An event from the transaction that emits it to its effect elsewhere: once, in order, and never lost."""

import base64
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, Uuid, select

from shared.bus import Message, NotConfirmed
from shared.clock import MovableClock
from shared.db import ChangeWithoutEvent, Database, Transaction
from shared.events.codec import ZERO, from_b64u, leaf_bytes, leaf_hash, open_fields, read_envelope, signed_bytes
from shared.events.intake import PetitionFiled
from shared.feed import LocalFeed
from shared.inbox import AT_ONCE, Inbox, NotYet, erase_dead_letters
from shared.inbox import inbox as inbox_table
from shared.relay import Relay
from tests.builders import petition_filed
from tests.hearing import statements

DESK = MetaData()
effect = Table(
    "effect",
    DESK,
    Column("n", Integer, primary_key=True, autoincrement=True),
    Column("event_id", Uuid),
    Column("subject", Uuid),
    Column("words", String),
)


@dataclass
class Wire:
    """A broker that keeps everything that it was told, and can refuse."""

    told: list[Message] = field(default_factory=list)
    is_down: bool = False

    def publish(self, batch: Sequence[Message]) -> None:
        if self.is_down:
            raise NotConfirmed("down")
        self.told.extend(batch)

    def close(self) -> None:
        pass


@dataclass
class Spine:
    """A door that speaks and a desk that hears."""

    door: Database
    desk: Database
    wire: Wire
    relay: Relay
    inbox: Inbox
    fails: dict[str, Exception]

    def file(self, *, petition_id: UUID | None = None, text: str = "ổ gà") -> UUID:
        with self.door.writing() as tx:
            tx.emit(petition_filed(petition_id=petition_id or uuid4(), text=text))
        return tx.emitted[0].id

    def fail_while_filing(self) -> None:
        with self.door.writing() as tx:
            tx.emit(petition_filed())
            raise RuntimeError("the power went")

    def tell(self) -> None:
        while self.relay.once():
            pass

    def effects(self) -> list[tuple[UUID, str]]:
        with self.desk.reading() as tx:
            return [
                tuple(row)
                for row in tx.connection.execute(select(effect.c.subject, effect.c.words).order_by(effect.c.n))
            ]


@pytest.fixture
def spine(make_database: Callable[[MetaData, str], Database]) -> Spine:
    door, desk, wire = make_database(MetaData(), "intake"), make_database(DESK, "workflow"), Wire()
    fails: dict[str, Exception] = {}

    def note(tx: Transaction, heard: PetitionFiled) -> None:
        if heard.text.value in fails:
            raise fails[heard.text.value]
        assert tx.cause
        tx.connection.execute(
            effect.insert().values(event_id=tx.cause.id, subject=heard.petition_id, words=heard.text.value)
        )

    inbox = Inbox(desk, desk.codec.keys, hears=("intake",), reactions={PetitionFiled: note})
    relay = Relay(door, door.codec.keys, wire)
    return Spine(door, desk, wire, relay, inbox, fails)


def test_an_event_takes_effect_once_however_often_it_comes(spine: Spine) -> None:
    petition_id = uuid4()
    spine.file(petition_id=petition_id, text="một")
    spine.tell()

    spine.inbox.take(spine.wire.told)
    spine.inbox.take(spine.wire.told * 2)

    assert spine.effects() == [(petition_id, "một")]


def test_events_of_a_petition_take_effect_in_order_whatever_the_order_of_arrival(spine: Spine) -> None:
    petitions = [uuid4() for _ in range(5)]
    for n in range(8):
        for petition_id in petitions:
            spine.file(petition_id=petition_id, text=str(n))
    spine.tell()
    arriving = spine.wire.told + random.Random(7).sample(spine.wire.told, 12)
    random.Random(5).shuffle(arriving)

    for start in range(0, len(arriving), 7):
        spine.inbox.take(arriving[start : start + 7])

    for petition_id in petitions:
        assert [words for subject, words in spine.effects() if subject == petition_id] == list("01234567")


def test_a_transaction_that_fails_tells_nothing(spine: Spine) -> None:
    with pytest.raises(RuntimeError):
        spine.fail_while_filing()

    spine.tell()

    assert spine.wire.told == []


def test_positions_have_no_gaps_and_each_event_is_chained_to_the_one_before_and_signed(spine: Spine) -> None:
    for _ in range(3):
        spine.file()
    with pytest.raises(RuntimeError):
        spine.fail_while_filing()
    spine.file()
    spine.tell()

    head = ZERO
    for expected, message in enumerate(spine.wire.told, start=1):
        assert message.headers["pos"] == expected
        assert from_b64u(message.headers["prev"]) == head
        head = leaf_hash(leaf_bytes(open_fields(message.body), pos=expected, prev=head))
        signature = base64.b64decode(message.headers["sig"])
        assert spine.desk.codec.keys.verify("intake", signed_bytes("intake", head), signature)
    assert len(spine.wire.told) == 4


def test_nothing_moves_while_the_broker_refuses_and_nothing_is_lost(spine: Spine) -> None:
    spine.wire.is_down = True
    spine.file(text="một")
    with pytest.raises(NotConfirmed):
        spine.relay.once()
    spine.file(text="hai")

    spine.wire.is_down = False
    spine.tell()
    spine.inbox.take(spine.wire.told)

    assert sorted(words for _, words in spine.effects()) == ["hai", "một"]
    assert [message.headers["pos"] for message in spine.wire.told] == [1, 2]


def test_a_failing_reaction_holds_up_its_petition_and_no_other(spine: Spine, clock: MovableClock) -> None:
    sick, well = uuid4(), uuid4()
    spine.fails["khó"] = RuntimeError("not now")
    spine.file(petition_id=sick, text="khó")
    spine.file(petition_id=sick, text="sau")
    spine.file(petition_id=well, text="dễ")
    spine.tell()

    spine.inbox.take(spine.wire.told)
    assert spine.effects() == [(well, "dễ")]
    assert spine.inbox.retry_due() == 0  # its time has not come

    del spine.fails["khó"]
    clock.move_to(clock.now() + timedelta(minutes=1))
    spine.inbox.retry_due()

    assert spine.effects()[1:] == [(sick, "khó"), (sick, "sau")]


def test_a_poison_event_dies_after_bounded_retries_is_shown_and_can_be_replayed(
    spine: Spine, clock: MovableClock
) -> None:
    spine.fails["độc"] = RuntimeError("never")
    petition_id = uuid4()
    event_id = spine.file(petition_id=petition_id, text="độc")
    spine.file(petition_id=petition_id, text="sau")
    spine.tell()
    spine.inbox.take(spine.wire.told)

    for _ in range(20):
        clock.move_to(clock.now() + timedelta(minutes=10))
        spine.inbox.retry_due()
    assert [row["event_id"] for row in spine.inbox.dead()] == [event_id]
    assert "RuntimeError: never" in spine.inbox.dead()[0]["last_error"]

    spine.fails.clear()
    assert spine.inbox.replay(event_id)

    assert [words for _, words in spine.effects()] == ["độc", "sau"]
    assert spine.inbox.dead() == []


def test_a_dead_event_can_be_skipped_with_a_reason(spine: Spine, clock: MovableClock) -> None:
    spine.fails["độc"] = RuntimeError("never")
    petition_id = uuid4()
    event_id = spine.file(petition_id=petition_id, text="độc")
    spine.file(petition_id=petition_id, text="sau")
    spine.tell()
    spine.inbox.take(spine.wire.told)
    for _ in range(20):
        clock.move_to(clock.now() + timedelta(minutes=10))
        spine.inbox.retry_due()

    assert spine.inbox.skip(event_id, why="u:admin: entered by hand")

    assert [words for _, words in spine.effects()] == ["sau"]
    assert bytes_kept(spine) == []


def bytes_kept(spine: Spine) -> list[bytes]:
    """What the desk's inbox holds of events."""
    with spine.desk.reading() as tx:
        found = select(inbox_table.c.body).where(inbox_table.c.body.is_not(None)).order_by(inbox_table.c.seq)
        return [bytes(row.body) for row in tx.connection.execute(found)]


def test_an_erasure_empties_what_failed_and_what_waits_behind_it(spine: Spine, clock: MovableClock) -> None:
    spine.fails["độc"] = RuntimeError("never")
    petition_id, other = uuid4(), uuid4()
    for subject in (petition_id, other):
        spine.file(petition_id=subject, text="độc")
        spine.file(petition_id=subject, text="sau")
    spine.tell()
    spine.inbox.take(spine.wire.told)
    for _ in range(20):
        clock.move_to(clock.now() + timedelta(minutes=10))
        spine.inbox.retry_due()
    before = len(bytes_kept(spine))

    with spine.desk.housekeeping() as connection:
        emptied = erase_dead_letters(connection, [petition_id])

    kept = bytes_kept(spine)
    assert (before, emptied, len(kept)) == (4, 2, 4)
    for body in kept:
        assert (b'"sealed":' in body) == (str(other).encode() in body)
        read_envelope(body)
    assert len(spine.inbox.dead()) == 2


def test_an_erasure_empties_a_refused_message_that_names_the_petition(spine: Spine) -> None:
    petition_id = uuid4()
    spine.file(petition_id=petition_id, text="một")
    spine.file(text="hai")
    spine.tell()
    spine.inbox.take([replace(message, headers={}) for message in spine.wire.told])

    with spine.desk.housekeeping() as connection:
        assert erase_dead_letters(connection, [petition_id]) == 1
        sizes = connection.exec_driver_sql("SELECT length(body) FROM dead_message").scalars().all()

    assert sorted(sizes)[0] == 0
    assert sorted(sizes)[1] > 0


def test_an_erasure_of_many_reads_what_was_refused_once_and_a_little_at_a_time(spine: Spine) -> None:
    *theirs, other = [uuid4() for _ in range(4)]
    many = [Message(str(subject).encode(), {}, "x", "x") for subject in (*theirs, other) for _ in range(20)]
    spine.inbox.take(many)

    with statements(spine.desk) as asked, spine.desk.housekeeping() as connection:
        emptied = erase_dead_letters(connection, theirs)
        left = connection.exec_driver_sql("SELECT count(*) FROM dead_message WHERE length(body) > 0").scalar_one()

    assert (emptied, left) == (60, 20)
    reads = [one for one in asked if one.lstrip().startswith("SELECT") and "dead_message.body" in one]
    assert len(reads) == len(many) // AT_ONCE + 2  # the rest, and that there is no more
    assert all("LIMIT" in one for one in reads)


def test_waiting_for_another_source_is_no_failure(spine: Spine, clock: MovableClock) -> None:
    spine.fails["chờ"] = NotYet("the contact has not arrived")
    spine.file(text="chờ")
    spine.tell()
    spine.inbox.take(spine.wire.told)
    for _ in range(30):
        clock.move_to(clock.now() + timedelta(seconds=2))
        spine.inbox.retry_due()
    assert spine.inbox.backlog() == {"retry": 1}

    spine.fails.clear()
    clock.move_to(clock.now() + timedelta(seconds=2))
    spine.inbox.retry_due()

    assert len(spine.effects()) == 1


def test_what_a_failed_reaction_had_done_is_undone(spine: Spine) -> None:
    def greedy(tx: Transaction, heard: PetitionFiled) -> None:
        tx.connection.execute(effect.insert().values(subject=heard.petition_id, words="half"))
        tx.emit(petition_filed(text="half"))
        raise RuntimeError("in the middle")

    inbox = Inbox(spine.desk, spine.desk.codec.keys, hears=("intake",), reactions={PetitionFiled: greedy})
    spine.file()
    spine.tell()

    inbox.take(spine.wire.told)

    assert spine.effects() == []
    with spine.desk.housekeeping() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar() == 0


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda m: replace(m, body=b"\xff\x00not json"), "malformed"),
        (lambda m: replace(m, body=b'{"specversion":"1.0"}'), "malformed"),
        (lambda m: replace(m, body=m.body.replace(b'"/intake"', b'"/notify"', 1)), "malformed"),
        (lambda m: replace(m, body=m.body.replace(b'"language":"vi"', b'"language":"en"')), "forged"),
        (lambda m: replace(m, headers={**m.headers, "pos": 99}), "forged"),
        (lambda m: replace(m, headers={**m.headers, "sig": "AAAA"}), "forged"),
        (lambda m: replace(m, headers={}), "malformed"),
        (lambda m: replace(m, headers={**m.headers, "pos": "x"}), "malformed"),
    ],
)
def test_a_stranger_among_the_messages_is_set_aside_and_the_others_go_on(
    spine: Spine, spoil: Callable[[Message], Message], reason: str
) -> None:
    spine.file(text="một")
    spine.file(text="hai")
    spine.tell()
    first, second = spine.wire.told

    spine.inbox.take([spoil(first)])
    spine.inbox.take([second])

    assert [words for _, words in spine.effects()] == ["hai"]
    with spine.desk.housekeeping() as connection:
        assert connection.exec_driver_sql("SELECT reason FROM dead_message").scalar_one().startswith(reason)


def test_what_the_broker_lost_is_pulled_from_the_source(spine: Spine) -> None:
    for n in range(250):
        spine.file(text=str(n))
    spine.tell()
    spine.inbox.take(spine.wire.told[10:20])  # all the rest was lost

    feed = LocalFeed(spine.door, spine.door.codec.keys)
    assert spine.inbox.reconcile({"intake": feed}, idle_s=0) == 240
    assert spine.inbox.reconcile({"intake": feed}, idle_s=0) == 0

    assert sorted(int(words) for _, words in spine.effects()) == list(range(250))


def test_a_source_restored_from_an_old_copy_is_noticed(spine: Spine) -> None:
    petition_id = uuid4()
    spine.file(petition_id=petition_id, text="một")
    spine.tell()
    spine.inbox.take(spine.wire.told)
    with spine.door.housekeeping() as connection:  # an older copy comes back
        for table in ("outbox", "outbox_stream", "relay_state"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    spine.file(petition_id=petition_id, text="khác")
    spine.tell()

    spine.inbox.take(spine.wire.told[1:])

    assert [words for _, words in spine.effects()] == ["một"]
    with spine.desk.housekeeping() as connection:
        assert connection.exec_driver_sql("SELECT reason FROM dead_message").scalar_one() == "twin"


def test_a_change_that_nobody_would_hear_of_is_refused(spine: Spine) -> None:
    with pytest.raises(ChangeWithoutEvent), spine.door.writing() as tx:
        tx.changed(uuid4())


def test_all_rows_and_events_of_a_transaction_bear_one_instant(spine: Spine, tmp_path: Path) -> None:
    with spine.door.writing() as tx:
        tx.emit(petition_filed())
        tx.emit(petition_filed())
    spine.tell()

    assert len({open_fields(message.body)["time"] for message in spine.wire.told}) == 1
