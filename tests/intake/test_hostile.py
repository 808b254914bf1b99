"""Hostile inputs: each is refused by name or safely accepted, nothing breaks, and what was typed stays."""

import io
import json
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient

from services.intake import store
from services.intake.domain.secret import hashed
from services.intake.door import Door
from tests.intake.builders import a_pdf, a_picture, typed
from tests.intake.test_web import code_of, filed, fill

Ask = Callable[[FlaskClient], Any]
TAKEN, MEND = 303, 422
API = "/api/v1/petitions"
FORM = "application/x-www-form-urlencoded"
WORDS = "Trước cổng trường có ổ gà sâu khoảng 20 cm."
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
POLYGLOT = a_picture() + b"<html><script>alert(document.domain)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


def png_bomb() -> bytes:
    """A picture of a few hundred bytes that says it has 2.5 thousand million points."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.jpg", b"\0" * 20_000_000)
    return out.getvalue()


def running_pdf() -> bytes:
    return a_pdf("JavaScript")


def form(**more: str) -> Ask:
    return lambda client: fill(client, **more)


def upload(data: bytes, name: str, *, times: int = 1) -> Ask:
    return lambda client: fill(client, *[(data, name)] * times)


def raw(body: bytes, kind: str, *, path: str = "/gui", **more: Any) -> Ask:
    return lambda client: client.post(path, data=body, content_type=kind, **more)


def encoded(more: bytes) -> Ask:
    """The form as a browser encodes it, with bytes of one's own."""
    return raw(urlencode(typed()).encode() + more, FORM)


def headers(**more: str) -> Ask:
    return lambda client: client.post("/gui", data=typed(), headers={k.replace("_", "-"): v for k, v in more.items()})


def program(body: Any, **more: str) -> Ask:
    text = body if isinstance(body, str) else json.dumps(body)
    return lambda client: client.post(API, data=text, content_type="application/json", headers=more)


def method(name: str, path: str = "/gui") -> Ask:
    return lambda client: client.open(path, method=name)


def get(path: str, **more: str) -> Ask:
    return lambda client: client.get(path, headers={k.replace("_", "-"): v for k, v in more.items()})


def with_cookie(value: str) -> Ask:
    def ask(client: FlaskClient) -> Any:
        client.set_cookie("draft", value)
        return client.post("/gui", data=typed())

    return ask


def parts(count: int) -> Ask:
    return raw(urlencode([("text", WORDS)] * count).encode(), FORM)


def broken(body: bytes) -> Ask:
    return raw(body, "multipart/form-data; boundary=x")


PART = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + WORDS.encode()

HOSTILE: dict[str, tuple[Ask, set[int]]] = {
    # size
    "a body of sixty megabytes is refused before it is read": (
        lambda client: client.post(
            "/gui", data=b"x", content_type=FORM, environ_overrides={"CONTENT_LENGTH": "60000000"}
        ),
        {413},
    ),
    "a field of a megabyte": (form(name="x" * 1_000_000), {413, MEND}),
    "words beyond their limit": (form(text="ă" * 5001), {MEND}),
    "a place beyond its limit": (form(place="x" * 301), {MEND}),
    "five thousand fields": (parts(5000), {TAKEN, 413, MEND}),
    "a picture of eleven megabytes": (upload(a_picture() + b"\0" * (11 * 2**20), "a.jpg"), {MEND, 413}),
    "nine pictures": (upload(a_picture(), "a.jpg", times=9), {MEND}),
    "a body of an API that is too large": (
        lambda client: client.post(
            API, data=b"{", content_type="application/json", environ_overrides={"CONTENT_LENGTH": "60000000"}
        ),
        {413},
    ),
    # files that are something else
    "an empty file": (upload(b"", "a.jpg"), {MEND}),
    "a page behind a picture comes out as a picture": (upload(POLYGLOT, "a.jpg"), {TAKEN}),
    "a picture that moves, under another name": (upload(a_picture("GIF"), "a.jpg"), {MEND}),
    "a drawing that runs": (upload(SVG, "a.jpg"), {MEND}),
    "a drawing that says so": (upload(SVG, "a.svg"), {MEND}),
    "a picture larger than any screen": (upload(png_bomb(), "a.png"), {MEND}),
    "an archive that swells": (upload(zip_bomb(), "a.jpg"), {MEND}),
    "a document that runs": (upload(running_pdf(), "don.pdf"), {MEND}),
    "a page that says it is a document": (upload(b"%PDF-1.7\n<html><script>1</script>", "don.pdf"), {MEND}),
    "half a picture": (upload(a_picture(size=(800, 600))[:900], "a.jpg"), {MEND}),
    "a program": (upload(b"MZ\x90\x00" + b"\0" * 200, "a.exe"), {MEND}),
    "a file whose name leads elsewhere": (upload(a_picture(), "../../../etc/passwd"), {TAKEN}),
    "a file whose name is a page": (upload(a_picture(), SCRIPT + ".jpg"), {TAKEN}),
    "a file whose name holds a line break": (upload(a_picture(), "a\r\nSet-Cookie: x=1.jpg"), {TAKEN, 400, MEND}),
    # letters that are not what they seem
    "writing that turns round": (form(text=f"{WORDS} \u202egpj.exe"), {MEND}),
    "letters without width": (form(text=f"{WORDS} a\u200bb\ufeff"), {TAKEN, MEND}),
    "a foreign letter that looks like Đ": (form(text="Ðường hỏng nặng quá đi mất", name="Ðặng Văn A"), {TAKEN}),
    "letters taken apart": (form(text=unicodedata.normalize("NFD", WORDS)), {TAKEN}),
    "half of an emoji": (encoded(b"&place=" + b"%ED%A0%80"), {TAKEN, MEND}),
    "ten thousand marks on one letter": (form(text=WORDS + "a" + "\u0301" * 10_000), {MEND}),
    "an end of text in its midst": (form(text=f"{WORDS}\0 và nữa"), {MEND}),
    "bells and escapes": (form(text=f"{WORDS} \x1b[2J\x07"), {MEND}),
    "letters written too long": (encoded(b"&place=%C0%AF%C0%AE"), {TAKEN, MEND}),
    "percent signs without numbers": (encoded(b"&place=%zz%1&%%%=%"), {TAKEN, MEND}),
    # one line that wants to be two
    "a name with a header behind it": (form(name="Anh\r\nBcc: victim@example.vn"), {MEND}),
    "an e-mail address with a header behind it": (form(email="a@example.vn\r\nBcc: victim@example.vn"), {MEND}),
    "two e-mail addresses": (form(email="a@example.vn, victim@example.vn"), {MEND}),
    "a telephone number with a line break": (form(phone="0905123456\n0905999999"), {MEND}),
    "a place with a line break": (form(place="Cổng trường\r\nX: y"), {MEND}),
    "an address with a line separator": (form(address="Huế\u2028X: y"), {MEND}),
    # words that want to be commands
    "a script in the words": (form(text=SCRIPT, place=SCRIPT, name=SCRIPT), {TAKEN, MEND}),
    "a command for the database": (form(text="'; DROP TABLE petition; -- OR 1=1", name="Robert'); --"), {TAKEN}),
    "a path in every field": (
        form(text="../../../../etc/passwd %00", place="..\\..\\windows", name="/dev/null"),
        {TAKEN},
    ),
    "a template in the words": (form(text="{{ 7*7 }} ${7*7} {% include 'x' %}", name="{{config}}"), {TAKEN}),
    "a formula in the words": (form(text='=HYPERLINK("http://x";"bấm vào đây")', name="=1+1"), {TAKEN}),
    # choices that were not offered
    "a kind that nobody offered": (form(kind="spam"), {MEND}),
    "a topic that there is not": (form(topic="' OR ''='"), {MEND}),
    "a ward that there is not": (form(ward="../hanoi"), {MEND}),
    "a kind chosen twice": (encoded(b"&kind=spam&kind=denunciation"), {TAKEN}),
    "marks that only we set": (encoded(b"&_proven=y&_opened=1&is_doubted=&doubts="), {TAKEN}),
    # numbers that are none
    "no number as a position": (form(lat="nan", lng="nan"), {MEND}),
    "a position without end": (form(lat="inf", lng="-inf"), {MEND}),
    "a position beyond all numbers": (form(lat="1e999", lng="1" * 400), {MEND}),
    "a position on another star": (form(lat="16.46", lng="1e10"), {MEND}),
    "half a position": (form(lat="16.46"), {MEND}),
    # a body that is something else
    "plain text instead of a form": (raw(WORDS.encode(), "text/plain"), {MEND}),
    "an object instead of a form": (raw(json.dumps(typed()).encode(), "application/json"), {MEND}),
    "a form without its border": (raw(PART, "multipart/form-data"), {400, MEND}),
    "a form that ends in the middle": (broken(PART), {400, MEND, TAKEN}),
    "a form of nothing but borders": (broken(b"--x\r\n" * 500 + b"--x--"), {400, MEND, 413}),
    "a part without a name": (broken(b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--\r\n"), {400, MEND}),
    "a part without a name for programs": (
        raw(
            b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--\r\n", "multipart/form-data; boundary=x", path=API
        ),
        {MEND},
    ),
    "a kind of body that is nonsense": (raw(b"x=1", "x/y; charset=klingon; boundary="), {MEND, 415}),
    "another alphabet": (raw(urlencode(typed()).encode("utf-16"), f"{FORM}; charset=utf-16"), {MEND}),
    # methods and headers
    "to be shown one's own request": (method("TRACE"), {405}),
    "to put where one may only post": (method("PUT"), {405}),
    "to delete a page": (method("DELETE", "/"), {405}),
    "a method of one's own": (method("BREW", "/theo-doi"), {405, 501}),
    "a cookie of sixty thousand letters": (headers(Cookie="draft=" + "a" * 60_000), {TAKEN}),
    "a forged key of a draft": (with_cookie("00000000-0000-0000-0000-000000000000." + "A" * 43), {TAKEN}),
    "a key of a draft that is none": (with_cookie("x.y.z%00;"), {TAKEN}),
    "a form of another page": (headers(Origin="https://evil.example"), {403}),
    "a form of no page at all": (headers(Origin="null"), {403}),
    "a form that the browser calls foreign": (headers(Sec_Fetch_Site="cross-site"), {403}),
    "an address that was made up": (headers(X_Forwarded_For="127.0.0.1, ::1, <script>"), {TAKEN}),
    "a host that was made up": (headers(X_Forwarded_Host="evil.example", X_Forwarded_Proto="gopher"), {TAKEN}),
    "a language that is a path": (get("/gui?lang=../../etc", Accept_Language="../../../*;q=nan"), {200}),
    "a number of the request that writes lines": (get("/gui", X_Request_Id="a" * 9000 + "%0d%0a"), {200}),
    "a wish for a strange form of answer": (get("/gui", Accept='*/*;q=nan, text/"', Range="bytes=-1"), {200}),
    # addresses
    "a query that wants to be a page": (get(f"/gui?loai={quote(SCRIPT)}&linh-vuc={quote(SCRIPT)}&tu='"), {200}),
    "an address with an end in it": (get("/bien-nhan/%00"), {404}),
    "an address of ten thousand letters": (get("/bien-nhan/" + "a" * 10_000), {404}),
    "an address that climbs": (get("/static/intake/..%2f..%2f..%2fetc/passwd"), {404}),
    "an address in broken letters": (get("/t/%ff%fe%C0%AF"), {404}),
    "a forged link": (get("/t/" + "a" * 26), {404}),
    "a search for nothing but marks": (get("/gui/linh-vuc?q=" + quote("\u0301" * 500)), {200}),
    # programs
    "an object as deep as the sea": (program("[" * 100_000), {400}),
    "an object in objects": (program('{"a":' * 50_000), {400}),
    "no object": (program("[1, 2]"), {400}),
    "numbers instead of words": (program({**typed(), "text": 7, "name": ["x"], "place": {"a": 1}}), {MEND}),
    "fields that there are not": (program({**typed(), "__proto__": {}, "doubts": [], "is_admin": True}), {MEND}),
    "a number that is none": (program('{"kind":"report","text":"' + WORDS + '","lat":NaN,"lng":Infinity}'), {MEND}),
    "a number beyond all": (
        program('{"kind":"report","text":"' + WORDS + '","lat":1e999,"lng":' + "9" * 5000 + "}"),
        {400, MEND},
    ),
    "half of an emoji, escaped": (program('{"kind":"report","text":"Chuyện gì đó \\ud800 đã xảy ra"}'), {MEND}),
    "a page for a program": (raw(b"<xml/>", "text/xml", path=API), {415}),
    "a key that is too short": (program(typed(), **{"Idempotency-Key": "x"}), {400}),
    "a key of another alphabet": (
        lambda client: client.post(API, json=typed(), headers={"Idempotency-Key": "é" * 20}),
        {400},
    ),
}
"""What is sent, in a sentence, and how it may be answered."""


@pytest.mark.parametrize("sentence", HOSTILE)
def test_what_is_hostile_is_refused_by_name_or_safely_taken(client: FlaskClient, sentence: str) -> None:
    ask, statuses = HOSTILE[sentence]

    answer = ask(client)

    assert answer.status_code in statuses, answer.text[:2000]
    assert "Traceback" not in answer.text
    for page in (answer.text, client.get("/gui").text, client.get("/kiem-tra").text):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    if answer.status_code == MEND and answer.mimetype == "text/html":
        assert 'class="sum"' in answer.text
        assert 'href="#' in answer.text
    if answer.status_code == MEND and answer.mimetype == "application/problem+json":
        assert all(one["detail"] for one in json.loads(answer.text)["errors"])


def test_there_are_more_than_fifty_of_them() -> None:
    assert len(HOSTILE) > 50


KEPT = {"text": f"{WORDS} Chiều nay.", "place": "Cổng trường Quốc Học", "name": "Nguyễn Thị Hồng Ánh"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "a@example.vn\r\nBcc: x@example.vn"},
        {"phone": "not a number"},
        {"lat": "nan", "lng": "1"},
        {"topic": "XX"},
        {"ward": "XX"},
        {"address": "\u202e"},
    ],
    ids=str,
)
def test_one_bad_field_costs_none_of_the_others(client: FlaskClient, wrong: dict[str, str]) -> None:
    answer = fill(client, **KEPT, **wrong)

    assert answer.status_code == MEND
    again = client.get("/gui").text
    assert all(value in answer.text and value in again for value in KEPT.values())


@pytest.mark.parametrize("data", [SVG, png_bomb(), zip_bomb(), running_pdf()], ids=["svg", "png", "zip", "pdf"])
def test_a_bad_file_costs_neither_words_nor_the_other_files(client: FlaskClient, data: bytes) -> None:
    answer = fill(client, (a_picture(), "ổ gà.jpg"), (data, "khác.jpg"), **KEPT)

    assert answer.status_code == MEND
    assert all(value in answer.text for value in KEPT.values())
    assert "ổ gà.jpg" in answer.text
    assert "khác.jpg" in answer.text


def test_of_a_page_behind_a_picture_nothing_is_kept_but_the_picture(client: FlaskClient, door: Door) -> None:
    fill(client, (POLYGLOT, "a.jpg"))
    place = re.search(r'src="(/kiem-tra/tep/[^"]+)"', client.get("/kiem-tra").text)
    assert place

    answer = client.get(place[1])

    assert answer.data.startswith(b"\xff\xd8")
    assert b"script" not in answer.data
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_letters_taken_apart_are_kept_together_and_told_so(client: FlaskClient, door: Door) -> None:
    token = filed(client, text=unicodedata.normalize("NFD", WORDS), name=unicodedata.normalize("NFD", "Ánh Ặ Ữ"))

    with door.database.reading() as tx:
        petition = store.petition_by_token(tx, hashed(token))
        assert petition
        words = store.words_of(tx, petition.id)
    assert (words.text, words.name) == (WORDS, "Ánh Ặ Ữ")


def test_the_same_key_with_other_words_is_refused_and_with_the_same_ones_answers_alike(client: FlaskClient) -> None:
    key = {"Idempotency-Key": "k" * 20}

    one, again, other = (
        client.post(API, json=typed(text=words), headers=key) for words in (WORDS, WORDS, "Một chuyện khác hẳn.")
    )

    assert (one.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert one.json == again.json


def test_a_code_that_exists_and_one_that_does_not_are_refused_alike(client: FlaskClient) -> None:
    code = code_of(client, filed(client, phone="0905 123 456"))

    answers = [client.post("/theo-doi", data={"code": one, "digits": "0000"}) for one in (code, "7K3M-9HDK")]

    assert len({answer.status_code for answer in answers}) == 1
    shapes = {re.sub(r"[0-9A-Z]{4}-?[0-9A-Z]{4}", "CODE", answer.text) for answer in answers}
    assert len(shapes) == 1


def test_guessing_a_code_s_digits_ends_after_ten_tries_also_for_codes_that_there_are_not(client: FlaskClient) -> None:
    code = code_of(client, filed(client, phone="0905 123 456"))

    for one in (code, "7K3M-9HDK"):
        statuses = [client.post("/theo-doi", data={"code": one, "digits": f"{n:04}"}).status_code for n in range(12)]
        assert statuses[-1] == 429
        assert set(statuses[:9]) == {statuses[0]}
