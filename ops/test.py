"""`make test`: the suite in both worlds. `--edge`: the long fault rounds.

The second world, PostgreSQL and RabbitMQ, runs where the servers are up: as TEST_DATABASE_URL and TEST_BROKER_URL say,
or on this machine's usual ports. In continuous integration (CI set) a missing server is a failure, not a skip.
"""

import os
import subprocess
import sys
from collections.abc import Sequence

import pika
import psycopg
from pika.exceptions import AMQPError

DATABASE = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
BROKER = "amqp://guest:guest@127.0.0.1:5672/"


def main(argv: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    is_edge = "--edge" in words
    more = [word for word in words if word != "--edge"]
    servers = _servers()
    if servers is None:
        print("PostgreSQL or RabbitMQ does not answer: only the embedded world is tested", flush=True)
        if os.environ.get("CI"):
            return 1
    if is_edge:
        return (
            _pytest("the long fault rounds", ["tests/edge", "-m", "edge", "-n0", *more], servers or {})
            if servers
            else 0
        )
    # What needs a broker runs in the second world; where there is none, it skips here and says so.
    elsewhere = ["-m", "not edge and not servers", "--ignore=tests/shared/test_bus.py"] if servers is not None else []
    code = _pytest("the embedded world", ["-n2", "--dist=loadfile", *elsewhere, *more], {})
    if servers is not None and not code:
        code = _pytest(
            "PostgreSQL and RabbitMQ",
            ["-n2", "--dist=loadfile", "-m", "not browser and not outside and not edge", *more],
            servers,
        )
    if servers is not None and not code:
        code = _pytest("a short round of faults", ["tests/edge", "-n0", *more], servers | {"EDGE_ROUNDS": "3"})
    return code


def _pytest(what: str, words: list[str], environment: dict[str, str]) -> int:
    print(f"\n── {what}", flush=True)
    without = {name: value for name, value in os.environ.items() if not name.startswith("TEST_")}
    return subprocess.run([sys.executable, "-m", "pytest", *words], env=without | environment, check=False).returncode


def _servers() -> dict[str, str] | None:
    """Where the servers are, if both answer."""
    database = os.environ.get("TEST_DATABASE_URL", DATABASE)
    broker = os.environ.get("TEST_BROKER_URL", BROKER)
    try:
        psycopg.connect(database.replace("+psycopg", ""), connect_timeout=3).close()
        parameters = pika.URLParameters(broker)
        parameters.socket_timeout = 3
        pika.BlockingConnection(parameters).close()
    except (psycopg.Error, AMQPError, OSError):
        return None
    return {"TEST_DATABASE_URL": database, "TEST_BROKER_URL": broker}


if __name__ == "__main__":
    sys.exit(main())
