"""Several matters in one letter, and one matter in several letters: nobody is lost, nobody waits longer."""

from datetime import date
from uuid import UUID

import pytest

from services.workflow import actions, store
from services.workflow.actions.splitting import Part
from services.workflow.domain.case import KindClass, StepRefused
from services.workflow.steps import Incomplete, NotAllowed
from shared.events.base import Event
from tests.workflow.builders import ANSWER, DIRECTOR, HEAD, OFFICE, OFFICER, Office

POTHOLE = "Đường Nguyễn Huệ có ổ gà rất sâu trước số nhà 12, đề nghị vá."
BUS = "Xe buýt tuyến số 2 sáng nay bỏ chuyến, tôi chờ 40 phút không có xe."
LETTER = {"title": "Chuyện phố tôi", "text": f"{POTHOLE} Ngoài ra {BUS}", "topic": None, "kind": None}
PARTS = [Part(text=POTHOLE, kind="report", topic="C01"), Part(text=BUS, kind="report", topic="C13")]


def to_be_sorted(office: Office, **given: object) -> UUID:
    case_id = office.file(**given)
    if office.case(case_id).stage != "triage":
        office.act(actions.return_to_triage, OFFICE, case_id, reason="Thư nói nhiều việc")
    return case_id


def told(events: list[Event], type_: str) -> list[Event]:
    return [event for event in events if type_ == event.TYPE]


def in_work(office: Office, **given: object) -> UUID:
    case_id = office.file(**given)
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    return case_id


def followed(office: Office) -> tuple[UUID, UUID]:
    """A lead in work and a case that follows it."""
    lead, follower = in_work(office), office.file(title="Cũng ổ gà", text=POTHOLE)
    office.act(actions.link, OFFICE, follower, into=lead)
    return lead, follower


# ---- one letter, several matters


def test_a_person_takes_a_letter_apart(office: Office) -> None:
    case_id = to_be_sorted(office, **LETTER)
    office.at("2026-11-25T10:00")

    events = office.act(actions.split, OFFICE, case_id, parts=PARTS)

    whole = office.case(case_id)
    assert (whole.stage, whole.is_ended) == ("split", True)
    (split,) = told(events, "case.split.v1")
    assert split.count == 2
    parts = [office.case(part) for part in split.parts]
    assert [(part.topic, part.unit, part.stage) for part in parts] == [
        ("C01", "KCHT", "accepted"),
        ("C13", "VTCC", "accepted"),
    ]
    assert {(part.petition_id, part.code, part.received_at) for part in parts} == {
        (whole.petition_id, whole.code, whole.received_at)
    }
    assert [event.TYPE for event in events] == ["case.split.v1", *["case.opened.v1", "case.routed.v1"] * 2]
    with office.database.reading() as look:
        assert [store.words_of(look, part.id).text for part in parts] == [POTHOLE, BUS]


def test_each_part_is_due_as_if_it_had_come_alone(office: Office) -> None:
    alone = office.case(office.file(title="Ổ gà", text=POTHOLE, topic="C01"))
    case_id = to_be_sorted(office, **LETTER)
    office.at("2026-11-26T10:00")

    events = office.act(actions.split, OFFICE, case_id, parts=PARTS)

    first = next(event for event in told(events, "case.opened.v1") if event.topic == "C01")
    assert first.answer_due_on == alone.answer_due_on
    assert office.case(first.case_id).next_step_at is not None


def test_a_letter_needs_at_least_two_parts_with_words(office: Office) -> None:
    case_id = to_be_sorted(office, **LETTER)

    with pytest.raises(Incomplete) as few:
        office.act(actions.split, OFFICE, case_id, parts=[PARTS[0], Part(text=" ")])
    with pytest.raises(Incomplete) as many:
        office.act(actions.split, OFFICE, case_id, parts=PARTS * 4)
    with pytest.raises(Incomplete):
        office.act(actions.split, OFFICE, case_id, parts=[PARTS[0], Part(text=BUS, topic="C999")])

    assert (few.value.code, many.value.code) == ("too_few", "too_many")
    assert office.case(case_id).stage == "triage"


def test_an_officer_takes_no_letter_apart(office: Office) -> None:
    case_id = to_be_sorted(office, title=None, text=POTHOLE, topic="C01")

    with pytest.raises(NotAllowed):
        office.act(actions.split, OFFICER, case_id, parts=PARTS)


def test_a_part_that_is_a_denunciation_is_secret_from_its_first_moment(office: Office) -> None:
    case_id = to_be_sorted(office, **LETTER)
    parts = [PARTS[0], Part(text="Tôi tố cáo người bán vé nhận tiền không đưa vé.", kind="denunciation")]

    events = office.act(actions.split, OFFICE, case_id, parts=parts)

    secret = next(event for event in told(events, "case.opened.v1") if event.kind is None)
    assert office.case(secret.case_id).kind_class is KindClass.SECRET
    assert office.case(secret.case_id).stage == "triage"
    with office.database.reading() as look:
        assert store.row_of(look, DIRECTOR, secret.case_id).title == ""


def test_a_part_goes_to_no_unit_that_the_letter_is_about(office: Office) -> None:
    case_id = to_be_sorted(office, **LETTER)
    with office.database.writing() as tx:
        case = store.load_case(tx, case_id)
        store.save_case(tx, type(case)(**vars(case) | {"excluded": frozenset({"VTCC"})}))
        store.exclude(tx, case_id, ["VTCC"])
        tx._changed.clear()

    events = office.act(actions.split, OFFICE, case_id, parts=PARTS)

    parts = [office.case(part) for part in told(events, "case.split.v1")[0].parts]
    assert all(part.unit != "VTCC" and part.excluded == {"VTCC"} for part in parts)


# ---- several letters, one matter


def test_followers_hear_every_later_step_of_their_lead(office: Office) -> None:
    lead, follower = followed(office)
    heard: list[str] = []

    def act(*given: object, **more: object) -> None:
        heard.extend(one.TYPE for one in office.act(*given, **more) if getattr(one, "case_id", None) == follower)

    act(actions.report_progress, OFFICER, lead, note="Đã đặt rào chắn")
    office.act(actions.ask_extension, OFFICER, lead, reason="Mưa liên tục cả tuần, chưa thảm nhựa được")
    act(actions.grant_extension, HEAD, lead)
    act(
        actions.apologise,
        HEAD,
        lead,
        reason="Chúng tôi chậm vì thiếu vật liệu.",
        due_on=date(2026, 12, 28),
        signer="Trưởng phòng",
    )
    assert office.case(follower).answer_due_on == office.case(lead).answer_due_on == date(2026, 12, 28)
    act(actions.submit_draft, OFFICER, lead, text=ANSWER, outcome="done")
    act(actions.approve, HEAD, lead)
    act(actions.answer, OFFICER, lead)
    act(actions.close, OFFICER, lead)

    assert heard == [
        "case.progressed.v1",
        "case.extended.v1",
        "case.apologised.v1",
        "case.answered.v1",
        "case.closed.v1",
    ]


def test_a_follower_hears_the_new_day_when_the_lead_has_waited(office: Office) -> None:
    lead, follower = followed(office)
    office.act(actions.ask_citizen, OFFICER, lead, question="Xin cho biết vị trí chính xác của ổ gà?")
    office.at("2026-11-26T09:00")

    events = office.act(actions.resume, OFFICER, lead)

    resumed = {event.case_id: event for event in told(events, "case.clock_resumed.v1")}
    assert resumed[follower].answer_due_on == resumed[lead].answer_due_on == office.case(follower).answer_due_on
    assert resumed[follower].ground == "wait_is_over"


def test_a_lead_that_is_transferred_takes_its_followers_along(office: Office) -> None:
    lead, follower = followed(office)

    events = office.act(actions.transfer, OFFICE, lead, to="X-XA", reason="Đường do phường quản lý")

    assert {event.case_id for event in told(events, "case.transferred.v1")} == {lead, follower}


@pytest.mark.parametrize("end", ["refuse", "withdraw"])
def test_a_lead_that_ends_for_its_own_reason_lets_its_followers_go(office: Office, end: str) -> None:
    lead, follower = followed(office)
    own = office.case(office.file(title="Cũng ổ gà", text=POTHOLE)).answer_due_on

    if end == "refuse":
        reason = "Đã trả lời bằng văn bản ngày 01/11/2026 rồi."
        events = office.act(actions.refuse, OFFICE, lead, ground="already_answered", reason=reason)
    else:
        events = office.act(actions.withdraw, OFFICE, lead, reason="Thư rút ngày 23/11, có chữ ký")

    case = office.case(follower)
    assert (case.stage, case.is_ended, case.linked_to) == ("triage", False, None)
    assert case.answer_due_on == own
    assert case.next_step_at is not None
    (let_go,) = told(events, "case.unlinked.v1")
    assert (let_go.case_id, let_go.from_case_id, let_go.answer_due_on) == (follower, lead, own)


def test_a_follower_is_let_go_by_a_person_and_never_due_later_than_it_was_told(office: Office) -> None:
    lead, follower = followed(office)
    with office.database.writing() as tx:  # the day that its sender was told last
        case = store.load_case(tx, follower)
        store.save_case(tx, type(case)(**vars(case) | {"answer_due_on": date(2026, 11, 30)}))
        tx._changed.clear()

    events = office.act(actions.unlink, OFFICE, follower, reason="Hai ổ gà khác nhau")

    assert [event.TYPE for event in events] == ["case.unlinked.v1", "case.opened.v1", "case.routed.v1"]
    assert office.case(follower).answer_due_on == date(2026, 11, 30)
    assert office.case(lead).stage == "in_progress"
    events = office.act(actions.report_progress, OFFICER, lead, note="Đã đặt rào chắn")
    assert [event.case_id for event in events] == [lead]


def test_a_follower_that_was_answered_is_not_let_go(office: Office) -> None:
    lead, follower = followed(office)
    office.act(actions.submit_draft, OFFICER, lead, text=ANSWER, outcome="done")
    office.act(actions.approve, HEAD, lead)
    office.act(actions.answer, OFFICER, lead)

    with pytest.raises(StepRefused):
        office.act(actions.unlink, OFFICE, follower, reason="Hai ổ gà khác nhau")


def test_who_follows_a_follower_follows_its_lead(office: Office) -> None:
    middle, follower = office.file(), office.file(title="Cũng ổ gà", text=POTHOLE)
    office.act(actions.link, OFFICE, follower, into=middle)
    lead = in_work(office, title="Biển báo", text="Biển báo gãy ở ngã tư Bà Triệu, đề nghị dựng lại.", topic="C04")

    events = office.act(actions.link, OFFICE, middle, into=lead)

    assert {event.case_id for event in told(events, "case.merged.v1")} == {middle, follower}
    assert office.case(follower).linked_to == lead


def test_a_lead_that_becomes_restricted_lets_its_followers_go(office: Office) -> None:
    lead, follower = office.file(), office.file(title="Cũng ổ gà", text=POTHOLE)
    office.act(actions.link, OFFICE, follower, into=lead)
    office.act(actions.return_to_triage, OFFICE, lead, reason="Thư có dấu hiệu khiếu nại")

    office.act(actions.confirm_triage, OFFICE, lead, kind="complaint", unit="VTCC")

    assert office.case(follower).linked_to is None
