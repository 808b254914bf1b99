"""Who works here. Accounts belong to the sign-in of the kit; the desk asks for names and for who does what."""

from shared import auth
from shared.auth import Person
from shared.db import Reading


def colleagues(tx: Reading, *, unit: str | None = None, roles: tuple[str, ...] = ()) -> list[Person]:
    """Active members of staff, of a unit and of these roles where given, by name."""
    found = [
        person
        for person in auth.list_people(tx)
        if person.is_active and (unit is None or person.unit == unit) and (not roles or person.role in roles)
    ]
    return sorted(found, key=lambda person: person.name)


def names_of(tx: Reading) -> dict[str, str]:
    """Names by pseudonym."""
    return {person.person: person.name for person in auth.list_people(tx)}
