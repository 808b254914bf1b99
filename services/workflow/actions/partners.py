"""Partners: registered by the admin, who hands them a key that is shown once; and what their webhooks are told."""

import re
import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.workflow import store
from services.workflow.domain.rules import Book, Rules
from services.workflow.domain.vocabulary import UnknownWord
from services.workflow.domain.webhook import (
    PING,
    PUBLISHED,
    TELLS_ALL,
    UNPUBLISHED,
    Standing,
    kind_of,
    news_of,
    takedown_of,
    trial,
    update_of,
)
from services.workflow.ledger import tell_of_partner
from services.workflow.steps import Incomplete, needed
from services.workflow.store import Happened, Partner
from shared.auth import Person
from shared.db import Database, Reading, Transaction
from shared.events.base import Sealed
from shared.events.workflow import WebhookDue
from shared.fetch import FetchRefused, Reach, check_address
from shared.ids import ordered_id

PREFIX = "lnp_"  # by which scanners for leaked secrets recognise one of ours
SECRET_PREFIX, SECRET_BYTES = "whsec_", 32  # Source: Standard Webhooks, 24 to 64 bytes
RATES = (10, 60, 300, 1000)  # requests a minute
BATCH = 2000  # positions that one turn looks at

_CODE = re.compile(r"[a-z][a-z0-9-]{1,22}[a-z0-9]")


class PartnerUnknown(Exception):
    """There is no such partner, or no such delivery to it."""


class WebhookOff(Exception):
    """This partner is told nothing at present: it has no address, was stopped, or its webhook is paused."""


def register_partner(
    tx: Transaction, *, person: Person, code: str, name: str, is_test: bool, per_minute: int
) -> tuple[Partner, str]:
    """A new partner and its key, which is kept nowhere. Raises Incomplete."""
    if not _CODE.fullmatch(code):
        raise Incomplete("code", "malformed")
    if per_minute not in RATES:
        raise Incomplete("per_minute", "unknown")
    key = _fresh_key()
    made = Partner(
        id=ordered_id(),
        code=code,
        name=needed(name, "name", most=120),
        is_test=is_test,
        is_active=True,
        per_minute=per_minute,
        key_tail=key[-4:],
        made_at=tx.now,
        key_made_at=tx.now,
        webhook_url=None,
        webhook_since=None,
        public_since=None,
        is_paused=False,
        failing_since=None,
    )
    if not store.add_partner(tx, made):
        raise Incomplete("code", "taken")
    tell_of_partner(tx, made, person.person, "registered", key=key)
    return made, key


def renew_key(tx: Transaction, *, person: Person, partner_id: UUID) -> str:
    """Another key, from now on; the one before opens nothing more. Raises PartnerUnknown."""
    key = _fresh_key()
    changed = replace(_the(tx, partner_id), key_tail=key[-4:], key_made_at=tx.now)
    store.save_partner(tx, changed)
    tell_of_partner(tx, changed, person.person, "key", key=key)
    return key


def switch_partner(tx: Transaction, *, person: Person, partner_id: UUID, is_active: bool) -> None:
    """Stop what a partner sends and is told, or let it go on. Raises PartnerUnknown."""
    changed = replace(_the(tx, partner_id), is_active=is_active)
    store.save_partner(tx, changed)
    tell_of_partner(tx, changed, person.person, "resumed" if is_active else "stopped")


def limit_partner(tx: Transaction, *, person: Person, partner_id: UUID, per_minute: int) -> None:
    """How many requests a minute a partner may send. Raises PartnerUnknown, Incomplete."""
    if per_minute not in RATES:
        raise Incomplete("per_minute", "unknown")
    changed = replace(_the(tx, partner_id), per_minute=per_minute)
    store.save_partner(tx, changed)
    tell_of_partner(tx, changed, person.person, "limits")


def set_webhook(tx: Transaction, *, person: Person, partner_id: UUID, url: str, reach: Reach) -> str:
    """Where a partner is told, and the new secret by which it knows us; an empty address ends it.

    Raises PartnerUnknown, Incomplete.
    """
    found = _the(tx, partner_id)
    if not url:
        store.save_partner(tx, ended := replace(found, webhook_url=None, is_paused=False, failing_since=None))
        tell_of_partner(tx, ended, person.person, "webhook")
        return ""
    try:
        check_address(url, reach)
    except FetchRefused as refused:
        raise Incomplete("url", refused.problem) from None
    if not any(one.is_told for one in store.all_partners(tx)):
        store.move_webhook_cursor(tx, store.told_so_far(tx))  # nobody listened: what happened so far is past
    secret = SECRET_PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    changed = replace(found, webhook_url=url, webhook_since=tx.now, is_paused=False, failing_since=None)
    store.save_partner(tx, changed)
    tell_of_partner(tx, changed, person.person, "webhook", secret=secret)
    return secret


def widen_partner(tx: Transaction, *, person: Person, partner_id: UUID, hears_public: bool) -> None:
    """Tell a partner of everything that is public, by whichever way it came, or of its own requests alone.

    Raises PartnerUnknown.
    """
    found = _the(tx, partner_id)
    if found.hears_public != hears_public:
        changed = replace(found, public_since=tx.now if hears_public else None)
        store.save_partner(tx, changed)
        tell_of_partner(tx, changed, person.person, "scope")


def unpause_webhook(tx: Transaction, *, person: Person, partner_id: UUID) -> None:
    """Tell a partner again whose webhook was paused. Raises PartnerUnknown."""
    changed = replace(_the(tx, partner_id), is_paused=False, failing_since=None)
    store.save_partner(tx, changed)
    tell_of_partner(tx, changed, person.person, "unpaused")


def try_webhook(tx: Transaction, *, person: Person, partner_id: UUID) -> None:
    """Send something that means nothing, to see whether it arrives. Raises PartnerUnknown, WebhookOff."""
    found = _told(tx, partner_id)
    _plan(tx, found, petition_id=None, kind=PING, after="", code="", body=trial(found.code, tx.now))


def resend(tx: Transaction, *, person: Person, partner_id: UUID, delivery_id: UUID) -> None:
    """Send a delivery once more, the same bytes under the same id. Raises PartnerUnknown, WebhookOff."""
    found, kept = _told(tx, partner_id), store.find_delivery(tx, partner_id, delivery_id)
    if kept is None:
        raise PartnerUnknown
    store.save_delivery(tx, delivery_id, state="waiting", next_at=None)
    tx.emit(
        WebhookDue(
            partner_id=found.id,
            delivery_id=delivery_id,
            petition_id=kept["petition_id"],
            kind=kept["kind"],
            is_again=True,
            body=Sealed(kept["body"]),
        )
    )


class PlanWebhooks:
    """Looks at what was told about petitions of partners and about what is public, and plans what each partner is told
    of it."""

    name, idle_s, linger_s = "webhooks", 5.0, 0.2

    def __init__(self, database: Database, book: Book, *, public_url: str) -> None:
        self._database, self._book, self._list = database, book, f"{public_url}/open311/v2/requests"

    def once(self) -> int:
        count = 0
        while seen := self._some():
            count += seen
        return count

    def _some(self) -> int:
        """Plans a batch. Returns how much was planned, or that there is more to look at."""
        with self._database.reading() as look:
            begin, head = store.webhook_cursor(look), store.told_so_far(look)
            until = min(head, begin + BATCH)
            told = _told_partners(look)
            if until == begin or not told:
                return 0
            if not _happened(look, told, begin, until) and until - begin < BATCH:
                return 0
        with self._database.writing() as tx:
            if store.webhook_cursor(tx) != begin:
                return 1  # another worker was faster
            rules, told = self._book.in_force(tx), _told_partners(tx)
            for one in _happened(tx, told, begin, until):
                self._plan_of(tx, rules, told, one)
            store.move_webhook_cursor(tx, until)
        return 1

    def _plan_of(self, tx: Transaction, rules: Rules, told: Sequence[Partner], happened: Happened) -> None:
        found = store.standing_of(tx, happened.case_id)
        for to in told:
            is_own = to.code == happened.partner
            if not to.is_told_since(happened.at, is_own=is_own):
                continue
            if happened.type == UNPUBLISHED:
                self._plan_takedown(tx, to, found, happened)
            elif found["may_be_told"] and (is_own or _is_public(found, happened)):
                self._plan_update(tx, rules, to, found, happened, is_own=is_own)

    def _plan_update(
        self, tx: Transaction, rules: Rules, to: Partner, found: Mapping[str, Any], happened: Happened, *, is_own: bool
    ) -> None:
        """Who sent it hears by its code how it goes on; that it is public, and what follows for everybody, is told by
        its number: the list has one row for each.
        """
        code, came_at = _code(found), found["received_at"]
        if is_own and happened.type != PUBLISHED:
            its = {"listed_id": code, "service_code": happened.service_code or "", "received_at": came_at}
            standing = self._standing(rules, found, happened, **its)
            body = update_of(standing, after=happened.type)
        elif found["number"] and found["topic"]:
            begun = rules.calendar.start_of_day(rules.calendar.local_day(came_at))
            its = {"listed_id": found["number"], "service_code": found["topic"], "received_at": begun}
            standing = self._standing(rules, found, happened, **its)
            body = news_of(standing, after=happened.type, own_id=code if is_own else None)
        else:
            return  # it was taken down meanwhile, or has no topic, and the list leaves it out
        known = {"kind": kind_of(happened.type), "after": happened.type, "code": standing.id}
        _plan(tx, to, petition_id=happened.petition_id, body=body, **known)

    def _standing(
        self,
        rules: Rules,
        found: Mapping[str, Any],
        happened: Happened,
        *,
        listed_id: str,
        service_code: str,
        received_at: datetime,
    ) -> Standing:
        return Standing(
            id=listed_id,
            url=f"{self._list}/{listed_id}.json",
            service_code=service_code,
            stage=found["stage"],
            unit=found["unit"],
            unit_name=_unit_name(rules, found["unit"]),
            received_at=received_at,
            changed_at=happened.at,
            due_on=found["answer_due_on"],
        )

    def _plan_takedown(self, tx: Transaction, to: Partner, found: Mapping[str, Any], happened: Happened) -> None:
        """Told also of what is confidential by now, for it says nothing: so it is about no petition."""
        if not found["topic"]:
            return  # the list never had it
        number = happened.facts["number"]
        body = takedown_of(number, reason=happened.facts["reason"], at=happened.at)
        known = {"kind": kind_of(happened.type), "after": happened.type, "code": number}
        _plan(tx, to, petition_id=None, body=body, **known)


def _told_partners(tx: Reading) -> list[Partner]:
    return [one for one in store.all_partners(tx) if one.is_told]


def _happened(tx: Reading, told: Sequence[Partner], begin: int, until: int) -> list[Happened]:
    is_public_told = any(one.hears_public for one in told)
    return store.happened_since(tx, begin, until=until, is_public_told=is_public_told)


def _is_public(found: Mapping[str, Any], happened: Happened) -> bool:
    """Whether everybody sees what happened: it is public, and was so before."""
    if not found["number"] or happened.type not in TELLS_ALL:
        return False
    return happened.type == PUBLISHED or happened.at > found["public_since"]


def _code(found: Mapping[str, Any]) -> str:
    return f"{found['code'][:4]}-{found['code'][4:8]}"


def _unit_name(rules: Rules, unit: str) -> str:
    try:
        return rules.catalogue.unit_name(unit, "vi")
    except UnknownWord:
        return unit


def _plan(tx: Transaction, to: Partner, *, body: str, **known: Any) -> None:
    delivery_id = ordered_id()  # what was planned first leaves first
    store.add_delivery(tx, delivery_id, partner_id=to.id, body=body, **known)
    tx.emit(
        WebhookDue(
            partner_id=to.id,
            delivery_id=delivery_id,
            petition_id=known["petition_id"],
            kind=known["kind"],
            is_again=False,
            body=Sealed(body),
        )
    )


def _the(tx: Transaction, partner_id: UUID) -> Partner:
    found = store.find_partner(tx, partner_id)
    if found is None:
        raise PartnerUnknown
    return found


def _told(tx: Transaction, partner_id: UUID) -> Partner:
    found = _the(tx, partner_id)
    if not found.is_told:
        raise WebhookOff
    return found


def _fresh_key() -> str:
    return PREFIX + secrets.token_urlsafe(32)
