"""Addresses by which a robot's message may be answered once, later: kept with the message, gone when used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.engine import Connection
from storage.tables import robot_urls


async def keep(conn: Connection, key: str, target: str, url: str, *, now: datetime, until: datetime) -> None:
    """Keeps the address of a message; a message that comes again brings the same or a fresher one."""
    await conn.execute(delete(robot_urls).where(robot_urls.c.until < now))
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(robot_urls).values(key=key, target=target, url=url, until=until)
    await conn.execute(
        statement.on_conflict_do_update(
            index_elements=[robot_urls.c.key],
            set_={"url": statement.excluded.url, "until": statement.excluded.until},
        )
    )


async def take(conn: Connection, key: str, target: str, now: datetime) -> str | None:
    """An address for this target, best that of the message `key`; it is gone from here, for it works once."""
    own = case((robot_urls.c.key == key, 0), else_=1)
    found = await conn.execute(
        select(robot_urls.c.key, robot_urls.c.url)
        .where(robot_urls.c.target == target, robot_urls.c.until >= now)
        .order_by(own, robot_urls.c.until)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = found.first()
    if row is None:
        return None
    await conn.execute(delete(robot_urls).where(robot_urls.c.key == row.key))
    url: str = row.url
    return url
