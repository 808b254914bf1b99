"""`make run`: everything in one process on one port, with demo accounts; Ctrl-C stops cleanly, state stays in var/."""

import os
import secrets
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType

from sqlalchemy.exc import SQLAlchemyError
from waitress.server import create_server

from ops.demo_people import add_demo_people
from ops.world import World
from shared import auth, telemetry
from shared.config import BadConfig
from shared.keys import BadKeys
from shared.settings import BadSetting, Environment

THREADS = 8


def main() -> int:
    try:
        return run(Environment(os.environ))
    except (BadSetting, BadKeys, BadConfig) as problem:
        print(f"cannot start: {problem}", file=sys.stderr)
        return 2
    except SQLAlchemyError as problem:
        print(f"cannot start: the database in VAR_DIR cannot be used: {problem}", file=sys.stderr)
        return 2


def run(environment: Environment) -> int:
    """Serve until a signal comes. Raises BadSetting."""
    var = environment.path("VAR_DIR", "var")
    host = environment.text("BIND", "127.0.0.1")
    port = environment.integer("PORT", 8000, low=1, high=65535)
    telemetry.configure(environment.text("LOG_FORMAT", "console"))
    _must_be_free(host, port)
    var.mkdir(parents=True, exist_ok=True)
    world = World(var, values=dict(environment.values) | {"SESSION_SECRET": _kept(var / "session-secret", 32)})
    password = _kept(var / "demo-password", 6, chosen=_chosen(environment))
    people = add_demo_people(world, password)
    server = create_server(world.wsgi, host=host, port=port, threads=THREADS, ident="lang-nghe")
    world.start()
    _welcome(f"http://{host}:{port}", people, password)
    stop = threading.Event()

    def end(_sign: int, _frame: FrameType | None) -> None:
        stop.set()

    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, end)
    serving = threading.Thread(target=server.run, name="web", daemon=True)
    serving.start()
    stop.wait()
    print("\nstopping …", flush=True)
    server.close()
    world.stop()
    return 0


def _must_be_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise BadSetting(
                f"PORT {port} cannot be used ({problem.strerror}): choose another, such as PORT={port + 1}"
            ) from None


def _chosen(environment: Environment) -> str:
    """What DEMO_PASSWORD says, if anything. Raises BadSetting where it is too weak for an account."""
    password = environment.secret("DEMO_PASSWORD", "")
    try:
        if password:
            auth.check_password(password)
    except auth.WeakPassword as weak:
        raise BadSetting(f"DEMO_PASSWORD: {weak}") from None
    return password


def _kept(file: Path, size: int, *, chosen: str = "") -> str:
    """A secret of this installation: chosen or made once, kept in a file that only its owner reads."""
    if not file.exists():
        made = secrets.token_urlsafe(size) if size > 16 else "hue-" + secrets.token_hex(size)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
            out.write(chosen or made)
    return file.read_text().strip()


def _welcome(url: str, people: list[tuple[str, str]], password: str) -> None:
    width = max(len(login) for login, _ in people)
    accounts = "\n".join(f"    {login:<{width}}  {what}" for login, what in people)
    print(
        f"""
Lắng Nghe is ready.

  citizens   {url}/            send and follow a petition
  staff      {url}/desk/       the desk
  auditors   {url}/audit/      the log;  public: {url}/log/checkpoint, {url}/verify
  figures    {url}/so-lieu     public statistics
  outbox     {url}/outbox      every e-mail and SMS that was sent
  API        {url}/api/v1/openapi.json

  demo accounts, all with the password  {password}
{accounts}

Ctrl-C stops; state stays in var/.""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
