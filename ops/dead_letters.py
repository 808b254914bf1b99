"""Dead letters: look at what could not be heard, try it again, go on without it, or throw it away.

python -m ops.dead_letters SERVICE list
python -m ops.dead_letters SERVICE replay EVENT_ID | all
python -m ops.dead_letters SERVICE skip EVENT_ID --why "who decided, and why"
python -m ops.dead_letters SERVICE drain            fetch what the broker gave up on
python -m ops.dead_letters SERVICE drop MESSAGE_ID  remove a message that is no event of ours
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from shared import telemetry
from shared.bus import drain_dead_letters
from shared.clock import SystemClock
from shared.inbox import Inbox, dead_message
from shared.keys import BadKeys
from shared.service import Service, inbox_of
from shared.settings import SERVICES, BadSetting, read_settings


def main(argv: Sequence[str] | None = None) -> int:
    given = _arguments().parse_args(argv)
    try:
        settings = read_settings(given.service, os.environ)
        telemetry.configure(settings.log_format)
        service: Service = importlib.import_module(f"services.{given.service}.__main__").build(
            settings, clock=SystemClock()
        )
    except (BadSetting, BadKeys) as problem:
        print(f"{given.service}: {problem}", file=sys.stderr)
        return 2
    if service.reactions is None:
        print(f"{given.service} keeps what it refuses in its own table `refused`; see its pages", file=sys.stderr)
        return 2
    inbox = inbox_of(service)
    match given.what:
        case "list":
            return _list(service, inbox)
        case "replay":
            ids = [row["event_id"] for row in inbox.dead()] if given.id == "all" else [UUID(given.id)]
            return _report(sum(inbox.replay(one) for one in ids), "tried again")
        case "skip":
            return _report(inbox.skip(UUID(given.id), why=given.why), "skipped")
        case "drain":
            count = drain_dead_letters(
                settings.broker_url, given.service, lambda m: inbox.put_aside(m, "given up: by the broker")
            )
            return _report(count, "fetched", must=False)
        case _:
            return _report(_drop(service, UUID(given.id)), "dropped")


def _list(service: Service, inbox: Inbox) -> int:
    for dead in inbox.dead():
        print(
            f"dead event   {dead['event_id']}  {dead['source']}#{dead['pos']}  "
            f"{dead['attempts']} attempts  {dead['last_error']}"
        )
    with service.database.reading() as tx:
        for row in tx.connection.execute(select(dead_message).order_by(dead_message.c.received_at)):
            print(f"dead message {row.id}  {row.routing_key}  {len(row.body)} bytes  {row.reason}")
    print(f"{service.name}: {inbox.backlog() or 'nothing waits'}")
    return 0


def _drop(service: Service, message_id: UUID) -> int:
    with service.database.housekeeping() as connection:
        return connection.execute(dead_message.delete().where(dead_message.c.id == message_id)).rowcount


def _report(count: int, what: str, *, must: bool = True) -> int:
    print(f"{int(count)} {what}")
    return 0 if count or not must else 1


def _arguments() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m ops.dead_letters")
    options.add_argument("service", choices=SERVICES)
    verbs = options.add_subparsers(dest="what", required=True)
    verbs.add_parser("list")
    verbs.add_parser("drain")
    for verb in ("replay", "skip", "drop"):
        one = verbs.add_parser(verb)
        one.add_argument("id")
        if verb == "skip":
            one.add_argument("--why", required=True)
    return options


if __name__ == "__main__":
    sys.exit(main())
