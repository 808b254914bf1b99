"""Documents that were published over files."""

from datetime import date

from sqlalchemy import (
    Column,
    Date,
    Integer,
    String,
    Table,
    Text,
    func,
    select,
)

from services.intake.store.tables import metadata
from shared.db import Reading, Transaction
from shared.sql import upsert_many

published_document = Table(
    "published_document",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("valid_from", Date, nullable=False),
    Column("text", Text, nullable=False),
)


def keep_document(tx: Transaction, *, name: str, version: int, valid_from: date, text: str) -> None:
    row = {"name": name, "version": version, "valid_from": valid_from, "text": text}
    upsert_many(tx.connection, published_document, [row])


def document_version_on(tx: Reading, name: str, day: date) -> int:
    """The newest publication under a name that holds on a day; 0 where the file does."""
    found = select(func.max(published_document.c.version)).where(
        published_document.c.name == name, published_document.c.valid_from <= day
    )
    return tx.connection.execute(found).scalar() or 0


def document_text(tx: Reading, name: str, version: int) -> str:
    found = select(published_document.c.text).where(
        published_document.c.name == name, published_document.c.version == version
    )
    return str(tx.connection.execute(found).scalar_one())
