"""Who works here: accounts made and switched off, told to the services that write to people or name them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from shared import auth
from shared.auth import Person
from shared.db import Transaction
from shared.events.base import Sealed
from shared.events.workflow import StaffChanged


def add_person(
    tx: Transaction,
    *,
    login: str,
    name: str,
    email: str,
    role: str,
    unit: str,
    password: str,
    password_hash: str | None = None,
    language: str = "vi",
) -> Person:
    """A new account. Raises LoginTaken, UnknownRole, WeakPassword."""
    person = auth.add_account(
        tx,
        login=login,
        name=name,
        email=email,
        role=role,
        unit=unit,
        password=password,
        password_hash=password_hash,
        language=language,
    )
    _tell(tx, person, is_active=True)
    return person


def switch_person(tx: Transaction, *, person_id: UUID, is_active: bool) -> None:
    """Switch an account off, or on again; its sessions end at once."""
    auth.set_active(tx, person_id, is_active=is_active)
    for person in auth.list_people(tx):
        if person.person_id == person_id:
            _tell(tx, person, is_active=is_active)


def move_person(tx: Transaction, person: Person, *, unit: str) -> None:
    """Somebody works in another unit from now on, with the same account."""
    auth.move_account(tx, person.person_id, unit=unit)
    _tell(tx, replace(person, unit=unit), is_active=person.is_active)


def _tell(tx: Transaction, person: Person, *, is_active: bool) -> None:
    tx.emit(
        StaffChanged(
            person_id=person.person_id,
            person=person.person,
            role=person.role,
            unit=person.unit or "",
            is_active=is_active,
            name=Sealed(person.name),
            email=Sealed(person.email),
        )
    )


def demo_people(tx: Transaction, rows: Sequence[Mapping[str, Any]], *, password: str) -> list[Person]:
    """Accounts for a demonstration, named by what they do; those that exist stay as they are."""
    known = {person.login for person in auth.list_people(tx)}
    password_hash = auth.hasher().hash(password)  # one for all: hashing is slow on purpose
    return [
        add_person(
            tx,
            login=row["login"],
            name=row["name"],
            email=row["email"],
            role=row["role"],
            unit=row["unit"],
            password=password,
            password_hash=password_hash,
            language=row.get("language", "vi"),
        )
        for row in rows
        if auth.fold_login(row["login"]) not in known
    ]
