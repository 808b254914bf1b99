"""What is looked at before an answer is approved, and what of a sender shows without a reason."""

from datetime import date
from typing import Any

import pytest

from services.workflow import store
from services.workflow.domain.checks import check_answer
from services.workflow.web.case import difference, masked
from tests.support import NOON

GOOD = "Ngày 25/11/2026 chúng tôi đã vá ổ gà. Căn cứ kế hoạch bảo dưỡng quý IV."


def faults(text: str, *, outcome: str = "done", promised_on: date | None = None, basis: str | None = None) -> set[str]:
    checks = check_answer(text, outcome=outcome, promised_on=promised_on, basis=basis, own_phone="0234 300 0000")
    return {check.code for check in checks if not check.is_good}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (GOOD, set()),
        ("Ngày 25/11/2026 chúng tôi đã vá ổ gà.", {"has_basis"}),
        (GOOD + " Xin gọi 0905 123 456.", {"no_personal_data"}),
        (GOOD + " Xin gọi 0234 300 0000.", set()),
        (GOOD + " Xe 75H-012.34 đã bị nhắc.", {"no_personal_data"}),
        (GOOD + " Thư: anh.nth@example.vn", {"no_personal_data"}),
        (GOOD + " Quyết định số 87/QĐ-SXD.", set()),
        (GOOD + " " + "chữ " * 26 + ".", {"short_sentences"}),
        ("Cảm ơn bạn.", {"says_done", "names_date", "has_basis"}),
    ],
)
def test_an_answer_is_looked_over(text: str, found: set[str]) -> None:
    assert faults(text) == found


def test_what_is_scheduled_needs_a_promise() -> None:
    assert faults(GOOD, outcome="scheduled") == {"has_promise"}
    assert faults(GOOD, outcome="scheduled", promised_on=date(2026, 12, 3)) == set()


def words(**given: Any) -> store.Words:
    usual = dict.fromkeys(store.Words.__dataclass_fields__)
    return store.Words(**usual | {"text": "", "party": "individual"} | given)


def test_a_sender_is_recognised_and_not_known() -> None:
    shown = masked(
        words(name="Nguyễn Thị Hồng Ánh", phone="0905 123 456", email="anh.nth@example.vn", address="12 Lê Lợi")
    )

    assert shown == {
        "name": "N••• T••• H••• Á•••",
        "phone": "09•• ••• 456",
        "email": "a•••@example.vn",
        "address": "•••",
    }
    assert set(masked(words()).values()) == {""}
    assert "12345" not in masked(words(phone="12345"))["phone"]


def test_an_approver_sees_what_the_last_version_changed() -> None:
    def version(number: int, text: str) -> store.Answer:
        return store.Answer(
            version=number,
            round=1,
            text=text,
            outcome="done",
            promised_on=None,
            basis=None,
            state="submitted",
            drafted_by="u:officer",
            drafted_at=NOON,
        )

    parts = difference([version(1, "Đã vá ngày 25/11."), version(2, "Đã vá xong ngày 26/11.")])

    assert [part for part in parts if part[0] != "="] == [("+", "xong "), ("-", "25/11. "), ("+", "26/11. ")]
    assert difference([version(1, "Một bản")]) == []
