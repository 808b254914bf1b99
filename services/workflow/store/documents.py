"""Documents of the configuration: drafted, then published or withdrawn; their text never changes."""

from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Column, Date, Index, Integer, String, Table, Text, Uuid, func, insert, select, update

from services.workflow.domain.document import Document, digest_of
from services.workflow.store.tables import metadata
from shared.db import Instant, Reading, Transaction
from shared.ids import ordered_id

config_document = Table(
    "config_document",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(40), nullable=False),
    Column("version", Integer, nullable=False),  # of its name; 0 until it is published
    Column("number", Integer, nullable=False),  # of all publications; 0 until it is published
    Column("state", String(12), nullable=False),  # draft, published, withdrawn
    Column("text", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("based_on", String(64), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("drafted_by", String(40), nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("decided_by", String(40)),
    Column("decided_at", Instant),
    Index(
        "config_document_number",
        "number",
        unique=True,
        postgresql_where=sa.text("number > 0"),
        sqlite_where=sa.text("number > 0"),
    ),
    Index("config_document_name", "name", "drafted_at"),
)

_NAMES = tuple(field.name for field in fields(Document))
_DOCUMENTS = select(*(config_document.c[name] for name in _NAMES))


def _document(row: Any) -> Document:
    return Document(**row._mapping)


def add_draft(
    tx: Transaction, *, name: str, text: str, based_on: str, valid_from: date, reason: str, drafted_by: str
) -> Document:
    """A draft, which changes nothing yet."""
    draft = Document(
        id=ordered_id(),
        name=name,
        version=0,
        number=0,
        state="draft",
        text=text,
        sha256=digest_of(text),
        based_on=based_on,
        valid_from=valid_from,
        reason=reason,
        drafted_by=drafted_by,
        drafted_at=tx.now,
    )
    tx.connection.execute(insert(config_document).values(**vars(draft)))
    return draft


def find_document(tx: Reading, document_id: UUID) -> Document | None:
    row = tx.connection.execute(_DOCUMENTS.where(config_document.c.id == document_id)).one_or_none()
    return None if row is None else _document(row)


def hold_documents(tx: Transaction) -> None:
    """Let nobody else publish or withdraw until this transaction ends."""
    if tx.connection.dialect.name == "postgresql":
        tx.connection.execute(sa.text("LOCK TABLE config_document IN SHARE ROW EXCLUSIVE MODE"))


def keep_published(tx: Transaction, draft: Document, *, valid_from: date, by: str) -> Document:
    """The draft as a publication, with the next version of its name and the next number of all."""
    newest = select(func.coalesce(func.max(config_document.c.version), 0)).where(config_document.c.name == draft.name)
    return _decide(
        tx,
        draft,
        state="published",
        by=by,
        version=tx.connection.execute(newest).scalar_one() + 1,
        number=newest_number(tx) + 1,
        valid_from=valid_from,
    )


def keep_withdrawn(tx: Transaction, draft: Document, *, by: str) -> Document:
    return _decide(tx, draft, state="withdrawn", by=by)


def _decide(tx: Transaction, draft: Document, *, state: str, by: str, **more: Any) -> Document:
    values = more | {"state": state, "decided_by": by, "decided_at": tx.now}
    tx.connection.execute(update(config_document).where(config_document.c.id == draft.id).values(**values))
    return Document(**vars(draft) | values)


def newest_number(tx: Reading) -> int:
    """The number of the last publication, 0 for none: one probe of an index."""
    found = select(config_document.c.number).where(config_document.c.number > 0)
    newest = tx.connection.execute(found.order_by(config_document.c.number.desc()).limit(1)).scalar_one_or_none()
    return newest or 0


def published(tx: Reading, name: str | None = None) -> list[Document]:
    """All publications, or those of a name, in their order."""
    found = _DOCUMENTS.where(config_document.c.number > 0).order_by(config_document.c.number)
    if name is not None:
        found = found.where(config_document.c.name == name)
    return [_document(row) for row in tx.connection.execute(found)]


def drafts(tx: Reading) -> list[Document]:
    """What waits for a second person, the oldest first."""
    found = _DOCUMENTS.where(config_document.c.state == "draft").order_by(config_document.c.drafted_at)
    return [_document(row) for row in tx.connection.execute(found)]


def history_of(tx: Reading, name: str) -> list[Document]:
    """All that was ever written of a name, the newest first."""
    found = _DOCUMENTS.where(config_document.c.name == name)
    ordered = found.order_by(config_document.c.drafted_at.desc(), config_document.c.id.desc())
    return [_document(row) for row in tx.connection.execute(ordered)]
