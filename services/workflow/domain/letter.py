"""Letters: which one a step asks for, who may sign it and how, what its number looks like, what it says. All of it by
date and from data; this room only reads, chooses and fills in.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol
from uuid import UUID

from services.workflow.domain.case import KindClass, StepRefused
from services.workflow.domain.vocabulary import Department, holds, one_of

Confidence = Literal["high", "medium", "low", "policy"]

OUTGOING, SECRET = "outgoing", "secret"
"""The two series of letters that leave the house. Source: NĐ 30/2020 Đ15(2): secret ones are numbered apart."""

INCOMING = {
    KindClass.ORDINARY: "incoming",
    KindClass.RESTRICTED: "incoming-restricted",
    KindClass.SECRET: "incoming-secret",
}
"""The register of what came in, by kind class: where one book is not seen, its numbers leave no gap in another."""

EVERY = "*"

BOOK_COLUMNS = frozenset(
    {
        "address",
        "channel",
        "course",
        "due_on",
        "kind",
        "matter",
        "name",
        "note",
        "number",
        "received_on",
        "register",
        "result",
        "unit",
    }
)
"""What a column of the book of reception may hold."""

FIELDS = frozenset(
    {
        "apology",
        "basis",
        "code",
        "department",
        "due_before",
        "due_on",
        "first",
        "ground",
        "matter",
        "promised_on",
        "question",
        "reason",
        "received_on",
        "register",
        "reply_by",
        "signer",
        "text",
        "to_name",
        "unit",
        "unit_name",
    }
)
"""What a template may name."""

_FIELD = re.compile(r"\(\(([a-z_]+)(\?)?\)\)")


class NoAuthority(StepRefused):
    """Nothing in force gives this person the right to sign this letter."""


@dataclass(frozen=True)
class Series:
    """A row of numbers that begins with 01 each year."""

    code: str
    name: str
    mark: str | None  # printed under the number of its letters
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: Confidence


@dataclass(frozen=True)
class Issuer:
    """Whose letters they are: the body above the department, as the head of the page names it."""

    department: str  # code in organisation.json, which has symbol and place
    parent: str
    name: str  # as it stands under the parent's
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: Confidence


@dataclass(frozen=True)
class Authority:
    """Who signs which letters, and what stands above the name.

    `mark` says in whose stead: none for the head, KT. for a deputy, TL. by order, TUQ. as delegate of `over`.
    `persons` names single people by pseudonym: their row goes before that of their role.
    """

    role: str
    unit_types: tuple[str, ...]  # kinds of unit whose people these are; empty: wherever
    persons: tuple[str, ...]
    mark: Literal["", "KT.", "TL.", "TUQ."]
    over: str
    post: str
    signs: tuple[str, ...]  # codes of letters, or "*"
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: Confidence


@dataclass(frozen=True)
class Template:
    """One version of a letter. `step` and `kinds` say when it is issued; no step: by nobody yet."""

    code: str
    version: int
    name: str
    step: str | None
    kinds: tuple[str, ...]
    grounds: tuple[str, ...]  # of a refusal; empty: whatever the ground
    title: str | None  # of a document with a type: its name; None: a plain letter
    abbreviation: str | None  # of that type, before the symbol: TB, QĐ
    form: str | None  # the number of the form in its act
    about: str
    series: str
    body: tuple[str, ...]
    recipients: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: Confidence


@dataclass(frozen=True)
class Column:
    """A column of the book of reception."""

    code: str
    title: str


@dataclass(frozen=True)
class Book:
    columns: tuple[Column, ...]
    form: str
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: Confidence


@dataclass(frozen=True)
class Papers:
    """All that is known of letters."""

    series: tuple[Series, ...]
    issuers: tuple[Issuer, ...]
    authorities: tuple[Authority, ...]
    letters: tuple[Template, ...]
    book: Book

    def template_for(self, step: str, kind: str, day: date, *, ground: str = "") -> Template | None:
        """The letter that this step issues on this day: the first row that fits. None: the step needs none."""
        fitting = (
            row
            for row in self.letters
            if row.step == step and holds(row, day) and (EVERY in row.kinds or kind in row.kinds)
        )
        return next((row for row in fitting if not row.grounds or ground in row.grounds), None)

    def name_of(self, code: str) -> str:
        """What a kind of letter is called, now or once."""
        return next((row.name for row in reversed(self.letters) if row.code == code), code)

    def mark_of(self, series: str, day: date) -> str | None:
        return one_of((row for row in self.series if row.code == series), day, f"series {series!r}").mark

    def issuer_of(self, department: str, day: date) -> Issuer:
        found = (row for row in self.issuers if row.department == department)
        return one_of(found, day, f"the issuer {department!r}")


# ---- who signs


class Signing(Protocol):
    """Who signs, as far as their authority goes."""

    @property
    def person(self) -> str: ...
    @property
    def role(self) -> str: ...


@dataclass(frozen=True)
class Block:
    """What stands above the name of who signs."""

    mark: str
    over: str
    post: str

    @property
    def lines(self) -> tuple[str, ...]:
        return (f"{self.mark} {self.over}", self.post) if self.mark else (self.post,)


def block_of(papers: Papers, signer: Signing, unit_type: str | None, letter: str, day: date) -> Block:
    """In whose stead this person signs this letter on this day. Raises NoAuthority.

    Source: NĐ 30/2020 Đ13.
    """
    in_force = [row for row in papers.authorities if holds(row, day)]
    named = [row for row in in_force if signer.person in row.persons]
    by_role = [row for row in in_force if not row.persons and row.role == signer.role]
    for row in named or by_role:
        is_theirs = bool(named) or not row.unit_types or unit_type in row.unit_types
        if is_theirs and (EVERY in row.signs or letter in row.signs):
            return Block(row.mark, row.over, row.post)
    raise NoAuthority(f"{signer.role} cannot sign {letter}")


# ---- numbers and dates


def number_of(count: int) -> str:
    """A number as it is written: 05, 12, 1167. Source: NĐ 30/2020, annex I."""
    return f"{count:02d}"


def symbol_of(number: str, template: Template, department: Department, unit: str) -> str:
    """Number and symbol: 123/SXD-VP for a plain letter, 05/TB-SXD for a document with a type.

    Source: NĐ 30/2020 Đ8, Đ15.
    """
    tail = f"{template.abbreviation}-{department.symbol}" if template.abbreviation else f"{department.symbol}-{unit}"
    return f"{number}/{tail}"


def register_number(number: tuple[int, int] | None) -> str:
    """A number of the register with its year: 05/2026."""
    return "" if number is None else f"{number_of(number[0])}/{number[1]}"


def long_date(place: str, day: date) -> str:
    """Huế, ngày 04 tháng 6 năm 2026: a zero before days under 10 and the first two months.

    Source: NĐ 30/2020, annex I.
    """
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"{place}, ngày {day.day:02d} tháng {month} năm {day.year}"


def short_date(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def as_text(value: str | date | None) -> str:
    """A field as it is printed."""
    return short_date(value) if isinstance(value, date) else (value or "").strip()


def code_of(code: str) -> str:
    """A code in two halves, as people read it."""
    return f"{code[:4]}-{code[4:]}" if len(code) == 8 else code


# ---- what it says


def faults_of(template: Template) -> Iterator[str]:
    """What is wrong with a template, one sentence each."""
    for text in (*template.body, *template.recipients, template.about):
        for name, _ in _FIELD.findall(text):
            if name not in FIELDS:
                yield f"unknown field {name!r}"
    if (template.title is None) != (template.abbreviation is None):
        yield "a title and its abbreviation go together"
    if not template.recipients or not template.recipients[-1].startswith("Lưu: VT"):
        yield "the last of the recipients is 'Lưu: VT'"


def filled(text: str, fields: Mapping[str, str]) -> str | None:
    """A text with its fields filled in; None where one that may be missing (`((name?))`) is empty."""
    names = _FIELD.findall(text)
    if any(may_miss and not fields.get(name) for name, may_miss in names):
        return None
    return _FIELD.sub(lambda found: fields.get(found[1], ""), text)


def paragraphs_of(template: Template, fields: Mapping[str, str]) -> tuple[str, ...]:
    """The body, paragraph by paragraph; what somebody wrote in several stays in several."""
    told = (filled(text, fields) for text in template.body)
    return tuple(line.strip() for text in told if text for line in text.splitlines() if line.strip())


def addressee(*, name: str | None, party: str, code: str, is_secret: bool) -> str:
    """Whom the letter is for. A denouncer is never named. Source: Luật Tố cáo 2018 Đ8(3), Đ56(2)."""
    if is_secret or not name:
        return f"Người gửi đơn mã {code_of(code)}"
    return name if party == "organisation" else f"Ông (Bà) {name}"


@dataclass(frozen=True, kw_only=True)
class Page:
    """A letter as it is printed: words and nothing else."""

    id: str
    parent: str
    issuer: str
    number: str
    mark: str | None
    place_and_date: str
    signed_on: date
    title: str | None
    about: str
    addressee: str
    paragraphs: tuple[str, ...]
    recipients: tuple[str, ...]
    block: tuple[str, ...]
    signer: str
    is_draft: bool = False


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter that was issued. It never changes: a correction is another letter, which names this one."""

    id: UUID  # of its file too
    case_id: UUID
    type: str
    version: int  # of its template, for ever
    series: str
    year: int
    number: int
    symbol: str  # 123/SXD-VP
    signed_on: date
    signer: str  # pseudonym
    signer_name: str
    block: Block
    corrects: UUID | None
    sha256: str  # of its bytes, hexadecimal
    size_bytes: int


def named(letter: Letter | None) -> str:
    """How a later letter names an earlier one."""
    return "" if letter is None else f"văn bản số {letter.symbol} ngày {short_date(letter.signed_on)}"


class Press(Protocol):
    """What prints."""

    def print(self, page: Page) -> bytes: ...
    def keep(self, letter_id: UUID, data: bytes) -> None: ...
    def read(self, letter_id: UUID) -> bytes: ...
