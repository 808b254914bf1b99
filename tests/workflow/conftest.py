"""The desk at work: an empty database of the current world, the rules in force, and everybody hired."""

import pytest

from services.workflow import store
from shared.clock import MovableClock
from shared.db import Database
from tests.conftest import MakeDatabase
from tests.workflow.builders import EVERYBODY, Office, hire, the_rules


@pytest.fixture
def database(make_database: MakeDatabase) -> Database:
    return make_database(store.metadata, "workflow")


@pytest.fixture
def office(database: Database, clock: MovableClock) -> Office:
    with database.writing() as tx:
        hire(tx, *EVERYBODY)
    return Office(database, clock, the_rules())
