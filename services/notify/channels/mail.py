"""E-mail by SMTP: bytes built once that survive any decoder, sent by phases so that each failure has its right name.

`smtplib` alone hides the one case that matters: a connection that ends after the final dot may have delivered or not.
"""

import base64
import hashlib
import re
import smtplib
import socket
import ssl
import time
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from services.notify.domain.letter import BadAddress, CannotWrite, Rendered
from services.notify.domain.notice import LOCAL, Notice
from services.notify.domain.outcome import Outcome, Prepared, Result, scrub

CONNECT_S, COMMAND_S, DATA_S = 10.0, 30.0, 120.0
MOST_PER_CONNECTION = 90  # some relays refuse mail 101 of a connection
LONGEST_IDLE_S, CHECK_AFTER_S = 60.0, 10.0

_SIMPLE = re.compile(r"[A-Za-z0-9 ]{0,60}")
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ADDRESS = re.compile(r"[!#-'*+/-9=?A-Z^-~.-]{1,64}@[A-Za-z0-9.-]{1,255}")
_GO_ON = {"mail": (250,), "rcpt": (250, 251), "data": (354,)}
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


class NotOneLine(CannotWrite):
    """A value for a header has a line break or another control character in it."""


class NoSecureLine(Exception):
    """The relay offers no TLS, and nobody said that it need not."""


# ---- building


def one_line(text: str) -> str:
    """The text as it can stand in a header: NFC, single blanks. Raises NotOneLine for whatever could end the line.

    `email.header` would split at every character that `str.splitlines` knows, and drop blanks beside them.
    """
    text = unicodedata.normalize("NFC", text)
    if _FORBIDDEN.search(text):
        raise NotOneLine("control characters in a header")
    return re.sub(r"\s+", " ", text).strip()


def in_line(name: str, text: str, tail: str = "") -> str:
    """The folded value of a header, such that its text survives any decoder; `tail` is ASCII, such as `<address>`.

    Only the standard library's older classes get this right: the newer ones lose or add blanks between encoded words.
    Source: RFC 2047. Raises NotOneLine.
    """
    text = one_line(text)
    header = Header(text, "us-ascii" if _SIMPLE.fullmatch(text) else "utf-8", header_name=name)
    if tail:
        header.append(tail, "us-ascii")
    # The default of 78 would make encoded words longer than the 75 that the standard allows.
    return header.encode(linesep="\r\n", maxlinelen=76)


def plain_address(address: str) -> str:
    """The address in ASCII, as an envelope and a header take it. Raises BadAddress."""
    if _FORBIDDEN.search(address):
        raise BadAddress("control characters in an address")
    if not address.isascii():
        try:
            address = validate_email(address, check_deliverability=False, allow_smtputf8=False).ascii_email or ""
        except EmailNotValidError:
            raise BadAddress("no e-mail address in ASCII") from None
    if not _ADDRESS.fullmatch(address):
        raise BadAddress("no e-mail address")
    return address


def build(
    *,
    notice_id: UUID,
    petition_id: UUID,
    at: datetime,
    words: Rendered,
    sender: str,
    recipient: str,
) -> bytes:
    """One message. The same bytes whenever it is built from the same things.

    Raises NotOneLine, BadAddress. Source: RFC 5322, 2045, 2047; RFC 3834 for the mark that no machine must answer it.
    """
    domain, boundary = sender.rpartition("@")[2], f"=_{notice_id.hex}"
    head = (
        f"Date: {format_datetime(at.astimezone(LOCAL))}",
        f"From: {_from(words.sender, sender)}",
        f"To: {plain_address(recipient)}",
        f"Subject: {in_line('Subject', words.subject)}",
        f"Message-ID: <{notice_id}@{domain}>",
        f"References: <{petition_id.hex}@{domain}>",
        *_unsubscribe(words.unsubscribe),
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"',
    )
    parts = (
        _part(boundary, "plain", words.text.replace("\n", "\r\n")),
        _part(boundary, "html", words.html),
        f"--{boundary}--\r\n",
    )
    return "\r\n".join((*head, "", *parts)).encode("ascii")


def _unsubscribe(link: str) -> tuple[str, ...]:
    """What lets a mail program ask for no more of it with one click. Source: RFC 8058, RFC 2369."""
    return (f"List-Unsubscribe: <{link}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click") if link else ()


@lru_cache(maxsize=8)
def _from(name: str, address: str) -> str:
    return in_line("From", name, f"<{plain_address(address)}>")


def _part(boundary: str, subtype: str, text: str) -> str:
    """One body part. Base64, so no line is longer than 76 and none begins with a dot."""
    body = _base64(text.encode())
    return (
        f"--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{body}"
    )


def _base64(data: bytes) -> str:
    """Base64 in lines of 76 that end with CR LF, the last one too."""
    return base64.encodebytes(data).decode("ascii").replace("\n", "\r\n")


# ---- sending


class Mail:
    """The channel of e-mails: one connection, kept and used again. Not for several threads at once."""

    name = "email"

    def __init__(
        self,
        url: str,
        *,
        sender: str,
        look_up: Callable[[str], bool] | None = None,
        port: Callable[[], int] | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """`url`: smtp://[user:password@]host:port or smtps://…; `look_up` tells whether the relay took a Message-ID.

        Without TLS we speak to this machine alone, or in a closed network to a relay whose address says `?tls=no`.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("the address of a mail relay is smtp://host:port or smtps://host:port")
        self._host, self._is_tls = parts.hostname, parts.scheme == "smtps"
        self._may_be_plain = parts.query == "tls=no" or self._host in {"localhost", "127.0.0.1", "::1"}
        standard = parts.port or (465 if self._is_tls else 587)
        self._port = port or (lambda: standard)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = plain_address(sender)
        self._domain = self._sender.rpartition("@")[2]
        self._look_up, self._context = look_up, context
        self._smtp: smtplib.SMTP | None = None
        self._sent, self._used_at = 0, 0.0
        self.provider = f"smtp:{self._host}:{parts.port or standard}"
        self.can_query = look_up is not None

    def pack(self, notice: Notice, words: Rendered, address: str) -> Prepared:
        """The bytes of a notice. Raises CannotWrite."""
        assert notice.prepared_at is not None
        recipient = plain_address(address)
        data = build(
            notice_id=notice.id,
            petition_id=notice.petition_id,
            at=notice.prepared_at,
            words=words,
            sender=self._sender,
            recipient=recipient,
        )
        return Prepared(address=recipient, data=data, sha256=hashlib.sha256(data).hexdigest())

    def query(self, ref: str) -> bool | None:
        return self._look_up(f"<{ref}@{self._domain}>") if self._look_up else None

    def send(self, message: Prepared, *, ref: str, seconds: float) -> Outcome:
        """One transaction of SMTP. Source: RFC 5321, 4.5.3.2 for the time-outs, 4.2 for the codes; RFC 2920."""
        end = time.monotonic() + seconds
        refusal = self._ready(end)
        if refusal is not None:
            return refusal
        outcome = self._transaction(message, end)
        if outcome.is_connection_error and outcome.phase == "mail" and self._sent:
            # The relay had closed the line while it was idle; nothing of this message has left.
            self._drop()
            refusal = self._ready(end)
            outcome = self._transaction(message, end) if refusal is None else refusal
        return outcome

    def close(self) -> None:
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
            self._drop()

    def _ready(self, end: float) -> Outcome | None:
        """See that there is a line to the relay. Returns what is wrong if there is none."""
        now = time.monotonic()
        if self._smtp is not None and (self._sent >= MOST_PER_CONNECTION or now - self._used_at > LONGEST_IDLE_S):
            self.close()
        if self._smtp is not None and now - self._used_at > CHECK_AFTER_S:
            try:
                self._by(end, COMMAND_S)
                if self._smtp.noop()[0] != 250:
                    self._drop()
            except (OSError, smtplib.SMTPException):
                self._drop()
        if self._smtp is not None:
            return None
        try:
            self._connect(end)
        except smtplib.SMTPResponseException as problem:
            self._drop()
            return _refused("connect", problem.smtp_code, problem.smtp_error, is_connection_error=True)
        except (OSError, smtplib.SMTPException, NoSecureLine) as problem:
            self._drop()
            return _broken("connect", problem)
        return None

    def _connect(self, end: float) -> None:
        timeout_s = max(0.1, min(CONNECT_S, end - time.monotonic()))
        options: dict[str, Any] = {"local_hostname": self._domain, "timeout": timeout_s}
        if self._is_tls:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(context=self._context or ssl.create_default_context(), **options)
        else:
            smtp = smtplib.SMTP(**options)
        self._smtp, self._sent = smtp, 0
        smtp._host = self._host  # type: ignore[attr-defined]  # what starttls() and SMTP_SSL check the certificate against
        code, words = smtp.connect(self._host, self._port())
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        self._guard(end)
        smtp.ehlo_or_helo_if_needed()
        if not self._is_tls and not (self._may_be_plain and not smtp.has_extn("starttls")):
            if not smtp.has_extn("starttls"):
                raise NoSecureLine("no STARTTLS")
            smtp.starttls(context=self._context or ssl.create_default_context())
            self._guard(end)
            smtp.ehlo_or_helo_if_needed()
        if self._user:
            smtp.login(self._user, self._password)

    def _guard(self, end: float) -> None:
        """Read through a file that gives up in time: a time-out of the socket alone begins again with each byte."""
        smtp = self._smtp
        assert smtp is not None
        assert smtp.sock is not None
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.file = _PatientFile(smtp.sock, min(end, time.monotonic() + COMMAND_S))

    def _by(self, end: float, seconds: float) -> None:
        """The next answer must be here within so many seconds, and before the end of the lease."""
        smtp = self._smtp
        assert smtp is not None
        now = time.monotonic()
        until = min(end, now + seconds)
        if isinstance(smtp.file, _PatientFile):
            smtp.file.until = until
        if smtp.sock is not None:
            smtp.sock.settimeout(max(0.05, until - now))

    def _transaction(self, message: Prepared, end: float) -> Outcome:
        smtp = self._smtp
        assert smtp is not None
        commands = {"mail": f"MAIL FROM:<{self._sender}>", "rcpt": f"RCPT TO:<{message.address}>", "data": "DATA"}
        is_pipelined = smtp.has_extn("pipelining")  # then all are said before the first is answered
        phase = "mail"
        try:
            self._by(end, COMMAND_S)
            if is_pipelined:
                smtp.send("".join(f"{command}\r\n" for command in commands.values()))
            for phase, command in commands.items():
                self._by(end, COMMAND_S)
                if not is_pipelined:
                    smtp.putcmd(command)
                code, words = smtp.getreply()
                if code not in _GO_ON[phase]:
                    self._turn_back(phase, code, end, is_pipelined=is_pipelined)
                    return _refused(phase, code, words)
            self._by(end, DATA_S)
            smtp.send(_with_dots_doubled(message.data))
            phase = "dot"  # from here on it may be theirs
            smtp.send(b".\r\n")
            code, words = smtp.getreply()
        except (OSError, smtplib.SMTPException) as problem:
            self._drop()
            return _broken(phase, problem)
        self._sent, self._used_at = self._sent + 1, time.monotonic()
        if code == 250:
            said = words.decode("utf-8", "replace")
            return Outcome(result=Result.ACCEPTED, phase=phase, code="250", enhanced=_enhanced(said), words=scrub(said))
        self._reset(code, end)
        return _refused(phase, code, words)

    def _turn_back(self, phase: str, code: int, end: float, *, is_pipelined: bool) -> None:
        """Leave a transaction that was refused before its text."""
        smtp = self._smtp
        assert smtp is not None
        if phase == "mail":
            self._drop()  # 421, or 452 after so many mails: a new line may do better
            return
        if phase == "rcpt" and is_pipelined:  # DATA was said already: where it is taken, it gets an empty text
            with suppress(OSError, smtplib.SMTPException):
                self._by(end, COMMAND_S)
                if smtp.getreply()[0] == 354:
                    smtp.send(b".\r\n")
                    smtp.getreply()
        self._reset(code, end)

    def _reset(self, code: int, end: float) -> None:
        if code == 421 or self._smtp is None:
            self._drop()
            return
        try:
            self._by(end, COMMAND_S)
            if self._smtp.rset()[0] != 250:
                self._drop()
            self._used_at = time.monotonic()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


class _PatientFile:
    """Reads lines from a socket until an instant (monotonic seconds), however slowly they come."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock, self.until, self._buffer = sock, until, b""

    def readline(self, limit: int = 8193) -> bytes:
        while b"\n" not in self._buffer and len(self._buffer) < limit:
            left_s = self.until - time.monotonic()
            if left_s <= 0:
                raise TimeoutError("the relay did not answer in time")
            self._sock.settimeout(left_s)
            more = self._sock.recv(4096)
            if not more:
                break
            self._buffer += more
        end = self._buffer.find(b"\n") + 1 or len(self._buffer)
        end = min(end, limit)
        found, self._buffer = self._buffer[:end], self._buffer[end:]
        return found

    def close(self) -> None:
        self._buffer = b""


def _with_dots_doubled(data: bytes) -> bytes:
    """Source: RFC 5321, 4.5.2."""
    return (b"\n" + data).replace(b"\n.", b"\n..")[1:]


def _refused(phase: str, code: int, said: bytes | str, *, is_connection_error: bool = False) -> Outcome:
    """What an answer of the relay means for this message. Source: RFC 5321, 4.2.1; RFC 3463."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    enhanced = _enhanced(words)
    result = _meaning(phase, code, enhanced)
    return Outcome(
        result=result,
        phase=phase,
        code=str(code),
        enhanced=enhanced,
        words=scrub(words),
        is_connection_error=is_connection_error or code == 421,
    )


def _enhanced(words: str) -> str:
    found = _ENHANCED.search(words)
    return found[1] if found else ""


_NO_SUCH_ADDRESS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4"})


def _meaning(phase: str, code: int, enhanced: str) -> Result:
    if code == 452 and phase == "mail":
        return Result.THROTTLED
    if code < 500 or phase in {"connect", "mail"} or enhanced == "5.2.2":
        return Result.TRANSIENT  # also a refusal of ourselves, which an operator can mend, and a full mailbox
    if enhanced in _NO_SUCH_ADDRESS or (phase == "rcpt" and not enhanced and code in {550, 551, 553}):
        return Result.BAD_RECIPIENT
    return Result.BAD_CONTENT  # "5.7.1" is policy: it must never kill an address


def _broken(phase: str, problem: Exception) -> Outcome:
    """The line broke: after the dot nobody knows, before it nothing was sent."""
    name = type(problem).__name__
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return Outcome(result=Result.TRANSIENT, phase="connect", code=str(problem.smtp_code), words="sign-in refused",
                       is_connection_error=True)  # fmt: skip
    result = Result.AMBIGUOUS if phase == "dot" else Result.TRANSIENT
    return Outcome(result=result, phase=phase, code=name[:32], words=scrub(str(problem)), is_connection_error=True)
