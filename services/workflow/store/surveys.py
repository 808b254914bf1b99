"""Survey rounds at the desk: what was asked, who signed off, how many answered, and the words that people added."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    func,
    or_,
    select,
    update,
)

from services.workflow.domain.survey import CLOSED, OPEN, SIGNED, Survey
from services.workflow.store.tables import case_, metadata
from shared.db import Instant, Reading, Transaction, insert_new

LISTED = 200
WORDS_LISTED = 500

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
    Column("answered_from", Date),
    Column("answered_to", Date),
    Column("population", Integer),
    Column("state", String(8), nullable=False),  # prepared, open, closed, signed
    Column("prepared_by", String(40), nullable=False),
    Column("prepared_at", Instant, nullable=False),
    Column("opened_by", String(40)),
    Column("opened_at", Instant),
    Column("remind_at", Instant),
    Column("closed_by", String(40)),
    Column("closed_at", Instant),
    Column("reason", Text),
    Column("signers", JSON, nullable=False),
    Column("signed_at", Instant),
    Index("survey_state", "state", "ends_on"),
)

signature = Table(
    "survey_signature",
    metadata,
    Column("survey_id", ForeignKey("survey.id"), primary_key=True),
    Column("unit", String(16), primary_key=True),
    Column("person", String(40), nullable=False),
    Column("at", Instant, nullable=False),
)

answer = Table(
    "survey_answer",  # no time and no mark: who answered cannot be read from it
    metadata,
    Column("answer_id", Uuid, primary_key=True),
    Column("survey_id", Uuid, nullable=False, index=True),
    Column("way", String(12), nullable=False),
    Column("words", Text),
)

_NAMES = tuple(field.name for field in fields(Survey))
_LISTS = ("items", "ways", "wards", "signers")


def _survey(row: Any) -> Survey:
    values = {name: row._mapping[name] for name in _NAMES}
    return Survey(**values | {name: tuple(values[name]) for name in _LISTS})


def _values(of: Survey) -> dict[str, Any]:
    return vars(of) | {name: list(getattr(of, name)) for name in _LISTS}


def save_survey(tx: Transaction, changed: Survey) -> None:
    """A new round, or one as it stands now."""
    values = _values(changed)
    if tx.connection.execute(update(survey).where(survey.c.id == changed.id).values(**values)).rowcount == 0:
        tx.connection.execute(survey.insert(), values)


def load_survey(tx: Transaction, survey_id: UUID) -> Survey | None:
    """A round, held until the transaction ends."""
    row = tx.connection.execute(select(survey).where(survey.c.id == survey_id).with_for_update()).one_or_none()
    return None if row is None else _survey(row)


def find_survey(tx: Reading, survey_id: UUID) -> Survey | None:
    row = tx.connection.execute(select(survey).where(survey.c.id == survey_id)).one_or_none()
    return None if row is None else _survey(row)


def surveys(tx: Reading) -> list[Survey]:
    """All rounds, the newest first."""
    found = select(survey).order_by(survey.c.starts_on.desc(), survey.c.id.desc()).limit(LISTED)
    return [_survey(row) for row in tx.connection.execute(found)]


def survey_codes(tx: Reading) -> list[str]:
    return list(tx.connection.execute(select(survey.c.code)).scalars())


def due_surveys(tx: Reading, *, over_before: Any) -> list[UUID]:
    """Open rounds whose reminder has come, or whose last day lies before that day."""
    is_due = or_(survey.c.remind_at <= tx.now, survey.c.ends_on < over_before)
    return list(tx.connection.execute(select(survey.c.id).where(survey.c.state == OPEN, is_due)).scalars())


# ---- signing off


def add_signature(tx: Transaction, survey_id: UUID, *, unit: str, person: str) -> None:
    row = {"survey_id": survey_id, "unit": unit, "person": person, "at": tx.now}
    tx.connection.execute(signature.insert(), row)


def signatures_of(tx: Reading, survey_id: UUID) -> Mapping[str, tuple[str, datetime]]:
    """Who signed for each unit, and when."""
    found = select(signature).where(signature.c.survey_id == survey_id).order_by(signature.c.at, signature.c.unit)
    return {row.unit: (row.person, row.at) for row in tx.connection.execute(found)}


def count_to_sign(tx: Reading, unit: str | None) -> int:
    """Closed rounds that wait for this unit's head."""
    signed = select(signature.c.survey_id).where(signature.c.unit == unit)
    found = select(survey.c.signers).where(survey.c.state == CLOSED, survey.c.id.not_in(signed))
    return sum(unit in signers for signers in tx.connection.execute(found).scalars())


# ---- answers


def add_survey_answers(tx: Transaction, answers: Sequence[Mapping[str, Any]]) -> None:
    """answer_id, survey_id, way, words. One that is there stays as it is."""
    insert_new(tx.connection, answer, answers)


def count_survey_answers(tx: Reading, survey_id: UUID) -> Counter[str]:
    """How many answered, by the way in which they did."""
    found = select(answer.c.way, func.count().label("n")).where(answer.c.survey_id == survey_id).group_by(answer.c.way)
    return Counter({row.way: row.n for row in tx.connection.execute(found)})


def survey_words(tx: Reading, survey_id: UUID) -> list[str]:
    """What people added, in the order of random numbers; nothing while more may come."""
    found = (
        select(answer.c.words)
        .join(survey, survey.c.id == answer.c.survey_id)
        .where(answer.c.survey_id == survey_id, answer.c.words.is_not(None), survey.c.state.in_((CLOSED, SIGNED)))
        .order_by(answer.c.answer_id)
        .limit(WORDS_LISTED)
    )
    return list(tx.connection.execute(found).scalars())


def count_answered(tx: Reading, *, first: datetime, before: datetime) -> int:
    """Cases that were answered between two instants, those of secret kinds left out."""
    found = select(func.count()).where(
        case_.c.answered_at >= first, case_.c.answered_at < before, case_.c.kind_class == "ordinary"
    )
    return tx.connection.execute(found.select_from(case_)).scalar_one()
