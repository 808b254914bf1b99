"""What citizens answer to the questions of a form: read, checked, and kept beside the words of the question."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from services.intake.domain.petition import Answered, Reader
from shared.questions import Question, holds

PREFIX = "a_"
"""Before the code of a question: the name of its field on a page."""
_NUMBER = re.compile(r"\d{1,9}([.,]\d{1,3})?")
_THOUSANDS = re.compile(r"\d{1,3}(\.\d{3})+")
EARLIEST = date(1990, 1, 1)


def field_of(question: Question) -> str:
    return PREFIX + question.code


def asked_of(questions: Iterable[Question], typed: Mapping[str, str]) -> tuple[Question, ...]:
    """Those questions whose condition holds for what was typed."""
    given: dict[str, Sequence[str]] = {}
    asked = []
    for question in questions:
        if holds(question.when, given):
            asked.append(question)
            given[question.code] = _parts(question, typed.get(field_of(question), ""))
    return tuple(asked)


def read_answers(
    reader: Reader, questions: Iterable[Question], *, today: date, is_lenient: bool = False
) -> tuple[Answered, ...]:
    """The answers that were typed; what nobody was asked for is no answer. `is_lenient`: nothing is required.

    What is wrong is said at the reader.
    """
    read = []
    for question in asked_of(questions, reader.typed):
        answer = _answer(reader, question, today)
        if answer is not None:
            read.append(answer)
        elif question.is_required and not is_lenient:
            reader.refuse(field_of(question), "missing")
    return tuple(read)


def _answer(reader: Reader, question: Question, today: date) -> Answered | None:
    field = field_of(question)
    raw = reader.plain(field, limit=question.longest, has_lines=question.sort == "area")
    if not raw or field in reader.wrong:
        return None
    if question.sort in {"choice", "choices"}:
        return _chosen(reader, question, raw)
    if question.sort == "number":
        number = read_number(raw)
        if number is None:
            reader.refuse(field, "not_a_number")
        elif question.least is not None and number < question.least:
            reader.refuse(field, "too_little", given=f"{question.least:g}")
        elif question.most is not None and number > question.most:
            reader.refuse(field, "too_much", given=f"{question.most:g}")
        return _kept(question, f"{raw} {question.unit}".strip(), f"{raw} {question.unit_en}".strip(), raw)
    if question.sort == "date":
        day = read_day(raw)
        if day is None or day < EARLIEST:
            reader.refuse(field, "not_a_day")
            return None
        if question.is_past and day > today:
            reader.refuse(field, "to_come")
        raw = f"{day:%d/%m/%Y}"
    return _kept(question, raw, raw, raw)


def _chosen(reader: Reader, question: Question, raw: str) -> Answered | None:
    options = [question.option(code) for code in _parts(question, raw)]
    if None in options:
        reader.refuse(field_of(question), "not_a_choice")
        return None
    chosen = [one for one in question.options if one in options]
    return _kept(
        question,
        "; ".join(one.text for one in chosen),
        "; ".join(one.text_en for one in chosen),
        ",".join(one.code for one in chosen),
    )


def _kept(question: Question, value: str, value_en: str, raw: str) -> Answered:
    return Answered(
        code=question.code,
        question=question.text,
        question_en=question.text_en,
        value=value,
        value_en=value_en,
        raw=raw,
    )


def _parts(question: Question, raw: str) -> list[str]:
    if question.sort == "choices":
        return [one.strip() for one in raw.split(",") if one.strip()]
    return [raw.strip()] if raw.strip() else []


def read_number(typed: str) -> float | None:
    """A number as Vietnamese write it: 1.500 is one and a half thousand, 1,5 and 1.5 are one and a half."""
    plain = typed.replace(" ", "")
    if _THOUSANDS.fullmatch(plain):
        return float(plain.replace(".", ""))
    return float(plain.replace(",", ".")) if _NUMBER.fullmatch(plain) else None


def read_day(typed: str) -> date | None:
    """A day as dd/mm/yyyy, also with points or hyphens; None when it is none."""
    try:
        return datetime.strptime(re.sub(r"[.\-]", "/", typed.strip()), "%d/%m/%Y").date()
    except ValueError:
        return None
