"""The list of requests of Open311: what partners sent, and what else is public in the register."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    Select,
    String,
    Table,
    case,
    cast,
    desc,
    func,
    insert,
    null,
    select,
    union_all,
    update,
)

from services.intake.domain.open311 import CLOSED, STATUSES, Wanted, stage_of
from services.intake.domain.register import PublicCase
from services.intake.store.register import PUBLIC_CASE, public_case, public_case_in
from services.intake.store.tables import metadata, petition, timeline
from shared.db import Instant, Reading, Transaction

open311_request = Table(
    "open311_request",  # what partners sent
    metadata,
    Column("petition_id", ForeignKey("petition.id"), primary_key=True),
    Column("partner", String(24), nullable=False),
    Column("service_code", String(16), nullable=False),
    Column("digest", LargeBinary, nullable=False),  # of all that was sent
    Column("requested_at", Instant, nullable=False),
    Column("is_hidden", Boolean, nullable=False),  # the desk found that it is confidential
    Index("open311_request_list", "requested_at", "petition_id"),
)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A request as everybody may see it: words only of what is public."""

    id: str  # the code of what a partner sent; of what is public its number in the register
    service_code: str
    requested_at: datetime
    changed_at: datetime
    stage: str
    unit: str | None
    ward: str | None
    due_on: date | None
    public: PublicCase | None


def add_request(tx: Transaction, petition_id: UUID, *, partner_code: str, service_code: str, digest: bytes) -> None:
    row = {"petition_id": petition_id, "partner": partner_code, "service_code": service_code, "digest": digest}
    tx.connection.execute(insert(open311_request), row | {"requested_at": tx.now, "is_hidden": False})


def request_digest(tx: Reading, petition_id: UUID) -> bytes | None:
    """Of all that was sent with this request; None where it did not come by Open311."""
    found = select(open311_request.c.digest).where(open311_request.c.petition_id == petition_id)
    return tx.connection.execute(found).scalar()


def hide_requests(tx: Transaction, petition_ids: Collection[UUID]) -> None:
    """They are confidential: the list knows them no more, for good."""
    hidden = update(open311_request).where(open311_request.c.petition_id.in_(petition_ids))
    tx.connection.execute(hidden.values(is_hidden=True))


def listed_requests(tx: Reading, wanted: Wanted) -> list[Listed]:
    """Newest first, one page: two statements, however many there are."""
    sent, public = _newest(_SENT, wanted, is_sent=True), _newest(_PUBLIC, wanted, is_sent=False)
    both = union_all(sent, public)
    found = both.order_by(both.selected_columns.listed_at.desc(), both.selected_columns.id.desc())
    if wanted.ids is None:
        found = found.limit(wanted.page_size).offset((wanted.page - 1) * wanted.page_size)
    rows = tx.connection.execute(found).all()
    told = _last_told(tx, [row.sent_id for row in rows if row.sent_id is not None])
    return [_listed(row, told) for row in rows]


# What a partner sent bears its code and no words.
_SENT = (
    select(
        petition.c.code.label("id"),
        open311_request.c.service_code,
        open311_request.c.requested_at.label("listed_at"),
        petition.c.id.label("sent_id"),
        petition.c.stage,
        petition.c.unit.label("handled_by"),
        petition.c.ward.label("in_ward"),
        petition.c.due_on.label("due"),
        *(cast(null(), column.type).label(column.name) for column in PUBLIC_CASE),
    )
    .join(petition, petition.c.id == open311_request.c.petition_id)
    .where(open311_request.c.is_hidden.is_(False), petition.c.erased_at.is_(None), petition.c.stage != "quarantined")
)
# What is public bears its number, whichever way it came: a code beside words would help who guesses whose they are.
_PUBLIC = (
    select(
        public_case.c.number.label("id"),
        public_case.c.topic.label("service_code"),
        public_case.c.requested_at.label("listed_at"),
        cast(null(), petition.c.id.type).label("sent_id"),
        petition.c.stage,
        func.coalesce(case((petition.c.has_parts.is_(False), petition.c.unit)), public_case.c.unit).label("handled_by"),
        public_case.c.ward.label("in_ward"),
        public_case.c.due_on.label("due"),
        *PUBLIC_CASE,
    )
    .outerjoin(petition, petition.c.id == public_case.c.petition_id)
    .where(public_case.c.reason.is_(None), public_case.c.topic.is_not(None), petition.c.erased_at.is_(None))
)


def _newest(found: Select[Any], wanted: Wanted, *, is_sent: bool) -> Select[Any]:
    """Of one sort no more than the page can need, read from the end of its index."""
    found = _narrowed(found, wanted, is_sent=is_sent)
    if wanted.ids is None:
        found = found.order_by(desc("listed_at"), desc("id")).limit(wanted.page * wanted.page_size)
    return select(found.subquery())


def _narrowed(found: Select[Any], wanted: Wanted, *, is_sent: bool) -> Select[Any]:
    if wanted.ids is not None:
        return found.where((petition.c.code if is_sent else public_case.c.number).in_(wanted.ids))
    listed_at = open311_request.c.requested_at if is_sent else public_case.c.requested_at
    if wanted.since is not None:
        found = found.where(listed_at >= wanted.since)
    if wanted.until is not None:
        found = found.where(listed_at < wanted.until)
    if wanted.services is not None:
        found = found.where((open311_request.c.service_code if is_sent else public_case.c.topic).in_(wanted.services))
    if wanted.statuses != set(STATUSES):
        is_open = petition.c.stage.not_in(CLOSED) if is_sent else public_case.c.is_open
        found = found.where(is_open if wanted.statuses == {"open"} else ~is_open)
    return found


def _last_told(tx: Reading, petition_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When something was last told of each petition."""
    last = (
        select(timeline.c.petition_id, func.max(timeline.c.at).label("at"))
        .where(timeline.c.petition_id.in_(petition_ids))
        .group_by(timeline.c.petition_id)
    )
    return {row.petition_id: row.at for row in tx.connection.execute(last)} if petition_ids else {}


def _listed(row: Row[Any], told: dict[UUID, datetime]) -> Listed:
    public = public_case_in(row) if row.case_id is not None else None
    changed = [at for at in (told.get(row.sent_id), public.updated_at if public else None) if at is not None]
    return Listed(
        id=row.id,
        service_code=row.service_code,
        requested_at=row.listed_at,
        changed_at=max(changed, default=row.listed_at),
        stage=row.stage if public is None else stage_of(public),
        unit=row.handled_by,
        ward=row.in_ward,
        due_on=row.due,
        public=public,
    )
