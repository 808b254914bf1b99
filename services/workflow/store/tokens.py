"""Tokens with which programs act in somebody's name, kept hashed, and what was done under which idempotency key."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Index, String, Table, Uuid, delete, select, update

from services.workflow.store.tables import metadata
from shared import auth
from shared.auth import Person
from shared.db import Instant, Reading, Transaction, insert_new

token = Table(
    "access_token",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("name", String(80), nullable=False),
    Column("scope", String(8), nullable=False),  # read, write
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("seen_at", Instant),  # used last, to the minute
    Index("access_token_person", "person_id"),
)

done_before = Table(
    "done_before",  # what a program asked for under a key of its own: asked again, it is not done again
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("key", String(100), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("answer", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    Index("done_before_at", "at"),
)

KEYS_LIVE = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token as its owner sees it later: everything but the secret."""

    id: UUID
    person_id: UUID
    name: str
    scope: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    seen_at: datetime | None


_SHOWN = [token.c[name] for name in Token.__dataclass_fields__]


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def add_token(tx: Transaction, made: Token, *, secret: str) -> None:
    tx.connection.execute(token.insert(), vars(made) | {"secret_hash": hash_of(secret)})


def living_token(tx: Reading, secret: str) -> tuple[Token, Person] | None:
    """The living token with this secret and whose it is; None when it has ended or its account is switched off."""
    found = select(*_SHOWN).where(
        token.c.secret_hash == hash_of(secret), token.c.revoked_at.is_(None), token.c.expires_at > tx.now
    )
    row = tx.connection.execute(found).one_or_none()
    owner = None if row is None else auth.find_person(tx, row.person_id)
    return None if row is None or owner is None else (Token(**row._mapping), owner)


def tokens_of(tx: Reading, person_id: UUID | None = None) -> list[Token]:
    """The living tokens of a person, or of all, newest first."""
    found = select(*_SHOWN).where(token.c.revoked_at.is_(None), token.c.expires_at > tx.now)
    if person_id is not None:
        found = found.where(token.c.person_id == person_id)
    return [Token(**row._mapping) for row in tx.connection.execute(found.order_by(token.c.made_at.desc()))]


def end_token(tx: Transaction, token_id: UUID) -> None:
    tx.connection.execute(update(token).where(token.c.id == token_id).values(revoked_at=tx.now))


def see_token(tx: Transaction, token_id: UUID) -> None:
    tx.connection.execute(update(token).where(token.c.id == token_id).values(seen_at=tx.now))


def take_key(tx: Transaction, person_id: UUID, key: str, fingerprint: str) -> tuple[str, Any] | None:
    """Keep the key for what is done now. What was done under it before: its fingerprint and its answer."""
    tx.connection.execute(delete(done_before).where(done_before.c.at < tx.now - KEYS_LIVE))
    row = {"person_id": person_id, "key": key, "fingerprint": fingerprint, "answer": {}, "at": tx.now}
    if insert_new(tx.connection, done_before, [row]):
        return None
    mine = (done_before.c.person_id == person_id) & (done_before.c.key == key)
    found = tx.connection.execute(select(done_before.c.fingerprint, done_before.c.answer).where(mine)).one()
    return found.fingerprint, found.answer


def keep_answer(tx: Transaction, person_id: UUID, key: str, answer: dict[str, Any]) -> None:
    mine = (done_before.c.person_id == person_id) & (done_before.c.key == key)
    tx.connection.execute(update(done_before).where(mine).values(answer=answer))
