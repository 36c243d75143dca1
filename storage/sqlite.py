"""SQLite with one visit to the connection's thread for each statement.

aiosqlite pays four: a cursor is made, executes, fetches and closes; for a small query that costs more than
the query. `storage/engine.py` alone uses it: SQLAlchemy gets these connections instead of aiosqlite's own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

import aiosqlite

_STATEMENTS_KEPT = 512  # prepared, per connection; the program has some three hundred


def connect(database: str, **options: Any) -> Connection:
    """To be awaited, like `aiosqlite.connect`; the same options as `sqlite3.connect`."""
    options.setdefault("cached_statements", _STATEMENTS_KEPT)
    made = Connection(lambda: sqlite3.connect(database, **options), iter_chunk_size=64)
    made._thread.daemon = True  # as SQLAlchemy wants it: a forgotten connection must not hold up the end
    return made


class Connection(aiosqlite.Connection):
    """aiosqlite's, but for its cursors."""

    async def cursor(self) -> Cursor:  # type: ignore[override]  # awaited by SQLAlchemy, never entered
        return Cursor(self)


class Cursor:
    """One statement: what SQLAlchemy wants to know of it has been fetched when it was executed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> None:
        await self._visit(self._connection._conn.execute, operation, parameters)

    async def executemany(self, operation: str, rows: Sequence[Sequence[Any]]) -> None:
        await self._visit(self._connection._conn.executemany, operation, rows)

    async def fetchall(self) -> list[Any]:
        return self._rows

    async def close(self) -> None:
        """It was closed in the thread already."""

    async def _visit(self, *call: Any) -> None:
        await self._connection._execute(self._run, *call)  # type: ignore[no-untyped-call]

    def _run(self, do: Callable[..., sqlite3.Cursor], operation: str, parameters: Sequence[Any]) -> None:
        """In the connection's thread."""
        cursor = do(operation, parameters)
        try:
            self.description, self.lastrowid = cursor.description, cursor.lastrowid
            if cursor.description:
                self._rows = cursor.fetchall()
            self.rowcount = cursor.rowcount
        finally:
            cursor.close()
