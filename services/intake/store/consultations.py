"""Drafts on which people may comment."""

from collections.abc import Collection
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    JSON,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    func,
    select,
    update,
)

from services.intake.domain.consultation import Consultation, PublicAnswer
from services.intake.store.tables import metadata, petition
from shared.db import Instant, Reading, Transaction, insert_new
from shared.events.intake import Attachment
from shared.sql import padded, upsert_many

consultation = Table(
    "consultation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),  # its short address
    Column("unit", String(16), nullable=False),
    Column("opens_on", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    Column("answers_due_on", Date, nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("text", Text),
    Column("document", JSON),  # its file
    Column("closed_on", Date),
    Column("reason", Text),  # why it was closed early
    Index("consultation_list", "closes_on"),
)

public_answer = Table(
    "public_answer",  # to a comment on a draft: what everybody may read of it
    metadata,
    Column("petition_id", ForeignKey("petition.id"), primary_key=True),
    Column("consultation_id", Uuid, nullable=False, index=True),
    Column("point", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("outcome", String(24), nullable=False),
    Column("answered_at", Instant, nullable=False),
)

_DRAFT = tuple(field.name for field in fields(Consultation))
LISTED = 100


def _consultation(row: Any) -> Consultation:
    values = {name: row._mapping[name] for name in _DRAFT}
    document = values["document"]
    return Consultation(**values | {"document": document and msgspec.convert(document, Attachment)})


def add_consultation(tx: Transaction, opened: Consultation) -> None:
    insert_new(tx.connection, consultation, [vars(opened) | {"document": msgspec.to_builtins(opened.document)}])


def close_consultation(
    tx: Transaction, consultation_id: UUID, *, closed_on: date, answers_due_on: date, reason: str | None
) -> None:
    values = {"closed_on": closed_on, "answers_due_on": answers_due_on, "reason": reason}
    tx.connection.execute(update(consultation).where(consultation.c.id == consultation_id).values(**values))


def consultation_of(tx: Reading, consultation_id: UUID) -> Consultation | None:
    row = tx.connection.execute(select(consultation).where(consultation.c.id == consultation_id)).one_or_none()
    return None if row is None else _consultation(row)


def consultation_by_number(tx: Reading, number: int) -> Consultation | None:
    row = tx.connection.execute(select(consultation).where(consultation.c.number == number)).one_or_none()
    return None if row is None else _consultation(row)


def consultations(tx: Reading) -> list[Consultation]:
    """The newest, the one that ends first standing first."""
    newest = select(consultation).order_by(consultation.c.closes_on.desc(), consultation.c.number.desc()).limit(LISTED)
    return [_consultation(row) for row in reversed(tx.connection.execute(newest).all())]


def publish_answer(tx: Transaction, answered: PublicAnswer) -> None:
    """What everybody may read of an answer; a later one takes the place of the one before."""
    upsert_many(tx.connection, public_answer, [vars(answered)])


def public_answers(tx: Reading, consultation_id: UUID) -> list[PublicAnswer]:
    """In the order in which they were given."""
    found = select(public_answer).where(public_answer.c.consultation_id == consultation_id)
    rows = tx.connection.execute(found.order_by(public_answer.c.answered_at, public_answer.c.petition_id))
    return [PublicAnswer(**row._mapping) for row in rows]


def count_comments(tx: Reading, consultation_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many comments came in on each draft that has any."""
    found = select(petition.c.consultation_id, func.count().label("many")).group_by(petition.c.consultation_id)
    rows = tx.connection.execute(found.where(petition.c.consultation_id.in_(padded(consultation_ids))))
    return {row.consultation_id: row.many for row in rows} if consultation_ids else {}
