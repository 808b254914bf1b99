"""Consultations, and the comments on each, which are cases."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import JSON, Column, Date, Index, Integer, String, Table, Text, Uuid, func, select, text, update

from services.workflow.domain.case import Case
from services.workflow.domain.consultation import CLOSED, KIND, OPENED, Consultation
from services.workflow.domain.permission import Person
from services.workflow.store.answering import answer_sheet
from services.workflow.store.cases import _COLUMNS, _case
from services.workflow.store.letters import allot
from services.workflow.store.queue import _not_about, visible_to
from services.workflow.store.tables import AWAITS_THE_CLOSE, answer, case_, metadata
from shared.db import Instant, Reading, Transaction
from shared.events.intake import Attachment
from shared.sql import padded

LISTED = 200
NUMBERS = ("consultation", 0)
"""The series of short addresses: one for all years, so that an address on paper never means two things."""

consultation = Table(
    "consultation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("text", Text),
    Column("document", JSON),  # the file of the draft
    Column("unit", String(16), nullable=False),
    Column("opens_on", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    Column("prepared_by", String(40), nullable=False),
    Column("prepared_at", Instant, nullable=False),
    Column("state", String(12), nullable=False),  # prepared, opened, closed
    Column("opened_by", String(40)),
    Column("opened_at", Instant),
    Column("closed_by", String(40)),
    Column("closed_at", Instant),
    Column("closed_on", Date),
    Column("reason", Text),
    Index("consultation_number", "number", unique=True),
    Index("consultation_list", "state", "closes_on"),
)

_NAMES = tuple(field.name for field in fields(Consultation))


def _consultation(row: Any) -> Consultation:
    values = {name: row._mapping[name] for name in _NAMES}
    document = values["document"]
    return Consultation(**values | {"document": document and msgspec.convert(document, Attachment)})


def _values(one: Consultation) -> dict[str, Any]:
    return vars(one) | {"document": msgspec.to_builtins(one.document)}


def next_consultation_number(tx: Transaction) -> int:
    return allot(tx, {NUMBERS: 1})[NUMBERS]


def add_consultation(tx: Transaction, new: Consultation) -> None:
    tx.connection.execute(consultation.insert(), _values(new))


def save_consultation(tx: Transaction, changed: Consultation) -> None:
    tx.connection.execute(update(consultation).where(consultation.c.id == changed.id).values(**_values(changed)))


def load_consultation(tx: Transaction, consultation_id: UUID) -> Consultation | None:
    """Held until the transaction ends."""
    found = select(consultation).where(consultation.c.id == consultation_id).with_for_update()
    row = tx.connection.execute(found).one_or_none()
    return None if row is None else _consultation(row)


def find_consultation(tx: Reading, consultation_id: UUID) -> Consultation | None:
    row = tx.connection.execute(select(consultation).where(consultation.c.id == consultation_id)).one_or_none()
    return None if row is None else _consultation(row)


def consultations_by_id(tx: Reading, ids: Iterable[UUID]) -> dict[UUID, Consultation]:
    wanted = set(ids)
    if not wanted:
        return {}
    rows = tx.connection.execute(select(consultation).where(consultation.c.id.in_(padded(wanted))))
    return {row.id: _consultation(row) for row in rows}


def all_consultations(tx: Reading) -> list[Consultation]:
    """All of them, the one that ends last first."""
    order = (consultation.c.closes_on.desc(), consultation.c.number.desc())
    return [_consultation(row) for row in tx.connection.execute(select(consultation).order_by(*order).limit(LISTED))]


# ---- what the clock looks for

_OVER = select(consultation).where(consultation.c.state == OPENED)
_LATE_TO_START = (
    select(*_COLUMNS, consultation.c.closed_on)
    .join(consultation, consultation.c.id == case_.c.consultation_id)
    .where(text(AWAITS_THE_CLOSE), case_.c.kind == KIND, consultation.c.state == CLOSED)
)


def consultations_over(tx: Transaction, today: date) -> list[Consultation]:
    """Those whose last day has passed and that nobody has closed, held."""
    found = _OVER.where(consultation.c.closes_on < today).order_by(consultation.c.number)
    return [_consultation(row) for row in tx.connection.execute(found.with_for_update(skip_locked=True))]


def is_consultation_over(tx: Reading, today: date) -> bool:
    return tx.connection.execute(_OVER.where(consultation.c.closes_on < today).limit(1)).first() is not None


def comments_without_clock(tx: Transaction, *, limit: int) -> list[tuple[Case, date]]:
    """Comments whose consultation was closed and whose clock does not run yet, held, with the day of the close."""
    found = _LATE_TO_START.order_by(case_.c.id).limit(limit).with_for_update(of=case_, skip_locked=True)
    return [(_case(row), row.closed_on) for row in tx.connection.execute(found)]


def is_comment_without_clock(tx: Reading) -> bool:
    return tx.connection.execute(_LATE_TO_START.limit(1)).first() is not None


# ---- the comments


def count_comments(tx: Reading, person: Person, ids: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """How many comments stand in each stage, by consultation. A number tells nobody anything, so all are counted but
    those about the person: beside a shorter list it would tell them that there is one.
    """
    wanted = list(ids)
    found: dict[UUID, dict[str, int]] = {one: {} for one in wanted}
    if wanted:
        count = select(case_.c.consultation_id, case_.c.stage, func.count().label("many"))
        mine = count.where(case_.c.consultation_id.in_(padded(wanted)), case_.c.kind == KIND, _not_about(person))
        for row in tx.connection.execute(mine.group_by(case_.c.consultation_id, case_.c.stage)):
            found[row.consultation_id][row.stage] = row.many
    return found


@dataclass(frozen=True, kw_only=True)
class Written:
    """The last version of an answer: being written, or given."""

    text: str
    outcome: str
    point: str | None  # what the comment says, as it is published


@dataclass(frozen=True)
class Comment:
    """A comment as the page of its consultation lists it."""

    case: Case
    title: str
    written: Written | None


def comments_of(tx: Reading, person: Person, consultation_id: UUID, *, limit: int) -> list[Comment]:
    """The comments that this person may see, with the last version of their answers: those not answered yet first, so
    that however many there are, the next ones stand there; each oldest first.
    """
    is_last = (answer.c.case_id == case_.c.id) & (answer.c.version == case_.c.draft_version)
    is_beside = (answer_sheet.c.case_id == answer.c.case_id) & (answer_sheet.c.version == answer.c.version)
    written = (answer.c.text.label("written"), answer.c.outcome, answer_sheet.c.point)
    found = (
        select(*_COLUMNS, case_.c.title, *written)
        .outerjoin(answer, is_last)
        .outerjoin(answer_sheet, is_beside)
        .where(case_.c.consultation_id == consultation_id, case_.c.kind == KIND, visible_to(person))
        .order_by(case_.c.answered_at.is_not(None), case_.c.id)
        .limit(limit)
    )
    return [_comment(row) for row in tx.connection.execute(found)]


def _comment(row: Any) -> Comment:
    written = Written(text=row.written, outcome=row.outcome, point=row.point) if row.written is not None else None
    return Comment(_case(row), row.title, written)
