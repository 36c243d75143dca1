"""What this replica knows right now: the notice in force, its assignments, what the office taught, the index.

Imports change the database from another process (`bqw units import`) and lessons from another replica, so the
running bot looks every few seconds whether something changed and builds the new index beside the old one; a
question meets one or the other, never half of each.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from handlers.ask import Knowing
from knowledge import book
from knowledge.book import Book
from knowledge.notice import parse
from storage import assignments, calendar, notices, phrases
from storage.engine import Connection, Database, StorageError
from storage.taught import Taught
from supervision import pausing
from supervision.workdays import Hours, Workdays

log = structlog.get_logger("library")

LOOK_EVERY = 3.0  # seconds; an import or a lesson is in force on every replica within five


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


async def knowing(conn: Connection) -> Knowing:
    """Everything at once, for a command that answers from this database."""
    base = Knowing.of(await in_force(conn))
    return base.taught(fitting(await phrases.all(conn, base.book.notice.doc_number), base.book))


def fitting(rows: Sequence[Taught], book: Book) -> list[Taught]:
    """What of the lessons still has a place in the notice. A phrase bound to words that a corrected text no
    longer has leads to its point; one whose point is gone rests until there is one again."""
    texts = {point.number: point.text for point in book.notice.points}
    kept = [row for row in rows if row.point in texts]
    return [row if row.quote in texts[row.point] else replace(row, quote="") for row in kept]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What answers are made from, and the two versions of the database that this was made of."""

    imports: str
    lessons: str
    base: Knowing  # without what the office taught
    knowing: Knowing

    @classmethod
    def of(cls, versions: tuple[str, str], base: Knowing, rows: Sequence[Taught]) -> _Shelf:
        kept = fitting(rows, base.book)
        if len(kept) < len(rows):
            log.warning(
                "taught phrases rest: their point is not in the notice", phrases=len(rows) - len(kept)
            )
        return cls(*versions, base, base.taught(kept))


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The working days, and the version of the office's table that they were made of."""

    version: str
    workdays: Workdays

    @classmethod
    async def read(cls, conn: Connection, hours: Hours) -> _Calendar:
        return cls(await calendar.version(conn), await pausing.workdays(conn, hours))


async def _versions(conn: Connection) -> tuple[str, str]:
    return await notices.version(conn), await phrases.version(conn)


class Library:
    """One per process."""

    def __init__(self, database: Database, shelf: _Shelf, calendar: _Calendar) -> None:
        self._database = database
        self._shelf = shelf
        self._calendar = calendar
        self._looking = asyncio.Lock()  # a slow look must not put an older state over a newer one
        self._worker: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, database: Database, hours: Hours | None = None) -> Library:
        async with database.transaction() as conn:
            versions = await _versions(conn)
            book = await in_force(conn)
            rows = await phrases.all(conn, book.notice.doc_number)
            days = await _Calendar.read(conn, hours or Hours())
        return cls(database, _Shelf.of(versions, Knowing.of(book), rows), days)

    def current(self) -> Knowing:
        return self._shelf.knowing

    def workdays(self) -> Workdays:
        """The calendar under the office's own table, as it stands now."""
        return self._calendar.workdays

    async def refresh(self) -> bool:
        """Looks whether there was an import, a lesson or a change of the calendar, and takes it over; whether
        there was an import or a lesson."""
        async with self._looking:
            return await self._refresh()

    async def _refresh(self) -> bool:
        before = self._shelf
        async with self._database.transaction() as conn:
            imports, lessons = await _versions(conn)
            if await calendar.version(conn) != self._calendar.version:
                self._calendar = await _Calendar.read(conn, self._calendar.workdays.hours)
            if (imports, lessons) == (before.imports, before.lessons):
                return False
            book = before.base.book if imports == before.imports else await in_force(conn)
            rows = await phrases.all(conn, book.notice.doc_number)
        # A lesson changes little: the index is only made anew for other words of the notice or other rows.
        base = before.base if book is before.base.book else await asyncio.to_thread(Knowing.of, book)
        self._shelf = _Shelf.of((imports, lessons), base, rows)
        log.info("knowledge reloaded", notice=book.notice.doc_number, imports=imports, lessons=lessons)
        return True

    async def catch_up(self) -> None:
        """`refresh`; where that fails the next look may succeed, and until then the old answers hold."""
        try:
            await self.refresh()
        except StorageError:
            log.warning("could not look for new knowledge; will look again", seconds=LOOK_EVERY)
        except ValueError:  # a stored notice or row that no longer fits: keep answering from the old
            log.exception("imported knowledge cannot be used; still answering from what was loaded before")

    async def warm(self) -> None:
        """Makes what hears pinyin, in which nobody else would be answered, unless it is made."""
        await asyncio.to_thread(self.current().index.ear)

    async def start(self) -> None:
        self._worker = asyncio.create_task(self._watch(), name="library")

    async def close(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._worker

    async def _watch(self) -> None:
        while True:
            await self.warm()
            await asyncio.sleep(LOOK_EVERY)
            await self.catch_up()
