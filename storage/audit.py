"""Who did what: one row for every act of the office that others rely on, written with the act itself.

Queries of other tables call it inside their own transaction. Rows are only ever added; nothing here can
change or remove one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select

from storage.engine import Connection
from storage.tables import audit


@dataclass(frozen=True, slots=True)
class Entry:
    """`action` is a short word (teach, forget, ignore), `subject` what it was done to, in people's words."""

    at: datetime
    person: str
    action: str
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)


async def note(conn: Connection, *entries: Entry) -> None:
    """Writes the entries; they hold when the caller's transaction does."""
    await conn.execute(
        insert(audit),
        [
            {
                "at": entry.at,
                "person": entry.person,
                "action": entry.action,
                "subject": entry.subject,
                "detail": dict(entry.detail),
            }
            for entry in entries
        ],
    )


async def latest(conn: Connection, limit: int = 50) -> list[Entry]:
    """The newest entries, newest first."""
    rows = await conn.execute(select(audit).order_by(audit.c.id.desc()).limit(limit))
    return [Entry(row.at, row.person, row.action, row.subject, row.detail) for row in rows]


async def between(
    conn: Connection, since: datetime | None, until: datetime | None, *, limit: int
) -> list[Entry]:
    """The newest entries of a span, oldest first; `until` is not included."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if since is not None:
        query = query.where(audit.c.at >= since)
    if until is not None:
        query = query.where(audit.c.at < until)
    rows = await conn.execute(query)
    return [Entry(row.at, row.person, row.action, row.subject, row.detail) for row in rows][::-1]


async def acts(conn: Connection, action: str, since: datetime) -> list[Entry]:
    """Every act of this kind after `since`, oldest first."""
    rows = await conn.execute(_ACTS, {"action": action, "since": since})
    return [Entry(row.at, row.person, row.action, row.subject, row.detail) for row in rows]


_ACTS = (
    select(audit)
    .where(audit.c.action == bindparam("action"), audit.c.at >= bindparam("since"))
    .order_by(audit.c.id)
)


async def version(conn: Connection, actions: Sequence[str]) -> str:
    """Changes with every such act. The count as well as the newest id, because PostgreSQL hands out ids
    before transactions commit: a smaller one may become visible after a larger one."""
    found = await conn.execute(
        select(func.count(), func.max(audit.c.id)).where(audit.c.action.in_(list(actions)))
    )
    count, newest = found.one()
    return f"{count}:{newest or 0}"
