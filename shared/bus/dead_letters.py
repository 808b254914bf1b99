"""What even the inbox could not take: read from the dead queue and kept, before the broker forgets it."""

from collections.abc import Callable
from typing import Any

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker

from shared.bus.message import Message
from shared.bus.topology import dead_queue

NOT_FOUND = 404


class BrokerAway(Exception):
    """The broker cannot be asked now; what it holds stays where it is."""


def drain_dead_letters(url: str, service: str, keep: Callable[[Message], None], *, limit: int = 100) -> int:
    """Hand what was set aside to `keep`, one by one, acknowledging each when it returns. Says how many.

    The broker's own story is in the header `x-death`. Raises BrokerAway. An inproc broker sets nothing aside.
    """
    if url.startswith("inproc:"):
        return 0
    parameters = pika.URLParameters(url)
    parameters.heartbeat, parameters.socket_timeout, parameters.stack_timeout = 30, 5.0, 5.0
    try:
        with pika.BlockingConnection(parameters) as connection:
            return _drain(connection.channel(), dead_queue(service), keep, limit)
    except ChannelClosedByBroker as problem:
        if problem.reply_code == NOT_FOUND:
            return 0  # nobody has listened yet, so nothing was set aside
        raise BrokerAway(str(problem)) from problem
    except (AMQPError, OSError) as problem:
        raise BrokerAway(f"{type(problem).__name__}: {problem}") from problem


def _drain(channel: Any, queue: str, keep: Callable[[Message], None], limit: int) -> int:
    for count in range(limit):
        method, properties, body = channel.basic_get(queue)
        if method is None:
            return count
        keep(Message(body, properties.headers or {}, method.routing_key, properties.message_id or ""))
        channel.basic_ack(method.delivery_tag)
    return limit
