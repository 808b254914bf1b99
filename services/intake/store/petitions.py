"""Petitions, and what is known of their cases."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from services.intake.domain.parts import Part
from services.intake.domain.petition import Kept, Petition
from services.intake.store.tables import attachment, notice, opening, part, petition, rating, supplement, timeline
from shared.db import Reading, Transaction, insert_new, update_many
from shared.sql import insert_rows, padded, upsert_many


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A petition with what is known of its case. Who holds one has shown the right to see it."""

    id: UUID
    once: str
    fingerprint: bytes
    code: str
    token_hash: bytes
    digits_check: bytes
    has_pin: bool
    is_bearer: bool
    kind: str | None
    topic: str | None
    ward: str | None
    language: str
    channel: str
    consents: tuple[str, ...]
    received_at: datetime
    event_id: UUID
    stage: str
    unit: str | None
    due_on: date | None
    reply_by: date | None
    round: int
    is_rated: bool
    answered_at: datetime | None
    has_parts: bool = False
    consultation_id: UUID | None = None
    is_doubted: bool = False  # a person looks at it before anything is sent to anybody
    signature_status: str = "none"
    erased_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the citizen wrote; every field None after an erasure."""

    title: str | None
    text: str | None
    place: str | None
    position: str | None
    name: str | None
    phone: str | None
    email: str | None
    address: str | None
    organisation: str | None = None
    answers: list[dict[str, str]] | None = None  # of each what `Answered` holds


WORDS = tuple(field.name for field in fields(Words))


@dataclass(frozen=True)
class Entry:
    """A line of the petition's story."""

    at: datetime
    what: str
    facts: Mapping[str, Any]
    words: Mapping[str, Any]
    case_id: UUID | None = None


@dataclass(frozen=True)
class Opening:
    """Somebody opened the petition."""

    at: datetime
    role: str
    unit: str | None
    kind: str
    purpose: str


@dataclass(frozen=True)
class Notice:
    """A message to the petitioner and what became of it."""

    at: datetime
    channel: str
    purpose: str
    state: str


# ---- filing


def add_petition(
    tx: Transaction, filed: Filed, sent: Petition, *, email_key: bytes | None = None, phone_key: bytes | None = None
) -> bool:
    """Keep a petition with its words. False when its idempotency key, or by chance its code, is taken."""
    known = {field.name: getattr(filed, field.name) for field in fields(filed)} | {"consents": list(filed.consents)}
    words = {name: getattr(sent, name) for name in WORDS} | {
        "phone": sent.phone.typed if sent.phone else None,
        "answers": [vars(one) for one in sent.answers] or None,
    }
    found_by: dict[str, Any] = {"email_key": email_key, "phone_key": phone_key, "declined": [], "is_kept_close": False}
    if not insert_new(tx.connection, petition, [known | words | found_by]):
        return False
    tx.changed(filed.id)
    return True


def note_signature(tx: Transaction, petition_id: UUID, status: str) -> None:
    """A signature came, or was found."""
    tx.connection.execute(update(petition).where(petition.c.id == petition_id).values(signature_status=status))


def add_attachments(tx: Transaction, petition_id: UUID, kept: Sequence[Kept], *, after: int = 0) -> None:
    rows = [
        {
            "id": one.id,
            "petition_id": petition_id,
            "no": no,
            "media_type": one.media_type,
            "size_bytes": one.size_bytes,
            "sha256": one.sha256,
        }
        for no, one in enumerate(kept, start=after + 1)
    ]
    if rows:
        tx.connection.execute(insert(attachment), rows)


# ---- finding

_KNOWN = select(*(petition.c[field.name] for field in fields(Filed)))


def petition_of(tx: Reading, petition_id: UUID) -> Filed | None:
    return _filed(tx, petition.c.id == petition_id)


def petition_by_once(tx: Reading, once: str) -> Filed | None:
    return _filed(tx, petition.c.once == once)


def petition_by_token(tx: Reading, token_hash: bytes) -> Filed | None:
    return _filed(tx, petition.c.token_hash == token_hash)


def petition_by_code(tx: Reading, code: str) -> Filed | None:
    return _filed(tx, petition.c.code == code)


def hold(tx: Transaction, petition_id: UUID) -> None:
    """Let nobody else say something about this petition until the transaction ends."""
    tx.connection.execute(select(petition.c.id).where(petition.c.id == petition_id).with_for_update())


def words_of(tx: Reading, petition_id: UUID) -> Words:
    row = tx.connection.execute(select(*(petition.c[name] for name in WORDS)).where(petition.c.id == petition_id)).one()
    return Words(**row._mapping)


def attachments_of(tx: Reading, petition_id: UUID) -> list[Kept]:
    """Its files, in the order in which they came."""
    rows = tx.connection.execute(
        select(attachment.c.id, attachment.c.media_type, attachment.c.size_bytes, attachment.c.sha256)
        .where(attachment.c.petition_id == petition_id)
        .order_by(attachment.c.no)
    )
    return [Kept(**row._mapping) for row in rows]


def kind_of_attachment(tx: Reading, file_id: UUID) -> tuple[str | None] | None:
    """The kind of the petition that a file came with, which may be none yet; None for a file of no petition."""
    row = tx.connection.execute(
        select(petition.c.kind)
        .join(attachment, attachment.c.petition_id == petition.c.id)
        .where(attachment.c.id == file_id)
    ).first()
    return None if row is None else (row.kind,)


def story_of(tx: Reading, petition_id: UUID) -> list[Entry]:
    """What happened, oldest first."""
    rows = tx.connection.execute(
        select(timeline).where(timeline.c.petition_id == petition_id).order_by(timeline.c.at, timeline.c.id)
    )
    return [Entry(row.at, row.what, row.facts, row.words or {}, row.case_id) for row in rows]


def openings_of(tx: Reading, petition_id: UUID) -> list[Opening]:
    """Who opened it, oldest first."""
    rows = tx.connection.execute(
        select(opening).where(opening.c.petition_id == petition_id).order_by(opening.c.at, opening.c.id)
    )
    return [Opening(row.at, row.role, row.unit, row.kind, row.purpose) for row in rows]


def notices_of(tx: Reading, petition_id: UUID) -> list[Notice]:
    """What was sent to the petitioner, oldest first."""
    rows = tx.connection.execute(
        select(notice).where(notice.c.petition_id == petition_id).order_by(notice.c.at, notice.c.id)
    )
    return [Notice(row.at, row.channel, row.purpose, row.state) for row in rows]


def has_rated(tx: Reading, petition_id: UUID, round_: int) -> bool:
    ask = select(rating.c.at).where(rating.c.petition_id == petition_id, rating.c.round == round_)
    return tx.connection.execute(ask).first() is not None


def count_supplements(tx: Reading, petition_id: UUID) -> int:
    return len(tx.connection.execute(select(supplement.c.id).where(supplement.c.petition_id == petition_id)).all())


def _filed(tx: Reading, is_wanted: ColumnElement[bool]) -> Filed | None:
    row: Row[Any] | None = tx.connection.execute(_KNOWN.where(is_wanted)).first()
    return None if row is None else Filed(**{**row._mapping, "consents": tuple(row.consents)})


# ---- what the citizen does later


def add_supplement(tx: Transaction, *, supplement_id: UUID, petition_id: UUID, once: str) -> bool:
    """False when it is there already."""
    row = {"id": supplement_id, "petition_id": petition_id, "once": once, "at": tx.now}
    insert_new(tx.connection, supplement, [row])
    if tx.connection.execute(select(supplement.c.id).where(supplement.c.once == once)).scalar() != supplement_id:
        return False
    tx.changed(petition_id)
    return True


def add_rating(tx: Transaction, petition_id: UUID, round_: int) -> bool:
    """False when this answer has been judged already."""
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    row = {"petition_id": petition_id, "round": round_, "at": tx.now}
    add = dialect.insert(rating).on_conflict_do_nothing().returning(rating.c.at)
    if tx.connection.execute(add, row).first() is None:
        return False
    tx.changed(petition_id)
    return True


# ---- what the others told


def petitions_among(tx: Reading, ids: Collection[UUID]) -> set[UUID]:
    """Those of these petitions that were filed here."""
    return set(tx.connection.execute(_AMONG, {"ids": padded(ids)}).scalars()) if ids else set()


_AMONG = select(petition.c.id).where(petition.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True)
class Known:
    """Of which cases a petition consists, as far as it matters for what is heard next."""

    case_id: UUID | None  # the first one
    has_parts: bool


def cases_among(tx: Reading, ids: Collection[UUID]) -> dict[UUID, Known]:
    """Those of these petitions that were filed here, with what is known of their cases."""
    rows = tx.connection.execute(_CASES_AMONG, {"ids": padded(ids)}) if ids else ()
    return {row.id: Known(row.case_id, row.has_parts) for row in rows}


_CASES_AMONG = select(petition.c.id, petition.c.case_id, petition.c.has_parts).where(
    petition.c.id.in_(bindparam("ids", expanding=True))
)
_STANDS = tuple(field.name for field in fields(Part))


def parts_of(tx: Reading, petition_id: UUID) -> list[Part]:
    """The cases of a petition that has several, in the order in which they were opened."""
    found = select(*(part.c[name] for name in _STANDS)).where(part.c.petition_id == petition_id)
    return [Part(**row._mapping) for row in tx.connection.execute(found.order_by(part.c.number))]


def only_case_of(tx: Reading, petition_id: UUID, case_id: UUID) -> Part:
    """The first case of a petition that had no other one, as the petition stands itself."""
    found = select(*(petition.c[name] for name in _STANDS if name not in {"case_id", "number"})).where(
        petition.c.id == petition_id
    )
    return Part(case_id=case_id, **tx.connection.execute(found).one()._mapping)


def save_parts(tx: Transaction, petition_id: UUID, parts: Iterable[Part]) -> None:
    upsert_many(tx.connection, part, [{"petition_id": petition_id} | vars(one) for one in parts])


def move_case(tx: Transaction, petition_id: UUID, **known: Any) -> None:
    """Keep what became known of a case."""
    move_cases(tx, {petition_id: known})


def move_cases(tx: Transaction, known: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Keep what became known of cases, by petition: of each its own columns."""
    alike = defaultdict(list)
    for petition_id, facts in known.items():
        if facts:
            alike[tuple(facts)].append({"id": petition_id, **facts})
    for rows in alike.values():
        update_many(tx.connection, petition, "id", rows)


def add_entry(
    tx: Transaction,
    petition_id: UUID,
    what: str,
    *,
    at: datetime,
    facts: Mapping[str, Any],
    words: Mapping[str, str],
    case_id: UUID | None = None,
) -> None:
    add_entries(tx, {petition_id: Entry(at, what, facts, words, case_id)})


def add_entries(tx: Transaction, entries: Mapping[UUID, Entry]) -> None:
    """Add a line to the story of each of these petitions."""
    rows = [
        {
            "petition_id": petition_id,
            "at": entry.at,
            "what": entry.what,
            "facts": dict(entry.facts),
            "words": dict(entry.words) or None,
            "case_id": entry.case_id,
        }
        for petition_id, entry in entries.items()
    ]
    insert_rows(tx.connection, timeline, rows)


def add_opening(tx: Transaction, petition_id: UUID, seen: Opening) -> None:
    row = {"petition_id": petition_id, "at": seen.at, "role": seen.role, "unit": seen.unit}
    tx.connection.execute(insert(opening), row | {"kind": seen.kind, "purpose": seen.purpose})


def keep_notices(tx: Transaction, told: Sequence[tuple[UUID, UUID, Notice]]) -> None:
    """The newest state of messages: petition, message and what became of it."""
    rows = [
        {
            "id": notice_id,
            "petition_id": petition_id,
            "channel": one.channel,
            "purpose": one.purpose,
            "state": one.state,
            "at": one.at,
        }
        for petition_id, notice_id, one in told
    ]
    upsert_many(tx.connection, notice, rows)
