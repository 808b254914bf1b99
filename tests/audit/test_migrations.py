"""The migrations lead to the very tables that the code expects, guards included."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, text
from sqlalchemy.exc import DBAPIError

from services.audit import store
from shared import inbox, migrate, outbox
from shared.service import migrations_of
from tests.audit.builders import append, many

MIGRATIONS = migrations_of("audit")


@pytest.fixture
def migrated(make_database):
    database = make_database(MetaData(), "audit")
    with database.housekeeping() as connection:
        for table in reversed(inbox.TABLES.sorted_tables + outbox.TABLES.sorted_tables):
            table.drop(connection, checkfirst=True)
    migrate.upgrade(database.engine, MIGRATIONS)
    return database


def test_the_migrated_tables_are_those_of_the_store(migrated):
    with migrated.housekeeping() as connection:
        assert compare_metadata(MigrationContext.configure(connection), store.metadata) == []


def test_the_migrated_database_refuses_to_rewrite_the_past(migrated, keys, workflow):
    append(migrated, many(workflow, 3), keys=keys)

    for statement in ("UPDATE event_index SET type = 'x'", "DELETE FROM tail", "UPDATE log_state SET size = size - 1"):
        with migrated.engine.begin() as connection, pytest.raises(DBAPIError):
            connection.execute(text(statement))


def test_migrating_twice_changes_nothing(migrated):
    migrate.upgrade(migrated.engine, MIGRATIONS)

    with migrated.housekeeping() as connection:
        assert compare_metadata(MigrationContext.configure(connection), store.metadata) == []
