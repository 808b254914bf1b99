"""The door of the tests: a whole service on an empty database, and builders of valid things."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.intake import store
from services.intake.__main__ import build
from services.intake.door import Door
from shared.clock import MovableClock
from shared.db import Database
from shared.settings import Settings
from tests.support import database_url


@pytest.fixture
def database(make_database: Any) -> Database:
    """The door's empty database."""
    made: Database = make_database(store.metadata, "intake")
    return made


@pytest.fixture
def service(tmp_path: Path, make_settings: Callable[..., Settings], clock: MovableClock) -> Iterator[Any]:
    """The whole door, as it is started, with its tables."""
    with database_url(tmp_path, "intake", tables=store.metadata) as url:
        made = build(make_settings("intake", DATABASE_URL=url, LOOKUPS_PER_MINUTE="1000"), clock=clock)
        made.database.metadata.create_all(made.database.engine)
        yield made
        made.database.close()


@pytest.fixture
def door(service: Any) -> Door:
    found: Door = service.app.extensions["door"]
    return found


@pytest.fixture
def client(service: Any) -> FlaskClient:
    """A browser without JavaScript."""
    found: FlaskClient = service.app.test_client()
    return found
