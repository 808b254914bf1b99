"""A petition is taken back at the door: what follows is said before, and asked for once."""

import pytest
from flask.testing import FlaskClient

from services.intake.door import Door
from shared.events.base import Sealed
from shared.events.workflow import CaseClosed, CaseWithdrawalDeclined
from tests.intake.builders import case_answered, case_opened, hear
from tests.intake.test_after import petition_of
from tests.intake.test_web import filed, outbox_of


def test_the_page_says_what_follows_and_opening_it_changes_nothing(client: FlaskClient, door: Door) -> None:
    token = filed(client)

    page = client.get(f"/t/{token}/rut")

    assert page.status_code == 200
    assert "Bạn sẽ không nhận câu trả lời" in page.text
    assert "petition.withdrawn.v1" not in outbox_of(door)
    assert f"/t/{token}/rut" in client.get(f"/t/{token}").text


def test_a_petition_is_taken_back_once(client: FlaskClient, door: Door) -> None:
    token = filed(client)

    first = client.post(f"/t/{token}/rut", data={"reason": "Đã tự sửa được"})
    second = client.post(f"/t/{token}/rut")

    assert (first.status_code, second.status_code) == (303, 409)
    assert f'href="/t/{token}"' in second.text  # the way back to the petition
    assert "Hiện không làm được việc này" in second.text
    assert outbox_of(door).count("petition.withdrawn.v1") == 1
    page = client.get(f"/t/{token}").text
    assert "Bạn xin rút hồ sơ" in page
    assert "Đã tự sửa được" in page
    assert "Yêu cầu đang chờ quyết định" in page
    assert f"/t/{token}/rut" not in page


def test_no_reason_needs_to_be_given(client: FlaskClient, door: Door) -> None:
    token = filed(client)

    assert client.post(f"/t/{token}/rut").status_code == 303


def test_words_that_are_too_long_are_kept_and_refused(client: FlaskClient) -> None:
    token = filed(client)

    page = client.post(f"/t/{token}/rut", data={"reason": "dài " * 300})

    assert page.status_code == 422
    assert "dài dài" in page.text


def test_once_it_ended_the_page_says_so(client: FlaskClient, door: Door) -> None:
    token = filed(client)
    petition_id = petition_of(door, token)
    client.post(f"/t/{token}/rut")
    hear(door.database, case_opened(petition_id))

    hear(
        door.database,
        CaseClosed(petition_id=petition_id, case_id=petition_id, actor="citizen", outcome="withdrawn"),
    )

    page = client.get(f"/t/{token}").text
    assert "Đã rút hồ sơ" in page
    assert "Yêu cầu đang chờ quyết định" not in page


def test_who_is_declined_reads_why_and_may_ask_again(client: FlaskClient, door: Door) -> None:
    token = filed(client)
    petition_id = petition_of(door, token)
    client.post(f"/t/{token}/rut")
    declined = CaseWithdrawalDeclined(
        petition_id=petition_id, case_id=petition_id, actor="u:head", reason=Sealed("Có dấu hiệu vi phạm pháp luật.")
    )

    hear(door.database, declined)

    assert "Có dấu hiệu vi phạm pháp luật." in client.get(f"/t/{token}").text
    assert client.post(f"/t/{token}/rut").status_code == 303


@pytest.mark.parametrize("kind", ["complaint", "denunciation"])
def test_of_kinds_that_need_a_signature_the_page_says_that_a_letter_is_needed(client: FlaskClient, kind: str) -> None:
    token = filed(client, kind=kind, name="Nguyễn Văn A", address="12 Lê Lợi")

    page = client.get(f"/t/{token}/rut").text

    assert "văn bản rút có chữ ký" in page
    assert ("Điều 33" in page) == (kind == "denunciation")
    assert ("Thoát nhanh" in page) == (kind == "denunciation")


def test_what_is_answered_cannot_be_taken_back(client: FlaskClient, door: Door) -> None:
    token = filed(client)
    petition_id = petition_of(door, token)
    hear(door.database, case_opened(petition_id))
    hear(door.database, case_answered(petition_id))

    assert client.get(f"/t/{token}/rut").status_code == 409
    assert f"/t/{token}/rut" not in client.get(f"/t/{token}").text
