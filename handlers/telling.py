"""A word to somebody else beside the answer: to one person, to a unit's liaison, or to the office's admins.

One outbox row each, written in the message's own transaction, that leaves at the next decent hour.
"""

from __future__ import annotations

from datetime import datetime

from handlers.context import Context
from storage import outbox, people
from storage.message import Reply, Text, dump
from storage.people import Person


async def person(key: str, userid: str, said: Reply, ctx: Context, *, at: datetime | None = None) -> None:
    """`key` is told once, however often it is asked for."""
    await _write([_row(key, userid, said, ctx, at)], ctx)


async def liaison(
    key: str, unit: str, text: str, ctx: Context, *, at: datetime | None = None
) -> Person | None:
    """Who is told, or None where the unit has no liaison."""
    found = (await people.liaison_of(ctx.conn, [unit])).get(unit)
    if found is not None:
        await person(key, found.userid, Text(text), ctx, at=at)
    return found


async def office(key: str, said: Reply, ctx: Context) -> None:
    """Every admin gets it."""
    await _write([_row(f"{key}:{admin}", admin, said, ctx, None) for admin in sorted(ctx.admins)], ctx)


def _row(key: str, userid: str, said: Reply, ctx: Context, at: datetime | None) -> outbox.Outgoing:
    at = at or ctx.workdays.next_slot(ctx.now)
    return outbox.Outgoing(key, "app", userid, dump(said), priority=outbox.NOTICE, at=at)


async def _write(rows: list[outbox.Outgoing], ctx: Context) -> None:
    if rows:
        await outbox.add(ctx.conn, [(row, None) for row in rows], ctx.now)
