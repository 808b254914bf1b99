"""The feed: a service tells again what it said. The only thing one service ever asks another, and only for repair."""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.error import URLError
from urllib.request import Request, urlopen

from flask import Flask, Response, abort, request
from sqlalchemy import func, select

from shared.bus import Message
from shared.db import Database
from shared.events.codec import b64u
from shared.keys import KeyRing
from shared.outbox import outbox, subscriber_receipt
from shared.relay import read_messages
from shared.sql import insert_new

LIMIT = 1000


class FeedUnavailable(Exception):
    """The other service did not answer; what is missing is asked for again later."""


@dataclass(frozen=True)
class FeedPage:
    """Events of a source beyond a position, and how far it has come."""

    messages: Sequence[Message]
    epoch: str
    published: int  # last position given
    head_hash: str  # of the event at `published`, base64url
    unnumbered: int  # committed events that still wait for their position
    unnumbered_age_s: int  # age of the oldest of them


class Feed(Protocol):
    """A source that can be asked to tell again."""

    def read(self, *, after: int, limit: int, subscriber: str) -> FeedPage:
        """Raises FeedUnavailable."""
        ...


class LocalFeed:
    """The feed of a service in this process."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database, self._keys = database, keys

    def read(self, *, after: int, limit: int, subscriber: str) -> FeedPage:
        """Asking for what comes after a position is the receipt for everything up to it."""
        with self._database.housekeeping() as connection:
            state, messages = read_messages(connection, self._keys, after=after, limit=min(limit, LIMIT))
            count, oldest = connection.execute(
                select(func.count(), func.min(outbox.c.created_at)).where(outbox.c.pos.is_(None))
            ).one()
            now = self._database.clock.now()
            insert_new(connection, subscriber_receipt, [{"subscriber": subscriber, "pos": 0, "seen_at": now}])
            connection.execute(
                subscriber_receipt.update()
                .where(subscriber_receipt.c.subscriber == subscriber, subscriber_receipt.c.pos < after)
                .values(pos=after, seen_at=now)
            )
        return FeedPage(
            messages=messages,
            epoch=str(state.epoch),
            published=state.assigned,
            head_hash=b64u(state.head_hash),
            unnumbered=count,
            unnumbered_age_s=int((now - oldest).total_seconds()) if oldest else 0,
        )


class HttpFeed:
    """The feed of a service elsewhere."""

    def __init__(self, url: str, token: str, *, timeout_s: float = 10) -> None:
        self._url, self._token, self._timeout_s = url, token, timeout_s

    def read(self, *, after: int, limit: int, subscriber: str) -> FeedPage:
        where = f"{self._url}/internal/events?after={after}&limit={limit}&subscriber={subscriber}"
        asked = Request(where, headers={"Authorization": f"Bearer {self._token}"})
        try:
            with urlopen(asked, timeout=self._timeout_s) as answer:
                page = json.load(answer)
        except (URLError, TimeoutError, ValueError, ConnectionError) as problem:
            raise FeedUnavailable(f"{self._url}: {problem}") from None
        messages = [
            Message(m["body"].encode(), m["headers"], m["routing_key"], m["message_id"]) for m in page.pop("messages")
        ]
        return FeedPage(messages=messages, **page)


def serve_feed(app: Flask, feed: LocalFeed, token: str) -> None:
    """Let other services pull, with the token that only services have. Without a token there is no such page."""

    @app.get("/internal/events")
    def events() -> Response:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token or not hmac.compare_digest(given.encode(), token.encode()):
            abort(404)
        page = feed.read(
            after=request.args.get("after", 0, type=int),
            limit=request.args.get("limit", LIMIT, type=int),
            subscriber=request.args.get("subscriber", "unknown")[:32],
        )
        messages = [
            {
                "body": m.body.decode(),
                "headers": dict(m.headers),
                "routing_key": m.routing_key,
                "message_id": m.message_id,
            }
            for m in page.messages
        ]
        told = vars(page) | {"messages": messages}
        return Response(json.dumps(told), content_type="application/json")
