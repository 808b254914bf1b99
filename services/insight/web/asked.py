"""What survey rounds ask, and what each item, factor and answer is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.insight.domain.rounds import OVERALL, Frame
from services.insight.web.names import Named
from shared.config import BadConfig, read_rows
from shared.web import _, current_language


@dataclass(frozen=True)
class Item:
    """A question."""

    code: str
    factor: str
    text: str
    text_en: str


@dataclass(frozen=True)
class Content:
    """One of the two halves of the index."""

    code: str
    name: str
    name_en: str
    factors: tuple[str, ...]


@dataclass(frozen=True)
class Value:
    """What may be said of oneself."""

    value: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Trait:
    """Something that people may say of themselves."""

    code: str
    name: str
    name_en: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Ward:
    code: str
    type_name: str
    name: str


@dataclass(frozen=True)
class Questionnaire:
    """What figures are made of, and what each is called."""

    contents: tuple[Content, ...]
    factors: Mapping[str, Named]
    items: Mapping[str, Item]
    traits: tuple[Trait, ...]
    wards: Mapping[str, str]

    @property
    def frame(self) -> Frame:
        inside = {code: tuple(i.code for i in self.items.values() if i.factor == code) for code in self.factors}
        return Frame(inside, {one.code: one.factors for one in self.contents})

    def name(self, code: str) -> str:
        """Of an item, a factor, a content, or the whole."""
        if code == OVERALL:
            return _("Chung cả hai nội dung")
        if code in self.items:
            item = self.items[code]
            return f"{code}. {item.text if current_language() == 'vi' else item.text_en}"
        return _named(self.factors.get(code) or next((c for c in self.contents if c.code == code), None), code)

    def value(self, trait: str, value: str | None) -> str:
        if value is None:
            return _("Không trả lời")
        if trait == "ward":
            return self.wards.get(value, value)
        known = next((one for one in self.traits if one.code == trait), None)
        return _named(next((one for one in known.values if one.value == value), None) if known else None, value)

    def trait(self, code: str) -> str:
        return (
            _("Phường, xã") if code == "ward" else _named(next((t for t in self.traits if t.code == code), None), code)
        )


def _named(row: Any, code: str) -> str:
    return code if row is None else str(row.name if current_language() == "vi" else row.name_en)


def read_questionnaire(config_dir: Path) -> Questionnaire:
    """Raises BadConfig, naming a factor or an item that belongs to nothing."""
    path = config_dir / "sipas.json"
    contents, factors = read_rows(path, "contents", Content), read_rows(path, "factors", Named)
    items, known = read_rows(path, "items", Item), {one.code for one in factors}
    for content in contents:
        if missing := set(content.factors) - known:
            raise BadConfig(f"{path.name}, contents, row {content.code}, factors: there is no {min(missing)!r}")
    for item in items:
        if item.factor not in known:
            raise BadConfig(f"{path.name}, items, row {item.code}, factor: there is no {item.factor!r}")
    return Questionnaire(
        contents=contents,
        factors={one.code: one for one in factors},
        items={one.code: one for one in items},
        traits=read_rows(path, "respondent", Trait),
        wards={
            one.code: f"{one.type_name} {one.name}".strip()
            for one in read_rows(config_dir / "wards.json", "wards", Ward)
        },
    )
