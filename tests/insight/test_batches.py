"""Many events heard at once leave the same rows as one after the other, and cost little more than one."""

from datetime import UTC, date, datetime
from typing import Any, get_type_hints
from uuid import UUID, uuid4

import pytest
from sqlalchemy import MetaData, Table, select

from services.insight import store
from services.insight.reactions import REACTIONS
from shared.bus import Message
from shared.db import Database, Transaction
from shared.events.base import Event
from shared.events.intake import ContactGiven, PetitionFiled
from shared.events.notify import NoticeAccepted, NoticeDelivered, NoticeFailed
from shared.events.workflow import CaseAnswered, CaseAssigned, CaseOpened, CaseRefused, CaseRouted
from shared.inbox import Inbox, Together, inbox
from tests.builders import an_event, contact_given, petition_filed
from tests.conftest import MakeDatabase
from tests.hearing import heard, spoken, statements

DUE, LATER = date(2026, 12, 2), date(2026, 12, 9)
AT_THE_END_OF_TIME = datetime.max.replace(tzinfo=UTC)  # there is no such day in Huế: its reaction fails
FACTS = (store.petition_fact, store.case_fact, store.promise_fact, store.notice_fact)


def a_life(n: int, **opened: Any) -> dict[str, list[Event]]:
    """What is said of the nth petition, by source: of some the case is sorted anew, of some nobody can be told."""
    ids = {"petition_id": uuid4(), "case_id": uuid4()}
    told = {"petition_id": ids["petition_id"], "notice_id": uuid4(), "audience": "petitioner", "purpose": "answered"}
    again = [
        an_event(CaseRefused, **ids, ground="spam"),
        an_event(CaseOpened, **ids, answer_due_on=LATER, is_restricted=True),
    ]
    return {
        "intake": [
            petition_filed(petition_id=ids["petition_id"]),
            contact_given(petition_id=ids["petition_id"], channels=("email",) if n % 2 else ()),
        ],
        "workflow": [
            an_event(CaseOpened, **{**ids, "answer_due_on": None if n % 5 == 0 else DUE, **opened}),
            an_event(CaseRouted, **ids, unit=None if n % 4 == 0 else "KCHT"),
            *(again if n % 3 == 0 else []),
            an_event(CaseAssigned, **ids, unit="VP" if n % 2 else None),
            an_event(CaseAnswered, **ids, due_on=LATER),
        ],
        "notify": [
            an_event(NoticeFailed, **told) if n % 2 else an_event(NoticeAccepted, **told),
            an_event(NoticeDelivered, **told),
            an_event(NoticeAccepted, **(told | {"notice_id": uuid4(), "audience": "staff"})),
        ],
    }


def travelling(make_database: MakeDatabase, lives: list[dict[str, list[Event]]]) -> list[Message]:
    """What is said of these petitions, source by source."""
    return [
        message
        for source in ("intake", "workflow", "notify")
        for message in spoken(make_database(MetaData(), source), *[told for life in lives for told in life[source]])
    ]


def mirror(make_database: MakeDatabase) -> tuple[Database, Inbox]:
    database = make_database(store.metadata, "insight")
    hears = ("intake", "workflow", "notify")
    return database, Inbox(database, database.codec.keys, hears=hears, reactions=REACTIONS)


def rows(database: Database, table: Table) -> list[tuple[Any, ...]]:
    with database.reading() as tx:
        return sorted(map(tuple, tx.connection.execute(select(table))), key=str)


def states(database: Database) -> dict[UUID, str]:
    with database.reading() as tx:
        return {row.event_id: row.state for row in tx.connection.execute(select(inbox.c.event_id, inbox.c.state))}


def hear_together(tx: Transaction, told: list[Event]) -> None:
    reaction = REACTIONS[type(told[0])]
    assert isinstance(reaction, Together)
    reaction.react(tx, [heard(one) for one in told])


@pytest.mark.parametrize("sick", [{}, {"received_at": AT_THE_END_OF_TIME}], ids=["all well", "one fails"])
def test_a_batch_leaves_the_same_rows_as_one_event_after_the_other(
    make_database: MakeDatabase, sick: dict[str, Any]
) -> None:
    lives = [a_life(n) for n in range(7)] + [a_life(7, **sick)]
    messages = travelling(make_database, lives)
    (alone, one_by_one), (together, at_once) = mirror(make_database), mirror(make_database)

    for message in messages:
        one_by_one.take([message])
    at_once.take(messages)

    assert [rows(together, table) for table in FACTS] == [rows(alone, table) for table in FACTS]
    assert states(together) == states(alone)
    assert len(rows(together, store.case_fact)) == (7 if sick else 8)
    assert list(states(together).values()).count("retry") == (1 if sick else 0)


def test_what_was_known_of_a_petition_stays_whichever_fact_comes_first(make_database: MakeDatabase) -> None:
    database, _ = mirror(make_database)
    petition_id = uuid4()
    filed, contact = petition_filed(petition_id=petition_id), contact_given(petition_id=petition_id)

    with database.writing() as tx:
        hear_together(tx, [contact])
        hear_together(tx, [filed])

    assert rows(database, store.petition_fact) == [(petition_id, date(2026, 11, 23), "web", "thuy-xuan", True)]


@pytest.mark.parametrize(
    ("type_", "most"),
    [(PetitionFiled, 1), (ContactGiven, 1), (CaseOpened, 4), (CaseRouted, 2), (CaseAssigned, 2), (NoticeDelivered, 1)],
)
def test_twenty_petitions_cost_as_many_statements_as_one(
    make_database: MakeDatabase, type_: type[Event], most: int
) -> None:
    ids = [{"petition_id": uuid4(), "case_id": uuid4()} for _ in range(20)]
    opened: list[Event] = [an_event(CaseOpened, **of_one) for of_one in ids]
    told = [an_event(type_, **_named(type_, of_one)) for of_one in ids]

    counts = []
    for many in (1, 20):
        database, _ = mirror(make_database)
        with database.writing() as tx:
            hear_together(tx, opened[:many])
            with statements(database) as sent:
                hear_together(tx, told[:many])
        counts.append(len(sent))

    assert counts == [most, most]


@pytest.mark.parametrize(
    "told",
    [an_event(CaseRouted, unit=None), an_event(NoticeAccepted, audience="staff")],
    ids=["a secret unit", "a message to staff"],
)
def test_what_no_figure_needs_costs_no_statement(make_database: MakeDatabase, told: Event) -> None:
    database, _ = mirror(make_database)

    with database.writing() as tx, statements(database) as sent:
        hear_together(tx, [told])
        count = len(sent)

    assert count == 0


def _named(type_: type[Event], ids: dict[str, UUID]) -> dict[str, Any]:
    told_an_answer = {"audience": "petitioner", "purpose": "answered"}
    return {name: value for name, value in (ids | told_an_answer).items() if name in get_type_hints(type_)}
