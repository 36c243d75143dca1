"""Takes back what was written, for those who first have to see what a handler makes of a message.

A savepoint costs two statements, which is more than most handlers use; so it is set when something is about
to be written, and never for those who only read.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection as SyncConnection
from sqlalchemy import NestedTransaction, UpdateBase, event

from storage.engine import Connection


class Trial:
    """From its making on, until `keep` or `undo`; one at a time on a connection."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._savepoint: NestedTransaction | None = None
        event.listen(self._sync, "before_execute", self._before)

    async def keep(self) -> None:
        """What was written stands."""
        self.end()
        if (savepoint := self._savepoint) is not None:
            await self._conn.run_sync(lambda _: savepoint.commit())

    async def undo(self) -> None:
        """What was written since was never there."""
        self.end()
        if (savepoint := self._savepoint) is not None:
            await self._conn.run_sync(lambda _: savepoint.rollback())

    def end(self) -> None:
        """Looks no further; for when the whole transaction is given up."""
        if event.contains(self._sync, "before_execute", self._before):
            event.remove(self._sync, "before_execute", self._before)

    @property
    def _sync(self) -> SyncConnection:
        if self._conn.sync_connection is None:
            raise RuntimeError("the connection has been closed")
        return self._conn.sync_connection

    def _before(self, conn: SyncConnection, statement: Any, *_: Any) -> None:
        if self._savepoint is None and isinstance(statement, UpdateBase):
            self._savepoint = conn.begin_nested()
