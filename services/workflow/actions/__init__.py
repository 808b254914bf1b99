"""What people and the clock may ask of the desk. Each act takes the transaction, the person, and plain values.

`sorting` what it is and whose · `work` who does it, questions, progress, extensions, apologies · `answering` from draft
to answer · `evidence` its photos and papers · `promises` what it promised · `reopenings` looking again at it · `ends`
how else a case ends · `sweep` what the clock asks every minute · `looking` reading, which is told before it is shown ·
`people` who works here.
"""

from services.workflow.actions.answering import answer, approve, return_draft, save_draft, submit_draft, take_back
from services.workflow.actions.ends import close, refuse, transfer, withdraw
from services.workflow.actions.evidence import add_evidence, remove_evidence
from services.workflow.actions.looking import read_case, read_contact
from services.workflow.actions.people import add_person, demo_people, switch_person
from services.workflow.actions.promises import PromiseSweep, keep_promise, move_promise
from services.workflow.actions.reopenings import refuse_reopening, reopen
from services.workflow.actions.sorting import confirm_triage, link, quarantine, restore, return_to_triage
from services.workflow.actions.sweep import Sweep
from services.workflow.actions.work import (
    accept,
    add_note,
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
    "Sweep",
    "accept",
    "add_evidence",
    "add_note",
    "add_person",
    "answer",
    "apologise",
    "approve",
    "ask_citizen",
    "ask_extension",
    "assign",
    "close",
    "confirm_triage",
    "demo_people",
    "grant_extension",
    "keep_promise",
    "link",
    "move_promise",
    "quarantine",
    "read_case",
    "read_contact",
    "refuse",
    "refuse_extension",
    "refuse_reopening",
    "remove_evidence",
    "reopen",
    "report_progress",
    "restore",
    "resume",
    "return_draft",
    "return_to_triage",
    "save_draft",
    "submit_draft",
    "suspend",
    "switch_person",
    "take",
    "take_back",
    "transfer",
    "withdraw",
]
