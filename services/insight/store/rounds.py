"""Survey rounds with their answers, which the database itself lets nobody change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    event,
    exists,
    func,
    select,
)

from services.insight.domain.rounds import Answered
from services.insight.store.facts import note_facts
from services.insight.store.tables import metadata
from shared.db import Instant, Reading, Transaction, insert_new

survey_fact = Table(
    "survey_fact",
    metadata,
    Column("survey_id", Uuid, primary_key=True),
    Column("code", String(12), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("policy", Text),
    Column("items", JSON, nullable=False),
    Column("wards", JSON, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("sample_size", Integer),
    Column("closed_at", Instant),
    Column("signed_at", Instant),  # by the first head: what was answered later does not count
    Column("final_at", Instant),  # by the last one: from then on the figures are shown
    Column("signers", Integer, nullable=False, default=0),
)

survey_answer_fact = Table(
    "survey_answer_fact",  # answers are only ever added: `_keep_answers`
    metadata,
    Column("answer_id", Uuid, primary_key=True),
    Column("survey_id", Uuid, nullable=False, index=True),
    Column("way", String(12), nullable=False),  # invitation, link, paper, counter
    Column("answered_at", Instant, nullable=False),
    Column("marks", JSON, nullable=False),  # item → level
    Column("harassment", String(8)),
    Column("wishes", JSON, nullable=False),
    Column("traits", JSON, nullable=False),
)

survey_invitation = Table(
    "survey_invitation",
    metadata,
    Column("survey_id", Uuid, primary_key=True),
    Column("petition_id", Uuid, primary_key=True),
    Column("invited_at", Instant, nullable=False),
    Index("survey_invitation_petition", "petition_id", "invited_at"),
)

survey_notice = Table(
    "survey_notice",
    metadata,
    Column("notice_id", Uuid, primary_key=True),
    Column("petition_id", Uuid, nullable=False, index=True),
    Column("taken_at", Instant),
    Column("is_failed", Boolean, nullable=False, default=False),
)

KEEP_ANSWERS = {
    "sqlite": tuple(
        f"CREATE TRIGGER IF NOT EXISTS survey_answer_no_{act.lower()} BEFORE {act} ON survey_answer_fact "
        "BEGIN SELECT RAISE(ABORT, 'answers are only added'); END"
        for act in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION survey_answer_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'answers are only added'; END $$",
        "CREATE OR REPLACE TRIGGER survey_answer_no_change BEFORE UPDATE OR DELETE ON survey_answer_fact "
        "FOR EACH ROW EXECUTE FUNCTION survey_answer_refuse()",
    ),
}
"""The database itself refuses to change an answer, or to take one away."""


def _keep_answers(_metadata: MetaData, connection: Any, **_: Any) -> None:
    for statement in KEEP_ANSWERS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


event.listen(metadata, "after_create", _keep_answers)


@dataclass(frozen=True)
class Round:
    """A survey round as the mirror knows it."""

    survey_id: UUID
    code: str
    name: str
    policy: str | None
    items: tuple[str, ...]
    wards: tuple[str, ...]
    starts_on: date
    ends_on: date
    sample_size: int | None
    closed_at: datetime | None
    signed_at: datetime | None
    final_at: datetime | None
    signers: int

    def asks_like(self, other: "Round") -> bool:
        """Whether both asked the same of the same people, so that they may be compared."""
        return (self.items, self.policy, self.wards) == (other.items, other.policy, other.wards)


_ROUND = tuple(field.name for field in fields(Round))


def keep_round(tx: Transaction, opened: Mapping[str, Any]) -> None:
    insert_new(tx.connection, survey_fact, [{"signers": 0, **opened}])


def change_round(tx: Transaction, survey_id: UUID, **changes: Any) -> None:
    tx.connection.execute(survey_fact.update().where(survey_fact.c.survey_id == survey_id).values(**changes))


def sign_round(tx: Transaction, survey_id: UUID, *, at: datetime, is_last: bool) -> None:
    """One more head signed."""
    changes: dict[str, Any] = {
        "signers": survey_fact.c.signers + 1,
        "signed_at": func.coalesce(survey_fact.c.signed_at, at),
    }
    change_round(tx, survey_id, **changes | ({"final_at": at} if is_last else {}))


def final_rounds(tx: Reading) -> list[Round]:
    """Rounds that every head has signed, the latest first."""
    found = select(*(survey_fact.c[name] for name in _ROUND)).where(survey_fact.c.final_at.is_not(None))
    rows = tx.connection.execute(found.order_by(survey_fact.c.starts_on.desc(), survey_fact.c.code.desc()))
    return [Round(**{**row._mapping, "items": tuple(row.items), "wards": tuple(row.wards)}) for row in rows]


def add_answers(tx: Transaction, answers: Sequence[Mapping[str, Any]]) -> None:
    """Keep answers; one that is there stays as it is."""
    insert_new(tx.connection, survey_answer_fact, answers)


def answers_of(tx: Reading, known: Round) -> list[tuple[str, Answered]]:
    """The answers that count, each with the way in which it came, in the order of random numbers."""
    found = select(survey_answer_fact).where(survey_answer_fact.c.survey_id == known.survey_id)
    if known.signed_at is not None:
        found = found.where(survey_answer_fact.c.answered_at <= known.signed_at)
    return [
        (row.way, Answered(row.marks, row.harassment, tuple(row.wishes), row.traits))
        for row in tx.connection.execute(found.order_by(survey_answer_fact.c.answer_id))
    ]


def note_invitations(tx: Transaction, told: Sequence[Mapping[str, Any]]) -> None:
    insert_new(tx.connection, survey_invitation, told)


def note_survey_notices(tx: Transaction, facts: Sequence[Mapping[str, Any]]) -> None:
    """Keep what became of messages that invited somebody."""
    note_facts(tx, survey_notice, facts, at_first={"is_failed": False})


def count_delivered(tx: Reading, survey_id: UUID) -> int:
    """Invitations that were delivered: a message of them, or of their reminder, was taken and did not fail.

    A message belongs to the last invitation of its petition before it.
    """
    later = survey_invitation.alias()
    is_of_later = exists().where(
        later.c.petition_id == survey_invitation.c.petition_id,
        later.c.invited_at > survey_invitation.c.invited_at,
        later.c.invited_at <= survey_notice.c.taken_at,
    )
    arrived = exists().where(
        survey_notice.c.petition_id == survey_invitation.c.petition_id,
        survey_notice.c.is_failed.is_(False),
        survey_notice.c.taken_at >= survey_invitation.c.invited_at,
        ~is_of_later.correlate(survey_invitation, survey_notice),
    )
    found = select(func.count()).select_from(survey_invitation)
    return tx.connection.execute(
        found.where(survey_invitation.c.survey_id == survey_id, arrived.correlate(survey_invitation))
    ).scalar_one()
