"""Complaints and denunciations by five short pages, as a browser without JavaScript sees them."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, ByteStringObject, DictionaryObject, NameObject, NumberObject

from services.intake import store
from services.intake.domain.secret import hashed
from services.intake.door import UPLOADS_LIVE, Door
from services.intake.draft import Draft, DraftKey
from services.intake.store import Filed
from shared.clock import MovableClock
from shared.keys import KeyRing
from shared.outbox import outbox
from shared.pdf import has_signature
from tests.intake.builders import a_pdf, a_picture, typed
from tests.intake.by_steps import COMPLAINT, DENUNCIATION, by_steps, choose, sign, step, walk
from tests.intake.test_web import fill, send

KINDS = ("complaint", "denunciation")


def a_signed_pdf() -> bytes:
    """A PDF with a place that says it was signed; by whom nobody knows."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(a_pdf())))
    signature = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Sig"),
            NameObject("/ByteRange"): ArrayObject(map(NumberObject, (0, 10, 20, 30))),
            NameObject("/Contents"): ByteStringObject(b"\x00" * 8),
        }
    )
    field = DictionaryObject({NameObject("/FT"): NameObject("/Sig"), NameObject("/V"): signature})
    form = DictionaryObject({NameObject("/Fields"): ArrayObject([field]), NameObject("/SigFlags"): NumberObject(3)})
    writer.root_object[NameObject("/AcroForm")] = form
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def filed_as(door: Door, answer: Any) -> tuple[Filed, dict[str, str]]:
    """The petition of this receipt, with its answers."""
    token = str(answer.headers["Location"]).rsplit("/", 1)[1]
    with door.database.reading() as look:
        found = store.petition_by_token(look, hashed(token))
        assert found
        return found, {one["code"]: one["value"] for one in store.words_of(look, found.id).answers or ()}


@pytest.mark.parametrize("kind", KINDS)
def test_the_one_page_form_leads_to_the_steps_with_what_was_typed(client: FlaskClient, kind: str) -> None:
    page = client.get("/gui").text
    went = client.post("/gui", data=typed(text="Điều tôi đã gõ trước khi chọn", do=kind))

    assert f'name="do" value="{kind}"' in page
    assert went.headers["Location"] == "/gui/buoc/1"
    assert "Bước 1 trên 5" in client.get("/gui/buoc/1").text
    step(client, 1, kind=kind, **({1: COMPLAINT, 2: DENUNCIATION}[KINDS.index(kind) + 1])[1])
    assert "Điều tôi đã gõ trước khi chọn" in client.get("/gui/buoc/2").text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["button", "form", "older link", "older bookmark"])
def test_no_address_after_the_choice_names_its_kind(client: FlaskClient, kind: str, way: str) -> None:
    paths = {"form": "/gui", "older link": f"/gui?loai={kind}", "older bookmark": f"/gui/buoc/1?loai={kind}"}
    client.post("/gui", data=typed(text="Điều tôi đã gõ trước khi chọn"))

    if way == "button":
        went = choose(client, kind)
    elif way == "form":
        went = client.post("/gui", data=typed(text="Điều tôi đã gõ trước khi chọn", do=kind))
    else:
        assert f'name="kind" value="{kind}">Bắt đầu</button>' in client.get(paths[way], follow_redirects=True).text
        went = choose(client, kind)

    assert went.headers["Location"] == "/gui/buoc/1"
    page = client.get("/gui/buoc/1").text
    assert f'name="kind" value="{kind}"' in page
    step(client, 1, kind=kind, **{"complaint": COMPLAINT, "denunciation": DENUNCIATION}[kind][1])
    assert "Điều tôi đã gõ trước khi chọn" in client.get("/gui/buoc/2").text


@pytest.mark.parametrize("kind", KINDS)
def test_opening_a_link_neither_makes_a_draft_nor_changes_one(client: FlaskClient, door: Door, kind: str) -> None:
    for _ in range(3):
        assert client.get(f"/gui?loai={kind}&linh-vuc={'a' * 3000}").status_code == 200
    with door.database.reading() as look:
        assert look.connection.execute(store.draft.select()).all() == []
    fill(client)

    client.get(f"/gui?loai={kind}&linh-vuc=C03&tu=2026-01", follow_redirects=True)

    assert send(client).headers["Location"].startswith("/bien-nhan/")


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_to_what_was_begun_goes_on_with_it(client: FlaskClient, kind: str) -> None:
    choose(client, kind)

    for link in ("/gui", f"/gui?loai={kind}", f"/gui/buoc/1?loai={kind}"):
        assert "Bước 1 trên 5" in client.get(link, follow_redirects=True).text


def test_what_needs_no_steps_and_what_is_nothing_leads_to_the_form(client: FlaskClient) -> None:
    for kind in ("proposal", "no such kind", ""):
        assert client.get(choose(client, kind).headers["Location"]).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_of_ours_leads_to_the_steps_by_an_address_that_names_them(client: FlaskClient, kind: str) -> None:
    token = by_steps(client, kind=kind)

    for page in ("/", "/gui", "/huong-dan", "/ngoai-mang", "/theo-doi", f"/bien-nhan/{token}", f"/t/{token}"):
        assert f"loai={kind}" not in client.get(page).text


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_what_was_typed_on_a_step_stays_when_the_draft_is_gone(
    client: FlaskClient, clock: MovableClock, number: int
) -> None:
    walk(client, "complaint")
    clock.move_to(clock.now() + UPLOADS_LIVE + timedelta(minutes=1))
    photo = [(a_picture(), "anh.jpg")] if number == 3 else []
    page_of = COMPLAINT[number]

    answer = step(client, number, *photo, kind="complaint", **page_of)

    assert answer.status_code == 410
    assert "những gì bạn gõ ở trang này còn đây" in answer.text
    for said in page_of.values():
        assert said in answer.text
    assert ("1 tệp" in answer.text or "anh.jpg" in answer.text) is (number == 3)
    went = step(client, number, kind="complaint", **page_of)  # the same button again
    assert went.status_code == 303
    walk(client, "complaint")
    assert sign(client).status_code == 303


def test_without_cookies_every_step_says_so_and_loses_nothing(service: Any) -> None:
    client = service.app.test_client(use_cookies=False)

    assert choose(client, "complaint").headers["Location"] == "/gui/buoc/1"
    assert "chặn cookie" in client.get("/gui/buoc/1").text
    for _ in range(2):
        answer = step(client, 2, kind="complaint", **COMPLAINT[2])
        assert answer.status_code == 410
        assert all(said in answer.text for said in COMPLAINT[2].values())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_says_which_step_it_is_and_is_light(client: FlaskClient, kind: str, language: str) -> None:
    walk(client, kind)

    pages = [client.get(f"/gui/buoc/{number}?lang={language}") for number in (1, 2, 3, 4)]
    pages.append(client.get(f"/gui/buoc/ky?lang={language}"))

    for number, page in enumerate(pages, start=1):
        said = f"Bước {number} trên 5" if language == "vi" else f"Step {number} of 5"
        assert page.status_code == 200
        assert f"<title>{said}" in page.text
        assert len(page.data) < 16_000
        assert page.headers["Cache-Control"] == "no-store"
        assert kind == "complaint" or f"<title>{said} – " in page.text or number == 5  # the history shows titles too
        assert ("data-quick-exit" in page.text) is (kind == "denunciation")
        assert "data-draft=" not in page.text  # nothing is kept on the phone


def test_a_complaint_reaches_the_desk_with_what_the_law_asks(client: FlaskClient, door: Door) -> None:
    walk(client, "complaint", (a_picture(), "quyet-dinh.jpg"))

    filed, answers = filed_as(door, sign(client, (a_picture(), "don.jpg"), signature="scanned"))

    assert (filed.kind, filed.signature_status) == ("complaint", "scanned")
    assert answers["decision_number"] == "45/QĐ-SXD"
    assert answers["knew_on"] == "02/11/2026"
    assert answers["asks"] == "Huỷ quyết định số 45."
    assert answers["signed_letter"] == "Tệp 2"
    with door.database.reading() as look:
        assert [one.type for one in look.connection.execute(outbox.select())] == ["petition.filed.v1"]
        assert len(store.attachments_of(look, filed.id)) == 2


def test_pressed_twice_it_files_once(client: FlaskClient, door: Door) -> None:
    walk(client, "complaint")
    first = sign(client).headers["Location"]

    again = client.post("/gui/buoc/ky", data={"seen": "x", "signature": "post", "do": "send"})

    assert again.headers["Location"] == client.get("/gui/buoc/ky").headers["Location"] == first


def test_a_wrong_page_is_said_first_and_keeps_what_was_typed(client: FlaskClient) -> None:
    choose(client, "complaint")

    answer = step(client, 1, kind="complaint", a_target="decision", a_knew_on="31/02/2026", a_decided_by="")

    assert answer.status_code == 422
    assert "<title>Lỗi: " in answer.text
    assert "Hãy trả lời: Ai ra quyết định, hoặc ai đã làm?" in answer.text
    assert 'value="31/02/2026"' in answer.text
    assert client.get("/gui/buoc/3").headers["Location"] == "/gui/buoc/1"
    assert 'value="31/02/2026"' in client.get("/gui/buoc/1").text


def test_back_never_loses_even_what_is_wrong(client: FlaskClient) -> None:
    choose(client, "complaint")
    step(client, 1, kind="complaint", **COMPLAINT[1])

    back = step(client, 2, kind="complaint", text="ngắn", a_asks="", do="back")

    assert back.headers["Location"] == "/gui/buoc/1"
    assert "45/QĐ-SXD" in client.get("/gui/buoc/1").text
    assert "ngắn" in client.get("/gui/buoc/2").text


def test_out_of_time_is_said_with_the_term_of_the_law_and_refuses_nothing(client: FlaskClient, door: Door) -> None:
    choose(client, "complaint")
    late = COMPLAINT[1] | {"a_knew_on": "20/08/2026"}

    went = step(client, 1, kind="complaint", **late)

    assert went.status_code == 303
    for page in ("/gui/buoc/1", "/gui/buoc/2"):
        said = client.get(page).text
        assert "Có thể đã quá thời hiệu." in said
        assert "90 ngày" in said
        assert "18/11/2026" in said
        assert "Luật Khiếu nại 2011 Đ9" in said
    walk(client, "complaint", a_knew_on="20/08/2026")
    assert sign(client).status_code == 303
    walk(client, "complaint")
    assert "quá thời hiệu" not in client.get("/gui/buoc/ky").text


@pytest.mark.parametrize("day", ["31/12/9999", "01/01/0001", "24/11/2026"])
def test_a_day_that_cannot_be_is_said_and_the_page_opens_again(client: FlaskClient, day: str) -> None:
    choose(client, "complaint")

    answer = step(client, 1, kind="complaint", **COMPLAINT[1] | {"a_knew_on": day})

    assert answer.status_code == 422
    assert f'value="{day}"' in client.get("/gui/buoc/1").text


def test_a_letter_in_which_a_trap_is_filled_is_doubted_like_any_petition(client: FlaskClient, door: Door) -> None:
    walk(client, "complaint")

    answer = sign(client, website="http://shop.example")

    assert filed_as(door, answer)[0].is_doubted


def test_two_presses_with_different_files_file_one_letter(client: FlaskClient, door: Door) -> None:
    walk(client, "complaint")
    first = sign(client)
    held = client.get_cookie("draft")
    assert held is not None
    again = DraftKey.read(held.value)
    assert again is not None
    with door.database.writing() as tx:  # the second press saved its draft after the first had dropped it
        typed = {name: words for page in COMPLAINT.values() for name, words in page.items()}
        other = typed | {"kind": "complaint", "signature": "post", "text": f"{typed['text']} Thêm."}
        store.save_draft(tx, again.id, Draft(other).lock(again.key))

    answer = sign(client)

    assert answer.headers["Location"] == first.headers["Location"]
    with door.database.reading() as look:
        assert store.draft_of(look, again.id, oldest=UPLOADS_LIVE) is None


@pytest.mark.parametrize(
    ("signature", "letters", "says"),
    [
        ("", (), "Hãy chọn bạn ký đơn thế nào"),
        ("unsigned", (), "Hãy chọn chữ ký như đơn đang có"),
        ("scanned", (), "Hãy chọn ảnh chụp hoặc tệp của đơn đã ký"),
        ("digital", ((a_pdf(), "don.pdf"),), "Không thấy chữ ký số trong tệp PDF này"),
        ("scanned", ((b"MZ", "xau.exe"),), "Tệp xau.exe không phải ảnh"),
    ],
)
def test_a_signature_that_is_not_there_is_asked_for(
    client: FlaskClient, signature: str, letters: Any, says: str
) -> None:
    walk(client, "complaint")

    answer = sign(client, *letters, signature=signature)

    assert answer.status_code == 422
    assert says in answer.text


def test_a_digital_signature_is_found_and_said_to_be_unverified(client: FlaskClient, door: Door) -> None:
    assert has_signature(a_signed_pdf())
    assert not has_signature(a_pdf())
    assert not has_signature(b"%PDF-1.7 nothing")
    walk(client, "complaint")

    answer = sign(client, (a_signed_pdf(), "don.pdf"), signature="digital")

    filed, answers = filed_as(door, answer)
    assert filed.signature_status == "digital"
    assert answers["signed_letter"] == "Tệp 1: PDF có chữ ký số, chưa kiểm tra chữ ký"
    assert "Ở đây chưa kiểm tra chữ ký" in client.get(answer.headers["Location"]).text


def test_the_letter_to_sign_is_made_of_what_was_typed(client: FlaskClient) -> None:
    walk(client, "complaint", name="Nguyễn Ẵm Ữ")

    page = client.get("/gui/buoc/don")

    assert page.headers["Cache-Control"] == "no-store"
    assert len(page.data) < 60_000
    for said in ("ĐƠN KHIẾU NẠI", "Độc lập - Tự do - Hạnh phúc", "Nguyễn Ẵm Ữ", "45/QĐ-SXD", "Ký hoặc điểm chỉ"):
        assert said in page.text


def test_an_unsigned_complaint_waits_with_a_day_until_the_signed_letter_comes(client: FlaskClient, door: Door) -> None:
    token = by_steps(client, kind="complaint")
    page = client.get(f"/t/{token}").text
    once = re.search(r'id="chu-ky".*?name="once" value="([^"]+)"', page, re.S)

    assert "Chờ chữ ký" in client.get(f"/bien-nhan/{token}").text
    assert "Chờ chữ ký" in page
    assert "Chậm nhất thứ Tư 02/12/2026" not in page.split("Chờ chữ ký")[0]
    assert "thứ Năm 03/12/2026 chúng tôi gửi hướng dẫn ký" in page  # seven working days, 24/11 is a holiday
    assert "ĐƠN KHIẾU NẠI" in client.get(f"/t/{token}/don").text
    assert once
    more = {"once": once[1], "letter": [(io.BytesIO(a_picture()), "don.jpg")]}
    assert client.post(f"/t/{token}/chu-ky", data=more, content_type="multipart/form-data").status_code == 303
    page = client.get(f"/t/{token}").text
    assert "Chờ chữ ký" not in page
    assert "Đã nhận đơn đã ký" in page
    again = {"letter": [(io.BytesIO(a_picture()), "don.jpg")]}
    assert client.post(f"/t/{token}/chu-ky", data=again, content_type="multipart/form-data").status_code == 409
    with door.database.reading() as look:
        told = [one.type for one in look.connection.execute(outbox.select().order_by(outbox.c.id))]
    assert told == ["petition.filed.v1", "petition.supplemented.v1"]


def test_a_signed_letter_without_a_file_is_asked_for_again(client: FlaskClient) -> None:
    token = by_steps(client, kind="complaint")

    answer = client.post(f"/t/{token}/chu-ky", data={}, follow_redirects=True)

    assert "Hãy chọn ảnh chụp hoặc tệp PDF của đơn đã ký." in answer.text


def test_a_denunciation_may_stay_unsigned_and_without_a_name(client: FlaskClient, door: Door) -> None:
    walk(client, "denunciation")

    filed, answers = filed_as(door, sign(client, signature="unsigned"))

    assert (filed.signature_status, filed.has_pin) == ("none", True)
    assert answers["accused"] == "Nhân viên quầy số 3"


def test_the_signed_letter_of_a_denouncer_is_sealed_for_the_desk(client: FlaskClient, door: Door) -> None:
    walk(client, "denunciation")

    filed, _ = filed_as(door, sign(client, (a_picture(), "don.jpg"), signature="scanned"))

    with door.database.reading() as look:
        kept = store.attachments_of(look, filed.id)
    assert len(kept) == 1
    assert not any(b"JFIF" in path.read_bytes() for path in door.settings.files_dir.rglob("*") if path.is_file())
    assert KeyRing.load(door.settings.keys_dir, "workflow")


def test_nothing_typed_by_steps_can_be_read_on_the_server(client: FlaskClient, door: Door) -> None:
    step(client, 1, kind="denunciation", **DENUNCIATION[1])

    with door.database.reading() as look:
        rows = look.connection.execute(store.draft.select()).all()
    assert len(rows) == 1
    assert "quầy số 3".encode() not in bytes(rows[0].locked)


def test_the_addresses_of_the_steps_name_no_kind(client: FlaskClient) -> None:
    went = fill(client, kind="denunciation")

    assert went.headers["Location"] == "/gui/buoc/1"
    assert client.get("/kiem-tra").headers["Location"] == "/gui/buoc/ky"
    assert client.get("/gui/buoc/9").status_code == 404


def test_programs_send_a_signed_complaint_and_a_digital_signature_is_looked_for(client: FlaskClient) -> None:
    body = {"kind": "complaint", "text": "Tôi khiếu nại quyết định 45.", "name": "An", "address": "12 Lê Lợi"}

    def post(data: bytes, **more: str) -> int:
        form = {**body, **more, "files": [(io.BytesIO(data), "don.pdf")]}
        return client.post("/api/v1/petitions", data=form, content_type="multipart/form-data").status_code

    assert post(a_signed_pdf(), signature="digital") == 201
    assert post(a_pdf(), signature="digital") == 422
    assert post(a_pdf(), signature="scanned", answers='{"knew_on": "02/11/2026"}') == 201
    assert client.post("/api/v1/petitions", json=body | {"signature": "scanned"}).status_code == 422
