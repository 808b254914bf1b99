"""What the public is told: prepared by one person, posted by another, shown to hang where it should, withdrawn with a
reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.workflow.domain.permission import ALLOWED, Allowed, Person, Refusal, Refused
from services.workflow.domain.vocabulary import Publishing

PREPARED, POSTED, WITHDRAWN, DROPPED = "prepared", "posted", "withdrawn", "dropped"
OVERSEERS = frozenset({"office", "director"})


class PublicationRefused(Exception):
    """The publication does not stand where this could be done with it, or is not the one that was seen."""


@dataclass(frozen=True, kw_only=True)
class Publication:
    """One record, from which the page and the printed notice are made.

    Source: Kế hoạch 1167/KH-SGTVT: policies are made public at the seat of the body, in many forms.
    """

    id: UUID
    version: int  # one more with each change of the words
    title: str
    text: str  # plain: a blank line between paragraphs
    kind: str
    channels: tuple[str, ...]
    starts_on: date
    ends_on: date | None  # the last day
    campaign: str | None
    unit: str
    state: str  # prepared, posted, withdrawn; dropped: given up before it was posted
    prepared_by: str  # who wrote these words
    prepared_at: datetime
    number: str | None = None  # of the register, once it is posted: "2026-12", its short address too
    posted_by: str | None = None
    posted_at: datetime | None = None
    ended_by: str | None = None  # who withdrew it or gave it up
    ended_at: datetime | None = None
    reason: str | None = None  # code
    words: str | None = None  # what explains the reason; stays at the desk

    def is_public_on(self, day: date) -> bool:
        """Whether the list has it on a day."""
        return self.state == POSTED and self.starts_on <= day and not self.is_over_on(day)

    def is_over_on(self, day: date) -> bool:
        return self.ends_on is not None and self.ends_on < day


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Somebody saw it at a place: a photo, a note, or both."""

    id: UUID
    publication_id: UUID
    channel: str
    place: str
    note: str | None
    seen_on: date
    shown_by: str
    shown_at: datetime
    file_id: UUID | None = None
    media_type: str | None = None
    size_bytes: int | None = None
    sha256: str | None = None


def may_prepare(person: Person, unit: str) -> Allowed | Refused:
    """Those of the unit; the Office and the director for any."""
    if person.role in OVERSEERS or (person.role in {"officer", "head"} and person.unit == unit):
        return ALLOWED
    return Refused(Refusal.NOT_YOUR_ROLE)


def may_post(person: Person, found: Publication) -> Allowed | Refused:
    """The head of the unit, the Office or the director, and never who wrote the words."""
    answer = may_withdraw(person, found)
    if answer and person.person == found.prepared_by:
        return Refused(Refusal.YOU_PREPARED_IT)
    return answer


def may_withdraw(person: Person, found: Publication) -> Allowed | Refused:
    if person.role in OVERSEERS or (person.role == "head" and person.unit == found.unit):
        return ALLOWED
    return Refused(Refusal.NOT_YOUR_ROLE)


def post(found: Publication, *, version: int, number: str, by: str, at: datetime) -> Publication:
    """The publication as it was seen, in force. Raises PublicationRefused."""
    if found.state != PREPARED or found.version != version:
        raise PublicationRefused(f"it is {found.state}, version {found.version}")
    return replace(found, state=POSTED, number=number, posted_by=by, posted_at=at)


def withdraw(found: Publication, *, reason: str, words: str | None, by: str, at: datetime) -> Publication:
    """No longer shown, with the reason that readers are told. Raises PublicationRefused."""
    if found.state != POSTED:
        raise PublicationRefused(f"it is {found.state}")
    return replace(found, state=WITHDRAWN, reason=reason, words=words, ended_by=by, ended_at=at)


def drop(found: Publication, *, by: str, at: datetime) -> Publication:
    """Given up before anybody read it. Raises PublicationRefused."""
    if found.state != PREPARED:
        raise PublicationRefused(f"it is {found.state}")
    return replace(found, state=DROPPED, ended_by=by, ended_at=at)


def unproved(found: Publication, proofs: Iterable[Proof], publishing: Publishing) -> tuple[str, ...]:
    """Channels of which nobody has shown yet that it was done there."""
    shown = {one.channel for one in proofs}
    return tuple(code for code in found.channels if code not in shown and publishing.must_show(code))
