"""The door's entrance for programs, asked what no program would ask: refused by name, answered as its document says."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = 40
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
CALLS = (
    ("post", "/api/v1/petitions", POSITIVE),
    ("post", "/api/v1/petitions", NEGATIVE),
    ("get", "/api/v1/petitions/{code}", POSITIVE),
    ("get", "/api/v1/petitions/{code}", NEGATIVE),
    ("get", "/api/v1/catalogue", POSITIVE),  # it takes nothing that could be wrong
)


@pytest.mark.parametrize(("method", "path", "mode"), CALLS)
def test_whatever_a_program_asks_it_is_answered_as_the_document_says(
    service: Any, method: str, path: str, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", service.app)
    operation, statuses = schema[path][method], set()

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        answer = case.call()
        case.validate_response(answer, checks=CHECKS)
        statuses.add(answer.status_code)

    ask()

    assert statuses <= set(range(200, 500))
