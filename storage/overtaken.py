"""Messages of the clock that never left, and that a newer one of their kind takes the place of.

Their keys are kind:day:person, further parts behind that. Only what certainly reached nobody counts: no try
of it may have worked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import delete, or_, select

from storage.engine import Connection
from storage.tables import outbox

_UNSENT = ("queued", "parked")


async def days(conn: Connection, kind: str, before: date, persons: Collection[str]) -> dict[str, list[date]]:
    """For each of these persons the earlier days whose message of this kind never left, oldest first."""
    rows = await conn.execute(
        select(outbox.c.key, outbox.c.target)
        .where(outbox.c.key >= f"{kind}:", outbox.c.key < f"{kind}:{before.isoformat()}")
        .where(outbox.c.state.in_(_UNSENT), outbox.c.maybe_sent_at.is_(None), outbox.c.after.is_(None))
        .order_by(outbox.c.key)
    )
    found: dict[str, list[date]] = {}
    for row in rows:
        if row.target in persons:
            found.setdefault(row.target, []).append(date.fromisoformat(row.key.split(":")[1]))
    return found


async def remove(conn: Connection, kind: str, found: Mapping[str, Collection[date]]) -> None:
    """Takes these messages back, with everything that was to follow them."""
    for person, when in found.items():
        for day in when:
            key = f"{kind}:{day.isoformat()}:{person}"
            whole = or_(outbox.c.key == key, outbox.c.key.startswith(f"{key}:", autoescape=True))
            await conn.execute(delete(outbox).where(whole, outbox.c.state.in_(_UNSENT)))
