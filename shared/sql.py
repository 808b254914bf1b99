"""What both databases must do alike: instants, inserting what is new, updating many rows in one statement."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import JSON, ColumnElement, Connection, DateTime, Dialect, String, Table, TypeDecorator, bindparam, func
from sqlalchemy.dialects import postgresql, sqlite

Value = TypeVar("Value")

FEW = 50  # up to so many values, single ones are quicker than arrays; beyond, the driver reads a statement anew


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


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows that are not there yet; those that are stay as they are. Returns how many were new."""
    return _insert(connection, table, rows, is_new_only=True)


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, is_new_only: bool) -> int:
    if not rows:
        return 0
    columns = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        return _send_rows(connection, table, columns, rows, " ON CONFLICT DO NOTHING" if is_new_only else "")
    insert = sqlite.insert(table).execution_options(preserve_rowcount=True)
    done = connection.execute(insert.on_conflict_do_nothing() if is_new_only else insert, [dict(row) for row in rows])
    return done.rowcount


def upsert_many(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, keeping: Collection[str] = ()
) -> None:
    """Insert rows by their primary key; of those that are there already, change what the new ones name.

    All rows name the same columns; of two with one key the later counts. Of the columns in `keeping`, what is there
    stays.
    """
    if not rows:
        return
    columns, key = tuple(rows[0]), tuple(column.name for column in table.primary_key)
    rows = list({tuple(row[name] for name in key): row for row in rows}.values())
    if connection.dialect.name == "postgresql":
        stays = {name: f"coalesce({table.name}.{name}, excluded.{name})" for name in keeping}
        sets = ", ".join(f"{name} = {stays.get(name, f'excluded.{name}')}" for name in columns if name not in key)
        _send_rows(connection, table, columns, rows, f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}")
        return
    insert = sqlite.insert(table)
    changes: dict[str, ColumnElement[Any]] = {name: insert.excluded[name] for name in columns if name not in key}
    changes |= {name: func.coalesce(table.c[name], insert.excluded[name]) for name in keeping if name in changes}
    connection.execute(insert.on_conflict_do_update(index_elements=key, set_=changes), [dict(row) for row in rows])


def update_many(connection: Connection, table: Table, key: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Update many rows by their key, each to its own values; all rows name the same columns."""
    if not rows:
        return
    columns = [name for name in rows[0] if name != key]
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_update(table, key, tuple(columns)), _turned(table, rows, [key, *columns]))
        return
    change = (
        table.update()
        .where(table.c[key] == bindparam("the_key"))
        .values({name: bindparam(f"new_{name}") for name in columns})
    )
    connection.execute(change, [{"the_key": row[key]} | {f"new_{name}": row[name] for name in columns} for row in rows])


def padded(values: Collection[Value]) -> list[Value]:
    """Values for an `IN`, the last of them repeated until they are 1, 2, 4, 8 … in number.

    A statement with another number of places is another statement, which each connection has to learn anew.
    """
    known = list(values)
    return known + known[-1:] * ((1 << (len(known) - 1).bit_length()) - len(known)) if known else known


# ---- PostgreSQL: one statement for any number of rows, a tenth of the time of as many single ones. The statements are
# written here and kept, because writing them anew each time would cost as much as executing them.


def _send_rows(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Mapping[str, Any]], otherwise: str
) -> int:
    if len(rows) * len(columns) <= FEW:
        sent = tuple(_sent(table, name, row[name]) for row in rows for name in columns)
        done = connection.exec_driver_sql(_insert_values(table, columns, len(rows)) + otherwise, sent)
    else:
        done = connection.exec_driver_sql(_insert_arrays(table, columns) + otherwise, _turned(table, rows, columns))
    return done.rowcount


def _turned(table: Table, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, list[Any]]:
    return {name: [_sent(table, name, row[name]) for row in rows] for name in names}


def _sent(table: Table, name: str, value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if name in _json_columns(table) else value


@cache
def _json_columns(table: Table) -> frozenset[str]:
    return frozenset(column.name for column in table.c if isinstance(column.type, JSON))


@cache
def _insert_values(table: Table, columns: tuple[str, ...], count: int) -> str:
    row = f"({', '.join(['%s'] * len(columns))})"
    return f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES {', '.join([row] * count)}"


@cache
def _insert_arrays(table: Table, columns: tuple[str, ...]) -> str:
    names, values = ", ".join(columns), ", ".join(_value(table, name) for name in columns)
    return f"INSERT INTO {table.name} ({names}) SELECT {values} FROM unnest({_arrays(table, columns)}) AS new({names})"


@cache
def _update(table: Table, key: str, columns: tuple[str, ...]) -> str:
    names = ", ".join((key, *columns))
    sets = ", ".join(f"{name} = {_value(table, name)}" for name in columns)
    arrays = _arrays(table, (key, *columns))
    return f"UPDATE {table.name} SET {sets} FROM unnest({arrays}) AS new({names}) WHERE {table.name}.{key} = new.{key}"


def _arrays(table: Table, columns: Sequence[str]) -> str:
    return ", ".join(f"CAST(%({name})b AS {_type(table, name)}[])" for name in columns)


def _type(table: Table, name: str) -> str:
    type_ = table.c[name].type
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    # As text, a word that is too long is refused; cast to the column's width it would be cut in silence.
    return "text" if isinstance(type_, JSON | String) else type_.compile(dialect)


def _value(table: Table, name: str) -> str:
    return f"CAST(new.{name} AS json)" if name in _json_columns(table) else f"new.{name}"
