"""A proposal and its clocks in plain words, for the pilot's files, the API and comparison with the samples."""

from collections.abc import Iterable
from typing import Any

from services.workflow.domain.deadline import Deadline, deadlines_of, dossier_apology
from services.workflow.domain.sorting import FLAGS, OpenCase, Petition, Sorted
from services.workflow.domain.vocabulary import Catalogue
from shared.calendar import Calendar


def deadlines_for(found: Sorted, petition: Petition, catalogue: Catalogue) -> tuple[Deadline, ...]:
    """The terms that run from the receipt of a petition as it was sorted; none of its own when it follows
    another case.
    """
    if found.kind is None or found.route == "link":
        return ()
    return deadlines_of(
        catalogue,
        kind=found.kind,
        topic=found.topic,
        conditions=found.conditions,
        anchors={"received": petition.received_at},
    )


def outcome(
    found: Sorted,
    petition: Petition,
    catalogue: Catalogue,
    *,
    id: str,
    code: str | None = None,
    open_cases: Iterable[OpenCase] = (),
) -> dict[str, Any]:
    """What became of a petition, under the names of the sample data.

    `deadlines` holds duties toward the petitioner: rule → due day, or the instant with its offset for terms
    in hours; clocks of the house are apart, under `internal`.
    """
    calendar = catalogue.calendar
    deadlines = deadlines_for(found, petition, catalogue)
    duties = [row for row in deadlines if not row.is_internal]
    told: dict[str, Any] = {
        "id": id,
        "code": code,
        "kind": found.kind,
        "topic": found.topic,
        "unit": found.unit,
        "route": found.route,
        "priority": found.priority,
        "restricted": found.is_restricted,
        "publication": found.publication,
        "must_not_assign": list(found.excluded_units),
        "notify": list(found.channels),
        "linked_to": found.linked_to,
        "transfer_to": found.transfer_to,
        "flags": flags_with(found, deadlines),
        "deadlines": {row.rule: due_of(row, calendar) for row in duties},
        "governing": [
            {"group": row.group, "rule": row.rule, "due": due_of(row, calendar)}
            for row in duties
            if row.is_governing and sum(other.group == row.group for other in duties) > 1
        ],
        "internal": {row.rule: due_of(row, calendar) for row in deadlines if row.is_internal},
        "parts": [
            outcome(part, petition, catalogue, id=f"{id}{chr(ord('a') + number)}")
            for number, part in enumerate(found.parts)
        ],
    }
    if found.linked_to is not None:
        told |= _inherited(found.linked_to, open_cases)
    if found.limitation is not None:
        limit = found.limitation
        name = "window" if limit.rule.endswith("window") else "limitation"
        told[name] = {
            "rule": limit.rule,
            "from": limit.from_on.isoformat(),
            "due": limit.due_on.isoformat(),
            "in_time": limit.in_time,
            "day": limit.day,
        }
    if found.dossier is not None:
        told["dossier"] = {
            "code": found.dossier.code,
            "due": found.dossier.due_on.isoformat() if found.dossier.due_on else None,
        }
        if found.dossier.due_on:
            apology = dossier_apology(catalogue, found.dossier.due_on)
            told["dossier"]["apology"] = {
                "rule": apology.rule,
                "from": found.dossier.due_on.isoformat(),
                "due": due_of(apology, calendar),
            }
    if found.kind is not None and catalogue.kind(found.kind).identity == "required_sealed":
        told["sealed_identity"] = True
    return told


def _inherited(linked_to: str, open_cases: Iterable[OpenCase]) -> dict[str, Any]:
    for case in open_cases:
        if case.id == linked_to and case.answer_due_on is not None:
            due = {"from": case.id, "rule": case.answer_rule, "due": case.answer_due_on.isoformat()}
            return {"inherits": due}
    return {}


def flags_with(found: Sorted, deadlines: Iterable[Deadline]) -> list[str]:
    """The flags, and the warning that a due day lies in a year without an official calendar."""
    flags = set(found.flags)
    if any(row.is_provisional and not row.is_internal for row in deadlines):
        flags.add("provisional_calendar")
    return [flag for flag in FLAGS if flag in flags]


def due_of(deadline: Deadline, calendar: Calendar) -> str:
    """The due day, or for terms in hours the instant with its local offset."""
    if deadline.due_on is not None:
        return deadline.due_on.isoformat()
    return deadline.due_at.astimezone(calendar.zone).isoformat()
