"""The configuration on the screen: read by three roles, written by one, published by another, refused by line."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.workflow import actions, store
from services.workflow.catalogue import read_letters
from services.workflow.domain.document import digest_of, rows_of
from services.workflow.rulebook import RuleBook
from services.workflow.web import config_words, words
from tests.workflow.builders import (
    ADMIN,
    AUDITOR,
    CONFIG,
    DENUNCIATION,
    DIRECTOR,
    HEAD,
    OFFICE,
    OFFICER,
    Office,
    the_rules,
)
from tests.workflow.conftest import Visit

HOME = {"Origin": "http://localhost"}
WHY = "Theo quyết định của Giám đốc Sở"


@pytest.fixture
def book() -> RuleBook:
    return RuleBook(CONFIG, the_rules().press)


def text_of(name: str) -> str:
    return (CONFIG / name).read_text(encoding="utf-8")


def write(client: FlaskClient, name: str, text: str, **form: str) -> Any:
    given = {"text": text, "reason": WHY, "valid_from": "23/11/2026", "based_on": digest_of(text_of(name))}
    return client.post(f"/desk/config/doc/{name}/text", data=given | form, headers=HOME)


def typed(name: str, key: str, number: int, **changed: str) -> dict[str, str]:
    """The form of a row as a browser sends it, with some fields changed."""
    row = rows_of(text_of(name))[key][number - 1].value
    form: dict[str, str] = {}
    for field, value in row.items():
        if isinstance(value, bool):
            form |= {f"f-{field}": "y"} if value else {}
        elif isinstance(value, list) and all(isinstance(one, str) for one in value):
            form[f"f-{field}"] = "\r\n".join(value)
        elif isinstance(value, list | dict):
            form[f"f-{field}"] = json.dumps(value, ensure_ascii=False)
        else:
            form[f"f-{field}"] = "" if value is None else str(value)
    usual = {"reason": WHY, "valid_from": "23/11/2026", "based_on": digest_of(text_of(name)), "how": "same"}
    return form | usual | changed


PAGES = [
    "/desk/config",
    "/desk/config/doc/topics.json",
    "/desk/config/doc/calendar.json?list=days_off&q=tết",
    "/desk/config/doc/organisation.json?list=roles",
    "/desk/config/doc/sorting.json",
    "/desk/config/doc/clocks.json",
    "/desk/config/doc/kinds.json/history",
    "/desk/config/doc/wards.json/export",
    "/desk/config/letters",
    "/desk/config/workflows",
    "/desk/config/workflows?table=denunciation",
    "/desk/config/days",
]


@pytest.mark.parametrize("address", PAGES)
def test_admin_office_and_director_read_and_nobody_else(office: Office, visit: Visit, address: str) -> None:
    statuses = [visit(person).get(address).status_code for person in (ADMIN, OFFICE, DIRECTOR, HEAD, OFFICER, AUDITOR)]

    assert statuses == [200, 200, 200, 403, 403, 403]


def test_every_document_list_field_and_letter_has_a_name_for_people(book: RuleBook) -> None:
    documents = {name: json.loads(text_of(name)) for name in book.names}
    lists = {key: rows for text in documents.values() for key, rows in text.items() if is_list_of_rows(rows)}
    fields = {field for rows in lists.values() for row in rows for field in row}
    letters = {letter.name for letter in read_letters(CONFIG)}

    assert documents.keys() <= config_words.NAMES.keys()
    assert lists.keys() <= config_words.LISTS.keys()
    assert fields <= config_words.FIELDS.keys()
    assert letters <= words.NOTICES.keys()


def is_list_of_rows(found: Any) -> bool:
    return isinstance(found, list) and bool(found) and isinstance(found[0], dict)


@pytest.mark.parametrize("name", ["nothing.json", "sipas.json", "..%2Forg.yaml"])
def test_a_document_that_nothing_reads_is_not_found(visit: Visit, name: str) -> None:
    assert visit(ADMIN).get(f"/desk/config/doc/{name}").status_code == 404
    assert visit(ADMIN).get(f"/desk/config/doc/{name}/export").status_code == 404


def test_the_admin_writes_and_the_office_publishes(office: Office, visit: Visit, book: RuleBook) -> None:
    admin, other = visit(ADMIN), visit(OFFICE)
    text = text_of("topics.json").replace('"answer_working_days": 7', '"answer_working_days": 6', 1)

    written = write(admin, "topics.json", text)
    review = other.get(written.location).get_data(as_text=True)
    published = other.post(f"{written.location}/publish", headers=HOME)

    assert (written.status_code, published.status_code) == (303, 303)
    assert "Thay đổi gì" in review
    assert WHY in review
    assert "<ins>6</ins>" in review
    page = other.get("/desk/config/doc/topics.json/history").get_data(as_text=True)
    assert "Bản 1" in page
    assert "đang dùng" in page
    exported = other.get("/desk/config/doc/topics.json/export").get_data(as_text=True)
    assert json.loads(exported) == json.loads(text)


def test_who_may_not_publish_is_told_so_and_sees_no_button(visit: Visit) -> None:
    admin = visit(ADMIN)
    written = write(admin, "topics.json", text_of("topics.json").replace('"weight": 1', '"weight": 2', 1))

    page = admin.get(written.location).get_data(as_text=True)
    refused = admin.post(f"{written.location}/publish", headers=HOME)

    assert "người viết không tự công bố" in page
    assert "/publish" not in page
    assert refused.status_code == 403


def test_a_refused_text_comes_back_with_line_and_reason(visit: Visit) -> None:
    text = text_of("topics.json").replace('"weight":', '"wieght":', 1)

    answer = write(visit(ADMIN), "topics.json", text)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "không có trường tên “wieght”" in page
    assert 'class="ln it"><b>3</b>' in page
    assert "&#34;wieght&#34;" in page  # what was typed is kept


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"reason": "vì"}, "ít nhất 10 ký tự"),
        ({"valid_from": "hôm nay"}, "dạng ngày/tháng/năm"),
        ({"valid_from": "01/01/2020"}, "Ngày hiệu lực đã qua"),
    ],
)
def test_a_change_needs_a_reason_and_a_day(visit: Visit, form: dict[str, str], said: str) -> None:
    text = text_of("topics.json").replace('"weight": 1', '"weight": 2', 1)

    answer = write(visit(ADMIN), "topics.json", text, **form)

    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)


def test_a_row_that_is_sent_as_it_was_changes_nothing(visit: Visit) -> None:
    admin = visit(ADMIN)
    for name, key in (("topics.json", "topics"), ("clocks.json", "rules"), ("calendar.json", "working_hours")):
        form = typed(name, key, 1)
        address = f"/desk/config/doc/{name}/row?list={key}&row=1"
        assert admin.get(address).status_code == 200

        answer = admin.post(address, data=form, headers=HOME)

        assert answer.status_code == 422
        assert "Chưa có gì thay đổi" in answer.get_data(as_text=True), name


def test_a_row_is_ended_and_followed_by_another(office: Office, visit: Visit) -> None:
    form = typed("topics.json", "topics", 1, how="follow", valid_from="01/12/2026", **{"f-answer_working_days": "3"})

    answer = visit(ADMIN).post("/desk/config/doc/topics.json/row?list=topics&row=1", data=form, headers=HOME)

    assert answer.status_code == 303
    with office.database.reading() as look:
        (draft,) = store.drafts(look)
    first, second = rows_of(draft.text)["topics"][:2]
    assert (first.value["valid_to"], first.value["answer_working_days"]) == ("2026-11-30", 7)
    assert (second.value["valid_from"], second.value["answer_working_days"]) == ("2026-12-01", 3)
    assert len(rows_of(draft.text)["topics"]) == len(rows_of(text_of("topics.json"))["topics"]) + 1


def test_a_field_that_makes_no_sense_comes_back_with_what_was_typed(visit: Visit) -> None:
    form = typed("topics.json", "topics", 1, **{"f-answer_working_days": "bảy"})

    answer = visit(ADMIN).post("/desk/config/doc/topics.json/row?list=topics&row=1", data=form, headers=HOME)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "answer_working_days" in page
    assert 'value="bảy"' in page


def test_a_second_draft_written_over_an_old_text_says_so(visit: Visit) -> None:
    admin, other = visit(ADMIN), visit(OFFICE)
    drafts = [
        write(admin, "topics.json", text_of("topics.json").replace('"weight": 1', f'"weight": {n}', 1)).location
        for n in (2, 3)
    ]
    other.post(f"{drafts[0]}/publish", headers=HOME)

    page = other.get(drafts[1]).get_data(as_text=True)
    refused = other.post(f"{drafts[1]}/publish", headers=HOME)

    assert "Công bố nó sẽ xóa mất thay đổi kia" in page
    assert refused.status_code == 409
    assert admin.post(f"{drafts[1]}/withdraw", headers=HOME).status_code == 303


# ---- simulation


def test_a_draft_shows_what_it_would_have_made_of_what_came_lately(office: Office, visit: Visit) -> None:
    office.file()
    office.file(**DENUNCIATION)
    topics = json.loads(text_of("topics.json"))
    pothole = next(row for row in topics["topics"] if row["code"] == "C01")
    pothole["routes_to"] = {"unit": "VP"}
    written = write(visit(ADMIN), "topics.json", json.dumps(topics, ensure_ascii=False, indent=1))

    seen = {person.role: visit(person).get(written.location).get_data(as_text=True) for person in (ADMIN, OFFICE)}

    for page in seen.values():
        assert "1 trên 1 phản ánh, kiến nghị thường sẽ được xếp khác" in page
    assert "Ổ gà sâu trên đường Điện Biên Phủ" in seen["office"]
    assert "Văn phòng Sở" in seen["office"]
    assert "Ổ gà sâu" not in seen["admin"]
    assert "chỉ thấy con số" in seen["admin"]


def test_a_draft_that_changes_no_sorting_says_so(office: Office, visit: Visit) -> None:
    office.file()
    written = write(
        visit(ADMIN), "topics.json", text_of("topics.json").replace('"confidence": "policy"', '"confidence": "low"', 1)
    )

    page = visit(OFFICE).get(written.location).get_data(as_text=True)

    assert "Không phản ánh, kiến nghị nào trong 1 cái đã xem được xếp khác" in page


def test_a_new_calendar_shows_how_many_open_cases_it_would_move(office: Office, visit: Visit) -> None:
    office.file()
    office.file(**DENUNCIATION)
    declared = '"days_off": [\n    {"date": "2026-11-25", "kind": "statutory", "name": "Lũ", "name_en": "Floods", '
    declared += '"status": "official", "source": "Công điện", "confidence": "high"},'
    written = write(visit(ADMIN), "calendar.json", text_of("calendar.json").replace('"days_off": [', declared, 1))

    page = visit(OFFICE).get(written.location).get_data(as_text=True)

    assert "<b>1</b> <span>dời muộn hơn</span>" in page
    assert "Đã tính thử 1 hồ sơ thường" in page


# ---- days that may move


def test_a_due_day_beyond_the_confirmed_years_is_said_on_the_case_and_in_a_list(office: Office, visit: Visit) -> None:
    office.at("2026-12-28T09:00")
    with office.database.writing():
        pass
    case_id = office.file(received_at=office.clock.now())

    case = visit(OFFICE).get(f"/desk/cases/{case_id}").get_data(as_text=True)
    lists = {person.role: visit(person).get("/desk/config/days").get_data(as_text=True) for person in (ADMIN, OFFICE)}

    assert "Hạn này là tạm tính" in case
    assert all("1 hồ sơ" in page for page in lists.values())
    assert "Ổ gà sâu" in lists["office"]
    assert "Ổ gà sâu" not in lists["admin"]


def test_a_due_day_of_this_year_is_not_provisional(office: Office, visit: Visit) -> None:
    case_id = office.file()

    assert "Hạn này là tạm tính" not in visit(OFFICE).get(f"/desk/cases/{case_id}").get_data(as_text=True)
    assert "Không có hạn tạm tính" in visit(ADMIN).get("/desk/config/days").get_data(as_text=True)


def test_what_files_no_longer_allow_is_shown(office: Office, visit: Visit, book: RuleBook) -> None:
    from services.workflow.rulebook import Edition, LeftOut

    with office.database.writing() as tx:
        text = text_of("topics.json").replace('"weight": 1', '"weight": 2', 1)
        draft = actions.draft_document(tx, book, person=ADMIN, name="topics.json", text=text, reason=WHY)
        kept = actions.publish_document(tx, book, person=OFFICE, document_id=draft.id)
    with office.database.reading() as look:
        edition = book.edition(look)
    book._edition = Edition(
        edition.rules, edition.day, edition.number, {}, (LeftOut(kept, "topics.json: unknown field 'x'"),)
    )

    page = visit(ADMIN).get("/desk/config").get_data(as_text=True)

    assert "bản trước vẫn có hiệu lực" in page
    assert "không có trường tên “x”" in page
