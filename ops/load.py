"""A plain HTTP client for measurements: few instructions a request, so that what is measured is the server."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Measured:
    """What came of a load."""

    statuses: dict[int, int] = field(default_factory=dict)
    latencies_s: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies_s) / self.seconds if self.seconds else 0.0


def post_json(
    url: str,
    make: Callable[[int], dict[str, object]],
    *,
    count: int,
    connections: int,
    rate: float | None = None,
    told: Callable[[int], None] | None = None,
) -> Measured:
    """POST `count` documents over so many connections, as fast as they are answered or at `rate` a second.

    `told` hears the number of each document when its answer has come.
    """
    return asyncio.run(_post_all(url, make, count, connections, rate, told))


async def _post_all(
    url: str,
    make: Callable[[int], dict[str, object]],
    count: int,
    connections: int,
    rate: float | None,
    told: Callable[[int], None] | None,
) -> Measured:
    measured, numbers = Measured(), iter(range(count))
    start = time.perf_counter()

    async def work() -> None:
        where = urlsplit(url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        for n in numbers:
            if rate:
                await asyncio.sleep(max(0.0, start + n / rate - time.perf_counter()))
            body = json.dumps(make(n), ensure_ascii=False).encode()
            head = (
                f"POST {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            began = time.perf_counter()
            writer.write(head.encode() + body)
            status, _ = await _answer(reader)
            measured.latencies_s.append(time.perf_counter() - began)
            measured.statuses[status] = measured.statuses.get(status, 0) + 1
            if told:
                told(n)
        writer.close()

    await asyncio.gather(*(work() for _ in range(connections)))
    measured.seconds = time.perf_counter() - start
    return measured


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    if "transfer-encoding: chunked" in head:
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
        return status, body
    length = next((int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
    return status, await reader.readexactly(length)


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
