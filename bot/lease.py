"""This process's hold on a thing of which all replicas have one, such as the robot's connection.

`take` is called again and again: it takes, prolongs, or says that another has it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from storage import leases
from storage.engine import Database, StorageError

log = structlog.get_logger("lease")


class Lease:
    def __init__(
        self, database: Database, name: str, *, clock: Callable[[], datetime], seconds: float
    ) -> None:
        self.look_again = seconds / 4  # often enough that a hiccup of storage does not cost the lease
        self._database = database
        self._name = name
        self._clock = clock
        self._length = timedelta(seconds=seconds)
        self._owner = secrets.token_hex(8)
        self._until = datetime.min.replace(tzinfo=UTC)

    async def take(self) -> bool:
        """Whether it is ours; while storage does not answer, as long as it was taken for."""
        now = self._clock()
        try:
            async with self._database.transaction() as conn:
                held = await leases.take(conn, self._name, self._owner, now=now, until=now + self._length)
        except StorageError as error:
            log.warning("lease not prolonged", lease=self._name, error=type(error).__name__)
            return now < self._until
        self._until = now + self._length if held else now
        return held

    async def let_go(self) -> None:
        """Another replica need not wait for its end."""
        try:
            async with self._database.transaction() as conn:
                await leases.let_go(conn, self._name, self._owner)
        except StorageError as error:
            log.warning("lease not let go", lease=self._name, error=type(error).__name__)
