"""What the postman says: what became of a notice. Never an address, not even hashed."""

from datetime import datetime
from uuid import UUID

from shared.events.base import Event, event


@event("notice.accepted.v1")
class NoticeAccepted(Event):
    """The relay or gateway took the message."""

    petition_id: UUID
    notice_id: UUID
    audience: str  # petitioner, staff
    channel: str  # email, sms
    purpose: str  # filed, info_requested, extended, apologised, answered, closed, due_soon …
    template: str  # key@version
    units: int  # SMS parts, or 1
    attempts: int
    is_possible_duplicate: bool


@event("notice.delivered.v1")
class NoticeDelivered(Event):
    petition_id: UUID
    notice_id: UUID
    audience: str
    channel: str
    purpose: str
    evidence: str  # mx, handset, print


@event("notice.failed.v1")
class NoticeFailed(Event):
    petition_id: UUID
    notice_id: UUID
    audience: str
    channel: str
    purpose: str
    error_class: str  # recipient, content, no_contact, retries_over
    error_code: str
    attempts: int


@event("notice.suppressed.v1")
class NoticeSuppressed(Event):
    """A notice that was planned and not sent, on purpose."""

    petition_id: UUID
    notice_id: UUID
    audience: str
    channel: str
    purpose: str
    ground: str  # superseded, expired, opted_out, about_them, not_allowed


@event("webhook.attempted.v1", subject="partner_id")
class WebhookAttempted(Event):
    """A delivery to a partner's webhook was tried: what the ledger of the desk shows."""

    partner_id: UUID
    delivery_id: UUID
    attempt: int  # from 1
    state: str  # delivered, retry, failed, withheld
    status: int | None  # of HTTP; None: there was no answer
    problem: str  # empty, or why there was none: refused_address, unreachable, timeout, redirect …
    milliseconds: int
    tried_at: datetime
    next_at: datetime | None
