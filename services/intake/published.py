"""Documents that citizens read as they are: the file, with what the desk published over it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar

from services.intake import store
from services.intake.domain.guidance import Guidance, Guidances
from services.intake.domain.procedure import Field, Portal, Procedure, Procedures
from shared.config import BadConfig, Source, read_rows, read_value
from shared.db import Reading
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
