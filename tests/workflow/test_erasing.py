"""What a person wrote is erased on their request: proposed by one person, decided by another, and never while it is
handled."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.workflow import actions, store
from services.workflow.domain.case import StepRefused
from services.workflow.steps import Incomplete, NotAllowed
from services.workflow.store.tables import case_words
from shared.events.base import Sealed
from shared.events.workflow import PetitionerErased
from tests.workflow.builders import DENUNCIATION, DIRECTOR, OFFICE, Office, Staff
from tests.workflow.test_dialogues import announced, joined

WHY = "Đã hết thời hạn lưu trữ, không còn nghĩa vụ nào buộc giữ."
REQUEST: dict[str, Any] = {
    "kind": "data_request",
    "topic": None,
    "code": "4K3M9HDT",
    "title": None,
    "text": "Yêu cầu xóa dữ liệu cá nhân của tôi trong hồ sơ 7K3M-9HDT.",
}


def ended(office: Office, **given: Any) -> UUID:
    case_id = office.file(**given)
    office.act(actions.withdraw, OFFICE, case_id, reason="Đơn rút có chữ ký")
    return case_id


def request(office: Office) -> UUID:
    """A request about one's data, from somebody who is known."""
    case_id = office.file(**REQUEST)
    office.act(actions.verify_identity, OFFICE, case_id, note="Gọi lại số đã đăng ký, đúng người.")
    return case_id


def propose(office: Office, case_id: UUID, code: str = "7K3M-9HDT", person: Staff = OFFICE) -> None:
    office.act(actions.propose_erasure, person, case_id, code=code, reason=WHY)


def words_of(office: Office, case_id: UUID) -> Any:
    with office.database.reading() as look:
        return look.connection.execute(select(case_words).where(case_words.c.case_id == case_id)).one()


def test_two_persons_erase_words_person_and_files_and_tell_everybody(office: Office) -> None:
    case_id = ended(office)
    asked = request(office)

    propose(office, asked)
    (told,) = office.act(actions.grant_erasure, DIRECTOR, asked)

    assert isinstance(told, PetitionerErased)
    assert (told.petition_id, told.actor, told.asked_by) == (
        office.case(case_id).petition_id,
        DIRECTOR.person,
        OFFICE.person,
    )
    row = words_of(office, case_id)
    assert (row.name, row.phone, row.email, row.title) == (None, None, None, None)
    assert "ổ gà" not in row.text
    with office.database.reading() as look:
        assert store.is_erased(look, office.case(case_id).petition_id)
        proposed, _ = store.proposal_of(look, case_id)
    assert all(not one["phrases"] for one in proposed["candidates"])


def test_who_else_named_the_petition_at_a_session_comes_as_before(office: Office) -> None:
    ended(office, name="Lê Văn Bình", phone="0905 123 456", email="binh@example.vn")
    session = announced(office)
    nobody: dict[str, Any] = {"email": Sealed(None), "mobile": Sealed(None), "phone": Sealed(None)}
    theirs = [
        {"name": Sealed("lê  văn bình"), "petition_code": Sealed("7k3m-9hdt")},
        {"phone": Sealed("+84 905123456"), "petition_code": Sealed("7K3M9HDT")},
        {"email": Sealed("Binh@example.vn"), "petition_code": Sealed("7K3M9HDT")},
    ]
    gone = [joined(office, session, **nobody | one)[0] for one in theirs]
    other = nobody | {"email": Sealed("hoa@example.vn"), "petition_code": Sealed("7K3M-9HDT")}
    stays, _ = joined(office, session, **other)
    asked = request(office)
    propose(office, asked)

    (told,) = office.act(actions.grant_erasure, DIRECTOR, asked)

    assert isinstance(told, PetitionerErased)
    assert set(told.guests) == set(gone)
    with office.database.reading() as look:
        guests = {one.id: one for one in store.guests_of(look, session.id)}
    kept = guests.pop(stays)
    assert (kept.has_left, kept.email, kept.petition_code) == (False, "hoa@example.vn", None)
    assert kept.link_token
    assert {(one.has_left, one.email, one.question) for one in guests.values()} == {(True, None, "")}


def test_who_proposed_it_does_not_decide_it(office: Office) -> None:
    ended(office)
    asked = request(office)
    propose(office, asked)

    with pytest.raises(NotAllowed):
        office.act(actions.grant_erasure, OFFICE, asked)
    propose_by_head = Staff("u:vp-head", "head", office.case(asked).unit)
    office.act(actions.refuse_erasure, DIRECTOR, asked, reason=WHY)
    propose(office, asked, person=propose_by_head)
    with pytest.raises(NotAllowed):
        office.act(actions.grant_erasure, propose_by_head, asked)


@pytest.mark.parametrize("code", ["", "9999-9999", "4K3M-9HDT"])
def test_a_code_that_is_none_or_that_of_the_request_erases_nothing(office: Office, code: str) -> None:
    asked = request(office)

    with pytest.raises(Incomplete, match="code"):
        propose(office, asked, code)


def test_what_is_still_handled_is_not_erased(office: Office) -> None:
    office.file()
    asked = request(office)

    with pytest.raises(Incomplete, match="still_handled"):
        propose(office, asked)


def test_that_a_denunciation_exists_is_not_said(office: Office) -> None:
    office.file(**DENUNCIATION)
    asked = request(office)

    with pytest.raises(Incomplete, match="unknown"):
        propose(office, asked, DENUNCIATION["code"])


def test_nothing_is_erased_for_somebody_who_is_not_known(office: Office) -> None:
    ended(office)
    asked = office.file(**REQUEST)

    with pytest.raises(Incomplete, match="who_asks_is_unknown"):
        propose(office, asked)


def test_it_is_kept_with_a_reason_and_may_be_proposed_again(office: Office) -> None:
    case_id = ended(office)
    asked = request(office)
    propose(office, asked)
    with pytest.raises(StepRefused):
        propose(office, asked)

    office.act(actions.refuse_erasure, DIRECTOR, asked, reason="Luật Lưu trữ buộc giữ mười năm, chưa hết hạn.")

    assert words_of(office, case_id).name is not None
    with pytest.raises(StepRefused):
        office.act(actions.grant_erasure, DIRECTOR, asked)
    propose(office, asked)
