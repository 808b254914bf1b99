"""What protects a page in the browser: its headers, and the refusal of changes that another site's page asked for."""

import gzip
import secrets
from collections.abc import Callable
from functools import wraps
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import ParamSpec

from flask import Response, g, make_response, request
from flask.typing import ResponseReturnValue

OPEN = ("/api/", "/open311/")
"""Addresses of programs at the door, where no cookie counts."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
P = ParamSpec("P")

PERMISSIONS = "geolocation=(self), camera=(), microphone=(), payment=(), usb=(), browsing-topics=()"
YEAR_S = 31_536_000
LANGUAGE_FROM = ("Accept-Language", "Cookie")  # what a cache must not mix up
LEAST_WORTH_SQUEEZING = 1200  # bytes: below, it fits one packet anyway


class ForeignRequest(Exception):
    """A change was asked for by a page that is not ours."""


def nonce() -> str:
    """This page's pass for its own scripts."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def refuse_foreign(public_url: str, *, is_open_api: bool) -> None:
    """Let a change through when our own page asks, or no browser does. Raises ForeignRequest.

    Source: Fetch Metadata Request Headers; OWASP CSRF prevention, origin check.
    """
    if request.method in SAFE_METHODS or (is_open_api and request.path.startswith(OPEN)):
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site == "same-origin":
        return
    if site not in {None, "none"}:
        raise ForeignRequest(f"asked from {site}")
    origin = request.headers.get("Origin")
    if origin is not None and origin not in {request.host_url.rstrip("/"), public_url}:
        raise ForeignRequest("asked from another origin")


def allow_pictures(origin: str) -> None:
    """Let this one page show pictures of one other host, such as the tiles of a map."""
    g.pictures_from = origin


def protect(response: Response, *, is_https: bool, is_private: bool) -> Response:
    """Headers of every answer; a view's own choice stays."""
    headers = response.headers
    policy = [
        "default-src 'self'",
        f"script-src 'self' 'nonce-{nonce()}'",
        "style-src 'self'",
        f"img-src 'self' data: blob: {g.get('pictures_from', '')}".rstrip(),
        "object-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    if is_https:
        policy.append("upgrade-insecure-requests")
        headers.setdefault("Strict-Transport-Security", f"max-age={YEAR_S}; includeSubDomains")
    headers.setdefault("Content-Security-Policy", "; ".join(policy))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", PERMISSIONS)
    is_for_all = "public" in headers.get("Cache-Control", "")
    if g.get("is_private") or (is_private and not is_for_all):
        headers["Cache-Control"] = "no-store"
    elif "Cache-Control" not in headers:
        headers["Cache-Control"] = "private, no-cache"
    if response.mimetype == "text/html":
        response.vary.update(LANGUAGE_FROM)
    return response


def squeeze(response: Response) -> Response:
    """A page for a slow line: a third of its bytes. Only where nothing secret stands beside what somebody typed.

    Source: the BREACH attack; so never on staff pages and never on private ones.
    """
    is_plain = response.status_code == 200 and response.mimetype == "text/html" and not response.is_streamed
    if not is_plain or g.get("is_private") or "no-store" in response.headers.get("Cache-Control", ""):
        return response
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if request.accept_encodings.quality("gzip") > 0 and len(body) > LEAST_WORTH_SQUEEZING:
        response.set_data(gzip.compress(body, 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        if "ETag" in response.headers:
            response.set_etag(response.get_etag()[0] or "", weak=True)
    return response


def private(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """A page that no cache may keep: it shows what belongs to one person."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        g.is_private = True
        return view(*args, **kwargs)

    return guarded


def cacheable(seconds: int) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """A page for everybody, kept this long by caches and asked for again by its ETag."""

    def wrap(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def kept(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            response = make_response(view(*args, **kwargs))
            if response.status_code == 200:
                response.headers["Cache-Control"] = f"public, max-age={seconds}"
                response.vary.update(LANGUAGE_FROM)
                response.add_etag()
                response.make_conditional(request)
            return response

        return kept

    return wrap


def client_address() -> str:
    """Who asks, for counting: an IPv4 address, or an IPv6 network of 64 bits, which is one household."""
    address = _remote()
    if isinstance(address, IPv6Address):
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address or "unknown")


def client_network() -> str:
    """From whose network: 24 bits of an IPv4 address, 48 of an IPv6 one. Telephones of one company share it."""
    address = _remote()
    if isinstance(address, IPv6Address):
        return f"{IPv6Address(int(address) >> 80 << 80)}/48"
    return f"{IPv4Address(int(address) >> 8 << 8)}/24" if address else "unknown"


def _remote() -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
