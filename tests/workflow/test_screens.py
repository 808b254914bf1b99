"""The screens in which staff live: saved views, filters, many at once, who else is here, and a desk for each role."""

import csv
import io
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.workflow import actions, store
from services.workflow.steps import CaseUnknown
from services.workflow.web.bulk import safe_cell
from tests.workflow.builders import (
    ANSWER,
    AUDITOR,
    COLLEAGUE,
    DENUNCIATION,
    DIRECTOR,
    HEAD,
    LEGAL_HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
    Staff,
)
from tests.workflow.conftest import Visit
from tests.workflow.test_lists import LIGHTS
from tests.workflow.test_pages import HOME, send

UNCLEAR = {"code": "4XWQ3BJK", "topic": None, "title": "Việc lạ", "text": "Việc này tôi không biết gọi là gì cả."}


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


# ---- views that a person saves


def test_a_saved_view_stands_in_the_menu_with_its_count_and_only_for_its_owner(office: Office, visit: Visit) -> None:
    office.file()
    head = visit(HEAD)

    saved = head.post("/desk/views", data={"name": "Ổ gà", "view": "unit", "topic": "C01"}, headers=HOME)

    menu = text_of(head.get(saved.headers["Location"]))
    assert saved.status_code == 303
    assert 'aria-current="page">Ổ gà <span class="c">1</span>' in menu
    assert "Ổ gà <span" not in text_of(visit(COLLEAGUE).get("/desk/"))


def test_saved_views_are_renamed_moved_and_taken_away(office: Office, visit: Visit) -> None:
    head = visit(HEAD)
    for name in ("một", "hai", "ba"):
        head.post("/desk/views", data={"name": name, "view": "unit"}, headers=HOME)
    with office.database.reading() as look:
        first, second, third = store.saved_views_of(look, HEAD.person)

    head.post(f"/desk/views/{third.id}/up", headers=HOME)
    head.post(f"/desk/views/{first.id}/rename", data={"name": "Một"}, headers=HOME)
    head.post(f"/desk/views/{second.id}/drop", headers=HOME)
    visit(COLLEAGUE).post(f"/desk/views/{third.id}/drop", headers=HOME)

    with office.database.reading() as look:
        assert [view.name for view in store.saved_views_of(look, HEAD.person)] == ["Một", "ba"]
    assert "Một" in text_of(head.get("/desk/views"))


def test_a_view_without_a_name_comes_back_with_what_it_was(office: Office, visit: Visit) -> None:
    answer = visit(HEAD).post("/desk/views", data={"name": " ", "view": "unit", "topic": "C01"}, headers=HOME)

    assert answer.status_code == 422
    assert "Hãy đặt tên cho khung nhìn" in text_of(answer)
    assert 'name="topic" value="C01"' in text_of(answer)


def test_nobody_saves_views_without_an_end(office: Office, visit: Visit) -> None:
    head = visit(HEAD)

    answers = [head.post("/desk/views", data={"name": f"{n}", "view": "unit"}, headers=HOME) for n in range(13)]

    assert [answer.status_code for answer in answers] == [303] * 12 + [422]


# ---- filters


def test_a_filter_shows_as_a_chip_that_takes_it_away(office: Office, visit: Visit) -> None:
    office.file()

    page = text_of(visit(OFFICE).get("/desk/?view=all&topic=C01&unit=KCHT&from=23/11/2026&to=23/11/2026"))

    assert "7K3M-9HDT" in page
    assert "Nhận từ ngày: 23/11/2026" in page
    assert "Đơn vị: Phòng Quản lý kết cấu hạ tầng giao thông" in page


def test_a_day_that_is_none_is_said_at_its_field_and_narrows_nothing(office: Office, visit: Visit) -> None:
    office.file()

    answer = visit(HEAD).get("/desk/?view=unit&from=hôm qua")

    assert answer.status_code == 422
    assert "Hãy nhập ngày theo dạng" in text_of(answer)
    assert "hôm qua" in text_of(answer)
    assert "7K3M-9HDT" in text_of(answer)


def test_a_case_that_is_due_in_a_year_without_an_official_calendar_is_found(office: Office, visit: Visit) -> None:
    office.file(code="7K3M9HDT")
    office.at("2027-12-28T10:00")
    office.file(code="3BJK7WQC", received_at=office.clock.now())

    page = text_of(visit(HEAD).get("/desk/?view=unit&provisional=1"))

    assert "3BJK-7WQC" in page
    assert "7K3M-9HDT" not in page


# ---- rows that stay open


def test_rows_that_did_not_change_are_not_sent_again(office: Office, visit: Visit) -> None:
    case_id = office.file()
    head = visit(HEAD)
    first = head.get("/desk/rows?view=unit")

    same = head.get("/desk/rows?view=unit", headers={"If-None-Match": first.headers["ETag"]})
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    other = head.get("/desk/rows?view=unit", headers={"If-None-Match": first.headers["ETag"]})

    assert (same.status_code, same.data) == (304, b"")
    assert other.status_code == 200
    assert f'id="r-{case_id}"' in text_of(other)
    assert "/desk/?view=unit" in text_of(other)  # with the counts of the menu


def test_the_page_and_its_rows_agree_on_what_they_show(office: Office, visit: Visit) -> None:
    office.file()
    head = visit(HEAD)

    page, rows = text_of(head.get("/desk/?view=unit")), head.get("/desk/rows?view=unit")

    assert f'data-etag="{rows.headers["ETag"].strip(chr(34))}"' in page


# ---- many at once


def test_a_note_is_added_to_many_cases(office: Office, visit: Visit) -> None:
    ids = [office.file(code="7K3M9HDT"), office.file(code="3BJK7WQC")]

    answer = visit(HEAD).post(
        "/desk/bulk/note", data={"id": [f"{one}:1" for one in ids], "note": "Kiểm tra chiều nay"}, headers=HOME
    )

    assert "2 hồ sơ đã có ghi chú" in text_of(answer)
    with office.database.reading() as look:
        notes = [entry.words for one in ids for entry in store.entries_of(look, one) if entry.what == "note"]
    assert notes == ["Kiểm tra chiều nay"] * 2


def test_a_table_holds_what_its_reader_sees_and_computes_nothing(office: Office, visit: Visit) -> None:
    ordinary = office.file(title="=HYPERLINK(1) ổ gà")
    secret = office.file(**DENUNCIATION)
    picked = {"id": [f"{ordinary}:1", f"{secret}:1", "nonsense"]}

    head = visit(HEAD).post("/desk/list.csv", data=picked, headers=HOME)
    legal = visit(LEGAL_HEAD).post("/desk/list.csv", data=picked, headers=HOME)
    whole = visit(HEAD).get("/desk/list.csv?view=unit")

    rows = list(csv.reader(io.StringIO(text_of(head).lstrip("\ufeff"))))
    assert [row[0] for row in rows[1:]] == ["7K3M9HDT"]
    assert rows[1][1] == "'=HYPERLINK(1) ổ gà"
    assert "Nguyễn Văn B" not in text_of(legal)
    assert "9QDX5TZW" in text_of(legal)
    assert text_of(whole) == text_of(head)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1"])
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    assert safe_cell(cell).startswith("'")


def test_a_list_is_printed_as_its_reader_sees_it(office: Office, visit: Visit) -> None:
    case_id = office.file()

    printed = visit(HEAD).post("/desk/list/print", data={"id": [f"{case_id}:1"]}, headers=HOME)
    others = visit(STRANGER).post("/desk/list/print", data={"id": [f"{case_id}:1"]}, headers=HOME)

    assert "7K3M-9HDT" in text_of(printed)
    assert "7K3M-9HDT" not in text_of(others)


# ---- at the same time


def test_who_has_a_case_open_is_named_to_those_who_may_see_it(office: Office, visit: Visit) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)

    visit(OFFICER).post(f"/desk/cases/{case_id}/presence", data={"doing": "drafting"}, headers=HOME)
    told = visit(HEAD).post(f"/desk/cases/{case_id}/presence", data={"doing": "open"}, headers=HOME)

    assert f"{OFFICER.name} đang soạn trả lời" in text_of(told)
    assert HEAD.name not in text_of(told)
    assert OFFICER.name in text_of(visit(HEAD).get(f"/desk/cases/{case_id}"))


def test_presence_fades_within_a_minute_and_ends_when_the_page_is_left(office: Office, visit: Visit) -> None:
    case_id = office.file()
    officer, head = visit(OFFICER), visit(HEAD)
    officer.post(f"/desk/cases/{case_id}/presence", data={"doing": "typing"}, headers=HOME)

    office.clock.move_to(office.clock.now() + timedelta(seconds=61))
    faded = head.post(f"/desk/cases/{case_id}/presence", data={"doing": "open"}, headers=HOME)
    officer.post(f"/desk/cases/{case_id}/presence", data={"doing": "typing"}, headers=HOME)
    left = officer.post(f"/desk/cases/{case_id}/presence", data={"doing": "left"}, headers=HOME)
    gone = head.post(f"/desk/cases/{case_id}/presence", data={"doing": "open"}, headers=HOME)

    assert left.status_code == 204
    assert OFFICER.name not in text_of(faded) + text_of(gone)


def test_presence_is_no_reading_and_nobody_outside_hears_of_it(office: Office, visit: Visit) -> None:
    case_id = office.file()

    visit(HEAD).post(f"/desk/cases/{case_id}/presence", data={"doing": "open"}, headers=HOME)

    with office.database.reading() as look:
        assert list(store.reads_of(look, case_id)) == []


def test_presence_is_nothing_for_strangers_and_for_those_whom_a_case_is_about(office: Office, visit: Visit) -> None:
    case_id = office.file()
    visit(COLLEAGUE).post(f"/desk/cases/{case_id}/presence", data={"doing": "open"}, headers=HOME)
    with office.database.writing() as tx:
        case = store.load_case(tx, case_id)
        assert case is not None
        excluded = frozenset({COLLEAGUE.person})
        store.save_case(tx, type(case)(**{**vars(case), "excluded": excluded}))
        store.exclude(tx, case_id, excluded)
        tx._changed.clear()

    stranger = visit(STRANGER).post(f"/desk/cases/{case_id}/presence", data={"doing": "open"}, headers=HOME)
    concerned = visit(COLLEAGUE).post(f"/desk/cases/{case_id}/presence", data={"doing": "open"}, headers=HOME)
    head = visit(HEAD).post(f"/desk/cases/{case_id}/presence", data={"doing": "open"}, headers=HOME)

    assert (stranger.status_code, concerned.status_code) == (404, 404)
    assert COLLEAGUE.name not in text_of(head)
    with office.database.writing() as tx, pytest.raises(CaseUnknown):
        actions.be_present(tx, person=STRANGER, case_id=case_id)


def test_a_page_that_stays_open_hears_that_its_case_was_changed_by_whom(office: Office, visit: Visit) -> None:
    case_id = office.file()
    seen = office.case(case_id).version
    office.act(actions.take, OFFICER, case_id)

    told = visit(HEAD).post(
        f"/desk/cases/{case_id}/presence", data={"doing": "open", "version": str(seen)}, headers=HOME
    )

    assert "Hồ sơ vừa thay đổi" in text_of(told)
    assert f"Nhận việc ({OFFICER.name}" in text_of(told)


def test_a_stale_form_names_who_was_faster_and_stands_beside_their_draft(office: Office, visit: Visit) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)
    seen, at = office.case(case_id).version, office.clock.now()
    office.clock.move_to(at + timedelta(minutes=5))
    office.act(actions.save_draft, HEAD, case_id, text=ANSWER, outcome="done")

    answer = visit(OFFICER).post(
        f"/desk/cases/{case_id}/save_draft",
        data={"version": str(seen), "seen": at.isoformat(), "text": f"{ANSWER} Xin cảm ơn.", "outcome": "done"}
        | {"answered_1": "yes", "unanswered_2": "Chờ đo đạc"},
        headers=HOME,
    )

    page = text_of(answer)
    assert answer.status_code == 409
    assert "Đã trả lời câu 1: <b>có</b>" in page
    assert "Vì sao chưa trả lời câu 2: <b>Chờ đo đạc</b>" in page
    assert f"{HEAD.name} vừa thay đổi hồ sơ này" in page
    assert f"{ANSWER} Xin cảm ơn.</textarea>" in page
    assert f"Bản của {HEAD.name}" in page
    assert "cảm ơn." in page[page.index("Bản của bạn khác ở chỗ nào") :]
    assert "Nhận việc" not in page  # what the officer did and knew before


def test_a_stale_form_says_when_its_step_is_not_possible_any_more(office: Office, visit: Visit) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)
    seen = office.case(case_id).version
    office.act(actions.submit_draft, HEAD, case_id, text=ANSWER, outcome="done")

    answer = visit(OFFICER).post(
        f"/desk/cases/{case_id}/draft", data={"version": str(seen), "text": ANSWER, "outcome": "done"}, headers=HOME
    )

    assert "không còn làm được" in text_of(answer)
    assert "Gửi lại phần của tôi" not in text_of(answer)


# ---- a desk for each role


def test_a_head_gives_a_case_away_and_is_back_at_the_desk(office: Office, visit: Visit) -> None:
    case_id = office.file()
    head = visit(HEAD)
    page = text_of(head.get("/desk/"))

    sent = send(head, office, case_id, "assign", officer=OFFICER.person, back="/desk/head")
    away = send(head, office, case_id, "assign", officer=COLLEAGUE.person, back="https://example.com/")

    assert "Chờ phân công" in page
    assert "Ổ gà sâu trên đường Điện Biên Phủ" in page
    assert sent.headers["Location"] == "/desk/head"
    assert away.headers["Location"] == "/desk/"
    assert office.case(case_id).officer == COLLEAGUE.person


def test_a_head_sees_drafts_with_their_checks_and_wishes_with_their_day(office: Office, visit: Visit) -> None:
    drafted, wished = office.file(code="7K3M9HDT"), office.file(**LIGHTS)
    office.act(actions.take, OFFICER, drafted)
    office.act(actions.submit_draft, OFFICER, drafted, text="Chúng tôi sẽ xem xét sau ạ.", outcome="explained")
    office.act(actions.take, OFFICER, wished)
    office.act(actions.ask_extension, OFFICER, wished, reason="Chờ vật tư đặc biệt")

    page = text_of(visit(HEAD).get("/desk/head"))

    assert "Chúng tôi sẽ xem xét sau ạ." in page
    assert "3 điều cần xem" in page
    assert "Chờ vật tư đặc biệt" in page
    assert "Hạn mới sẽ là thứ" in page


def test_a_late_case_says_where_it_waits(office: Office, visit: Visit) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)
    office.at("2026-12-10T09:00")

    page = text_of(visit(HEAD).get("/desk/head"))

    assert "đang xử lý, chưa trình câu trả lời" in page
    assert "Việc theo người" in page


def test_a_head_sees_who_is_away_on_the_desk_and_in_the_list(office: Office, visit: Visit) -> None:
    office.act(actions.take, OFFICER, office.file())
    head = visit(HEAD)
    assert "– vắng" not in text_of(head.get("/desk/head"))

    with office.database.writing() as tx:
        actions.add_absence(
            tx,
            office.rules,
            person=HEAD,
            absent=OFFICER.person,
            valid_from=date(2026, 11, 23),
            valid_to=date(2026, 11, 27),
            reason="leave",
            deputy=None,
        )
    office.file(**LIGHTS)

    desk = text_of(head.get("/desk/head"))
    assert f"{OFFICER.name} – vắng" in desk
    assert "23/11/2026 – 27/11/2026" in desk
    assert "vắng đến 27/11/2026" in text_of(head.get("/desk/?view=unit"))


def test_s36_the_most_doubtful_petition_is_sorted_first_and_the_next_one_follows(office: Office, visit: Visit) -> None:
    office.file(**UNCLEAR)
    desk = visit(OFFICE)
    page = text_of(desk.get("/desk/"))
    first = desk.get("/desk/office/triage")
    case_id = UUID(first.headers["Location"].partition("case=")[2])

    shown = text_of(desk.get(first.headers["Location"]))
    decided = send(desk, office, case_id, "decide", kind="report", topic="C01", back="/desk/office/triage")

    assert "chưa rõ lĩnh vực" in page
    assert "Việc này tôi không biết gọi là gì cả." in shown
    assert decided.headers["Location"] == "/desk/office/triage"
    assert "Không còn đơn nào chờ phân loại" in text_of(desk.get("/desk/office/triage"))
    assert office.case(case_id).stage == "accepted"


def test_reading_a_petition_to_sort_it_is_a_reading_that_is_told(office: Office, visit: Visit) -> None:
    case_id = office.file(**UNCLEAR)

    visit(OFFICE).get("/desk/office")
    with office.database.reading() as look:
        before = list(store.reads_of(look, case_id))
    visit(OFFICE).get(f"/desk/office/triage?case={case_id}")

    with office.database.reading() as look:
        reads = store.reads_of(look, case_id)
    assert before == []
    assert [row.person for row in reads] == [OFFICE.person]


def test_what_was_put_into_quarantine_is_reviewed_and_taken_out(office: Office, visit: Visit) -> None:
    case_id = office.file(**UNCLEAR)
    office.act(actions.quarantine, OFFICE, case_id, reason="Quảng cáo")
    desk = visit(OFFICE)

    page = text_of(desk.get("/desk/office"))
    send(desk, office, case_id, "restore", back="/desk/office")

    assert "Quảng cáo" in page
    assert office.case(case_id).stage == "triage"


def test_the_director_sees_the_house_and_no_small_figure_of_restricted_kinds(office: Office, visit: Visit) -> None:
    office.file()
    office.file(**DENUNCIATION)
    office.at("2026-12-10T09:00")

    page = text_of(visit(DIRECTOR).get("/desk/"))

    assert "Toàn cơ quan" in page
    assert "dưới 5" in page
    assert "chưa trả lời hồ sơ nào" in page
    assert "Nguyễn Văn B" not in page
    assert 'href="/desk/?view=all&amp;group=late"' in page


@pytest.mark.parametrize("path", ["/desk/head", "/desk/office", "/desk/director", "/desk/office/triage"])
def test_a_desk_is_for_its_role(office: Office, visit: Visit, path: str) -> None:
    assert visit(OFFICER).get(path).status_code == 403
    assert visit(AUDITOR).get(path).status_code == 403


def test_a_case_says_who_does_what_next_and_until_when(office: Office, visit: Visit) -> None:
    case_id = office.file()

    page = text_of(visit(HEAD).get(f"/desk/cases/{case_id}"))

    assert f"<b>{HEAD.name}" in page
    assert "phân công người xử lý, chậm nhất thứ Tư 25/11/2026" in page


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("person", "path"),
    [
        (HEAD, "/desk/head"),
        (OFFICE, "/desk/office"),
        (DIRECTOR, "/desk/director"),
        (HEAD, "/desk/views"),
        (HEAD, "/desk/list/print?view=unit"),
        (OFFICER, "/desk/?view=mine"),
        (OFFICE, "/desk/?view=done"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.role,
)
def test_each_screen_speaks_both_languages(
    office: Office, visit: Visit, person: Staff, path: str, language: str
) -> None:
    office.file()

    answer = visit(person).get(path + ("&" if "?" in path else "?") + f"lang={language}")

    assert answer.status_code == 200
    assert f'<html lang="{language}">' in text_of(answer)
