"""`make bench`, second part: how the desk stands ten million cases; written to docs/benchmarks-desk.md.

The same requests are measured on a tenth of the cases and on all of them, so that growth is seen, not guessed. Needs
PostgreSQL, fifty gigabytes of disk and an hour. `DESK_CASES` asks for another number. With `DESK_KEEP=1` the filled
databases (`ln_desk_10000000`, and a tenth of it) stay, and are worked in again the next time; drop them by hand.
"""

import gc
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import unquote_plus, urlencode, urlsplit, urlunsplit
from uuid import UUID, uuid4

import psycopg
from flask.testing import FlaskClient
from psycopg import sql
from sqlalchemy import text

from ops.bench import Figure, page
from ops.desk_data import Filled, fill, filled_with
from ops.load import percentile
from ops.test import DATABASE
from services.workflow import store
from services.workflow.actions import Sweep
from services.workflow.domain.rules import Rules
from services.workflow.rulebook import read_rules
from services.workflow.web import make_desk
from shared import auth, migrate, telemetry
from shared.clock import MovableClock
from shared.db import Database
from shared.keys import generate
from shared.service import open_database
from shared.settings import SERVICES, read_settings

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks-desk.md"
CASES = 10_000_000
ROUNDS = 12  # of each page by each person
DUE = 10_000
SHOWN = 6  # of the slowest pages

WORDS = ("ổ gà Điện Biên Phủ", "den duong hong", "vỉa hè Tố Hữu", "ma 9f3a", "không có chữ nào như thế này")


@dataclass(frozen=True)
class Asked:
    """One request: who asked for which page, how long it took, and what both processors gave to it: the web process and
    the database. What other work takes away is in the time alone.
    """

    role: str
    page: str
    seconds: float
    cpu_s: float


Times = dict[str, list[Asked]]  # by the kind of page


@dataclass(frozen=True)
class Measured:
    """What one size of the database costs."""

    cases: int
    times: Times
    idle_s: list[float]
    due_s: float
    due_cpu_s: float
    size: str
    load: float  # of the machine, in the five minutes before the end: above its cores other work disturbed the times


def main() -> int:
    telemetry.configure("json", level=40)
    most = int(os.environ.get("DESK_CASES", CASES))
    with tempfile.TemporaryDirectory() as files:
        rules = read_rules(ROOT / "config", Path(files))
        found = [measure(rules, cases) for cases in (most // 10, most)]
    written = page(figures(*found), title="What many cases cost")
    PAGE.write_text("\n".join([written, *slowest(*found)]), encoding="utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}")
    return 0


def measure(rules: Rules, cases: int) -> Measured:
    """Work in a database with so many cases: a kept one, or one that is filled now."""
    began = time.time()

    def say(what: str) -> None:
        print(f"   {time.time() - began:5.0f} s  {what}", flush=True)

    print(f"── {cases:,} cases", flush=True)
    with tempfile.TemporaryDirectory() as folder, _database(cases) as url:
        generate(Path(folder) / "keys", SERVICES)
        now = _filled_at(url)
        database, clock = _opened(url, Path(folder), now or datetime.now(UTC))
        try:
            migrate.upgrade(database.engine, ROOT / "services" / "workflow" / "migrations")
            if now is not None:
                _vacuum(url)
            if now is None:
                fill(url.replace("+psycopg", ""), rules, cases=cases, now=clock.now(), say=say)
                _note_filled(url, clock.now())
            filled = filled_with(rules, cases=cases, now=clock.now())
            measured = _at_work(database, clock, rules, filled, Path(folder), url, say)
        finally:
            database.close()
    return measured


def _at_work(
    database: Database,
    clock: MovableClock,
    rules: Rules,
    filled: Filled,
    var: Path,
    url: str,
    say: Callable[[str], None],
) -> Measured:
    say("screens")
    times = screens(database, rules, filled, _settings(url, var))
    say("an idle minute")
    sweep = Sweep(database, rules)
    idle = [_seconds(sweep.once) for _ in range(30)]
    say(f"{DUE:,} steps that have come")
    before = _cpu_s(database)
    seconds = due_steps(database, clock, sweep)
    cpu_s = _cpu_s(database) - before
    with database.reading() as look:
        size = str(
            look.connection.execute(text("SELECT pg_size_pretty(pg_database_size(current_database()))")).scalar()
        )
    return Measured(filled.cases, times, idle, seconds, cpu_s, size, os.getloadavg()[1])


# ---- screens


def screens(database: Database, rules: Rules, filled: Filled, settings: Any) -> Times:
    """Every kind of page by everybody who works here, as the browser asks for it: whole requests, pages rendered."""
    app = make_desk(settings, database, rules)
    gc.freeze()  # as the process of the pages does
    chosen = random.Random(1)
    times: Times = {"queue": [], "case": [], "search": []}
    for person in _people(filled):
        client = _signed_in(app, database, person)
        asked = {
            "queue": [f"/desk/?view={view}" for view in _views(client)],
            "search": [f"/desk/?{urlencode({'q': words})}" for words in WORDS],
            "case": [f"/desk/cases/{case_id}" for case_id in _cases(database, person, chosen)],
        }
        for kind, paths in asked.items():
            for path in paths * 2:
                client.get(path)  # statements are planned and pages fetched
            for path in paths * (1 if kind == "case" else ROUNDS):
                named = "a case" if kind == "case" else unquote_plus(path.partition("=")[2])
                before = _cpu_s(database)
                seconds = _seconds(partial(_page, client, path))
                times[kind].append(Asked(_role(person), named, seconds, _cpu_s(database) - before))
    return times


def _cpu_s(database: Database) -> float:
    """Seconds of processor that this process and its database have had; both run on this machine, a Linux."""
    with database.engine.connect() as look:
        pids = look.execute(text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")).scalars().all()
    spent = [Path(f"/proc/{pid}/schedstat").read_text().split()[0] for pid in pids]
    return time.process_time() + sum(map(int, spent)) / 1e9


def _role(person: str) -> str:
    """The role of one of those who ask, by their pseudonym."""
    name = person.removeprefix("u:").rpartition("-")[2]
    return "officer" if name.isdigit() else name


def _people(filled: Filled) -> list[str]:
    units = filled.units[:2]
    return [f"u:{unit}-{number}" for unit in units for number in (0, 7)] + [
        *(f"u:{unit}-head" for unit in units),
        "u:office",
        "u:director",
    ]


def _signed_in(app: Any, database: Database, person: str) -> FlaskClient:
    with database.writing() as tx:
        known = auth.find_credentials(tx, person)
        assert known is not None
        token = auth.open_session(tx, known)
    client: FlaskClient = app.test_client()
    client.set_cookie("ln-workflow-in", token)
    return client


def _views(client: FlaskClient) -> list[str]:
    """The views that the person's own navigation offers."""
    body = client.get("/desk/?view=all").get_data(as_text=True)
    return [view for view in store.VIEWS if f"view={view}" in body]


def _cases(database: Database, person: str, chosen: random.Random) -> list[UUID]:
    """Some cases of theirs, open and closed, that are no secret."""
    with database.reading() as look:
        rows = look.connection.execute(
            text(
                "(SELECT id FROM case_ WHERE kind_class = 'ordinary' AND (officer = :who OR :who IN ('u:office', "
                "'u:director') OR unit = split_part(:who, '-', 1)) AND NOT is_ended LIMIT 400) UNION ALL "
                "(SELECT id FROM case_ WHERE kind_class = 'ordinary' AND unit = split_part(split_part(:who, ':', 2), "
                "'-', 1) AND is_ended LIMIT 400)"
            ),
            {"who": person},
        ).scalars()
        found = list(rows)
    return chosen.sample(found, min(ROUNDS, len(found)))


def _page(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status}")


# ---- the clock


def due_steps(database: Database, clock: MovableClock, sweep: Sweep) -> float:
    """Seconds in which ten thousand steps of the ladder are taken, with their events."""
    with database.housekeeping() as connection:
        come = connection.execute(
            text(
                "UPDATE case_ SET next_step_at = :now WHERE id IN "
                "(SELECT id FROM case_ WHERE next_step_at IS NOT NULL ORDER BY next_step_at LIMIT :count)"
            ),
            {"now": clock.now(), "count": DUE},
        ).rowcount
    clock.move_to(clock.now() + timedelta(seconds=1))
    began, done = time.perf_counter(), 0
    while taken := sweep.once():
        done += taken
    if done != come:
        raise RuntimeError(f"{done} steps were taken, not {come}")
    return time.perf_counter() - began


# ---- figures


def figures(less: Measured, more: Measured) -> list[Figure]:
    """The lines of the page; growth is from a tenth of the cases to all of them."""
    aims = {"queue": ("a page of a queue", 0.1), "case": ("the page of a case", 0.1), "search": ("a search", 0.2)}
    found = []
    for kind, (what, aim_s) in aims.items():
        seconds, fewer = ([one.seconds for one in which.times[kind]] for which in (more, less))
        p95, before = percentile(seconds, 0.95), percentile(fewer, 0.95)
        notes = [
            f"{len(seconds)} requests by officers, heads, the Office and the director; "
            f"median {_ms(statistics.median(seconds))}",
            f"of processor {_ms(_cpu_p95(more.times[kind]))} at p95, with {less.cases:,} cases "
            f"{_ms(_cpu_p95(less.times[kind]))}",
            f"with {less.cases:,} cases {_ms(before)}, median {_ms(statistics.median(fewer))}",
        ]
        found.append(
            Figure(
                f"{what}, p95, {_cases_of(more)}",
                f"< {aim_s * 1000:.0f} ms",
                f"{p95 * 1000:.0f} ms",
                p95 < aim_s,
                notes,
            )
        )
        growth = p95 / before
        found.append(Figure(f"{what}: growth of p95 when cases grow tenfold", "< 1.5", f"{growth:.2f}", growth < 1.5))
    idle = percentile(more.idle_s, 0.95)
    found.append(
        Figure(
            f"a minute in which nothing is due, p95, {_cases_of(more)}", "< 50 ms", f"{idle * 1000:.1f} ms", idle < 0.05
        )
    )
    found.append(
        Figure(
            f"{DUE:,} steps of the ladder that have come, {_cases_of(more)}",
            "< 60 s",
            f"{more.due_s:.1f} s",
            more.due_s < 60,
            [
                f"of processor {more.due_cpu_s:.1f} s",
                f"with {less.cases:,} cases {less.due_s:.1f} s, of processor {less.due_cpu_s:.1f} s",
                f"the database holds {more.size}",
            ],
        )
    )
    return found


def slowest(less: Measured, more: Measured) -> list[str]:
    """Where the p95 comes from: the pages that cost most, by who asked for them."""
    lines = [
        "## The slowest pages",
        "",
        f"What a page reads is bounded ([ADR 31](adr/0031-counts-read-from-the-index.md)). The machine's load was "
        f"{less.load:.1f} and {more.load:.1f} on {os.cpu_count()} cores: above that, other work disturbed the times.",
        "",
    ]
    for kind, what in (("queue", "view"), ("search", "words")):
        lines += [
            f"| who | {what} | median | p95 | processor at p95 | with {less.cases:,} | growth |",
            "|---|---|---|---|---|---|---|",
        ]
        before, after = _by_page(less.times[kind]), _by_page(more.times[kind])
        for role, named in sorted(after, key=lambda key: -_cpu_p95(after[key]))[:SHOWN]:
            seconds = [one.seconds for one in after[role, named]]
            cpu, then = _cpu_p95(after[role, named]), _cpu_p95(before[role, named])
            said = map(_ms, (statistics.median(seconds), percentile(seconds, 0.95), cpu, then))
            lines.append(f"| {role} | {named} | {' | '.join(said)} | {cpu / then:.1f} |")
        lines.append("")
    return lines


def _by_page(asked: list[Asked]) -> dict[tuple[str, str], list[Asked]]:
    found: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    for one in asked:
        found[one.role, one.page].append(one)
    return found


def _cpu_p95(asked: list[Asked]) -> float:
    return percentile([one.cpu_s for one in asked], 0.95)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _cases_of(measured: Measured) -> str:
    return f"{measured.cases:,} cases of which a tenth is open"


# ---- the database


@contextmanager
def _database(cases: int) -> Iterator[str]:
    """A database of its own: dropped afterwards, or kept under its name and found again."""
    server, is_kept = os.environ.get("TEST_DATABASE_URL", DATABASE), bool(os.environ.get("DESK_KEEP"))
    url = urlunsplit(urlsplit(server)._replace(path=f"/ln_desk_{cases if is_kept else uuid4().hex[:8]}"))
    if not (is_kept and _filled_at(url)):
        _drop(url)
        _administer(url, "CREATE DATABASE {}")
    try:
        yield url
    finally:
        if not is_kept:
            _drop(url)


def _drop(url: str) -> None:
    _administer(url, "DROP DATABASE IF EXISTS {} WITH (FORCE)")


def _note_filled(url: str, now: datetime) -> None:
    """Say that a database is whole, and the instant of its newest case: its clock begins there every time."""
    _administer(url, "COMMENT ON DATABASE {} IS {}", now.isoformat())


def _filled_at(url: str) -> datetime | None:
    """What was noted; None where there is no such database or its filling was broken off."""
    with _server() as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [_name(url)]
        ).fetchone()
    return datetime.fromisoformat(row[0]) if row and row[0] else None


def _administer(url: str, statement: LiteralString, *values: str) -> None:
    with _server() as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(_name(url)), *map(sql.Literal, values)))


def _vacuum(url: str) -> None:
    """What autovacuum does in a house at work: a migration and the last run left rows behind."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _server() -> psycopg.Connection[Any]:
    server = os.environ.get("TEST_DATABASE_URL", DATABASE)
    return psycopg.connect(server.replace("+psycopg", ""), autocommit=True)


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def _settings(url: str, var: Path) -> Any:
    values = {
        "VAR_DIR": str(var),
        "CONFIG_DIR": str(ROOT / "config"),
        "BROKER_URL": f"inproc://{var.name}",
        "SESSION_SECRET": "of-a-measurement-and-of-nothing-else",
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "DATABASE_URL": url,
    }
    return read_settings("workflow", values)


def _opened(url: str, var: Path, now: datetime) -> tuple[Database, MovableClock]:
    clock = MovableClock(now)
    return open_database(_settings(url, var), store.metadata, clock=clock), clock


def _seconds(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
