"""Petitions that the desk lists in somebody's stead: what was promised to them, dossiers that are late."""

from services.intake.contact import read_phone
from services.intake.domain.petition import PARTIES, Petition, Phone, PhoneUnknown
from services.intake.domain.secret import house_key
from services.intake.steps import Stead, file_petition
from shared.db import Transaction
from shared.events.workflow import DialogueCommitted, DossierListed


def file_commitment(tx: Transaction, heard: DialogueCommitted) -> None:
    """What was promised in a session is filed as the petition of whom it was promised to: they follow it like any."""
    if not heard.text.is_open:  # erased
        return
    mobile = heard.mobile.value
    phone = Phone(typed=mobile, mobile=mobile, last_four=mobile[-4:]) if mobile else None
    file_petition(
        tx,
        sent=_for_somebody(heard, phone),
        kept=(),
        once=f"dialogue:{heard.petition_id}",
        key=house_key(tx.codec.keys.sign),
        channel="dialogue",
        petition_id=heard.petition_id,
    )


def file_dossier(tx: Transaction, heard: DossierListed) -> None:
    """A late dossier is filed as a petition of its applicant, written down at the counter by who listed it."""
    if not heard.text.is_open:  # erased
        return
    file_petition(
        tx,
        sent=_for_somebody(heard, _known_phone(heard.phone.value)),
        kept=(),
        once=f"dossier:{heard.petition_id}",
        key=house_key(tx.codec.keys.sign),
        channel="counter",
        stead=Stead(person=heard.actor, received_at=tx.now, late_ground=None),
        procedure=heard.procedure,
        petition_id=heard.petition_id,
    )


def _for_somebody(heard: DialogueCommitted | DossierListed, phone: Phone | None) -> Petition:
    """What the desk asks us to file for somebody, as if they had sent it."""
    return Petition(
        kind=heard.kind,
        topic=heard.topic,
        title=None,
        text=heard.text.value,
        place=None,
        ward=None,
        position=None,
        party=PARTIES[0],
        name=heard.name.value,
        phone=phone,
        email=heard.email.value,
        address=None,
        consents=("sms",) if phone and phone.mobile else (),
        language=heard.language,
    )


def _known_phone(typed: str | None) -> Phone | None:
    """The number of an applicant; one that is shared or free of charge stands there to be read, and takes no SMS."""
    if not typed:
        return None
    try:
        return read_phone(typed)
    except PhoneUnknown:
        return Phone(typed=typed, mobile=None, last_four=typed[-4:])
