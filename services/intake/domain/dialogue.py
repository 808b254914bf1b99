"""Sessions of reception and dialogue as citizens see them: registering for one, and the entry for their calendar.

Source: RFC 5545 for the entry.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from services.intake.domain.code import CodeMistyped, parse_code
from services.intake.domain.petition import Phone, Reader

LONGEST_QUESTION = 1000
SHORTEST_QUESTION = 10
_LONGEST_LINE = 75  # bytes


@dataclass(frozen=True, kw_only=True)
class Session:
    """A session for the public, as the desk announced it last."""

    id: UUID
    kind: str  # reception, thematic, online
    edition: int
    title: str
    topics: str
    place: str  # where, or the address of a session online
    chair: str  # the name of who receives
    is_online: bool
    starts_at: datetime
    ends_at: datetime
    seats: int
    state: str = "announced"  # announced, called_off, held
    reason: str | None = None  # why it was called off

    def is_open_at(self, instant: datetime) -> bool:
        """Whether people may still register for it, or cancel."""
        return self.state == "announced" and instant < self.starts_at


@dataclass(frozen=True)
class Registered:
    """A seat that is taken."""

    id: UUID
    session_id: UUID
    has_left: bool = False


@dataclass(frozen=True, kw_only=True)
class Registration:
    """Who wants to come, and what about."""

    name: str
    email: str | None
    phone: str | None  # as typed
    mobile: str | None  # E.164, where SMS was agreed to
    question: str
    petition_code: str | None


def check_registration(
    typed: Mapping[str, str], *, read_phone: Callable[[str], Phone], read_email: Callable[[str], str]
) -> Registration:
    """The registration that was typed. Raises Refused with every field that needs mending."""
    reader = Reader(typed)
    name = reader.line("name")
    if name is None:
        reader.refuse("name", "missing")
    phone, email = reader.phone(read_phone), reader.email(read_email)
    wants_sms = "sms" in reader.consents()
    if phone is None and email is None and not {"phone", "email"} & reader.wrong.keys():
        reader.refuse("phone", "needed_for_sms" if wants_sms else "one_of_two")
    elif wants_sms and phone is None and "phone" not in reader.wrong:
        reader.refuse("phone", "needed_for_sms")
    elif wants_sms and phone is not None and phone.mobile is None:
        reader.refuse("phone", "takes_no_sms")
    question = reader.body("question", shortest=SHORTEST_QUESTION, limit=LONGEST_QUESTION)
    code = _code(reader, typed.get("petition_code", ""))
    if typed.get("website"):
        reader.refuse("website", "filled")
    reader.finish()
    return Registration(
        name=name or "",
        email=email,
        phone=phone.typed if phone else None,
        mobile=phone.mobile if phone and wants_sms else None,
        question=question,
        petition_code=code,
    )


def _code(reader: Reader, typed: str) -> str | None:
    if not typed.strip():
        return None
    try:
        return parse_code(typed)
    except CodeMistyped:
        reader.refuse("petition_code", "mistyped")
        return None


# ---- for the citizen's own calendar


def calendar_entry(session: Session, *, place: str, address: str, now: datetime) -> str:
    """The session as a file that calendars read. `address`: its page. The same session keeps its UID, so that each
    edition takes the place of the one before.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Lang Nghe//dialogue//VI",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{session.id}@lang-nghe",
        f"SEQUENCE:{session.edition - 1}",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(session.starts_at)}",
        f"DTEND:{_utc(session.ends_at)}",
        f"SUMMARY:{_escaped(session.title)}",
        f"LOCATION:{_escaped(place)}",
        f"DESCRIPTION:{_escaped(session.topics)}",
        f"URL:{address}",
        f"STATUS:{'CANCELLED' if session.state == 'called_off' else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(words: str) -> str:
    """TEXT of RFC 5545, 3.3.11."""
    for mark in "\\;,":
        words = words.replace(mark, f"\\{mark}")
    return words.replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """At most 75 bytes a line, and never within a letter. Source: RFC 5545, 3.1."""
    parts, size = [""], 0
    for letter in line:
        width = len(letter.encode())
        if size + width > _LONGEST_LINE:
            parts, size = [*parts, " "], 1
        parts[-1] += letter
        size += width
    return "\r\n".join(parts)
