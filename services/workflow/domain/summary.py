"""What everybody may read of a case: a summary written by one person and published by another, photos with cells
painted over, and when there must be none.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.workflow.domain.case import Case, KindClass
from services.workflow.domain.permission import PUBLISHED

PREPARED, PUBLIC, REPLACED, WITHDRAWN, DROPPED = "prepared", "published", "replaced", "withdrawn", "dropped"
KEPT_BACK = "kept_back"
"""The flag of a case of which a person decided that nothing is published."""
LEVEL = "public_summary"
NEVER_AT = frozenset({"refused", "quarantined", "withdrawn", "split", "linked"})
"""Stages of a case that has no public life of its own."""

SHOWS = ("before", "after")
COLUMNS, ROWS = 12, 9
"""Into how many cells a photo is cut: each can be painted over by a tick, with no script and no mouse."""
MOST_PHOTOS = 6


class SummaryRefused(Exception):
    """The summary does not stand where this could be done with it, or is not the one that was seen."""


class NotToBePublished(Exception):
    """Nothing of this case may be published. `why` is a code: kind, level, consent, kept_back, stage."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A photo of an answer, chosen for everybody; `id` is that of the drawing with its cells painted over."""

    id: UUID
    of: UUID  # the photo of the answer, which stays as it is
    shows: str  # before, after
    cells: tuple[int, ...]  # painted over, counted by rows from the upper left, from 0
    size_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A version of what everybody may read of a case."""

    case_id: UUID
    version: int
    state: str  # prepared, published; replaced by a later version, withdrawn, dropped before anybody read it
    title: str
    text: str
    answer: str | None
    late_reason: str | None
    place: str | None
    photos: tuple[Photo, ...]
    written_by: str
    written_at: datetime
    number: str | None = None  # of the register, the same for all versions of a case
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None  # code, of taking it down
    words: str | None = None  # what explains the reason; stays at the desk
    outdated_at: datetime | None = None  # an answer was given since it was written, which it does not tell


def hindrance(case: Case, *, has_consent: bool) -> str | None:
    """Why nothing of a case may be published, as a code; None when a summary may be.

    Source: Luật Khiếu nại 2011, Luật Tố cáo 2018 Đ8 (secrecy); Luật 91/2025/QH15 (consent for each purpose).
    """
    if case.kind not in PUBLISHED or case.kind_class is not KindClass.ORDINARY:
        return "kind"
    if case.publication != LEVEL:
        return "level"
    if not has_consent:
        return "consent"
    if KEPT_BACK in case.flags:
        return KEPT_BACK
    if case.stage in NEVER_AT:
        return "stage"
    return None


def current(versions: Iterable[Summary]) -> Summary | None:
    """The version that everybody reads, of those of a case."""
    return next((one for one in versions if one.state == PUBLIC), None)


def waiting(versions: Iterable[Summary]) -> Summary | None:
    """The version that waits for somebody else to publish it."""
    return next((one for one in versions if one.state == PREPARED), None)


def published(found: Summary, *, version: int, number: str, by: str, at: datetime) -> Summary:
    """The summary as it was seen, for everybody. Raises SummaryRefused."""
    if found.state != PREPARED or found.version != version:
        raise SummaryRefused(f"it is {found.state}, version {found.version}")
    return replace(found, state=PUBLIC, number=number, decided_by=by, decided_at=at)


def ended(
    found: Summary, state: str, *, by: str, at: datetime, reason: str | None = None, words: str | None = None
) -> Summary:
    """The summary dropped, replaced or withdrawn. Raises SummaryRefused."""
    if found.state != (PREPARED if state == DROPPED else PUBLIC):
        raise SummaryRefused(f"it is {found.state}")
    return replace(found, state=state, decided_by=by, decided_at=at, reason=reason, words=words)


def rounded(position: str | None) -> str | None:
    """A position to about 100 m: enough for a map, not for a doorstep."""
    if not position:
        return None
    latitude, _, longitude = position.partition(",")
    return f"{float(latitude):.3f},{float(longitude):.3f}"
