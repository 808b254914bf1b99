"""Answers of Open311 against schemas.

The project that keeps the standard publishes no JSON Schema of v2 itself; these follow the definitions of its Swagger
draft (data/georeport_v2-1.yaml: required fields, types, enumerations) and the text of GeoReport v2, written anew here.
"""

from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker

from services.intake.door import Door
from tests.intake.test_open311 import POTHOLE, TEST, URL, a_partner, file

TEXT = {"type": "string", "minLength": 1}
INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"}


def record(needed: str, /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": needed.split(), "properties": properties, "additionalProperties": False}


def listed(one: dict[str, Any], *, least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": one, "minItems": least}


SERVICES = listed(
    record(
        "service_code service_name metadata type",
        service_code=TEXT,
        service_name=TEXT,
        description=TEXT,
        metadata={"type": "boolean"},
        type={"enum": ["realtime", "batch", "blackbox"]},
        keywords=TEXT,
        group=TEXT,
    ),
    least=2,
)
ATTRIBUTE = record(
    "variable code datatype required order description",
    variable={"type": "boolean"},
    code=TEXT,
    datatype={"enum": ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]},
    required={"type": "boolean"},
    datatype_description=TEXT,
    order={"type": "integer", "minimum": 1},
    description=TEXT,
    values=listed(record("key name", key=TEXT, name=TEXT)),
)
DEFINITION = record("service_code attributes", service_code=TEXT, attributes=listed(ATTRIBUTE))
REQUESTS = listed(
    record(
        "service_request_id status service_code requested_datetime updated_datetime",
        service_request_id=TEXT,
        status={"enum": ["open", "closed"]},
        status_notes=TEXT,
        service_name=TEXT,
        service_code=TEXT,
        description=TEXT,
        agency_responsible=TEXT,
        service_notice=TEXT,
        requested_datetime=INSTANT,
        updated_datetime=INSTANT,
        expected_datetime=INSTANT,
        address=TEXT,
        address_id=TEXT,
        zipcode=TEXT,
        lat={"type": "number"},
        long={"type": "number"},
        media_url={"type": "string", "format": "uri"},
    )
)
FILED = listed(record("service_request_id", service_request_id=TEXT, service_notice=TEXT, account_id=TEXT), least=1)
TOKEN = listed(record("service_request_id token", service_request_id=TEXT, token=TEXT), least=1)
ERRORS = listed(record("code description", code=TEXT, description=TEXT), least=1)
ENDPOINT = record(
    "specification url changeset type formats",
    specification=TEXT,
    url={"type": "string", "format": "uri"},
    changeset=TEXT,
    type={"enum": ["production", "test"]},
    formats=listed({"enum": ["text/xml", "application/json"]}, least=1),
)
DISCOVERY = record(
    "changeset contact key_service endpoints",
    changeset=TEXT,
    contact=TEXT,
    key_service=TEXT,
    endpoints=listed(ENDPOINT, least=2),
)


def check(answer: Any, schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer.json)


@pytest.mark.parametrize("where", [URL, TEST])
def test_what_may_be_read_fits_the_schemas(client: FlaskClient, door: Door, where: str) -> None:
    a_partner(door)
    code = file(client)
    file(client, address_id=sorted(door.catalogue.choices(door.database.clock.now()).wards)[0])

    check(client.get(f"{where}/discovery.json"), DISCOVERY)
    check(client.get(f"{where}/services.json"), SERVICES)
    check(client.get(f"{where}/services/C01.json"), DEFINITION)
    check(client.get(f"{where}/requests.json"), REQUESTS)
    check(client.get(f"{where}/requests/{code}.json"), REQUESTS)
    check(client.get(f"{where}/tokens/{code}.json"), TOKEN)


def test_what_is_answered_to_filing_fits_the_schemas(client: FlaskClient, door: Door) -> None:
    a_partner(door)
    a_partner(door, code="hue-s-test", key="lnp_for-tests", is_test=True)

    check(client.post(f"{URL}/requests.json", data=POTHOLE), FILED)
    check(client.post(f"{TEST}/requests.json", data=POTHOLE | {"api_key": "lnp_for-tests"}), FILED)
    check(client.post(f"{URL}/requests.json", data=POTHOLE | {"phone": "1", "lat": "0"}), ERRORS)
    check(client.post(f"{URL}/requests.json", data={}), ERRORS)
    check(client.get(f"{URL}/services/none.json"), ERRORS)
