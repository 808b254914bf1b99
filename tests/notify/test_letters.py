"""Texts and rules as data: what is wrong in them stops the start, and nothing in a value can do anything."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.notify import reactions
from services.notify.domain import letter, rule
from services.notify.domain.letter import BadLetters, CannotWrite, fill, read_template, to_html
from services.notify.reactions import Book
from shared.events.workflow import CaseAnswered, CaseClockResumed
from shared.settings import BadSetting

LETTERS = Path("config/letters")
LINK = "https://phan-anh.example.vn/t/" + "x" * 32
FIELDS = {event.TYPE: reactions.fields_of(event.TYPE) for event in reactions.REACTIONS}


def the_texts() -> dict[str, str]:
    return {file.name: file.read_text() for file in LETTERS.glob("*.txt")}


def check(texts: dict[str, str]) -> None:
    rules = rule.read_rules(yaml.safe_load((LETTERS / "rules.yaml").read_text()), fields_of=FIELDS)
    words = yaml.safe_load((LETTERS / "words.yaml").read_text())
    letters = letter.gather([read_template(name, text) for name, text in texts.items()], words)
    letter.check(letters, rules, FIELDS, follow_link=LINK)


def test_the_texts_that_come_with_the_product_are_right() -> None:
    check(the_texts())


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        ("answered.email.vi.txt", "((signer))", "((sginer))", "is not known"),
        ("answered.email.vi.txt", "((signer))", "((petition_id))", "cannot be written"),
        ("answered.email.vi.txt", "subject: Đã có kết quả", "subject: ((answer))", "must not stand"),
        ("answered.email.vi.txt", "subject: Đã có kết quả", "subject: ((greeting))", "must not stand"),
        ("answered.sms.vi.txt", "đã có kết quả", "((outcome))", "must not stand"),
        ("transferred.sms.en.txt", "the body in charge", "((to_name))", "must not stand"),
        ("filed.sms.vi.txt", "đã tiếp nhận", "đã " * 40, "characters, 160 fit"),
        ("resumed.email.vi.txt", "((answer_due_on?))", "((answer_due_on))", "may be missing"),
        ("filed.email.vi.txt", "version: 1", "version: 2", "the same versions"),
        ("filed.email.vi.txt", "version: 1", "version: one", "not as expected"),
        ("filed.email.vi.txt", "version: 1", "version: 1\nauthor: me", "unknown"),
        ("filed.email.vi.txt", "subject: Đã tiếp nhận ((code))", "subject: ", "not as expected"),
        ("footer.email.en.txt", None, None, "no footer"),
        ("filed.sms.en.txt", None, None, "the same versions"),
        ("news.sms.en.txt", None, None, "the same versions"),
    ],
)
def test_a_text_that_could_fail_when_it_is_sent_stops_the_start(
    file: str, old: str | None, new: str | None, why: str
) -> None:
    texts = the_texts()
    if old is None or new is None:
        del texts[file]
    else:
        assert old in texts[file]
        texts[file] = texts[file].replace(old, new)

    with pytest.raises(BadLetters, match=why):
        check(texts)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"hears": "case.vanished.v1"}, "does not hear"),
        ({"tells": "neighbours"}, "it can tell"),
        ({"named_in": "tell"}, "rules for staff"),
        ({"lane": 7}, "lanes are"),
        ({"channels": ["pigeon"]}, "channels are"),
        ({"never": {"colour": ["red"]}}, "no open field"),
        ({"not_after": ["lunch"]}, "not_after"),
        ({"supersedes": ["nothing"]}, "which no rule sends"),
        ({"colour": "red"}, "unknown"),
        ({"valid_hours": 0}, "valid_hours"),
    ],
)
def test_a_rule_that_contradicts_the_events_stops_the_start(change: dict[str, object], why: str) -> None:
    data = yaml.safe_load((LETTERS / "rules.yaml").read_text())
    data["rules"]["answer"] |= change

    with pytest.raises(rule.BadRules, match=why):
        rule.read_rules(data, fields_of=FIELDS)


def test_a_folder_with_a_wrong_text_is_named_when_the_start_is_refused(tmp_path: Path) -> None:
    from services.notify.__main__ import load_book

    for file in LETTERS.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "rules.yaml").write_text("rules: [")

    with pytest.raises(BadSetting, match=str(tmp_path)):
        load_book(tmp_path, public_url="https://a.vn")


def test_a_longer_house_address_than_a_text_can_hold_stops_the_start() -> None:
    from services.notify.__main__ import load_book

    with pytest.raises(BadSetting, match="160 fit"):
        load_book(LETTERS, public_url="https://" + "a" * 100 + ".vn")


def test_a_value_that_looks_like_a_placeholder_stays_what_it_is() -> None:
    said = fill("Trả lời:\n((answer))\n((code))", {"answer": "((code)) {{7*7}} %s ((flag??x))", "code": "7K3M"})

    assert said == "Trả lời:\n((code)) {{7*7}} %s ((flag??x))\n7K3M"


def test_a_line_with_nothing_to_say_is_left_out_and_a_missing_value_is_an_error() -> None:
    assert fill("a\n\nHạn: ((due_on?))\n\nb", {}) == "a\n\nb"
    assert fill("a\nHạn: ((due_on?))", {"due_on": "02/12/2026"}) == "a\nHạn: 02/12/2026"
    with pytest.raises(CannotWrite, match="due_on"):
        fill("((due_on))", {})


@given(st.text(alphabet="<>&\"' abc:/?=\n;đ", max_size=80))
def test_no_value_becomes_markup(value: str) -> None:
    page = to_html(fill("Trả lời:\n\n((answer))", {"answer": value}))

    inner = page.split("<body", 1)[1].split(">", 1)[1]
    for tag in ("<script", "<img", "<b>", "<c>", "<a>", "<ab"):
        assert tag not in inner
    assert "javascript:" not in page


def test_the_first_link_on_its_own_is_a_button_and_the_page_says_the_same_words() -> None:
    page = to_html("Xem hồ sơ:\nhttps://a.vn/t/x?a=1&b=2\n\nGọi (https://a.vn).")

    assert '<a href="https://a.vn/t/x?a=1&amp;b=2"' in page
    assert "display:inline-block" in page
    assert '<a href="https://a.vn" style="color:#1d4f91">https://a.vn</a>).' in page


def test_an_older_version_stays_beside_a_newer_one(book_of_the_office: Book) -> None:
    texts = the_texts()
    for language in ("vi", "en"):
        old = texts[f"filed.email.{language}.txt"]
        new = old.replace("version: 1", "version: 2").replace("2025-03-01", "2027-01-01")
        texts[f"filed.email.{language}.2027.txt"] = new
    words = yaml.safe_load((LETTERS / "words.yaml").read_text())

    letters = letter.gather([read_template(name, text) for name, text in texts.items()], words)

    assert letters.version_on("filed", "email", date(2026, 12, 31)) == 1
    assert letters.version_on("filed", "email", date(2027, 1, 1)) == 2
    with pytest.raises(CannotWrite):
        letters.version_on("filed", "email", date(2020, 1, 1))


def test_fields_are_known_by_what_they_may_hold() -> None:
    answered = reactions.fields_of(CaseAnswered.TYPE)
    resumed = reactions.fields_of(CaseClockResumed.TYPE)

    assert answered["answer"].kind == "text"
    assert answered["outcome"].kind == "code"
    assert answered["petition_id"].kind == "other"
    assert (resumed["answer_due_on"].kind, resumed["answer_due_on"].is_optional) == ("day", True)
