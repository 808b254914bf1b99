"""What became of what was told, and how many read, follow and answer."""

from collections.abc import Sequence
from datetime import datetime

from services.workflow import store
from services.workflow.domain.rules import Rules
from services.workflow.ledger import note_attempt
from shared.db import Transaction
from shared.events.intake import SurveyAnswered
from shared.events.notify import NoticeAccepted, NoticeDelivered, NoticeFailed, NoticeSuppressed
from shared.inbox import Heard


def take_survey_answers(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """People answered a survey round: how many, by which way, and what they added in words."""
    told: list[SurveyAnswered] = [one.event for one in heard]
    rows = [
        {
            "answer_id": one.answer_id,
            "survey_id": one.survey_id,
            "way": one.way,
            "words": one.words.value if one.words.is_open else None,
        }
        for one in told
    ]
    store.add_survey_answers(tx, rows)


def keep_notices(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """The postman told what became of notices: shown on the pages of their cases."""
    store.keep_notices(tx, [(one.event.petition_id, _notice(one.event, one.cause.time)) for one in heard])


def _notice(told: NoticeAccepted | NoticeDelivered | NoticeFailed | NoticeSuppressed, at: datetime) -> store.Notice:
    state, detail = "accepted", None
    if isinstance(told, NoticeDelivered):
        state, detail = "delivered", told.evidence
    elif isinstance(told, NoticeFailed):
        state, detail = "failed", told.error_class
    elif isinstance(told, NoticeSuppressed):
        state, detail = "suppressed", told.ground
    return store.Notice(
        id=told.notice_id,
        audience=told.audience,
        channel=told.channel,
        purpose=told.purpose,
        state=state,
        detail=detail,
        at=at,
    )


def keep_readers(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """The door counted who opened what was made public: shown in the register, and by campaign."""
    for one in heard:
        told = one.event
        if store.is_known_publication(tx, told.publication_id):
            store.keep_readers(tx, told.publication_id, told.on_day, opened=told.opened, petitions=told.petitions)


def count_followers(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """How many follow a published case: the number is all that the desk learns of them."""
    for one in heard:
        store.note_followers(tx, one.event.case_id, one.event.followers)


def keep_attempts(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """Deliveries to partners were tried: shown in their ledger."""
    for one in heard:
        note_attempt(tx.because(one.cause), one.event)
