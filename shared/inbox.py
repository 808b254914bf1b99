"""The inbox: what was heard takes effect once and in the order of its petition, whatever the broker does.

Order and exactly-once live here, in the transaction of the effect, so any number of competing consumers, any
redelivery and any replay are safe. The price: one row for each event heard.
"""

import base64
import random
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    select,
    text,
)

from shared.bus import Message
from shared.db import Cause, Database, Transaction
from shared.events.base import SHAPES, Event
from shared.events.codec import (
    Codec,
    Envelope,
    Malformed,
    from_b64u,
    leaf_bytes,
    leaf_hash,
    open_fields,
    read_envelope,
    signed_bytes,
    without_sealed,
)
from shared.feed import LIMIT, Feed, FeedUnavailable
from shared.ids import ordered_id
from shared.keys import KeyRing
from shared.sql import Instant, insert_new, padded, update_many

Reaction = Callable[[Transaction, Any], None]


@dataclass(frozen=True, slots=True)
class Heard:
    """One of several events that are reacted to together; `tx.because(heard.cause)` speaks in its name."""

    event: Any
    cause: Cause


@dataclass(frozen=True, slots=True)
class Together:
    """A reaction to many events of one type at a time, at most one of each stream: many cost as few statements as one.

    Should it fail, each event is given to it alone, so it has to do with one what it does with many.
    """

    react: Callable[[Transaction, Sequence[Heard]], None]

    def __call__(self, tx: Transaction, event: Any) -> None:
        assert tx.cause is not None
        self.react(tx, [Heard(event, tx.cause)])


MOST_ATTEMPTS = 10
LONGEST_WAIT_S = 300
PATIENCE = timedelta(minutes=15)  # how long "not yet" is no failure

log = structlog.get_logger(__name__)
refused = Counter("inbox_refused_total", "Messages set aside as dead letters", ["service", "reason"])
pulled = Counter(
    "inbox_pulled_total", "Events pulled from a feed because the broker had lost them", ["service", "source"]
)

TABLES = MetaData()

_open_states = "state IN ('wait', 'retry', 'dead')"
inbox = Table(
    "inbox",
    TABLES,
    Column("event_id", Uuid, primary_key=True),
    Column("source", String(16), nullable=False),
    Column("pos", BigInteger, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("state", String(8), nullable=False),  # wait, retry, dead, done, skipped
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Instant),
    Column("last_error", Text),
    Column("body", LargeBinary),  # the bytes of the wire, as long as they are needed
    Column("received_at", Instant, nullable=False),
    Index(
        "inbox_open",
        "source",
        "subject",
        "seq",
        unique=True,
        postgresql_where=text(_open_states),
        sqlite_where=text(_open_states),
    ),
    Index("inbox_retry", "next_at", postgresql_where=text("state = 'retry'"), sqlite_where=text("state = 'retry'")),
    Index("inbox_dead", "received_at", postgresql_where=text("state = 'dead'"), sqlite_where=text("state = 'dead'")),
    Index("inbox_pos", "source", "pos"),
)
stream_head = Table(
    "stream_head",
    TABLES,
    Column("source", String(16), primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("seq", Integer, nullable=False),
)
source_mark = Table(
    "source_mark",
    TABLES,
    Column("source", String(16), primary_key=True),
    Column("epoch", String(36), nullable=False),
    Column("pos", BigInteger, nullable=False),  # everything up to here was received
)
dead_message = Table(
    "dead_message",
    TABLES,
    Column("id", Uuid, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("headers", Text, nullable=False),
    Column("routing_key", String(128), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", Instant, nullable=False),
)


AT_ONCE = 50  # refused messages that are looked through at a time


def erase_dead_letters(connection: Connection, subjects: Collection[UUID]) -> int:
    """Empty what lies among the dead letters of petitions: the sealed part of their events that failed or wait behind
    them, and whole messages that were refused and name one. That they are there, and why, stays. How many were emptied.

    Tried again afterwards an event of these is as one whose source was asked after the erasure: its sealed fields are
    closed.
    """
    theirs = (
        inbox.c.subject.in_(padded(subjects)) & inbox.c.state.in_(["wait", "retry", "dead"]) & inbox.c.body.is_not(None)
    )
    emptied = 0
    for row in connection.execute(select(inbox.c.event_id, inbox.c.body).where(theirs)).all():
        bare = without_sealed(bytes(row.body))
        emptied += connection.execute(inbox.update().where(inbox.c.event_id == row.event_id).values(body=bare)).rowcount
    names = [str(subject).encode() for subject in subjects]
    for some in _refused(connection):
        naming = [one.id for one in some if any(name in bytes(one.body) for name in names)]
        if naming:
            gone = dead_message.update().where(dead_message.c.id.in_(padded(naming))).values(body=b"")
            emptied += connection.execute(gone).rowcount
    return int(emptied)


def _refused(connection: Connection) -> Iterator[Sequence[Any]]:
    """What was refused and still has a body, a little at a time."""
    first = select(dead_message.c.id, dead_message.c.body).where(func.length(dead_message.c.body) > 0)
    first = found = first.order_by(dead_message.c.id).limit(AT_ONCE)
    while some := connection.execute(found).all():
        yield some
        found = first.where(dead_message.c.id > some[-1].id)


class NotYet(Exception):
    """A reaction needs something from another source that has not arrived: it is tried again soon."""


class _ReactionFailed(Exception):
    """Inside a batch: one reaction failed, so the batch is done again, each event by itself."""


def add_tables(metadata: MetaData) -> None:
    """Make the tables of the consuming side part of a service's own. Calling it twice changes nothing."""
    for table in TABLES.sorted_tables:
        if table.name not in metadata.tables:
            table.to_metadata(metadata)


@dataclass(frozen=True, slots=True)
class _Arrival:
    """An event that is really from its source."""

    envelope: Envelope
    pos: int
    body: bytes
    attempts: int = 0
    received_at: datetime | None = None
    is_stored: bool = False
    is_held: bool = False  # dead, or to be tried again later

    @property
    def stream(self) -> tuple[str, UUID]:
        return self.envelope.source, self.envelope.subject


class Inbox:
    """One service's ear: applies each event once, in order, and keeps what cannot be applied yet."""

    def __init__(
        self,
        database: Database,
        keys: KeyRing,
        *,
        hears: Sequence[str],
        reactions: Mapping[type[Event], Reaction],
    ) -> None:
        self._database, self._keys, self._codec = database, keys, Codec(keys)
        self.service, self.hears, self._reactions = keys.service, tuple(hears), dict(reactions)
        self._last_heard = time.monotonic()

    # ---- receiving

    def take(self, messages: Sequence[Message]) -> None:
        """Receive a batch, in one transaction. When it returns, nothing of the batch can be lost."""
        self._receive(messages)
        self._last_heard = time.monotonic()

    def _receive(self, messages: Sequence[Message]) -> None:
        arrivals, strangers = self._sift(messages)
        try:
            with self._database.writing() as tx:
                self._put_aside(tx, strangers)
                self._apply(tx, arrivals, is_careful=False)
        except _ReactionFailed:
            with self._database.writing() as tx:
                self._put_aside(tx, strangers)
                self._apply(tx, arrivals, is_careful=True)

    def retry_due(self, limit: int = 100) -> int:
        """Try again what is due. Returns how many events were tried."""
        now = self._database.clock.now()
        with self._database.reading() as tx:
            due = tx.connection.execute(
                select(inbox.c.source, inbox.c.subject)
                .where(inbox.c.state == "retry", inbox.c.next_at <= now)
                .order_by(inbox.c.next_at)
                .limit(limit)
            ).all()
        for source, subject in sorted(set(map(tuple, due))):
            with self._database.writing() as tx:
                self._drain(tx, source, [subject], {}, is_careful=True)
        return len(due)

    def _sift(self, messages: Sequence[Message]) -> tuple[list[_Arrival], list[tuple[Message, str]]]:
        """What is really from its source, and the strangers with the reason."""
        arrivals: dict[UUID, _Arrival] = {}
        strangers = []
        runs: dict[str, list[tuple[int, bytes, bytes, bytes, _Arrival, Message]]] = defaultdict(list)
        for message in messages:
            try:
                envelope, _ = read_envelope(message.body)
                if envelope.source not in self.hears:
                    raise Malformed(f"foreign source {envelope.source}")
                pos, prev = int(message.headers["pos"]), from_b64u(message.headers["prev"])
                leaf = leaf_hash(leaf_bytes(open_fields(message.body), pos=pos, prev=prev))
                sig = base64.b64decode(message.headers["sig"], validate=True)
            except (Malformed, KeyError, TypeError, ValueError) as problem:
                strangers.append((message, f"malformed: {problem}"))
                continue
            arrival = _Arrival(envelope, pos, message.body)
            runs[envelope.source].append((pos, prev, leaf, sig, arrival, message))
        for source, run in runs.items():
            run.sort(key=lambda one: one[0])
            trusted: bytes | None = None  # `prev` of a later event whose signature was right covers this one
            for _, prev, leaf, sig, arrival, message in reversed(run):
                if leaf == trusted or self._keys.verify(source, signed_bytes(source, leaf), sig):
                    trusted = prev
                    arrivals[arrival.envelope.id] = arrival
                else:
                    strangers.append((message, "forged: the signature is not its source's"))
        return list(arrivals.values()), strangers

    def _put_aside(self, tx: Transaction, strangers: Sequence[tuple[Message, str]]) -> None:
        for message, reason in strangers:
            refused.labels(self.service, reason.split(":")[0]).inc()
            log.warning("message refused", reason=reason, routing_key=message.routing_key)
            tx.connection.execute(
                dead_message.insert().values(
                    id=ordered_id(),
                    reason=reason,
                    headers=repr(dict(message.headers)),
                    routing_key=message.routing_key[:128],
                    body=message.body,
                    received_at=tx.now,
                )
            )

    def put_aside(self, message: Message, reason: str) -> None:
        """Keep a message that even the broker gave up on."""
        with self._database.writing() as tx:
            self._put_aside(tx, [(message, reason)])

    def _apply(self, tx: Transaction, arrivals: Sequence[_Arrival], *, is_careful: bool) -> None:
        streams: dict[str, dict[UUID, list[_Arrival]]] = defaultdict(lambda: defaultdict(list))
        for arrival in arrivals:
            streams[arrival.envelope.source][arrival.envelope.subject].append(arrival)
        for source in sorted(streams):
            self._drain(tx, source, sorted(streams[source]), streams[source], is_careful=is_careful)

    def _drain(
        self,
        tx: Transaction,
        source: str,
        subjects: Sequence[UUID],
        arrived: Mapping[UUID, Sequence[_Arrival]],
        *,
        is_careful: bool,
    ) -> None:
        """Bring streams forward as far as they go without a gap; keep the rest."""
        heads = self._lock(tx.connection, source, subjects)
        stored = self._stored(tx, source, subjects)
        ready: list[list[_Arrival]] = []  # by stream, what can be reacted to one after the other
        outcomes: list[tuple[_Arrival, dict[str, Any]]] = []
        for subject in subjects:
            head, parked = heads[subject], stored.get(subject, {})
            fresh = {arrival.envelope.sequence: arrival for arrival in arrived.get(subject, ())}
            self._watch_for_twins(tx, fresh, parked, head)
            waiting = fresh | parked
            run: list[_Arrival] = []
            for sequence in sorted(place for place in waiting if place > head):
                arrival = waiting[sequence]
                if sequence == head + 1 + len(run) and not arrival.is_held:
                    run.append(arrival)
                elif not arrival.is_stored:
                    outcomes.append((arrival, _parked(arrival)))
            ready.append(run)
        outcomes += self._one_by_one(tx, ready) if is_careful else self._in_waves(tx, ready)

        self._write_down(tx, outcomes)
        done = sorted(
            (one.envelope.sequence, one.envelope.subject) for one, what in outcomes if what["state"] == "done"
        )
        self._move_heads(tx.connection, source, {subject: sequence for sequence, subject in done})

    def _write_down(self, tx: Transaction, outcomes: Sequence[tuple[_Arrival, dict[str, Any]]]) -> None:
        new = [self._row_of(one, tx.now) | outcome for one, outcome in outcomes if not one.is_stored]
        insert_new(tx.connection, inbox, new)
        changed = [{"event_id": one.envelope.id} | outcome for one, outcome in outcomes if one.is_stored]
        update_many(tx.connection, inbox, "event_id", changed)

    def _in_waves(self, tx: Transaction, ready: Sequence[Sequence[_Arrival]]) -> list[tuple[_Arrival, dict[str, Any]]]:
        """React to the first event of every stream, then to the second of every stream: those of one type together.

        Raises _ReactionFailed when any reaction fails; nothing of the transaction is worth anything then.
        """
        for wave in zip_longest(*ready):
            by_type: dict[str, list[_Arrival]] = defaultdict(list)
            for arrival in filter(None, wave):
                by_type[arrival.envelope.type].append(arrival)
            for type_, arrivals in by_type.items():
                reaction = self._reaction(type_)
                if reaction is None:
                    continue
                try:
                    heard = [Heard(self._codec.read(one.body)[1], _cause(one.envelope)) for one in arrivals]
                    if isinstance(reaction, Together):
                        reaction.react(tx, heard)
                    else:
                        for one in heard:
                            reaction(tx.because(one.cause), one.event)
                except Exception as problem:
                    raise _ReactionFailed from problem
        return [(arrival, _done(arrival)) for run in ready for arrival in run]

    def _one_by_one(
        self, tx: Transaction, ready: Sequence[Sequence[_Arrival]]
    ) -> list[tuple[_Arrival, dict[str, Any]]]:
        """React to each event by itself; behind one that fails, the rest of its stream waits."""
        outcomes = []
        for run in ready:
            is_blocked = False
            for arrival in run:
                if not is_blocked:
                    outcome = self._react(tx, arrival)
                    is_blocked = outcome["state"] != "done"
                elif arrival.is_stored:
                    continue
                else:
                    outcome = _parked(arrival)
                outcomes.append((arrival, outcome))
        return outcomes

    def _row_of(self, arrival: _Arrival, now: datetime) -> dict[str, Any]:
        envelope = arrival.envelope
        return {
            "event_id": envelope.id,
            "source": envelope.source,
            "pos": arrival.pos,
            "subject": envelope.subject,
            "seq": envelope.sequence,
            "received_at": now,
        }

    def _lock(self, connection: Connection, source: str, subjects: Sequence[UUID]) -> dict[UUID, int]:
        """The heads of these streams, held until the end of the transaction, always in the same order."""
        if connection.dialect.name == "postgresql":
            rows = connection.exec_driver_sql(_LOCK_HEADS, {"source": source, "subjects": list(subjects)})
            return {row.subject: row.seq for row in rows}
        insert_new(connection, stream_head, [{"source": source, "subject": subject, "seq": 0} for subject in subjects])
        ask = select(stream_head.c.subject, stream_head.c.seq).where(
            stream_head.c.source == source, stream_head.c.subject.in_(subjects)
        )
        return {row.subject: row.seq for row in connection.execute(ask)}

    def _stored(self, tx: Transaction, source: str, subjects: Sequence[UUID]) -> dict[UUID, dict[int, _Arrival]]:
        """What these streams have parked, by its place."""
        rows = tx.connection.execute(_PARKED, {"source": source, "subjects": padded(subjects)})
        found: dict[UUID, dict[int, _Arrival]] = defaultdict(dict)
        for row in rows:
            found[row.subject][row.seq] = _Arrival(
                envelope=read_envelope(row.body)[0],
                pos=row.pos,
                body=row.body,
                attempts=row.attempts,
                received_at=row.received_at,
                is_stored=True,
                is_held=row.state == "dead" or (row.state == "retry" and row.next_at > tx.now),
            )
        return found

    def _reaction(self, type_: str) -> Reaction | None:
        """What is done here on hearing such an event; None: it is heard, and that is all."""
        shape = SHAPES.get(type_)
        return self._reactions.get(shape.cls) if shape else None

    def _react(self, tx: Transaction, arrival: _Arrival) -> dict[str, Any]:
        """Let the reaction act on one event alone. Returns the state of the event afterwards."""
        reaction = self._reaction(arrival.envelope.type)
        if reaction is None:
            return _done(arrival)
        try:
            with tx.attempt():
                reaction(tx.because(_cause(arrival.envelope)), self._codec.read(arrival.body)[1])
        except Exception as problem:
            if tx.connection.invalidated:
                raise
            return self._failed(tx, arrival, problem)
        return _done(arrival)

    def _failed(self, tx: Transaction, arrival: _Arrival, problem: Exception) -> dict[str, Any]:
        received_at = arrival.received_at or tx.now
        is_patient = isinstance(problem, NotYet) and tx.now - received_at < PATIENCE
        attempts = arrival.attempts + (0 if is_patient else 1)
        is_dead = attempts >= MOST_ATTEMPTS or isinstance(problem, Malformed)
        wait_s = 1.0 if is_patient else min(2.0**attempts, LONGEST_WAIT_S) * random.uniform(0.8, 1.2)
        log.warning(
            "reaction failed",
            type=arrival.envelope.type,
            event_id=str(arrival.envelope.id),
            attempts=attempts,
            is_dead=is_dead,
            problem=type(problem).__name__,
            exc_info=not isinstance(problem, NotYet | Malformed),
        )
        return {
            "state": "dead" if is_dead else "retry",
            "attempts": attempts,
            "next_at": tx.now + timedelta(seconds=wait_s),
            "last_error": f"{type(problem).__name__}: {problem}"[:500],
            "body": arrival.body,
        }

    def _move_heads(self, connection: Connection, source: str, heads: Mapping[UUID, int]) -> None:
        if not heads:
            return
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(
                _MOVE_HEADS, {"source": source, "subjects": list(heads), "seqs": list(heads.values())}
            )
            return
        for subject, seq in heads.items():
            connection.execute(
                stream_head.update()
                .where(stream_head.c.source == source, stream_head.c.subject == subject)
                .values(seq=seq)
            )

    def _watch_for_twins(
        self, tx: Transaction, fresh: Mapping[int, _Arrival], parked: Mapping[int, _Arrival], head: int
    ) -> None:
        """A place that was taken by another event means a source that was restored from an old copy: say so."""
        old = {arrival.envelope.id: arrival for place, arrival in fresh.items() if place <= head}
        if old:
            known = tx.connection.execute(select(inbox.c.event_id).where(inbox.c.event_id.in_(old))).scalars()
            for event_id in set(old) - set(known):
                self._alarm_twin(tx, old[event_id])
        for place in fresh.keys() & parked.keys():
            if fresh[place].envelope.id != parked[place].envelope.id:
                self._alarm_twin(tx, fresh[place])

    def _alarm_twin(self, tx: Transaction, twin: _Arrival) -> None:
        log.error("two events claim one place", source=twin.envelope.source, subject=str(twin.envelope.subject))
        self._put_aside(
            tx, [(Message(twin.body, {"pos": twin.pos}, twin.envelope.type, str(twin.envelope.id)), "twin")]
        )

    # ---- repair

    def reconcile(self, feeds: Mapping[str, Feed], *, idle_s: float) -> int:
        """Pull what the broker lost, when the queue has been silent for a while. Returns how many events were pulled.

        As soon as the queue speaks again the pulling ends: what waits there would only be received twice.
        """

        def is_idle() -> bool:
            return time.monotonic() - self._last_heard >= idle_s

        count = 0
        for source in self.hears:
            mark = self._move_mark(source)
            if not is_idle() or source not in feeds:
                continue
            try:
                page = feeds[source].read(after=mark, limit=LIMIT, subscriber=self.service)
            except FeedUnavailable as problem:
                log.info("feed unavailable", source=source, problem=str(problem))
                continue
            missing = self._unknown(page.messages)
            if missing:
                log.warning("pulled from the feed", source=source, events=len(missing), first=missing[0].headers["pos"])
                for start in range(0, len(missing), 100):
                    if not is_idle():
                        break
                    some = missing[start : start + 100]
                    self._receive(some)
                    pulled.labels(self.service, source).inc(len(some))
                    count += len(some)
                self._move_mark(source)
        return count

    def _unknown(self, messages: Sequence[Message]) -> list[Message]:
        ids = [UUID(message.message_id) for message in messages]
        with self._database.reading() as tx:
            known = set(tx.connection.execute(select(inbox.c.event_id).where(inbox.c.event_id.in_(ids))).scalars())
        return [message for message, event_id in zip(messages, ids, strict=True) if event_id not in known]

    def _move_mark(self, source: str) -> int:
        """Move the mark over what was received without a hole. Returns where it stands."""
        with self._database.housekeeping() as connection:
            row = connection.execute(select(source_mark.c.pos).where(source_mark.c.source == source)).one_or_none()
            if row is None:
                insert_new(connection, source_mark, [{"source": source, "epoch": "", "pos": 0}])
            start = mark = row.pos if row else 0
            for pos in connection.execute(
                select(inbox.c.pos)
                .where(inbox.c.source == source, inbox.c.pos > mark)
                .order_by(inbox.c.pos)
                .limit(5000)
            ).scalars():
                if pos > mark + 1:
                    break
                mark = max(mark, pos)
            if mark != start:
                connection.execute(source_mark.update().where(source_mark.c.source == source).values(pos=mark))
        return mark

    # ---- dead letters, for people

    def replay(self, event_id: UUID) -> bool:
        """Try a dead event again. Returns False when there is none."""
        with self._database.writing() as tx:
            row = tx.connection.execute(
                select(inbox.c.source, inbox.c.subject).where(inbox.c.event_id == event_id, inbox.c.state == "dead")
            ).one_or_none()
            if row is None:
                return False
            tx.connection.execute(
                inbox.update().where(inbox.c.event_id == event_id).values(state="retry", attempts=0, next_at=tx.now)
            )
            self._drain(tx, row.source, [row.subject], {}, is_careful=True)
        return True

    def skip(self, event_id: UUID, *, why: str) -> bool:
        """Go on without a dead event; the row says who decided so. Returns False when there is none."""
        with self._database.writing() as tx:
            row = tx.connection.execute(
                select(inbox.c.source, inbox.c.subject, inbox.c.seq).where(
                    inbox.c.event_id == event_id, inbox.c.state == "dead"
                )
            ).one_or_none()
            if row is None:
                return False
            tx.connection.execute(
                inbox.update()
                .where(inbox.c.event_id == event_id)
                .values(state="skipped", last_error=f"skipped: {why}", body=None)
            )
            self._lock(tx.connection, row.source, [row.subject])
            self._move_heads(tx.connection, row.source, {row.subject: row.seq})
            self._drain(tx, row.source, [row.subject], {}, is_careful=True)
        return True

    def dead(self) -> list[Mapping[str, Any]]:
        """The dead events, oldest first: event_id, source, pos, subject, seq, attempts, last_error, received_at."""
        with self._database.reading() as tx:
            rows = tx.connection.execute(
                select(
                    inbox.c.event_id,
                    inbox.c.source,
                    inbox.c.pos,
                    inbox.c.subject,
                    inbox.c.seq,
                    inbox.c.attempts,
                    inbox.c.last_error,
                    inbox.c.received_at,
                )
                .where(inbox.c.state == "dead")
                .order_by(inbox.c.received_at)
            )
            return [dict(row._mapping) for row in rows]

    def backlog(self) -> dict[str, int]:
        """How many events are in each state that needs attention."""
        with self._database.reading() as tx:
            rows = tx.connection.execute(
                select(inbox.c.state, func.count().label("n"))
                .where(inbox.c.state.in_(("wait", "retry", "dead")))
                .group_by(inbox.c.state)
            )
            return {row.state: row.n for row in rows}


def _cause(envelope: Envelope) -> Cause:
    return Cause(envelope.id, envelope.source, envelope.subject, envelope.time, envelope.correlation)


def _done(arrival: _Arrival) -> dict[str, Any]:
    return {"state": "done", "attempts": arrival.attempts, "next_at": None, "last_error": None, "body": None}


def _parked(arrival: _Arrival) -> dict[str, Any]:
    return {"state": "wait", "attempts": 0, "next_at": None, "last_error": None, "body": arrival.body}


_PARKED = select(inbox).where(
    inbox.c.source == bindparam("source"),
    inbox.c.subject.in_(bindparam("subjects", expanding=True)),
    text(_open_states),
)
# Makes the missing heads and locks the others, in one statement: an update that changes nothing holds the row.
_LOCK_HEADS = (
    "INSERT INTO stream_head (source, subject, seq) SELECT %(source)s, subject, 0 "
    "FROM unnest(CAST(%(subjects)s AS uuid[])) AS new(subject) ORDER BY subject "
    "ON CONFLICT (source, subject) DO UPDATE SET seq = stream_head.seq RETURNING subject, seq"
)
_MOVE_HEADS = (
    "UPDATE stream_head SET seq = new.seq "
    "FROM unnest(CAST(%(subjects)s AS uuid[]), CAST(%(seqs)s AS integer[])) AS new(subject, seq) "
    "WHERE stream_head.source = %(source)s AND stream_head.subject = new.subject"
)
