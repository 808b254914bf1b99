"""Letters and the book of reception on the screens: who finds them, who does not, and what is told."""

import csv
import io
from uuid import UUID

from services.workflow import actions, store
from tests.workflow.builders import (
    ANSWER,
    AUDITOR,
    COLLEAGUE,
    DENUNCIATION,
    DIRECTOR,
    HEAD,
    LAWYER,
    LEGAL_HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
)
from tests.workflow.conftest import Visit
from tests.workflow.test_letters import COMPLAINT, answered, in_work, text_of
from tests.workflow.test_pages import HOME, send


def letter_id(office: Office, case_id: UUID) -> UUID:
    with office.database.reading() as look:
        return store.letters_of(look, case_id)[-1].id


def drafted(office: Office) -> UUID:
    case_id = in_work(office)
    office.act(actions.submit_draft, OFFICER, case_id, text=ANSWER, outcome="done")
    return case_id


def test_a_case_shows_its_letters_and_hands_out_the_very_bytes(office: Office, visit: Visit) -> None:
    case_id = in_work(office)
    answered(office, case_id)
    ident = letter_id(office, case_id)

    page = visit(OFFICER).get(f"/desk/cases/{case_id}").get_data(as_text=True)
    shown = visit(OFFICER).get(f"/desk/letters/{ident}.pdf")
    saved = visit(OFFICER).get(f"/desk/letters/{ident}.pdf?save")

    assert "01/SXD-KCHT" in page
    assert f"/desk/letters/{ident}.pdf" in page
    assert shown.data == office.rules.press.read(ident) == saved.data
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in shown.headers["Cache-Control"]


def test_a_letter_is_for_those_who_may_open_the_name_on_it(office: Office, visit: Visit) -> None:
    case_id = in_work(office)
    answered(office, case_id)
    path = f"/desk/letters/{letter_id(office, case_id)}.pdf"

    found = {one.person: visit(one).get(path).status_code for one in (OFFICER, HEAD, OFFICE, DIRECTOR)}
    turned_away = {one.person: visit(one).get(path).status_code for one in (COLLEAGUE, STRANGER, LEGAL_HEAD)}

    assert set(found.values()) == {200}
    assert set(turned_away.values()) == {404}
    assert visit(AUDITOR).get(path).status_code == 403


def test_whom_a_case_is_about_does_not_find_its_letters(office: Office, visit: Visit) -> None:
    case_id = office.file(**DENUNCIATION)
    office.act(actions.confirm_triage, LEGAL_HEAD, case_id, kind="denunciation", topic=None, unit=None)
    office.act(actions.assign, LEGAL_HEAD, case_id, officer=LAWYER.person)
    office.act(actions.accept, LEGAL_HEAD, case_id)
    path = f"/desk/letters/{letter_id(office, case_id)}.pdf"

    assert visit(LAWYER).get(path).status_code == 200  # it names nobody
    assert [visit(one).get(path).status_code for one in (HEAD, OFFICE, STRANGER)] == [404, 404, 404]


def test_opening_a_letter_is_told(office: Office, visit: Visit) -> None:
    case_id = in_work(office)
    answered(office, case_id)

    visit(HEAD).get(f"/desk/letters/{letter_id(office, case_id)}.pdf")

    with office.database.reading() as look:
        kinds = [read.kind for read in store.reads_of(look, case_id)]
    assert kinds == ["letter"]


def test_who_approves_sees_first_in_whose_stead_they_sign(office: Office, visit: Visit) -> None:
    case_id = drafted(office)

    page = visit(HEAD).get(f"/desk/cases/{case_id}").get_data(as_text=True)
    draft = visit(HEAD).get(f"/desk/cases/{case_id}/answer.pdf")

    assert "TL. GIÁM ĐỐC" in page
    assert "TRƯỞNG PHÒNG" in page
    words = text_of(draft.data)
    assert "BẢN NHÁP" in words
    assert "đã vá ổ gà trước số nhà 120" in words
    assert "GIÁM ĐỐC" in visit(DIRECTOR).get(f"/desk/cases/{case_id}").get_data(as_text=True)
    assert visit(STRANGER).get(f"/desk/cases/{case_id}/answer.pdf").status_code == 404


def test_there_is_nothing_to_look_at_before_there_is_a_draft(office: Office, visit: Visit) -> None:
    assert visit(OFFICER).get(f"/desk/cases/{in_work(office)}/answer.pdf").status_code == 404


def test_the_letter_of_a_step_is_seen_with_the_words_as_they_are_typed(office: Office, visit: Visit) -> None:
    case_id = in_work(office)
    head = visit(HEAD)

    sorry = head.post(
        f"/desk/cases/{case_id}/preview/apologise",
        data={"reason": "Mưa lớn kéo dài.", "due_on": "10/12/2026"},
        headers=HOME,
    )
    passed_on = head.post(
        f"/desk/cases/{case_id}/preview/transfer", data={"to": "X-CA", "reason": "Việc của họ."}, headers=HOME
    )
    refused = head.post(
        f"/desk/cases/{case_id}/preview/refuse",
        data={"ground": "not_understandable", "reason": "Không đọc được."},
        headers=HOME,
    )

    assert "Mưa lớn kéo dài." in text_of(sorry.data)
    assert "chậm nhất ngày 10/12/2026" in text_of(sorry.data)
    assert "Công an thành phố Huế" in text_of(passed_on.data)
    assert "nội dung không rõ" in text_of(refused.data)
    with office.database.reading() as look:
        assert store.letters_of(look, case_id) == []


def test_a_preview_asks_for_the_same_right_as_the_step(office: Office, visit: Visit) -> None:
    case_id = in_work(office)

    refused = visit(OFFICER).post(f"/desk/cases/{case_id}/preview/apologise", data={"reason": "x"}, headers=HOME)
    unknown = visit(HEAD).post(f"/desk/cases/{case_id}/preview/close", data={}, headers=HOME)
    odd = visit(HEAD).post(f"/desk/cases/{case_id}/preview/apologise", data={"due_on": "mai"}, headers=HOME)

    assert [one.status_code for one in (refused, unknown, odd)] == [403, 404, 422]


def test_a_step_that_somebody_may_not_sign_says_so(office: Office, visit: Visit) -> None:
    case_id = office.file(**COMPLAINT)
    unit = office.case(case_id).unit
    office.act(actions.confirm_triage, LEGAL_HEAD, case_id, kind="complaint", topic=None, unit=unit)
    office.act(actions.assign, LEGAL_HEAD, case_id, officer=LAWYER.person)
    office.act(actions.accept, LEGAL_HEAD, case_id)
    office.act(actions.suspend, DIRECTOR, case_id, reason="Chờ kết quả giám định.")

    answer = send(visit(LAWYER), office, case_id, "resume")

    assert answer.status_code == 403
    assert "bạn không ký được văn bản này" in answer.get_data(as_text=True)
    assert office.case(case_id).stage == "suspended"


# ---- the book of reception


def book(visit: Visit, person: object, **days: str) -> list[dict[str, str]]:
    asked = {"first_day": "01/11/2026", "last_day": "30/11/2026"} | days
    answer = visit(person).get("/desk/book.csv", query_string=asked)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.get_data(as_text=True)
    text = answer.get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_the_book_has_thirteen_columns_and_what_came_in(office: Office, visit: Visit) -> None:
    answered(office, in_work(office))
    office.file(code="2BBB2BBB", title="=1+1", topic=None)

    rows = book(visit, OFFICE)

    assert len(rows[0]) == 13
    assert [row["Số đến"] for row in rows] == ["01/2026", "02/2026"]
    assert rows[0]["Họ tên công dân"] == "Nguyễn Thị Hồng Ánh"
    assert rows[0]["Kết quả, văn bản trả lời"] == "01/SXD-KCHT ngày 23/11/2026"
    assert rows[1]["Nội dung vụ việc"] == "'=1+1"


def test_the_book_shows_nobody_more_than_they_may_see(office: Office, visit: Visit) -> None:
    office.file()
    office.file(**DENUNCIATION)

    by_office, by_director = book(visit, OFFICE), book(visit, DIRECTOR)

    assert [row["Số đến"] for row in by_office] == ["01/2026"]
    secret = next(row for row in by_director if row["Ghi chú"] == "Mật")
    assert (secret["Họ tên công dân"], secret["Địa chỉ"], secret["Nội dung vụ việc"]) == ("", "", "")


def test_each_case_in_the_book_is_told_as_an_export(office: Office, visit: Visit) -> None:
    first, second = office.file(), office.file(code="2BBB2BBB", topic=None, title=None)

    book(visit, OFFICE)

    for case_id in (first, second):
        with office.database.reading() as look:
            (read,) = store.reads_of(look, case_id)
        assert (read.person, read.kind) == (OFFICE.person, "export")


def test_the_book_keeps_to_its_days(office: Office, visit: Visit) -> None:
    office.file()

    assert book(visit, OFFICE, first_day="24/11/2026") == []
    assert len(book(visit, OFFICE, first_day="23/11/2026", last_day="23/11/2026")) == 1


def test_days_that_make_no_book_come_back_with_what_was_typed(office: Office, visit: Visit) -> None:
    asked = {"first_day": "30/11/2026", "last_day": "1/11/2026"}

    wrong = visit(OFFICE).get("/desk/book.csv", query_string=asked)

    assert wrong.status_code == 422
    assert 'value="30/11/2026"' in wrong.get_data(as_text=True)
    assert "Ngày cuối phải sau ngày đầu" in wrong.get_data(as_text=True)
    assert visit(OFFICE).get("/desk/book.csv?first_day=hôm qua").status_code == 422


def test_the_book_is_for_who_looks_over_all(office: Office, visit: Visit) -> None:
    assert "Sổ tiếp nhận" in visit(OFFICE).get("/desk/").get_data(as_text=True)
    assert visit(OFFICE).get("/desk/book").status_code == 200
    assert [visit(one).get("/desk/book.csv").status_code for one in (OFFICER, HEAD, AUDITOR)] == [403, 403, 403]
