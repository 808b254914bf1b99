"""What people type, read."""

from datetime import date, datetime

from services.workflow.steps import Incomplete


def day_of(typed: str, field: str) -> date | None:
    """A day as people write it here, dd/MM/yyyy, or as programs do, yyyy-MM-dd; None when nothing was typed.

    Raises Incomplete.
    """
    typed = typed.strip()
    if not typed:
        return None
    try:
        return datetime.strptime(typed, "%Y-%m-%d" if "-" in typed else "%d/%m/%Y").date()
    except ValueError:
        raise Incomplete(field, "malformed") from None
