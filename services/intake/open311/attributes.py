"""Questions about a topic as attributes of its service: what a definition says of them, and how answers are read.

The same questions and the same rules as on the form; programs write numbers with a point and days by ISO 8601.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from services.intake.domain.petition import Wrong
from services.intake.domain.questions import PREFIX, asked_of, field_of
from services.intake.domain.register import LOCAL
from services.intake.open311.writing import Each, Record
from services.intake.web.asked import is_answer, only_when, words_of
from shared.questions import Question
from shared.web import gettext
from shared.web.i18n import num

DATATYPES: Mapping[str, str] = {
    "text": "string",
    "area": "text",
    "number": "number",
    "date": "datetime",
    "choice": "singlevaluelist",
    "choices": "multivaluelist",
}
_NUMBER = re.compile(r"\d+\.\d+")

Attribute = tuple[str, str]  # code and value, as they came


def attribute_rows(questions: Sequence[Question]) -> list[Record]:
    """The attributes of a definition. What is asked in some cases only is not required, and says in which."""
    known = {one.code: one for one in questions}
    return [
        {
            "variable": True,
            "code": one.code,
            "datatype": DATATYPES[one.sort],
            "required": one.is_required and one.when is None,
            "datatype_description": _how_to_answer(one, known),
            "order": order,
            "description": words_of(one),
            "values": Each("value", [{"key": option.code, "name": words_of(option)} for option in one.options]),
        }
        for order, one in enumerate(known.values(), 1)
    ]


def _how_to_answer(one: Question, known: Mapping[str, Question]) -> str:
    said = [only_when(one, known)]
    if one.when is not None and one.is_required:
        said.append(gettext("Khi đó phải trả lời."))
    hint = words_of(one, "hint")
    said.append(hint if not hint or hint.endswith((".", "?", "!")) else f"{hint}.")
    if one.sort == "number":
        least, most = (num(value) if value is not None else "" for value in (one.least, one.most))
        said.append(gettext("Số, dấu chấm thập phân."))
        said.append(gettext("Đơn vị: %(unit)s.", unit=words_of(one, "unit")) if one.unit else "")
        said.append(gettext("Từ %(least)s.", least=least) if least else "")
        said.append(gettext("Nhiều nhất %(most)s.", most=most) if most else "")
    elif one.sort == "date":
        said.append(gettext("Ngày theo ISO 8601, ví dụ 2026-11-23."))
        said.append(gettext("Ngày đã qua.") if one.is_past else "")
    elif one.sort in {"text", "area"}:
        said.append(gettext("Nhiều nhất %(n)s ký tự.", n=num(one.longest)))
    return " ".join(filter(None, said))


def split_answers(
    attributes: Sequence[Attribute], questions: Sequence[Question]
) -> tuple[dict[str, str], list[Attribute]]:
    """What answers a question, as the form sends it; and what does not, for which nobody asked."""
    known = {one.code: one for one in questions}
    given: dict[str, list[str]] = {}
    for code, value in attributes:
        if code in known and value.strip():
            given.setdefault(code, []).append(value.strip())
    typed = {PREFIX + code: _as_typed(known[code], values) for code, values in given.items()}
    asked = {one.code for one in asked_of(questions, typed)}
    answers = {name: value for name, value in typed.items() if name.removeprefix(PREFIX) in asked}
    return answers, [one for one in attributes if one[0] not in asked]


def _as_typed(question: Question, values: Sequence[str]) -> str:
    """Several values are several ticks, or else what the rules of the form refuse."""
    if question.sort == "choices":
        return ",".join(values)
    typed = ", ".join(values)
    if question.sort == "number" and _NUMBER.fullmatch(typed):
        return typed.replace(".", ",")  # 1.500 is one and a half, which a Vietnamese form reads as thousands
    return _local_day(typed) if question.sort == "date" else typed


def _local_day(typed: str) -> str:
    """A day or an instant by ISO 8601 as the day here; what is neither stays as it came."""
    try:
        found = datetime.fromisoformat(typed.replace(" ", "+"))
        return f"{found if found.tzinfo is None else found.astimezone(LOCAL):%d/%m/%Y}"
    except (ValueError, OverflowError):
        return typed


def named_as_attribute(wrong: Wrong, questions: Sequence[Question]) -> Wrong:
    """The refusal of an answer, by the name under which programs know it and with what helps to mend it."""
    asked = next((one for one in questions if is_answer(wrong.field) and field_of(one) == wrong.field), None)
    if asked is None:
        return wrong
    given = {"missing": words_of(asked), "not_a_choice": ", ".join(one.code for one in asked.options)}
    return replace(wrong, field=f"attribute[{asked.code}]", given=given.get(wrong.problem, wrong.given))
