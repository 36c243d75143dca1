"""Outbox rows that were set aside: the office reads them, sends them again or decides against them.

Who decided what is written by the caller (`storage/audit.py`) in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal_column, select, update

from storage.engine import Connection
from storage.tables import outbox

_IS_PARKED = outbox.c.state == literal_column("'parked'")  # written out, for the partial index
_SHORT = 24  # characters of a message in a list


@dataclass(frozen=True, slots=True)
class Parked:
    """A row that waits for a person."""

    id: int
    target: str
    payload: Mapping[str, Any]
    reason: str
    created_at: datetime

    @property
    def beginning(self) -> str:
        """The first words of what was to be sent."""
        said = self.payload.get("text") or self.payload.get("label") or self.payload.get("name") or ""
        words = " ".join(str(said).split())
        return words if len(words) <= _SHORT else f"{words[:_SHORT]}……"


async def listed(conn: Connection, limit: int = 50) -> list[Parked]:
    """The rows set aside, oldest first."""
    rows = await conn.execute(
        select(*(outbox.c[name] for name in Parked.__slots__))
        .where(_IS_PARKED)
        .order_by(outbox.c.id)
        .limit(limit)
    )
    return [Parked(*row) for row in rows]


async def count(conn: Connection) -> int:
    return int((await conn.execute(select(func.count()).where(_IS_PARKED))).scalar_one())


async def release(conn: Connection, ids: Sequence[int] | None, now: datetime) -> int:
    """Queues parked rows again, as if new (all of them for None); how many there were.

    Only the app can ask WeCom to drop a repetition; elsewhere the person who says so has looked.
    """
    maybe = case((outbox.c.channel == "app", outbox.c.maybe_sent_at), else_=None)
    again = {"state": "queued", "attempts": 0, "next_at": now, "reason": "", "maybe_sent_at": maybe}
    result = await conn.execute(update(outbox).where(_chosen(ids)).values(again))
    return int(result.rowcount)


async def undelivered(
    conn: Connection,
    channel: str,
    target: str,
    is_it: Callable[[str], bool],
    *,
    reason: str,
    since: datetime,
) -> bool:
    """Sets aside a message that had been sent and did not arrive; `is_it` knows its key. False for none."""
    sent = await conn.execute(
        select(outbox.c.id, outbox.c.key).where(
            outbox.c.target.in_([target, target.lower()]),
            outbox.c.sent_at >= since,
            outbox.c.channel == channel,
            outbox.c.state == "sent",
        )
    )
    ids = [row.id for row in sent if is_it(row.key)]
    await conn.execute(update(outbox).where(outbox.c.id.in_(ids)).values(state="parked", reason=reason))
    return bool(ids)


async def drop(conn: Connection, ids: Sequence[int]) -> int:
    """These will not be sent after all; how many were still parked.

    The further parts of such a message would wait for ever, so they are dropped with it.
    """
    result = await conn.execute(
        update(outbox).where(_chosen(ids)).values(state="dropped").returning(outbox.c.key)
    )
    keys = list(result.scalars())
    dropped = len(keys)
    while keys:
        further = await conn.execute(
            update(outbox)
            .where(outbox.c.after.in_(keys), outbox.c.state.in_(("queued", "parked")))
            .values(state="dropped")
            .returning(outbox.c.key)
        )
        keys = list(further.scalars())
    return dropped


def _chosen(ids: Sequence[int] | None) -> ColumnElement[bool]:
    return _IS_PARKED if ids is None else and_(_IS_PARKED, outbox.c.id.in_(ids))
