"""A doubted petition travels to the desk without a message to anybody, until a person takes it out."""

from typing import Any

from ops.world import World
from tests.intake.test_web import code_of, filed
from tests.journeys.conftest import Citizen, Desk

WORDS = "Ghế chờ ở trạm xe buýt trước số nhà 12 đường Lê Lợi bị gãy một thanh, ngồi dễ ngã."


def test_who_was_doubted_wrongly_loses_nothing(world: World, citizen: Citizen, staff: Desk, later: Any) -> None:
    client = citizen.client
    token = filed(client, text=WORDS, topic="", email=citizen.email, sms="", website="my own site")
    world.settle()
    case_id = staff.case_id(code_of(client, token))
    letters_before = [one for one in citizen.letters() if one.recipient == citizen.email]
    page = staff.see("dau-moi", case_id)
    figures = world["insight"].app.test_client().get("/so-lieu").status_code

    status = staff.do("dau-moi", case_id, "decide", kind="report", topic="C01")

    assert letters_before == []
    assert "Ghế chờ" in page
    assert (figures, status) == (200, 303)
    assert [one for one in citizen.letters() if one.recipient == citizen.email] != []
    follow = client.get(f"/t/{token}")
    assert follow.status_code == 200
    assert "Không tiếp nhận" not in follow.text
