"""Numbers without gaps, the letters that bear them, and the register of what came in.

A number is taken from its row of `number_series` in the transaction that uses it: whoever wants the next one waits
until that transaction ends, and one that fails gives its number back. That is the price of no gaps.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
    UniqueConstraint,
    Uuid,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from services.workflow.domain.case import Case
from services.workflow.domain.letter import Block, Letter, Page
from services.workflow.domain.permission import Person
from services.workflow.store.cases import _COLUMNS, _case
from services.workflow.store.queue import visible_to
from services.workflow.store.tables import case_, case_words, metadata
from shared.db import Instant, Reading, Transaction
from shared.sql import insert_rows, padded

number_series = Table(
    "number_series",  # the last number that was given
    metadata,
    Column("series", String(24), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

register = Table(
    "register",  # each petition's number among those that came in
    metadata,
    Column("petition_id", Uuid, primary_key=True),
    Column("series", String(24), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    UniqueConstraint("series", "year", "number", name="register_number"),
)

letter = Table(
    "letter",  # what was issued; rows are only ever added
    metadata,
    Column("id", Uuid, primary_key=True),  # of its file too
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("type", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("series", String(24), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("symbol", String(48), nullable=False),
    Column("signed_on", Date, nullable=False),
    Column("signer", String(40), nullable=False),
    Column("signer_name", String(120), nullable=False),
    Column("block", JSON, nullable=False),
    Column("corrects", Uuid),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("issued_at", Instant, nullable=False),
    UniqueConstraint("series", "year", "number", name="letter_number"),
    Index("letter_case", "case_id"),
)

letter_page = Table(
    "letter_page",  # what stands on it, with whom it is for: erased alone
    metadata,
    Column("letter_id", Uuid, ForeignKey("letter.id"), primary_key=True),
    Column("page", JSON, nullable=False),
)

_NAMES = tuple(Letter.__dataclass_fields__)


# ---- numbers


def allot(tx: Transaction, wanted: Mapping[tuple[str, int], int]) -> dict[tuple[str, int], int]:
    """The first of so many new numbers of each series and year. The rows stay locked until the transaction ends."""
    rows = [{"series": series, "year": year, "last": count} for (series, year), count in sorted(wanted.items())]
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(number_series).values(rows)
    more = insert.on_conflict_do_update(
        index_elements=["series", "year"], set_={"last": number_series.c.last + insert.excluded.last}
    ).returning(number_series.c.series, number_series.c.year, number_series.c.last)
    return {(row.series, row.year): row.last - wanted[row.series, row.year] + 1 for row in tx.connection.execute(more)}


def register_petitions(tx: Transaction, came_in: Sequence[tuple[UUID, str, int]]) -> None:
    """Give petitions their numbers in the register, in this order: id, series, year."""
    if not came_in:
        return
    free = allot(tx, Counter((series, year) for _, series, year in came_in))
    rows = []
    for petition_id, series, year in came_in:
        rows.append({"petition_id": petition_id, "series": series, "year": year, "number": free[series, year]})
        free[series, year] += 1
    insert_rows(tx.connection, register, rows)


def register_numbers(tx: Reading, petition_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Number and year in the register, of those petitions that have one."""
    if not petition_ids:
        return {}
    found = select(register).where(register.c.petition_id.in_(padded(petition_ids)))
    return {row.petition_id: (row.number, row.year) for row in tx.connection.execute(found)}


# ---- letters


def add_letter(tx: Transaction, issued: Letter, page: Page) -> None:
    values = {name: getattr(issued, name) for name in _NAMES} | {"block": vars(issued.block), "issued_at": tx.now}
    tx.connection.execute(letter.insert(), values)
    tx.connection.execute(letter_page.insert(), {"letter_id": issued.id, "page": msgspec.to_builtins(page)})


def _letter(row: Any) -> Letter:
    values = {name: row._mapping[name] for name in _NAMES}
    return Letter(**values | {"block": Block(**values["block"])})


def letters_of(tx: Reading, case_id: UUID) -> list[Letter]:
    """The letters of a case, oldest first."""
    found = select(letter).where(letter.c.case_id == case_id).order_by(letter.c.issued_at, letter.c.number)
    return [_letter(row) for row in tx.connection.execute(found)]


def find_letter(tx: Reading, letter_id: UUID) -> Letter | None:
    row = tx.connection.execute(select(letter).where(letter.c.id == letter_id)).one_or_none()
    return None if row is None else _letter(row)


# ---- the book of reception


@dataclass(frozen=True, kw_only=True)
class Received:
    """A case as the book of reception shows it: of a secret one nothing that tells of a person."""

    case: Case
    title: str  # empty for secret kinds
    name: str | None
    address: str | None
    register: tuple[int, int] | None
    letters: tuple[Letter, ...]


def received_between(tx: Reading, person: Person, first: datetime, last: datetime, *, limit: int) -> Sequence[Received]:
    """What came in from one instant to before another, of what the person may see: oldest first."""
    found = (
        select(*_COLUMNS, case_.c.title, case_words.c.name, case_words.c.address)
        .join(case_words, case_words.c.case_id == case_.c.id)
        .where(case_.c.received_at >= first, case_.c.received_at < last, visible_to(person))
        .order_by(case_.c.received_at, case_.c.id)
        .limit(limit)
    )
    rows = list(tx.connection.execute(found))
    numbers = register_numbers(tx, [row.petition_id for row in rows])
    issued = _letters_by_case(tx, [row.id for row in rows])
    return [_received(row, numbers.get(row.petition_id), issued.get(row.id, [])) for row in rows]


def _received(row: Any, number: tuple[int, int] | None, letters: Sequence[Letter]) -> Received:
    case = _case(row)
    return Received(
        case=case,
        title=row.title,
        name=None if case.is_secret else row.name,
        address=None if case.is_secret else row.address,
        register=number,
        letters=tuple(letters),
    )


def _letters_by_case(tx: Reading, case_ids: Sequence[UUID]) -> dict[UUID, list[Letter]]:
    found: dict[UUID, list[Letter]] = {}
    if case_ids:
        issued = (
            select(letter).where(letter.c.case_id.in_(padded(case_ids))).order_by(letter.c.issued_at, letter.c.number)
        )
        for row in tx.connection.execute(issued):
            found.setdefault(row.case_id, []).append(_letter(row))
    return found
