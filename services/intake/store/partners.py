"""Partners whose programs file here, what came by Open311, and pictures that are still to be fetched for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    delete,
    func,
    insert,
    select,
    update,
)

from services.intake.domain.open311 import CLOSED, Wanted
from services.intake.store.tables import metadata, petition, timeline
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

open311_request = Table(
    "open311_request",  # what stands in the list of requests
    metadata,
    Column("petition_id", ForeignKey("petition.id"), primary_key=True),
    Column("partner", String(24), nullable=False),
    Column("service_code", String(16), nullable=False),
    Column("digest", LargeBinary, nullable=False),  # of all that was sent
    Column("requested_at", Instant, nullable=False),
    Column("is_hidden", Boolean, nullable=False),  # the desk found that it is confidential
    Index("open311_request_list", "requested_at", "petition_id"),
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


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A request as everybody may see it: no word of the citizen."""

    petition_id: UUID
    code: str
    service_code: str
    received_at: datetime
    ward: str | None
    stage: str
    unit: str | None
    due_on: date | None
    changed_at: datetime


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


def add_request(tx: Transaction, petition_id: UUID, *, partner_code: str, service_code: str, digest: bytes) -> None:
    row = {"petition_id": petition_id, "partner": partner_code, "service_code": service_code, "digest": digest}
    tx.connection.execute(insert(open311_request), row | {"requested_at": tx.now, "is_hidden": False})


def request_digest(tx: Reading, petition_id: UUID) -> bytes | None:
    """Of all that was sent with this request; None where it did not come by Open311."""
    found = select(open311_request.c.digest).where(open311_request.c.petition_id == petition_id)
    return tx.connection.execute(found).scalar()


def hide_requests(tx: Transaction, petition_ids: Collection[UUID]) -> None:
    """They are confidential: the list knows them no more, for good."""
    hidden = update(open311_request).where(open311_request.c.petition_id.in_(petition_ids))
    tx.connection.execute(hidden.values(is_hidden=True))


def listed_requests(tx: Reading, wanted: Wanted) -> list[Listed]:
    """Newest first, one page."""
    found = (
        select(
            petition.c.id.label("petition_id"),
            petition.c.code,
            open311_request.c.service_code,
            petition.c.received_at,
            petition.c.ward,
            petition.c.stage,
            petition.c.unit,
            petition.c.due_on,
        )
        .join(petition, petition.c.id == open311_request.c.petition_id)
        .where(open311_request.c.is_hidden.is_(False), petition.c.stage != "quarantined")
        .order_by(open311_request.c.requested_at.desc(), open311_request.c.petition_id)
    )
    if wanted.codes is not None:
        rows = tx.connection.execute(found.where(petition.c.code.in_(wanted.codes))).all()
    else:
        assert wanted.since is not None
        assert wanted.until is not None
        found = found.where(
            open311_request.c.requested_at >= wanted.since, open311_request.c.requested_at < wanted.until
        )
        if wanted.services is not None:
            found = found.where(open311_request.c.service_code.in_(wanted.services))
        if wanted.statuses == {"closed"}:
            found = found.where(petition.c.stage.in_(CLOSED))
        elif wanted.statuses == {"open"}:
            found = found.where(petition.c.stage.not_in(CLOSED))
        page = found.limit(wanted.page_size).offset((wanted.page - 1) * wanted.page_size)
        rows = tx.connection.execute(page).all()
    changed = _changed(tx, [row.petition_id for row in rows])
    return [Listed(**row._mapping, changed_at=changed.get(row.petition_id, row.received_at)) for row in rows]


def _changed(tx: Reading, petition_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When something was last told of each petition."""
    last = (
        select(timeline.c.petition_id, func.max(timeline.c.at).label("at"))
        .where(timeline.c.petition_id.in_(petition_ids))
        .group_by(timeline.c.petition_id)
    )
    return {row.petition_id: row.at for row in tx.connection.execute(last)} if petition_ids else {}


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
