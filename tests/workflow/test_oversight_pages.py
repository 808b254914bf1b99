"""The pages of remedies and checks, as heads, the Office and officers use them."""

from uuid import UUID

from services.workflow import store
from tests.workflow.builders import DIRECTOR, HEAD, OFFICE, OFFICER, STRANGER, Office
from tests.workflow.conftest import Visit
from tests.workflow.test_pages import HOME
from tests.workflow.test_remedies import GOOD, answered, opened, reported

WANTED = {"what": "Vá mọi ổ gà trên đường Điện Biên Phủ", "owner": f"{OFFICER.person}@KCHT", "due_on": "04/12/2026"}


def test_a_head_opens_a_remedy_from_a_case(office: Office, visit: Visit) -> None:
    case_id = office.file()
    head = visit(HEAD)
    assert "Mở việc khắc phục" in head.get(f"/desk/cases/{case_id}").get_data(as_text=True)

    sent = head.post("/desk/remedies", data=WANTED | {"case": str(case_id)}, headers=HOME)

    assert sent.status_code == 303
    assert WANTED["what"] in head.get(sent.location).get_data(as_text=True)
    assert WANTED["what"] in head.get(f"/desk/cases/{case_id}").get_data(as_text=True)


def test_what_was_typed_comes_back_with_what_is_wrong(office: Office, visit: Visit) -> None:
    answer = visit(HEAD).post("/desk/remedies", data=WANTED | {"due_on": "29/11/2026"}, headers=HOME)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Ngày này không làm việc" in page
    assert WANTED["what"] in page


def test_the_owner_reports_and_the_head_closes(office: Office, visit: Visit) -> None:
    new, _ = opened(office)
    there = f"/desk/remedies/{new.id}"

    done = visit(OFFICER).post(f"{there}/done", data={"evidence": "Đã vá, xem ảnh trong hồ sơ"}, headers=HOME)
    by_the_owner = visit(OFFICER).post(f"{there}/judge", data={"verdict": "good"}, headers=HOME)
    closed = visit(HEAD).post(f"{there}/judge", data={"verdict": "good"}, headers=HOME)
    again = visit(HEAD).post(f"{there}/judge", data={"verdict": "good"}, headers=HOME)

    assert (done.status_code, by_the_owner.status_code, closed.status_code, again.status_code) == (303, 403, 303, 409)
    assert "xác nhận đã khắc phục" in visit(HEAD).get(there).get_data(as_text=True)


def test_a_remedy_of_another_unit_is_not_found(office: Office, visit: Visit) -> None:
    done = reported(office)

    assert visit(STRANGER).get(f"/desk/remedies/{done.id}").status_code == 404
    assert done.what not in visit(STRANGER).get("/desk/remedies").get_data(as_text=True)
    assert done.what in visit(DIRECTOR).get("/desk/remedies").get_data(as_text=True)


def test_the_office_checks_the_sample_of_a_month(office: Office, visit: Visit) -> None:
    case_id: UUID = answered(office)
    staff = visit(OFFICE)
    assert office.case(case_id).code[:4] in staff.get("/desk/checks?month=2026-11").get_data(as_text=True)
    form = {f"item-{name}": value for name, value in GOOD.items()}

    missing = staff.post(f"/desk/checks/2026-11/{case_id}", data={"item-papers": "good"}, headers=HOME)
    sent = staff.post(f"/desk/checks/2026-11/{case_id}", data=form, headers=HOME)

    assert (missing.status_code, sent.status_code) == (422, 303)
    with office.database.reading() as look:
        assert store.inspection_of(look, case_id, "2026-11") is not None
    assert "Tốt" in staff.get("/desk/checks?month=2026-11").get_data(as_text=True)


def test_officers_find_no_checks_and_a_month_that_is_none_is_not_found(office: Office, visit: Visit) -> None:
    assert visit(OFFICER).get("/desk/checks").status_code == 403
    assert visit(OFFICE).get("/desk/checks?month=2026-13").status_code == 404
    assert visit(OFFICE).get("/desk/checks").status_code == 200
