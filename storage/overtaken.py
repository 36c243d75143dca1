"""Messages of the clock that never left, and that a newer one of their kind takes the place of.

Their keys are kind:day:person, further parts behind that. Only what certainly reached nobody counts: no try
of it may have worked.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import delete

from storage.engine import Connection
from storage.tables import outbox

_QUEUED, _UNSENT = ("queued",), ("queued", "parked")


async def take_back(
    conn: Connection, kind: str, before: date, persons: Collection[str], *, parked: bool = True
) -> dict[str, list[date]]:
    """Removes these persons' messages of this kind of earlier days, with everything that was to follow them;
    of which days, oldest first. What a process has begun to send meanwhile is left alone; what was given up
    is, too, without `parked`."""
    states = _UNSENT if parked else _QUEUED
    rows = await conn.execute(
        delete(outbox)
        .where(outbox.c.key >= f"{kind}:", outbox.c.key < f"{kind}:{before.isoformat()}")
        .where(outbox.c.state.in_(states), outbox.c.maybe_sent_at.is_(None), outbox.c.after.is_(None))
        .where(outbox.c.target.in_(persons))
        .returning(outbox.c.key, outbox.c.target)
    )
    found: dict[str, list[date]] = {}
    for key, person in sorted((row.key, row.target) for row in rows):
        found.setdefault(person, []).append(date.fromisoformat(key.split(":")[1]))
        follows = outbox.c.key.startswith(f"{key}:", autoescape=True)
        await conn.execute(delete(outbox).where(follows, outbox.c.state.in_(_UNSENT)))
    return found
