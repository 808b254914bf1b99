"""Our Open311, read by a client library that is not ours. It reads only: what is filed is filed by a plain request."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen
from uuid import uuid4

import pytest
from werkzeug.serving import make_server

from services.intake import store
from services.intake.__main__ import build
from shared.clock import MovableClock
from shared.events.base import Sealed
from shared.events.workflow import PublicPhoto
from shared.settings import Settings
from tests.intake.test_open311 import POTHOLE, a_partner
from tests.intake.test_register import show
from tests.outside.conftest import or_skip
from tests.outside.tools import GEOREPORT, HERE, georeport
from tests.support import database_url

NUMBER = "2026-0001"


@pytest.fixture
def address(tmp_path: Path, make_settings: Callable[..., Settings], clock: MovableClock) -> Iterator[str]:
    """Where the door answers by HTTP, with a partner registered."""
    with database_url(tmp_path, "intake", tables=store.metadata) as url:
        door = build(make_settings("intake", DATABASE_URL=url), clock=clock)
        door.database.metadata.create_all(door.database.engine)
        a_partner(door.app.extensions["door"])
        show(door.database, number=NUMBER, photos=Sealed((PublicPhoto(uuid4(), "after", 10, "0" * 64),)))
        server = make_server("127.0.0.1", 0, door.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.port}/open311/v2"
        server.shutdown()
        thread.join(5)
        door.database.close()


def file(address: str, **more: str) -> str:
    with urlopen(f"{address}/requests.json", urlencode(POTHOLE | more).encode()) as answer:
        return str(json.load(answer)[0]["service_request_id"])


def test_a_client_library_reads_services_and_requests_in_both_formats(address: str) -> None:
    library = or_skip(georeport)
    answered = {"attribute[light_state]": "stuck", "attribute[light_since]": "2026-11-20"}
    codes = [
        file(address, **{"attribute[hole_size]": "wheel"}),
        file(address, description="Đèn trước chợ đứng yên một màu.", service_code="C03", **answered),
    ]

    done = subprocess.run(
        [sys.executable, str(HERE / "open311_client.py"), address, codes[0], NUMBER],
        env=os.environ | {"PYTHONPATH": str(library)},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, f"{GEOREPORT}: {done.stderr}"
    seen: dict[str, Any] = json.loads(done.stdout)
    for form in ("json", "xml"):
        assert {"C01", "C13"} <= set(seen[form]["services"])
        assert {"C01", "C03"} <= set(seen[form]["has_definition"]) < set(seen[form]["services"])
        assert "C29" not in seen[form]["services"]
        assert seen[form]["definition"]["service_code"] == "C03"
        assert "light_state" in json.dumps(seen[form]["definition"])
        assert seen[form]["requests"] == sorted([*codes, NUMBER])
        assert seen[form]["open"] == ["open", "open", "open"]
        assert seen[form]["one"]["service_request_id"] == codes[0]
        public = seen[form]["public"]
        assert public["description"].startswith("Ổ gà trước trường Quốc Học, đường Lê Lợi")
        assert (float(public["lat"]), float(public["long"])) == (16.459, 107.582)
        assert public["media_url"].startswith(f"http://127.0.0.1:8000/so-phan-anh/{NUMBER}/anh/")
    states = seen["json"]["definition"]["attributes"][0]["values"]
    assert [one["key"] for one in states] == ["dark", "flashing", "stuck", "timing", "other"]
    assert [one["service_request_id"] for one in seen["json"]["by_id"]] == [codes[0]]
    assert seen["xml"]["one"]["expected_datetime"] == seen["json"]["one"]["expected_datetime"]
