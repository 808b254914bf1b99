"""Who is told of what: rules as data, checked when they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from services.notify.domain.notice import FOLLOWER, GUEST, OUTSIDER, PETITIONER, STAFF, QuietHours

CHANNELS = ("email", "sms")
GUARDS = ("answered", "closed")
SORTS = ("progress", "survey")
"""Sorts of notices that a petitioner may decline. The door has a page for them."""


class BadRules(Exception):
    """The rules of telling contradict themselves or name what does not exist; the message says which and where."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One duty to tell."""

    id: str
    hears: str  # type of the event
    audience: str
    named_in: str | None  # staff: the field of the event that names them
    purpose: str  # also the name of the text
    channels: tuple[str, ...]
    otherwise: tuple[str, ...]  # used when none of `channels` can reach the person
    lane: int
    valid_for: timedelta
    supersedes: tuple[str, ...] = ()  # purposes whose unsent notices this one makes pointless
    not_after: tuple[str, ...] = ()  # ends of the matter after which it must not be sent any more
    only: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)  # open fields and the values they must have
    never: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    optional: str | None = None  # the sort of notices that a petitioner may decline; None: the law asks us to tell
    is_neutral: bool = False  # says nothing of a petition, and may be sent about a discreet one as it is

    def applies(self, fields: Mapping[str, Any]) -> bool:
        """Whether an event with these open fields is meant."""
        return all(fields.get(name) in wanted for name, wanted in self.only.items()) and not any(
            fields.get(name) in unwanted for name, unwanted in self.never.items()
        )

    def reaches(self, usable: Sequence[str]) -> tuple[str, ...]:
        """The channels to use, of those by which the person can be reached."""
        return tuple(c for c in self.channels if c in usable) or tuple(c for c in self.otherwise if c in usable)[:1]


@dataclass(frozen=True)
class Rules:
    """All rules, by what they hear."""

    all: tuple[Rule, ...]
    quiet: QuietHours

    def of(self, event_type: str) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.all if rule.hears == event_type)

    def named(self, rule_id: str) -> Rule | None:
        return next((rule for rule in self.all if rule.id == rule_id), None)


def read_rules(data: Mapping[str, Any], *, fields_of: Mapping[str, Mapping[str, Any]]) -> Rules:
    """The rules of a file. `fields_of` gives the open fields of each type of event. Raises BadRules."""
    try:
        rules = tuple(_read(rule_id, raw) for rule_id, raw in data["rules"].items())
        quiet = data["quiet_hours"]
        hours = QuietHours(
            start=int(quiet["from"]),
            end=int(quiet["to"]),
            channels=frozenset(quiet["channels"]),
            lanes=frozenset(quiet["lanes"]),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise BadRules(f"rules.yaml is not as expected: {problem!r}") from None
    for rule in rules:
        _check(rule, fields_of)
    purposes = {rule.purpose for rule in rules}
    for rule in rules:
        if unknown := set(rule.supersedes) - purposes:
            raise BadRules(f"{rule.id}: supersedes {sorted(unknown)}, which no rule sends")
    return Rules(rules, hours)


def _read(rule_id: str, raw: Mapping[str, Any]) -> Rule:
    known = {
        "hears", "tells", "named_in", "purpose", "channels", "otherwise", "lane", "valid_hours",
        "supersedes", "not_after", "only", "never", "optional", "neutral",
    }  # fmt: skip
    if unknown := set(raw) - known:
        raise BadRules(f"{rule_id}: unknown {sorted(unknown)}")
    return Rule(
        id=rule_id,
        hears=raw["hears"],
        audience=raw["tells"],
        named_in=raw.get("named_in"),
        purpose=raw["purpose"],
        channels=tuple(raw["channels"]),
        otherwise=tuple(raw.get("otherwise", ())),
        lane=int(raw["lane"]),
        valid_for=timedelta(hours=float(raw["valid_hours"])),
        supersedes=tuple(raw.get("supersedes", ())),
        not_after=tuple(raw.get("not_after", ())),
        only={name: tuple(values) for name, values in raw.get("only", {}).items()},
        never={name: tuple(values) for name, values in raw.get("never", {}).items()},
        optional=raw.get("optional"),
        is_neutral=bool(raw.get("neutral", False)),
    )


def _check(rule: Rule, fields_of: Mapping[str, Mapping[str, Any]]) -> None:
    fields = fields_of.get(rule.hears)
    if fields is None:
        raise BadRules(f"{rule.id}: hears {rule.hears}, an event that the postman does not hear")
    if rule.audience not in (audiences := (PETITIONER, STAFF, OUTSIDER, GUEST, FOLLOWER)):
        raise BadRules(f"{rule.id}: tells {rule.audience}; it can tell {', '.join(audiences)}")
    if (rule.audience == STAFF) != (rule.named_in is not None):
        raise BadRules(f"{rule.id}: rules for staff, and only they, say which field names them (named_in)")
    for name in [*rule.only, *rule.never, *([rule.named_in] if rule.named_in else [])]:
        if name not in fields:
            raise BadRules(f"{rule.id}: {rule.hears} has no open field {name}")
    if not rule.channels or set(rule.channels + rule.otherwise) - set(CHANNELS):
        raise BadRules(f"{rule.id}: channels are {', '.join(CHANNELS)}")
    if rule.audience in {STAFF, OUTSIDER} and rule.channels + rule.otherwise != ("email",):
        raise BadRules(f"{rule.id}: staff and people outside are told by e-mail")
    if rule.optional is not None and (rule.optional not in SORTS or rule.audience != PETITIONER or rule.lane < 2):
        raise BadRules(
            f"{rule.id}: optional is {' or '.join(SORTS)}, for petitioners, and of no lane that the law asks for"
        )
    if rule.lane not in range(4) or rule.valid_for <= timedelta():
        raise BadRules(f"{rule.id}: lanes are 0 to 3, and valid_hours is above 0")
    if unknown := set(rule.not_after) - set(GUARDS):
        raise BadRules(f"{rule.id}: not_after {sorted(unknown)}; known are {', '.join(GUARDS)}")
