"""Sessions that people may come to."""

from services.intake import store
from services.intake.domain.dialogue import Session
from shared.db import Transaction
from shared.events.workflow import DialogueAnnounced, DialogueCalledOff, DialogueHeld


def keep_session(tx: Transaction, heard: DialogueAnnounced) -> None:
    """A session for the public, or its newest edition. Those within a case are nobody's here but their petitioner's."""
    if not heard.is_public or not heard.place.is_open:
        return
    store.keep_session(
        tx,
        Session(
            id=heard.dialogue_id,
            kind=heard.kind,
            edition=heard.edition,
            title=heard.title.value or "",
            topics=heard.topics.value or "",
            place=heard.place.value or "",
            chair=heard.chair.value or "",
            is_online=heard.is_online,
            starts_at=heard.starts_at,
            ends_at=heard.ends_at,
            seats=heard.seats,
        ),
    )


def call_off_session(tx: Transaction, heard: DialogueCalledOff) -> None:
    reason = heard.reason.value if heard.reason.is_open else None
    store.end_session(tx, heard.dialogue_id, state="called_off", reason=reason)


def note_held(tx: Transaction, heard: DialogueHeld) -> None:
    store.end_session(tx, heard.dialogue_id, state="held", reason=None)
