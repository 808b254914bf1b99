"""After each fault: one case for each accepted petition, each message once, each event in the log once, in order."""

import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.stack import Stack, rabbitmqctl
from tests.edge.load import Citizens, what_is_wrong

pytestmark = [pytest.mark.edge, pytest.mark.timeout(1800)]

PARTS = [
    (service, part) for service in ("intake", "workflow", "notify", "audit", "insight") for part in ("worker", "web")
]
ROUNDS = int(os.environ.get("EDGE_ROUNDS", "30"))
IS_SHORT = "EDGE_ROUNDS" in os.environ


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    database, broker = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_BROKER_URL")
    if not database or not broker or not shutil.which("rabbitmqctl"):
        if os.environ.get("CI"):
            pytest.fail("the fault tests need PostgreSQL, RabbitMQ and rabbitmqctl")
        pytest.skip("needs PostgreSQL, RabbitMQ and rabbitmqctl")
    with Stack(tmp_path_factory.mktemp("stack"), database, broker) as running:
        yield running


@pytest.fixture(scope="module")
def citizens(stack: Stack) -> Citizens:
    """The same citizens through all faults: what an earlier fault spoiled would be seen later too."""
    return Citizens(stack)


def must_come_right(stack: Stack, citizens: Citizens, patience_s: float = 90) -> None:
    """Everything is as promised, after a while. The while is for repair, not for luck: nobody files any more."""
    end = time.monotonic() + patience_s
    while (wrong := what_is_wrong(stack, citizens)) and time.monotonic() < end:
        time.sleep(0.5)
    assert wrong == [], f"{len(wrong)} things are wrong with {len(citizens.accepted)} petitions: {wrong[:10]}"
    assert citizens.accepted


def test_nothing_is_lost_or_doubled_when_any_process_is_killed_at_any_moment(stack: Stack, citizens: Citizens) -> None:
    chosen = random.Random(os.environ.get("EDGE_SEED"))
    order = [PARTS[n % len(PARTS)] for n in range(ROUNDS)]
    chosen.shuffle(order)

    for service, part in order:
        with citizens:
            time.sleep(chosen.uniform(0.3, 1.5))
            stack.kill(service, part)
            time.sleep(chosen.uniform(0.0, 1.0))
            stack.start(service, part)
            time.sleep(chosen.uniform(0.5, 1.0))
        stack.wait_ready()
        must_come_right(stack, citizens)


def test_nothing_is_lost_or_doubled_when_the_broker_is_restarted(stack: Stack, citizens: Citizens) -> None:
    with citizens:
        time.sleep(1)
        rabbitmqctl("stop_app")
        time.sleep(1)
        rabbitmqctl("start_app")
        time.sleep(2)

    must_come_right(stack, citizens)


def test_nothing_is_lost_or_doubled_when_the_broker_loses_its_disk(stack: Stack, citizens: Citizens) -> None:
    with citizens:
        time.sleep(1)
        stack.wipe_broker()
        time.sleep(2)

    must_come_right(stack, citizens)


def test_nothing_is_lost_or_doubled_when_the_database_is_restarted(stack: Stack, citizens: Citizens) -> None:
    restart = _database_restart()
    with citizens:
        time.sleep(1)
        subprocess.run(restart, check=True, capture_output=True, timeout=60)
        time.sleep(2)

    must_come_right(stack, citizens)


def test_nothing_is_lost_or_doubled_when_mail_is_down_then_slow_then_back(stack: Stack, citizens: Citizens) -> None:
    with citizens:
        time.sleep(0.5)
        stack.catcher.stop()
        time.sleep(2)
        stack.mailbox.set_mood("email", "slow")
        stack.catcher.start()
        time.sleep(4)
        stack.mailbox.set_mood("email", "normal")
        time.sleep(0.5)

    must_come_right(stack, citizens, patience_s=240)


def test_nothing_is_lost_or_doubled_when_the_line_is_cut_after_the_mail_was_taken(
    stack: Stack, citizens: Citizens
) -> None:
    with citizens:
        stack.mailbox.set_mood("email", "cut_after")
        time.sleep(2)
        stack.mailbox.set_mood("email", "normal")
        time.sleep(0.5)

    must_come_right(stack, citizens, patience_s=240)


def test_nothing_is_lost_or_doubled_when_a_consumer_sleeps_longer_than_its_time_outs(
    stack: Stack, citizens: Citizens
) -> None:
    with citizens:
        time.sleep(1)
        stack.pause("workflow", "worker")
        stack.pause("notify", "worker")
        time.sleep(3 if IS_SHORT else 20)
        stack.resume("workflow", "worker")
        stack.resume("notify", "worker")
        time.sleep(1)

    must_come_right(stack, citizens)


def test_the_log_that_all_this_left_behind_verifies(stack: Stack, citizens: Citizens) -> None:
    import sys

    must_come_right(stack, citizens)
    done = subprocess.run(
        [sys.executable, "-m", "services.audit", "verify", "--vkey", str(stack.var / "keys" / "log.vkey")],
        env=stack.environment("audit", "worker"),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def _database_restart() -> list[str]:
    clusters = sorted(Path("/etc/postgresql").glob("*/main")) if Path("/etc/postgresql").is_dir() else []
    if not clusters or not shutil.which("pg_ctlcluster"):
        pytest.skip("the database of this machine cannot be restarted from here")
    version = clusters[-1].parent.name
    return ["pg_ctlcluster", "--skip-systemctl-redirect", version, "main", "restart", "-m", "immediate"]
