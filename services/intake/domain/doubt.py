"""What makes a petition doubtful. Doubt refuses nothing: a person looks at what is doubtful before anything is done
with it.
"""

import re
import unicodedata
from dataclasses import dataclass

DOUBTS = ("trap", "too_fast", "no_proof", "network", "repeated", "only_links")
"""Codes of reasons to doubt, the heaviest first."""

FEWEST_WORDS = 4
"""With fewer words beside its links a text is nothing but links."""
_LINK = re.compile(
    r"(?i)\b(?:https?://|www\.)\S+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|info|shop|top|xyz|vn|me|link)(?:/\S*)?\b"
)


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What is known of a filing beside its words."""

    is_trap_filled: bool  # something stands in a field that people do not see
    seconds: float | None  # from the form to the sending; None: not known
    is_proven: bool  # work was done for it, or a question answered
    is_flood: bool  # so much comes without proof that each has to bring one
    is_network_over: bool  # its network sends more than people of one network do
    is_repeated: bool  # the same words came from there again and again


def doubts_of(text: str, signs: Signs, *, shortest_s: int) -> tuple[str, ...]:
    """The reasons to doubt, heaviest first; none for nearly everybody."""
    found = {
        "trap": signs.is_trap_filled,
        "too_fast": signs.seconds is not None and signs.seconds < shortest_s,
        "no_proof": signs.is_flood and not signs.is_proven,
        "network": signs.is_network_over,
        "repeated": signs.is_repeated,
        "only_links": is_only_links(text),
    }
    return tuple(name for name in DOUBTS if found[name])


def is_only_links(text: str) -> bool:
    """Whether it is links and next to nothing else, as advertising is."""
    rest, links = _LINK.subn(" ", text)
    return links > 0 and len(re.findall(r"\w+", rest)) < FEWEST_WORDS


def bare_words(text: str) -> str:
    """The words alone: what differs only in capitals, marks, digits or punctuation has the same ones."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"[^\W\d_]+", "".join(c for c in plain if not unicodedata.combining(c))))
