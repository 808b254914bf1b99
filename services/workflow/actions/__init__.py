"""What people and the clock may ask of the desk. Each act takes the transaction, the person, and plain values.

`sorting` what it is and whose · `work` who does it, questions, progress, extensions, apologies · `answering` from draft
to answer · `ends` how else a case ends · `sweep` what the clock asks every minute · `looking` reading, which is told
before it is shown · `presence` who is there, who is away · `views` what a person saves · `people` who works here.
"""

from services.workflow.actions.answering import answer, approve, return_draft, save_draft, submit_draft, take_back
from services.workflow.actions.ends import close, refuse, transfer, withdraw
from services.workflow.actions.looking import read_case, read_contact
from services.workflow.actions.people import add_person, demo_people, switch_person
from services.workflow.actions.presence import (
    be_present,
    end_away,
    leave_case,
    note_away,
    others_at,
)
from services.workflow.actions.sorting import confirm_triage, link, quarantine, restore, return_to_triage
from services.workflow.actions.sweep import Sweep
from services.workflow.actions.views import drop_view, move_view, rename_view, save_view
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
    "Sweep",
    "accept",
    "add_note",
    "add_person",
    "answer",
    "apologise",
    "approve",
    "ask_citizen",
    "ask_extension",
    "assign",
    "be_present",
    "close",
    "confirm_triage",
    "demo_people",
    "drop_view",
    "end_away",
    "grant_extension",
    "leave_case",
    "link",
    "move_view",
    "note_away",
    "others_at",
    "quarantine",
    "read_case",
    "read_contact",
    "refuse",
    "refuse_extension",
    "rename_view",
    "report_progress",
    "restore",
    "resume",
    "return_draft",
    "return_to_triage",
    "save_draft",
    "save_view",
    "submit_draft",
    "suspend",
    "switch_person",
    "take",
    "take_back",
    "transfer",
    "withdraw",
]
