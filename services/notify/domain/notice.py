"""A notice: one message to one person by one channel for one purpose, and the states it goes through.

waiting (for the contact) → queued → leased → dispatching → accepted → delivered
retry ← not sent · unknown ← nobody knows · final before sending: suppressed · final after trying: failed
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from services.notify.domain.outcome import (
    ASK_AFTER,
    SCHEDULES,
    THROTTLED_WAIT,
    UNCLEAR_FOR,
    Outcome,
    Result,
)

_NAMES = UUID("6f0e0d5c-58cf-5b0d-9b0e-6a4c1f1f7f11")  # namespace of notice ids; never change it

PETITIONER, STAFF = "petitioner", "staff"
OUTSIDER = "outsider"
"""Somebody of neither: asked for an opinion by a link of their own."""

GUEST = "guest"
"""Somebody who comes to a session of reception or dialogue."""

FOLLOWER = "follower"
"""Somebody who follows a published case that another reported."""

BY_LINK = (OUTSIDER, GUEST, FOLLOWER)
"""Who is told by an address of their own, each for one thing, and opens it by a link of their own."""

CONTACT_PATIENCE = timedelta(minutes=15)

SENDABLE = ("queued", "retry")
UNSENT = ("waiting", "queued", "retry", "leased")
FINAL = ("accepted", "delivered", "suppressed", "failed")


def notice_id(*, event_id: UUID, rule: str, recipient: str, channel: str, purpose: str) -> UUID:
    """The same for the same duty: hearing an event again, or two workers at once, make no second notice."""
    return uuid5(_NAMES, "\n".join((str(event_id), rule, recipient, channel, purpose)))


def without_excluded(recipients: Iterable[str], excluded: Collection[str], units: Mapping[str, str]) -> list[str]:
    """The recipients, each once and in order, less everyone it is about: persons, and whoever is of such a unit.

    `units` gives the unit of each member of staff that we know.
    """
    shut_out = set(excluded)
    return [person for person in dict.fromkeys(recipients) if not {person, units.get(person)} & shut_out]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One notice. `facts` are the event's words and dates that its text needs: the event is the snapshot."""

    id: UUID
    petition_id: UUID
    case_id: UUID | None
    event_id: UUID
    event_type: str
    source: str  # the service that said the event
    correlation: str
    rule: str
    audience: str
    recipient: (
        str  # "petitioner", the pseudonym of a member of staff, "x:…" an outsider, "g:…" a guest, "f:…" a follower
    )
    channel: str
    purpose: str
    version: int  # of the text
    lane: int  # 0 codes, 1 statutory, 2 ordinary, 3 bulk
    created_at: datetime
    valid_until: datetime
    next_at: datetime
    facts: Mapping[str, str] = field(default_factory=dict, repr=False)
    state: str = "queued"
    attempt_no: int = 0
    fence: int = 0
    unclear_since: datetime | None = None
    is_possible_duplicate: bool = False
    prepared_at: datetime | None = None
    prepared_sha256: str | None = None
    units: int = 1
    provider_ref: str = ""
    error_class: str = ""
    error_code: str = ""
    final_at: datetime | None = None

    def after(self, outcome: Outcome, now: datetime, quiet: "QuietHours") -> "Notice":
        """The notice after an attempt."""
        match outcome.result:
            case Result.ACCEPTED:
                return self._final("accepted", now, provider_ref=outcome.provider_ref, attempt_no=self.attempt_no + 1)
            case Result.HELD:
                return replace(self, state="queued", next_at=now)
            case Result.THROTTLED:
                return self._again(now + THROTTLED_WAIT, now, quiet, code=outcome.code)
            case Result.BAD_RECIPIENT:
                return self._failed("recipient", outcome.code, now, attempt_no=self.attempt_no + 1)
            case Result.BAD_CONTENT:
                return self._failed("content", outcome.code, now, attempt_no=self.attempt_no + 1)
            case Result.AMBIGUOUS:
                return replace(
                    self,
                    state="unknown",
                    attempt_no=self.attempt_no + 1,
                    next_at=now + ASK_AFTER,
                    unclear_since=now,
                    error_code=outcome.code,
                )
        number = self.attempt_no + 1
        at = SCHEDULES[self.channel].next_at(self.id, attempt=number, now=now, code=outcome.code)
        return replace(self, attempt_no=number)._again(at, now, quiet, code=outcome.code)

    def found(self, *, is_taken: bool | None, now: datetime) -> "Notice":
        """The notice after its provider's books were asked about it.

        None (it cannot tell): what the law demands goes again after a quarter of an hour, marked as a possible
        duplicate; the rest is given up, since nobody needs it twice.
        """
        if is_taken:
            return self._final("accepted", now, attempt_no=max(self.attempt_no, 1))
        if is_taken is False:
            return replace(self, state="retry", next_at=now, unclear_since=None)
        since = self.unclear_since or now
        if now < since + UNCLEAR_FOR:
            return replace(self, state="unknown", next_at=since + UNCLEAR_FOR, unclear_since=since)
        if self.lane > 1:
            return self._failed("unknown", self.error_code, now)
        return replace(self, state="retry", next_at=now, unclear_since=None, is_possible_duplicate=True)

    def waiting_for_contact(self, now: datetime) -> "Notice":
        """Nobody has told the address yet: a minute's patience, until a quarter of an hour is over."""
        if now >= self.created_at + CONTACT_PATIENCE:
            return self.without_contact(now)
        at = min(now + timedelta(minutes=1), self.created_at + CONTACT_PATIENCE)
        return replace(self, state="queued", next_at=at)

    def without_contact(self, now: datetime) -> "Notice":
        return self._failed("no_contact", "", now)

    def unprintable(self, error_class: str, why: str, now: datetime) -> "Notice":
        """The message cannot be made: it never will be, so nobody tries again."""
        return self._failed(error_class, why[:60], now)

    def suppressed(self, ground: str, now: datetime) -> "Notice":
        return self._final("suppressed", now, error_class=ground)

    def _again(self, at: datetime, now: datetime, quiet: "QuietHours", *, code: str) -> "Notice":
        at = quiet.earliest(at, channel=self.channel, lane=self.lane, valid_until=self.valid_until)
        if at >= self.valid_until:
            return self._failed("retries_over", code, now)
        return replace(self, state="retry", next_at=at, error_code=code)

    def _failed(self, error_class: str, code: str, now: datetime, *, attempt_no: int | None = None) -> "Notice":
        number = self.attempt_no if attempt_no is None else attempt_no
        return self._final("failed", now, error_class=error_class, error_code=code, attempt_no=number)

    def _final(
        self,
        state: str,
        now: datetime,
        *,
        attempt_no: int | None = None,
        error_class: str = "",
        error_code: str = "",
        provider_ref: str = "",
    ) -> "Notice":
        return replace(
            self,
            state=state,
            final_at=now,
            attempt_no=self.attempt_no if attempt_no is None else attempt_no,
            error_class=error_class,
            error_code=error_code,
            provider_ref=provider_ref,
        )


LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True)
class QuietHours:
    """When telephones are left alone, by local time; the night may begin before midnight."""

    start: int = 22  # hours
    end: int = 7
    channels: frozenset[str] = frozenset({"sms"})
    lanes: frozenset[int] = frozenset({1, 2, 3})
    zone: ZoneInfo = LOCAL

    def earliest(self, at: datetime, *, channel: str, lane: int, valid_until: datetime) -> datetime:
        """The first moment from `at` on at which we may disturb; `at` itself when the morning would be too late."""
        if channel not in self.channels or lane not in self.lanes or self.start == self.end:
            return at
        local = at.astimezone(self.zone)
        if self.start < self.end:
            is_quiet, days = self.start <= local.hour < self.end, 0
        else:
            is_quiet, days = local.hour >= self.start or local.hour < self.end, int(local.hour >= self.start)
        if not is_quiet:
            return at
        morning = local.replace(hour=self.end, minute=0, second=0, microsecond=0) + timedelta(days=days)
        return at if morning >= valid_until else morning.astimezone(at.tzinfo)


@dataclass(frozen=True, kw_only=True)
class Petition:
    """What the postman knows of a petition, and of how the case of a notice ended.

    Discreet: of a kind about which messages say only that there is news.
    """

    id: UUID
    public_code: str | None = None
    language: str = "vi"
    is_discreet: bool = False
    excluded: frozenset[str] = frozenset()
    filed_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None

    def is_over_for(self, guards: Collection[str], planned_at: datetime) -> bool:
        """Whether the matter ended in one of these ways after this was planned: no apology follows the answer."""
        ends = {"answered": self.answered_at, "closed": self.closed_at}
        return any(at is not None and at >= planned_at for name in guards if (at := ends[name]))


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Where one person may be told. Personal data: erased with the person."""

    language: str
    email: str | None = None
    mobile: str | None = None
    name: str | None = None
    code: str | None = None
    link_token: str | None = None
    is_active: bool = True
    unit: str | None = None  # of staff
    declined: tuple[str, ...] = ()  # sorts of notices that they do not want

    def __repr__(self) -> str:
        return "Contact(…)"

    @property
    def channels(self) -> tuple[str, ...]:
        """By which the person can be reached."""
        return tuple(channel for channel in ("email", "sms") if self.address(channel))

    def address(self, channel: str) -> str | None:
        return self.email if channel == "email" else self.mobile
