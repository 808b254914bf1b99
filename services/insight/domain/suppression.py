"""What may be shown: nothing from which one person's judgement could be worked out.

Three ways lead to one person: a cell of one; the difference between a total and the other cells; and a figure
that grows by one, since whoever looks before and after knows the mark that came between. Hence small cells hide
in company, and ratings are published by whole batches.
"""

from collections.abc import Hashable, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

FEWEST = 5  # answers under which nothing is shown
FEW = 30  # answers under which a figure is called uncertain


def to_publish(waiting: int) -> int:
    """How many of a unit's waiting ratings may be published together: whole batches only."""
    return waiting - waiting % FEWEST


def hidden(cells: Mapping[K, int]) -> frozenset[K]:
    """The cells of a table that are not shown.

    One hidden alone could be had from the total, so the next smallest joins it.
    """
    small = {cell for cell, count in cells.items() if count < FEWEST}
    counted = [cell for cell in small if cells[cell]]
    others = sorted((cell for cell in cells if cell not in small), key=lambda cell: cells[cell])
    if len(counted) == 1 and len(small) == 1 and others:
        small.add(others[0])
    return frozenset(small)
