"""The groups the office has bound: what each is for, by which ways it is reached, and whom it pings.

The office binds and unbinds in chat (`handlers/groups.py`), `supervision/groups.py` asks where something is
to go, the senders of `bot/channels/` ask for a webhook's key and switch off a way that is gone. Every change
is audited; a key is in no audit row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import ColumnElement, delete, insert, select, update

from storage import audit
from storage.engine import Connection, in_list
from storage.tables import chats, groups, webhooks

Purpose: TypeAlias = Literal["headquarters", "county", "task_force", "firms"]
HEADQUARTERS: Purpose = "headquarters"
COUNTY: Purpose = "county"
TASK_FORCE: Purpose = "task_force"
FIRMS: Purpose = "firms"
ROBOT, WEBHOOK, APPCHAT = "robot", "webhook", "appchat"
BIND, UNBIND, WEEKLY, KEY, OFF = "group-bind", "group-unbind", "group-weekly", "group-key", "group-off"
CLOCK = "bqw"  # who switches off a way that is gone
_BEST = (APPCHAT, WEBHOOK, ROBOT)  # the first two really ping; a robot may only push where it was asked


@dataclass(frozen=True, slots=True)
class Address:
    """One way into a group; `target` is what an outbox row of that channel carries."""

    channel: str
    target: str


@dataclass(frozen=True, slots=True)
class Group:
    """`scope` is the short name of a county group's county, or the number of a task force's section."""

    name: str
    purpose: Purpose
    scope: str
    by: str
    at: datetime
    weekly: bool = False
    ping: str = ""
    addresses: tuple[Address, ...] = ()
    id: int = 0

    @property
    def address(self) -> Address | None:
        """The way a push takes; None when there is none (any more)."""
        by_channel = {one.channel: one for one in reversed(self.addresses)}
        return next((by_channel[name] for name in _BEST if name in by_channel), None)

    def through(self, channel: str) -> Address | None:
        return next((one for one in self.addresses if one.channel == channel), None)


# --- looking ------------------------------------------------------------------------------------------


async def bound(conn: Connection) -> list[Group]:
    """Every group, in the order they were bound."""
    return await _groups(conn, groups.c.ended_at.is_(None))


async def named(conn: Connection, name: str) -> Group | None:
    found = await _groups(conn, groups.c.ended_at.is_(None) & (groups.c.name == name))
    return found[0] if found else None


async def of_purpose(conn: Connection, purpose: Purpose, scope: str | None = None) -> list[Group]:
    """The groups bound to this purpose; to one county or section of it where that is said."""
    meant = groups.c.ended_at.is_(None) & (groups.c.purpose == purpose)
    return await _groups(conn, meant if scope is None else meant & (groups.c.scope == scope))


async def at(conn: Connection, channel: str, target: str) -> Group | None:
    """The group that this chat is; case counts."""
    here = select(chats.c.group_id).where(
        chats.c.channel == channel, chats.c.target == target, chats.c.ended_at.is_(None)
    )
    found = await _groups(conn, groups.c.ended_at.is_(None) & groups.c.id.in_(here))
    return found[0] if found else None


async def bound_among(conn: Connection, channel: str, targets: Sequence[str]) -> frozenset[str]:
    """Those of these chats that are bound."""
    if not targets:
        return frozenset()
    rows = await conn.execute(
        select(chats.c.target)
        .join(groups, groups.c.id == chats.c.group_id)
        .where(
            chats.c.channel == channel,
            chats.c.target.in_(in_list(targets)),
            chats.c.ended_at.is_(None),
            groups.c.ended_at.is_(None),
        )
    )
    return frozenset(rows.scalars())


async def _groups(conn: Connection, meant: ColumnElement[bool]) -> list[Group]:
    rows = (await conn.execute(select(groups).where(meant).order_by(groups.c.id))).all()
    ways = await conn.execute(
        select(chats.c.group_id, chats.c.channel, chats.c.target)
        .where(chats.c.group_id.in_([row.id for row in rows]), chats.c.ended_at.is_(None))
        .order_by(chats.c.id)
    )
    found: dict[int, list[Address]] = {}
    for row in ways:
        found.setdefault(row.group_id, []).append(Address(row.channel, row.target))
    return [_group(row, found.get(row.id, ())) for row in rows]


def _group(row: Any, addresses: Iterable[Address]) -> Group:
    return Group(
        name=row.name,
        purpose=row.purpose,
        scope=row.scope,
        by=row.by,
        at=row.at,
        weekly=row.weekly,
        ping=row.ping,
        addresses=tuple(addresses),
        id=row.id,
    )


# --- changing -----------------------------------------------------------------------------------------


async def bind(conn: Connection, group: Group, address: Address) -> Group:
    """Binds a group, or opens one more way into the one of that name. Look first: a name or a chat that is
    bound already raises IntegrityError."""
    number = group.id or await _begin(conn, group)
    await conn.execute(
        insert(chats).values(
            group_id=number,
            channel=address.channel,
            target=address.target,
            by=group.by,
            at=group.at,
            ended_at=None,
            ended_by="",
        )
    )
    detail = {"purpose": group.purpose, "scope": group.scope, "channel": address.channel}
    await audit.note(
        conn, audit.Entry(group.at, group.by, BIND, group.name, {**detail, "target": address.target})
    )
    found = await named(conn, group.name)
    assert found is not None  # noqa: S101  it was written above
    return found


async def _begin(conn: Connection, group: Group) -> int:
    values = {
        "name": group.name,
        "purpose": group.purpose,
        "scope": group.scope,
        "weekly": group.weekly,
        "ping": group.ping,
        "by": group.by,
        "at": group.at,
        "ended_at": None,
        "ended_by": "",
    }
    made = await conn.execute(insert(groups).values(values).returning(groups.c.id))
    return int(made.scalar_one())


async def unbind(conn: Connection, group: Group, *, by: str, now: datetime) -> None:
    """Ends the binding and every way into the group; what was said stays."""
    ended = {"ended_at": now, "ended_by": by}
    await conn.execute(update(groups).where(groups.c.id == group.id).values(ended))
    await conn.execute(
        update(chats).where(chats.c.group_id == group.id, chats.c.ended_at.is_(None)).values(ended)
    )
    await conn.execute(delete(webhooks).where(webhooks.c.name == group.name))
    detail = {"purpose": group.purpose, "scope": group.scope}
    await audit.note(conn, audit.Entry(now, by, UNBIND, group.name, detail))


async def switch_off(conn: Connection, address: Address, *, reason: str, now: datetime) -> bool:
    """WeCom says this way is gone: nothing takes it any more until the office opens it anew."""
    group = await at(conn, address.channel, address.target)
    if group is None:
        return False
    await conn.execute(
        update(chats)
        .where(chats.c.channel == address.channel, chats.c.target == address.target)
        .where(chats.c.ended_at.is_(None))
        .values(ended_at=now, ended_by=CLOCK)
    )
    detail = {"channel": address.channel, "target": address.target, "reason": reason}
    await audit.note(conn, audit.Entry(now, CLOCK, OFF, group.name, detail))
    return True


async def set_weekly(
    conn: Connection, group: Group, *, weekly: bool, ping: str, by: str, now: datetime
) -> None:
    """Whether the group hears a line a week, and whom that line pings."""
    await conn.execute(update(groups).where(groups.c.id == group.id).values(weekly=weekly, ping=ping))
    await audit.note(conn, audit.Entry(now, by, WEEKLY, group.name, {"weekly": weekly, "ping": ping}))


# --- keys of group robots -----------------------------------------------------------------------------


async def keep_key(conn: Connection, name: str, key: str, *, by: str, now: datetime) -> None:
    """Keeps the key of a group robot, in place of an older one."""
    await conn.execute(delete(webhooks).where(webhooks.c.name == name))
    await conn.execute(insert(webhooks).values(name=name, key=key, by=by, at=now))
    await audit.note(conn, audit.Entry(now, by, KEY, name))


async def keys(conn: Connection) -> dict[str, str]:
    """The keys typed in chat, by name."""
    return {row.name: row.key for row in await conn.execute(select(webhooks.c.name, webhooks.c.key))}
