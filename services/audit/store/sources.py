"""What is known of each source: how far its chain reaches, its keys, what it said of itself, what of it waits."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update

from services.audit.domain.chain import Head
from services.audit.store.log import load_log
from services.audit.store.tables import event_index, held, refused, source, source_key, source_told, tile, withheld
from services.audit.tlog.tree import HASH, WIDTH
from shared.db import Reading, Transaction
from shared.sql import insert_new


def load_heads(tx: Reading) -> dict[str, Head]:
    """How far each source came that was ever heard."""
    rows = tx.connection.execute(select(source))
    return {row.source: Head(row.source, row.epoch, row.pos, bytes(row.head), row.is_frozen) for row in rows}


def save_head(tx: Transaction, head: Head) -> None:
    values = {
        "epoch": head.epoch,
        "pos": head.pos,
        "head": head.leaf,
        "is_frozen": head.is_frozen,
        "seen_at": tx.now,
    }
    changed = tx.connection.execute(update(source).where(source.c.source == head.source).values(**values))
    if not changed.rowcount:
        tx.connection.execute(source.insert().values(source=head.source, **values))


def load_keys(tx: Reading) -> dict[tuple[str, str], bytes]:
    """(source, short name of the key) → public key, for every key that the log has accepted."""
    return {(row.source, row.kid): bytes(row.public_key) for row in tx.connection.execute(select(source_key))}


def add_key(tx: Transaction, name: str, kid: str, public_key: bytes, *, since_pos: int) -> None:
    row = {"source": name, "kid": kid, "public_key": public_key, "since_pos": since_pos}
    insert_new(tx.connection, source_key, [row])


def known_leaves(tx: Reading, name: str, positions: Sequence[int]) -> dict[int, bytes]:
    """Leaf hashes of a source's events that were taken before, by their position."""
    rows = tx.connection.execute(
        select(event_index.c.pos, event_index.c.idx).where(
            event_index.c.source == name, event_index.c.pos.in_(positions)
        )
    ).all()
    runs: dict[int, bytes] = {}
    leaves = {}
    for pos, idx in rows:
        number = idx // WIDTH
        if number not in runs:
            runs[number] = _leaf_run(tx, number)
        leaves[pos] = runs[number][idx % WIDTH * HASH : (idx % WIDTH + 1) * HASH]
    kept_out = tx.connection.execute(
        select(withheld.c.pos, withheld.c.leaf).where(withheld.c.source == name, withheld.c.pos.in_(positions))
    )
    return leaves | {pos: bytes(leaf) for pos, leaf in kept_out}


def _leaf_run(tx: Reading, number: int) -> bytes:
    data = tx.connection.execute(select(tile.c.data).where(tile.c.level == 0, tile.c.n == number)).scalar()
    return bytes(data) if data is not None else load_log(tx).tree.edge[0]


def add_withheld(tx: Transaction, name: str, pos: int, leaf: bytes, idx: int) -> None:
    tx.connection.execute(withheld.insert().values(source=name, pos=pos, leaf=leaf, idx=idx))


@dataclass(frozen=True)
class Told:
    """What a source said of itself when it was last asked."""

    pos: int
    head: bytes
    unnumbered: int
    unnumbered_age_s: int
    asked_at: datetime


def save_told(tx: Transaction, name: str, told: Told) -> None:
    values = vars(told)
    changed = tx.connection.execute(update(source_told).where(source_told.c.source == name).values(**values))
    if not changed.rowcount:
        tx.connection.execute(source_told.insert().values(source=name, **values))


def load_told(tx: Reading) -> dict[str, Told]:
    rows = tx.connection.execute(select(source_told))
    return {
        row.source: Told(row.pos, bytes(row.head), row.unnumbered, row.unnumbered_age_s, row.asked_at) for row in rows
    }


# ---- what waits, and what was turned away


def load_held(tx: Reading, name: str, *, limit: int) -> list[tuple[int, dict[str, Any], bytes]]:
    """Events of a source that wait for those before them: position, headers, body."""
    rows = tx.connection.execute(select(held).where(held.c.source == name).order_by(held.c.pos).limit(limit))
    return [(row.pos, json.loads(row.headers), bytes(row.body)) for row in rows]


def count_held(tx: Reading) -> dict[str, tuple[int, int]]:
    """Source → how many events are held, and their bytes."""
    rows = tx.connection.execute(
        select(held.c.source, func.count(), func.coalesce(func.sum(func.length(held.c.body)), 0)).group_by(
            held.c.source
        )
    )
    return {name: (count, size) for name, count, size in rows}


def hold(tx: Transaction, name: str, pos: int, headers: Mapping[str, Any], body: bytes) -> None:
    row = {"source": name, "pos": pos, "headers": json.dumps(dict(headers), default=str), "body": body}
    insert_new(tx.connection, held, [row])


def let_go(tx: Transaction, name: str, up_to: int) -> None:
    """Forget held events that have been taken."""
    tx.connection.execute(delete(held).where(held.c.source == name, held.c.pos <= up_to))


def refuse(tx: Transaction, name: str, reason: str, headers: Mapping[str, Any], body: bytes) -> None:
    """Keep a message that was turned away, for people to look at; the same one again is the same row."""
    told = json.dumps(dict(headers), default=str)[:2000]
    row = {
        "id": UUID(bytes=hashlib.sha256(told.encode() + body).digest()[:16]),
        "source": name[:16],
        "reason": reason[:32],
        "headers": told,
        "body": body[:65536],
        "at": tx.now,
    }
    insert_new(tx.connection, refused, [row])


def forget_refused(tx: Transaction, before: datetime) -> int:
    return tx.connection.execute(delete(refused).where(refused.c.at < before)).rowcount


def count_refused(tx: Reading) -> int:
    return tx.connection.execute(select(func.count()).select_from(refused)).scalar_one()
