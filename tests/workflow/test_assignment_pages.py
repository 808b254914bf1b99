"""The pages of who gets a case: the unit's own, the list with suggestions, sorting with reasons, plans and phrases."""

import json
import re
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.workflow import actions, store
from services.workflow.catalogue import read_plan
from services.workflow.domain.reorganisation import REASONS
from services.workflow.web import reorganisation_form
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


MERGER = {
    "decision-source": "QĐ 01/QĐ-SXD",
    "decision-on": "23/11/2026",
    "close-KCHT-closes": "y",
    "close-KCHT-successor": "new-0",
    "close-KCHT-accounts": "y",
    "open-0-code": "htgt",
    "open-0-name": "Phòng Hạ tầng giao thông",
    "open-0-name_en": "Roads Division",
    "open-0-type": "division",
    "move-0-what": "topics:C06",
    "move-0-unit": "new-0",
    "move-1-what": "roles:regulation_feedback",
    "move-1-unit": "VP",
    "people-0-what": STRANGER.person,
    "people-0-unit": "new-0",
}
"""A decision as an admin ticks and types it."""


def merged(client: FlaskClient, **other: str) -> Any:
    changed = {name.replace("__", "-"): value for name, value in other.items()}
    return send(client, "/desk/reorganisation", **(MERGER | changed))


def plan_of(text: str) -> Any:
    """The plan that a page hands on."""
    (found,) = re.findall(r'name="plan" value="([^"]*)"', text)
    return json.loads(unescape(found))


def test_a_form_makes_the_plan_that_the_command_reads_and_shows_what_it_would_do(office: Office, visit: Visit) -> None:
    case_id = office.file()

    shown = merged(visit(ADMIN))

    text = shown.get_data(as_text=True)
    assert shown.status_code == 200
    assert "1 hồ sơ thường đang mở chuyển theo" in text
    assert OFFICER.name in text
    assert plan_of(text) == {
        "source": "QĐ 01/QĐ-SXD",
        "close": [{"unit": "KCHT", "successor": "HTGT", "accounts": True}],
        "open": [
            {"code": "HTGT", "name": "Phòng Hạ tầng giao thông", "name_en": "Roads Division", "type": "division"},
        ],
        "move": {"topics": {"C06": "HTGT"}, "roles": {"regulation_feedback": "VP"}},
        "people": {STRANGER.person: "HTGT"},
    }
    assert office.case(case_id).unit == "KCHT"
    with office.database.reading() as look:
        assert store.reorganisations(look) == []


def test_what_was_looked_at_is_handed_over_as_the_file_of_the_command(visit: Visit, tmp_path: Path) -> None:
    admin = visit(ADMIN)
    text = merged(admin).get_data(as_text=True)

    file = send(admin, "/desk/reorganisation", on="23/11/2026", plan=json.dumps(plan_of(text)), do="file")

    (tmp_path / "plan.json").write_bytes(file.data)
    assert file.headers["Content-Disposition"] == 'attachment; filename="plan-2026-11-23.json"'
    assert "--plan plan-2026-11-23.json" in text
    assert read_plan(tmp_path / "plan.json").heirs == {"KCHT": "HTGT"}


def test_a_file_may_be_sent_instead_of_pasted(visit: Visit) -> None:
    file = (BytesIO(json.dumps(PLAN).encode()), "plan.json")

    shown = send(visit(ADMIN), "/desk/reorganisation", on="23/11/2026", plan="", file=file)

    assert shown.status_code == 200
    assert "Phòng Hạ tầng giao thông" in shown.get_data(as_text=True)


def test_a_file_in_another_encoding_is_refused_before_names_lose_their_letters(visit: Visit) -> None:
    file = (BytesIO(json.dumps(PLAN, ensure_ascii=False).encode("utf-16")), "plan.json")

    refused = send(visit(ADMIN), "/desk/reorganisation", on="23/11/2026", plan="", file=file)

    assert refused.status_code == 422
    assert "Hãy lưu tệp dạng UTF-8" in refused.get_data(as_text=True)


@pytest.mark.parametrize(
    ("other", "field", "says"),
    [
        ({"decision__on": "sớm"}, "decision-on", "Hãy nhập ngày theo dạng"),
        ({"decision__source": ""}, "decision-source", "Hãy ghi số quyết định"),
        ({"close-KCHT-successor": ""}, "close-KCHT-successor", "Hãy chọn đơn vị kế tiếp"),
        ({"close-KCHT-successor": "new-1"}, "close-KCHT-successor", "Hãy ghi đơn vị mới 2 ở bên dưới"),
        ({"close-KCHT-successor": "X-CA"}, "close-KCHT-successor", "Không tài khoản nào làm việc được ở Công an"),
        ({"open-0-name_en": ""}, "open-0-name_en", "Hãy ghi tên tiếng Anh"),
        ({"open-0-code": "Hạ tầng"}, "open-0-code", "chữ hoa không dấu"),
        ({"open-0-code": "TTRA"}, "open-0-code", "Mã TTRA là của đơn vị khác"),
        ({"move-1-what": "topics:C06"}, "move-1-what", "Đã có ở một dòng trên"),
        ({"move-1-unit": ""}, "move-1-unit", "Hãy chọn đơn vị nhận"),
        ({"people-0-unit": ""}, "people-0-unit", "Hãy chọn đơn vị nhận"),
        (
            {"close-VP-closes": "y", "close-VP-successor": "X-UBND"},
            "move",
            "một đơn vị của Sở; “Văn thư” sẽ ra ngoài Sở: hãy chuyển cho một đơn vị của Sở",
        ),
    ],
)
def test_what_is_wrong_with_a_plan_stands_at_its_field_and_everything_typed_stays(
    visit: Visit, other: dict[str, str], field: str, says: str
) -> None:
    refused = merged(visit(ADMIN), **other)

    text = unescape(refused.get_data(as_text=True))
    assert refused.status_code == 422
    (error,) = re.findall(rf'<p class="err" id="{field}-e">(.*?)</p>', text)
    assert says in error
    assert f'href="#{field}"' in text
    assert 'value="Phòng Hạ tầng giao thông"' in text
    assert re.search('name="close-KCHT-closes" value="y" checked', text)


def test_units_that_take_over_each_other_are_told_so_at_the_tick(visit: Visit) -> None:
    circle = {"close-KCHT-successor": "QLCL", "close-QLCL-closes": "y", "close-QLCL-successor": "KCHT"}

    refused = merged(visit(ADMIN), **circle)

    assert refused.status_code == 422
    assert "sẽ là đơn vị kế tiếp của chính mình" in refused.get_data(as_text=True)


def test_a_decision_that_changes_nothing_is_no_plan(visit: Visit) -> None:
    only = {"decision-source": "QĐ 01/QĐ-SXD", "decision-on": "23/11/2026"}

    refused = send(visit(ADMIN), "/desk/reorganisation", **only)

    assert refused.status_code == 422
    assert "Hãy chọn đơn vị kết thúc" in refused.get_data(as_text=True)


def test_rows_that_are_filled_in_bring_empty_ones(visit: Visit) -> None:
    more = {f"move-{number}-what": f"topics:C0{number + 1}" for number in range(4)}
    more |= {f"move-{number}-unit": "VP" for number in range(4)}

    text = merged(visit(ADMIN), **more).get_data(as_text=True)

    assert 'name="move-5-what"' in text
    assert 'name="move-6-what"' not in text


def test_no_reason_of_a_refusal_lacks_its_words() -> None:
    assert set(reorganisation_form.REASONS) == set(REASONS)


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
