"""Small drawings of the desk as inline SVG: classes only. Beside each stand its finding and its numbers in a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from shared.web import gettext
from shared.web.i18n import num

WIDE, NARROW = 620, 300  # drawing units: the second is a phone of 360 pixels
STEP, TALL = 34, 18


@dataclass(frozen=True)
class Load:
    """One row: how much somebody, or a unit, has open; of that due soon, and late."""

    name: str
    open: int
    soon: int
    late: int
    key: str = ""


@dataclass(frozen=True)
class Drawing:
    """A drawing with its rows, for the table beside it."""

    title: str
    svg: Markup
    rows: Sequence[Load]


def loads(name: str, title: str, rows: Sequence[Load]) -> Drawing:
    """Bars of what is open, late first, then due soon, then the rest."""
    most = max((row.open for row in rows), default=0) or 1
    words = "; ".join(
        gettext("%(name)s: %(open)s mở, %(late)s trễ", name=row.name, open=num(row.open), late=num(row.late))
        for row in rows
    )
    both = Markup("").join(_bars(f"{name}{kind}", title, words, rows, most, width) for kind, width in SIZES)
    return Drawing(title, both, rows)


SIZES = (("", WIDE), ("-s", NARROW))


def _bars(name: str, title: str, words: str, rows: Sequence[Load], most: int, width: int) -> Markup:
    is_narrow = width == NARROW
    start, step = (0, STEP + 14) if is_narrow else (210, STEP)
    room, parts = width - start - 52, []
    for i, row in enumerate(rows):
        top = i * step + (18 if is_narrow else 4)
        if is_narrow:
            parts.append(_text("ax b", 0, top - 4, _cut(row.name, 40)))
        else:
            parts.append(_text("ax b e", start - 10, top + 14, _cut(row.name, 30)))
        parts.append(f'<rect class="bg" x="{start}" y="{top}" width="{room}" height="{TALL}" rx="4"/>')
        x = float(start)
        for kind, value in (("late", row.late), ("soon", row.soon), ("rest", row.open - row.late - row.soon)):
            long = max(value, 0) / most * room
            if long:
                parts.append(f'<rect class="ld {kind}" x="{x:.1f}" y="{top}" width="{long:.1f}" height="{TALL}"/>')
            x += long
        parts.append(_text("lb", width - 46, top + 14, num(row.open)))
    return _svg(name, title, words, width, step * len(rows) + 6, parts)


def weeks(name: str, title: str, words: str, labels: Sequence[str], came: Sequence[int], went: Sequence[int]) -> Markup:
    """Two columns a week: what came in and what was answered."""
    most = max([*came, *went, 1])
    drawn = []
    for kind, width in SIZES:
        height, gap = 190, width / max(len(labels), 1)
        parts = [f'<path class="gr" d="M0 {height - 26.5}H{width}"/>']
        for i, label in enumerate(labels):
            for k, value in enumerate((came[i], went[i])):
                tall = value / most * (height - 56)
                x, y = i * gap + gap * (0.16 + 0.36 * k), height - 27 - tall
                css = "wk came" if k == 0 else "wk went"
                parts.append(
                    f'<rect class="{css}" x="{x:.1f}" y="{y:.1f}" width="{gap * 0.31:.1f}" height="{tall:.1f}"/>'
                )
                if value:
                    parts.append(_text("ax m", x + gap * 0.155, y - 5, num(value)))
            if width == WIDE or (len(labels) - 1 - i) % 2 == 0:
                parts.append(_text("ax m", (i + 0.5) * gap, height - 8, label))
        drawn.append(_svg(f"{name}{kind}", title, words, width, height, parts))
    return Markup("").join(drawn)


def _svg(name: str, title: str, words: str, width: int, height: float, parts: Sequence[str]) -> Markup:
    kind = "s" if width == NARROW else "w"
    return Markup(
        f'<svg class="ch {kind}" viewBox="0 0 {width} {height:.0f}" role="img" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(words)}</desc>{"".join(parts)}</svg>'
    )


def _text(css: str, x: float, y: float, words: str) -> str:
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip(" ,") + "…"
