"""Days that a new calendar moved, in the figures: the promise moves, the first promise stays."""

from datetime import date

import pytest

from services.insight import store
from shared.db import Database
from shared.events.workflow import CaseRescheduled
from tests.builders import an_event
from tests.conftest import MakeDatabase
from tests.insight.builders import a_story, tell

DUE = date(2026, 10, 20)


@pytest.fixture
def database(make_database: MakeDatabase) -> Database:
    return make_database(store.metadata, "insight")


def test_a_moved_day_is_kept_in_time_and_is_no_extension(database: Database) -> None:
    story = a_story(received=date(2026, 10, 5), due=DUE)
    case = next(event for _, event in story if hasattr(event, "case_id"))
    ids = {"petition_id": case.petition_id, "case_id": case.case_id}  # type: ignore[attr-defined]
    later = an_event(CaseRescheduled, **ids, due_before=DUE, due_on=date(2026, 10, 21), is_announced=True)
    quiet = an_event(CaseRescheduled, **ids, due_before=DUE, due_on=date(2026, 10, 30), is_announced=False)

    tell(database, [*story, (DUE, later), (DUE, quiet)])

    with database.reading() as look:
        promise = store.promise_of(look, ids["case_id"])
    assert promise is not None
    assert (promise.due_on, promise.first_due_on) == (date(2026, 10, 21), DUE)
