"""What opens a petition besides its code: a link with 128 bits in it, or a few digits that the citizen knows.

Both follow from a key of the house, so a receipt asked for twice is the same receipt, and the database holds
neither of them.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable

PIN_DIGITS = 6


def house_key(sign: Callable[[bytes], bytes]) -> bytes:
    """The key that links and PINs follow from. Ed25519 signs alike each time, and nobody else can sign for the door."""
    return hashlib.sha256(sign(b"intake/links/v1\0")).digest()


def link_token(key: bytes, once: str) -> str:
    """The secret of the petition that was filed with this idempotency key: 26 small letters and digits, 128 bits.

    Base32, because SMS networks do not carry "_" safely. Source: RFC 4648, section 6.
    """
    return base64.b32encode(_keyed(key, "link", once)[:16]).decode().rstrip("=").lower()


def hashed(token: str) -> bytes:
    """What the database keeps of a link token."""
    return hashlib.sha256(token.encode()).digest()


def pin_of(token: str) -> str:
    """The PIN printed on the receipt of somebody who left no telephone number."""
    number = int.from_bytes(hashlib.sha256(b"pin/" + token.encode()).digest()[:8])
    return f"{number % 10**PIN_DIGITS:0{PIN_DIGITS}}"


def digits_check(key: bytes, code: str, digits: str) -> bytes:
    """What the database keeps of a PIN, or of the last four digits of a telephone number."""
    return _keyed(key, "digits", f"{code}/{digits}")[:16]


def address_key(key: bytes, address: str) -> bytes:
    """What the database finds an address by: nobody without the key learns from it whose it is."""
    return _keyed(key, "address", address)[:16]


def check_code(token: str) -> str:
    """Six digits to be typed, that follow from a secret."""
    return f"{int.from_bytes(hashlib.sha256(b'check/' + token.encode()).digest()[:8]) % 10**6:06}"


def unsubscribe_mark(petition: str, token_hash: bytes) -> str:
    """What a link to be told of less ends in. It follows from the link that opens the petition, and opens nothing."""
    mark = hashlib.sha256(f"unsubscribe/{petition}/{token_hash.hex()}".encode()).digest()[:16]
    return base64.b32encode(mark).decode().rstrip("=").lower()


def is_same(kept: bytes | None, shown: bytes) -> bool:
    """Whether the digits are right, in the same time whether there is such a petition or not."""
    return hmac.compare_digest(kept or bytes(len(shown)), shown) and kept is not None


def _keyed(key: bytes, purpose: str, value: str) -> bytes:
    return hmac.digest(key, f"{purpose}\0{value}".encode(), "sha256")
