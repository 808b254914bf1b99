"""What a petition may say: each field with its limits, and a named reason for everything that is refused."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.intake.domain.place import PlaceUnknown, Road, on_road, read_post, read_road
from shared.text import is_nfc, nfc

LIMITS = {
    "title": 200,
    "text": 5000,
    "place": 300,
    "road": 60,
    "km": 20,
    "organisation": 200,
    "name": 100,
    "phone": 30,
    "email": 254,
    "address": 300,
}
"""Most characters of each field, in NFC."""
SHORTEST_TEXT = 10
FILES_AT_MOST = 4
FILE_BYTES_AT_MOST = 10 * 2**20
LANGUAGES = ("vi", "en")
PARTIES = ("individual", "organisation")
CONSENTS = ("sms", "survey", "publish")
"""What a citizen may agree to, one by one and never by default. Handling the petition is a legal duty and asks for
no consent.

Source: Luật 91/2025/QH15 on personal data; consent is explicit and separate for each purpose.
"""
BEARER_KINDS = frozenset({"complaint", "complaint_second", "denunciation", "denunciation_unqualified"})
"""Kinds whose code stays between the citizen and us: it is no public code, and digits of a telephone do not open it."""

_CONTROL = r"\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029"
_BIDI = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_NOTHING = r"\ud800-\udfff\ufdd0-\ufdef" + "".join(rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(17))
_HIDDEN = re.compile(f"[{_CONTROL}{_BIDI}{_NOTHING}]")
_ONE_LINE = frozenset({"title", "place", "road", "km", "organisation", "name", "phone", "email", "address"})


@dataclass(frozen=True)
class Wrong:
    """Why a field was refused; `words.py` says it to the citizen."""

    field: str
    problem: str
    limit: int | None = None
    given: str = ""  # what else the words need: a count, a proposal, the name of a file


class Refused(ValueError):
    """What was sent cannot be accepted as it is. Holds every reason, in the order of the form."""

    def __init__(self, wrong: tuple[Wrong, ...]) -> None:
        super().__init__(", ".join(f"{w.field}: {w.problem}" for w in wrong))
        self.wrong = wrong


@dataclass(frozen=True)
class Phone:
    """A telephone number as typed, and where it may be used."""

    typed: str
    mobile: str | None  # E.164, only Vietnamese mobile numbers: they take SMS
    last_four: str | None


class PhoneUnknown(ValueError):
    """No telephone number. `proposal` is the number after the change of prefixes, when that explains it."""

    def __init__(self, proposal: str = "") -> None:
        super().__init__("no telephone number")
        self.proposal = proposal


class EmailUnknown(ValueError):
    """No e-mail address that could receive anything."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What may be chosen today, out of the configuration."""

    kinds: frozenset[str]
    topics: frozenset[str]
    wards: frozenset[str]
    identity_required: frozenset[str]  # kinds that the law does not let us take without name and address
    bounds: tuple[float, float, float, float] | None  # south, north, west, east; None: everywhere
    read_phone: Callable[[str], Phone]  # raises PhoneUnknown
    read_email: Callable[[str], str]  # raises EmailUnknown
    roads: tuple[Road, ...] = ()  # those whose posts are known


@dataclass(frozen=True, kw_only=True)
class Answered:
    """An answer to a question of the form, with the question as it read on that day."""

    code: str
    question: str
    question_en: str
    value: str  # as people read it
    value_en: str
    raw: str  # as a form sends it


@dataclass(frozen=True, kw_only=True)
class Petition:
    """What a citizen sends us, checked."""

    kind: str | None  # None: left to us, as in a letter that came on paper
    topic: str | None
    title: str | None
    text: str
    place: str | None  # in words; with road and post first where they were given: "QL1A, Km 824+300 – gần cầu"
    ward: str | None
    position: str | None  # "16.463700,107.590900", WGS 84
    party: str
    name: str | None
    phone: Phone | None
    email: str | None
    address: str | None
    consents: tuple[str, ...]
    language: str
    signature_status: str = "none"  # none, scanned, digital, in_person
    is_nfd: bool = False  # whether its letters came decomposed
    consultation_id: UUID | None = None  # the draft on which it comments
    organisation: str | None = None  # whose name is on it; `name` is then a person to talk to
    answers: tuple[Answered, ...] = ()  # in the order in which they were asked

    @property
    def is_bearer(self) -> bool:
        """Whether its code is the citizen's own key."""
        return self.kind in BEARER_KINDS

    @property
    def told_by(self) -> tuple[str, ...]:
        """Channels by which its results are told: e-mail when given, SMS when agreed to."""
        by_sms = self.phone is not None and self.phone.mobile is not None and "sms" in self.consents
        return tuple(c for c, is_used in (("email", self.email is not None), ("sms", by_sms)) if is_used)

    @property
    def opening_digits(self) -> str | None:
        """The digits that open it beside its code; None: a PIN is needed."""
        return None if self.is_bearer or self.phone is None else self.phone.last_four


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A file that came with a petition, as it is kept."""

    id: UUID
    media_type: str  # image/jpeg, application/pdf, or one of the four of Office in shared/files.py
    size_bytes: int
    sha256: str  # hexadecimal
    is_waiting: bool = False  # no scanner has looked at it yet: nobody may open it
    had_position: bool = False  # a photo that said where it was taken; known until it is sent


def check_petition(
    typed: Mapping[str, str],
    *,
    choices: Choices,
    language: str,
    read_answers: "Callable[[Reader], tuple[Answered, ...]]" = lambda _: (),
) -> Petition:
    """The petition that was typed; `read_answers` reads what was answered to the questions of the form.

    Raises Refused with every field that needs mending.
    """
    reader = Reader(typed)
    kind = reader.chosen("kind", choices.kinds, is_required=True)
    topic = reader.chosen("topic", choices.topics)
    title, text = reader.line("title"), reader.body("text")
    place, ward = reader.place(choices.roads), reader.chosen("ward", choices.wards)
    position = reader.position(choices.bounds)
    answers = read_answers(reader)
    party = typed.get("party") if typed.get("party") in PARTIES else PARTIES[0]
    organisation = reader.line("organisation") if party == "organisation" else None
    name, address = reader.line("name"), reader.line("address")
    if party == "organisation" and not organisation and not name:
        reader.refuse("organisation", "missing")
    phone, email = reader.phone(choices.read_phone), reader.email(choices.read_email)
    if kind in choices.identity_required:
        reader.must_be("name", name)
        reader.must_be("address", address)
    if "sms" in reader.consents() and phone is None and "phone" not in reader.wrong:
        reader.refuse("phone", "needed_for_sms")
    elif "sms" in reader.consents() and phone is not None and phone.mobile is None:
        reader.refuse("phone", "takes_no_sms")
    reader.finish()
    return Petition(
        kind=kind,
        topic=topic,
        title=title,
        text=text,
        place=place,
        ward=ward,
        position=position,
        party=party or PARTIES[0],
        organisation=organisation,
        answers=answers,
        name=name,
        phone=phone,
        email=email,
        address=address,
        consents=reader.consents(),
        language=language,
        is_nfd=not all(map(is_nfc, typed.values())),
    )


def check_words(field: str, typed: str, *, shortest: int = 0, limit: int = LIMITS["text"]) -> str:
    """Some words of a citizen: a supplement, a remark beside a rating. Raises Refused."""
    reader = Reader({field: typed})
    words = reader.body(field, shortest=shortest, limit=limit)
    reader.finish()
    return words


class Reader:
    """Reads field after field and remembers what was wrong with them, so that everything is said at once."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed, self.wrong = typed, dict[str, Wrong]()

    def refuse(self, field: str, problem: str, limit: int | None = None, given: str = "") -> None:
        self.wrong.setdefault(field, Wrong(field, problem, limit, given))

    def finish(self) -> None:
        if self.wrong:
            raise Refused(tuple(self.wrong.values()))

    def chosen(self, field: str, known: frozenset[str], *, is_required: bool = False) -> str | None:
        value = self.typed.get(field, "").strip()
        if value in known:
            return value
        if value or is_required:
            self.refuse(field, "not_a_choice" if value else "missing")
        return None

    def plain(self, field: str, *, limit: int, has_lines: bool = False) -> str:
        """Words of at most so many characters; empty when nothing was typed."""
        if has_lines:
            return self.body(field, shortest=0, limit=limit)
        value = nfc(self.typed.get(field, "")).replace("\t", " ").strip()
        if "\n" in value or "\r" in value:
            self.refuse(field, "line_break")
        return self._fitting(field, value, limit)

    def line(self, field: str) -> str | None:
        """One line without the white space around it; None when nothing was typed."""
        value = nfc(self.typed.get(field, "")).replace("\t", " ").strip()
        if field in _ONE_LINE and ("\n" in value or "\r" in value):
            self.refuse(field, "line_break")
            return None
        return self._fitting(field, value, LIMITS[field]) or None

    def body(self, field: str, *, shortest: int = SHORTEST_TEXT, limit: int = LIMITS["text"]) -> str:
        """Words over several lines, their line breaks kept."""
        value = nfc(self.typed.get(field, "")).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
        if not value and shortest:
            self.refuse(field, "missing")
        elif len(value) < shortest:
            self.refuse(field, "too_short", shortest)
        return self._fitting(field, value, limit)

    def _fitting(self, field: str, value: str, limit: int) -> str:
        if has_hidden_characters(value):
            self.refuse(field, "hidden_characters")
        elif len(value) > limit:
            self.refuse(field, "too_long", limit, str(len(value) - limit))
        return value

    def must_be(self, field: str, value: str | None) -> None:
        if value is None:
            self.refuse(field, "needed_by_law")

    def place(self, roads: tuple[Road, ...]) -> str | None:
        """Where it is in one line: road and post, where they were given, and the words."""
        place, road, post = self.line("place"), self.line("road"), self.line("km")
        if post is not None and road is None:
            self.refuse("road", "needed_for_post")
        if road is None or {"place", "road", "km"} & set(self.wrong):
            return place
        try:
            known = read_road(road, roads)
        except PlaceUnknown as unknown:
            self.refuse("road", unknown.problem)
            return place
        try:
            return on_road(known, None if post is None else read_post(post), place)
        except PlaceUnknown as unknown:
            self.refuse("km", unknown.problem, given=unknown.given)
            return place

    def position(self, bounds: tuple[float, float, float, float] | None) -> str | None:
        typed = [self.typed.get(name, "").strip() for name in ("lat", "lng")]
        if not any(typed):
            return None
        try:
            latitude, longitude = (float(number) for number in typed)
        except ValueError:
            self.refuse("position", "not_a_position")
            return None
        south, north, west, east = bounds or (-90, 90, -180, 180)
        if not (south <= latitude <= north and west <= longitude <= east):
            self.refuse("position", "outside")
            return None
        return f"{latitude:.6f},{longitude:.6f}"

    def phone(self, read: Callable[[str], Phone]) -> Phone | None:
        value = self.line("phone")
        if value is None or "phone" in self.wrong:
            return None
        try:
            return read(value)
        except PhoneUnknown as unknown:
            self.refuse("phone", "old_prefix" if unknown.proposal else "not_a_phone", given=unknown.proposal)
            return None

    def email(self, read: Callable[[str], str]) -> str | None:
        value = self.line("email")
        if value is None or "email" in self.wrong:
            return None
        try:
            return read(value)
        except EmailUnknown:
            self.refuse("email", "not_an_email")
            return None

    def consents(self) -> tuple[str, ...]:
        return tuple(c for c in CONSENTS if self.typed.get(c, "") in {"y", "yes", "on", "true", "1"})


def has_hidden_characters(value: str) -> bool:
    """Whether it holds what no keyboard types and no reader sees: control codes, marks that turn the direction of
    writing, halves of characters and places that will never be characters.

    Line breaks and the joiners inside emoji are no such thing.
    """
    return _HIDDEN.search(value) is not None
