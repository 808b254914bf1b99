"""The bytes of an e-mail: any decoder reads what was written, and nothing that is put in can break out of its line."""

import email
import email.policy
import re
import shutil
import subprocess
import unicodedata
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notify.channels import mail
from services.notify.channels.mail import NotOneLine, in_line, one_line, plain_address
from services.notify.domain.letter import BadAddress, Rendered, to_html

VIETNAMESE = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
words_of_people = st.text(alphabet=VIETNAMESE + VIETNAMESE.upper() + '  0123456789-.,:/?()"=_@<>', max_size=120)
hostile = st.text(
    alphabet=st.characters(exclude_categories=["Cs"]) | st.sampled_from('=?utf-8?b?"\\,;:<>()@ \t'), max_size=300
)
AT = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def a_letter(**given: Any) -> bytes:
    words = Rendered(
        text=given.pop("text", "Đã tiếp nhận."),
        subject=given.pop("subject", "Đã tiếp nhận 7K3M-9HDX"),
        html=given.pop("html", "<p>Đã tiếp nhận.</p>"),
        sender=given.pop("sender_name", "Sở Giao thông vận tải"),
    )
    usual = {
        "notice_id": UUID(int=7),
        "petition_id": UUID(int=8),
        "at": AT,
        "words": words,
        "sender": "lang-nghe@example.vn",
        "recipient": "anh@example.vn",
    }
    return mail.build(**(usual | given))


def read(raw: bytes) -> Any:
    return email.message_from_bytes(raw, policy=email.policy.default)


def expected(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


def assert_sound(folded: str, name: str) -> None:
    rows = f"{name}: {folded}".split("\r\n")
    assert all(len(row) <= 78 for row in rows)
    assert all(row.startswith((" ", "\t")) for row in rows[1:])
    assert "\r" not in "".join(rows)
    assert "\n" not in "".join(rows)
    for word in re.findall(r"=\?utf-8\?[bq]\?[^?]*\?=", folded):
        assert len(word) <= 75
        header = email.header.decode_header(word)[0]
        header[0].decode(header[1])  # each word is whole characters


@settings(max_examples=300)
@given(words_of_people)
def test_a_subject_is_read_as_it_was_written(text: str) -> None:
    raw = a_letter(subject=text)

    assert_sound(in_line("Subject", text), "Subject")
    assert str(read(raw)["Subject"]) == expected(text)


@settings(max_examples=300)
@given(hostile)
def test_a_hostile_subject_is_refused_or_read_as_it_was_written(text: str) -> None:
    try:
        one_line(text)
    except NotOneLine:
        return

    folded = in_line("Subject", text)

    assert_sound(folded, "Subject")
    old = email.message_from_string(f"Subject: {folded}\r\n\r\n")
    decoded = email.header.make_header(email.header.decode_header(old["Subject"]))
    assert str(decoded) == expected(text)


@settings(max_examples=200)
@given(words_of_people.filter(lambda text: expected(text)))
def test_the_name_of_the_sender_is_read_as_it_was_written_and_its_address_stays(name: str) -> None:
    message = read(a_letter(sender_name=name))

    old = email.message_from_bytes(a_letter(sender_name=name))
    decoded = str(email.header.make_header(email.header.decode_header(old["From"])))
    assert decoded.rsplit(" <", 1) == [expected(name), "lang-nghe@example.vn>"]
    assert message["From"].addresses[0].addr_spec == "lang-nghe@example.vn"


@pytest.mark.skipif(shutil.which("perl") is None, reason="the second decoder is Perl's")
def test_another_program_reads_the_same_subjects() -> None:
    texts = [
        "Đã tiếp nhận 7K3M-9HDX",
        "Ẵ Ặ Ữ Ỡ ẫ ễ ợ đ Đ",
        "tiếp nhận đơn " * 20,
        "a" * 70 + " đ",
        '"=?utf-8?b?x?="',
        "a  b",
    ]
    folded = "\n".join(in_line("Subject", text).replace("\r\n", "\x01") for text in texts)
    program = (
        'use Encode; binmode STDOUT, ":utf8"; '
        'while (<STDIN>) { chomp; s/\\x01/\\r\\n/g; print decode("MIME-Header", $_), "\\n" }'
    )

    out = subprocess.run(["perl", "-e", program], input=folded.encode(), capture_output=True, check=True).stdout

    assert out.decode().splitlines() == [expected(text) for text in texts]


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00"])
@pytest.mark.parametrize("where", ["subject", "sender_name", "recipient", "sender"])
def test_whatever_could_end_a_line_is_refused_in_every_header(ending: str, where: str) -> None:
    value = f"a@example.vn{ending}Bcc: thief@example.vn"

    with pytest.raises((NotOneLine, BadAddress)):
        a_letter(**{where: value})


@pytest.mark.parametrize(
    "address", ["", "a", "a@", "a b@example.vn", "<a@example.vn>", "a@example.vn>", "a,b@example.vn", "á@example.vn"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        plain_address(address)


def test_a_domain_in_other_letters_becomes_its_ascii_form_by_the_newer_rules() -> None:
    assert plain_address("a@faß.de") == "a@xn--fa-hia.de"


@given(st.text(alphabet=VIETNAMESE + " .\n<>&=", max_size=400))
def test_both_bodies_are_read_as_they_were_written(text: str) -> None:
    message = read(a_letter(text=text, html=to_html(text)))

    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    assert plain.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")
    assert page.get_content().rstrip("\n") == to_html(text).rstrip("\n")


def test_a_letter_has_what_machines_need_and_the_same_bytes_each_time() -> None:
    raw = a_letter()
    message = read(raw)

    assert a_letter() == raw
    assert message["Message-ID"] == f"<{UUID(int=7)}@example.vn>"
    assert message["Date"].datetime == AT
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["To"].addresses[0].addr_spec == "anh@example.vn"
    assert message["Bcc"] is None
    assert message.get_content_type() == "multipart/alternative"
    assert not message.defects
    assert all(len(row) <= 78 for row in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
