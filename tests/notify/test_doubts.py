"""Anybody can write anybody's address into a form: what the door doubts sends nothing before a person has looked."""

from uuid import uuid4

from shared.events import workflow as desk
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
