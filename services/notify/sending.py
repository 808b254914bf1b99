"""The loops that send: the edges that open transactions and, between them, sockets.

No transaction is open while a socket is: what may leave is written down before its first byte, what came of it after
the last.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from services.notify import actions, store
from services.notify.actions import Desk, Ready, Tried
from services.notify.domain.notice import Notice
from services.notify.domain.outcome import Breaker, Channel, Outcome, Prepared, Result
from shared.db import Database, Transaction
from shared.telemetry import counter, log

BATCH = 20
SECONDS_FOR_ONE = 170.0  # connect, all commands and the text of one mail at their slowest
LINGER_S = 0.1  # so long companions may gather: a batch costs little more than one of them
LONGEST_TURN_S = 5.0  # who stops the worker does not wait for all that is due
TRUST_S = 5.0

attempts = counter("notify_attempts_total", "Attempts to send a notice", ["channel", "result"])


class Outlet(Channel, Protocol):
    """A channel that can also make its bytes."""

    def pack(self, notice: Notice, words: Any, address: str) -> Prepared: ...


class _NothingDue(Exception):
    """A look in vain. It ends without a commit, which would wake everybody for the next look in vain."""


class Dispatcher:
    """Sends what is due by one channel, over one line of its own."""

    idle_s = 1.0

    def __init__(
        self,
        database: Database,
        desk: Desk,
        channel: Outlet,
        *,
        name: str,
        owner: str,
        lease_s: float = 300.0,
        batch: int = BATCH,
        is_woken: bool = True,
    ) -> None:
        """`is_woken`: by each commit. One line of a channel suffices; others look each second for what it leaves."""
        self.name, self.linger_s = name, LINGER_S if is_woken else None
        self._database, self._desk, self._channel = database, desk, channel
        self._owner, self._lease_s, self._batch = owner, lease_s, batch
        self._is_troubled, self._trusted_until = True, 0.0  # monotonic seconds
        self._unwritten: list[Tried] = []  # what left, or did not, and is not in the ledger yet

    def once(self) -> int:
        """Send all that is due, or what a few seconds allow. Returns how many notices were looked at."""
        end, count = time.monotonic() + LONGEST_TURN_S, 0
        while True:
            seen = self._send_some()
            count += seen
            if seen < self._batch or time.monotonic() >= end:
                return count

    def close(self) -> None:
        self._channel.close()

    def _send_some(self) -> int:
        """Send a batch. Returns how many notices were looked at."""
        if self._unwritten:  # the database was away when they had left
            self._note()
        end = time.monotonic() + self._lease_s
        try:
            with self._database.writing() as tx:
                ready, seen = self._take(tx)
        except _NothingDue:
            return 0
        if self._channel.can_query:
            self._send_all(ready, end)
        else:
            self._send_one_by_one(ready, end)
        return seen

    def _take(self, tx: Transaction) -> tuple[list[Ready], int]:
        """Lease a batch; also returns how many notices were looked at. Raises _NothingDue."""
        most = self._most_now(tx)
        if not most:
            raise _NothingDue
        ready, seen = actions.take_due(
            tx,
            desk=self._desk,
            channel=self._channel.name,
            pack=self._channel.pack,
            most=most,
            owner=self._owner,
            lease=timedelta(seconds=self._lease_s),
            is_marked=self._channel.can_query,
        )
        if not seen:
            raise _NothingDue
        return ready, seen

    def _most_now(self, tx: Transaction) -> int:
        """How many may be tried. While all goes well for us, others' bad news may be some seconds old."""
        if not self._is_troubled and time.monotonic() < self._trusted_until:
            return self._batch
        breaker = store.breaker_of(tx, self._channel.provider)
        self._is_troubled, self._trusted_until = breaker != Breaker(), time.monotonic() + TRUST_S
        return breaker.most(tx.now, self._batch)

    def _send_all(self, ready: Sequence[Ready], end: float) -> None:
        """All are marked. After a crash the provider's books tell which left, so outcomes may be written together."""
        for one in ready:
            self._unwritten.append(self._try(one, end))
        if ready:
            self._note()

    def _send_one_by_one(self, ready: Sequence[Ready], end: float) -> None:
        """Nobody's books can be asked, so at any moment at most one notice is leaving without its outcome written."""
        for one in ready:
            if self._has_failed():
                self._unwritten.append(self._try(one, end))
                continue
            with self._database.writing() as tx:
                self._write(tx)
                until = tx.now + timedelta(seconds=self._lease_s)
                leaving = actions.mark_leaving(tx, one.notice, owner=self._owner, lease_until=until)
            self._unwritten.clear()
            if leaving is not None:
                marked = Ready(leaving, one.prepared)
                self._unwritten.append(self._try(marked, time.monotonic() + self._lease_s))
        if self._unwritten:
            self._note()

    def _try(self, one: Ready, end: float) -> Tried:
        clock = self._database.clock
        started_at, left_s = clock.now(), end - time.monotonic()
        if self._has_failed() or left_s < min(SECONDS_FOR_ONE, self._lease_s / 2):
            return Tried(one.notice, Outcome(result=Result.HELD), started_at, started_at)
        # A margin before the lease ends: nobody else may begin while our line is still open.
        seconds = min(SECONDS_FOR_ONE, left_s * 0.9)
        outcome = self._channel.send(one.prepared, ref=str(one.notice.id), seconds=seconds)
        attempts.labels(self._channel.name, outcome.result.value).inc()
        return Tried(one.notice, outcome, started_at, clock.now())

    def _has_failed(self) -> bool:
        """Whether the provider is not worth another try in this batch."""
        return bool(self._unwritten) and _is_dead(self._unwritten[-1].outcome)

    def _note(self) -> None:
        with self._database.writing() as tx:
            self._write(tx)
        self._unwritten.clear()

    def _write(self, tx: Transaction) -> None:
        if self._unwritten:
            self._is_troubled = actions.note_outcomes(
                tx,
                desk=self._desk,
                provider=self._channel.provider,
                tried=self._unwritten,
                is_troubled=self._is_troubled,
            )


def _is_dead(outcome: Outcome) -> bool:
    return outcome.result is Result.HELD or (outcome.is_connection_error and outcome.phase in {"connect", "bind"})


class Reaper:
    """Finds what nobody holds any more: notices of workers that died, of unknown fate, or waiting in vain."""

    name, idle_s = "reaper", 2.0

    def __init__(
        self, database: Database, desk: Desk, channels: Mapping[str, Channel], *, only_owner: str | None
    ) -> None:
        """`only_owner`: who alone can hold leases, where one process is everything; None: leases end by time."""
        self._database, self._desk, self._channels, self._only_owner = database, desk, channels, only_owner

    def once(self) -> int:
        with self._database.reading() as tx:
            if not store.has_held_due(tx, owner=self._only_owner):
                return 0
        with self._database.writing() as tx:
            unclear, count = actions.take_stranded(tx, owner=self._only_owner)
            count += actions.stop_waiting(tx)
        answers = [(notice, self._channels[notice.channel].query(str(notice.id))) for notice in unclear]
        if answers:
            taken = sum(answer is True for _, answer in answers)
            log.info("asked about notices of unknown fate", notices=len(answers), taken=taken)
            with self._database.writing() as tx:
                actions.note_answers(tx, answers, quiet=self._desk.rules.quiet)
        return len(unclear) + count
