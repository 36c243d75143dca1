"""What was pushed to whom and when: WeCom's windows and the office's own caps are counted from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, literal_column, or_, select

from storage.engine import Connection, in_list
from storage.tables import UtcDateTime, outbox

_AT_ONCE = 1024  # keys per statement


@dataclass(frozen=True, slots=True)
class Pushed:
    """A push that has left or will; `at` is when. `waits`: nobody has tried to send it, so it may change."""

    key: str
    target: str
    at: datetime
    waits: bool


async def lately(
    conn: Connection, targets: Sequence[str], since: datetime, until: datetime
) -> dict[str, list[datetime]]:
    """When each of these was pushed something, oldest first."""
    found: dict[str, list[datetime]] = {}
    for row in await conn.execute(_LATELY, {"targets": targets, "since": since, "until": until}):
        found.setdefault(row.target, []).append(row.sent_at)
    return found


async def with_keys(conn: Connection, keys: Sequence[str]) -> list[Pushed]:
    """Those of these pushes that exist."""
    found: list[Pushed] = []
    for start in range(0, len(keys), _AT_ONCE):
        found += await _where(conn, outbox.c.key.in_(in_list(keys[start : start + _AT_ONCE])))
    return found


async def beginning_with(conn: Connection, prefixes: Sequence[str]) -> list[Pushed]:
    """The pushes whose keys begin with one of these; the further parts of a long message do not count."""
    if not prefixes:
        return []
    between = [(outbox.c.key >= prefix) & (outbox.c.key < f"{prefix}\uffff") for prefix in prefixes]
    return await _where(conn, or_(*between) & outbox.c.after.is_(None))


async def asked_on(conn: Connection, target: str, day: str, since: datetime) -> set[str]:
    """The keys of what asks or reminds this person and is dated that day, or left after `since`."""
    ours = or_(*(outbox.c.key.startswith(f"{kind}:", autoescape=True) for kind in ("ask", "remind")))
    dated = outbox.c.key.in_([f"{kind}:{day}:{target}" for kind in ("ask", "remind")])
    left = (outbox.c.sent_at >= since) & ours
    rows = await conn.execute(
        select(outbox.c.key).where(
            outbox.c.target == target, outbox.c.state != "dropped", outbox.c.after.is_(None), or_(dated, left)
        )
    )
    return set(rows.scalars())


async def _where(conn: Connection, condition: ColumnElement[bool]) -> list[Pushed]:
    """A dropped message reached nobody, so it does not count."""
    rows = await conn.execute(
        select(
            outbox.c.key,
            outbox.c.target,
            func.coalesce(outbox.c.sent_at, outbox.c.next_at, type_=UtcDateTime).label("at"),
            ((outbox.c.state == "queued") & (outbox.c.attempts == 0)).label("waits"),
        ).where(condition, outbox.c.state != "dropped")
    )
    return [Pushed(row.key, row.target, row.at, bool(row.waits)) for row in rows]


# Put together once: every claim asks it.
_LATELY = (
    select(outbox.c.target, outbox.c.sent_at)
    .where(
        outbox.c.target.in_(bindparam("targets", expanding=True)),
        outbox.c.sent_at > bindparam("since", type_=UtcDateTime),
        outbox.c.sent_at <= bindparam("until", type_=UtcDateTime),
        outbox.c.via == literal_column("'push'"),  # written out, for the partial index
    )
    .order_by(outbox.c.sent_at)
)
