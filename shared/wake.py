"""Waking the loops when something was committed, so that nobody polls quickly and nobody waits long."""

import threading

import structlog
from sqlalchemy import text

from shared.db import Database

CHANNEL = "committed"
SPACING_S = 0.03  # between two notices of a process: one in every transaction would halve the commits

log = structlog.get_logger(__name__)


class Waker:
    """Rings the bells of one service's loops: in this process at once, in others by NOTIFY on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._bells: list[threading.Event] = []
        self._to_tell = threading.Event()
        database.on_commit.append(self.ring)

    def bell(self) -> threading.Event:
        """An event that is set after each commit."""
        bell = threading.Event()
        self._bells.append(bell)
        return bell

    def ring(self) -> None:
        self._ring_here()
        self._to_tell.set()

    def _ring_here(self) -> None:
        for bell in self._bells:
            bell.set()

    def tell_others(self) -> None:
        """From now on tell other processes of commits here (PostgreSQL)."""
        if self._database.dialect == "postgresql":
            threading.Thread(target=self._notify, name="notify", daemon=True).start()

    def listen(self) -> None:
        """From now on hear of commits in other processes (PostgreSQL)."""
        if self._database.dialect == "postgresql":
            threading.Thread(target=self._hear, name="listen", daemon=True).start()

    def _notify(self) -> None:
        pause = threading.Event()
        while True:
            self._to_tell.wait()
            self._to_tell.clear()
            try:
                with self._database.engine.connect() as connection:
                    connection.execution_options(isolation_level="AUTOCOMMIT")
                    while True:
                        connection.execute(text(f"NOTIFY {CHANNEL}"))
                        pause.wait(SPACING_S)
                        self._to_tell.wait()
                        self._to_tell.clear()
            except Exception as problem:
                log.info("cannot notify", problem=str(problem)[:200])
                pause.wait(1)

    def _hear(self) -> None:
        pause = threading.Event()
        while True:
            try:
                with self._database.engine.connect() as connection:
                    connection.execution_options(isolation_level="AUTOCOMMIT")
                    connection.execute(text(f"LISTEN {CHANNEL}"))
                    self._ring_here()  # for what nobody could tell us until now
                    raw = connection.connection.driver_connection
                    assert raw is not None
                    for _ in raw.notifies():
                        self._ring_here()
            except Exception as problem:
                log.info("cannot listen", problem=str(problem)[:200])
                pause.wait(1)
