"""The migrations of each service lead to the very tables that its code expects, and take along what is kept."""

import importlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, Table, insert, select

from services.intake.store.register import public_case
from services.intake.store.tables import petition
from shared import inbox, migrate, outbox
from shared.db import Database
from shared.service import migrations_of
from tests.conftest import MakeDatabase

SERVICES = ["intake", "workflow", "notify", "insight"]  # the memory's guards need their own


def an_empty(make_database: MakeDatabase, service: str) -> Database:
    database = make_database(MetaData(), service)
    with database.housekeeping() as connection:
        for table in reversed(inbox.TABLES.sorted_tables + outbox.TABLES.sorted_tables):
            table.drop(connection, checkfirst=True)
    return database


@pytest.mark.parametrize("service", SERVICES)
def test_the_migrated_tables_are_those_of_the_store(make_database: MakeDatabase, service: str) -> None:
    store = importlib.import_module(f"services.{service}.store")
    outbox.add_tables(store.metadata)
    inbox.add_tables(store.metadata)
    database = an_empty(make_database, service)

    migrate.upgrade(database.engine, migrations_of(service))

    with database.housekeeping() as connection:
        found = compare_metadata(MigrationContext.configure(connection), store.metadata)
    assert [change for change in found if not _is_where_possible_only(change)] == []


def _is_where_possible_only(change: Any) -> bool:
    """An index that a migration makes where the database has an extension for it."""
    return change[0] == "remove_index" and change[1].name in {"case_trigrams", "case_trigrams_open"}


# ---- with rows


def steps_of(service: str) -> Iterator[Script]:
    """The migrations of a service, oldest first."""
    yield from reversed(list(ScriptDirectory(str(migrations_of(service))).walk_revisions()))


def fill(connection: Connection) -> None:
    """Put a row into every table that has none; it refers to those of the tables before."""
    found = MetaData()
    found.reflect(connection)
    for table in found.sorted_tables:
        if is_empty(connection, table):
            connection.execute(insert(table).values({column.name: a_value(connection, column) for column in table.c}))


def a_value(connection: Connection, column: Column[Any]) -> Any:
    for key in column.foreign_keys:
        return connection.execute(select(key.column)).scalars().first()
    wanted = column.type.python_type
    known = {bool: True, int: 1, float: 16.4, bytes: b"x", dict: [], date: date(2026, 3, 8)}
    known |= {datetime: datetime(2026, 3, 8, 5, tzinfo=UTC), UUID: uuid4()}
    return known[wanted] if wanted in known else uuid4().hex[: getattr(column.type, "length", None)]


def is_empty(connection: Connection, table: Table) -> bool:
    return connection.execute(select(table).limit(1)).first() is None


def migrate_with_rows(database: Database, service: str) -> None:
    """Every migration finds a row in each table that there was before it."""
    with database.housekeeping() as connection, Operations.context(MigrationContext.configure(connection)):
        for step in steps_of(service):
            step.module.upgrade()
            fill(connection)


@pytest.mark.parametrize("service", SERVICES)
def test_every_migration_takes_along_a_row_of_every_table(make_database: MakeDatabase, service: str) -> None:
    database = an_empty(make_database, service)

    migrate_with_rows(database, service)

    with database.housekeeping() as connection:
        found = MetaData()
        found.reflect(connection)
        assert [table.name for table in found.sorted_tables if is_empty(connection, table)] == []


def test_what_became_obligatory_is_known_of_old_rows_too(make_database: MakeDatabase) -> None:
    database = an_empty(make_database, "intake")

    migrate_with_rows(database, "intake")

    with database.housekeeping() as connection:
        began = connection.execute(select(public_case.c.requested_at)).scalar_one()
        event_id = connection.execute(select(petition.c.event_id)).scalar_one()
    assert began == datetime(2026, 3, 7, 17, tzinfo=UTC)
    assert event_id.int != 0
