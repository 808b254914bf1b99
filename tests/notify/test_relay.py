"""Every way in which a mail relay can fail has its own name, since each needs something else done."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.notify.channels.catcher import CUT, Catcher, Mailbox, Reply
from services.notify.channels.mail import MOST_PER_CONNECTION, Mail
from services.notify.domain.outcome import Outcome, Prepared, Result
from shared.clock import MovableClock

MESSAGE = Prepared("anh@example.vn", b"Message-ID: <x@example.vn>\r\n\r\n.a\r\n..b\r\n", "sha")


@pytest.fixture(params=[("PIPELINING",), ()], ids=["commands ahead", "one by one"])
def relay(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Catcher]:
    mailbox = Mailbox(tmp_path / "outside.sqlite", MovableClock(datetime(2026, 11, 23, tzinfo=UTC)))
    catcher = Catcher(mailbox, offers=request.param)
    catcher.start()
    yield catcher
    catcher.stop()
    mailbox.close()


@pytest.fixture
def line(relay: Catcher) -> Iterator[Mail]:
    channel = Mail("smtp://127.0.0.1:0", sender="lang-nghe@example.vn", port=lambda: relay.port)
    yield channel
    channel.close()


def send(line: Mail, message: Prepared = MESSAGE, *, seconds: float = 20) -> Outcome:
    return line.send(message, ref="x", seconds=seconds)


@pytest.mark.parametrize(
    ("moment", "reply", "result", "phase"),
    [
        ("BANNER", "554 5.3.2 no service", Result.TRANSIENT, "connect"),
        ("BANNER", "421 4.3.2 shutting down", Result.TRANSIENT, "connect"),
        ("BANNER", CUT, Result.TRANSIENT, "connect"),
        ("EHLO", CUT, Result.TRANSIENT, "connect"),
        ("MAIL", "421 4.7.0 too many", Result.TRANSIENT, "mail"),
        ("MAIL", "452 4.3.1 after so many mails", Result.THROTTLED, "mail"),
        ("MAIL", "550 5.7.1 relaying denied", Result.TRANSIENT, "mail"),
        ("MAIL", CUT, Result.TRANSIENT, "mail"),
        ("RCPT", "450 4.2.0 greylisted", Result.TRANSIENT, "rcpt"),
        ("RCPT", "550 5.1.1 no such user", Result.BAD_RECIPIENT, "rcpt"),
        ("RCPT", "550 no such user", Result.BAD_RECIPIENT, "rcpt"),
        ("RCPT", "550 5.7.1 policy", Result.BAD_CONTENT, "rcpt"),
        ("RCPT", "552 5.2.2 mailbox full", Result.TRANSIENT, "rcpt"),
        ("RCPT", CUT, Result.TRANSIENT, "rcpt"),
        ("DATA", "451 4.3.0 later", Result.TRANSIENT, "data"),
        ("DATA", "554 5.5.1 no valid recipients", Result.BAD_CONTENT, "data"),
        ("DATA", CUT, Result.TRANSIENT, "data"),
        ("DOT", "451 4.3.0 later", Result.TRANSIENT, "dot"),
        ("DOT", "421 4.3.2 shutting down", Result.TRANSIENT, "dot"),
        ("DOT", "554 5.7.1 spam", Result.BAD_CONTENT, "dot"),
        ("DOT", "552 5.3.4 too big", Result.BAD_CONTENT, "dot"),
        ("DOT", "550 5.1.1 no such user after all", Result.BAD_RECIPIENT, "dot"),
        ("DOT", CUT, Result.AMBIGUOUS, "dot"),
        ("TAKEN", CUT, Result.AMBIGUOUS, "dot"),
    ],
)
def test_each_failure_has_its_name_and_the_next_message_goes_through(
    relay: Catcher, line: Mail, moment: str, reply: Any, result: Result, phase: str
) -> None:
    said = Reply(reply) if isinstance(reply, str) else reply
    relay.script = lambda now, _: said if now == moment else None

    outcome = send(line)
    relay.script = None
    after = send(line)

    assert (outcome.result, outcome.phase) == (result, phase)
    assert after.result is Result.ACCEPTED
    assert relay.mailbox.count() == (2 if moment == "TAKEN" else 1)


def test_a_relay_that_takes_the_text_though_it_refused_the_address_gets_an_empty_one(
    relay: Catcher, line: Mail
) -> None:
    said = {"RCPT": Reply("450 4.2.0 greylisted"), "DATA": Reply("354 go on")}
    relay.script = lambda now, _: said.get(now)

    outcome = send(line)
    relay.script = None
    after = send(line)

    assert (outcome.result, outcome.phase, outcome.code) == (Result.TRANSIENT, "rcpt", "450")
    assert after.result is Result.ACCEPTED
    assert [arrival.content for arrival in relay.mailbox.newest()] == [MESSAGE.data]
    assert relay.connections == 2  # the first is the server's own, when it begins


def test_a_refusal_counts_although_the_line_is_cut_right_after_it(relay: Catcher, line: Mail) -> None:
    said = {"RCPT": Reply("550 5.1.1 no such user"), "DATA": CUT, "RSET": CUT}
    relay.script = lambda now, _: said.get(now)

    outcome = send(line)
    relay.script = None
    after = send(line)

    assert (outcome.result, outcome.phase, outcome.code) == (Result.BAD_RECIPIENT, "rcpt", "550")
    assert after.result is Result.ACCEPTED


@pytest.mark.parametrize(
    ("moment", "result"),
    [("MAIL", Result.TRANSIENT), ("DATA", Result.TRANSIENT), ("DOT", Result.AMBIGUOUS), ("TAKEN", Result.AMBIGUOUS)],
)
def test_a_silent_relay_is_left_before_the_lease_ends(relay: Catcher, line: Mail, moment: str, result: Result) -> None:
    relay.script = lambda now, _: Reply(after_s=5) if now == moment else None

    begun = time.monotonic()
    outcome = send(line, seconds=0.5)

    assert outcome.result is result
    assert time.monotonic() - begun < 2


def test_a_relay_that_answers_a_letter_a_second_is_left_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def dribble() -> None:
            talk, _ = server.accept()
            with talk:
                talk.sendall(b"220 x\r\n")
                talk.recv(100)
                talk.sendall(b"250 x\r\n")
                talk.recv(100)
                try:
                    for _ in range(40):
                        talk.sendall(b"2")
                        time.sleep(0.1)
                except OSError:
                    pass

        thread = threading.Thread(target=dribble)
        thread.start()
        line = Mail("smtp://127.0.0.1:0", sender="a@example.vn", port=lambda: server.getsockname()[1])
        begun = time.monotonic()

        outcome = send(line, seconds=1)

        assert outcome.result is Result.TRANSIENT
        assert time.monotonic() - begun < 2
        thread.join()


def test_the_text_arrives_to_the_byte_with_its_dots(relay: Catcher, line: Mail) -> None:
    send(line)

    assert relay.mailbox.newest()[0].content == MESSAGE.data


def test_one_connection_serves_many_messages_but_not_too_many(relay: Catcher, line: Mail) -> None:
    before = relay.connections

    for _ in range(MOST_PER_CONNECTION + 1):
        assert send(line).result is Result.ACCEPTED

    assert relay.connections - before == 2


def test_a_line_that_the_relay_closed_while_it_was_idle_is_opened_again(relay: Catcher, line: Mail) -> None:
    send(line)
    calls: list[str] = []

    def cut_once(now: str, _: str) -> Reply | None:
        if now == "MAIL" and not calls:
            calls.append(now)
            return CUT
        return None

    relay.script = cut_once
    outcome = send(line)

    assert outcome.result is Result.ACCEPTED
    assert relay.mailbox.count() == 2


def test_a_relay_elsewhere_must_offer_a_secure_line_unless_it_is_said_that_it_need_not(relay: Catcher) -> None:
    host = "127.0.0.2"  # also this machine, under a name that is not taken for it
    elsewhere = Catcher(relay.mailbox, host=host)
    elsewhere.start()
    strict = Mail(f"smtp://{host}:{elsewhere.port}", sender="a@example.vn")
    closed_network = Mail(f"smtp://{host}:{elsewhere.port}?tls=no", sender="a@example.vn")

    refused, taken = send(strict), send(closed_network)

    assert (refused.result, refused.words) == (Result.TRANSIENT, "no STARTTLS")
    assert taken.result is Result.ACCEPTED
    assert relay.mailbox.count() == 1
    elsewhere.stop()


def test_a_relay_whose_certificate_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = Mail("smtps://127.0.0.1:1", sender="a@example.vn", port=lambda: server.getsockname()[1])

        def answer() -> None:
            talk, _ = server.accept()
            with talk:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                with contextlib.suppress(OSError, ssl.SSLError):
                    context.wrap_socket(talk, server_side=True)

        thread = threading.Thread(target=answer)
        thread.start()

        assert send(line, seconds=5).result is Result.TRANSIENT
        thread.join()


@pytest.mark.parametrize("url", ["http://a.vn", "smtp:", "smtp://"])
def test_an_address_of_no_relay_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="mail relay"):
        Mail(url, sender="a@example.vn")
