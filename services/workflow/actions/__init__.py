"""What people and the clock may ask of the desk. Each act takes the transaction, the person, and plain values.

`sorting` what it is and whose · `work` who does it, questions, progress, extensions, apologies · `answering` from draft
to answer · `ends` how else a case ends · `sweep` what the clock asks every minute · `looking` reading, which is told
before it is shown · `people` who works here.

Together with others: `splitting` several matters in one letter · `following` cases about the same matter · `support`
other units · `consulting` people outside · `urging` the office urges · `notes` among colleagues · `reminding` what the
clock asks of all these.
"""

from services.workflow.actions.answering import answer, approve, return_draft, save_draft, submit_draft, take_back
from services.workflow.actions.consulting import answer_by_link, consult, revoke
from services.workflow.actions.ends import close, refuse, transfer, withdraw
from services.workflow.actions.following import unlink
from services.workflow.actions.looking import read_case, read_contact
from services.workflow.actions.notes import add_note, read_mentions
from services.workflow.actions.people import add_person, demo_people, switch_person
from services.workflow.actions.reminding import Remind
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
    "Remind",
    "Sweep",
    "accept",
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
    "close",
    "confirm_triage",
    "consult",
    "demo_people",
    "give_support",
    "grant_extension",
    "hand_back_support",
    "link",
    "quarantine",
    "read_case",
    "read_contact",
    "read_mentions",
    "refuse",
    "refuse_extension",
    "report_progress",
    "restore",
    "resume",
    "return_draft",
    "return_to_triage",
    "revoke",
    "save_draft",
    "split",
    "submit_draft",
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
