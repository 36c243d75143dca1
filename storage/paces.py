"""How fast each scope may send and whether it is paused: one row that all replicas share.

Read and written only after `storage/outbox.py:take_turn`, so that what one replica took the next one sees.
What the numbers mean is `bot/pacing.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, insert, select, update

from storage.engine import Connection
from storage.tables import paces


@dataclass(frozen=True, slots=True)
class Pace:
    """`scope` is a channel, “tenant”, or a channel and one of its targets."""

    scope: str
    next_at: datetime  # when the next message has its turn
    day: date
    used: int = 0  # messages on that day
    paused_until: datetime | None = None
    reason: str = ""


async def read(conn: Connection, scopes: Iterable[str]) -> dict[str, Pace]:
    """The rows there are; a scope that never sent has none."""
    return {row.scope: Pace(*row) for row in await conn.execute(_READ, {"scopes": sorted(scopes)})}


async def paused(conn: Connection, now: datetime) -> list[Pace]:
    """What WeCom refuses just now, for people to see."""
    rows = await conn.execute(select(paces).where(paces.c.paused_until > now).order_by(paces.c.scope))
    return [Pace(*row) for row in rows]


async def write(conn: Connection, pace: Pace) -> None:
    """Keeps the row; two replicas never do it at once."""
    done = await conn.execute(_UPDATE, {**asdict(pace), "of": pace.scope})
    if done.rowcount == 0:
        await conn.execute(insert(paces).values(asdict(pace)))


# Put together once: every claim uses them.
_READ = select(paces).where(paces.c.scope.in_(bindparam("scopes", expanding=True)))
_UPDATE = (
    update(paces)
    .where(paces.c.scope == bindparam("of"))
    .values({column: bindparam(column.name, type_=column.type) for column in paces.columns})
)
