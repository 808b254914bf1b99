"""Partners are told: signed, marked before it leaves, tried again, and never about what is confidential."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any
from uuid import UUID, uuid4

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from services.notify.channels.webhook import signature
from services.notify.domain.outcome import Schedule
from services.notify.hooks import store as hooks
from services.notify.hooks.sending import WebhookSender
from shared.events.base import Sealed
from shared.events.notify import WebhookAttempted
from shared.events.workflow import PartnerChanged, WebhookDue
from shared.fetch import Reach
from shared.outbox import outbox
from tests.builders import petition_filed
from tests.notify.conftest import Post
from tests.receiver import Receiver, listening

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwFvGqPsQzG0Y="
BODY = json.dumps({"type": "request.updated", "data": {"service_request_id": "7K3M-9HDK"}})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


def sender(post: Post, receiver: Receiver, *, waits_s: tuple[int, ...] = (5, 300)) -> WebhookSender:
    reach = Reach(frozenset({receiver.port}), (ip_network("127.0.0.1/32"),))
    return WebhookSender(post.database, reach, Schedule(waits_s))


def register(post: Post, receiver: Receiver, **more: Any) -> UUID:
    partner_id: UUID = more.pop("partner_id", None) or uuid4()
    usual: dict[str, Any] = {
        "partner_id": partner_id,
        "actor": "u:a",
        "code": "hue-s",
        "is_test": False,
        "is_active": True,
        "per_minute": 60,
        "is_told": True,
        "change": "webhook",
        "name": Sealed("Hue-S"),
        "key_hash": Sealed(None),
        "webhook_url": Sealed(receiver.url),
        "webhook_secret": Sealed(SECRET),
    }
    post.hear(PartnerChanged(**usual | more))
    return partner_id


def plan(post: Post, partner_id: UUID, **more: Any) -> UUID:
    usual: dict[str, Any] = {
        "partner_id": partner_id,
        "delivery_id": uuid4(),
        "petition_id": None,
        "kind": "request.updated",
        "is_again": False,
        "body": Sealed(BODY),
    }
    due = WebhookDue(**usual | more)
    post.hear(due)
    return due.delivery_id


def attempts(post: Post) -> list[dict[str, Any]]:
    with post.database.reading() as look:
        rows = look.connection.execute(outbox.select().order_by(outbox.c.id)).all()
    return [json.loads(row.body)["data"] for row in rows if row.type == WebhookAttempted.TYPE]


def test_what_arrives_is_verified_by_a_library_that_is_not_ours(post: Post, receiver: Receiver) -> None:
    delivery_id = plan(post, register(post, receiver))

    assert sender(post, receiver).once() == 1

    ((headers, body),) = receiver.got
    post_time = post.clock.now().timestamp()
    assert int(headers["webhook-timestamp"]) == int(post_time)
    assert headers["webhook-id"] == f"msg_{delivery_id.hex}"
    assert headers["content-type"] == "application/json"
    assert body == BODY.encode()
    hook = Webhook(SECRET)
    signed = hook.sign(headers["webhook-id"], post.clock.now(), body.decode())
    assert headers["webhook-signature"] == signed
    (one,) = attempts(post)
    assert (one["attempt"], one["state"], one["status"], one["next_at"]) == (1, "delivered", 204, None)


def test_a_signature_of_now_passes_and_one_of_other_words_does_not() -> None:
    at = int(datetime.now(UTC).timestamp())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": signature(SECRET, message_id="msg_1", timestamp=at, body=BODY.encode()),
    }

    assert Webhook(SECRET).verify(BODY, headers) == json.loads(BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY.replace("7K3M", "8K3M"), headers)


def test_a_receiver_that_fails_is_tried_again_later_with_the_same_id(post: Post, receiver: Receiver) -> None:
    plan(post, register(post, receiver))
    loop = sender(post, receiver)
    receiver.status = 503

    assert (loop.once(), loop.once()) == (1, 0)
    post.clock.move_to(post.clock.now() + timedelta(seconds=8))
    receiver.status = 200
    assert loop.once() == 1

    assert [one["state"] for one in attempts(post)] == ["retry", "delivered"]
    assert [one["attempt"] for one in attempts(post)] == [1, 2]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in receiver.got}) == 2


def test_after_the_last_wait_it_ends_until_somebody_asks_for_it(post: Post, receiver: Receiver) -> None:
    partner_id = register(post, receiver)
    delivery_id = plan(post, partner_id)
    loop = sender(post, receiver)
    receiver.status = 500
    for _ in range(5):
        loop.once()
        post.clock.move_to(post.clock.now() + timedelta(hours=1))
    assert [one["state"] for one in attempts(post)] == ["retry", "retry", "failed"]

    receiver.status = 200
    plan(post, partner_id, delivery_id=delivery_id, is_again=True)
    loop.once()

    assert [(one["attempt"], one["state"]) for one in attempts(post)][3:] == [(4, "delivered")]
    assert receiver.got[-1][1] == BODY.encode()


@pytest.mark.parametrize(
    ("status", "headers", "state", "problem"),
    [
        (302, {"Location": "http://169.254.169.254/"}, "retry", "redirect"),
        (404, {}, "retry", ""),
        (410, {}, "failed", ""),
    ],
)
def test_each_answer_has_its_meaning(
    post: Post, receiver: Receiver, status: int, headers: dict[str, str], state: str, problem: str
) -> None:
    plan(post, register(post, receiver))
    receiver.status, receiver.headers = status, headers

    sender(post, receiver).once()

    (one,) = attempts(post)
    assert (one["state"], one["status"], one["problem"]) == (state, status, problem)
    assert len(receiver.got) == 1


def test_who_asks_us_to_wait_is_given_that_time(post: Post, receiver: Receiver) -> None:
    plan(post, register(post, receiver))
    receiver.status, receiver.headers = 429, {"Retry-After": "3600"}

    sender(post, receiver).once()
    post.clock.move_to(post.clock.now() + timedelta(minutes=59))

    assert sender(post, receiver).once() == 0


def test_an_address_within_our_own_network_is_never_asked(post: Post, receiver: Receiver) -> None:
    plan(post, register(post, receiver))

    WebhookSender(post.database, Reach(frozenset({receiver.port})), Schedule((5,))).once()

    assert receiver.got == []
    assert attempts(post)[0]["problem"] == "private_address"


def test_what_became_confidential_does_not_leave(post: Post, receiver: Receiver) -> None:
    petition_id = uuid4()
    post.hear(petition_filed(petition_id=petition_id, public_code=None))
    plan(post, register(post, receiver), petition_id=petition_id)

    sender(post, receiver).once()

    assert receiver.got == []
    assert [(one["state"], one["problem"]) for one in attempts(post)] == [("withheld", "confidential")]


def test_who_was_stopped_is_told_nothing_more(post: Post, receiver: Receiver) -> None:
    partner_id = register(post, receiver)
    plan(post, partner_id)
    register(post, receiver, partner_id=partner_id, is_told=False, webhook_secret=Sealed(None))

    sender(post, receiver).once()

    assert receiver.got == []
    assert attempts(post)[0]["state"] == "withheld"


def test_a_change_without_a_new_secret_keeps_the_old_one(post: Post, receiver: Receiver) -> None:
    partner_id = register(post, receiver)
    register(post, receiver, partner_id=partner_id, webhook_secret=Sealed(None))
    plan(post, partner_id)

    sender(post, receiver).once()

    assert attempts(post)[0]["state"] == "delivered"
    with post.database.reading() as look:
        kept = look.connection.execute(hooks.receiver.select()).one()
    assert SECRET.encode() not in kept.secret


def test_a_worker_that_dies_while_it_sends_leaves_a_second_attempt_and_no_loss(post: Post, receiver: Receiver) -> None:
    plan(post, register(post, receiver))
    with post.database.writing() as tx:
        (taken,) = hooks.claim(tx, most=5)  # and it is never heard of again
    loop = sender(post, receiver)

    assert loop.once() == 0
    post.clock.move_to(post.clock.now() + hooks.LEASE)
    assert loop.once() == 1

    assert [(one["attempt"], one["state"]) for one in attempts(post)] == [(2, "delivered")]
    with post.database.writing() as tx:
        assert not hooks.save(tx, replace(taken), state="retry", next_at=tx.now)  # who comes back late writes nothing


def test_one_partner_that_is_away_does_not_hold_up_another(post: Post, receiver: Receiver) -> None:
    with listening() as gone:
        dead = replace(gone)
    away, well = register(post, dead), register(post, receiver)
    for _ in range(100):
        plan(post, away)
    plan(post, well)

    sender(post, receiver).once()

    assert len(receiver.got) == 1
