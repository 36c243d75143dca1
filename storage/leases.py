"""Things of which all replicas together have only one: who holds it, and until when.

A holder prolongs its lease while it works; when it dies, the lease ends and another may take over.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.engine import Connection
from storage.tables import leases


async def take(conn: Connection, name: str, owner: str, *, now: datetime, until: datetime) -> bool:
    """Takes or prolongs the lease until then; False while another holds it."""
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(leases).values(name=name, owner=owner, until=until)
    upsert = statement.on_conflict_do_update(
        index_elements=[leases.c.name],
        set_={"owner": statement.excluded.owner, "until": statement.excluded.until},
        where=or_(leases.c.owner == owner, leases.c.until < now),
    )
    return (await conn.execute(upsert.returning(leases.c.name))).first() is not None


async def let_go(conn: Connection, name: str, owner: str) -> None:
    """Another may take it at once."""
    await conn.execute(delete(leases).where(leases.c.name == name, leases.c.owner == owner))


async def holder(conn: Connection, name: str, now: datetime) -> str | None:
    """Who holds it just now."""
    found = await conn.execute(select(leases.c.owner).where(leases.c.name == name, leases.c.until >= now))
    owner: str | None = found.scalar_one_or_none()
    return owner
