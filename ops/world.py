"""The embedded world: all five services in one process, each with its own database, talking over the in-process bus."""

import importlib
import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import select

from services.audit import store as audit_store
from services.audit.publish import make_key, origin_of
from shared import migrate
from shared.bus import drop_world
from shared.clock import Clock, SystemClock
from shared.feed import LocalFeed, serve_feed
from shared.inbox import source_mark
from shared.keys import generate
from shared.relay import Relay, state_of
from shared.service import Ear, Loop, Runner, Service, loops_of, migrations_of
from shared.settings import SERVICES, Settings, read_settings
from shared.wake import Waker

PREFIXES = (
    ("/desk", "workflow"),
    ("/static/workflow", "workflow"),
    ("/audit", "audit"),
    ("/log", "audit"),
    ("/receipts", "audit"),
    ("/verify", "audit"),
    ("/static/audit", "audit"),
    ("/outbox", "notify"),
    ("/static/notify", "notify"),
    ("/so-lieu", "insight"),
    ("/static/insight", "insight"),
    ("/", "intake"),
)
"""Which service answers for which addresses: the first prefix that fits. The gateway has the same table."""

PAUSE_S = 0.01
MOST_QUIET = 100
"""Rounds in which nothing happened that mean rest although something was not heard: it was lost, or is refused."""

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class World:
    """Five services in one process. `settle` lets everything happen that has to; `start` does so in the background."""

    def __init__(
        self, var: Path, *, clock: Clock | None = None, values: Mapping[str, str] | None = None, bus: str | None = None
    ) -> None:
        self.clock = clock or SystemClock()
        self._bus = bus or f"inproc://{uuid4().hex}"
        generate(var / "keys", SERVICES)
        self.services = {name: self._build(name, var, values or {}) for name in SERVICES}
        feeds = {name: LocalFeed(service.database, service.keys) for name, service in self.services.items()}
        self.loops = {
            name: loops_of(service, {source: feeds[source] for source in service.hears}, wait_s=0.2)
            for name, service in self.services.items()
        }
        self._runners: list[Runner] = []
        self.wsgi = dispatch({name: service.app for name, service in self.services.items()})

    def _build(self, name: str, var: Path, values: Mapping[str, str]) -> Service:
        build = importlib.import_module(f"services.{name}.__main__").build
        settings = _settings(name, var, values, self._bus)
        if name == "audit":
            make_key(settings.keys_dir, origin_of(settings))
        service: Service = build(settings, clock=self.clock)
        migrate.upgrade(service.database.engine, migrations_of(name))
        serve_feed(service.app, LocalFeed(service.database, service.keys), "")
        return service

    def __getitem__(self, name: str) -> Service:
        return self.services[name]

    # ---- step by step

    def settle(self, most_rounds: int = 1000) -> int:
        """Let everything happen that is due at this instant. Returns how many things happened."""
        total = quiet = 0
        # Who hears comes before who speaks: a queue must be there before something is told.
        loops = sorted(
            (loop for loops in self.loops.values() for loop in loops), key=lambda one: isinstance(one, Relay)
        )
        for _ in range(most_rounds):
            done = sum(map(_once, loops))
            total += done
            quiet = 0 if done else quiet + 1
            if quiet and (not total or quiet > MOST_QUIET or self._is_all_heard()):
                return total
            if quiet:
                time.sleep(PAUSE_S)  # a real broker still carries something
        raise RuntimeError("the world does not come to rest")

    def _is_all_heard(self) -> bool:
        """Whether everybody has received what was told, as far as the sources have told it."""
        if self._bus.startswith("inproc:"):
            return True
        told = {}
        for name, service in self.services.items():
            with service.database.reading() as look:
                told[name] = state_of(look.connection).published
        return all(_heard(service).get(source, 0) >= told[source] for service in self for source in service.hears)

    def __iter__(self) -> Iterator[Service]:
        return iter(self.services.values())

    # ---- in the background

    def open(self) -> "World":
        """Begin what services begin with, such as the catcher of mails. Enough to settle step by step."""
        for service in self.services.values():
            for begin in service.on_start:
                begin()
        return self

    def start(self) -> None:
        """Run all loops in threads until `stop`. What an earlier run left unfinished is told again first."""
        self.open()
        for name, service in self.services.items():
            runner = Runner(name, self.loops[name], Waker(service.database))
            runner.start()
            self._runners.append(runner)

    def stop(self) -> None:
        """Let each loop finish what it is doing, and close everything."""
        for runner in self._runners:
            runner.stop()
        self.close()

    def close(self) -> None:
        for service in self.services.values():
            for end in service.on_stop:
                end()
            service.database.close()
        if self._bus.startswith("inproc:"):
            drop_world(self._bus)


def _once(loop: Loop) -> int:
    return loop.once(wait_s=0.0) if isinstance(loop, Ear) else loop.once()


def _heard(service: Service) -> dict[str, int]:
    """The last position of each source up to which a service has received everything."""
    with service.database.reading() as look:
        if service.name == "audit":
            return {name: head.pos for name, head in audit_store.load_heads(look).items()}
        return {row.source: row.pos for row in look.connection.execute(select(source_mark))}


def dispatch(apps: Mapping[str, Flask]) -> Wsgi:
    """One application that hands each request to the service that answers for its address."""
    table = [(prefix, apps[name]) for prefix, name in PREFIXES]

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        for prefix, app in table:
            if prefix == "/" or path == prefix or path.startswith(prefix + "/"):
                return app(environ, start_response)
        raise AssertionError("the last prefix fits everything")

    return answer


def _settings(name: str, var: Path, values: Mapping[str, str], bus: str) -> Settings:
    """The settings of one service of this world: its own database file, everything else in common."""
    own = (
        json.loads(values["WORLD_DATABASES"])[name] if "WORLD_DATABASES" in values else f"sqlite:///{var / name}.sqlite"
    )
    common = {
        "VAR_DIR": str(var),
        "CONFIG_DIR": str(Path(__file__).parent.parent / "config"),
        "MAIL_URL": "smtp://127.0.0.1:0",  # the catcher takes any free port
        "SMS_URL": "catcher:",
        "CATCHER": "yes",
        "SESSION_SECRET": secrets.token_hex(32),
    }
    bound = {"DATABASE_URL": own, "BROKER_URL": bus, "FEED_URL": "http://{service}.invalid", "FEED_TOKEN": "x" * 32}
    return read_settings(name, common | dict(values) | bound)
