"""One run of one job: held under a lease, done in one transaction with its effects, or noted as failed.

The ticker calls it for fire times that are due, `bqw jobs run` for one that a person names. Killed in the
middle it leaves nothing but a lease that ends.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from knowledge.book import Book
from scheduler import admins
from scheduler.jobs import Entry
from scheduler.ledger import fire_words, over_words, retry_at
from scheduler.shift import Shift
from storage import job_runs
from storage.engine import Connection, Database
from storage.job_runs import DONE, FAILED, RUNNING, SKIPPED, Run
from supervision.rules import Rules
from supervision.workdays import SHANGHAI, Workdays

log = structlog.get_logger("jobs")


class JobTooSlow(Exception):
    """A job was not done when its lease ended."""


@dataclass(frozen=True, slots=True)
class Running:
    """What runs need; one per process. `book` and `workdays` are asked anew for each run."""

    database: Database
    book: Callable[[], Book]
    workdays: Callable[[], Workdays]
    admins: frozenset[str]
    lease: timedelta
    rules: Rules = field(default_factory=Rules)
    owner: str = field(default_factory=lambda: secrets.token_hex(8))

    async def claim(self, entry: Entry, fire_at: datetime, now: datetime) -> Run | None:
        """The run, when nobody has it; another replica sees at once that it is taken."""
        async with self.database.transaction() as conn:
            return await job_runs.claim(
                conn, entry.name, fire_at, owner=self.owner, now=now, lease=self.lease
            )

    async def take_over(self, jobs: Sequence[str], now: datetime) -> Run | None:
        """A run that was left behind or failed, when there is one to do again."""
        async with self.database.transaction() as conn:
            return await job_runs.take_over(conn, jobs, owner=self.owner, now=now, lease=self.lease)

    async def take_by_hand(self, entry: Entry, fire_at: datetime, now: datetime) -> Run | None:
        """The run a person asks for, unless it is done or somebody is at it."""
        async with self.database.transaction() as conn:
            return await job_runs.take_by_hand(
                conn, entry.name, fire_at, owner=self.owner, now=now, lease=self.lease
            )

    async def do(self, entry: Entry, run: Run, now: datetime) -> tuple[str, str]:
        """Does it: effects, note and “done” commit together. The state it is in now, and the note; `running`
        when it had passed to another. Raises only what storage raises when it does not answer."""
        try:
            await self._prepare(entry, run, now)
            note = await self._do(entry, run, now)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            if await self.database.is_down(error):
                raise
            log.exception("job failed", next_step=f"bqw jobs log {entry.name}", **_named(run))
            return FAILED, await self._failed(entry, run, error, now)
        if note is None:
            log.warning("run had passed to another process", **_named(run))
            return RUNNING, ""
        return DONE, note

    async def _prepare(self, entry: Entry, run: Run, now: datetime) -> None:
        if entry.prepare is None:
            return
        async with self.database.transaction() as conn:
            make = await entry.prepare(self._shift(conn, run, now))
        await asyncio.to_thread(make)

    async def _do(self, entry: Entry, run: Run, now: datetime) -> str | None:
        async with self.database.transaction() as conn:
            # First: it locks the row, so that nobody takes the run over while we are at it.
            if not await job_runs.finish(conn, run, DONE, "", now):
                return None
            note = await self._in_time(entry, self._shift(conn, run, now))
            await job_runs.say(conn, run, note)
        return note

    async def _in_time(self, entry: Entry, shift: Shift) -> str:
        try:
            async with asyncio.timeout(self.lease.total_seconds()):
                return await entry.do(shift)
        except TimeoutError as error:  # which is an OSError, and would pass for an outage
            raise JobTooSlow(entry.name) from error

    async def _failed(self, entry: Entry, run: Run, error: Exception, now: datetime) -> str:
        """Notes it, to be tried again; the last time the admins are told."""
        again_at, kind = retry_at(run.attempts, now), type(error).__name__
        then = f"{fire_words(again_at)}再试" if again_at else "请看日志后用 bqw jobs run 补办"
        note = f"没有办成（{kind}），已试{run.attempts}次，{then}"
        async with self.database.transaction() as conn:
            mine = await job_runs.fail(conn, run, note, now=now, again_at=again_at)
            if mine and again_at is None:
                shift = self._shift(conn, run, now)
                await admins.tell(
                    shift, f"failed:{run.job}:{run.fire_at:%Y%m%d%H%M}", _failed_words(entry, run)
                )
        return note

    def _shift(self, conn: Connection, run: Run, now: datetime) -> Shift:
        return Shift(conn, self.book(), self.workdays(), run.fire_at, now, self.admins, self.rules)

    async def give_up(self, entry: Entry, run: Run, now: datetime) -> None:
        """A run taken over when it was too late for it."""
        async with self.database.transaction() as conn:
            await job_runs.finish(conn, run, SKIPPED, run.note or over_words(entry), now)


def _named(run: Run) -> dict[str, Any]:
    return {"job": run.job, "fire_at": fire_words(run.fire_at), "attempt": run.attempts}


def _failed_words(entry: Entry, run: Run) -> str:
    at = run.fire_at.astimezone(SHANGHAI)
    return (
        f"【定时任务没有办成】{fire_words(at)}的“{entry.about}”试了{run.attempts}次没有成功，已停下，没有发出任何消息。\n"
        f"请运维人员看日志后补办：bqw jobs run {run.job} --at {at:%Y-%m-%dT%H:%M}\n"
        "市百千万办"
    )
