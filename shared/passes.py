"""Passes: what one service lets a member of staff do at another, signed, for a short while and for one use.

The services ask each other nothing, so the pass says all there is to know and who reads it needs the issuer's public
key only. That it is used once is the reader's business: it remembers the nonces it has seen.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from shared.keys import KeyRing

COOKIE = "ln-pass"
ENTRANCE = "/gui/tai-quay"
"""Where the door takes a pass: the cookie goes there and nowhere else."""

LIVES = timedelta(minutes=30)
CLOCKS_DIFFER = timedelta(minutes=1)
LONGEST = 2000  # characters
_DOMAIN = b"pass/v1\x00"  # what is signed as a pass is signed as nothing else


class PassRefused(Exception):
    """This is no pass for us. `reason`: malformed, forged, foreign, expired."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the pass is {reason}")
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Pass:
    """Who may do what, where, until when."""

    audience: str  # the service that it opens
    person: str  # u:…
    unit: str | None
    channel: str  # counter, phone, letter: one petition; survey: answers that were given on paper or in words
    expires_at: datetime
    nonce: str


def write_pass(keys: KeyRing, given: Pass) -> str:
    """A pass as text, signed in the name of the service whose keys these are."""
    body = msgspec.json.encode(given)
    return f"{_b64u(body)}.{_b64u(keys.sign(_signed(keys.service, body)))}"


def read_pass(keys: KeyRing, text: str, *, issuer: str, now: datetime) -> Pass:
    """The pass that `issuer` signed for the service whose keys these are. Raises PassRefused."""
    body, _, signature = text[:LONGEST].partition(".")
    try:
        raw, signed = _from_b64u(body), _from_b64u(signature)
    except (ValueError, binascii.Error):
        raise PassRefused("malformed") from None
    if not keys.verify(issuer, _signed(issuer, raw), signed):
        raise PassRefused("forged")
    try:
        given = msgspec.json.decode(raw, type=Pass)
    except msgspec.DecodeError:
        raise PassRefused("malformed") from None
    if given.audience != keys.service:
        raise PassRefused("foreign")
    if not now < given.expires_at <= now + LIVES + CLOCKS_DIFFER:
        raise PassRefused("expired")
    return given


def _signed(issuer: str, body: bytes) -> bytes:
    return _DOMAIN + issuer.encode() + b"\x00" + body


def _b64u(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _from_b64u(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii", "replace") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
