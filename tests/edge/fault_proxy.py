"""A TCP proxy before a real server that misbehaves on demand: slow, silent, cut in the middle, refusing."""

import asyncio
import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

PASS, BLACK_HOLE, HALF_OPEN, REFUSE = "pass", "black hole", "half open", "refuse"


class FaultProxy:
    """`with FaultProxy(host, port) as proxy:` then connect to `proxy.port`; faults may change any time."""

    def __init__(self, host: str, port: int) -> None:
        self.port = 0
        self.mode = PASS  # HALF_OPEN: what the client says arrives, what the server says does not
        self.latency_s = 0.0
        self.rate: int | None = None  # bytes per second
        self.cut_after: int | None = None  # bytes from the client until both ends are reset, once
        self._target = (host, port)
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fault proxy", daemon=True)

    @classmethod
    def before(cls, url: str, *, default_port: int) -> "FaultProxy":
        """A proxy before the server that a URL names."""
        parts = urlsplit(url)
        return cls(parts.hostname or "127.0.0.1", parts.port or default_port)

    def url(self, url: str) -> str:
        """The same URL, but through this proxy."""
        parts = urlsplit(url)
        user, at, _ = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{user}{at}127.0.0.1:{self.port}").geturl()

    def reset(self) -> None:
        """Cut every open connection with RST."""
        self._loop.call_soon_threadsafe(self._reset_all)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._reset_all()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def _reset_all(self) -> None:
        for writer in list(self._open):
            _reset(writer)

    async def _connected(self, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        if self.mode == REFUSE:
            _reset(client_out)
            return
        try:
            server_in, server_out = await asyncio.open_connection(*self._target)
        except OSError:
            _reset(client_out)
            return
        self._open |= {client_out, server_out}
        try:
            await asyncio.gather(
                self._pump(client_in, server_out, is_upward=True),
                self._pump(server_in, client_out, is_upward=False),
            )
        finally:
            self._open -= {client_out, server_out}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_upward: bool) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                while self.mode == BLACK_HOLE or (self.mode == HALF_OPEN and not is_upward):
                    await asyncio.sleep(0.02)
                await asyncio.sleep(self.latency_s + (len(data) / self.rate if self.rate else 0))
                if is_upward and self.cut_after is not None:
                    self.cut_after -= len(data)
                    if self.cut_after < 0:
                        self.cut_after = None
                        writer.write(data[: len(data) // 2])
                        await writer.drain()
                        self._reset_all()
                        return
                writer.write(data)
                await writer.drain()
        writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError):  # lingering for no time means RST
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
