"""The postman put together: tables, settings, and a worker that is killed again and again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from services.notify import store
from services.notify.__main__ import build
from services.notify.channels.catcher import Reply
from services.notify.channels.sms import Smpp
from services.notify.reactions import REACTIONS
from shared import inbox, migrate, outbox
from shared.clock import MovableClock
from shared.settings import BadSetting, Settings
from tests.conftest import MakeDatabase
from tests.notify.conftest import Post
from tests.support import NOON, ROOT

MakeSettings = Callable[..., Settings]


def test_the_migrated_tables_are_those_of_the_store(make_database: MakeDatabase) -> None:
    database = make_database(MetaData(), "notify")
    with database.housekeeping() as connection:
        for table in reversed(inbox.TABLES.sorted_tables + outbox.TABLES.sorted_tables):
            table.drop(connection, checkfirst=True)

    migrate.upgrade(database.engine, Path(store.__file__).parent / "migrations")

    with database.housekeeping() as connection:
        assert compare_metadata(MigrationContext.configure(connection), store.metadata) == []


def test_the_embedded_postman_needs_no_setting(make_settings: MakeSettings, clock: MovableClock) -> None:
    service = build(make_settings("notify"), clock=clock)

    assert service.hears == ("intake", "workflow")
    assert [loop.name for loop in service.loops] == ["send-email-0", "send-sms-1", "reaper", "webhooks"]
    assert set(service.reactions or {}) == set(REACTIONS)
    assert len(service.on_start) == 1
    service.database.close()


def test_a_port_that_is_taken_does_not_stop_the_catcher(post: Post) -> None:
    from services.notify.channels.catcher import Catcher

    second = Catcher(post.catcher.mailbox, port=post.catcher.port)

    second.start()

    assert second.port != post.catcher.port
    second.stop()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"MAIL_URL": "http://127.0.0.1"}, "MAIL_URL"),
        ({"MAIL_URL": "smtp://mail.example.vn"}, "CATCHER"),
        ({"CATCHER": "no"}, "SMS_URL"),
        ({"CATCHER": "no", "SMS_URL": "smpp://gateway"}, "SMS_URL"),
        ({"MAIL_FROM": "nobody"}, "MAIL_FROM"),
        ({"NOTIFY_LEASE_S": "1"}, "NOTIFY_LEASE_S"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(
    make_settings: MakeSettings, clock: MovableClock, settings: dict[str, str], named: str
) -> None:
    with pytest.raises(BadSetting, match=named):
        build(make_settings("notify", **settings), clock=clock)


def test_a_catcher_that_another_process_has_is_only_read(
    make_settings: MakeSettings, clock: MovableClock, post: Post, tmp_path: Path
) -> None:
    post.catcher.mailbox.put(channel="sms", ref="one", sender="", recipient="+84905123456", content=b"So GTVT")
    settings = make_settings(
        "notify",
        CATCHER="elsewhere",
        CATCHER_FILE=str(tmp_path / "outside.sqlite"),
        MAIL_URL=f"smtp://127.0.0.1:{post.catcher.port}",
    )

    service = build(settings, clock=clock)

    assert service.on_start == ()
    assert "So GTVT" in service.app.test_client().get("/outbox").text
    assert service.loops[0]._channel.can_query
    service.database.close()


def test_in_production_a_relay_and_a_gateway_take_the_place_of_the_catcher(
    make_settings: MakeSettings, clock: MovableClock, tmp_path: Path
) -> None:
    word = tmp_path / "word"
    word.write_text("a secret")
    settings = make_settings(
        "notify",
        CATCHER="no",
        MAIL_URL="smtp://post@mail.example.vn:587",
        MAIL_PASSWORD_FILE=str(word),
        SMS_URL="smpp://office@sms.example.vn:2775",
        NOTIFY_MAIL_LINES="3",
    )

    service = build(settings, clock=clock)

    assert [loop.name for loop in service.loops] == [
        "send-email-0", "send-email-1", "send-email-2", "send-sms-3", "reaper",
        "webhooks",
    ]  # fmt: skip
    assert [getattr(loop, "linger_s", None) is not None for loop in service.loops] == [
        *(True, False, False, True, False, True)
    ]
    assert service.on_start == ()
    assert isinstance(service.loops[3]._channel, Smpp)
    assert service.app.test_client().get("/outbox").status_code == 404
    service.database.close()


WORKER = """
import sys
from services.notify import __main__ as wiring, actions, store
from services.notify.sending import Dispatcher, Reaper
from services.notify.channels.catcher import Mailbox
from services.notify.channels.mail import Mail
from shared.clock import MovableClock
from shared.service import open_database
from shared.settings import read_settings
from shared.web.org import read_org
from datetime import datetime
from pathlib import Path
import os

settings = read_settings("notify", os.environ)
clock = MovableClock(datetime.fromisoformat(sys.argv[3]))
database = open_database(settings, store.metadata, clock=clock)
books = Mailbox(Path(sys.argv[1]), clock)
mail = Mail(f"smtp://127.0.0.1:{sys.argv[2]}", sender="a@example.vn", look_up=books.has)
book = wiring.load_book(Path("config/letters"), public_url="https://a.vn")
desk = actions.Desk(book.rules, book.letters, wiring.office_of(read_org(Path("config/org.yaml"))), "https://a.vn")
owner = str(os.getpid())
loops = [
    Reaper(database, desk, {"email": mail}, only_owner=owner),
    Dispatcher(database, desk, mail, name="d", owner=owner, batch=5),
]
print("ready", flush=True)
while sum(loop.once() for loop in loops):
    pass
print("done", flush=True)
"""


def test_a_worker_killed_at_any_moment_loses_and_doubles_nothing(post: Post, tmp_path: Path) -> None:
    for _ in range(40):
        post.petition(channels=("email",))
    post.follow(lambda moment, _: Reply(after_s=0.02) if moment in {"DOT", "TAKEN"} else None)
    arguments = [
        sys.executable,
        "-c",
        WORKER,
        str(tmp_path / "outside.sqlite"),
        str(post.catcher.port),
        NOON.isoformat(),
    ]
    values = {
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": post.database.engine.url.render_as_string(hide_password=False),
        "PATH": os.environ["PATH"],
        "MAIL_FROM": "a@example.vn",
    }

    kills = 0
    for life_s in (0.05, 0.13, 0.21, 0.08, 0.17, 60):
        worker = subprocess.Popen(arguments, cwd=ROOT, env=values, stdout=subprocess.PIPE, text=True)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        if life_s < 1:
            time.sleep(life_s)
            worker.send_signal(signal.SIGKILL)
            kills += 1
        worker.wait(60)
        worker.stdout.close()
        time.sleep(0.1)  # what was on its way when the worker died has arrived by now

    arrivals = post.arrivals()
    assert kills == 5
    assert len({arrival.ref for arrival in arrivals}) == 40
    assert {arrival.times for arrival in arrivals} == {1}
    assert post.events() == ["notice.accepted.v1"] * 40
