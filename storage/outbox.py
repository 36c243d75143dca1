"""What goes out: a row per message to be sent, claimed under a lease, so that nothing is lost or doubled.

States: `inline` (the door is answering; if it dies the lease runs out and delivery takes over), `queued`,
`sending` (claimed), `sent`, `parked` (cannot succeed without a person; the reason says what to do).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import in_list, together
from storage.tables import outbox

WAITING = ("inline", "queued", "sending")
ANSWER, NOTICE, REMINDER = 0, 5, 9  # priorities: smaller goes first
_CLAIM_LOCK = 0x62717701  # claims are short; taking turns keeps the windows exact over all replicas


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be sent; `after` is the key of the part that must have left before this one."""

    key: str
    channel: str
    target: str
    payload: Mapping[str, Any]
    after: str | None = None
    priority: int = ANSWER
    at: datetime | None = None  # not before; at once when empty


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row this process may send until its lease runs out."""

    id: int
    key: str
    channel: str
    target: str
    payload: Mapping[str, Any]
    attempts: int  # counting this one
    maybe_sent_at: datetime | None  # an earlier attempt may have worked, then


async def add(conn: AsyncConnection, rows: Sequence[tuple[Outgoing, datetime | None]], now: datetime) -> None:
    """Queues rows; one that comes with a time is being answered inline until then.

    A key that is there already raises IntegrityError: the caller meant the same message.
    """
    await conn.execute(
        together(conn, insert(outbox), outbox.c.id, rows=len(rows)),
        [
            {
                "key": row.key,
                "after": row.after,
                "channel": row.channel,
                "target": row.target,
                "payload": row.payload,
                "priority": row.priority,
                "state": "queued" if inline_until is None else "inline",
                "via": "",
                "attempts": 0,
                "next_at": row.at or now,
                "owner": "",
                "lease_until": inline_until,
                "maybe_sent_at": None,
                "reason": "",
                "created_at": now,
                "sent_at": None,
            }
            for row, inline_until in rows
        ],
    )


async def state_of(conn: AsyncConnection, prefix: str) -> dict[str, bool]:
    """The keys that begin so, and whether each still waits for its first attempt and may be taken back."""
    rows = await conn.execute(
        select(outbox.c.key, outbox.c.state, outbox.c.attempts).where(
            outbox.c.key >= prefix, outbox.c.key < prefix + "\uffff"
        )
    )
    return {row.key: row.state == "queued" and row.attempts == 0 for row in rows}


async def waiting_until(conn: AsyncConnection, key: str) -> datetime | None:
    """When this row may leave at the earliest; None when it is gone or somebody has tried to send it."""
    found = await conn.execute(
        select(outbox.c.next_at).where(
            outbox.c.key == key, outbox.c.state == "queued", outbox.c.attempts == 0
        )
    )
    return found.scalar_one_or_none()


async def waiting_from(
    conn: AsyncConnection, prefix: str, *, target: str | None = None
) -> dict[str, datetime]:
    """The rows whose keys begin so and that nobody has tried to send, and when each may leave."""
    query = select(outbox.c.key, outbox.c.next_at).where(
        outbox.c.key >= prefix,
        outbox.c.key < prefix + "\uffff",
        outbox.c.state == "queued",
        outbox.c.attempts == 0,
    )
    if target is not None:
        query = query.where(outbox.c.target == target)
    return {row.key: row.next_at for row in await conn.execute(query)}


async def amend(conn: AsyncConnection, key: str, payload: Mapping[str, Any]) -> bool:
    """Says something else in a row that nobody has tried to send; False when it is gone or was tried."""
    changed = await conn.execute(
        update(outbox)
        .where(outbox.c.key == key, outbox.c.state == "queued", outbox.c.attempts == 0)
        .values(payload=dict(payload))
    )
    return bool(changed.rowcount)


async def payload_of(conn: AsyncConnection, key: str) -> Mapping[str, Any] | None:
    """What a row says."""
    found = await conn.execute(select(outbox.c.payload).where(outbox.c.key == key))
    payload: Mapping[str, Any] | None = found.scalar_one_or_none()
    return payload


async def move(conn: AsyncConnection, keys: Sequence[str], at: datetime) -> None:
    """These rows leave at another time, unless somebody has tried to send them."""
    await conn.execute(
        update(outbox)
        .where(outbox.c.key.in_(in_list(keys)), outbox.c.state == "queued", outbox.c.attempts == 0)
        .values(next_at=at)
    )


async def take_back(conn: AsyncConnection, keys: Sequence[str]) -> int:
    """Removes rows nobody has tried to send; how many there were."""
    result = await conn.execute(
        delete(outbox).where(
            outbox.c.key.in_(in_list(keys)), outbox.c.state == "queued", outbox.c.attempts == 0
        )
    )
    return int(result.rowcount)


async def answered_inline(conn: AsyncConnection, keys: Sequence[str], now: datetime) -> None:
    """The door has written these answers into its own HTTP response."""
    await conn.execute(
        update(outbox)
        .where(outbox.c.key.in_(in_list(keys)), outbox.c.state == "inline")
        .values(state="sent", via="inline", sent_at=now)
    )


async def claim(
    conn: AsyncConnection, *, owner: str, now: datetime, lease: timedelta, limit: int
) -> list[Claimed]:
    """Takes up to `limit` due rows, also those whose holder died, under a lease until `now + lease`.

    Several replicas may call this at once. One person is never served by two at a time, so the count of
    what he was sent lately is exact, and the parts of an answer stay in order.
    """
    if conn.dialect.name == "postgresql":  # SQLite has one writer anyway
        await conn.execute(select(func.pg_advisory_xact_lock(_CLAIM_LOCK)))
    earlier, held = outbox.alias("earlier"), outbox.alias("held")
    part_before = exists().where(earlier.c.key == outbox.c.after, earlier.c.state != "sent")
    being_served = exists().where(
        held.c.target == outbox.c.target, held.c.state == "sending", held.c.lease_until >= now
    )
    turn = func.row_number().over(partition_by=outbox.c.target, order_by=(outbox.c.priority, outbox.c.id))
    due = (
        select(outbox.c.id, outbox.c.priority, turn.label("turn"))
        .where(_due(now), ~part_before, ~being_served)
        .subquery()
    )
    first = select(due.c.id).where(due.c.turn == 1).order_by(due.c.priority, due.c.id).limit(limit)
    rows = await conn.execute(
        update(outbox)
        .where(outbox.c.id.in_(first.scalar_subquery()))
        .values(
            state="sending",
            owner=owner,
            lease_until=now + lease,
            attempts=outbox.c.attempts + 1,
            # Its holder died while sending: nobody knows how far it came.
            maybe_sent_at=case(
                (outbox.c.state == "sending", func.coalesce(outbox.c.maybe_sent_at, outbox.c.lease_until)),
                else_=outbox.c.maybe_sent_at,
            ),
        )
        .returning(
            outbox.c.id,
            outbox.c.key,
            outbox.c.channel,
            outbox.c.target,
            outbox.c.payload,
            outbox.c.attempts,
            outbox.c.maybe_sent_at,
            outbox.c.priority,
        )
    )
    return [Claimed(*row[:7]) for row in sorted(rows, key=lambda row: (row.priority, row.id))]


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(outbox.c.state == "queued", outbox.c.next_at <= now),
        and_(outbox.c.state.in_(("inline", "sending")), outbox.c.next_at <= now, outbox.c.lease_until < now),
    )


async def sent(conn: AsyncConnection, row: Claimed, *, owner: str, now: datetime) -> bool:
    """Marks a claimed row sent; False when the lease had passed to another in the meantime."""
    return await _finish(conn, row, owner, {"state": "sent", "via": "push", "sent_at": now, "reason": ""})


async def retry_at(
    conn: AsyncConnection,
    row: Claimed,
    *,
    owner: str,
    at: datetime,
    reason: str,
    maybe_sent_at: datetime | None = None,
) -> bool:
    """Gives a claimed row back, to be tried again at `at`."""
    values = {"state": "queued", "next_at": at, "reason": reason, "maybe_sent_at": maybe_sent_at}
    return await _finish(conn, row, owner, values)


async def postpone(conn: AsyncConnection, row: Claimed, *, owner: str, at: datetime, reason: str) -> bool:
    """Gives back a row that was not tried (a limit was reached): the attempt is not counted."""
    return await _finish(
        conn,
        row,
        owner,
        {"state": "queued", "next_at": at, "reason": reason, "attempts": outbox.c.attempts - 1},
    )


async def park(conn: AsyncConnection, row: Claimed, *, owner: str, reason: str) -> bool:
    """Sets aside a row that cannot succeed without a person."""
    return await _finish(conn, row, owner, {"state": "parked", "reason": reason})


async def _finish(conn: AsyncConnection, row: Claimed, owner: str, values: dict[str, Any]) -> bool:
    result = await conn.execute(
        update(outbox)
        .where(outbox.c.id == row.id, outbox.c.owner == owner, outbox.c.state == "sending")
        .values(lease_until=None, **values)
    )
    return result.rowcount == 1


async def pushed_between(
    conn: AsyncConnection, target: str, since: datetime, until: datetime
) -> list[datetime]:
    """When this person was pushed something, oldest first: WeCom's windows are counted from it."""
    rows = await conn.execute(
        select(outbox.c.sent_at)
        .where(
            outbox.c.target == target,
            outbox.c.sent_at > since,
            outbox.c.sent_at <= until,
            outbox.c.via == "push",
        )
        .order_by(outbox.c.sent_at)
    )
    return [row.sent_at for row in rows]


async def counts(conn: AsyncConnection) -> dict[str, int]:
    """How many rows are in each state that is not finished."""
    rows = await conn.execute(
        select(outbox.c.state, func.count().label("waiting"))
        .where(outbox.c.state.in_((*WAITING, "parked")))
        .group_by(outbox.c.state)
    )
    return {row.state: row.waiting for row in rows}


@dataclass(frozen=True, slots=True)
class Parked:
    """A row that waits for a person."""

    id: int
    target: str
    payload: Mapping[str, Any]
    reason: str
    created_at: datetime


async def parked(conn: AsyncConnection, limit: int = 50) -> list[Parked]:
    """The rows set aside, oldest first."""
    rows = await conn.execute(
        select(outbox.c.id, outbox.c.target, outbox.c.payload, outbox.c.reason, outbox.c.created_at)
        .where(outbox.c.state == "parked")
        .order_by(outbox.c.id)
        .limit(limit)
    )
    return [Parked(*row) for row in rows]


async def release(conn: AsyncConnection, ids: Sequence[int] | None, now: datetime) -> int:
    """Queues parked rows again, as if new (all of them for None); how many there were."""
    chosen = outbox.c.state == "parked"
    if ids is not None:
        chosen = and_(chosen, outbox.c.id.in_(ids))
    result = await conn.execute(
        update(outbox).where(chosen).values(state="queued", attempts=0, next_at=now, reason="")
    )
    return int(result.rowcount)
