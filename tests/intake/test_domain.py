"""The rules of the door: codes, secrets, fields and their limits, the search for a topic."""

import re
import secrets

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.intake.domain import search
from services.intake.domain.code import ALPHABET, CodeMistyped, check_character, new_code, parse_code, read_aloud
from services.intake.domain.petition import Refused, check_words
from services.intake.domain.secret import digits_check, hashed, is_same, link_token, pin_of
from tests.intake.builders import KEY, a_petition

bodies = st.text(ALPHABET, min_size=7, max_size=7)
places = st.integers(0, 7)


def whole(body: str) -> str:
    return body + check_character(body)


# ---- codes


def test_no_character_of_a_code_looks_or_sounds_like_another() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 23
    assert not set("0O1IL2Z5S6G8BAEUVY") & (set(ALPHABET) - set("2568V"))


@given(bodies)
def test_a_code_survives_being_typed_carelessly(body: str) -> None:
    code = whole(body)

    typed = f"  {code[:2].lower()} {code[2:4]}–{code[4:].lower()}."

    assert parse_code(typed) == f"{code[:4]}-{code[4:]}"


@given(bodies, places, st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(body: str, place: int, other: str) -> None:
    code = whole(body)
    assume(code[place] != other)

    with pytest.raises(CodeMistyped):
        parse_code(code[:place] + other + code[place + 1 :])


@given(bodies, places, places)
def test_two_characters_that_changed_places_are_always_noticed(body: str, one: int, other: int) -> None:
    letters = list(whole(body))
    assume(letters[one] != letters[other])

    letters[one], letters[other] = letters[other], letters[one]

    with pytest.raises(CodeMistyped):
        parse_code("".join(letters))


def test_look_alikes_are_read_as_what_they_look_like() -> None:
    code = whole("2568234")

    assert parse_code(code.replace("2", "Z").replace("5", "S").replace("6", "G").replace("8", "B"))


@pytest.mark.parametrize("typed", ["", "7K3M", "7K3M-9HDKK", "0000-0000", "😀" * 8, "7K3M-9HDX"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(CodeMistyped):
        parse_code(typed)


def test_a_fresh_code_is_read_aloud_with_a_word_for_each_character() -> None:
    code = new_code(secrets.choice)

    assert parse_code(code) == code
    assert len(read_aloud(code).replace(" – ", ", ").split(", ")) == 8


# ---- secrets


def test_a_link_follows_from_key_and_idempotency_key_and_from_nothing_else() -> None:
    token = link_token(KEY, "web:1")

    assert token == link_token(KEY, "web:1")
    assert len({token, link_token(KEY, "web:2"), link_token(b"other", "web:1")}) == 3
    assert re.fullmatch("[a-z2-7]{26}", token)
    assert hashed(token) != hashed(token + "x")


def test_a_pin_has_six_digits_and_belongs_to_its_link() -> None:
    pins = {pin_of(link_token(KEY, str(n))) for n in range(50)}

    assert all(len(pin) == 6 and pin.isdecimal() for pin in pins)
    assert len(pins) > 45


def test_digits_open_only_the_petition_they_belong_to() -> None:
    kept = digits_check(KEY, "7K3M-9HDK", "3456")

    assert is_same(kept, digits_check(KEY, "7K3M-9HDK", "3456"))
    assert not is_same(kept, digits_check(KEY, "7K3M-9HDK", "3457"))
    assert not is_same(kept, digits_check(KEY, "7K3M-9HDC", "3456"))
    assert not is_same(None, bytes(16))


# ---- fields


def test_words_are_put_into_nfc_and_the_icelandic_letter_becomes_a_vietnamese_one() -> None:
    sent = a_petition(text="Nguye\u0302\u0303n ở \u00d0iện Biên Phủ báo ổ gà", name="Tra\u0302\u0300n")

    assert sent.text == "Nguyễn ở Điện Biên Phủ báo ổ gà"
    assert sent.name == "Trần"


def test_lengths_count_characters_after_composing() -> None:
    assert a_petition(text="e\u0302\u0303" * 5000).text == "ễ" * 5000


BAD = [
    ({"kind": ""}, "kind", "missing"),
    ({"kind": "spam"}, "kind", "not_a_choice"),
    ({"topic": "C99"}, "topic", "not_a_choice"),
    ({"ward": "paris"}, "ward", "not_a_choice"),
    ({"text": ""}, "text", "missing"),
    ({"text": "   \n "}, "text", "missing"),
    ({"text": "ngắn"}, "text", "too_short"),
    ({"text": "a" * 5001}, "text", "too_long"),
    ({"text": "có ký tự \x00 bên trong câu"}, "text", "hidden_characters"),
    ({"text": "đảo chiều \u202etxet nha"}, "text", "hidden_characters"),
    ({"text": "nửa ký tự \ud83d trong câu"}, "text", "hidden_characters"),
    ({"text": "không phải ký tự \uffff"}, "text", "hidden_characters"),
    ({"title": "a" * 201}, "title", "too_long"),
    ({"title": "hai\ndòng"}, "title", "line_break"),
    ({"place": "a" * 301}, "place", "too_long"),
    ({"place": "chỗ \u2066này"}, "place", "hidden_characters"),
    ({"name": "a" * 101}, "name", "too_long"),
    ({"name": "Ánh\r\nBcc: ai@example.vn"}, "name", "line_break"),
    ({"email": "a@example.vn\nBcc: b@example.vn"}, "email", "line_break"),
    ({"phone": "0905\r123456"}, "phone", "line_break"),
    ({"email": "không phải thư"}, "email", "not_an_email"),
    ({"email": "a@" + "b" * 260 + ".vn"}, "email", "too_long"),
    ({"phone": "0123456789"}, "phone", "not_a_phone"),
    ({"phone": "054 3823456"}, "phone", "not_a_phone"),
    ({"phone": "01221234567"}, "phone", "old_prefix"),
    ({"phone": "1900 1075"}, "phone", "not_a_phone"),
    ({"sms": "y"}, "phone", "needed_for_sms"),
    ({"sms": "y", "phone": "0234 3823 456"}, "phone", "takes_no_sms"),
    ({"kind": "complaint", "address": "12 Lê Lợi"}, "name", "needed_by_law"),
    ({"kind": "complaint", "name": "Lê Văn An"}, "address", "needed_by_law"),
    ({"lat": "48.85", "lng": "2.35"}, "position", "outside"),
    ({"lat": "nan", "lng": "107.5"}, "position", "outside"),
    ({"lat": "x", "lng": "107.5"}, "position", "not_a_position"),
    ({"lat": "16.4"}, "position", "not_a_position"),
]


@pytest.mark.parametrize(("more", "field", "problem"), BAD, ids=[f"{f}-{p}-{n}" for n, (_, f, p) in enumerate(BAD)])
def test_a_bad_field_is_refused_by_name(more: dict[str, str], field: str, problem: str) -> None:
    with pytest.raises(Refused) as refused:
        a_petition(**more)

    assert [(w.field, w.problem) for w in refused.value.wrong] == [(field, problem)]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Refused) as refused:
        a_petition(kind="", text="ngắn", email="x", phone="y")

    assert [w.field for w in refused.value.wrong] == ["kind", "text", "phone", "email"]


@pytest.mark.parametrize("typed", ["0905 123 456", "+84 905123456", "0084905123456", "０９０５１２３４５６"])
def test_a_mobile_number_is_understood_however_it_is_typed(typed: str) -> None:
    phone = a_petition(phone=typed).phone

    assert phone is not None
    assert (phone.typed, phone.mobile, phone.last_four) == (typed, "+84905123456", "3456")


def test_nobody_is_texted_who_did_not_tick_the_box() -> None:
    assert a_petition(phone="0905 123 456").told_by == ()
    assert a_petition(phone="0905 123 456", sms="y", email="a@example.vn").told_by == ("email", "sms")


def test_a_denunciation_is_opened_by_a_pin_even_when_a_telephone_was_given() -> None:
    assert a_petition(kind="denunciation", phone="0905 123 456").opening_digits is None
    assert a_petition(phone="0905 123 456").opening_digits == "3456"


def test_emoji_and_line_breaks_are_words_too() -> None:
    words = "Đường hỏng 😡👨‍👩‍👧\r\nMong sửa sớm"

    assert check_words("text", words) == "Đường hỏng 😡👨‍👩‍👧\nMong sửa sớm"


# ---- topics

TOPICS = [
    search.Entry("C01", ("Ổ gà, hư hỏng mặt đường", "Potholes"), ("ổ gà", "mặt đường")),
    search.Entry("C02", ("Cầu, cống", "Bridges"), ("mặt cầu", "cầu")),
    search.Entry("C13", ("Xe buýt", "Bus services"), ("xe buýt", "bỏ chuyến")),
]


@pytest.mark.parametrize(
    ("typed", "first"), [("ổ gà", "C01"), ("o ga", "C01"), ("buyt", "C13"), ("XE BU", "C13"), ("pothole", "C01")]
)
def test_a_topic_is_found_with_and_without_accents(typed: str, first: str) -> None:
    assert search.search(typed, TOPICS)[0] == first


def test_nothing_is_found_for_nothing() -> None:
    assert search.search(" ,. ", TOPICS) == []
    assert search.search("tàu vũ trụ", TOPICS) == []


def test_accents_are_respected_where_they_were_typed() -> None:
    assert search.propose("Tôi yêu cau sửa đường ở chợ này ngay", TOPICS) == []
    assert search.propose("Trên mặt cầu có ổ gà, mặt đường nứt", TOPICS) == ["C01", "C02"]
    assert search.propose("xe buyt tuyen so 2 bo chuyen", TOPICS) == ["C13"]
