"""The pages of the public register, as officers and heads use them."""

import io

from services.workflow import store
from tests.intake.builders import a_photo_with_position
from tests.workflow.builders import HEAD, OFFICE, OFFICER, STRANGER, Office
from tests.workflow.conftest import Visit
from tests.workflow.test_pages import HOME
from tests.workflow.test_publications import posted, prepared

WANTED = {
    "title": "Phân luồng cầu Trường Tiền",
    "text": "Từ 05 giờ ngày 01/12/2026, cầu Trường Tiền cấm ô tô để sửa mặt cầu.",
    "kind": "traffic",
    "unit": "KCHT",
    "starts_on": "01/12/2026",
    "ends_on": "31/12/2026",
    "channels": ["board"],
    "campaign": "",
}


def test_s10a_an_officer_writes_and_the_head_posts(office: Office, visit: Visit) -> None:
    officer, head = visit(OFFICER), visit(HEAD)

    sent = officer.post("/desk/publications/new", data=WANTED, headers=HOME)
    by_who_wrote = officer.post(f"{sent.location}/post", data={"version": "1"}, headers=HOME)
    by_head = head.post(f"{sent.location}/post", data={"version": "1"}, headers=HOME)
    again = head.post(f"{sent.location}/post", data={"version": "1"}, headers=HOME)
    page = head.get(sent.location).text

    assert [answer.status_code for answer in (sent, by_who_wrote, by_head, again)] == [303, 403, 303, 409]
    assert "/cong-khai/2026-01" in page
    assert "Bản in để niêm yết" in page
    assert "Còn thiếu:" in page


def test_what_was_typed_comes_back_with_what_is_wrong(office: Office, visit: Visit) -> None:
    answer = visit(OFFICER).post("/desk/publications/new", data=WANTED | {"ends_on": "01/11/2026"}, headers=HOME)

    assert answer.status_code == 422
    assert "Ngày cuối phải bằng hoặc sau ngày bắt đầu" in answer.text
    assert WANTED["text"] in answer.text
    assert 'value="board" checked' in answer.text


def test_a_change_is_written_over_what_waits(office: Office, visit: Visit) -> None:
    new = prepared(office)
    there = f"/desk/publications/{new.id}"

    assert new.title in visit(HEAD).get(f"{there}/change").text
    changed = visit(HEAD).post(f"{there}/change", data=WANTED, headers=HOME)
    seen_before = visit(OFFICE).post(f"{there}/post", data={"version": "1"}, headers=HOME)
    posted_then = visit(OFFICE).post(f"{there}/post", data={"version": "2"}, headers=HOME)

    assert (changed.status_code, seen_before.status_code, posted_then.status_code) == (303, 409, 303)
    assert visit(HEAD).get(f"{there}/change").status_code == 409


def test_s10a_a_photo_is_drawn_anew_before_it_is_kept(office: Office, visit: Visit) -> None:
    new, officer = posted(office), visit(OFFICER)
    proof = {"channel": "board", "place": "Bảng tin trước một cửa", "seen_on": "23/11/2026", "note": ""}
    photo = a_photo_with_position()

    sent = officer.post(
        f"/desk/publications/{new.id}/proofs",
        data=proof | {"photo": (io.BytesIO(photo), "anh.jpg")},
        content_type="multipart/form-data",
        headers=HOME,
    )
    with office.database.reading() as look:
        (kept,) = store.proofs_of(look, [new.id])[new.id]
    shown = officer.get(f"/desk/publication-files/{kept.id}")

    assert sent.status_code == 303
    assert shown.content_type == "image/jpeg"
    assert b"SECRETPHONE" not in shown.data
    assert "Bảng tin trước một cửa" in visit(STRANGER).get(f"/desk/publications/{new.id}").text


def test_a_proof_that_shows_nothing_keeps_what_was_typed(office: Office, visit: Visit) -> None:
    new = posted(office)
    there = f"/desk/publications/{new.id}/proofs"
    typed = {"channel": "loudspeaker", "place": "Phường Thuận Hóa", "seen_on": "23/11/2026", "note": "nghe"}

    refused = visit(OFFICER).post(there, data=typed, headers=HOME)
    no_picture = visit(OFFICER).post(
        there,
        data=typed | {"photo": (io.BytesIO(b"no picture"), "anh.jpg")},
        content_type="multipart/form-data",
        headers=HOME,
    )

    assert (refused.status_code, no_picture.status_code) == (422, 422)
    assert "Phường Thuận Hóa" in refused.text
    assert "ít nhất 10 ký tự" in refused.text
    assert "Không phải ảnh" in no_picture.text


def test_s10a_a_head_takes_it_down_with_a_reason(office: Office, visit: Visit) -> None:
    new, head = posted(office), visit(HEAD)
    there = f"/desk/publications/{new.id}"

    without = head.post(f"{there}/withdraw", data={"words": "Sai ngày"}, headers=HOME)
    by_officer = visit(OFFICER).post(f"{there}/withdraw", data={"reason": "wrong"}, headers=HOME)
    done = head.post(f"{there}/withdraw", data={"reason": "wrong", "words": "Sai ngày"}, headers=HOME)

    assert (without.status_code, by_officer.status_code, done.status_code) == (422, 403, 303)
    assert "Hãy chọn lý do" in without.text
    assert "Nội dung có sai sót" in head.get(there).text
    assert new.title in head.get("/desk/publications?list=over").text


def test_what_waits_for_another_unit_is_not_found(office: Office, visit: Visit) -> None:
    new = prepared(office)

    assert visit(STRANGER).get(f"/desk/publications/{new.id}").status_code == 404
    assert new.title not in visit(STRANGER).get("/desk/publications?list=waiting").text
    assert new.title in visit(OFFICE).get("/desk/publications?list=waiting").text
