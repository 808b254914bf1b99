"""The clock under faults: a worker killed between two steps, two workers at once, a clock that was set back."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from services.workflow import store
from services.workflow.actions import Sweep
from shared.outbox import outbox
from tests.support import ROOT
from tests.workflow.builders import Office

CASES = 60
LATE = "2026-12-14T09:00"  # every rung of a report that came on 23/11 has come
LADDER = ("case.due_soon.v1", "case.overdue.v1", "case.escalated.v1", "case.apology_due.v1")
WORKER = """
import os, sys
from datetime import datetime
from pathlib import Path
from services.workflow import store
from services.workflow.rulebook import read_rules
from services.workflow.actions import Sweep
from shared.clock import MovableClock
from shared.service import open_database
from shared.settings import read_settings

settings = read_settings("workflow", os.environ)
database = open_database(settings, store.metadata, clock=MovableClock(datetime.fromisoformat(sys.argv[1])))
sweep = Sweep(database, read_rules(settings.config_dir, settings.files_dir), batch=3)
print("ready", flush=True)
while sweep.once():
    pass
print("done", flush=True)
"""


@pytest.fixture
def office(office: Office) -> Office:
    """A desk with many cases that nobody has touched."""
    for number in range(CASES):
        marks = " ".join(uuid4().hex for _ in range(6))  # nobody takes two of them for one matter
        office.file(text=f"Ổ gà sâu. {marks}", title=None, place=f"Km {number}", ward=None)
    return office


def told(office: Office) -> Counter[tuple[str, str]]:
    """How often each event of the ladder was told of each case."""
    table = store.metadata.tables[outbox.name]
    found = select(table.c.type, table.c.subject, func.count()).group_by(table.c.type, table.c.subject)
    with office.database.reading() as look:
        rows = look.connection.execute(found.where(table.c.type.in_(LADDER))).all()
    return Counter({(type_, str(subject)): count for type_, subject, count in rows})


def every_rung_once(office: Office) -> bool:
    """Three reminders, one that nobody has it, one of the apology, one that it is late, one to the director."""
    counts = told(office)
    by_type = {type_: [count for (kind, _), count in counts.items() if kind == type_] for type_ in LADDER}
    return by_type == {type_: [4 if type_ == "case.due_soon.v1" else 1] * CASES for type_ in LADDER}


def test_a_worker_killed_between_two_steps_takes_none_twice_and_leaves_none_out(office: Office, tmp_path: Path) -> None:
    office.at(LATE)
    url = office.database.engine.url.render_as_string(hide_password=False)
    values = {"VAR_DIR": str(tmp_path), "CONFIG_DIR": "config", "DATABASE_URL": url, "PATH": os.environ["PATH"]}

    kills = 0
    for life_s in (0.05, 0.12, 0.2, 0.08, 60):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, office.clock.now().isoformat()],
            cwd=ROOT,
            env=values,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        if life_s < 1:
            time.sleep(life_s)
            worker.send_signal(signal.SIGKILL)
            kills += 1
        worker.wait(60)
        worker.stdout.close()

    assert kills == 4
    assert every_rung_once(office)


def test_two_workers_at_once_take_each_step_once(office: Office) -> None:
    office.at(LATE)
    problems: list[BaseException] = []

    def work() -> None:
        sweep = Sweep(office.database, office.rules, batch=4)
        try:
            while sweep.once():
                pass
        except BaseException as problem:
            problems.append(problem)

    workers: list[Any] = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert problems == []
    assert every_rung_once(office)


def test_a_clock_that_was_set_back_repeats_no_step(office: Office) -> None:
    sweep = Sweep(office.database, office.rules)
    office.at(LATE)
    while sweep.once():
        pass

    office.at("2026-12-02T09:00")
    assert sweep.once() == 0
    office.at(LATE)
    while sweep.once():
        pass

    assert every_rung_once(office)
