"""Opinions from outside: the question never says who the citizen is, the link works once, the clock waits by rule."""

from datetime import date
from uuid import UUID

import pytest

from services.workflow import actions, store
from services.workflow.actions import Sweep
from services.workflow.actions.consulting import NoSuchLink, find_by_link, hash_of
from services.workflow.domain.consult import names_the_citizen
from services.workflow.domain.deadline import ClockRefused
from services.workflow.domain.permission import Refusal
from services.workflow.steps import Incomplete, NotAllowed
from shared.events.base import Event
from tests.support import emitted
from tests.workflow.builders import DENUNCIATION, DIRECTOR, HEAD, LEGAL_HEAD, OFFICER, Office

QUESTION = "Xin cho biết tải trọng cho phép của cầu trên đoạn đường này là bao nhiêu."
EXPERT = {"name": "Trường Đại học Kỹ thuật", "email": "cau-duong@example.vn", "question": QUESTION}
OPINION = "Tải trọng thiết kế của cầu là H30."


def in_work(office: Office, **given: object) -> UUID:
    case_id = office.file(**given)
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    return case_id


def consulted(office: Office, *, filed: dict[str, object] | None = None, **more: object) -> tuple[UUID, str]:
    case_id = in_work(office, **filed or {})
    events = office.act(actions.consult, OFFICER, case_id, **EXPERT, **more)
    return case_id, events[0].link_token.value


def answer(office: Office, token: str, text: str = OPINION) -> list[Event]:
    with office.database.writing() as tx:
        actions.answer_by_link(tx, office.rules, token=token, text=text)
        return emitted(tx)


def find(office: Office, token: str) -> store.Consult:
    with office.database.reading() as look:
        return find_by_link(look, token)


def test_an_expert_answers_once_by_a_link_of_which_only_the_hash_is_kept(office: Office) -> None:
    case_id, token = consulted(office)

    assert find(office, token).question == QUESTION
    (told,) = answer(office, token)

    assert (told.TYPE, told.tell) == ("case.consult_answered.v1", (OFFICER.person,))
    with office.database.reading() as look:
        (kept,) = store.consults_of(look, case_id)
    assert (kept.state, kept.answer, kept.token_hash) == ("answered", OPINION, hash_of(token))
    assert token not in repr(kept)
    with pytest.raises(NoSuchLink):
        answer(office, token)


def test_wrong_used_taken_back_and_old_links_are_refused_alike(office: Office) -> None:
    case_id, token = consulted(office)
    with pytest.raises(NoSuchLink):
        find(office, "x" * 43)
    with pytest.raises(NoSuchLink):
        find(office, "")
    with office.database.reading() as look:
        (kept,) = store.consults_of(look, case_id)

    office.act(actions.revoke, OFFICER, case_id, consult_id=kept.id)

    with pytest.raises(NoSuchLink):
        find(office, token)
    sign: dict[str, object] = {"title": "Biển báo", "text": "Biển báo gãy ở ngã tư Bà Triệu.", "topic": "C04"}
    other, second = consulted(office, filed=sign)
    office.at("2026-12-08T09:00")  # ten working days: the end of 8 December
    assert find(office, second).case_id == other
    office.at("2026-12-09T00:00")
    with pytest.raises(NoSuchLink):
        find(office, second)


@pytest.mark.parametrize(
    "question",
    [
        "Bà Nguyễn Thị Hồng Ánh hỏi về tải trọng của cầu, xin cho ý kiến.",
        "nguyen thi hong anh hoi ve tai trong cua cau nay",
        "Người hỏi có số điện thoại 0905 123 456, xin cho ý kiến.",
        "Xin trả lời vào anh.nth@example.vn giúp chúng tôi.",
        "Xe 75A-123.45 có được qua cầu hay không?",
    ],
)
def test_a_question_never_says_who_the_citizen_is(office: Office, question: str) -> None:
    case_id = in_work(office)

    with pytest.raises(Incomplete) as refused:
        office.act(actions.consult, OFFICER, case_id, **EXPERT | {"question": question})

    assert (refused.value.field, refused.value.code) == ("question", "names_the_citizen")


def test_names_are_found_without_accents_and_short_words_are_no_names() -> None:
    assert names_the_citizen("hỏi le van mau", ("Lê Văn Mẫu",))
    assert not names_the_citizen("Cầu An Cựu có chịu được xe 13 tấn?", ("An", None))


def test_nobody_outside_hears_of_a_secret_case(office: Office) -> None:
    case_id = office.file(**DENUNCIATION)

    for person in (LEGAL_HEAD, DIRECTOR):
        with pytest.raises(NotAllowed) as refused:
            office.act(actions.consult, person, case_id, **EXPERT)
        assert refused.value.reason is Refusal.NOT_OUTSIDE


def test_an_address_must_be_one(office: Office) -> None:
    with pytest.raises(Incomplete) as refused:
        office.act(actions.consult, OFFICER, in_work(office), **EXPERT | {"email": "not an address"})

    assert (refused.value.field, refused.value.code) == ("email", "malformed")


def test_the_clock_waits_for_an_opinion_and_runs_on_when_it_comes(office: Office) -> None:
    case_id, token = consulted(office, is_waiting=True)
    due = date(2026, 12, 3)
    case = office.case(case_id)
    assert (case.stage, case.is_paused, case.answer_due_on) == ("consulting", True, due)
    office.at("2026-11-25T10:00")  # one working day later: 24 November is a holiday

    events = answer(office, token)

    assert [event.TYPE for event in events] == ["case.consult_answered.v1", "case.clock_resumed.v1"]
    assert events[1].ground == "expert_answered"
    case = office.case(case_id)
    assert (case.stage, case.is_paused, case.answer_due_on) == ("in_progress", False, date(2026, 12, 4))


def test_the_wait_ends_by_itself_after_the_longest_time(office: Office) -> None:
    case_id, token = consulted(office, is_waiting=True)
    sweep = Sweep(office.database, office.rules)
    office.at("2026-12-01T10:00")
    sweep.once()
    assert office.case(case_id).stage == "consulting"  # five working days end with 1 December

    office.at("2026-12-03T10:00")
    sweep.once()

    case = office.case(case_id)
    assert (case.stage, case.answer_due_on) == ("in_progress", date(2026, 12, 10))
    answer(office, token)  # still welcome, and moves nothing
    assert office.case(case_id).answer_due_on == date(2026, 12, 10)


def test_the_clock_waits_for_an_opinion_once_and_only_where_a_rule_says_so(office: Office) -> None:
    case_id, token = consulted(office, is_waiting=True)
    answer(office, token)

    with pytest.raises(ClockRefused) as refused:
        office.act(actions.consult, OFFICER, case_id, **EXPERT, is_waiting=True)

    assert refused.value.code == "no_more"
    office.act(actions.consult, OFFICER, case_id, **EXPERT)  # without waiting


def test_taking_the_link_back_ends_the_wait_at_once(office: Office) -> None:
    case_id, _token = consulted(office, is_waiting=True)
    with office.database.reading() as look:
        (kept,) = store.consults_of(look, case_id)
    office.at("2026-11-25T10:00")

    events = office.act(actions.revoke, OFFICER, case_id, consult_id=kept.id)

    assert [event.TYPE for event in events] == ["case.consult_revoked.v1", "case.clock_resumed.v1"]
    assert office.case(case_id).answer_due_on == date(2026, 12, 4)


def test_the_officer_goes_on_without_waiting_longer(office: Office) -> None:
    case_id, _token = consulted(office, is_waiting=True)

    (told,) = office.act(actions.resume, OFFICER, case_id)

    assert told.ground == "expert_wait_over"
    assert office.case(case_id).stage == "in_progress"
