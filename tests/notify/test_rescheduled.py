"""Days that a new calendar moved: the citizen is told of a later one that was promised, and of nothing else."""

from datetime import date
from typing import Any

import pytest

from shared.events.workflow import CaseRescheduled
from tests.builders import an_event
from tests.notify.conftest import Post


def moved(petition_id: Any, **given: Any) -> CaseRescheduled:
    usual = {
        "due_before": date(2026, 12, 3),
        "due_on": date(2026, 12, 4),
        "is_announced": True,
        "is_later": True,
        "ground": "calendar",
    }
    return an_event(CaseRescheduled, petition_id=petition_id, **(usual | given))


def test_a_later_day_is_told_by_every_address_with_both_days(post: Post) -> None:
    petition_id = post.petition()

    post.hear(moved(petition_id))
    post.run()

    states = post.states(petition_id)
    assert (states["rescheduled", "email"], states["rescheduled", "sms"]) == ("accepted", "accepted")
    (mail,) = [arrival for arrival in post.arrivals() if "Hạn trả lời tính lại" in arrival.subject]
    assert "03/12/2026" in mail.text
    assert "04/12/2026" in mail.text


@pytest.mark.parametrize("given", [{"is_later": False}, {"is_announced": False}], ids=["earlier", "not promised"])
def test_an_earlier_day_or_one_that_nobody_was_told_is_kept_silently(post: Post, given: dict[str, bool]) -> None:
    petition_id = post.petition()

    post.hear(moved(petition_id, **given))

    assert ("rescheduled", "email") not in post.states(petition_id)
