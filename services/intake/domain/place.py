"""Places as road users say them: the number of a road and a kilometre post, `QL1A, Km 824+300`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.text import fold

KM_AT_MOST = 3000
"""No road of the country is longer. Source: national road 1 measures some 2,300 km."""

_POST = re.compile(
    r"(?:km|k|cot km|cot|kilomet|cay so)?\s*(?P<km>\d{1,4})\s*"
    r"(?:\+\s*(?P<metres>\d{1,3})\s*m?|[.,](?P<part>\d{1,3}))?"
)
_NUMBER = re.compile(r"(?P<class>[a-z]+)(?P<number>\d{1,3}[a-z]?)")
_CLASSES = {
    "ql": "QL", "quoclo": "QL",
    "dt": "ĐT", "tl": "ĐT", "tinhlo": "ĐT", "duongtinh": "ĐT",
    "ct": "CT", "caotoc": "CT",
    "dh": "ĐH", "duonghuyen": "ĐH", "huyenlo": "ĐH", "hl": "ĐH",
}  # fmt: skip
"""How people write the class of a road, folded and without blanks, and how its number is written.

Source: Luật Đường bộ 2024 Đ8: national roads, provincial roads, district roads; CT: expressways.
"""


class PlaceUnknown(ValueError):
    """What was typed is no road, or no kilometre post. `problem` names the reason."""

    def __init__(self, problem: str, given: str = "") -> None:
        super().__init__(problem)
        self.problem, self.given = problem, given


@dataclass(frozen=True)
class Road:
    """A road with a number, and where its posts stand as far as that is known."""

    code: str  # QL1A
    name: str
    name_en: str
    aliases: tuple[str, ...]  # other ways to write its number
    km_from: int | None  # first and last post within the territory, both included; None: not known
    km_to: int | None
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: str  # high, medium, low

    def has_post(self, metres: int) -> bool:
        """Whether a post may stand on it; a road whose posts are not known for sure has every one."""
        if self.km_from is None or self.km_to is None or self.confidence == "low":
            return True
        return self.km_from * 1000 <= metres <= self.km_to * 1000 + 999


def read_post(typed: str) -> int:
    """Metres from the road's beginning: 824300 for `Km 824+300`, `km824.3`, `824,3`. Raises PlaceUnknown."""
    found = _POST.fullmatch(fold(typed).strip())
    if found is None or int(found["km"]) > KM_AT_MOST:
        raise PlaceUnknown("not_a_post")
    return int(found["km"]) * 1000 + int(found["metres"] or (found["part"] or "").ljust(3, "0"))


def write_post(metres: int) -> str:
    """`Km 824+300`, as it stands on the posts and in the papers of road maintenance."""
    return f"Km {metres // 1000}+{metres % 1000:03}"


def read_road(typed: str, roads: Sequence[Road]) -> Road | str:
    """The road that was meant: one of these, or of another its number as it is written. Raises PlaceUnknown."""
    wanted = _pressed(typed)
    for road in roads:
        if wanted in {_pressed(one) for one in (road.code, road.name, road.name_en, *road.aliases)}:
            return road
    found = _NUMBER.fullmatch(wanted)
    if found is None or found["class"] not in _CLASSES:
        raise PlaceUnknown("not_a_road")
    return _CLASSES[found["class"]] + found["number"].upper()


def on_road(road: Road | str, metres: int | None, place: str | None) -> str:
    """One line: road, post, and the words about it. Raises PlaceUnknown when no such post stands on the road."""
    if metres is not None and isinstance(road, Road) and not road.has_post(metres):
        raise PlaceUnknown("off_the_road", f"{road.code}: Km {road.km_from} – Km {road.km_to}")
    where = road.code if isinstance(road, Road) else road
    if metres is not None:
        where += f", {write_post(metres)}"
    return f"{where} – {place}" if place else where


def _pressed(typed: str) -> str:
    return re.sub(r"[\s.\-–]+", "", fold(typed))
