"""Asking an address that somebody outside gave us, without being made to ask our own machines.

The name is looked up once; what it means is checked and that very address is asked, so a name that means something
else a moment later gains nothing. No redirects, few ports, an end in time and size.
Source: OWASP, Server Side Request Forgery Prevention; RFC 6890 (special-purpose addresses).
"""

import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from http.client import HTTPException
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from shared.settings import BadSetting, Environment

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

URL_AT_MOST = 800  # characters
CONNECT_S = 4.0
CHUNK = 65536
AGENT = "lang-nghe"

_SPECIAL = tuple(  # beside what is private: translators to other addresses, which would reach ours for us
    ip_network(one)
    for one in (
        *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "fec0::/10"),
        *("192.0.0.0/24", "192.88.99.0/24"),
    )
)


class FetchRefused(Exception):
    """An address that we do not ask, or an answer that we do not read. `problem` names the reason."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class FetchFailed(Exception):
    """There was no answer, this time. `problem` names the reason."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True)
class Reach:
    """Where we may go: everywhere that is public, by these ports, and into these networks of our own."""

    ports: frozenset[int] = frozenset({80, 443})
    networks: tuple[Network, ...] = ()
    is_https_only: bool = False


@dataclass(frozen=True)
class Target:
    """An address that was looked up and may be asked."""

    is_https: bool
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]  # what the name meant when it was looked up


@dataclass(frozen=True)
class Fetched:
    """An answer. `body` is cut where no more was wanted."""

    status: int
    body: bytes
    retry_after_s: int | None = None


def read_reach(environment: Environment) -> Reach:
    """Where the settings let us go. Raises BadSetting."""
    networks, ports = environment.text("OUTGOING_NETWORKS", "-"), environment.text("OUTGOING_PORTS", "80,443")
    try:
        found = tuple(ip_network(one.strip()) for one in networks.split(",") if one.strip() not in {"", "-"})
        numbers = frozenset(int(one) for one in ports.split(","))
    except ValueError as problem:
        raise BadSetting(f"OUTGOING_NETWORKS, OUTGOING_PORTS: {problem}") from None
    return Reach(numbers, found)


def read_webhook_reach(environment: Environment) -> Reach:
    """Where webhooks may go: the same, by https unless the settings say otherwise. Raises BadSetting."""
    return replace(read_reach(environment), is_https_only=environment.flag("WEBHOOK_HTTPS_ONLY", True))


def is_public(address: Address) -> bool:
    """Whether an address is of the world outside: no machine of ours, no neighbour, no cloud's own service."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.scope_id is not None:
            return False
    if any(address in network for network in _SPECIAL if network.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def check_address(url: str, reach: Reach) -> tuple[bool, str, int, str]:
    """Whether it is https, host, port and path of an address that may be looked up. Raises FetchRefused."""
    if len(url) > URL_AT_MOST or not url.isascii() or any(ord(one) <= 32 or ord(one) == 127 for one in url):
        raise FetchRefused("malformed")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise FetchRefused("malformed") from None
    if parts.scheme not in {"http", "https"} or (reach.is_https_only and parts.scheme != "https"):
        raise FetchRefused("scheme")
    if not host or parts.username is not None or parts.password is not None or "\\" in url or "%" in host:
        raise FetchRefused("malformed")
    port = port or (443 if parts.scheme == "https" else 80)
    if port not in reach.ports:
        raise FetchRefused("port")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme == "https", host, port, path


def look_up(url: str, reach: Reach) -> Target:
    """The address with what its name means now: refused when any of that is not public.

    Raises FetchRefused, FetchFailed.
    """
    is_https, host, port, path = check_address(url, reach)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FetchFailed("unknown_host") from None
    addresses = tuple(dict.fromkeys(str(one[4][0]) for one in found))
    if not addresses:
        raise FetchFailed("unknown_host")
    for one in addresses:
        _must_be_allowed(one, reach)
    return Target(is_https, host, port, path, tuple(sorted(addresses, key=lambda one: ":" in one)))


def _must_be_allowed(written: str, reach: Reach) -> None:
    try:
        address = ip_address(written)
    except ValueError:
        raise FetchRefused("private_address") from None
    plain = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
    if any(plain in network for network in reach.networks if network.version == plain.version):
        return
    if not is_public(address):
        raise FetchRefused("private_address")


def fetch(
    url: str,
    reach: Reach,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = 10.0,
    most_bytes: int = 4096,
    is_cut: bool = False,
) -> Fetched:
    """Ask an address, and be done after `seconds` whatever the other side does. A redirect is an answer like any.

    `is_cut`: of a longer body the beginning is enough; else it is refused.
    Raises FetchRefused, FetchFailed.
    """
    target, end = look_up(url, reach), time.monotonic() + seconds
    asked = {"Host": _named(target), "User-Agent": AGENT, "Accept-Encoding": "identity", **(headers or {})}
    for address in target.addresses[:-1]:
        try:
            return _ask(target, address, method, body, asked, end, most_bytes, is_cut)
        except FetchFailed as failed:
            if failed.problem != "unreachable":
                raise
    return _ask(target, target.addresses[-1], method, body, asked, end, most_bytes, is_cut)


def _ask(
    target: Target,
    address: str,
    method: str,
    body: bytes | None,
    headers: Mapping[str, str],
    end: float,
    most_bytes: int,
    is_cut: bool,
) -> Fetched:
    left_s = end - time.monotonic()
    if left_s <= 0:
        raise FetchFailed("timeout")
    connection = _connection(target, address, min(CONNECT_S, left_s))
    is_late = threading.Event()
    try:
        try:
            connection.connect()
        except (OSError, urllib3.exceptions.HTTPError) as problem:
            raise FetchFailed(_why(problem)) from None
        # A timeout of sockets counts from byte to byte; who sends one a second would hold us for ever.
        guard = threading.Timer(max(0.05, end - time.monotonic()), _cut_off, (connection.sock, is_late))
        guard.daemon = True
        guard.start()
        try:
            connection.request(method, target.path, body=body, headers=headers, preload_content=False)
            answer = connection.getresponse()
            data = answer.read(most_bytes + 1, decode_content=False)
            status, waits = answer.status, answer.headers.get("Retry-After", "")
        finally:
            guard.cancel()
    except (OSError, ValueError, HTTPException, urllib3.exceptions.HTTPError) as problem:
        raise FetchFailed("timeout" if is_late.is_set() else _why(problem)) from None
    finally:
        connection.close()
    if is_late.is_set():
        raise FetchFailed("timeout")
    if len(data) > most_bytes and not is_cut:
        raise FetchRefused("too_large")
    return Fetched(status, data[:most_bytes], int(waits) if waits.isdecimal() and len(waits) < 8 else None)


def _connection(target: Target, address: str, timeout_s: float) -> Any:
    if not target.is_https:
        return HTTPConnection(address, target.port, timeout=timeout_s)
    return HTTPSConnection(
        address,
        target.port,
        timeout=timeout_s,
        ssl_context=_trust(),
        server_hostname=target.host,
        assert_hostname=target.host,
    )


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _named(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == (443 if target.is_https else 80) else f"{host}:{target.port}"


def _cut_off(line: Any, is_late: threading.Event) -> None:
    is_late.set()
    try:
        line.shutdown(socket.SHUT_RDWR)
    except (OSError, AttributeError):
        return


def _why(problem: Exception) -> str:
    if isinstance(problem, ConnectionRefusedError | urllib3.exceptions.NewConnectionError):
        return "unreachable"
    if isinstance(problem, TimeoutError | urllib3.exceptions.TimeoutError):
        return "timeout"
    if isinstance(problem, ssl.SSLError | urllib3.exceptions.SSLError):
        return "certificate"
    return "broken"
