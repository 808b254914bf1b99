"""What people type, read."""

from datetime import date, datetime

from services.workflow.steps import Incomplete


def day_of(typed: str, field: str) -> date | None:
    """A day as people write it here, dd/MM/yyyy; None when nothing was typed. Raises Incomplete."""
    if not typed.strip():
        return None
    try:
        return datetime.strptime(typed.strip(), "%d/%m/%Y").date()
    except ValueError:
        raise Incomplete(field, "malformed") from None
