"""How doubtful a proposal of the sorting is: what a person should look at first, and why."""

from collections.abc import Mapping
from typing import Any

CLOSE = 0.75  # the second topic has at least so much of the first one's score

WEIGHT = {"no_topic": 8, "no_kind": 8, "weighty": 6, "elsewhere": 5, "close": 4, "several": 3, "spam": 3, "same": 2}
"""How much each doubt weighs: most where a wrong decision hurts most."""


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
        "same": proposal.get("route") == "link",
    }
    return tuple(sorted((name for name, is_so in found.items() if is_so), key=lambda name: -WEIGHT[name]))


def doubt_of(proposal: Mapping[str, Any]) -> int:
    """How doubtful, as a number to sort by: nought is plain."""
    return sum(WEIGHT[name] for name in doubts_of(proposal))
