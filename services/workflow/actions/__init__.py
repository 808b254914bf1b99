"""What people and the clock may ask of the desk: one file a noun, which says what it does.

Each act takes the transaction, the person, and plain values.
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
from services.workflow.actions.assignment import (
    add_absence,
    add_duty,
    end_absence,
    end_duty,
    pass_on,
    suggested_officer,
)
from services.workflow.actions.consulting import answer_by_link, consult, revoke
from services.workflow.actions.counter import hand_over, log_call, sign_pass
from services.workflow.actions.dialogues import (
    DialogueReminder,
    DialogueUnknown,
    Plan,
    announce_dialogue,
    call_off_dialogue,
    change_dialogue,
    commit_in_dialogue,
    hold_dialogue,
    invite_to_dialogue,
    notice_rule,
    plan_dialogue,
    read_dialogue,
)
from services.workflow.actions.documents import (
    DocumentUnknown,
    DraftDecided,
    DraftOutdated,
    draft_document,
    newest_text,
    publish_document,
    withdraw_draft,
)
from services.workflow.actions.ends import close, refuse, transfer, withdraw
from services.workflow.actions.evidence import add_evidence, remove_evidence
from services.workflow.actions.following import unlink
from services.workflow.actions.locking import LockFiles, check_vault
from services.workflow.actions.looking import read_case, read_contact
from services.workflow.actions.notes import add_note, read_mentions
from services.workflow.actions.people import add_person, demo_people, switch_person
from services.workflow.actions.presence import be_present, leave_case, others_at
from services.workflow.actions.promises import PromiseSweep, keep_promise, move_promise
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
from services.workflow.actions.publications import (
    PublicationUnknown,
    Written,
    change_publication,
    drop_publication,
    post_publication,
    prepare_publication,
    show_publication,
    withdraw_publication,
)
from services.workflow.actions.recount import Recount
from services.workflow.actions.remedies import RemedyUnknown, judge_remedy, open_remedy, record_check, report_remedy
from services.workflow.actions.reminding import Remind
from services.workflow.actions.reopenings import refuse_reopening, reopen
from services.workflow.actions.reorganisation import Succession, carry_out
from services.workflow.actions.sorting import confirm_triage, link, quarantine, restore, return_to_triage
from services.workflow.actions.splitting import split
from services.workflow.actions.support import ask_support, give_support, hand_back_support
from services.workflow.actions.surveys import (
    SurveySweep,
    SurveyUnknown,
    change_survey,
    close_survey,
    open_survey,
    prepare_survey,
    sign_survey,
)
from services.workflow.actions.sweep import Sweep
from services.workflow.actions.tokens import make_token, revoke_token
from services.workflow.actions.urging import answer_urge, urge, urge_unit
from services.workflow.actions.views import drop_view, move_view, rename_view, save_view
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
    "ERASED",
    "DialogueReminder",
    "DialogueUnknown",
    "DocumentUnknown",
    "DraftDecided",
    "DraftOutdated",
    "LockFiles",
    "Plan",
    "PromiseSweep",
    "PublicationUnknown",
    "Recount",
    "RemedyUnknown",
    "Remind",
    "Succession",
    "SurveySweep",
    "SurveyUnknown",
    "Sweep",
    "Written",
    "accept",
    "add_absence",
    "add_duty",
    "add_evidence",
    "add_note",
    "add_person",
    "add_redacted_file",
    "announce_dialogue",
    "answer",
    "answer_by_link",
    "answer_urge",
    "apologise",
    "approve",
    "ask_citizen",
    "ask_extension",
    "ask_support",
    "assign",
    "be_present",
    "call_off_dialogue",
    "carry_out",
    "change_dialogue",
    "change_publication",
    "change_survey",
    "check_vault",
    "close",
    "close_survey",
    "commit_in_dialogue",
    "confirm_triage",
    "consult",
    "demo_people",
    "draft_document",
    "drop_publication",
    "drop_view",
    "end_absence",
    "end_duty",
    "erase_identity",
    "exclude_person",
    "give_support",
    "grant_extension",
    "hand_back_support",
    "hand_over",
    "hold_dialogue",
    "invite_to_dialogue",
    "judge",
    "judge_remedy",
    "keep_promise",
    "leave_case",
    "link",
    "log_call",
    "make_token",
    "move_promise",
    "move_view",
    "name_first_level",
    "newest_text",
    "notice_rule",
    "open_identity",
    "open_remedy",
    "open_survey",
    "others_at",
    "pass_on",
    "plan_dialogue",
    "post_publication",
    "prepare_publication",
    "prepare_survey",
    "publish_document",
    "quarantine",
    "read_case",
    "read_contact",
    "read_dialogue",
    "read_mentions",
    "record_check",
    "record_signature",
    "redact",
    "refuse",
    "refuse_extension",
    "refuse_reopening",
    "remove_evidence",
    "rename_view",
    "reopen",
    "report_progress",
    "report_remedy",
    "restore",
    "resume",
    "return_draft",
    "return_to_triage",
    "review_opening",
    "revoke",
    "revoke_token",
    "rewrap",
    "save_draft",
    "save_view",
    "screen",
    "set_limitation",
    "show_publication",
    "sign_pass",
    "sign_survey",
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
    "verify_signature",
    "withdraw",
    "withdraw_draft",
    "withdraw_publication",
]
