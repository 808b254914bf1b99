"""Hearing many events at once: what a source says, as it travels, and what hearing it costs a database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import uuid4

from sqlalchemy import event

from shared.bus import Message
from shared.db import Cause, Database
from shared.events.base import Event, subject_of
from shared.inbox import Heard
from shared.relay import Relay
from tests.support import NOON


class Ear(list[Message]):
    """A broker that only listens."""

    def publish(self, batch: Sequence[Message]) -> None:
        self.extend(batch)

    def close(self) -> None:
        pass


def spoken(source: Database, *told: Event) -> list[Message]:
    """What other services receive when this one says these things."""
    with source.writing() as tx:
        for one in told:
            tx.emit(one)
    ear = Ear()
    relay = Relay(source, source.codec.keys, ear)
    while relay.once():
        pass
    return ear


def heard(told: Event) -> Heard:
    """An event as a reaction to many is given it."""
    return Heard(told, Cause(uuid4(), "source", subject_of(told), NOON, "test"))


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(*args: object) -> None:
        sent.append(str(args[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
