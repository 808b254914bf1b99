"""The desk's own valid things: the rules in force, staff without passwords, cases, a desk with people at work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

from services.workflow import reactions, store
from services.workflow.domain.case import Case
from services.workflow.domain.rules import Rules
from services.workflow.rulebook import read_rules
from shared import auth
from shared.clock import MovableClock
from shared.db import Cause, Database, Transaction
from shared.events.base import Event, Sealed, subject_of
from shared.events.intake import PetitionReopenRequested
from shared.inbox import Heard
from tests.builders import petition_filed
from tests.support import NOON, emitted

CONFIG = Path(__file__).parents[2] / "config"
FILES = TemporaryDirectory(prefix="letters-of-tests-")
"""Where letters are kept that tests issue; gone when they end."""


@cache
def the_rules() -> Rules:
    return read_rules(CONFIG, Path(FILES.name))


@dataclass(frozen=True)
class Staff:
    """Somebody who works here, as permissions see them."""

    person: str
    role: str
    unit: str | None = "KCHT"
    name: str = ""


OFFICER = Staff("u:officer", "officer", name="Cán bộ Hạ tầng 1")
COLLEAGUE = Staff("u:colleague", "officer", name="Cán bộ Hạ tầng 2")
HEAD = Staff("u:head", "head", name="Trưởng phòng Hạ tầng")
DEPUTY = Staff("u:deputy", "head", name="Phó phòng Hạ tầng")
STRANGER = Staff("u:stranger", "officer", "VTCC", name="Cán bộ Xe buýt")
LAWYER = Staff("u:lawyer", "officer", "PCAT", name="Cán bộ Pháp chế 1")
LEGAL_HEAD = Staff("u:legal", "head", "PCAT", name="Trưởng phòng Pháp chế")
INSPECTION_HEAD = Staff("u:inspection", "head", "DKIEM", name="Giám đốc Đăng kiểm")
OFFICE = Staff("u:office", "office", "VP", name="Cán bộ Đầu mối")
DIRECTOR = Staff("u:director", "director", "SXD", name="Giám đốc Sở")
AUDITOR = Staff("u:auditor", "auditor", None, name="Kiểm tra viên 1")
ADMIN = Staff("u:admin", "admin", "VP", name="Quản trị viên")
EVERYBODY = (
    OFFICER,
    COLLEAGUE,
    HEAD,
    DEPUTY,
    STRANGER,
    LAWYER,
    LEGAL_HEAD,
    INSPECTION_HEAD,
    OFFICE,
    DIRECTOR,
    AUDITOR,
    ADMIN,
)

ANSWER = "Ngày 25/11/2026 chúng tôi đã vá ổ gà trước số nhà 120. Căn cứ kế hoạch bảo dưỡng quý IV."
IN_SPITE = "Người trực đội đã xem tại chỗ, ảnh gửi sau."
DENUNCIATION = {
    "title": "Đơn tố cáo ông Nguyễn Văn B",
    "text": "Tôi tố cáo ông Nguyễn Văn B, viên chức Trung tâm Đăng kiểm, ngày 12/11/2026 nhận 2.000.000 đồng của tôi. "
    "Tôi ký tên dưới đơn và đề nghị giữ bí mật.",
    "kind": "denunciation",
    "topic": None,
    "public_code": None,
    "code": "9QDX5TZW",
    "signature_status": "scanned",
}


def a_case(**given: Any) -> Case:
    """An ordinary pothole of the infrastructure division, in work at the first officer's."""
    usual: dict[str, Any] = {
        "id": uuid4(),
        "petition_id": uuid4(),
        "code": "7K3M9HDT",
        "kind": "report",
        "topic": "C01",
        "unit": "KCHT",
        "stage": "in_progress",
        "workflow": "report",
        "workflow_version": 2,
        "received_at": NOON,
        "officer": OFFICER.person,
    }
    return Case(**usual | given)


def hear(tx: Transaction, react: Callable[..., None], *events: Event) -> None:
    """Events come in together, each with a cause of its own."""
    causes = [Cause(uuid4(), "intake", subject_of(event), NOON, "of-a-test") for event in events]
    react(tx, list(map(Heard, events, causes)), rules=the_rules())


def hire(tx: Transaction, *people: Staff) -> None:
    """Accounts that nobody can sign in to: a password costs a quarter of a second."""
    account = store.metadata.tables["account"]
    rows = [
        {
            "person_id": uuid4(),
            "person": one.person,
            "login": one.person,
            "name": one.name,
            "email": f"{one.person[2:]}@desk.example.vn",
            "role": one.role,
            "unit": one.unit,
            "password_hash": "-",
            "is_active": True,
            "language": "vi",
            "created_at": tx.now,
        }
        for one in people
    ]
    tx.connection.execute(account.insert(), rows)


@dataclass
class Office:
    """A desk with its database, its people and a clock that a test can move."""

    database: Database
    clock: MovableClock
    rules: Rules

    def file(self, **given: Any) -> UUID:
        """A petition came in; the id of its (first) case."""
        with self.database.writing() as tx:
            hear(tx, reactions.open_cases, petition_filed(**given))
            opened = emitted(tx)[0]
        return opened.case_id  # type: ignore[attr-defined,no-any-return]

    def ask_again(self, case_id: UUID, *, round: int = 1, reason: str = "Mưa một đêm là bong hết") -> list[Event]:
        """The citizen asks to look again at an answer; the events that it told."""
        wish = PetitionReopenRequested(
            petition_id=self.case(case_id).petition_id, case_id=case_id, round=round, reason=Sealed(reason)
        )
        with self.database.writing() as tx:
            hear(tx, reactions.take_wishes, wish)
            return emitted(tx)

    def act(self, action: Callable[..., Any], person: Staff, case_id: UUID, **given: Any) -> list[Event]:
        """Somebody does something; the events that it told. A draft says by itself why it goes on without a photo."""
        if action.__name__ == "submit_draft":
            given = {"in_spite": IN_SPITE} | given
        with self.database.writing() as tx:
            if action.__name__ in {"add_note", "refuse_extension"}:
                action(tx, person=person, case_id=case_id, **given)
            else:
                action(tx, self.rules, person=person, case_id=case_id, **given)
            return emitted(tx)

    def case(self, case_id: UUID) -> Case:
        with self.database.reading() as look:
            found = store.find_case(look, case_id)
        assert found is not None
        return found

    def at(self, local: str) -> None:
        """Move the clock to a local time in Huế: 2026-11-26T14:32."""
        self.clock.move_to(datetime.fromisoformat(f"{local}+07:00"))


def session_of(database: Database, login: str) -> str:
    """A session without a password: hashing one costs a quarter of a second."""
    with database.writing() as tx:
        known = auth.find_credentials(tx, login)
        assert known is not None
        return auth.open_session(tx, known)
