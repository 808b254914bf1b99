"""Dossiers of the one-stop shop that are or will be late: each becomes a case of topic C21, so that its applicant gets
an apology with one new date.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import phonenumbers

from services.workflow import store
from services.workflow.domain.late_dossier import (
    MOST_LINES,
    TOPIC,
    LateDossier,
    is_named,
    lines_of,
    may_list,
    number_of,
    words_of,
)
from services.workflow.domain.permission import Person
from services.workflow.domain.procedure import Procedure, procedures_on
from services.workflow.domain.routing import target_on
from services.workflow.domain.rules import Rules
from services.workflow.steps import Incomplete, day_of, email_of, must, needed
from shared.db import Transaction
from shared.events.base import Sealed
from shared.events.workflow import DossierListed
from shared.ids import ordered_id


@dataclass(frozen=True)
class Fault:
    """Why a line of a list was not taken: what is wrong with which field."""

    line: int  # counted from 1
    field: str
    code: str


@dataclass(frozen=True)
class Listed:
    """What became of a list: how many were taken, how many had been before, which lines were not."""

    taken: int
    known: int
    faults: tuple[Fault, ...]


def counter_on(rules: Rules, day: date) -> str:
    """The unit to which late dossiers belong on a day, whose people list them."""
    return target_on(rules.catalogue, rules.catalogue.topic(TOPIC, day).routes_to, day)


def list_late_dossiers(tx: Transaction, rules: Rules, *, person: Person, rows: str) -> Listed:
    """Take the good lines of a list; the others are named, to be mended and sent again. What was listed before is
    passed over, so that a list may be sent twice. Raises NotAllowed, Incomplete for no list or too long a one.
    """
    must(may_list(person, counter_on(rules, rules.calendar.local_day(tx.now))))
    lines = list(lines_of(rows))
    if not lines:
        raise Incomplete("rows")
    if len(lines) > MOST_LINES:
        raise Incomplete("rows", "too_long")
    taken, faults = 0, []
    for line in lines:
        try:
            if line.cells is None:
                raise Incomplete("rows", "columns")
            taken += _list_one(tx, rules, person, line.cells)
        except Incomplete as wrong:
            faults.append(Fault(line.number, wrong.field, wrong.code))
    return Listed(taken, len(lines) - taken - len(faults), tuple(faults))


def list_late_dossier(
    tx: Transaction,
    rules: Rules,
    *,
    person: Person,
    number: str,
    procedure: str,
    received_on: str,
    due_on: str,
    name: str,
    phone: str = "",
    email: str = "",
) -> bool:
    """Take one dossier: days as people write them, the procedure by code or name. False when it was listed before.

    Raises NotAllowed, Incomplete.
    """
    must(may_list(person, counter_on(rules, rules.calendar.local_day(tx.now))))
    typed = {"number": number, "procedure": procedure, "received_on": received_on, "due_on": due_on}
    return _list_one(tx, rules, person, typed | {"name": name, "phone": phone, "email": email})


def _list_one(tx: Transaction, rules: Rules, person: Person, typed: Mapping[str, str]) -> bool:
    today = rules.calendar.local_day(tx.now)
    number = needed(number_of(typed["number"]), "number", most=60)
    received_on, due_on = _day(typed, "received_on"), _day(typed, "due_on")
    if received_on > today:
        raise Incomplete("received_on", "to_come")
    if due_on < received_on:
        raise Incomplete("due_on", "too_early")
    procedure = _procedure(rules, typed["procedure"], received_on)
    name = needed(typed["name"], "name", most=100)
    phone, email = _phone(typed["phone"]), email_of(typed["email"]) if typed["email"].strip() else None
    if phone is None and email is None:
        raise Incomplete("phone", "no_contact")
    known = store.find_late_dossier(tx, number)
    if known is not None:
        if (known.procedure, known.received_on, known.due_on) != (procedure.code, received_on, due_on):
            raise Incomplete("number", "known_otherwise")
        return False
    new = LateDossier(
        number=number,
        petition_id=ordered_id(),
        procedure=procedure.code,
        received_on=received_on,
        due_on=due_on,
        listed_by=person.person,
        listed_at=tx.now,
    )
    if not store.add_late_dossier(tx, new):
        return False
    tx.emit(
        DossierListed(
            dossier_id=ordered_id(),
            petition_id=new.petition_id,
            actor=person.person,
            kind=rules.catalogue.topic(TOPIC, today).kind,
            topic=TOPIC,
            procedure=procedure.code,
            received_on=received_on,
            due_on=due_on,
            language="vi",
            text=Sealed(
                words_of(number=number, procedure=procedure.name, received_on=received_on, due_on=due_on, today=today)
            ),
            name=Sealed(name),
            email=Sealed(email),
            phone=Sealed(phone),
        )
    )
    return True


def _day(typed: Mapping[str, str], field: str) -> date:
    day = day_of(typed[field], field)
    if day is None:
        raise Incomplete(field)
    return day


def _procedure(rules: Rules, typed: str, day: date) -> Procedure:
    """The procedure by its code or one of its names, as it held when the dossier came. Raises Incomplete."""
    there = procedures_on(rules.catalogue.procedures, day)
    found = next((row for row in there if is_named(typed, row.code, row.name, row.name_en)), None)
    if found is None:
        raise Incomplete("procedure", "unknown" if typed.strip() else "missing")
    return found


def _phone(typed: str) -> str | None:
    """A number that the door will know, as it was typed. Raises Incomplete."""
    if not typed.strip():
        return None
    try:
        is_good = phonenumbers.is_valid_number(phonenumbers.parse(typed, "VN"))
    except phonenumbers.NumberParseException:
        is_good = False
    if not is_good:
        raise Incomplete("phone", "malformed")
    return typed.strip()
