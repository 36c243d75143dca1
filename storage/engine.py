"""The only place an engine is made, because SQLAlchemy's SQLite defaults lose updates silently.

Without a real BEGIN before the first SELECT, eight tasks doing read-then-update lost 246 of 320 commits
without an error; every transaction here therefore starts with BEGIN IMMEDIATE on SQLite.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import Column, Insert, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage import migrate, sqlite

# One encoder for all rows, and Chinese kept as Chinese: a third of the size, and an operator can read it.
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Connection: TypeAlias = AsyncConnection
StorageError = (DBAPIError, PoolTimeout, OSError)  # what a transaction may raise when storage is at fault

_SQLITE_PRAGMAS = ("busy_timeout=10000", "synchronous=FULL", "foreign_keys=ON")
_QUICK_CHECK_BELOW_PAGES = 16_384  # 64 MB: checking a larger file would hold up the start


class DatabaseRefused(Exception):
    """The database cannot be used as it is; the message says what the operator can do."""


class Database:
    """An open database: every transaction of the program starts here.

    Opening refuses a file that is damaged and brings the tables to the newest revision first.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    @classmethod
    async def open(cls, url: str) -> Database:
        """Raises DatabaseRefused, or DatabaseTooNew, saying what the operator can do."""
        engine = open_engine(url)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(engine.dispose)
            await check_sound(engine)
            await migrate.upgrade(engine)
            stack.pop_all()
        return cls(engine)

    def transaction(self) -> AbstractAsyncContextManager[Connection]:
        """Commits when the block finishes, undoes everything when it raises."""
        return self.engine.begin()

    async def is_down(self, error: BaseException) -> bool:
        """Whether `error` came from storage not answering, rather than from what was asked of it."""
        if isinstance(error, (PoolTimeout, InterfaceError, OSError)):
            return True
        if not isinstance(error, OperationalError):
            return False
        try:
            async with self.transaction() as conn:
                await conn.execute(text("SELECT 1"))
        except StorageError:
            return True
        return False

    async def close(self) -> None:
        await self.engine.dispose()


def in_list(keys: Sequence[str]) -> list[str]:
    """The same keys, the last repeated up to a power of two, for an IN.

    Each length of an IN list is another statement to prepare and to keep; so there are only a few.
    """
    room = 1 << (len(keys) - 1).bit_length() if keys else 0
    return [*keys, *[keys[-1]] * (room - len(keys))] if keys else []


_JOINED_UP_TO = 256  # rows; beyond it psycopg spends longer reading the joined statement than sending rows


def together(conn: Connection, statement: Insert, key: Column[Any], *, rows: int = 1) -> Insert:
    """Makes many rows travel as one statement where that is cheaper.

    psycopg sends an executemany row by row; asking for the keys back makes SQLAlchemy join the rows.
    SQLite runs an executemany in one go anyway, and so do thousands of rows in psycopg's pipeline.
    """
    joined = conn.dialect.name == "postgresql" and rows <= _JOINED_UP_TO
    return statement.returning(key) if joined else statement


def open_engine(url: str) -> AsyncEngine:
    """An engine for `sqlite:///file.db` or `postgresql://user@host/name`.

    Raises DatabaseRefused for a URL that is neither.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise DatabaseRefused("数据库地址写法不对，例如 sqlite:///data/bqw.db") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _sqlite(parsed.set(drivername="sqlite+aiosqlite"))
    if backend == "postgresql":
        return create_async_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_size=8,
            max_overflow=4,
            pool_timeout=4,
            connect_args={"connect_timeout": 4},
            json_serializer=_JSON,
        )
    raise DatabaseRefused(f"不支持 {backend} 数据库，请用 SQLite 或 PostgreSQL")


def _sqlite(url: Any) -> AsyncEngine:
    if url.database and url.database != ":memory:":
        _make_room(Path(url.database))
    engine = create_async_engine(
        url,
        connect_args={"timeout": 10, "async_creator_fn": sqlite.connect},
        pool_size=2,
        max_overflow=6,
        json_serializer=_JSON,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin on its own terms
        cursor = connection.cursor()
        for pragma in _SQLITE_PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _make_room(file: Path) -> None:
    """Refuses a place where no file can be kept, before the driver starts a thread for it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        usable = not file.is_dir() and os.access(file if file.exists() else file.parent, os.R_OK | os.W_OK)
    except OSError:
        usable = False
    if not usable:
        raise DatabaseRefused(f"数据库 {file} 打不开：请检查目录是否存在、是否有写权限")


async def check_sound(engine: AsyncEngine) -> None:
    """Refuses a file that is not a sound database, before anything is written to it."""
    try:
        async with engine.connect() as conn:
            damage = await _damage(conn)
    except (DatabaseError, sqlite3.DatabaseError) as error:
        raise DatabaseRefused(_advice(engine, error)) from error
    if damage:
        raise DatabaseRefused(_advice(engine, None))


async def _damage(conn: AsyncConnection) -> str:
    """What is wrong, in the database's words; empty when it is sound."""
    if conn.dialect.name != "sqlite":
        await conn.execute(text("SELECT 1"))
        return ""
    pages = int((await conn.execute(text("PRAGMA page_count"))).scalar_one())
    if pages > _QUICK_CHECK_BELOW_PAGES:
        return ""
    answer = str((await conn.execute(text("PRAGMA quick_check(1)"))).scalar_one())
    return "" if answer == "ok" else answer


def _advice(engine: AsyncEngine, error: Exception | None) -> str:
    where = engine.url.render_as_string(hide_password=True)
    if engine.dialect.name != "sqlite":
        return f"连不上数据库 {where}：请检查地址、账号和网络"
    locked = isinstance(error, OperationalError) and "locked" in str(error)
    if locked:
        return f"数据库 {where} 正被占用：请确认没有别的程序在长时间写入"
    return f"数据库 {where} 已损坏或不是数据库文件，没有改动它：请改名留存，用备份恢复后再启动"
