"""What was found before a case was taken up: how the signature came, when the decision was known, how complex it is."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Date, ForeignKey, String, Table, Text, Uuid, select

from services.workflow.store.tables import metadata
from shared.db import Instant, Reading, Transaction
from shared.sql import upsert_many

admission = Table(
    "admission",
    metadata,
    Column("case_id", Uuid, ForeignKey("case_.id"), primary_key=True),
    Column("signed_on", Date),
    Column("recorded_by", String(40)),
    Column("verified_by", String(40)),
    Column("verified_at", Instant),
    Column("knew_on", Date),
    Column("obstacle_from", Date),
    Column("obstacle_to", Date),
    Column("obstacle", Text),
    Column("criteria", JSON, nullable=False),
    Column("judged_because", Text),
    Column("first_level", Uuid),  # the case of the first level, of a complaint of the second
    Column("screened", String(16)),
)


@dataclass(frozen=True, kw_only=True)
class Admission:
    """All None and empty where nothing was found yet."""

    signed_on: date | None = None
    recorded_by: str | None = None
    verified_by: str | None = None
    verified_at: datetime | None = None
    knew_on: date | None = None
    obstacle_from: date | None = None
    obstacle_to: date | None = None
    obstacle: str | None = None
    criteria: tuple[str, ...] = ()
    judged_because: str | None = None
    first_level: UUID | None = None
    screened: str | None = None


def admission_of(tx: Reading, case_id: UUID) -> Admission:
    row = tx.connection.execute(select(admission).where(admission.c.case_id == case_id)).one_or_none()
    if row is None:
        return Admission()
    values = {field.name: row._mapping[field.name] for field in fields(Admission)}
    return Admission(**values | {"criteria": tuple(values["criteria"])})


def keep_admission(tx: Transaction, case_id: UUID, found: Admission) -> None:
    values: dict[str, Any] = vars(found) | {"case_id": case_id, "criteria": list(found.criteria)}
    upsert_many(tx.connection, admission, [values])
