"""Finding phrases in what people wrote: with accents where they typed accents, whole syllables, the longest
phrase first.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

from shared.text import fold, has_marks, nfc, spelling

TOKEN = re.compile(r"[^\W_]+")
SENTENCE_END = re.compile(r"(?<!\s[A-ZĐa-zđ])(?<!^[A-ZĐa-zđ])[.!?;…]+(?=\s|$)|\n+")
UPPER = "".join(chr(code) for code in (*range(0x41, 0x250), *range(0x1E00, 0x1F00)) if chr(code).isupper())
NOT_A_ROAD = "".join(rf"(?<!(?i:{word})\s)" for word in ("đường", "duong", "kiệt", "hẻm", "chợ"))
"""Bà Triệu and Ông Ích Khiêm are streets where such a word stands before them, and nobody is accused."""
SPECIAL = {
    "<person>": re.compile(
        rf"(?<!\w)(?:[ôo]ng|bà|[Aa]nh|[Cc]hị|{NOT_A_ROAD}(?:[ÔO]ng|Bà))(?:\s+[{UPPER}][\w.]*){{1,6}}"
    ),
    "<decision>": re.compile(r"(?<!\w)(?:số\s*:?\s*)?\d+\s*/\s*(?:\d{4}\s*/\s*)?Q[ĐD]-[A-ZĐ\d-]+", re.IGNORECASE),
    "<money>": re.compile(
        r"(?<!\w)(?:nhận|đòi|vòi|lấy|thu|ăn|nhan|doi|voi)\s+(?:\w+\s+){0,3}?\d[\d.,]*\s*"
        r"(?:đồng|đ|dong|triệu|trieu|tr|nghìn|ngàn|ngan|nghin|k|vnđ|vnd)(?!\w)",
        re.IGNORECASE,
    ),
}
"""What a list of phrases may ask for besides words: a person with a name, the number of a decision, money
that was taken.
"""


class Word(NamedTuple):
    """A word that was typed, made ready for comparing."""

    key: str  # equal for equal words, accents told apart
    folded: str
    has_marks: bool
    is_number: bool


@lru_cache(maxsize=16384)
def _read_word(typed: str) -> Word:
    word = typed.lower()
    return Word(spelling(word), fold(word), has_marks(word), word.isdigit())


@dataclass(frozen=True)
class Match:
    """A phrase and the words it covers, both ends included."""

    phrase: str
    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    def is_inside(self, other: "Match") -> bool:
        return other.first <= self.first and self.last <= other.last and other.length > self.length


class Phrase(NamedTuple):
    """A phrase made ready for looking: as it was said, and its words in the form that is compared."""

    said: str
    words: tuple[str, ...]


Openings = Mapping[str, Mapping[str | None, tuple[Phrase, ...]]]
"""Phrases by their first word without marks, then by their second as it is compared; None where they have one."""


@dataclass(frozen=True, eq=False)
class Phrasebook:
    """Phrases made ready for looking, all at once: a text is read once, however many lists it is asked for later."""

    with_marks: Openings
    without_marks: Openings
    special: frozenset[str]

    @classmethod
    def of(cls, phrases: Iterable[str]) -> "Phrasebook":
        every = dict.fromkeys(phrases)
        spoken = [(said, [_read_word(word) for word in TOKEN.findall(nfc(said))]) for said in every]
        said_in_words = [(said, words) for said, words in spoken if words and said not in SPECIAL]
        return cls(
            _openings((said, words, tuple(word.key for word in words)) for said, words in said_in_words),
            _openings(
                (said, words, tuple(word.folded for word in words))
                for said, words in said_in_words
                if len(words) > 1 or not words[0].has_marks  # one syllable without its marks may be any other
            ),
            frozenset(SPECIAL).intersection(every),
        )


def _openings(phrases: Iterable[tuple[str, list[Word], tuple[str, ...]]]) -> Openings:
    found: dict[str, dict[str | None, tuple[Phrase, ...]]] = {}
    for said, words, compared in phrases:
        begun = found.setdefault(words[0].folded, {})
        second = compared[1] if len(compared) > 1 else None
        begun[second] = (*begun.get(second, ()), Phrase(said, compared))
    return found


_phrasebook_of = lru_cache(maxsize=512)(Phrasebook.of)


@dataclass(frozen=True)
class Passage:
    """One field of a petition, made ready for looking. The text is NFC.

    With a phrasebook it can be asked for the phrases that stand in the book, and for no others.
    """

    text: str
    book: Phrasebook | None = None

    @cached_property
    def words(self) -> tuple[Word, ...]:
        return tuple(map(_read_word, TOKEN.findall(self.text)))

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Where each word begins and ends."""
        return tuple(found.span() for found in TOKEN.finditer(self.text))

    @cached_property
    def is_unaccented(self) -> bool:
        """Whether it was typed without marks; a stray accented name does not change that."""
        spoken = [word.has_marks for word in self.words if not word.is_number]
        return 10 * sum(spoken) <= len(spoken)

    @cached_property
    def folded(self) -> str:
        """All words without marks, single spaces, with a space at both ends."""
        return f" {' '.join(word.folded for word in self.words)} "

    @cached_property
    def sentences(self) -> tuple["Passage", ...]:
        pieces, begin = [], 0
        for end in SENTENCE_END.finditer(self.text):
            pieces.append(self.text[begin : end.end()])
            begin = end.end()
        pieces.append(self.text[begin:])
        return tuple(Passage(piece.strip(), self.book) for piece in pieces if TOKEN.search(piece))

    @cached_property
    def heard(self) -> Mapping[str, list[Match]]:
        """Every phrase of its book that stands here, with its places in the order of the text."""
        return {} if self.book is None else self._look_for(self.book)

    def find(self, phrase: str) -> list[Match]:
        """Where a phrase stands, as whole syllables."""
        return self.find_all((phrase,))

    def find_all(self, phrases: Collection[str]) -> list[Match]:
        """Where any of some phrases stands, as whole syllables, in the order of the text.

        Text with accents is matched with accents. In text without, both sides are folded, and a single syllable counts
        only when it has nothing to lose by folding.
        """
        heard = self.heard if self.book else self._look_for(_phrasebook_of(tuple(phrases)))
        here = heard.keys() & phrases
        if not here:
            return []
        found = chain.from_iterable(heard[phrase] for phrase in here)
        return sorted(found, key=lambda match: (match.first, -match.last, match.phrase))

    def _look_for(self, book: Phrasebook) -> dict[str, list[Match]]:
        found: dict[str, list[Match]] = {}
        for match in chain(self._special(book), self._spoken(book)):
            found.setdefault(match.phrase, []).append(match)
        return found

    def _special(self, book: Phrasebook) -> Iterator[Match]:
        return (self._covering(said, found) for said in book.special for found in SPECIAL[said].finditer(self.text))

    def _covering(self, phrase: str, found: re.Match[str]) -> Match:
        covered = [
            number for number, (start, end) in enumerate(self.spans) if start < found.end() and found.start() < end
        ]
        return Match(phrase, covered[0], covered[-1])

    def _spoken(self, book: Phrasebook) -> Iterator[Match]:
        openings = book.without_marks if self.is_unaccented else book.with_marks
        folded = [word.folded for word in self.words]
        compared = (*(folded if self.is_unaccented else [word.key for word in self.words]), "")
        for first, begun in enumerate(map(openings.get, folded)):
            if begun is None:
                continue
            for said, words in begun.get(None, ()) + begun.get(compared[first + 1], ()):
                if compared[first : first + len(words)] == words:
                    yield Match(said, first, first + len(words) - 1)

    def has(self, phrases: Collection[str]) -> bool:
        return bool(self.find_all(phrases))

    def found(self, phrases: Collection[str]) -> tuple[str, ...]:
        """Which of the phrases stand in the text."""
        return tuple(dict.fromkeys(match.phrase for match in self.find_all(phrases)))

    def begins_with(self, phrases: Collection[str], *, within: int = 5) -> bool:
        """Whether one of the phrases stands among the first words."""
        return any(match.first <= within for match in self.find_all(phrases))

    def words_of(self, match: Match) -> str:
        return self.text[self.spans[match.first][0] : self.spans[match.last][1]]

    def is_asked(self, match: Match, asking: Collection[str], accusing: Collection[str], *, within: int = 3) -> bool:
        """Whether the words just before a match turn to it with a request, "đề nghị Văn phòng Sở …", and
        accuse nobody.
        """

        def distance(phrases: Collection[str]) -> int:
            before = (match.first - found.last for found in self.find_all(phrases))
            return min((gap for gap in before if 0 < gap <= within), default=within + 1)

        return distance(asking) < min(distance(accusing), within + 1)


def longest(matches: Iterable[Match]) -> list[Match]:
    """Without the phrases that stand inside a longer one."""
    every = list(matches)
    return [match for match in every if not any(match.is_inside(other) for other in every)]


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """How alike two texts are by their groups of three letters: 0 nothing in common, 1 equal."""
    common = len(one & other)
    return common / (len(one) + len(other) - common) if common else 0.0


def trigrams(folded: str) -> frozenset[str]:
    """The groups of three letters of a folded text, word by word."""
    return frozenset(chain.from_iterable(map(_trigrams_of, folded.split())))


@lru_cache(maxsize=16384)
def _trigrams_of(word: str) -> frozenset[str]:
    return frozenset(f"  {word} "[at : at + 3] for at in range(len(word) + 1))
