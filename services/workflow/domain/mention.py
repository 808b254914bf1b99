"""Who is meant by an @ in a note among colleagues: somebody's name, their name for signing in, or a whole unit."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.text import fold

AT = re.compile(r"(?<![\w.+-])@(?=\w)")


@dataclass(frozen=True)
class Meant:
    """The people whom a note names, and the names behind an @ that nobody could be found for."""

    people: tuple[str, ...]  # pseudonyms
    unknown: tuple[str, ...]


def meant_by(text: str, known: Mapping[str, Iterable[str]]) -> Meant:
    """Whom a note means. `known`: whom each folded name stands for; of two names that fit, the longer one counts."""
    people: dict[str, None] = {}
    unknown = []
    for found in AT.finditer(text):
        said = fold(text[found.end() : found.end() + 120])
        name = max((one for one in known if _begins(said, one)), key=len, default=None)
        if name is None:
            unknown.append(re.split(r"[\s,;:!?]", text[found.end() :], maxsplit=1)[0])
        else:
            people |= dict.fromkeys(known[name])
    return Meant(tuple(people), tuple(unknown))


def _begins(said: str, name: str) -> bool:
    """Whether what was said begins with this name, as a whole."""
    return said.startswith(name) and not said[len(name) : len(name) + 1].isalnum()
