"""Where letters are printed, and kept: A4 in the form of NĐ 30/2020, by typst with the fonts that come with it.

Words go in as data and cannot become markup. The same page gives the same bytes, whoever prints it and when.
"""

from datetime import UTC, datetime, time
from functools import cached_property
from pathlib import Path
from threading import Lock
from uuid import UUID

import msgspec
import typst

from services.workflow.domain.letter import Page
from shared.files import read_file, store_file

TEMPLATE = Path(__file__).parent / "letter.typ"


class Press:
    """Prints pages and keeps what was printed."""

    def __init__(self, files_dir: Path) -> None:
        self._files_dir, self._turn = files_dir, Lock()

    def print(self, page: Page) -> bytes:
        """The page as PDF/A, always the same bytes."""
        values = msgspec.json.encode(page).decode()
        day = datetime.combine(page.signed_on, time(), UTC)
        with self._turn:
            made = self._compiler.compile(
                format="pdf",
                sys_inputs={"page": values},
                timestamp=int(day.timestamp()),
                pdf_standards=["a-2b"],
            )
        assert isinstance(made, bytes), "one PDF holds all sheets"
        return made

    def keep(self, letter_id: UUID, data: bytes) -> None:
        """Keep a printed letter for good: it is on the disk when this returns."""
        store_file(self._files_dir, letter_id, data)

    def read(self, letter_id: UUID) -> bytes:
        """A letter as it was kept. Raises FileNotFoundError."""
        return read_file(self._files_dir, letter_id)

    @cached_property
    def _compiler(self) -> typst.Compiler:
        return typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), ignore_system_fonts=True)
