"""Issuing a letter: chosen, numbered, signed, printed and kept in the transaction of the step that says it.

The file is on the disk before the transaction commits; one that fails leaves a file that nothing names.
"""

from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from services.workflow import store
from services.workflow.domain import letter as letters
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


def issue(
    tx: Transaction, rules: Rules, case: Case, step: str, *, signer: str, ground: str = "", **fields: Filling
) -> Letter | None:
    """The letter that a step issues, signed by this person; None where the step needs none. Raises NoAuthority."""
    day = rules.calendar.local_day(tx.now)
    template = template_for(tx, rules, case, step, day, ground=ground)
    if template is None:
        return None
    person, block = signing(tx, rules, template, signer, day)
    series = letters.SECRET if case.is_secret else template.series
    number = store.allot(tx, {(series, day.year): 1})[series, day.year]
    letter_id, first = ordered_id(), earlier_answer(tx, case)
    symbol = _symbol(rules, case, template, letters.number_of(number), person, day)
    page = _page(tx, rules, case, template, person, block, day, symbol=symbol, ground=ground, first=first, **fields)
    page = replace(page, id=str(letter_id))
    data = rules.press.print(page)
    rules.press.keep(letter_id, data)
    issued = Letter(
        id=letter_id,
        case_id=case.id,
        type=template.code,
        version=template.version,
        series=series,
        year=day.year,
        number=number,
        symbol=symbol,
        signed_on=day,
        signer=signer,
        signer_name=person.name,
        block=block,
        is_naming=not case.is_secret and bool(store.words_of(tx, case.id).name),
        corrects=first.id if first and template.code in ANSWERS else None,
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
    day = rules.calendar.local_day(tx.now)
    template = template_for(tx, rules, case, step, day, ground=ground)
    if template is None:
        return None
    person, block = signing(tx, rules, template, signer, day)
    symbol = _symbol(rules, case, template, NO_NUMBER, person, day)
    first = earlier_answer(tx, case)
    page = _page(tx, rules, case, template, person, block, day, symbol=symbol, ground=ground, first=first, **fields)
    return replace(page, is_draft=True)


def template_for(tx: Reading, rules: Rules, case: Case, step: str, day: date, *, ground: str = "") -> Template | None:
    """The letter of a step on this day. An answer after an answer is a letter of its own, which names the first."""
    is_again = step == "answer" and earlier_answer(tx, case) is not None
    return rules.papers.template_for("answer_again" if is_again else step, case.kind, day, ground=ground)


def signing(tx: Reading, rules: Rules, template: Template, signer: str, day: date) -> tuple[auth.Person, Block]:
    """Who signs, and in whose stead. Raises NoAuthority."""
    person = next((one for one in auth.list_people(tx) if one.person == signer), None)
    if person is None:
        raise NoAuthority("who signs has no account here")
    unit = rules.catalogue.unit(person.unit or "")
    return person, letters.block_of(rules.papers, person, unit.type if unit else None, template.code, day)


def answer_fields(given: store.Answer) -> dict[str, Any]:
    """What a version of the answer puts into its letter."""
    return {"text": given.text, "basis": (given.basis or "").rstrip("."), "promised_on": given.promised_on}


def check_signing(tx: Reading, rules: Rules, case: Case, step: str, *, signer: str) -> None:
    """Refuse now what could not be signed later. Raises NoAuthority."""
    day = rules.calendar.local_day(tx.now)
    template = template_for(tx, rules, case, step, day)
    if template is not None:
        signing(tx, rules, template, signer, day)


def earlier_answer(tx: Reading, case: Case) -> Letter | None:
    """The last answer of a case that was issued before."""
    return next((one for one in reversed(store.letters_of(tx, case.id)) if one.type in ANSWERS), None)


def _unit_of(rules: Rules, case: Case, person: auth.Person) -> str:
    """The unit that drafts: the case's, or the signer's where the case is another body's matter."""
    return case.unit if rules.catalogue.unit(case.unit) else person.unit or ""


def _symbol(rules: Rules, case: Case, template: Template, number: str, person: auth.Person, day: date) -> str:
    return letters.symbol_of(number, template, rules.catalogue.department_on(day), _unit_of(rules, case, person))


def _page(
    tx: Reading,
    rules: Rules,
    case: Case,
    template: Template,
    person: auth.Person,
    block: Block,
    day: date,
    *,
    symbol: str,
    ground: str,
    first: Letter | None,
    **given: Filling,
) -> Page:
    department = rules.catalogue.department_on(day)
    issuer = rules.papers.issuer_of(department.code, day)
    words = store.words_of(tx, case.id)
    unit = _unit_of(rules, case, person)
    fields = {
        "code": letters.code_of(case.code),
        "department": department.name,
        "first": letters.named(first),
        "ground": rules.papers.ground(ground, day),
        "matter": "" if case.is_secret else (words.title or "").rstrip("."),
        "received_on": letters.short_date(rules.calendar.local_day(case.received_at)),
        "register": _register_number(tx, case.petition_id),
        "signer": person.name,
        "unit": unit,
        "unit_name": rules.catalogue.unit_name(unit),
    } | {name: letters.as_text(value) for name, value in given.items()}
    return Page(
        id="",
        parent=issuer.parent,
        issuer=issuer.name,
        number=f"Số: {symbol}",
        mark=rules.papers.mark_of(letters.SECRET if case.is_secret else template.series, day),
        place_and_date=letters.long_date(department.place, day),
        signed_on=day,
        title=template.title,
        about=template.about,
        addressee=letters.addressee(name=words.name, party=words.party, code=case.code, is_secret=case.is_secret),
        paragraphs=letters.paragraphs_of(template, fields),
        recipients=tuple(line for one in template.recipients if (line := letters.filled(one, fields))),
        block=block.lines,
        signer=person.name,
    )


def _register_number(tx: Reading, petition_id: UUID) -> str:
    found = store.register_numbers(tx, [petition_id]).get(petition_id)
    return "" if found is None else f"{letters.number_of(found[0])}/{found[1]}"
