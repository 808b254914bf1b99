"""Opinions asked of people outside: of the link only a hash is kept."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, String, Table, Text, Uuid, select, update

from services.workflow.store.tables import metadata
from shared.db import Instant, Reading, Transaction

consult = Table(
    "consult",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("files", JSON, nullable=False),  # ids of the case's files that are shown: none by itself
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("asked_by", String(40), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("wait_ends_on", Date),  # where the clock stands still for it: the last day
    Column("wait_ended_at", Instant),
    Column("state", String(12), nullable=False),  # asked, answered, revoked
    Column("answer", Text),
    Column("answered_at", Instant),
    Index("consult_case", "case_id"),
)


@dataclass(frozen=True, kw_only=True)
class Consult:
    """Somebody outside was asked for an opinion."""

    id: UUID
    case_id: UUID
    name: str
    email: str
    question: str
    files: tuple[str, ...]
    token_hash: str
    asked_by: str
    asked_at: datetime
    expires_on: date
    expires_at: datetime
    wait_ends_on: date | None = None
    wait_ended_at: datetime | None = None
    state: str = "asked"  # asked, answered, revoked
    answer: str | None = None
    answered_at: datetime | None = None

    @property
    def is_waited_for(self) -> bool:
        return self.wait_ends_on is not None and self.wait_ended_at is None

    def is_open_at(self, instant: datetime) -> bool:
        """Whether the link still leads somewhere."""
        return self.state == "asked" and instant < self.expires_at


def _consult(row: Any) -> Consult:
    return Consult(**{**row._mapping, "files": tuple(row.files)})


def add_consult(tx: Transaction, asked: Consult) -> None:
    tx.connection.execute(consult.insert(), vars(asked) | {"files": list(asked.files)})


def consults_of(tx: Reading, case_id: UUID) -> list[Consult]:
    """The opinions that were asked for, oldest first."""
    found = select(consult).where(consult.c.case_id == case_id).order_by(consult.c.id)
    return [_consult(row) for row in tx.connection.execute(found)]


def consult_by_hash(tx: Reading, token_hash: str) -> Consult | None:
    """The one that a link leads to."""
    row = tx.connection.execute(select(consult).where(consult.c.token_hash == token_hash)).one_or_none()
    return None if row is None else _consult(row)


def change_consult(tx: Transaction, consult_id: UUID, **values: Any) -> None:
    tx.connection.execute(update(consult).where(consult.c.id == consult_id).values(**values))
