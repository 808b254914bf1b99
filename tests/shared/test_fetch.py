"""An address from outside is asked in the public network only, once looked up, and never for long."""

import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.fetch import FetchFailed, FetchRefused, Reach, check_address, fetch, is_public, look_up, read_reach
from shared.settings import BadSetting, Environment
from tests.receiver import Receiver, listening

PUBLIC = ("8.8.8.8", "1.1.1.1", "203.162.4.190", "2606:4700:4700::1111", "::ffff:8.8.8.8")
PRIVATE = (
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "169.254.0.1", "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "203.0.113.1"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.88.99.1", "100.100.100.200"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1"),
    *("fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
    *("64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001::1", "2001:db8::1", "100::1"),
)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_world_outside_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", PRIVATE)
def test_nothing_of_ours_is_public(address: str) -> None:
    assert not is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_address_within_another_is_as_public_as_that_one(address: Any) -> None:
    assert is_public(ip_address(f"::ffff:{address}")) == is_public(address)
    assert not is_public(ip_address((0x64FF9B << 96) | int(address)))
    assert not is_public(ip_address((0x2002 << 112) | (int(address) << 80)))


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("file:///etc/passwd", "scheme"),
        ("gopher://example.vn/", "scheme"),
        ("ftp://example.vn/", "scheme"),
        ("//example.vn/", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("http:///x", "malformed"),
        ("http://", "malformed"),
        ("http://user@example.vn/", "malformed"),
        ("http://user:pass@example.vn/", "malformed"),
        ("http://:@example.vn/", "malformed"),
        ("http://example.vn\\@10.0.0.1/", "malformed"),
        ("http://example.vn/a b", "malformed"),
        ("http://example.vn/\r\nHost: x", "malformed"),
        ("http://exam\u200bple.vn/", "malformed"),
        ("http://[::1/", "malformed"),
        ("http://[fe80::1%25eth0]/", "malformed"),
        ("http://example.vn:99999/", "malformed"),
        ("http://example.vn:22/", "port"),
        ("http://example.vn:6379/", "port"),
        ("https://example.vn:25/", "port"),
        ("http://example.vn/" + "x" * 800, "malformed"),
    ],
)
def test_an_address_that_makes_no_sense_is_not_looked_up(url: str, problem: str) -> None:
    with pytest.raises(FetchRefused) as refused:
        check_address(url, Reach())

    assert refused.value.problem == problem


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: tuple[str, ...]) -> list[str]:
    """From now on names mean these addresses, each time the next ones. Returns what was asked for."""
    asked: list[str] = []

    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *more: Any, **named: Any) -> list[Any]:
        if host[0].isdigit():
            return real(host, port, *more, **named)
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        families = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in found]
        return [(family, 1, 6, "", (one, port)) for family, one in zip(families, found, strict=True)]

    monkeypatch.setattr("shared.fetch.socket.getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("address", [one for one in PRIVATE if "%" not in one])
def test_a_name_of_a_private_address_is_not_asked(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolving(monkeypatch, (address,))

    with pytest.raises(FetchRefused, match="private_address"):
        look_up("http://innocent.example.vn/", Reach())


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, ("8.8.8.8", "10.0.0.1"))

    with pytest.raises(FetchRefused, match="private_address"):
        look_up("http://innocent.example.vn/", Reach())


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "[::1]"])
def test_this_machine_is_not_asked_however_it_is_written(host: str) -> None:
    with pytest.raises((FetchRefused, FetchFailed)) as refused:
        fetch(f"http://{host}/", Reach())

    assert refused.value.problem in {"private_address", "unknown_host"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


def reach_of(receiver: Receiver) -> Reach:
    return Reach(frozenset({receiver.port}), (ip_network("127.0.0.0/8"),))


def test_the_address_that_was_checked_is_the_one_that_is_asked(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    asked = resolving(monkeypatch, ("127.0.0.1",), ("10.0.0.1",), ("169.254.169.254",))

    answer = fetch(f"http://rebinding.example.vn:{receiver.port}/x?y=1", reach_of(receiver))

    assert answer.status == 204
    assert asked == ["rebinding.example.vn"]
    assert receiver.got[0][0]["host"] == f"rebinding.example.vn:{receiver.port}"


def test_a_redirect_is_an_answer_and_not_followed(receiver: Receiver) -> None:
    receiver.status, receiver.headers = 302, {"Location": "http://169.254.169.254/latest/meta-data"}

    assert fetch(receiver.url, reach_of(receiver)).status == 302
    assert len(receiver.got) == 1


def test_more_than_was_wanted_is_refused_or_cut(receiver: Receiver) -> None:
    receiver.status, receiver.body = 200, b"x" * 5000

    with pytest.raises(FetchRefused, match="too_large"):
        fetch(receiver.url, reach_of(receiver), most_bytes=4000)
    assert fetch(receiver.url, reach_of(receiver), most_bytes=4000, is_cut=True).body == b"x" * 4000
    assert fetch(receiver.url, reach_of(receiver), most_bytes=5000).body == receiver.body


def test_a_body_that_would_grow_when_unpacked_comes_as_it_is(receiver: Receiver) -> None:
    receiver.status, receiver.body, receiver.headers = 200, b"\x1f\x8bpacked", {"Content-Encoding": "gzip"}

    assert fetch(receiver.url, reach_of(receiver)).body == receiver.body
    assert receiver.got[0][0]["accept-encoding"] == "identity"


def drip(handler: BaseHTTPRequestHandler) -> None:
    """One byte now and then, for ever."""
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            handler.wfile.write(b"X")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        return


def test_who_sends_byte_by_byte_does_not_hold_us(receiver: Receiver) -> None:
    receiver.act = drip
    began = time.monotonic()

    with pytest.raises(FetchFailed, match="timeout"):
        fetch(receiver.url, reach_of(receiver), seconds=0.4)
    assert time.monotonic() - began < 5


def test_a_line_that_breaks_and_one_that_nobody_answers_have_names(receiver: Receiver) -> None:
    receiver.act = lambda handler: handler.connection.close()
    with pytest.raises(FetchFailed):
        fetch(receiver.url, reach_of(receiver), seconds=3)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(FetchFailed, match="unreachable"):
        fetch(f"http://127.0.0.1:{port}/", Reach(frozenset({port}), (ip_network("127.0.0.1/32"),)))


@pytest.mark.parametrize("said", [b"hello\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200])
def test_an_answer_that_is_no_http_is_a_broken_line(receiver: Receiver, said: bytes) -> None:
    receiver.act = lambda handler: handler.wfile.write(said)

    with pytest.raises(FetchFailed, match="broken"):
        fetch(receiver.url, reach_of(receiver), seconds=3)


def test_a_plain_answer_where_a_secure_one_was_asked_for_is_none(receiver: Receiver) -> None:
    with pytest.raises(FetchFailed):
        fetch(receiver.url.replace("http:", "https:"), reach_of(receiver), seconds=3)


def test_settings_say_where_we_may_go() -> None:
    usual = read_reach(Environment({}))
    ours = read_reach(Environment({"OUTGOING_NETWORKS": "10.20.0.0/16, fd00::/8", "OUTGOING_PORTS": "443,8443"}))

    assert (usual.ports, usual.networks) == (frozenset({80, 443}), ())
    assert ours == Reach(frozenset({443, 8443}), (ip_network("10.20.0.0/16"), ip_network("fd00::/8")))
    for wrong in ({"OUTGOING_PORTS": "http"}, {"OUTGOING_NETWORKS": "10.0.0.1/8"}):
        with pytest.raises(BadSetting):
            read_reach(Environment(wrong))
