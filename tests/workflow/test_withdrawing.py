"""A petition taken back: ended at once, or decided by a person where the law wants a signed letter."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.workflow import actions, reactions, store
from services.workflow.domain.case import StepRefused
from services.workflow.steps import Incomplete
from shared.events.base import Event, Sealed
from shared.events.intake import PetitionWithdrawn
from shared.events.workflow import CaseClosed, CaseFollowUp, CaseUnlinked, CaseWithdrawalDeclined
from shared.inbox import NotYet
from tests.support import emitted
from tests.workflow.builders import DENUNCIATION, DIRECTOR, HEAD, LEGAL_HEAD, OFFICE, OFFICER, Office, hear

COMPLAINT: dict[str, Any] = {
    "title": "Khiếu nại quyết định thu hồi phù hiệu",
    "text": "Tôi khiếu nại Quyết định số 12/QĐ-SXD ngày 10/11/2026 thu hồi phù hiệu xe của tôi. Tôi đã ký tên.",
    "kind": "complaint",
    "topic": None,
    "public_code": None,
    "code": "8QDX5TZW",
    "signature_status": "scanned",
    "address": "12 Lê Lợi",
}
WHY = "Có dấu hiệu vi phạm pháp luật nên việc xem xét vẫn tiếp tục."


def take_back(office: Office, case_id: UUID, reason: str | None = "Tôi đã tự sửa được") -> list[Event]:
    wish = PetitionWithdrawn(petition_id=office.case(case_id).petition_id, reason=Sealed(reason))
    with office.database.writing() as tx:
        hear(tx, reactions.take_withdrawals, wish)
        return emitted(tx)


def wish_about(office: Office, case_id: UUID) -> store.Withdrawal | None:
    with office.database.reading() as look:
        return store.withdrawal_of(look, case_id)


def words_in(office: Office, case_id: UUID) -> list[str | None]:
    with office.database.reading() as look:
        return [entry.words for entry in store.entries_of(look, case_id)]


def test_a_report_ends_at_once_and_no_clock_of_it_runs_on(office: Office) -> None:
    case_id = office.file()

    (told,) = take_back(office, case_id)

    assert isinstance(told, CaseClosed)
    assert (told.outcome, told.actor) == ("withdrawn", "citizen")
    assert office.case(case_id).stage == "withdrawn"
    assert "Tôi đã tự sửa được" in words_in(office, case_id)
    with office.database.reading() as look:
        assert {clock.state for clock in store.deadlines_of(look, case_id).values()} <= {"met", "missed", "void"}


def test_a_question_that_waited_for_the_citizen_needs_no_reply_any_more(office: Office) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)
    office.act(actions.ask_citizen, OFFICER, case_id, question="Ổ gà nằm ở làn nào?")

    take_back(office, case_id)

    with office.database.writing() as tx:
        assert store.open_question(tx, case_id) is None


def test_who_followed_another_case_takes_back_their_own_and_the_lead_goes_on(office: Office) -> None:
    lead = office.file(code="2K3M9HDT")
    mine = office.file(code="3K3M9HDT", topic="C13", text="Xe buýt tuyến 2 bỏ chuyến sáng nay ở bến Đông Ba.")
    office.act(actions.link, OFFICE, mine, into=lead)

    told = take_back(office, mine)

    assert [type(one) for one in told if isinstance(one, (CaseUnlinked, CaseClosed))] == [CaseUnlinked, CaseClosed]
    assert office.case(mine).stage == "withdrawn"
    assert not office.case(lead).is_ended


@pytest.mark.parametrize("given", [COMPLAINT, DENUNCIATION])
def test_where_the_law_wants_a_signed_letter_a_person_decides_and_the_clock_runs(
    office: Office, given: dict[str, Any]
) -> None:
    case_id = office.file(**given)
    due = office.case(case_id).answer_due_on

    told = take_back(office, case_id)

    (asked,) = told
    assert isinstance(asked, CaseFollowUp)
    assert asked.ground == "withdrawal_asked"
    assert (office.case(case_id).is_ended, office.case(case_id).answer_due_on) == (False, due)
    wish = wish_about(office, case_id)
    assert wish is not None
    assert wish.state == "asked"


def test_what_a_denouncer_says_when_taking_it_back_is_locked_away(office: Office) -> None:
    case_id = office.file(**DENUNCIATION)

    take_back(office, case_id, "Tôi bị đe doạ ở cơ quan")

    wish = wish_about(office, case_id)
    assert wish is not None
    assert wish.reason is None
    assert "Tôi bị đe doạ ở cơ quan" not in words_in(office, case_id)
    with office.database.writing() as tx:
        papers = store.papers_of(tx, tx.codec.keys.vault, office.case(case_id))
    assert "Tôi bị đe doạ ở cơ quan" in [paper.words.text for paper in papers]


def test_it_is_settled_all_the_same_with_a_reason_that_its_sender_reads(office: Office) -> None:
    case_id = office.file(**COMPLAINT)
    take_back(office, case_id)
    head = LEGAL_HEAD if office.case(case_id).unit == "PCAT" else HEAD

    with pytest.raises(Incomplete):
        office.act(actions.decline_withdrawal, head, case_id, reason="Không")
    (told,) = office.act(actions.decline_withdrawal, head, case_id, reason=WHY)

    assert isinstance(told, CaseWithdrawalDeclined)
    assert told.reason.value == WHY
    wish = wish_about(office, case_id)
    assert wish is not None
    assert (wish.state, wish.decided_by) == ("declined", head.person)
    with pytest.raises(StepRefused):
        office.act(actions.decline_withdrawal, head, case_id, reason=WHY)


def test_with_the_signed_letter_it_ends_and_nothing_waits_any_more(office: Office) -> None:
    case_id = office.file(**COMPLAINT)
    take_back(office, case_id)
    head = LEGAL_HEAD if office.case(case_id).unit == "PCAT" else HEAD

    office.act(actions.withdraw, head, case_id, reason="Đơn rút có chữ ký ngày 23/11/2026")

    assert office.case(case_id).stage == "withdrawn"
    wish = wish_about(office, case_id)
    assert wish is not None
    assert wish.state == "taken"
    with office.database.reading() as look:
        assert store.withdrawals_seen_by(look, DIRECTOR) == []


def test_what_is_over_is_left_as_it_is_and_what_is_not_open_yet_waits(office: Office) -> None:
    case_id = office.file()
    office.act(actions.withdraw, OFFICE, case_id, reason="Đơn rút có chữ ký")

    assert take_back(office, case_id) == []
    with office.database.writing() as tx, pytest.raises(NotYet):
        hear(tx, reactions.take_withdrawals, PetitionWithdrawn(petition_id=uuid4(), reason=Sealed(None)))


def test_a_reason_given_before_it_was_known_to_be_a_denunciation_is_locked_away_too(office: Office) -> None:
    said = "Tôi bị đe doạ ở cơ quan"
    case_id = office.file(**COMPLAINT)
    take_back(office, case_id, said)

    office.act(actions.confirm_triage, LEGAL_HEAD, case_id, kind="denunciation", topic="C29", unit="PCAT")

    wish = wish_about(office, case_id)
    assert wish is not None
    assert (wish.state, wish.reason) == ("asked", None)
    assert said not in words_in(office, case_id)
    with office.database.writing() as tx:
        papers = store.papers_of(tx, tx.codec.keys.vault, office.case(case_id))
    assert [paper.words.text for paper in papers].count(said) == 1


def test_a_wish_is_over_when_the_case_ends_otherwise(office: Office) -> None:
    case_id = office.file(**COMPLAINT)
    take_back(office, case_id)

    office.act(actions.withdraw, LEGAL_HEAD, case_id, reason="Đơn rút có chữ ký, đã đối chiếu.")
    wish = wish_about(office, case_id)
    assert wish is not None
    assert wish.state == "taken"

    other = office.file(**COMPLAINT | {"code": "9QDX5TZX"})
    take_back(office, other)
    ground = {"ground": "no_capacity", "reason": "Người gửi không đủ năng lực, không có người đại diện."}
    office.act(actions.refuse, LEGAL_HEAD, other, **ground)
    wish = wish_about(office, other)
    assert wish is not None
    assert wish.state == "over"


def test_what_looks_like_advertising_is_taken_back_at_once_like_any_other(office: Office) -> None:
    text = "Vay nhanh lãi suất thấp, giải ngân trong ngày: https://vay.example"
    case_id = office.file(title="Vay tiền", text=text, kind=None, topic=None)
    assert office.case(case_id).workflow == "spam"

    (told,) = take_back(office, case_id)

    assert isinstance(told, CaseClosed)
    assert office.case(case_id).stage == "withdrawn"
