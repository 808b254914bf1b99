"""The postman in a test: its database, its loops, and a catcher that stands for the world outside."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import settings as hypothesis_settings

from services.notify import __main__ as wiring
from services.notify import actions, store
from services.notify.channels.catcher import Arrival, Catcher, Script
from services.notify.domain.notice import Notice
from services.notify.reactions import REACTIONS, Book
from services.notify.sending import Dispatcher, Reaper
from shared.clock import MovableClock
from shared.db import Cause, Database
from shared.events.base import Event
from shared.inbox import Heard
from shared.settings import Settings
from shared.web.org import read_org
from tests.builders import contact_given, petition_filed

hypothesis_settings.register_profile("unhurried", deadline=None)  # a machine may be busy with others
hypothesis_settings.load_profile("unhurried")


@dataclass
class Post:
    """Everything of the postman, to be moved by hand."""

    settings: Settings
    database: Database
    clock: MovableClock
    book: Book
    desk: actions.Desk
    catcher: Catcher
    mail: Any
    texts: Any
    told: list[Event]

    def hear(self, event: Event, *, event_id: UUID | None = None) -> UUID:
        """Let an event take effect, as the inbox would."""
        event_id = event_id or uuid4()
        self.hear_together([event], event_ids=[event_id])
        return event_id

    def hear_together(self, events: Sequence[Event], *, event_ids: Sequence[UUID] = ()) -> None:
        """Let events of one type take effect in one go."""
        with self.database.writing() as tx:
            heard = [
                Heard(event, Cause(event_id, _source_of(event), getattr(event, event.SUBJECT), tx.now, "c"))
                for event, event_id in zip(events, event_ids or [uuid4() for _ in events], strict=True)
            ]
            REACTIONS[type(events[0])](self.book, tx, heard)
            self.told += [pending.event for pending in tx.emitted]

    def petition(self, **contact: Any) -> UUID:
        """A petition whose petitioner left an e-mail address and a mobile number."""
        petition_id = uuid4()
        self.hear(petition_filed(petition_id=petition_id, public_code="7K3M-9HDX"))
        self.hear(contact_given(petition_id=petition_id, **({"code": "7K3M-9HDX"} | contact)))
        return petition_id

    def dispatcher(self, channel: Any = None, *, owner: str = "here") -> Dispatcher:
        return Dispatcher(self.database, self.desk, channel or self.mail, name="d", owner=owner)

    def reaper(self, *, only_owner: str | None = None) -> Reaper:
        channels = {"email": self.mail, "sms": self.texts}
        return Reaper(self.database, self.desk, channels, only_owner=only_owner)

    def run(self) -> None:
        """Let the loops work until nothing moves."""
        loops = [self.dispatcher(self.mail), self.dispatcher(self.texts), self.reaper()]
        while sum(loop.once() for loop in loops):
            pass

    def notices(self, petition_id: UUID) -> dict[tuple[str, str], Notice]:
        """The notices of a petition by purpose and channel."""
        with self.database.reading() as tx:
            return {(n.purpose, n.channel): n for n in store.notices_of(tx, petition_id)}

    def states(self, petition_id: UUID) -> dict[tuple[str, str], str]:
        return {key: notice.state for key, notice in self.notices(petition_id).items()}

    def events(self) -> list[str]:
        """The types of all events in the outbox, oldest first."""
        with self.database.reading() as tx:
            return [row[0] for row in tx.connection.exec_driver_sql("SELECT type FROM outbox ORDER BY id")]

    def arrivals(self) -> list[Arrival]:
        return self.catcher.mailbox.newest(most=1000)

    def follow(self, script: Script | None) -> None:
        """Let the mail server behave by a script."""
        self.catcher.script = script


def _source_of(event: Event) -> str:
    return "intake" if event.TYPE.split(".")[0] in {"petition", "contact"} else "workflow"


@pytest.fixture(scope="session")
def book_of_the_office() -> Book:
    return wiring.load_book(Path("config/letters"), public_url="https://phan-anh.example.vn")


@pytest.fixture
def post(
    tmp_path: Path,
    clock: MovableClock,
    make_database: Callable[..., Database],
    make_settings: Callable[..., Settings],
    book_of_the_office: Book,
) -> Iterator[Post]:
    settings = make_settings("notify", MAIL_URL="smtp://127.0.0.1:0")
    database = make_database(store.metadata, "notify")
    org = read_org(settings.config_dir / "org.yaml")
    outside = wiring.open_outside(settings, org, clock=clock)
    assert outside.catcher is not None
    outside.catcher.start()
    book = book_of_the_office
    desk = actions.Desk(book.rules, book.letters, wiring.office_of(org), "https://phan-anh.example.vn")
    yield Post(settings, database, clock, book, desk, outside.catcher, outside.mails[0], outside.texts, [])
    outside.mails[0].close()
    outside.catcher.stop()
    outside.catcher.mailbox.close()
