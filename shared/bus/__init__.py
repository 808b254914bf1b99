"""The bus between the services: RabbitMQ in production, a broker inside the process otherwise.

It carries messages at least once and promises no more. What was lost is pulled from its source, what came
twice is dropped by the inbox, so the broker may be wiped at any moment.
"""

from shared.bus.consumer import Consumer
from shared.bus.dead_letters import BrokerAway, drain_dead_letters
from shared.bus.inproc import drop_world
from shared.bus.message import Message
from shared.bus.publisher import NotConfirmed, Publisher, open_publisher
from shared.bus.topology import routing_key

__all__ = [
    "BrokerAway",
    "Consumer",
    "Message",
    "NotConfirmed",
    "Publisher",
    "drain_dead_letters",
    "drop_world",
    "open_publisher",
    "routing_key",
]
