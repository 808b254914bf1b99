"""Hearing from the broker: batches go to `take`, and are acknowledged when it has returned."""

import logging
import random
import threading
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import Any

import kombu
from amqp.exceptions import AMQPError
from kombu.exceptions import KombuError

from shared.bus import inproc
from shared.bus.message import Message
from shared.bus.topology import declare, events_queue

BATCH = 100
LINGER_S = 0.03  # a batch costs little more than a single message, and nobody sees thirty milliseconds
HEARTBEAT_S = 5
CONNECT_TIMEOUT_S = 5.0
BACK_OFF_S = (0.2, 10.0)  # first, longest

BROKER_ERRORS = (AMQPError, KombuError, OSError)
"""How a broker that is away or unwell shows itself."""

_log = logging.getLogger(__name__)


class Consumer:
    """Listens to whole streams of other services. Any number of them may share the queue of one service.

    Order and exactly-once are made by `take`, in its database; here a message may come twice or early.
    """

    def __init__(
        self,
        url: str,
        service: str,
        sources: Iterable[str],
        take: Callable[[Sequence[Message]], None],
        *,
        batch: int = BATCH,
        linger_s: float = LINGER_S,
    ) -> None:
        self._url, self._service, self._sources, self._take = url, service, tuple(sources), take
        self._batch, self._linger_s = batch, linger_s
        self._connection: kombu.Connection | None = None
        self._channel: Any = None
        self._heard: list[Any] = []  # delivered to us, not yet acknowledged
        self._back_off_s, self._not_before = 0.0, 0.0
        self._beat_at = 0.0
        self._closing = threading.Event()
        self._least_wait_s = 0.001  # a socket takes zero for "do not block"
        if url.startswith("inproc:"):
            self._least_wait_s = 0.0
            self._connect()  # costs nothing, and from now on this service can be told something

    def once(self, wait_s: float = 0.5) -> int:
        """Take one batch and say how many messages it had; 0 when none came, or while the broker is away.

        What `take` raises is raised here, and the batch comes again over a new connection. It is never
        rejected, which would send it to the tail and count against it.
        """
        if not self._may_connect(wait_s):
            return 0
        try:
            if self._connection is None:
                self._connect()
            self._gather(wait_s)
        except BROKER_ERRORS as problem:
            self._drop(f"the broker is away: {problem}")
            return 0
        return self._hand_over() if self._heard else 0

    def close(self) -> None:
        """Leave, once nobody is inside `once` any more; what was not acknowledged goes to others."""
        self._closing.set()
        self._disconnect()

    def _may_connect(self, wait_s: float) -> bool:
        """Whether the pause after a failure is over; waits for it as long as allowed. In one process none is needed."""
        left = self._not_before - monotonic()
        if self._connection is not None or left <= 0 or self._url.startswith("inproc:"):
            return not self._closing.is_set()
        return not self._closing.wait(min(left, wait_s)) and left <= wait_s

    def _connect(self) -> None:
        connection = inproc.connect(self._url) if self._url.startswith("inproc:") else _amqp(self._url)
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
            channel = connection.channel()
            channel.auto_decode = False  # the body is bytes, whatever a stranger says about its encoding
            declare(channel, self._service, self._sources)
            channel.basic_qos(0, 2 * self._batch, False)
            self._heard = []
            channel.basic_consume(
                queue=events_queue(self._service), no_ack=False, callback=self._heard.append, consumer_tag="1"
            )
        except BaseException:
            connection.collect()
            raise
        self._connection, self._channel = connection, channel

    def _gather(self, wait_s: float) -> None:
        """Wait for a first message, then a moment for its companions."""
        assert self._connection is not None
        self._beat()
        end = monotonic() + wait_s
        while len(self._heard) < self._batch:
            try:
                self._connection.drain_events(timeout=max(end - monotonic(), self._least_wait_s))
            except TimeoutError:
                return
            if len(self._heard) == 1:
                end = min(end, monotonic() + self._linger_s)

    def _hand_over(self) -> int:
        batch = self._heard[: self._batch]
        try:
            self._take([_message(raw) for raw in batch])
        except BaseException:
            self._drop("the batch was not taken")
            raise
        try:
            self._channel.basic_ack(batch[-1].delivery_tag, multiple=True)
        except BROKER_ERRORS as problem:
            self._drop(f"cannot acknowledge: {problem}")  # it comes again, and is dropped as old
        else:
            del self._heard[: len(batch)]
            self._back_off_s = 0.0
        return len(batch)

    def _beat(self) -> None:
        """Send our heartbeat when due. Raises one of BROKER_ERRORS when the broker has missed two."""
        if self._connection is not None and monotonic() >= self._beat_at:
            self._beat_at = monotonic() + 1.0
            if self._connection.supports_heartbeats:
                self._connection.heartbeat_check(rate=2)

    def _drop(self, why: str) -> None:
        self._disconnect()
        first, longest = BACK_OFF_S
        self._back_off_s = min(max(first, 2 * self._back_off_s), longest)
        pause_s = self._back_off_s * random.uniform(0.5, 1.0)  # many consumers shall not return in one moment
        self._not_before = monotonic() + pause_s
        _log.warning("%s: %s; next try in %.1f s", self._service, why, pause_s)

    def _disconnect(self) -> None:
        connection, self._connection, self._channel, self._heard = self._connection, None, None, []
        if connection is not None:
            connection.collect()  # no farewell: a broker in trouble would keep us waiting for its answer


def _amqp(url: str) -> kombu.Connection:
    return kombu.Connection(url, heartbeat=HEARTBEAT_S, connect_timeout=CONNECT_TIMEOUT_S)


def _message(raw: Any) -> Message:
    body = raw.body
    return Message(
        body=body.encode() if isinstance(body, str) else bytes(body),
        headers=raw.headers or {},
        routing_key=raw.delivery_info.get("routing_key", ""),
        message_id=raw.properties.get("message_id") or "",
    )
