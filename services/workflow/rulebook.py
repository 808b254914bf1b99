"""The rule book: the files of `config/` with what was published over them, and the rules that are in force by both.

A publication holds at the next look, in every process and without a restart. What makes no sense over today's files is
left out and said; all processes leave out the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock

import structlog

from services.workflow import store
from services.workflow.catalogue import read_answer_rules, read_canned, read_catalogue, read_papers
from services.workflow.domain.answering import Canned
from services.workflow.domain.case import BadWorkflow, Workflow, read_workflow
from services.workflow.domain.document import Document, in_force_on, keys_of
from services.workflow.domain.rules import Rules, make_rules
from services.workflow.press import Press
from shared.config import BadConfig, Folder, parse_yaml
from shared.db import Reading
from shared.web.org import read_org

log = structlog.get_logger(__name__)


def read_rules(config_dir: Path, files_dir: Path) -> Rules:
    """The rules of a folder, read and checked; what is printed is kept in `files_dir`. Raises BadConfig."""
    return _rules_of(config_dir, _given(config_dir, Press(files_dir)))


@dataclass(frozen=True)
class _Given:
    """What changes with the files alone, never by a publication."""

    workflows: tuple[Workflow, ...]
    canned: tuple[Canned, ...]
    own_phone: str
    press: Press


def _given(config_dir: Path, press: Press) -> _Given:
    hotline = read_org(config_dir / "org.yaml").hotline
    return _Given(tuple(read_workflows(config_dir)), read_canned(config_dir), hotline, press)


def read_workflows(config_dir: Path) -> list[Workflow]:
    """The state tables. Raises BadConfig."""
    paths = sorted((config_dir / "workflows").glob("*.yaml"))
    try:
        return [read_workflow(path.stem.split("@")[0], parse_yaml(path.read_text(encoding="utf-8"))) for path in paths]
    except BadWorkflow as wrong:
        raise BadConfig(f"workflows: {wrong}") from wrong


def _rules_of(folder: Folder, given: _Given) -> Rules:
    catalogue = read_catalogue(folder)
    papers = read_papers(folder, catalogue)
    answers = read_answer_rules(folder, catalogue, canned=given.canned, own_phone=given.own_phone)
    try:
        return make_rules(catalogue, given.workflows, papers, given.press, answers)
    except BadWorkflow as wrong:
        raise BadConfig(f"workflows: {wrong}") from wrong


@dataclass(frozen=True)
class _Page:
    """A file as it was read, or a document in its place."""

    name: str
    parent: Path
    text: str | None

    def read_text(self, encoding: str | None = None) -> str:
        if self.text is None:
            raise FileNotFoundError(self.name)
        return self.text


class _Shelf:
    """A folder with documents in the place of some of its files. It remembers what was taken from it."""

    def __init__(self, folder: Path, files: dict[str, str], over: Mapping[str, str]) -> None:
        self._folder, self._files, self._over = folder, files, over

    def __truediv__(self, name: str) -> _Page:
        if name not in self._files and (self._folder / name).is_file():
            self._files[name] = (self._folder / name).read_text(encoding="utf-8")
        return _Page(name, self._folder, self._over.get(name, self._files.get(name)))


@dataclass(frozen=True)
class LeftOut:
    """A publication that makes no sense over today's files, and why."""

    document: Document
    why: str


@dataclass(frozen=True)
class Edition:
    """What is in force: the rules, and by which documents."""

    rules: Rules
    day: date
    number: int  # of the newest publication that was seen
    documents: Mapping[str, Document]  # by name; where there is none the file holds
    left_out: tuple[LeftOut, ...] = ()


class RuleBook:
    """The rules in force, looked up again when something was published or a day has passed.

    The files are read once, when the book is opened: what is delivered with a version of the service is started with
    it. Raises BadConfig when they make no sense.
    """

    def __init__(self, config_dir: Path, press: Press) -> None:
        self.folder = config_dir
        self._files: dict[str, str] = {}
        self._given = _given(config_dir, press)
        rules = self._read({})
        self._edition = Edition(rules, date.min, 0, {})
        self._turn = Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """The files that can be published anew: all that the catalogue reads."""
        return tuple(sorted(self._files))

    def in_force(self, look: Reading) -> Rules:
        return self.edition(look).rules

    def edition(self, look: Reading) -> Edition:
        """What is in force now. Costs one probe of an index while nothing has changed."""
        number, seen = store.newest_number(look), self._edition
        day = seen.rules.calendar.local_day(look.now)
        if (number, day) == (seen.number, seen.day):
            return seen
        with self._turn:
            if (number, day) != (self._edition.number, self._edition.day):
                self._edition = self._compose(store.published(look), day, number)
            return self._edition

    def text_of(self, name: str, documents: Mapping[str, Document]) -> str:
        """What holds under a name, given the documents in force."""
        return documents[name].text if name in documents else self._files[name]

    def check(self, look: Reading, name: str, text: str, *, valid_from: date) -> Rules:
        """The rules as this text would make them on its first day. Raises BadConfig.

        It must make sense on every day on which what is published changes, from that day on.
        """
        self._refuse_unknown_keys(name, text)
        known = store.published(look)
        days = sorted({valid_from, *(one.valid_from for one in known if one.valid_from > valid_from)})
        found = [
            self._read({one.name: one.text for one in in_force_on(known, day).values()} | {name: text}) for day in days
        ]
        return found[0]

    def _refuse_unknown_keys(self, name: str, text: str) -> None:
        if name not in self._files:
            raise BadConfig(f"{name}: no such file is read: {', '.join(self.names)}")
        try:
            told, known = keys_of(text), keys_of(self._files[name])
        except (ValueError, IndexError):
            return  # reading it says what is wrong, and where
        if unknown := [key for key in told if key not in known]:
            raise BadConfig(f"{name}: unknown field {unknown[0]!r}")

    def _compose(self, known: Iterable[Document], day: date, number: int) -> Edition:
        documents = in_force_on(known, day)
        try:
            return Edition(self._read(_texts(documents)), day, number, documents)
        except BadConfig:
            return self._what_makes_sense(known, day, number)

    def _what_makes_sense(self, known: Iterable[Document], day: date, number: int) -> Edition:
        """The files changed beneath what was published: take the publications up one by one, in their order."""
        kept: dict[str, Document] = {}
        left_out: dict[str, LeftOut] = {}
        rules = self._read({})
        for one in known:
            if one.valid_from > day:
                continue
            try:
                rules = self._read(_texts(kept | {one.name: one}))
            except BadConfig as wrong:
                left_out[one.name] = LeftOut(one, str(wrong))
            else:
                kept[one.name] = one
                left_out.pop(one.name, None)
        for left in left_out.values():
            log.error("a published document is left out", name=left.document.name, why=left.why)
        return Edition(rules, day, number, kept, tuple(left_out.values()))

    def _read(self, over: Mapping[str, str]) -> Rules:
        return _rules_of(_Shelf(self.folder, self._files, over), self._given)


def _texts(documents: Mapping[str, Document]) -> dict[str, str]:
    return {name: one.text for name, one in documents.items()}
