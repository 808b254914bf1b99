"""A mail server that remembers every arrival, can be switched off, and can be slow: the witness of fault tests."""

import asyncio
import email
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope


@dataclass
class MailSink:
    """Counts the arrivals of each Message-ID. Its port stays the same when it is switched off and on."""

    slow_s: float = 0.0
    arrivals: list[tuple[str, str, float]] = field(default_factory=list)  # Message-ID, recipient, instant (time.time)
    port: int = 0
    _controller: Controller | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
        self._controller = Controller(_Handler(self), hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def keep(self, message_id: str, recipient: str) -> None:
        with self._lock:
            self.arrivals.append((message_id, recipient, time.time()))


class _Handler:
    def __init__(self, sink: MailSink) -> None:
        self._sink = sink

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        if self._sink.slow_s:
            await asyncio.sleep(self._sink.slow_s)
        message = email.message_from_bytes(envelope.original_content or b"")
        self._sink.keep(str(message["Message-ID"]), envelope.rcpt_tos[0])
        return "250 kept"
