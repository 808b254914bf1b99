"""Second persons hear at once that an identity was opened; petitioners hear that their due day moved."""

from datetime import date

from shared.events import workflow as desk
from tests.builders import an_event
from tests.notify.conftest import Post
from tests.notify.test_reactions import staff


def test_the_second_person_hears_at_once_and_only_that_there_is_something_to_see(post: Post) -> None:
    petition_id = post.petition(public_code=None)
    staff(post, "u:an"), staff(post, "u:binh")

    post.hear(an_event(desk.AccessBreakGlass, petition_id=petition_id, actor="u:binh", tell=("u:an",)))
    post.run()

    told = [arrival for arrival in post.arrivals() if arrival.recipient.endswith("@example.vn")]
    assert "an@example.vn" in [arrival.recipient for arrival in told]
    assert "binh@example.vn" not in [arrival.recipient for arrival in told]


def test_a_due_day_that_moved_is_told_with_its_reason_and_one_that_did_not_is_not(post: Post) -> None:
    petition_id = post.petition()
    moved = {"petition_id": petition_id, "answer_due_on": date(2027, 1, 7), "reason": "Phải xác minh tại hai xã"}

    post.hear(an_event(desk.CaseExamined, **moved, is_due_moved=False))
    post.hear(an_event(desk.CaseExamined, **moved, is_due_moved=True))
    post.run()

    (told,) = [arrival for arrival in post.arrivals() if arrival.subject and "Hạn mới" in arrival.subject]
    assert "07/01/2027" in told.letter.get_body().get_content()
    assert "Phải xác minh tại hai xã" in told.letter.get_body().get_content()
