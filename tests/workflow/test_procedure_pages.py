"""The pages of procedures and of what would make them simpler."""

from datetime import date

from services.workflow.actions import ReviewSweep
from tests.workflow.builders import HEAD, OFFICE, OFFICER, STRANGER, Office
from tests.workflow.conftest import Visit
from tests.workflow.test_pages import HOME
from tests.workflow.test_procedures import FEEDBACK, WHAT, decided, named, proposed, rules_with

CUT = {"what": WHAT, "cut_steps": "", "cut_papers": "1", "cut_days": "2"}


def test_s20a_a_case_is_named_on_its_page_and_stands_beside_the_procedure(office: Office, visit: Visit) -> None:
    case_id, staff = office.file(**FEEDBACK), visit(OFFICE)
    there = f"/desk/cases/{case_id}"
    assert "Chưa rõ hồ sơ này nói về thủ tục nào." in staff.get(there).text

    version = str(office.case(case_id).version)
    wrong = staff.post(f"{there}/name_procedure", data={"version": version, "procedure": "LX-01"}, headers=HOME)
    done = staff.post(f"{there}/name_procedure", data={"version": version, "procedure": "DB-02"}, headers=HOME)

    assert (wrong.status_code, done.status_code) == (422, 303)
    assert "/desk/procedures/DB-02" in staff.get(there).text
    assert FEEDBACK["title"] in staff.get("/desk/procedures/DB-02").text
    assert FEEDBACK["title"] not in visit(STRANGER).get("/desk/procedures/DB-02").text


def test_s20a_a_dossier_is_written_proposed_and_decided_on_its_pages(office: Office, visit: Visit) -> None:
    head = visit(HEAD)

    sent = visit(OFFICER).post("/desk/procedures/DB-02/dossiers", data=CUT, headers=HOME)
    there = sent.location
    by_officer = visit(OFFICER).post(f"{there}/propose", data={"to": "X-UBND"}, headers=HOME)
    without = head.post(f"{there}/propose", data={"to": ""}, headers=HOME)
    asked = head.post(f"{there}/propose", data={"to": "X-UBND"}, headers=HOME)
    typed = {"verdict": "accepted", "decided_on": "23/11/2026", "outcome": "QĐ 12/QĐ-UBND: đồng ý"}
    told = head.post(f"{there}/decide", data=typed, headers=HOME)
    again = head.post(f"{there}/decide", data=typed, headers=HOME)

    statuses = [answer.status_code for answer in (sent, by_officer, without, asked, told, again)]
    assert statuses == [303, 403, 422, 303, 303, 409]
    assert "QĐ 12/QĐ-UBND: đồng ý" in head.get(there).text


def test_what_was_typed_comes_back_with_what_is_wrong(office: Office, visit: Visit) -> None:
    answer = visit(OFFICER).post("/desk/procedures/DB-02/dossiers", data=CUT | {"cut_papers": "9"}, headers=HOME)
    letters = visit(OFFICER).post("/desk/procedures/DB-02/dossiers", data=CUT | {"cut_days": "hai"}, headers=HOME)

    assert (answer.status_code, letters.status_code) == (422, 422)
    assert "Thủ tục không có nhiều giấy tờ như vậy" in answer.text
    assert WHAT in answer.text
    assert "Hãy ghi một số, ví dụ 1" in letters.text


def test_s34_the_year_is_listed_by_field_and_exported(office: Office, visit: Visit) -> None:
    decided(office, proposed(office)[0])
    staff = visit(OFFICE)

    page, table = staff.get("/desk/dossiers").text, staff.get("/desk/dossiers.csv?year=2026").get_data(as_text=True)

    assert "Đường thủy nội địa" in page
    assert "Chưa có kiến nghị nào trong năm." in page
    assert table.startswith("\ufeffLĩnh vực;Mã thủ tục")
    assert "DB-02" in table
    assert "QĐ 12/QĐ-UBND: bỏ một giấy tờ" in table
    assert "DB-02" not in staff.get("/desk/dossiers.csv?year=2025").get_data(as_text=True)
    assert staff.get("/desk/dossiers?year=1066").status_code == 404


def test_s20b_the_review_stands_at_its_procedure_and_among_the_remedies(office: Office, visit: Visit) -> None:
    ReviewSweep(office.database, rules_with(review_on=date(2026, 11, 23))).once()

    page = visit(HEAD).get("/desk/procedures/DB-02").text

    assert "Rà soát ngày 23/11/2026" in page
    assert "từ ngày rà soát thủ tục" in visit(HEAD).get("/desk/remedies").text


def test_s20b_a_wrong_notice_is_listed_until_its_procedure_is_named(office: Office, visit: Visit) -> None:
    notice = {"topic": "C31", "title": "Niêm yết sai phí", "text": "Bảng niêm yết thủ tục thi công ghi sai mức phí."}
    office.file(**FEEDBACK | notice)
    assert "Niêm yết sai phí" in visit(OFFICE).get("/desk/procedures").text

    named(office, **notice | {"code": "4XWQ3BJK"})

    assert "Người dân nói niêm yết thiếu hoặc sai" in visit(OFFICE).get("/desk/procedures/DB-02").text
    assert visit(OFFICE).get("/desk/procedures/XX-99").status_code == 404
