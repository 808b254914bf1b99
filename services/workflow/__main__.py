"""The wiring of the desk: `python -m services.workflow web | worker | migrate | add-person | demo-people |
rotate-identity-key | erase-identity`.
"""

import argparse
import getpass
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from flask import Flask
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError

from services.workflow import actions, reactions, store, web
from services.workflow.catalogue import read_catalogue
from services.workflow.domain.case import SYSTEM, BadWorkflow, read_workflow
from services.workflow.domain.rules import Rules, make_rules
from services.workflow.steps import CaseUnknown
from shared import auth
from shared.clock import Clock, SystemClock
from shared.config import BadConfig
from shared.db import Database, Reading, Transaction
from shared.keys import BadKeys
from shared.service import Service, main, open_database, wsgi_of
from shared.settings import Settings, read_settings
from shared.vault import CannotUnlock, Vault

HEARS = ("intake", "notify")


def read_rules(config_dir: Path) -> Rules:
    """The catalogue and the state tables, read and checked. Raises BadConfig."""
    tables = [
        read_workflow(path.stem.split("@")[0], yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted((config_dir / "workflows").glob("*.yaml"))
    ]
    try:
        return make_rules(read_catalogue(config_dir), tables)
    except BadWorkflow as wrong:
        raise BadConfig(f"workflows: {wrong}") from wrong


def build(settings: Settings, *, clock: Clock) -> Service:
    """The desk, put together."""
    rules = read_rules(settings.config_dir)
    database = open_database(settings, store.metadata, clock=clock)
    check_vault(database)
    return Service(
        settings=settings,
        database=database,
        app=web.make_desk(settings, database, rules),
        linger_s=0.1,
        hears=HEARS,
        reactions=reactions.by(rules),
        loops=(actions.Sweep(database, rules),),
    )


def check_vault(database: Database) -> None:
    """Whether what was locked can be opened. Raises BadKeys; a database without tables, or away, asks for nothing."""
    vault = database.codec.keys.vault
    try:
        with database.reading() as look:
            if not inspect(look.connection).has_table("identity_key"):
                return
            for kid, count in store.kids_in_use(look).items():
                _must_open(look, vault, kid, count)
    except OperationalError:
        return


def _must_open(look: Reading, vault: Vault, kid: str, count: int) -> None:
    one = store.one_wrapped_by(look, kid)
    if one is None:
        return
    petition_id, wrapped = one
    try:
        vault.unwrap(kid, wrapped, about=petition_id.bytes)
    except CannotUnlock as problem:
        raise BadKeys(
            f"KEYS_DIR: {vault.file} does not open what is locked for {count} petitions ({problem}): "
            "bring the right file back, see Keys in docs/operating.md"
        ) from None


def wsgi() -> Flask:
    """The pages, for a production server."""
    return wsgi_of(build, "workflow")


# ---- people


def demo_rows(config_dir: Path) -> list[dict[str, Any]]:
    """The people of the demonstration: invented, and named by what they do."""
    rows = yaml.safe_load((config_dir / "demo-people.yaml").read_text(encoding="utf-8"))["people"]
    return list(rows)


def add_demo_people(tx: Transaction, config_dir: Path, *, password: str) -> list[auth.Person]:
    """Accounts for all roles, with one password. Those that exist stay as they are."""
    return actions.demo_people(tx, demo_rows(config_dir), password=password)


# ---- identities


def rotate(database: Database, *, is_last_round: bool) -> str:
    """Wrap all keys of identities anew. In the last round, once no process wraps by an older key, those are dropped."""
    vault = database.codec.keys.vault
    if not is_last_round:
        vault.add_key()
    count = 0
    while True:
        with database.writing() as tx:
            done = actions.rewrap(tx)
        count += done
        if not done:
            break
    if not is_last_round:
        return f"{count} keys wrapped under {vault.current}; restart web and worker, then run it with --finish"
    return f"{count} keys wrapped under {vault.current}; {vault.drop_old_keys()} older ones dropped"


def command(arguments: Sequence[str]) -> int:
    """What is asked of people's accounts and of identities; everything else is the kit's."""
    if not arguments or arguments[0] not in {"add-person", "demo-people", "rotate-identity-key", "erase-identity"}:
        return main(build, "workflow")
    parser = argparse.ArgumentParser(prog="python -m services.workflow")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("add-person", help="make an account")
    for name in ("login", "name", "email"):
        one.add_argument(name)
    one.add_argument("--role", choices=auth.ROLES, required=True)
    one.add_argument("--unit", required=True)
    commands.add_parser("demo-people", help="make the accounts of the demonstration; password from DEMO_PASSWORD")
    turn = commands.add_parser("rotate-identity-key", help="wrap the keys of identities under a fresh key")
    turn.add_argument("--finish", action="store_true", help="wrap what is left, then drop the older keys")
    erase = commands.add_parser("erase-identity", help="destroy the key of a petition: nobody can read it any more")
    erase.add_argument("petition", type=UUID)
    erase.add_argument("--ground", choices=actions.ERASED, required=True)
    asked = parser.parse_args(arguments)
    settings = read_settings("workflow", os.environ)
    database = open_database(settings, store.metadata, clock=SystemClock())
    try:
        if asked.command == "rotate-identity-key":
            print(rotate(database, is_last_round=asked.finish))
            return 0
        with database.writing() as tx:
            if asked.command == "erase-identity":
                actions.erase_identity(tx, petition_id=asked.petition, actor=SYSTEM, ground=asked.ground)
                print("erased")
            elif asked.command == "demo-people":
                made = add_demo_people(tx, settings.config_dir, password=settings.environment.secret("DEMO_PASSWORD"))
                print(f"{len(made)} people added")
            else:
                person = actions.add_person(
                    tx,
                    login=asked.login,
                    name=asked.name,
                    email=asked.email,
                    role=asked.role,
                    unit=asked.unit,
                    password=getpass.getpass("Password: "),
                )
                print(f"{person.login} is {person.person}")
    except (auth.LoginTaken, auth.WeakPassword) as refused:
        print(refused, file=sys.stderr)
        return 2
    except CaseUnknown:
        print("nothing is locked for this petition", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(command(sys.argv[1:]))
