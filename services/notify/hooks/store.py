"""Where partners are told, and what is to be told. The body goes once it arrived, the secret is sealed for us alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, Uuid, func, select, update

from services.notify.store import metadata
from shared.db import Instant, Reading, Transaction
from shared.sql import insert_new, upsert_many

receiver = Table(
    "hook_receiver",
    metadata,
    Column("partner_id", Uuid, primary_key=True),
    Column("is_told", Boolean, nullable=False),
    Column("url", String(800)),
    Column("secret", LargeBinary),
)
delivery = Table(
    "hook_delivery",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("partner_id", Uuid, nullable=False),
    Column("petition_id", Uuid),
    Column("body", Text, nullable=False),
    Column("state", String(12), nullable=False),  # waiting, sending, retry, delivered, failed, withheld
    Column("attempt", Integer, nullable=False),  # in all
    Column("tries", Integer, nullable=False),  # since it was asked for
    Column("next_at", Instant),  # when it is tried; while it is sent, when whoever sends it must be dead
    Index("hook_delivery_due", "next_at", "id"),
)

LEASE = timedelta(seconds=180)


@dataclass(frozen=True)
class Due:
    """A delivery whose turn has come, and to whom."""

    id: UUID
    partner_id: UUID
    petition_id: UUID | None
    body: str
    attempt: int
    tries: int
    is_told: bool
    url: str | None
    secret: bytes | None


def keep_receiver(tx: Transaction, partner_id: UUID, *, is_told: bool, url: str | None, secret: bytes | None) -> None:
    """Where a partner is told from now on; without a secret it keeps the one it had."""
    row: dict[str, Any] = {"partner_id": partner_id, "is_told": is_told, "url": url}
    upsert_many(tx.connection, receiver, [row if secret is None else row | {"secret": secret}])


def add_delivery(tx: Transaction, delivery_id: UUID, *, partner_id: UUID, petition_id: UUID | None, body: str) -> None:
    """Plan a delivery; one that is there already begins anew."""
    row = {"id": delivery_id, "partner_id": partner_id, "petition_id": petition_id, "body": body}
    fresh = {"state": "waiting", "tries": 0, "next_at": tx.now}
    if not insert_new(tx.connection, delivery, [row | fresh | {"attempt": 0}]):
        tx.connection.execute(update(delivery).where(delivery.c.id == delivery_id).values(body=body, **fresh))


def has_due(tx: Reading) -> bool:
    return tx.connection.execute(select(delivery.c.id).where(delivery.c.next_at <= tx.now).limit(1)).first() is not None


def claim(tx: Transaction, *, most: int) -> list[Due]:
    """Take what is due, one of each partner, the oldest: written down as leaving before its first byte does."""
    names = ("id", "partner_id", "petition_id", "body", "attempt", "tries")
    place = func.row_number().over(partition_by=delivery.c.partner_id, order_by=(delivery.c.next_at, delivery.c.id))
    due = select(delivery.c.id, place.label("place")).where(delivery.c.next_at <= tx.now).subquery()
    found = (
        select(*(delivery.c[name] for name in names), receiver.c.is_told, receiver.c.url, receiver.c.secret)
        .outerjoin(receiver, receiver.c.partner_id == delivery.c.partner_id)
        .where(delivery.c.id.in_(select(due.c.id).where(due.c.place == 1)), delivery.c.next_at <= tx.now)
        .order_by(delivery.c.next_at, delivery.c.id)
        .limit(most)
        .with_for_update(skip_locked=True, of=delivery)
    )
    taken = [
        Due(**{**row._mapping, "attempt": row.attempt + 1, "tries": row.tries + 1, "is_told": bool(row.is_told)})
        for row in tx.connection.execute(found)
    ]
    for one in taken:
        values = {"state": "sending", "attempt": one.attempt, "tries": one.tries, "next_at": tx.now + LEASE}
        tx.connection.execute(update(delivery).where(delivery.c.id == one.id).values(values))
    return taken


def save(tx: Transaction, due: Due, *, state: str, next_at: datetime | None) -> bool:
    """What became of it. False: it is not ours any more, somebody else sends it or it was asked for anew."""
    values: dict[str, Any] = {"state": state, "next_at": next_at}
    if next_at is None:
        values["body"] = ""
    mine = (delivery.c.id == due.id) & (delivery.c.attempt == due.attempt) & (delivery.c.state == "sending")
    return tx.connection.execute(update(delivery).where(mine).values(values)).rowcount == 1
