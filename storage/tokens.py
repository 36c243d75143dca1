"""The shared access-token cache: one replica fetches a new token while the others wait and then read it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.engine import Database
from storage.tables import tokens


class Tokens:
    """Each call is a transaction of its own: a token must be visible to the other replicas at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> tuple[str, datetime] | None:
        """The cached token and when it ends, or None."""
        async with self._database.transaction() as conn:
            row = (
                await conn.execute(select(tokens.c.value, tokens.c.expires_at).where(tokens.c.key == key))
            ).first()
        if row is None or row.expires_at is None or not row.value:
            return None
        return row.value, row.expires_at

    async def claim(self, key: str, owner: str, until: datetime, now: datetime) -> bool:
        """Whether this owner may fetch a new token now; the claim lapses at `until`."""
        async with self._database.transaction() as conn:
            dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
            await conn.execute(
                dialect.insert(tokens)
                .values(key=key, value="", expires_at=None, lease_owner="", lease_until=None)
                .on_conflict_do_nothing()
            )
            taken = await conn.execute(
                update(tokens)
                .where(
                    tokens.c.key == key,
                    or_(
                        tokens.c.lease_until.is_(None),
                        tokens.c.lease_until < now,
                        tokens.c.lease_owner == owner,
                    ),
                )
                .values(lease_owner=owner, lease_until=until)
            )
            return taken.rowcount == 1

    async def put(self, key: str, value: str, expires_at: datetime) -> None:
        """Stores a fetched token and lets go of the claim."""
        async with self._database.transaction() as conn:
            await conn.execute(
                update(tokens)
                .where(tokens.c.key == key)
                .values(value=value, expires_at=expires_at, lease_owner="", lease_until=None)
            )
