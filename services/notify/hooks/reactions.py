"""What the postman keeps of partners, and what it plans to tell them."""

from collections.abc import Sequence

from services.notify.hooks import store
from shared.db import Transaction
from shared.events.workflow import PartnerChanged, WebhookDue
from shared.inbox import Heard


def keep_receivers(_book: object, tx: Transaction, heard: Sequence[Heard]) -> None:
    """Partners were registered or changed: where they are told, and whether they are."""
    for one in heard:
        told: PartnerChanged = one.event
        if not told.webhook_url.is_open:
            continue
        secret = told.webhook_secret.value
        store.keep_receiver(
            tx,
            told.partner_id,
            is_told=told.is_told,
            url=told.webhook_url.value,
            secret=tx.codec.keys.seal("notify", secret.encode()) if secret else None,
        )


def plan_deliveries(_book: object, tx: Transaction, heard: Sequence[Heard]) -> None:
    """Partners are to be told something, or once more."""
    for one in heard:
        due: WebhookDue = one.event
        if due.body.is_open:
            store.add_delivery(
                tx, due.delivery_id, partner_id=due.partner_id, petition_id=due.petition_id, body=due.body.value
            )
