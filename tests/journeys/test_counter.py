"""A citizen comes to the counter: from the officer's button to the receipt, and later to the result in the hand."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import Client

from ops.world import World
from services.workflow import actions
from shared import auth
from shared.passes import COOKIE, ENTRANCE
from tests.journeys.conftest import Citizen, Desk
from tests.journeys.test_spine import ANSWER, POTHOLE, is_sound, log_of


def take_turn(world: World, staff: Desk, login: str, channel: str) -> FlaskClient:
    """The door's form, opened from the counter page of the desk."""
    desk, door = staff.sign_in(login), world["intake"].app.test_client()
    page = desk.get("/desk/counter").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    opened = desk.post("/desk/counter/open", data={"csrf_token": token[1], "channel": channel})
    assert opened.headers["Location"] == ENTRANCE
    door.set_cookie(COOKIE, opened.headers["Set-Cookie"].split("=", 1)[1].split(";")[0], path=ENTRANCE)
    assert door.get(ENTRANCE).status_code == 303
    return door


def file_at(door: FlaskClient, **typed: str) -> str:
    """Fill in, send; the code on the receipt."""
    assert door.post("/gui", data={"kind": "report", "text": POTHOLE, **typed}).status_code == 303
    seen = re.search(r'name="seen" value="([^"]+)"', door.get("/kiem-tra").text)
    assert seen
    receipt = door.get(door.post("/kiem-tra", data={"seen": seen[1]}).headers["Location"]).text
    code = re.search(r'id="the-code"[^>]*>([^<]+)<', receipt)
    assert code
    return code[1]


def test_s35_filed_at_the_counter_answered_and_handed_over_without_another_letter(
    world: World, citizen: Citizen, staff: Desk, later: Any
) -> None:
    door = take_turn(world, staff, "ha-tang-1", "counter")
    code = file_at(door, signature="in_person", email=citizen.email)
    door.post(f"{ENTRANCE}/xong")
    world.settle()
    later(hours=2)
    case = staff.case_id(code)
    staff.answer(case, ANSWER)
    letters = len(citizen.letters())

    given = staff.do("ha-tang-1", case, "hand_over", given_to="petitioner", is_signed="y")

    assert given == 303
    assert len(citizen.letters()) == letters
    assert "nhập thay" in staff.see("ha-tang-1", case)
    log = log_of(world, code)
    assert log.count("answer.handed_over.v1") == log.count("petition.filed.v1") == 1
    assert is_sound(world)


def test_an_officer_who_entered_a_denunciation_does_not_find_it_again(world: World, staff: Desk) -> None:
    door = take_turn(world, staff, "ha-tang-1", "counter")
    told = "Tôi tố cáo ông Nguyễn Văn B ngày 12/11/2026 nhận 2.000.000 đồng của tôi tại trạm đăng kiểm."
    code = file_at(door, kind="denunciation", text=told)
    world.settle()

    page = staff.sign_in("ha-tang-1").get(f"/desk/counter?code={code}").text

    assert "bạn không thuộc phạm vi xem hồ sơ" in page
    assert "Không có hồ sơ nào với mã này" in page
    assert page.count(code.replace("-", "")) == 0


def test_a_switched_off_account_is_refused_at_the_door(world: World, staff: Desk) -> None:
    door = take_turn(world, staff, "ha-tang-1", "phone")
    with world["workflow"].database.writing() as tx:
        person = next(one for one in auth.list_people(tx) if one.login == "ha-tang-1")
        actions.switch_person(tx, person_id=person.person_id, is_active=False)
    world.settle()

    answer = door.post("/gui", data={"kind": "report", "text": POTHOLE, "via": "counter"})

    assert answer.status_code == 403


def test_the_gateways_table_leads_programs_to_the_desk_and_passes_to_the_door(world: World) -> None:
    outside = Client(world.wsgi)

    document = outside.get("/desk/api/v1/openapi.json").json
    described = outside.get("/api/v1/openapi.json").json
    entrance = outside.get(ENTRANCE)

    assert document
    assert described
    assert (document["info"]["title"], described["info"]["title"]) == ("Lắng Nghe: the desk", "Lắng Nghe")
    assert entrance.status_code == 404  # of the door, which asks for a pass
