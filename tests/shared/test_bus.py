"""The bus in both worlds: what is told arrives in order, and nothing unconfirmed is taken for told."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import pika
import pytest

from shared.bus import (
    Consumer,
    Message,
    NotConfirmed,
    Publisher,
    drain_dead_letters,
    drop_world,
    open_publisher,
    routing_key,
)
from shared.bus import publisher as publisher_room
from tests.edge.fault_proxy import BLACK_HOLE, FaultProxy

RABBITMQ = os.environ.get("TEST_BROKER_URL", "")


@dataclass
class Broker:
    """A broker with names of our own, so that tests beside us do not hear what is told here."""

    url: str
    run: str = field(default_factory=lambda: uuid4().hex[:8])
    wait_s: float = 0.0
    consumers: list[Consumer] = field(default_factory=list)
    publishers: list[Publisher] = field(default_factory=list)

    def name(self, service: str) -> str:
        return f"{service}-{self.run}"

    def consumer(
        self,
        take: Callable[[Sequence[Message]], None],
        service: str = "workflow",
        sources: tuple[str, ...] = ("intake",),
    ) -> Consumer:
        """A consumer that has connected."""
        made = Consumer(self.url, self.name(service), [self.name(source) for source in sources], take)
        self.consumers.append(made)
        made.once(self.wait_s)
        return made

    def publisher(self, url: str | None = None) -> Publisher:
        made = open_publisher(url or self.url)
        self.publishers.append(made)
        return made

    def message(self, number: int, *, source: str = "intake", type_: str = "petition.filed.v1") -> Message:
        key = routing_key(self.name(source), type_)
        return Message(b'{"n":%d}' % number, {"pos": number, "kid": "0a1b2c3d"}, key, f"id-{number}")

    def drain(self, *consumers: Consumer) -> int:
        """Let the consumers work until nothing comes any more."""
        count, quiet = 0, 0
        while quiet < 3:
            moved = sum(consumer.once(self.wait_s) for consumer in consumers)
            count, quiet = count + moved, 0 if moved else quiet + 1
        return count

    def clean(self) -> None:
        for consumer in self.consumers:
            consumer.close()
        for publisher in self.publishers:
            publisher.close()
        if self.url.startswith("inproc:"):
            drop_world(self.url)
            return
        with pika.BlockingConnection(pika.URLParameters(self.url)) as connection:
            channel = connection.channel()
            for service in ("workflow", "notify", "audit"):
                for kind in ("events", "dead"):
                    channel.queue_delete(f"{self.name(service)}.{kind}")


def rabbitmq_or_skip() -> str:
    if not RABBITMQ:
        if os.environ.get("CI") == "true":
            pytest.fail("TEST_BROKER_URL is not set")
        pytest.skip("TEST_BROKER_URL is not set")
    return RABBITMQ


@pytest.fixture(params=["inproc", "rabbitmq"])
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    is_inproc = request.param == "inproc"
    made = Broker(f"inproc://{uuid4().hex}") if is_inproc else Broker(rabbitmq_or_skip(), wait_s=0.1)
    yield made
    made.clean()


@pytest.fixture
def rabbitmq() -> Iterator[Broker]:
    made = Broker(rabbitmq_or_skip(), wait_s=0.1)
    yield made
    made.clean()


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    with FaultProxy.before(rabbitmq_or_skip(), default_port=5672) as made:
        yield made


def numbers(heard: Sequence[Message]) -> list[int]:
    return [message.headers["pos"] for message in heard]


def test_what_is_told_arrives_whole_and_in_order(broker: Broker) -> None:
    heard: list[Message] = []
    consumer = broker.consumer(heard.extend)
    told = [broker.message(n) for n in range(1, 251)]

    broker.publisher().publish(told[:200])
    broker.publisher().publish(told[200:])
    broker.drain(consumer)

    assert heard == told


def test_a_batch_has_a_hundred_messages_at_most(broker: Broker) -> None:
    sizes: list[int] = []
    consumer = broker.consumer(lambda batch: sizes.append(len(batch)))

    broker.publisher().publish([broker.message(n) for n in range(250)])
    broker.drain(consumer)

    assert sum(sizes) == 250
    assert max(sizes) <= 100


def test_every_service_that_listens_gets_its_own_copy(broker: Broker) -> None:
    workflow: list[Message] = []
    audit: list[Message] = []
    consumers = [
        broker.consumer(workflow.extend, "workflow", ("intake",)),
        broker.consumer(audit.extend, "audit", ("intake", "notify")),
    ]

    broker.publisher().publish([broker.message(1), broker.message(2, source="notify")])
    broker.drain(*consumers)

    assert numbers(workflow) == [1]
    assert sorted(numbers(audit)) == [1, 2]


@pytest.mark.parametrize("type_", ["petition.filed.v1", "a", "a.b.c.d.e.f"])
def test_a_queue_hears_the_whole_stream_of_a_source(broker: Broker, type_: str) -> None:
    heard: list[Message] = []
    consumer = broker.consumer(heard.extend)

    broker.publisher().publish([broker.message(1, type_=type_)])
    broker.drain(consumer)

    assert [message.routing_key for message in heard] == [f"{broker.name('intake')}.{type_}"]


def test_what_no_queue_would_get_is_not_confirmed(broker: Broker) -> None:
    publisher = broker.publisher()
    heard: list[Message] = []
    consumer = broker.consumer(heard.extend)

    with pytest.raises(NotConfirmed, match="no queue would get"):
        publisher.publish([broker.message(1), broker.message(2, source="nobody")])
    publisher.publish([broker.message(3)])
    broker.drain(consumer)

    assert set(numbers(heard)) >= {3}


def test_what_was_not_taken_comes_again(broker: Broker) -> None:
    heard: list[Message] = []

    def take(batch: Sequence[Message]) -> None:
        attempts.append(len(batch))
        if len(attempts) == 1:
            raise RuntimeError("the database is away")
        heard.extend(batch)

    attempts: list[int] = []
    consumer = broker.consumer(take)
    broker.publisher().publish([broker.message(n) for n in range(5)])

    with pytest.raises(RuntimeError, match="database"):
        broker.drain(consumer)
    time.sleep(0.3 if broker.wait_s else 0)
    broker.drain(consumer)

    assert numbers(heard) == [0, 1, 2, 3, 4]


def test_what_was_taken_does_not_come_again(broker: Broker) -> None:
    heard: list[Message] = []
    consumer = broker.consumer(heard.extend)
    broker.publisher().publish([broker.message(n) for n in range(5)])
    broker.drain(consumer)
    consumer.close()

    second = broker.consumer(heard.extend)
    broker.drain(second)

    assert numbers(heard) == [0, 1, 2, 3, 4]


def test_consumers_of_one_service_share_its_queue(broker: Broker) -> None:
    first: list[Message] = []
    second: list[Message] = []
    consumers = [broker.consumer(first.extend), broker.consumer(second.extend)]

    broker.publisher().publish([broker.message(n) for n in range(300)])
    broker.drain(*consumers)

    assert sorted(numbers(first) + numbers(second)) == list(range(300))
    assert first
    assert second


def test_what_one_consumer_held_goes_to_the_other_when_it_dies(broker: Broker) -> None:
    def die(_: Sequence[Message]) -> None:
        raise RuntimeError("killed")

    heard: list[Message] = []
    dying = broker.consumer(die)
    broker.publisher().publish([broker.message(n) for n in range(20)])

    with pytest.raises(RuntimeError, match="killed"):
        broker.drain(dying)
    broker.drain(broker.consumer(heard.extend))

    assert numbers(heard) == list(range(20))


def test_two_publishers_from_two_threads_lose_nothing(broker: Broker) -> None:
    heard: list[Message] = []
    consumer = broker.consumer(heard.extend)
    publisher = broker.publisher()

    def tell(start: int) -> None:
        for n in range(start, start + 50, 10):
            publisher.publish([broker.message(k) for k in range(n, n + 10)])

    threads = [threading.Thread(target=tell, args=(start,)) for start in (0, 50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    broker.drain(consumer)

    assert sorted(numbers(heard)) == list(range(100))


def test_a_strangers_message_reaches_take_as_it_came(rabbitmq: Broker) -> None:
    heard: list[Message] = []
    consumer = rabbitmq.consumer(heard.extend)
    key = f"{rabbitmq.name('intake')}.x"
    strange = pika.BasicProperties(
        content_type="application/x-python-serialize",
        content_encoding="utf-16",
        headers={"compression": "zlib"},
    )

    with pika.BlockingConnection(pika.URLParameters(rabbitmq.url)) as connection:
        connection.channel().basic_publish("events", key, b"\xff\xfe\x00not json", strange)
        connection.channel().basic_publish("events", key, b"")
    rabbitmq.drain(consumer)

    assert [message.body for message in heard] == [b"\xff\xfe\x00not json", b""]
    assert heard[0].headers == {"compression": "zlib"}
    assert (heard[1].headers, heard[1].message_id) == ({}, "")


def test_messages_are_persistent_and_bear_their_event(rabbitmq: Broker) -> None:
    rabbitmq.consumer(lambda _: None).close()
    rabbitmq.publisher().publish([rabbitmq.message(7)])

    with pika.BlockingConnection(pika.URLParameters(rabbitmq.url)) as connection:
        method, properties, body = connection.channel().basic_get(f"{rabbitmq.name('workflow')}.events")

    assert method.exchange == "events"
    assert body == b'{"n":7}'
    assert (properties.delivery_mode, properties.message_id) == (2, "id-7")
    assert properties.content_type == "application/cloudevents+json"
    assert properties.headers == {"pos": 7, "kid": "0a1b2c3d", "x-delivery-count": 0}


def test_a_batch_cut_in_the_middle_is_not_confirmed_and_the_next_call_works(
    rabbitmq: Broker, proxy: FaultProxy
) -> None:
    heard: list[Message] = []
    consumer = rabbitmq.consumer(heard.extend)
    publisher = rabbitmq.publisher(proxy.url(rabbitmq.url))
    publisher.publish([rabbitmq.message(0)])
    batch = [rabbitmq.message(n) for n in range(1, 501)]

    proxy.cut_after = 20_000
    with pytest.raises(NotConfirmed):
        publisher.publish(batch)
    publisher.publish(batch)
    rabbitmq.drain(consumer)

    last_500 = numbers(heard)[-500:]
    assert last_500 == list(range(1, 501))
    assert len(heard) < 1001


def test_an_idle_connection_that_was_cut_costs_one_try(rabbitmq: Broker, proxy: FaultProxy) -> None:
    rabbitmq.consumer(lambda _: None)
    publisher = rabbitmq.publisher(proxy.url(rabbitmq.url))
    publisher.publish([rabbitmq.message(1)])

    proxy.reset()
    time.sleep(0.1)
    with pytest.raises(NotConfirmed):
        publisher.publish([rabbitmq.message(2)])
    publisher.publish([rabbitmq.message(2)])


def test_silence_is_not_a_confirmation(rabbitmq: Broker, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher_room, "CONFIRM_TIMEOUT_S", 0.3)
    rabbitmq.consumer(lambda _: None)
    publisher = rabbitmq.publisher(proxy.url(rabbitmq.url))
    publisher.publish([rabbitmq.message(1)])

    proxy.mode = BLACK_HOLE
    with pytest.raises(NotConfirmed, match="no confirmation within"):
        publisher.publish([rabbitmq.message(2)])


def test_a_broker_that_is_not_there_is_said_at_once() -> None:
    publisher = open_publisher("amqp://guest:guest@127.0.0.1:9/")
    started = time.monotonic()

    with pytest.raises(NotConfirmed, match="refused"):
        publisher.publish([Message(b"{}", {}, "intake.x", "1")])

    assert time.monotonic() - started < 3


def test_a_consumer_returns_after_its_connection_was_cut(rabbitmq: Broker, proxy: FaultProxy) -> None:
    heard: list[Message] = []
    direct, rabbitmq.url = rabbitmq.url, proxy.url(rabbitmq.url)
    consumer = rabbitmq.consumer(heard.extend)
    rabbitmq.url = direct

    proxy.reset()
    assert consumer.once(0.2) == 0
    rabbitmq.publisher().publish([rabbitmq.message(1)])
    time.sleep(0.3)
    rabbitmq.drain(consumer)

    assert numbers(heard) == [1]


def test_a_consumer_cut_while_it_takes_hears_the_batch_again(rabbitmq: Broker, proxy: FaultProxy) -> None:
    heard: list[Message] = []

    def take(batch: Sequence[Message]) -> None:
        heard.extend(batch)
        if len(heard) == 3:
            proxy.reset()
            time.sleep(0.1)

    direct, rabbitmq.url = rabbitmq.url, proxy.url(rabbitmq.url)
    consumer = rabbitmq.consumer(take)
    rabbitmq.url = direct

    rabbitmq.publisher().publish([rabbitmq.message(n) for n in range(3)])
    rabbitmq.drain(consumer)
    time.sleep(0.3)
    rabbitmq.drain(consumer)

    assert numbers(heard) == [0, 1, 2, 0, 1, 2]


def test_a_consumer_waits_longer_each_time_the_broker_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: high)
    consumer = Consumer("amqp://guest:guest@127.0.0.1:9/", "workflow", ["intake"], lambda _: None)
    started = time.monotonic()

    taken = [consumer.once(0.05) for _ in range(12)]

    assert taken == [0] * 12
    assert time.monotonic() - started >= 0.45


def test_who_has_no_time_does_not_hammer_a_broker_that_is_away(caplog: pytest.LogCaptureFixture) -> None:
    consumer = Consumer("amqp://guest:guest@127.0.0.1:9/", "workflow", ["intake"], lambda _: None)

    assert sum(consumer.once(0) for _ in range(20)) == 0

    assert len(caplog.records) == 1


def test_a_queue_that_was_deleted_is_there_again_after_the_next_connect(rabbitmq: Broker) -> None:
    heard: list[Message] = []
    consumer = rabbitmq.consumer(heard.extend)
    with pika.BlockingConnection(pika.URLParameters(rabbitmq.url)) as connection:
        connection.channel().queue_delete(f"{rabbitmq.name('workflow')}.events")

    rabbitmq.drain(consumer)
    time.sleep(0.3)
    rabbitmq.drain(consumer)
    rabbitmq.publisher().publish([rabbitmq.message(1)])
    rabbitmq.drain(consumer)

    assert numbers(heard) == [1]


def test_what_nobody_could_take_lies_in_the_dead_queue_until_it_is_kept(
    rabbitmq: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.bus.topology.DELIVERY_LIMIT", 2)
    killed: list[int] = []

    def die(batch: Sequence[Message]) -> None:
        killed.extend(numbers(batch))
        raise RuntimeError("killed")

    consumer = rabbitmq.consumer(die)
    rabbitmq.publisher().publish([rabbitmq.message(1)])
    for _ in range(30):
        try:
            consumer.once(0.1)
        except RuntimeError:
            continue

    kept: list[Message] = []
    end = time.monotonic() + 10
    while not kept and time.monotonic() < end:
        drain_dead_letters(rabbitmq.url, rabbitmq.name("workflow"), kept.append)
        time.sleep(0.1)

    assert killed == [1, 1, 1]
    assert [message.message_id for message in kept] == ["id-1"]
    assert kept[0].headers["x-death"][0]["reason"] == "delivery_limit"
    assert drain_dead_letters(rabbitmq.url, rabbitmq.name("workflow"), kept.append) == 0


def test_a_dead_letter_that_could_not_be_kept_stays(rabbitmq: Broker) -> None:
    rabbitmq.consumer(lambda _: None).close()
    dead = f"{rabbitmq.name('workflow')}.dead"
    with pika.BlockingConnection(pika.URLParameters(rabbitmq.url)) as connection:
        connection.channel().basic_publish("events.dead", dead, b"{}")

    def cannot(_: Message) -> None:
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        drain_dead_letters(rabbitmq.url, rabbitmq.name("workflow"), cannot)

    kept: list[Message] = []
    time.sleep(0.2)
    assert drain_dead_letters(rabbitmq.url, rabbitmq.name("workflow"), kept.append) == 1


def test_a_service_that_never_listened_has_no_dead_letters(rabbitmq: Broker) -> None:
    assert drain_dead_letters(rabbitmq.url, rabbitmq.name("nobody"), lambda _: None) == 0
