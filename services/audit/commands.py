"""What operators and doubters ask of the memory from a shell: `python -m services.audit`

    verify [DIR | --url URL] [--vkey FILE] [--since CHECKPOINT] [--json]   recompute everything
    prove EVENT                                          print the receipt of an event
    export-tiles DIR [--public]                          the log as files that any verifier reads
    keygen                                               make the log's key and print its public half
    accept SOURCE --epoch E --pos N --head H --by A --by B   two people take a frozen source up again
    add-auditor LOGIN --name NAME --email EMAIL          an account; the password is read from standard input

Exit: 0 sound or done · 1 evidence of tampering, or refused · 2 cannot tell.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from services.audit import export, publish, reactions, store, verify
from services.audit.prove import NotSignedYet, receipt_of
from services.audit.tlog.note import BadKey, Verifier
from services.audit.verify import CannotTell, Folder, Report, Shelf, Site, Tables, Tampered
from shared import auth
from shared.clock import SystemClock
from shared.db import Database
from shared.events.codec import from_b64u
from shared.keys import BadKeys
from shared.service import open_database
from shared.settings import SERVICES, BadSetting, Settings, read_settings

SOUND, TAMPERED, CANNOT_TELL = 0, 1, 2


def command(argv: Sequence[str]) -> int:
    """Do what the words ask. Returns the exit code."""
    asked = _parser().parse_args(argv)
    try:
        return _DO[asked.command](asked)
    except (Tampered, Refusal) as problem:
        return _say(asked, "FAIL", str(problem), TAMPERED)
    except (CannotTell, BadSetting, BadKeys, BadKey, OSError) as problem:
        return _say(asked, "CANNOT TELL", str(problem), CANNOT_TELL)
    except DBAPIError as problem:
        return _say(asked, "CANNOT TELL", str(problem.orig).strip().splitlines()[0], CANNOT_TELL)


class Refusal(Exception):
    """The command does not do that."""


def _verify(asked: argparse.Namespace) -> int:
    since = Path(asked.since).read_text(encoding="utf-8") if asked.since else None
    verifier = Verifier.read(Path(asked.vkey).read_text(encoding="utf-8")) if asked.vkey else None
    if asked.directory or asked.url:
        if verifier is None:
            raise CannotTell("--vkey is needed: the key must not come from where the log comes from")
        shelf: Shelf = Folder(Path(asked.directory)) if asked.directory else Site(asked.url)
        return _tell(asked, verify.verify(shelf, verifier, since=since))
    settings, database = _open()
    with database.reading() as tx:
        report = verify.verify(Tables(tx), verifier or publish.load_verifier(settings.keys_dir), since=since)
        verify.check_index(tx, report.size)
        frozen = [found for found in store.open_findings(tx) if found.kind != "withheld"]
    if frozen:
        raise Tampered("; ".join(f"{found.kind}: {found.source} {found.detail}" for found in frozen))
    return _tell(asked, report)


def _tell(asked: argparse.Namespace, report: Report) -> int:
    if asked.json:
        print(json.dumps({"verdict": "sound"} | vars(report)))
    else:
        print("\n".join(verify.words_of(report)))
    return SOUND


def _say(asked: argparse.Namespace, verdict: str, why: str, code: int) -> int:
    if getattr(asked, "json", False):
        print(json.dumps({"verdict": {TAMPERED: "tampered", CANNOT_TELL: "cannot tell"}[code], "why": why}))
    else:
        print(f"{verdict}: {why}", file=sys.stderr)
    return code


def _prove(asked: argparse.Namespace) -> int:
    _, database = _open()
    with database.reading() as tx:
        line = store.line_of_event(tx, asked.event)
        if line is None:
            raise CannotTell(f"the log has no event {asked.event}")
        try:
            sys.stdout.write(receipt_of(tx, line.idx))
        except NotSignedYet as problem:
            raise CannotTell(str(problem)) from None
    return SOUND


def _export(asked: argparse.Namespace) -> int:
    _, database = _open()
    with database.reading() as tx:
        try:
            signed = export.export(tx, Path(asked.directory), with_entries=not asked.public)
        except export.NothingSigned as problem:
            raise CannotTell(str(problem)) from None
    print(f"{signed.size} entries in {asked.directory}")
    return SOUND


def _keygen(_asked: argparse.Namespace) -> int:
    settings = read_settings("audit", os.environ)
    print(publish.make_key(settings.keys_dir, publish.origin_of(settings)).verifier.vkey)
    return SOUND


def _accept(asked: argparse.Namespace) -> int:
    _, database = _open()
    if len(asked.by or ()) != 2:
        raise Refusal("name two people: --by A --by B")
    with database.writing() as tx:
        try:
            idx = reactions.accept_source(
                tx,
                asked.source,
                epoch=asked.epoch,
                pos=asked.pos,
                head=from_b64u(asked.head),
                keys=database.codec.keys,
                decided_by=(asked.by[0], asked.by[1]),
            )
        except reactions.NotTwoPeople as problem:
            raise Refusal(str(problem)) from None
    print(f"entry {idx}: {asked.source} goes on after {asked.pos}")
    return SOUND


def _add_auditor(asked: argparse.Namespace) -> int:
    _, database = _open()
    with database.writing() as tx:
        try:
            made = auth.add_account(
                tx,
                login=asked.login,
                name=asked.name,
                email=asked.email,
                role="auditor",
                unit=None,
                password=sys.stdin.readline().rstrip("\n"),
            )
        except (auth.LoginTaken, auth.WeakPassword) as problem:
            raise Refusal(str(problem)) from None
    print(made.person)
    return SOUND


def _open() -> tuple[Settings, Database]:
    settings = read_settings("audit", os.environ)
    return settings, open_database(settings, store.metadata, clock=SystemClock())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.audit", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("verify", help="recompute everything")
    check.add_argument("directory", nargs="?")
    check.add_argument("--url", help="the public address of a log, as far as /log")
    check.add_argument("--vkey", help="file with the log's public key, from a place you trust")
    check.add_argument("--since", help="file with an older checkpoint that the log must have grown from")
    check.add_argument("--json", action="store_true")
    prove = commands.add_parser("prove", help="print the receipt of an event")
    prove.add_argument("event", type=UUID)
    files = commands.add_parser("export-tiles", help="write the log as files")
    files.add_argument("directory")
    files.add_argument("--public", action="store_true", help="without the entries")
    commands.add_parser("keygen", help="make the log's key")
    accept = commands.add_parser("accept", help="take a frozen source up again")
    accept.add_argument("source", choices=SERVICES)
    accept.add_argument("--epoch", required=True)
    accept.add_argument("--pos", type=int, required=True, help="last position that both sides agree on")
    accept.add_argument("--head", required=True, help="hash of the event there, base64url")
    accept.add_argument("--by", action="append", help="pseudonym of who decided; twice")
    person = commands.add_parser("add-auditor", help="make an account")
    person.add_argument("login")
    person.add_argument("--name", required=True)
    person.add_argument("--email", required=True)
    return parser


_DO: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "verify": _verify,
    "prove": _prove,
    "export-tiles": _export,
    "keygen": _keygen,
    "accept": _accept,
    "add-auditor": _add_auditor,
}
COMMANDS = set(_DO)
