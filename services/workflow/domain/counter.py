"""What the counter and the telephone know: ways in, who may take an answer, and whether one waits to be given."""

from collections.abc import Iterable
from typing import Protocol

from services.workflow.domain.case import Case

CHANNELS = ("counter", "phone", "letter")
SURVEYS = "survey"
"""What a pass says that is for typing in answers to survey rounds that people gave on paper or in words."""
RECEIVERS = ("petitioner", "delegate")
DIRECTIONS = ("citizen_called", "we_called")


class Given(Protocol):
    """An answer that was handed over."""

    @property
    def round(self) -> int: ...


def may_hand_over(case: Case, given: Iterable[Given]) -> bool:
    """Whether the last answer was given to the citizen in words and not yet on paper."""
    return case.answered_at is not None and all(one.round != case.answer_round for one in given)
