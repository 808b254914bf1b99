"""What people and the clock may ask of the desk: one file a noun, which says what it does.

Each act takes the transaction, the person, and plain values.
"""

from services.workflow.actions.answering import answer, approve, return_draft, save_draft, submit_draft, take_back
from services.workflow.actions.assignment import (
    add_absence,
    add_duty,
    end_absence,
    end_duty,
    pass_on,
    suggested_officer,
)
from services.workflow.actions.consulting import answer_by_link, consult, revoke
from services.workflow.actions.ends import close, refuse, transfer, withdraw
from services.workflow.actions.evidence import add_evidence, remove_evidence
from services.workflow.actions.following import unlink
from services.workflow.actions.looking import read_case, read_contact
from services.workflow.actions.notes import add_note, read_mentions
from services.workflow.actions.people import add_person, demo_people, switch_person
from services.workflow.actions.promises import PromiseSweep, keep_promise, move_promise
from services.workflow.actions.remedies import RemedyUnknown, judge_remedy, open_remedy, record_check, report_remedy
from services.workflow.actions.reminding import Remind
from services.workflow.actions.reopenings import refuse_reopening, reopen
from services.workflow.actions.reorganisation import Succession, carry_out
from services.workflow.actions.sorting import confirm_triage, link, quarantine, restore, return_to_triage
from services.workflow.actions.splitting import split
from services.workflow.actions.support import ask_support, give_support, hand_back_support
from services.workflow.actions.sweep import Sweep
from services.workflow.actions.urging import answer_urge, urge, urge_unit
from services.workflow.actions.work import (
    accept,
    apologise,
    ask_citizen,
    ask_extension,
    assign,
    grant_extension,
    refuse_extension,
    report_progress,
    resume,
    suspend,
    take,
)

__all__ = [
    "PromiseSweep",
    "RemedyUnknown",
    "Remind",
    "Succession",
    "Sweep",
    "accept",
    "add_absence",
    "add_duty",
    "add_evidence",
    "add_note",
    "add_person",
    "answer",
    "answer_by_link",
    "answer_urge",
    "apologise",
    "approve",
    "ask_citizen",
    "ask_extension",
    "ask_support",
    "assign",
    "carry_out",
    "close",
    "confirm_triage",
    "consult",
    "demo_people",
    "end_absence",
    "end_duty",
    "give_support",
    "grant_extension",
    "hand_back_support",
    "judge_remedy",
    "keep_promise",
    "link",
    "move_promise",
    "open_remedy",
    "pass_on",
    "quarantine",
    "read_case",
    "read_contact",
    "read_mentions",
    "record_check",
    "refuse",
    "refuse_extension",
    "refuse_reopening",
    "remove_evidence",
    "reopen",
    "report_progress",
    "report_remedy",
    "restore",
    "resume",
    "return_draft",
    "return_to_triage",
    "revoke",
    "save_draft",
    "split",
    "submit_draft",
    "suggested_officer",
    "suspend",
    "switch_person",
    "take",
    "take_back",
    "transfer",
    "unlink",
    "urge",
    "urge_unit",
    "withdraw",
]
