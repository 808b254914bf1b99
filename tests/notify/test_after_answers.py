"""What is told after an answer: about promises, about looking again."""

from typing import Any
from uuid import UUID

from shared.events import workflow as desk
from tests.builders import an_event
from tests.notify.conftest import Post
from tests.notify.test_reactions import answered


def hire(post: Post) -> None:
    post.hear(an_event(desk.StaffChanged, person="u:head", role="head", unit="KCHT", is_active=True))


def about(petition_id: UUID, cls: Any, **more: Any) -> Any:
    return an_event(cls, petition_id=petition_id, **more)


def purposes(post: Post, petition_id: UUID) -> set[str]:
    return {purpose for purpose, _ in post.states(petition_id)}


def test_a_reopened_case_is_reminded_of_again(post: Post) -> None:
    petition_id = post.petition()
    hire(post)
    post.hear(answered(petition_id))
    post.hear(about(petition_id, desk.CaseClosed, outcome="answered"))

    post.hear(about(petition_id, desk.CaseReopened))
    post.hear(about(petition_id, desk.CaseDueSoon, tell=("u:head",)))
    post.run()

    assert post.states(petition_id)["due_soon", "email"] == "accepted"
    assert post.states(petition_id)["reopened", "sms"] == "accepted"


def test_the_citizen_is_asked_about_a_promise_and_told_of_a_later_day_only(post: Post) -> None:
    petition_id = post.petition()

    post.hear(about(petition_id, desk.PromiseAsked))
    post.hear(about(petition_id, desk.PromiseChecked, state="kept"))
    kept = purposes(post, petition_id)
    post.hear(about(petition_id, desk.PromiseChecked, state="moved", reason="Mưa lũ kéo dài"))

    assert kept == {"filed", "promise_asked"}
    assert purposes(post, petition_id) == {"filed", "promise_asked", "promise_moved"}


def test_the_head_is_told_what_waits_for_them_without_a_word_of_the_citizen(post: Post) -> None:
    petition_id = post.petition(channels=())
    hire(post)

    post.hear(about(petition_id, desk.CaseFollowUp, ground="reopen_requested", tell=("u:head",)))
    post.run()

    (mail,) = [one for one in post.arrivals() if "Cần quyết định" in one.subject]
    assert "xin xem lại" in mail.text


def test_why_a_case_is_not_reopened_stands_in_the_letter_and_in_no_text_message(post: Post) -> None:
    petition_id = post.petition()
    reason = "Chỗ này thuộc đường khác, xin gửi một việc mới."

    post.hear(about(petition_id, desk.CaseReopeningRefused, reason=reason))
    post.run()

    told = [one.text for one in post.arrivals() if "giữ nguyên" in one.text or "giu nguyen" in one.text]
    assert len(told) == 2
    assert [reason in text for text in told].count(True) == 1
