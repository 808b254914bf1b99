"""What the tests of the memory share: an empty log, its keys, and services that tell it things."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.audit import store
from shared.db import Database
from shared.keys import KeyRing, generate
from shared.settings import SERVICES
from tests.audit.builders import Teller
from tests.conftest import MakeDatabase


@pytest.fixture
def database(make_database: MakeDatabase) -> Database:
    """An empty log's database."""
    return make_database(store.metadata, "audit")


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    """The keys of the memory, with everybody's public ones."""
    generate(tmp_path / "keys", SERVICES)
    return KeyRing.load(tmp_path / "keys", "audit")


@pytest.fixture
def teller(tmp_path: Path, keys: KeyRing) -> Callable[[str], Teller]:
    """A service that says things: teller("workflow")."""
    return lambda service: Teller(KeyRing.load(tmp_path / "keys", service))


@pytest.fixture
def workflow(teller: Callable[[str], Teller]) -> Teller:
    return teller("workflow")


@pytest.fixture
def intake(teller: Callable[[str], Teller]) -> Teller:
    return teller("intake")
