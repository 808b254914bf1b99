"""What is offered on the page before sending, and never stands in the way: numbers to call where words speak of danger,
cases that are public and may be the same, and guides that may already answer.
"""

from dataclasses import dataclass

from services.intake import store
from services.intake.domain.danger import speaks_of_danger
from services.intake.domain.petition import Petition
from services.intake.domain.register import NEARBY_FOR, OFFERED_TO, Similar, position_of, similar
from services.intake.door import Door
from services.intake.store import Published
from shared.db import Reading
from shared.known_answers import KnownAnswer

GUIDES = 3


@dataclass(frozen=True)
class Offer:
    is_danger: bool
    alike: list[Similar]
    guides: list[Published]
    answers: list[KnownAnswer]


def before_sending(door: Door, tx: Reading, sent: Petition) -> Offer:
    """What may help before this is sent. Of kinds that are kept close nothing is looked up."""
    text = f"{sent.title or ''} {sent.text}"
    today = door.today()
    is_danger = speaks_of_danger(text, door.catalogue.dangers_on(today))
    if sent.kind not in OFFERED_TO:
        return Offer(is_danger, [], [], [])
    topics = [sent.topic] if sent.topic else [one.code for one in door.catalogue.propose_topics(text, today)]
    candidates = store.public_cases_near(
        tx, topics, since=today - NEARBY_FOR, here=position_of(sent.position), ward=sent.ward
    )
    guides = store.guides_alike(tx, today, text, most=GUIDES)
    known = door.known_answers.on_day(tx, today).alike(text, today, most=GUIDES - len(guides))
    return Offer(is_danger, similar(sent, candidates, topics=topics), guides, known)
