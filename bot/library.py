"""What this replica knows right now: the notice in force, its assignments, and the index over them.

Imports change the database from another process (`bqw units import`), so the running bot looks every few
seconds whether something changed and builds the new index beside the old one; a question meets one
or the other, never half of each.
"""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from handlers.ask import Knowing
from knowledge import book
from knowledge.book import Book
from knowledge.notice import parse
from storage import assignments, notices
from storage.engine import Connection, Database, StorageError

log = structlog.get_logger("library")

LOOK_EVERY = 3.0  # seconds; an import is in force on every replica within five


async def in_force(conn: Connection) -> Book:
    """The notice the office uses now, with every imported assignment laid over the suggestions.

    A notice of the office's own brings no suggestions: those of the shipped one speak of other points.
    """
    own = await notices.active(conn)
    shipped = book.shipped()
    if own is None or own.text == shipped.notice.text:
        found = shipped
    elif own.doc_number == shipped.notice.doc_number:
        found = shipped.reprinted(parse(own.text))
    else:
        found = book.build(parse(own.text), shipped.directory, [], [])
    rows = await assignments.all(conn, found.notice.doc_number)
    return found.with_assignments(rows) if rows else found


class Library:
    """One per process."""

    def __init__(self, database: Database, knowing: Knowing, version: str) -> None:
        self._database = database
        self._knowing = knowing
        self._version = version
        self._worker: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, database: Database) -> Library:
        async with database.transaction() as conn:
            version = await notices.version(conn)
            found = await in_force(conn)
        return cls(database, Knowing.of(found), version)

    def current(self) -> Knowing:
        return self._knowing

    async def refresh(self) -> bool:
        """Looks whether an import happened, and takes it over; whether it did."""
        async with self._database.transaction() as conn:
            version = await notices.version(conn)
            if version == self._version:
                return False
            found = await in_force(conn)
        self._knowing = await asyncio.to_thread(Knowing.of, found)
        self._version = version
        log.info("knowledge reloaded", notice=found.notice.doc_number, version=version)
        return True

    async def start(self) -> None:
        self._worker = asyncio.create_task(self._watch(), name="library")

    async def close(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._worker

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.refresh()
            except StorageError:
                log.warning("could not look for new knowledge; will look again", seconds=LOOK_EVERY)
            except ValueError:  # a stored notice or row that no longer fits: keep answering from the old
                log.exception(
                    "imported knowledge cannot be used; still answering from what was loaded before"
                )
