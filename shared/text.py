"""Vietnamese text as it arrives, as it is compared and as it is searched; what we store is only put into NFC."""

import re
import unicodedata
from functools import lru_cache

TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # huyền, sắc, ngã, hỏi, nặng; the other marks make letters
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONE_ORDER = "\u0300\u0309\u0303\u0301\u0323"  # dictionaries: huyền, hỏi, ngã, sắc, nặng

WORD = re.compile(r"[^\W_]+")
SYLLABLE = re.compile(
    r"(?:b|c|ch|d|g|gh|gi|h|k|kh|l|m|n|ng|ngh|nh|p|ph|qu|r|s|t|th|tr|v|x)?"
    r"(?:a|ai|ao|au|ay|e|eo|eu|i|ia|ie|ieu|iu|o|oa|oai|oao|oay|oe|oeo|oi|oo|u|ua|uay|ue|ui|uo|uoi|uou|uu|uy|uya|uye|uyu"
    r"|y|ye|yeu)"
    r"(?:c|ch|m|n|ng|nh|p|t)?"
)


def nfc(text: str) -> str:
    """The text as we keep it: composed, with the letter Đ where its Icelandic twin was typed."""
    # U+00D0 looks like U+0110 and lowers to another letter.
    return unicodedata.normalize("NFC", text).replace("Ð", "Đ").replace("ð", "đ")


def is_nfc(text: str) -> bool:
    """Whether its letters came composed; some telephones send them decomposed."""
    return unicodedata.is_normalized("NFC", text)


def fold(text: str) -> str:
    """The text as we search it: lower case, without any mark, đ as d, single spaces."""
    return " ".join(filter(None, map(_fold_word, text.split())))


@lru_cache(maxsize=16384)
def _fold_word(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", nfc(word).lower())
    return "".join(mark for mark in decomposed if not unicodedata.combining(mark)).replace("đ", "d")


def has_forbidden_characters(text: str) -> bool:
    """Control characters other than line breaks and tabs, or marks that turn the direction of reading."""
    return any(letter in BIDI or (unicodedata.category(letter) == "Cc" and letter not in "\n\r\t") for letter in text)


def words(text: str) -> list[str]:
    """Letters and digits between spaces and punctuation, in order, lower case."""
    return WORD.findall(nfc(text).lower())


def spelling(word: str) -> str:
    """One word in the form in which equal words are equal: `hoà` as `hòa`, `thuỷ` as `thủy`, `qui` as `quy`."""
    decomposed = unicodedata.normalize("NFD", nfc(word).lower())
    tones = "".join(mark for mark in decomposed if mark in TONES)
    letters = unicodedata.normalize("NFC", "".join(mark for mark in decomposed if mark not in TONES))
    return re.sub(r"^(h|k|l|m|s|t|v|qu)y$", r"\1i", letters) + tones


@lru_cache(maxsize=16384)
def has_marks(word: str) -> bool:
    """Whether a word bears a letter or tone that only Vietnamese marks give."""
    return fold(word) != nfc(word).lower()


def is_unaccented(text: str) -> bool:
    """Whether a text was typed without marks; a stray accented name does not change that."""
    spoken = [word for word in words(text) if not word.isdigit()]
    return 10 * sum(map(has_marks, spoken)) <= len(spoken)


@lru_cache(maxsize=16384)
def is_syllable(word: str) -> bool:
    """Whether a word, marks aside, has the shape of one Vietnamese syllable."""
    return SYLLABLE.fullmatch(fold(word)) is not None


TELEX_SIGN = re.compile(r"dd|aa|ee|oo|[aou]w|w[aou]")
TELEX_LETTERS = (("dd", "d"), ("aa", "a"), ("ee", "e"), ("oo", "o"), ("w", ""))
VNI_SIGN = re.compile(r"d9|[aeo]6|[ou]7|a8")


@lru_cache(maxsize=16384)
def is_typing_leftover(word: str) -> bool:
    """Whether a word shows the keys of an input method instead of its letters: `dduwowngf`, `d9u7o7ng2`."""
    if not word.isascii() or is_syllable(word):
        return False
    if any(letter.isdigit() for letter in word):
        bare = re.sub(r"\d", "", word)
        return bool(VNI_SIGN.search(word)) and len(bare) > 1 and is_syllable(bare)
    if not TELEX_SIGN.search(word):
        return False
    bare = re.sub(r"[sfrxj]$", "", word)
    for keys, letter in TELEX_LETTERS:
        bare = bare.replace(keys, letter)
    is_strong = "dd" in word or "uw" in word or word[-1] in "sfrxj"
    return is_strong and is_syllable(bare)


MOJIBAKE = re.compile(r"[ÃÂÄÆá][\u0080-\u00bf‰†‡ˆ‹šœžŸ“”•–—˜™º»¼½¾¡¢£¤¥¦§¨©ª«¬®¯°±²³´µ¶·¸¹]|�")


def is_broken(text: str) -> bool:
    """Whether a text went through a wrong encoding: `Ä‘Æ°á»ng` for `đường`."""
    return len(MOJIBAKE.findall(text)) >= 2


def sort_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """Orders words as a Vietnamese dictionary does: letters first, tones only among equals."""
    letters: list[int] = []
    tones: list[int] = []
    for letter in nfc(text).lower():
        decomposed = unicodedata.normalize("NFD", letter)
        tone = next((mark for mark in decomposed if mark in TONES), "")
        bare = unicodedata.normalize("NFC", decomposed.replace(tone, "")) if tone else letter
        letters.append(ALPHABET.index(bare) + 1000 if bare in ALPHABET else min(ord(bare[0]), 999))
        tones.append(TONE_ORDER.index(tone) + 1 if tone else 0)
    return tuple(letters), tuple(tones), text
