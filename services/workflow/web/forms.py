"""What people type, read."""

from datetime import date, datetime
from typing import Any

from flask import request

from services.workflow.steps import Incomplete


def said(*names: str) -> dict[str, Any]:
    """These fields of the form, as they were typed."""
    return {name: request.form.get(name, "") for name in names}


def day_typed(name: str) -> date | None:
    """A day of the form. Raises Incomplete."""
    return day_of(request.form.get(name, ""), name)


def day_of(typed: str, field: str) -> date | None:
    """A day as people write it here, dd/MM/yyyy; None when nothing was typed. Raises Incomplete."""
    if not typed.strip():
        return None
    try:
        return datetime.strptime(typed.strip(), "%d/%m/%Y").date()
    except ValueError:
        raise Incomplete(field, "malformed") from None
