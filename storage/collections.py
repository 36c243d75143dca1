"""定期报送 such as point 40's videos: the notice says 定期, the office says how often and of whom.

`handlers/collections.py` writes, `scheduler/collections.py` opens a round on the day. A name is used once:
setting it again changes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from storage import audit
from storage.engine import Connection
from storage.tables import collections

SET, END = "collection-set", "collection-end"


@dataclass(frozen=True, slots=True)
class Collection:
    """`every` is weekly, fortnightly, monthly or quarterly; `day` of the week (1 is Monday) or month."""

    doc_number: str
    name: str
    point: int
    units: tuple[str, ...]
    every: str
    day: int
    by: str
    at: datetime


async def running(conn: Connection, doc_number: str) -> list[Collection]:
    """Those that have not ended, in the order they were set."""
    rows = await conn.execute(
        select(collections)
        .where(collections.c.doc_number == doc_number, collections.c.ended_at.is_(None))
        .order_by(collections.c.id)
    )
    return [_collection(row) for row in rows]


async def put(conn: Connection, one: Collection) -> None:
    """Begins it, or changes the one of this name, also one that had ended."""
    values = {
        "doc_number": one.doc_number,
        "name": one.name,
        "point": one.point,
        "units": list(one.units),
        "every": one.every,
        "day": one.day,
        "by": one.by,
        "at": one.at,
        "ended_at": None,
    }
    changed = await conn.execute(
        update(collections)
        .where(collections.c.doc_number == one.doc_number, collections.c.name == one.name)
        .values(values)
    )
    if not changed.rowcount:
        await conn.execute(insert(collections).values(values))
    detail = {"point": one.point, "units": list(one.units), "every": one.every, "day": one.day}
    await audit.note(conn, audit.Entry(one.at, one.by, SET, one.name, detail))


async def end(conn: Connection, one: Collection, *, by: str, now: datetime) -> None:
    await conn.execute(
        update(collections)
        .where(collections.c.doc_number == one.doc_number, collections.c.name == one.name)
        .values(ended_at=now)
    )
    await audit.note(conn, audit.Entry(now, by, END, one.name))


def _collection(row: Any) -> Collection:
    return Collection(
        row.doc_number, row.name, row.point, tuple(row.units), row.every, row.day, row.by, row.at
    )
