"""The migrations of each service lead to the very tables that its code expects."""

import importlib
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from shared import inbox, migrate, outbox
from shared.service import migrations_of
from tests.conftest import MakeDatabase


@pytest.mark.parametrize("service", ["intake", "workflow", "notify", "insight"])  # the memory's guards need their own
def test_the_migrated_tables_are_those_of_the_store(make_database: MakeDatabase, service: str) -> None:
    store = importlib.import_module(f"services.{service}.store")
    outbox.add_tables(store.metadata)
    inbox.add_tables(store.metadata)
    database = make_database(MetaData(), service)
    with database.housekeeping() as connection:
        for table in reversed(inbox.TABLES.sorted_tables + outbox.TABLES.sorted_tables):
            table.drop(connection, checkfirst=True)

    migrate.upgrade(database.engine, migrations_of(service))

    with database.housekeeping() as connection:
        found = compare_metadata(MigrationContext.configure(connection), store.metadata)
    assert [change for change in found if not _is_where_possible_only(change)] == []


def _is_where_possible_only(change: Any) -> bool:
    """An index that a migration makes where the database has an extension for it."""
    return change[0] == "remove_index" and change[1].name in {"case_trigrams", "case_trigrams_open"}
