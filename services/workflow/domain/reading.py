"""What can be read out of a text without understanding it: dates, plates, dossier codes, decisions, links,
names.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import cos, hypot, radians

from services.workflow.domain.matching import SPECIAL, UPPER, Passage
from services.workflow.domain.vocabulary import Numbering
from shared.text import fold, has_marks, is_broken, is_syllable, is_typing_leftover, nfc, words

PLATE = re.compile(r"(?<![0-9A-Za-zĐđ])(\d{2}[A-ZĐ]{1,2}\d?)\s*[-–. ]?\s*(\d{3}[.\s]?\d{2}|\d{4})(?!\d)")
DOSSIER = re.compile(r"(?<![\w.])[A-ZĐ]{1,3}\d{1,3}(?:\.\d{1,4}){1,3}-\d{6}-\d{3,6}(?!\w)", re.IGNORECASE)
LINK = re.compile(
    r"(?:https?://|www\.)\S+|(?<![\w@.])[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|info|xyz|top|shop|club|online|site|store|me|ly|io|vn)"
    r"(?:/\S*)?(?![\w.])",
    re.IGNORECASE,
)
OFFICIAL_LINK = re.compile(r"\.gov\.vn(?:[/:?]|$)", re.IGNORECASE)
DATE = re.compile(
    r"(?<![\d/.-])(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})(?![\d/])"
    r"|(\d{1,2})\s+th[áa]ng\s+(\d{1,2})\s+n[ăa]m\s+(\d{4})",
    re.IGNORECASE,
)
TIME = re.compile(
    r"(?<!\w)\d{1,2}\s*(?:h\d{0,2}|giờ|gio|:\d{2})(?!\w)|(?<![\w/])\d{1,2}/\d{1,2}(?![\w])"
    r"|(?<!\w)(?:sáng|trưa|chiều|tối|đêm)\s+(?:nay|qua|hôm|\d)",
    re.IGNORECASE,
)
DECISION = re.compile(r"(\d+)\s*/\s*(?:\d{4}\s*/\s*)?(Q[ĐD]-[A-ZĐ\d-]+)", re.IGNORECASE)
NAME = rf"[{UPPER}][^\W\d_]*"
NAMES = re.compile(rf"{NAME}(?:\s+{NAME}){{1,4}}")


def dates_in(text: str) -> list[tuple[int, date]]:
    """The full dates of a text with where they begin. A date without its year is not guessed."""
    found = []
    for match in DATE.finditer(text):
        day, month, year = (int(part) for part in match.groups() if part is not None)
        try:
            found.append((match.start(), date(year, month, day)))
        except ValueError:
            continue
    return found


def date_after(text: str, cue: re.Pattern[str], *, within: int = 60) -> date | None:
    """The first full date at most `within` characters after a cue."""
    for found in cue.finditer(text):
        for start, day in dates_in(text):
            if found.end() <= start + 1 and start - found.end() <= within:
                return day
    return None


def has_plate(text: str) -> bool:
    """Whether the number plate of a vehicle stands in the text."""
    return PLATE.search(text.upper()) is not None


def has_time(text: str) -> bool:
    return TIME.search(text) is not None or bool(dates_in(text))


@dataclass(frozen=True)
class Dossier:
    """A dossier of an administrative procedure that a petition speaks of."""

    code: str | None
    due_on: date | None


DUE_CUE = re.compile(r"hẹn\s+(?:trả|ngày)(?:\s+kết quả)?|ngày hẹn|trả kết quả|hen tra|ngay hen|phải trả", re.IGNORECASE)


def dossier_in(text: str) -> Dossier | None:
    code = DOSSIER.search(text)
    due_on = date_after(text, DUE_CUE, within=40)
    if code is None and due_on is None:
        return None
    return Dossier(code.group().upper() if code else None, due_on)


@dataclass(frozen=True)
class Decision:
    """A decision that a petition speaks of, and when its author says to have received it."""

    number: str | None  # 87
    symbol: str | None  # QĐ-SXD
    issued_on: date | None
    known_on: date | None


KNOWN_CUE = re.compile(
    r"(?<!\w)(?:nhận|biết|tống đạt|giao|nhan|biet)"
    r"(?:\s+(?:được|duoc|bản|sao|quyết|định|quyet|dinh|thông|báo|văn|này|nay|trên|đó|giải|khiếu|nại|lần|đầu|qua|bưu|điện"
    r"|nó|việc|vào|từ|hôm))*\s+(?:ngày|ngay)",
    re.IGNORECASE,
)


def decision_in(text: str) -> Decision | None:
    """The decision with a number, and the day its author received or came to know it."""
    found = DECISION.search(text)
    known_on = date_after(text, KNOWN_CUE, within=12)
    if found is None:
        return Decision(None, None, None, known_on) if known_on else None
    issued_on = next(
        (
            day
            for start, day in dates_in(text)
            if 0 <= start - found.end() <= 40 and day != known_on and "nhận" not in text[found.end() : start]
        ),
        None,
    )
    return Decision(found.group(1), found.group(2).upper().replace("QD-", "QĐ-"), issued_on, known_on)


def links_in(text: str) -> list[str]:
    """Addresses on the network, those of public bodies left out."""
    return [found.group() for found in LINK.finditer(text) if not OFFICIAL_LINK.search(found.group())]


def without_links(text: str) -> str:
    return LINK.sub(" ", text)


def persons_in(text: str) -> tuple[str, ...]:
    """Persons named with Ông, Bà, Anh or Chị, as written, each once."""
    found = (match.group().split(maxsplit=1)[1].rstrip(".") for match in SPECIAL["<person>"].finditer(text))
    return tuple(dict.fromkeys(name for name in found if len(name.split()) > 1))


def place_names_in(text: str) -> frozenset[str]:
    """Names of two or more capitalised words, folded."""
    found: set[str] = set()
    for match in NAMES.finditer(nfc(text)):
        parts = fold(match.group()).split()
        begins_sentence = match.start() == 0 or text[: match.start()].rstrip()[-1:] in (
            ".",
            "!",
            "?",
            "\n",
            ":",
            "",
        )
        found.add(" ".join(parts))
        if len(parts) > 2 and begins_sentence:
            found.add(" ".join(parts[1:]))
    return frozenset(found)


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two points given as latitude and longitude; good to a few kilometres."""
    north = (one[0] - other[0]) * 111_320
    east = (one[1] - other[1]) * 111_320 * cos(radians(one[0]))
    return hypot(north, east)


# --- the text as a whole ---

STRANGE_LETTER = re.compile(r"[\u0370-\u1dff\u1f00-\U0010ffff]")
TELEX_ONLY = re.compile(r"dd|[uo]w")  # doubled vowels stand in English words too


def is_foreign(text: str, foreign: tuple[str, ...]) -> bool:
    """Whether a text is in another language: other letters, words of another shape, small words of English or
    French.
    """
    if is_of_strange_letters(text):
        return True
    typed = [word for word in words(text) if word.isalpha()]
    keys = {word for word in typed if is_typing_leftover(word)}
    spoken = [word for word in typed if word not in keys]
    if len(spoken) < 4 or sum(TELEX_ONLY.search(word) is not None for word in keys) >= 2:
        return False
    syllables = [word for word in spoken if is_syllable(word)]
    if sum(map(has_marks, syllables)) * 3 > len(spoken):
        return False
    strange = len(spoken) - len(syllables)
    share = sum(word in foreign for word in spoken) / len(spoken)
    return strange / len(spoken) > 0.35 or (share >= 0.15 and strange / len(spoken) > 0.2)


def is_of_strange_letters(text: str) -> bool:
    """Whether most of its letters, eight at least, belong to no Latin alphabet."""
    strange = sum(map(str.isalpha, STRANGE_LETTER.findall(text)))
    if not strange:
        return False
    letters = sum(map(str.isalpha, text))
    return letters >= 8 and strange > letters / 2


def has_typing_leftover(text: str) -> bool:
    return is_broken(text) or any(map(is_typing_leftover, words(text)))


LETTERS_FOR_DIGITS = str.maketrans("013457", "oieast")
SPACED_OUT = re.compile(r"(?<!\w)\w(?:[.*_\-·]\s?\w){1,5}(?!\w)")  # đ.m, v-c-l


def is_abusive(passage: Passage, abusive: tuple[str, ...]) -> bool:
    """Whether insults stand in a text, also with letters doubled, spaced by signs or replaced by digits."""
    if passage.has(abusive):
        return True
    joined = _joined(abusive)
    for found in SPACED_OUT.finditer(passage.text):
        if _squeeze(re.sub(r"[\W_]", "", found.group().lower())) in joined:
            return True
    typed = words(passage.text)
    bared = zip(map(_undisguised, typed), typed, strict=True)
    return any(bare != word or len(bare) > 1 for bare, word in bared if bare in joined)


@lru_cache(maxsize=8)
def _joined(abusive: tuple[str, ...]) -> frozenset[str]:
    """Insults of one word as they look without signs."""
    return frozenset(re.sub(r"\W", "", phrase).lower() for phrase in abusive if " " not in phrase)


@lru_cache(maxsize=16384)
def _undisguised(word: str) -> str:
    return word if word.isdigit() else _squeeze(word.translate(LETTERS_FOR_DIGITS))


def _squeeze(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", word)


# --- telephone ---


def telephone_kind(typed: str | None, numbering: Numbering) -> str | None:
    """mobile, landline, shared_cost, foreign or invalid; None when nothing was typed. Only a mobile takes
    SMS.
    """
    if not typed or not typed.strip():
        return None
    digits = "".join(
        str(int(letter)) if letter.isdecimal() else letter for letter in typed if letter.isdecimal() or letter == "+"
    )
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if digits.startswith("+") and not digits.startswith("+84"):
        return "foreign" if 8 <= len(digits) - 1 <= 15 else "invalid"
    if digits.startswith("+84"):
        digits = f"0{digits[3:].removeprefix('0')}"
    elif digits.startswith("84") and len(digits) == 11:
        digits = f"0{digits[2:]}"
    if len(digits) == 10 and digits.startswith(numbering.mobile):
        return "mobile"
    if len(digits) == 11 and digits.startswith(numbering.landline):
        return "landline"
    if 8 <= len(digits) <= 10 and digits.startswith(numbering.shared_cost):
        return "shared_cost"
    return "invalid"


def has_email(typed: str | None) -> bool:
    """Whether what was typed has the form of an address for e-mail."""
    return bool(typed) and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}", (typed or "").strip()) is not None


# --- several matters in one letter ---

ORDINALS = {"nhất": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "một": 1, "nhat": 1, "mot": 1, "tu": 4}
NUMBERED = re.compile(
    r"(?:^|(?<=[\s.;:,(]))(?:\(?(?P<digit>[1-9])(?:[.)/]|\s*[-–])(?=\s*[^\W\d])"
    r"|(?:[Tt]hứ|[Tt]hu)\s+(?P<ordinal>nhất|hai|ba|tư|năm|nhat|tu)(?!\w)"
    r"|(?:[Vv]iệc|[Vv]ấn đề|[Nn]ội dung|[Vv]iec)\s+(?:thứ\s+)?(?P<matter>[1-9]|nhất|một|hai|ba|bốn)(?!\w)"
    r"|(?P<count>[Mm]ột|[Hh]ai|[Bb]a|[Bb]ốn|[Mm]ot)\s+là(?!\w))"
)
LETTERED = re.compile(r"(?:^|(?<=[\s.;:]))\(?(?P<letter>[a-e])[.)](?=\s+[^\W\d])")
BULLET = re.compile(r"^\s*[-–•*+]\s+", re.MULTILINE)


def numbered_parts(text: str) -> list[str]:
    """The matters of a letter that counts them (1, 2 … thứ nhất, thứ hai … or marks); empty when it does not."""
    marks: list[re.Match[str]] = []
    for found in NUMBERED.finditer(text):
        said = (found["digit"] or found["ordinal"] or found["matter"] or found["count"]).lower()
        if (int(said) if said.isdigit() else ORDINALS[said]) == len(marks) + 1:
            marks.append(found)
    if len(marks) < 2:
        marks = []
        for found in LETTERED.finditer(text):
            if ord(found["letter"]) - ord("a") == len(marks):
                marks.append(found)
    if len(marks) < 2:
        marks = list(BULLET.finditer(text))
    if len(marks) < 2:
        return []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    before = text[: marks[0].start()].strip()
    parts = [text[mark.end() : end].strip(" \n,;:") for mark, end in zip(marks, ends, strict=True)]
    return [before, *parts] if Passage(before).words else parts


def loose_parts(letter: Passage, openings: tuple[str, ...]) -> list[str]:
    """A letter cut before each sentence that begins with "also" or with a verb of petition."""
    parts: list[list[str]] = []
    for sentence in letter.sentences:
        if sentence.begins_with(openings) or not parts:
            parts.append([])
        parts[-1].append(sentence.text)
    return [" ".join(part) for part in parts]
