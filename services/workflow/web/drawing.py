"""The life of a case as a drawing: stages in rows by how many steps they are from the start, the ends at the bottom."""

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup, escape

from services.workflow.domain.case import Workflow

WIDTH, HEIGHT, GAP_X, GAP_Y, EDGE = 160, 46, 30, 56, 34
LETTER = 7.4  # how wide a letter is drawn, about


@dataclass(frozen=True)
class _Box:
    name: str
    words: str
    x: int
    y: int
    is_end: bool


def draw(workflow: Workflow, language: str, *, said: Callable[[str], str]) -> Markup:
    """An SVG picture whose text is in the table beside it too. Arrows down are steps ahead, dashed ones go back.

    What may end from almost everywhere bears one arrow only, from the last stage that leads there.
    """
    rows = _rows(workflow)
    width = max(len(row) for row in rows) * (WIDTH + GAP_X) + 2 * EDGE
    boxes = {
        name: _Box(
            name,
            workflow.stages[name].desk.get(language) or workflow.stages[name].desk["vi"],
            EDGE + (width - 2 * EDGE - len(row) * (WIDTH + GAP_X) + GAP_X) // 2 + n * (WIDTH + GAP_X),
            EDGE + number * (HEIGHT + GAP_Y),
            workflow.stages[name].is_end,
        )
        for number, row in enumerate(rows)
        for n, name in enumerate(row)
    }
    arrows: dict[tuple[str, str], list[str]] = {}
    for before, after, step in sorted(workflow.moves()):
        if before != after:
            arrows.setdefault((before, after), []).append(said(step))
    last = {name: max(boxes[before].y for before, after in arrows if after == name) for name in rows[-1]}
    arrows = {way: steps for way, steps in arrows.items() if boxes[way[0]].y == last.get(way[1], boxes[way[0]].y)}
    height = len(rows) * (HEIGHT + GAP_Y) - GAP_Y + 2 * EDGE
    parts = [_arrow(boxes[before], boxes[after], steps) for (before, after), steps in arrows.items()]
    parts += [_box(box) for box in boxes.values()]
    return Markup(
        f'<svg class="life" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true">'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z"/></marker></defs>' + "".join(parts) + "</svg>"
    )


def _rows(workflow: Workflow) -> list[list[str]]:
    """Stages by their distance from the first ones, in the order of the table; then the ends."""
    rows: list[list[str]] = []
    ends = {name for name, stage in workflow.stages.items() if stage.is_end}
    seen: set[str] = set(ends)
    ahead = set(workflow.starts.values()) - ends
    while ahead:
        rows.append([name for name in workflow.stages if name in ahead])
        seen |= ahead
        ahead = {after for before, after, _ in workflow.moves() if before in ahead} - seen
    return [*rows, [name for name in workflow.stages if name in ends]]


def _box(box: _Box) -> str:
    lines = _two_lines(box.words)
    first = box.y + HEIGHT / 2 + 4.5 - (len(lines) - 1) * 8
    words = "".join(
        f'<text x="{box.x + WIDTH // 2}" y="{first + n * 16}">{escape(line)}</text>' for n, line in enumerate(lines)
    )
    kind = "end" if box.is_end else "stage"
    shape = f'<rect x="{box.x}" y="{box.y}" width="{WIDTH}" height="{HEIGHT}" rx="{23 if box.is_end else 9}"/>'
    return f'<g class="{kind}">{shape}{words}</g>'


def _two_lines(words: str) -> list[str]:
    if len(words) * LETTER <= WIDTH - 16:
        return [words]
    parts, first = words.split(), ""
    while parts and len(f"{first} {parts[0]}") <= len(words) / 2 + 4:
        first = f"{first} {parts.pop(0)}".strip()
    return [first, " ".join(parts)]


def _arrow(before: _Box, after: _Box, steps: list[str]) -> str:
    title = f"<title>{escape(', '.join(steps))}</title>"
    if after.y > before.y:
        start, end = (before.x + WIDTH // 2, before.y + HEIGHT), (after.x + WIDTH // 2, after.y)
        bend = (end[1] - start[1]) // 2
        path = f"M{start[0]} {start[1]}C{start[0]} {start[1] + bend} {end[0]} {end[1] - bend} {end[0]} {end[1]}"
        return f'<path class="on" d="{path}" marker-end="url(#tip)">{title}</path>'
    side = WIDTH if after.x >= before.x else 0
    start, end = (before.x + side, before.y + HEIGHT // 2), (after.x + side, after.y + HEIGHT // 2)
    reach = 30 if side else -30
    path = f"M{start[0]} {start[1]}C{start[0] + reach} {start[1]} {end[0] + reach} {end[1]} {end[0]} {end[1]}"
    return f'<path class="back" d="{path}" marker-end="url(#tip)">{title}</path>'
