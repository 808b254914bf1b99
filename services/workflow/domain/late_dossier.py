"""Dossiers of administrative procedures that are or will be late: a list of the counter, line by line."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.workflow.domain.deadline import DOSSIER_DUE
from services.workflow.domain.permission import ALLOWED, Allowed, Person, Refusal, Refused
from services.workflow.domain.vocabulary import Rule
from shared.text import fold, nfc

TOPIC = "C21"
"""The topic of late dossiers: its kind, its unit and its priority are those of the catalogue."""

PROMISED_RULE = "dossier.promised"
COLUMNS = ("number", "procedure", "received_on", "due_on", "name", "phone", "email")
LEAST_COLUMNS = 6  # who has no e-mail address may leave the last one out
MOST_LINES = 500
SEPARATORS = "\t;,"  # as copied from a sheet, as Excel saves it here, as others do


@dataclass(frozen=True)
class LateDossier:
    """A dossier that was listed, and the petition that the door files for it. Whose it is stands there alone."""

    number: str  # as it is written on its slip, in capitals without blanks
    petition_id: UUID
    procedure: str  # code
    received_on: date
    due_on: date  # on which it was promised to be ready
    listed_by: str
    listed_at: datetime


@dataclass(frozen=True)
class Line:
    """A line of a list, counted from 1, with its cells in the order of COLUMNS; no cells where they are too few."""

    number: int
    text: str
    cells: dict[str, str] | None


def lines_of(text: str) -> Iterator[Line]:
    """The lines of a list, without the empty ones and without a heading: a first line that holds no digit."""
    is_first = True
    for number, written in enumerate(nfc(text).removeprefix("\ufeff").splitlines(), start=1):
        said = written.strip(" \r\n\ufeff")
        if not said.strip(SEPARATORS + " "):
            continue
        is_heading = is_first and not any(one.isdigit() for one in said)
        is_first = False
        if not is_heading:
            yield Line(number, said, _cells(said))


def _cells(said: str) -> dict[str, str] | None:
    separator = next((one for one in SEPARATORS if said.count(one) >= LEAST_COLUMNS - 1), None)
    if separator is None:
        return None
    cells = [cell.strip() for cell in next(csv.reader([said], delimiter=separator))]
    if not len(cells) >= LEAST_COLUMNS or any(cells[len(COLUMNS) :]):
        return None
    return dict(zip(COLUMNS, (*cells, ""), strict=False))


def number_of(typed: str) -> str:
    """A number of a dossier as it is compared: in capitals, without blanks."""
    return "".join(nfc(typed).upper().split())


def is_named(typed: str, *names: str) -> bool:
    """Whether this is one of the names, however it is spelt."""
    return fold(typed.strip()) in {fold(name) for name in names}


def may_list(person: Person, counter: str) -> Allowed | Refused:
    """The Office, and who works at the counter: the unit `counter`."""
    if person.role == "office":
        return ALLOWED
    is_theirs = person.role in {"officer", "head"} and person.unit == counter
    return ALLOWED if is_theirs else Refused(Refusal.NOT_YOUR_ROLE)


def words_of(*, number: str, procedure: str, received_on: date, due_on: date, today: date) -> str:
    """What the petition says that is filed for a dossier."""
    late = "đã quá ngày hẹn mà chưa trả kết quả" if due_on < today else "không kịp trả kết quả đúng hẹn"
    return f"Hồ sơ {number} ({procedure}), nhận ngày {received_on:%d/%m/%Y}, hẹn trả ngày {due_on:%d/%m/%Y}: {late}."


def as_promised(kind: str, source: str) -> Rule:
    """The promised day as the term of the answer, which no rest day moves: it is written on the applicant's slip."""
    return Rule(
        code=PROMISED_RULE,
        subject="petition",
        kinds=(kind,),
        step="answer",
        when=(),
        unless=(),
        value=0,
        unit="day",
        direction="after",
        anchor=DOSSIER_DUE,
        roll="none",
        group=f"{kind}.answer",
        standing="law",
        serves="petitioner",
        max_times=None,
        valid_from=None,
        valid_to=None,
        source=source,
        confidence="medium",
        note=None,
    )
