"""What codes are called: units and topics as the configuration names them, in the page's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.insight.domain.periods import Month
from shared.config import read_rows
from shared.web import _, current_language, said

Texts = Mapping[str, str]
ASPECTS = ("T1", "T2", "T3", "T4")
"""Codes of config/sipas.json, after_answer, without the whole: the events of ratings know these."""


@dataclass(frozen=True)
class Names:
    """Names by code; a code that has none (any more) is shown as it is."""

    units: Mapping[str, Texts] = field(default_factory=dict)
    topics: Mapping[str, Texts] = field(default_factory=dict)
    asked: Mapping[str, Texts] = field(default_factory=dict)  # of an answer, in the order of the question
    wishes: Mapping[str, Texts] = field(default_factory=dict)

    def unit(self, code: str) -> str:
        return said(self.units[code]) if code in self.units else code

    def aspects(self) -> list[tuple[str, str]]:
        """Code and words of what is judged of an answer beside the whole."""
        return [(code, said(texts)) for code, texts in self.asked.items() if code in ASPECTS]

    def wish(self, code: str) -> str:
        return said(self.wishes[code]) if code in self.wishes else code

    def topic(self, code: str | None) -> str:
        if code is None:
            return _("Chưa có lĩnh vực")
        return said(self.topics[code]) if code in self.topics else code


@dataclass(frozen=True)
class Named:
    """A row of the configuration, as far as pages need it."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Asked:
    """A question about an answer."""

    code: str
    text: str
    text_en: str


def read_names(config_dir: Path) -> Names:
    """The names of all units, topics and wishes there ever were. Raises BadConfig."""
    return Names(
        units=_by_code(read_rows(config_dir / "organisation.json", "units", Named)),
        topics=_by_code(read_rows(config_dir / "topics.json", "topics", Named)),
        wishes=_by_code(read_rows(config_dir / "wishes.json", "wishes", Named)),
        asked={
            row.code: {"vi": row.text, "en": row.text_en}
            for row in read_rows(config_dir / "sipas.json", "after_answer", Asked)
        },
    )


def _by_code(rows: Iterable[Named]) -> dict[str, Texts]:
    return {row.code: {"vi": row.name, "en": row.name_en} for row in rows}


def month_name(month: Month) -> str:
    """11/2026."""
    return f"{month.month:02d}/{month.year}"


def short_month(month: Month) -> str:
    """T11 in Vietnamese, 11 in English: for axes."""
    return f"T{month.month}" if current_language() == "vi" else str(month.month)
