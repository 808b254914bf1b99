"""Documents that citizens read as they are: the file, with what the desk published over it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar

from services.intake import store
from services.intake.catalogue import OFFERED, Catalogue
from services.intake.domain.guidance import Guidance, Guidances
from services.intake.domain.procedure import Field, Portal, Procedure, Procedures
from services.intake.domain.steps import FIELDS, Step, Ways
from shared.config import BadConfig, Source, read_rows, read_value
from shared.db import Reading
from shared.known_answers import KnownAnswers, read_known_answers
from shared.questions import Question, read_questions
from shared.telemetry import log

Read = TypeVar("Read")


def read_procedures(source: Source) -> Procedures:
    """The procedures of a file, or of a text in its place. Raises BadConfig."""
    return Procedures(
        rows=read_rows(source, "procedures", Procedure),
        fields=read_rows(source, "fields", Field),
        portal=read_value(source, "portal", Portal),
    )


def read_guidance(source: Source) -> Guidances:
    """The texts about topics of a file, or of a text in its place. Raises BadConfig."""
    return Guidances(read_rows(source, "texts", Guidance))


def read_ways(source: Source) -> Ways:
    """The steps by which some kinds are filed. Raises BadConfig."""
    steps, questions = read_rows(source, "steps", Step, complete=True), read_questions(source)
    known = {one.code for one in questions}
    for step in steps:
        where = f"{source.name}, steps, row {step.kind} {step.number}"
        if step.kind not in OFFERED:
            raise BadConfig(f"{where}, kind: {step.kind!r} is none of {', '.join(OFFERED)}")
        if not all(words.strip() for words in (step.title, step.title_en, step.source)):
            raise BadConfig(f"{where}, title: words in both languages, and a source")
        for name in step.fields:
            if name not in known | FIELDS:
                raise BadConfig(f"{where}, fields: there is no field or question {name!r}")
        for advice in step.advice:
            if advice.field not in step.fields:
                raise BadConfig(f"{where}, advice: {advice.field!r} is not asked on this step")
    for kind in {step.kind for step in steps}:
        _check_order(source.name, kind, [step for step in steps if step.kind == kind])
    return Ways(steps, questions)


def _check_order(name: str, kind: str, steps: list[Step]) -> None:
    """On every day that a step begins or ends to hold the numbers go from one to the last, which asks to sign."""
    days = {day for step in steps for day in (step.valid_from, step.valid_to) if day} | {date(2026, 1, 1)}
    for day in sorted(days):
        held = Ways(tuple(steps), ()).of(kind, day)
        if held is None:
            continue
        if [step.number for step in held.steps] != list(range(1, len(held.steps) + 1)):
            raise BadConfig(f"{name}, steps, row {kind}, number: on {day} they do not run from 1 on, each once")
        asked = [name for step in held.steps for name in step.fields]
        if held.steps[-1].fields != ("signature",) or asked.count("signature") != 1:
            raise BadConfig(f"{name}, steps, row {kind}, fields: the last step asks for the signature alone")
        for needed in ("text", "name", "address", "phone", "email"):
            if needed not in asked:
                raise BadConfig(f"{name}, steps, row {kind}, fields: no step asks for {needed!r}")
        if len(set(asked)) < len(asked):
            raise BadConfig(f"{name}, steps, row {kind}, fields: something is asked twice")


@dataclass(frozen=True)
class _Published:
    """A published text, read like a file."""

    text: str
    name: str
    parent: str = "what was published"

    def read_text(self, encoding: str | None = None) -> str:
        return self.text


class Book(Generic[Read]):
    """Gives what a document says on a day; a publication is read once, at the first look after it."""

    def __init__(self, file: Path, read: Callable[[Source], Read]) -> None:
        self._name, self._read_source = file.name, read
        self._editions = {0: read(file)}

    def on_day(self, tx: Reading, day: date) -> Read:
        """What holds on a day."""
        version = store.document_version_on(tx, self._name, day)
        if version not in self._editions:
            self._editions[version] = self._read(store.document_text(tx, self._name, version))
        return self._editions[version]

    def _read(self, text: str) -> Read:
        """The desk checked it before it was published; where we cannot read it the file goes on."""
        try:
            return self._read_source(_Published(text, self._name))
        except BadConfig as wrong:
            log.error("a published document cannot be read", name=self._name, why=str(wrong))
            return self._editions[0]


def procedure_book(config_dir: Path) -> Book[Procedures]:
    """The procedures in force at the door. Raises BadConfig."""
    return Book(config_dir / "procedures.json", read_procedures)


def guidance_book(config_dir: Path) -> Book[Guidances]:
    """What is told about topics. Raises BadConfig."""
    return Book(config_dir / "guidance.json", read_guidance)


def questions_book(config_dir: Path, catalogue: Catalogue) -> Book[tuple[Question, ...]]:
    """What is asked about topics. Raises BadConfig."""
    topics = frozenset(topic.code for topic in catalogue.topics)
    return Book(config_dir / "questions.json", lambda source: read_questions(source, topics=topics))


def known_answers_book(config_dir: Path) -> Book[KnownAnswers]:
    """Questions that people keep asking, with their answers. Raises BadConfig."""
    return Book(config_dir / "known_answers.json", read_known_answers)


def ways_book(config_dir: Path) -> Book[Ways]:
    """The steps by which some kinds are filed. Raises BadConfig."""
    return Book(config_dir / "steps.json", read_ways)
