"""Guests of sessions are told where and when; complainants only that there is news."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notify import store
from shared.events import workflow as desk
from shared.events.base import Sealed
from tests.builders import an_event
from tests.notify.conftest import Post

STARTS = datetime(2026, 12, 3, 1, 0, tzinfo=UTC)


def invited(guest_id: UUID | None = None, **more: Any) -> desk.DialogueInvited:
    told: dict[str, Any] = {
        "guest_id": guest_id or uuid4(),
        "ground": "invited",
        "starts_at": STARTS,
        "session_on": date(2026, 12, 3),
        "language": "vi",
        "title": Sealed("Đối thoại với hộ dân đường Điện Biên Phủ"),
        "place": Sealed("Hội trường tầng 2"),
        "reason": Sealed(None),
        "name": Sealed("Nguyễn Thị Hồng Ánh"),
        "email": Sealed("anh.nth@example.vn"),
        "mobile": Sealed("+84905123456"),
        "link_token": Sealed("abcdefghijklmnopqrstuvwxyz"),
    }
    return an_event(desk.DialogueInvited, **told | more)


def of_channel(post: Post, channel: str) -> list[Any]:
    return [one for one in post.arrivals() if one.channel == channel]


@pytest.mark.parametrize(
    ("language", "subject"), [("vi", "Lịch hẹn lúc 08:00, 03/12/2026"), ("en", "Your appointment at 08:00, 03/12/2026")]
)
def test_s17a_a_guest_hears_place_and_time_by_mail_and_nothing_personal_by_sms(
    post: Post, language: str, subject: str
) -> None:
    post.hear(invited(language=language))
    post.run()

    (mail,), (text,) = of_channel(post, "email"), of_channel(post, "sms")
    assert mail.subject == subject
    for words in ("Hội trường tầng 2", "08:00, 03/12/2026", "/tham-gia/hen/abcdefghijklmnopqrstuvwxyz"):
        assert words in mail.text
    assert "08:00, 03/12/2026" in text.text
    assert "/tham-gia/hen/abcdefghijklmnopqrstuvwxyz" in text.text
    for words in ("Điện Biên Phủ", "Dien Bien Phu", "Hội trường", "Ánh"):
        assert words not in text.text + mail.subject


def test_a_guest_who_left_no_number_is_told_by_mail_alone_and_one_without_an_address_not_at_all(post: Post) -> None:
    post.hear(invited(mobile=Sealed(None)))
    post.hear(invited(mobile=Sealed(None), email=Sealed(None)))
    post.run()

    assert [one.channel for one in post.arrivals()] == ["email"]


def test_s17a_who_was_named_by_the_desk_reads_all_in_the_letter_and_gets_no_seat_to_give_back(post: Post) -> None:
    post.hear(invited(mobile=Sealed(None), link_token=Sealed(None)))
    post.run()

    (mail,) = post.arrivals()
    assert "Hội trường tầng 2" in mail.text
    assert "/tham-gia/hen/" not in mail.text


def test_s17a_called_off_before_the_invitation_left_only_that_is_told_with_the_reason(post: Post) -> None:
    guest_id = uuid4()
    post.hear(invited(guest_id))
    post.hear(invited(guest_id, ground="called_off", reason=Sealed("Hội trường bị ngập")))
    post.run()

    (mail,) = of_channel(post, "email")
    assert mail.subject == "Lịch hẹn lúc 08:00, 03/12/2026 đã huỷ"
    assert "Hội trường bị ngập" in mail.text
    assert post.states(guest_id)["dialogue_invited", "email"] == "suppressed"


def test_a_change_tells_why_and_a_reminder_comes_once(post: Post) -> None:
    guest_id = uuid4()
    post.hear(invited(guest_id))
    post.run()
    post.hear(invited(guest_id, ground="changed", reason=Sealed("Giám đốc họp đột xuất")))
    post.run()
    event_id = post.hear(invited(guest_id, ground="soon"))
    post.hear(invited(guest_id, ground="soon"), event_id=event_id)
    post.run()

    subjects = [one.subject for one in of_channel(post, "email")]
    assert sorted(subjects) == [
        "Lịch hẹn lúc 08:00, 03/12/2026",
        "Lịch hẹn lúc 08:00, 03/12/2026",
        "Nhắc lịch hẹn lúc 08:00, 03/12/2026",
    ]
    assert any("Vì sao đổi: Giám đốc họp đột xuất" in one.text for one in of_channel(post, "email"))


def test_addresses_of_guests_go_when_their_day_has_passed(post: Post) -> None:
    post.hear(invited())
    post.run()

    post.clock.move_to(STARTS + timedelta(days=1))
    other = invited(session_on=date(2026, 12, 9))
    post.hear(other)

    with post.database.reading() as look:
        kept = [row.recipient for row in look.connection.execute(store.outsider.select())]
    assert kept == [f"g:{other.guest_id.hex}"]


def test_s17a_a_complainant_is_invited_by_a_message_that_says_only_that_there_is_news(post: Post) -> None:
    petition_id = post.petition()
    post.hear(an_event(desk.CaseOpened, petition_id=petition_id, is_restricted=True))
    post.run()
    before = len(post.arrivals())

    post.hear(
        an_event(
            desk.CaseDialogueInvited,
            petition_id=petition_id,
            ground="invited",
            starts_at=STARTS,
            place=Sealed("Phòng tiếp dân"),
        )
    )
    post.run()

    for one in post.arrivals()[: len(post.arrivals()) - before]:
        assert "đối thoại" not in f"{one.subject} {one.text}".lower()
        assert "Phòng tiếp dân" not in one.text
    assert post.states(petition_id)["dialogue_set", "email"] == "accepted"
