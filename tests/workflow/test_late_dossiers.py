"""The counter's list of late dossiers: typed or as a file, each a case that owes an apology with one new date."""

import io
from datetime import date
from typing import Any

import pytest

from services.workflow import actions, store
from services.workflow.actions.sweep import Sweep
from services.workflow.domain.deadline import ClockRefused
from services.workflow.steps import NotAllowed
from shared.events import Event
from tests.support import emitted
from tests.workflow.builders import DIRECTOR, HEAD, OFFICE, OFFICER, Office, Staff
from tests.workflow.conftest import Visit

HEADING = "Số hồ sơ;Thủ tục;Ngày nhận;Ngày hẹn trả;Tên;Điện thoại;Thư điện tử"
SOON = "H35.13-261110-0042;VT-02;10/11/2026;27/11/2026;Nguyễn Thị Hồng Ánh;0905 123 456;anh.nth@example.vn"
PAST = "H35.13-261101-0007;Cấp phù hiệu cho xe ô tô kinh doanh vận tải;2026-11-02;20/11/2026;Trần Bình;;binh@example.vn"
"""Today is Monday 23 November 2026."""


def listed(office: Office, rows: str, person: Staff = OFFICE) -> tuple[actions.Listed, list[Event]]:
    with office.database.writing() as tx:
        return actions.list_late_dossiers(tx, office.rules, person=person, rows=rows), emitted(tx)


def filed(office: Office, told: Any) -> Any:
    """The door files what was listed; the id of its case."""
    return office.file(
        petition_id=told.petition_id,
        kind=told.kind,
        topic=told.topic,
        title=None,
        text=told.text.value,
        channel="counter",
        entered_by=told.actor,
        procedure=told.procedure,
        received_at=office.clock.now(),
    )


def swept(office: Office) -> None:
    sweep = Sweep(office.database, office.rules)
    while sweep.once():
        pass


def test_s22c_a_list_as_excel_saves_it_is_taken_and_only_its_faulty_lines_come_back(office: Office) -> None:
    bad = "H35.13-261110-0043;XX-99;10/11/2026;27/11/2026;Lê Thị Hoa;0905 123 456;"
    rows = "\ufeff" + "\r\n".join([HEADING, SOON, bad, "", "chỉ một ô 1", PAST, SOON])

    result, told = listed(office, rows)
    again, untold = listed(office, rows)

    assert (result.taken, result.known) == (2, 1)
    assert [(one.line, one.field, one.code) for one in result.faults] == [
        (3, "procedure", "unknown"),
        (5, "rows", "columns"),
    ]
    assert [event.TYPE for event in told] == ["dossier.listed.v1"] * 2
    assert (again.taken, again.known, untold) == (0, 3, [])


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("10/11/2026", "24/11/2026", ("received_on", "to_come")),
        ("27/11/2026", "09/11/2026", ("due_on", "too_early")),
        ("27/11/2026", "31/11/2026", ("due_on", "malformed")),
        ("Nguyễn Thị Hồng Ánh", "", ("name", "missing")),
        ("0905 123 456", "12", ("phone", "malformed")),
        ("anh.nth@example.vn", "anh", ("email", "malformed")),
        ("0905 123 456;anh.nth@example.vn", ";", ("phone", "no_contact")),
        ("H35.13-261110-0042", "", ("number", "missing")),
    ],
)
def test_s22c_what_is_wrong_with_a_line_is_named(
    office: Office, before: str, after: str, fault: tuple[str, str]
) -> None:
    result, told = listed(office, SOON.replace(before, after))

    assert [(one.line, one.field, one.code) for one in result.faults] == [(1, *fault)]
    assert told == []


def test_s22c_a_number_that_is_listed_does_not_get_another_day_by_another_list(office: Office) -> None:
    listed(office, SOON)

    result, told = listed(office, SOON.replace("27/11/2026", "30/11/2026"))

    assert [one.code for one in result.faults] == ["known_otherwise"]
    assert told == []


def test_s22c_a_listed_dossier_is_a_case_whose_apology_is_counted_from_the_promised_day(office: Office) -> None:
    _, (told,) = listed(office, SOON)
    case_id = filed(office, told)
    case = office.case(case_id)

    assert (case.kind, case.topic, case.unit) == ("procedure_feedback", "C21", "TNTKQ")
    assert (case.answer_due_on, case.answer_rule) == (date(2026, 11, 27), "dossier.promised")
    with office.database.reading() as look:
        clocks = {clock.rule: clock for clock in store.deadlines_of(look, case_id).values()}
        assert store.procedure_of(look, case_id) == "VT-02"
    assert clocks["dossier.apology"].anchor == "dossier_due"
    assert clocks["dossier.apology"].due_on == date(2026, 11, 26)
    assert "petition.apology" not in clocks

    office.at("2026-11-26T08:00")
    swept(office)
    assert office.case(case_id).is_apology_owed

    given: dict[str, Any] = {"reason": "Hồ sơ nhiều, máy in phù hiệu hỏng hai ngày.", "signer": DIRECTOR.name}
    (said,) = office.act(actions.apologise, DIRECTOR, case_id, due_on=date(2026, 12, 4), **given)
    assert (said.TYPE, said.due_on, said.letter_type) == ("case.apologised.v1", date(2026, 12, 4), "apology")  # type: ignore[attr-defined]
    assert office.case(case_id).answer_due_on == date(2026, 12, 4)
    with pytest.raises(ClockRefused, match="one new date only"):
        office.act(actions.apologise, DIRECTOR, case_id, due_on=date(2026, 12, 15), **given)


def test_s22c_a_dossier_that_is_late_already_owes_its_apology_at_once(office: Office) -> None:
    _, (told,) = listed(office, PAST)
    case_id = filed(office, told)

    swept(office)

    assert office.case(case_id).answer_due_on == date(2026, 11, 20)
    assert office.case(case_id).is_apology_owed


def test_s22c_two_dossiers_of_one_procedure_are_two_cases(office: Office) -> None:
    _, told = listed(office, f"{SOON}\n{SOON.replace('0042', '0044')}")

    cases = [office.case(filed(office, one)) for one in told]

    assert [case.linked_to for case in cases] == [None, None]


@pytest.mark.parametrize("person", [OFFICER, HEAD, DIRECTOR])
def test_s22c_only_the_counter_and_the_office_list_dossiers(office: Office, visit: Visit, person: Staff) -> None:
    with pytest.raises(NotAllowed):
        listed(office, SOON, person)
    if person is not DIRECTOR:
        assert visit(person).post("/desk/late-dossiers", data={"rows": SOON}).status_code == 403
    assert visit(person).get("/desk/late-dossiers").status_code == 403


def test_s22c_the_page_takes_a_file_and_keeps_what_has_to_be_mended(office: Office, visit: Visit) -> None:
    client = visit(OFFICE)
    bad = SOON.replace("0042", "0043").replace("VT-02", "XX-99")
    file = (io.BytesIO(("\ufeff" + "\n".join([HEADING, SOON, bad])).encode()), "tre-hen.csv")

    answer = client.post("/desk/late-dossiers", data={"rows": "", "file": file})

    assert answer.status_code == 422
    assert "Đã ghi 1 hồ sơ." in answer.text
    assert "Dòng 3 · Mã hoặc tên thủ tục: Không có thủ tục này" in answer.text
    assert bad in answer.text
    assert SOON not in answer.text
    assert client.post("/desk/late-dossiers", data={"rows": bad.replace("XX-99", "VT-02")}).status_code == 303
    assert "H35.13-261110-0043" in client.get("/desk/late-dossiers").text


def test_s22c_one_dossier_is_typed_and_a_refusal_keeps_what_was_typed(office: Office, visit: Visit) -> None:
    client = visit(OFFICE)
    names = ("number", "procedure", "received_on", "due_on", "name", "phone", "email")
    form = dict(zip(names, SOON.split(";"), strict=True))

    refused = client.post("/desk/late-dossiers/one", data=form | {"due_on": "khi nào xong"})
    taken = client.post("/desk/late-dossiers/one", data=form)

    assert refused.status_code == 422
    assert "Hãy nhập ngày theo dạng ngày/tháng/năm" in refused.text
    assert "Nguyễn Thị Hồng Ánh" in refused.text
    assert taken.status_code == 303
    assert "H35.13-261110-0042" in client.get("/desk/late-dossiers").text
