"""The pages of consultations, as the Office, heads and officers use them."""

import csv
import io
from typing import Any

from services.workflow import actions, store
from tests.intake.builders import a_pdf
from tests.workflow.builders import DIRECTOR, HEAD, OFFICE, OFFICER, STRANGER, Office
from tests.workflow.conftest import Visit
from tests.workflow.test_consultations import ANSWER, POINT, commented, drafted, opened, prepared
from tests.workflow.test_pages import HOME

WRITTEN = {
    "title": "Quy chế quản lý xe buýt công cộng",
    "summary": "Dự thảo sắp xếp lại 12 tuyến xe buýt và giờ chạy, từ tháng 3 năm 2027.",
    "asked": "Tuyến nào nên kéo dài, giờ nào nên thêm chuyến.",
    "draft_text": "Điều 1. Phạm vi điều chỉnh",
    "unit": "KCHT",
    "opens_on": "23/11/2026",
    "closes_on": "30/11/2026",
}


def ticks(office: Office, *cases: Any) -> list[str]:
    return [f"{case_id}:{office.case(case_id).version}" for case_id in cases]


def test_s14b_the_office_prepares_and_the_head_of_the_unit_opens(office: Office, visit: Visit) -> None:
    sent = visit(OFFICE).post("/desk/consultations/new", data=WRITTEN, headers=HOME)
    there = sent.location
    mine, theirs = visit(OFFICE).get(there).text, visit(HEAD).get(there).text
    with office.database.reading() as look:
        seen = store.all_consultations(look)[0].prepared_at.isoformat()

    by_the_office = visit(OFFICE).post(f"{there}/open", data={"seen": seen}, headers=HOME)
    by_the_head = visit(HEAD).post(f"{there}/open", data={"seen": seen}, headers=HOME)

    assert sent.status_code == 303
    assert ("Đọc kỹ phần bên dưới" in mine, "Đọc kỹ phần bên dưới" in theirs) == (False, True)
    assert (by_the_office.status_code, by_the_head.status_code) == (403, 303)
    assert "Đang lấy ý kiến" in visit(OFFICER).get("/desk/consultations").text
    assert "/gop-y/1" in visit(OFFICER).get(there).text


def test_a_refused_form_keeps_what_was_typed_and_says_how_to_mend_it(visit: Visit) -> None:
    wrong = WRITTEN | {"closes_on": "22/11/2026", "draft_text": ""}

    without_a_draft = visit(OFFICE).post("/desk/consultations/new", data=wrong, headers=HOME)
    too_early = visit(OFFICE).post("/desk/consultations/new", data=wrong | {"draft_text": "x"}, headers=HOME)

    assert (without_a_draft.status_code, too_early.status_code) == (422, 422)
    assert "Hãy chọn tệp PDF của dự thảo" in without_a_draft.text
    assert "Ngày cuối cùng trước ngày bắt đầu" in too_early.text
    assert WRITTEN["summary"] in too_early.text


def test_the_file_of_a_draft_is_a_pdf_that_can_be_read_again(office: Office, visit: Visit) -> None:
    def with_file(data: bytes, name: str) -> Any:
        form = WRITTEN | {"draft_text": "", "document": (io.BytesIO(data), name)}
        return visit(OFFICE).post("/desk/consultations/new", data=form, headers=HOME)

    word, paper = with_file(b"PK\x03\x04 not a paper", "du-thao.docx"), with_file(a_pdf(), "du-thao.pdf")

    assert (word.status_code, paper.status_code) == (422, 303)
    assert "Dự thảo phải là tệp PDF" in word.text
    assert visit(HEAD).get(f"{paper.location}/document").data.startswith(b"%PDF-")


def test_s14b_one_answer_is_submitted_approved_and_sent_for_several_comments(office: Office, visit: Visit) -> None:
    one, _ = opened(office)
    cases = [commented(office, one) for _ in range(3)]
    there = f"/desk/consultations/{one.id}"
    form = {"id": ticks(office, *cases), "point": POINT, "text": ANSWER, "outcome": "taken_up", "answers_all": "yes"}

    submitted = visit(OFFICER).post(f"{there}/draft", data=form, headers=HOME)
    waiting = visit(HEAD).get(there).text
    own = visit(OFFICER).post(f"{there}/approve", data={"id": ticks(office, *cases)}, headers=HOME)
    approved = visit(HEAD).post(f"{there}/approve", data={"id": ticks(office, *cases)}, headers=HOME)
    sent = visit(OFFICER).post(f"{there}/answer", data={"id": ticks(office, *cases)}, headers=HOME)

    assert "Duyệt 3 câu trả lời" in waiting
    assert waiting.count(ANSWER) == 1
    assert [answer.status_code for answer in (submitted, own, approved, sent)] == [303, 409, 303, 303]
    assert {office.case(case_id).stage for case_id in cases} == {"answered"}
    assert "3 góp ý" in visit(HEAD).get(there).text


def test_where_one_of_several_comments_refuses_the_page_says_which_and_keeps_the_answer(
    office: Office, visit: Visit
) -> None:
    one, _ = opened(office)
    plain, asking = commented(office, one), commented(office, one, text="Bao giờ xe chạy? Đề nghị trả lời sớm cho dân.")
    form = {"id": ticks(office, plain, asking), "point": POINT, "text": ANSWER, "outcome": "taken_up"}

    answer = visit(OFFICER).post(f"/desk/consultations/{one.id}/draft", data=form, headers=HOME)

    assert answer.status_code == 409
    assert (office.case(plain).stage, office.case(asking).stage) == ("drafted", "accepted")
    assert "1 góp ý chưa làm được" in answer.text
    assert f'value="{asking}:1" checked' in answer.text
    assert answer.text.count(ANSWER) == 2  # of the one that was submitted, and in the form


def test_an_answer_without_a_point_is_refused_once_and_for_all(office: Office, visit: Visit) -> None:
    one, _ = opened(office)
    case_id = commented(office, one)
    form = {"id": ticks(office, case_id), "point": "", "text": ANSWER, "outcome": "taken_up"}

    answer = visit(OFFICER).post(f"/desk/consultations/{one.id}/draft", data=form, headers=HOME)
    nobody = visit(OFFICER).post(
        f"/desk/consultations/{one.id}/draft", data=form | {"point": POINT, "id": []}, headers=HOME
    )

    assert (answer.status_code, nobody.status_code) == (422, 422)
    assert "Hãy viết điểm góp ý" in answer.text
    assert "Hãy chọn ít nhất một góp ý" in nobody.text


def test_a_single_comment_is_answered_on_the_page_of_its_case_too(office: Office, visit: Visit) -> None:
    one, _ = opened(office)
    case_id = commented(office, one)
    office.act(actions.take, OFFICER, case_id)

    page = visit(OFFICER).get(f"/desk/cases/{case_id}").text
    form = {"text": ANSWER, "outcome": "taken_up", "version": str(office.case(case_id).version)}
    without = visit(OFFICER).post(f"/desk/cases/{case_id}/draft", data=form, headers=HOME)
    sent = visit(OFFICER).post(f"/desk/cases/{case_id}/draft", data=form | {"point": POINT}, headers=HOME)

    assert one.title in page
    assert 'name="point"' in page
    assert (without.status_code, sent.status_code) == (422, 303)
    assert POINT in visit(HEAD).get(f"/desk/cases/{case_id}").text


def test_s14b_the_table_of_comments_and_explanations_has_no_names(office: Office, visit: Visit) -> None:
    one, _ = opened(office)
    told = "Tôi là Trần Thị Bích Lan, số 0905 123 456. Nên kéo dài tuyến số 4."
    answered = commented(office, one, text=told, name="Trần Thị Bích Lan")
    commented(office, one, text='=HYPERLINK("http://x") là một góp ý khác của người khác', name=None)
    drafted(office, answered)
    office.act(actions.approve, HEAD, answered)
    office.act(actions.answer, OFFICER, answered)

    sent = visit(HEAD).get(f"/desk/consultations/{one.id}/summary.csv")
    rows = list(csv.reader(io.StringIO(sent.text.lstrip("\ufeff"))))

    assert rows[1][3:6] == [POINT, "Tiếp thu", ANSWER]
    assert "Nên kéo dài tuyến số 4" in rows[1][2]
    assert "Bích Lan" not in sent.text
    assert "0905" not in sent.text
    assert rows[2][2].startswith("'=")
    assert rows[2][3:] == ["", "", "", ""]


def test_a_stranger_sees_the_number_of_comments_and_none_of_them(office: Office, visit: Visit) -> None:
    one, _ = opened(office)
    case_id = commented(office, one)

    page = visit(STRANGER).get(f"/desk/consultations/{one.id}").text

    assert "1 góp ý" in page
    assert str(case_id) not in page
    assert str(case_id) in visit(DIRECTOR).get(f"/desk/consultations/{one.id}").text


def test_it_is_closed_early_by_a_reason_that_is_kept_when_it_is_too_short(office: Office, visit: Visit) -> None:
    one, _ = opened(office)
    there = f"/desk/consultations/{one.id}"

    short = visit(HEAD).post(f"{there}/close", data={"reason": "Đủ"}, headers=HOME)
    good = visit(HEAD).post(f"{there}/close", data={"reason": "Quốc hội đã hoãn luật này"}, headers=HOME)
    again = visit(HEAD).post(f"{there}/close", data={"reason": "Quốc hội đã hoãn luật này"}, headers=HOME)

    assert (short.status_code, good.status_code, again.status_code) == (422, 303, 409)
    assert "Hãy viết vì sao kết thúc sớm" in short.text
    assert "Quốc hội đã hoãn luật này" in visit(OFFICER).get(there).text


def test_what_does_not_exist_is_not_found_and_nobody_else_prepares(office: Office, visit: Visit) -> None:
    new = prepared(office)

    assert visit(HEAD).get("/desk/consultations/new").status_code == 403
    assert visit(OFFICE).get(f"/desk/consultations/{new.id}/change").status_code == 200
    assert visit(HEAD).get(f"/desk/consultations/{OFFICE.person}").status_code == 404
    assert visit(HEAD).get("/desk/consultations/00000000-0000-0000-0000-000000000000").status_code == 404
