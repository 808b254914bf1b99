"""The broker inside the process: worlds of their own, prompt, and as strict as the real one."""

import threading
import time
from collections.abc import Sequence
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus import Consumer, Message, NotConfirmed, drop_world, open_publisher
from shared.bus.inproc import _Topic
from shared.bus.publisher import _Batch


def a_message(number: int) -> Message:
    return Message(b"{}", {"pos": number}, "intake.petition.filed.v1", str(number))


def test_worlds_of_different_names_share_nothing() -> None:
    one, other = f"inproc://{uuid4().hex}", f"inproc://{uuid4().hex}"
    heard: list[Message] = []
    Consumer(other, "workflow", ["intake"], heard.extend)

    with pytest.raises(NotConfirmed):
        open_publisher(one).publish([a_message(1)])

    assert heard == []


def test_a_service_can_be_told_something_as_soon_as_its_consumer_is_made() -> None:
    url = f"inproc://{uuid4().hex}"
    heard: list[Message] = []
    consumer = Consumer(url, "workflow", ["intake"], heard.extend)

    open_publisher(url).publish([a_message(1)])

    assert consumer.once(0) == 1
    assert heard == [a_message(1)]


def test_a_world_that_was_dropped_is_rebuilt_by_those_who_return() -> None:
    url = f"inproc://{uuid4().hex}"
    heard: list[Message] = []
    consumer, publisher = Consumer(url, "workflow", ["intake"], heard.extend), open_publisher(url)
    publisher.publish([a_message(1)])

    drop_world(url)
    with pytest.raises(NotConfirmed):
        publisher.publish([a_message(2)])
    assert [consumer.once(0), consumer.once(0)] == [0, 0]
    publisher.publish([a_message(3)])
    consumer.once(0)

    assert [message.headers["pos"] for message in heard] == [3]


def test_a_waiting_consumer_is_woken_at_once() -> None:
    url = f"inproc://{uuid4().hex}"
    arrived: list[float] = []
    consumer = Consumer(url, "workflow", ["intake"], lambda _: arrived.append(time.monotonic()))
    waiting = threading.Thread(target=consumer.once, args=(5,))
    waiting.start()
    time.sleep(0.05)

    told = time.monotonic()
    open_publisher(url).publish([a_message(1)])
    waiting.join()

    assert arrived[0] - told < 0.5


def test_what_one_consumer_holds_is_not_acknowledged_by_another() -> None:
    url = f"inproc://{uuid4().hex}"
    heard: list[int] = []

    def hold(batch: Sequence[Message]) -> None:
        publisher.publish([a_message(2)])
        other.once(0)
        raise RuntimeError("killed")

    publisher = open_publisher(url)
    holding = Consumer(url, "workflow", ["intake"], hold)
    other = Consumer(url, "workflow", ["intake"], lambda batch: heard.extend(m.headers["pos"] for m in batch))
    publisher.publish([a_message(1)])

    with pytest.raises(RuntimeError, match="killed"):
        holding.once(0)
    other.once(0)

    assert heard == [2, 1]


WORDS = st.lists(st.sampled_from(["intake", "petition", "v1"]), min_size=1, max_size=4)


@given(binding=st.lists(st.sampled_from(["intake", "petition", "*", "#"]), min_size=1, max_size=4), words=WORDS)
def test_bindings_match_as_in_amqp(binding: list[str], words: list[str]) -> None:
    topic = _Topic(channel=None)
    _, pattern, _ = topic.prepare_bind("queue", "events", ".".join(binding), None)

    assert bool(topic._match(pattern, ".".join(words))) == matches(binding, words)


def matches(binding: list[str], words: list[str]) -> bool:
    """AMQP's rule, written down a second time: `*` is one word, `#` any number of them."""
    if not binding:
        return not words
    if binding[0] == "#":
        return matches(binding[1:], words) or (bool(words) and matches(binding, words[1:]))
    return bool(words) and binding[0] in ("*", words[0]) and matches(binding[1:], words[1:])


@given(st.data())
def test_a_batch_ends_when_its_last_tag_is_confirmed_in_whatever_order(data: st.DataObject) -> None:
    batch, first = _Batch([]), data.draw(st.integers(1, 1000))
    open_tags = set(range(first, first + data.draw(st.integers(1, 30))))
    batch.expect(min(open_tags), max(open_tags))

    while open_tags:
        assert not batch.is_over.is_set()
        tag, is_multiple = data.draw(st.sampled_from(sorted(open_tags))), data.draw(st.booleans())
        batch.confirm(tag, is_multiple)
        open_tags -= {t for t in open_tags if t <= tag} if is_multiple else {tag}

    assert batch.is_over.is_set()
    assert batch.trouble is None
