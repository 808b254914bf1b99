"""Questions that are data, as fields of a form: their labels, hints and choices in the page's language."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import Field, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from services.intake.domain.petition import Petition
from services.intake.domain.questions import PREFIX, asked_of, field_of
from shared.questions import Question, named_in
from shared.web import Form, current_language, gettext

_NAME = re.compile(r"a_[a-z][a-z0-9_]{1,39}")
MOST = 60  # fields
AnyForm = TypeVar("AnyForm", bound=Form)


@dataclass(frozen=True)
class Shown:
    """A question with its field, and where its condition is simple the words that say when to answer it."""

    question: Question
    field: Any
    only_when: str


def typed_answers() -> dict[str, str]:
    """What was answered on a page, as it came; several ticks as one value."""
    names = [name for name in request.form if _NAME.fullmatch(name)][:MOST]
    return {name: ",".join(filter(None, request.form.getlist(name))) for name in names if request.form.get(name)}


def with_questions(form: type[AnyForm], questions: Iterable[Question]) -> type[AnyForm]:
    """The form with a field for each question, named as its answer is."""
    return type(form.__name__, (form,), {field_of(one): _field(one) for one in questions})


def as_typed(questions: Iterable[Question], typed: Mapping[str, str]) -> MultiDict[str, str]:
    """What was typed, as a form reads it: several ticks are several values."""
    several = {field_of(one) for one in questions if one.sort == "choices"}
    return MultiDict((name, v) for name, value in typed.items() for v in _values(name in several, value))


def shown(form: Form, questions: Iterable[Question]) -> list[Shown]:
    known = {one.code: one for one in questions}
    return [Shown(one, form[field_of(one)], only_when(one, known)) for one in known.values()]


def words_of(row: Any, name: str = "text") -> str:
    """A text of a row in the page's language."""
    return str(getattr(row, f"{name}_en" if current_language() == "en" else name))


def _values(is_several: bool, value: str) -> Sequence[str]:
    return value.split(",") if is_several else [value]


def _field(question: Question) -> Any:
    label = words_of(question)
    if question.unit:
        label = f"{label} ({words_of(question, 'unit')})"
    kind: type[Field] = {
        "area": TextAreaField,
        "choice": RadioField,
        "choices": SelectMultipleField,
    }.get(question.sort, StringField)
    more: dict[str, Any] = {}
    if question.options:
        more = {"choices": [(one.code, words_of(one)) for one in question.options]}
    if question.sort in {"text", "number"}:
        more = {"render_kw": {"maxlength": question.longest}}
    needed = [InputRequired()] if question.is_required else [Optional()]
    return kind(label, needed, description=words_of(question, "hint"), **more)


def only_when(question: Question, known: Mapping[str, Question]) -> str:
    """Words for a reader whom no script hides the question from; empty where it is always asked."""
    if question.when is None:
        return ""
    named = named_in(question.when)
    is_plain = len(named) == 1 and next(iter(question.when)) in {"==", "in"}
    if not is_plain or named[0][0] not in known:
        return gettext("Chỉ trả lời khi đúng với việc của bạn.")
    code, wanted = named[0]
    options = [words_of(one) for one in known[code].options if one.code in wanted]
    return gettext(
        "Chỉ trả lời khi “%(question)s” là: %(answers)s.",
        question=words_of(known[code]),
        answers=gettext(" hoặc ").join(options),
    )


def is_answer(name: str) -> bool:
    return name.startswith(PREFIX)


def answered_rows(questions: Sequence[Question], sent: Petition, form: str) -> list[tuple[str, str, str, str]]:
    """What was asked for what was typed, with the answers and where to change them."""
    answers = {one.code: one for one in sent.answers}
    typed = {field_of(one): answers[one.code].raw for one in questions if one.code in answers}
    rows = []
    for one in asked_of(questions, typed):
        said = words_of(answers[one.code], "value") if one.code in answers else ""
        rows.append((words_of(one), said, f"{form}#{field_of(one)}", words_of(one)))
    return rows
