"""Views that a person saves for themselves. They change no case, so nobody else hears of it."""

from collections.abc import Mapping
from uuid import UUID

from services.workflow import store
from services.workflow.domain.permission import Person
from services.workflow.steps import Incomplete, needed
from shared.db import Transaction

MOST_VIEWS = 12
LONGEST_NAME = 60


def save_view(tx: Transaction, *, person: Person, name: str, query: Mapping[str, str]) -> UUID:
    """Keep a list under a name. Raises Incomplete."""
    said = needed(name, "name", most=LONGEST_NAME)
    if len(store.saved_views_of(tx, person.person)) >= MOST_VIEWS:
        raise Incomplete("name", "too_many")
    return store.add_saved_view(tx, person.person, name=said, query=query)


def rename_view(tx: Transaction, *, person: Person, view_id: UUID, name: str) -> None:
    store.rename_saved_view(tx, person.person, view_id, needed(name, "name", most=LONGEST_NAME))


def move_view(tx: Transaction, *, person: Person, view_id: UUID, by: int) -> None:
    """Move a view up (-1) or down (1) among one's own."""
    order = [view.id for view in store.saved_views_of(tx, person.person)]
    if view_id not in order:
        return
    at = order.index(view_id)
    to = min(max(at + by, 0), len(order) - 1)
    order.insert(to, order.pop(at))
    store.arrange_saved_views(tx, person.person, order)


def drop_view(tx: Transaction, *, person: Person, view_id: UUID) -> None:
    store.drop_saved_view(tx, person.person, view_id)
