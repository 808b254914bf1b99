"""An answer that somebody was not satisfied with is the head's to look at, and nobody learns who said so."""

import re
from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.workflow import actions, api, reactions, store
from services.workflow.domain.case import StepRefused
from services.workflow.domain.permission import may
from services.workflow.steps import Incomplete, NotAllowed
from services.workflow.web import make_desk
from shared.events.base import Event, Sealed
from shared.events.intake import PetitionRated
from shared.events.workflow import CaseFollowedUp, CaseFollowUp, CaseReopened
from shared.settings import Settings
from tests.support import emitted
from tests.workflow.builders import DEPUTY, DIRECTOR, EVERYBODY, HEAD, OFFICE, OFFICER, Office, Staff, hear, the_rules
from tests.workflow.conftest import Visit
from tests.workflow.programs import Program, token_of
from tests.workflow.test_reopening import answer, answered

DONE = "Đã xem lại tại chỗ cùng đội bảo dưỡng, hẹn phủ lại mặt đường."
ELSEWHERE = {
    "text": "Mặt đường Bà Triệu đoạn gần số 40 sụt lún, xe máy dễ ngã.",
    "title": "Sụt lún đường Bà Triệu",
    "place": "40 Bà Triệu",
    "ward": "phu-nhuan",
}
LINE = "Có người chưa hài lòng"


def judged(office: Office, case_id: UUID, *, is_for_head: bool = True, round: int = 1) -> list[Event]:
    """A citizen judged the answer; the events that the desk told."""
    rated = PetitionRated(
        petition_id=office.case(case_id).petition_id,
        round=round,
        score=Sealed(1),
        words=Sealed("Quá tệ"),
        is_for_head=Sealed(is_for_head),
    )
    with office.database.writing() as tx:
        hear(tx, reactions.take_low_marks, rated)
        return emitted(tx)


def kept(office: Office, case_id: UUID) -> Sequence[store.FollowUp]:
    with office.database.reading() as look:
        return store.follow_ups_of(look, case_id)


def waiting(office: Office, person: Staff) -> int:
    with office.database.reading() as look:
        return store.count_follow_ups(look, person)


def test_s16c_a_low_mark_is_a_task_of_the_head_of_the_unit_that_answered(office: Office) -> None:
    case_id = answered(office)

    (told,) = judged(office, case_id)

    assert isinstance(told, CaseFollowUp)
    assert (told.ground, set(told.tell)) == ("not_satisfied", {HEAD.person, DEPUTY.person})
    assert [(one.round, one.unit, one.state) for one in kept(office, case_id)] == [(1, "KCHT", "open")]
    assert (waiting(office, HEAD), waiting(office, DIRECTOR), waiting(office, OFFICER)) == (1, 1, 0)


def test_the_task_names_neither_who_judged_nor_the_mark() -> None:
    known = {column.name for column in store.metadata.tables["follow_up"].c}

    of_the_answer = {"case_id", "round", "unit", "written_by"}
    assert known == of_the_answer | {"id", "opened_at", "state", "closed_by", "closed_at", "words"}


def test_a_mark_that_is_not_for_the_head_makes_nothing(office: Office) -> None:
    case_id = answered(office)

    assert judged(office, case_id, is_for_head=False) == []
    assert kept(office, case_id) == []


def test_two_who_were_not_satisfied_with_one_answer_make_one_task(office: Office) -> None:
    lead, follower = office.file(), office.file(code="3BJK7WQC")
    office.act(actions.link, OFFICE, follower, into=lead)
    office.act(actions.take, OFFICER, lead)
    answer(office, lead)

    first, second = judged(office, lead), judged(office, follower)

    assert (len(first), second) == (1, [])
    assert (len(kept(office, lead)), kept(office, follower)) == (1, [])


def test_a_mark_for_an_answer_that_holds_no_more_makes_nothing(office: Office) -> None:
    case_id = answered(office)
    office.ask_again(case_id)
    office.act(actions.reopen, HEAD, case_id)

    assert judged(office, case_id) == []


@pytest.mark.parametrize("is_asked_first", [True, False])
def test_a_wish_to_look_again_and_a_low_mark_are_one_task(office: Office, is_asked_first: bool) -> None:
    case_id = answered(office)

    for act in (office.ask_again, judged) if is_asked_first else (judged, office.ask_again):
        act(office, case_id) if act is judged else act(case_id)  # type: ignore[operator]

    with office.database.reading() as look:
        assert len(store.open_reopenings(look, case_id)) == 1
    assert waiting(office, HEAD) == 0
    assert [one.state for one in kept(office, case_id)] == ([] if is_asked_first else ["joined"])


def test_the_head_closes_it_with_what_was_done_which_the_log_is_committed_to(office: Office) -> None:
    case_id = answered(office)
    judged(office, case_id)

    with pytest.raises(Incomplete, match="done"):
        office.act(actions.close_follow_up, HEAD, case_id, done="Đã xem")
    (told,) = office.act(actions.close_follow_up, HEAD, case_id, done=DONE)

    assert isinstance(told, CaseFollowedUp)
    assert (told.actor, told.round, told.done.value) == (HEAD.person, 1, DONE)
    (one,) = kept(office, case_id)
    assert (one.state, one.closed_by, one.words) == ("done", HEAD.person, DONE)
    with pytest.raises(StepRefused):
        office.act(actions.close_follow_up, DEPUTY, case_id, done=DONE)


def test_the_head_may_reopen_instead(office: Office) -> None:
    case_id = answered(office)
    judged(office, case_id)

    (told,) = office.act(actions.reopen, HEAD, case_id)

    assert isinstance(told, CaseReopened)
    assert told.ground == "head_decided"
    assert [one.state for one in kept(office, case_id)] == ["reopened"]


def test_a_reopening_looks_alike_to_the_officer_whether_or_not_somebody_was_dissatisfied(
    office: Office, visit: Visit, settings: Settings
) -> None:
    marked, unmarked = answered(office), office.file(code="3BJK7WQC", **ELSEWHERE)
    office.act(actions.take, OFFICER, unmarked)
    answer(office, unmarked)
    judged(office, marked)
    offers = [">Mở lại…</a>" in visit(HEAD).get(f"/desk/cases/{one}").text for one in (marked, unmarked)]
    reopened = [office.act(actions.reopen, HEAD, one)[0] for one in (marked, unmarked)]

    app = make_desk(settings, office.database, the_rules())
    api.add_to(app)
    program = Program(app, token_of(office.database, OFFICER))
    known = [program.get(f"/cases/{one}").json for one in (marked, unmarked)]
    pages = [visit(OFFICER).get(f"/desk/cases/{one}").text.partition('id="timeline"')[2] for one in (marked, unmarked)]
    shown = [
        re.sub(r'value="[^"]*"', "", page).replace(str(one), "")
        for page, one in zip(pages, (marked, unmarked), strict=True)
    ]

    assert offers == [True, True]
    assert [told.ground for told in reopened] == ["head_decided"] * 2  # type: ignore[attr-defined]
    lines = [[(line["what"], line["title"], line["words"], line["data"]) for line in one["timeline"]] for one in known]
    assert lines[0] == lines[1]
    assert ("reopen", {"round": 1}) in [(what, data) for what, _, _, data in lines[0]]
    assert known[0]["steps"] == known[1]["steps"]
    assert "Mở lại hồ sơ" in shown[0]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("person", [OFFICER, OFFICE])
def test_who_does_not_lead_the_unit_closes_nothing(office: Office, person: Staff) -> None:
    case_id = answered(office)
    judged(office, case_id)

    with pytest.raises(NotAllowed):
        office.act(actions.close_follow_up, person, case_id, done=DONE)


def test_a_head_who_answered_is_not_told_and_the_deputy_is(office: Office) -> None:
    case_id = office.file()
    office.act(actions.take, HEAD, case_id)
    office.act(actions.submit_draft, HEAD, case_id, text=DONE + " Ngày 25/11/2026.", outcome="done")
    office.act(actions.approve, DEPUTY, case_id)
    office.act(actions.answer, HEAD, case_id)

    (told,) = judged(office, case_id)

    assert isinstance(told, CaseFollowUp)
    assert told.tell == (DEPUTY.person,)
    assert (waiting(office, HEAD), waiting(office, DEPUTY)) == (0, 1)
    with pytest.raises(NotAllowed):
        office.act(actions.close_follow_up, HEAD, case_id, done=DONE)


def test_who_wrote_the_answer_does_not_follow_it_up_though_the_case_went_to_somebody_else(
    office: Office, visit: Visit
) -> None:
    case_id = office.file()
    office.act(actions.take, DEPUTY, case_id)
    office.act(actions.submit_draft, DEPUTY, case_id, text=DONE + " Ngày 25/11/2026.", outcome="done")
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.approve, HEAD, case_id)
    office.act(actions.answer, OFFICER, case_id)

    (told,) = judged(office, case_id)

    assert isinstance(told, CaseFollowUp)
    assert told.tell == (HEAD.person,)
    assert (waiting(office, HEAD), waiting(office, DEPUTY)) == (1, 0)
    with pytest.raises(NotAllowed):
        office.act(actions.close_follow_up, DEPUTY, case_id, done=DONE)
    assert LINE not in visit(DEPUTY).get(f"/desk/cases/{case_id}").text
    office.act(actions.reopen, HEAD, case_id)
    assert LINE in visit(HEAD).get(f"/desk/cases/{case_id}").text
    assert LINE not in visit(DEPUTY).get(f"/desk/cases/{case_id}").text


def test_of_a_restricted_case_those_hear_who_may_follow_it_up(office: Office) -> None:
    case_id = office.file(topic="C24", text="Cán bộ của phòng vòi tiền tôi.", code="3BJK7WQC")
    with office.database.writing() as tx:
        case = store.load_case(tx, case_id)
        assert case is not None
        store.open_follow_up(tx, case_id=case_id, round=1, unit=case.unit)

    assert case.is_restricted
    for person in EVERYBODY:
        assert waiting(office, person) == int(bool(may(person, "follow_up", case))), person


def test_a_month_counts_who_was_not_satisfied_and_what_was_followed_up(
    office: Office, visit: Callable[[Staff], FlaskClient]
) -> None:
    case_id = answered(office)
    judged(office, case_id)
    before = visit(HEAD).get("/desk/figures").text
    office.act(actions.close_follow_up, HEAD, case_id, done=DONE)

    after = visit(HEAD).get("/desk/figures").text

    assert "Câu trả lời có người chưa hài lòng</dt><dd>1, đã xem lại 0" in before
    assert "Câu trả lời có người chưa hài lòng</dt><dd>1, đã xem lại 1" in after
    assert "Câu trả lời có người chưa hài lòng" not in visit(OFFICE).get("/desk/figures?unit=KCHT").text


def test_the_head_finds_it_at_the_desk_and_its_officer_nowhere(office: Office, visit: Visit) -> None:
    case_id = answered(office)
    judged(office, case_id)
    pages = ("/desk/promises", f"/desk/cases/{case_id}")

    for address in ("/desk/head", *pages):
        assert LINE in visit(HEAD).get(address).text
    for address in ("/desk/head", f"/desk/cases/{case_id}"):
        assert "hấm mấy điểm, viết gì thì không ai ở đây biết" in visit(HEAD).get(address).text
        assert "Ai chấm" not in visit(HEAD).get(address).text
    for person in (OFFICER, OFFICE):
        assert not [address for address in pages if LINE in visit(person).get(address).text]


def test_a_note_that_is_too_short_comes_back_with_what_was_typed(office: Office, visit: Visit) -> None:
    case_id = answered(office)
    judged(office, case_id)
    home = {"Origin": "http://localhost"}

    refused = visit(HEAD).post(f"/desk/cases/{case_id}/close_follow_up", data={"done": "Đã xem"}, headers=home)
    taken = visit(HEAD).post(f"/desk/cases/{case_id}/close_follow_up", data={"done": DONE}, headers=home)

    assert refused.status_code == 422
    assert "Hãy viết đã làm gì" in refused.text
    assert ">Đã xem</textarea>" in refused.text
    assert taken.status_code == 303
    assert LINE not in visit(HEAD).get("/desk/head").text
    assert DONE in visit(HEAD).get(f"/desk/cases/{case_id}").text
    assert DONE not in visit(OFFICER).get(f"/desk/cases/{case_id}").text
