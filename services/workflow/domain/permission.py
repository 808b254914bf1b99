"""Who may do what: role × kind class × action, plus how the person stands to the case. Pure, and one place.

`store.visible_to` says the same as `may(…, "see", …)` in SQL; a test holds the two together row by row.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from services.workflow.domain.case import Case, KindClass


class Person(Hashable, Protocol):
    """A member of staff, as far as permissions are concerned."""

    @property
    def person(self) -> str: ...  # pseudonym

    @property
    def role(self) -> str: ...

    @property
    def unit(self) -> str | None: ...


class Refusal(StrEnum):
    """Why not. What you may not see does not exist for you: the first two are shown as 'not found'."""

    ABOUT_YOU = "it is about you or your unit"
    NOT_YOURS = "it is not yours to see"
    NOT_YOUR_ROLE = "your role does not do this"
    NOT_ASSIGNED = "it is assigned to somebody else"
    YOU_DRAFTED_IT = "who drafts an answer does not approve it"
    YOU_PREPARED_IT = "who prepares a publication does not post it"
    YOU_PUT_IT_THERE = "who puts something into quarantine does not look at it again"
    YOU_OWN_IT = "who does a remedy does not judge it"
    YOU_WROTE_THE_DRAFT = "who prepares a consultation does not open it"
    YOU_ASKED_FOR_IT = "who asks for an extension does not grant it"
    YOU_PROPOSED_IT = "who proposes an erasure does not decide it"
    YOU_ANSWERED_IT = "who answered does not follow up whom it did not satisfy"
    NOBODY_ASKED = "nobody has asked for an extension"
    YOU_WROTE_IT = "who writes a change does not publish it"
    YOU_WROTE_THE_SUMMARY = "who writes a public summary does not publish it"
    YOU_PREPARED_THE_ROUND = "who prepares a survey round does not open it"
    IDENTITY_IS_SEALED = "the sender's identity is opened by the head or the director only"
    NOBODY_TO_TELL = "there is no second person who would hear of it"
    NOT_THIS_KIND = "cases of this kind have no such step"
    KEPT_CLOSE = "a case that is kept close goes to another unit by the director only"
    NOT_OUTSIDE = "a secret case is shown to nobody outside"


@dataclass(frozen=True)
class Allowed:
    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True)
class Refused:
    reason: Refusal

    def __bool__(self) -> bool:
        return False


ALLOWED = Allowed()

# How near the person must stand to the case: any (whoever sees it), unit (the case is their unit's), mine (assigned),
# supports (their unit was asked to contribute).
ANY, UNIT, MINE, SUPPORTS = "any", "unit", "mine", "supports"

MAY: dict[str, dict[str, str]] = {
    "see": {"officer": ANY, "head": ANY, "office": ANY, "director": ANY},
    "see_contact": {"officer": MINE, "head": UNIT, "office": ANY, "director": ANY},
    "note": {"officer": ANY, "head": ANY, "office": ANY, "director": ANY},
    # sorting
    "decide": {"head": UNIT, "office": ANY, "director": ANY},
    "return_to_triage": {"head": UNIT, "office": ANY, "director": ANY},
    "quarantine": {"office": ANY},
    "look_again": {"office": ANY, "director": ANY},
    "restore": {"office": ANY},
    "split_up": {"head": UNIT, "office": ANY},
    "link": {"head": UNIT, "office": ANY},
    "guide": {"officer": MINE, "head": UNIT, "office": ANY},
    # who does it
    "assign": {"head": UNIT, "office": ANY, "director": ANY},
    "reassign": {"head": UNIT, "office": ANY, "director": ANY},
    "take": {"officer": UNIT, "head": UNIT},
    "pass_on": {"officer": MINE},
    "accept": {"officer": MINE, "head": UNIT, "director": ANY},
    # work
    "progress": {"officer": MINE, "head": UNIT},
    "ask": {"officer": MINE, "head": UNIT, "office": ANY},
    "resume": {"officer": MINE, "head": UNIT, "office": ANY, "director": ANY},
    "suspend": {"director": ANY},
    "ask_extension": {"officer": MINE, "head": UNIT},
    "extend": {"head": UNIT, "office": ANY, "director": ANY},
    "apologise": {"head": UNIT, "office": ANY, "director": ANY},
    "name_procedure": {"officer": MINE, "head": UNIT, "office": ANY, "director": ANY},
    # together with others
    "ask_support": {"officer": MINE, "head": UNIT, "director": ANY},
    "give_support": {"officer": SUPPORTS, "head": SUPPORTS, "office": SUPPORTS},
    "hand_back_support": {"officer": SUPPORTS, "head": SUPPORTS, "office": SUPPORTS},
    "unlink": {"head": UNIT, "office": ANY},
    "consult": {"officer": MINE, "head": UNIT, "director": ANY},
    "await_expert": {"officer": MINE, "head": UNIT},
    "revoke_consult": {"officer": MINE, "head": UNIT, "director": ANY},
    "urge": {"office": ANY, "director": ANY},
    "answer_urge": {"head": UNIT},
    # the answer
    "save_draft": {"officer": MINE, "head": UNIT},
    "draft": {"officer": MINE, "head": UNIT},
    "take_back": {"officer": MINE, "head": UNIT},
    "return_draft": {"head": UNIT, "director": ANY},
    "approve": {"head": UNIT, "director": ANY},
    "answer": {"officer": MINE, "head": UNIT, "office": ANY},
    # at the counter and on the telephone
    "hand_over": {"officer": UNIT, "head": UNIT, "office": ANY, "director": ANY},
    "log_call": {"officer": ANY, "head": ANY, "office": ANY, "director": ANY},
    "add_evidence": {"officer": MINE, "head": UNIT},
    # after the answer
    "keep_promise": {"officer": MINE, "head": UNIT},
    "move_promise": {"head": UNIT, "director": ANY},
    "reopen": {"head": UNIT, "director": ANY},
    "follow_up": {"head": UNIT, "director": ANY},
    # what everybody may read of it
    "write_summary": {"officer": MINE, "head": UNIT, "office": ANY},
    "publish_summary": {"head": UNIT, "office": ANY, "director": ANY},
    "withdraw_summary": {"head": UNIT, "office": ANY, "director": ANY},
    "keep_back": {"officer": MINE, "head": UNIT, "office": ANY, "director": ANY},
    # a dialogue with the petitioner
    "hold_dialogue": {"officer": MINE, "head": UNIT, "director": ANY},
    # so that it does not come back
    "open_remedy": {"head": UNIT, "office": ANY, "director": ANY},
    "check": {"office": ANY, "director": ANY},
    # the ends
    "close": {"officer": MINE, "head": UNIT, "office": ANY},
    "transfer": {"head": UNIT, "office": ANY, "director": ANY},
    "refuse": {"head": UNIT, "office": ANY, "director": ANY},
    "withdraw": {"officer": MINE, "head": UNIT, "office": ANY},
    # before it is taken up
    "record_signature": {"officer": MINE, "head": UNIT, "office": ANY},
    "verify_signature": {"officer": MINE, "head": UNIT},
    "set_limitation": {"officer": MINE, "head": UNIT},
    "judge": {"officer": MINE, "head": UNIT},
    "name_first_level": {"officer": MINE, "head": UNIT, "office": ANY},
    "screen": {"head": UNIT, "director": ANY},
    "verify_identity": {"officer": MINE, "head": UNIT, "office": ANY},
    "propose_erasure": {"officer": MINE, "head": UNIT, "office": ANY},
    "grant_erasure": {"head": UNIT, "director": ANY},
    "name_right": {"officer": MINE, "head": UNIT, "office": ANY},
    # who is kept out, and who looks behind a denunciation
    "exclude_person": {"head": UNIT, "office": ANY, "director": ANY},
    "redact": {"head": UNIT, "director": ANY},
    "open_identity": {"head": UNIT, "director": ANY},
}
"""Action → role → how near. A role that is not named may not at all: auditors and admins read no case here."""

COMPLAINTS = frozenset({"complaint", "complaint_second"})
PUBLISHED = frozenset({"report", "proposal", "procedure_feedback", "regulation_feedback"})
"""Kinds of which a summary may be published. Comments on drafts are published with their draft."""
ONLY_KINDS: dict[str, frozenset[str]] = {
    "record_signature": COMPLAINTS | {"denunciation"},
    "verify_signature": COMPLAINTS | {"denunciation"},
    "set_limitation": COMPLAINTS,
    "judge": COMPLAINTS | {"denunciation"},
    "name_first_level": frozenset({"complaint_second"}),
    "hold_dialogue": COMPLAINTS,
    "screen": frozenset({"denunciation_unqualified"}),
    "name_procedure": frozenset({"procedure_feedback", "regulation_feedback"}),
    "verify_identity": frozenset({"data_request", "regulation_feedback"}),
    "name_right": frozenset({"data_request"}),
    "write_summary": PUBLISHED,
    "publish_summary": PUBLISHED,
    "withdraw_summary": PUBLISHED,
    "keep_back": PUBLISHED,
    "propose_erasure": frozenset({"data_request"}),
    "grant_erasure": frozenset({"data_request"}),
    "redact": frozenset({"denunciation", "denunciation_unqualified"}),
    "open_identity": frozenset({"denunciation", "denunciation_unqualified"}),
}
"""Action → the kinds that know it, where not all do."""


def may(person: Person, action: str, case: Case) -> Allowed | Refused:
    """Whether this person may do this to this case, and why not. What the stage allows is the workflow's question."""
    if case.excluded & {person.person, person.unit}:
        return Refused(Refusal.ABOUT_YOU)  # beats every role, and being assigned
    if not _sees(person, case):
        return Refused(Refusal.NOT_YOURS)
    if case.kind not in ONLY_KINDS.get(action, {case.kind}):
        return Refused(Refusal.NOT_THIS_KIND)
    near = MAY[action].get(person.role)
    if near is None:
        return Refused(Refusal.NOT_YOUR_ROLE)
    if not _is_near(person, case, near):
        return Refused(Refusal.NOT_ASSIGNED)
    return _four_eyes(person, action, case)


def _sees(person: Person, case: Case) -> bool:
    """What a role sees of each class of case. `store.visible_to` is the same rule as SQL."""
    is_mine = case.officer == person.person
    is_our_unit = case.unit == person.unit or person.unit in case.supporting
    match person.role:
        case "officer":
            return is_mine or (is_our_unit and case.kind_class is KindClass.ORDINARY)
        case "head":
            return is_mine or is_our_unit
        case "office":
            is_routed_here = is_our_unit and case.kind_class is KindClass.RESTRICTED
            return is_mine or case.kind_class is KindClass.ORDINARY or is_routed_here
        case "director":
            return True
        case _:
            return False


def _is_near(person: Person, case: Case, near: str) -> bool:
    if near == SUPPORTS:
        return person.unit in case.supporting
    is_mine = case.officer == person.person
    return near == ANY or is_mine or (near == UNIT and case.unit == person.unit)


def _four_eyes(person: Person, action: str, case: Case) -> Allowed | Refused:
    if action == "pass_on" and case.is_restricted:
        return Refused(Refusal.NOT_YOUR_ROLE)  # whom a restricted case is opened to is the head's to say
    if action == "approve" and case.drafted_by == person.person:
        return Refused(Refusal.YOU_DRAFTED_IT)
    if action == "follow_up" and case.officer == person.person:
        return Refused(Refusal.YOU_ANSWERED_IT)
    if action == "extend" and case.extension_asked_by is None:
        return Refused(Refusal.NOBODY_ASKED)
    if action == "extend" and case.extension_asked_by == person.person:
        return Refused(Refusal.YOU_ASKED_FOR_IT)
    if action == "see_contact" and case.is_secret:  # `open_identity` is the only way, and not for those who handle it
        return Refused(Refusal.IDENTITY_IS_SEALED)
    if action == "ask_support" and case.is_restricted and person.role != "director":
        return Refused(Refusal.KEPT_CLOSE)
    if action in {"consult", "await_expert"} and case.is_secret:
        return Refused(Refusal.NOT_OUTSIDE)
    return ALLOWED


MAY_CONFIGURE: dict[str, frozenset[str]] = {
    "read": frozenset({"admin", "office", "director"}),
    "draft": frozenset({"admin"}),
    "publish": frozenset({"office", "director"}),
    "withdraw": frozenset({"admin", "office", "director"}),
}
"""What may be done to the configuration, which is no case: action → roles."""


def may_configure(person: Person, action: str, *, drafted_by: str | None = None) -> Allowed | Refused:
    """Whether this person may do this to the configuration. Whoever wrote a change never publishes it."""
    if person.role not in MAY_CONFIGURE[action]:
        return Refused(Refusal.NOT_YOUR_ROLE)
    if action == "publish" and drafted_by == person.person:
        return Refused(Refusal.YOU_WROTE_IT)
    return ALLOWED
