"""PostgreSQL databases in which the tests of a process take turns: making and dropping one outlasts most tests.

They are dropped when the process ends.
"""

import atexit
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from sqlalchemy import MetaData

Tables = MetaData | Literal["migrated"] | None
"""What the borrower of a database makes in it: the tables of its metadata, of its migrations, or who knows what."""

END_OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
GUARDS = "SELECT 1 FROM pg_trigger WHERE tgenabled <> 'O' LIMIT 1"  # those that never look away, or were switched off
EMPTY_TABLES = """
    DO $$ DECLARE name text; BEGIN
        SET LOCAL session_replication_role = replica;  -- foreign keys look away
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
            EXECUTE format('DELETE FROM public.%I', name);  -- TRUNCATE would make new files: ten times as slow
        END LOOP;
        PERFORM setval(format('public.%I', sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
    END $$
"""
START_ANEW = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"

_resting: defaultdict[str, list[str]] = defaultdict(list)  # names of databases by what they are for


@contextmanager
def borrowed(server: str, service: str, tables: Tables) -> Iterator[str]:
    """The address of a database without rows; what the borrower is to make in it may be there already."""
    resting = _resting[_purpose(service, tables)]
    name = resting.pop() if resting else _create(server, service)
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    try:
        yield url
    finally:
        _clean(url, tables)
        _resting[_purpose(service, tables)].append(name)


def _purpose(service: str, tables: Tables) -> str:
    return f"{service}: {tables.tables if isinstance(tables, MetaData) else tables}"


def _create(server: str, service: str) -> str:
    name = f"test_{service}_{uuid4().hex[:12]}"
    with psycopg.connect(_plain(server), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        admin.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')  # nobody pulls the server's plug here
    atexit.register(_drop, server, name)
    return name


def _drop(server: str, name: str) -> None:
    with psycopg.connect(_plain(server), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _clean(url: str, tables: Tables) -> None:
    """Take out the rows; where they are guarded, or more than rows was changed, everything."""
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute(END_OTHERS)
        found = {name for (name,) in connection.execute(TABLES)}
        is_as_made = tables == "migrated" or (tables is not None and found == set(tables.tables))
        is_guarded = connection.execute(GUARDS).fetchone() is not None
        connection.execute(EMPTY_TABLES if is_as_made and not is_guarded else START_ANEW)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")
