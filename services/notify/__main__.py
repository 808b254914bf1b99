"""The wiring of the postman, and its loops: the edges that open transactions and, between them, sockets.

No transaction is open while a socket is: what may leave is written down before its first byte, what came of it after
the last.
"""

import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import yaml
from flask import Flask

from services.notify import actions, reactions, store, web
from services.notify.actions import Desk, Ready, Tried
from services.notify.channels.catcher import Catcher, Mailbox
from services.notify.channels.mail import Mail
from services.notify.channels.sms import Caught, Smpp
from services.notify.domain import texting
from services.notify.domain.letter import BadAddress, BadLetters, Letters, Office, check, gather, read_template
from services.notify.domain.notice import Notice
from services.notify.domain.outcome import Breaker, Channel, Outcome, Prepared, Result
from services.notify.domain.rule import BadRules, Rules, read_rules
from services.notify.reactions import Book
from shared import service as room
from shared.clock import Clock
from shared.db import Database, Transaction
from shared.inbox import Together
from shared.service import Loop, Service
from shared.settings import BadSetting, Settings
from shared.telemetry import counter, log
from shared.web.org import Org, read_org

HEARS = ("intake", "workflow")
BATCH = 20
SECONDS_FOR_ONE = 170.0  # connect, all commands and the text of one mail at their slowest
LINGER_S = 0.1  # so long companions may gather: a batch costs little more than one of them
LONGEST_TURN_S = 5.0  # who stops the worker does not wait for all that is due
TRUST_S = 5.0
LONGEST_TOKEN = "x" * 32

attempts = counter("notify_attempts_total", "Attempts to send a notice", ["channel", "result"])


class Outlet(Channel, Protocol):
    """A channel that can also make its bytes."""

    def pack(self, notice: Notice, words: Any, address: str) -> Prepared: ...


# ---- loops


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


# ---- texts and rules


def load_book(folder: Path, *, public_url: str) -> Book:
    """The rules and texts of a folder, checked against the events. Raises BadSetting, naming the file."""
    try:
        raw = yaml.safe_load((folder / "rules.yaml").read_text(encoding="utf-8"))
        words = yaml.safe_load((folder / "words.yaml").read_text(encoding="utf-8"))
        texts = [read_template(file.name, file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.txt"))]
        fields = {event.TYPE: reactions.fields_of(event.TYPE) for event in reactions.REACTIONS}
        rules: Rules = read_rules(raw, fields_of=fields)
        letters: Letters = gather(texts, words)
        check(letters, rules, fields, follow_link=f"{public_url}/t/{LONGEST_TOKEN}")
    except (OSError, yaml.YAMLError, UnicodeDecodeError, BadRules, BadLetters) as problem:
        raise BadSetting(f"{folder}: {problem}") from None
    return Book(rules, letters)


def office_of(org: Org) -> Office:
    """The authority as its letters name it."""

    def said(key: str) -> dict[str, str]:
        return {"vi": org.texts[key]["vi"], "en": org.texts[key].get("en", org.texts[key]["vi"])}

    return Office(name=said("name"), short=said("short_name"), hotline=org.hotline)


# ---- channels


@dataclass(frozen=True)
class Outside:
    """What the postman sends through: lines for e-mail, one for SMS; and the catcher where it stands in for them."""

    mails: tuple[Mail, ...]
    texts: Caught | Smpp
    catcher: Catcher | None
    is_here: bool  # whether the catcher listens in this process


def open_outside(settings: Settings, org: Org, *, clock: Clock) -> Outside:
    """The channels that the settings name. Nothing is connected yet. Raises BadSetting."""
    known = settings.environment
    mail_url = known.url("MAIL_URL", "smtp://127.0.0.1:8025" if settings.is_embedded else None)
    sms_url = known.url("SMS_URL", "catcher:" if settings.is_embedded else None)
    sender = known.text("MAIL_FROM", org.email)
    where = _catcher_is(settings)
    catcher = start_catcher(settings, mail_url, clock=clock) if where != "no" else None
    lines = known.integer("NOTIFY_MAIL_LINES", 1 if settings.database_url.startswith("sqlite") else 2, low=1, high=16)
    try:
        mails = tuple(
            Mail(
                mail_url,
                sender=sender,
                look_up=catcher.mailbox.has if catcher else None,
                port=catcher.listening_port if catcher and where == "here" else None,
            )
            for _ in range(lines)
        )
        if sms_url.startswith("catcher:"):
            if catcher is None:
                raise BadSetting("SMS_URL is catcher:, but there is no catcher; set CATCHER=yes or name a gateway")
            texts: Caught | Smpp = Caught(catcher.take_text, catcher.mailbox.has)
        else:
            name = known.text("SMS_SENDER", texting.fold(org.texts["short_name"]["vi"])[:11])
            texts = Smpp(sms_url, sender=name, system_type=known.text("SMS_SYSTEM_TYPE", "-").removeprefix("-"))
    except (ValueError, BadAddress) as problem:
        raise BadSetting(f"MAIL_URL, MAIL_FROM or SMS_URL: {problem}") from None
    return Outside(mails, texts, catcher, where == "here")


def _catcher_is(settings: Settings) -> str:
    """Where the catcher is: here, elsewhere (another process has it, and its file is ours to read), no."""
    default = "yes" if settings.is_embedded else "no"
    if settings.environment.text("CATCHER", default) == "elsewhere":
        return "elsewhere"
    return "here" if settings.environment.flag("CATCHER", settings.is_embedded) else "no"


def start_catcher(settings: Settings, mail_url: str, *, clock: Clock) -> Catcher:
    """The catcher with its mailbox, at the port that MAIL_URL names; it listens once it is started or first used."""
    relay = urlsplit(mail_url)
    if relay.hostname not in {"127.0.0.1", "localhost"}:
        raise BadSetting("with CATCHER on, MAIL_URL must name this machine, such as smtp://127.0.0.1:8025")
    file = settings.environment.path("CATCHER_FILE", settings.files_dir.parent / "outside.sqlite")
    return Catcher(Mailbox(file, clock), host="127.0.0.1", port=relay.port or 0)


# ---- all together


def build(settings: Settings, *, clock: Clock) -> Service:
    """The postman, ready to run."""
    org = read_org(settings.config_dir / "org.yaml")
    book = load_book(settings.config_dir / "letters", public_url=settings.public_url)
    desk = Desk(rules=book.rules, letters=book.letters, office=office_of(org), public_url=settings.public_url)
    outside = open_outside(settings, org, clock=clock)
    database = room.open_database(settings, store.metadata, clock=clock)
    catcher = outside.catcher
    app: Flask = web.make(settings, database, catcher.mailbox if catcher else None)
    return Service(
        settings=settings,
        database=database,
        app=app,
        hears=HEARS,
        reactions={event: Together(partial(react, book)) for event, react in reactions.REACTIONS.items()},
        loops=loops_of(settings, database, desk, outside),
        on_start=(catcher.open,) if catcher and outside.is_here else (),
        on_stop=(catcher.stop,) if catcher and outside.is_here else (),
    )


def loops_of(settings: Settings, database: Database, desk: Desk, outside: Outside) -> tuple[Loop, ...]:
    """One dispatcher for each line, and the reaper."""
    owner = f"{socket.gethostname()[:32]}:{os.getpid()}:{time.monotonic_ns() % 10**9}"
    lease_s = float(settings.environment.integer("NOTIFY_LEASE_S", 300, low=5, high=3600))
    batch = settings.environment.integer("NOTIFY_BATCH", BATCH, low=1, high=100)
    channels: list[Outlet] = [*outside.mails, outside.texts]
    dispatchers = [
        Dispatcher(
            database,
            desk,
            channel,
            name=f"send-{channel.name}-{n}",
            owner=owner,
            lease_s=lease_s,
            batch=batch,
            is_woken=channel in (outside.mails[0], outside.texts),
        )
        for n, channel in enumerate(channels)
    ]
    asked: dict[str, Channel] = {channel.name: channel for channel in channels}
    reaper = Reaper(database, desk, asked, only_owner=owner if settings.is_embedded else None)
    return (*dispatchers, reaper)


def wsgi() -> Flask:
    """For a production server's worker process."""
    return room.wsgi_of(build, "notify")


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(room.main(build, "notify"))
