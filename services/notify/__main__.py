"""The wiring of the postman: its texts and rules, its channels, its loops."""

import os
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from flask import Flask

from services.notify import reactions, store, web
from services.notify.actions import Desk
from services.notify.channels.catcher import Catcher, Mailbox
from services.notify.channels.mail import Mail
from services.notify.channels.sms import Caught, Smpp
from services.notify.domain import texting
from services.notify.domain.letter import BadAddress, BadLetters, Letters, Office, check, gather, read_template
from services.notify.domain.outcome import SCHEDULES, Channel, Schedule
from services.notify.domain.rule import BadRules, Rules, read_rules
from services.notify.hooks.sending import WebhookSender
from services.notify.reactions import Book
from services.notify.sending import BATCH, Dispatcher, Outlet, Reaper
from shared import service as room
from shared.clock import Clock
from shared.config import parse_yaml
from shared.db import Database
from shared.fetch import read_webhook_reach
from shared.inbox import Together
from shared.service import Loop, Service
from shared.settings import BadSetting, Settings
from shared.web.org import Org, read_org

HEARS = ("intake", "workflow")
LONGEST_TOKEN = "x" * 32


# ---- texts and rules


def load_book(folder: Path, *, public_url: str) -> Book:
    """The rules and texts of a folder, checked against the events. Raises BadSetting, naming the file."""
    try:
        raw = parse_yaml((folder / "rules.yaml").read_text(encoding="utf-8"))
        words = parse_yaml((folder / "words.yaml").read_text(encoding="utf-8"))
        texts = [read_template(file.name, file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.txt"))]
        fields = {event.TYPE: reactions.fields_of(event.TYPE) for event in reactions.REACTIONS}
        rules: Rules = read_rules(raw, fields_of=fields)
        letters: Letters = gather(texts, words)
        check(letters, rules, fields, follow_link=f"{public_url}/t/{LONGEST_TOKEN}")
    except (OSError, yaml.YAMLError, UnicodeDecodeError, BadRules, BadLetters) as problem:
        raise BadSetting(f"{folder}: {problem}") from None
    return Book(rules, letters)


def office_of(org: Org) -> Office:
    """The authority as its letters name it."""

    def said(key: str) -> dict[str, str]:
        return {"vi": org.texts[key]["vi"], "en": org.texts[key].get("en", org.texts[key]["vi"])}

    return Office(name=said("name"), short=said("short_name"), hotline=org.hotline)


# ---- channels


@dataclass(frozen=True)
class Outside:
    """What the postman sends through: lines for e-mail, one for SMS; and the catcher where it stands in for them."""

    mails: tuple[Mail, ...]
    texts: Caught | Smpp
    catcher: Catcher | None
    is_here: bool  # whether the catcher listens in this process


def open_outside(settings: Settings, org: Org, *, clock: Clock) -> Outside:
    """The channels that the settings name. Nothing is connected yet. Raises BadSetting."""
    known = settings.environment
    mail_url = known.url("MAIL_URL", "smtp://127.0.0.1:8025" if settings.is_embedded else None)
    sms_url = known.url("SMS_URL", "catcher:" if settings.is_embedded else None)
    sender = known.text("MAIL_FROM", org.email)
    where = _catcher_is(settings)
    catcher = start_catcher(settings, mail_url, clock=clock) if where != "no" else None
    lines = known.integer("NOTIFY_MAIL_LINES", 1 if settings.database_url.startswith("sqlite") else 2, low=1, high=16)
    try:
        mails = tuple(
            Mail(
                mail_url,
                sender=sender,
                look_up=catcher.mailbox.has if catcher else None,
                port=catcher.listening_port if catcher and where == "here" else None,
            )
            for _ in range(lines)
        )
        if sms_url.startswith("catcher:"):
            if catcher is None:
                raise BadSetting("SMS_URL is catcher:, but there is no catcher; set CATCHER=yes or name a gateway")
            texts: Caught | Smpp = Caught(catcher.take_text, catcher.mailbox.has)
        else:
            name = known.text("SMS_SENDER", texting.fold(org.texts["short_name"]["vi"])[:11])
            texts = Smpp(sms_url, sender=name, system_type=known.text("SMS_SYSTEM_TYPE", "-").removeprefix("-"))
    except (ValueError, BadAddress) as problem:
        raise BadSetting(f"MAIL_URL, MAIL_FROM or SMS_URL: {problem}") from None
    return Outside(mails, texts, catcher, where == "here")


def _catcher_is(settings: Settings) -> str:
    """Where the catcher is: here, elsewhere (another process has it, and its file is ours to read), no."""
    default = "yes" if settings.is_embedded else "no"
    if settings.environment.text("CATCHER", default) == "elsewhere":
        return "elsewhere"
    return "here" if settings.environment.flag("CATCHER", settings.is_embedded) else "no"


def start_catcher(settings: Settings, mail_url: str, *, clock: Clock) -> Catcher:
    """The catcher with its mailbox, at the port that MAIL_URL names; it listens once it is started or first used."""
    relay = urlsplit(mail_url)
    if relay.hostname not in {"127.0.0.1", "localhost"}:
        raise BadSetting("with CATCHER on, MAIL_URL must name this machine, such as smtp://127.0.0.1:8025")
    file = settings.environment.path("CATCHER_FILE", settings.files_dir.parent / "outside.sqlite")
    return Catcher(Mailbox(file, clock), host="127.0.0.1", port=relay.port or 0)


# ---- all together


def build(settings: Settings, *, clock: Clock) -> Service:
    """The postman, ready to run."""
    org = read_org(settings.config_dir / "org.yaml")
    book = load_book(settings.config_dir / "letters", public_url=settings.public_url)
    desk = Desk(rules=book.rules, letters=book.letters, office=office_of(org), public_url=settings.public_url)
    outside = open_outside(settings, org, clock=clock)
    database = room.open_database(settings, store.metadata, clock=clock)
    catcher = outside.catcher
    app: Flask = web.make(settings, database, catcher.mailbox if catcher else None)
    return Service(
        settings=settings,
        database=database,
        app=app,
        hears=HEARS,
        reactions={event: Together(partial(react, book)) for event, react in reactions.REACTIONS.items()},
        loops=(*loops_of(settings, database, desk, outside), webhook_sender(settings, database)),
        on_start=(catcher.open,) if catcher and outside.is_here else (),
        on_stop=(catcher.stop,) if catcher and outside.is_here else (),
    )


def loops_of(settings: Settings, database: Database, desk: Desk, outside: Outside) -> tuple[Loop, ...]:
    """One dispatcher for each line, and the reaper."""
    owner = f"{socket.gethostname()[:32]}:{os.getpid()}:{time.monotonic_ns() % 10**9}"
    lease_s = float(settings.environment.integer("NOTIFY_LEASE_S", 300, low=5, high=3600))
    batch = settings.environment.integer("NOTIFY_BATCH", BATCH, low=1, high=100)
    channels: list[Outlet] = [*outside.mails, outside.texts]
    dispatchers = [
        Dispatcher(
            database,
            desk,
            channel,
            name=f"send-{channel.name}-{n}",
            owner=owner,
            lease_s=lease_s,
            batch=batch,
            is_woken=channel in (outside.mails[0], outside.texts),
        )
        for n, channel in enumerate(channels)
    ]
    asked: dict[str, Channel] = {channel.name: channel for channel in channels}
    reaper = Reaper(database, desk, asked, only_owner=owner if settings.is_embedded else None)
    return (*dispatchers, reaper)


def webhook_sender(settings: Settings, database: Database) -> WebhookSender:
    """The loop that tells partners. Raises BadSetting."""
    waits = settings.environment.text("WEBHOOK_WAITS_S", ",".join(map(str, SCHEDULES["webhook"].waits_s)))
    try:
        schedule = Schedule(tuple(int(one) for one in waits.split(",")))
    except ValueError:
        raise BadSetting(f"WEBHOOK_WAITS_S must be whole numbers of seconds, such as 5,300; it is {waits!r}") from None
    return WebhookSender(database, read_webhook_reach(settings.environment), schedule)


def wsgi() -> Flask:
    """For a production server's worker process."""
    return room.wsgi_of(build, "notify")


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(room.main(build, "notify"))
