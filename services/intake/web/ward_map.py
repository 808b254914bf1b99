"""A map of wards without tiles or script: a bubble for each, where its cases are on average, over lines of latitude and
longitude.

It is true to scale and says how far a kilometre is; it draws no border, street or river that nobody gave us.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from services.intake.store import WardCount
from shared.web import gettext, ngettext
from shared.web.i18n import num

WIDTH, HEIGHT = 360, 280  # drawing units
EDGE = 30  # units around the outermost bubble
LARGEST, SMALLEST = 19.0, 6.0  # radius
LEAST = 0.08  # degrees that are shown at least: one ward alone stands in its surroundings
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)  # degrees between two lines
LENGTHS = (1, 2, 5, 10, 20, 50)  # kilometres that the scale may show
KM = 111.2  # kilometres of one degree of latitude
LETTER, LINE = 7.2, 14.0  # what a letter of a name takes in width, and a name in height
Bounds = tuple[float, float, float, float]  # south, north, west, east
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Frame:
    """What the drawing shows: the place in its middle, and units per degree of latitude."""

    lat: float
    lng: float
    scale: float

    @property
    def across(self) -> float:
        """Units per degree of longitude, which is shorter than one of latitude."""
        return self.scale * math.cos(math.radians(self.lat))

    def at(self, lat: float, lng: float) -> tuple[float, float]:
        return WIDTH / 2 + (lng - self.lng) * self.across, HEIGHT / 2 - (lat - self.lat) * self.scale


@dataclass(frozen=True)
class Bubble:
    name: str
    of: WardCount
    x: float
    y: float
    radius: float

    @property
    def box(self) -> Box:
        return self.x - self.radius, self.y - self.radius, self.x + self.radius, self.y + self.radius


def drawn(places: Sequence[tuple[str, WardCount]], bounds: Bounds | None) -> Markup | None:
    """The map; None where no case says where it is. Each bubble leads to the list of its ward; what lies out of bounds
    is left to the table.
    """
    known = [
        (name, one, one.lat, one.lng)
        for name, one in places
        if one.lat is not None and one.lng is not None and _holds(bounds, one.lat, one.lng)
    ]
    if not known:
        return None
    frame = _frame([(lat, lng) for _, _, lat, lng in known])
    most = max(one.count for _, one, _, _ in known)
    bubbles = [
        Bubble(name, one, *frame.at(lat, lng), max(LARGEST * math.sqrt(one.count / most), SMALLEST))
        for name, one, lat, lng in known  # the area says how many
    ]
    drawing = [*_lines(frame), _scale(frame), *map(_circle, bubbles), *_names(bubbles)]
    return Markup(
        f'<svg class="ward-map" viewBox="0 0 {WIDTH} {HEIGHT}" role="group">{"".join(drawing)}</svg>'
    )  # names are escaped in their parts


def _holds(bounds: Bounds | None, lat: float, lng: float) -> bool:
    return bounds is None or (bounds[0] <= lat <= bounds[1] and bounds[2] <= lng <= bounds[3])


def _frame(points: Sequence[tuple[float, float]]) -> Frame:
    """All points with some room around them, as large as they fit."""
    lats, lngs = [lat for lat, _ in points], [lng for _, lng in points]
    lat, lng = (min(lats) + max(lats)) / 2, (min(lngs) + max(lngs)) / 2
    high, wide = max(lats) - min(lats), (max(lngs) - min(lngs)) * math.cos(math.radians(lat))
    scale = min((HEIGHT - 2 * EDGE) / max(high, LEAST), (WIDTH - 2 * EDGE) / max(wide, LEAST))
    return Frame(lat, lng, scale)


def _lines(frame: Frame) -> Iterator[str]:
    """Lines of latitude and longitude, each with its degrees at the edge."""
    step = next((one for one in STEPS if frame.across * one >= WIDTH / 5), STEPS[-1])
    digits = 2 if step < 0.1 else 1
    half_wide, half_high = WIDTH / 2 / frame.across, HEIGHT / 2 / frame.scale
    for lng in _rounds(frame.lng - half_wide, frame.lng + half_wide, step):
        x, _ = frame.at(frame.lat, lng)
        yield f'<path class="grid" d="M{x:.0f} 0V{HEIGHT}"/>'
        if 24 < x < WIDTH - 24:
            said = gettext("%(degrees)s° Đ", degrees=num(round(lng, digits)))
            yield f'<text class="deg" x="{x + 3:.0f}" y="10" aria-hidden="true">{said}</text>'
    for lat in _rounds(frame.lat - half_high, frame.lat + half_high, step):
        _, y = frame.at(lat, frame.lng)
        yield f'<path class="grid" d="M0 {y:.0f}H{WIDTH}"/>'
        if 24 < y < HEIGHT - 30:
            said = gettext("%(degrees)s° B", degrees=num(round(lat, digits)))
            yield f'<text class="deg" x="4" y="{y - 3:.0f}" aria-hidden="true">{said}</text>'


def _rounds(first: float, last: float, step: float) -> Iterator[float]:
    yield from (number * step for number in range(math.ceil(first / step), math.floor(last / step) + 1))


def _scale(frame: Frame) -> str:
    """How far a round number of kilometres is, at the lower left."""
    km = max((one for one in LENGTHS if one / KM * frame.scale <= WIDTH / 3), default=LENGTHS[0])
    end, y = 10 + km / KM * frame.scale, HEIGHT - 10
    return (
        f'<path class="rule" d="M10 {y - 5}V{y}H{end:.1f}V{y - 5}"/>'
        f'<text class="deg" x="{end + 5:.0f}" y="{y}">{num(km)} km</text>'
    )


def _circle(one: Bubble) -> str:
    said = ngettext("%(num)s việc", "%(num)s việc", one.of.count)
    words = escape(f"{one.name}: {said}")
    inside = f'<text class="n" x="{one.x:.0f}" y="{one.y + 5:.0f}" aria-hidden="true">{num(one.of.count)}</text>'
    return (
        f'<a href="/so-phan-anh?phuong={escape(one.of.ward)}" aria-label="{words}">'
        f'<circle cx="{one.x:.0f}" cy="{one.y:.0f}" r="{one.radius:.1f}"><title>{words}</title></circle>'
        f"{inside if one.radius > 11 else ''}</a>"
    )


def _names(bubbles: Sequence[Bubble]) -> Iterator[str]:
    """The name beside each bubble, where it covers no other, no bubble and no degree; the table has them all."""
    taken = [one.box for one in bubbles]
    for one in bubbles:
        name = _short(one.name) if one.radius > 11 else f"{_short(one.name)} ({num(one.of.count)})"
        for anchor, x, y, box in _sides(one, len(name) * LETTER):
            if not any(_touch(box, other) for other in taken if other != one.box) and _is_inside(box):
                taken.append(box)
                yield (
                    f'<text class="name" x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" aria-hidden="true">'
                    f"{escape(name)}</text>"
                )
                break


def _sides(one: Bubble, wide: float) -> Iterator[tuple[str, float, float, Box]]:
    """Where a name may stand: right, left, below, above."""
    gap, half = one.radius + 5, wide / 2
    right, left = one.x + gap, one.x - gap
    yield "start", right, one.y + 4, (right, one.y - LINE / 2, right + wide, one.y + LINE / 2)
    yield "end", left, one.y + 4, (left - wide, one.y - LINE / 2, left, one.y + LINE / 2)
    below, above = one.y + one.radius + LINE, one.y - one.radius - 5
    yield "middle", one.x, below, (one.x - half, below - LINE + 3, one.x + half, below + 3)
    yield "middle", one.x, above, (one.x - half, above - LINE + 3, one.x + half, above + 3)


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _is_inside(box: Box) -> bool:
    return box[0] >= 40 and box[1] >= 2 and box[2] <= WIDTH - 2 and box[3] <= HEIGHT - 24


def _short(name: str) -> str:
    """The name without what kind of place it is: Thuận Hóa of phường Thuận Hóa."""
    kind, _, rest = name.partition(" ")
    return rest if rest and kind[:1].islower() else name
