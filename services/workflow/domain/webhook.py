"""What partners are told by webhook, and when one that never answers is left alone.

Source: Standard Webhooks 1.0 (payload, signature, schedule).
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

PAUSE_AFTER = timedelta(days=5)
"""So long without one delivery, and nothing more is sent until somebody switches it on again."""
GONE = 410
CLOSED = frozenset({"answered", "closed", "refused", "transferred", "withdrawn"})
UPDATED, PING = "request.updated", "ping"

TELLS = frozenset(
    {
        "case.opened.v1",
        "case.routed.v1",
        "case.accepted.v1",
        "case.clock_paused.v1",
        "case.clock_resumed.v1",
        "case.extended.v1",
        "case.rescheduled.v1",
        "case.apologised.v1",
        "case.answered.v1",
        "case.refused.v1",
        "case.transferred.v1",
        "case.merged.v1",
        "case.unlinked.v1",
        "case.reopened.v1",
        "case.closed.v1",
    }
)
"""Events after which a partner is told how a case stands."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a case stands, as far as everybody may know it."""

    code: str  # of the petition, in two groups
    service_code: str
    stage: str
    unit: str
    unit_name: str
    received_at: datetime
    changed_at: datetime
    due_on: date | None


def update_of(standing: Standing, *, after: str) -> str:
    """The body that tells how a case stands after an event: JSON, no word of a citizen in it."""
    data = {
        "service_request_id": standing.code,
        "service_code": standing.service_code,
        "status": "closed" if standing.stage in CLOSED else "open",
        "stage": standing.stage,
        "agency_responsible": standing.unit_name,
        "agency_code": standing.unit,
        "requested_datetime": instant(standing.received_at),
        "updated_datetime": instant(standing.changed_at),
        "expected_date": standing.due_on.isoformat() if standing.due_on else None,
        "after": after.rpartition(".")[0],
    }
    return _body(UPDATED, standing.changed_at, data)


def trial(partner: str, now: datetime) -> str:
    """The body of a trial."""
    return _body(PING, now, {"partner": partner})


def must_pause(failing_since: datetime, now: datetime, *, status: int | None) -> bool:
    """Whether a receiver that fails is left alone: after days, or at once where it says that it is gone."""
    return status == GONE or now - failing_since >= PAUSE_AFTER


def instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _body(kind: str, at: datetime, data: dict[str, Any]) -> str:
    return json.dumps({"type": kind, "timestamp": instant(at), "data": data}, ensure_ascii=False)
