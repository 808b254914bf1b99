"""What came of one attempt to send, when the next one is due, and when a provider is left alone for a while."""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Result(StrEnum):
    """The five ways in which an attempt ends, and the one in which it never began."""

    ACCEPTED = "accepted"
    TRANSIENT = "transient"  # not sent; later perhaps
    THROTTLED = "throttled"  # not sent; the provider asks us to slow down, which is no fault of the message
    BAD_RECIPIENT = "bad_recipient"  # this address will never work
    BAD_CONTENT = "bad_content"  # this message will never be taken; the address stays good
    AMBIGUOUS = "ambiguous"  # all bytes left us and no answer came: only the provider's books can tell
    HELD = "held"  # not one byte was sent: the provider was found dead, or the time of the lease ran out


NOT_SENT = frozenset({Result.TRANSIENT, Result.THROTTLED, Result.HELD})

_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+|\+?(?:\d[ -]?){9,}")


def scrub(words: str, *, most: int = 200) -> str:
    """A provider's words without addresses and telephone numbers, on one line."""
    return _ADDRESS.sub("…", " ".join(words.split()))[:most]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one attempt. `words` is the provider's, scrubbed."""

    result: Result
    phase: str = ""  # connect, mail, rcpt, data, dot; bind, submit; look_up
    code: str = ""
    enhanced: str = ""  # RFC 3463, e.g. "4.7.1"
    words: str = ""
    is_connection_error: bool = False
    provider_ref: str = ""


@dataclass(frozen=True)
class Prepared:
    """A message as it will leave: built once, the same bytes at each attempt."""

    address: str
    data: bytes
    sha256: str
    units: int = 1  # SMS parts, or 1


class Channel(Protocol):
    """A way out. `send` never raises for what the other side does."""

    name: str
    provider: str
    can_query: bool

    def send(self, message: Prepared, *, ref: str, seconds: float) -> Outcome:
        """Send one message within that many seconds."""
        ...

    def query(self, ref: str) -> bool | None:
        """Whether the provider has taken the message with our reference; None: it cannot tell."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Schedule:
    """How long to wait after each failed attempt; the last wait repeats until the notice's time is over."""

    waits_s: Sequence[int]
    greylisted_s: int = 0  # at least so long after a "450": a server that does not know us yet

    def next_at(self, notice_id: UUID, *, attempt: int, now: datetime, code: str = "") -> datetime:
        """When to try again after attempt number `attempt` (from 1), spread by half to one and a half.

        The spread comes from the notice's id: when a relay comes back, not everybody knocks in the same second.
        """
        wait_s = float(self.waits_s[min(attempt, len(self.waits_s)) - 1])
        if code == "450":
            wait_s = max(wait_s, 2.0 * self.greylisted_s)
        chance = zlib.crc32(notice_id.bytes + attempt.to_bytes(4)) / 2**32
        return now + timedelta(seconds=wait_s * (0.5 + chance))


SCHEDULES = {
    "email": Schedule((10, 60, 300, 900, 3600, 7200, 14400, 28800), greylisted_s=300),
    "sms": Schedule((5, 30, 120, 600, 1800, 3600)),
    # Source: Standard Webhooks 1.0, about three days in all.
    "webhook": Schedule((5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)),
}

THROTTLED_WAIT = timedelta(seconds=20)
ASK_AFTER = timedelta(seconds=30)  # how long a provider may still be busy with what we think it may have
UNCLEAR_FOR = timedelta(minutes=15)  # after that a notice whose fate nobody knows is sent again, or given up


@dataclass(frozen=True)
class Breaker:
    """Whether a provider is worth trying. Closed: yes; open: not before `until`; then one message shows how it is."""

    is_open: bool = False
    until: datetime | None = None
    trips: int = 0  # openings in a row
    errors_in_row: int = 0
    window_at: datetime | None = None
    tried: int = 0  # in the current minute
    failed: int = 0
    reason: str = ""

    ERRORS_IN_ROW = 5
    LEAST_TRIED = 20
    SHORTEST_S, LONGEST_S = 30, 300

    def most(self, now: datetime, wanted: int) -> int:
        """How many messages may be tried now."""
        if not self.is_open:
            return wanted
        return 0 if self.until is not None and now < self.until else 1

    def after(self, outcomes: Sequence[Outcome], now: datetime) -> "Breaker":
        """The breaker after these attempts."""
        breaker = self
        for outcome in outcomes:
            breaker = breaker._after_one(outcome, now)
        return breaker

    def _after_one(self, outcome: Outcome, now: datetime) -> "Breaker":
        if outcome.result in {Result.HELD, Result.THROTTLED}:
            return self
        is_failure = outcome.is_connection_error or outcome.result is Result.AMBIGUOUS
        if self.is_open:
            if not is_failure:
                return Breaker()
            left_before = self.until is not None and now < self.until  # so it says nothing new
            return self if left_before else self._opened(now, outcome)
        fresh = self.window_at is None or now - self.window_at >= timedelta(minutes=1)
        if not is_failure and fresh and not self.errors_in_row:
            return Breaker()
        counted = replace(
            self,
            window_at=now if fresh else self.window_at,
            tried=(0 if fresh else self.tried) + 1,
            failed=(0 if fresh else self.failed) + is_failure,
            errors_in_row=self.errors_in_row + 1 if is_failure else 0,
        )
        is_half = counted.tried >= self.LEAST_TRIED and counted.failed * 2 >= counted.tried
        if is_failure and (counted.errors_in_row >= self.ERRORS_IN_ROW or is_half):
            return counted._opened(now, outcome)
        return counted

    def _opened(self, now: datetime, outcome: Outcome) -> "Breaker":
        pause_s = min(self.SHORTEST_S * 2**self.trips, self.LONGEST_S)
        reason = f"{outcome.phase} {outcome.code}".strip()
        return Breaker(is_open=True, until=now + timedelta(seconds=pause_s), trips=self.trips + 1, reason=reason)
