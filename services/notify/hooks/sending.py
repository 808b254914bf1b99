"""The loop that tells partners: marks before it sends, notes after, tries again later and later.

No transaction is open while a socket is. After a crash what was leaving leaves once more, under the same id.
"""

import time
from datetime import datetime, timedelta

from services.notify import store as notices
from services.notify.channels.webhook import Answer, send
from services.notify.domain.outcome import Schedule
from services.notify.hooks import store
from services.notify.hooks.store import Due
from shared.db import Database, Transaction
from shared.events.notify import WebhookAttempted
from shared.fetch import Reach
from shared.telemetry import counter

BATCH = 8  # partners a turn
LONGEST_WAIT = timedelta(days=1)

attempts = counter("notify_webhooks_total", "Deliveries to webhooks that were tried", ["result"])


class WebhookSender:
    """Tells partners what is due."""

    name, idle_s, linger_s = "webhooks", 1.0, 0.1

    def __init__(self, database: Database, reach: Reach, schedule: Schedule) -> None:
        self._database, self._reach, self._schedule = database, reach, schedule

    def once(self) -> int:
        with self._database.reading() as look:
            if not store.has_due(look):
                return 0
        with self._database.writing() as tx:
            taken = store.claim(tx, most=BATCH)
            kept_back = {one.id: why for one in taken if (why := _kept_back(tx, one))}
        for one in taken:
            started_at, began = self._database.clock.now(), time.monotonic()
            answer = Answer(None, kept_back[one.id]) if one.id in kept_back else self._send(one, started_at)
            spent_ms = round((time.monotonic() - began) * 1000)
            with self._database.writing() as tx:
                self._note(tx, one, answer, at=started_at, milliseconds=spent_ms, is_kept_back=one.id in kept_back)
        return len(taken)

    def _send(self, one: Due, now: datetime) -> Answer:
        assert one.url is not None
        assert one.secret is not None
        secret = self._database.codec.keys.open(one.secret).decode()
        return send(one.url, secret, delivery_id=one.id, body=one.body.encode(), now=now, reach=self._reach)

    def _note(
        self, tx: Transaction, one: Due, answer: Answer, *, at: datetime, milliseconds: int, is_kept_back: bool
    ) -> None:
        state, next_at = self._after(one, answer, tx.now)
        if is_kept_back:
            state, next_at = "withheld", None
        if not store.save(tx, one, state=state, next_at=next_at):
            return
        attempts.labels(state).inc()
        tx.emit(
            WebhookAttempted(
                partner_id=one.partner_id,
                delivery_id=one.id,
                attempt=one.attempt,
                state=state,
                status=answer.status,
                problem=answer.problem,
                milliseconds=milliseconds,
                tried_at=at,
                next_at=next_at,
            )
        )

    def _after(self, one: Due, answer: Answer, now: datetime) -> tuple[str, datetime | None]:
        """The state since this attempt, and when the next one is."""
        if answer.is_taken:
            return "delivered", None
        if answer.is_final or one.tries > len(self._schedule.waits_s):
            return "failed", None
        at = self._schedule.next_at(one.id, attempt=one.tries, now=now)
        asked = now + min(timedelta(seconds=answer.retry_after_s or 0), LONGEST_WAIT)
        return "retry", max(at, asked)


def _kept_back(tx: Transaction, one: Due) -> str:
    """Why it must not leave now, if it must not."""
    if not one.is_told or one.url is None or one.secret is None:
        return "off"
    if one.petition_id is not None and notices.petitions_of(tx, [one.petition_id])[one.petition_id].is_discreet:
        return "confidential"
    return ""
