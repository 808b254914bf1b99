"""Who was named in notes among colleagues, and whether they have looked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, String, Table, Uuid, func, select, text, update

from services.workflow.domain.permission import Person
from services.workflow.store.queue import visible_to
from services.workflow.store.tables import case_, metadata, note
from shared.db import Instant, Reading, Transaction

mention = Table(
    "mention",
    metadata,
    Column("note_id", Uuid, ForeignKey("note.id"), primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("read_at", Instant),
    Index("mention_person", "person", "at"),
    Index("mention_unread", "person", postgresql_where=text("read_at IS NULL"), sqlite_where=text("read_at IS NULL")),
)


@dataclass(frozen=True, kw_only=True)
class Mention:
    """A note that names somebody, with the case it is about."""

    case_id: UUID
    code: str
    author: str
    text: str
    at: datetime
    read_at: datetime | None


def add_mentions(tx: Transaction, *, note_id: UUID, case_id: UUID, people: Iterable[str]) -> None:
    rows = [
        {"note_id": note_id, "person": person, "case_id": case_id, "at": tx.now, "read_at": None} for person in people
    ]
    tx.connection.execute(mention.insert(), rows)


def mentions_of(tx: Reading, person: Person, *, limit: int = 50) -> list[Mention]:
    """What names this person, unread first and then newest, of the cases that they may see."""
    found = (
        select(mention.c.case_id, case_.c.code, note.c.author, note.c.text, mention.c.at, mention.c.read_at)
        .join(note, note.c.id == mention.c.note_id)
        .join(case_, case_.c.id == mention.c.case_id)
        .where(mention.c.person == person.person, visible_to(person))
        .order_by(mention.c.read_at.is_not(None), mention.c.at.desc())
        .limit(limit)
    )
    return [Mention(**row._mapping) for row in tx.connection.execute(found)]


def count_unread(tx: Reading, person: Person) -> int:
    """How many notes this person has not looked at, of the cases that they may see."""
    found = (
        select(func.count())
        .select_from(mention.join(case_, case_.c.id == mention.c.case_id))
        .where(mention.c.person == person.person, mention.c.read_at.is_(None), visible_to(person))
    )
    return tx.connection.execute(found).scalar_one()


def read_mentions(tx: Transaction, case_id: UUID, person: str) -> None:
    """Who opens a case has seen the notes that name them."""
    mine = (mention.c.case_id == case_id) & (mention.c.person == person) & mention.c.read_at.is_(None)
    tx.connection.execute(update(mention).where(mine).values(read_at=tx.now))
