"""Where a petitioner is told, in which language, and of what; and how they show that an address is theirs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from services.intake.domain.petition import LANGUAGES, Phone, Reader

OPTIONAL = ("progress", "survey")
"""Sorts of notices that one need not get. What the law asks us to tell is none of them: receipt, question, new due day,
result. Which rules of telling are of which sort stands in config/letters/rules.yaml."""

CODE_DIGITS = 6
LINK_LIVES = timedelta(hours=24)
CODE_LIVES = timedelta(minutes=10)
LIST_LIVES = timedelta(hours=2)
TRIES_AT_MOST = 5
CHANGES_AT_MOST, CHANGES_WINDOW = 5, timedelta(days=1)
"""So often a petition gets another address."""
OFTEN = timedelta(minutes=15)
CHECKS_AT_MOST = 5
"""So many links or codes verify the address of one petition within `OFTEN`: only who holds its secret asks for them."""
CHECKS_OF_ADDRESS = 10
"""Beyond it an address gets no second link or code of a petition while the last one is good: it stands on several."""
LISTS_AT_MOST = 9
"""So many lists go to one address within `OFTEN`, whoever asks; the last of them is good for longer."""
LISTS_OF_ASKER = "3 per 15 minutes"
"""So often one client has a list sent to one address, in the words of the limiter: no stranger alone uses it up."""


@dataclass(frozen=True, kw_only=True)
class Contact:
    """All of it, as it is valid from now on."""

    email: str | None
    phone: Phone | None
    by_sms: bool
    language: str
    declined: tuple[str, ...]

    @property
    def channels(self) -> tuple[str, ...]:
        is_used = {"email": self.email is not None, "sms": self.by_sms and self.mobile is not None}
        return tuple(channel for channel, used in is_used.items() if used)

    @property
    def mobile(self) -> str | None:
        return self.phone.mobile if self.phone else None


def check_contact(
    typed: Mapping[str, str], *, read_phone: Callable[[str], Phone], read_email: Callable[[str], str]
) -> Contact:
    """The contact that was typed; what is ticked among `OPTIONAL` is wanted. Raises Refused."""
    reader = Reader(typed)
    phone, email = reader.phone(read_phone), reader.email(read_email)
    by_sms = "sms" in reader.consents()
    if by_sms and phone is None and "phone" not in reader.wrong:
        reader.refuse("phone", "needed_for_sms")
    elif by_sms and phone is not None and phone.mobile is None:
        reader.refuse("phone", "takes_no_sms")
    language = reader.chosen("language", frozenset(LANGUAGES), is_required=True) or LANGUAGES[0]
    reader.finish()
    declined = tuple(sort for sort in OPTIONAL if not typed.get(sort))
    return Contact(email=email, phone=phone, by_sms=by_sms, language=language, declined=declined)


def normal_email(address: str) -> str:
    """An address as it is looked for: letters of either case are the same."""
    return address.casefold()


def normal_phone(phone: Phone) -> str:
    """A number as it is looked for, however it was typed."""
    return phone.mobile or "".join(filter(str.isdigit, phone.typed))
