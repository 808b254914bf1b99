"""What citizens are told about a topic: what lets us act at once, and what happens next. Advice, never a barrier."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from services.intake.domain.petition import Petition
from shared.config import valid_on


@dataclass(frozen=True)
class Guidance:
    """The text of one topic. `wants`: what a form can see that it lacks, of place, files, phone."""

    topic: str
    text: str
    text_en: str
    next: str
    next_en: str
    wants: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None

    def still_wanted(self, sent: Petition, files: Collection[object]) -> tuple[str, ...]:
        """What would help and is not there yet."""
        given = {"place": bool(sent.place or sent.position), "files": bool(files), "phone": sent.phone is not None}
        return tuple(one for one in self.wants if not given.get(one, True))


@dataclass(frozen=True)
class Guidances:
    """The texts of all topics, with those of other days."""

    rows: tuple[Guidance, ...]

    def about(self, topic: str | None, day: date) -> Guidance | None:
        """The text of a topic on a day; None where none is kept."""
        return next((row for row in valid_on(self.rows, day) if row.topic == topic), None)
