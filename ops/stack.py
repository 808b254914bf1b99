"""The production stack on this machine: every service's web and worker as a process of its own, on real servers.

For fault tests and measurements. It has databases, a virtual host of the broker and a world outside (the catcher)
of its own, so that several stacks, and whatever else the servers serve, do not meet.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.error import URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen
from uuid import uuid4

import psycopg

from services.notify.channels.catcher import Catcher, Mailbox
from shared.clock import SystemClock
from shared.keys import generate
from shared.settings import SERVICES

ROOT = Path(__file__).parent.parent
NO_NIGHT = "quiet_hours: { from: 0, to: 0, channels: [], lanes: [] }"


class StackFailed(Exception):
    """A part of the stack did not come up."""


@dataclass
class Stack:
    """All processes, started by entering it and ended by leaving it."""

    var: Path
    database_server: str  # postgresql+psycopg://…; may make databases
    broker_server: str  # amqp://…; `rabbitmqctl` must be ours to use
    log_level: str = "json"
    more: dict[str, str] = field(default_factory=dict)
    services: tuple[str, ...] = SERVICES
    name: str = field(default_factory=lambda: "ln_" + uuid4().hex[:8])
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def __enter__(self) -> "Stack":
        self.var.mkdir(parents=True, exist_ok=True)
        generate(self.var / "keys", SERVICES)
        _copy_config(self.var / "config")
        self.ports = dict(zip([f"{s}-{p}" for s in SERVICES for p in ("web", "worker")], _free_ports(10), strict=True))
        self.mailbox = Mailbox(self.var / "outside.sqlite", SystemClock())
        self.catcher = Catcher(self.mailbox, host="127.0.0.1", port=_free_ports(1)[0])
        self.catcher.start()
        self._make_databases()
        self.make_broker()
        try:
            self._together([self.command("audit", "keygen")])
            self._together([self.command(service, "migrate") for service in self.services])
            for service in self.services:
                self.start(service, "web")
                self.start(service, "worker")
            self.wait_ready()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                _kill_group(process)
        self.catcher.stop()
        rabbitmqctl("delete_vhost", self.name)
        for service in SERVICES:
            self._as_admin(f'DROP DATABASE IF EXISTS "{self.name}_{service}" WITH (FORCE)')

    # ---- parts

    def environment(self, service: str, part: str) -> dict[str, str]:
        """What a process of this stack is told."""
        feeds = {f"FEED_URL_{s.upper()}": f"http://127.0.0.1:{self.ports[f'{s}-web']}" for s in SERVICES}
        own = {
            "DATABASE_URL": self.database_url(service),
            "BROKER_URL": self.broker_url,
            "VAR_DIR": str(self.var),
            "CONFIG_DIR": str(self.var / "config"),
            "KEYS_DIR": str(self.var / "keys"),
            "FEED_URL": "http://{service}.invalid",
            "FEED_TOKEN": "a-token-of-this-stack-alone",
            "SESSION_SECRET": "a-secret-of-this-stack-alone",
            "PUBLIC_URL": f"http://127.0.0.1:{self.ports['intake-web']}",
            "BIND": "127.0.0.1",
            "PORT": str(self.ports[f"{service}-web"]),
            "METRICS_PORT": str(self.ports[f"{service}-worker"]) if part == "worker" else "0",
            "WEB_WORKERS": "1",
            "MAIL_URL": f"smtp://127.0.0.1:{self.catcher.port}",
            "SMS_URL": "catcher:",
            "CATCHER": "elsewhere",
            "CATCHER_FILE": str(self.var / "outside.sqlite"),
            "NOTIFY_LEASE_S": "5",
            "LOG_FORMAT": self.log_level,
            "API_FILINGS_PER_MINUTE": "1000000",
            "FILINGS_PER_MINUTE": "1000000",
            "NETWORK_FILINGS_PER_MINUTE": "1000000",
            "NETWORK_FILINGS_PER_HOUR": "1000000",
            "UNPROVEN_FILINGS_PER_HOUR": "1000000",
            "SAME_WORDS_PER_DAY": "1000000",
        }
        return dict(os.environ) | feeds | own | self.more

    def command(self, service: str, part: str) -> "subprocess.Popen[bytes]":
        """A process of the stack, in a session of its own, so that it can be killed with its children."""
        log = (self.var / f"{service}-{part}.log").open("ab")
        return subprocess.Popen(
            [sys.executable, "-m", f"services.{service}", part],
            cwd=ROOT,
            env=self.environment(service, part),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def start(self, service: str, part: str) -> None:
        self.processes[f"{service}-{part}"] = self.command(service, part)

    def kill(self, service: str, part: str) -> None:
        """As the power goes: no farewell, no clean-up, the children too."""
        process = self.processes[f"{service}-{part}"]
        _kill_group(process)
        process.wait()

    def pause(self, service: str, part: str) -> None:
        os.killpg(self.processes[f"{service}-{part}"].pid, signal.SIGSTOP)

    def resume(self, service: str, part: str) -> None:
        os.killpg(self.processes[f"{service}-{part}"].pid, signal.SIGCONT)

    def database_url(self, service: str) -> str:
        return urlunsplit(urlsplit(self.database_server)._replace(path=f"/{self.name}_{service}"))

    def ask(self, service: str, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query in a service's database."""
        with psycopg.connect(_plain(self.database_url(service)), autocommit=True) as connection:
            return connection.execute(sql.encode()).fetchall()

    def number(self, service: str, sql: str) -> int:
        """The one number that a query in a service's database gives."""
        return int(str(self.ask(service, sql)[0][0]))

    @property
    def broker_url(self) -> str:
        return urlunsplit(urlsplit(self.broker_server)._replace(path=f"/{self.name}"))

    @property
    def door(self) -> str:
        """The address of the citizens' pages."""
        return f"http://127.0.0.1:{self.ports['intake-web']}"

    def make_broker(self) -> None:
        """A virtual host of our own; made anew it is as empty as a broker that lost its disk."""
        user = urlsplit(self.broker_server).username or "guest"
        rabbitmqctl("add_vhost", self.name)
        rabbitmqctl("set_permissions", "-p", self.name, user, ".*", ".*", ".*")

    def wipe_broker(self) -> None:
        rabbitmqctl("delete_vhost", self.name)
        self.make_broker()

    # ---- waiting

    def wait_ready(self, patience_s: float = 60) -> None:
        """Until all pages answer. Raises StackFailed with the end of the log of what did not come up."""
        for service in self.services:
            url = f"http://127.0.0.1:{self.ports[f'{service}-web']}/healthz"
            wait_until(lambda url=url: _answers(url), patience_s, lambda s=service: self._failed(f"{s}-web"))  # type: ignore[misc]

    def _failed(self, part: str) -> StackFailed:
        log = self.var / f"{part}.log"
        return StackFailed(f"{part} does not answer: {log.read_text()[-2000:] if log.exists() else 'no log'}")

    def _together(self, processes: list["subprocess.Popen[bytes]"]) -> None:
        for process in processes:
            if process.wait(120):
                logs = "\n".join(path.read_text()[-1500:] for path in self.var.glob("*.log"))
                raise StackFailed(f"{process.args!r} ended with {process.returncode}\n{logs}")

    def _make_databases(self) -> None:
        for service in SERVICES:
            self._as_admin(f'CREATE DATABASE "{self.name}_{service}"')

    def _as_admin(self, sql: str) -> None:
        with psycopg.connect(_plain(self.database_server), autocommit=True) as admin:
            admin.execute(sql.encode())


def wait_until(
    is_so: Callable[[], bool], patience_s: float, otherwise: Callable[[], Exception] | None = None, pause_s: float = 0.1
) -> None:
    """Wait until something is so. Raises what `otherwise` makes, or TimeoutError."""
    end = time.monotonic() + patience_s
    while not is_so():
        if time.monotonic() > end:
            raise otherwise() if otherwise else TimeoutError(f"not so after {patience_s} s")
        time.sleep(pause_s)


def _copy_config(folder: Path) -> None:
    """The rules as they are shipped, without the night in which text messages wait: a load is the same at any hour."""
    shutil.copytree(ROOT / "config", folder, dirs_exist_ok=True)
    rules = folder / "letters" / "rules.yaml"
    words, count = re.subn(r"(?m)^quiet_hours:.*$", NO_NIGHT, rules.read_text(encoding="utf-8"))
    if count != 1:
        raise StackFailed(f"{rules}: quiet_hours is not one line")
    rules.write_text(words, encoding="utf-8")


def rabbitmqctl(*words: str) -> None:
    """Raises StackFailed when the broker's tool refuses."""
    done = subprocess.run(["rabbitmqctl", "-q", *words], capture_output=True, text=True, check=False, timeout=120)
    if done.returncode and words[0] != "delete_vhost":
        raise StackFailed(f"rabbitmqctl {' '.join(words)}: {done.stderr or done.stdout}")


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")
