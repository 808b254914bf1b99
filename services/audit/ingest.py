"""Taking events in: from the queue, and from the sources' feeds what the queue has lost."""

import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.audit import reactions, store
from services.audit.store import Told
from shared.bus import Message
from shared.db import Database
from shared.events.codec import from_b64u
from shared.feed import LIMIT, Feed, FeedPage, FeedUnavailable
from shared.keys import KeyRing
from shared.telemetry import counter, gauge, log

BATCH = 500
REFRESH = timedelta(seconds=60)  # how often "asked at" is written down while nothing changes

pulled_total = counter("audit_pulled_total", "Events pulled from a feed because the broker had lost them", ["source"])
lag = gauge("audit_source_lag_events", "Events that a source has numbered and the log does not have", ["source"])
unnumbered_age = gauge("audit_unnumbered_age_seconds", "Age of a source's oldest event without a number", ["source"])


class Intake:
    """The door of the log: appends messages, one batch and one transaction at a time."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database, self._keys = database, keys
        self._turn = threading.Lock()
        self._heard_at = time.monotonic()

    @property
    def silence_s(self) -> float:
        """For how long nothing has come."""
        return time.monotonic() - self._heard_at

    def take(self, messages: Sequence[Message]) -> None:
        """Take messages in. When it returns, none of them can be lost."""
        for start in range(0, len(messages), BATCH):
            self.append(messages[start : start + BATCH])
        self._heard_at = time.monotonic()

    def append(self, messages: Sequence[Message]) -> int:
        """Append one batch. Returns how many events entered the log."""
        with self._turn, self._database.writing() as tx:
            return reactions.append(tx, messages, keys=self._keys).appended


class Repair:
    """Asks the sources how far they are and pulls what is missing. Equal position and hash prove that nothing is."""

    name = "repair"

    def __init__(self, database: Database, intake: Intake, *, idle_s: float = 5.0) -> None:
        self._database, self._intake, self.idle_s = database, intake, idle_s
        self._swept_at: datetime | None = None
        self.feeds: dict[str, Feed] = {}  # whom to ask, by source; filled in where the loops are put together

    def once(self) -> int:
        """Pull what is missing, once the queue has been silent for a while. Returns how many events were pulled."""
        if self._intake.silence_s < self.idle_s:
            return 0
        self._sweep()
        return sum(self._ask(source, feed) for source, feed in sorted(self.feeds.items()))

    def _sweep(self) -> None:
        """Once a day: what was turned away a month ago goes."""
        now = self._database.clock.now()
        if self._swept_at is not None and now - self._swept_at < timedelta(days=1):
            return
        self._swept_at = now
        with self._database.writing() as tx:
            reactions.forget_refused(tx)

    def _ask(self, source: str, feed: Feed) -> int:
        with self._database.reading() as tx:
            head, told = store.load_heads(tx).get(source), store.load_told(tx).get(source)
        pos = head.pos if head else 0
        try:
            page = feed.read(after=pos, limit=LIMIT, subscriber="audit")
        except FeedUnavailable as problem:
            log.info("feed unavailable", source=source, problem=str(problem)[:200])
            return 0
        self._remember(source, page, told)
        if head is not None and head.is_frozen:
            return 0
        count = 0
        for start in range(0, len(page.messages), BATCH):
            count += self._intake.append(page.messages[start : start + BATCH])
        lag.labels(source).set(max(page.published - pos - count, 0))
        unnumbered_age.labels(source).set(page.unnumbered_age_s)
        if count:
            pulled_total.labels(source).inc(count)
            log.warning("pulled from the feed", source=source, events=count, first=pos + 1)
        return count

    def _remember(self, source: str, page: FeedPage, told: Told | None) -> None:
        with self._database.reading() as tx:
            now = tx.now
        new = Told(page.published, from_b64u(page.head_hash), page.unnumbered, page.unnumbered_age_s, now)
        is_news = told is None or (told.pos, told.head, told.unnumbered) != (new.pos, new.head, new.unnumbered)
        if told is not None and not is_news and now - told.asked_at < REFRESH:
            return
        with self._database.writing() as tx:
            store.save_told(tx, source, new)
