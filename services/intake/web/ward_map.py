"""A map of wards without tiles or script: a bubble for each, where its cases are on average."""

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

from services.intake.store import WardCount
from shared.web import ngettext
from shared.web.i18n import num

WIDTH, HEIGHT = 360, 260  # drawing units
LARGEST, SMALLEST = 26.0, 6.0  # radius
Bounds = tuple[float, float, float, float]  # south, north, west, east


def drawn(places: Sequence[tuple[str, WardCount]], bounds: Bounds | None) -> Markup | None:
    """The bubbles; None where no case says where it is. Each leads to the list of its ward."""
    known = [(name, one, one.lat, one.lng) for name, one in places if one.lat is not None and one.lng is not None]
    if not known:
        return None
    frame = _frame([(lat, lng) for _, _, lat, lng in known], bounds)
    most = max(one.count for _, one, _, _ in known)
    bubbles = [_bubble(name, one, _at(lat, lng, frame), most) for name, one, lat, lng in known]
    return Markup(
        f'<svg class="ward-map" viewBox="0 0 {WIDTH} {HEIGHT}" role="group">{"".join(bubbles)}</svg>'
    )  # names are escaped in the bubbles


def _frame(points: Sequence[tuple[float, float]], bounds: Bounds | None) -> Bounds:
    """What the drawing shows: all points with some room around them, and no more than the city."""
    lats, lngs = [lat for lat, _ in points], [lng for _, lng in points]
    room = 0.03  # degrees
    south, north, west, east = min(lats) - room, max(lats) + room, min(lngs) - room, max(lngs) + room
    if bounds is not None:
        south, north = max(south, bounds[0]), min(north, bounds[1])
        west, east = max(west, bounds[2]), min(east, bounds[3])
    return south, north, west, east


def _at(lat: float, lng: float, frame: Bounds) -> tuple[float, float]:
    south, north, west, east = frame
    edge = LARGEST + 4
    x = edge + (lng - west) / max(east - west, 1e-6) * (WIDTH - 2 * edge)
    y = edge + (north - lat) / max(north - south, 1e-6) * (HEIGHT - 2 * edge)
    return x, y


def _bubble(name: str, one: WardCount, at: tuple[float, float], most: int) -> str:
    radius = max(LARGEST * math.sqrt(one.count / most), SMALLEST)  # the area says how many
    said = ngettext("%(num)s việc", "%(num)s việc", one.count)
    words = escape(f"{name}: {said}")
    x, y = at
    number = f'<text x="{x:.0f}" y="{y + 5:.0f}" aria-hidden="true">{num(one.count)}</text>' if radius > 12 else ""
    return (
        f'<a href="/so-phan-anh?phuong={escape(one.ward)}" aria-label="{words}">'
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.1f}"><title>{words}</title></circle>{number}</a>'
    )
