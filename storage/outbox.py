"""What goes out: a row per message to be sent, claimed under a lease, so that nothing is lost or doubled.

States: `inline` (the door is answering; if it dies the lease runs out and delivery takes over), `queued`,
`sending` (claimed), `sent`, `parked` (cannot succeed without a person; the reason says what to do),
`dropped` (parked, and a person decided against it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Integer,
    Row,
    Select,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import in_list, together
from storage.tables import UtcDateTime, outbox

WAITING = ("inline", "queued", "sending")
ANSWER, NOTICE, REMINDER = 0, 5, 9  # priorities: smaller goes first
_CLAIM_LOCK = 0x62717701  # claims are short; taking turns keeps the windows exact over all replicas
_SPARE = 4  # rows looked at for each that is wanted

# Written out, not bound: SQLite uses a partial index only where its condition stands in the statement.
_IS_QUEUED = outbox.c.state == literal_column("'queued'")
_IS_LEASED = outbox.c.state.in_([literal_column("'inline'"), literal_column("'sending'")])
_IS_PARKED = outbox.c.state == literal_column("'parked'")


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
    priority: int


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


# Statements of every job and every claim are put together once: that takes longer than running them.

_BEGINS_SO = (outbox.c.key >= bindparam("first"), outbox.c.key < bindparam("last"))
_STATE_OF = select(outbox.c.key, outbox.c.state, outbox.c.attempts).where(*_BEGINS_SO)
_WAITING_FROM = select(outbox.c.key, outbox.c.next_at).where(
    *_BEGINS_SO, outbox.c.state == "queued", outbox.c.attempts == 0
)


async def put(conn: AsyncConnection, row: Outgoing, now: datetime) -> None:
    """Queues a row in place of one with its key that has not left; one that has left is not repeated."""
    there = (await conn.execute(select(outbox.c.state).where(outbox.c.key == row.key))).scalar_one_or_none()
    if there is None:
        await add(conn, [(row, None)], now)
    elif there == "queued":
        await conn.execute(update(outbox).where(outbox.c.key == row.key).values(payload=row.payload))


async def state_of(conn: AsyncConnection, prefix: str, until: str = "") -> dict[str, bool]:
    """The keys that begin so, or stand between that and a later beginning, and whether each still waits for
    its first attempt and may be taken back."""
    rows = await conn.execute(_STATE_OF, {"first": prefix, "last": (until or prefix) + "\uffff"})
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
    query = _WAITING_FROM if target is None else _WAITING_FROM.where(outbox.c.target == target)
    rows = await conn.execute(query, {"first": prefix, "last": prefix + "\uffff"})
    return {row.key: row.next_at for row in rows}


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


async def hand_over(
    conn: AsyncConnection, key: str, now: datetime, *, maybe_sent: bool, reason: str = ""
) -> bool:
    """The door could not answer with this one: delivery sends it, now; False when it has left its hands.

    `maybe_sent`: the door tried, and nobody knows how far it came.
    """
    values = {"state": "queued", "next_at": now, "lease_until": None, "reason": reason}
    done = await conn.execute(
        update(outbox)
        .where(outbox.c.key == key, outbox.c.state == "inline")
        .values(maybe_sent_at=now if maybe_sent else None, **values)
    )
    return done.rowcount == 1


async def let_be(conn: AsyncConnection, key: str, reason: str) -> None:
    """What the door could not say in time, and what nobody wants to hear later."""
    await conn.execute(
        update(outbox)
        .where(outbox.c.key == key, outbox.c.state == "inline")
        .values(state="dropped", lease_until=None, reason=reason)
    )


async def take_turn(conn: AsyncConnection) -> None:
    """Claims, and what is counted with them, happen one after another over all replicas."""
    if conn.dialect.name == "postgresql":  # SQLite has one writer anyway
        await conn.execute(select(func.pg_advisory_xact_lock(_CLAIM_LOCK)))


async def claim(
    conn: AsyncConnection,
    *,
    owner: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    patient: int | None = None,
    channel: str = "app",
) -> list[Claimed]:
    """Takes up to `limit` due rows, also those whose holder died, under a lease until `now + lease`.

    At most `patient` of them are no answers. Several replicas may call this at once. One person is never
    served by two at a time, so the count of what he was sent lately is exact, and the parts of an answer
    stay in order.
    """
    await take_turn(conn)
    others = limit if patient is None else min(patient, limit)
    looked_at = {"answers": _SPARE * limit, "others": _SPARE * others}
    candidates = await conn.execute(_CANDIDATES, {"channel": channel, "now": now, **looked_at})
    ids = _chosen(sorted(candidates, key=lambda row: (row.priority, row.next_at, row.id)), limit, others)
    if not ids:
        return []
    held = {"ids": ids, "to": owner, "until": now + lease}
    place = {id: number for number, id in enumerate(ids)}
    return sorted((Claimed(*row) for row in await conn.execute(_TAKE, held)), key=lambda row: place[row.id])


def _chosen(candidates: Sequence[Row[Any]], limit: int, others: int) -> list[int]:
    """The first row of each person, in order, within both bounds."""
    first: dict[str, Row[Any]] = {}
    for row in candidates:
        if len(first) == limit:
            break
        if row.priority == ANSWER:
            first.setdefault(row.target, row)
        elif others > 0 and row.target not in first:
            first[row.target] = row
            others -= 1
    return [row.id for row in first.values()]


def _free() -> Select[Any]:
    """Due rows whose part before has left and whose person nobody else is serving."""
    earlier, held, now = outbox.alias("earlier"), outbox.alias("held"), bindparam("now", type_=UtcDateTime)
    part_before = exists().where(earlier.c.key == outbox.c.after, earlier.c.state != "sent")
    being_served = exists().where(
        held.c.target == outbox.c.target,
        held.c.state == literal_column("'sending'"),
        held.c.lease_until >= now,
    )
    return select(outbox.c.id, outbox.c.target, outbox.c.priority, outbox.c.next_at).where(
        outbox.c.channel == bindparam("channel"), outbox.c.next_at <= now, ~part_before, ~being_served
    )


def _queued(priority: int, most: str) -> Select[Any]:
    due = _free().where(_IS_QUEUED, outbox.c.priority == priority)
    return due.order_by(outbox.c.next_at, outbox.c.id).limit(bindparam(most, type_=Integer))


def _lapsed() -> Select[Any]:
    now, most = bindparam("now", type_=UtcDateTime), bindparam("answers", type_=Integer)
    return _free().where(_IS_LEASED, outbox.c.lease_until < now).limit(most)


# The first due rows of each priority, more than are wanted: a person may have several.
_CANDIDATES = union_all(
    *(
        select(part.subquery())
        for part in (
            _queued(ANSWER, "answers"), _queued(NOTICE, "others"), _queued(REMINDER, "others"), _lapsed(),
        )
    )
)  # fmt: skip
_TAKE = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        state="sending",
        owner=bindparam("to"),
        lease_until=bindparam("until", type_=UtcDateTime),
        attempts=outbox.c.attempts + 1,
        # Its holder died while sending: nobody knows how far it came.
        maybe_sent_at=case(
            (outbox.c.state == "sending", func.coalesce(outbox.c.maybe_sent_at, outbox.c.lease_until)),
            else_=outbox.c.maybe_sent_at,
        ),
    )
    .returning(*(outbox.c[name] for name in Claimed.__slots__))
)
_SENT = (
    update(outbox)
    .where(
        outbox.c.id.in_(bindparam("ids", expanding=True)),
        outbox.c.owner == bindparam("by"),
        outbox.c.state == "sending",
    )
    .values(state="sent", via="push", sent_at=bindparam("at", type_=UtcDateTime), reason="", lease_until=None)
    .returning(outbox.c.id)
)


async def sent(conn: AsyncConnection, row: Claimed, *, owner: str, now: datetime) -> bool:
    """Marks a claimed row sent; False when the lease had passed to another in the meantime."""
    return row.id in await sent_all(conn, [row], owner=owner, now=now)


async def sent_all(conn: AsyncConnection, rows: Sequence[Claimed], *, owner: str, now: datetime) -> set[int]:
    """Marks claimed rows sent; which of them were still ours."""
    result = await conn.execute(_SENT, {"ids": [row.id for row in rows], "by": owner, "at": now})
    return set(result.scalars())


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


async def postpone(
    conn: AsyncConnection,
    row: Claimed,
    *,
    owner: str,
    now: datetime,
    at: datetime,
    reason: str,
    alone: bool = False,
) -> bool:
    """Gives back a row that was not tried because its target may get nothing before `at`: the attempt is
    not counted, and the target's other rows wait with it, unless it is `alone` in this."""
    values = {"state": "queued", "next_at": at, "reason": reason, "attempts": outbox.c.attempts - 1}
    if not alone:
        others = (outbox.c.channel == row.channel, outbox.c.target == row.target, outbox.c.next_at <= now)
        await conn.execute(update(outbox).where(_IS_QUEUED, *others).values(next_at=at, reason=reason))
    return await _finish(conn, row, owner, values)


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


async def counts(conn: AsyncConnection) -> dict[str, int]:
    """How many rows are in each state that is not finished."""
    rows = await conn.execute(
        union_all(
            *(
                select(outbox.c.state, func.count().label("waiting")).where(waiting).group_by(outbox.c.state)
                for waiting in (_IS_QUEUED, _IS_LEASED, _IS_PARKED)
            )
        )
    )
    return {row.state: row.waiting for row in rows}
