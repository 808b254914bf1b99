"""What an answer is looked at by, and the texts that are kept ready for one: rows of `config/`, each with its dates."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from services.workflow.domain.vocabulary import UnknownWord, holds
from shared.text import fold

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, kw_only=True)
class CheckRule:
    """One check of the gate. A hard one stops an answer unless its drafter says why."""

    code: str
    is_hard: bool
    limit: int | None  # own_words: per cent; short_sentences: words
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True, kw_only=True)
class QuestionMark:
    """Words by which a sentence asks for something."""

    words: str
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True, kw_only=True)
class PlainWord:
    """Words of the office, and what people say instead."""

    words: str
    plain: str
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True, kw_only=True)
class PhotoTopic:
    """A topic of which a photo shows that the work was done."""

    topic: str
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True, kw_only=True)
class Term:
    """A number that the department may set."""

    code: str
    value: int
    unit: str
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True, kw_only=True)
class Canned:
    """A text kept ready, with gaps such as {place}."""

    code: str
    title: str
    title_en: str
    topics: tuple[str, ...]
    outcome: str
    version: int
    text: str
    valid_from: date | None
    valid_to: date | None
    source: str

    @property
    def gaps(self) -> tuple[str, ...]:
        """The names of its gaps, in their order."""
        return tuple(dict.fromkeys(PLACEHOLDER.findall(self.text)))

    def filled(self, known: Mapping[str, str]) -> str:
        """The text with what is known put in; the other gaps stay, for the officer."""
        return PLACEHOLDER.sub(lambda gap: known.get(gap[1]) or gap[0], self.text)


@dataclass(frozen=True, kw_only=True)
class FileLimits:
    """What a photo or paper of an answer may be."""

    bytes_at_most: int
    pixels_at_most: int
    long_side: int  # pixels
    pages_at_most: int


@dataclass(frozen=True, kw_only=True)
class AnswerRules:
    """All of them."""

    checks: Sequence[CheckRule]
    question_marks: Sequence[QuestionMark]
    plain_words: Sequence[PlainWord]
    photo_topics: Sequence[PhotoTopic]
    terms: Sequence[Term]
    canned: Sequence[Canned] = ()
    own_phone: str = ""  # may stand in an answer

    def checks_on(self, day: date) -> tuple[CheckRule, ...]:
        """The checks in force, in the order of the page."""
        return tuple(rule for rule in self.checks if holds(rule, day))

    def marks_on(self, day: date) -> tuple[str, ...]:
        return tuple(row.words for row in self.question_marks if holds(row, day))

    def plain_on(self, day: date) -> dict[str, str]:
        return {row.words: row.plain for row in self.plain_words if holds(row, day)}

    def wants_photo(self, topic: str | None, day: date) -> bool:
        return any(row.topic == topic for row in self.photo_topics if holds(row, day))

    def term(self, code: str, day: date) -> int:
        """A number in force. Raises UnknownWord."""
        for row in self.terms:
            if row.code == code and holds(row, day):
                return row.value
        raise UnknownWord(f"no term {code} holds on {day}")

    def file_limits(self, day: date) -> FileLimits:
        return FileLimits(
            bytes_at_most=self.term("evidence.megabytes_at_most", day) * 1024 * 1024,
            pixels_at_most=self.term("evidence.megapixels_at_most", day) * 1_000_000,
            long_side=self.term("evidence.long_side", day),
            pages_at_most=self.term("evidence.pages_at_most", day),
        )

    def canned_on(self, day: date) -> tuple[Canned, ...]:
        """Of each text the newest version in force."""
        newest: dict[str, Canned] = {}
        for row in self.canned:
            if holds(row, day) and row.version >= (newest[row.code].version if row.code in newest else 0):
                newest[row.code] = row
        return tuple(newest.values())

    @cached_property
    def _folded(self) -> Mapping[tuple[str, int], str]:
        return {(row.code, row.version): fold(" ".join((row.title, row.title_en, row.text))) for row in self.canned}

    def find_canned(self, day: date, *, topic: str | None, words: str = "") -> tuple[Canned, ...]:
        """The texts that fit: by words where some were typed, those of the topic first."""
        asked = fold(words).split()
        found: Iterable[Canned] = (
            row for row in self.canned_on(day) if all(word in self._folded[row.code, row.version] for word in asked)
        )
        return tuple(sorted(found, key=lambda row: (topic not in row.topics, row.title)))
