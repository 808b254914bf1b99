"""Finding a topic in the catalogue: by what a citizen types into the search box, and by the words of the petition
itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.text import fold, is_unaccented, nfc, words


@dataclass(frozen=True)
class Entry:
    """A topic with the words it is known by, in every language."""

    code: str
    names: tuple[str, ...]
    keywords: tuple[str, ...]


def search(typed: str, entries: Iterable[Entry]) -> list[str]:
    """Codes of the topics in which every word that was typed begins a word; with the right accents first."""
    wanted = [fold(word) for word in words(typed)]
    if not wanted:
        return []
    found = []
    for order, entry in enumerate(entries):
        text = " ".join((*entry.names, *entry.keywords))
        known = set(words(fold(text)))
        if all(any(word.startswith(piece) for word in known) for piece in wanted):
            is_phrase = _has_phrase(words(text), words(typed))
            is_name = any(_has_phrase(words(fold(name)), wanted) for name in entry.names)
            found.append((not is_phrase, not is_name, order, entry.code))
    return [code for *_, code in sorted(found)]


def propose(text: str, entries: Iterable[Entry], *, most: int = 3) -> list[str]:
    """Codes of the topics whose keywords stand in a text, best first.

    Accents are respected where the writer used them: without them `cầu` is also part of `yêu cầu`. Longer phrases
    weigh more.
    """
    is_bare = is_unaccented(text)
    spoken = words(fold(text)) if is_bare else words(nfc(text))
    scores = []
    for order, entry in enumerate(entries):
        phrases = {tuple(words(fold(word) if is_bare else word)) for word in entry.keywords}
        score = sum(
            len(phrase) * min(_count(spoken, phrase), 2) for phrase in phrases if len(phrase) > 1 or not is_bare
        )
        if score:
            scores.append((-score, order, entry.code))
    return [code for *_, code in sorted(scores)[:most]]


def _has_phrase(spoken: Sequence[str], phrase: Sequence[str]) -> bool:
    return _count(spoken, tuple(phrase)) > 0


def _count(spoken: Sequence[str], phrase: tuple[str, ...]) -> int:
    size = len(phrase)
    return sum(tuple(spoken[i : i + size]) == phrase for i in range(len(spoken) - size + 1)) if size else 0
