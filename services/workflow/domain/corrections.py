"""Where people decided otherwise than the sorting proposed, and which phrases would have said so: advice only.

Nothing changes by itself: who keeps the keywords reads it, and adds a phrase or does not.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.workflow.domain.matching import TOKEN, Passage, Phrasebook
from services.workflow.domain.reading import place_names_in
from shared.text import fold, nfc

LEAST_CASES = 3  # a phrase of fewer petitions might point at somebody
LEAST_PRECISION = 0.8
LONGEST = 4  # syllables
MOST = 8  # phrases of a topic


@dataclass(frozen=True, kw_only=True)
class Past:
    """What was proposed for an ordinary petition, what it was decided to be, and its words."""

    petition: str
    proposed: tuple[str | None, str | None, str | None]  # kind, topic, unit
    decided: tuple[str | None, str | None, str | None]
    text: str

    @property
    def topic(self) -> str | None:
        return self.decided[1]

    @property
    def came_from_elsewhere(self) -> bool:
        return self.proposed[1] != self.topic


@dataclass(frozen=True)
class Tally:
    """How often a proposal was confirmed, and what was changed in it."""

    decided: int
    kind: int
    topic: int
    unit: int


@dataclass(frozen=True)
class Confusion:
    proposed: str | None
    decided: str | None
    count: int


@dataclass(frozen=True)
class Suggestion:
    """A phrase that would have found a topic. `right` and `wrong`: past cases with it, of this topic and of others."""

    topic: str
    phrase: str
    moved: int  # cases with it that a person moved into the topic
    right: int
    wrong: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)


def tally(past: Sequence[Past]) -> Tally:
    """Counted over decisions of a person."""
    differs = [[one.proposed[at] != one.decided[at] for one in past] for at in range(3)]
    return Tally(len(past), *(sum(each) for each in differs))


def confusions(past: Iterable[Past]) -> tuple[Confusion, ...]:
    """Which topic was proposed where which was decided, the most frequent first."""
    counted = Counter((one.proposed[1], one.topic) for one in past if one.came_from_elsewhere)
    rows = (Confusion(proposed, decided, count) for (proposed, decided), count in counted.items())
    return tuple(sorted(rows, key=lambda row: (-row.count, row.decided or "", row.proposed or "")))


def suggestions(
    moved: Iterable[Past], every: Sequence[Past], keywords: Mapping[str, Iterable[str]]
) -> tuple[Suggestion, ...]:
    """Phrases for each topic into which people moved petitions: said in several of them, and hardly elsewhere.

    `every`: past cases of all topics, on which precision is counted. `keywords`: what each topic listens for already.
    """
    names = _parts_of(name for one in every for name in place_names_in(one.text))
    said_in: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in moved:
        if one.topic is not None and one.came_from_elsewhere:
            for phrase in _phrases(one.text, names):
                said_in[one.topic, phrase].add(one.petition)
    known = {topic: {nfc(phrase).lower() for phrase in phrases} for topic, phrases in keywords.items()}
    often = {
        key: len(petitions)
        for key, petitions in said_in.items()
        if len(petitions) >= LEAST_CASES and key[1] not in known.get(key[0], ())
    }
    heard = _heard_in(every, {phrase for _, phrase in often})
    found = [_measured(topic, phrase, count, heard[phrase]) for (topic, phrase), count in often.items()]
    good = [one for one in found if one.precision >= LEAST_PRECISION]
    return tuple(_best(good))


def _measured(topic: str, phrase: str, moved: int, heard: Counter[str | None]) -> Suggestion:
    right = max(heard[topic], moved)
    return Suggestion(topic, phrase, moved, right, sum(heard.values()) - heard[topic])


def _heard_in(every: Iterable[Past], phrases: set[str]) -> Mapping[str, Counter[str | None]]:
    """In how many cases of which topic each phrase is said, found as the sorting finds it."""
    book = Phrasebook.of(sorted(phrases))
    heard: dict[str, Counter[str | None]] = defaultdict(Counter)
    for one in every:
        for phrase in Passage(nfc(one.text), book).heard:
            heard[phrase][one.topic] += 1
    return heard


def _best(found: Iterable[Suggestion]) -> Iterator[Suggestion]:
    """The best of each topic; of phrases that stand inside each other in the same cases, the longest."""
    kept: dict[str, list[Suggestion]] = defaultdict(list)
    for one in sorted(found, key=lambda one: (one.topic, -one.moved, -len(one.phrase.split()), one.phrase)):
        others = kept[one.topic]
        is_part = any(f" {one.phrase} " in f" {other.phrase} " and one.moved <= other.moved for other in others)
        if not is_part and len(others) < MOST:
            others.append(one)
    for topic in sorted(kept):
        yield from kept[topic]


def _phrases(text: str, names: frozenset[str]) -> set[str]:
    """Two to four syllables in a row of one sentence, as they were said with their marks; of nobody's data.

    A syllable with a digit or a capital, and every name of a place or person that stood in any text, cuts the row:
    telephones, plates, numbers and names are never part of a phrase. A text without marks gives none.
    """
    passage = Passage(nfc(text))
    if passage.is_unaccented:
        return set()
    runs = (run for sentence in passage.sentences for run in _runs(sentence.text))
    rows = (row for run in runs for row in _rows_of(run, range(2, LONGEST + 1)))
    return {row for row in rows if names.isdisjoint(_rows_of(fold(row).split(), range(2, LONGEST + 1)))}


def _runs(sentence: str) -> Iterator[list[str]]:
    """Syllables that follow each other with blanks alone between them, none with a digit or a capital."""
    run: list[str] = []
    end = 0
    for match in TOKEN.finditer(sentence):
        word = match.group()
        if sentence[end : match.start()].strip() or not word.isalpha() or word != word.lower():
            yield run
            run = []
        if word.isalpha() and word == word.lower():
            run.append(word)
        end = match.end()
    yield run


def _rows_of(words: Sequence[str], sizes: Iterable[int]) -> Iterator[str]:
    """Every so many words in a row."""
    return (" ".join(words[at : at + size]) for size in sizes for at in range(len(words) - size + 1))


def _parts_of(names: Iterable[str]) -> frozenset[str]:
    """Two and more words in a row of any name."""
    spoken = (name.split() for name in names)
    return frozenset(part for words in spoken for part in _rows_of(words, range(2, len(words) + 1)))
