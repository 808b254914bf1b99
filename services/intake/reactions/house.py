"""Who works here, who files by program, documents in force; who opened a petition, its notices, its erasure."""

from collections.abc import Sequence

from services.intake import store
from services.intake.reactions.noting import happened_at
from services.intake.store import Notice, Opening
from shared.db import Transaction
from shared.events.common import AccessRead
from shared.events.workflow import ConfigChanged, PartnerChanged, PetitionerErased, StaffChanged
from shared.inbox import Heard, Together


def switch_person(tx: Transaction, heard: StaffChanged) -> None:
    """Whose account is switched off files for no citizen any more, whatever passes they hold."""
    store.switch_person(tx, heard.person, is_active=heard.is_active)


def erase_petitioner(tx: Transaction, heard: PetitionerErased) -> None:
    """What somebody wrote and who they are goes; that there was a petition, and what became of it, stays. Files are
    removed by a loop."""
    store.erase_guests(tx, heard.guests)
    if store.petitions_among(tx, [heard.petition_id]):
        store.erase_petitioner(tx, heard.petition_id, at=happened_at(tx))
        store.add_entry(tx, heard.petition_id, "erased", at=happened_at(tx), facts={}, words={})


def note_opening(tx: Transaction, heard: AccessRead) -> None:
    """Somebody opened the petition: its citizen may see who, when and what for."""
    assert tx.cause is not None
    if store.petitions_among(tx, [heard.petition_id]):
        seen = Opening(tx.cause.time, heard.role, heard.unit, heard.kind, heard.purpose)
        store.add_opening(tx, heard.petition_id, seen)


def keeping_notices(state: str) -> Together:
    """The reaction that keeps what became of messages to our petitioners."""

    def keep(tx: Transaction, heard: Sequence[Heard]) -> None:
        to_petitioners = [one for one in heard if one.event.audience == "petitioner"]
        ours = store.petitions_among(tx, [one.event.petition_id for one in to_petitioners])
        told = [
            (
                one.event.petition_id,
                one.event.notice_id,
                Notice(one.cause.time, one.event.channel, one.event.purpose, state),
            )
            for one in to_petitioners
            if one.event.petition_id in ours
        ]
        store.keep_notices(tx, told)

    return Together(keep)


def keep_document(tx: Transaction, heard: ConfigChanged) -> None:
    """A document that citizens read was published over its file."""
    if heard.text.is_open and heard.text.value is not None:
        store.keep_document(
            tx, name=heard.name, version=heard.version, valid_from=heard.valid_from, text=heard.text.value
        )


def keep_partner(tx: Transaction, heard: PartnerChanged) -> None:
    """Who may file by Open311, and with which key."""
    if heard.name.is_open:
        store.keep_partner(
            tx,
            {
                "id": heard.partner_id,
                "code": heard.code,
                "name": heard.name.value,
                "is_test": heard.is_test,
                "is_active": heard.is_active,
                "per_minute": heard.per_minute,
                "key_hash": heard.key_hash.value,
            },
        )
