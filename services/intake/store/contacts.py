"""Addresses of petitioners: changed, shown to be theirs, found by keyed hashes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from services.intake.domain.contact import Contact
from services.intake.store.petitions import Filed
from services.intake.store.tables import UNKEYED, metadata, petition
from shared.db import Instant, Reading, Transaction, update_many

LIST_AT_MOST = 100

contact_check = Table(
    "contact_check",  # links and codes that show an address to be somebody's; forgotten after a day
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("petition_id", Uuid),  # none: for a list of all petitions of the address
    Column("channel", String(8), nullable=False),
    Column("address_key", LargeBinary, nullable=False),
    Column("address", Text),  # where the list is to be sent; emptied once that is done
    Column("secret_hash", LargeBinary, unique=True),
    Column("language", String(8), nullable=False),
    Column("tries", SmallInteger, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("is_done", Boolean, nullable=False),  # used, or looked at by who sends the lists
    Index("contact_check_address", "address_key", "made_at"),
    Index("contact_check_petition", "petition_id"),
    Index(
        "contact_check_unsent",
        "made_at",
        postgresql_where=text("address IS NOT NULL"),
        sqlite_where=text("address IS NOT NULL"),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Check:
    """Somebody wants to show that an address is theirs."""

    id: UUID
    petition_id: UUID | None
    channel: str
    address_key: bytes
    secret_hash: bytes | None
    language: str
    tries: int
    made_at: datetime
    expires_at: datetime
    is_done: bool
    address: str | None = None


@dataclass(frozen=True)
class Told:
    """What is kept of how a petitioner is told."""

    declined: tuple[str, ...]
    email_verified_at: datetime | None
    phone_verified_at: datetime | None
    email_key: bytes | None
    phone_key: bytes | None
    is_kept_close: bool  # what it is about is kept among few


def told_how(tx: Reading, petition_id: UUID) -> Told:
    columns = [petition.c[field.name] for field in fields(Told)]
    row = tx.connection.execute(select(*columns).where(petition.c.id == petition_id)).one()
    return Told(tuple(row.declined), *row[1:])


def change_contact(
    tx: Transaction, filed: Filed, contact: Contact, *, email_key: bytes | None, phone_key: bytes | None
) -> None:
    """Keep where somebody is told from now on. An address that stays the same stays verified."""
    before = told_how(tx, filed.id)
    kept = [one for one in filed.consents if one not in {"sms", "survey"}]
    kept += ["sms"] if contact.by_sms else []
    kept += [] if "survey" in contact.declined else ["survey"]  # ticked: agreed to, here and now
    values = {
        "email": contact.email,
        "phone": contact.phone.typed if contact.phone else None,
        "language": contact.language,
        "consents": kept,
        "declined": list(contact.declined),
        "email_key": email_key,
        "phone_key": phone_key,
        "email_verified_at": before.email_verified_at if before.email_key == email_key else None,
        "phone_verified_at": before.phone_verified_at if before.phone_key == phone_key else None,
    }
    tx.connection.execute(update(petition).where(petition.c.id == filed.id).values(values))
    tx.changed(filed.id)


def verify_address(tx: Transaction, petition_id: UUID, channel: str) -> None:
    column = "email_verified_at" if channel == "email" else "phone_verified_at"
    tx.connection.execute(update(petition).where(petition.c.id == petition_id).values({column: tx.now}))
    tx.changed(petition_id)


# ---- links and codes


def add_check(tx: Transaction, check: Check) -> None:
    tx.connection.execute(insert(contact_check), vars(check))


def checks_since(tx: Reading, address_key: bytes, *, window: timedelta) -> list[Check]:
    """The links and codes that verify this address, sent lately for whichever petition."""
    recent = _recent(tx, address_key, window) & contact_check.c.petition_id.is_not(None)
    return [Check(**row._mapping) for row in tx.connection.execute(select(contact_check).where(recent))]


def count_lists(tx: Reading, address_key: bytes, *, window: timedelta) -> int:
    """How many lists went to this address lately, or are about to."""
    is_sent = or_(contact_check.c.address.is_not(None), contact_check.c.secret_hash.is_not(None))
    recent = _recent(tx, address_key, window) & contact_check.c.petition_id.is_(None) & is_sent
    return int(tx.connection.execute(select(func.count()).where(recent)).scalar_one())


def _recent(tx: Reading, address_key: bytes, window: timedelta) -> Any:
    return (contact_check.c.address_key == address_key) & (contact_check.c.made_at > tx.now - window)


def check_by_secret(tx: Reading, secret_hash: bytes) -> Check | None:
    return _check(tx, contact_check.c.secret_hash == secret_hash)


def newest_code(tx: Transaction, petition_id: UUID) -> Check | None:
    """The code that was sent last for a petition, held until the transaction ends."""
    return _check(tx, (contact_check.c.petition_id == petition_id) & (contact_check.c.channel == "sms"), is_held=True)


def note_code_tried(tx: Transaction, check_id: UUID) -> None:
    tried = update(contact_check).where(contact_check.c.id == check_id)
    tx.connection.execute(tried.values(tries=contact_check.c.tries + 1))


def end_check(tx: Transaction, check_id: UUID) -> None:
    """It was used, or looked at: the address goes."""
    done = update(contact_check).where(contact_check.c.id == check_id)
    tx.connection.execute(done.values(is_done=True, address=None))


def keep_secret(tx: Transaction, check_id: UUID, secret_hash: bytes, *, expires_at: datetime) -> None:
    """What opens the list that was sent."""
    sent = update(contact_check).where(contact_check.c.id == check_id)
    tx.connection.execute(sent.values(secret_hash=secret_hash, expires_at=expires_at))


def has_lists_to_send(tx: Reading) -> bool:
    ask = select(contact_check.c.id).where(contact_check.c.address.is_not(None)).limit(1)
    return tx.connection.execute(ask).first() is not None


def lists_to_send(tx: Transaction, *, limit: int) -> list[Check]:
    waiting = select(contact_check).where(contact_check.c.address.is_not(None)).order_by(contact_check.c.made_at)
    return [Check(**row._mapping) for row in tx.connection.execute(waiting.limit(limit).with_for_update())]


def drop_checks(tx: Transaction, *, before: datetime) -> int:
    return int(tx.connection.execute(delete(contact_check).where(contact_check.c.made_at < before)).rowcount)


def has_old_checks(tx: Reading, *, before: datetime) -> bool:
    ask = select(contact_check.c.id).where(contact_check.c.made_at < before).limit(1)
    return tx.connection.execute(ask).first() is not None


def _check(tx: Reading, is_wanted: Any, *, is_held: bool = False) -> Check | None:
    found = select(contact_check).where(is_wanted).order_by(contact_check.c.made_at.desc(), contact_check.c.id.desc())
    row = tx.connection.execute((found.with_for_update() if is_held else found).limit(1)).first()
    return None if row is None else Check(**row._mapping)


# ---- by address


def petitions_of_address(tx: Reading, address_key: bytes) -> list[Filed]:
    """The petitions filed with an address, the newest first; none whose senders are protected."""
    columns = [petition.c[field.name] for field in fields(Filed)]
    is_theirs = or_(petition.c.email_key == address_key, petition.c.phone_key == address_key)
    found = select(*columns).where(
        is_theirs,
        petition.c.is_bearer.is_(False),
        petition.c.is_kept_close.is_(False),
        petition.c.is_doubted.is_(False),
        petition.c.erased_at.is_(None),
    )
    rows = tx.connection.execute(found.order_by(petition.c.received_at.desc(), petition.c.id).limit(LIST_AT_MOST))
    return [Filed(**{**row._mapping, "consents": tuple(row.consents)}) for row in rows]


def has_petitions(tx: Reading, address_key: bytes) -> bool:
    return bool(petitions_of_address(tx, address_key))


def keep_close(tx: Transaction, petition_id: UUID) -> None:
    """The petition stands in no list: what it is about is kept among few."""
    tx.connection.execute(update(petition).where(petition.c.id == petition_id).values(is_kept_close=True))


def unkeyed(tx: Reading, *, limit: int) -> Sequence[Any]:
    """Petitions from before addresses had keys: id, email, phone."""
    found = select(petition.c.id, petition.c.email, petition.c.phone).where(text(UNKEYED))
    return tx.connection.execute(found.order_by(petition.c.id).limit(limit)).all()


def keep_keys(tx: Transaction, keys: Sequence[Mapping[str, Any]]) -> None:
    """id, email_key, phone_key of petitions."""
    update_many(tx.connection, petition, "id", keys)
