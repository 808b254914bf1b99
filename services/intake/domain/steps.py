"""The steps by which complaints and denunciations are filed: a few short pages, each a row of data."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.intake.domain.petition import Wrong
from services.intake.domain.questions import EARLIEST, PREFIX, asked_of, field_of, read_day
from shared.config import valid_on
from shared.questions import Question

FIELDS = frozenset(
    {
        "text", "files", "place", "ward", "party", "organisation", "name", "phone", "email", "address", "sms",
        "signature",
    }
)  # fmt: skip
"""What a step may ask besides its own questions."""


@dataclass(frozen=True)
class Advice:
    """A day that begins a term of the law: when the term is over, the page says so and goes on."""

    field: str  # the question that asks for the day
    term: str  # code in config/clocks


@dataclass(frozen=True)
class Step:
    """One page. `fields`: codes of questions and names of FIELDS, in the order of the page."""

    kind: str
    number: int
    title: str
    title_en: str
    lead: str
    lead_en: str
    fields: tuple[str, ...]
    source: str
    valid_from: date | None
    valid_to: date | None
    advice: tuple[Advice, ...] = ()
    confidence: str = ""


@dataclass(frozen=True)
class Term:
    """A span of days that the law, or our own promise, counts."""

    code: str
    value: int
    unit: str  # day, working_day
    source: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True)
class Late:
    """A term that was over on a day."""

    field: str
    days: int
    ended_on: date
    source: str


@dataclass(frozen=True)
class Way:
    """How one kind is filed on one day: its steps, and the questions that they name."""

    kind: str
    steps: tuple[Step, ...]
    questions: tuple[Question, ...]

    def questions_of(self, step: Step) -> tuple[Question, ...]:
        return tuple(one for one in self.questions if one.code in step.fields)

    def names_of(self, step: Step) -> frozenset[str]:
        """What the fields of a step are called where they are refused."""
        questions = {one.code for one in self.questions}
        return frozenset(PREFIX + name if name in questions else name for name in step.fields)

    def wrong_on(self, step: Step, wrong: Iterable[Wrong]) -> list[Wrong]:
        """What needs mending on this page, in its order."""
        names = self.names_of(step)
        return [one for one in wrong if one.field in names]

    def first_unfinished(self, wrong: Collection[Wrong]) -> Step:
        """The first page on which something needs mending; the last one when nothing does."""
        return next((step for step in self.steps if self.wrong_on(step, wrong)), self.steps[-1])


@dataclass(frozen=True)
class Ways:
    """The steps of all kinds, with those of other days."""

    steps: tuple[Step, ...]
    questions: tuple[Question, ...]

    def of(self, kind: str | None, day: date) -> Way | None:
        """How a kind is filed on a day; None where one page is enough."""
        steps = tuple(row for row in valid_on(self.steps, day) if row.kind == kind)
        if not steps:
            return None
        named = {name for step in steps for name in step.fields}
        questions = tuple(one for one in valid_on(self.questions, day) if one.code in named)
        return Way(steps[0].kind, tuple(sorted(steps, key=lambda step: step.number)), questions)


AddDays = Callable[[date, int], date]


def late_terms(
    way: Way, typed: Mapping[str, str], *, terms: Mapping[str, Term], add_days: AddDays, today: date
) -> tuple[Late, ...]:
    """Terms of the law that are over. Nothing is refused for it: who decides hears the reason first.

    Source: Luật Khiếu nại 2011 Đ9.
    """
    asked: Sequence[Question] = asked_of(way.questions, typed)
    found = []
    for advice in (one for step in way.steps for one in step.advice):
        question = next((one for one in asked if one.code == advice.field), None)
        day = read_day(typed.get(field_of(question), "")) if question else None
        term = terms.get(advice.term)
        if day is None or not EARLIEST <= day <= today or term is None or question is None:
            continue
        ended_on = add_days(day, term.value)
        if ended_on < today:
            found.append(Late(field_of(question), term.value, ended_on, term.source))
    return tuple(found)
