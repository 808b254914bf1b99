"""Dossiers of what would make a procedure simpler: what should be cut, which cases call for it, what came of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.workflow.domain.permission import ALLOWED, Allowed, Person, Refusal, Refused

DRAFT, PROPOSED, ACCEPTED, DECLINED = "draft", "proposed", "accepted", "declined"
OVERSEERS = frozenset({"office", "director"})


class DossierRefused(Exception):
    """The dossier does not stand where this could be done with it."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """How much less a procedure would ask for."""

    steps: int
    papers: int
    days: int

    @property
    def is_nothing(self) -> bool:
        return not (self.steps or self.papers or self.days)


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """A proposal to simplify a procedure.

    Source: Kế hoạch 1167/KH-SGTVT: procedures are reviewed and simplified in all fields, and the competent authority is
    asked to cut what can be cut.
    """

    id: UUID
    procedure: str
    procedure_version: int
    field: str
    unit: str
    what: str
    cut_steps: int
    cut_papers: int
    cut_days: int
    state: str  # draft, proposed, accepted, declined
    opened_by: str
    opened_at: datetime
    cases: int | None = None  # that named the procedure when it was proposed, as who proposed it could see them
    proposed_to: str | None = None  # code of a body outside, or our own
    proposed_by: str | None = None
    proposed_on: date | None = None
    decided_by: str | None = None  # who wrote down what was decided
    decided_on: date | None = None
    outcome: str | None = None  # in words

    @property
    def year(self) -> int:
        """The year in whose list it stands: of the decision, the proposal, or the beginning."""
        return (self.decided_on or self.proposed_on or self.opened_at.date()).year


def may_write(person: Person, unit: str) -> Allowed | Refused:
    """Those of the unit; the Office and the director for any."""
    if person.role in OVERSEERS or (person.role in {"officer", "head"} and person.unit == unit):
        return ALLOWED
    return Refused(Refusal.NOT_YOUR_ROLE)


def may_propose(person: Person, unit: str) -> Allowed | Refused:
    """Who answers for the unit; the Office and the director."""
    if person.role in OVERSEERS or (person.role == "head" and person.unit == unit):
        return ALLOWED
    return Refused(Refusal.NOT_YOUR_ROLE)


def propose(found: Dossier, *, to: str, cases: int, by: str, on: date) -> Dossier:
    """Handed to who decides, with how many cases call for it. Raises DossierRefused."""
    if found.state != DRAFT:
        raise DossierRefused(f"it is {found.state}")
    return replace(found, state=PROPOSED, proposed_to=to, cases=cases, proposed_by=by, proposed_on=on)


def decide(found: Dossier, *, is_accepted: bool, outcome: str, by: str, on: date) -> Dossier:
    """What was decided, and on which day. Raises DossierRefused."""
    if found.state != PROPOSED:
        raise DossierRefused(f"it is {found.state}")
    return replace(found, state=ACCEPTED if is_accepted else DECLINED, outcome=outcome, decided_by=by, decided_on=on)
