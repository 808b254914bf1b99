"""Partners, which petitions are theirs, and the ledger of what their webhooks were told."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    exists,
    func,
    insert,
    select,
    update,
)

from services.workflow.domain.summary import PUBLIC
from services.workflow.domain.webhook import TELLS, TELLS_ALL, UNPUBLISHED
from services.workflow.store.summaries import summary
from services.workflow.store.tables import case_, metadata
from shared.db import Instant, Reading, Transaction
from shared.outbox import outbox
from shared.sql import insert_new, upsert_many

partner = Table(
    "partner",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", String(24), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("is_test", Boolean, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("per_minute", Integer, nullable=False),
    Column("key_tail", String(4), nullable=False),  # by which its owner recognises the key
    Column("made_at", Instant, nullable=False),
    Column("key_made_at", Instant, nullable=False),
    Column("webhook_url", String(800)),
    Column("webhook_since", Instant),  # what happened before is not told
    Column("public_since", Instant),  # from then on it hears of all that is public too; none: of its own alone
    Column("is_paused", Boolean, nullable=False),
    Column("failing_since", Instant),
)

partner_petition = Table(
    "partner_petition",
    metadata,
    Column("petition_id", Uuid, primary_key=True),
    Column("partner", String(24), nullable=False),
    Column("service_code", String(16), nullable=False),
)

delivery = Table(
    "webhook_delivery",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("partner_id", ForeignKey("partner.id"), nullable=False),
    Column("petition_id", Uuid),
    Column("kind", String(24), nullable=False),
    Column("after", String(48), nullable=False),
    Column("code", String(24), nullable=False),
    Column("planned_at", Instant, nullable=False),
    Column("state", String(12), nullable=False),  # waiting, retry, delivered, failed, withheld
    Column("next_at", Instant),
    Column("body", Text, nullable=False),
    Index("webhook_delivery_ledger", "partner_id", "planned_at", "id"),
)

attempt = Table(
    "webhook_attempt",
    metadata,
    Column("delivery_id", ForeignKey("webhook_delivery.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("status", Integer),
    Column("problem", String(32), nullable=False),
    Column("milliseconds", Integer, nullable=False),
)

cursor = Table(
    "webhook_cursor",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("pos", BigInteger, nullable=False),  # what was told up to there was looked at
)

LEDGER_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Partner:
    """Whose programs file at the door; its key is kept by nobody."""

    id: UUID
    code: str
    name: str
    is_test: bool
    is_active: bool
    per_minute: int
    key_tail: str
    made_at: datetime
    key_made_at: datetime
    webhook_url: str | None
    webhook_since: datetime | None
    public_since: datetime | None
    is_paused: bool
    failing_since: datetime | None

    @property
    def is_told(self) -> bool:
        return self.is_active and self.webhook_url is not None and not self.is_paused

    @property
    def hears_public(self) -> bool:
        """Whether it is told of what everybody may read, by whichever way that came."""
        return self.public_since is not None

    def is_told_since(self, at: datetime, *, is_own: bool) -> bool:
        """Whether it is told of what happened then to a petition that it sent, or that somebody else did."""
        begun = (self.webhook_since,) if is_own else (self.webhook_since, self.public_since)
        return all(since is not None and at >= since for since in begun)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Something that a partner is told, with all attempts so far."""

    id: UUID
    kind: str
    after: str
    code: str
    planned_at: datetime
    state: str
    next_at: datetime | None
    attempts: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Happened:
    """An event after which somebody may be told."""

    type: str
    petition_id: UUID
    case_id: UUID
    facts: Mapping[str, Any]  # what the event says openly
    partner: str | None  # who sent the petition; None: it came by another way
    service_code: str | None
    at: datetime


_NAMES = tuple(field.name for field in fields(Partner))
_ALL = select(*(partner.c[name] for name in _NAMES))


def all_partners(tx: Reading) -> list[Partner]:
    return [Partner(**row._mapping) for row in tx.connection.execute(_ALL.order_by(partner.c.code))]


def find_partner(tx: Reading, partner_id: UUID) -> Partner | None:
    row = tx.connection.execute(_ALL.where(partner.c.id == partner_id)).one_or_none()
    return None if row is None else Partner(**row._mapping)


def add_partner(tx: Transaction, made: Partner) -> bool:
    """False when there is one of this code."""
    return bool(insert_new(tx.connection, partner, [vars(made)]))


def save_partner(tx: Transaction, changed: Partner) -> None:
    tx.connection.execute(update(partner).where(partner.c.id == changed.id).values(vars(changed)))


def count_paused_webhooks(tx: Reading) -> int:
    paused = select(func.count()).where(partner.c.is_paused, partner.c.is_active)
    return int(tx.connection.execute(paused).scalar_one())


def add_partner_petitions(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Petitions that came from partners: petition_id, partner, service_code."""
    if rows:
        insert_new(tx.connection, partner_petition, rows)


# ---- what is to be told


def told_so_far(tx: Reading) -> int:
    """The position of the newest event that has one."""
    return int(tx.connection.execute(select(func.coalesce(func.max(outbox.c.pos), 0))).scalar_one())


def webhook_cursor(tx: Reading) -> int:
    return int(tx.connection.execute(select(cursor.c.pos)).scalar() or 0)


def move_webhook_cursor(tx: Transaction, pos: int) -> None:
    upsert_many(tx.connection, cursor, [{"one": 1, "pos": pos}])


def happened_since(tx: Reading, pos: int, *, until: int, is_public_told: bool) -> list[Happened]:
    """What was told about petitions of partners after one position, up to another, in order; and about what is public,
    or was, where somebody hears of that.
    """
    is_meant: ColumnElement[bool] = partner_petition.c.petition_id.is_not(None)
    if is_public_told:
        is_public = exists().where(
            case_.c.petition_id == outbox.c.subject, summary.c.case_id == case_.c.id, summary.c.state == PUBLIC
        )
        is_meant = is_meant | (outbox.c.type == UNPUBLISHED) | (outbox.c.type.in_(TELLS_ALL) & is_public)
    found = (
        select(
            outbox.c.type,
            outbox.c.subject,
            outbox.c.body,
            outbox.c.created_at,
            partner_petition.c.partner,
            partner_petition.c.service_code,
        )
        .outerjoin(partner_petition, partner_petition.c.petition_id == outbox.c.subject)
        .where(outbox.c.pos > pos, outbox.c.pos <= until, outbox.c.type.in_(TELLS), is_meant)
        .order_by(outbox.c.pos)
    )
    return [_happened(row) for row in tx.connection.execute(found)]


def _happened(row: Any) -> Happened:
    facts = json.loads(row.body)["data"]
    return Happened(
        type=row.type,
        petition_id=row.subject,
        case_id=UUID(facts["case_id"]),
        facts=facts,
        partner=row.partner,
        service_code=row.service_code,
        at=row.created_at,
    )


def standing_of(tx: Reading, case_id: UUID) -> Mapping[str, Any]:
    """What partners may be told of a case.

    `may_be_told`: it is neither closely kept nor found to be no petition; `number`: of the register, while it is
    public, `public_since` then.
    """
    may_be_told = (
        (case_.c.kind_class == "ordinary") & (case_.c.publication != "private") & (case_.c.stage != "quarantined")
    )
    found = (
        select(
            *(case_.c[name] for name in ("code", "topic", "stage", "unit", "received_at", "answer_due_on")),
            may_be_told.label("may_be_told"),
            summary.c.number,
            summary.c.decided_at.label("public_since"),
        )
        .outerjoin(summary, (summary.c.case_id == case_.c.id) & (summary.c.state == PUBLIC))
        .where(case_.c.id == case_id)
    )
    return dict(tx.connection.execute(found).one()._mapping)


# ---- the ledger


def add_delivery(
    tx: Transaction,
    delivery_id: UUID,
    *,
    partner_id: UUID,
    petition_id: UUID | None,
    kind: str,
    after: str,
    code: str,
    body: str,
) -> None:
    tx.connection.execute(
        insert(delivery),
        {
            "id": delivery_id,
            "partner_id": partner_id,
            "petition_id": petition_id,
            "kind": kind,
            "after": after,
            "code": code,
            "planned_at": tx.now,
            "state": "waiting",
            "next_at": None,
            "body": body,
        },
    )


def find_delivery(tx: Reading, partner_id: UUID, delivery_id: UUID) -> Mapping[str, Any] | None:
    found = select(delivery).where(delivery.c.id == delivery_id, delivery.c.partner_id == partner_id)
    row = tx.connection.execute(found).one_or_none()
    return None if row is None else dict(row._mapping)


def save_delivery(tx: Transaction, delivery_id: UUID, *, state: str, next_at: datetime | None) -> bool:
    """False when there is no such delivery."""
    changed = update(delivery).where(delivery.c.id == delivery_id).values(state=state, next_at=next_at)
    return tx.connection.execute(changed).rowcount == 1


def add_attempt(tx: Transaction, row: Mapping[str, Any]) -> None:
    insert_new(tx.connection, attempt, [row])


def ledger_of(tx: Reading, partner_id: UUID, *, before: datetime | None = None) -> list[Delivery]:
    """What a partner was told, newest first, with each attempt."""
    found = select(delivery).where(delivery.c.partner_id == partner_id)
    if before is not None:
        found = found.where(delivery.c.planned_at < before)
    rows = tx.connection.execute(
        found.order_by(delivery.c.planned_at.desc(), delivery.c.id.desc()).limit(LEDGER_PAGE)
    ).all()
    tried: dict[UUID, list[Mapping[str, Any]]] = {row.id: [] for row in rows}
    asked = select(attempt).where(attempt.c.delivery_id.in_(tried)).order_by(attempt.c.number)
    for row in tx.connection.execute(asked) if tried else ():
        tried[row.delivery_id].append(
            {name: getattr(row, name) for name in ("number", "at", "status", "problem", "milliseconds")}
        )
    names = [field.name for field in fields(Delivery) if field.name != "attempts"]
    return [Delivery(**{name: getattr(row, name) for name in names}, attempts=tried[row.id]) for row in rows]
