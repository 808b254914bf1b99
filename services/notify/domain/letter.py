"""The words of a notice: texts as data with ((placeholders)) and nothing else, checked when they are read.

No loops, filters or calls: what an office writes cannot run. A line with an optional ((placeholder?)) is left out when
there is nothing to put in. The plain text is written by people; the HTML beside it is derived, so both say the same.
"""

import base64
import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from services.notify.domain import texting
from services.notify.domain.notice import FOLLOWER, GUEST, LOCAL, OUTSIDER, PETITIONER, STAFF
from services.notify.domain.rule import Rules

LANGUAGES = ("vi", "en")
PLACEHOLDER = re.compile(r"\(\(([a-z_]+)(\?)?\)\)")
NEWS = {PETITIONER: "news", STAFF: "desk_news"}
"""The neutral text of each audience: all that is said about a discreet petition. People outside learn nothing of it."""
FOOTERS = {
    "footer": PETITIONER,
    "desk_footer": STAFF,
    "outside_footer": OUTSIDER,
    "guest_footer": GUEST,
    "follower_footer": FOLLOWER,
}

RATINGS = {"rate_best": 5, "rate_good": 4, "rate_fair": 3, "rate_poor": 2, "rate_worst": 1}
"""Links that open the question with one of its answers chosen, and the level of each."""

# What is known of every notice, beside its event: "safe" goes anywhere, "words" into the body of e-mails only.
STANDING = {
    "code": "safe",
    "follow_link": "safe",
    "rate_link": "safe",
    **dict.fromkeys(RATINGS, "safe"),
    "survey_link": "safe",
    "survey_stop_link": "safe",
    "stop_link": "safe",
    "verify_link": "safe",
    "verify_code": "safe",
    "hotline": "safe",
    "office_short": "safe",
    "office": "safe",
    "greeting": "words",
}
STANDING_OUTSIDE = {
    "consult_link": "safe",
    "greeting": "words",
    "hotline": "safe",
    "office": "safe",
    "office_short": "safe",
}
STANDING_GUEST = {
    "dialogue_link": "safe",
    "list_link": "safe",
    "greeting": "words",
    "hotline": "safe",
    "office": "safe",
    "office_short": "safe",
}
STANDING_FOLLOWER = {
    "following_link": "safe",
    "hotline": "safe",
    "office": "safe",
    "office_short": "safe",
}
STANDING_DESK = {"desk_link": "safe", "case_ref": "safe", "office": "safe", "office_short": "safe", "hotline": "safe"}

GUEST_PATH = "/tham-gia/hen/"
"""Where a guest finds their own seat at the door."""
FOLLOWER_PATH = "/theo/"
"""Where a follower finds what they follow at the door, and stops following."""
LIST_PATH = "/ho-so-cua-toi/"
"""Where the door lists the petitions of an address."""


def unsubscribe_mark(petition_id: UUID, link_token: str) -> str:
    """What a link to be told of less ends in, as the door knows it: it follows from the link to the petition."""
    opened = hashlib.sha256(link_token.encode()).hexdigest()
    mark = hashlib.sha256(f"unsubscribe/{petition_id.hex}/{opened}".encode()).digest()[:16]
    return base64.b32encode(mark).decode().rstrip("=").lower()


_URL = re.compile(r"https?://[^\s<>\"]+")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # all but line feed and tab
_TURNING = re.compile("[\u2028\u2029\u202a-\u202e\u2066-\u2069]")  # lines, and the direction of reading
_LONGEST = {"code": "7K3M-9HDX", "hotline": "0234 3823 456", "office_short": "So GTVT Hue", "case_ref": "0123456789AB"}


class BadLetters(Exception):
    """A text cannot be used: the message says which file and why."""


class CannotWrite(Exception):
    """A notice's text cannot be made from what is known: a value or a version is missing, or it does not fit."""

    error_class = "content"


class BadAddress(CannotWrite):
    """No message can be sent to such an address."""

    error_class = "recipient"


@dataclass(frozen=True, kw_only=True)
class Template:
    """One text for one purpose, channel and language. Once used it never changes: a new version is a new file."""

    purpose: str
    channel: str
    language: str
    version: int
    valid_from: date
    subject: str
    body: str

    @property
    def name(self) -> str:
        return f"{self.purpose}.{self.channel}.{self.language} version {self.version}"

    def placeholders(self) -> dict[str, bool]:
        """The names in it, and whether each may be missing."""
        found: dict[str, bool] = {}
        for name, mark in PLACEHOLDER.findall(self.subject + "\n" + self.body):
            found[name] = found.get(name, True) and bool(mark)
        return found


@dataclass(frozen=True)
class Rendered:
    """A notice in words, before any channel has packed it."""

    text: str
    subject: str = ""
    html: str = ""
    sender: str = ""  # the office's name in the reader's language
    unsubscribe: str = ""  # the link by which a mail program asks for no more of it


@dataclass(frozen=True)
class Office:
    """Who speaks: names in each language."""

    name: Mapping[str, str]
    short: Mapping[str, str]
    hotline: str

    def facts(self, language: str) -> dict[str, str]:
        return {"office": self.name[language], "office_short": self.short[language], "hotline": self.hotline}


@dataclass(frozen=True)
class Letters:
    """All texts, the footer of e-mails, and the words for codes."""

    templates: Mapping[tuple[str, str, str, int], Template]
    footers: Mapping[tuple[str, str], str]  # audience, language
    words: Mapping[str, Mapping[str, Mapping[str, str]]]  # field → code → language → words
    _known: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)  # answers given before

    def version_on(self, purpose: str, channel: str, day: date) -> int:
        """The version in force on a day. Raises CannotWrite."""
        known = self._known.get((purpose, channel, day))
        if known is None:
            known = self._known[purpose, channel, day] = self._version_on(purpose, channel, day)
        return int(known)

    def _version_on(self, purpose: str, channel: str, day: date) -> int:
        valid = [
            t.version
            for t in self.templates.values()
            if (t.purpose, t.channel) == (purpose, channel) and t.valid_from <= day
        ]
        if not valid:
            raise CannotWrite(f"no text for {purpose} by {channel} on {day}")
        return max(valid)

    def needs(self, purpose: str, channel: str, version: int) -> frozenset[str]:
        """The placeholders of a text, over all its languages."""
        known = self._known.get((purpose, channel, version))
        if known is None:
            known = self._known[purpose, channel, version] = self._needs(purpose, channel, version)
        return frozenset(known)

    def _needs(self, purpose: str, channel: str, version: int) -> frozenset[str]:
        return frozenset(
            name
            for language in LANGUAGES
            if (template := self.templates.get((purpose, channel, language, version)))
            for name in template.placeholders()
        )

    def write(
        self,
        *,
        purpose: str,
        channel: str,
        language: str,
        version: int,
        audience: str,
        facts: Mapping[str, str],
    ) -> Rendered:
        """The text with its values. Raises CannotWrite when one is missing or an SMS does not fit."""
        language = language if language in LANGUAGES else LANGUAGES[0]
        template = self.templates.get((purpose, channel, language, version))
        if template is None:
            raise CannotWrite(f"no text {purpose} by {channel} in {language}, version {version}")
        values = dict(facts)
        for name in self.words.keys() & values.keys():
            values[name] = self._said(name, values[name], language)
        if channel == "sms":
            try:
                return Rendered(text=texting.one_text(fill(template.body, values)))
            except texting.NotOneText as problem:
                raise CannotWrite(f"{template.name}: {problem}") from None
        body = fill(template.body, values) + "\n\n" + fill(self.footers[audience, language], values)
        subject = fill(template.subject, values)
        return Rendered(text=body, subject=subject, html=to_html(body), sender=values.get("office", ""))

    def _said(self, name: str, value: str, language: str) -> str:
        words = self.words[name]
        return (words.get(value) or words["other"])[language] if value else ""


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its values put in, as they are: what looks like a placeholder inside a value stays as it is.

    Raises CannotWrite when a value is missing.
    """
    lines = []
    for line, names in _lines(text):
        if any(mark and not values.get(name) for name, mark in names):
            continue
        for name, _ in names:
            if name not in values:
                raise CannotWrite(f"nothing is known of (({name}))")
        lines.append(PLACEHOLDER.sub(lambda found: values[found[1]], line) if names else line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


@lru_cache(maxsize=256)  # more than there are texts
def _lines(text: str) -> tuple[tuple[str, list[tuple[str, str]]], ...]:
    """Each line of a text with its placeholders: name, and "?" when it may be missing."""
    return tuple((line, PLACEHOLDER.findall(line)) for line in text.split("\n"))


def said_day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def said_instant(at: datetime) -> str:
    return f"{at.astimezone(LOCAL):%H:%M, %d/%m/%Y}"


def clean(words: str) -> str:
    """Words of people, for the body of an e-mail: NFC, line breaks alike, other control characters gone."""
    words = unicodedata.normalize("NFC", words).replace("\r\n", "\n").replace("\r", "\n")
    return _TURNING.sub(" ", _CONTROL.sub("", words)).strip()


_BODY = "margin:0;padding:24px 12px;background:#f3f5f7;color:#1b1f24;font:16px/1.55 Arial,Helvetica,sans-serif"
_SHEET = (
    "max-width:600px;margin:0 auto;padding:28px 24px;background:#fff;border-top:4px solid #1d4f91;border-radius:4px"
)
_BUTTON = (
    "display:inline-block;padding:12px 18px;background:#1d4f91;color:#fff;text-decoration:none;border-radius:4px;"
    "font-weight:bold"
)


def to_html(text: str) -> str:
    """The same words as a page: paragraphs, links; the first link that has a line to itself is a button."""
    parts, has_button = [], False
    for paragraph in re.split(r"\n{2,}", text):
        lines = paragraph.split("\n")
        if not has_button and len(lines) == 2 and _URL.fullmatch(lines[1]):
            url, label = html.escape(lines[1]), html.escape(lines[0].rstrip(":"))
            parts.append(f'<p style="margin:20px 0"><a href="{url}" style="{_BUTTON}">{label}</a><br>'
                         f'<span style="font-size:13px;color:#57606a">{url}</span></p>')  # fmt: skip
            has_button = True
            continue
        if paragraph == "--":
            parts.append('<hr style="border:0;border-top:1px solid #d0d7de;margin:24px 0">')
            continue
        parts.append('<p style="margin:0 0 14px">' + "<br>".join(map(_linked, lines)) + "</p>")
    return (
        f'<!doctype html><html><head><meta charset="utf-8"></head><body style="{_BODY}">'
        f'<div style="{_SHEET}">{"".join(parts)}</div></body></html>'
    )


def _linked(line: str) -> str:
    out, end = [], 0
    for found in _URL.finditer(line):
        url = found[0].rstrip(".,;:)")
        out.append(html.escape(line[end : found.start()]))
        out.append(f'<a href="{html.escape(url)}" style="color:#1d4f91">{html.escape(url)}</a>')
        end = found.start() + len(url)
    return "".join(out) + html.escape(line[end:])


# ---- reading the files


def read_template(file_name: str, content: str) -> Template:
    """One file: `<purpose>.<channel>.<language>[.<note>].txt`, a head of `name: value` lines, `---`, the body.

    Raises BadLetters.
    """
    try:
        purpose, channel, language = file_name.removesuffix(".txt").split(".")[:3]
        head, _, body = unicodedata.normalize("NFC", content).partition("\n---\n")
        values = dict(line.split(": ", 1) for line in head.strip().splitlines())
        template = Template(
            purpose=purpose,
            channel=channel,
            language=language,
            version=int(values.pop("version")),
            valid_from=date.fromisoformat(values.pop("valid from")),
            subject=values.pop("subject", ""),
            body=body.strip(),
        )
    except (ValueError, KeyError) as problem:
        raise BadLetters(f"{file_name}: not as expected: {problem}") from None
    if values:
        raise BadLetters(f"{file_name}: unknown {sorted(values)} in its head")
    return template


def gather(templates: Iterable[Template], words: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Letters:
    """All texts together; those that FOOTERS names are the feet of e-mails. Raises BadLetters."""
    known: dict[tuple[str, str, str, int], Template] = {}
    footers: dict[tuple[str, str], str] = {}
    for template in templates:
        key = (template.purpose, template.channel, template.language, template.version)
        if key in known:
            raise BadLetters(f"{template.name} is there twice")
        if template.purpose in FOOTERS:
            footers[FOOTERS[template.purpose], template.language] = template.body
        else:
            known[key] = template
    for audience in FOOTERS.values():
        for language in LANGUAGES:
            if (audience, language) not in footers:
                raise BadLetters(f"no footer for {audience} in {language}")
    for name, codes in words.items():
        for code, said in [("other", codes.get("other", {})), *codes.items()]:
            if set(LANGUAGES) - set(said):
                raise BadLetters(f"words.yaml: {name}.{code} is not said in {', '.join(LANGUAGES)}")
    return Letters(known, footers, words)


@dataclass(frozen=True)
class FieldKind:
    """What a field of an event may hold: "day", "code", "text" (words of people), "number", "flag", "other"."""

    kind: str
    is_optional: bool


def check(
    letters: Letters,
    rules: Rules,
    fields_of: Mapping[str, Mapping[str, FieldKind]],
    *,
    follow_link: str,
) -> None:
    """Every rule has its text in each language, each placeholder is known, nothing personal is in an SMS or a subject.

    `follow_link` is the longest link there can be. Raises BadLetters, so that sending never fails on it.
    """
    for rule in rules.all:
        for channel in rule.channels + rule.otherwise:
            for purpose in (rule.purpose, *([NEWS[rule.audience]] if rule.audience in NEWS else [])):
                fields = fields_of[rule.hears] if purpose == rule.purpose else {}
                _check_purpose(letters, purpose, channel, rule.audience, fields, follow_link)


def _check_purpose(
    letters: Letters,
    purpose: str,
    channel: str,
    audience: str,
    fields: Mapping[str, FieldKind],
    follow_link: str,
) -> None:
    versions = {
        language: frozenset(key[3] for key in letters.templates if key[:3] == (purpose, channel, language))
        for language in LANGUAGES
    }
    if not versions[LANGUAGES[0]] or len(set(versions.values())) > 1:
        there = ", ".join(f"{language}: {sorted(found)}" for language, found in versions.items())
        raise BadLetters(f"{purpose} by {channel} needs the same versions in each language; there are {there}")
    for (its_purpose, its_channel, _, _), template in letters.templates.items():
        if (its_purpose, its_channel) == (purpose, channel):
            _check_template(letters, template, audience, fields, follow_link)


def _check_template(
    letters: Letters, template: Template, audience: str, fields: Mapping[str, FieldKind], follow_link: str
) -> None:
    standing = {
        PETITIONER: STANDING,
        STAFF: STANDING_DESK,
        OUTSIDER: STANDING_OUTSIDE,
        GUEST: STANDING_GUEST,
        FOLLOWER: STANDING_FOLLOWER,
    }[audience]
    exposed = template.body if template.channel == "sms" else template.subject
    exposed_names = {name for name, _ in PLACEHOLDER.findall(exposed)}
    for name, is_optional in template.placeholders().items():
        if name in standing:
            is_safe = standing[name] == "safe"
        elif name in fields:
            found = fields[name]
            if found.kind in {"flag", "other"}:
                raise BadLetters(f"{template.name}: (({name})) cannot be written")
            if found.is_optional and not is_optional:
                raise BadLetters(f"{template.name}: (({name})) may be missing; write (({name}?)), in a line of its own")
            is_safe = found.kind in {"day", "number"}
        else:
            raise BadLetters(f"{template.name}: (({name})) is not known")
        if name in exposed_names and not is_safe:
            raise BadLetters(f"{template.name}: (({name})) must not stand in an SMS or a subject")
    if template.channel == "email" and (not template.subject or "\n" in template.subject):
        raise BadLetters(f"{template.name}: an e-mail needs a subject of one line")
    if template.channel == "sms":
        longest = dict.fromkeys(fields, "00/00/0000") | _LONGEST
        longest |= {"follow_link": follow_link, "rate_link": follow_link + "/danh-gia"}
        longest |= dict.fromkeys(RATINGS, follow_link + "/danh-gia?diem=5")
        longest |= {"survey_link": follow_link, "survey_stop_link": follow_link + "/thoi"}
        longest |= {"dialogue_link": follow_link.replace("/t/", GUEST_PATH)}
        longest |= {"following_link": follow_link.replace("/t/", FOLLOWER_PATH)}
        longest |= {"list_link": follow_link.replace("/t/", LIST_PATH), "verify_code": "000000"}
        try:
            texting.one_text(fill(template.body, longest | {"office": "x"}))
        except (texting.NotOneText, CannotWrite) as problem:
            raise BadLetters(f"{template.name}: with the longest values: {problem}") from None
