"""A petition about several matters: it stands where its slowest part stands, and its page shows every part."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from services.intake import store
from services.intake.domain.parts import Part, whole_of
from services.intake.door import Door
from services.intake.story import Story, tell
from shared.db import Database
from shared.events.base import Sealed
from shared.events.workflow import CaseAccepted, CaseClosed, CaseReopened, CaseSplit, CaseUnlinked, Sorting
from tests.intake.builders import case_answered, case_opened, file_one, hear
from tests.intake.test_after import petition_of
from tests.intake.test_web import filed

WHOLE, FIRST, SECOND = UUID(int=1), UUID(int=2), UUID(int=3)


def opened(petition_id: UUID, case_id: UUID, topic: str, due_on: date, unit: str = "KCHT") -> Any:
    sorting = Sealed(Sorting(kind="report", topic=topic, unit=unit))
    return case_opened(petition_id, case_id=case_id, topic=topic, answer_due_on=due_on, sorting=sorting)


def answered(petition_id: UUID, case_id: UUID) -> Any:
    return replace(case_answered(petition_id), case_id=case_id, answer=Sealed("Đã vá xong."))


def taken_apart(database: Database) -> UUID:
    """A petition that a person took apart into a pothole and a bus."""
    petition_id = file_one(database).filed.id
    taken_apart_of(database, petition_id)
    return petition_id


def taken_apart_of(database: Database, petition_id: UUID) -> None:
    """What the desk tells when somebody takes this petition apart."""
    hear(database, opened(petition_id, WHOLE, "C01", date(2026, 12, 3)))
    parts = (FIRST, SECOND)
    hear(database, CaseSplit(petition_id=petition_id, case_id=WHOLE, actor="u:a", parts=parts, count=2))
    hear(database, opened(petition_id, FIRST, "C01", date(2026, 12, 3)))
    hear(database, opened(petition_id, SECOND, "C13", date(2026, 12, 1), unit="VTCC"))


def known(database: Database, petition_id: UUID) -> store.Filed:
    with database.reading() as look:
        found = store.petition_of(look, petition_id)
    assert found is not None
    return found


def story(door: Door, petition_id: UUID) -> Story:
    with door.database.reading() as look:
        filed = store.petition_of(look, petition_id)
        assert filed is not None
        return tell(look, door, filed)


def test_every_part_is_kept_and_the_whole_is_due_on_the_nearest_day(database: Database) -> None:
    petition_id = taken_apart(database)

    filed = known(database, petition_id)

    assert (filed.has_parts, filed.stage, filed.due_on) == (True, "in_triage", date(2026, 12, 1))
    with database.reading() as look:
        parts = store.parts_of(look, petition_id)
    assert [(part.case_id, part.stage) for part in parts] == [
        (WHOLE, "split"),
        (FIRST, "in_triage"),
        (SECOND, "in_triage"),
    ]


def test_a_petition_is_answered_when_all_its_parts_are(database: Database) -> None:
    petition_id = taken_apart(database)

    hear(database, answered(petition_id, FIRST))
    half = known(database, petition_id)
    hear(database, CaseAccepted(petition_id=petition_id, case_id=SECOND, actor="u:b"))
    working = known(database, petition_id)
    hear(database, answered(petition_id, SECOND))
    whole = known(database, petition_id)

    assert (half.stage, half.is_rated) == ("in_triage", False)
    assert (working.stage, working.due_on) == ("in_progress", date(2026, 12, 1))
    assert (whole.stage, whole.is_rated) == ("answered", True)


def test_a_part_that_ended_does_not_end_the_petition(database: Database) -> None:
    petition_id = taken_apart(database)

    hear(database, CaseClosed(petition_id=petition_id, case_id=FIRST, actor="u:a", outcome="withdrawn"))

    assert known(database, petition_id).stage == "in_triage"


def test_the_page_tells_it_once_and_shows_every_part(door: Door) -> None:
    petition_id = taken_apart(door.database)
    hear(door.database, answered(petition_id, FIRST))

    seen = story(door, petition_id)

    assert [(part.number, part.stage) for part in seen.parts] == [(1, "answered"), (2, "in_triage")]
    assert seen.parts[0].answer is not None
    assert seen.parts[0].answer.words["answer"] == "Đã vá xong."
    assert seen.answer is None  # the petition as a whole still waits
    titles = [line.title for line in seen.lines]
    assert sum("tách thành 2 phần" in title for title in titles) == 1
    assert sum(title.startswith("Phần 1:") for title in titles) >= 2
    assert sum(title.startswith("Phần 2:") for title in titles) >= 1


def test_a_petition_about_one_matter_has_no_parts(door: Door) -> None:
    petition_id = file_one(door.database).filed.id
    hear(door.database, opened(petition_id, FIRST, "C01", date(2026, 12, 3)))
    hear(door.database, opened(petition_id, FIRST, "C02", date(2026, 12, 3)))  # sorted anew

    seen = story(door, petition_id)

    assert seen.parts == ()
    assert not any(line.title.startswith("Phần") for line in seen.lines)


def test_a_case_that_follows_no_longer_is_read_again_and_due_when_it_was_told(database: Database) -> None:
    petition_id = file_one(database).filed.id
    hear(database, opened(petition_id, FIRST, "C01", date(2026, 12, 3)))

    hear(
        database,
        CaseUnlinked(
            petition_id=petition_id,
            case_id=FIRST,
            actor="system",
            from_case_id=SECOND,
            why="lead_refused",
            answer_due_on=date(2026, 11, 30),
        ),
    )

    assert (known(database, petition_id).stage, known(database, petition_id).due_on) == (
        "in_triage",
        date(2026, 11, 30),
    )


def test_the_whole_follows_from_the_parts() -> None:
    a_day = datetime(2026, 12, 1, tzinfo=UTC)
    done = Part(case_id=FIRST, stage="answered", round=1, is_rated=True, answered_at=a_day)
    waiting = Part(case_id=SECOND, stage="waiting", reply_by=date(2026, 12, 7), due_on=date(2026, 12, 3))

    assert whole_of([done, waiting])["stage"] == "waiting"
    assert whole_of([done, waiting])["reply_by"] == date(2026, 12, 7)
    assert whole_of([done, Part(case_id=SECOND, stage="transferred")])["stage"] == "answered"
    both = [Part(case_id=FIRST, stage="refused"), Part(case_id=SECOND, stage="refused")]
    assert whole_of(both)["stage"] == "refused"
    assert whole_of([both[0], Part(case_id=SECOND, stage="withdrawn")])["stage"] == "closed"


def test_parts_are_numbered_as_the_desk_opened_them_whatever_their_ids(database: Database) -> None:
    petition_id = file_one(database).filed.id
    hear(database, opened(petition_id, SECOND, "C13", date(2026, 12, 1)))
    hear(database, opened(petition_id, FIRST, "C01", date(2026, 12, 3)))

    with database.reading() as look:
        assert [part.case_id for part in store.parts_of(look, petition_id)] == [SECOND, FIRST]


def test_of_several_answers_one_is_asked_to_be_looked_at_again(client: FlaskClient, door: Door) -> None:
    token = filed(client)
    petition_id = petition_of(door, token)
    taken_apart_of(door.database, petition_id)
    for part in (FIRST, SECOND):
        hear(door.database, replace(answered(petition_id, part), reopen_until=date(2026, 12, 23)))
    wish = {"reason": "Sáng nay xe vẫn bỏ chuyến"}

    unclear = client.post(f"/t/{token}/mo-lai", data=wish)
    chosen = client.post(f"/t/{token}/mo-lai", data=wish | {"part": str(SECOND)})

    assert (unclear.status_code, chosen.status_code) == (422, 303)
    assert "Hãy chọn phần chưa được giải quyết" in unclear.text
    assert [part.can_reopen for part in story(door, petition_id).parts] == [True, False]


def test_a_part_that_is_worked_on_again_makes_the_petition_wait_again(door: Door) -> None:
    petition_id = taken_apart(door.database)
    for part in (FIRST, SECOND):
        hear(door.database, answered(petition_id, part))

    hear(
        door.database,
        CaseReopened(
            petition_id=petition_id,
            case_id=SECOND,
            actor="u:head",
            round=1,
            ground="citizen_asked",
            answer_due_on=date(2026, 12, 16),
            deadlines=(),
        ),
    )

    seen = story(door, petition_id)
    assert [part.stage for part in seen.parts] == ["answered", "reopened"]
    assert (seen.is_working, seen.due_on, seen.answer, seen.earlier) == (True, date(2026, 12, 16), None, ())
