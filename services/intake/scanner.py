"""The virus scanner: ClamAV's daemon, asked over its own protocol.

Source: clamd(8), commands, INSTREAM.
"""

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.settings import BadSetting

CHUNK = 64 * 1024  # bytes
TIMEOUT_S = 20.0
ANSWER_AT_MOST = 4096  # bytes


class ScannerDown(Exception):
    """The scanner gave no verdict: it is away, busy, or wants no file of this size."""


@dataclass(frozen=True)
class Scanner:
    """Where the daemon listens."""

    address: str | tuple[str, int]  # path of a socket, or host and port

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
        try:
            answer = self._ask(data)
        except OSError as problem:
            raise ScannerDown(str(problem)) from None
        said = answer.removeprefix("stream: ")
        if said == "OK":
            return ""
        if said.endswith(" FOUND"):
            return said.removesuffix(" FOUND")
        raise ScannerDown(answer or "no answer")

    def _ask(self, data: bytes) -> str:
        family = socket.AF_UNIX if isinstance(self.address, str) else None
        if family is None:
            line = socket.create_connection(self.address, TIMEOUT_S)  # type: ignore[arg-type]
        else:
            line = socket.socket(family, socket.SOCK_STREAM)
        with line:
            line.settimeout(TIMEOUT_S)
            if family is not None:
                line.connect(self.address)
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), CHUNK):
                chunk = data[start : start + CHUNK]
                line.sendall(len(chunk).to_bytes(4) + chunk)
            line.sendall(bytes(4))
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < ANSWER_AT_MOST and (more := line.recv(1024)):
                answer += more
        return answer.rstrip(b"\0").decode("utf-8", "replace").strip()
