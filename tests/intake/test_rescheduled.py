"""Days that a new calendar moved, or that a wait has taken, on the page of the citizen."""

from datetime import date
from typing import Any

from flask.testing import FlaskClient

from services.intake import store
from services.intake.door import Door
from services.intake.words import entry_words
from shared.db import Database
from shared.events.workflow import CaseClockPaused, CaseRescheduled
from tests.builders import an_event
from tests.intake.builders import case_opened, file_one, hear
from tests.intake.test_after import petition_of
from tests.intake.test_web import filed


def moved(petition_id: Any, **given: Any) -> CaseRescheduled:
    usual = {"due_before": date(2026, 12, 3), "due_on": date(2026, 12, 4), "is_announced": True, "is_later": True}
    return an_event(CaseRescheduled, petition_id=petition_id, **(usual | given))


def test_the_page_shows_the_new_day_and_says_why(database: Database) -> None:
    petition_id = file_one(database).filed.id

    hear(database, moved(petition_id))

    with database.reading() as look:
        found = store.petition_of(look, petition_id)
        last = store.story_of(look, petition_id)[-1]
    assert found is not None
    assert found.due_on == date(2026, 12, 4)
    assert (last.what, last.facts["due_before"]) == ("rescheduled", "2026-12-03")


def test_a_day_that_nobody_was_told_is_no_line_and_moves_nothing(database: Database) -> None:
    petition_id = file_one(database).filed.id
    with database.reading() as look:
        before = store.petition_of(look, petition_id)

    hear(database, moved(petition_id, is_announced=False))

    with database.reading() as look:
        after = store.petition_of(look, petition_id)
        (entry,) = store.story_of(look, petition_id)
    assert before is not None
    assert after is not None
    assert after.due_on == before.due_on
    assert entry_words(entry, "") == ("", "")


def test_while_the_clock_waits_no_day_is_promised_for_what_comes_next(client: FlaskClient, door: Door) -> None:
    token = filed(client)
    petition_id = petition_of(door, token)
    hear(door.database, case_opened(petition_id, answer_due_on=date(2026, 12, 3)))
    assert "Chậm nhất thứ Năm 03/12/2026" in client.get(f"/t/{token}").text

    hear(
        door.database, an_event(CaseClockPaused, petition_id=petition_id, case_id=petition_id, ground="expert_opinion")
    )

    shown = client.get(f"/t/{token}").text
    assert "Hạn tính tiếp khi hết chờ" in shown
    assert "Chậm nhất thứ Năm" not in shown


def test_a_day_that_has_passed_is_not_named_as_what_comes_next(client: FlaskClient, door: Door) -> None:
    token = filed(client)
    hear(door.database, case_opened(petition_of(door, token), answer_due_on=date(2026, 11, 16)))

    shown = client.get(f"/t/{token}").text

    assert "chúng tôi còn nợ bạn câu trả lời" in shown
    assert "Chậm nhất thứ Hai 16/11/2026" not in shown
