"""A survey round in figures: per item, factor and content and as a whole, each with how sure it is.

The figures of items are shares, with Wilson's interval. Those above are means over items that the same people answered,
so people are drawn again instead (bootstrap): two thousand times, by a fixed seed, so that whoever draws again finds
the same. Figures are exact until they are shown.
"""

import hashlib
import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from services.insight.domain.index import SATISFIED_FROM, Number, Share, mean
from services.insight.domain.suppression import FEW, FEWEST, hidden

DRAWS = 2000
LOWEST, HIGHEST = 50, 1950  # of two thousand in order: the percentiles 2.5 and 97.5
SEED = "survey/v1"
LOW_RESPONSE = 20  # per cent under which those who answered may differ from those who did not
OVERALL = "overall"
_BITS = 24  # of a count within a packed sum: enough for sixteen million people

Marks = Mapping[str, int]
"""What one person marked: item → level, 0 for no opinion."""


@dataclass(frozen=True)
class Frame:
    """Which items a round asked, and what they add up to."""

    factors: Mapping[str, tuple[str, ...]]  # factor → its items
    contents: Mapping[str, tuple[str, ...]]  # content → its factors

    def asking(self, items: Iterable[str]) -> "Frame":
        """The part of it that asks these items."""
        asked = set(items)
        factors = {code: tuple(one for one in inside if one in asked) for code, inside in self.factors.items()}
        factors = {code: inside for code, inside in factors.items() if inside}
        contents = {code: tuple(one for one in inside if one in factors) for code, inside in self.contents.items()}
        return Frame(factors, {code: inside for code, inside in contents.items() if inside})

    @cached_property
    def items(self) -> tuple[str, ...]:
        return tuple(item for inside in self.factors.values() for item in inside)

    @property
    def heading(self) -> str:
        """The figure that stands for the round: the whole, or the one content that was asked."""
        return OVERALL if len(self.contents) > 1 else next(iter(self.contents), OVERALL)


@dataclass(frozen=True)
class Figure:
    """A figure as it may be shown."""

    index: Fraction | None  # per cent; None: nobody had an opinion, or it is hidden
    n: int
    interval: tuple[Decimal, Decimal] | None
    is_hidden: bool = False

    @property
    def is_few(self) -> bool:
        return self.n < FEW


@dataclass(frozen=True)
class Cut:
    """One group of those who answered."""

    value: str | None  # None: did not say
    figure: Figure


@dataclass(frozen=True)
class Answered:
    """One answer, as far as figures are made of it."""

    marks: Marks
    harassment: str | None = None
    wishes: tuple[str, ...] = ()
    traits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """Everything that a round says."""

    frame: Frame
    n: int
    figures: Mapping[str, Figure]  # by item, factor, content, and "overall"
    harassment: Figure  # some or many, of those who said
    wishes: Mapping[str, int | None]  # factor → how many named it; None: hidden
    cuts: Mapping[str, tuple[Cut, ...]]  # by trait

    @property
    def is_hidden(self) -> bool:
        """So few answered that nothing is shown."""
        return self.n < FEWEST

    @property
    def main(self) -> Figure:
        return self.figures[self.frame.heading]


def figures(frame: Frame, items: Mapping[str, Number | None]) -> dict[str, Number | None]:
    """Every item, factor and content, and the whole: means of those below that are defined.

    Source: QĐ 1001/QĐ-BNV of 2023; the whole is the mean of its two contents.
    """
    found = {item: items[item] for item in frame.items}
    for factor, inside in frame.factors.items():
        found[factor] = mean([found[item] for item in inside])
    for content, inside in frame.contents.items():
        found[content] = mean([found[factor] for factor in inside])
    halves = [found[content] for content in frame.contents]
    found[OVERALL] = mean(halves) if len(halves) > 1 and None not in halves else None
    return found


def indexes(frame: Frame, shares: Mapping[str, Share]) -> dict[str, Fraction | None]:
    """The same, exact, from the shares of the items."""
    found = figures(frame, {item: share.index for item, share in shares.items()})
    return {code: None if value is None else Fraction(value) for code, value in found.items()}


def shares_of(frame: Frame, answers: Sequence[Marks]) -> dict[str, Share]:
    """The satisfied of those with an opinion, by item."""
    return {
        item: Share(
            sum(marks.get(item, 0) >= SATISFIED_FROM for marks in answers),
            sum(marks.get(item, 0) > 0 for marks in answers),
        )
        for item in frame.items
    }


def intervals(frame: Frame, answers: Sequence[Marks]) -> dict[str, tuple[Decimal, Decimal]]:
    """Between which figures each mean lies, 95 times of 100: people are drawn again, with replacement.

    Source: Efron, The Annals of Statistics 7 (1979): percentiles of the bootstrap.
    """
    people, n = [_packed(frame, marks) for marks in answers], len(answers)
    drawn: dict[str, list[float]] = {code: [] for code in (*frame.factors, *frame.contents, OVERALL)}
    for draw in range(DRAWS if n else 0):
        found = figures(frame, _unpacked(frame, sum([people[chosen] for chosen in _chosen(draw, n)])))
        for code, values in drawn.items():
            value = found[code]
            if value is not None:
                values.append(float(value))
    return {code: _between(sorted(values)) for code, values in drawn.items() if values}


def _between(ordered: Sequence[float]) -> tuple[Decimal, Decimal]:
    """The percentiles 2.5 and 97.5. A draw in which nobody had an opinion counts for nothing."""
    low, high = len(ordered) * LOWEST // DRAWS, len(ordered) * HIGHEST // DRAWS
    return Decimal(ordered[max(low - 1, 0)]), Decimal(ordered[max(high - 1, 0)])


def _chosen(draw: int, n: int) -> list[int]:
    """Whom one draw takes: numbers below `n`, the same ones each time."""
    numbers = struct.unpack(f"<{n}I", hashlib.shake_256(f"{SEED}/{draw}".encode()).digest(4 * n))
    return [number * n >> 32 for number in numbers]


def _packed(frame: Frame, marks: Marks) -> int:
    """Somebody's opinions as one number, so that adding people up is adding numbers."""
    packed = 0
    for place, item in enumerate(frame.items):
        level = marks.get(item, 0)
        packed |= ((level >= SATISFIED_FROM) | (level > 0) << _BITS) << 2 * _BITS * place
    return packed


def _unpacked(frame: Frame, total: int) -> dict[str, Number | None]:
    """The index of each item among people who were added up."""
    whole = (1 << _BITS) - 1
    found: dict[str, Number | None] = {}
    for item in frame.items:
        satisfied, n = total & whole, total >> _BITS & whole
        found[item] = 100 * satisfied / n if n else None
        total >>= 2 * _BITS
    return found


def result(frame: Frame, answers: Sequence[Answered]) -> Result:
    """What a round says, with everything left out from which one answer could be worked out."""
    marks = [one.marks for one in answers]
    shares, spans = shares_of(frame, marks), intervals(frame, marks)
    values, counts = indexes(frame, shares), _counts(frame, marks)
    away = _hidden(frame, counts)
    found = {
        code: HIDDEN
        if code in away
        else Figure(values[code], counts[code], shares[code].interval if code in shares else spans.get(code))
        for code in values
    }
    return Result(
        frame=frame,
        n=len(answers),
        figures=found,
        harassment=_share(Share(_said(answers, "some") + _said(answers, "many"), _said(answers))),
        wishes=_wishes(answers),
        cuts=_cuts(frame, answers),
    )


HIDDEN = Figure(None, 0, None, is_hidden=True)


def _share(share: Share) -> Figure:
    return HIDDEN if share.n < FEWEST else Figure(share.index, share.n, share.interval)


def _said(answers: Sequence[Answered], which: str | None = None) -> int:
    return sum(one.harassment is not None and which in {None, one.harassment} for one in answers)


def _counts(frame: Frame, answers: Sequence[Marks]) -> dict[str, int]:
    """How many had an opinion, on each item or on any of those that a figure is made of."""
    groups = {item: (item,) for item in frame.items} | dict(frame.factors)
    groups |= {code: tuple(i for f in inside for i in frame.factors[f]) for code, inside in frame.contents.items()}
    groups[OVERALL] = frame.items
    return {code: sum(any(marks.get(i, 0) > 0 for i in items) for marks in answers) for code, items in groups.items()}


def _hidden(frame: Frame, counts: Mapping[str, int]) -> set[str]:
    """What is not shown: the small ones, and a factor with a small item, which its mean would give away. At each level
    the next smallest joins one that would be hidden alone.
    """
    away = {code for code, count in counts.items() if 0 < count < FEWEST}
    away |= {factor for factor, items in frame.factors.items() if away & set(items)}
    for inside in (*frame.factors.values(), *frame.contents.values(), tuple(frame.contents)):
        known = sorted((code for code in inside if counts[code]), key=lambda code: counts[code])
        shown = [code for code in known if code not in away]
        if len(known) - len(shown) == 1 and shown:
            away.add(shown[0])
    return away


def _wishes(answers: Sequence[Answered]) -> dict[str, int | None]:
    """What should improve first, by how many named it, the most first; small counts are hidden in company."""
    counts = Counter(wish for one in answers for wish in one.wishes)
    away = hidden(counts)
    return {wish: None if wish in away else count for wish, count in counts.most_common()}


def _cuts(frame: Frame, answers: Sequence[Answered]) -> dict[str, tuple[Cut, ...]]:
    """The heading figure of each group of those who answered, by what they said of themselves."""
    names = sorted({name for one in answers for name in one.traits})
    return {name: _cut(frame, answers, name) for name in names}


def _cut(frame: Frame, answers: Sequence[Answered], name: str) -> tuple[Cut, ...]:
    groups: dict[str | None, list[Marks]] = {}
    for one in answers:
        groups.setdefault(one.traits.get(name), []).append(one.marks)
    counts = {value: _fewest(frame, inside) for value, inside in groups.items()}
    away = hidden({value: count for value, count in counts.items() if count}) | {v for v in counts if not counts[v]}
    order = sorted(groups, key=lambda value: (value is None, -len(groups[value]), value or ""))
    return tuple(Cut(value, HIDDEN if value in away else _figure_of(frame, groups[value])) for value in order)


def _fewest(frame: Frame, group: Sequence[Marks]) -> int:
    """How many of a group judged the item that fewest of them judged: the figure says no less of them than of it."""
    return min((share.n for share in shares_of(frame, group).values() if share.n), default=0)


def _figure_of(frame: Frame, group: Sequence[Marks]) -> Figure:
    index = indexes(frame, shares_of(frame, group))[frame.heading]
    return Figure(index, len(group), intervals(frame, group).get(frame.heading))


def is_clear_change(before: Figure, after: Figure) -> bool:
    """Whether two rounds really differ: their intervals do not overlap."""
    if before.interval is None or after.interval is None:
        return False
    (low, high), (low_now, high_now) = before.interval, after.interval
    return bool(high < low_now or high_now < low)
