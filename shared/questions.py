"""Questions of a form, as rows of data: their words, what may be answered, and in which case they are asked.

The condition of a row is a small part of JsonLogic (jsonlogic.com): `==`, `!=`, `in` about the answer to an earlier
question, joined by `and`, `or`, `!`. It is looked at, never run.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from shared.config import BadConfig, Source, read_rows, valid_on

Sort = Literal["text", "area", "number", "date", "choice", "choices"]
Condition = dict[str, Any]

CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
_COMPARED, _JOINED = frozenset({"==", "!=", "in"}), frozenset({"and", "or"})
DEEPEST = 4


class BadCondition(ValueError):
    """A condition that cannot be looked at; the message says why."""


@dataclass(frozen=True)
class Option:
    """Something that can be chosen."""

    code: str
    text: str
    text_en: str


@dataclass(frozen=True)
class Question:
    """One question. `topics`: about which it is asked; empty where a step of a form names it."""

    code: str
    sort: Sort
    text: str
    text_en: str
    source: str
    valid_from: date | None
    valid_to: date | None
    topics: tuple[str, ...] = ()
    hint: str = ""
    hint_en: str = ""
    options: tuple[Option, ...] = ()
    is_required: bool = False
    when: Condition | None = None
    longest: int = 200  # characters of a text
    least: float | None = None  # of a number
    most: float | None = None
    unit: str = ""  # behind a number
    unit_en: str = ""
    is_past: bool = False  # whether a day lies behind us
    confidence: str = ""

    def option(self, code: str) -> Option | None:
        return next((one for one in self.options if one.code == code), None)


def asked_about(questions: Iterable[Question], topic: str | None, day: date) -> tuple[Question, ...]:
    """The questions about a topic on a day, in the order of the file."""
    return tuple(row for row in valid_on(questions, day) if topic in row.topics)


# ---- conditions


def holds(condition: Condition | None, given: Mapping[str, Sequence[str]]) -> bool:
    """Whether a question is asked, seen what was answered before; `given` holds the chosen codes or the words."""
    if condition is None:
        return True
    ((name, inner),) = condition.items()
    if name in _JOINED:
        found = [holds(one, given) for one in inner]
        return all(found) if name == "and" else any(found)
    if name == "!":
        return not holds(inner, given)
    values, wanted = list(given.get(inner[0]["var"], ())), inner[1]
    if name == "in":
        return bool(set(values) & set(wanted))
    return (wanted in values) == (name == "==")


def named_in(condition: Condition | None) -> list[tuple[str, tuple[str, ...]]]:
    """The questions that a condition looks at, with the answers that it compares. Raises BadCondition."""
    return [] if condition is None else _named_in(condition, DEEPEST)


def _named_in(condition: Any, deep: int) -> list[tuple[str, tuple[str, ...]]]:
    if not isinstance(condition, dict) or len(condition) != 1 or not deep:
        raise BadCondition("one comparison in braces, at most four deep")
    ((name, inner),) = condition.items()
    if name == "!":
        return _named_in(inner, deep - 1)
    if name in _JOINED:
        if not isinstance(inner, list) or not inner:
            raise BadCondition(f"{name!r} joins a list of comparisons")
        return [one for each in inner for one in _named_in(each, deep - 1)]
    if name not in _COMPARED:
        raise BadCondition(f"{name!r} is none of ==, !=, in, and, or, !")
    is_pair = isinstance(inner, list) and len(inner) == 2
    if not is_pair or not isinstance(inner[0], dict) or set(inner[0]) != {"var"}:
        raise BadCondition(f'{name!r} compares {{"var": question}} with an answer')
    wanted = inner[1] if name == "in" else [inner[1]]
    if not isinstance(wanted, list) or not all(isinstance(one, str) for one in wanted):
        raise BadCondition(f"{name!r} compares with words")
    return [(str(inner[0]["var"]), tuple(wanted))]


# ---- reading


def read_questions(source: Source, *, topics: frozenset[str] | None = None) -> tuple[Question, ...]:
    """The questions of a file; `topics`: those that there are, None where steps name the questions.

    Raises BadConfig, naming file, row and field.
    """
    rows = read_rows(source, "questions", Question, complete=True)
    for number, row in enumerate(rows):
        where = f"{source.name}, questions, row {row.code}"
        _check_words(row, where)
        _check_answers(row, where)
        if topics is not None:
            if not row.topics:
                raise BadConfig(f"{where}, topics: at least one topic")
            for code in row.topics:
                if code not in topics:
                    raise BadConfig(f"{where}, topics: {code!r} is not in the configuration")
        for other in rows[:number]:
            if other.code == row.code and _overlap(other, row):
                raise BadConfig(f"{where}: two rows hold on the same day")
        _check_condition(row, rows[:number], where)
    return rows


def _check_words(row: Question, where: str) -> None:
    if not CODE.fullmatch(row.code):
        raise BadConfig(f"{where}, code: small letters, digits and _")
    for name in ("text", "text_en", "source"):
        if not getattr(row, name).strip():
            raise BadConfig(f"{where}, {name}: there are no words")
    for one, other in (("hint", "hint_en"), ("unit", "unit_en")):
        if bool(getattr(row, one)) != bool(getattr(row, other)):
            raise BadConfig(f"{where}, {other}: {one} in both languages or in none")


def _check_answers(row: Question, where: str) -> None:
    codes = [one.code for one in row.options]
    if row.sort in {"choice", "choices"}:
        if len(codes) < 2:
            raise BadConfig(f"{where}, options: at least two")
    elif codes:
        raise BadConfig(f"{where}, options: only of a choice")
    for one in row.options:
        if not CODE.fullmatch(one.code) or codes.count(one.code) > 1:
            raise BadConfig(f"{where}, options, {one.code}: small letters, digits and _, each once")
        if not one.text.strip() or not one.text_en.strip():
            raise BadConfig(f"{where}, options, {one.code}: words in both languages")
    if not 1 <= row.longest <= 5000:
        raise BadConfig(f"{where}, longest: from 1 to 5000")
    if row.least is not None and row.most is not None and row.least > row.most:
        raise BadConfig(f"{where}, least: not above most")


def _check_condition(row: Question, before: Sequence[Question], where: str) -> None:
    try:
        named = named_in(row.when)
    except BadCondition as bad:
        raise BadConfig(f"{where}, when: {bad}") from bad
    for code, wanted in named:
        asked = [one for one in before if one.code == code]
        about = {topic for one in asked for topic in one.topics}
        if not asked or not set(row.topics) <= about:
            raise BadConfig(f"{where}, when: {code!r} is not asked before it about the same topics")
        for value in wanted:
            if asked[-1].options and asked[-1].option(value) is None:
                raise BadConfig(f"{where}, when: {value!r} cannot be answered to {code!r}")


def _overlap(one: Question, other: Question) -> bool:
    ends = [row.valid_to or date.max for row in (one, other)]
    begins = [row.valid_from or date.min for row in (one, other)]
    return max(begins) <= min(ends)
