"""Forms with files come through whole: the token against forged forms is looked for after there is room for them."""

import re
from io import BytesIO

import pytest
from flask.testing import FlaskClient

from services.workflow import actions
from services.workflow.domain.rules import Book
from services.workflow.web import make_desk
from shared.settings import Settings
from tests.workflow.builders import HEAD, OFFICE, OFFICER, Office, Staff, session_of
from tests.workflow.test_pages import HOME

LARGE = b"%PDF-" + b"x" * 3_000_000


@pytest.fixture
def guarded(office: Office, settings: Settings, book: Book) -> FlaskClient:
    """A browser at a desk that asks for the token of its forms."""
    return make_desk(settings, office.database, book).test_client()


def send(client: FlaskClient, office: Office, person: Staff, page: str, to: str, **files: bytes) -> int:
    client.set_cookie(client.application.extensions["sign_in"].cookie, session_of(office.database, person.person))
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert token is not None
    form = {name: (BytesIO(data), name) for name, data in files.items()} | {"csrf_token": token[1]}
    return client.post(to, data=form, headers=HOME).status_code


def test_a_draft_for_comment_of_some_megabytes_is_looked_at(office: Office, guarded: FlaskClient) -> None:
    there = "/desk/consultations/new"

    assert send(guarded, office, OFFICE, there, there, document=LARGE) == 422


def test_a_photo_of_an_answer_of_some_megabytes_is_looked_at(office: Office, guarded: FlaskClient) -> None:
    case_id = office.file()
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    office.act(actions.accept, OFFICER, case_id)
    there = f"/desk/cases/{case_id}"

    assert send(guarded, office, OFFICER, there, f"{there}/save_draft", evidence=LARGE) == 422


def test_where_no_file_is_asked_for_there_is_no_room_for_one(office: Office, guarded: FlaskClient) -> None:
    assert send(guarded, office, OFFICER, "/desk/dialogues", "/desk/dialogues", file=LARGE) == 413
