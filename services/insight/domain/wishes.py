"""What people wish for, told by the phrases of the words that they wrote beside their judgement.

The words themselves are not kept: only which wishes they speak of.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from shared.text import fold, is_unaccented, spelling, words

_BREAK = re.compile(r"[.!?;:,\n]+")
LEAST_UNACCENTED = 2  # syllables: without marks one syllable may be a dozen words


@dataclass(frozen=True)
class Wish:
    """A wish, and the phrases that speak of it."""

    code: str
    phrases: tuple[str, ...]

    @cached_property
    def spelled(self) -> tuple[str, ...]:
        return tuple(_spelled(phrase) for phrase in self.phrases)

    @cached_property
    def folded(self) -> tuple[str, ...]:
        return tuple(fold(phrase) for phrase in self.phrases if len(phrase.split()) >= LEAST_UNACCENTED)


def wishes_in(text: str, wishes: Iterable[Wish]) -> tuple[str, ...]:
    """The codes of the wishes that a text speaks of, each once, in the order of the wishes.

    A phrase never runs over the end of a clause. A text without marks is compared without marks.
    """
    is_bare = is_unaccented(text)
    read = fold if is_bare else _spelled
    clauses = [f" {read(' '.join(words(clause)))} " for clause in _BREAK.split(text)]
    return tuple(
        wish.code
        for wish in wishes
        if any(f" {phrase} " in clause for phrase in (wish.folded if is_bare else wish.spelled) for clause in clauses)
    )


def _spelled(text: str) -> str:
    return " ".join(map(spelling, words(text)))
