"""The wiring of the desk: `python -m services.workflow web | worker | migrate | add-person | demo-people`, and
`reorganise --on DATE --plan FILE`.
"""

import argparse
import getpass
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from flask import Flask

from services.workflow import actions, reactions, store, web
from services.workflow.catalogue import (
    catalogue_after,
    read_answer_rules,
    read_catalogue,
    read_papers,
    read_plan,
    write_plan,
)
from services.workflow.domain.case import BadWorkflow, read_workflow
from services.workflow.domain.reorganisation import Plan, PlanRefused, changes
from services.workflow.domain.rules import Rules, make_rules
from services.workflow.domain.vocabulary import Catalogue
from services.workflow.press import Press
from shared import auth
from shared.clock import Clock, SystemClock
from shared.config import BadConfig
from shared.db import Reading, Transaction
from shared.service import Service, main, open_database, wsgi_of
from shared.settings import Settings, read_settings

HEARS = ("intake", "notify")


def read_rules(config_dir: Path, files_dir: Path) -> Rules:
    """The catalogue, the state tables and the letters, read and checked; what is printed is kept in `files_dir`.

    Raises BadConfig.
    """
    tables = [
        read_workflow(path.stem.split("@")[0], yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted((config_dir / "workflows").glob("*.yaml"))
    ]
    catalogue = read_catalogue(config_dir)
    papers = read_papers(config_dir, catalogue)
    answers = read_answer_rules(config_dir, catalogue)
    try:
        return make_rules(catalogue, tables, papers, Press(files_dir), answers)
    except BadWorkflow as wrong:
        raise BadConfig(f"workflows: {wrong}") from wrong


def build(settings: Settings, *, clock: Clock) -> Service:
    """The desk, put together."""
    rules = read_rules(settings.config_dir, settings.files_dir)
    database = open_database(settings, store.metadata, clock=clock)
    return Service(
        settings=settings,
        database=database,
        app=web.make_desk(settings, database, rules),
        linger_s=0.1,
        hears=HEARS,
        reactions=reactions.by(rules),
        loops=(
            actions.Sweep(database, rules),
            actions.Remind(database, rules),
            actions.PromiseSweep(database, rules),
            actions.Succession(database, rules),
        ),
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


# ---- a reorganisation


def reorganise(settings: Settings, plan_file: Path, *, on: date, is_dry: bool, clock: Clock) -> int:
    """Write a plan into the configuration and, when its day has come, carry it out. Once more goes on or does
    nothing.
    """
    try:
        plan = read_plan(plan_file)
        before = read_catalogue(settings.config_dir)
        after = catalogue_after(settings.config_dir, plan, on)
    except (BadConfig, PlanRefused) as refused:
        print("refused:", *getattr(refused, "reasons", (refused,)), sep="\n  ", file=sys.stderr)
        return 2
    database = open_database(settings, store.metadata, clock=clock)
    try:
        with database.reading() as look:
            print(*effect_of_plan(look, before, after, plan, on), sep="\n")
        if is_dry:
            return 0
        write_plan(settings.config_dir, plan, on)
        with database.writing() as tx:
            known = store.add_reorganisation(tx, plan, on)
            is_due = on <= before.calendar.local_day(tx.now)
        if not is_due:
            print(f"written; cases move on {on}, by a worker that was started anew or by this command")
            return 0
        count = actions.carry_out(database, read_rules(settings.config_dir, settings.files_dir), known)
        print(f"carried out; {count} cases touched. Start every service anew, so that it reads the new names.")
    finally:
        database.close()
    return 0


def effect_of_plan(look: Reading, before: Catalogue, after: Catalogue, plan: Plan, on: date) -> list[str]:
    """What a plan would do, a line each."""
    counts = store.count_ordinary(look, plan.heirs)
    people = [(one, plan.unit_of(one.login, one.unit)) for one in auth.list_people(look)]
    return [
        *(f"close {unit}: {counts.get(unit, 0)} ordinary open cases go to {heir}" for unit, heir in plan.heirs.items()),
        *(f"open {one.code}: {one.name}" for one in plan.open),
        *(f"{one.what} {one.code}: {one.before} → {one.after}" for one in changes(before, after, on)),
        *(f"account {one.login}: {one.unit} → {unit}" for one, unit in people if unit != one.unit),
        *(f"account {one.login} stays in {one.unit}, which closes" for one, unit in people if unit in plan.heirs),
    ]


def command(arguments: Sequence[str]) -> int:
    """`add-person`, `demo-people` and `reorganise`; everything else is the kit's."""
    if not arguments or arguments[0] not in {"add-person", "demo-people", "reorganise"}:
        return main(build, "workflow")
    parser = argparse.ArgumentParser(prog="python -m services.workflow")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("add-person", help="make an account")
    for name in ("login", "name", "email"):
        one.add_argument(name)
    one.add_argument("--role", choices=auth.ROLES, required=True)
    one.add_argument("--unit", required=True)
    commands.add_parser("demo-people", help="make the accounts of the demonstration; password from DEMO_PASSWORD")
    change = commands.add_parser("reorganise", help="close and open units, move what was theirs")
    change.add_argument("--on", type=date.fromisoformat, required=True, help="the first day, YYYY-MM-DD")
    change.add_argument("--plan", type=Path, required=True)
    change.add_argument("--dry-run", action="store_true", help="say what it would do and do nothing")
    asked = parser.parse_args(arguments)
    settings = read_settings("workflow", os.environ)
    if asked.command == "reorganise":
        return reorganise(settings, asked.plan, on=asked.on, is_dry=asked.dry_run, clock=SystemClock())
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
