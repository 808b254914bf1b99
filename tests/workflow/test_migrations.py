"""The migrations lead to the very tables that the code expects."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from services.workflow import store
from shared import inbox, migrate, outbox
from tests.conftest import MakeDatabase

MIGRATIONS = Path(store.__file__).parents[1] / "migrations"


def test_the_migrated_tables_are_those_of_the_store(make_database: MakeDatabase) -> None:
    database = make_database(MetaData(), "workflow")
    with database.housekeeping() as connection:
        for table in reversed(inbox.TABLES.sorted_tables + outbox.TABLES.sorted_tables):
            table.drop(connection, checkfirst=True)

    migrate.upgrade(database.engine, MIGRATIONS)

    with database.housekeeping() as connection:
        assert compare_metadata(MigrationContext.configure(connection), store.metadata) == []
