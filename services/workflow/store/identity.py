"""Who denounced, and their own letter: locked under a key per petition. The rest of the desk has only a token.

`identity_key` a petition's key, wrapped · `sealed_paper` the letter and what was added to it, with the person's name
and contact · `locked_file` what came with it and lies on the disk locked under that key · `redacted_paper` what
handlers may read of it · `redacted_file` pictures made for them ·
`identity_opening` who opened it, why, who was told, who looked at that afterwards.
Source: Luật Tố cáo 2018 Đ8(3), Đ49, Đ56(2).
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    delete,
    exists,
    func,
    select,
    update,
)

from services.workflow.domain.case import Case, KindClass
from services.workflow.store.papers import Words, add_supplement
from services.workflow.store.tables import (
    case_,
    case_attachment,
    case_excluded,
    case_words,
    metadata,
    supplement,
    timeline,
    withdrawal,
)
from shared.db import Instant, Reading, Transaction
from shared.ids import ordered_id
from shared.sql import insert_new, insert_rows, upsert_many
from shared.vault import Vault, fresh_key, lock, unlock

LETTER, SUPPLEMENT = "letter", "supplement"
TOKEN_LETTERS = "BCDFGHJKMNPQRSTVWXZ23456789"

identity_key = Table(
    "identity_key",
    metadata,
    Column("petition_id", Uuid, primary_key=True),
    Column("token", String(12), nullable=False),
    Column("kid", String(8)),  # which key wraps it; None: destroyed, what it locked is erased
    Column("wrapped", LargeBinary),
    Column("made_at", Instant, nullable=False),
    Column("destroyed_at", Instant),
)

sealed_paper = Table(
    "sealed_paper",
    metadata,
    Column("id", Uuid, primary_key=True),  # of the case for its letter, of the supplement for what was added
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("petition_id", Uuid, nullable=False),
    Column("what", String(12), nullable=False),  # letter, supplement
    Column("at", Instant, nullable=False),
    Column("box", LargeBinary, nullable=False),
    Index("sealed_paper_case", "case_id"),
)

locked_file = Table(
    "locked_file",  # files on the disk that are kept under the key of their petition
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("petition_id", Uuid, nullable=False),
    Column("locked_at", Instant, nullable=False),
    Index("locked_file_petition", "petition_id"),
)

redacted_paper = Table(
    "redacted_paper",
    metadata,
    Column("paper_id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("petition_id", Uuid, nullable=False),
    Column("box", LargeBinary, nullable=False),
    Column("confirmed_by", String(40), nullable=False),
    Column("confirmed_at", Instant, nullable=False),
    Index("redacted_paper_case", "case_id"),
)

redacted_file = Table(
    "redacted_file",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("petition_id", Uuid, nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("box", LargeBinary, nullable=False),
    Column("added_by", String(40), nullable=False),
    Column("added_at", Instant, nullable=False),
    Index("redacted_file_case", "case_id"),
)

identity_opening = Table(
    "identity_opening",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("petition_id", Uuid, nullable=False),
    Column("person", String(40), nullable=False),
    Column("role", String(20), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("words", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("told", JSON, nullable=False),  # pseudonyms of those who heard of it at once, and review it
    Column("reviewed_by", String(40)),
    Column("reviewed_at", Instant),
    Column("review", Text),
    Index("identity_opening_case", "case_id"),
    Index("identity_opening_at", "opened_at"),
)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A letter or an addition, as it was written."""

    id: UUID
    case_id: UUID
    petition_id: UUID
    what: str
    at: datetime
    words: Words


@dataclass(frozen=True, kw_only=True)
class OpenFile:
    """A file of a secret case that is not locked yet."""

    id: UUID
    petition_id: UUID
    added_at: datetime


@dataclass(frozen=True, kw_only=True)
class Redacted:
    """What handlers read of a paper."""

    paper_id: UUID
    text: str
    confirmed_by: str
    confirmed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Somebody looked at who the denouncer is."""

    id: UUID
    case_id: UUID
    petition_id: UUID
    person: str
    role: str
    reason: str
    words: str
    opened_at: datetime
    ends_at: datetime
    told: tuple[str, ...]
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    review: str | None = None


def words_only(text: str = "", *, party: str = "person") -> Words:
    """Words without a person: what stays in the open of a letter that is locked, or what was added to it."""
    return Words(
        title=None, text=text, place=None, position=None, name=None, phone=None, email=None, address=None, party=party
    )


# ---- keys


def _vault(tx: Transaction) -> Vault:
    return tx.codec.keys.vault


def _fresh_token() -> str:
    return "T-" + "".join(secrets.choice(TOKEN_LETTERS) for _ in range(6))


def keys_of(tx: Reading, vault: Vault, petitions: Collection[UUID]) -> dict[UUID, bytes]:
    """The keys of petitions that have one. Raises CannotUnlock."""
    found = select(identity_key).where(identity_key.c.petition_id.in_(petitions), identity_key.c.wrapped.is_not(None))
    return {
        row.petition_id: vault.unwrap(row.kid, row.wrapped, about=row.petition_id.bytes)
        for row in tx.connection.execute(found)
    }


def _made_keys(tx: Transaction, petitions: Collection[UUID]) -> dict[UUID, bytes]:
    """The keys of these petitions, made where there are none yet."""
    vault = _vault(tx)
    known = keys_of(tx, vault, petitions)
    fresh = {petition_id: fresh_key() for petition_id in petitions if petition_id not in known}
    rows = []
    for petition_id, key in fresh.items():
        kid, wrapped = vault.wrap(key, about=petition_id.bytes)
        rows.append(
            {
                "petition_id": petition_id,
                "token": _fresh_token(),
                "kid": kid,
                "wrapped": wrapped,
                "made_at": tx.now,
                "destroyed_at": None,
            }
        )
    upsert_many(tx.connection, identity_key, rows)
    return known | fresh


def erase(tx: Transaction, petition_id: UUID) -> None:
    """Destroy the key of a petition, and what was locked under it here. What lies elsewhere opens no more."""
    for table in (redacted_paper, redacted_file, sealed_paper):
        tx.connection.execute(delete(table).where(table.c.petition_id == petition_id))
    destroy_key(tx, petition_id)


def destroy_key(tx: Transaction, petition_id: UUID) -> None:
    """Nothing that was locked for a petition opens any more, wherever copies of it lie."""
    gone = update(identity_key).where(identity_key.c.petition_id == petition_id)
    tx.connection.execute(gone.values(kid=None, wrapped=None, destroyed_at=tx.now))


def token_of(tx: Reading, petition_id: UUID) -> str:
    """What the desk calls a denouncer."""
    found = select(identity_key.c.token).where(identity_key.c.petition_id == petition_id)
    return tx.connection.execute(found).scalar_one_or_none() or ""


def kids_in_use(tx: Reading) -> dict[str, int]:
    """The names of the wrapping keys that are needed, each with how many petitions need it."""
    used = select(identity_key.c.kid, func.count().label("petitions")).where(identity_key.c.kid.is_not(None))
    found = tx.connection.execute(used.group_by(identity_key.c.kid))
    return {row.kid: row.petitions for row in found}


def one_wrapped_by(tx: Reading, kid: str) -> tuple[UUID, bytes] | None:
    """A petition whose key this one wraps, with the wrapped key."""
    found = select(identity_key.c.petition_id, identity_key.c.wrapped).where(identity_key.c.kid == kid).limit(1)
    row = tx.connection.execute(found).one_or_none()
    return None if row is None else (row.petition_id, row.wrapped)


def rewrap(tx: Transaction, *, limit: int) -> int:
    """Wrap anew, under the current key, what older ones wrap. How many were done; the boxes stay as they are."""
    vault = _vault(tx)
    old = select(identity_key).where(identity_key.c.kid.is_not(None), identity_key.c.kid != vault.current).limit(limit)
    rows = tx.connection.execute(old.with_for_update()).all()
    for row in rows:
        key = vault.unwrap(row.kid, row.wrapped, about=row.petition_id.bytes)
        kid, wrapped = vault.wrap(key, about=row.petition_id.bytes)
        here = update(identity_key).where(identity_key.c.petition_id == row.petition_id)
        tx.connection.execute(here.values(kid=kid, wrapped=wrapped))
    return len(rows)


# ---- papers


def seal(tx: Transaction, papers: Sequence[Paper]) -> None:
    """Keep papers locked."""
    if not papers:
        return
    keys = _made_keys(tx, {paper.petition_id for paper in papers})
    rows = [
        {
            "id": paper.id,
            "case_id": paper.case_id,
            "petition_id": paper.petition_id,
            "what": paper.what,
            "at": paper.at,
            "box": lock(keys[paper.petition_id], msgspec.json.encode(paper.words), about=paper.id.bytes),
        }
        for paper in papers
    ]
    insert_rows(tx.connection, sealed_paper, rows)


def papers_of(tx: Reading, vault: Vault, case: Case) -> list[Paper]:
    """The locked papers of a case as they were written, the letter first; none after an erasure."""
    key = keys_of(tx, vault, [case.petition_id]).get(case.petition_id)
    if key is None:
        return []
    found = select(sealed_paper).where(sealed_paper.c.case_id == case.id)
    return [
        Paper(
            id=row.id,
            case_id=row.case_id,
            petition_id=row.petition_id,
            what=row.what,
            at=row.at,
            words=msgspec.json.decode(unlock(key, row.box, about=row.id.bytes), type=Words),
        )
        for row in tx.connection.execute(found.order_by(sealed_paper.c.at, sealed_paper.c.what))
    ]


def seal_supplement(tx: Transaction, case: Case, supplement_id: UUID, text: str) -> None:
    """Lock what a denouncer added."""
    seal(tx, [_added(case, supplement_id, text, at=tx.now)])


def _added(case: Case, supplement_id: UUID, text: str, *, at: datetime) -> Paper:
    words = words_only(text)
    return Paper(id=supplement_id, case_id=case.id, petition_id=case.petition_id, what=SUPPLEMENT, at=at, words=words)


def lock_away(tx: Transaction, case: Case) -> None:
    """A case became a denunciation: its words, its sender and all that was added leave the open tables."""
    row = tx.connection.execute(select(case_words).where(case_words.c.case_id == case.id)).one()
    words = Words(**{name: value for name, value in row._mapping.items() if name != "case_id"})
    letter = Paper(id=case.id, case_id=case.id, petition_id=case.petition_id, what=LETTER, at=tx.now, words=words)
    added = tx.connection.execute(
        select(supplement).where(supplement.c.case_id == case.id, supplement.c.text.is_not(None))
    ).all()
    more = [_added(case, one.id, one.text, at=one.at) for one in added]
    wished = select(withdrawal).where(withdrawal.c.case_id == case.id, withdrawal.c.reason.is_not(None))
    if wish := tx.connection.execute(wished).first():  # it is kept like any other addition
        added_id = add_supplement(tx, case.id, words=None, attachment_count=0)
        more.append(_added(case, added_id, wish.reason, at=wish.asked_at))
    seal(tx, [letter, *more])
    _write_words(tx, case.id, words_only(party=words.party))
    tx.connection.execute(update(supplement).where(supplement.c.case_id == case.id).values(text=None))
    tx.connection.execute(update(withdrawal).where(withdrawal.c.case_id == case.id).values(reason=None))
    said = (timeline.c.case_id == case.id) & (timeline.c.actor == "citizen")
    tx.connection.execute(update(timeline).where(said).values(words=None))


def bring_back(tx: Transaction, case: Case) -> None:
    """A case is no denunciation any more: what was locked returns to the open tables."""
    for paper in papers_of(tx, _vault(tx), case):
        if paper.what == LETTER:
            _write_words(tx, case.id, paper.words)
        else:
            tx.connection.execute(update(supplement).where(supplement.c.id == paper.id).values(text=paper.words.text))
    for table in (redacted_paper, redacted_file, sealed_paper):
        tx.connection.execute(delete(table).where(table.c.case_id == case.id))
    others = select(sealed_paper.c.id).where(sealed_paper.c.petition_id == case.petition_id).limit(1)
    if tx.connection.execute(others).first() is None and not files_of_petition(tx, case.petition_id):
        destroy_key(tx, case.petition_id)  # with files, it goes once they are unlocked


def _write_words(tx: Transaction, case_id: UUID, words: Words) -> None:
    tx.connection.execute(update(case_words).where(case_words.c.case_id == case_id).values(**vars(words)))


# ---- files

_IS_SECRET = case_.c.kind_class == KindClass.SECRET.value


def files_to_lock(tx: Reading, *, limit: int) -> list[OpenFile]:
    """Files of secret cases that are not locked yet."""
    is_locked = exists().where(locked_file.c.id == case_attachment.c.id)
    found = (
        select(case_attachment.c.id, case_.c.petition_id, func.min(case_attachment.c.added_at).label("added_at"))
        .join(case_, case_.c.id == case_attachment.c.case_id)
        .where(_IS_SECRET, ~is_locked)
        .group_by(case_attachment.c.id, case_.c.petition_id)
    )
    return [OpenFile(**row._mapping) for row in tx.connection.execute(found.limit(limit))]


def hold_key_for(tx: Transaction, file: OpenFile) -> bytes | None:
    """The key of a file's petition, held until the transaction ends; None: the file was erased with it."""
    row = _held_key(tx, file.petition_id)
    if row is not None and row.destroyed_at is not None and file.added_at <= row.destroyed_at:
        return None
    return _made_keys(tx, [file.petition_id])[file.petition_id]


def note_locked(tx: Transaction, file: OpenFile) -> None:
    insert_new(tx.connection, locked_file, [{"id": file.id, "petition_id": file.petition_id, "locked_at": tx.now}])


def idle_keys(tx: Reading, *, limit: int) -> Sequence[UUID]:
    """Petitions that have a key although nothing of them is secret any more."""
    found = select(identity_key.c.petition_id).where(identity_key.c.wrapped.is_not(None), ~_has_secrets())
    return tx.connection.execute(found.limit(limit)).scalars().all()


def hold_idle_key(tx: Transaction, petition_id: UUID) -> bytes | None:
    """The key that nothing needs, held until the transaction ends; None where something needs it again."""
    row = _held_key(tx, petition_id)
    needed = select(identity_key.c.petition_id).where(identity_key.c.petition_id == petition_id, _has_secrets())
    if row is None or row.wrapped is None or tx.connection.execute(needed).first() is not None:
        return None
    return _vault(tx).unwrap(row.kid, row.wrapped, about=petition_id.bytes)


def files_of_petition(tx: Reading, petition_id: UUID) -> Sequence[UUID]:
    """All files that came with a petition."""
    found = select(case_attachment.c.id).join(case_, case_.c.id == case_attachment.c.case_id)
    return tx.connection.execute(found.where(case_.c.petition_id == petition_id).distinct()).scalars().all()


def forget_locked(tx: Transaction, petition_id: UUID) -> None:
    """Its files lie in the open again."""
    tx.connection.execute(delete(locked_file).where(locked_file.c.petition_id == petition_id))


def _held_key(tx: Transaction, petition_id: UUID) -> Any:
    found = select(identity_key).where(identity_key.c.petition_id == petition_id).with_for_update()
    return tx.connection.execute(found).one_or_none()


def _has_secrets() -> ColumnElement[bool]:
    return exists().where(case_.c.petition_id == identity_key.c.petition_id, _IS_SECRET)


# ---- what handlers read


def redact(tx: Transaction, paper: Paper, *, text: str, by: str) -> None:
    """Keep the copy that handlers read, locked like the paper itself."""
    key = keys_of(tx, _vault(tx), [paper.petition_id])[paper.petition_id]
    row = {
        "paper_id": paper.id,
        "case_id": paper.case_id,
        "petition_id": paper.petition_id,
        "box": lock(key, text.encode(), about=b"redacted" + paper.id.bytes),
        "confirmed_by": by,
        "confirmed_at": tx.now,
    }
    upsert_many(tx.connection, redacted_paper, [row])


def redacted_of(tx: Reading, vault: Vault, case: Case) -> dict[UUID, Redacted]:
    """The confirmed copies of a case's papers, by the paper."""
    key = keys_of(tx, vault, [case.petition_id]).get(case.petition_id)
    if key is None:
        return {}
    found = select(redacted_paper).where(redacted_paper.c.case_id == case.id)
    return {
        row.paper_id: Redacted(
            paper_id=row.paper_id,
            text=unlock(key, row.box, about=b"redacted" + row.paper_id.bytes).decode(),
            confirmed_by=row.confirmed_by,
            confirmed_at=row.confirmed_at,
        )
        for row in tx.connection.execute(found)
    }


def add_redacted_file(tx: Transaction, case: Case, *, data: bytes, media_type: str, by: str) -> UUID:
    """Keep a picture made for the handlers, locked. Returns its id."""
    key, file_id = _made_keys(tx, [case.petition_id])[case.petition_id], ordered_id()
    row = {
        "id": file_id,
        "case_id": case.id,
        "petition_id": case.petition_id,
        "media_type": media_type,
        "size_bytes": len(data),
        "box": lock(key, data, about=file_id.bytes),
        "added_by": by,
        "added_at": tx.now,
    }
    tx.connection.execute(redacted_file.insert(), row)
    return file_id


_FILE = [column for column in redacted_file.c if column.name != "box"]


def redacted_files_of(tx: Reading, case_id: UUID) -> Sequence[Any]:
    """Pictures that were made for the handlers, oldest first: id, media_type, size_bytes, added_by, added_at."""
    found = select(*_FILE).where(redacted_file.c.case_id == case_id)
    return tx.connection.execute(found.order_by(redacted_file.c.added_at, redacted_file.c.id)).all()


def case_of_redacted_file(tx: Reading, file_id: UUID) -> UUID | None:
    found = select(redacted_file.c.case_id).where(redacted_file.c.id == file_id)
    return tx.connection.execute(found).scalar_one_or_none()


def read_redacted_file(tx: Reading, vault: Vault, file_id: UUID) -> tuple[str, bytes] | None:
    """Media type and bytes; None when there is no such picture, or its key was destroyed."""
    row = tx.connection.execute(select(redacted_file).where(redacted_file.c.id == file_id)).one_or_none()
    key = keys_of(tx, vault, [row.petition_id]).get(row.petition_id) if row else None
    return None if row is None or key is None else (row.media_type, unlock(key, row.box, about=file_id.bytes))


# ---- openings


def add_opening(tx: Transaction, opening: Opening) -> None:
    tx.connection.execute(identity_opening.insert(), vars(opening) | {"told": list(opening.told)})


def _opening(row: Any) -> Opening:
    return Opening(**dict(row._mapping) | {"told": tuple(row.told)})


def openings_of(tx: Reading, case_id: UUID) -> list[Opening]:
    """Who opened the identity of a case's sender, newest first."""
    found = select(identity_opening).where(identity_opening.c.case_id == case_id)
    return [_opening(row) for row in tx.connection.execute(found.order_by(identity_opening.c.opened_at.desc()))]


def opening_for_review(tx: Transaction, opening_id: UUID) -> Opening | None:
    """An opening, held until the transaction ends."""
    found = select(identity_opening).where(identity_opening.c.id == opening_id).with_for_update()
    row = tx.connection.execute(found).one_or_none()
    return None if row is None else _opening(row)


def openings_since(tx: Reading, since: datetime) -> list[Opening]:
    """Openings since then, and older ones that nobody has reviewed, newest first."""
    found = select(identity_opening).where(
        (identity_opening.c.opened_at >= since) | identity_opening.c.reviewed_at.is_(None)
    )
    return [_opening(row) for row in tx.connection.execute(found.order_by(identity_opening.c.opened_at.desc()))]


def count_reviews(tx: Reading, person: str, unit: str | None) -> int:
    """How many openings wait for this person to review them; none of a case that is about them."""
    about_them = exists().where(
        case_excluded.c.case_id == identity_opening.c.case_id, case_excluded.c.who.in_([person, unit])
    )
    waiting = select(identity_opening.c.told).where(identity_opening.c.reviewed_at.is_(None), ~about_them)
    return sum(person in told for told in tx.connection.execute(waiting).scalars())


def mark_reviewed(tx: Transaction, opening_id: UUID, *, by: str, review: str) -> None:
    here = update(identity_opening).where(identity_opening.c.id == opening_id)
    tx.connection.execute(here.values(reviewed_by=by, reviewed_at=tx.now, review=review))


def letters_of(cases: Iterable[tuple[Case, Words]], at: datetime) -> list[Paper]:
    """The letters of new cases, ready to be locked."""
    return [
        Paper(id=case.id, case_id=case.id, petition_id=case.petition_id, what=LETTER, at=at, words=words)
        for case, words in cases
    ]
