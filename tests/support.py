"""What many tests need: databases of the current world, settings, and the words of the events that were emitted."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import MetaData

from ops.world import World
from shared import inbox, outbox
from shared.clock import Clock
from shared.db import Database, Transaction
from shared.events.base import Event
from shared.events.codec import Codec
from shared.keys import KeyRing, generate
from shared.settings import SERVICES, Settings, read_settings
from tests import pool, templates
from tests.pool import Tables
from tests.vhosts import fresh_vhost

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
"""Monday 23 November 2026, noon in Huế."""

ROOT = Path(__file__).parent.parent
IS_CI = bool(os.environ.get("CI"))


def emitted(tx: Transaction) -> list[Event]:
    """The events of a transaction so far, oldest first."""
    return [pending.event for pending in tx.emitted]


def types(tx: Transaction) -> list[str]:
    """The types of the events of a transaction so far, oldest first."""
    return [event.TYPE for event in emitted(tx)]


def settings_for(service: str, var: Path, **more: str) -> Settings:
    """The settings of a service whose state lives in a folder of the test."""
    generate(var / "keys", SERVICES)
    values = {
        "VAR_DIR": str(var),
        "CONFIG_DIR": str(ROOT / "config"),
        "BROKER_URL": f"inproc://{var.name}",
        "SESSION_SECRET": "of-a-test-and-of-nothing-else",
        "PUBLIC_URL": "http://127.0.0.1:8000",
    }
    return read_settings(service, values | more)


@contextmanager
def fresh_database(var: Path, metadata: MetaData, service: str, clock: Clock) -> Iterator[Database]:
    """An empty database of the current world: SQLite, or PostgreSQL where TEST_DATABASE_URL names a server."""
    generate(var / "keys", SERVICES)
    outbox.add_tables(metadata)
    inbox.add_tables(metadata)
    codec = Codec(KeyRing.load(var / "keys", service))
    with database_url(var, service, tables=metadata) as url:
        database = Database(url, metadata, codec=codec, clock=clock)
        if os.environ.get("TEST_DATABASE_URL"):
            metadata.create_all(database.engine)
        try:
            yield database
        finally:
            database.close()


@contextmanager
def database_url(var: Path, service: str, *, tables: Tables = None) -> Iterator[str]:
    """The address of an empty database. On PostgreSQL the `tables` that the caller makes may be there already, on
    SQLite they are.
    """
    server = os.environ.get("TEST_DATABASE_URL")
    if server:
        with pool.borrowed(server, service, tables) as url:
            yield url
    else:
        file = var / f"{service}-{uuid4().hex[:8]}.sqlite"
        templates.copy_to(file, service, tables)
        yield f"sqlite:///{file}"


@contextmanager
def fresh_world(var: Path, clock: Clock, **more: str) -> Iterator[World]:
    """All five services, with the databases and the broker of the current world, ready to be settled step by step."""
    with ExitStack() as stack:
        bus = None
        urls = {name: stack.enter_context(database_url(var, name, tables="migrated")) for name in SERVICES}
        values = {"WORLD_DATABASES": json.dumps(urls), **more}
        if os.environ.get("TEST_BROKER_URL"):
            bus = stack.enter_context(fresh_vhost(os.environ["TEST_BROKER_URL"]))
        world = World(var, clock=clock, values=values, bus=bus)
        stack.callback(world.close)
        yield world.open()
