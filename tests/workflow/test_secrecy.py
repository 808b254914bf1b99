"""What one may not see does not exist: nothing on any page depends on cases that are hidden from its reader."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as drawn
from hypothesis import strategies as st
from sqlalchemy import delete, event, select

from services.workflow import store
from services.workflow.domain.case import Case, KindClass
from services.workflow.domain.permission import may
from services.workflow.store.cases import FAR_AWAY
from services.workflow.web.moves import MOVES
from shared.ids import ordered_id
from tests.support import NOON
from tests.workflow.builders import (
    COLLEAGUE,
    DIRECTOR,
    HEAD,
    LAWYER,
    LEGAL_HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
    Staff,
    a_case,
    the_rules,
)

HOME = {"Origin": "http://localhost"}
READERS = (OFFICER, COLLEAGUE, HEAD, STRANGER, LAWYER, LEGAL_HEAD, OFFICE, DIRECTOR)
PEOPLE = [one.person for one in READERS]
UNITS = ["KCHT", "VTCC", "PCAT", "VP"]
KINDS = {
    "report": (KindClass.ORDINARY, "C01"),
    "procedure_feedback": (KindClass.RESTRICTED, "C24"),
    "complaint": (KindClass.RESTRICTED, "C28"),
    "denunciation": (KindClass.SECRET, "C29"),
}
STAGES = ["triage", "accepted", "assigned", "in_progress", "waiting", "drafted", "answered", "closed"]
LETTERS = "BCDFGHJKMNPQRSTVWXZ23456789"
WHY = "Nội dung đủ dài để qua mọi phép kiểm, không hơn"
FORMS: tuple[dict[str, str], ...] = (
    {},
    {"due_on": "31.12", "promised_on": "không", "signed_on": "x", "knew_on": "1/1"},
    {
        "reason": WHY, "note": WHY, "text": WHY, "question": WHY, "ground": "already_answered", "to": "X-CA",
        "officer": OFFICER.person, "outcome": "done", "due_on": "30/12/2026", "who": OFFICER.person,
        "how": "scanned", "signed_on": "23/11/2026", "knew_on": "01/11/2026", "version": "1",
        "words": WHY, "is_sure": "yes", "purpose": "site_visit",
    },
)  # fmt: skip


# ---- cases as chance has them


@st.composite
def a_drawn_case(draw: Callable[..., Any]) -> Case:
    kind = draw(st.sampled_from(list(KINDS)))
    kind_class, topic = KINDS[kind]
    workflow = the_rules().current[kind]
    stage = draw(st.sampled_from([name for name in STAGES if name in workflow.stages]))
    return a_case(
        id=ordered_id(),
        petition_id=uuid4(),
        code=draw(st.text(LETTERS, min_size=8, max_size=8)),
        kind=kind,
        kind_class=kind_class,
        topic=topic,
        workflow=workflow.name,
        unit=draw(st.sampled_from(UNITS)),
        officer=draw(st.sampled_from([None, *PEOPLE])),
        ward=draw(st.sampled_from([None, "thuan-hoa"])),
        stage=stage,
        is_ended=stage == "closed",
        answered_at=NOON if stage in {"answered", "closed"} else None,
        answer_due_at=NOON + timedelta(days=draw(st.integers(-5, 9))),
        answer_due_on=(NOON + timedelta(days=2)).date(),
        excluded=frozenset(draw(st.lists(st.sampled_from([*PEOPLE, *UNITS]), max_size=2))),
        received_at=NOON - timedelta(days=draw(st.integers(0, 20))),
    )


@st.composite
def an_office_full(draw: Callable[..., Any]) -> list[Case]:
    """Some cases: a few of one petition, a few that follow others."""
    cases = draw(st.lists(a_drawn_case(), min_size=2, max_size=7, unique_by=lambda case: case.code))
    for number in range(1, len(cases)):
        tie = draw(st.sampled_from(["alone", "alone", "part", "follower"]))
        other = cases[draw(st.integers(0, number - 1))]
        if tie == "part":
            cases[number] = replace(cases[number], petition_id=other.petition_id)
        if tie == "follower":
            cases[number] = replace(cases[number], linked_to=other.id)
    return cases


def fill(office: Office, cases: list[Case]) -> None:
    """An empty desk with these cases, their stories, readings, notices of their own, files and openings."""
    with office.database.writing() as tx:
        clear(tx)
        words = store.Words(
            title="Ổ gà sâu", text="Có ổ gà trước nhà tôi", place="120 Điện Biên Phủ", position=None, name="Lê Thị Mẫu",
            phone="0905123456", email=None, address=None, party="individual",
        )  # fmt: skip
        proposal = {
            "kind": "report",
            "topic": "C01",
            "unit": "KCHT",
            "route": "accept",
            "candidates": [],
            "reasons": [],
        }
        proposal |= {"transfer_to": None}
        store.add_cases(tx, [store.NewCase(case=case, words=words, proposal=proposal) for case in cases])
        for case in cases:
            store.add_entry(tx, case.id, "opened", actor="system", is_public=True, unit=case.unit)
            for person in (DIRECTOR, LEGAL_HEAD):
                since = tx.now - timedelta(days=1)
                store.read_lately(tx, case.id, person=person.person, kind="case", purpose="supervision", since=since)
            store.add_supplement(tx, case.id, words=None, attachment_count=0)
            if case.is_secret:
                told = tuple(sorted(case.excluded & set(PEOPLE)))
                store.add_opening(tx, an_opening(case, told, tx.now))
        tx._changed.clear()  # rows for pages, not a story to tell


def an_opening(case: Case, told: tuple[str, ...], now: Any) -> store.Opening:
    ends_at = now + timedelta(minutes=30)
    return store.Opening(
        id=ordered_id(), case_id=case.id, petition_id=case.petition_id, person="u:deputy", role="head",
        reason="verify_conditions", words=WHY, opened_at=now, ends_at=ends_at, told=told,
    )  # fmt: skip


PER_CASE = (
    "presence", "handover", "case_counted", "remedy", "inspection",
    "identity_opening", "redacted_file", "redacted_paper", "sealed_paper", "admission", "timeline", "supplement",
    "case_reading", "case_excluded", "case_attachment", "case_words",
)  # fmt: skip


def clear(tx: Any) -> None:
    for name in (*PER_CASE, "case_", "identity_key", "notice", "outbox"):
        tx.connection.execute(delete(store.metadata.tables[name]))


def remove(office: Office, cases: list[Case]) -> None:
    """As if these cases had never been."""
    gone = [case.id for case in cases]
    with office.database.writing() as tx:
        for name in PER_CASE:
            table = store.metadata.tables[name]
            tx.connection.execute(delete(table).where(table.c.case_id.in_(gone)))
        case_ = store.metadata.tables["case_"]
        tx.connection.execute(delete(case_).where(case_.c.id.in_(gone)))


def addresses(cases: list[Case], visible: list[Case]) -> Iterator[str]:
    """Everything that can be asked for: lists by every view and filter, searches for hidden codes, open cases."""
    for view in store.VIEWS:
        yield f"/desk/?view={view}"
        yield f"/desk/rows?view={view}"
    for query in (
        "group=late",
        "group=new",
        "group=doing",
        "topic=C29",
        "topic=C24",
        "priority=normal",
        "ward=thuan-hoa",
    ):
        yield f"/desk/?view=all&{query}"
    yield "/desk/figures"
    yield "/desk/repeats"
    yield "/desk/?view=all&q=o+ga"
    yield "/desk/?view=all&q=L%C3%AA+Th%E1%BB%8B+M%E1%BA%ABu"
    for case in cases:
        yield f"/desk/?view=all&q={case.code}"
        yield f"/desk/find.json?q={case.code}"
        yield f"/desk/rows?view=all&after={FAR_AWAY.isoformat().replace('+', '%2B')}_{case.id.hex}"
        key = f"{case.answer_due_at.isoformat().replace('+', '%2B')}_{case.id.hex}"  # type: ignore[union-attr]
        yield f"/desk/rows?view=all&before={key}"
    yield from pages_of(visible)


def pages_of(cases: list[Case]) -> Iterator[str]:
    for case in cases:
        yield f"/desk/cases/{case.id}"
        yield f"/desk/cases/{case.id}/print"


def seen(client: FlaskClient, asked: list[str]) -> dict[str, tuple[int, str]]:
    answers = {address: client.get(address) for address in asked}
    return {address: (answer.status_code, without_tokens(answer.text)) for address, answer in answers.items()}


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.person)
def test_no_page_depends_on_what_is_hidden_from_its_reader(
    office: Office, visit: Callable[[Staff], FlaskClient], reader: Staff
) -> None:
    client = visit(reader)

    @drawn(max_examples=2, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(cases=an_office_full())
    def compare(cases: list[Case]) -> None:
        fill(office, cases)
        visible = [case for case in cases if may(reader, "see", case)]
        hidden = [case for case in cases if not may(reader, "see", case)]
        asked = list(addresses(cases, visible))
        seen(client, list(pages_of(visible)))  # the first look is told, and stands among the readings of its case

        with_them = seen(client, asked)
        remove(office, hidden)
        without_them = seen(client, asked)

        for address in asked:
            assert with_them[address] == without_them[address], (address, reader.person)

    compare()


# ---- what is asked of one case


@contextmanager
def counted(office: Office) -> Iterator[list[str]]:
    """The statements that are sent, without their values."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(office.database.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(office.database.engine, "before_cursor_execute", note)


def hidden_from(reader: Staff) -> list[Case]:
    """One case for each reason for which it is hidden from this reader."""
    concerned = a_case(id=ordered_id(), petition_id=uuid4(), code="CCCC2222", excluded=frozenset({reader.person}))
    unit = a_case(id=ordered_id(), petition_id=uuid4(), code="DDDD2222", excluded=frozenset({str(reader.unit)}))
    secret = a_case(
        id=ordered_id(), petition_id=uuid4(), code="FFFF2222", kind="denunciation", workflow="denunciation",
        kind_class=KindClass.SECRET, unit="DKIEM", officer=None, topic="C29",
    )  # fmt: skip
    return [case for case in (concerned, unit, secret) if not may(reader, "see", case)]


def alike(text: str, *names: str) -> str:
    for name in names:
        text = text.replace(name, "…")
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", without_tokens(text))


def without_tokens(text: str) -> str:
    """The page without what is drawn anew for every answer, against forged forms."""
    return re.sub(r'name="csrf(_token)?" (content|value)="[^"]*"', "", text)


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.person)
def test_whatever_is_asked_of_a_hidden_case_is_answered_as_of_none(
    office: Office, visit: Callable[[Staff], FlaskClient], reader: Staff
) -> None:
    hidden = hidden_from(reader)
    fill(office, hidden)
    client, nowhere = visit(reader), uuid4()
    for case in hidden:
        for path in ("", "/print", "/identity"):
            there, none = ask(office, client.get, case.id, path), ask(office, client.get, nowhere, path)
            assert there == none, path
        for step in (*MOVES, "note", "contact", "identity", "redacted-file", "no-such-step"):
            for form in FORMS:
                there = ask(office, client.post, case.id, f"/{step}", data=dict(form), headers=HOME)
                none = ask(office, client.post, nowhere, f"/{step}", data=dict(form), headers=HOME)
                assert there == none, (step, form)
                assert there[0] in {403, 404}


def ask(office: Office, call: Callable[..., Any], case_id: UUID, path: str, **given: Any) -> tuple[int, str, list[str]]:
    """Status, page and statements of a question: what an observer can tell apart, by words or by time."""
    with counted(office) as said:
        answer = call(f"/desk/cases/{case_id}{path}", **given)
    plumbing = ("account", "session", "BEGIN", "outbox")
    return answer.status_code, alike(answer.text), [one for one in said if not any(word in one for word in plumbing)]


def test_a_hidden_code_is_refused_like_one_that_nobody_has(
    office: Office, visit: Callable[[Staff], FlaskClient]
) -> None:
    mine = a_case(id=ordered_id(), petition_id=uuid4(), code="BBBB2222", stage="accepted", officer=None)
    hidden = hidden_from(HEAD)
    fill(office, [mine, *hidden])
    client = visit(HEAD)

    def linked(into: str) -> tuple[int, str]:
        form = {"version": "1", "into": into}
        answer = client.post(f"/desk/cases/{mine.id}/link", data=form, headers=HOME)
        return answer.status_code, alike(answer.text, into)

    linked("9999ZZZZ")  # the first refusal is the first look
    for case in hidden:
        assert linked(case.code) == linked("9999ZZZZ")
        assert linked(case.id.hex) == linked(uuid4().hex)


def test_hidden_cases_are_given_to_nobody_in_bulk_and_named_to_nobody(
    office: Office, visit: Callable[[Staff], FlaskClient]
) -> None:
    hidden = hidden_from(HEAD)
    fill(office, hidden)
    client = visit(HEAD)

    def given_to(ident: UUID) -> str:
        form = {"id": [f"{ident}:1"], "officer": OFFICER.person}
        return alike(client.post("/desk/bulk", data=form, headers=HOME).text)

    for case in hidden:
        assert given_to(case.id) == given_to(uuid4())


def test_files_of_hidden_cases_do_not_exist(office: Office, visit: Callable[[Staff], FlaskClient]) -> None:
    hidden = hidden_from(HEAD)
    fill(office, hidden)
    files = store.metadata.tables["case_attachment"]
    client = visit(HEAD)

    for case in hidden:
        file_id = uuid4()
        with office.database.writing() as tx:
            row = {"media_type": "image/jpeg", "size_bytes": 1, "sha256": "0" * 64, "added_at": tx.now}
            tx.connection.execute(files.insert(), row | {"id": file_id, "case_id": case.id})
        there, none = client.get(f"/desk/files/{file_id}"), client.get(f"/desk/files/{uuid4()}")
        assert (there.status_code, alike(there.text)) == (none.status_code, alike(none.text))


def test_notices_of_a_petition_are_shown_to_those_who_see_all_its_parts(
    office: Office, visit: Callable[[Staff], FlaskClient]
) -> None:
    part = a_case(id=ordered_id(), petition_id=uuid4(), code="BBBB2222")
    (secret,) = [case for case in hidden_from(HEAD) if case.is_secret]
    alone = a_case(id=ordered_id(), petition_id=uuid4(), code="HHHH2222")
    told = {"audience": "petitioner", "channel": "email", "purpose": "refused", "state": "delivered", "detail": None}
    fill(office, [part, a_case(**vars(secret) | {"petition_id": part.petition_id}), alone])
    with office.database.writing() as tx:
        notices = store.metadata.tables["notice"]
        rows = [{"id": uuid4(), "petition_id": one.petition_id, "at": tx.now} | told for one in (part, alone)]
        tx.connection.execute(notices.insert(), rows)

    assert "đã đến nơi" not in visit(HEAD).get(f"/desk/cases/{part.id}").text
    assert "đã đến nơi" in visit(DIRECTOR).get(f"/desk/cases/{part.id}").text
    assert "đã đến nơi" in visit(HEAD).get(f"/desk/cases/{alone.id}").text


def test_log_lines_name_the_route_and_nothing_of_the_case(
    office: Office, visit: Callable[[Staff], FlaskClient], caplog: pytest.LogCaptureFixture
) -> None:
    (secret,) = [case for case in hidden_from(HEAD) if case.is_secret]
    fill(office, [secret])

    visit(HEAD).get(f"/desk/cases/{secret.id}")
    visit(DIRECTOR).get(f"/desk/cases/{secret.id}")

    said = "\n".join(str(record.msg) for record in caplog.records)
    assert "/desk/cases/<uuid:case_id>" in said
    for words in (str(secret.id), secret.code, "Lê Thị Mẫu", "denunciation"):
        assert words not in said


def test_neighbours_are_looked_for_among_ordinary_cases_only(office: Office) -> None:
    cases = [
        a_case(id=ordered_id(), petition_id=uuid4(), code=f"{kind_class.value[:4].upper()}2222", kind_class=kind_class)
        for kind_class in KindClass
    ]
    fill(office, cases)

    with office.database.reading() as look:
        near = store.nearby(look, ["C01"], since=NOON - timedelta(days=60))
        rows = look.connection.execute(select(store.metadata.tables["case_"].c.id)).scalars().all()

    assert len(rows) == 3
    assert {row.id for row in near} == {case.id for case in cases if case.kind_class is KindClass.ORDINARY}
