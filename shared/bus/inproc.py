"""A broker inside the process: kombu's virtual transport with AMQP's promises put back.

Every queue gets its own copy, what was not acknowledged returns to the head of its own queue, `mandatory`
refuses what no queue would get, `#` means zero or more words, and a waiting consumer is woken at once. The
price: nothing survives the process. Outbox and inbox remember; this only carries.
"""

import re
import threading
from collections import deque
from queue import Empty
from time import monotonic
from typing import Any, ClassVar
from urllib.parse import urlsplit

import kombu
from kombu.exceptions import ChannelError
from kombu.transport import base, virtual
from kombu.transport.virtual.exchange import DirectExchange, TopicExchange


class World:
    """One in-process broker: its exchanges, bindings and queues. Worlds of different names share nothing."""

    def __init__(self) -> None:
        self.state = virtual.BrokerState()
        self.queues: dict[str, deque[dict[str, Any]]] = {}
        self.changed = threading.Condition()  # guards queues and arrivals
        self.arrivals = 0
        self.is_gone = False
        self._last_tag = 0

    def put(self, queue: str, message: dict[str, Any]) -> None:
        """Add a copy with a delivery tag of its own. The caller holds `changed`."""
        self._last_tag += 1
        properties = dict(message["properties"], delivery_tag=self._last_tag, queue=queue)
        copy = dict(message, headers=dict(message["headers"]), properties=properties)
        self.queues.setdefault(queue, deque()).append(copy)

    def put_back(self, message: dict[str, Any]) -> None:
        with self.changed:
            self.queues.setdefault(message["properties"]["queue"], deque()).appendleft(message)
            self.tell()

    def tell(self) -> None:
        """Wake whoever waits. The caller holds `changed`."""
        self.arrivals += 1
        self.changed.notify_all()


_worlds: dict[str, World] = {}
_worlds_lock = threading.Lock()


def world_of(url: str) -> World:
    """The world that an inproc:// address names, made when it is asked for first."""
    with _worlds_lock:
        return _worlds.setdefault(urlsplit(url).netloc, World())


def drop_world(url: str) -> None:
    """Wipe a world. Those connected to it lose their connection, as when a broker dies without its disk."""
    with _worlds_lock:
        world = _worlds.pop(urlsplit(url).netloc, None)
    if world is not None:
        with world.changed:
            world.is_gone = True
            world.queues.clear()
            world.tell()


def connect(url: str) -> kombu.Connection:
    """A kombu connection to a world."""
    return kombu.Connection(transport=_Transport, transport_options={"world": world_of(url)})


class _Topic(TopicExchange):  # type: ignore[misc]
    """Topic routing as in AMQP: kombu's own wants at least one word where `#` stands."""

    def key_to_pattern(self, rkey: str) -> str:
        wild = {"*": r"\.[^.]+", "#": r"(?:\.[^.]+)*"}
        return "".join(wild.get(word) or r"\." + re.escape(word) for word in rkey.split(".")) + r"\Z"

    def _match(self, pattern: str, string: str) -> Any:
        return super()._match(pattern, f".{string}")


class _Channel(virtual.Channel):  # type: ignore[misc]
    body_encoding = None
    exchange_types: ClassVar[dict[str, Any]] = {"direct": DirectExchange, "topic": _Topic}

    def __init__(self, connection: Any, **options: Any) -> None:
        self.world: World = connection.world
        super().__init__(connection, **options)

    def _has_queue(self, queue: str, **_: Any) -> bool:
        return queue in self.world.queues

    def _new_queue(self, queue: str, **_: Any) -> None:
        with self.world.changed:
            self.world.queues.setdefault(queue, deque())

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        with self.world.changed:
            try:
                return self.world.queues[queue].popleft()
            except (IndexError, KeyError):
                raise Empty from None

    def _size(self, queue: str) -> int:
        return len(self.world.queues.get(queue, ()))

    def _purge(self, queue: str) -> int:
        with self.world.changed:
            count = self._size(queue)
            self.world.queues[queue].clear()
            return count

    def _delete(self, queue: str, *_: Any, **__: Any) -> None:
        with self.world.changed:
            self.world.queues.pop(queue, None)

    def basic_publish(
        self, message: dict[str, Any], exchange: str, routing_key: str, mandatory: bool = False, **_: Any
    ) -> None:
        self._inplace_augment_message(message, exchange, routing_key)
        with self.world.changed:
            self.connection.check()
            queues = self._lookup(exchange, routing_key)
            if mandatory and not queues:
                raise ChannelError(f"no queue would get {routing_key}")
            for queue in queues:
                self.world.put(queue, message)
            self.world.tell()

    def basic_ack(self, delivery_tag: int, multiple: bool = False) -> None:
        # kombu's own forgets `multiple`. Order of delivery counts: what was put back keeps its tag.
        for tag in list(self.qos._delivered) if multiple else ():
            if tag == delivery_tag:
                break
            self.qos.ack(tag)
        self.qos.ack(delivery_tag)

    def _restore(self, message: Any) -> None:
        # kombu's own sends it through the exchange again, to every queue and to the tail.
        self.world.put_back(message.serializable())


class _Transport(virtual.Transport):  # type: ignore[misc]
    Channel = _Channel
    driver_type = driver_name = "inproc"
    connection_errors = (*base.Transport.connection_errors, OSError)

    def __init__(self, client: kombu.Connection, **options: Any) -> None:
        super().__init__(client, **options)
        self.world: World = client.transport_options["world"]
        self.state = self.world.state

    def check(self) -> None:
        if self.world.is_gone:
            raise ConnectionResetError("this in-process broker was wiped")

    def drain_events(self, connection: Any, timeout: float | None = None, **_: Any) -> None:
        """Deliver one message. Raises TimeoutError when none came in time (seconds)."""
        end = None if timeout is None else monotonic() + timeout
        while True:
            self.check()
            seen = self.world.arrivals
            try:
                self.cycle.get(self._deliver)
                return
            except Empty:
                pass
            left = None if end is None else end - monotonic()
            if left is not None and left <= 0:
                raise TimeoutError("no message came")
            with self.world.changed:
                if self.world.arrivals == seen:
                    self.world.changed.wait(left)
