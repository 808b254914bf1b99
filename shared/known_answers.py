"""Questions that people keep asking, with the answer that holds on a day, as rows of data: `known_answers.json`.

The desk publishes them, the door shows them and offers them before something is sent that they may answer.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from shared.config import BadConfig, Source, read_rows, valid_on
from shared.text import fold
from shared.text import words as words_in

CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")
CONFIRMED = frozenset({"high", "policy"})
OPEN = (date.min, date.max)


@dataclass(frozen=True)
class Group:
    """What some questions are about together; groups stand in the order of the file."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class KnownAnswer:
    """One question and its answer, paragraphs apart by an empty line. `procedure`: a code of `procedures.json`."""

    code: str
    group: str
    question: str
    question_en: str
    answer: str
    answer_en: str
    source: str
    confidence: str
    valid_from: date | None
    valid_to: date | None
    procedure: str | None = None

    @property
    def is_confirmed(self) -> bool:
        """Whether its source was read as it was made, or it is our own word."""
        return self.confidence in CONFIRMED

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day on which it holds."""
        return self.valid_from or OPEN[0], self.valid_to or OPEN[1]


@dataclass(frozen=True)
class KnownAnswers:
    """All of them, with those of other days."""

    groups: tuple[Group, ...]
    rows: tuple[KnownAnswer, ...]

    def on_day(self, day: date, *, words: str = "") -> tuple[KnownAnswer, ...]:
        """Those of a day; `words` without accents, each of them somewhere in question or answer."""
        wanted = fold(words).split()
        return tuple(
            row
            for row in valid_on(self.rows, day)
            if all(one in fold(f"{row.question} {row.answer} {row.question_en} {row.answer_en}") for one in wanted)
        )

    def find(self, code: str, day: date) -> KnownAnswer | None:
        """The answer of a day; of one that ended before, the last."""
        begun = [row for row in self.rows if row.code == code and row.days[0] <= day]
        return max(begun, key=lambda row: row.days, default=None)

    def by_group(self, rows: Iterable[KnownAnswer]) -> list[tuple[Group, list[KnownAnswer]]]:
        found = list(rows)
        groups = [(group, [row for row in found if row.group == group.code]) for group in self.groups]
        return [(group, asked) for group, asked in groups if asked]

    def alike(self, text: str, day: date, *, most: int) -> list[KnownAnswer]:
        """Those whose question shares the most words with a text: at least three, and half of it."""
        spoken = {word for word in words_in(fold(text)) if len(word) > 1}
        ranked = []
        for order, row in enumerate(valid_on(self.rows, day)):
            asked = set(words_in(fold(row.question)))
            shared = len(asked & spoken)
            if shared >= 3 and shared * 2 >= len(asked):
                ranked.append((-shared, order, row))
        return [row for *_, row in sorted(ranked, key=lambda one: one[:2])[:most]]


def read_known_answers(source: Source) -> KnownAnswers:
    """What a file says, or a text in its place. Raises BadConfig where a row lacks words, or two hold at once."""
    groups = read_rows(source, "groups", Group, complete=True)
    rows = read_rows(source, "answers", KnownAnswer, complete=True)
    known = {group.code for group in groups}
    for row in rows:
        where = f"{source.name}, answers, row {row.code}"
        if not CODE.fullmatch(row.code):
            raise BadConfig(f"{where}, code: small letters, digits and dashes")
        if row.group not in known:
            raise BadConfig(f"{where}, group: {row.group!r} is none of {', '.join(sorted(known))}")
        for name in ("question", "question_en", "answer", "answer_en", "source"):
            if not getattr(row, name).strip():
                raise BadConfig(f"{where}, {name}: there are no words")
    for one, other in combinations(rows, 2):
        if one.code == other.code and one.days[0] <= other.days[1] and other.days[0] <= one.days[1]:
            raise BadConfig(f"{source.name}, answers, row {one.code}: two rows hold on the same day")
    return KnownAnswers(groups, rows)
