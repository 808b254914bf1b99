"""The tables of the door."""

from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from services.intake import store
from services.intake.__main__ import build
from shared.migrate import upgrade
from shared.service import migrations_of
from tests.support import database_url


def test_the_migrations_make_the_tables_that_the_code_expects(tmp_path: Path, make_settings: Any, clock: Any) -> None:
    with database_url(tmp_path, "intake") as url:
        database = build(make_settings("intake", DATABASE_URL=url), clock=clock).database

        upgrade(database.engine, migrations_of("intake"))

        with database.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": database.dialect == "postgresql"})
            assert compare_metadata(context, store.metadata) == []
            assert set(store.metadata.tables) <= set(inspect(connection).get_table_names())
        database.close()


def test_no_table_keeps_a_score() -> None:
    names = {column.name for table in store.metadata.tables.values() for column in table.c}

    assert not {"score", "rating_score", "token", "pin"} & names
