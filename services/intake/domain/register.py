"""The public register: what everybody may read of cases, which of them may be the same as what somebody is about to
send, and who follows them.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from services.intake.domain.petition import Petition
from shared.text import fold, words

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
NUMBER = re.compile(r"[0-9]{4}-[0-9]{4,9}")
"""How a case of the register is numbered: "2026-0012"."""

OFFERED_TO = frozenset({"report", "proposal", "procedure_feedback"})
"""Kinds whose senders are shown what is public already. Of all others nothing is looked up at all."""
NEAR_M = 200
NEARBY_FOR = timedelta(days=30)
MOST_OFFERED = 3
ALIKE = 0.3
"""Share of the words that two texts must have in common to be about the same, where place alone does not say so."""
_FILLERS = frozenset(
    (
        *("va", "la", "co", "o", "tai", "thi", "ma", "nay", "kia", "cho", "voi", "cua", "mot", "nhung", "cac", "da"),
        *("dang", "se", "rat", "qua", "bi", "duoc", "khong", "toi", "chung", "ngay", "truoc", "sau"),
        *("the", "and", "of", "to", "in", "on", "at", "is", "are", "was", "it", "this", "that", "there"),
    )
)


class FollowRefused(Exception):
    """The case is not public, or is answered and done with: there is nothing to follow."""


@dataclass(frozen=True)
class PublicPhoto:
    id: UUID
    shows: str  # before, after


@dataclass(frozen=True, kw_only=True)
class PublicCase:
    """A case of the register, or what is left of one that was taken down."""

    case_id: UUID
    petition_id: UUID
    number: str  # its address: "2026-0012"
    version: int
    topic: str | None
    ward: str | None
    unit: str
    received_on: date
    due_on: date | None
    answered_on: date | None
    is_on_time: bool | None  # None: not answered yet
    is_open: bool
    title: str
    text: str
    answer: str | None
    late_reason: str | None
    place: str | None
    lat: float | None  # to about 100 m
    lng: float | None
    photos: tuple[PublicPhoto, ...] = field(default=())
    published_at: datetime
    updated_at: datetime  # what everybody reads of it changed last
    reason: str | None = None  # it was taken down
    withdrawn_at: datetime | None = None

    @property
    def requested_at(self) -> datetime:
        """When the day of its receipt began, as programs want an instant; the hour is nobody's business."""
        return datetime.combine(self.received_on, time.min, LOCAL)

    def is_late_on(self, day: date) -> bool:
        """Whether its answer came late, or is late by now."""
        if self.is_on_time is not None:
            return not self.is_on_time
        return self.is_open and self.due_on is not None and day > self.due_on


@dataclass(frozen=True, kw_only=True)
class Follower:
    """Somebody who saw the same and follows a public case with a code of their own."""

    id: UUID
    case_id: UUID
    once: str
    code: str
    token_hash: bytes
    digits_check: bytes
    language: str
    email: str | None
    mobile: str | None  # E.164
    since: datetime
    left_at: datetime | None = None


def once_each(followers: Iterable[Follower]) -> list[Follower]:
    """Each address once, the first that has it: nobody is told twice. Who left none is somebody else each time."""
    seen: set[str] = set()
    found = []
    for one in followers:
        told_at = {address.lower() for address in (one.email, one.mobile) if address}
        if not told_at & seen:
            found.append(one)
        seen |= told_at
    return found


@dataclass(frozen=True)
class Similar:
    """A public case that may be the same matter."""

    case: PublicCase
    distance_m: int | None  # to the next hundred, since the register knows places no better


def similar(sent: Petition, candidates: Iterable[PublicCase], *, topics: Iterable[str]) -> list[Similar]:
    """Up to three of these that may be what somebody is about to send, the likeliest first: of one of these topics, and
    within 200 m, or in the same ward or on the same road and alike in words."""
    if sent.kind not in OFFERED_TO:
        return []
    wanted, spoken = set(topics), _spoken(f"{sent.title or ''} {sent.text} {sent.place or ''}")
    here, found = position_of(sent.position), []
    for one in candidates:
        if one.topic not in wanted or not one.is_open or one.reason is not None:
            continue
        share = overlap(spoken, _spoken(f"{one.title} {one.text} {one.place or ''}"))
        metres = None if here is None or one.lat is None or one.lng is None else distance_m(here, (one.lat, one.lng))
        is_near = metres is not None and metres <= NEAR_M + 75  # half the diagonal of what was rounded away
        is_same_place = (one.ward is not None and one.ward == sent.ward) or _is_same_road(sent.place, one.place)
        if is_near or (is_same_place and share >= ALIKE):
            shown = None if metres is None else max(round(metres, -2), 100)
            found.append((not is_near, -share, one.number, Similar(one, shown)))
    return [one for *_, one in sorted(found, key=lambda row: row[:3])[:MOST_OFFERED]]


def overlap(some: frozenset[str], others: frozenset[str]) -> float:
    """The share of the shorter text's words that the other has too."""
    least = min(len(some), len(others))
    return len(some & others) / least if least else 0.0


def _spoken(text: str) -> frozenset[str]:
    return frozenset(words(fold(text))) - _FILLERS


def _is_same_road(one: str | None, other: str | None) -> bool:
    """Whether two places share two words one after the other: the name of a road or a bridge."""
    return bool(_pairs(one) & _pairs(other))


def _pairs(place: str | None) -> set[tuple[str, str]]:
    spoken = [word for word in words(fold(place or "")) if not word.isdigit() and word not in {"duong", "pho", "so"}]
    return set(pairwise(spoken))


def position_of(written: str | None) -> tuple[float, float] | None:
    if not written:
        return None
    latitude, _, longitude = written.partition(",")
    return float(latitude), float(longitude)


def distance_m(here: tuple[float, float], there: tuple[float, float]) -> int:
    """Metres between two places of one town, on a plane that touches the earth there."""
    metres = 111_320.0  # of a degree of latitude
    north = (there[0] - here[0]) * metres
    east = (there[1] - here[1]) * metres * math.cos(math.radians(here[0]))
    return round(math.hypot(north, east))
