"""What the running product says of itself: log lines bound to a request, figures for a monitor; no personal data."""

import logging
import re
import sys
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any, TextIO, TypeVar

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    start_http_server,
)

from shared.ids import ordered_id

METRICS_TYPE = CONTENT_TYPE_LATEST
_PERSONAL = (
    "name full_name phone email mail address text body words content answer password token secret pin "
    "code subject_line cookie authorization session contact petitioner"
)
PERSONAL = frozenset(_PERSONAL.split())
"""Names of log fields whose values are never written: a line outlives an erasure."""

_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_Metric = TypeVar("_Metric", Counter, Gauge, Histogram)

log: structlog.stdlib.BoundLogger = structlog.get_logger("lang-nghe")


def configure(log_format: str, *, stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send every log line, ours and the libraries', through one form: `json` for machines, `console` for people."""
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        without_personal_data,
    ]
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    last: list[Any]
    if log_format == "json":
        # Without the values of variables: a traceback must not carry what a citizen wrote.
        frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        last = [structlog.processors.ExceptionRenderer(frames), structlog.processors.JSONRenderer(ensure_ascii=False)]
    else:
        plain = structlog.dev.plain_traceback
        last = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, on_one_line, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("werkzeug", "waitress.queue", "alembic", "PIL", "amqp", "pika"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def without_personal_data(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A careless field is masked, so that one mistake in a log call does not become a leak."""
    for name in line:
        if name in PERSONAL:
            line[name] = "…"
    return line


def on_one_line(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Control characters in a value cannot begin a forged line."""
    for name, value in line.items():
        if isinstance(value, str) and name != "exception":
            line[name] = _CONTROL.sub("␤", value)
    return line


def bind_request(asked: str | None, **fields: str) -> str:
    """Begin one request's lines: the gateway's id when it is well-formed, a fresh one otherwise. Returns it."""
    correlation = asked if asked and _WELL_FORMED.fullmatch(asked) else str(ordered_id())
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(correlation_id=correlation, **fields)
    return correlation


def request_correlation() -> str:
    """The id that binds the traces of this request together; empty outside of one."""
    return str(structlog.contextvars.get_contextvars().get("correlation_id") or "")


def counter(name: str, words: str, labels: Sequence[str] = ()) -> Counter:
    """A count that only grows. Asking twice gives the same one."""
    return _once(Counter, name, words, labels)


def gauge(name: str, words: str, labels: Sequence[str] = ()) -> Gauge:
    """A value that goes up and down. Asking twice gives the same one."""
    return _once(Gauge, name, words, labels)


def histogram(name: str, words: str, labels: Sequence[str] = (), *, buckets: Sequence[float] = ()) -> Histogram:
    """How values are spread; seconds unless the name says otherwise. Asking twice gives the same one."""
    return _once(Histogram, name, words, labels, **({"buckets": tuple(buckets)} if buckets else {}))


def exposition(registry: CollectorRegistry = REGISTRY) -> bytes:
    """All figures of this process as a monitor reads them. Source: Prometheus text format 0.0.4."""
    return generate_latest(registry)


def serve(port: int) -> Callable[[], None]:
    """Show the figures on a port of their own, for a process without pages; 0 shows none. Returns how to stop."""
    if not port:
        return lambda: None
    server, thread = start_http_server(port)

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join(timeout=2)

    return stop


_made: dict[str, Counter | Gauge | Histogram] = {}


def _once(kind: type[_Metric], name: str, words: str, labels: Sequence[str], **options: Any) -> _Metric:
    # Several services live in one embedded process and ask for the same figure.
    made = _made.get(name)
    if made is None:
        made = _made[name] = kind(name, words, tuple(labels), **options)
    if not isinstance(made, kind):
        raise ValueError(f"{name} is already a {type(made).__name__}")
    return made


HTTP_REQUESTS = counter("http_requests_total", "Requests answered", ["service", "method", "route", "status"])
HTTP_SECONDS = histogram("http_request_seconds", "Time to answer a request", ["service", "route"])
