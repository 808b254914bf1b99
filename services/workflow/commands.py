"""What operators ask of the desk from a shell: accounts, a reorganisation, the configuration, keys of identities."""

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from services.workflow import actions, store
from services.workflow.catalogue import catalogue_after, read_catalogue, read_plan, write_plan
from services.workflow.domain.case import SYSTEM
from services.workflow.domain.reorganisation import Plan, PlanRefused, changes
from services.workflow.domain.vocabulary import Catalogue
from services.workflow.press import Press
from services.workflow.rulebook import RuleBook
from services.workflow.steps import CaseUnknown, Incomplete, NotAllowed
from shared import auth
from shared.clock import Clock, SystemClock
from shared.config import BadConfig, parse_yaml
from shared.db import Database, Reading, Transaction
from shared.service import open_database
from shared.settings import Settings, read_settings

# ---- people


def demo_rows(config_dir: Path) -> list[dict[str, Any]]:
    """The people of the demonstration: invented, and named by what they do."""
    rows = parse_yaml((config_dir / "demo-people.yaml").read_text(encoding="utf-8"))["people"]
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
        with database.reading() as look:
            rules = RuleBook(settings.config_dir, Press(settings.files_dir)).in_force(look)
        count = actions.carry_out(database, rules, known)
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


# ---- the configuration


def configure(arguments: Sequence[str]) -> int:
    """`config check`, `draft`, `publish`, `history`: what the pages do, for operators. 2 where it is refused."""
    asked = _config_parser().parse_args(arguments)
    settings = read_settings("workflow", os.environ)
    database = open_database(settings, store.metadata, clock=SystemClock())
    try:
        book = RuleBook(settings.config_dir, Press(settings.files_dir))
        with database.writing() as tx:
            for line in CONFIG_COMMANDS[asked.command](tx, book, asked):
                print(line)
    except (BadConfig, Incomplete, NotAllowed, LookupError) as refused:
        print(refused, file=sys.stderr)
        return 2
    except (actions.DocumentUnknown, actions.DraftDecided, actions.DraftOutdated) as refused:
        print(type(refused).__doc__, file=sys.stderr)
        return 2
    finally:
        database.close()
    return 0


def _config_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.workflow config")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="read files and publications; or a text in the place of one of them")
    check.add_argument("name", nargs="?")
    check.add_argument("file", nargs="?", type=Path)
    draft = commands.add_parser("draft", help="write a document anew; another person publishes it")
    draft.add_argument("name")
    draft.add_argument("file", type=Path)
    draft.add_argument("--reason", required=True)
    draft.add_argument("--valid-from", type=date.fromisoformat)
    publish = commands.add_parser("publish", help="put a draft in force")
    publish.add_argument("draft", type=UUID)
    for one in (draft, publish):
        one.add_argument("--by", required=True, help="login of the person who does it")
    history = commands.add_parser("history", help="who wrote and published what, when and why")
    history.add_argument("name", nargs="?")
    return parser


def _check(tx: Transaction, book: RuleBook, asked: argparse.Namespace) -> Iterator[str]:
    edition = book.edition(tx)
    if asked.name and asked.file:
        book.check(tx, asked.name, asked.file.read_text(encoding="utf-8"), valid_from=edition.day)
        yield f"{asked.name}: could be published"
        return
    for name in book.names:
        document = edition.documents.get(name)
        yield f"{name}: " + (f"version {document.version}, from {document.valid_from}" if document else "the file")
    if edition.left_out:
        raise BadConfig("; ".join(f"left out: {one.document.name}, {one.why}" for one in edition.left_out))


def _draft(tx: Transaction, book: RuleBook, asked: argparse.Namespace) -> Iterator[str]:
    written = actions.draft_document(
        tx,
        book,
        person=_person(tx, asked.by),
        name=asked.name,
        text=asked.file.read_text(encoding="utf-8"),
        reason=asked.reason,
        valid_from=asked.valid_from,
    )
    yield f"{written.id}: {written.name}, from {written.valid_from}"


def _publish(tx: Transaction, book: RuleBook, asked: argparse.Namespace) -> Iterator[str]:
    kept = actions.publish_document(tx, book, person=_person(tx, asked.by), document_id=asked.draft)
    yield f"{kept.name}: version {kept.version}, from {kept.valid_from}"


def _history(tx: Transaction, book: RuleBook, asked: argparse.Namespace) -> Iterator[str]:
    names = {person.person: person.login for person in auth.list_people(tx)}
    for name in [asked.name] if asked.name else book.names:
        for one in store.history_of(tx, name):
            who = names.get(one.drafted_by, one.drafted_by)
            other = names.get(one.decided_by or "", one.decided_by or "-")
            yield f"{one.id}  {name} {one.version or '-'}  {one.state}  {one.valid_from}  {who} / {other}  {one.reason}"


CONFIG_COMMANDS: Mapping[str, Callable[[Transaction, RuleBook, argparse.Namespace], Iterator[str]]] = {
    "check": _check,
    "draft": _draft,
    "publish": _publish,
    "history": _history,
}


def _person(tx: Transaction, login: str) -> auth.Person:
    """The active person of this login. Raises LookupError."""
    for person in auth.list_people(tx):
        if person.is_active and person.login == auth.fold_login(login):
            return person
    raise LookupError(f"nobody signs in as {login!r}")


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


# ---- the command line


def command(arguments: Sequence[str]) -> int:
    """Do what was asked. 2 where it is refused."""
    if arguments[0] == "config":
        return configure(arguments[1:])
    asked = _parser().parse_args(arguments)
    settings = read_settings("workflow", os.environ)
    if asked.command == "reorganise":
        return reorganise(settings, asked.plan, on=asked.on, is_dry=asked.dry_run, clock=SystemClock())
    database = open_database(settings, store.metadata, clock=SystemClock())
    try:
        print(_DO[asked.command](settings, database, asked))
    except (auth.LoginTaken, auth.WeakPassword) as refused:
        print(refused, file=sys.stderr)
        return 2
    except CaseUnknown:
        print("nothing is locked for this petition", file=sys.stderr)
        return 2
    finally:
        database.close()
    return 0


def _parser() -> argparse.ArgumentParser:
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
    turn = commands.add_parser("rotate-identity-key", help="wrap the keys of identities under a fresh key")
    turn.add_argument("--finish", action="store_true", help="wrap what is left, then drop the older keys")
    erase = commands.add_parser("erase-identity", help="destroy the key of a petition: nobody can read it any more")
    erase.add_argument("petition", type=UUID)
    erase.add_argument("--ground", choices=actions.ERASED, required=True)
    return parser


def _add_person(_settings: Settings, database: Database, asked: argparse.Namespace) -> str:
    with database.writing() as tx:
        person = actions.add_person(
            tx,
            login=asked.login,
            name=asked.name,
            email=asked.email,
            role=asked.role,
            unit=asked.unit,
            password=getpass.getpass("Password: "),
        )
    return f"{person.login} is {person.person}"


def _demo_people(settings: Settings, database: Database, _asked: argparse.Namespace) -> str:
    with database.writing() as tx:
        made = add_demo_people(tx, settings.config_dir, password=settings.environment.secret("DEMO_PASSWORD"))
    return f"{len(made)} people added"


def _rotate(_settings: Settings, database: Database, asked: argparse.Namespace) -> str:
    return rotate(database, is_last_round=asked.finish)


def _erase(_settings: Settings, database: Database, asked: argparse.Namespace) -> str:
    with database.writing() as tx:
        actions.erase_identity(tx, petition_id=asked.petition, actor=SYSTEM, ground=asked.ground)
    return "erased"


_DO: Mapping[str, Callable[[Settings, Database, argparse.Namespace], str]] = {
    "add-person": _add_person,
    "demo-people": _demo_people,
    "rotate-identity-key": _rotate,
    "erase-identity": _erase,
}
COMMANDS = {"config", "reorganise", *_DO}
