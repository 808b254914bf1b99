"""The world outside, for laptops and tests: a real SMTP server and its twin for SMS, whose mailbox is a page.

What arrives is kept in a file of its own, each arrival counted, so a message that came twice is seen twice. It can be
told to refuse, to be slow or to cut the line, before or after it has taken a message.
"""

import asyncio
import logging
import socket
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from services.notify.domain.outcome import Outcome, Result
from shared.clock import Clock

MOODS = ("normal", "refuse", "busy", "slow", "cut", "cut_after")
"""How the catcher behaves: as it should; 550 to every address; 451 after the text; some seconds late; the line cut
before it took a message; cut after it took one and before it said so."""

SLOW_S = 3.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS arrival (
  id INTEGER PRIMARY KEY, channel TEXT NOT NULL, ref TEXT NOT NULL, sender TEXT NOT NULL, recipient TEXT NOT NULL,
  content BLOB NOT NULL, arrived_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS arrival_ref ON arrival (ref);
CREATE TABLE IF NOT EXISTS mood (channel TEXT PRIMARY KEY, mood TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Arrival:
    """One message as it arrived. `times` counts how often this one came in all; more than once is a fault of ours."""

    id: int
    channel: str
    ref: str
    sender: str
    recipient: str
    content: bytes
    arrived_at: datetime
    times: int = 1

    @property
    def letter(self) -> EmailMessage:
        """An e-mail, read by another program than the one that built it."""
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def subject(self) -> str:
        return str(self.letter["Subject"] or "") if self.channel == "email" else ""

    @property
    def text(self) -> str:
        """The plain text."""
        if self.channel == "sms":
            return self.content.decode()
        body = self.letter.get_body(("plain",))
        return str(body.get_content()).replace("\r\n", "\n") if body is not None else ""


class Mailbox:
    """Everything that arrived, in a file: it survives restarts and kills."""

    def __init__(self, file: Path, clock: Clock) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._clock, self._turn = clock, threading.Lock()
        self._sqlite = sqlite3.connect(file, check_same_thread=False, isolation_level=None, timeout=10)
        self._sqlite.execute("PRAGMA journal_mode=WAL")
        self._sqlite.execute("PRAGMA synchronous=NORMAL")
        self._sqlite.executescript(_SCHEMA)
        self._moods: dict[str, str] = {}
        self._moods_of = -1  # the version of the file that they were read from

    def put(self, *, channel: str, ref: str, sender: str, recipient: str, content: bytes) -> None:
        """Take a message in. Every arrival is a row of its own."""
        self._ask(
            "INSERT INTO arrival (channel, ref, sender, recipient, content, arrived_at) VALUES (?, ?, ?, ?, ?, ?)",
            (channel, ref, sender, recipient, content, self._clock.now().isoformat()),
        )

    def has(self, ref: str) -> bool:
        """Whether a message with this reference has arrived: the books that are asked after a crash."""
        return bool(self._ask("SELECT 1 FROM arrival WHERE ref = ? LIMIT 1", (ref,)))

    def newest(self, *, most: int = 50, before: int | None = None) -> list[Arrival]:
        """The last arrivals, newest first."""
        return self._arrivals(
            "WHERE (:before IS NULL OR id < :before) ORDER BY id DESC LIMIT :most",
            {"before": before, "most": most},
        )

    def find(self, arrival_id: int) -> Arrival | None:
        return next(iter(self._arrivals("WHERE id = :id", {"id": arrival_id})), None)

    def count(self) -> int:
        return int(self._ask("SELECT count(*) FROM arrival")[0][0])

    def mood(self, channel: str) -> str:
        version = self._ask("PRAGMA data_version")[0][0]  # rises when another process wrote
        if version != self._moods_of:
            self._moods, self._moods_of = dict(self._ask("SELECT channel, mood FROM mood")), version
        return str(self._moods.get(channel, "normal"))

    def set_mood(self, channel: str, mood: str) -> None:
        """From now on behave like this. Raises ValueError for an unknown mood."""
        if mood not in MOODS or channel not in {"email", "sms"}:
            raise ValueError(f"there is no mood {mood!r} for {channel!r}")
        self._ask("INSERT OR REPLACE INTO mood (channel, mood) VALUES (?, ?)", (channel, mood))
        self._moods[channel] = mood

    def close(self) -> None:
        with self._turn:
            self._sqlite.close()

    def _arrivals(self, rest: str, values: dict[str, Any]) -> list[Arrival]:
        rows = self._ask(
            "SELECT id, channel, ref, sender, recipient, content, arrived_at, "
            f"(SELECT count(*) FROM arrival AS twin WHERE twin.ref = arrival.ref) FROM arrival {rest}",
            values,
        )
        return [
            Arrival(
                id=row[0],
                channel=row[1],
                ref=row[2],
                sender=row[3],
                recipient=row[4],
                content=row[5],
                arrived_at=datetime.fromisoformat(row[6]),
                times=row[7],
            )
            for row in rows
        ]

    def _ask(self, statement: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        with self._turn:
            return self._sqlite.execute(statement, values).fetchall()


@dataclass(frozen=True)
class Reply:
    """What the server does at one moment of the talk: say something, after a while, or end the talk without a word."""

    words: str = ""
    after_s: float = 0.0
    is_cut: bool = False


CUT = Reply(is_cut=True)
Script = Callable[[str, str], Reply | None]
"""(moment, argument) → what to do instead of the usual, or None. Moments: BANNER EHLO MAIL RCPT RSET NOOP, DATA (before
the text), DOT (the text is here and not yet taken), TAKEN (it is taken, and not yet answered)."""


class Catcher:
    """The SMTP server and its twin for SMS, with their mailbox."""

    def __init__(
        self,
        mailbox: Mailbox,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        script: Script | None = None,
        offers: Sequence[str] = ("PIPELINING",),
    ) -> None:
        """Port 0: any that is free. A script overrides the moods. `offers`: extensions of SMTP."""
        self.mailbox, self.host, self._wanted_port = mailbox, host, port
        self.script, self.offers = script, offers
        self._controller: Controller | None = None
        self.port = port
        self.connections = 0
        self._starting, self._was_started = threading.Lock(), False

    def listening_port(self) -> int:
        """The port to send to; the first to ask makes it listen, if nobody started it."""
        self.open()
        return self.port

    def open(self) -> None:
        """Start, unless it was started before."""
        with self._starting:
            if not self._was_started:
                self.start()

    def start(self) -> None:
        """Listen. When the port is taken, listen on another one: the mailbox's address is asked of us anyway."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # it would write addresses into our log
        try:
            self._listen(self._wanted_port)
        except OSError:
            self._listen(0)

    def _listen(self, port: int) -> None:
        self._was_started = True
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((self.host, port))
            port = probe.getsockname()[1]
        self._controller = _Controller(self, hostname=self.host, port=port, ready_timeout=10)
        self._controller.start()
        self.port = port

    def stop(self) -> None:
        """Listen no more; the mailbox stays open."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def at(self, moment: str, argument: str = "") -> Reply | None:
        """What to do at this moment of an SMTP talk."""
        if self.script is not None:
            return self.script(moment, argument)
        return _MOOD_REPLIES.get((self.mailbox.mood("email"), moment)) if moment in _MOODY else None

    def take_text(self, ref: str, recipient: str, content: bytes) -> Outcome:
        """An SMS comes in."""
        mood = self.mailbox.mood("sms")
        if mood == "refuse":
            return Outcome(result=Result.BAD_RECIPIENT, phase="submit", code="0x0B", words="invalid destination")
        if mood == "busy":
            return Outcome(result=Result.TRANSIENT, phase="submit", code="0x08", words="system error")
        if mood == "cut":
            return Outcome(result=Result.TRANSIENT, phase="bind", code="cut", is_connection_error=True)
        self.mailbox.put(channel="sms", ref=ref, sender="", recipient=recipient, content=content)
        if mood == "cut_after":
            return Outcome(result=Result.AMBIGUOUS, phase="submit", code="cut", is_connection_error=True)
        return Outcome(result=Result.ACCEPTED, phase="submit", code="0x00")


_MOODY = {"BANNER", "RCPT", "DOT", "TAKEN"}
_MOOD_REPLIES = {
    ("refuse", "RCPT"): Reply("550 5.1.1 There is nobody of that name here"),
    ("busy", "DOT"): Reply("451 4.3.0 Try again later"),
    ("slow", "DOT"): Reply(after_s=SLOW_S),
    ("cut", "BANNER"): CUT,
    ("cut_after", "TAKEN"): CUT,
}


class _Controller(Controller):
    def __init__(self, catcher: Catcher, **options: Any) -> None:
        self._catcher = catcher
        super().__init__(_Handler(catcher), **options)

    def factory(self) -> SMTP:
        return _Server(self._catcher, self.handler, hostname="catcher.localhost", ident="Catcher", loop=self.loop)


class _Server(SMTP):
    """The library's server, with a moment before each of its answers at which the script may step in."""

    def __init__(self, catcher: Catcher, handler: Any, **options: Any) -> None:
        super().__init__(handler, **options)
        self._catcher = catcher
        self._moment, self._argument = "BANNER", ""
        catcher.connections += 1

    async def push(self, status: Any) -> None:
        moment, self._moment = self._moment, ""
        if moment:
            reply = await self._act(moment, self._argument)
            if reply is not None:
                status = reply
        await super().push(status)

    async def _act(self, moment: str, argument: str) -> str | None:
        """Do what the script says. Returns the words to say instead; does not return when the talk ends here."""
        reply = self._catcher.at(moment, argument)
        if reply is None:
            return None
        if reply.after_s:
            await asyncio.sleep(reply.after_s)
        if reply.is_cut:
            if self.transport is not None:
                cast(asyncio.Transport, self.transport).abort()
            raise asyncio.CancelledError
        return reply.words or None

    async def smtp_EHLO(self, hostname: str) -> None:
        self._moment, self._argument = "EHLO", hostname or ""
        await super().smtp_EHLO(hostname)

    async def smtp_NOOP(self, arg: str) -> None:
        self._moment = "NOOP"
        await super().smtp_NOOP(arg)

    async def smtp_RSET(self, arg: str) -> None:
        self._moment = "RSET"
        await super().smtp_RSET(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        words = await self._act("MAIL", arg or "")
        if words is not None:
            await super().push(words)
            return
        await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        words = await self._act("RCPT", arg or "")
        if words is not None:
            await super().push(words)
            return
        await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        words = await self._act("DATA", "")
        if words is not None:
            await super().push(words)
            return
        await super().smtp_DATA(arg)


class _Handler:
    def __init__(self, catcher: Catcher) -> None:
        self._catcher = catcher

    async def handle_EHLO(
        self, server: _Server, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        *before, last = responses
        return [*before, *(f"250-{offer}" for offer in self._catcher.offers), last]

    async def handle_DATA(self, server: _Server, session: Any, envelope: Any) -> str:
        words = await server._act("DOT", "")
        if words is not None:
            return words
        content = bytes(envelope.original_content)
        self._catcher.mailbox.put(
            channel="email",
            ref=_message_id(content),
            sender=str(envelope.mail_from),
            recipient=str(envelope.rcpt_tos[0]),
            content=content,
        )
        return await server._act("TAKEN", "") or "250 2.0.0 Taken"


def _message_id(content: bytes) -> str:
    head, _, _ = content.partition(b"\r\n\r\n")
    for row in head.split(b"\r\n"):
        if row.lower().startswith(b"message-id:"):
            return row.split(b":", 1)[1].strip().decode("ascii", "replace")
    return ""
