"""What is emptied of a petition when its petitioner is erased."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from services.intake.store.contacts import contact_check
from services.intake.store.partners import end_media
from services.intake.store.petitions import WORDS
from services.intake.store.sessions import registration
from services.intake.store.tables import attachment, petition, timeline
from shared.db import Reading, Transaction
from shared.inbox import erase_dead_letters
from shared.outbox import erase_sealed, erase_sealed_naming

OF_CITIZEN = ("supplemented", "reopen_requested", "promise_judged", "withdrawal_asked")
"""Lines of the story that bear words of the citizen."""


def erase_petitioner(tx: Transaction, petition_id: UUID, *, at: datetime) -> None:
    """Words, contact, what they were found by, pictures still to be fetched. Rows of files go once the files did."""
    gone: dict[str, Any] = dict.fromkeys((*WORDS, "email_key", "phone_key", "email_verified_at", "phone_verified_at"))
    keys = tx.connection.execute(
        select(petition.c.email_key, petition.c.phone_key).where(petition.c.id == petition_id)
    ).one()
    asked = (contact_check.c.petition_id == petition_id) | contact_check.c.address_key.in_({*keys} - {None})
    tx.connection.execute(delete(contact_check).where(asked))
    tx.connection.execute(
        update(petition)
        .where(petition.c.id == petition_id)
        .values(**gone, consents=[], declined=["progress", "survey"], erased_at=at)
    )
    theirs = (timeline.c.petition_id == petition_id) & timeline.c.what.in_(OF_CITIZEN)
    tx.connection.execute(update(timeline).where(theirs).values(words=None))
    end_media(tx, petition_id)
    erase_sealed(tx.connection, petition_id)
    erase_dead_letters(tx.connection, [petition_id])


def erase_guests(tx: Transaction, guests: Collection[UUID]) -> None:
    """What guests of sessions said of themselves is kept at the desk, and here in what was told to it alone."""
    seats = select(registration.c.id, registration.c.session_id).where(registration.c.id.in_(list(guests)))
    for seat in tx.connection.execute(seats).all():
        erase_sealed_naming(tx.connection, seat.session_id, seat.id)


def files_to_remove(tx: Reading, *, limit: int) -> Sequence[UUID]:
    """Files of petitions whose petitioners were erased."""
    found = select(attachment.c.id).join(petition, petition.c.id == attachment.c.petition_id)
    return tx.connection.execute(found.where(petition.c.erased_at.is_not(None)).limit(limit)).scalars().all()


def forget_files(tx: Transaction, ids: Sequence[UUID]) -> None:
    tx.connection.execute(delete(attachment).where(attachment.c.id.in_(ids)))
