"""Finding phrases in what people wrote: with accents where they typed accents, whole syllables, the longest
phrase first.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from shared.text import fold, is_unaccented, nfc, spelling

TOKEN = re.compile(r"[^\W_]+")
SENTENCE_END = re.compile(r"(?<!\s[A-ZĐa-zđ])(?<!^[A-ZĐa-zđ])[.!?;…]+(?=\s|$)|\n+")
UPPER = "".join(chr(code) for code in (*range(0x41, 0x250), *range(0x1E00, 0x1F00)) if chr(code).isupper())
SPECIAL = {
    "<person>": re.compile(rf"(?<!\w)(?:[ÔôOo]ng|[Bb]à|[Aa]nh|[Cc]hị)(?:\s+[{UPPER}][\w.]*){{1,6}}"),
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


@dataclass(frozen=True)
class Token:
    key: str  # equal for equal words, accents told apart
    folded: str
    start: int
    end: int


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


@dataclass(frozen=True)
class Phrase:
    """A phrase made ready for looking: its words with accents, without, and whether it loses nothing by folding."""

    said: str
    keys: tuple[str, ...]
    folded: tuple[str, ...]
    is_plain: bool


@lru_cache(maxsize=512)
def _by_first_word(phrases: tuple[str, ...]) -> tuple[dict[str, tuple[Phrase, ...]], tuple[str, ...]]:
    """Phrases by their first word without accents, so that a text looks only for what may stand in it; special ones."""
    found: dict[str, list[Phrase]] = {}
    for said in dict.fromkeys(phrases):
        words = TOKEN.findall(nfc(said).lower())
        if said in SPECIAL or not words:
            continue
        keys, folded = tuple(map(spelling, words)), tuple(map(fold, words))
        found.setdefault(folded[0], []).append(Phrase(said, keys, folded, tuple(words) == folded))
    special = tuple(said for said in dict.fromkeys(phrases) if said in SPECIAL)
    return {word: tuple(begun) for word, begun in found.items()}, special


@lru_cache(maxsize=16384)
def _read_word(word: str) -> tuple[str, str]:
    return spelling(word), fold(word)


@dataclass(frozen=True)
class Passage:
    """One field of a petition, made ready for looking. The text is NFC."""

    text: str

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        return tuple(
            Token(*_read_word(found.group().lower()), found.start(), found.end()) for found in TOKEN.finditer(self.text)
        )

    @cached_property
    def is_unaccented(self) -> bool:
        return is_unaccented(self.text)

    @cached_property
    def folded(self) -> str:
        """All words without marks, single spaces, with a space at both ends."""
        return f" {' '.join(token.folded for token in self.tokens)} "

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, token in enumerate(self.tokens):
            found.setdefault(token.folded, []).append(number)
        return found

    @cached_property
    def sentences(self) -> tuple["Passage", ...]:
        pieces, begin = [], 0
        for end in SENTENCE_END.finditer(self.text):
            pieces.append(self.text[begin : end.end()])
            begin = end.end()
        pieces.append(self.text[begin:])
        return tuple(Passage(piece.strip()) for piece in pieces if TOKEN.search(piece))

    def find(self, phrase: str) -> list[Match]:
        """Where a phrase stands, as whole syllables."""
        return self.find_all((phrase,))

    def _covering(self, phrase: str, found: re.Match[str]) -> Match:
        covered = [
            number
            for number, token in enumerate(self.tokens)
            if token.start < found.end() and found.start() < token.end
        ]
        return Match(phrase, covered[0], covered[-1])

    def find_all(self, phrases: Iterable[str]) -> list[Match]:
        """Where any of some phrases stands, as whole syllables, in the order of the text.

        Text with accents is matched with accents. In text without, both sides are folded, and a single syllable counts
        only when it has nothing to lose by folding.
        """
        begun, special = _by_first_word(phrases if isinstance(phrases, tuple) else tuple(phrases))
        found = [self._covering(phrase, match) for phrase in special for match in SPECIAL[phrase].finditer(self.text)]
        for word in self._places.keys() & begun.keys():
            for phrase in begun[word]:
                found.extend(self._standing(phrase))
        return sorted(found, key=lambda match: (match.first, -match.last, match.phrase))

    def _standing(self, phrase: Phrase) -> Iterable[Match]:
        length = len(phrase.keys)
        if self.is_unaccented and length == 1 and not phrase.is_plain:
            return
        for first in self._places[phrase.folded[0]]:
            words = self.tokens[first : first + length]
            if self.is_unaccented:
                is_here = tuple(word.folded for word in words) == phrase.folded
            else:
                is_here = tuple(word.key for word in words) == phrase.keys
            if is_here:
                yield Match(phrase.said, first, first + length - 1)

    def has(self, phrases: Iterable[str]) -> bool:
        return bool(self.find_all(phrases))

    def found(self, phrases: Iterable[str]) -> tuple[str, ...]:
        """Which of the phrases stand in the text."""
        return tuple(dict.fromkeys(match.phrase for match in self.find_all(phrases)))

    def begins_with(self, phrases: Iterable[str], *, within: int = 5) -> bool:
        """Whether one of the phrases stands among the first words."""
        return any(match.first <= within for match in self.find_all(phrases))

    def words_of(self, match: Match) -> str:
        return self.text[self.tokens[match.first].start : self.tokens[match.last].end]

    def is_asked(self, match: Match, asking: Iterable[str], accusing: Iterable[str], *, within: int = 3) -> bool:
        """Whether the words just before a match turn to it with a request, "đề nghị Văn phòng Sở …", and
        accuse nobody.
        """

        def distance(phrases: Iterable[str]) -> int:
            before = (match.first - found.last for found in self.find_all(phrases))
            return min((gap for gap in before if 0 < gap <= within), default=within + 1)

        return distance(asking) < min(distance(accusing), within + 1)


def longest(matches: Iterable[Match]) -> list[Match]:
    """Without the phrases that stand inside a longer one."""
    every = list(matches)
    return [match for match in every if not any(match.is_inside(other) for other in every)]


def likeness(one: str, other: str) -> float:
    """How alike two folded texts are by their groups of three letters: 0 nothing in common, 1 equal."""
    first, second = _trigrams(one), _trigrams(other)
    both = first | second
    return len(first & second) / len(both) if both else 0.0


def _trigrams(folded: str) -> set[str]:
    return {f"  {word} "[at : at + 3] for word in folded.split() for at in range(len(word) + 1)}
