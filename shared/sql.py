"""What both databases must do alike: instants, inserting what is new, updating many rows in one statement."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import JSON, Connection, DateTime, Dialect, Table, TypeDecorator, bindparam, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import TextClause


class Instant(TypeDecorator[datetime]):
    """A column of instants: aware and in UTC on the way in and out, in both worlds."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns, in one statement."""
    _insert(connection, table, rows, is_new_only=False)


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows that are not there yet; those that are stay as they are."""
    _insert(connection, table, rows, is_new_only=True)


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, is_new_only: bool) -> None:
    if not rows:
        return
    columns = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        connection.execute(_unnest_insert(table, columns, is_new_only), _turned(table, rows, columns))
        return
    insert = sqlite.insert(table)
    connection.execute(insert.on_conflict_do_nothing() if is_new_only else insert, [dict(row) for row in rows])


def upsert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows by their primary key; of those that are there already, change what the new ones name.

    All rows name the same columns; of two with one key the later counts.
    """
    if not rows:
        return
    columns, key = tuple(rows[0]), tuple(column.name for column in table.primary_key)
    rows = list({tuple(row[name] for name in key): row for row in rows}.values())
    if connection.dialect.name == "postgresql":
        connection.execute(_unnest_upsert(table, columns, key), _turned(table, rows, columns))
        return
    insert = sqlite.insert(table)
    changes = {name: insert.excluded[name] for name in columns if name not in key}
    connection.execute(insert.on_conflict_do_update(index_elements=key, set_=changes), [dict(row) for row in rows])


def update_many(connection: Connection, table: Table, key: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Update many rows by their key, each to its own values; all rows name the same columns."""
    if not rows:
        return
    columns = [name for name in rows[0] if name != key]
    if connection.dialect.name == "postgresql":
        connection.execute(_unnest_update(table, key, tuple(columns)), _turned(table, rows, [key, *columns]))
        return
    change = (
        table.update()
        .where(table.c[key] == bindparam("the_key"))
        .values({name: bindparam(f"new_{name}") for name in columns})
    )
    connection.execute(change, [{"the_key": row[key]} | {f"new_{name}": row[name] for name in columns} for row in rows])


def _turned(table: Table, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, list[Any]]:
    return {
        name: [_to_json(row[name]) for row in rows]
        if isinstance(table.c[name].type, JSON)
        else [row[name] for row in rows]
        for name in names
    }


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@cache
def _unnest_insert(table: Table, columns: tuple[str, ...], is_new_only: bool) -> TextClause:
    return text(_insert_from_arrays(table, columns) + (" ON CONFLICT DO NOTHING" if is_new_only else ""))


@cache
def _unnest_upsert(table: Table, columns: tuple[str, ...], key: tuple[str, ...]) -> TextClause:
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    return text(f"{_insert_from_arrays(table, columns)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}")


def _insert_from_arrays(table: Table, columns: tuple[str, ...]) -> str:
    names, values = ", ".join(columns), ", ".join(_value(table, name) for name in columns)
    return f"INSERT INTO {table.name} ({names}) SELECT {values} FROM unnest({_arrays(table, columns)}) AS new({names})"


@cache
def _unnest_update(table: Table, key: str, columns: tuple[str, ...]) -> TextClause:
    """One statement for any number of rows: a tenth of the time of as many single ones."""
    names = ", ".join((key, *columns))
    sets = ", ".join(f"{name} = {_value(table, name)}" for name in columns)
    arrays = _arrays(table, (key, *columns))
    return text(
        f"UPDATE {table.name} SET {sets} FROM unnest({arrays}) AS new({names}) WHERE {table.name}.{key} = new.{key}"
    )


def _arrays(table: Table, columns: Sequence[str]) -> str:
    return ", ".join(f"CAST(:{name} AS {_type(table, name)}[])" for name in columns)


def _type(table: Table, name: str) -> str:
    type_ = table.c[name].type
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return "text" if isinstance(type_, JSON) else type_.compile(dialect)


def _value(table: Table, name: str) -> str:
    return f"CAST(new.{name} AS json)" if isinstance(table.c[name].type, JSON) else f"new.{name}"
