"""What the desk does when it hears an event. The table at the end is the contents page."""

from collections.abc import Callable, Mapping, Sequence

from services.workflow.domain.rules import Book
from services.workflow.reactions.after import take_judgements, take_low_marks, take_wishes
from services.workflow.reactions.filing import open_cases
from services.workflow.reactions.petitioner import change_contacts, note_verified, take_supplements, take_withdrawals
from services.workflow.reactions.sessions import let_guests_go, take_guests
from services.workflow.reactions.told import (
    count_followers,
    keep_attempts,
    keep_notices,
    keep_readers,
    take_survey_answers,
)
from shared.db import Transaction
from shared.events import Event
from shared.events.intake import (
    ContactChanged,
    ContactVerified,
    DialogueJoined,
    DialogueLeft,
    PetitionFiled,
    PetitionFollowed,
    PetitionPromiseJudged,
    PetitionRated,
    PetitionReopenRequested,
    PetitionSupplemented,
    PetitionWithdrawn,
    ReadersCounted,
    SurveyAnswered,
)
from shared.events.notify import NoticeAccepted, NoticeDelivered, NoticeFailed, NoticeSuppressed, WebhookAttempted
from shared.inbox import Heard, Together


def by(book: Book) -> Mapping[type[Event], Together]:
    """The reactions, each time working by the rules in force."""
    return {heard: Together(_ruled(react, book)) for heard, react in REACTIONS.items()}


def _ruled(react: Callable[..., None], book: Book) -> Callable[[Transaction, Sequence[Heard]], None]:
    return lambda tx, heard: react(tx, heard, rules=book.in_force(tx))


REACTIONS: Mapping[type[Event], Callable[..., None]] = {
    PetitionFiled: open_cases,
    PetitionSupplemented: take_supplements,
    PetitionReopenRequested: take_wishes,
    PetitionRated: take_low_marks,
    PetitionPromiseJudged: take_judgements,
    PetitionWithdrawn: take_withdrawals,
    ContactChanged: change_contacts,
    ContactVerified: note_verified,
    ReadersCounted: keep_readers,
    PetitionFollowed: count_followers,
    SurveyAnswered: take_survey_answers,
    DialogueJoined: take_guests,
    DialogueLeft: let_guests_go,
    NoticeAccepted: keep_notices,
    NoticeDelivered: keep_notices,
    NoticeFailed: keep_notices,
    NoticeSuppressed: keep_notices,
    WebhookAttempted: keep_attempts,
}
