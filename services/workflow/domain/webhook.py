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
UPDATED, SHOWN, GONE_FROM_LIST, PING = "request.updated", "request.published", "request.unpublished", "ping"
PUBLISHED, UNPUBLISHED = "case.published.v1", "case.unpublished.v1"

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
        PUBLISHED,
        UNPUBLISHED,
    }
)
"""Events after which who sent it is told how a case stands."""
TELLS_ALL = TELLS - {"case.opened.v1", "case.accepted.v1", "case.clock_paused.v1", "case.clock_resumed.v1"}
"""Those that change what everybody reads of a public case: who did not send it is told of no others."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a case stands, as far as everybody may know it."""

    id: str  # under which it is listed: the code of the petition in two groups, or its number in the register
    url: str  # where the list of requests has all of it
    service_code: str
    stage: str
    unit: str
    unit_name: str
    received_at: datetime
    changed_at: datetime
    due_on: date | None


def kind_of(after: str) -> str:
    """What a message after an event is called."""
    return {PUBLISHED: SHOWN, UNPUBLISHED: GONE_FROM_LIST}.get(after, UPDATED)


def update_of(standing: Standing, *, after: str) -> str:
    """The body that tells who sent it how a case stands after an event: JSON, no word of anybody in it."""
    more = {"stage": standing.stage, "after": after.rpartition(".")[0]}
    return _body(kind_of(after), standing.changed_at, _listed(standing) | more)


def news_of(standing: Standing, *, after: str, own_id: str | None = None) -> str:
    """The body that tells of a public case: nothing that the list of requests does not show. Who sent it is told its
    code too, `own_id`.

    Its words, place and photo stand in the list alone: what is taken down must not come in a message that is late.
    """
    more = {"own_request_id": own_id} if own_id else {}
    return _body(kind_of(after), standing.changed_at, _listed(standing) | more)


def takedown_of(number: str, *, reason: str, at: datetime) -> str:
    """The body that tells that a case is public no more; `reason` is a code in config/publications, case_reasons."""
    return _body(GONE_FROM_LIST, at, {"service_request_id": number, "reason": reason, "updated_datetime": instant(at)})


def _listed(standing: Standing) -> dict[str, Any]:
    return {
        "service_request_id": standing.id,
        "service_code": standing.service_code,
        "status": "closed" if standing.stage in CLOSED else "open",
        "agency_responsible": standing.unit_name,
        "agency_code": standing.unit,
        "requested_datetime": instant(standing.received_at),
        "updated_datetime": instant(standing.changed_at),
        "expected_date": standing.due_on.isoformat() if standing.due_on else None,
        "url": standing.url,
    }


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
