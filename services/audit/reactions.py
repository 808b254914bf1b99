"""What the memory does with what it hears: everything that is true and in its turn is appended, and nothing else.

There is no inbox here: the chain of each source is the de-duplication. The price of the order by source is that one
missing event holds back the later ones of its source, until it has been pulled.
"""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.audit import entries, store
from services.audit.domain.chain import FREEZING, Head, Verdict, is_run, judge
from services.audit.entries import Arrival
from services.audit.store import Finding, Line, Log
from services.audit.tlog.tree import Tree
from shared.bus import Message
from shared.db import Transaction
from shared.events.base import SHAPES
from shared.events.codec import b64u, leaf_bytes, leaf_hash, signed_bytes
from shared.ids import ordered_id
from shared.keys import KeyRing
from shared.telemetry import counter

LOG = "log"
LOG_SUBJECT = UUID("6c6f6700-0000-4000-8000-000000000000")
"""The subject of the log's own records, which are about no petition."""

BATCH_RECORD_EVERY = timedelta(seconds=60)
MOST_HELD = 10_000  # events of one source
MOST_HELD_BYTES = 64 * 1024 * 1024
REFUSED_ARE_KEPT = timedelta(days=30)
_HELD = "held"  # stands for the id of a message that was taken out of `held`

appended_total = counter("audit_appended_total", "Events appended to the log", ["source"])
duplicates_total = counter("audit_duplicates_total", "Events that came again", ["source"])
refused_total = counter("audit_refused_total", "Messages turned away", ["reason"])
withheld_total = counter("audit_withheld_total", "Events of which only the hash was kept", ["source"])
frozen_total = counter("audit_equivocation_total", "Times a source was frozen", ["source", "kind"])


@dataclass(frozen=True)
class Taken:
    """What became of a batch."""

    appended: int = 0
    held: int = 0
    dropped: int = 0  # duplicates, and what a frozen source says
    refused: int = 0


def append(tx: Transaction, messages: Sequence[Message], *, keys: KeyRing) -> Taken:
    """Append what is true and next in its source's chain, in one transaction; hold, drop or refuse the rest."""
    arrivals, strangers = _read_all(messages, frozenset(keys.verifying))
    page = _Page(tx, store.lock_log(tx), keys)

    for source, group in sorted(arrivals.items()):
        page.take(source, group)
    page.finish()

    for message, refusal in strangers:
        page.turn_away(message, "", refusal.reason)
    page.save()
    return page.taken()


def accept_source(
    tx: Transaction,
    source: str,
    *,
    epoch: str,
    pos: int,
    head: bytes,
    keys: KeyRing,
    decided_by: tuple[str, str],
) -> int:
    """Two people looked at a frozen source: go on after this position, in this epoch, with today's key.

    Returns the place of the record. Raises NotTwoPeople.
    """
    if len(set(decided_by)) != 2 or not all(decided_by):
        raise NotTwoPeople("two different people have to decide this")
    page = _Page(tx, store.lock_log(tx), keys)
    idx = page.accept(source, epoch=epoch, pos=pos, head=head, decided_by=decided_by)
    page.save()
    return idx


class NotTwoPeople(Exception):
    """One person alone wanted to take a source up again."""


def forget_refused(tx: Transaction) -> int:
    """What was turned away long ago goes."""
    return store.forget_refused(tx, tx.now - REFUSED_ARE_KEPT)


def _read_all(
    messages: Sequence[Message], sources: frozenset[str]
) -> tuple[dict[str, list[Arrival]], list[tuple[Message, entries.Refused]]]:
    arrivals: dict[str, list[Arrival]] = defaultdict(list)
    strangers = []
    for message in messages:
        try:
            arrival = entries.read(message, sources)
            arrivals[arrival.source].append(arrival)
        except entries.Refused as refusal:
            strangers.append((message, refusal))
    return arrivals, strangers


class _Page:
    """One transaction's worth of the log, written in memory and saved in one piece."""

    def __init__(self, tx: Transaction, log: Log, keys: KeyRing) -> None:
        self._tx, self._log, self._keys = tx, log, keys
        self._heads, self._accepted = store.load_heads(tx), store.load_keys(tx)
        self._held = store.count_held(tx)
        self._open = {(found.kind, found.source, found.detail) for found in store.open_findings(tx)}
        self._now = _instant(tx.now)
        self._pos, self._head = log.pos, log.head
        self._lines: list[Line] = []
        self._entries: list[bytes] = []
        self._leaves: list[bytes] = []
        self._codes: dict[UUID, str] = {}
        self._batched = (log.batched_at, log.batched_size)
        self._appended = self._held_now = self._dropped = self._refused = 0

    # ---- a source's events

    def take(self, source: str, group: Sequence[Arrival]) -> None:
        """Bring a source's chain forward as far as it goes."""
        head = self._heads.get(source, Head(source))
        if head.is_frozen:
            self._dropped += len(group)
            return
        if source in self._held and any(arrival.link.pos == head.pos + 1 for arrival in group):
            group = [*group, *self._waiting(source)]
        fresh = sorted((arrival for arrival in group if arrival.link.pos > head.pos), key=lambda one: one.link.pos)
        links = [arrival.link for arrival in fresh]
        # The chain binds every event to the last of a run, so that one signature vouches for all of them.
        if fresh and is_run(head, links) and self._is_signed(fresh[-1]):
            before = head
            for arrival in fresh:
                self._write(arrival)
            head = head.after(links[-1])
            known = {link.pos: link.leaf for link in links}
            head = self._one_by_one(head, [one for one in group if one.link.pos <= before.pos], known)
        else:
            head = self._one_by_one(head, sorted(group, key=lambda one: one.link.pos), {})
        if head != self._heads.get(source):
            self._heads[source] = head
            store.save_head(self._tx, head)
            if source in self._held:
                store.let_go(self._tx, source, head.pos)

    def _one_by_one(self, head: Head, group: Sequence[Arrival], known: dict[int, bytes]) -> Head:
        """The careful way, for what comes twice, early, forged or contradictory."""
        behind = [arrival.link.pos for arrival in group if arrival.link.pos <= head.pos]
        if behind:
            known = known | store.known_leaves(self._tx, head.source, behind)
        for arrival in group:
            link = arrival.link
            verdict = judge(head, link, known=known.get(link.pos))
            if verdict is Verdict.KNOWN:
                self._dropped += 1
                duplicates_total.labels(head.source).inc()
            elif not self._is_signed(arrival):
                self.turn_away(arrival.message, head.source, self._why_unsigned(arrival))
            elif verdict is Verdict.NEXT:
                self._write(arrival)
                known[link.pos] = link.leaf
                head = head.after(link)
            elif verdict is Verdict.EARLY:
                self._hold(arrival)
            elif verdict in FREEZING:
                return self._freeze(head, arrival, verdict)
        return head

    def _is_signed(self, arrival: Arrival) -> bool:
        source = arrival.source
        if self._keys.kid(source) != arrival.kid:
            return False
        public = bytes(self._keys.verifying[source])
        accepted = self._accepted.get((source, arrival.kid))
        is_first = not any(name == source for name, _ in self._accepted)
        if accepted != public and not is_first:
            return False
        if not self._keys.verify(source, signed_bytes(source, arrival.link.leaf), arrival.sig):
            return False
        if is_first:
            self._meet(arrival, public)
        return True

    def _why_unsigned(self, arrival: Arrival) -> str:
        source, kid = arrival.source, arrival.kid
        is_met = any(name == source for name, _ in self._accepted)
        if self._keys.kid(source) == kid and (not is_met or (source, kid) in self._accepted):
            return "bad_signature"
        self._find("unknown_key", source, kid)
        return "unknown_key"

    def _meet(self, arrival: Arrival, public: bytes) -> None:
        """A source is heard for the first time: its key goes into the log, and no other is taken without people."""
        name, kid = arrival.source, arrival.kid
        self._accepted[name, kid] = public
        store.add_key(self._tx, name, kid, public, since_pos=1)
        self._record(
            "audit.source.v1",
            {
                "source": name,
                "act": "met",
                "epoch": arrival.link.epoch,
                "kid": kid,
                "public_key": b64u(public),
            },
        )

    def _write(self, arrival: Arrival) -> None:
        if arrival.withheld:
            self._withhold(arrival)
            return
        if arrival.code and arrival.type == "petition.filed.v1":
            self._codes[arrival.subject] = arrival.code
        line = Line(
            idx=self._next,
            recorded_at=self._tx.now,
            occurred_at=arrival.time,
            event_id=arrival.event_id,
            source=arrival.source,
            pos=arrival.link.pos,
            type=arrival.type,
            subject=arrival.subject,
            sequence=arrival.sequence,
            actor=arrival.actor,
            unit=arrival.unit,
        )
        self._put(line, arrival.entry, arrival.link.leaf)

    def _withhold(self, arrival: Arrival) -> None:
        """The chain goes on, and the content never enters the log."""
        link, type_ = arrival.link, arrival.type if arrival.type in SHAPES else ""
        store.add_withheld(self._tx, arrival.source, link.pos, link.leaf, self._next)
        withheld_total.labels(arrival.source).inc()
        self._record(
            "audit.withheld.v1",
            {
                "source": arrival.source,
                "pos": link.pos,
                "leaf": b64u(link.leaf),
                "id": str(arrival.event_id),
                "type": type_,
                "reason": arrival.withheld,
            },
        )
        self._keep_raw(arrival.message, arrival.source, arrival.withheld)
        self._find("withheld", arrival.source, f"{arrival.withheld} {type_}".strip())

    def _hold(self, arrival: Arrival) -> None:
        source, size = arrival.source, len(arrival.message.body)
        count, weight = self._held.get(source, (0, 0))
        if arrival.message.message_id == _HELD:
            return
        if count >= MOST_HELD or weight + size > MOST_HELD_BYTES:
            self._dropped += 1  # its source still has it, and is asked for it
            return
        self._held[source] = (count + 1, weight + size)
        self._held_now += 1
        store.hold(self._tx, source, arrival.link.pos, arrival.message.headers, arrival.message.body)

    def _waiting(self, source: str) -> list[Arrival]:
        sources = frozenset(self._keys.verifying)
        waiting = store.load_held(self._tx, source, limit=MOST_HELD)
        return [entries.read(Message(body, headers, "", _HELD), sources) for _, headers, body in waiting]

    def _freeze(self, head: Head, arrival: Arrival, verdict: Verdict) -> Head:
        """Two stories, or none that fits: nothing more is taken from this source until two people have decided."""
        frozen_total.labels(head.source, verdict.value).inc()
        self._keep_raw(arrival.message, head.source, verdict.value)
        self._find(
            verdict.value,
            head.source,
            str(arrival.link.pos),
            leaf=arrival.link.leaf,
            epoch=arrival.link.epoch,
        )
        return replace(head, is_frozen=True)

    def accept(self, source: str, *, epoch: str, pos: int, head: bytes, decided_by: tuple[str, str]) -> int:
        """Write down that people take a source up again."""
        old, kid = self._heads.get(source, Head(source)), self._keys.kid(source)
        public = bytes(self._keys.verifying[source])
        store.add_key(self._tx, source, kid, public, since_pos=pos + 1)
        store.save_head(self._tx, Head(source, epoch, pos, head))
        idx = self._record(
            "audit.source.v1",
            {
                "source": source,
                "act": "accepted",
                "epoch": epoch,
                "pos": pos,
                "head": b64u(head),
                "old_epoch": old.epoch,
                "old_pos": old.pos,
                "old_head": b64u(old.leaf),
                "kid": kid,
                "public_key": b64u(public),
                "by": sorted(decided_by),
            },
        )
        store.close_findings(self._tx, source, idx)
        return idx

    # ---- the log's own records

    def finish(self) -> None:
        """Say at most once a minute what came in and how far every source reaches: it fixes the time of receipt."""
        at, size = self._batched
        if not self._appended or (at is not None and self._tx.now - at < BATCH_RECORD_EVERY):
            return
        count = self._next - size
        heads = {
            head.source: {"epoch": head.epoch, "pos": head.pos, "head": b64u(head.leaf)}
            for head in self._heads.values()
            if head.pos
        }
        idx = self._record(
            "audit.batch.v1", {"recorded_at": self._now, "first": size, "count": count, "sources": heads}
        )
        self._batched = (self._tx.now, idx + 1)

    def _find(self, kind: str, source: str, detail: str, *, leaf: bytes = b"", epoch: str = "") -> None:
        if (kind, source, detail) in self._open:
            return  # it is open already: a flood of one fault is one finding
        self._open.add((kind, source, detail))
        found = ordered_id()
        data = {"finding": str(found), "act": "opened", "kind": kind, "source": source, "detail": detail}
        if leaf:
            data |= {"leaf": b64u(leaf), "epoch": epoch}
        idx = self._record("audit.finding.v1", data)
        store.add_finding(self._tx, Finding(found, kind, source, detail[:64], idx, self._tx.now))

    def _record(self, type_: str, data: dict[str, Any]) -> int:
        self._pos += 1
        event_id, idx = ordered_id(), self._next
        envelope = {
            "specversion": "1.0",
            "id": str(event_id),
            "source": "/" + LOG,
            "type": type_,
            "subject": str(LOG_SUBJECT),
            "time": self._now,
            "datacontenttype": "application/json",
            "sequence": self._pos,
            "nonce": b64u(os.urandom(16)),
            "data": data,
        }
        entry = leaf_bytes(envelope, pos=self._pos, prev=self._head)
        self._head = leaf_hash(entry)
        line = Line(
            idx=idx,
            recorded_at=self._tx.now,
            occurred_at=self._tx.now,
            event_id=event_id,
            source=LOG,
            pos=self._pos,
            type=type_,
            subject=LOG_SUBJECT,
            sequence=self._pos,
            actor=None,
            unit=None,
        )
        self._put(line, entry, self._head)
        return idx

    # ---- writing

    @property
    def _next(self) -> int:
        return self._log.size + len(self._entries)

    def _put(self, line: Line, entry: bytes, leaf: bytes) -> None:
        self._lines.append(line)
        self._entries.append(entry)
        self._leaves.append(leaf)
        if line.source != LOG:
            self._appended += 1

    def turn_away(self, message: Message, source: str, reason: str) -> None:
        self._refused += 1
        refused_total.labels(reason).inc()
        self._keep_raw(message, source, reason)

    def _keep_raw(self, message: Message, source: str, reason: str) -> None:
        store.refuse(self._tx, source, reason, message.headers, message.body)

    def save(self) -> None:
        """Keep everything that was written on this page."""
        if not self._entries:
            return
        tree = Tree(self._log.size, self._log.tree.edge)
        full = tree.append(self._leaves)
        at, size = self._batched
        after = Log(tree, tree.root(), self._pos, self._head, at, size)
        store.append(self._tx, self._log.size, after, lines=self._lines, entries=self._entries, full=full)
        if self._codes:
            store.remember_codes(self._tx, self._codes)
        for name, count in _counts(self._lines).items():
            appended_total.labels(name).inc(count)

    def taken(self) -> Taken:
        return Taken(self._appended, self._held_now, self._dropped, self._refused)


def _counts(lines: Sequence[Line]) -> Mapping[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for line in lines:
        counts[line.source] += 1
    return counts


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
