"""The wiring of the desk: `python -m services.workflow web | worker | migrate | add-person | demo-people`."""

import argparse
import getpass
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from flask import Flask

from services.workflow import actions, reactions, store, web
from services.workflow.catalogue import read_catalogue
from services.workflow.domain.case import BadWorkflow, read_workflow
from services.workflow.domain.rules import Rules, make_rules
from shared import auth
from shared.clock import Clock, SystemClock
from shared.config import BadConfig
from shared.db import Transaction
from shared.service import Service, main, open_database, wsgi_of
from shared.settings import Settings, read_settings

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
    return Service(
        settings=settings,
        database=database,
        app=web.make_desk(settings, database, rules),
        linger_s=0.1,
        hears=HEARS,
        reactions=reactions.by(rules),
        loops=(actions.Sweep(database, rules), actions.Remind(database, rules)),
    )


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


def command(arguments: Sequence[str]) -> int:
    """`add-person` and `demo-people`; everything else is the kit's."""
    if not arguments or arguments[0] not in {"add-person", "demo-people"}:
        return main(build, "workflow")
    parser = argparse.ArgumentParser(prog="python -m services.workflow")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("add-person", help="make an account")
    for name in ("login", "name", "email"):
        one.add_argument(name)
    one.add_argument("--role", choices=auth.ROLES, required=True)
    one.add_argument("--unit", required=True)
    commands.add_parser("demo-people", help="make the accounts of the demonstration; password from DEMO_PASSWORD")
    asked = parser.parse_args(arguments)
    settings = read_settings("workflow", os.environ)
    database = open_database(settings, store.metadata, clock=SystemClock())
    try:
        with database.writing() as tx:
            if asked.command == "demo-people":
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
    return 0


if __name__ == "__main__":
    sys.exit(command(sys.argv[1:]))
