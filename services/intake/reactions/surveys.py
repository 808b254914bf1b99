"""Survey rounds."""

from services.intake import store, survey
from services.intake.domain.secret import house_key
from services.intake.domain.survey import Survey
from services.intake.reactions.noting import happened_at
from shared.db import Transaction
from shared.events.workflow import SurveyClosed, SurveyOpened, SurveyReminded, SurveySigned


def open_survey(tx: Transaction, heard: SurveyOpened) -> None:
    """People are asked how content they are: invite those who are meant."""
    opened = Survey(
        id=heard.survey_id,
        code=heard.code,
        name=heard.name.value,
        policy=heard.policy.value,
        items=heard.items,
        ways=heard.ways,
        wards=heard.wards,
        starts_on=heard.starts_on,
        ends_on=heard.ends_on,
    )
    first, before = heard.answered_since, heard.answered_before
    if store.keep_survey(tx, opened) and first is not None and before is not None:
        survey.invite(tx, opened, first=first, before=before, key=house_key(tx.codec.keys.sign))


def remind_of_survey(tx: Transaction, heard: SurveyReminded) -> None:
    """Remind who was invited, once."""
    opened = store.survey_by_id(tx, heard.survey_id)
    if opened is not None:
        survey.remind(tx, opened, key=house_key(tx.codec.keys.sign))


def close_survey(tx: Transaction, heard: SurveyClosed) -> None:
    store.end_survey(tx, heard.survey_id, "closed_at", at=happened_at(tx))


def end_survey(tx: Transaction, heard: SurveySigned) -> None:
    """From the first signature on nothing is added, not even a paper."""
    store.end_survey(tx, heard.survey_id, "signed_at", at=happened_at(tx))
