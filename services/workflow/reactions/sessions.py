"""Who comes to sessions."""

from collections.abc import Sequence

from services.workflow import store
from services.workflow.domain.dialogue import CALLED_OFF, Dialogue, Guest
from services.workflow.domain.rules import Rules
from services.workflow.steps import invitation
from shared.db import Transaction
from shared.events.intake import DialogueJoined
from shared.inbox import Heard, NotYet


def take_guests(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """People registered for sessions at the door: each is invited, or told at once that it is not held after all."""
    for one in heard:
        joined: DialogueJoined = one.event
        session = store.load_dialogue(tx, joined.dialogue_id)
        if session is None:
            raise NotYet("this session is not known")
        if joined.name.is_open:
            _take_guest(tx.because(one.cause), session, joined, rules)


def _take_guest(tx: Transaction, session: Dialogue, joined: DialogueJoined, rules: Rules) -> None:
    coming = Guest(
        id=joined.guest_id,
        dialogue_id=session.id,
        name=joined.name.value,
        email=joined.email.value,
        mobile=joined.mobile.value,
        phone=joined.phone.value,
        language=joined.language,
        question=joined.question.value,
        petition_code=joined.petition_code.value,
        link_token=joined.link_token.value,
        joined_at=joined.joined_at,
    )
    store.add_guest(tx, coming)
    ground = "called_off" if session.state == CALLED_OFF else "invited"
    tx.emit(invitation(rules, session, coming, ground, reason=session.reason if ground == "called_off" else None))


def let_guests_go(tx: Transaction, heard: Sequence[Heard], *, rules: Rules) -> None:
    """People cancelled: their seats are free, and nobody reminds them."""
    for one in heard:
        store.leave_dialogue(tx, one.event.guest_id)
