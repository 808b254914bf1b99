"""What lies beside a version of an answer: how it stood before the gate, an apology, photos and papers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    delete,
    func,
    select,
)

from services.workflow.domain.checks import Finding, Reply
from services.workflow.store.tables import metadata
from shared.db import Instant, Reading, Transaction
from shared.events.intake import Attachment

answer_sheet = Table(
    "answer_sheet",
    metadata,
    Column("case_id", Uuid, ForeignKey("case_.id"), primary_key=True),
    Column("version", Integer, primary_key=True),  # of the answer
    Column("replies", JSON, nullable=False),  # number of the question → answered, or why not
    Column("findings", JSON, nullable=False),
    Column("in_spite", Text),  # why it was submitted although hard checks were not met
    Column("apology", Text),  # for the answer before it, which was wrong
    Column("point", Text),  # of a comment on a draft: what it says, without names, to be published
)

answer_file = Table(
    "answer_file",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_.id"), nullable=False),
    Column("round", Integer, nullable=False),  # of the answer that it goes with
    Column("media_type", String(40), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("added_by", String(40), nullable=False),
    Column("added_at", Instant, nullable=False),
    Index("answer_file_case", "case_id"),
)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """How a version of an answer stood before the gate."""

    replies: Mapping[int, Reply]
    findings: Sequence[Finding]
    in_spite: str | None = None
    apology: str | None = None
    point: str | None = None  # of a comment on a draft: what it says, to be published


@dataclass(frozen=True, kw_only=True)
class AnswerFile:
    id: UUID
    case_id: UUID
    round: int
    media_type: str
    size_bytes: int
    sha256: str
    added_by: str
    added_at: datetime

    @property
    def attachment(self) -> Attachment:
        """As the citizen's side hears of it."""
        return Attachment(id=self.id, media_type=self.media_type, size_bytes=self.size_bytes, sha256=self.sha256)


def add_sheet(tx: Transaction, case_id: UUID, version: int, sheet: Sheet) -> None:
    row = {
        "case_id": case_id,
        "version": version,
        "replies": {str(no): asdict(reply) for no, reply in sheet.replies.items()},
        "findings": [asdict(found) for found in sheet.findings],
        "in_spite": sheet.in_spite,
        "apology": sheet.apology,
        "point": sheet.point,
    }
    tx.connection.execute(answer_sheet.insert(), row)


def sheet_of(tx: Reading, case_id: UUID, version: int) -> Sheet | None:
    """None for a version from before there was a gate."""
    found = select(answer_sheet).where(answer_sheet.c.case_id == case_id, answer_sheet.c.version == version)
    row = tx.connection.execute(found).one_or_none()
    if row is None:
        return None
    return Sheet(
        replies={int(no): Reply(**reply) for no, reply in row.replies.items()},
        findings=[_finding(found) for found in row.findings],
        in_spite=row.in_spite,
        apology=row.apology,
        point=row.point,
    )


def _finding(kept: Mapping[str, Any]) -> Finding:
    return Finding(**dict(kept) | {"spans": tuple((start, end) for start, end in kept["spans"])})


def add_answer_file(tx: Transaction, file: AnswerFile) -> None:
    tx.connection.execute(answer_file.insert(), asdict(file))


def answer_files_of(tx: Reading, case_id: UUID) -> list[AnswerFile]:
    """Photos and papers of all answers of a case, oldest first."""
    found = select(answer_file).where(answer_file.c.case_id == case_id)
    rows = tx.connection.execute(found.order_by(answer_file.c.added_at, answer_file.c.id))
    return [AnswerFile(**row._mapping) for row in rows]


def find_answer_file(tx: Reading, file_id: UUID) -> AnswerFile | None:
    row = tx.connection.execute(select(answer_file).where(answer_file.c.id == file_id)).one_or_none()
    return None if row is None else AnswerFile(**row._mapping)


def count_answer_files(tx: Reading, case_id: UUID, round_: int) -> int:
    found = select(func.count()).where(answer_file.c.case_id == case_id, answer_file.c.round == round_)
    return int(tx.connection.execute(found).scalar_one())


def drop_answer_file(tx: Transaction, file_id: UUID) -> None:
    tx.connection.execute(delete(answer_file).where(answer_file.c.id == file_id))
