"""Anybody can write anybody's address into a form: what the door doubts sends nothing before a person has looked."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.events import intake as door
from shared.events import workflow as desk
from shared.events.base import Sealed
from tests.builders import an_event, contact_given, petition_filed
from tests.notify.conftest import Post


def test_no_receipt_goes_to_the_address_in_a_doubted_petition_before_a_person_looked(post: Post) -> None:
    petition_id = uuid4()
    post.hear(petition_filed(petition_id=petition_id, doubts=("trap",)))
    post.hear(contact_given(petition_id=petition_id))
    post.hear(an_event(desk.CaseRouted, petition_id=petition_id, actor="system", route="quarantine"))
    before = post.states(petition_id)

    post.hear(an_event(desk.CaseRouted, petition_id=petition_id, actor="u:office", route="accept"))

    assert before == {}
    assert post.states(petition_id) == {("filed", "email"): "queued", ("filed", "sms"): "queued"}


def test_who_was_not_doubted_gets_no_second_receipt_when_a_person_sorts(post: Post) -> None:
    petition_id = post.petition()
    before = post.states(petition_id)

    post.hear(an_event(desk.CaseRouted, petition_id=petition_id, actor="u:office", route="accept"))

    assert post.states(petition_id) == before


def doubted(post: Post) -> UUID:
    petition_id = uuid4()
    post.hear(petition_filed(petition_id=petition_id, doubts=("no_proof",)))
    post.hear(contact_given(petition_id=petition_id))
    return petition_id


@pytest.mark.parametrize(
    "event",
    [
        (desk.CaseClosed, {"actor": "citizen", "outcome": "withdrawn"}),
        (desk.CaseClosed, {"actor": "system", "outcome": "withdrawn"}),
        (desk.CaseAccepted, {"actor": "system"}),
        (desk.CaseMerged, {"actor": "system"}),
    ],
)
def test_whatever_happens_to_a_doubted_petition_nothing_is_sent_before_a_person_looked(post: Post, event: Any) -> None:
    petition_id, (kind, told) = doubted(post), event

    post.hear(an_event(kind, petition_id=petition_id, **told))

    assert post.states(petition_id) == {}


def test_what_waited_for_the_address_in_a_doubted_petition_is_dropped(post: Post) -> None:
    petition_id = uuid4()
    post.hear(an_event(desk.CaseAccepted, petition_id=petition_id, actor="system"))
    assert "waiting" in post.states(petition_id).values()
    post.hear(petition_filed(petition_id=petition_id, doubts=("no_proof",)))

    post.hear(contact_given(petition_id=petition_id))

    assert post.states(petition_id) == {}


def test_after_a_person_looked_news_is_told_as_to_anybody(post: Post) -> None:
    petition_id = doubted(post)

    post.hear(an_event(desk.CaseRouted, petition_id=petition_id, actor="u:office", route="accept"))
    post.hear(an_event(desk.CaseClosed, petition_id=petition_id, actor="citizen", outcome="withdrawn"))

    assert post.states(petition_id)[("closed", "email")] == "queued"


def test_a_person_who_acts_without_choosing_a_unit_has_looked_too(post: Post) -> None:
    petition_id = doubted(post)

    post.hear(an_event(desk.CaseAccepted, petition_id=petition_id, actor="u:office"))

    assert {("filed", "email"), ("accepted", "email")} <= post.states(petition_id).keys()


def test_who_sent_advertising_stays_doubted(post: Post) -> None:
    petition_id = doubted(post)

    post.hear(an_event(desk.CaseRefused, petition_id=petition_id, actor="u:office", ground="spam"))
    post.hear(an_event(desk.CaseClosed, petition_id=petition_id, actor="citizen", outcome="withdrawn"))

    assert post.states(petition_id) == {}


def test_an_address_that_a_doubted_petition_left_is_told_nothing(post: Post) -> None:
    petition_id = doubted(post)
    left = {"is_address_new": True, "email": Sealed("khac@example.vn"), "channels": ("email",)}

    post.hear(an_event(door.ContactChanged, petition_id=petition_id, **left))
    post.run()

    assert post.arrivals() == []
