"""What an Open311 program may ask of the list of requests, and how a petition stands in its two words.

Source: Open311 GeoReport v2, GET service_requests.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.intake.domain.code import CodeMistyped, parse_code
from services.intake.domain.register import NUMBER, PublicCase

SPAN_AT_MOST = timedelta(days=90)
ROWS_AT_MOST = 1000
IDS_AT_MOST = 200
DESCRIPTION_AT_MOST = 4000  # characters
ATTRIBUTES_AT_MOST = 50
YEARS = range(1970, 9000)
STATUSES = ("open", "closed")
CLOSED = frozenset({"answered", "closed", "refused", "quarantined", "transferred", "withdrawn"})
"""Stages in which nothing more is to be expected; a merged petition goes on with the one that answers for it."""


class AskedWrong(ValueError):
    """A parameter cannot be read. `problem` names the reason; `words` of the room say it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field, self.problem = field, problem


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What of the list is wanted. With `ids` nothing else counts."""

    ids: tuple[str, ...] | None = None
    services: frozenset[str] | None = None
    statuses: frozenset[str] = frozenset(STATUSES)
    since: datetime | None = None
    until: datetime | None = None  # not included
    page: int = 1
    page_size: int = ROWS_AT_MOST


def status_of(stage: str) -> str:
    return "closed" if stage in CLOSED else "open"


def stage_of(public: PublicCase) -> str:
    """How far a case is that did not come by Open311: no more than its page in the register says."""
    if public.is_open:
        return "in_progress"
    return "answered" if public.answered_on else "closed"


def read_id(typed: str) -> str:
    """An id as it is kept: the code of what came by a partner, or a number of the register. Raises CodeMistyped."""
    return typed if NUMBER.fullmatch(typed) else parse_code(typed)


def read_wanted(asked: Mapping[str, str], *, now: datetime) -> Wanted:
    """The parameters of a list; an empty one counts as absent. Raises AskedWrong."""
    ids = _words(asked, "service_request_id")
    if ids is not None:
        if len(ids) > IDS_AT_MOST:
            raise AskedWrong("service_request_id", "too_many")
        return Wanted(ids=tuple(one for one in map(_id, ids) if one))
    services, statuses = _words(asked, "service_code"), _words(asked, "status")
    if statuses is not None and not set(statuses) <= set(STATUSES):
        raise AskedWrong("status", "unknown")
    since, until = _instant(asked, "start_date"), _instant(asked, "end_date")
    since, until = _span(since, until, now)
    return Wanted(
        services=frozenset(services) if services is not None else None,
        statuses=frozenset(statuses) if statuses is not None else frozenset(STATUSES),
        since=since,
        until=until,
        page=_number(asked, "page", 1, most=100_000),
        page_size=_number(asked, "page_size", ROWS_AT_MOST, most=ROWS_AT_MOST),
    )


def _span(since: datetime | None, until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """At most ninety days: the last ones where nothing is said, else those beside the instant that is."""
    if since is not None and until is not None:
        if until < since:
            raise AskedWrong("end_date", "before_start")
        if until - since > SPAN_AT_MOST:
            raise AskedWrong("end_date", "too_long")
        return since, until + timedelta(seconds=1)
    if since is not None:
        return since, since + SPAN_AT_MOST
    end = until or now
    return end - SPAN_AT_MOST, end + timedelta(seconds=1)


def _words(asked: Mapping[str, str], name: str) -> list[str] | None:
    found = [word for word in (part.strip() for part in asked.get(name, "").replace("\0", "").split(",")) if word]
    return found or None


def _id(typed: str) -> str:
    """The id as it is kept; of what can be none, nothing is found."""
    try:
        return read_id(typed)
    except CodeMistyped:
        return ""


def _instant(asked: Mapping[str, str], name: str) -> datetime | None:
    # A plus that was not escaped arrives as a space.
    typed = asked.get(name, "").strip().replace(" ", "+")
    if not typed:
        return None
    try:
        found = datetime.fromisoformat(typed)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise AskedWrong(name, "not_an_instant") from None
    if found.year not in YEARS:
        raise AskedWrong(name, "not_an_instant")
    return found


def _number(asked: Mapping[str, str], name: str, usual: int, *, most: int) -> int:
    typed = asked.get(name, "").strip()
    if not typed:
        return usual
    if not (typed.isascii() and typed.isdecimal()) or len(typed) > 6 or int(typed) < 1:
        raise AskedWrong(name, "not_a_number")
    return min(int(typed), most)
