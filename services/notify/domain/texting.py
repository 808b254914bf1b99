"""Texts for mobile phones: without accents, in the few characters that every carrier takes, in one part.

An accented receipt of 71 characters costs two parts, an apology three; without accents all are one.
"""

import re
import unicodedata

LONGEST = 160
_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_ESCAPED = frozenset("\f^{}\\[~]|€")
_BY_HAND = str.maketrans(
    {"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "–": "-", "—": "-", "…": "...", ";": ",", "!": ".", "(": ",", ")": ","}
)


class NotOneText(Exception):
    """A text that is longer than one part, or has characters that carriers refuse."""


def fold(text: str) -> str:
    """The text as it goes to a phone: no accents, letters, digits, blanks and `. , : / - ?` only.

    "Sở GTVT đã tiếp nhận" becomes "So GTVT da tiep nhan".
    """
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFC", text).translate(_BY_HAND))
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = re.sub(r"[^A-Za-z0-9 .,:/?_-]", " ", text)  # "_" stands in the tokens of older links
    return re.sub(r" +([,.])", r"\1", " ".join(text.split()))


def one_text(text: str) -> str:
    """The folded text. Raises NotOneText when it does not fit."""
    folded = fold(text)
    if len(folded) > LONGEST:
        raise NotOneText(f"{len(folded)} characters, {LONGEST} fit")
    return folded


def count_parts(text: str) -> int:
    """How many parts a text costs. Source: 3GPP TS 23.038 (GSM-7: 160, then 153 each; UCS-2: 70, then 67 each)."""
    if all(letter in _GSM7 or letter in _GSM7_ESCAPED for letter in text):
        whole, part, sizes = 160, 153, [2 if letter in _GSM7_ESCAPED else 1 for letter in text]
    else:
        whole, part, sizes = 70, 67, [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    if sum(sizes) <= whole:
        return 1
    parts, room = 1, part
    for size in sizes:  # never cut inside an escape or a surrogate pair
        if size > room:
            parts, room = parts + 1, part
        room -= size
    return parts
