"""Charts as inline SVG, drawn on the server: classes only, so that the strictest browser rules hold.

Every chart is two drawings, for a desk and for a phone, since the words of a drawing that is scaled down
shrink with it; the stylesheet shows one. Beside each stand its finding in words and its numbers in a table.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from shared.web.i18n import num

NARROW = 300  # drawing units, which are pixels on a phone of 360
MOST_STEPS = 5
LONGEST_BESIDE = 20  # characters of a name that fit beside its bar
LONGEST_ON_A_PHONE = 42


@dataclass(frozen=True)
class Sheet:
    """What a drawing is called, and what it says to somebody who cannot see it."""

    name: str  # unique on the page
    title: str
    words: str
    width: int = 600

    @property
    def is_narrow(self) -> bool:
        return self.width <= NARROW


@dataclass(frozen=True)
class Series:
    """Values over time under one name; None where there is none."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Bar:
    """One row: a share in per cent, with how sure it is, or a plain number."""

    name: str
    value: float
    label: str  # the value as written beside the bar
    between: tuple[float, float] | None = None  # 95 % interval
    is_uncertain: bool = False


def dots(sheet: Sheet, *, kept: int, late: int, waiting: int) -> Markup:
    """One dot for each case, at most a hundred: answered in time, late, still waiting beyond the day.

    Where there is no case yet, a hundred empty places.
    """
    return _pair(sheet, lambda paper: _dots(paper, kept, late, waiting))


def line(sheet: Sheet, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    """One or two series of counts over time, named at their ends. The axis begins at nought."""
    return _pair(sheet, lambda paper: _line(paper, labels, series))


def bars(sheet: Sheet, rows: Sequence[Bar], *, most: float = 100) -> Markup:
    """Rows of bars from nought to `most`; a thin line is the interval of a share."""
    return _pair(sheet, lambda paper: _bars(paper, rows, most))


def columns(sheet: Sheet, labels: Sequence[str], values: Sequence[int], *, marked: int | None = None) -> Markup:
    """A small histogram; one column may stand out."""
    return _pair(sheet, lambda paper: _columns(paper, labels, values, marked))


def axis_top(highest: float) -> tuple[int, int]:
    """The top of an axis from nought, and its step: 1, 2 or 5 times a power of ten, at most five of them."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if highest <= step * MOST_STEPS:
                return max(math.ceil(highest / step), 1) * step, step
        power *= 10


def _pair(sheet: Sheet, draw: Callable[[Sheet], Markup]) -> Markup:
    return draw(sheet) + draw(replace(sheet, name=f"{sheet.name}-s", width=NARROW))


def _svg(sheet: Sheet, height: float, parts: Sequence[str]) -> Markup:
    kind = "s" if sheet.is_narrow else "w"
    return Markup(
        f'<svg class="ch {kind}" viewBox="0 0 {sheet.width} {height:.0f}" role="img" '
        f'aria-labelledby="{sheet.name}-t {sheet.name}-d">'
        f'<title id="{sheet.name}-t">{escape(sheet.title)}</title>'
        f'<desc id="{sheet.name}-d">{escape(sheet.words)}</desc>{"".join(parts)}</svg>'
    )


def _text(css: str, x: float, y: float, words: str) -> str:
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def _dots(sheet: Sheet, kept: int, late: int, waiting: int) -> Markup:
    across = 10 if sheet.is_narrow else 20
    gap = sheet.width / across
    kinds = ["dot"] * kept + ["dot late"] * late + ["dot open"] * waiting or ["dot none"] * 100
    parts = []
    for i, css in enumerate(kinds):
        x, y = gap * (i % across + 0.5), gap * (i // across + 0.5)
        if css == "dot late":  # another shape: colour never speaks alone
            r = gap * 0.4
            sides = f"l{r:.1f} {r:.1f}-{r:.1f} {r:.1f}-{r:.1f}-{r:.1f}z"
            parts.append(f'<path class="{css}" d="M{x:.1f} {y - r:.1f}{sides}"/>')
        else:
            parts.append(f'<circle class="{css}" cx="{x:.1f}" cy="{y:.1f}" r="{gap * 0.34:.1f}"/>')
    return _svg(sheet, gap * max(-(-len(kinds) // across), 1), parts)


def _line(sheet: Sheet, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    left, right, top, foot = (34, 12, 34, 26) if sheet.is_narrow else (44, 120, 14, 28)
    height, last = 250, max(len(labels) - 1, 1)
    highest, step = axis_top(max((v for one in series for v in one.values if v is not None), default=1))

    def across(i: int) -> float:
        return left + i * (sheet.width - left - right) / last

    def up(value: float) -> float:
        return top + (highest - value) * (height - foot - top) / highest

    parts = []
    for value in range(0, highest + 1, step):
        parts.append(f'<path class="gr" d="M{left} {up(value):.1f}H{sheet.width - right}"/>')
        parts.append(_text("ax e", left - 7, up(value) + 4, num(value)))
    every = 2 if sheet.is_narrow and len(labels) > 8 else 1
    parts += [
        _text("ax m", across(i), height - 8, label)
        for i, label in enumerate(labels)
        if (len(labels) - 1 - i) % every == 0
    ]
    taken: list[float] = []
    for k, one in enumerate(series):
        points = [(across(i), up(v)) for i, v in enumerate(one.values) if v is not None]
        if not points:
            continue
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        if k == 0:
            first, end = points[0][0], points[-1][0]
            parts.append(f'<polygon class="ar" points="{first:.1f},{height - foot} {path} {end:.1f},{height - foot}"/>')
        parts.append(f'<polyline class="ln s{k}" points="{path}"/>')
        parts += [
            f'<circle class="pt s{k}" cx="{across(i):.1f}" cy="{up(v):.1f}" r="3.2">'
            f"<title>{escape(labels[i])}: {escape(one.name)} {num(v)}</title></circle>"
            for i, v in enumerate(one.values)
            if v is not None
        ]
        parts += _series_name(sheet, k, one, points[-1], left, taken)
    return _svg(sheet, height, parts)


def _series_name(
    sheet: Sheet, k: int, one: Series, end: tuple[float, float], left: int, taken: list[float]
) -> list[str]:
    """A series is named at its end; on a phone there is no room for that, so above the drawing."""
    latest = next(v for v in reversed(one.values) if v is not None)
    words = f"{one.name} {num(latest)}"
    if sheet.is_narrow:
        x = left + k * (sheet.width - left) * 0.48
        return [f'<path class="ln s{k}" d="M{x:.0f} 8h22"/>', _text(f"lb s{k}", x + 28, 12, words)]
    x, y = end
    for other in taken:
        if abs(y - other) < 17:
            y = other + (17 if y >= other else -17)
    taken.append(y)
    return [_text(f"lb s{k}", x + 10, y + 4, words)]


def _bars(sheet: Sheet, rows: Sequence[Bar], most: float) -> Markup:
    # Long names stand above their bars: beside them they would run out of the drawing.
    is_above = sheet.is_narrow or any(len(row.name) > LONGEST_BESIDE for row in rows)
    left, right, step = (0, 78, 46) if is_above else (150, 78, 34)
    width, parts = sheet.width - left - right, []
    for i, row in enumerate(rows):
        top = i * step + (20 if is_above else 4)
        long = max(min(row.value / most, 1) * width, 3) if most else 3
        name = _text("ax b", 0, top - 5, _cut(row.name) if sheet.is_narrow else row.name)
        parts.append(name if is_above else _text("ax b e", left - 10, top + 15, row.name))
        parts.append(f'<rect class="bg" x="{left}" y="{top}" width="{width}" height="20" rx="4"/>')
        css = "br few" if row.is_uncertain else "br"
        parts.append(
            f'<rect class="{css}" x="{left}" y="{top}" width="{long:.1f}" height="20" rx="4">'
            f"<title>{escape(row.name)}: {escape(row.label)}</title></rect>"
        )
        if row.between is not None:
            low, high = (left + edge / most * width for edge in row.between)
            path = f"M{low:.1f} {top + 10}H{high:.1f}M{low:.1f} {top + 5}v10M{high:.1f} {top + 5}v10"
            parts.append(f'<path class="iv under" d="{path}"/><path class="iv" d="{path}"/>')
        parts.append(_text("lb", left + width + 8, top + 15, row.label))
    return _svg(sheet, step * len(rows) + 4, parts)


def _cut(name: str) -> str:
    """A name that fits a phone; the whole one is in the table and in the bar's title."""
    return name if len(name) <= LONGEST_ON_A_PHONE else name[: LONGEST_ON_A_PHONE - 1].rstrip(" ,") + "…"


def _columns(sheet: Sheet, labels: Sequence[str], values: Sequence[int], marked: int | None) -> Markup:
    height, gap, highest = 170, sheet.width / max(len(values), 1), max([*values, 1])
    parts = []
    for i, value in enumerate(values):
        tall = value / highest * (height - 48)
        css = "br lo" if i == marked else "br"
        x = i * gap + gap * 0.14
        parts.append(
            f'<rect class="{css}" x="{x:.1f}" y="{height - 26 - tall:.1f}" width="{gap * 0.72:.1f}" '
            f'height="{max(tall, 1):.1f}" rx="3"><title>{escape(labels[i])}: {num(value)}</title></rect>'
        )
        parts.append(_text("lb m", (i + 0.5) * gap, height - 32 - tall, num(value)))
        parts.append(_text("ax m", (i + 0.5) * gap, height - 8, labels[i]))
    return _svg(sheet, height, parts)
