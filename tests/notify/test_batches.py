"""Much that is heard or sent at once leaves the same rows as one after the other, and costs little more than one."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import MetaData, Table, select

from services.notify import store
from services.notify.reactions import REACTIONS, Book
from shared.bus import Message
from shared.db import Database
from shared.events.base import Event
from shared.events.intake import ContactGiven, PetitionFiled
from shared.events.workflow import (
    CaseAccepted,
    CaseAnswered,
    CaseClosed,
    CaseExtended,
    CaseOpened,
    CaseOverdue,
    CaseRouted,
    StaffChanged,
)
from shared.inbox import Inbox, Together, inbox
from shared.outbox import outbox
from tests.builders import an_event, contact_given, petition_filed
from tests.conftest import MakeDatabase
from tests.hearing import heard, spoken, statements
from tests.notify.conftest import Post

AT_THE_END_OF_TIME = datetime.max.replace(tzinfo=UTC)  # there is no such instant in Huế: its reaction fails
KEPT = (store.petition, store.contact_point, store.staff, store.notice)


def a_life(n: int, **filed: Any) -> dict[str, list[Event]]:
    """What is said of the nth petition, by source: some are discreet, of some nobody can or may be told."""
    petition_id = uuid4()
    ids = {"petition_id": petition_id, "case_id": uuid4()}
    channels = [("email", "sms"), ("email",), ("sms",), ()][n % 4]
    return {
        "intake": [
            petition_filed(petition_id=petition_id, **({"public_code": None} if n % 3 == 0 else {}), **filed),
            contact_given(petition_id=petition_id, channels=channels),
        ],
        "workflow": [
            an_event(CaseOpened, **ids, is_restricted=n % 5 == 0),
            an_event(CaseRouted, **ids, excluded_units=("VP",) if n % 2 else (), excluded=("u:an",) if n % 3 else ()),
            an_event(CaseAccepted, **ids),
            an_event(CaseExtended, **ids, due_on=date(2026, 12, 9)),
            an_event(CaseOverdue, **ids, tell=("u:an", "u:binh") if n % 4 else ()),
            an_event(CaseAnswered, **ids, promised_on=None),
            *([an_event(CaseClosed, **ids, outcome="answered")] if n % 2 else []),
        ],
    }


def travelling(make_database: MakeDatabase, lives: list[dict[str, list[Event]]]) -> dict[str, list[Message]]:
    """What is said of these petitions and to whom the house belongs, by source."""
    house = [
        an_event(StaffChanged, person=person, unit=unit, email="an@example.vn")
        for person, unit in [("u:an", "KCHT"), ("u:binh", "VP")]
    ]
    return {
        source: spoken(make_database(MetaData(), source), *first, *[told for life in lives for told in life[source]])
        for source, first in [("intake", []), ("workflow", house)]
    }


def postman(make_database: MakeDatabase, book: Book) -> tuple[Database, Inbox]:
    database = make_database(store.metadata, "notify")
    reactions = {event: Together(partial(react, book)) for event, react in REACTIONS.items()}
    return database, Inbox(database, database.codec.keys, hears=("intake", "workflow"), reactions=reactions)


def rows(database: Database, table: Table) -> list[tuple[Any, ...]]:
    with database.reading() as tx:
        return sorted(map(tuple, tx.connection.execute(select(table))), key=str)


def told(database: Database) -> list[tuple[Any, ...]]:
    with database.reading() as tx:
        return sorted(map(tuple, tx.connection.execute(select(outbox.c.subject, outbox.c.type))))


def states(database: Database) -> list[str]:
    with database.reading() as tx:
        return sorted(tx.connection.execute(select(inbox.c.state)).scalars())


@pytest.mark.parametrize("order", [("intake", "workflow"), ("workflow", "intake")], ids=" then ".join)
@pytest.mark.parametrize("sick", [{}, {"received_at": AT_THE_END_OF_TIME}], ids=["all well", "one fails"])
def test_a_batch_leaves_the_same_rows_as_one_event_after_the_other(
    make_database: MakeDatabase, book_of_the_office: Book, order: tuple[str, str], sick: dict[str, Any]
) -> None:
    messages = travelling(make_database, [a_life(n) for n in range(12)] + [a_life(13, **sick)])
    (alone, one_by_one), (together, at_once) = (postman(make_database, book_of_the_office) for _ in range(2))

    for source in order:
        for message in messages[source]:
            one_by_one.take([message])
        at_once.take(messages[source])

    assert [rows(together, table) for table in KEPT] == [rows(alone, table) for table in KEPT]
    assert told(together) == told(alone)
    assert states(together) == states(alone)
    assert len(rows(together, store.petition)) == 13
    assert states(together).count("retry") == (1 if sick else 0)


@pytest.mark.parametrize(
    ("type_", "how", "most"),
    [
        (PetitionFiled, {}, 1),
        (ContactGiven, {}, 3),
        (CaseOpened, {}, 0),
        (CaseOpened, {"is_restricted": True}, 1),
        (CaseRouted, {}, 1),  # whether it is doubted
        (CaseRouted, {"excluded": ("u:an",)}, 3),
        (CaseAccepted, {}, 3),
        (CaseAnswered, {"promised_on": None}, 5),
        (CaseOverdue, {"tell": ("u:an", "u:binh")}, 4),
    ],
)
def test_twenty_petitions_cost_as_many_statements_as_one(
    post: Post, type_: type[Event], how: dict[str, Any], most: int
) -> None:
    counts = []
    for many in (1, 20):
        events = [an_event(type_, petition_id=post.petition(), **how) for _ in range(many)]
        with post.database.writing() as tx, statements(post.database) as sent:
            REACTIONS[type_](post.book, tx, [heard(one) for one in events])
            counts.append(len(sent))

    assert counts == [most, most]


def test_twenty_notices_leave_with_as_many_statements_as_one(post: Post) -> None:
    dispatcher = post.dispatcher()
    post.petition(channels=("email",))
    dispatcher.once()

    counts = []
    for many in (1, 19):
        for _ in range(many):
            post.petition(channels=("email",))
        with statements(post.database) as sent:
            assert dispatcher.once() == many
        counts.append(len([statement for statement in sent if "outbox" not in statement]))

    assert counts[0] == counts[1] <= 7
    assert len(post.arrivals()) == 21
