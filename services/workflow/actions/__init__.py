"""What people and the clock may ask of the desk. Each act takes the transaction, the person, and plain values.

`sorting` what it is and whose · `work` who does it, questions, progress, extensions, apologies · `answering` from draft
to answer · `ends` how else a case ends · `sweep` what the clock asks every minute · `looking` reading, which is told
before it is shown · `people` who works here · `admission` before a case is taken up · `protection` who is kept out,
who looks behind a denunciation.
"""

from services.workflow.actions.admission import (
    judge,
    name_first_level,
    record_signature,
    screen,
    set_limitation,
    verify_signature,
)
from services.workflow.actions.answering import answer, approve, return_draft, save_draft, submit_draft, take_back
from services.workflow.actions.ends import close, refuse, transfer, withdraw
from services.workflow.actions.looking import read_case, read_contact
from services.workflow.actions.people import add_person, demo_people, switch_person
from services.workflow.actions.protection import (
    ERASED,
    add_redacted_file,
    erase_identity,
    exclude_person,
    open_identity,
    redact,
    review_opening,
    rewrap,
)
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
    "ERASED",
    "Sweep",
    "accept",
    "add_note",
    "add_person",
    "add_redacted_file",
    "answer",
    "apologise",
    "approve",
    "ask_citizen",
    "ask_extension",
    "assign",
    "close",
    "confirm_triage",
    "demo_people",
    "erase_identity",
    "exclude_person",
    "grant_extension",
    "judge",
    "link",
    "name_first_level",
    "open_identity",
    "quarantine",
    "read_case",
    "read_contact",
    "record_signature",
    "redact",
    "refuse",
    "refuse_extension",
    "report_progress",
    "restore",
    "resume",
    "return_draft",
    "return_to_triage",
    "review_opening",
    "rewrap",
    "save_draft",
    "screen",
    "set_limitation",
    "submit_draft",
    "suspend",
    "switch_person",
    "take",
    "take_back",
    "transfer",
    "verify_signature",
    "withdraw",
]
