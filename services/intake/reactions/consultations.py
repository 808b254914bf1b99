"""Drafts that everybody may comment on."""

from services.intake import store
from services.intake.domain.consultation import Consultation
from shared.db import Transaction
from shared.events.workflow import ConsultationClosed, ConsultationOpened


def open_consultation(tx: Transaction, heard: ConsultationOpened) -> None:
    """A draft on which everybody may comment, with all that its page shows."""
    if heard.draft.is_open:
        draft = heard.draft.value
        store.add_consultation(
            tx,
            Consultation(
                id=heard.consultation_id,
                number=heard.number,
                unit=heard.unit,
                opens_on=heard.opens_on,
                closes_on=heard.closes_on,
                answers_due_on=heard.answers_due_on,
                title=draft.title,
                summary=draft.summary,
                asked=draft.asked,
                text=draft.text,
                document=draft.document,
            ),
        )


def close_consultation(tx: Transaction, heard: ConsultationClosed) -> None:
    """Nobody comments on it any more."""
    store.close_consultation(
        tx,
        heard.consultation_id,
        closed_on=heard.closed_on,
        answers_due_on=heard.answers_due_on,
        reason=heard.reason.value if heard.reason.is_open else None,
    )
