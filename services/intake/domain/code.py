"""Petition codes: eight characters in two groups, made to be read aloud, copied by hand and typed on a cheap phone.

Twenty-three characters remain when vowels and everything that looks or sounds alike are left out (0 O, 1 I L, 2 Z,
5 S, 6 G, 8 B,
U V Y). Twenty-three is prime: one weighted sum finds every wrong character and every two that changed places, near
or far.
"""

from collections.abc import Callable

ALPHABET = "23456789CDFHJKMNPQRTVWX"
LENGTH = 8

_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_LOOKS_LIKE = str.maketrans({"Z": "2", "S": "5", "G": "6", "B": "8", "Đ": "D", "Ð": "D"})
_FULL_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94)}
_SPOKEN = {
    "0": "không", "1": "một",
    "2": "hai", "3": "ba", "4": "bốn", "5": "năm", "6": "sáu", "7": "bảy", "8": "tám", "9": "chín",
    "C": "xê", "D": "đê", "F": "ép", "H": "hát", "J": "gi", "K": "ca", "M": "em mờ", "N": "en nờ", "P": "pê",
    "Q": "quy", "R": "e rờ", "T": "tê", "V": "vê", "W": "vê kép", "X": "ích",
}  # fmt: skip


class CodeMistyped(ValueError):
    """No code of ours: a character too many or too few, or a slip of the finger that the check character shows."""


def new_code(choose: Callable[[str], str]) -> str:
    """A fresh code such as 7K3M-9HDK. `choose` draws one character of a text at random."""
    body = "".join(choose(ALPHABET) for _ in range(LENGTH - 1))
    code = body + check_character(body)
    return f"{code[:4]}-{code[4:]}"


def check_character(body: str) -> str:
    """The eighth character: it makes the weighted sum a multiple of twenty-three."""
    return ALPHABET[-_weighed(body) % len(ALPHABET)]


def parse_code(typed: str) -> str:
    """The code that somebody typed, whatever the case, spaces and dashes. Raises CodeMistyped."""
    plain = typed.translate(_FULL_WIDTH).upper()
    letters = "".join(c for c in plain.translate(_LOOKS_LIKE) if c.isalnum())
    if len(letters) != LENGTH or any(c not in _VALUE for c in letters):
        raise CodeMistyped("a code has eight letters and digits")
    if check_character(letters[:-1]) != letters[-1]:
        raise CodeMistyped("one of the characters is wrong, or two have changed places")
    return f"{letters[:4]}-{letters[4:]}"


def read_aloud(code: str) -> str:
    """How to say a code on a Vietnamese telephone line: a word for each character, a pause between the groups."""
    return " – ".join(", ".join(_SPOKEN[c] for c in group) for group in code.split("-"))


def spelled(digits: str) -> str:
    """How to say a PIN."""
    return ", ".join(_SPOKEN[c] for c in digits)


def _weighed(body: str) -> int:
    # The check character has the weight 1, the others 2 to 8, all different: so an exchange of two always shows.
    return sum(weight * _VALUE[c] for weight, c in zip(range(LENGTH, 1, -1), body, strict=True))
