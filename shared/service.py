"""What every service is made of, and its command line: `web`, `worker`, `migrate`."""

import gc
import importlib
import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog
from flask import Flask
from sqlalchemy import MetaData
from sqlalchemy.exc import OperationalError

from shared import inbox as inbox_room
from shared import migrate, outbox, telemetry
from shared.bus import Consumer, NotConfirmed, open_publisher
from shared.clock import Clock, SystemClock
from shared.config import BadConfig
from shared.db import Database
from shared.events.base import Event
from shared.events.codec import Codec
from shared.feed import Feed, HttpFeed, LocalFeed, serve_feed
from shared.inbox import Inbox, Reaction
from shared.keys import BadKeys, KeyRing
from shared.relay import Relay
from shared.settings import BadSetting, Settings, read_settings
from shared.wake import Waker

log = structlog.get_logger(__name__)


class Loop(Protocol):
    """Something that has to be done again and again, by looking: a missed turn does no harm."""

    name: str
    idle_s: float  # how long to wait when there was nothing to do
    # Only who has something to send has `linger_s` too: a commit wakes it, and it lets so many seconds of companions
    # gather. It does all there is to do in one turn. Fifty commits a second would keep all others from resting.

    def once(self) -> int:
        """Do what is due now. Returns how many things were done; never sleeps."""
        ...


@dataclass(frozen=True)
class Service:
    """One service, put together."""

    settings: Settings
    database: Database
    app: Flask
    hears: tuple[str, ...] = ()
    reactions: Mapping[type[Event], Reaction] | None = (
        None  # None: it takes events in by itself, with a loop of its own
    )
    linger_s: float = 0.05  # how long companions of an event may gather: a batch costs little more than one of them
    loops: tuple[Loop, ...] = ()
    on_start: tuple[Callable[[], None], ...] = ()
    on_stop: tuple[Callable[[], None], ...] = ()

    @property
    def name(self) -> str:
        return self.settings.service

    @property
    def keys(self) -> KeyRing:
        return self.database.codec.keys


Build = Callable[..., Service]


def open_keys(settings: Settings) -> KeyRing:
    """The keys of this service. Raises BadKeys."""
    return KeyRing.load(settings.keys_dir, settings.service)


def open_database(settings: Settings, metadata: MetaData, *, clock: Clock) -> Database:
    """A service's database, with the tables of outbox and inbox beside its own."""
    outbox.add_tables(metadata)
    inbox_room.add_tables(metadata)
    if settings.database_url.startswith("sqlite:///"):
        Path(settings.database_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    size = settings.environment.integer("DATABASE_POOL", 8, low=1, high=200)
    return Database(settings.database_url, metadata, codec=Codec(open_keys(settings)), clock=clock, pool_size=size)


# ---- the loops that every worker has


class Ear:
    """Takes from the queue into the inbox."""

    name, idle_s = "ear", 0.0

    def __init__(self, consumer: Consumer, *, wait_s: float) -> None:
        self._consumer, self._wait_s = consumer, wait_s

    def once(self, *, wait_s: float | None = None) -> int:
        return self._consumer.once(wait_s=self._wait_s if wait_s is None else wait_s)

    def close(self) -> None:
        self._consumer.close()


class Retry:
    """Tries again what failed, when its time has come."""

    name, idle_s = "retry", 1.0

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def once(self) -> int:
        return self._inbox.retry_due()


class Repair:
    """Pulls from the feeds what the broker lost."""

    name = "repair"

    def __init__(self, inbox: Inbox, feeds: Mapping[str, Feed], *, idle_s: float) -> None:
        self._inbox, self._feeds, self.idle_s = inbox, feeds, idle_s

    def once(self) -> int:
        return self._inbox.reconcile(self._feeds, idle_s=self.idle_s)


def feeds_of(service: Service) -> dict[str, Feed]:
    """The feeds of the others, over HTTP."""
    settings = service.settings
    return {source: HttpFeed(settings.feed_of(source), settings.feed_token) for source in service.hears}


def plumbing(service: Service, feeds: Mapping[str, Feed], *, wait_s: float, repair_s: float) -> list[Loop]:
    """Relay, ear, retry and repair of one service."""
    relay = Relay(service.database, service.keys, open_publisher(service.settings.broker_url))
    loops: list[Loop] = [relay]
    if service.reactions is not None and service.hears:
        inbox = inbox_of(service)
        consumer = Consumer(
            service.settings.broker_url, service.name, service.hears, inbox.take, linger_s=service.linger_s
        )
        loops += [Ear(consumer, wait_s=wait_s), Retry(inbox), Repair(inbox, feeds, idle_s=repair_s)]
    return loops


def loops_of(service: Service, feeds: Mapping[str, Feed], *, wait_s: float, repair_s: float = 5.0) -> list[Loop]:
    """All loops of a service. One that takes events in by itself gets the feeds it may pull from."""
    for loop in service.loops:
        own_feeds = getattr(loop, "feeds", None)
        if own_feeds is not None:
            own_feeds.update(feeds)
    return [*plumbing(service, feeds, wait_s=wait_s, repair_s=repair_s), *service.loops]


def inbox_of(service: Service) -> Inbox:
    """The inbox of a service that has reactions."""
    return Inbox(service.database, service.keys, hears=service.hears, reactions=service.reactions or {})


# ---- running


class Runner:
    """Runs loops, each in a thread of its own, until it is told to stop."""

    def __init__(self, service: str, loops: Sequence[Loop], waker: Waker) -> None:
        self._service, self._loops, self._waker = service, loops, waker
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        for loop in self._loops:
            thread = threading.Thread(target=self._run, args=(loop,), name=f"{self._service}:{loop.name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def _run(self, loop: Loop) -> None:
        linger_s, failures = getattr(loop, "linger_s", None), 0
        wake = self._stop if linger_s is None else self._waker.bell()
        while not self._stop.is_set():
            if linger_s is not None:
                wake.clear()
            try:
                count = loop.once()
                failures = 0
            except Exception as problem:
                failures += 1
                count = 0
                if not self._stop.is_set():
                    quiet = isinstance(problem, NotConfirmed) or (
                        failures > 1 and isinstance(problem, OperationalError | OSError)
                    )
                    log.warning(
                        "loop failed",
                        loop=loop.name,
                        service=self._service,
                        failures=failures,
                        problem=str(problem)[:300],
                        exc_info=not quiet,
                    )
                    self._stop.wait(min(0.2 * 2**failures, 10) * random.uniform(0.7, 1.3))
            if self._stop.is_set():
                return
            if linger_s is not None:
                if wake.wait(loop.idle_s):
                    self._stop.wait(linger_s)
            elif not count and loop.idle_s:
                wake.wait(loop.idle_s)

    def stop(self, patience_s: float = 10) -> None:
        """End all loops: each finishes what it is doing."""
        self._stop.set()
        self._waker.ring()
        for thread in self._threads:
            thread.join(patience_s)
        for loop in self._loops:
            close = getattr(loop, "close", None)
            if close is not None:
                close()


def _worker(service: Service) -> int:
    waker = Waker(service.database)
    waker.listen()
    runner = Runner(service.name, loops_of(service, feeds_of(service), wait_s=0.5), waker)
    for start in service.on_start:
        start()
    runner.start()
    log.info("worker started", service=service.name)
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    health = telemetry.serve(service.settings.environment.integer("METRICS_PORT", 9000, low=0, high=65535))
    stop.wait()
    runner.stop()
    health()
    for end in service.on_stop:
        end()
    service.database.close()
    return 0


def _web(service_name: str, settings: Settings) -> int:
    from granian.constants import Interfaces
    from granian.server import Server

    server = Server(
        f"services.{service_name}.__main__:wsgi",
        address=settings.environment.text("BIND", "0.0.0.0"),
        port=settings.environment.integer("PORT", 8000, low=1, high=65535),
        interface=Interfaces.WSGI,
        workers=settings.environment.integer("WEB_WORKERS", 2, low=1, high=64),
        blocking_threads=settings.environment.integer("WEB_THREADS", 8, low=1, high=256),
        factory=True,
        respawn_failed_workers=True,
        log_access=False,
    )
    server.serve()
    return 0


def wsgi_of(build: Build, service_name: str) -> Flask:
    """The pages of one service as a WSGI application, for a production server's worker process."""
    settings = read_settings(service_name, os.environ)
    telemetry.configure(settings.log_format)
    service = build(settings, clock=SystemClock())
    Waker(service.database).tell_others()
    serve_feed(service.app, LocalFeed(service.database, service.keys), settings.feed_token)
    gc.freeze()  # what was built for good is not searched for garbage, which kept single pages waiting
    return service.app


def migrations_of(service_name: str) -> Path:
    package = importlib.import_module(f"services.{service_name}")
    assert package.__file__
    return Path(package.__file__).parent / "migrations"


def main(build: Build, service_name: str, argv: Sequence[str] | None = None) -> int:
    """The command line of a service. Returns the exit code; a bad setting is one clear line and 2."""
    words = list(sys.argv[1:] if argv is None else argv)
    if len(words) != 1 or words[0] not in {"web", "worker", "migrate"}:
        print(f"usage: python -m services.{service_name} web|worker|migrate", file=sys.stderr)
        return 2
    try:
        settings = read_settings(service_name, os.environ)
        telemetry.configure(settings.log_format)
        if words[0] == "migrate":
            database = build(settings, clock=SystemClock()).database
            migrate.upgrade(database.engine, migrations_of(service_name))
            return 0
        service = build(settings, clock=SystemClock())
        _must_answer(service)
        if words[0] == "web":
            service.database.close()
            return _web(service_name, settings)
        return _worker(service)
    except (BadSetting, BadKeys, BadConfig) as problem:
        print(f"{service_name}: {problem}", file=sys.stderr)
        return 2


def _must_answer(service: Service) -> None:
    """Raises BadSetting when the database cannot be reached."""
    try:
        with service.database.reading():
            pass
    except OperationalError as problem:
        reason = str(problem.orig).strip().splitlines()[0]
        raise BadSetting(f"DATABASE_URL: the database does not answer: {reason}") from None
