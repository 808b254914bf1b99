"""Where and of what somebody is told: changed, shown to be theirs, ended by one click, found by the address."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from services.intake import own, store
from services.intake.domain.contact import Contact, check_contact
from services.intake.domain.petition import Refused
from services.intake.domain.secret import check_code, hashed, unsubscribe_mark
from services.intake.door import Door
from services.intake.lists import Lists
from services.intake.store.tables import petition
from services.notify.domain.letter import unsubscribe_mark as mark_in_letters
from shared.clock import MovableClock
from shared.events.codec import Codec, on_the_wire
from shared.events.intake import ContactChanged, ContactCheckAsked, ContactVerified, ListAsked
from shared.keys import KeyRing
from shared.outbox import outbox
from tests.intake.builders import CHOICES, case_opened, hear
from tests.intake.test_after import petition_of
from tests.intake.test_web import filed, outbox_of

READ: dict[str, Any] = {"read_phone": CHOICES.read_phone, "read_email": CHOICES.read_email}
OLD, NEW = "anh.nth@example.vn", "anh.moi@example.vn"


def told(door: Door, kind: type[Any]) -> list[Any]:
    """What was told of a kind, as the postman reads it."""
    codec = Codec(KeyRing.load(Path(door.settings.keys_dir), "notify"))
    with door.database.reading() as look:
        rows = look.connection.execute(outbox.select().where(outbox.c.type == kind.TYPE).order_by(outbox.c.id)).all()
    return [codec.read(on_the_wire(bytes(row.body), row.sealed))[1] for row in rows]


def changed(client: FlaskClient, token: str, **more: str) -> Any:
    return client.post(f"/t/{token}/lien-he", data={"language": "vi", "email": NEW, "progress": "y"} | more)


def test_what_is_not_ticked_among_the_optional_is_declined() -> None:
    contact = check_contact({"language": "en", "email": "A@Example.vn", "progress": "y"}, **READ)

    assert (contact.declined, contact.channels, contact.language) == (("survey",), ("email",), "en")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"language": "vi", "email": "không phải"}, "email"),
        ({"language": "vi", "phone": "123"}, "phone"),
        ({"language": "vi", "sms": "y"}, "phone"),
        ({"language": "fr"}, "language"),
        ({"language": "vi", "email": "a@b.vn\r\nBcc: c@d.vn"}, "email"),
    ],
)
def test_a_contact_that_cannot_be_is_refused_at_its_field(typed: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refused:
        check_contact(typed, **READ)

    assert [wrong.field for wrong in refused.value.wrong] == [field]


def test_from_now_on_the_new_address_is_told(client: FlaskClient, door: Door) -> None:
    token = filed(client, email=OLD)

    answer = changed(client, token)

    assert answer.status_code == 303
    (event,) = told(door, ContactChanged)
    assert (event.channels, event.is_address_new, event.declined) == (("email",), True, ("survey",))
    assert f'value="{NEW}"' in client.get(f"/t/{token}/lien-he").text
    assert "Bạn đổi liên hệ" in client.get(f"/t/{token}").text


def test_the_same_again_says_nothing(client: FlaskClient, door: Door) -> None:
    token = filed(client, email=OLD)
    changed(client, token)

    changed(client, token)

    assert outbox_of(door).count("contact.changed.v1") == 1


def test_nobody_has_addresses_told_again_and_again_that_they_were_left(client: FlaskClient, door: Door) -> None:
    token = filed(client, email=OLD)

    answers = [changed(client, token, email=f"anh{n}@example.vn").status_code for n in range(6)]

    assert answers == [303] * 5 + [429]
    assert outbox_of(door).count("contact.changed.v1") == 5
    assert changed(client, token, email="anh4@example.vn", progress="").status_code == 303  # of less, at any time


def test_what_is_wrong_keeps_what_was_typed(client: FlaskClient, door: Door) -> None:
    token = filed(client, email=OLD)

    page = changed(client, token, email="anh@", phone="0905 123 456")

    assert page.status_code == 422
    assert 'value="anh@"' in page.text
    assert 'value="0905 123 456"' in page.text
    assert "contact.changed.v1" not in outbox_of(door)


@pytest.mark.parametrize("page", ["lien-he", "rut", "ma"])
def test_code_and_digits_alone_change_nothing(client: FlaskClient, door: Door, page: str) -> None:
    token = filed(client, phone="0905 123 456")
    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(token))
    assert found is not None
    client.post("/theo-doi", data={"code": found.code, "digits": "3456"})

    assert client.get(f"/theo-doi/{found.code}").status_code == 200
    assert client.get(f"/theo-doi/{found.code}/{page}").status_code == 404
    assert "Mất đường dẫn?" in client.get(f"/theo-doi/{found.code}").text


# ---- shown to be theirs


def asked(client: FlaskClient, door: Door, channel: str = "email", **more: str) -> tuple[str, str]:
    """A petition, and what was sent to its address."""
    token = filed(client, **{"email": OLD} | more)
    assert client.post(f"/t/{token}/xac-minh", data={"channel": channel}).status_code == 303
    return token, told(door, ContactCheckAsked)[-1].token.value


def test_a_link_verifies_by_its_button_and_not_by_being_opened(client: FlaskClient, door: Door) -> None:
    token, secret = asked(client, door)

    opened = client.get(f"/xac-minh/{secret}")
    assert opened.status_code == 200
    assert "contact.verified.v1" not in outbox_of(door)
    pressed = client.post(f"/xac-minh/{secret}")

    assert "Đã xác minh" in pressed.text
    (event,) = told(door, ContactVerified)
    assert event.channel == "email"
    assert "Thư điện tử đã xác minh." in client.get(f"/t/{token}/lien-he").text
    assert client.get(f"/xac-minh/{secret}").status_code == 410


def test_a_link_is_good_for_a_day_and_for_the_address_it_was_sent_to(
    client: FlaskClient, door: Door, clock: MovableClock
) -> None:
    token, secret = asked(client, door)
    changed(client, token)
    assert client.post(f"/xac-minh/{secret}").status_code == 410

    client.post(f"/t/{token}/xac-minh", data={"channel": "email"})
    newer = told(door, ContactCheckAsked)[-1].token.value
    clock.move_to(clock.now() + timedelta(hours=25))
    assert client.get(f"/xac-minh/{newer}").status_code == 410


def test_an_address_that_changes_is_not_verified_any_more(client: FlaskClient, door: Door) -> None:
    token, secret = asked(client, door)
    client.post(f"/xac-minh/{secret}")

    changed(client, token)

    assert "đã xác minh" not in client.get(f"/t/{token}/lien-he").text
    assert told(door, ContactChanged)[-1].verified == ()


def test_a_code_verifies_a_number_and_five_wrong_tries_end_it(client: FlaskClient, door: Door) -> None:
    token, code = asked(client, door, "sms", phone="0905 123 456", sms="y")
    wrong = "000000" if code != "000000" else "111111"

    assert len(code) == 6
    tries = [client.post(f"/t/{token}/ma", data={"digits": wrong}).status_code for _ in range(5)]
    late = client.post(f"/t/{token}/ma", data={"digits": code}).status_code

    assert (tries, late) == ([422] * 5, 410)
    client.post(f"/t/{token}/xac-minh", data={"channel": "sms"})
    newer = told(door, ContactCheckAsked)[-1].token.value
    assert client.post(f"/t/{token}/ma", data={"digits": f" {newer[:3]} {newer[3:]} "}).status_code == 303
    assert [one.channel for one in told(door, ContactVerified)] == ["sms"]


def test_a_code_is_good_for_ten_minutes(client: FlaskClient, door: Door, clock: MovableClock) -> None:
    token, code = asked(client, door, "sms", phone="0905 123 456", sms="y")
    clock.move_to(clock.now() + timedelta(minutes=11))

    assert client.post(f"/t/{token}/ma", data={"digits": code}).status_code == 410


def test_neither_link_nor_code_stand_in_the_database(client: FlaskClient, door: Door) -> None:
    _, code = asked(client, door, "sms", phone="0905 123 456", sms="y")

    with door.database.reading() as look:
        (row,) = look.connection.execute(select(store.contact_check)).all()
    assert code.encode() not in row.secret_hash
    assert row.secret_hash not in {hashed(code), hashed(check_code(code))}


def test_a_petition_gets_five_in_a_quarter_of_an_hour(client: FlaskClient, door: Door, clock: MovableClock) -> None:
    token = filed(client, email=OLD)

    answers = [client.post(f"/t/{token}/xac-minh", data={"channel": "email"}).status_code for _ in range(6)]

    assert answers == [303] * 5 + [429]
    clock.move_to(clock.now() + timedelta(minutes=16))
    assert client.post(f"/t/{token}/xac-minh", data={"channel": "email"}).status_code == 303


def test_who_writes_the_address_of_somebody_else_keeps_nobody_from_verifying_it(
    client: FlaskClient, door: Door
) -> None:
    strangers = [filed(client, email=OLD, text=f"Ổ gà thứ {n} trên đường Lê Lợi") for n in range(2)]
    owner = filed(client, email=OLD)
    for token in strangers * 5:
        client.post(f"/t/{token}/xac-minh", data={"channel": "email"})

    answers = [client.post(f"/t/{owner}/xac-minh", data={"channel": "email"}) for _ in range(2)]

    assert [one.status_code for one in answers] == [303, 429]
    assert "Hãy dùng đường dẫn hoặc mã gửi sau cùng" in answers[1].text
    *_, sent = told(door, ContactCheckAsked)
    assert client.post(f"/xac-minh/{sent.token.value}").status_code == 200
    assert told(door, ContactVerified)[-1].petition_id == petition_of(door, owner)


def test_a_code_that_was_guessed_at_too_often_is_followed_by_another(client: FlaskClient, door: Door) -> None:
    """However often others ask about the same number: a code that is burnt is none."""
    number = {"phone": "0905 123 456", "sms": "y"}
    for n in range(2):
        stranger, _ = asked(client, door, "sms", text=f"Ổ gà thứ {n} trên đường Lê Lợi", **number)
        for _ in range(4):
            client.post(f"/t/{stranger}/xac-minh", data={"channel": "sms"})
    token, code = asked(client, door, "sms", **number)
    wrong = "000000" if code != "000000" else "111111"
    assert client.post(f"/t/{token}/xac-minh", data={"channel": "sms"}).status_code == 429

    for _ in range(5):
        client.post(f"/t/{token}/ma", data={"digits": wrong})

    assert client.post(f"/t/{token}/xac-minh", data={"channel": "sms"}).status_code == 303


def test_verifying_is_never_needed_and_nothing_is_sent_where_there_is_no_address(client: FlaskClient) -> None:
    token = filed(client)

    assert client.post(f"/t/{token}/xac-minh", data={"channel": "email"}).status_code == 409
    assert client.post(f"/t/{token}/xac-minh", data={"channel": "letter"}).status_code == 409


# ---- told of less by one click


def stop_link(door: Door, token: str, sort: str = "progress") -> str:
    petition_id = petition_of(door, token)
    return f"/ngung/{sort}/{petition_id}/{unsubscribe_mark(petition_id.hex, hashed(token))}"


def test_letters_and_the_door_know_the_same_link() -> None:
    id_ = UUID(int=7)

    assert mark_in_letters(id_, "x" * 26) == unsubscribe_mark(id_.hex, hashed("x" * 26))


def test_a_mail_program_stops_them_with_one_click_and_a_scanner_does_not(client: FlaskClient, door: Door) -> None:
    token = filed(client, email=OLD)
    link = stop_link(door, token)

    assert client.get(link).status_code == 200
    assert "contact.changed.v1" not in outbox_of(door)
    clicked = client.post(link, data={"List-Unsubscribe": "One-Click"})

    assert clicked.status_code == 200
    (event,) = told(door, ContactChanged)
    assert (set(event.declined), event.is_address_new) == ({"progress", "survey"}, False)
    assert client.post(link).status_code == 200  # a second click is answered alike
    assert outbox_of(door).count("contact.changed.v1") == 1


def test_surveys_are_declined_for_all_petitions_of_the_person(client: FlaskClient, door: Door) -> None:
    first, second = (filed(client, email=OLD, survey="y") for _ in range(2))

    client.post(stop_link(door, first, "survey"))

    with door.database.reading() as look:
        consents = [store.petition_by_token(look, hashed(token)).consents for token in (first, second)]  # type: ignore[union-attr]
    assert consents == [(), ()]


@pytest.mark.parametrize("sort", ["answered", "progress"])
def test_a_link_that_is_none_of_ours_stops_nothing(client: FlaskClient, door: Door, sort: str) -> None:
    token = filed(client, email=OLD)
    link = stop_link(door, token, sort)
    forged = link if sort == "answered" else link[:-3] + "aaa"

    assert client.get(forged).status_code == 404
    assert client.post(forged).status_code in {404}
    assert "contact.changed.v1" not in outbox_of(door)


# ---- all my petitions


def send_lists(door: Door) -> list[ListAsked]:
    Lists(door).once()
    return told(door, ListAsked)


def ask(client: FlaskClient, address: str, *, at: str = "127.0.0.1") -> Any:
    return client.post("/ho-so-cua-toi", data={"address": address}, environ_overrides={"REMOTE_ADDR": at})


def plain(page: str) -> str:
    """A page without what differs each time."""
    return re.sub(r'(nonce|value|content)="[^"]*"', "", page)


def test_the_answer_is_the_same_whether_there_are_any(client: FlaskClient, door: Door) -> None:
    filed(client, email=OLD)

    known, unknown = ask(client, OLD), ask(client, "ai.do@example.vn")

    assert (known.status_code, plain(known.text)) == (unknown.status_code, plain(unknown.text))
    assert len(send_lists(door)) == 1


def test_no_stranger_keeps_an_owner_from_their_list(client: FlaskClient, door: Door) -> None:
    filed(client, email=OLD)
    for _ in range(7):
        ask(client, OLD, at="203.0.113.9")
    before = len(send_lists(door))

    ask(client, OLD)

    assert (before, len(send_lists(door))) == (3, 4)


def test_many_strangers_leave_a_link_that_is_good_and_no_wait_that_they_could_prolong(
    client: FlaskClient, door: Door, clock: MovableClock
) -> None:
    filed(client, email=OLD)
    for n in range(12):
        ask(client, OLD, at=f"203.0.113.{n}")
        clock.move_to(clock.now() + timedelta(minutes=1))
    sent = send_lists(door)

    assert len(sent) == 9
    assert client.get(f"/ho-so-cua-toi/{sent[-1].token.value}").status_code == 200
    clock.move_to(clock.now() + timedelta(minutes=4))  # what was not sent counts for nothing
    ask(client, OLD)
    assert len(send_lists(door)) == 10


def test_lists_that_were_asked_for_keep_nobody_from_verifying(client: FlaskClient, door: Door) -> None:
    token = filed(client, email=OLD)
    for n in range(12):
        ask(client, OLD, at=f"203.0.113.{n}")
    send_lists(door)

    answers = {client.post(f"/t/{token}/xac-minh", data={"channel": "email"}).status_code for _ in range(5)}
    ask(client, OLD)

    assert answers == {303}
    assert len(told(door, ContactCheckAsked)) == 5


@pytest.mark.parametrize("address", [OLD.upper(), "0905.123.456", "+84 905 123 456"])
def test_the_list_finds_an_address_however_it_is_typed(client: FlaskClient, door: Door, address: str) -> None:
    token = filed(client, email=OLD, phone="0905 123 456")

    ask(client, address)
    (sent,) = send_lists(door)
    page = client.get(f"/ho-so-cua-toi/{sent.token.value}")

    assert page.status_code == 200
    assert f"/t/{token}" in page.text


def test_what_protects_its_sender_stands_in_no_list(client: FlaskClient, door: Door) -> None:
    filed(client, email=OLD, kind="denunciation")
    filed(client, email=OLD, kind="complaint", name="Nguyễn Văn A", address="12 Lê Lợi")
    close = filed(client, email=OLD)
    hear(door.database, case_opened(petition_of(door, close), is_restricted=True))

    ask(client, OLD)

    assert send_lists(door) == []
    filed(client, email=OLD)
    ask(client, OLD)
    (sent,) = send_lists(door)
    assert client.get(f"/ho-so-cua-toi/{sent.token.value}").text.count('href="/t/') == 1


def test_a_list_lives_two_hours_and_one_client_has_three_sent_in_a_quarter_of_one(
    client: FlaskClient, door: Door, clock: MovableClock
) -> None:
    filed(client, email=OLD)
    pages = {plain(ask(client, OLD).text) for _ in range(7)}
    sent = send_lists(door)

    assert len(pages) == 1
    assert len(sent) == 3
    clock.move_to(clock.now() + timedelta(hours=2, minutes=1))
    assert client.get(f"/ho-so-cua-toi/{sent[0].token.value}").status_code == 410
    assert client.get("/ho-so-cua-toi/" + "0" * 32).status_code == 410


@pytest.mark.parametrize("address", ["", "xin chào", "19001234", "a@b", "a@b.vn\nBcc: x@y.vn"])
def test_what_is_no_address_is_kept_and_refused(client: FlaskClient, door: Door, address: str) -> None:
    assert ask(client, address).status_code == 422
    assert send_lists(door) == []


def test_petitions_from_before_are_found_once_their_keys_were_computed(client: FlaskClient, door: Door) -> None:
    filed(client, email=OLD, phone="0905 123 456")
    with door.database.writing() as tx:
        tx.connection.execute(update(petition).values(email_key=None, phone_key=None))

    Lists(door).once()
    ask(client, OLD)

    assert len(send_lists(door)) == 1


def test_links_and_codes_are_forgotten_after_a_day(client: FlaskClient, door: Door, clock: MovableClock) -> None:
    asked(client, door)
    ask(client, OLD)
    clock.move_to(clock.now() + timedelta(hours=25))

    while Lists(door).once():
        pass

    with door.database.reading() as look:
        assert look.connection.execute(select(store.contact_check)).all() == []


def test_a_list_is_kept_without_the_address_once_it_was_sent(client: FlaskClient, door: Door) -> None:
    filed(client, email=OLD)
    ask(client, OLD)
    send_lists(door)

    with door.database.reading() as look:
        assert [row.address for row in look.connection.execute(select(store.contact_check))] == [None]


def test_changing_only_the_sorts_keeps_the_address(client: FlaskClient, door: Door) -> None:
    token = filed(client, email=OLD)
    with door.database.reading() as look:
        before: Contact = own.contact_of(look, store.petition_by_token(look, hashed(token)))  # type: ignore[arg-type]

    changed(client, token, email=OLD, progress="")

    (event,) = told(door, ContactChanged)
    assert (event.is_address_new, event.email.value) == (False, before.email)
