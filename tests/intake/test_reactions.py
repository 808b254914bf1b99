"""What the door keeps of what it hears, and how the follow page tells it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml

from services.intake import store
from services.intake.reactions import REACTIONS
from services.intake.words import notice_words
from shared.db import Database
from shared.events.base import Event, Sealed
from shared.events.common import AccessRead
from shared.events.notify import NoticeAccepted, NoticeDelivered
from shared.events.workflow import (
    CaseAccepted,
    CaseApologised,
    CaseAssigned,
    CaseClockPaused,
    CaseClockResumed,
    CaseClosed,
    CaseExtended,
    CaseMerged,
    CaseRefused,
    CaseRouted,
    CaseTransferred,
)
from tests.intake.builders import case_answered, case_opened, file_one, hear, info_requested
from tests.support import ROOT


def about(petition_id: UUID, **more: Any) -> dict[str, Any]:
    return {"petition_id": petition_id, "case_id": petition_id, "actor": "u:a", **more}


def routed(petition_id: UUID, *, unit: str | None = "KCHT") -> CaseRouted:
    return CaseRouted(
        **about(petition_id),
        route="accept",
        unit=unit,
        excluded_units=(),
        excluded=Sealed(()),
        destination=Sealed("KCHT"),
    )


TOLD = yaml.safe_load((ROOT / "config" / "letters" / "rules.yaml").read_text(encoding="utf-8"))["rules"].values()
STAGES = [
    (lambda i: case_opened(i), "in_triage"),
    (lambda i: routed(i), "assigned"),
    (lambda i: CaseAssigned(**about(i), officer="u:b", unit="KCHT"), "assigned"),
    (lambda i: CaseAccepted(**about(i)), "in_progress"),
    (lambda i: info_requested(i), "waiting"),
    (lambda i: CaseClockPaused(**about(i), ground="expert_opinion", rules=()), "paused"),
    (lambda i: CaseClockResumed(**about(i), ground="wait_is_over", answer_due_on=None, deadlines=()), "in_progress"),
    (lambda i: CaseRefused(**about(i), ground="out_of_time", reason=Sealed("Quá hạn")), "refused"),
    (lambda i: CaseRefused(**about(i), ground="spam", reason=Sealed(None)), "quarantined"),
    (lambda i: CaseTransferred(**about(i), to="X-CA", to_name="Công an", reason=Sealed(None)), "transferred"),
    (lambda i: CaseMerged(**about(i), into_case_id=uuid4(), answer_due_on=None), "linked"),
    (lambda i: case_answered(i), "answered"),
    (lambda i: CaseClosed(**about(i), outcome="answered"), "closed"),
    (lambda i: CaseClosed(**about(i), outcome="transferred"), "transferred"),
]


@pytest.mark.parametrize(("told", "stage"), STAGES)
def test_each_event_moves_the_petition_to_its_stage_and_adds_a_line(database: Database, told: Any, stage: str) -> None:
    petition_id = file_one(database).filed.id

    hear(database, told(petition_id))

    with database.reading() as look:
        found = store.petition_of(look, petition_id)
        assert found is not None
        assert found.stage == stage
        assert len(store.story_of(look, petition_id)) == 1


def test_work_that_goes_on_in_other_hands_stays_work(database: Database) -> None:
    petition_id = file_one(database).filed.id
    hear(database, CaseAccepted(**about(petition_id)))

    hear(database, CaseAssigned(**about(petition_id), officer="u:b", unit="KCHT", is_begun=True))

    with database.reading() as look:
        found = store.petition_of(look, petition_id)
        assert found is not None
        assert found.stage == "in_progress"


def test_a_reorganisation_changes_the_unit_and_not_where_the_work_stands(database: Database) -> None:
    petition_id = file_one(database).filed.id
    hear(database, CaseAccepted(**about(petition_id)))

    hear(database, replace(routed(petition_id), ground="reorganised", destination=Sealed("PCAT")))

    with database.reading() as look:
        found = store.petition_of(look, petition_id)
        assert found is not None
        assert (found.stage, found.unit) == ("in_progress", "PCAT")


def test_every_event_of_the_desk_that_moves_a_case_is_listened_to() -> None:
    among_colleagues = {"CaseSupportAsked", "CaseSupportGiven", "CaseSupportDue", "CaseMentioned"}
    among_colleagues |= {"UnitUrged", "UnitUrgeAnswered", "UnitUrgeUnanswered"}
    among_colleagues |= {"CaseConsulted", "CaseConsultAnswered", "CaseConsultRevoked"}  # the clock's own events tell
    among_colleagues |= {"AssignmentChanged", "UnitsReorganised", "RemedyOpened", "RemedyDone", "CheckRecorded"}
    silent = among_colleagues | {"CaseDueSoon", "CaseApologyDue", "StaffChanged", "Due", "Sorting", "Event"}
    silent |= {"CaseFollowUp", "CaseFollowedUp", "PromiseMade", "PromiseDue", "WithLetter"}
    silent |= {
        "CaseRedacted",
        "AccessBreakGlass",
        "AccessReviewed",
        "IdentityErased",
        "PublicationShown",
        "CaseProcedureNamed",
        "CaseKeptBack",
        "SimplificationProposed",
        "SimplificationDecided",
    }
    silent |= {"DialogueInvited", "WebhookDue"}  # for the post alone
    from shared.events import workflow

    told = {c for c in vars(workflow).values() if isinstance(c, type) and issubclass(c, Event)}

    assert {c.__name__ for c in told - set(REACTIONS)} <= silent


@pytest.mark.parametrize(
    ("told", "due_on"),
    [
        (lambda i: case_opened(i), date(2026, 12, 3)),
        (
            lambda i: CaseExtended(
                **about(i),
                asked_by="u:b",
                rule="topic:C01",
                due_before=date(2026, 12, 3),
                due_on=date(2026, 12, 10),
                due_at=datetime(2026, 12, 10, 17, tzinfo=UTC),
                reason=Sealed("Mưa lũ"),
            ),
            date(2026, 12, 10),
        ),
        (
            lambda i: CaseApologised(
                **about(i),
                due_before=date(2026, 12, 3),
                due_on=date(2026, 12, 8),
                due_at=datetime(2026, 12, 8, 17, tzinfo=UTC),
                reason=Sealed("Chậm"),
                signer=Sealed("Trưởng phòng"),
            ),
            date(2026, 12, 8),
        ),
        (
            lambda i: CaseClockResumed(
                **about(i), ground="citizen_replied", answer_due_on=date(2026, 12, 7), deadlines=()
            ),
            date(2026, 12, 7),
        ),
    ],
)
def test_the_due_day_is_the_one_that_was_told_last(database: Database, told: Any, due_on: date) -> None:
    petition_id = file_one(database).filed.id

    hear(database, told(petition_id))

    with database.reading() as look:
        found = store.petition_of(look, petition_id)
        assert found is not None
        assert found.due_on == due_on


def test_of_a_secret_kind_the_unit_comes_from_the_sealed_field(database: Database) -> None:
    petition_id = file_one(database, kind="denunciation").filed.id

    hear(database, routed(petition_id, unit=None))

    with database.reading() as look:
        found = store.petition_of(look, petition_id)
        assert found is not None
        assert found.unit == "KCHT"


def test_what_was_sealed_for_others_or_erased_leaves_a_line_without_words(database: Database) -> None:
    petition_id = file_one(database).filed.id
    told = CaseRefused(**about(petition_id), ground="out_of_time", reason=Sealed.closed())

    hear(database, told)

    with database.reading() as look:
        assert store.story_of(look, petition_id)[0].words == {}


def test_an_event_about_a_petition_that_is_not_ours_is_passed_over(database: Database) -> None:
    hear(database, case_opened(uuid4()))
    hear(
        database, AccessRead(petition_id=uuid4(), actor="u:a", role="officer", unit=None, kind="case", purpose="audit")
    )


def test_the_newest_state_of_a_notice_is_kept_and_notices_to_staff_are_not(database: Database) -> None:
    petition_id, notice_id = file_one(database).filed.id, uuid4()
    words = {"petition_id": petition_id, "channel": "sms", "purpose": "filed"}
    accepted = {"template": "filed@1", "units": 1, "attempts": 1, "is_possible_duplicate": False}

    hear(database, NoticeAccepted(**words, notice_id=notice_id, audience="petitioner", **accepted))
    hear(database, NoticeAccepted(**words, notice_id=uuid4(), audience="staff", **accepted))
    hear(database, NoticeDelivered(**words, notice_id=notice_id, audience="petitioner", evidence="handset"))

    with database.reading() as look:
        assert [(n.channel, n.state) for n in store.notices_of(look, petition_id)] == [("sms", "delivered")]


def test_who_opened_a_petition_is_kept_with_reason_and_time(database: Database) -> None:
    petition_id, at = file_one(database).filed.id, datetime(2026, 11, 23, 7, tzinfo=UTC)

    read = AccessRead(
        petition_id=petition_id, actor="u:a", role="officer", unit="KCHT", kind="identity", purpose="site_visit"
    )
    hear(database, read, at=at)

    with database.reading() as look:
        seen = store.openings_of(look, petition_id)
    assert [(o.at, o.role, o.unit, o.kind, o.purpose) for o in seen] == [
        (at, "officer", "KCHT", "identity", "site_visit")
    ]


@pytest.mark.parametrize("purpose", sorted(rule["purpose"] for rule in TOLD if rule["tells"] == "petitioner"))
def test_every_message_to_a_citizen_has_a_name_on_the_follow_page(purpose: str) -> None:
    sent = store.Notice(channel="sms", purpose=purpose, state="delivered", at=datetime(2026, 11, 23, 6, tzinfo=UTC))

    assert purpose not in notice_words(sent, "13:00, 23/11")
