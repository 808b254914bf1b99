"""Telling the broker: a batch is confirmed as a whole, or nothing is assumed and the connection forgotten."""

import logging
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Protocol

import kombu
import pika
from kombu.exceptions import ChannelError, KombuError
from pika.exceptions import AMQPError

from shared.bus import inproc
from shared.bus.message import CONTENT_TYPE, Message
from shared.bus.topology import EVENTS, EXCHANGES

CONFIRM_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 5.0
HEARTBEAT_S = 5

_log = logging.getLogger(__name__)


class NotConfirmed(Exception):
    """A batch was not confirmed as a whole. Some of it may have been told: tell all of it again, in order."""


class Publisher(Protocol):
    """Tells messages to every service that listens."""

    def publish(self, batch: Sequence[Message]) -> None:
        """Return when the broker keeps all messages. Raises NotConfirmed; the next call connects anew."""

    def close(self) -> None: ...


def open_publisher(url: str) -> Publisher:
    """A publisher for amqp://, amqps:// or inproc://. It connects when it is first used."""
    return InprocPublisher(url) if url.startswith("inproc:") else AmqpPublisher(url)


class InprocPublisher:
    """Tells the services of the same process."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: kombu.Connection | None = None
        self._producer: Any = None

    def publish(self, batch: Sequence[Message]) -> None:
        if self._connection is None:
            self._connection = inproc.connect(self._url)
            self._producer = kombu.Producer(self._connection.channel())
        try:
            for message in batch:
                self._producer.publish(
                    message.body,
                    exchange=EVENTS,
                    routing_key=message.routing_key,
                    headers=dict(message.headers),
                    message_id=message.message_id,
                    content_type=CONTENT_TYPE,
                    content_encoding="binary",
                    mandatory=True,
                )
        except (KombuError, ChannelError, OSError) as problem:
            self.close()
            raise NotConfirmed(str(problem)) from problem

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.collect()


class AmqpPublisher:
    """Tells RabbitMQ, by pipelined publisher confirms. One batch is under way at a time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._line: _Line | None = None
        self._one_at_a_time = threading.Lock()

    def publish(self, batch: Sequence[Message]) -> None:
        prepared = [(m.routing_key, m.body, _properties(m)) for m in batch]
        if not prepared:
            return
        with self._one_at_a_time:
            try:
                self._line = self._line or _Line(self._url)
                self._line.send(prepared)
            except NotConfirmed:
                self._forget()
                raise

    def close(self) -> None:
        with self._one_at_a_time:
            self._forget()

    def _forget(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()


def _properties(message: Message) -> pika.BasicProperties:
    return pika.BasicProperties(
        content_type=CONTENT_TYPE,
        delivery_mode=2,  # persistent
        message_id=message.message_id,
        headers=dict(message.headers),
    )


Prepared = tuple[str, bytes, pika.BasicProperties]  # routing key, body, properties


class _Connection(pika.SelectConnection):  # type: ignore[misc]
    """pika's connection, able to hand a whole batch to the socket at once: 18 µs a message instead of 30.

    pika itself writes each of a message's three frames by a call of its own.
    """

    _held: list[bytes] | None = None

    @contextmanager
    def one_write(self) -> Iterator[None]:
        held: list[bytes] = []
        self._held = held
        try:
            yield
        finally:
            self._held = None
            if held:
                self._adapter_emit_data(b"".join(held))

    def _adapter_emit_data(self, data: bytes) -> None:  # the method by which pika's adapters send
        if self._held is None:
            super()._adapter_emit_data(data)
        else:
            self._held.append(data)


class _Line:
    """One connection with its thread, which keeps the heartbeat while the caller is busy elsewhere.

    Everything from `_run` on happens in that thread.
    """

    def __init__(self, url: str) -> None:
        self._trouble: str | None = None
        self._under_way: _Batch | None = None
        self._last_tag = 0
        self._channel: Any = None
        self._ready = threading.Event()  # open, or known to be in trouble
        self._gate = threading.Lock()  # nothing is handed to a loop that has ended
        self._has_ended = False
        self._connection = _Connection(
            _parameters(url),
            on_open_callback=self._on_open,
            on_open_error_callback=self._on_closed,
            on_close_callback=self._on_closed,
        )
        self._loop = self._connection.ioloop
        threading.Thread(target=self._run, name="publisher", daemon=True).start()
        if not self._ready.wait(2 * CONNECT_TIMEOUT_S):
            self._trouble = "the broker did not open a channel in time"
        if self._trouble:
            self.close()
            raise NotConfirmed(self._trouble)

    def send(self, prepared: Sequence[Prepared]) -> None:
        """Publish and wait for all confirms. Raises NotConfirmed."""
        batch = self._under_way = _Batch(prepared)
        if not self._call(lambda: self._start(batch)):
            raise NotConfirmed(self._trouble or "the connection was lost")
        if not batch.is_over.wait(CONFIRM_TIMEOUT_S):
            raise NotConfirmed(f"no confirmation within {CONFIRM_TIMEOUT_S:.0f} s")
        if batch.trouble:
            raise NotConfirmed(batch.trouble)

    def close(self) -> None:
        """Say goodbye; the thread waits for the answer, or until two heartbeats are missing."""
        self._call(self._say_goodbye)

    def _call(self, what: Callable[[], None]) -> bool:
        """Have the thread do something. False when it has ended."""
        with self._gate:
            if not self._has_ended:
                self._loop.add_callback_threadsafe(what)
            return not self._has_ended

    def _run(self) -> None:
        try:
            self._loop.start()
        finally:
            with self._gate:
                self._has_ended = True
                self._loop.close()
            self._fail("the connection's thread has ended")

    def _on_open(self, connection: Any) -> None:
        connection.add_on_connection_blocked_callback(lambda *_: _log.warning("the broker has no room left"))
        connection.add_on_connection_unblocked_callback(lambda *_: _log.warning("the broker has room again"))
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Any) -> None:
        channel.add_on_close_callback(lambda _, reason: self._fail(f"channel closed: {reason}"))
        channel.add_on_return_callback(self._on_returned)
        for name, kind in EXCHANGES.items():
            channel.exchange_declare(name, kind, durable=True)
        channel.confirm_delivery(self._on_confirmed, callback=self._on_confirming)
        self._channel = channel

    def _on_confirming(self, _: Any) -> None:
        self._ready.set()

    def _start(self, batch: "_Batch") -> None:
        if self._trouble:
            batch.end(self._trouble)
            return
        first, self._last_tag = self._last_tag + 1, self._last_tag + len(batch.prepared)
        batch.expect(first, self._last_tag)
        publish = self._channel.basic_publish
        try:
            with self._connection.one_write():
                for key, body, properties in batch.prepared:
                    publish(EVENTS, key, body, properties, True)
        except AMQPError as problem:
            self._fail(f"{type(problem).__name__}: {problem}")

    def _on_confirmed(self, frame: Any) -> None:
        batch, method = self._under_way, frame.method
        if batch is None:
            return
        if isinstance(method, pika.spec.Basic.Ack):
            batch.confirm(method.delivery_tag, method.multiple)
        else:
            batch.end("the broker refused a message")

    def _on_returned(self, _: Any, method: Any, __: Any, ___: Any) -> None:
        # Its confirmation follows, and is worth nothing: nobody got the message.
        if self._under_way is not None:
            self._under_way.end(f"no queue would get {method.routing_key}: {method.reply_text}")

    def _on_closed(self, _: Any, reason: BaseException) -> None:
        self._fail(repr(reason))  # in words, pika's connection errors are empty
        self._loop.stop()

    def _fail(self, trouble: str) -> None:
        self._trouble = self._trouble or trouble
        if self._under_way is not None:
            self._under_way.end(trouble)
        self._ready.set()

    def _say_goodbye(self) -> None:
        with suppress(AMQPError):
            if not (self._connection.is_closing or self._connection.is_closed):
                self._connection.close()


class _Batch:
    """What is under way: which delivery tags are still to be confirmed, and whether it ended well."""

    def __init__(self, prepared: Sequence[Prepared]) -> None:
        self.prepared = prepared
        self.is_over = threading.Event()
        self.trouble: str | None = None
        self._all_up_to = 0  # every tag to here is confirmed
        self._ahead: set[int] = set()  # confirmed single tags beyond it
        self._last = math.inf  # not yet sent

    def expect(self, first: int, last: int) -> None:
        self._all_up_to, self._last = first - 1, last

    def confirm(self, tag: int, multiple: bool) -> None:
        if multiple:
            self._all_up_to = max(self._all_up_to, tag)
        elif tag > self._all_up_to:
            self._ahead.add(tag)
        while self._all_up_to + 1 in self._ahead:
            self._all_up_to += 1
            self._ahead.discard(self._all_up_to)
        if self._all_up_to >= self._last:
            self.end()

    def end(self, trouble: str | None = None) -> None:
        """Let the caller go on. The first word counts."""
        if not self.is_over.is_set():
            self.trouble = trouble
            self.is_over.set()


def _parameters(url: str) -> pika.URLParameters:
    parameters = pika.URLParameters(url)
    parameters.heartbeat = HEARTBEAT_S
    parameters.blocked_connection_timeout = CONFIRM_TIMEOUT_S
    parameters.socket_timeout = CONNECT_TIMEOUT_S
    parameters.stack_timeout = CONNECT_TIMEOUT_S
    parameters.connection_attempts = 1
    parameters.tcp_options = {"TCP_USER_TIMEOUT": int(1000 * CONFIRM_TIMEOUT_S)}
    return parameters
