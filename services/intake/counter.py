"""Who files in a citizen's stead: let in by a pass of the desk, once, for one petition and a short while."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake import store
from services.intake.domain.secret import hashed
from shared.db import Reading, Transaction
from shared.keys import KeyRing
from shared.passes import PassRefused, read_pass

ISSUER = "workflow"


class CounterOver(Exception):
    """What was begun in a citizen's stead can go on in such a session only, and this one is over."""


@dataclass(frozen=True, kw_only=True)
class Counter:
    """An officer at work for a citizen. It gives them no right to the petition."""

    id_hash: bytes
    person: str  # u:…
    channel: str  # counter, phone, letter
    expires_at: datetime
    once: str | None  # under which key the petition was filed, when it was


def enter(tx: Transaction, keys: KeyRing, text: str) -> tuple[str, Counter]:
    """A session for the bearer of this pass, and its secret. Raises PassRefused: used and switched_off besides."""
    given = read_pass(keys, text, issuer=ISSUER, now=tx.now)
    if store.is_switched_off(tx, given.person):
        raise PassRefused("switched_off")
    secret = secrets.token_urlsafe(32)
    opened = Counter(
        id_hash=hashed(secret),
        person=given.person,
        channel=given.channel,
        expires_at=given.expires_at,
        once=None,
    )
    if not store.add_counter(tx, vars(opened), nonce=given.nonce):
        raise PassRefused("used")
    return secret, opened


def counter_of(tx: Reading, secret: str) -> Counter | None:
    """The session with this secret; None when it is over, or the officer's account was switched off meanwhile."""
    row = store.counter_row(tx, hashed(secret))
    if row is None or store.is_switched_off(tx, row["person"]):
        return None
    return Counter(**row)


def note_filed(tx: Transaction, counter: Counter, *, once: str, petition_id: UUID, late_ground: str | None) -> None:
    """The session's petition was filed: from now on it only shows the receipt. Raises CounterOver when one was."""
    if not store.close_counter(tx, counter.id_hash, once=once):
        raise CounterOver
    store.add_entered(tx, petition_id, person=counter.person, late_ground=late_ground)
