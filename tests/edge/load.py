"""Citizens who file without pause, and who ask again when the line is cut; and the count of what became of it all."""

import json
import random
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen
from uuid import uuid4

from ops.stack import Stack
from shared.settings import SERVICES

WORDS = (
    "Ổ gà sâu trên đường Nguyễn Huệ, trời mưa nước đọng che khuất, đề nghị vá sớm.",
    "Xe buýt tuyến số 2 bỏ chuyến lúc 6 giờ 45, tôi đợi 40 phút không có xe.",
    "Đèn tín hiệu ngã tư Hà Nội - Lê Lợi tắt từ 19 giờ tối nay, xe chạy loạn.",
)


@dataclass
class Citizens:
    """Files petitions at a steady pace until left. `accepted` has what was acknowledged: address → code."""

    stack: Stack
    rate: float = 15.0  # petitions a second
    accepted: dict[str, str] = field(default_factory=dict)
    given_up: list[str] = field(default_factory=list)

    def __enter__(self) -> "Citizens":
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._file, daemon=True) for _ in range(4)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _file(self) -> None:
        while not self._stop.is_set():
            email = f"{uuid4().hex}@example.vn"
            body = {
                "kind": "report",
                "text": random.choice(WORDS),
                "email": email,
                "name": "Người Thử",
                "language": "vi",
            }
            code = self._until_answered(body)
            if code:
                self.accepted[email] = code
            else:
                self.given_up.append(email)
            self._stop.wait(random.expovariate(self.rate / 4))

    def _until_answered(self, body: dict[str, str], patience_s: float = 40) -> str | None:
        """Ask again under the same key until an answer comes: the reply may have been lost, the petition not."""
        once, end = uuid4().hex, time.monotonic() + patience_s
        while time.monotonic() < end:
            asked = Request(
                f"{self.stack.door}/api/v1/petitions",
                data=json.dumps(body).encode(),
                headers={"Content-Type": "application/json", "Idempotency-Key": once},
            )
            try:
                with urlopen(asked, timeout=10) as answer:
                    return str(json.load(answer)["code"])
            except HTTPError as refusal:
                if refusal.code not in {500, 502, 503}:
                    raise AssertionError(f"refused: {refusal.code} {refusal.read()!r}") from None
            except (URLError, OSError, HTTPException, ValueError):
                pass
            time.sleep(0.3)
        return None


def arrivals(stack: Stack) -> dict[str, dict[str, int]]:
    """How often each message arrived, by recipient: what the world outside says, not what we say."""
    with closing(sqlite3.connect(stack.var / "outside.sqlite")) as outside:
        rows = outside.execute(
            "SELECT recipient, ref, count(*) FROM arrival WHERE channel = 'email' GROUP BY recipient, ref"
        )
        found: dict[str, dict[str, int]] = {}
        for recipient, ref, count in rows:
            found.setdefault(recipient, {})[ref] = count
    return found


def what_is_wrong(stack: Stack, citizens: Citizens) -> list[str]:
    """Everything that is not as promised; empty when nothing was lost, doubled or out of order."""
    accepted, wrong = dict(citizens.accepted), []
    codes = {str(code).replace("-", "") for code in accepted.values()}

    cases: dict[str, int] = {}
    for code, count in stack.ask("workflow", "SELECT code, count(*) FROM case_ GROUP BY code"):
        cases[str(code).replace("-", "")] = int(str(count))
    wrong += [f"no case: {code}" for code in codes - cases.keys()]
    wrong += [f"{count} cases: {code}" for code, count in cases.items() if count != 1]

    told = arrivals(stack)
    wrong += [f"no message: {email}" for email in accepted if email not in told]
    wrong += [
        f"message came twice: {email} {told[email]}"
        for email in accepted
        if told.get(email, {}) and max(told[email].values()) > 1
    ]

    for service in SERVICES:
        said, unnumbered = stack.ask(service, "SELECT count(*), count(*) FILTER (WHERE pos IS NULL) FROM outbox")[0]
        kept = stack.ask(
            "audit",
            f"SELECT count(*), count(DISTINCT pos), coalesce(max(pos), 0) FROM event_index WHERE source = '{service}'",
        )[0]
        if unnumbered or kept != (said, said, said):
            wrong.append(f"{service} said {said} ({unnumbered} unnumbered), the log has {kept}")
    disorder = stack.ask(
        "audit",
        "SELECT count(*) FROM (SELECT sequence, row_number() OVER (PARTITION BY source, subject ORDER BY idx) AS place "
        "FROM event_index WHERE subject IS NOT NULL AND source <> 'log') AS ordered WHERE sequence <> place",
    )[0][0]
    if disorder:
        wrong.append(f"{disorder} events are out of order in the log")
    for service in ("intake", "workflow", "notify", "insight"):
        waiting = stack.ask(
            service, "SELECT state, count(*) FROM inbox WHERE state NOT IN ('done', 'skipped') GROUP BY state"
        )
        dead = stack.ask(service, "SELECT count(*) FROM dead_message")[0][0]
        if waiting or dead:
            wrong.append(f"{service} has {waiting} waiting and {dead} dead messages")
    return wrong
