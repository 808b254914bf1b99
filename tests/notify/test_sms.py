"""SMS: into the catcher, and to a carrier by SMPP, whose other side is played here by hand-written bytes."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.notify.channels.sms import Smpp, pack
from services.notify.domain.letter import BadAddress, CannotWrite, Rendered
from services.notify.domain.outcome import Outcome, Prepared, Result
from tests.notify.test_notice import a_notice

TEXT = Prepared("+84905123456", b"So GTVT da tiep nhan ho so 7K3M-9HDX.", "sha")
BIND, SUBMIT, ENQUIRE, DELIVER, NACK = 0x09, 0x04, 0x15, 0x05, 0x80000000
REPLY = 0x80000000


class Gateway:
    """A carrier's gateway that answers each command as a script says: (status, body), None for silence, "cut"."""

    def __init__(self) -> None:
        self.answers: Callable[[int], Any] = lambda command: (0, b"12AB\0")
        self.heard: list[tuple[int, bytes]] = []
        self.before_answer = b""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                talk, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(talk,), daemon=True).start()

    def _talk(self, talk: socket.socket) -> None:
        with talk:
            while True:
                head = talk.recv(16, socket.MSG_WAITALL)
                if len(head) < 16:
                    return
                length, command, _, sequence = struct.unpack(">IIII", head)
                body = talk.recv(length - 16, socket.MSG_WAITALL) if length > 16 else b""
                self.heard.append((command, body))
                if command & REPLY:
                    continue
                answer = (
                    (0, b"gateway\0")
                    if command == BIND and self.answers(BIND) == (0, b"12AB\0")
                    else self.answers(command)
                )
                if answer is None:
                    continue
                if answer == "cut":
                    return
                if command == SUBMIT and self.before_answer:
                    talk.sendall(self.before_answer)
                status, words = answer
                talk.sendall(struct.pack(">IIII", 16 + len(words), command | REPLY, status, sequence) + words)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    yield made
    made.close()


@pytest.fixture
def line(gateway: Gateway) -> Iterator[Smpp]:
    channel = Smpp(f"smpp://user:word@127.0.0.1:{gateway.port}", sender="So GTVT")
    yield channel
    channel.close()


def send(line: Smpp, *, seconds: float = 5) -> Outcome:
    return line.send(TEXT, ref="x", seconds=seconds)


def test_a_text_is_taken_with_the_carrier_s_own_reference(gateway: Gateway, line: Smpp) -> None:
    outcome = send(line)
    again = send(line)

    assert (outcome.result, outcome.provider_ref) == (Result.ACCEPTED, "12AB")
    assert again.result is Result.ACCEPTED
    assert [command for command, _ in gateway.heard] == [BIND, SUBMIT, SUBMIT]
    body = gateway.heard[1][1]
    assert TEXT.data in body
    assert b"84905123456\0" in body
    assert b"So GTVT\0" in body


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (0x58, Result.THROTTLED),
        (0x14, Result.THROTTLED),
        (0x08, Result.TRANSIENT),
        (0x64, Result.TRANSIENT),
        (0x0B, Result.BAD_RECIPIENT),
        (0x33, Result.BAD_RECIPIENT),
        (0x66, Result.BAD_CONTENT),
    ],
)
def test_what_the_carrier_says_has_its_meaning_and_the_line_stays(
    gateway: Gateway, line: Smpp, status: int, result: Result
) -> None:
    gateway.answers = lambda command: (status, b"") if command == SUBMIT else (0, b"gateway\0")
    refused = send(line)
    gateway.answers = lambda command: (0, b"12AB\0")

    assert (refused.result, refused.code) == (result, f"0x{status:02X}")
    assert send(line).result is Result.ACCEPTED
    assert [command for command, _ in gateway.heard].count(BIND) == 1


@pytest.mark.parametrize("answer", [None, "cut"])
def test_a_carrier_that_falls_silent_or_away_leaves_it_unclear(gateway: Gateway, line: Smpp, answer: Any) -> None:
    gateway.answers = lambda command: answer if command == SUBMIT else (0, b"gateway\0")

    assert send(line, seconds=0.5).result is Result.AMBIGUOUS
    gateway.answers = lambda command: (0, b"12AB\0")
    assert send(line).result is Result.ACCEPTED


def test_a_refused_sign_in_and_a_dead_gateway_send_nothing(gateway: Gateway, line: Smpp) -> None:
    gateway.answers = lambda command: (0x0E, b"")
    refused = send(line)
    gateway.close()
    dead = Smpp("smpp://user@127.0.0.1:1", sender="x").send(TEXT, ref="x", seconds=1)

    assert (refused.result, refused.phase, refused.code) == (Result.TRANSIENT, "bind", "0x0E")
    assert (dead.result, dead.is_connection_error) == (Result.TRANSIENT, True)
    assert SUBMIT not in [command for command, _ in gateway.heard]


def test_receipts_and_checks_in_between_are_acknowledged(gateway: Gateway, line: Smpp) -> None:
    receipt = b"\0\0\0" + b"84905123456\0" + b"\0\0" + b"x\0" + b"\x04\0\0\0\0\0\0\0\0\x05" + b"id:12"
    deliver = struct.pack(">IIII", 16 + len(receipt), DELIVER, 0, 99) + receipt
    gateway.before_answer = struct.pack(">IIII", 16, ENQUIRE, 0, 77) + deliver

    assert send(line).result is Result.ACCEPTED
    send(line)
    replies = {command for command, _ in gateway.heard if command & REPLY}
    assert replies == {ENQUIRE | REPLY, DELIVER | REPLY}


@pytest.mark.parametrize("address", ["+1 202 555 0100", "0905123456", "+12025550100", "+84abc"])
def test_only_numbers_of_the_country_are_texted(address: str) -> None:
    with pytest.raises(BadAddress):
        pack(a_notice(channel="sms"), Rendered(text="x"), address)


def test_a_text_of_two_parts_is_never_packed() -> None:
    with pytest.raises(CannotWrite):
        pack(a_notice(channel="sms"), Rendered(text="a" * 161), "+84905123456")
    with pytest.raises(CannotWrite):
        pack(a_notice(channel="sms"), Rendered(text="đã"), "+84905123456")


@pytest.mark.parametrize("url", ["smpp://127.0.0.1", "http://user@a.vn"])
def test_an_address_of_no_gateway_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="gateway"):
        Smpp(url, sender="x")
