"""Vietnamese text: two spellings of one word are one word, and nothing is guessed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.text import (
    fold,
    has_forbidden_characters,
    is_broken,
    is_syllable,
    is_typing_leftover,
    is_unaccented,
    nfc,
    sort_key,
    spelling,
)

VIETNAMESE = st.text("aàảãáạăằẵâẩbcdđeêệghiịklmnoôồơợpqrstuưựvxyỳ ĐƯỜNGÐð", max_size=40)


def test_a_name_from_a_file_of_macos_is_the_name_typed_here():
    typed, sent = "Nguyễn", unicodedata.normalize("NFD", "Nguyễn")

    assert (len(typed), len(sent)) == (6, 8)
    assert nfc(sent) == typed


def test_the_icelandic_twin_becomes_the_vietnamese_letter():
    assert nfc("Ðiện Biên Phủ, ð") == "Điện Biên Phủ, đ"
    assert fold("Ð Đ ð đ") == "d d d d"


def test_folding_leaves_bare_letters_and_single_spaces():
    assert fold("  Điện  Biên\tPhủ ") == "dien bien phu"
    assert fold(unicodedata.normalize("NFD", "Thủy Xuân")) == "thuy xuan"


@given(VIETNAMESE)
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(VIETNAMESE)
def test_folding_does_not_see_how_the_text_was_composed(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("one", "other"), [("hoà", "hòa"), ("thuỷ", "thủy"), ("huỷ", "hủy"), ("quí", "quý"), ("mĩ", "mỹ")]
)
def test_two_ways_of_spelling_a_word_are_equal(one, other):
    assert spelling(one) == spelling(other)


@pytest.mark.parametrize(
    ("one", "other"), [("đò", "do"), ("cầu", "cau"), ("thúy", "thúi"), ("tay", "tai"), ("ma", "mà")]
)
def test_different_words_stay_different(one, other):
    assert spelling(one) != spelling(other)


def test_a_stray_accented_name_does_not_make_a_text_accented():
    assert is_unaccented("xe buyt tuyen so 2 bo chuyen o tram ben xe phia nam gan cau Trường Tien")
    assert not is_unaccented("Xe buýt tuyến số 2 bỏ chuyến")


@pytest.mark.parametrize("word", ["đường", "duong", "nghiêng", "quyết", "buyt", "khuya", "yêu", "Ổ"])
def test_a_vietnamese_word_has_the_shape_of_a_syllable(word):
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["road", "broken", "street", "dduwowngf", "h57", "please"])
def test_other_words_do_not(word):
    assert not is_syllable(word)


@pytest.mark.parametrize("word", ["dduwowngf", "ddi", "nuwowcs", "hoongr", "d9u7o7ng2", "to6i"])
def test_the_keys_of_an_input_method_are_seen(word):
    assert is_typing_leftover(word)


@pytest.mark.parametrize(
    "word", ["taxi", "test", "wifi", "facebook", "zalo", "ql1a", "km2", "75h", "so2", "book", "đường", "show"]
)
def test_ordinary_words_are_no_leftovers(word):
    assert not is_typing_leftover(word)


def test_a_text_that_went_through_a_wrong_encoding_is_seen():
    assert is_broken("đường bị ngập".encode().decode("cp1252", errors="replace"))
    assert not is_broken("Ổ gà sâu trên đường Điện Biên Phủ")


@pytest.mark.parametrize("text", ["\u202eabc", "a\x00b", "\u2066x"])
def test_characters_that_hide_or_turn_text_are_seen(text):
    assert has_forbidden_characters(text)


def test_line_breaks_and_emoji_are_welcome():
    assert not has_forbidden_characters("dòng một\r\ndòng hai\t🙏")


@pytest.mark.parametrize(
    "ordered",
    [
        ["An", "Ánh", "Ăn", "Ân", "Dũng", "Đăng", "Oanh", "Ơn", "Ý", "Yến"],
        ["ma", "mà", "mả", "mã", "má", "mạ"],
    ],
)
def test_names_stand_in_the_order_of_a_dictionary(ordered):
    mixed = ordered[::-1]

    assert sorted(mixed, key=sort_key) == ordered
