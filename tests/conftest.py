"""Fixtures of all tests, which run in both worlds: TEST_DATABASE_URL and TEST_BROKER_URL choose the servers."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import MetaData

from ops.world import World
from shared import telemetry
from shared.clock import MovableClock
from shared.db import Database
from shared.settings import Settings
from tests.support import NOON, fresh_database, fresh_world, settings_for

telemetry.configure("json")

MEMORY = Path("/dev/shm")
ENOUGH = 2**30  # bytes


def pytest_configure(config: pytest.Config) -> None:
    """What tests write lies in memory where there is room: waiting for a disk proves nothing that they ask."""
    if config.option.basetemp is None and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH:
        config.option.basetemp = config.stash[IN_MEMORY] = MEMORY / f"lang-nghe-tests-{os.getpid()}"


def pytest_unconfigure(config: pytest.Config) -> None:
    if IN_MEMORY in config.stash:
        shutil.rmtree(config.stash[IN_MEMORY], ignore_errors=True)


IN_MEMORY = pytest.StashKey[Path]()
MakeDatabase = Callable[[MetaData, str], Database]


@pytest.fixture
def clock() -> MovableClock:
    """Stands at noon of Monday 23 November 2026 in Huế until a test moves it."""
    return MovableClock(NOON)


@pytest.fixture
def make_database(tmp_path: Path, clock: MovableClock) -> Iterator[MakeDatabase]:
    """Makes empty databases of the current world: make_database(store.metadata, "workflow")."""
    with ExitStack() as stack:
        yield lambda metadata, service: stack.enter_context(fresh_database(tmp_path, metadata, service, clock))


@pytest.fixture
def world(tmp_path: Path, clock: MovableClock) -> Iterator[World]:
    """All five services in this process, on the databases and the broker of the current world."""
    with fresh_world(tmp_path, clock) as made:
        yield made


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Makes settings whose state lives in the test's own folder: make_settings("intake", PORT="8001")."""
    return lambda service, **more: settings_for(service, tmp_path, **more)
