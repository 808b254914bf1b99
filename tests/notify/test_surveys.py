"""Invitations to survey rounds: one letter, one reminder, and nothing personal in an SMS."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from shared.events.base import Sealed
from shared.events.intake import SurveyInvited
from tests.builders import an_event
from tests.notify.conftest import Post

NAME = "Khảo sát quý IV năm 2026"


def invitation(petition_id: UUID, **more: Any) -> SurveyInvited:
    usual = {
        "survey_id": uuid4(),
        "is_reminder": False,
        "ends_on": date(2026, 12, 12),
        "name": Sealed(NAME),
        "token": Sealed("g45dlcfo5nr5bg37ooi45tatei"),
    }
    return an_event(SurveyInvited, petition_id=petition_id, **usual | more)


def test_s09_who_is_invited_gets_a_letter_with_a_link_of_their_own_and_a_way_out(post: Post) -> None:
    petition_id = post.petition()

    post.hear(invitation(petition_id))
    post.run()

    (mail,) = [one for one in post.arrivals() if "khảo sát" in one.subject]
    assert NAME in mail.text
    assert "/k/g45dlcfo5nr5bg37ooi45tatei\n" in mail.text
    assert "/k/g45dlcfo5nr5bg37ooi45tatei/thoi" in mail.text
    assert post.states(petition_id)["survey_invited", "email"] == "accepted"
    assert ("survey_invited", "sms") not in post.states(petition_id)


def test_who_has_no_email_is_invited_by_an_sms_that_says_nothing_personal(post: Post) -> None:
    petition_id = post.petition(channels=("sms",))

    post.hear(invitation(petition_id))
    post.run()

    (text,) = [one for one in post.arrivals() if "/k/g45dlcfo5nr5bg37ooi45tatei" in one.text]
    assert "12/12/2026" in text.text
    assert "Ánh" not in text.text
    assert "quý IV" not in text.text


def test_s09_a_reminder_says_why_everybody_gets_it_and_takes_the_place_of_what_has_not_left(post: Post) -> None:
    petition_id = post.petition()
    first = invitation(petition_id)
    post.hear(first)

    post.hear(invitation(petition_id, survey_id=first.survey_id, is_reminder=True))
    post.run()

    states = post.states(petition_id)
    assert (states["survey_invited", "email"], states["survey_reminded", "email"]) == ("suppressed", "accepted")
    (mail,) = [one for one in post.arrivals() if "Nhắc lời mời" in one.subject]
    assert "không biết ai đã trả lời" in mail.text
