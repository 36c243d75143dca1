"""Brings a database to the newest revision; safe when several processes start at once.

Called at start and by `bqw db upgrade`. One process migrates inside one transaction while the others wait
for its lock and then find nothing to do. Alembic costs time and memory, so it is imported only for a
database with an older revision; an empty one gets the newest tables at once (a test holds the two equal).
"""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.tables import metadata

_HERE = Path(__file__).parent / "migrations"
_LOCK = 0x62717700  # any constant; "bqw"


def newest() -> str:
    """The newest revision: migration files are named by their revision, in order."""
    return max(path.name.split("_")[0] for path in (_HERE / "versions").glob("[0-9]*.py"))


async def current(engine: AsyncEngine) -> str | None:
    """The revision of this database, or None for an empty one."""
    async with engine.connect() as conn:
        return await conn.run_sync(_revision)


async def upgrade(engine: AsyncEngine) -> bool:
    """Upgrades if needed; returns whether this call changed anything.

    Raises DatabaseTooNew when the database was written by a newer version: going on could lose data.
    """
    await _use_wal(engine)
    async with engine.begin() as conn:  # BEGIN IMMEDIATE: on SQLite the others wait here
        if conn.dialect.name == "postgresql":
            await conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        before = await conn.run_sync(_revision)
        if before is not None and before > newest():
            raise DatabaseTooNew(before, newest())
        if before == newest():
            return False
        await conn.run_sync(_create if before is None else _run_alembic)
        return True


async def _use_wal(engine: AsyncEngine) -> None:
    """Write-ahead logging, kept in the file itself. Processes that switch a new file at the same moment
    stand in each other's way, and SQLite does not let them wait for it."""
    if engine.dialect.name != "sqlite":
        return
    async with engine.connect() as conn:
        raw: Any = (await conn.get_raw_connection()).driver_connection
        for patience in range(100):
            try:
                async with raw.execute("PRAGMA journal_mode=WAL") as cursor:
                    await cursor.fetchall()
                return
            except sqlite3.OperationalError:
                if patience == 99:
                    raise
            await asyncio.sleep(0.05)


class DatabaseTooNew(Exception):
    """The database belongs to a newer version of bqw."""

    def __init__(self, found: str, known: str) -> None:
        super().__init__(f"数据库版本是 {found}，本程序只认识到 {known}：请用新版程序启动，或恢复旧备份")


def _revision(conn: Connection) -> str | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    found = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _create(conn: Connection) -> None:
    metadata.create_all(conn)
    conn.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    conn.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": newest()})


def _run_alembic(conn: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
