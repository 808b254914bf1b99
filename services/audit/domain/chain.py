"""The chain of a source: every event names its number and the hash of the one before it."""

from dataclasses import dataclass, replace
from enum import Enum

ZERO = bytes(32)
"""`prev` of the first event of a source."""


class Verdict(Enum):
    """What becomes of an event whose signature is good."""

    NEXT = "next"  # append it
    KNOWN = "known"  # drop it: we have the same one
    EARLY = "early"  # hold it and ask for what is missing before it
    TWIN = "equivocation"  # another event at a place that is taken: its source told two stories
    BREAK = "chain_break"  # the right number, but it does not follow the one we have
    EPOCH = "new_epoch"  # its source began anew, perhaps from an old copy of its database


FREEZING = frozenset({Verdict.TWIN, Verdict.BREAK, Verdict.EPOCH})
"""Verdicts after which nothing more of a source is taken until people have looked."""


@dataclass(frozen=True)
class Link:
    """An event's place in the chain of its source."""

    epoch: str
    pos: int
    prev: bytes
    leaf: bytes  # hash of the entry


@dataclass(frozen=True)
class Head:
    """How far the chain of a source reaches. Position 0: nothing was heard yet."""

    source: str
    epoch: str = ""
    pos: int = 0
    leaf: bytes = ZERO
    is_frozen: bool = False

    def after(self, link: Link) -> "Head":
        return replace(self, epoch=link.epoch, pos=link.pos, leaf=link.leaf)


def judge(head: Head, link: Link, *, known: bytes | None = None) -> Verdict:
    """What becomes of an event; `known` is the hash of the one we have at its place, if that lies behind the head."""
    if link.pos <= head.pos and known == link.leaf:
        return Verdict.KNOWN
    if head.epoch and link.epoch != head.epoch:
        return Verdict.EPOCH
    if link.pos <= head.pos:
        return Verdict.TWIN
    if link.pos > head.pos + 1:
        return Verdict.EARLY
    return Verdict.NEXT if link.prev == head.leaf else Verdict.BREAK


def is_run(head: Head, links: list[Link]) -> bool:
    """Whether all of them follow the head, one after the other: then the last one's signature vouches for all."""
    for link in links:
        if judge(head, link) is not Verdict.NEXT:
            return False
        head = head.after(link)
    return True
