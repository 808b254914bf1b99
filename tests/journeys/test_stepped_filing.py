"""Complaints and denunciations by steps, from the pages of the door to the desk that takes them up."""

import re
from typing import Any

from flask.testing import FlaskClient

from ops.world import World
from tests.intake.builders import a_picture
from tests.intake.by_steps import sign, walk
from tests.journeys.conftest import Desk
from tests.journeys.test_spine import is_sound


def file_by_steps(world: World, kind: str, **more: Any) -> str:
    """File with the signed letter; the code on the receipt."""
    door: FlaskClient = world["intake"].app.test_client()
    walk(door, kind, (a_picture(), "quyet-dinh.jpg"), **more)
    receipt = door.get(sign(door, (a_picture(), "don.jpg"), signature="scanned").headers["Location"]).text
    code = re.search(r'id="the-code"[^>]*>([^<]+)<', receipt)
    assert code
    world.settle()
    return code[1]


def test_a_complaint_with_its_signed_letter_is_admitted_with_its_answers(world: World, staff: Desk) -> None:
    code = file_by_steps(world, "complaint")
    case = staff.case_id(code)

    page = staff.see("truong-phap-che", case)

    for said in ("Số của quyết định", "45/QĐ-SXD", "Huỷ quyết định số 45.", "Đơn đã ký", "Tệp 2"):
        assert said in page
    assert "cần xác minh trước khi thụ lý" in page
    assert 'value="02/11/2026"' in page  # the day from which the time for a complaint runs stands ready
    verified = staff.do("truong-phap-che", case, "verify_signature", note="Đối chiếu với đơn gốc tại quầy")
    assert verified == 303
    for step, fields in (
        ("decide", {"kind": "complaint", "topic": "C28", "unit": "PCAT"}),
        ("assign", {"officer": staff.person("phap-che-1")}),
        ("accept", {}),
    ):
        assert staff.do("truong-phap-che", case, step, **fields) == 303
    assert is_sound(world)


def test_what_a_denouncer_answered_is_in_the_masked_copy_and_nowhere_in_the_open(world: World, staff: Desk) -> None:
    told = "Tôi tố cáo ông Nguyễn Văn B ngày 12/11/2026 nhận 2.000.000 đồng của tôi tại trạm đăng kiểm."
    code = file_by_steps(
        world, "denunciation", text=told, name="Lê Thị Mẫu", a_protection="yes", a_protection_why="Lê Thị Mẫu bị doạ"
    )
    case = staff.case_id(code)

    page = staff.see("giam-doc", case)

    assert "Bạn tố cáo ai?" in page
    assert "Nhân viên quầy số 3" in page
    assert "Lê Thị Mẫu" not in page
    with world["workflow"].database.reading() as look:
        rows = look.connection.exec_driver_sql("SELECT * FROM case_words").all()
    assert "quầy số 3" not in repr(rows)
    assert "Lê Thị Mẫu" not in repr(rows)
