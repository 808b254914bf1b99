"""Words that speak of danger to life, now: then the numbers to call stand first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shared.text import fold, is_unaccented, nfc, words


@dataclass(frozen=True)
class Danger:
    """A danger, and the phrases that tell it: matched whole, with their accents where the writer used any."""

    code: str
    name: str
    name_en: str
    phrases: tuple[str, ...]
    source: str
    confidence: str
    valid_from: date | None = None
    valid_to: date | None = None


def speaks_of_danger(text: str, dangers: Iterable[Danger]) -> bool:
    """Whether a text has one of the phrases. A hint to the reader, no judgement of the case."""
    known = [phrase for danger in dangers for phrase in danger.phrases]
    is_bare = is_unaccented(text)
    spoken = " ".join(words(fold(text)) if is_bare else words(nfc(text)))
    phrases = (" ".join(words(fold(one)) if is_bare else words(one)) for one in known if not is_bare or " " in one)
    english = (one for one in known if one.isascii())
    return any(f" {one} " in f" {spoken} " for one in (*phrases, *english))
