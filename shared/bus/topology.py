"""Exchanges, queues, bindings. Whoever connects declares its share again: that rebuilds a wiped broker."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

EVENTS = "events"
DEAD_EVENTS = "events.dead"
EXCHANGES = {EVENTS: "topic", DEAD_EVENTS: "direct"}
"""Name of each exchange → its kind. Neither has an alternate exchange: it would hide unroutable messages."""

DELIVERY_LIMIT = 100
"""Deliveries before a message is set aside. High, because a crash counts against its neighbours as well."""


@dataclass(frozen=True)
class Queue:
    """A queue as the broker knows it."""

    name: str
    arguments: dict[str, Any]
    bindings: tuple[tuple[str, str], ...]  # exchange, routing key


def routing_key(source: str, type_: str) -> str:
    """The key of an event: its source's name, so that a queue can bind one whole stream, then its type."""
    return f"{source}.{type_}"


def events_queue(service: str) -> str:
    return f"{service}.events"


def dead_queue(service: str) -> str:
    return f"{service}.dead"


def queues_of(service: str, sources: Iterable[str]) -> tuple[Queue, Queue]:
    """What a service listens to, and where messages go that it could not even take."""
    # Whole streams, never single types: a consumer counts each source's events; a gap would look like a loss.
    streams = tuple((EVENTS, f"{source}.#") for source in sorted(set(sources)))
    dead = dead_queue(service)
    events = Queue(
        events_queue(service),
        {
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": DEAD_EVENTS,
            "x-dead-letter-routing-key": dead,
            # The broker dead-letters at least once only where a full queue refuses what is published.
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
        streams,
    )
    return events, Queue(dead, {"x-queue-type": "quorum"}, ((DEAD_EVENTS, dead),))


def declare(channel: Any, service: str, sources: Iterable[str]) -> None:
    """Make what a service needs to listen, on a kombu channel. What is there already stays as it is."""
    for name, kind in EXCHANGES.items():
        channel.exchange_declare(exchange=name, type=kind, durable=True, auto_delete=False)
    # The dead queue first: no message may be set aside while there is nowhere to put it.
    for queue in reversed(queues_of(service, sources)):
        channel.queue_declare(queue=queue.name, durable=True, auto_delete=False, arguments=queue.arguments)
        for exchange, key in queue.bindings:
            channel.queue_bind(queue=queue.name, exchange=exchange, routing_key=key)
