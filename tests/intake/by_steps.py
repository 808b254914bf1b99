"""Complaints and denunciations filed by the pages, as a browser without JavaScript sends them."""

import io
import re
from typing import Any

from flask.testing import FlaskClient

COMPLAINT: dict[int, dict[str, str]] = {
    1: {"a_target": "decision", "a_decision_number": "45/QĐ-SXD", "a_decided_by": "Sở", "a_knew_on": "02/11/2026"},
    2: {"text": "Xe đã lắp camera từ tháng 8 mà vẫn bị thu hồi phù hiệu.", "a_asks": "Huỷ quyết định số 45."},
    3: {},
    4: {"name": "Lê Văn An", "address": "12 Lê Lợi, Huế", "a_acting": "self"},
}
DENUNCIATION: dict[int, dict[str, str]] = {
    1: {"a_accused": "Nhân viên quầy số 3"},
    2: {"text": "Người ở quầy số 3 đòi tiền của tôi sáng 12/11."},
    3: {},
    4: {},
}
PAGES = {"complaint": COMPLAINT, "denunciation": DENUNCIATION}


def step(client: FlaskClient, number: int, *uploads: tuple[bytes, str], **typed: str) -> Any:
    """Send one page."""
    files = [(io.BytesIO(data), name) for data, name in uploads]
    return client.post(f"/gui/buoc/{number}", data={**typed, "files": files}, content_type="multipart/form-data")


def choose(client: FlaskClient, kind: str) -> Any:
    """Press the button of a kind that is filed by steps."""
    return client.post("/gui/chon", data={"kind": kind})


def walk(client: FlaskClient, kind: str, *uploads: tuple[bytes, str], **more: str) -> None:
    """All pages but the last; `more` goes to the pages where it belongs."""
    choose(client, kind)
    pages = PAGES[kind]
    for number, usual in pages.items():
        here = more if number == 4 else {name: value for name, value in more.items() if name in {*usual, "text"}}
        if number != 2:
            here = {name: value for name, value in here.items() if name != "text"}
        answer = step(client, number, *(uploads if number == 3 else ()), kind=kind, **usual | here)
        assert answer.status_code == 303, answer.text


def sign(
    client: FlaskClient, *letters: tuple[bytes, str], signature: str = "post", do: str = "send", **more: str
) -> Any:
    """The last page: choose how to sign, and send."""
    seen = re.search(r'name="seen" value="(\w+)"', client.get("/gui/buoc/ky").text)
    assert seen
    files = [(io.BytesIO(data), name) for data, name in letters]
    typed = {"seen": seen[1], "signature": signature, "do": do, "letter": files, **more}
    return client.post("/gui/buoc/ky", data=typed, content_type="multipart/form-data")


def by_steps(client: FlaskClient, *uploads: tuple[bytes, str], kind: str, **more: str) -> str:
    """File by steps; gives the token of the receipt."""
    walk(client, kind, *uploads, **more)
    return str(sign(client).headers["Location"]).rsplit("/", 1)[1]
