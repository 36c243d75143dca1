"""When a leader reads his digest, and of what: one row per person, changed in chat, each change audited.

`handlers/subscriptions.py` writes, `scheduler/digests.py` reads. Who has no row reads the usual digest at the
usual time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, time
from typing import Any

from sqlalchemy import insert, select, update

from storage import audit
from storage.engine import Connection
from storage.tables import subscriptions

SUBSCRIBE = "subscribe"
USUAL = time(8, 40)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a digest is about: sections and points by number, units and counties by name; nothing named is
    everything. `linked` are the towns, counties and units a leader is 挂钩 with: told besides, never less."""

    sections: tuple[int, ...] = ()
    points: tuple[int, ...] = ()
    units: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()

    @property
    def narrow(self) -> bool:
        return bool(self.sections or self.points or self.units)


@dataclass(frozen=True, slots=True)
class Subscription:
    """`stored` is False for the usual one that nobody changed."""

    person: str  # userid in lower case
    at: time = USUAL
    active: bool = True
    weekends: bool = False
    empty_line: bool = True  # one line on a day without news, instead of nothing
    picture: bool | None = None  # whether a picture follows; as the office has set it for all when None
    scope: Scope = field(default_factory=Scope)
    stored: bool = False


async def of(conn: Connection, person: str) -> Subscription:
    """This person's, the usual one where he has none."""
    found = await conn.execute(select(subscriptions).where(subscriptions.c.person == person.lower()))
    row = found.one_or_none()
    return Subscription(person.lower()) if row is None else _subscription(row)


async def everybody(conn: Connection) -> dict[str, Subscription]:
    """All that are stored, by person."""
    return {row.person: _subscription(row) for row in await conn.execute(select(subscriptions))}


async def put(conn: Connection, subscription: Subscription, *, by: str, now: datetime) -> None:
    """Makes this subscription hold."""
    values = _row(subscription, by, now)
    changed = await conn.execute(
        update(subscriptions).where(subscriptions.c.person == subscription.person).values(values)
    )
    if not changed.rowcount:
        await conn.execute(insert(subscriptions).values(values))
    detail = {name: value for name, value in values.items() if name not in ("person", "by", "at")}
    await audit.note(conn, audit.Entry(now, by, SUBSCRIBE, subscription.person, detail))


def _row(one: Subscription, by: str, now: datetime) -> dict[str, Any]:
    scope = {name: list(value) for name, value in asdict(one.scope).items() if value}
    return {
        "person": one.person,
        "hour": one.at.hour,
        "minute": one.at.minute,
        "active": one.active,
        "weekends": one.weekends,
        "empty_line": one.empty_line,
        "picture": one.picture,
        "scope": scope,
        "by": by,
        "at": now,
    }


def _subscription(row: Any) -> Subscription:
    return Subscription(
        person=row.person,
        at=time(row.hour, row.minute),
        active=row.active,
        weekends=row.weekends,
        empty_line=row.empty_line,
        picture=row.picture,
        scope=_scope(row.scope),
        stored=True,
    )


def _scope(row: Mapping[str, Sequence[Any]]) -> Scope:
    return Scope(**{one.name: tuple(row.get(one.name, ())) for one in fields(Scope)})
