"""Partners whose programs file here, and pictures that are still to be fetched for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    delete,
    insert,
    select,
    update,
)

from services.intake.store.tables import metadata
from shared.db import Instant, Reading, Transaction
from shared.sql import upsert_many

partner = Table(
    "partner",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", String(24), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("is_test", Boolean, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("per_minute", Integer, nullable=False),
    Column("key_hash", String(64), unique=True),  # none: it was never told
)

media_wanted = Table(
    "media_wanted",
    metadata,
    Column("petition_id", ForeignKey("petition.id"), primary_key=True),
    Column("url", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", Instant, nullable=False, index=True),
)


@dataclass(frozen=True, kw_only=True)
class Partner:
    """Who may file by Open311."""

    id: UUID
    code: str
    name: str
    is_test: bool
    is_active: bool
    per_minute: int


@dataclass(frozen=True)
class MediaWanted:
    """A picture to be fetched for a petition."""

    petition_id: UUID
    url: str
    tries: int


def keep_partner(tx: Transaction, told: Mapping[str, Any]) -> None:
    """Keep a partner as the desk told of it; without `key_hash` it keeps the key that it had."""
    row = dict(told)
    if row.get("key_hash") is None:
        row["key_hash"] = tx.connection.execute(select(partner.c.key_hash).where(partner.c.id == row["id"])).scalar()
    upsert_many(tx.connection, partner, [row])


def partner_by_key(tx: Reading, key_hash: str) -> Partner | None:
    known = select(*(partner.c[name] for name in Partner.__dataclass_fields__))
    row = tx.connection.execute(known.where(partner.c.key_hash == key_hash)).one_or_none()
    return None if row is None else Partner(**row._mapping)


# ---- pictures to be fetched


def want_media(tx: Transaction, petition_id: UUID, url: str) -> None:
    row = {"petition_id": petition_id, "url": url, "tries": 0, "next_at": tx.now}
    tx.connection.execute(insert(media_wanted), row)


def next_media(tx: Reading) -> MediaWanted | None:
    """The picture whose turn has come first."""
    due = select(media_wanted.c.petition_id, media_wanted.c.url, media_wanted.c.tries)
    row = tx.connection.execute(due.where(media_wanted.c.next_at <= tx.now).order_by(media_wanted.c.next_at)).first()
    return None if row is None else MediaWanted(*row)


def begin_media(tx: Transaction, wanted: MediaWanted, *, again_in: timedelta) -> bool:
    """Written down before it is fetched, so that nobody else does. False: somebody was faster."""
    begun = (
        update(media_wanted)
        .where(media_wanted.c.petition_id == wanted.petition_id, media_wanted.c.tries == wanted.tries)
        .values(tries=wanted.tries + 1, next_at=tx.now + again_in)
    )
    return tx.connection.execute(begun).rowcount == 1


def end_media(tx: Transaction, petition_id: UUID) -> None:
    tx.connection.execute(delete(media_wanted).where(media_wanted.c.petition_id == petition_id))
