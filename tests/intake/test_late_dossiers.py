"""Late dossiers at the door: filed for their applicants, as if they had come to the counter."""

from datetime import date
from uuid import uuid4

import pytest

from services.intake import store
from shared.db import Database
from shared.events.base import Sealed
from shared.events.workflow import DossierListed
from tests.intake.builders import hear


@pytest.mark.parametrize(("phone", "consents"), [("0905 123 456", ("sms",)), ("0234 3822 222", ()), (None, ())])
def test_s22c_a_listed_dossier_is_filed_once_as_the_petition_of_its_applicant(
    database: Database, phone: str | None, consents: tuple[str, ...]
) -> None:
    told = DossierListed(
        dossier_id=uuid4(),
        petition_id=uuid4(),
        actor="u:counter",
        kind="procedure_feedback",
        topic="C21",
        procedure="VT-02",
        received_on=date(2026, 11, 10),
        due_on=date(2026, 11, 27),
        language="vi",
        text=Sealed("Hồ sơ H35.13-261110-0042: không kịp trả kết quả đúng hẹn."),
        name=Sealed("Nguyễn Thị Hồng Ánh"),
        email=Sealed("anh.nth@example.vn"),
        phone=Sealed(phone),
    )

    hear(database, told)
    hear(database, told)

    with database.reading() as look:
        filed = store.petition_of(look, told.petition_id)
        words = store.words_of(look, told.petition_id)
    assert filed is not None
    assert (filed.channel, filed.topic, filed.consents) == ("counter", "C21", consents)
    assert (words.name, words.email) == ("Nguyễn Thị Hồng Ánh", "anh.nth@example.vn")
