"""Log lines that say enough and never too much."""

import io
import json
import logging
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from shared import telemetry


@pytest.fixture
def lines() -> Iterator[Any]:
    """What is logged during the test, as JSON."""
    stream = io.StringIO()
    telemetry.configure("json", stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    structlog.contextvars.clear_contextvars()
    telemetry.configure("json")


def test_a_line_carries_the_correlation_of_its_request(lines: Any) -> None:
    correlation = telemetry.bind_request("gateway-0001", service="intake")

    telemetry.log.info("filed", petition_id="0193b3c0")
    logging.getLogger("some.library").warning("careful")

    assert [line["correlation_id"] for line in lines()] == [correlation, correlation]


def test_a_careless_field_is_masked(lines: Any) -> None:
    telemetry.log.info("oops", phone="0905123456", name="Nguyễn Thị Hồng Ánh")

    assert "0905" not in str(lines())
    assert "Ánh" not in str(lines())


def test_a_traceback_carries_no_values_of_variables(lines: Any) -> None:
    def fail(words: str) -> None:
        raise RuntimeError("broken")

    try:
        fail("Trước cổng trường có ổ gà")
    except RuntimeError:
        telemetry.log.exception("unexpected")

    assert "cổng trường" not in str(lines())
    assert "broken" in str(lines())


def test_a_value_cannot_begin_a_forged_line(lines: Any) -> None:
    telemetry.log.info("sent", agent="Mozilla\n2026-11-23 [info] all is well\u2028x")

    assert len(lines()) == 1
    assert "\n" not in lines()[0]["agent"]


def test_a_figure_asked_for_twice_is_one() -> None:
    first = telemetry.counter("test_kit_things_total", "Things", ["kind"])
    first.labels("a").inc()

    assert telemetry.counter("test_kit_things_total", "Things", ["kind"]) is first
    assert b'test_kit_things_total{kind="a"} 1.0' in telemetry.exposition()


def test_a_worker_shows_its_figures_on_a_port_of_its_own() -> None:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    stop = telemetry.serve(port)

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        body = answer.read()
    stop()

    assert b"python_info" in body
