"""Erasing what a person wrote and who they are: proposed by one person, decided by another."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, String, Table, Text, Uuid, delete, select, update

from services.workflow.domain.case import Case
from services.workflow.store.cases import without_words
from services.workflow.store.contacts import contact_verified
from services.workflow.store.dialogues import ERASED, erase_guests
from services.workflow.store.identity import erase
from services.workflow.store.letters import letter, letter_page
from services.workflow.store.papers import words_of
from services.workflow.store.promises import promise
from services.workflow.store.reopenings import reopening
from services.workflow.store.summaries import empty_summaries, forget_agreed
from services.workflow.store.tables import (
    case_,
    case_attachment,
    case_words,
    metadata,
    supplement,
    timeline,
    withdrawal,
)
from shared.db import Instant, Reading, Transaction
from shared.inbox import erase_dead_letters
from shared.outbox import erase_sealed
from shared.sql import upsert_many

erasure = Table(
    "erasure",
    metadata,
    Column("case_id", Uuid, ForeignKey("case_.id"), primary_key=True),  # of the request
    Column("petition_id", Uuid, nullable=False),  # whose words and person
    Column("reason", Text, nullable=False),
    Column("asked_by", String(40), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("state", String(8), nullable=False),  # asked, granted, refused
    Column("decided_by", String(40)),
    Column("decided_at", Instant),
)


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """A proposal to erase."""

    case_id: UUID
    petition_id: UUID
    reason: str
    asked_by: str
    asked_at: datetime
    state: str = "asked"
    decided_by: str | None = None
    decided_at: datetime | None = None


def propose_erasure(tx: Transaction, proposed: Erasure) -> None:
    """Keep a proposal, in the place of one that was refused before."""
    upsert_many(tx.connection, erasure, [vars(proposed)])


def erasure_of(tx: Reading, case_id: UUID) -> Erasure | None:
    row = tx.connection.execute(select(erasure).where(erasure.c.case_id == case_id)).first()
    return None if row is None else Erasure(**row._mapping)


def decide_erasure(tx: Transaction, case_id: UUID, *, state: str, by: str) -> None:
    decided = update(erasure).where(erasure.c.case_id == case_id, erasure.c.state == "asked")
    tx.connection.execute(decided.values(state=state, decided_by=by, decided_at=tx.now))


def is_erased(tx: Reading, petition_id: UUID) -> bool:
    found = select(erasure.c.case_id).where(erasure.c.petition_id == petition_id, erasure.c.state == "granted")
    return tx.connection.execute(found).first() is not None


def case_by_code(tx: Reading, code: str) -> list[Any]:
    """The cases of a petition by its code."""
    return list(tx.connection.execute(select(case_.c.id, case_.c.petition_id).where(case_.c.code == code)))


def erase_petitioner(tx: Transaction, cases: list[Case], petition_id: UUID) -> list[UUID]:
    """Empty what the desk holds of a person: words, contact, files, additions, wishes, and what was made of them: the
    title in lists, what the search looks at, summaries, the pages of letters to them; and what they said as guests of
    sessions who named it: those are returned. What the institution said stays, and so does who did what when."""
    ids = [case.id for case in cases]
    senders = [words_of(tx, one) for one in ids]
    kept = {"case_id", "party", "text"}
    gone: dict[str, Any] = {one.name: None for one in case_words.columns if one.name not in kept} | {"answers": []}
    tx.connection.execute(update(case_words).where(case_words.c.case_id.in_(ids)).values(text=ERASED, **gone))
    for row in tx.connection.execute(select(case_.c.id, case_.c.proposal).where(case_.c.id.in_(ids))).all():
        bare = without_words(row.proposal)
        tx.connection.execute(update(case_).where(case_.c.id == row.id).values(proposal=bare, title=ERASED, folded=""))
        empty_summaries(tx, row.id)
    forget_agreed(tx, petition_id)
    issued = select(letter.c.id).where(letter.c.case_id.in_(ids))
    tx.connection.execute(delete(letter_page).where(letter_page.c.letter_id.in_(issued)))
    tx.connection.execute(update(promise).where(promise.c.case_id.in_(ids)).values(said=None))
    tx.connection.execute(update(supplement).where(supplement.c.case_id.in_(ids)).values(text=None))
    tx.connection.execute(delete(case_attachment).where(case_attachment.c.case_id.in_(ids)))
    tx.connection.execute(update(reopening).where(reopening.c.petition_id == petition_id).values(reason=ERASED))
    tx.connection.execute(update(withdrawal).where(withdrawal.c.case_id.in_(ids)).values(reason=None))
    of_citizen = (timeline.c.case_id.in_(ids)) & (timeline.c.actor == "citizen")
    tx.connection.execute(update(timeline).where(of_citizen).values(words=None))
    tx.connection.execute(delete(contact_verified).where(contact_verified.c.petition_id == petition_id))
    erase(tx, petition_id)
    guests = erase_guests(tx, {case.code for case in cases}, senders)
    for subject in (petition_id, *guests):
        erase_sealed(tx.connection, subject)
    erase_dead_letters(tx.connection, [petition_id, *guests])
    return guests
