"""Survey rounds: who is invited, and that an answer came."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    String,
    Table,
    Text,
    Uuid,
    select,
    update,
)

from services.intake.domain.survey import Survey
from services.intake.store.tables import metadata, petition
from shared.db import Instant, Reading, Transaction, insert_new

survey = Table(
    "survey",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", String(12), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("policy", Text),
    Column("items", JSON, nullable=False),
    Column("ways", JSON, nullable=False),
    Column("wards", JSON, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("closed_at", Instant),
    Column("signed_at", Instant),
)

invitation = Table(
    "survey_invitation",  # no time: when it was used is not kept
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("survey_id", ForeignKey("survey.id"), nullable=False),
    Column("petition_id", ForeignKey("petition.id"), nullable=False),
    Column("is_spent", Boolean, nullable=False),
    Index("survey_invitation_once", "survey_id", "petition_id", unique=True),
    Index("survey_invitation_petition", "petition_id"),
)

survey_answer = Table(
    "survey_answer",  # that it came, so that none counts twice. The marks are not kept here
    metadata,
    Column("answer_id", Uuid, primary_key=True),
    Column("survey_id", ForeignKey("survey.id"), nullable=False, index=True),
    Column("way", String(12), nullable=False),
    Column("entered_by", String(40)),  # of papers: the officer who typed it in
)

_LISTED = ("items", "ways", "wards")


def _survey(row: Row[Any]) -> Survey:
    values = {field.name: row._mapping[field.name] for field in fields(Survey)}
    return Survey(**values | {name: tuple(values[name]) for name in _LISTED})


def keep_survey(tx: Transaction, opened: Survey) -> bool:
    """False when it was there already."""
    values = vars(opened) | {name: list(getattr(opened, name)) for name in _LISTED}
    return bool(insert_new(tx.connection, survey, [values]))


def end_survey(tx: Transaction, survey_id: UUID, column: str, *, at: datetime) -> None:
    """A round was closed (`closed_at`) or first signed (`signed_at`)."""
    is_new = (survey.c.id == survey_id) & survey.c[column].is_(None)
    tx.connection.execute(update(survey).where(is_new).values({column: at}))


def survey_by_id(tx: Reading, survey_id: UUID) -> Survey | None:
    row = tx.connection.execute(select(survey).where(survey.c.id == survey_id)).one_or_none()
    return None if row is None else _survey(row)


def survey_by_code(tx: Reading, code: str) -> Survey | None:
    row = tx.connection.execute(select(survey).where(survey.c.code == code)).one_or_none()
    return None if row is None else _survey(row)


def unsigned_surveys(tx: Reading) -> list[Survey]:
    """Rounds that may still take answers in one way or another, by their last day."""
    found = select(survey).where(survey.c.signed_at.is_(None)).order_by(survey.c.ends_on, survey.c.code)
    return [_survey(row) for row in tx.connection.execute(found)]


def willing(tx: Reading, *, first: datetime, before: datetime, wards: Collection[str]) -> list[tuple[UUID, str]]:
    """Petitions whose answer of that time asked for a judgement, and whose petitioners agreed to be asked in surveys
    and can be told: each with the address that tells who they are, the latest answer first."""
    found = select(petition.c.id, petition.c.email, petition.c.phone, petition.c.consents).where(
        petition.c.answered_at >= first,
        petition.c.answered_at < before,
        petition.c.is_rated,
        petition.c.is_bearer.is_(False),
    )
    if wards:
        found = found.where(petition.c.ward.in_(list(wards)))
    rows = tx.connection.execute(found.order_by(petition.c.answered_at.desc(), petition.c.id))
    return [(row.id, address) for row in rows if "survey" in row.consents and (address := _address(row))]


def _address(row: Any) -> str:
    """What says that two petitions came from one person; empty where nobody can be told."""
    if row.email:
        return str(row.email).casefold()
    return "".join(filter(str.isdigit, row.phone or "")) if "sms" in row.consents else ""


def addresses_asked(tx: Reading) -> set[str]:
    """Who is invited to a round that has not ended: they are not asked twice at a time."""
    found = (
        select(petition.c.email, petition.c.phone, petition.c.consents)
        .join(invitation, invitation.c.petition_id == petition.c.id)
        .join(survey, survey.c.id == invitation.c.survey_id)
        .where(survey.c.closed_at.is_(None))
    )
    return {_address(row) for row in tx.connection.execute(found)}


def add_invitations(tx: Transaction, survey_id: UUID, tokens: Mapping[UUID, bytes]) -> None:
    """petition → hash of the token that invites its petitioner."""
    rows = [
        {"token_hash": token, "survey_id": survey_id, "petition_id": petition_id, "is_spent": False}
        for petition_id, token in tokens.items()
    ]
    insert_new(tx.connection, invitation, rows)


def invited_to(tx: Reading, survey_id: UUID) -> list[UUID]:
    """Petitions whose petitioners were invited and still agree to be asked."""
    found = (
        select(petition.c.id, petition.c.consents)
        .join(invitation, invitation.c.petition_id == petition.c.id)
        .where(invitation.c.survey_id == survey_id)
        .order_by(petition.c.id)
    )
    return [row.id for row in tx.connection.execute(found) if "survey" in row.consents]


def survey_by_token(tx: Reading, token_hash: bytes) -> tuple[Survey, bool] | None:
    found = (
        select(survey, invitation.c.is_spent)
        .join(invitation, invitation.c.survey_id == survey.c.id)
        .where(invitation.c.token_hash == token_hash)
    )
    row = tx.connection.execute(found).one_or_none()
    return None if row is None else (_survey(row), row.is_spent)


def spend_invitation(tx: Transaction, token_hash: bytes, *, is_spent: bool = True) -> bool:
    """False when it was used before. `is_spent` False gives it back, where its answer could not be kept."""
    free = (invitation.c.token_hash == token_hash) & invitation.c.is_spent.is_(not is_spent)
    return tx.connection.execute(update(invitation).where(free).values(is_spent=is_spent)).rowcount == 1


def invitation_of(tx: Reading, token_hash: bytes) -> tuple[UUID, UUID] | None:
    """Round and petition of an invitation."""
    found = select(invitation.c.survey_id, invitation.c.petition_id).where(invitation.c.token_hash == token_hash)
    row = tx.connection.execute(found).one_or_none()
    return None if row is None else (row.survey_id, row.petition_id)


def willing_of_sender(tx: Transaction, petition_id: UUID) -> dict[UUID, list[str]]:
    """The petitions of this person that agreed to surveys, with all that each agreed to; held."""
    kept = select(petition.c.id, petition.c.email_key, petition.c.phone_key, petition.c.consents)
    own = tx.connection.execute(kept.where(petition.c.id == petition_id)).one()
    is_same = petition.c.id == petition_id
    if own.email_key or own.phone_key:
        is_same |= petition.c.email_key == own.email_key if own.email_key else petition.c.phone_key == own.phone_key
    rows = tx.connection.execute(kept.where(is_same).with_for_update()).all()
    return {row.id: row.consents for row in rows if "survey" in row.consents}


def withdraw_willingness(tx: Transaction, petition_id: UUID) -> list[UUID]:
    """The petitions of this person that agreed to surveys: they agree no more."""
    agreed = willing_of_sender(tx, petition_id)
    for one, consents in agreed.items():
        left = [consent for consent in consents if consent != "survey"]
        tx.connection.execute(update(petition).where(petition.c.id == one).values(consents=left))
        tx.changed(one)
    return [*agreed]


def add_survey_answer(tx: Transaction, answer_id: UUID, *, survey_id: UUID, way: str, entered_by: str | None) -> bool:
    """False when it is there already."""
    row = {"answer_id": answer_id, "survey_id": survey_id, "way": way, "entered_by": entered_by}
    return bool(insert_new(tx.connection, survey_answer, [row]))


def has_survey_answer(tx: Reading, answer_id: UUID) -> bool:
    found = select(survey_answer.c.way).where(survey_answer.c.answer_id == answer_id)
    return tx.connection.execute(found).first() is not None
