"""What petitioners may do with what is theirs: take a petition back."""

from uuid import UUID

from services.intake import store
from services.intake.domain.after import is_withdrawing
from services.intake.domain.parts import OVER
from shared.db import Transaction
from shared.events.base import Sealed
from shared.events.intake import PetitionWithdrawn


class WithdrawalRefused(Exception):
    """It is over, answered, or was taken back already."""


def withdraw_petition(tx: Transaction, *, petition_id: UUID, reason: str) -> None:
    """Take a petition back. What follows from it is the desk's to say. Raises WithdrawalRefused."""
    store.hold(tx, petition_id)
    filed = store.petition_of(tx, petition_id)
    is_done = filed is None or filed.stage in OVER or filed.stage == "answered"
    if is_done or is_withdrawing(store.story_of(tx, petition_id)):
        raise WithdrawalRefused
    words = {"reason": reason} if reason else {}
    store.add_entry(tx, petition_id, "withdrawal_asked", at=tx.now, facts={}, words=words)
    tx.emit(PetitionWithdrawn(petition_id=petition_id, reason=Sealed(reason or None)))
