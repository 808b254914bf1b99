"""How a page that could not do what was asked comes back: by which status, and which words stand at which field."""

from collections.abc import Callable

from services.workflow.steps import Incomplete, NotAllowed
from services.workflow.web import words


def status_of(wrong: Exception | None) -> int:
    """200 where nothing is wrong, 403 where somebody may not, else 422."""
    return 200 if wrong is None else 403 if isinstance(wrong, NotAllowed) else 422


def why_not_allowed(wrong: NotAllowed) -> str:
    return str(words.REFUSALS.get(wrong.reason.value, wrong.reason.value))


def by_field(wrong: Exception | None, said: Callable[[str, str], str]) -> dict[str, str]:
    """What is wrong, by field, in the words that `said` has for field and code; what nobody may do stands under no
    field.
    """
    if isinstance(wrong, Incomplete):
        return {wrong.field: said(wrong.field, wrong.code)}
    if isinstance(wrong, NotAllowed):
        return {"": why_not_allowed(wrong)}
    return {}
