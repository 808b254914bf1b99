"""What comes in together: the same rows as one by one, in a handful of statements, and one that fails alone."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, MetaData, Uuid, event, select

from services.workflow import reactions, store
from shared.bus import Message
from shared.clock import MovableClock
from shared.db import Database
from shared.events.base import Event
from shared.events.intake import Attachment, PetitionFiled
from shared.events.notify import NoticeAccepted, NoticeDelivered, NoticeFailed
from shared.inbox import Inbox
from shared.relay import Relay
from tests.builders import an_event, petition_filed
from tests.conftest import MakeDatabase
from tests.support import NOON, emitted
from tests.workflow.builders import DENUNCIATION, EVERYBODY, hear, hire, the_rules

OURS = ("case_", "case_words", "case_excluded", "case_attachment", "deadline", "timeline", "notice")
BUS = "Xe buýt tuyến số 2 sáng nay bỏ chuyến, tôi chờ 40 phút không có xe."
LETTER = f"1. Đường Nguyễn Huệ có ổ gà rất sâu trước số nhà 12, đề nghị vá.\n2. {BUS}"


def a_morning() -> list[PetitionFiled]:
    """Petitions of every sort, a second apart: ordinary, the same matter again, secret, mixed, of no topic, with files,
    naming somebody of the staff."""
    given: list[dict[str, Any]] = [
        {},
        {"title": None, "topic": None},
        DENUNCIATION,
        {"title": "Hai việc", "text": LETTER, "kind": None, "topic": None},
        {"title": "Xe buýt", "text": BUS, "topic": "C01", "place": None},
        {"title": "Chào buổi sáng", "text": "Tôi muốn hỏi thăm mọi người.", "topic": None, "kind": None},
        {**DENUNCIATION, "text": DENUNCIATION["text"].replace("Nguyễn Văn B", "Cán Bộ Xe"), "code": "4MMM4MMM"},
        {"text": f"{BUS} Xin xem ảnh.", "attachments": (a_picture(), a_picture()), "attachment_count": 2},
    ]
    return [
        petition_filed(**({"code": f"7K3M9HD{n}"} | one), received_at=NOON + timedelta(seconds=n))
        for n, one in enumerate(given)
    ]


def a_picture() -> Attachment:
    return Attachment(id=uuid4(), media_type="image/jpeg", size_bytes=9, sha256="0" * 64)


@pytest.fixture
def new_desk(make_database: MakeDatabase) -> Callable[[], Database]:
    """Makes desks that know their staff and no case."""

    def make() -> Database:
        database = make_database(store.metadata, "workflow")
        with database.writing() as tx:
            hire(tx, *EVERYBODY)
        return database

    return make


def kept(database: Database) -> dict[str, list[Any]]:
    """All rows of the desk, cases by their code, topic and kind instead of by ids that are new each time."""
    with database.reading() as look:
        rows = {
            name: [dict(row._mapping) for row in look.connection.execute(select(store.metadata.tables[name]))]
            for name in OURS
        }
    names = {row["id"]: (row["code"], row["topic"], row["kind"]) for row in rows["case_"]}
    for row in rows["case_"]:
        row["proposal"]["linked_to"] = names.get(UUID(row["proposal"]["linked_to"] or str(uuid4())))
    own = {name: {c.name for c in store.metadata.tables[name].c if isinstance(c.type, Uuid)} for name in OURS}
    return {
        name: sorted(
            repr({key: names.get(value) if key in own[name] else value for key, value in row.items()}) for row in found
        )
        for name, found in rows.items()
    }


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    said: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def test_petitions_filed_together_become_the_same_cases_as_one_by_one(new_desk: Callable[[], Database]) -> None:
    together, one_by_one = new_desk(), new_desk()
    morning = a_morning()

    with together.writing() as tx:
        hear(tx, reactions.open_cases, *morning)
        told = emitted(tx)
    apart: list[Event] = []
    for petition in morning:
        with one_by_one.writing() as tx:
            hear(tx, reactions.open_cases, petition)
            apart += emitted(tx)

    found = kept(together)
    assert found == kept(one_by_one)
    assert len(found["case_"]) == len(morning) + 1
    assert any("'link'" in row for row in found["case_"])
    assert [one.TYPE for one in told] == [one.TYPE for one in apart]
    assert [one.answer_due_on for one in told[::2]] == [one.answer_due_on for one in apart[::2]]  # type: ignore[attr-defined]


def test_of_one_matter_told_twice_in_a_batch_the_earlier_leads(new_desk: Callable[[], Database]) -> None:
    desk = new_desk()
    first, second = petition_filed(code="1AAA1AAA"), petition_filed(code="2BBB2BBB")
    later = replace(second, received_at=first.received_at + timedelta(minutes=1))

    with desk.writing() as tx:
        hear(tx, reactions.open_cases, later, first)

    with desk.reading() as look:
        cases = {case.code: case for case in store.open_cases_with_clocks(look, after=None, limit=9)}
    assert cases["1AAA1AAA"].linked_to is None
    assert cases["2BBB2BBB"].linked_to == cases["1AAA1AAA"].id


def test_a_case_that_follows_another_leads_none_of_its_batch(new_desk: Callable[[], Database]) -> None:
    desk, first = new_desk(), petition_filed(code="1AAA1AAA")
    longer = f"{first.text.value} Mong Sở xem sớm."  # the third is likest the second
    second, third = (
        petition_filed(code=code, text=longer, received_at=first.received_at + timedelta(minutes=minutes))
        for minutes, code in enumerate(("2BBB2BBB", "3CCC3CCC"), start=1)
    )

    with desk.writing() as tx:
        hear(tx, reactions.open_cases, first, second, third)

    with desk.reading() as look:
        cases = {case.code: case for case in store.open_cases_with_clocks(look, after=None, limit=9)}
    assert cases["2BBB2BBB"].linked_to == cases["3CCC3CCC"].linked_to == cases["1AAA1AAA"].id


def test_a_restricted_case_leads_none_of_its_batch(new_desk: Callable[[], Database]) -> None:
    desk = new_desk()
    weighty = petition_filed(code="1AAA1AAA", kind="denunciation")
    plain = petition_filed(code="2BBB2BBB", received_at=weighty.received_at + timedelta(minutes=1))

    with desk.writing() as tx:
        hear(tx, reactions.open_cases, weighty, plain)

    with desk.reading() as look:
        cases = {case.code: case for case in store.open_cases_with_clocks(look, after=None, limit=9)}
    assert cases["1AAA1AAA"].is_restricted
    assert cases["1AAA1AAA"].topic == cases["2BBB2BBB"].topic
    assert cases["2BBB2BBB"].linked_to is None


def test_twenty_petitions_cost_as_many_statements_as_one(new_desk: Callable[[], Database]) -> None:
    desk = new_desk()

    def cost(*petitions: PetitionFiled) -> int:
        with desk.writing() as tx, counted(desk) as said:
            hear(tx, reactions.open_cases, *petitions)
        return len(said)

    alone = cost(a_morning()[0])
    more = 6  # names of staff, whom they name, files; the keys of denouncers looked up and made, their letters
    assert cost(*a_morning(), *a_morning(), *a_morning()[:4]) <= alone + more


def test_notices_heard_together_are_kept_as_one_by_one_in_two_statements(new_desk: Callable[[], Database]) -> None:
    together, one_by_one = new_desk(), new_desk()
    same = [
        {"petition_id": uuid4(), "notice_id": uuid4(), "audience": "petitioner", "channel": "sms", "purpose": "filed"}
        for _ in range(20)
    ]
    waves: Sequence[Sequence[Event]] = (
        [an_event(NoticeDelivered, **one, evidence="handset") for one in same[:7]],
        [an_event(NoticeAccepted, **one) for one in same],
        [an_event(NoticeFailed, **one, error_class="absent") for one in same[5:12]],
    )

    for wave in waves:
        with together.writing() as tx, counted(together) as said:
            hear(tx, reactions.keep_notices, *wave)
        assert len(said) == 2
        for told in wave:
            with one_by_one.writing() as tx:
                hear(tx, reactions.keep_notices, told)

    assert kept(together) == kept(one_by_one)
    states = [row.split("'state': ")[1].split(",")[0] for row in kept(together)["notice"]]
    assert sorted(states) == ["'accepted'"] * 8 + ["'delivered'"] * 7 + ["'failed'"] * 5


@dataclass
class Wire:
    told: list[Message] = field(default_factory=list)

    def publish(self, batch: Sequence[Message]) -> None:
        self.told.extend(batch)

    def close(self) -> None:
        pass


def test_a_petition_that_cannot_be_opened_holds_up_no_other(
    make_database: MakeDatabase, new_desk: Callable[[], Database], clock: MovableClock
) -> None:
    door, desk, wire = make_database(MetaData(), "intake"), new_desk(), Wire()
    bad = petition_filed(code="8XXX8XXX", position="nowhere")
    with door.writing() as tx:
        for petition in (*a_morning()[:4], bad, *a_morning()[4:]):
            tx.emit(petition)
    relay = Relay(door, door.codec.keys, wire)
    while relay.once():
        pass
    inbox = Inbox(desk, desk.codec.keys, hears=("intake",), reactions=reactions.by(the_rules()))

    inbox.take(wire.told)

    with desk.reading() as look:
        codes = {case.code for case in store.open_cases_with_clocks(look, after=None, limit=99)}
    assert codes == {petition.code.value for petition in a_morning()}
    assert inbox.backlog() == {"retry": 1}
