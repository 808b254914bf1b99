"""What every service says in its own name: who read, who was turned away, who signed in, and that it is alive."""

from datetime import datetime
from uuid import UUID

from shared.events.base import Event, event


@event("access.read.v1")
class AccessRead(Event):
    """Somebody read something about a petition. Written before the answer is shown."""

    petition_id: UUID
    actor: str  # u:…
    role: str
    unit: str | None
    kind: str  # case, list, identity, attachment, letter, audit, export, proof
    purpose: str  # assigned_case, approval, supervision, complaint, audit, legal_order, site_visit, ask_more


@event("access.denied.v1", subject="actor_id")
class AccessDenied(Event):
    actor_id: UUID
    actor: str
    role: str
    what: str  # name of the route


@event("auth.signed_in.v1", subject="person_id")
class SignedIn(Event):
    person_id: UUID
    person: str
    role: str


@event("auth.token_made.v1", subject="person_id")
class TokenMade(Event):
    """A member of staff made a token with which a program acts in their name."""

    person_id: UUID
    person: str
    token_id: UUID
    scope: str  # read, write
    expires_at: datetime


@event("auth.token_revoked.v1", subject="person_id")
class TokenRevoked(Event):
    """A token ended before its time."""

    person_id: UUID
    person: str
    token_id: UUID
    actor: str  # its owner, or an admin


@event("source.heartbeat.v1", subject="source_id")
class SourceHeartbeat(Event):
    """A silent source is alive: how much it has said and how much of it still waits for its number."""

    source_id: UUID
    unnumbered: int
    streams: int
    sequences: int
