"""Questions about a topic as attributes of an Open311 service: told, answered, refused, kept as the form keeps them."""

import json
from typing import Any

import pytest
from defusedxml import ElementTree as ET
from flask.testing import FlaskClient

from services.intake import store
from services.intake.door import Door
from shared.outbox import outbox
from tests.intake.test_open311 import POTHOLE, TEST, URL, a_partner, file, hub, petition_id_of
from tests.intake.test_open311_schemas import DEFINITION, ERRORS, check

__all__ = ["hub"]
LIGHT = {"service_code": "C03", "description": "Đèn ở ngã tư trước chợ đứng yên một màu từ sáng."}


def definition(client: FlaskClient, code: str, language: str = "vi") -> dict[str, dict[str, Any]]:
    found = client.get(f"{URL}/services/{code}.json", headers={"Accept-Language": language}).json or {}
    return {one["code"]: one for one in found["attributes"]}


def kept_of(door: Door, code: str) -> store.Words:
    with door.database.reading() as look:
        return store.words_of(look, petition_id_of(door, code))


def answers_of(door: Door, code: str) -> dict[str, str]:
    return {one["code"]: one["raw"] for one in kept_of(door, code).answers or []}


def refused(client: FlaskClient, where: str = URL, **sent: Any) -> list[str]:
    answer = client.post(f"{where}/requests.json", data={**POTHOLE, **sent})
    assert answer.status_code == 400, answer.text
    check(answer, ERRORS)
    return [one["description"] for one in answer.json or []]


# ---- what is told


def test_services_say_whether_there_is_a_definition_and_each_fits_the_standard(client: FlaskClient) -> None:
    services = {one["service_code"]: one["metadata"] for one in client.get(f"{URL}/services.json").json or []}

    assert (services["C01"], services["C03"]) == (True, True)
    assert set(services.values()) == {True, False}
    for code, has_attributes in services.items():
        found = client.get(f"{URL}/services/{code}.json")
        check(found, DEFINITION)
        assert bool(definition(client, code)) == has_attributes
        assert [one["order"] for one in found.json["attributes"]] == [  # type: ignore[index]
            *range(1, len(definition(client, code)) + 1)
        ]


def test_each_sort_of_question_has_its_datatype(client: FlaskClient) -> None:
    hole, light = definition(client, "C01"), definition(client, "C03")

    assert {code: one["datatype"] for code, one in (hole | light).items()} == {
        "hole_size": "singlevaluelist",
        "hole_depth": "number",
        "hole_lane": "multivaluelist",
        "light_state": "singlevaluelist",
        "light_pole": "string",
        "light_since": "datetime",
        "light_stuck": "singlevaluelist",
    }
    assert hole["hole_size"]["values"][0] == {"key": "plate", "name": "Bằng cái đĩa"}
    assert light["light_pole"]["values"] == []
    assert [code for code, one in light.items() if one["required"]] == ["light_state"]
    assert {one["variable"] for one in light.values()} == {True}


def test_a_question_of_some_cases_is_not_required_and_says_of_which(client: FlaskClient) -> None:
    one = definition(client, "C01")["hole_depth"]

    assert one["required"] is False
    assert "“Chỗ hỏng rộng chừng nào?” là: Bằng cái đĩa hoặc Bằng bánh xe máy" in one["datatype_description"]
    assert "khoảng 7 cm. Số, dấu chấm thập phân." in one["datatype_description"]
    assert "Đơn vị: cm. Từ 0. Nhiều nhất 300." in one["datatype_description"]


def test_definitions_speak_the_language_that_is_asked_for(client: FlaskClient) -> None:
    one = definition(client, "C01", "en")["hole_depth"]

    assert one["description"] == "How deep, roughly?"
    assert "Like a plate or Like a motorbike wheel" in one["datatype_description"]
    assert definition(client, "C01", "en")["hole_size"]["values"][0]["name"] == "Like a plate"


def test_xml_has_an_element_for_each_value(client: FlaskClient) -> None:
    root = ET.fromstring(client.get(f"{URL}/services/C03.xml").data)

    first = root.find("attributes/attribute")
    assert first is not None
    assert [one.tag for one in first] == [
        *("variable", "code", "datatype", "required", "datatype_description", "order", "description", "values")
    ]
    assert [one.text for one in first.findall("values/value/key")] == ["dark", "flashing", "stuck", "timing", "other"]
    assert first.findtext("required") == "true"


# ---- what is answered


def test_answers_are_kept_as_the_form_keeps_them(hub: FlaskClient, door: Door) -> None:
    code = file(
        hub,
        **{
            "attribute[hole_size]": "wheel",
            "attribute[hole_depth]": "20.5",
            "attribute[hole_lane][]": ["edge", "motorbike"],
            "attribute[COLOUR]": "đen",
        },
    )
    form = {"text": POTHOLE["description"], "kind": "report", "topic": "C01"}
    form |= {"a_hole_size": "wheel", "a_hole_depth": "20,5", "a_hole_lane": "motorbike,edge"}
    typed = door.check(form, language="vi")

    kept = kept_of(door, code)

    assert kept.answers == [vars(one) for one in typed.answers]
    assert kept.answers[1]["value"] == "20,5 cm"
    assert kept.text is not None
    assert kept.text.endswith("\nCOLOUR: đen")
    assert "wheel" not in kept.text
    with door.database.reading() as look:
        body = json.loads(look.connection.execute(outbox.select()).first().body)["data"]  # type: ignore[union-attr]
    assert "/answers" in body["commit"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"attribute[light_since]": "2026-11-20"}, {"light_since": "20/11/2026"}),
        ({"attribute[light_since]": "2026-11-20T20:00:00Z"}, {"light_since": "21/11/2026"}),
        ({"attribute[light_since]": "2026-11-20T08:00:00+07:00"}, {"light_since": "20/11/2026"}),
        ({"attribute[light_since]": "20/11/2026"}, {"light_since": "20/11/2026"}),
        ({"attribute[light_pole]": " 12 Lê Lợi "}, {"light_pole": "12 Lê Lợi"}),
        ({"attribute[light_pole]": ""}, {}),
    ],
)
def test_days_and_words_are_read_as_programs_write_them(
    hub: FlaskClient, door: Door, given: dict[str, str], kept: dict[str, str]
) -> None:
    code = file(hub, **LIGHT, **{"attribute[light_state]": "dark"}, **given)

    assert answers_of(door, code) == {"light_state": "dark"} | kept


def test_a_point_is_a_decimal_point(hub: FlaskClient, door: Door) -> None:
    code = file(hub, **{"attribute[hole_size]": "plate", "attribute[hole_depth]": "1.250"})

    assert answers_of(door, code)["hole_depth"] == "1,250"
    assert refused(hub, **{"attribute[hole_size]": "plate", "attribute[hole_depth]": "1250"})


def test_what_nobody_asked_in_this_case_is_a_line_and_no_answer(hub: FlaskClient, door: Door) -> None:
    code = file(hub, **{"attribute[hole_size]": "stretch", "attribute[hole_depth]": "20"})

    assert answers_of(door, code) == {"hole_size": "stretch"}
    assert "hole_depth: 20" in (kept_of(door, code).text or "")


@pytest.mark.parametrize("where", [URL, TEST])
def test_a_required_answer_is_enforced(client: FlaskClient, door: Door, where: str) -> None:
    a_partner(door, is_test=where == TEST)

    said = refused(client, where, **LIGHT)

    assert said == ["attribute[light_state]: hãy trả lời “Đèn đang thế nào?”"]
    sent = {**POTHOLE, **LIGHT, "attribute[light_state]": "stuck", "attribute[light_stuck]": "red"}
    assert client.post(f"{where}/requests.json", data=sent).status_code == 200


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"attribute[hole_size]": "huge"}, "attribute[hole_size]: chỉ có plate, wheel, table, stretch"),
        ({"attribute[hole_size]": ["plate", "wheel"]}, "attribute[hole_size]: chỉ có plate, wheel, table, stretch"),
        ({"attribute[hole_lane][]": ["edge", "sky"]}, "attribute[hole_lane]: chỉ có motorbike, car, edge, crossing"),
        (
            {"attribute[hole_size]": "plate", "attribute[hole_depth]": "deep"},
            "attribute[hole_depth]: hãy ghi một con số, dấu chấm thập phân, ví dụ 1.5",
        ),
        (
            {"attribute[hole_size]": "plate", "attribute[hole_depth]": "-3"},
            "attribute[hole_depth]: hãy ghi một con số, dấu chấm thập phân, ví dụ 1.5",
        ),
        (
            {"attribute[hole_size]": "plate", "attribute[hole_depth]": "301"},
            "attribute[hole_depth]: Số này lớn quá: hãy nhập nhiều nhất 300",
        ),
        (
            {**LIGHT, "attribute[light_state]": "dark", "attribute[light_since]": "yesterday"},
            "attribute[light_since]: hãy ghi ngày theo ISO 8601, ví dụ 2026-11-23",
        ),
        (
            {**LIGHT, "attribute[light_state]": "dark", "attribute[light_since]": "2026-11-24"},
            "attribute[light_since]: Ngày này chưa tới: hãy nhập ngày đã qua",
        ),
        (
            {**LIGHT, "attribute[light_state]": "dark", "attribute[light_pole]": "x" * 41},
            "attribute[light_pole]: dài hơn 40 ký tự: hãy bớt 1 ký tự",
        ),
        ({"publish": "perhaps"}, "publish: chỉ có true và false"),
    ],
)
def test_a_refusal_names_the_attribute_and_says_how_to_mend_it(
    hub: FlaskClient, given: dict[str, Any], said: str
) -> None:
    assert refused(hub, **given) == [said]


def test_refused_answers_are_said_together_with_all_else(hub: FlaskClient) -> None:
    said = refused(hub, phone="12", **{"attribute[hole_size]": "huge"})

    assert sorted(one.split(":")[0] for one in said) == ["attribute[hole_size]", "phone"]


# ---- consent


@pytest.mark.parametrize(
    ("given", "may_publish"), [({}, False), ({"publish": "false"}, False), ({"publish": "true"}, True)]
)
def test_a_summary_is_published_only_where_the_citizen_agreed(
    hub: FlaskClient, door: Door, given: dict[str, str], may_publish: bool
) -> None:
    file(hub, **given)

    with door.database.reading() as look:
        body = json.loads(look.connection.execute(outbox.select()).first().body)["data"]  # type: ignore[union-attr]
    assert body["may_publish"] is may_publish
