"""Partners at the desk: registered, limited, stopped; what their webhooks are told, and the ledger of it."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.workflow import actions, store
from services.workflow.actions.partners import RATES, PartnerUnknown, WebhookOff
from services.workflow.ledger import note_attempt
from services.workflow.steps import Incomplete
from services.workflow.store import Partner
from services.workflow.store.partners import partner
from shared import auth
from shared.clock import MovableClock
from shared.events.notify import WebhookAttempted
from shared.fetch import Reach
from shared.outbox import outbox
from tests.workflow.builders import ADMIN, HEAD, Office, Staff
from tests.workflow.conftest import Visit

HOME = {"Origin": "http://localhost"}
REACH = Reach(is_https_only=True)
URL = "https://hub.example.vn/webhook"


def account_of(office: Office, whom: Staff) -> auth.Person:
    with office.database.reading() as look:
        return next(one for one in auth.list_people(look) if one.person == whom.person)


def register(office: Office, *, code: str = "hue-s", **more: Any) -> tuple[Partner, str]:
    with office.database.writing() as tx:
        return actions.register_partner(
            tx,
            person=account_of(office, ADMIN),
            **{"code": code, "name": "Hue-S", "is_test": False, "per_minute": 60, **more},
        )


def partner_of(office: Office, partner_id: UUID) -> Partner:
    with office.database.reading() as look:
        found = store.find_partner(look, partner_id)
    assert found is not None
    return found


def told(office: Office, type_: str) -> list[dict[str, Any]]:
    with office.database.reading() as look:
        rows = look.connection.execute(outbox.select().order_by(outbox.c.id)).all()
    return [json.loads(row.body)["data"] for row in rows if row.type == type_]


def attempted(office: Office, partner_id: UUID, delivery_id: UUID, **more: Any) -> None:
    usual = {
        "partner_id": partner_id,
        "delivery_id": delivery_id,
        "attempt": 1,
        "state": "delivered",
        "status": 204,
        "problem": "",
        "milliseconds": 12,
        "tried_at": office.clock.now(),
        "next_at": None,
    }
    with office.database.writing() as tx:
        note_attempt(tx, WebhookAttempted(**usual | more))


def test_a_partner_is_registered_and_its_key_is_kept_nowhere(office: Office) -> None:
    made, key = register(office)

    assert key.startswith("lnp_")
    (event,) = told(office, "partner.changed.v1")
    assert (event["code"], event["change"], event["per_minute"], event["is_told"]) == ("hue-s", "registered", 60, False)
    with office.database.reading() as look:
        everything = repr(look.connection.execute(partner.select()).all())
        everything += repr(look.connection.execute(outbox.select()).all())
    assert key not in everything
    assert made.key_tail == key[-4:]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "HUE"}, "code"),
        ({"code": "a"}, "code"),
        ({"code": "x" * 25}, "code"),
        ({"code": "hue--;"}, "code"),
        ({"name": " "}, "name"),
        ({"per_minute": 7}, "per_minute"),
    ],
)
def test_what_makes_no_sense_registers_nobody(office: Office, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Incomplete) as refused:
        register(office, **given)

    assert refused.value.field == field


def test_a_code_is_given_once(office: Office) -> None:
    register(office)

    with pytest.raises(Incomplete, match="taken"):
        register(office)


def test_each_change_is_told_with_all_that_holds(office: Office) -> None:
    made, _ = register(office)
    admin = account_of(office, ADMIN)
    with office.database.writing() as tx:
        new = actions.renew_key(tx, person=admin, partner_id=made.id)
        actions.limit_partner(tx, person=admin, partner_id=made.id, per_minute=RATES[0])
        secret = actions.set_webhook(tx, person=admin, partner_id=made.id, url=URL, reach=REACH)
        actions.switch_partner(tx, person=admin, partner_id=made.id, is_active=False)

    assert new.startswith("lnp_")
    assert secret.startswith("whsec_")
    assert [one["change"] for one in told(office, "partner.changed.v1")] == [
        *("registered", "key", "limits", "webhook", "stopped")
    ]
    assert [one["is_told"] for one in told(office, "partner.changed.v1")] == [False, False, False, True, False]
    assert {one["actor"] for one in told(office, "partner.changed.v1")} == {admin.person}


@pytest.mark.parametrize("url", ["http://hub.example.vn/", "ftp://hub.example.vn/", "https://hub.example.vn:25/", "x"])
def test_an_address_that_we_would_not_ask_is_no_webhook(office: Office, url: str) -> None:
    made, _ = register(office)

    with pytest.raises(Incomplete), office.database.writing() as tx:
        actions.set_webhook(tx, person=account_of(office, ADMIN), partner_id=made.id, url=url, reach=REACH)


def test_who_is_told_nothing_is_sent_no_trial(office: Office) -> None:
    made, _ = register(office)

    with pytest.raises(WebhookOff), office.database.writing() as tx:
        actions.try_webhook(tx, person=account_of(office, ADMIN), partner_id=made.id)
    with pytest.raises(PartnerUnknown), office.database.writing() as tx:
        actions.try_webhook(tx, person=account_of(office, ADMIN), partner_id=uuid4())


# ---- the ledger


@pytest.fixture
def listening(office: Office) -> Partner:
    """A partner with a webhook."""
    made, _ = register(office)
    with office.database.writing() as tx:
        actions.set_webhook(tx, person=account_of(office, ADMIN), partner_id=made.id, url=URL, reach=REACH)
    return partner_of(office, made.id)


def trial(office: Office, listening: Partner) -> UUID:
    with office.database.writing() as tx:
        actions.try_webhook(tx, person=account_of(office, ADMIN), partner_id=listening.id)
    return UUID(told(office, "webhook.due.v1")[-1]["delivery_id"])


def test_the_ledger_shows_each_attempt(office: Office, listening: Partner) -> None:
    delivery_id = trial(office, listening)
    attempted(office, listening.id, delivery_id, state="retry", status=503, next_at=office.clock.now())
    attempted(office, listening.id, delivery_id, attempt=2, state="retry", status=None, problem="timeout")
    attempted(office, listening.id, delivery_id, attempt=3)
    attempted(office, listening.id, delivery_id, attempt=3)  # heard twice

    with office.database.reading() as look:
        (one,) = store.ledger_of(look, listening.id)
    assert (one.state, one.next_at) == ("delivered", None)
    assert [(a["number"], a["status"], a["problem"]) for a in one.attempts] == [
        (1, 503, ""),
        (2, None, "timeout"),
        (3, 204, ""),
    ]


def test_a_delivery_is_sent_again_with_the_same_id_and_bytes(office: Office, listening: Partner) -> None:
    delivery_id = trial(office, listening)
    attempted(office, listening.id, delivery_id, state="failed", status=500)
    with office.database.writing() as tx:
        actions.resend(tx, person=account_of(office, ADMIN), partner_id=listening.id, delivery_id=delivery_id)

    first, again = told(office, "webhook.due.v1")
    assert first["delivery_id"] == again["delivery_id"]
    assert (first["is_again"], again["is_again"]) == (False, True)
    with pytest.raises(PartnerUnknown), office.database.writing() as tx:
        actions.resend(tx, person=account_of(office, ADMIN), partner_id=listening.id, delivery_id=uuid4())


def test_a_receiver_that_fails_for_days_is_left_alone_and_the_admin_sees_it(
    office: Office, listening: Partner, clock: MovableClock, visit: Visit
) -> None:
    delivery_id = trial(office, listening)
    for day in range(6):
        attempted(office, listening.id, delivery_id, attempt=day + 1, state="retry", status=500)
        clock.move_to(clock.now() + timedelta(days=1))

    found = partner_of(office, listening.id)
    assert (found.is_paused, found.is_told) == (True, False)
    assert told(office, "partner.changed.v1")[-1]["change"] == "paused"
    page = visit(ADMIN).get(f"/desk/partners/{listening.id}").text
    assert "Đã tạm dừng báo tin" in page
    with office.database.writing() as tx:
        actions.unpause_webhook(tx, person=account_of(office, ADMIN), partner_id=listening.id)
    assert partner_of(office, listening.id).is_told


def test_one_success_makes_up_for_days_of_failure(office: Office, listening: Partner, clock: MovableClock) -> None:
    delivery_id = trial(office, listening)
    attempted(office, listening.id, delivery_id, state="retry", status=500)
    clock.move_to(clock.now() + timedelta(days=4))
    attempted(office, listening.id, delivery_id, attempt=2)
    clock.move_to(clock.now() + timedelta(days=4))
    attempted(office, listening.id, delivery_id, attempt=3, state="retry", status=500)

    assert partner_of(office, listening.id).is_told


def test_who_says_that_it_is_gone_is_left_alone_at_once(office: Office, listening: Partner) -> None:
    attempted(office, listening.id, trial(office, listening), state="failed", status=410)

    assert partner_of(office, listening.id).is_paused


# ---- the screens


def test_the_key_is_shown_on_one_page_and_never_again(visit: Visit, office: Office) -> None:
    client = visit(ADMIN)
    typed = {"name": "Hue-S", "code": "hue-s", "world": "production", "per_minute": "60"}

    made = client.post("/desk/partners", data=typed, headers=HOME)
    again = client.get("/desk/partners")

    assert made.status_code == 200
    key = re.search(r"lnp_[\w-]+", made.text)
    assert key
    assert key[0] not in again.text
    assert "hue-s" in again.text
    refused = client.post("/desk/partners", data=typed, headers=HOME)
    assert refused.status_code == 422
    assert "Đã có đối tác mang mã này" in refused.text


def test_the_secret_of_a_webhook_is_shown_on_one_page_and_never_again(visit: Visit, office: Office) -> None:
    client, (made, _) = visit(ADMIN), register(office)

    wrong = client.post(f"/desk/partners/{made.id}/webhook", data={"url": "ftp://x"}, headers=HOME)
    good = client.post(f"/desk/partners/{made.id}/webhook", data={"url": URL}, headers=HOME)
    later = client.get(f"/desk/partners/{made.id}")

    assert wrong.status_code == 422
    assert "ftp://x" in wrong.text
    assert "whsec_" in good.text
    assert "whsec_" not in later.text
    assert URL in later.text


def test_the_buttons_of_a_partner_do_what_they_say(visit: Visit, office: Office, listening: Partner) -> None:
    client, address = visit(ADMIN), f"/desk/partners/{listening.id}"

    answers = [
        client.post(f"{address}/limit", data={"per_minute": "300"}, headers=HOME),
        client.post(f"{address}/webhook/trial", headers=HOME),
        client.post(f"{address}/key", headers=HOME),
        client.post(f"{address}", data={"is_active": "no"}, headers=HOME),
    ]

    assert [one.status_code for one in answers] == [303, 303, 200, 303]
    found = partner_of(office, listening.id)
    assert (found.per_minute, found.is_active) == (300, False)
    assert "Gửi thử" in client.get(address).text
    assert client.post(f"{address}/webhook/trial", headers=HOME).status_code == 409
    assert client.get(f"/desk/partners/{uuid4()}").status_code == 404
    assert client.get(f"{address}?before=yesterday").status_code == 404


def test_a_partner_hears_of_its_own_requests_alone_until_the_admin_says_more(
    visit: Visit, office: Office, listening: Partner, clock: MovableClock
) -> None:
    client, address = visit(ADMIN), f"/desk/partners/{listening.id}"
    before = client.get(address).text

    wider = client.post(f"{address}/scope", data={"hears_public": "yes"}, headers=HOME)
    since = partner_of(office, listening.id).public_since
    clock.move_to(clock.now() + timedelta(minutes=1))
    client.post(f"{address}/scope", data={"hears_public": "yes"}, headers=HOME)
    after = client.get(address).text
    again = partner_of(office, listening.id).public_since
    client.post(f"{address}/scope", data={"hears_public": "no"}, headers=HOME)

    assert "Chỉ nghe về việc họ gửi" in before
    assert wider.status_code == 303
    assert "mọi việc đã công bố" in after
    assert since is not None
    assert again == since
    assert not partner_of(office, listening.id).hears_public
    assert [(one["change"], one["hears_public"]) for one in told(office, "partner.changed.v1")][-2:] == [
        ("scope", True),
        ("scope", False),
    ]


def test_partners_are_the_admins_alone(visit: Visit, listening: Partner) -> None:
    client = visit(HEAD)

    assert client.get("/desk/partners").status_code == 403
    assert client.get(f"/desk/partners/{listening.id}").status_code == 403
    assert client.post(f"/desk/partners/{listening.id}/key", headers=HOME).status_code == 403
    assert client.post(f"/desk/partners/{listening.id}/scope", headers=HOME).status_code == 403
