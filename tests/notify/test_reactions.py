"""Hearing only writes rows: one for each duty, none for those whom it is about, none where nobody is to be told."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.notify import actions, store
from shared.events import workflow as desk
from tests.builders import an_event, contact_given, petition_filed
from tests.notify.conftest import Post
from tests.support import NOON


def answered(petition_id: Any, **more: Any) -> desk.CaseAnswered:
    usual = {"answer": "Đã vá xong ổ gà.", "signer": "Trưởng phòng KCHT", "outcome": "done", "promised_on": None}
    return an_event(desk.CaseAnswered, petition_id=petition_id, **(usual | more))


def test_a_petitioner_with_two_addresses_gets_the_receipt_by_both(post: Post) -> None:
    petition_id = post.petition()

    assert post.states(petition_id) == {("filed", "email"): "queued", ("filed", "sms"): "queued"}


def test_nobody_is_told_where_nobody_left_an_address(post: Post) -> None:
    petition_id = uuid4()
    post.hear(petition_filed(petition_id=petition_id))
    post.clock.move_to(NOON + timedelta(minutes=20))

    post.hear(answered(petition_id))

    assert post.states(petition_id) == {}


def test_what_comes_before_the_contact_waits_for_it(post: Post) -> None:
    petition_id = uuid4()
    post.hear(petition_filed(petition_id=petition_id))
    post.hear(answered(petition_id))
    before = post.states(petition_id)

    post.hear(contact_given(petition_id=petition_id, channels=("email",)))

    assert before == {("answered", "email"): "waiting", ("answered", "sms"): "waiting"}
    assert post.states(petition_id) == {("answered", "email"): "queued", ("filed", "email"): "queued"}


def test_what_waits_for_a_contact_that_never_comes_disappears_without_a_word(post: Post) -> None:
    petition_id = uuid4()
    post.hear(petition_filed(petition_id=petition_id))
    post.hear(answered(petition_id))

    post.run()
    waiting = post.states(petition_id)
    post.clock.move_to(NOON + timedelta(minutes=15))
    post.run()

    assert set(waiting.values()) == {"waiting"}
    assert post.states(petition_id) == {}
    assert post.events() == []


def test_the_same_event_heard_again_plans_nothing_new(post: Post) -> None:
    petition_id = post.petition()
    event, event_id = answered(petition_id), uuid4()

    for _ in range(3):
        post.hear(event, event_id=event_id)

    assert len(post.notices(petition_id)) == 4
    post.run()
    assert len(post.arrivals()) == 4


def test_an_address_given_anew_makes_no_second_receipt(post: Post) -> None:
    petition_id = post.petition(channels=("email",))

    post.hear(contact_given(petition_id=petition_id, email="moi@example.vn", channels=("email",)))
    post.run()

    assert [arrival.recipient for arrival in post.arrivals()] == ["moi@example.vn"]


def test_an_e_mail_suffices_for_what_is_only_good_to_know(post: Post) -> None:
    both, phone = post.petition(), post.petition(channels=("sms",))

    for petition_id in (both, phone):
        post.hear(an_event(desk.CaseAccepted, petition_id=petition_id))

    assert ("accepted", "email") in post.states(both)
    assert ("accepted", "sms") not in post.states(both)
    assert ("accepted", "sms") in post.states(phone)


@pytest.mark.parametrize(
    "event",
    [
        an_event(desk.CaseRefused, petition_id=uuid4(), ground="spam"),
        an_event(desk.CaseClockPaused, petition_id=uuid4(), ground="waiting_for_citizen"),
        an_event(desk.CaseClosed, petition_id=uuid4(), outcome="refused"),
    ],
    ids=lambda event: event.TYPE,
)
def test_some_things_are_not_told(post: Post, event: Any) -> None:
    post.hear(petition_filed(petition_id=event.petition_id))
    post.hear(contact_given(petition_id=event.petition_id))

    post.hear(event)

    assert set(post.states(event.petition_id)) == {("filed", "email"), ("filed", "sms")}


def test_the_answer_makes_pointless_what_has_not_left_yet(post: Post) -> None:
    petition_id, case_id = post.petition(), uuid4()
    post.run()
    post.hear(an_event(desk.CaseExtended, petition_id=petition_id, case_id=case_id, due_on=date(2026, 12, 9)))

    post.hear(answered(petition_id, case_id=case_id))
    post.run()

    assert post.states(petition_id)["extended", "email"] == "suppressed"
    assert post.states(petition_id)["answered", "email"] == "accepted"
    assert post.events().count("notice.suppressed.v1") == 2
    assert not [arrival for arrival in post.arrivals() if "Gia hạn" in arrival.subject]


def test_a_merged_petition_keeps_its_own_notices(post: Post) -> None:
    first, second, case_id = post.petition(), post.petition(), uuid4()
    post.hear(an_event(desk.CaseMerged, petition_id=second, into_case_id=case_id))

    post.hear(answered(first, case_id=case_id))
    post.hear(answered(second))

    assert ("answered", "email") in post.states(first)
    assert ("answered", "email") in post.states(second)
    assert ("merged", "email") in post.states(second)


def test_a_rating_is_asked_for_only_where_the_desk_asks_for_one(post: Post) -> None:
    for is_rated in (True, False):
        post.hear(answered(post.petition(channels=("email",)), is_rated=is_rated))
    post.run()

    letters = [arrival.text for arrival in post.arrivals() if "kết quả" in arrival.subject]
    assert sorted("danh-gia" in letter for letter in letters) == [False, True]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_s16a_each_answer_of_the_question_has_a_link_of_its_own(post: Post, language: str) -> None:
    post.clock.move_to(NOON + timedelta(days=8))
    for is_rated in (True, False):
        post.hear(answered(post.petition(channels=("email",), language=language), is_rated=is_rated))
    post.run()

    asked, not_asked = sorted(
        (one.text for one in post.arrivals() if one.subject.startswith(("Đã có kết quả", "Answered"))),
        key=lambda text: "danh-gia" not in text,
    )

    assert re.findall(r"/danh-gia\?diem=(\d)$", asked, re.MULTILINE) == ["5", "4", "3", "2", "1"]
    assert "danh-gia" not in not_asked
    assert ("hài lòng" if language == "vi" else "atisfied") not in not_asked


def staff(post: Post, person: str, unit: str = "KCHT", **more: Any) -> None:
    usual = {"person": person, "unit": unit, "is_active": True, "email": f"{person[2:]}@example.vn", "role": "officer"}
    post.hear(an_event(desk.StaffChanged, **(usual | more)))


def test_staff_are_told_by_e_mail_each_once(post: Post) -> None:
    petition_id = post.petition()
    staff(post, "u:an"), staff(post, "u:binh")

    post.hear(an_event(desk.CaseOverdue, petition_id=petition_id, tell=("u:an", "u:binh", "u:an")))
    post.run()

    told = [arrival for arrival in post.arrivals() if "Quá hạn" in arrival.subject]
    assert sorted(arrival.recipient for arrival in told) == ["an@example.vn", "binh@example.vn"]
    assert "7K3M-9HDX" in told[0].subject


def test_nobody_is_told_of_a_petition_about_them(post: Post) -> None:
    petition_id = post.petition()
    staff(post, "u:an"), staff(post, "u:binh", "VP"), staff(post, "u:chi", "TTRA")
    post.hear(
        an_event(desk.CaseRouted, petition_id=petition_id, excluded_units=("VP",), excluded=("u:an", "VP"), unit="TTRA")
    )

    post.hear(an_event(desk.CaseEscalated, petition_id=petition_id, tell=("u:an", "u:binh", "u:chi")))
    post.run()

    assert [a.recipient for a in post.arrivals() if a.subject.startswith("Báo cáo")] == ["chi@example.vn"]


def test_who_turns_out_to_be_concerned_after_planning_is_not_told_either(post: Post) -> None:
    petition_id = post.petition()
    staff(post, "u:an", "VP")
    post.hear(an_event(desk.CaseDueSoon, petition_id=petition_id, tell=("u:an",)))

    post.hear(an_event(desk.CaseRouted, petition_id=petition_id, excluded_units=(), excluded=("VP",)))
    post.run()

    notice = post.notices(petition_id)["due_soon", "email"]
    assert (notice.state, notice.error_class) == ("suppressed", "about_them")


def test_staff_whose_address_is_unknown_are_waited_for_and_then_the_failure_is_told(post: Post) -> None:
    petition_id = post.petition()
    post.hear(an_event(desk.CaseOverdue, petition_id=petition_id, tell=("u:an",)))

    post.run()
    at_once = post.notices(petition_id)["overdue", "email"].state
    for minutes in range(1, 16):
        post.clock.move_to(NOON + timedelta(minutes=minutes))
        post.run()

    notice = post.notices(petition_id)["overdue", "email"]
    assert at_once == "queued"
    assert (notice.state, notice.error_class) == ("failed", "no_contact")
    assert post.events().count("notice.failed.v1") == 1


def test_who_has_left_is_not_told(post: Post) -> None:
    petition_id = post.petition()
    staff(post, "u:an", is_active=False)

    post.hear(an_event(desk.CaseOverdue, petition_id=petition_id, tell=("u:an",)))
    post.run()

    assert post.notices(petition_id)["overdue", "email"].error_class == "not_allowed"


@pytest.mark.parametrize("how", ["no public code", "restricted", "denunciation"])
def test_messages_about_a_discreet_petition_say_only_that_there_is_news(post: Post, how: str) -> None:
    petition_id = uuid4()
    post.hear(petition_filed(petition_id=petition_id, public_code=None if how == "no public code" else "7K3M-9HDX"))
    post.hear(contact_given(petition_id=petition_id, code="7K3M-9HDX"))
    if how != "no public code":
        sorting = desk.Sorting(kind="denunciation" if how == "denunciation" else "complaint", topic=None, unit="VP")
        post.hear(
            an_event(desk.CaseOpened, petition_id=petition_id, is_restricted=how == "restricted", sorting=sorting,
                     kind=None if how == "denunciation" else "complaint", topic=None)
        )  # fmt: skip
    staff(post, "u:an")

    post.hear(an_event(desk.CaseEscalated, petition_id=petition_id, tell=("u:an",)))
    post.run()
    post.hear(answered(petition_id, answer="Ông Trần Văn B đã nhận tiền"))
    post.run()

    arrivals = post.arrivals()
    assert len(arrivals) == 5
    for arrival in arrivals:
        words = arrival.subject + arrival.text
        assert "Trần Văn B" not in words
        assert "Nguyễn" not in words
        assert "kết quả" not in words
        assert "tố cáo" not in words.lower()
    subjects = {arrival.subject for arrival in arrivals if arrival.recipient == "anh.nth@example.vn"}
    assert subjects == {"Hồ sơ 7K3M-9HDX có thông báo mới"}
    [to_staff] = [arrival for arrival in arrivals if arrival.recipient == "an@example.vn"]
    assert "7K3M" not in to_staff.subject + to_staff.text


def test_texts_and_subjects_bear_nothing_personal(post: Post) -> None:
    petition_id = post.petition(name="Nguyễn Thị Hồng Ánh")
    secret = "bí mật riêng tư"
    events = [
        an_event(desk.CaseInfoRequested, petition_id=petition_id, question=secret),
        an_event(desk.CaseProgressed, petition_id=petition_id, note=secret),
        an_event(desk.CaseExtended, petition_id=petition_id, reason=secret),
        an_event(desk.CaseApologised, petition_id=petition_id, reason=secret, signer=secret),
        an_event(desk.CaseTransferred, petition_id=petition_id, reason=secret, to_name=secret),
        answered(petition_id, answer=secret, signer=secret),
    ]

    for event in events:
        post.hear(event)
        post.run()

    assert len(post.arrivals()) == 13
    for arrival in post.arrivals():
        exposed = arrival.text if arrival.channel == "sms" else arrival.subject
        for word in ("bí mật", "bi mat", "Nguyen", "Nguyễn", "anh.nth", "0905"):
            assert word not in exposed
        if arrival.channel == "sms":
            assert len(arrival.text) <= 160


def test_the_reader_s_language_is_the_one_that_was_chosen(post: Post) -> None:
    petition_id = post.petition(language="en")

    post.hear(answered(petition_id, is_rated=True))
    post.run()

    words = {arrival.subject for arrival in post.arrivals() if arrival.channel == "email"}
    assert words == {"Received: 7K3M-9HDX", "Answered: 7K3M-9HDX"}
    [letter] = [arrival for arrival in post.arrivals() if arrival.subject.startswith("Answered")]
    assert "The work has been done." in letter.text
    assert "https://phan-anh.example.vn/t/" + "x" * 22 + "/danh-gia" in letter.text


def test_an_erased_person_gets_nothing_more_and_the_ledger_stays(post: Post) -> None:
    petition_id = post.petition()
    post.run()
    post.hear(answered(petition_id))

    with post.database.writing() as tx:
        actions.erase_person(tx, petition_id=petition_id)
    post.run()

    assert len(post.arrivals()) == 2
    assert post.states(petition_id)["answered", "email"] == "suppressed"
    with post.database.reading() as tx:
        assert store.usable_channels(tx, [petition_id]) == {}
        assert all(not notice.facts for notice in store.notices_of(tx, petition_id))


def test_no_event_of_the_postman_says_who_or_where(post: Post) -> None:
    petition_id = post.petition()
    post.hear(answered(petition_id))
    post.run()

    with post.database.reading() as tx:
        bodies = [bytes(row[0]) for row in tx.connection.exec_driver_sql("SELECT body FROM outbox")]

    assert len(bodies) == 4
    for body in bodies:
        for word in (b"example.vn", b"905123456", b"Nguy", b"xxxxxx", b"7K3M"):
            assert word not in body
