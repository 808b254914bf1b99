"""Issuing a letter: chosen, numbered, signed, printed and kept in the transaction of the step that says it.

The file is on the disk before the transaction commits; one that fails leaves a file that nothing names.
"""

from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from services.workflow import store
from services.workflow.domain import letter as letters
from services.workflow.domain.admission import ground_on
from services.workflow.domain.case import Case
from services.workflow.domain.letter import Block, Letter, NoAuthority, Page, Template
from services.workflow.domain.rules import Rules
from shared import auth
from shared.db import Reading, Transaction
from shared.events.base import Sealed
from shared.events.workflow import LetterIssued
from shared.ids import ordered_id

ANSWERS = ("answer", "answer_correction")
NO_NUMBER = "       "

Filling = str | date | None


@dataclass(frozen=True)
class Draft:
    """A letter before it is printed: which one, about what, signed by whom and in whose stead, on which day."""

    case: Case
    template: Template
    signer: auth.Person
    block: Block
    day: date
    ground: str
    earlier: Letter | None  # the answer that was given before

    @property
    def series(self) -> str:
        return letters.SECRET if self.case.is_secret else self.template.series


def draft_of(tx: Reading, rules: Rules, case: Case, step: str, *, signer: str, ground: str = "") -> Draft | None:
    """The letter that this step would issue now, signed by this person; None where it needs none.

    An answer after an answer is a letter of its own, which names the first. Raises NoAuthority.
    """
    day = rules.calendar.local_day(tx.now)
    earlier = _earlier_answer(tx, case) if step in {"answer", "refuse"} else None
    name = "answer_again" if step == "answer" and earlier else step
    template = rules.papers.template_for(name, case.kind, day, ground=ground)
    if template is None:
        return None
    person = next((one for one in auth.list_people(tx) if one.person == signer), None)
    if person is None:
        raise NoAuthority("who signs has no account here")
    unit = rules.catalogue.unit(person.unit or "")
    block = letters.block_of(rules.papers, person, unit.type if unit else None, template.code, day)
    return Draft(case, template, person, block, day, ground, earlier)


def issue(
    tx: Transaction, rules: Rules, case: Case, step: str, *, signer: str, ground: str = "", **fields: Filling
) -> Letter | None:
    """The letter that a step issues, signed by this person; None where the step needs none. Raises NoAuthority."""
    draft = draft_of(tx, rules, case, step, signer=signer, ground=ground)
    if draft is None:
        return None
    number = store.allot(tx, {(draft.series, draft.day.year): 1})[draft.series, draft.day.year]
    symbol, letter_id = _symbol(rules, draft, letters.number_of(number)), ordered_id()
    page = replace(_page(tx, rules, draft, symbol, fields), id=str(letter_id))
    data = rules.press.print(page)
    rules.press.keep(letter_id, data)
    issued = Letter(
        id=letter_id,
        case_id=case.id,
        type=draft.template.code,
        version=draft.template.version,
        series=draft.series,
        year=draft.day.year,
        number=number,
        symbol=symbol,
        signed_on=draft.day,
        signer=signer,
        signer_name=draft.signer.name,
        block=draft.block,
        corrects=draft.earlier.id if draft.earlier and draft.template.code in ANSWERS else None,
        sha256=sha256(data).hexdigest(),
        size_bytes=len(data),
    )
    store.add_letter(tx, issued, page)
    return issued


def told(case: Case, issued: Letter | None) -> dict[str, Any]:
    """What the event of the step says of its letter."""
    if issued is None:
        return {}
    handed_out = LetterIssued(
        id=issued.id,
        type=issued.type,
        number=issued.symbol,
        signed_on=issued.signed_on,
        size_bytes=issued.size_bytes,
        sha256=issued.sha256,
    )
    return {
        "letter_type": None if case.is_secret else issued.type,
        "letter_number": None if case.is_secret else issued.symbol,
        "letter_sha256": issued.sha256,
        "letter": Sealed(handed_out),
    }


def preview(
    tx: Reading, rules: Rules, case: Case, step: str, *, signer: str, ground: str = "", **fields: Filling
) -> Page | None:
    """The letter as it would be signed now: marked as a draft, without a number. Raises NoAuthority."""
    draft = draft_of(tx, rules, case, step, signer=signer, ground=ground)
    if draft is None:
        return None
    return replace(_page(tx, rules, draft, _symbol(rules, draft, NO_NUMBER), fields), is_draft=True)


def answer_fields(given: store.Answer, sheet: store.Sheet | None) -> dict[str, Any]:
    """What a version of the answer, and what lies beside it, put into its letter."""
    return {
        "text": given.text,
        "basis": (given.basis or "").rstrip("."),
        "promised_on": given.promised_on,
        "apology": sheet.apology if sheet else None,
    }


def _earlier_answer(tx: Reading, case: Case) -> Letter | None:
    return next((one for one in reversed(store.letters_of(tx, case.id)) if one.type in ANSWERS), None)


def _unit_of(rules: Rules, draft: Draft) -> str:
    """The unit that drafts: the case's, or the signer's where the case is another body's matter."""
    return draft.case.unit if rules.catalogue.unit(draft.case.unit) else draft.signer.unit or ""


def _symbol(rules: Rules, draft: Draft, number: str) -> str:
    department = rules.catalogue.department_on(draft.day)
    return letters.symbol_of(number, draft.template, department, _unit_of(rules, draft))


def _page(tx: Reading, rules: Rules, draft: Draft, symbol: str, given: dict[str, Filling]) -> Page:
    case, template, day = draft.case, draft.template, draft.day
    department = rules.catalogue.department_on(day)
    issuer = rules.papers.issuer_of(department.code, day)
    words = store.words_of(tx, case.id)
    fields = _fields(tx, rules, draft, words) | {name: letters.as_text(value) for name, value in given.items()}
    return Page(
        id="",
        parent=issuer.parent,
        issuer=issuer.name,
        number=f"Số: {symbol}",
        mark=rules.papers.mark_of(draft.series, day),
        place_and_date=letters.long_date(department.place, day),
        signed_on=day,
        title=template.title,
        about=template.about,
        addressee=letters.addressee(name=words.name, party=words.party, code=case.code, is_secret=case.is_secret),
        paragraphs=letters.paragraphs_of(template, fields),
        recipients=tuple(line for one in template.recipients if (line := letters.filled(one, fields))),
        block=draft.block.lines,
        signer=draft.signer.name,
    )


def _ground_of(rules: Rules, draft: Draft) -> str:
    """Why something is not accepted, within a sentence, with its article."""
    found = ground_on(rules.catalogue, draft.case.kind, draft.ground, draft.day)
    return f"{found.name[:1].lower()}{found.name[1:]} ({found.basis})" if found else ""


def _fields(tx: Reading, rules: Rules, draft: Draft, words: store.Words) -> dict[str, str]:
    """What every letter may say of its case."""
    case, unit = draft.case, _unit_of(rules, draft)
    number = store.register_numbers(tx, [case.petition_id]).get(case.petition_id)
    return {
        "code": letters.code_of(case.code),
        "department": rules.catalogue.department_on(draft.day).name,
        "first": letters.named(draft.earlier),
        "ground": _ground_of(rules, draft),
        "matter": "" if case.is_secret else (words.title or "").rstrip("."),
        "received_on": letters.short_date(rules.calendar.local_day(case.received_at)),
        "register": letters.register_number(number),
        "signer": draft.signer.name,
        "unit": unit,
        "unit_name": rules.catalogue.unit_name(unit),
    }
