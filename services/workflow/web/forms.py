"""What was typed into the forms of a case."""

from datetime import date, datetime
from typing import Any

from flask import request

from services.workflow.steps import Incomplete


def said(*names: str) -> dict[str, Any]:
    return {name: request.form.get(name, "") for name in names}


def day_typed(name: str) -> date | None:
    """A day as people write it here, dd/MM/yyyy. Raises Incomplete."""
    typed = request.form.get(name, "").strip()
    if not typed:
        return None
    try:
        return datetime.strptime(typed, "%d/%m/%Y").date()
    except ValueError:
        raise Incomplete(name, "malformed") from None
