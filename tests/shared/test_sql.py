"""Rows in and out, alike in both worlds: few rows are sent as plain values to PostgreSQL, many as arrays."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import JSON, Column, Integer, LargeBinary, MetaData, String, Table, Uuid, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.db import Database
from shared.sql import FEW, Instant, insert_new, insert_rows, update_many, upsert_many
from tests.conftest import MakeDatabase

metadata = MetaData()
things = Table(
    "things",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("name", String(20)),
    Column("facts", JSON),
    Column("at", Instant),
    Column("bytes", LargeBinary),
)
NOON = datetime(2026, 11, 23, 5, 0, 0, 123456, tzinfo=UTC)

some = pytest.mark.parametrize("count", [1, FEW, FEW + 1, 10])


@pytest.fixture
def database(make_database: MakeDatabase) -> Database:
    return make_database(metadata, "workflow")


def a_thing(n: int, **more: Any) -> dict[str, Any]:
    """A row with a value of each kind, and with none in every third."""
    facts = None if n % 3 == 2 else {"đường": ["Lê Lợi", n, None, True, 0.5], "%s": '"{}\\'}
    rest = {
        "name": f"số {n}, 100% \\ \" '",
        "facts": facts,
        "at": NOON + timedelta(hours=n) if n % 3 else None,
        "bytes": bytes([0, n, 92, 255]) if n % 3 != 1 else None,
    }
    return {"id": UUID(int=n), "n": n} | rest | more


def kept(database: Database) -> list[dict[str, Any]]:
    with database.reading() as tx:
        return [dict(row) for row in tx.connection.execute(select(things).order_by(things.c.n)).mappings()]


@some
def test_what_goes_in_comes_out(database: Database, count: int) -> None:
    rows = [a_thing(n) for n in range(count)]

    with database.writing() as tx:
        insert_rows(tx.connection, things, rows)

    assert kept(database) == rows


@some
def test_of_new_rows_and_old_ones_the_new_are_kept_and_counted(database: Database, count: int) -> None:
    with database.writing() as tx:
        insert_rows(tx.connection, things, [a_thing(0, name="đã có")])

        news = insert_new(tx.connection, things, [a_thing(n) for n in range(count)])
        again = insert_new(tx.connection, things, [a_thing(n) for n in range(count)])

    assert (news, again) == (count - 1, 0)
    assert kept(database) == [a_thing(0, name="đã có"), *[a_thing(n) for n in range(1, count)]]


@some
def test_rows_that_are_there_already_are_changed_and_the_others_added(database: Database, count: int) -> None:
    changed = [a_thing(n, name="đổi", facts=[n], at=NOON, bytes=b"") for n in range(count)]
    with database.writing() as tx:
        insert_rows(tx.connection, things, [a_thing(0), a_thing(count)])

        upsert_many(tx.connection, things, changed)

    assert kept(database) == [*changed, a_thing(count)]


@some
def test_of_two_rows_with_one_key_the_later_counts(database: Database, count: int) -> None:
    rows = [a_thing(n) for n in range(count)]

    with database.writing() as tx:
        upsert_many(tx.connection, things, [*[row | {"name": "trước", "facts": {}} for row in rows], *rows])

    assert kept(database) == rows


@some
def test_what_is_to_stay_gives_way_only_where_nothing_was(database: Database, count: int) -> None:
    rows = [a_thing(n, name="mới", at=NOON) for n in range(count)]
    with database.writing() as tx:
        insert_rows(tx.connection, things, [a_thing(n, name="cũ", at=None) for n in range(count)])

        upsert_many(tx.connection, things, rows, keeping=["name", "at"])

    assert [(row["name"], row["at"]) for row in kept(database)] == [("cũ", NOON)] * count


@some
def test_many_rows_are_updated_each_to_its_own_values(database: Database, count: int) -> None:
    before = [a_thing(n) for n in range(count + 1)]
    changes = [{"n": n, "name": f"đổi {n}", "facts": [n], "at": None, "bytes": bytes([n])} for n in range(count)]
    with database.writing() as tx:
        insert_rows(tx.connection, things, before)

        update_many(tx.connection, things, "n", changes)

    assert kept(database) == [*[row | new for row, new in zip(before, changes, strict=False)], before[count]]


def test_no_rows_are_no_statement(database: Database) -> None:
    with database.writing() as tx:
        insert_rows(tx.connection, things, [])
        upsert_many(tx.connection, things, [])
        update_many(tx.connection, things, "n", [])

        assert insert_new(tx.connection, things, []) == 0

    assert kept(database) == []


@some
def test_a_row_that_is_there_already_is_no_insert(database: Database, count: int) -> None:
    rows = [a_thing(n) for n in range(count)]
    with database.writing() as tx:
        insert_rows(tx.connection, things, rows)

    with pytest.raises(IntegrityError), database.writing() as tx:
        insert_rows(tx.connection, things, rows)


@some
def test_an_instant_comes_back_in_utc(database: Database, count: int) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=7)))

    with database.writing() as tx:
        insert_rows(tx.connection, things, [a_thing(n, at=there) for n in range(count)])

    assert {row["at"].isoformat() for row in kept(database)} == {NOON.isoformat()}


@some
@pytest.mark.servers
def test_an_overlong_word_is_refused_and_not_cut(database: Database, count: int) -> None:
    if database.dialect == "sqlite":
        pytest.skip("SQLite knows no lengths")

    with pytest.raises(DBAPIError), database.writing() as tx:
        insert_rows(tx.connection, things, [a_thing(n, name="x" * 21) for n in range(count)])
