"""What was proposed and what was decided, of ordinary cases alone: where the sorting can be measured."""

from datetime import datetime
from typing import Any

from sqlalchemy import exists, select

from services.workflow.domain.corrections import Past
from services.workflow.domain.permission import Person
from services.workflow.store.tables import case_, case_excluded, case_words
from shared.db import Reading

MOST_PAST = 3000  # cases that are looked at, the newest


def past_decisions(tx: Reading, person: Person, *, since: datetime, limit: int = MOST_PAST) -> list[tuple[Past, bool]]:
    """The newest ordinary cases that were sorted, with whether a person decided it; none that is about the reader."""
    about_them = exists().where(
        case_excluded.c.case_id == case_.c.id, case_excluded.c.who.in_([person.person, person.unit])
    )
    found = (
        select(
            case_.c.petition_id,
            case_.c.kind,
            case_.c.topic,
            case_.c.unit,
            case_.c.proposal,
            case_.c.decision,
            case_words.c.title,
            case_words.c.text,
        )
        .join(case_words, case_words.c.case_id == case_.c.id)
        .where(
            case_.c.kind_class == "ordinary",
            case_.c.stage.not_in(["triage", "quarantined", "linked", "split"]),
            case_.c.received_at >= since,
            ~about_them,
        )
        .order_by(case_.c.received_at.desc())
        .limit(limit)
    )
    return [(_past(row), row.decision is not None) for row in tx.connection.execute(found)]


def _past(row: Any) -> Past:
    decided = row.decision or {"kind": row.kind, "topic": row.topic, "unit": row.proposal.get("unit")}
    return Past(
        petition=str(row.petition_id),
        proposed=(row.proposal.get("kind"), row.proposal.get("topic"), row.proposal.get("unit")),
        decided=(decided["kind"], decided["topic"], decided["unit"]),
        text=f"{row.title or ''}.\n{row.text}",
    )
