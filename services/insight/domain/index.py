"""The satisfaction index: what it is, how sure it is, and how it is written.

Fractions are exact until they are shown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

SATISFIED_FROM = 4  # of five levels
Number = Fraction | float
"""Exact where it is shown; where thousands are put in order, near enough."""
Z = Decimal("1.959964")  # of the normal distribution, for 95 %


@dataclass(frozen=True)
class Share:
    """So many of so many: a share that knows how sure it is."""

    count: int
    n: int

    @property
    def index(self) -> Fraction | None:
        """Per cent, exact; None of none, since a share of nothing is not nought."""
        return Fraction(100 * self.count, self.n) if self.n else None

    @property
    def interval(self) -> tuple[Decimal, Decimal] | None:
        """Per cent between which the true share lies, 95 times of 100.

        Source: Wilson, Journal of the American Statistical Association 22 (1927).
        """
        if not self.n:
            return None
        with localcontext() as context:
            context.prec = 40
            n, p = Decimal(self.n), Decimal(self.count) / Decimal(self.n)
            square = Z * Z
            centre = (p + square / (2 * n)) / (1 + square / n)
            half = Z * (p * (1 - p) / n + square / (4 * n * n)).sqrt() / (1 + square / n)
            low, high = max(centre - half, Decimal(0)), min(centre + half, Decimal(1))
            return 100 * low, 100 * high

    def __add__(self, other: "Share") -> "Share":
        return Share(self.count + other.count, self.n + other.n)


NOTHING = Share(0, 0)


def item(levels: Mapping[int, int]) -> Share:
    """The satisfied among those with an opinion; `levels` is level (1 to 5, 0 for no opinion) → answers.

    Source: QĐ 1001/QĐ-BNV of 2023, the structure of the index.
    """
    asked = {level: count for level, count in levels.items() if level > 0}
    return Share(sum(count for level, count in asked.items() if level >= SATISFIED_FROM), sum(asked.values()))


def mean(parts: Iterable[Number | None]) -> Number | None:
    """The mean of the parts that are defined: a factor of its items, a content of its factors, the whole."""
    known = [part for part in parts if part is not None]
    return sum(known[1:], known[0]) / len(known) if known else None


def is_clear_change(before: Share, after: Share) -> bool:
    """Whether two periods really differ: their intervals do not overlap."""
    if before.interval is None or after.interval is None:
        return False
    (low, high), (low_now, high_now) = before.interval, after.interval
    return high < low_now or high_now < low


def shown(value: Fraction | Decimal, places: int = 2) -> Decimal:
    """A figure as it is printed: rounded half up, here and nowhere before."""
    with localcontext() as context:
        context.prec = 40
        exact = Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else value
        return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
