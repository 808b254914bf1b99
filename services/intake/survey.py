"""Survey rounds at the door: who is invited, and what they answer.

An invitation is spent in a transaction of its own, and what is kept of it bears no time: nothing leads from it to an
answer.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from services.intake import store
from services.intake.domain.secret import hashed, link_token
from services.intake.domain.survey import INVITATION, Answer, Survey
from shared.db import Database, Reading, Transaction
from shared.events.base import Sealed
from shared.events.intake import Mark, SurveyAnswered, SurveyDeclined, SurveyInvited, Trait


class AnsweredBefore(Exception):
    """This invitation was used already."""


class SurveyOver(Exception):
    """The round takes no answers in this way: not yet, or not any more. `words`: what was written and is not kept."""

    def __init__(self, survey: Survey, words: str = "") -> None:
        super().__init__(f"{survey.code} takes no answer")
        self.survey, self.words = survey, words


def invite(tx: Transaction, survey: Survey, *, first: datetime, before: datetime, key: bytes) -> int:
    """Invite whom a round is meant for, each person once however many petitions they sent. Returns how many."""
    busy = store.addresses_asked(tx)
    chosen: dict[str, UUID] = {}
    for petition_id, address in store.willing(tx, first=first, before=before, wards=survey.wards):
        if address not in busy:
            chosen.setdefault(address, petition_id)
    tokens = {petition_id: _token(key, survey.id, petition_id) for petition_id in chosen.values()}
    store.add_invitations(tx, survey.id, {petition_id: hashed(token) for petition_id, token in tokens.items()})
    _tell(tx, survey, tokens, is_reminder=False)
    return len(tokens)


def remind(tx: Transaction, survey: Survey, *, key: bytes) -> int:
    """Remind everybody who was invited, those who have answered too: to leave them out would show who they are."""
    invited = store.invited_to(tx, survey.id)
    _tell(tx, survey, {one: _token(key, survey.id, one) for one in invited}, is_reminder=True)
    return len(invited)


def _tell(tx: Transaction, survey: Survey, tokens: Mapping[UUID, str], *, is_reminder: bool) -> None:
    for petition_id, token in tokens.items():
        tx.emit(
            SurveyInvited(
                petition_id=petition_id,
                survey_id=survey.id,
                is_reminder=is_reminder,
                ends_on=survey.ends_on,
                name=Sealed(survey.name),
                token=Sealed(token),
            )
        )


def _token(key: bytes, survey_id: UUID, petition_id: UUID) -> str:
    return link_token(key, f"survey/{survey_id}/{petition_id}")


def survey_of(tx: Reading, token: str) -> tuple[Survey, bool] | None:
    """The round to which a token invites, and whether it was used."""
    return store.survey_by_token(tx, hashed(token))


def answer_by_invitation(database: Database, *, survey: Survey, answer: Answer, answer_id: UUID, token: str) -> None:
    """Answer with an invitation, once. Raises AnsweredBefore."""
    with database.reading() as look:
        if store.has_survey_answer(look, answer_id):  # the button was pressed twice
            return
    with database.writing() as tx:
        if not store.spend_invitation(tx, hashed(token)):
            raise AnsweredBefore
    try:
        with database.writing() as tx:
            answer_survey(tx, survey=survey, answer=answer, answer_id=answer_id, way=INVITATION)
    except BaseException:
        with database.writing() as tx:
            store.spend_invitation(tx, hashed(token), is_spent=False)
        raise


def answer_survey(
    tx: Transaction, *, survey: Survey, answer: Answer, answer_id: UUID, way: str, entered_by: str | None = None
) -> bool:
    """Keep that an answer came, and tell it. False when it had come before."""
    if not store.add_survey_answer(tx, answer_id, survey_id=survey.id, way=way, entered_by=entered_by):
        return False
    tx.emit(
        SurveyAnswered(
            answer_id=answer_id,
            survey_id=survey.id,
            way=way,
            marks=Sealed(tuple(Mark(item, level) for item, level in answer.marks.items())),
            harassment=Sealed(answer.harassment),
            wishes=Sealed(answer.wishes),
            traits=Sealed(_traits(answer.traits.items())),
            words=Sealed(answer.words),
        )
    )
    return True


def _traits(said: Iterable[tuple[str, str]]) -> tuple[Trait, ...]:
    return tuple(Trait(name, value) for name, value in said)


def decline(tx: Transaction, *, token: str) -> None:
    """Ask this person in surveys no more, whichever of their petitions an invitation speaks of."""
    found = store.invitation_of(tx, hashed(token))
    if found is None:
        return
    survey_id, petition_id = found
    for one in store.withdraw_willingness(tx, petition_id):
        tx.emit(SurveyDeclined(petition_id=one, survey_id=survey_id))
