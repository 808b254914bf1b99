"""How many entries fell on each day: one small drawing, wide for desks and narrow for phones."""

from collections.abc import Sequence

from flask import render_template

HEIGHT, FOOT = 74, 58
MOST_BARS = 31


def draw(days: Sequence[tuple[str, int]], *, width: int, name: str) -> str:
    """Bars as SVG; (label, count) from left to right."""
    shown = days[-MOST_BARS:]
    most, step = max((count for _, count in shown), default=0) or 1, (width - 4) / max(len(shown), 1)
    every = max(1, round(len(shown) * 36 / width))
    bars = [
        {
            "x": round(2 + at * step, 1),
            "y": round(FOOT - max(42 * count / most, 1), 1),
            "width": round(max(step - 4, 2), 1),
            "height": round(max(42 * count / most, 1), 1),
            "middle": round(2 + at * step + (step - 4) / 2, 1),
            "label": label if at % every == 0 else "",
            "full": label,
            "count": count,
        }
        for at, (label, count) in enumerate(shown)
    ]
    return render_template("histogram.html", bars=bars, width=width, height=HEIGHT, name=name, most=most)
