"""What is made public."""

from services.intake import store
from services.intake.reactions.noting import happened_at
from services.intake.store import Published
from shared.db import Transaction
from shared.events.workflow import PublicationPosted, PublicationWithdrawn


def show_publication(tx: Transaction, heard: PublicationPosted) -> None:
    """Everybody may read it, from its first day to its last. What was erased before we heard of it is not shown."""
    if not (heard.title.is_open and heard.text.is_open):
        return
    store.keep_publication(
        tx,
        Published(
            id=heard.publication_id,
            number=heard.number,
            kind=heard.kind,
            unit=heard.unit,
            starts_on=heard.starts_on,
            ends_on=heard.ends_on,
            posted_at=happened_at(tx),
            reason=None,
            withdrawn_at=None,
            title=heard.title.value,
            text=heard.text.value,
        ),
    )


def take_down_publication(tx: Transaction, heard: PublicationWithdrawn) -> None:
    """What it said goes; that it was there, and why it is not, stays."""
    store.empty_publication(tx, heard.publication_id, reason=heard.reason, at=happened_at(tx))
