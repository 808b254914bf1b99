"""A dossier is listed as late; its applicant gets a signed apology with one new date. Across all services."""

import re
from datetime import datetime

from ops.world import World
from shared.clock import MovableClock
from tests.journeys.conftest import Citizen, Desk
from tests.journeys.test_spine import is_sound, log_of

LINE = "H35.13-261110-0042;VT-02;10/11/2026;27/11/2026;Nguyễn Thị Hồng Ánh;0905 123 456;anh.nth@example.vn"


def test_s22c_a_list_of_the_counter_leads_to_an_apology_that_reaches_the_applicant(
    world: World, citizen: Citizen, staff: Desk, clock: MovableClock
) -> None:
    office = staff.sign_in("dau-moi")
    token = re.search(r'name="csrf_token" value="([^"]+)"', office.get("/desk/late-dossiers").text)
    assert token

    # listed
    sent = office.post("/desk/late-dossiers", data={"csrf_token": token[1], "rows": LINE})
    world.settle()
    assert sent.status_code == 303
    found = re.search(r'href="/desk/cases/([^"]+)">H35', office.get("/desk/late-dossiers").text)
    assert found
    case = found[1]
    assert "27/11/2026" in staff.see("dau-moi", case)

    # owed one day before, given with one new date
    clock.move_to(datetime.fromisoformat("2026-11-26T08:30+07:00"))
    world.settle()
    fields = {"reason": "Hồ sơ nhiều, máy in phù hiệu hỏng hai ngày.", "due_on": "04/12/2026"}
    assert staff.do("giam-doc", case, "apologise", **fields) == 303
    world.settle()

    letters = [one for one in citizen.letters() if one.recipient == "anh.nth@example.vn"]
    assert "04/12/2026" in letters[-1].text
    receipt = next(one for one in letters if one.subject.startswith("Đã tiếp nhận"))
    code = receipt.subject.rsplit(" ", 1)[-1]
    assert {"case.opened.v1", "case.procedure_named.v1", "case.apology_due.v1", "case.apologised.v1"} <= set(
        log_of(world, code)
    )
    assert is_sound(world)
