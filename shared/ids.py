"""Identifiers: random where they are printed, ordered by time where a database has to keep millions of them."""

import os
import time
from uuid import UUID


def ordered_id() -> UUID:
    """A fresh UUID of version 7, so that new rows land at the end of an index.

    Source: RFC 9562, section 5.7.
    """
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
