"""The screens of the desk: what each role finds, forms that come back with what was typed, nothing for strangers."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from services.workflow import actions, reactions, store
from shared.events.intake import Attachment
from shared.files import DOCX, WAITING, remove_file, store_file
from shared.settings import Settings
from tests.builders import petition_filed
from tests.support import emitted
from tests.workflow.builders import (
    ADMIN,
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
    Staff,
    hear,
)
from tests.workflow.conftest import Visit

HOME = {"Origin": "http://localhost"}


def send(client: FlaskClient, office: Office, case_id: UUID, step: str, **form: str) -> Any:
    version = str(office.case(case_id).version)
    return client.post(f"/desk/cases/{case_id}/{step}", data={"version": version} | form, headers=HOME)


def test_an_officer_and_a_head_answer_a_citizen_on_the_screen(office: Office, visit: Visit) -> None:
    case_id = office.file()
    officer, head = visit(OFFICER), visit(HEAD)

    sent = [
        send(head, office, case_id, "assign", officer=OFFICER.person),
        send(officer, office, case_id, "accept"),
        send(officer, office, case_id, "progress", note="Đã đặt cọc cảnh báo"),
        send(
            officer,
            office,
            case_id,
            "draft",
            text=ANSWER,
            outcome="scheduled",
            promised_on="03/12/2026",
            answered_1="yes",
        ),
        send(head, office, case_id, "approve"),
        send(officer, office, case_id, "answer"),
        send(officer, office, case_id, "close"),
    ]

    assert [answer.status_code for answer in sent] == [303] * 7
    assert office.case(case_id).stage == "closed"
    page = officer.get(f"/desk/cases/{case_id}").get_data(as_text=True)
    assert "Đã trả lời công dân" in page
    assert "Đã đóng" in page


@pytest.mark.parametrize(
    ("person", "status"),
    [
        (OFFICER, 200),
        (COLLEAGUE, 200),
        (HEAD, 200),
        (OFFICE, 200),
        (DIRECTOR, 200),
        (STRANGER, 404),
        (LEGAL_HEAD, 404),
        (AUDITOR, 403),
        (ADMIN, 403),
    ],
    ids=lambda value: value.person if isinstance(value, Staff) else str(value),
)
def test_another_units_case_does_not_exist(office: Office, visit: Visit, person: Staff, status: int) -> None:
    case_id = office.file()

    assert visit(person).get(f"/desk/cases/{case_id}").status_code == status


@pytest.mark.parametrize(
    "path",
    [
        "/desk/",
        "/desk/rows?view=unit",
        "/desk/find.json?q=7K3M",
        "/desk/people",
        "/desk/cases/0193b3c0-5d2e-4c41-9c4a-5e33a70659a6",
    ],
)
def test_a_stranger_is_asked_to_sign_in(office: Office, visit: Visit, path: str) -> None:
    client = visit(OFFICER)
    client.delete_cookie("ln-workflow-in")

    answer = client.get(path)

    assert answer.status_code in {302, 401}
    assert answer.status_code == 401 or "/desk/sign-in" in answer.headers["Location"]


def test_every_reading_of_a_case_is_told(office: Office, visit: Visit) -> None:
    case_id = office.file()

    visit(HEAD).get(f"/desk/cases/{case_id}")
    visit(HEAD).get(f"/desk/cases/{case_id}")
    visit(OFFICE).get(f"/desk/cases/{case_id}/print")

    with office.database.reading() as look:
        reads = [(row.person, row.kind) for row in store.reads_of(look, case_id)]
    assert sorted(reads) == [(HEAD.person, "case"), (OFFICE.person, "export")]


def test_a_contact_is_masked_until_a_reason_is_given_and_only_for_ten_minutes(office: Office, visit: Visit) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)
    officer = visit(OFFICER)
    assert "0905 123 456" not in officer.get(f"/desk/cases/{case_id}").get_data(as_text=True)

    refused = officer.post(f"/desk/cases/{case_id}/contact", data={"purpose": ""}, headers=HOME)
    opened = officer.post(f"/desk/cases/{case_id}/contact", data={"purpose": "site_visit"}, headers=HOME)

    assert (refused.status_code, opened.status_code) == (422, 303)
    assert "0905 123 456" in officer.get(f"/desk/cases/{case_id}").get_data(as_text=True)
    office.at("2026-11-23T12:11")
    assert "0905 123 456" not in officer.get(f"/desk/cases/{case_id}").get_data(as_text=True)


def test_a_form_that_is_not_complete_comes_back_with_what_was_typed(office: Office, visit: Visit) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)

    answer = send(visit(OFFICER), office, case_id, "draft", text=ANSWER, outcome="scheduled", promised_on="hôm nào")

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert ANSWER in page
    assert "hôm nào" in page
    assert "23/11/2026" in page


def test_a_wrong_form_opens_no_case_that_a_right_one_would_not(office: Office, visit: Visit) -> None:
    case_id = office.file()

    answer = send(visit(STRANGER), office, case_id, "apologise", reason="Chờ vật tư", due_on="mai")

    assert answer.status_code == 404
    assert "Ổ gà" not in answer.get_data(as_text=True)


def test_a_stale_form_shows_what_changed_and_keeps_what_was_typed(office: Office, visit: Visit) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)
    seen = office.case(case_id).version
    office.act(actions.report_progress, HEAD, case_id, note="Đã đặt cọc cảnh báo")

    answer = visit(OFFICER).post(
        f"/desk/cases/{case_id}/draft",
        data={"version": str(seen), "text": ANSWER, "outcome": "done", "promised_on": ""},
        headers=HOME,
    )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert ANSWER in page
    assert "Báo tiến độ" in page
    assert office.case(case_id).stage == "in_progress"


def test_an_impossible_step_is_a_conflict_and_an_unknown_one_is_nothing(office: Office, visit: Visit) -> None:
    case_id = office.file()

    assert send(visit(HEAD), office, case_id, "approve").status_code == 409
    assert send(visit(HEAD), office, case_id, "explode").status_code == 404
    assert send(visit(STRANGER), office, case_id, "take").status_code == 404


def test_a_drafter_who_approves_reads_why_not(office: Office, visit: Visit) -> None:
    case_id = office.file()
    office.act(actions.take, HEAD, case_id)
    office.act(actions.submit_draft, HEAD, case_id, text=ANSWER, outcome="done")

    answer = send(visit(HEAD), office, case_id, "approve")

    assert answer.status_code == 403
    assert "Người soạn không tự duyệt" in answer.get_data(as_text=True)


def test_a_queue_holds_its_rows_least_time_left_first(office: Office, visit: Visit) -> None:
    office.file(code="7K3M9HDT")
    office.file(
        code="4XWQ3BJK", topic="C03", title="Đèn tín hiệu tắt", text="Đèn tín hiệu ngã tư Hà Nội tắt hoàn toàn."
    )
    office.file(**DENUNCIATION)

    page = visit(HEAD).get("/desk/?view=unit").get_data(as_text=True)

    assert page.index("4XWQ-3BJK") < page.index("7K3M-9HDT")
    assert "9QDX" not in page
    assert "2 hồ sơ" in page


def test_a_secret_case_shows_its_title_to_nobody_in_a_list(office: Office, visit: Visit) -> None:
    office.file(**DENUNCIATION)

    lists = [visit(who).get("/desk/?view=triage").get_data(as_text=True) for who in (LEGAL_HEAD, DIRECTOR)]

    for page in lists:
        assert "9QDX-5TZW" in page
        assert "Nguyễn Văn B" not in page


def test_a_search_finds_without_accents_and_by_code(office: Office, visit: Visit) -> None:
    office.file(code="7K3M9HDT")
    head = visit(HEAD)

    found = [
        "7K3M-9HDT" in head.get("/desk/", query_string={"view": "unit", "q": words}).get_data(as_text=True)
        for words in ("dien bien phu", "Điện Biên", "7k3m-9hdt", "7K3M", "xe buýt", "%")
    ]

    assert found == [True, True, True, True, False, False]
    assert [row["words"][:8] for row in head.get("/desk/find.json?q=7k3").json] == ["7K3M9HDT"]
    assert visit(STRANGER).get("/desk/find.json?q=7k3").json == []


def test_pages_follow_each_other_without_gap_or_repetition(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {office.file(code=f"CDFGH{n:03}") for n in range(7)}
    seen: list[UUID] = []
    after = ""

    with office.database.reading() as look:
        while True:
            page = store.page_of(look, HEAD, "unit", store.Filters(), soon_at=look.now, after=after, limit=3)
            seen += [row.case.id for row in page.rows]
            if not page.older:
                break
            after = page.older
        back = store.page_of(look, HEAD, "unit", store.Filters(), soon_at=look.now, before=page.newer, limit=3)

    assert len(seen) == len(set(seen)) == 7
    assert set(seen) == made
    assert [row.case.id for row in back.rows] == seen[3:6]


def test_a_broken_place_in_a_list_is_no_place(office: Office, visit: Visit) -> None:
    assert visit(HEAD).get("/desk/?view=unit&after=nowhere").status_code == 404
    assert visit(HEAD).get("/desk/?view=everything").status_code == 404


def test_many_cases_are_given_at_once_and_each_says_what_became_of_it(office: Office, visit: Visit) -> None:
    first, second = office.file(code="7K3M9HDT"), office.file(code="3BJK7WQC")
    picks = [f"{first}:{office.case(first).version}", f"{second}:7", f"{uuid4()}:1"]

    answer = visit(HEAD).post("/desk/bulk", data={"id": picks, "officer": OFFICER.person}, headers=HOME)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert office.case(first).officer == OFFICER.person
    assert office.case(second).officer is None
    assert "đã thay đổi trong lúc bạn chọn" in page
    assert "Không có hồ sơ này" in page


def with_picture(office: Office, settings: Settings, **given: Any) -> tuple[UUID, UUID]:
    picture = uuid4()
    store_file(settings.files_dir, picture, b"\xff\xd8picture")
    files = (Attachment(id=picture, media_type="image/jpeg", size_bytes=9, sha256="0" * 64),)
    with office.database.writing() as tx:
        heard = petition_filed(attachments=files, attachment_count=1, **given)
        hear(tx, reactions.open_cases, heard)
        return emitted(tx)[0].case_id, picture  # type: ignore[attr-defined]


def test_a_picture_is_shown_in_a_sandbox_to_those_who_see_the_case(
    office: Office, visit: Visit, settings: Settings
) -> None:
    _, picture = with_picture(office, settings)

    shown = visit(HEAD).get(f"/desk/files/{picture}")

    assert (shown.status_code, shown.data) == (200, b"\xff\xd8picture")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert visit(STRANGER).get(f"/desk/files/{picture}").status_code == 404
    assert visit(HEAD).get(f"/desk/files/{uuid4()}").status_code == 404


def test_a_document_of_word_is_saved_under_its_ending_and_never_shown(
    office: Office, visit: Visit, settings: Settings
) -> None:
    paper = uuid4()
    store_file(settings.files_dir, paper, b"PK paper")
    file = Attachment(id=paper, media_type=DOCX, size_bytes=8, sha256="0" * 64)
    case_id = office.file(attachments=(file,), attachment_count=1)

    page, saved = visit(HEAD).get(f"/desk/cases/{case_id}").text, visit(HEAD).get(f"/desk/files/{paper}")

    assert "Tệp 1 (DOCX)" in page
    assert saved.headers["Content-Disposition"] == f'attachment; filename="{str(paper)[:8]}.docx"'
    assert saved.content_type == "application/octet-stream"


def test_a_file_that_waits_for_the_virus_scan_is_said_to_wait_and_opens_for_nobody(
    office: Office, visit: Visit, settings: Settings
) -> None:
    case_id, picture = with_picture(office, settings)
    remove_file(settings.files_dir, picture)
    store_file(settings.files_dir, picture, b"sealed for the door", WAITING)

    page = visit(HEAD).get(f"/desk/cases/{case_id}").text

    assert "đang chờ quét mã độc, chưa mở được" in page
    assert f"/desk/files/{picture}" not in page
    assert visit(HEAD).get(f"/desk/files/{picture}").status_code == 404


def test_what_a_denouncer_wrote_by_hand_is_shown_to_no_officer(
    office: Office, visit: Visit, settings: Settings
) -> None:
    secret, picture = with_picture(office, settings, **DENUNCIATION)
    office.act(actions.confirm_triage, LEGAL_HEAD, secret)
    office.act(actions.assign, LEGAL_HEAD, secret, officer=LAWYER.person)

    lawyer = visit(LAWYER)

    assert lawyer.get(f"/desk/cases/{secret}").status_code == 200
    assert str(picture) not in lawyer.get(f"/desk/cases/{secret}").get_data(as_text=True)
    assert lawyer.get(f"/desk/files/{picture}").status_code == 404
    assert visit(LEGAL_HEAD).get(f"/desk/files/{picture}").status_code == 404
    why = {"reason": "verify_conditions", "words": "Đối chiếu chữ ký với đơn gửi trực tiếp"}
    office.act(actions.open_identity, LEGAL_HEAD, secret, **why)
    assert visit(LEGAL_HEAD).get(f"/desk/files/{picture}").status_code == 200
    assert str(picture) in visit(LEGAL_HEAD).get(f"/desk/cases/{secret}").get_data(as_text=True)


def test_hostile_words_come_out_as_words(office: Office, visit: Visit) -> None:
    case_id = office.file(title="<script>alert(1)</script>", text='"><img src=x onerror=alert(1)> ổ gà Điện Biên Phủ')

    page = visit(HEAD).get(f"/desk/cases/{case_id}").get_data(as_text=True)

    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_an_admin_hires_and_reads_no_case(office: Office, visit: Visit) -> None:
    admin = visit(ADMIN)
    form = {
        "name": "Cán bộ Mới",
        "login": "moi",
        "email": "moi@example.com",
        "role": "officer",
        "unit": "KCHT",
        "password": "một câu thật dài 42",
    }

    weak = admin.post("/desk/people", data=form | {"password": "ngắn"}, headers=HOME)
    hired = admin.post("/desk/people", data=form, headers=HOME)
    again = admin.post("/desk/people", data=form, headers=HOME)

    assert (weak.status_code, hired.status_code, again.status_code) == (422, 303, 422)
    assert "Cán bộ Mới" in admin.get("/desk/people").get_data(as_text=True)
    assert visit(HEAD).get("/desk/people").status_code == 403


@pytest.mark.parametrize("person", [OFFICER, HEAD, OFFICE, DIRECTOR, AUDITOR, ADMIN], ids=lambda one: one.role)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_first_screen_speaks_both_languages_to_every_role(
    office: Office, visit: Visit, person: Staff, language: str
) -> None:
    office.file()

    answer = visit(person).get(f"/desk/?lang={language}")

    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.get_data(as_text=True)


def test_an_apology_is_offered_once_the_day_for_it_is_near(office: Office, visit: Visit) -> None:
    case_id, offer = office.file(), "Xin lỗi, hẹn ngày mới"
    office.act(actions.take, OFFICER, case_id)

    fresh = visit(HEAD).get(f"/desk/cases/{case_id}").text
    office.at("2026-11-30T09:00")  # due on 2 December: the last day for an apology is the one before
    near = visit(HEAD).get(f"/desk/cases/{case_id}").text

    assert offer not in fresh
    assert offer in near


def test_who_knows_early_that_it_will_be_late_may_apologise_early(office: Office) -> None:
    case_id = office.file()
    office.act(actions.take, OFFICER, case_id)

    office.act(
        actions.apologise,
        HEAD,
        case_id,
        reason="Nhựa đường chưa về kho, đội thi công phải chờ",
        due_on=date(2026, 12, 4),
        signer="Trưởng phòng",
    )

    assert office.case(case_id).apologised_at is not None
