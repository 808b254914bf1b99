"""Views that a person saved: a name, and the address of the list behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text, Uuid, delete, select, update

from services.workflow.store.tables import metadata
from shared.db import Reading, Transaction
from shared.ids import ordered_id

saved_view = Table(
    "saved_view",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person", String(40), nullable=False),
    Column("name", Text, nullable=False),
    Column("query", JSON, nullable=False),  # what narrows the list, as in its address
    Column("place", Integer, nullable=False),
    Index("saved_view_person", "person", "place"),
)


@dataclass(frozen=True, kw_only=True)
class SavedView:
    id: UUID
    name: str
    query: dict[str, str]


def saved_views_of(tx: Reading, person: str) -> list[SavedView]:
    """The views of a person, in their order."""
    found = select(saved_view.c.id, saved_view.c.name, saved_view.c.query).where(saved_view.c.person == person)
    rows: Sequence[Any] = tx.connection.execute(found.order_by(saved_view.c.place, saved_view.c.id)).all()
    return [SavedView(id=row.id, name=row.name, query=dict(row.query)) for row in rows]


def add_saved_view(tx: Transaction, person: str, *, name: str, query: Mapping[str, str]) -> UUID:
    """One more view, behind the others."""
    made = ordered_id()
    place = len(saved_views_of(tx, person))
    row = {"id": made, "person": person, "name": name, "query": dict(query), "place": place}
    tx.connection.execute(saved_view.insert(), row)
    return made


def arrange_saved_views(tx: Transaction, person: str, order: Sequence[UUID]) -> None:
    """Put the views of a person into this order."""
    for place, view_id in enumerate(order):
        mine = (saved_view.c.id == view_id) & (saved_view.c.person == person)
        tx.connection.execute(update(saved_view).where(mine).values(place=place))


def rename_saved_view(tx: Transaction, person: str, view_id: UUID, name: str) -> None:
    mine = (saved_view.c.id == view_id) & (saved_view.c.person == person)
    tx.connection.execute(update(saved_view).where(mine).values(name=name))


def drop_saved_view(tx: Transaction, person: str, view_id: UUID) -> None:
    mine = (saved_view.c.id == view_id) & (saved_view.c.person == person)
    tx.connection.execute(delete(saved_view).where(mine))
