"""People for the journeys: a citizen with a telephone, and those who work at the desk."""

import re
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from ops.demo_people import add_demo_people
from ops.world import World
from services.notify.channels.catcher import Mailbox
from services.workflow.store.tables import case_
from shared import auth
from shared.clock import MovableClock

PASSWORD = "journey-of-a-test"


@dataclass
class Citizen:
    """Files by the API, as a telephone would, and follows by the link."""

    world: World
    email: str = "anh.nth@example.vn"

    def file(self, text: str, *, once: str | None = None, **more: Any) -> dict[str, Any]:
        body = {
            "kind": "report",
            "text": text,
            "name": "Nguyễn Thị Hồng Ánh",
            "email": self.email,
            "phone": "0905 123 456",
        }
        answer = self.client.post(
            "/api/v1/petitions",
            json=body | {"consents": ["sms"], "language": "vi"} | more,
            headers={"Idempotency-Key": once or uuid4().hex},
        )
        assert answer.status_code == 201, answer.text
        return dict(answer.get_json())

    def look(self, receipt: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.get(
            f"/api/v1/petitions/{receipt['code']}", headers={"X-Petition-Secret": receipt["secret"]}
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    @property
    def client(self) -> FlaskClient:
        return self.world["intake"].app.test_client()

    def letters(self, channel: str = "email") -> list[Any]:
        """What arrived, oldest first."""
        notify = self.world["notify"]
        with closing(Mailbox(notify.settings.files_dir.parent / "outside.sqlite", notify.database.clock)) as mailbox:
            return [one for one in reversed(mailbox.newest(most=200)) if one.channel == channel]


@dataclass
class Desk:
    """The people of the desk, each in a browser of their own."""

    world: World
    browsers: dict[tuple[str, datetime], FlaskClient] = field(default_factory=dict)

    def case_id(self, code: str) -> UUID:
        with self.world["workflow"].database.reading() as tx:
            asked = select(case_.c.id).where(case_.c.code == code.replace("-", ""))
            return tx.connection.execute(asked).scalar_one()

    def sign_in(self, login: str) -> FlaskClient:
        hour = self.world.clock.now().replace(minute=0)  # a session that is idle for longer has ended
        if (login, hour) not in self.browsers:
            self.browsers[login, hour] = self.world["workflow"].app.test_client()
            auth.sign_in_client(self.browsers[login, hour], login, PASSWORD)
        return self.browsers[login, hour]

    def see(self, login: str, case_id: UUID) -> str:
        return self.sign_in(login).get(f"/desk/cases/{case_id}").text

    def do(self, login: str, case_id: UUID, step: str, **fields: str) -> int:
        """Take a step on the case page, as the form there does it. Returns the status of the answer."""
        client = self.sign_in(login)
        page = client.get(f"/desk/cases/{case_id}")
        if page.status_code != 200:
            return page.status_code
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        version = re.search(r'name="version" value="(\d+)"', page.text)
        assert token
        assert version
        typed = {"csrf_token": token[1], "version": version[1]} | fields
        if step == "draft":
            typed = {"in_spite": "Đã xem tại chỗ, ảnh gửi sau."} | typed
        answer = client.post(f"/desk/cases/{case_id}/{step}", data=typed)
        self.world.settle()
        return answer.status_code

    def person(self, login: str) -> str:
        """The pseudonym of an account."""
        with self.world["workflow"].database.reading() as tx:
            return next(one.person for one in auth.list_people(tx) if one.login == login)

    def answer(self, case_id: UUID, text: str) -> None:
        """From a fresh case to the answer, by the people of the transport infrastructure division."""
        assert self.do("truong-ha-tang", case_id, "assign", officer=self.person("ha-tang-1")) == 303
        assert self.do("ha-tang-1", case_id, "accept") == 303
        assert self.do("ha-tang-1", case_id, "draft", text=text, outcome="done", basis="Kế hoạch bảo dưỡng") == 303
        assert self.do("truong-ha-tang", case_id, "approve") == 303
        assert self.do("ha-tang-1", case_id, "answer") == 303


@pytest.fixture
def citizen(world: World) -> Citizen:
    return Citizen(world)


@pytest.fixture
def staff(world: World) -> Desk:
    add_demo_people(world, PASSWORD)
    world.settle()
    return Desk(world)


@pytest.fixture
def later(world: World, clock: MovableClock) -> Any:
    """Moves the clock and lets happen what is due: later(hours=3)."""

    def move(**span: float) -> None:
        clock.move_to(clock.now() + timedelta(**span))
        world.settle()

    return move
