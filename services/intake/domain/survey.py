"""The questionnaire of a survey round: what is asked, and what may be answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.intake.domain.petition import Refused, Wrong, check_words

INVITATION, LINK, PAPER, COUNTER = "invitation", "link", "paper", "counter"
TYPED_IN = (PAPER, COUNTER)
"""Ways of answers that an officer types in."""
HARASSMENT, WISHES, WORDS = "H1", "N1", "O1"
WARD = "ward"


@dataclass(frozen=True)
class Choice:
    """Something with a code, or a choice with its value, and what it is called."""

    name: str
    name_en: str
    code: str = ""
    value: str = ""


@dataclass(frozen=True)
class Level:
    """A step of the scale."""

    value: int
    name: str
    name_en: str


@dataclass(frozen=True)
class Item:
    """A statement that is judged on the scale."""

    code: str
    factor: str
    text: str
    text_en: str


@dataclass(frozen=True)
class Question:
    """A question of another sort: one of several answers, up to so many of them, or words."""

    code: str
    type: str  # one_of, up_to, text
    text: str
    text_en: str
    options: tuple[Choice, ...] = ()
    max: int = 1
    max_characters: int = 1000

    @property
    def values(self) -> frozenset[str]:
        return frozenset(one.value for one in self.options)


@dataclass(frozen=True)
class Trait:
    """What somebody may say of themselves."""

    code: str
    name: str
    name_en: str
    values: tuple[Choice, ...]


@dataclass(frozen=True)
class Aspect:
    """What is judged of an answer to a petition."""

    code: str
    element: str  # time, content, staff, result, overall
    text: str
    text_en: str


@dataclass(frozen=True)
class Limits:
    """Up to which mark of the whole something follows from it."""

    reopen_if_T5_at_most: int  # offered to have it looked at again
    follow_up_if_T5_at_most: int  # the head of the unit has something to look at


@dataclass(frozen=True)
class Questionnaire:
    """All of it; a round asks some."""

    levels: tuple[Level, ...] = ()  # best first, "no opinion" last
    factors: tuple[Choice, ...] = ()
    items: tuple[Item, ...] = ()
    questions: Mapping[str, Question] = field(default_factory=dict)
    traits: tuple[Trait, ...] = ()
    aspects: tuple[Aspect, ...] = ()  # of an answer to a petition; the last one is the whole
    limits: Limits = Limits(0, 0)


@dataclass(frozen=True, kw_only=True)
class Survey:
    """A round as the door knows it."""

    id: UUID
    code: str
    name: str
    policy: str | None
    items: tuple[str, ...]
    ways: tuple[str, ...]
    wards: tuple[str, ...]
    starts_on: date
    ends_on: date
    closed_at: datetime | None = None
    signed_at: datetime | None = None  # by the first of those who sign

    def takes(self, way: str, today: date) -> bool:
        """Whether an answer that comes in this way is taken: from people until its last day, from papers until the
        first signature."""
        asked = PAPER if way in TYPED_IN else way
        if asked not in self.ways or today < self.starts_on:
            return False
        return self.signed_at is None if asked == PAPER else self.closed_at is None and today <= self.ends_on


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What somebody answered."""

    marks: Mapping[str, int]  # item → level
    harassment: str | None
    wishes: tuple[str, ...]
    traits: Mapping[str, str]
    words: str | None


def read_answer(
    typed: Mapping[str, Sequence[str]], *, survey: Survey, asked: Questionnaire, wards: frozenset[str]
) -> Answer:
    """What was ticked and typed; everything may be left out, but not all of it. Raises Refused."""
    wrong: list[Wrong] = []

    def one(name: str, known: frozenset[str]) -> str | None:
        value = next(iter(typed.get(name, ())), "").strip()
        if value and value not in known:
            wrong.append(Wrong(name, "not_a_choice"))
        return value if value in known else None

    levels = frozenset(str(level.value) for level in asked.levels)
    said = {item.code: one(item.code, levels) for item in asked.items if item.code in survey.items}
    marks = {code: int(value) for code, value in said.items() if value is not None}
    known = {code: asked.questions[code] for code in survey.items if code in asked.questions}
    harassment = one(HARASSMENT, known[HARASSMENT].values) if HARASSMENT in known else None
    wishes = _several(typed.get(WISHES, ()), known[WISHES], wrong) if WISHES in known else ()
    traits = {trait.code: one(trait.code, frozenset(value.value for value in trait.values)) for trait in asked.traits}
    traits[WARD] = one(WARD, wards)
    words = _words(next(iter(typed.get(WORDS, ())), ""), known[WORDS], wrong) if WORDS in known else ""
    if not wrong and not (marks or harassment or wishes or words):
        wrong.append(Wrong("items", "missing"))
    if wrong:
        raise Refused(tuple(wrong))
    return Answer(
        marks=marks,
        harassment=harassment,
        wishes=wishes,
        traits={name: value for name, value in traits.items() if value is not None},
        words=words or None,
    )


def _several(typed: Sequence[str], question: Question, wrong: list[Wrong]) -> tuple[str, ...]:
    chosen = tuple(option.value for option in question.options if option.value in typed)
    if set(typed) - question.values:
        wrong.append(Wrong(question.code, "not_a_choice"))
    elif len(chosen) > question.max:
        wrong.append(Wrong(question.code, "too_many", question.max))
    return chosen


def _words(typed: str, question: Question, wrong: list[Wrong]) -> str:
    try:
        return check_words(question.code, typed, limit=question.max_characters)
    except Refused as refused:
        wrong.extend(refused.wrong)
        return ""
