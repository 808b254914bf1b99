"""What travels: bytes, a few headers, and the key by which the broker routes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CONTENT_TYPE = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it is told or heard. Nothing in it has been checked yet."""

    body: bytes
    headers: Mapping[str, Any]
    routing_key: str  # "<source>.<type>", e.g. "intake.petition.filed.v1"
    message_id: str  # id of the event; empty in a message that is not ours
