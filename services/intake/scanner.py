"""The virus scanner: ClamAV's daemon, asked over its own protocol.

Source: clamd(8), commands, INSTREAM.
"""

import socket
import time
from urllib.parse import urlsplit

from shared.settings import BadSetting

CHUNK = 64 * 1024  # bytes
SECONDS = 5.0
"""So long a whole question may take: somebody waits for the page meanwhile."""
REST_S = 30.0
"""So long a scanner that did not answer is not asked again."""
ANSWER_AT_MOST = 4096  # bytes


class ScannerDown(Exception):
    """The scanner gave no verdict: it is away, busy, or wants no file of this size."""


class Scanner:
    """The daemon at an address: the path of a socket, or host and port."""

    def __init__(self, address: str | tuple[str, int], *, seconds: float = SECONDS) -> None:
        self._address, self._seconds = address, seconds
        self._away_until = 0.0  # monotonic seconds

    @classmethod
    def at(cls, url: str) -> "Scanner | None":
        """The scanner of a setting, `tcp://host:3310` or `unix:/path`; none for an empty one. Raises BadSetting."""
        if not url:
            return None
        parts = urlsplit(url)
        try:
            if parts.scheme == "tcp" and parts.hostname:
                return cls((parts.hostname, parts.port or 3310))
        except ValueError:
            pass
        if parts.scheme == "unix" and parts.path.startswith("/"):
            return cls(parts.path)
        raise BadSetting(f"CLAMD_URL must be tcp://host:3310 or unix:/path; it is {url!r}")

    def finds_in(self, data: bytes) -> str:
        """The name of what was found in it; empty when it is clean. Raises ScannerDown."""
        if time.monotonic() < self._away_until:
            raise ScannerDown("it did not answer a moment ago")
        try:
            answer = self._ask(data)
        except OSError as problem:
            self._away_until = time.monotonic() + REST_S
            raise ScannerDown(str(problem)) from None
        said = answer.removeprefix("stream: ")
        if said == "OK":
            return ""
        if said.endswith(" FOUND"):
            return said.removesuffix(" FOUND")
        raise ScannerDown(answer or "no answer")

    def _ask(self, data: bytes) -> str:
        """Raises OSError, also when the time is over."""
        end = time.monotonic() + self._seconds
        if isinstance(self._address, str):
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        else:
            line = socket.create_connection(self._address, self._seconds)
        with line:
            _give(line, until=end)
            if isinstance(self._address, str):
                line.connect(self._address)
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), CHUNK):
                chunk = data[start : start + CHUNK]
                _give(line, until=end)
                line.sendall(len(chunk).to_bytes(4) + chunk)
            line.sendall(bytes(4))
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < ANSWER_AT_MOST:
                _give(line, until=end)
                more = line.recv(1024)
                if not more:
                    break
                answer += more
        return answer.rstrip(b"\0").decode("utf-8", "replace").strip()


def _give(line: socket.socket, *, until: float) -> None:
    """What is left of the time, to the next step. Raises TimeoutError."""
    left_s = until - time.monotonic()
    if left_s <= 0:
        raise TimeoutError("no answer in time")
    line.settimeout(left_s)
