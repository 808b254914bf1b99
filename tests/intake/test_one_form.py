"""The plan's row S15b: people report and propose on one page."""

import re

import pytest
from flask.testing import FlaskClient

from services.intake import store
from services.intake.domain.secret import hashed
from services.intake.door import Door
from tests.intake.builders import a_pdf, a_picture
from tests.intake.test_web import fill, send


@pytest.mark.parametrize("kind", ["report", "proposal"])
def test_s15b_one_form_without_account_or_javascript_takes_words_and_files_and_gives_a_receipt_at_once(
    client: FlaskClient, door: Door, kind: str
) -> None:
    page = client.get(f"/gui?loai={kind}").text
    assert 'type="password"' not in page
    assert f'name="kind" value="{kind}" checked' in page

    person = {"name": "Nguyễn Thị Hồng Ánh", "address": "12 Lê Lợi, Huế"}
    assert fill(client, (a_picture(), "cong-truong.jpg"), (a_pdf(), "don.pdf"), kind=kind, **person).status_code == 303
    sent = send(client)

    receipt = client.get(sent.headers["Location"])
    assert receipt.status_code == 200
    assert re.search(r'id="the-code"[^>]*>\w{4}-\w{4}<', receipt.text)
    with door.database.reading() as tx:
        filed = store.petition_by_token(tx, hashed(sent.headers["Location"].rsplit("/", 1)[1]))
        assert filed
        assert (filed.kind, filed.is_doubted) == (kind, False)
        assert len(store.attachments_of(tx, filed.id)) == 2
