"""A letter of the institution on the follow page: for who holds the key to the petition, and for nobody else."""

from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from services.intake import store
from services.intake.domain.secret import hashed
from services.intake.door import Door
from shared.events.base import Sealed
from shared.events.workflow import CaseAccepted, LetterIssued
from shared.files import store_file
from tests.intake.builders import a_letter, case_answered, case_opened, hear
from tests.intake.test_web import filed

BYTES = b"%PDF-1.7 as it was signed"


@pytest.fixture
def letter(door: Door) -> LetterIssued:
    """A letter whose file the desk has kept."""
    issued = a_letter()
    store_file(door.settings.files_dir, issued.id, BYTES)
    return issued


def answered(client: FlaskClient, door: Door, letter: LetterIssued) -> str:
    """Somebody filed and was answered with this letter; the token of their link."""
    token = filed(client)
    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(token))
        assert found
    for told in (case_opened(found.id), case_answered(found.id, letter=letter)):
        hear(door.database, told)
    return token


def test_the_answer_comes_with_its_signed_letter(client: FlaskClient, door: Door, letter: LetterIssued) -> None:
    token = answered(client, door, letter)

    page = client.get(f"/t/{token}").text
    got = client.get(f"/t/{token}/van-ban/{letter.id}")

    assert page.count(f"/t/{token}/van-ban/{letter.id}") == 2  # beside the answer, and in the story
    assert "12/SXD-KCHT" in page
    assert (got.status_code, got.data, got.content_type) == (200, BYTES, "application/pdf")
    assert got.headers["Content-Disposition"] == f'attachment; filename="van-ban-{str(letter.id)[:8]}.pdf"'
    assert "no-store" in got.headers["Cache-Control"]


def test_a_letter_is_not_handed_out_without_the_key_to_its_own_petition(
    client: FlaskClient, door: Door, letter: LetterIssued
) -> None:
    answered(client, door, letter)
    other = filed(client)

    assert client.get(f"/t/{other}/van-ban/{letter.id}").status_code == 404
    assert client.get(f"/t/nobody/van-ban/{letter.id}").status_code == 404
    assert client.get(f"/theo-doi/7K3M-9HDT/van-ban/{letter.id}").status_code == 303


def test_a_letter_whose_file_is_gone_is_not_found(client: FlaskClient, door: Door) -> None:
    lost = a_letter()
    token = answered(client, door, lost)

    assert client.get(f"/t/{token}/van-ban/{lost.id}").status_code == 404
    assert client.get(f"/t/{token}/van-ban/{uuid4()}").status_code == 404


def test_a_step_without_a_letter_shows_none(client: FlaskClient, door: Door) -> None:
    token = filed(client)
    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(token))
        assert found

    hear(door.database, CaseAccepted(petition_id=found.id, case_id=uuid4(), actor="u:a", letter=Sealed(None)))

    assert "van-ban" not in client.get(f"/t/{token}").text
