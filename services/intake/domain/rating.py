"""What a citizen says of an answer: one mark for the whole, and where they like one for each of its aspects."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.intake.domain.petition import Reader

WHOLE = "score"
OVERALL, ASPECTS = "T5", ("T1", "T2", "T3", "T4")
"""Codes of config/sipas.json, which the events of ratings know."""
LEVELS = frozenset({1, 2, 3, 4, 5})
NO_OPINION = 0
LONGEST_WORDS = 1000  # characters


@dataclass(frozen=True, kw_only=True)
class Rating:
    """A judgement of one answer."""

    score: int  # 1 very dissatisfied … 5 very satisfied
    aspects: Mapping[str, int] = field(default_factory=dict)  # by code of the questionnaire; 0: no opinion
    words: str = ""
    is_kept_from_head: bool = False  # even that it was a low one


def read_rating(typed: Mapping[str, str]) -> Rating:
    """The judgement that was typed; only the mark for the whole is asked for. Raises Refused.

    Source: config/sipas.json, after_answer.
    """
    reader = Reader(typed)
    whole = asked_for(typed.get(WHOLE, ""))
    if not whole:
        reader.refuse(WHOLE, "missing")
    words = reader.body("words", shortest=0, limit=LONGEST_WORDS)
    reader.finish()
    known = {str(level): level for level in LEVELS | {NO_OPINION}}
    return Rating(
        score=int(whole),
        aspects={code: known[typed[code]] for code in ASPECTS if typed.get(code) in known},
        words=words,
        is_kept_from_head=bool(typed.get("is_kept_from_head")),
    )


def asked_for(level: str) -> str:
    """The level that a form or the link of a message names, where there is such a one."""
    return level if level in map(str, LEVELS) else ""
