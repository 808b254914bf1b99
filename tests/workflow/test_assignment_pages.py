"""The pages of who gets a case: the unit's own, the list with suggestions, sorting with reasons, plans and phrases."""

import json
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.workflow import actions, store
from tests.workflow.builders import (
    ADMIN,
    COLLEAGUE,
    HEAD,
    LEGAL_HEAD,
    OFFICE,
    OFFICER,
    STRANGER,
    Office,
    Staff,
)
from tests.workflow.conftest import Visit

HOME = {"Origin": "http://localhost"}


def send(client: FlaskClient, path: str, **form: Any) -> Any:
    return client.post(path, data=form, headers=HOME)


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def entrusted(client: FlaskClient, **form: str) -> Any:
    usual = {"topic": "C01", "ward": "", "officer": OFFICER.person, "deputy": "", "valid_from": "23/11/2026"}
    fields = {f"duty-{name}": value for name, value in (usual | {"valid_to": ""} | form).items()}
    return send(client, "/desk/unit/duties", **fields)


def absent(client: FlaskClient, **form: str) -> Any:
    usual = {"absent": OFFICER.person, "valid_from": "23/11/2026", "until": "27/11/2026", "absence_reason": "sick"}
    fields = {f"absence-{name}": value for name, value in (usual | {"deputy": COLLEAGUE.person} | form).items()}
    return send(client, "/desk/unit/absences", **fields)


def test_a_head_writes_the_matrix_and_the_next_petition_follows_it(office: Office, visit: Visit) -> None:
    head = visit(HEAD)

    added = entrusted(head)
    case_id = office.file()

    assert added.status_code == 303
    assert office.case(case_id).officer == OFFICER.person
    assert "Theo bảng phân công: Ổ gà, hư hỏng mặt đường" in page(head, f"/desk/cases/{case_id}")


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(visit: Visit) -> None:
    head = visit(HEAD)
    entrusted(head)

    twice = entrusted(head)
    past = entrusted(head, topic="C02", valid_from="01/11/2026")
    nobody = entrusted(head, topic="C02", officer="")

    assert [answer.status_code for answer in (twice, past, nobody)] == [422] * 3
    assert "hãy kết thúc dòng cũ" in twice.get_data(as_text=True)
    assert 'value="01/11/2026"' in past.get_data(as_text=True)
    assert "Hãy chọn một người của đơn vị" in nobody.get_data(as_text=True)


def test_a_row_that_ended_stays_to_be_read(visit: Visit) -> None:
    head = visit(HEAD)
    entrusted(head)
    text = page(head, "/desk/unit")
    duty_id = text.split("/desk/unit/duties/")[1].split("/end")[0]

    ended = send(head, f"/desk/unit/duties/{duty_id}/end")

    assert ended.status_code == 303
    assert "1 dòng đã kết thúc" in page(head, "/desk/unit")


def test_when_somebody_is_away_their_open_cases_are_handed_over_in_one_click(office: Office, visit: Visit) -> None:
    case_id = office.file()
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    head = visit(HEAD)
    absent(head)

    text, everywhere = page(head, "/desk/unit"), page(head, "/desk/")
    picked = f"{case_id}:{office.case(case_id).version}"
    done = send(head, "/desk/bulk", id=[picked, f"{UUID(int=7)}:1"], officer=COLLEAGUE.person)

    assert "đang vắng: việc đang mở" in text
    assert 'Phân công của đơn vị <span class="c hot">1</span>' in everywhere
    assert f'value="{picked}" checked' in text
    assert f'value="{COLLEAGUE.person}" selected' in text
    assert done.status_code == 200
    assert "Không có hồ sơ này" in done.get_data(as_text=True)
    assert office.case(case_id).officer == COLLEAGUE.person
    assert "việc đang mở" not in page(head, "/desk/unit")


def test_who_is_back_is_there_again(office: Office, visit: Visit) -> None:
    head = visit(HEAD)
    entrusted(head)
    absent(head)
    absence_id = page(head, "/desk/unit").split("/desk/unit/absences/")[1].split("/end")[0]

    send(head, f"/desk/unit/absences/{absence_id}/end")

    assert office.case(office.file()).officer == OFFICER.person


@pytest.mark.parametrize("person", [OFFICER, OFFICE, ADMIN, STRANGER])
def test_the_matrix_is_the_heads_alone(visit: Visit, person: Staff) -> None:
    client = visit(person)

    assert client.get("/desk/unit").status_code == 403
    assert entrusted(client).status_code == 403
    assert absent(client).status_code == 403


def test_the_list_suggests_somebody_and_gives_out_what_it_suggests(office: Office, visit: Visit) -> None:
    case_id = office.file()
    head = visit(HEAD)

    text = page(head, "/desk/?view=unassigned")
    done = send(head, "/desk/bulk", id=f"{case_id}:{office.case(case_id).version}", officer="suggested")

    assert "Gợi ý: Cán bộ Hạ tầng" in text
    assert "người được gợi ý" in done.get_data(as_text=True)
    assert office.case(case_id).officer in {OFFICER.person, COLLEAGUE.person}


def test_what_was_not_given_out_in_time_is_marked(office: Office, visit: Visit) -> None:
    office.file()
    assert "quá hạn phân công" not in page(visit(HEAD), "/desk/?view=unassigned")

    office.at("2026-11-26T09:00")

    assert "quá hạn phân công" in page(visit(HEAD), "/desk/?view=unassigned")


def test_an_officer_passes_a_case_on_from_its_page(office: Office, visit: Visit) -> None:
    case_id = office.file()
    office.act(actions.assign, HEAD, case_id, officer=OFFICER.person)
    officer = visit(OFFICER)
    form = {"version": str(office.case(case_id).version), "officer": COLLEAGUE.person}

    silent = send(officer, f"/desk/cases/{case_id}/pass_on", **form, reason="")
    told = send(officer, f"/desk/cases/{case_id}/pass_on", **form, reason="Đoạn đường này anh phụ trách")

    assert (silent.status_code, told.status_code) == (422, 303)
    assert "Hãy viết lý do" in silent.get_data(as_text=True)
    assert "Chuyển đồng nghiệp: Cán bộ Hạ tầng 2" in page(officer, f"/desk/cases/{case_id}")


def test_sorting_offers_the_best_three_topics_with_what_speaks_for_them(office: Office, visit: Visit) -> None:
    case_id = office.file(
        title="Nhiều việc",
        text="Tôi khiếu nại: từ bến xe đi taxi qua ổ gà, xe buýt tránh vạch sơn mờ.",
        topic=None,
    )

    text = page(visit(HEAD), f"/desk/cases/{case_id}")

    assert "Hợp nhất với lời thư" in text
    assert text.count("điểm)</li>") == 3


def test_the_rule_that_chose_the_unit_is_shown(office: Office, visit: Visit) -> None:
    case_id = office.file(
        title="Kiến nghị lắp đèn tín hiệu",
        text="Kiến nghị lắp thêm đèn tín hiệu ở ngã tư đường Hùng Vương và đường Bà Triệu.",
        kind="proposal",
        topic="C03",
    )
    assert office.case(case_id).unit == "PCAT"

    text = page(visit(LEGAL_HEAD), f"/desk/cases/{case_id}")

    assert "Quy tắc R-01:" in text
    assert "tổ chức giao thông" in text


# ---- plans and phrases

PLAN = {
    "source": "QĐ 01/QĐ-SXD",
    "close": [{"unit": "KCHT", "successor": "HTGT", "accounts": True}],
    "open": [{"code": "HTGT", "name": "Phòng Hạ tầng giao thông", "name_en": "Roads Division"}],
}


def test_an_admin_sees_what_a_plan_would_do_and_nothing_is_done(office: Office, visit: Visit) -> None:
    case_id = office.file()
    admin = visit(ADMIN)

    shown = send(admin, "/desk/reorganisation", on="23/11/2026", plan=json.dumps(PLAN, ensure_ascii=False))

    text = shown.get_data(as_text=True)
    assert shown.status_code == 200
    assert "1 hồ sơ thường đang mở chuyển theo" in text
    assert "Ổ gà, hư hỏng mặt đường" in text
    assert OFFICER.name in text
    assert "reorganise --on 2026-11-23" in text
    assert office.case(case_id).unit == "KCHT"


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        ("{", "plan.json"),
        (json.dumps(PLAN | {"open": []}), "HTGT"),
        (json.dumps(PLAN | {"opne": []}), "unknown field"),
        ("", "Hãy dán nội dung tệp phương án"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_its_reason(visit: Visit, plan: str, says: str) -> None:
    answer = send(visit(ADMIN), "/desk/reorganisation", on="23/11/2026", plan=plan)

    assert answer.status_code == 422
    assert says in answer.get_data(as_text=True)


@pytest.mark.parametrize("person", [OFFICER, HEAD])
def test_plans_and_phrases_are_for_few(visit: Visit, person: Staff) -> None:
    client = visit(person)

    assert client.get("/desk/reorganisation").status_code == 403
    assert client.get("/desk/corrections").status_code == 403


def test_corrections_are_counted_on_their_page(office: Office, visit: Visit) -> None:
    for number, code in enumerate(("7K3M9HDT", "3BJK7WQC", "2Q7NM4PX")):
        case_id = office.file(
            code=code,
            title="Việc khác",
            text=f"Cột ở nhà số {number} chớp nháy liên hồi, xin xem giúp.",
            topic=None,
            place=None,
            ward=None,
        )
        office.act(actions.confirm_triage, OFFICE, case_id, topic="C03")

    for person in (OFFICE, ADMIN):
        text = page(visit(person), "/desk/corrections")
        assert "chớp nháy liên hồi" in text
        assert "3 hồ sơ do người quyết định" in text


def test_the_timeline_says_which_unit_became_which(office: Office, visit: Visit) -> None:
    case_id = office.file()
    with office.database.writing() as tx:
        told = {"from": "QLCL", "to": "KCHT", "heir": "KCHT", "source": "QĐ 01/QĐ-SXD"}
        store.add_entry(tx, case_id, "moved", actor="system", is_public=True, **told)

    text = page(visit(HEAD), f"/desk/cases/{case_id}")

    assert "công trình giao thông sáp nhập vào Phòng Quản lý kết cấu hạ tầng giao thông" in text
    assert "QĐ 01/QĐ-SXD" in text
