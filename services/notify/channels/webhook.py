"""One message to a partner's webhook: signed, sent once, and what came of it. Source: Standard Webhooks 1.0."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.fetch import FetchFailed, FetchRefused, Reach, fetch

SECONDS = 15.0
PREFIX = "whsec_"
GONE = 410


@dataclass(frozen=True)
class Answer:
    """What a receiver answered: a status, or why there was none."""

    status: int | None
    problem: str = ""
    retry_after_s: int | None = None

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_final(self) -> bool:
        """Whether it makes no sense to try again."""
        return self.is_taken or self.status == GONE


def signature(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """The header's value: scheme and HMAC-SHA256 of id, time and body."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def message_id(delivery_id: UUID) -> str:
    """The same at each attempt: by it a receiver knows what it has already."""
    return f"msg_{delivery_id.hex}"


def send(url: str, secret: str, *, delivery_id: UUID, body: bytes, now: datetime, reach: Reach) -> Answer:
    """Send it, now. Never raises for what the other side does."""
    named, at = message_id(delivery_id), int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": named,
        "webhook-timestamp": str(at),
        "webhook-signature": signature(secret, message_id=named, timestamp=at, body=body),
    }
    try:
        answer = fetch(url, reach, method="POST", body=body, headers=headers, seconds=SECONDS, is_cut=True)
    except (FetchRefused, FetchFailed) as problem:
        return Answer(None, problem.problem)
    problem_of = "redirect" if 300 <= answer.status < 400 else ""
    return Answer(answer.status, problem_of, answer.retry_after_s)
