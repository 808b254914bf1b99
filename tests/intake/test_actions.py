"""What citizens ask of the door, on a database."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest

from services.intake import store
from services.intake.actions import (
    NotToBeFound,
    RatedBefore,
    RatingRefused,
    SupplementRefused,
    TooManyTries,
    find_petition,
    note_wrong_try,
    rate_petition,
    supplement_petition,
)
from services.intake.domain.petition import Kept
from services.intake.domain.rating import Rating
from services.intake.domain.secret import pin_of
from services.intake.steps import KeyUsedBefore, file_petition
from shared.clock import MovableClock
from shared.db import Database
from shared.events.intake import ContactGiven, PetitionFiled, PetitionRated, PetitionSupplemented
from shared.outbox import outbox
from tests.intake.builders import KEY, a_petition, case_answered, file_one, hear, info_requested
from tests.support import NOON, emitted, types

A_FILE = Kept(id=uuid4(), media_type="image/jpeg", size_bytes=3, sha256="ab" * 32)


def test_a_filed_petition_and_its_event_are_kept_together(database: Database) -> None:
    sent = a_petition(topic="C01", ward="thuan-hoa", name="Nguyễn Thị Hồng Ánh")

    with database.writing() as tx:
        receipt = file_petition(tx, sent=sent, kept=[A_FILE], once="web:1", key=KEY, channel="web")
        told = emitted(tx)

    assert types(tx) == ["petition.filed.v1"]
    assert isinstance(told[0], PetitionFiled)
    assert (told[0].public_code, told[0].topic, told[0].attachment_count) == (receipt.filed.code, "C01", 1)
    assert told[0].received_at == tx.now
    with database.reading() as look:
        assert store.petition_of(look, receipt.filed.id) == receipt.filed
        assert store.words_of(look, receipt.filed.id).name == "Nguyễn Thị Hồng Ánh"
        assert store.attachments_of(look, receipt.filed.id) == [A_FILE]


def test_no_word_of_a_citizen_stands_in_the_open_bytes(database: Database) -> None:
    receipt = file_one(
        database, name="Lê Văn An", phone="0905 123 456", email="an@example.vn", sms="y", address="12 Lê Lợi"
    )

    with database.reading() as look:
        bodies = b"".join(bytes(row.body) for row in look.connection.execute(outbox.select()))

    for secret in ("ổ gà", "Lê Văn An", "0905", "905123456", "an@example.vn", "Lê Lợi", receipt.token):
        assert secret.encode() not in bodies


def test_who_left_a_contact_is_told_by_what_was_agreed_to(database: Database) -> None:
    with database.writing() as tx:
        sent = a_petition(phone="0905 123 456", email="an@example.vn")
        receipt = file_petition(tx, sent=sent, kept=[], once="web:1", key=KEY, channel="web")

    contact = emitted(tx)[1]
    assert isinstance(contact, ContactGiven)
    assert (contact.channels, contact.mobile.value, contact.email.value) == (("email",), None, "an@example.vn")
    assert (contact.link_token.value, contact.code.value) == (receipt.token, receipt.filed.code)


@pytest.mark.parametrize("kind", ["complaint", "denunciation"])
def test_the_code_of_a_complaint_or_denunciation_is_not_public(database: Database, kind: str) -> None:
    with database.writing() as tx:
        sent = a_petition(kind=kind, name="An", address="Huế")
        file_petition(tx, sent=sent, kept=[], once="web:1", key=KEY, channel="web")

    told = emitted(tx)[0]
    assert isinstance(told, PetitionFiled)
    assert told.public_code is None


def test_filing_twice_under_one_key_files_once(database: Database) -> None:
    first, second = (file_one(database, once="web:same") for _ in range(2))

    assert (first.is_new, second.is_new) == (True, False)
    assert (first.filed.code, first.token, first.filed.event_id) == (
        second.filed.code,
        second.token,
        second.filed.event_id,
    )
    with database.reading() as look:
        assert len(look.connection.execute(outbox.select()).all()) == 1


def test_two_presses_at_the_same_moment_file_once(database: Database) -> None:
    codes: list[str] = []
    gate = threading.Barrier(6)

    def press() -> None:
        gate.wait()
        codes.append(file_one(database, once="web:same").filed.code)

    pressing = [threading.Thread(target=press) for _ in range(6)]
    for thread in pressing:
        thread.start()
    for thread in pressing:
        thread.join()

    assert len(codes) == 6
    assert len(set(codes)) == 1


def test_a_key_that_was_used_for_something_else_is_refused(database: Database) -> None:
    file_one(database, once="api:same")

    with pytest.raises(KeyUsedBefore):
        file_one(database, once="api:same", text="Một chuyện khác hẳn chuyện kia")


def test_code_and_last_four_digits_open_a_petition(database: Database) -> None:
    receipt = file_one(database, phone="0905 123 456")

    assert receipt.pin is None
    with database.reading() as look:
        for digits in ("3456", "３４５６", "0905 123 456"):
            found = find_petition(look, code=receipt.filed.code.lower(), digits=digits, key=KEY)
            assert found.id == receipt.filed.id
        with pytest.raises(NotToBeFound):
            find_petition(look, code=receipt.filed.code, digits="3457", key=KEY)


def test_without_a_telephone_the_pin_opens_it(database: Database) -> None:
    receipt = file_one(database)

    assert receipt.pin == pin_of(receipt.token)
    with database.reading() as look:
        assert find_petition(look, code=receipt.filed.code, digits=receipt.pin or "", key=KEY).id == receipt.filed.id


def test_a_code_rests_after_ten_wrong_tries_whether_it_exists_or_not(database: Database, clock: MovableClock) -> None:
    receipt = file_one(database, phone="0905 123 456")
    nobodys = file_one(database).filed.code

    for code in (receipt.filed.code, nobodys):
        for _ in range(10):
            with database.writing() as tx:
                note_wrong_try(tx, code)
        with database.reading() as look, pytest.raises(TooManyTries):
            find_petition(look, code=code, digits="3456", key=KEY)

    clock.move_to(clock.now() + timedelta(hours=1, seconds=1))
    with database.reading() as look:
        assert find_petition(look, code=receipt.filed.code, digits="3456", key=KEY).id == receipt.filed.id


def test_an_answered_question_is_closed_and_told(database: Database) -> None:
    petition_id = file_one(database).filed.id
    hear(database, info_requested(petition_id), at=NOON)

    with database.writing() as tx:
        supplement_petition(tx, petition_id=petition_id, text="Làn bên phải", kept=[], once="1")

    told = emitted(tx)[0]
    assert isinstance(told, PetitionSupplemented)
    assert told.text.value == "Làn bên phải"
    with database.reading() as look:
        found = store.petition_of(look, petition_id)
        assert found is not None
        assert found.reply_by is None
        assert store.story_of(look, petition_id)[-1].words == {"text": "Làn bên phải"}


def test_a_supplement_sent_twice_is_kept_once(database: Database) -> None:
    petition_id = file_one(database).filed.id

    for is_new in (True, False):
        with database.writing() as tx:
            assert supplement_petition(tx, petition_id=petition_id, text="Thêm", kept=[], once="1") is is_new

    with database.reading() as look:
        assert [entry.what for entry in store.story_of(look, petition_id)] == ["supplemented"]


def test_nothing_is_added_to_a_petition_that_ended(database: Database) -> None:
    petition_id = file_one(database).filed.id
    with database.writing() as tx:
        store.move_case(tx, petition_id, stage="closed")

    with database.writing() as tx, pytest.raises(SupplementRefused):
        supplement_petition(tx, petition_id=petition_id, text="Thêm", kept=[], once="1")


def test_s08b_an_answer_is_judged_once_and_the_door_forgets_the_judgement(database: Database) -> None:
    petition_id = file_one(database).filed.id
    hear(database, case_answered(petition_id))

    with database.writing() as tx:
        rate_petition(
            tx, petition_id=petition_id, rating=Rating(score=4, aspects={"T1": 5, "T3": 0}, words="Nhanh"), low=2
        )
    told = emitted(tx)[0]
    with database.writing() as tx, pytest.raises(RatedBefore):
        rate_petition(tx, petition_id=petition_id, rating=Rating(score=1), low=2)

    assert isinstance(told, PetitionRated)
    assert (told.round, told.score.value, told.words.value) == (1, 4, "Nhanh")
    assert [mark.value for mark in (told.t1, told.t2, told.t3, told.t4)] == [5, None, 0, None]
    assert {column.name for column in store.rating.c} == {"petition_id", "round", "at"}


def test_a_second_answer_may_be_judged_again(database: Database) -> None:
    petition_id = file_one(database).filed.id

    for round_ in (1, 2):
        hear(database, case_answered(petition_id, round_=round_))
        with database.writing() as tx:
            rate_petition(tx, petition_id=petition_id, rating=Rating(score=2), low=2)


@pytest.mark.parametrize("case", ["no answer", "not asked for", "too late"])
def test_a_judgement_without_an_answer_that_asks_for_it_is_refused(
    database: Database, clock: MovableClock, case: str
) -> None:
    petition_id = file_one(database).filed.id
    if case != "no answer":
        hear(database, case_answered(petition_id, is_rated=case != "not asked for"))
    if case == "too late":
        clock.move_to(clock.now() + timedelta(days=31))

    with database.writing() as tx, pytest.raises(RatingRefused):
        rate_petition(tx, petition_id=petition_id, rating=Rating(score=5), low=2)
