"""Guards: the database itself refuses what would rewrite the past. The price: not even a mistake can be taken back."""

from collections.abc import Iterator

from sqlalchemy import Connection, Table, event

from services.audit.store.tables import EVIDENCE, log_state, metadata, tail
from services.audit.tlog.tree import WIDTH


def protect(connection: Connection) -> None:
    """Put the guards up, in either world. Doing it again changes nothing."""
    statements = _guards_of_postgresql() if connection.dialect.name == "postgresql" else _guards_of_sqlite()
    for statement in statements:
        connection.exec_driver_sql(statement)


def _guards_of_sqlite() -> Iterator[str]:
    for table in EVIDENCE:
        for act in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER IF NOT EXISTS {table.name}_no_{act.lower()} BEFORE {act} ON {table.name} "
                f"BEGIN SELECT RAISE(ABORT, '{table.name} only grows'); END"
            )
    yield (
        "CREATE TRIGGER IF NOT EXISTS tail_no_update BEFORE UPDATE ON tail "
        "BEGIN SELECT RAISE(ABORT, 'tail only grows'); END"
    )
    yield (
        "CREATE TRIGGER IF NOT EXISTS tail_no_delete BEFORE DELETE ON tail "
        f"WHEN NOT EXISTS (SELECT 1 FROM bundle WHERE n = OLD.idx / {WIDTH}) "
        "BEGIN SELECT RAISE(ABORT, 'this entry is in no bundle yet'); END"
    )
    yield (
        "CREATE TRIGGER IF NOT EXISTS log_state_grows BEFORE UPDATE ON log_state WHEN NEW.size <= OLD.size "
        "BEGIN SELECT RAISE(ABORT, 'the log only grows'); END"
    )
    yield (
        "CREATE TRIGGER IF NOT EXISTS log_state_stays BEFORE DELETE ON log_state "
        "BEGIN SELECT RAISE(ABORT, 'the log only grows'); END"
    )


def _guards_of_postgresql() -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '%% only grows', TG_TABLE_NAME; END $$"
    )
    yield (
        "CREATE OR REPLACE FUNCTION audit_tail_goes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NOT EXISTS (SELECT 1 FROM bundle WHERE n = OLD.idx / {WIDTH}) THEN "
        "RAISE EXCEPTION 'entry %% is in no bundle yet', OLD.idx; END IF; RETURN OLD; END $$"
    )
    yield (
        "CREATE OR REPLACE FUNCTION audit_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.size <= OLD.size THEN RAISE EXCEPTION 'the log only grows'; END IF; RETURN NEW; END $$"
    )
    for table in EVIDENCE:
        yield from _trigger(table, "no_change", "BEFORE UPDATE OR DELETE", "ROW", "audit_refuse")
    for table in (*EVIDENCE, tail, log_state):
        yield from _trigger(table, "no_truncate", "BEFORE TRUNCATE", "STATEMENT", "audit_refuse")
    yield from _trigger(tail, "no_update", "BEFORE UPDATE", "ROW", "audit_refuse")
    yield from _trigger(tail, "no_delete", "BEFORE DELETE", "ROW", "audit_tail_goes")
    yield from _trigger(log_state, "grows", "BEFORE UPDATE", "ROW", "audit_grows")
    yield from _trigger(log_state, "stays", "BEFORE DELETE", "ROW", "audit_refuse")


def _trigger(table: Table, name: str, when: str, each: str, function: str) -> Iterator[str]:
    yield (
        f"CREATE OR REPLACE TRIGGER {table.name}_{name} {when} ON {table.name} "
        f"FOR EACH {each} EXECUTE FUNCTION {function}()"
    )
    # Also where somebody plays a replica, which switches ordinary triggers off.
    yield f"ALTER TABLE {table.name} ENABLE ALWAYS TRIGGER {table.name}_{name}"


event.listen(metadata, "after_create", lambda _metadata, connection, **_: protect(connection))
