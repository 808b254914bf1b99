"""What people type, and programs send, read: a form or the JSON of a request alike."""

from datetime import date
from typing import Any
from uuid import UUID

from services.workflow.steps import Incomplete, day_of
from services.workflow.web.asked import asked

MOST_PICKED = 500  # as many as there is room for in the largest session
MOST_DIGITS = 9


def said(*names: str) -> dict[str, Any]:
    """These fields, as they were typed."""
    return {name: asked().get(name, "") for name in names}


def chosen(name: str) -> str | None:
    """What was picked from a list; None where it was left to the rules."""
    return asked().get(name) or None


def ticked(name: str) -> bool:
    return asked().get(name, "") in {"y", "yes", "on", "true"}


def picked(name: str) -> list[UUID]:
    """Things that were ticked in a list. Raises Incomplete."""
    try:
        return [UUID(typed) for typed in asked().getlist(name)[:MOST_PICKED]]
    except ValueError:
        raise Incomplete(name, "unknown") from None


def number_typed(name: str) -> int | None:
    """A whole number that was typed, as people write it here: 5.000; None when nothing was. Raises Incomplete."""
    typed = asked().get(name, "").strip().replace(".", "").replace(" ", "")
    if not typed:
        return None
    if not typed.isascii() or not typed.isdigit() or len(typed) > MOST_DIGITS:
        raise Incomplete(name, "malformed")
    return int(typed)


def day_typed(name: str) -> date | None:
    """A day that was typed. Raises Incomplete."""
    return day_of(asked().get(name, ""), name)
