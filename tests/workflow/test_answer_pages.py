"""The answer on the screen: the gate, texts kept ready, photos, promises and wishes to look again."""

import io
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from PIL import Image

from services.workflow import actions, store
from services.workflow.domain.checks import Reply
from shared.settings import Settings
from tests.support import NOON
from tests.workflow.builders import ANSWER, HEAD, LAWYER, OFFICER, STRANGER, Office
from tests.workflow.conftest import Visit

HOME = {"Origin": "http://localhost"}


@pytest.fixture
def case_id(office: Office) -> UUID:
    """A case in the hands of the officer."""
    made = office.file()
    office.act(actions.take, OFFICER, made)
    return made


def send(client: FlaskClient, office: Office, case_id: UUID, step: str, **form: Any) -> Any:
    version = str(office.case(case_id).version)
    return client.post(f"/desk/cases/{case_id}/{step}", data={"version": version} | form, headers=HOME)


def a_picture() -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SECRET CAMERA"
    Image.new("RGB", (300, 200), "grey").save(out, "JPEG", exif=exif.tobytes())
    return io.BytesIO(out.getvalue()), "../../etc/a photo.jpg"


def answered(office: Office, case_id: UUID, **given: Any) -> None:
    usual: dict[str, Any] = {"text": ANSWER, "outcome": "done"}
    office.act(actions.submit_draft, OFFICER, case_id, **usual | given)
    office.act(actions.approve, HEAD, case_id)
    office.act(actions.answer, OFFICER, case_id)


def test_a_draft_that_does_not_pass_comes_back_with_what_was_typed_and_why(
    office: Office, visit: Visit, case_id: UUID
) -> None:
    refused = send(visit(OFFICER), office, case_id, "draft", text=ANSWER + " Gọi 0905 123 456.", outcome="done")

    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Gọi 0905 123 456." in page
    assert "<mark" in page
    assert "Chưa trả lời câu 1" in page
    assert "Lĩnh vực này cần ảnh" in page
    assert 'name="in_spite"' in page
    assert office.case(case_id).stage == "in_progress"


def test_the_approver_reads_what_is_not_answered_and_why_it_goes_on_in_spite(
    office: Office, visit: Visit, case_id: UUID
) -> None:
    sent = send(
        visit(OFFICER),
        office,
        case_id,
        "draft",
        text=ANSWER,
        outcome="done",
        unanswered_1="Phần cống do đơn vị khác làm",
        in_spite="Ảnh chưa chụp được vì trời mưa",
    )

    page = visit(HEAD).get(f"/desk/cases/{case_id}").get_data(as_text=True)
    assert sent.status_code == 303
    assert "chưa trả lời: Phần cống do đơn vị khác làm" in page
    assert "Ảnh chưa chụp được vì trời mưa" in page
    assert "bắt buộc" in page


def test_a_photo_goes_with_the_form_is_shown_to_who_may_see_the_case_and_is_no_longer_what_it_was(
    office: Office, visit: Visit, case_id: UUID
) -> None:
    officer = visit(OFFICER)
    sent = send(
        officer, office, case_id, "draft", text=ANSWER, outcome="done", answered_1="yes", evidence=[a_picture()]
    )

    with office.database.reading() as look:
        (file,) = store.answer_files_of(look, case_id)
    shown = visit(HEAD).get(f"/desk/answer-files/{file.id}")
    assert sent.status_code == 303
    assert shown.content_type == "image/jpeg"
    assert b"SECRET" not in shown.data
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert visit(STRANGER).get(f"/desk/answer-files/{file.id}").status_code == 404
    assert visit(LAWYER).get(f"/desk/answer-files/{uuid4()}").status_code == 404


def test_a_photo_outlives_a_draft_that_was_refused_and_can_be_taken_away(
    office: Office, visit: Visit, settings: Settings, case_id: UUID
) -> None:
    officer = visit(OFFICER)
    refused = send(officer, office, case_id, "draft", text=ANSWER, outcome="done", evidence=[a_picture()])
    with office.database.reading() as look:
        (file,) = store.answer_files_of(look, case_id)

    removed = officer.post(f"/desk/answer-files/{file.id}/remove", headers=HOME)

    assert (refused.status_code, removed.status_code) == (422, 303)
    with office.database.reading() as look:
        assert store.answer_files_of(look, case_id) == []
    assert not (settings.files_dir / str(file.id)[:2] / str(file.id)).exists()


def test_what_is_no_photo_is_refused_and_nothing_of_it_is_kept(
    office: Office, visit: Visit, settings: Settings, case_id: UUID
) -> None:
    answer = send(
        visit(OFFICER), office, case_id, "save_draft", text="Nháp", evidence=[a_picture(), (io.BytesIO(b"MZ"), "a.exe")]
    )

    assert answer.status_code == 422
    assert "Không phải ảnh JPG" in answer.get_data(as_text=True)
    assert not list(settings.files_dir.glob("*/*")) if settings.files_dir.exists() else True


def test_a_text_kept_ready_is_found_and_stands_in_the_form_with_what_is_known(
    office: Office, visit: Visit, case_id: UUID
) -> None:
    officer = visit(OFFICER)

    found = officer.get(f"/desk/cases/{case_id}?q=da va mat duong").get_data(as_text=True)
    picked = officer.get(f"/desk/cases/{case_id}?text=pothole-repaired").get_data(as_text=True)

    assert "Đã vá mặt đường" in found
    assert "Đã sửa đèn tín hiệu" not in found
    box = re.search(r'<textarea[^>]*name="text"[^>]*>(.*?)</textarea>', picked, re.DOTALL)
    assert box is not None
    assert "120 Điện Biên Phủ" in box[1]
    assert "{done_on}" in box[1]
    assert "Chưa lưu" in picked


def test_an_unknown_text_is_passed_over(office: Office, visit: Visit, case_id: UUID) -> None:
    page = visit(OFFICER).get(f"/desk/cases/{case_id}?text=../../etc/passwd")

    assert page.status_code == 200
    assert "Chưa lưu" not in page.get_data(as_text=True)


def test_a_head_reopens_on_the_screen_what_a_citizen_asked_for(office: Office, visit: Visit, case_id: UUID) -> None:
    answered(office, case_id, replies={1: Reply(is_answered=True)})
    office.ask_again(case_id)
    head = visit(HEAD)

    waiting = head.get("/desk/promises").get_data(as_text=True)
    page = head.get(f"/desk/cases/{case_id}").get_data(as_text=True)
    sent = send(head, office, case_id, "reopen")
    after = visit(OFFICER).get(f"/desk/cases/{case_id}").get_data(as_text=True)

    assert str(case_id) in waiting
    assert "Mưa một đêm là bong hết" in page
    assert sent.status_code == 303
    assert office.case(case_id).stage == "in_progress"
    assert 'name="apology"' in after
    assert ANSWER in after  # the answer before
    assert 'name="answered_1" value="yes">' in after  # a new round begins with nothing ticked


def test_while_a_citizen_waits_to_hear_nobody_is_led_to_close(office: Office, visit: Visit, case_id: UUID) -> None:
    answered(office, case_id)
    before = visit(HEAD).get(f"/desk/cases/{case_id}").get_data(as_text=True)
    office.ask_again(case_id)

    after = visit(HEAD).get(f"/desk/cases/{case_id}").get_data(as_text=True)

    assert "Đóng hồ sơ…" in before
    assert "Đóng hồ sơ…" not in after
    assert "quyết định có mở lại hay không" in after
    assert "Xem để quyết định mở lại" in after


def test_the_page_names_no_alarm_whose_term_has_been_met(office: Office, visit: Visit) -> None:
    case_id = office.file()
    before = visit(HEAD).get(f"/desk/cases/{case_id}").get_data(as_text=True)
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)

    after = visit(OFFICER).get(f"/desk/cases/{case_id}").get_data(as_text=True)

    assert "Quá hạn phân công" in before
    assert "Quá hạn phân công" not in after
    assert "Nhắc: đã dùng 50% thời gian" in after


def test_a_refusal_without_a_reason_keeps_the_page(office: Office, visit: Visit, case_id: UUID) -> None:
    answered(office, case_id)
    office.ask_again(case_id)

    assert send(visit(HEAD), office, case_id, "refuse_reopening", reason="Không").status_code == 422
    assert send(visit(OFFICER), office, case_id, "reopen").status_code == 403


def test_a_promise_is_kept_or_moved_on_the_screen(office: Office, visit: Visit, case_id: UUID) -> None:
    answered(office, case_id, outcome="scheduled", promised_on=office.rules.calendar.add_working_days(NOON.date(), 9))
    with office.database.reading() as look:
        (promise,) = store.promises_of(look, case_id)
    form = {"promise": str(promise.id)}

    bad = send(visit(HEAD), office, case_id, "move_promise", **form, moved_to="hôm nào", reason="Mưa lũ kéo dài")
    moved = send(visit(HEAD), office, case_id, "move_promise", **form, moved_to="17/12/2026", reason="Mưa lũ kéo dài")
    with office.database.reading() as look:
        later = store.promises_of(look, case_id)[-1]
    kept = send(
        visit(OFFICER),
        office,
        case_id,
        "keep_promise",
        promise=str(later.id),
        done_words="Đã vá xong sáng ngày 09/12/2026",
        evidence=[a_picture()],
    )

    assert [answer.status_code for answer in (bad, moved, kept)] == [422, 303, 303]
    assert "Đã làm điều đã hẹn" in visit(OFFICER).get(f"/desk/cases/{case_id}").get_data(as_text=True)
    assert send(visit(OFFICER), office, case_id, "keep_promise", promise="x").status_code == 422


def test_the_list_of_what_waits_shows_nobody_anothers_cases(office: Office, visit: Visit, case_id: UUID) -> None:
    answered(office, case_id, outcome="scheduled", promised_on=office.rules.calendar.add_working_days(NOON.date(), 9))
    office.ask_again(case_id)

    assert str(case_id) in visit(OFFICER).get("/desk/promises").get_data(as_text=True)
    assert str(case_id) not in visit(STRANGER).get("/desk/promises").get_data(as_text=True)
