"""`make bench`, second part: how the desk stands ten million cases; written to docs/benchmarks-desk.md.

The same requests are measured on a tenth of the cases and on all of them, so that growth is seen, not guessed. Needs
PostgreSQL, twenty gigabytes of disk and half an hour. `DESK_CASES` asks for another number.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import UUID, uuid4

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import text

from ops.bench import Figure, page
from ops.desk_data import Filled, fill
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

WORDS = ("ổ gà Điện Biên Phủ", "den duong hong", "vỉa hè Tố Hữu", "ma 9f3a", "không có chữ nào như thế này")

Times = dict[str, list[float]]  # seconds, by what was asked


@dataclass(frozen=True)
class Measured:
    """What one size of the database costs."""

    cases: int
    times: Times
    idle_s: list[float]
    due_s: float
    size: str


def main() -> int:
    telemetry.configure("json", level=40)
    most = int(os.environ.get("DESK_CASES", CASES))
    with tempfile.TemporaryDirectory() as files:
        rules = read_rules(ROOT / "config", Path(files))
        found = [measure(rules, cases) for cases in (most // 10, most)]
    PAGE.write_text(page(figures(*found), title="What many cases cost"), encoding="utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}")
    return 0


def measure(rules: Rules, cases: int) -> Measured:
    """Fill a database with so many cases, work in it, and throw it away."""
    began = time.time()

    def say(what: str) -> None:
        print(f"   {time.time() - began:5.0f} s  {what}", flush=True)

    print(f"── {cases:,} cases", flush=True)
    with tempfile.TemporaryDirectory() as folder, _database() as url:
        generate(Path(folder) / "keys", SERVICES)
        database, clock = _opened(url, Path(folder))
        try:
            migrate.upgrade(database.engine, ROOT / "services" / "workflow" / "migrations")
            filled = fill(url.replace("+psycopg", ""), rules, cases=cases, now=clock.now(), say=say)
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
    seconds = due_steps(database, clock, sweep)
    with database.reading() as look:
        size = str(
            look.connection.execute(text("SELECT pg_size_pretty(pg_database_size(current_database()))")).scalar()
        )
    return Measured(filled.cases, times, idle, seconds, size)


# ---- screens


def screens(database: Database, rules: Rules, filled: Filled, settings: Any) -> Times:
    """Every kind of page by everybody who works here, as the browser asks for it: whole requests, pages rendered."""
    app = make_desk(settings, database, rules)
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
            for path in (paths * ROUNDS)[: max(len(paths), ROUNDS)]:
                times[kind].append(_seconds(partial(_page, client, path)))
    return times


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
        p95, before = percentile(more.times[kind], 0.95), percentile(less.times[kind], 0.95)
        notes = [
            f"{len(more.times[kind])} requests by officers, heads, the Office and the director; "
            f"median {statistics.median(more.times[kind]) * 1000:.0f} ms",
            f"with {less.cases:,} cases {before * 1000:.0f} ms",
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
            [f"with {less.cases:,} cases {less.due_s:.1f} s", f"the database holds {more.size}"],
        )
    )
    return found


def _cases_of(measured: Measured) -> str:
    return f"{measured.cases:,} cases of which a tenth is open"


# ---- the database


@contextmanager
def _database() -> Iterator[str]:
    """An empty database of its own, dropped afterwards."""
    server = os.environ.get("TEST_DATABASE_URL", DATABASE)
    name = f"ln_desk_{uuid4().hex[:8]}"
    admin = server.replace("+psycopg", "")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


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


def _opened(url: str, var: Path) -> tuple[Database, MovableClock]:
    clock = MovableClock(datetime.now(UTC))
    return open_database(_settings(url, var), store.metadata, clock=clock), clock


def _seconds(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
