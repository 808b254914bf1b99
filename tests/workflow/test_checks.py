"""What of a sender shows without a reason, and what an approver sees of a change. The gate is in test_gate."""

from typing import Any

from services.workflow import store
from services.workflow.web.case import difference, masked
from tests.support import NOON


def words(**given: Any) -> store.Words:
    usual = dict.fromkeys(store.Words.__dataclass_fields__)
    return store.Words(**usual | {"text": "", "party": "individual"} | given)


def test_a_sender_is_recognised_and_not_known() -> None:
    shown = masked(
        words(name="Nguyễn Thị Hồng Ánh", phone="0905 123 456", email="anh.nth@example.vn", address="12 Lê Lợi")
    )

    assert shown == {
        "name": "N••• T••• H••• Á•••",
        "organisation": "",
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
