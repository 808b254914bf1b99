"""What actions and reactions about partners have in common: telling what holds of one, and keeping what it was told."""

import hashlib
from dataclasses import replace

from services.workflow import store
from services.workflow.domain.case import SYSTEM
from services.workflow.domain.webhook import must_pause
from services.workflow.store import Partner
from shared.db import Transaction
from shared.events.base import Sealed
from shared.events.notify import WebhookAttempted
from shared.events.workflow import PartnerChanged


def note_attempt(tx: Transaction, heard: WebhookAttempted) -> None:
    """What came of a delivery, in the ledger. A receiver that fails for days is left alone."""
    if not store.save_delivery(tx, heard.delivery_id, state=heard.state, next_at=heard.next_at):
        return
    store.add_attempt(
        tx,
        {
            "delivery_id": heard.delivery_id,
            "number": heard.attempt,
            "at": heard.tried_at,
            "status": heard.status,
            "problem": heard.problem,
            "milliseconds": heard.milliseconds,
        },
    )
    found = store.find_partner(tx, heard.partner_id)
    if found is None or heard.state == "withheld":
        return
    if heard.state == "delivered":
        if found.failing_since is not None:
            store.save_partner(tx, replace(found, failing_since=None))
        return
    since = found.failing_since or heard.tried_at
    changed = replace(found, failing_since=since)
    if found.is_told and must_pause(since, heard.tried_at, status=heard.status):
        changed = replace(changed, is_paused=True)
        tell_of_partner(tx, changed, SYSTEM, "paused")
    store.save_partner(tx, changed)


def tell_of_partner(
    tx: Transaction, found: Partner, actor: str, change: str, *, key: str = "", secret: str = ""
) -> None:
    """Tell all that holds of a partner now; its key and its secret only where they are new."""
    tx.emit(
        PartnerChanged(
            partner_id=found.id,
            actor=actor,
            code=found.code,
            is_test=found.is_test,
            is_active=found.is_active,
            per_minute=found.per_minute,
            is_told=found.is_told,
            hears_public=found.hears_public,
            change=change,
            name=Sealed(found.name),
            key_hash=Sealed(hashlib.sha256(key.encode()).hexdigest() if key else None),
            webhook_url=Sealed(found.webhook_url),
            webhook_secret=Sealed(secret or None),
        )
    )
