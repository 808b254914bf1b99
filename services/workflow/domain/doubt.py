"""How doubtful a proposal of the sorting is: what a person should look at first, and why."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.workflow.domain.sorting import Sorted

CLOSE = 0.75  # the second topic has at least so much of the first one's score

WEIGHT = {
    "no_topic": 8,
    "no_kind": 8,
    "weighty": 6,
    "elsewhere": 5,
    "close": 4,
    "several": 3,
    "spam": 3,
    "door": 3,
    "same": 2,
}
"""How much each doubt weighs: most where a wrong decision hurts most."""


PROTECTED = ("complaint", "denunciation")
"""Beginnings of kinds of which nothing is ever set aside by software."""


def is_set_aside(doubts: Sequence[str], found: Sorted) -> bool:
    """Whether what the door doubted lies apart until a person has looked: never what may be urgent or weighty, and no
    complaint or denunciation.
    """
    every = (found, *found.parts)
    is_weighty = any(one.is_restricted or one.is_held or one.priority == "urgent" for one in every)
    is_protected = any((one.kind or "").startswith(PROTECTED) for one in every)
    return bool(doubts) and not is_weighty and not is_protected


def doubts_of(proposal: Mapping[str, Any]) -> tuple[str, ...]:
    """What is doubtful about a proposal, the heaviest first."""
    scores = [each["score"] for each in proposal.get("candidates", ())]
    reasons = {each["code"] for each in proposal.get("reasons", ())}
    found = {
        "no_topic": proposal.get("topic") is None,
        "no_kind": proposal.get("kind") is None,
        "weighty": bool(reasons & {"held", "excluded"}),
        "elsewhere": proposal.get("route") == "transfer",
        "close": len(scores) > 1 and scores[1] >= CLOSE * scores[0],
        "several": proposal.get("route") == "split",
        "spam": proposal.get("route") == "quarantine",
        "door": bool(proposal.get("doubts")),
        "same": proposal.get("route") == "link",
    }
    return tuple(sorted((name for name, is_so in found.items() if is_so), key=lambda name: -WEIGHT[name]))


def doubt_of(proposal: Mapping[str, Any]) -> int:
    """How doubtful, as a number to sort by: nought is plain."""
    return sum(WEIGHT[name] for name in doubts_of(proposal))
