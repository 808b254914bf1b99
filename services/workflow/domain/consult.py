"""What somebody outside may be shown: never who the citizen is."""

from collections.abc import Iterable

from services.workflow.domain.checks import A_PHONE, PERSONAL
from shared.text import fold

PATTERNS = (A_PHONE, *PERSONAL)


def names_the_citizen(text: str, identity: Iterable[str | None]) -> bool:
    """Whether a text says who the citizen is: a word of theirs as they wrote it, or anything that looks like a phone
    number, an address of mail, a plate or a personal number.
    """
    if any(pattern.search(text) for pattern in PATTERNS):
        return True
    said = fold(text)
    return any(fold(word) in said for word in identity if word and len(fold(word)) >= 4)
