"""Many citizens at once, on bad lines: each receipt has one petition, one case and one entry in the log."""

import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import altcha
import pytest
from sqlalchemy import func, select
from waitress.server import create_server

from ops.world import World
from services.audit import store as memory
from services.intake.store import petition
from services.workflow.store.tables import case_
from shared.clock import MovableClock
from shared.outbox import outbox
from tests.intake.builders import a_picture, typed
from tests.support import fresh_world

MANY = 50
AT_ONCE = 16
GONE = 3  # who leave before they send
WORK = "20"  # iterations: the lines are on trial here, not the processors


@pytest.fixture
def town(tmp_path: Path, clock: MovableClock) -> Iterator[tuple[World, int]]:
    """A world behind its real web server, as behind a gateway, and the port of it."""
    with fresh_world(tmp_path, clock, TRUST_PROXY="yes", PROOF_COST=WORK) as world:
        server = create_server(world.wsgi, host="127.0.0.1", port=0, threads=8, clear_untrusted_proxy_headers=False)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        yield world, server.effective_port
        server.close()
        server.task_dispatcher.shutdown()
        thread.join(10)


class Telephone:
    """One citizen's browser: a cookie, an address, and a line that may break."""

    def __init__(self, port: int, number: int) -> None:
        self.port, self.number, self.cookie = port, number, ""

    def headers(self, **more: str) -> dict[str, str]:
        return {"X-Forwarded-For": f"10.{self.number}.0.1", "Cookie": self.cookie, "Connection": "close", **more}

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Any:
        line = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request(method, path, body or None, self.headers(**({"Content-Type": kind} if kind else {})))
            answer = line.getresponse()
            words = answer.read().decode()
        finally:
            line.close()
        draft = re.search(r"draft=([^;]*)", answer.headers.get("Set-Cookie", ""))
        if draft:
            self.cookie = f"draft={draft[1]}"
        assert answer.status < 500, words
        return answer.status, answer.headers, words

    def cut(self, path: str, body: bytes, kind: str, *, share: float) -> None:
        """Send so much of a request and lose the line, before any answer."""
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers(**{"Content-Type": kind}).items())
        whole = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as line:
            line.sendall(whole[: int(len(whole) * share)])

    def form(self, **more: str) -> tuple[bytes, str]:
        """The filled form with a photo."""
        border = uuid4().hex
        words = f"Ổ gà thứ {self.number} trước cổng trường, sâu khoảng 20 cm, đề nghị vá sớm."
        parts = [
            f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in {**typed(text=words), **more}.items()
        ]
        photo = f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'.encode()
        body = b"".join(parts) + photo + a_picture(size=(320, 240)) + f"\r\n--{border}--\r\n".encode()
        return body, f"multipart/form-data; boundary={border}"

    def proof(self) -> str:
        _, _, words = self.get("/thu-thach")
        challenge = altcha.Challenge.from_dict(altcha.v2.json.loads(words))
        solution = altcha.solve_challenge(challenge)
        assert solution is not None
        return altcha.Payload(challenge, solution).to_base64()

    def file(self) -> str:
        """From the form to the receipt, whatever the line does; the address of the receipt."""
        way = self.number % 5
        is_working = self.number % 2 == 0  # half of them have no JavaScript
        body, kind = self.form(**({"altcha": self.proof()} if is_working else {}))
        if way == 3:
            self.cut("/gui", body, kind, share=0.6)
        status, _, words = self.ask("POST", "/gui", body, kind)
        assert status == 303, words
        seen = re.search(r'name="seen" value="(\w+)"', self.get("/kiem-tra")[2])
        assert seen
        send = urlencode({"seen": seen[1]}).encode(), "application/x-www-form-urlencoded"
        if way == 2:
            self.cut("/kiem-tra", *send, share=1.0)
        if way == 1:
            with ThreadPoolExecutor(2) as fingers:
                answers = [one.result() for one in [fingers.submit(self.ask, "POST", "/kiem-tra", *send) for _ in "ab"]]
        else:
            answers = [self.ask("POST", "/kiem-tra", *send)]
        if way == 4:
            answers.append(self.ask("POST", "/kiem-tra", *send))
        places = {headers["Location"] for _, headers, _ in answers}
        assert len(places) == 1, [
            (status, headers.get("Location"), re.findall(r"<h1>[^<]*", words)) for status, headers, words in answers
        ]
        return str(places.pop())


def test_fifty_citizens_who_file_at_once_on_bad_lines_lose_nothing(town: tuple[World, int]) -> None:
    world, port = town
    for number in range(GONE):
        body, kind = Telephone(port, 200 + number).form()
        Telephone(port, 200 + number).ask("POST", "/gui", body, kind)

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        receipts = list(crowd.map(lambda number: Telephone(port, number).file(), range(MANY)))
    pages = [Telephone(port, 100).get(place)[2] for place in receipts]
    world.settle()

    codes = [re.search(r'id="the-code"[^>]*>([^<]+)<', page)[1] for page in pages]  # type: ignore[index]
    assert len(set(codes)) == MANY
    with world["intake"].database.reading() as tx:
        assert tx.connection.execute(select(func.count()).select_from(petition)).scalar() == MANY
        filed = select(func.count()).select_from(outbox).where(outbox.c.type == "petition.filed.v1")
        assert tx.connection.execute(filed).scalar() == MANY
        assert tx.connection.execute(select(func.count()).where(petition.c.is_doubted)).scalar() == 0
    with world["workflow"].database.reading() as tx:
        cases = Counter(tx.connection.execute(select(case_.c.code)).scalars())
        photos = set(tx.connection.execute(select(case_.c.attachment_count)).scalars())
    assert cases == {code.replace("-", ""): 1 for code in codes}
    assert photos == {1}
    with world["audit"].database.reading() as tx:
        lives = [memory.life_of(tx, memory.subject_of_code(tx, code.replace("-", ""))) for code in codes]  # type: ignore[arg-type]
    assert all([line.type for line in life].count("petition.filed.v1") == 1 for life in lives)
