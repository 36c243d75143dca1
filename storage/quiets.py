"""暂停催办: the spans in which nobody is reminded and nothing is escalated, such as a typhoon.

The office declares and ends them in chat; jobs and rounds ask before they write. Both acts are audited.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from storage import audit
from storage.engine import Connection
from storage.tables import quiets

PAUSE, RESUME = "pause", "resume"


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `since` until `until`, which is not part of it; `ended_at` where somebody ended it before."""

    reason: str
    since: datetime
    until: datetime
    by: str
    ended_at: datetime | None = None
    id: int = 0

    @property
    def end(self) -> datetime:
        return min(self.ended_at, self.until) if self.ended_at else self.until


async def declare(conn: Connection, quiet: Quiet) -> None:
    await conn.execute(
        insert(quiets).values(
            reason=quiet.reason,
            since=quiet.since,
            until=quiet.until,
            by=quiet.by,
            ended_at=None,
            ended_by="",
        )
    )
    detail = {"until": quiet.until.isoformat()}
    await audit.note(conn, audit.Entry(quiet.since, quiet.by, PAUSE, quiet.reason, detail))


async def end(conn: Connection, *, by: str, now: datetime) -> list[Quiet]:
    """Ends whatever is in force; what was ended."""
    found = [one for one in await since(conn, now) if one.since <= now]
    for one in found:
        await conn.execute(update(quiets).where(quiets.c.id == one.id).values(ended_at=now, ended_by=by))
        await audit.note(conn, audit.Entry(now, by, RESUME, one.reason))
    return found


_SINCE = select(quiets).where(quiets.c.until > bindparam("moment")).order_by(quiets.c.since)


async def since(conn: Connection, moment: datetime) -> list[Quiet]:
    """Those that end after `moment`, the earliest first: in force, to come, or lately over."""
    rows = await conn.execute(_SINCE, {"moment": moment})
    found = [Quiet(row.reason, row.since, row.until, row.by, row.ended_at, row.id) for row in rows]
    return [one for one in found if one.end > moment]
