"""The procedures in force at the door: the file, with what the desk published over it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from services.intake import store
from services.intake.domain.procedure import Field, Portal, Procedure, Procedures
from shared.config import BadConfig, Source, read_rows, read_value
from shared.db import Reading
from shared.telemetry import log

FILE = "procedures.json"


def read_procedures(source: Source) -> Procedures:
    """The procedures of a file, or of a text in its place. Raises BadConfig."""
    return Procedures(
        rows=read_rows(source, "procedures", Procedure),
        fields=read_rows(source, "fields", Field),
        portal=read_value(source, "portal", Portal),
    )


@dataclass(frozen=True)
class _Published:
    """A published text, read like a file."""

    text: str
    name: str = FILE
    parent: str = "what was published"

    def read_text(self, encoding: str | None = None) -> str:
        return self.text


class ProcedureBook:
    """Gives the procedures of a day; a publication is read once, at the first look after it."""

    def __init__(self, config_dir: Path) -> None:
        self._editions = {0: read_procedures(config_dir / FILE)}

    def on_day(self, tx: Reading, day: date) -> Procedures:
        version = store.document_version_on(tx, FILE, day)
        if version not in self._editions:
            self._editions[version] = self._read(store.document_text(tx, FILE, version))
        return self._editions[version]

    def _read(self, text: str) -> Procedures:
        """The desk checked it before it was published; where we cannot read it the file goes on."""
        try:
            return read_procedures(_Published(text))
        except BadConfig as wrong:
            log.error("published procedures cannot be read", why=str(wrong))
            return self._editions[0]
