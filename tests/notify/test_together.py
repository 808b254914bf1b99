"""Working together: people outside are asked, members of staff are told, and each part of a petition ends alone."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notify import store
from shared.events import workflow as desk
from shared.events.base import Sealed
from tests.builders import an_event
from tests.notify.conftest import Post

TOKEN = "a-word-that-nobody-guesses"


def consulted(petition_id: UUID, **more: Any) -> desk.CaseConsulted:
    told: dict[str, Any] = {
        "name": Sealed("Trường Đại học Kỹ thuật"),
        "email": Sealed("cau-duong@example.vn"),
        "link_token": Sealed(TOKEN),
        "language": "vi",
        "expires_on": date(2026, 12, 8),
    }
    return an_event(desk.CaseConsulted, petition_id=petition_id, **told | more)


def hire(post: Post, person: str, unit: str = "KCHT") -> None:
    email = Sealed(f"{person[2:]}@desk.example.vn")
    post.hear(an_event(desk.StaffChanged, person=person, unit=unit, is_active=True, email=email))


def arrived_at(post: Post, address: str) -> list[Any]:
    return [one for one in post.arrivals() if one.recipient == address]


@pytest.mark.parametrize(
    ("language", "subject"), [("vi", "Xin ý kiến chuyên môn"), ("en", "Your opinion is asked for")]
)
def test_somebody_outside_gets_the_link_and_nothing_about_the_citizen(post: Post, language: str, subject: str) -> None:
    petition_id = post.petition()
    post.run()

    post.hear(consulted(petition_id, language=language))
    post.run()

    (mail,) = arrived_at(post, "cau-duong@example.vn")
    assert mail.subject == subject
    assert f"/desk/consult/{TOKEN}" in mail.text
    assert "08/12/2026" in mail.text
    assert "/t/" not in mail.text
    with post.database.reading() as look:
        code = store.petitions_of(look, [petition_id])[petition_id].public_code
    assert code not in mail.text + mail.subject


def test_the_address_of_somebody_outside_goes_when_they_have_answered(post: Post) -> None:
    petition_id, consult_id = post.petition(), uuid4()
    post.hear(consulted(petition_id, consult_id=consult_id))
    post.run()

    post.hear(an_event(desk.CaseConsultAnswered, petition_id=petition_id, consult_id=consult_id))

    with post.database.reading() as look:
        assert look.connection.execute(store.outsider.select()).all() == []


def test_a_link_that_was_taken_back_is_not_sent_any_more(post: Post) -> None:
    petition_id, consult_id = post.petition(), uuid4()
    post.hear(consulted(petition_id, consult_id=consult_id))

    post.hear(an_event(desk.CaseConsultRevoked, petition_id=petition_id, consult_id=consult_id))
    post.run()

    assert post.states(petition_id)["consulted", "email"] == "suppressed"
    assert arrived_at(post, "cau-duong@example.vn") == []


@pytest.mark.parametrize(
    "event",
    [
        an_event(desk.CaseSupportAsked, tell=("u:head",)),
        an_event(desk.CaseSupportGiven, tell=("u:head",), is_given=True),
        an_event(desk.CaseSupportGiven, tell=("u:head",), is_given=False),
        an_event(desk.CaseSupportDue, tell=("u:head",), is_late=False),
        an_event(desk.CaseSupportDue, tell=("u:head",), is_late=True),
        an_event(desk.UnitUrged, tell=("u:head",)),
        an_event(desk.UnitUrgeAnswered, tell=("u:head",)),
        an_event(desk.UnitUrgeUnanswered, tell=("u:head",)),
        an_event(desk.CaseMentioned, tell=("u:head",)),
        an_event(desk.CaseConsultAnswered, tell=("u:head",)),
    ],
    ids=lambda event: event.TYPE,
)
def test_members_of_staff_are_told_by_mail_and_never_whom_it_is_about(post: Post, event: Any) -> None:
    hire(post, "u:head")
    event = replace(event, petition_id=post.petition())
    post.run()

    post.hear(event)
    post.run()
    assert len(arrived_at(post, "head@desk.example.vn")) == 1

    excluded = Sealed(("KCHT",))
    post.hear(an_event(desk.CaseRouted, petition_id=event.petition_id, excluded=excluded))
    post.hear(event, event_id=uuid4())
    post.run()
    assert len(arrived_at(post, "head@desk.example.vn")) == 1


def test_the_split_is_told_once(post: Post) -> None:
    petition_id = post.petition()
    post.run()

    post.hear(an_event(desk.CaseSplit, petition_id=petition_id, count=2))
    for _ in range(2):
        post.hear(an_event(desk.CaseOpened, petition_id=petition_id))
    post.run()

    mails = [one for one in post.arrivals() if "tách thành" in one.subject]
    assert len(mails) == 1
    assert "2 phần" in mails[0].text


def test_the_answer_to_one_part_does_not_silence_the_others(post: Post) -> None:
    petition_id, first, second = post.petition(), uuid4(), uuid4()
    post.run()
    post.hear(an_event(desk.CaseExtended, petition_id=petition_id, case_id=second, due_on=date(2026, 12, 9)))

    post.hear(an_event(desk.CaseAnswered, petition_id=petition_id, case_id=first, outcome="done"))
    post.run()

    assert post.states(petition_id)["extended", "email"] == "accepted"
    assert post.states(petition_id)["answered", "email"] == "accepted"


def test_a_case_that_follows_no_longer_is_told_with_its_day(post: Post) -> None:
    petition_id = post.petition()
    post.run()

    post.hear(an_event(desk.CaseUnlinked, petition_id=petition_id, answer_due_on=date(2026, 12, 3)))
    post.run()

    (mail,) = [one for one in post.arrivals() if "xem xét riêng" in one.subject]
    assert "03/12/2026" in mail.text
