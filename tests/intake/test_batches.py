"""Many events heard at once leave the same rows as one after the other, and cost little more than one."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import MetaData

from services.intake import store
from services.intake.reactions import REACTIONS
from shared.bus import Message
from shared.db import Database
from shared.events.base import Event
from shared.events.notify import NoticeAccepted, NoticeDelivered, NoticeSuppressed
from shared.events.workflow import (
    CaseAccepted,
    CaseAnswered,
    CaseAssigned,
    CaseClockPaused,
    CaseClockResumed,
    CaseOpened,
    CaseRouted,
)
from shared.inbox import Inbox, Together
from tests.builders import an_event
from tests.conftest import MakeDatabase
from tests.hearing import heard, spoken, statements
from tests.intake.builders import a_letter, file_one

BEYOND_EVERY_COLUMN = 2**70  # a number that no database keeps: its reaction fails


def a_life(n: int, petition_id: UUID, **answered: Any) -> dict[str, list[Event]]:
    """What is said of the nth petition, by source: not of all of them the same."""
    letter = a_letter(id=UUID(int=n)) if n % 2 else None
    ids = {"petition_id": petition_id, "case_id": UUID(int=n), "letter": letter}
    told = {"petition_id": petition_id, "notice_id": uuid4(), "audience": "staff" if n % 3 == 0 else "petitioner"}
    resumed_to = date(2026, 12, 7) if n % 2 else None
    return {
        "workflow": [
            an_event(CaseOpened, **ids, answer_due_on=None if n % 4 == 0 else date(2026, 12, 3)),
            an_event(CaseRouted, **ids, destination=f"U{n}"),
            an_event(CaseAssigned, **ids, unit=f"V{n}" if n % 2 else None),
            an_event(CaseAccepted, **ids),
            an_event(CaseClockPaused, **ids, ground="waiting_for_citizen" if n % 2 else "expert_opinion"),
            an_event(CaseClockResumed, **ids, answer_due_on=resumed_to),
            an_event(CaseAnswered, **(ids | answered)),
        ],
        "notify": [an_event(NoticeAccepted, **told), an_event(NoticeDelivered, **told)]
        if n % 2
        else [an_event(NoticeSuppressed, **told)],
    }


def door(make_database: MakeDatabase) -> tuple[Database, Inbox]:
    database = make_database(store.metadata, "intake")
    return database, Inbox(database, database.codec.keys, hears=("workflow", "notify"), reactions=REACTIONS)


def travelling(make_database: MakeDatabase, lives: list[dict[str, list[Event]]]) -> list[Message]:
    """What is said of these petitions, source by source."""
    return [
        message
        for source in ("workflow", "notify")
        for message in spoken(make_database(MetaData(), source), *[told for life in lives for told in life[source]])
    ]


def what_is_known(database: Database, petition_id: UUID) -> tuple[object, ...]:
    with database.reading() as look:
        filed = store.petition_of(look, petition_id)
        assert filed is not None
        case = (filed.stage, filed.unit, filed.due_on, filed.reply_by, filed.round, filed.is_rated, filed.answered_at)
        return case, store.story_of(look, petition_id), store.notices_of(look, petition_id)


@pytest.mark.parametrize("sick", [{}, {"round": BEYOND_EVERY_COLUMN}], ids=["all well", "one fails"])
def test_a_batch_leaves_the_same_rows_as_one_event_after_the_other(
    make_database: MakeDatabase, sick: dict[str, Any]
) -> None:
    (alone, one_by_one), (together, at_once) = door(make_database), door(make_database)
    known = {database: [file_one(database).filed.id for _ in range(6)] for database in (alone, together)}
    strangers = [uuid4()]

    for database in (alone, together):
        lives = [a_life(n, petition_id) for n, petition_id in enumerate(known[database] + strangers)]
        lives[5] = a_life(5, known[database][5], **sick)
        messages = travelling(make_database, lives)
        if database is together:
            at_once.take(messages)
        else:
            for message in messages:
                one_by_one.take([message])

    found, expected = ([what_is_known(one, petition_id) for petition_id in known[one]] for one in (together, alone))
    assert found == expected
    assert at_once.backlog() == one_by_one.backlog() == ({"retry": 1} if sick else {})


@pytest.mark.parametrize(
    ("type_", "most"),
    [(CaseOpened, 3), (CaseRouted, 3), (CaseAssigned, 3), (CaseAccepted, 3), (NoticeAccepted, 2), (NoticeDelivered, 2)],
)
def test_twenty_petitions_cost_as_many_statements_as_one(database: Database, type_: type[Event], most: int) -> None:
    ids = [file_one(database).filed.id for _ in range(20)]
    audience = {"audience": "petitioner"} if type_ in (NoticeAccepted, NoticeDelivered) else {}
    told = [an_event(type_, petition_id=petition_id, **audience) for petition_id in ids]
    reaction = REACTIONS[type_]
    assert isinstance(reaction, Together)

    counts = []
    for some in (told[:1], told):
        with database.writing() as tx, statements(database) as sent:
            reaction.react(tx, [heard(one) for one in some])
            counts.append(len(sent))

    assert counts == [most, most]


def test_messages_to_staff_cost_no_statement(database: Database) -> None:
    told = heard(an_event(NoticeAccepted, petition_id=file_one(database).filed.id, audience="staff"))

    with database.writing() as tx, statements(database) as sent:
        REACTIONS[NoticeAccepted].react(tx, [told])
        count = len(sent)

    assert count == 0
