"""Where petitioners are reached, as the desk keeps it: in a case's open words, or locked with a denouncer's letter."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, String, Table, Uuid, delete, select, update

from services.workflow.domain.case import Case
from services.workflow.store.identity import LETTER, papers_of, seal, sealed_paper
from services.workflow.store.tables import case_, case_words, metadata
from shared.db import Instant, Reading, Transaction
from shared.sql import upsert_many

contact_verified = Table(
    "contact_verified",  # addresses that petitioners have shown to be theirs
    metadata,
    Column("petition_id", Uuid, primary_key=True),
    Column("channel", String(8), primary_key=True),  # email, sms
    Column("at", Instant, nullable=False),
)


def change_contact(tx: Transaction, case: Case, *, email: str | None, phone: str | None) -> None:
    """Keep another address and number, where the old ones lay."""
    if not case.is_secret:
        changed = update(case_words).where(case_words.c.case_id == case.id)
        tx.connection.execute(changed.values(email=email, phone=phone))
        return
    vault = tx.codec.keys.vault
    assert vault is not None, "the desk locks denunciations away"
    for paper in papers_of(tx, vault, case):
        if paper.what == LETTER:
            tx.connection.execute(delete(sealed_paper).where(sealed_paper.c.id == paper.id))
            seal(tx, [replace(paper, words=replace(paper.words, email=email, phone=phone))])


def speak(tx: Transaction, case_id: UUID, language: str) -> None:
    """Letters about a case are in this language from now on."""
    tx.connection.execute(update(case_).where(case_.c.id == case_id).values(language=language))


def note_verified(tx: Transaction, petition_id: UUID, channel: str, *, at: datetime) -> None:
    upsert_many(tx.connection, contact_verified, [{"petition_id": petition_id, "channel": channel, "at": at}])


def forget_verified(tx: Transaction, petition_id: UUID, *, all_but: Collection[str] = ()) -> None:
    """The addresses of other channels are others now."""
    gone = (contact_verified.c.petition_id == petition_id) & contact_verified.c.channel.not_in(all_but)
    tx.connection.execute(delete(contact_verified).where(gone))


def verified_of(tx: Reading, petition_id: UUID) -> frozenset[str]:
    """By which channels the petitioner has shown to be reached."""
    found = select(contact_verified.c.channel).where(contact_verified.c.petition_id == petition_id)
    return frozenset(tx.connection.execute(found).scalars())
