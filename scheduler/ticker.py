"""Asks every few seconds what has fallen due by the given clock, and does it; the only home of APScheduler.

Runs in every replica; `storage/job_runs.py` decides who does what. APScheduler only wakes it up: a plain
job per time would run once per replica, and never again when its process was killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.jobs import Entry
from scheduler.ledger import Due, fire_words, is_over, missing, plan
from scheduler.running import Running
from storage import job_runs
from storage.engine import StorageError
from storage.job_runs import Run
from supervision.workdays import SHANGHAI

log = structlog.get_logger("ticker")

_CLOSING = 10.0  # seconds a job may still take when the process ends


class Ticker:
    """One per process: `start`, `close` at the end. `on_queued` is called when a job may have written rows.

    With `replay` a jump of the clock is time that passed, as in a demonstration: what was due in between
    is done as of its own time, and nothing is too late.
    """

    def __init__(
        self,
        *,
        running: Running,
        table: Sequence[Entry],
        clock: Callable[[], datetime],
        tick_seconds: float,
        on_queued: Callable[[], None],
        on_run: Callable[[str, str], None] = lambda job, result: None,
        replay: bool = False,
    ) -> None:
        self._running = running
        self._entries = {entry.name: entry for entry in table if not entry.off}
        self._clock = clock
        self._tick_seconds = tick_seconds
        self._on_queued = on_queued
        self._on_run = on_run
        self._replay = replay
        self._settled: dict[str, datetime] = {}  # up to when every fire time is in the ledger
        self._seen: datetime | None = None
        self._turn = asyncio.Lock()
        self._closing = False
        self._first: asyncio.Task[None] | None = None
        self._scheduler = AsyncIOScheduler(timezone=SHANGHAI)

    async def start(self) -> None:
        """Looks at once, so that what was missed is caught up with."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it would speak at every tick
        self._scheduler.add_job(
            self.tick,
            IntervalTrigger(seconds=self._tick_seconds, timezone=SHANGHAI),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self._scheduler.start()
        self._first = asyncio.create_task(self.tick(), name="ticker")

    async def close(self) -> None:
        """Gives the job at hand a moment; one left behind is repeated by another when its lease ends."""
        self._closing = True
        first, self._first = self._first, None
        if first is None:
            return
        self._scheduler.pause()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING), self._turn:
                pass
        self._scheduler.shutdown(wait=False)  # which cancels a tick that is still at work
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)

    def poke(self) -> None:
        """The clock has jumped: look now instead of at the next tick."""
        if self._first is not None and self._first.done() and not self._closing:
            self._first = asyncio.create_task(self.tick(), name="ticker")

    async def tick(self) -> None:
        """Does everything that is due now. The third of the three loops that may catch everything."""
        async with self._turn:
            try:
                await self._do_what_is_due()
            except asyncio.CancelledError:
                raise
            except StorageError as error:
                log.warning("the ledger does not answer; will look again", error=type(error).__name__)
            except Exception:  # a job's own failure is in the ledger: this one is ours, and the clock goes on
                log.exception("looking for due jobs failed; will look again", next_step="bqw jobs")

    async def _do_what_is_due(self) -> None:
        if self._closing:
            return
        now = self._clock()
        if self._seen is None or now < self._seen:  # the clock was put back: ask the ledger about everything
            self._settled = await self._since(now)
        self._seen = now
        await self._take_over()
        for due in await self._due(now):
            if self._closing:
                return
            moment = due.fire_at if self._replay else self._clock()
            run = await self._running.claim(due.entry, due.fire_at, moment)
            if run is not None:
                await self._do(due.entry, run, moment)
        self._settled = dict.fromkeys(self._entries, now)

    async def _since(self, now: datetime) -> dict[str, datetime]:
        """From when on each job is answered for; a clock that is set to an earlier day begins there."""
        async with self._running.database.transaction() as conn:
            return await job_runs.begin(conn, list(self._entries), now)

    async def _take_over(self) -> None:
        """Repeats what a killed process left, and tries again what failed."""
        while not self._closing:
            now = self._clock()
            run = await self._running.take_over(list(self._entries), now)
            if run is None:
                return
            await self._do(self._entries[run.job], run, now)

    async def _due(self, now: datetime) -> tuple[Due, ...]:
        """What nobody has taken yet; what is too late is written down as passed over."""
        workdays = self._running.workdays()
        found = [
            (entry, missing(entry.rule, self._settled[name], now, workdays))
            for name, entry in self._entries.items()
        ]
        found = [(entry, times) for entry, times in found if times]
        if not found:  # as nearly always: the database is not asked
            return ()
        first = min(times[0] for _, times in found)
        async with self._running.database.transaction() as conn:
            known = await job_runs.known(conn, [entry.name for entry, _ in found], first)
            left = [(e, [at for at in times if (e.name, at) not in known]) for e, times in found]
            what = plan(left, now, late_is_fine=self._replay)
            if what.passed:
                await job_runs.skip(conn, what.passed, now)
        for name, many in Counter(passed.job for passed in what.passed).items():
            log.warning("fire times passed over", job=name, many=many, next_step=f"bqw jobs log {name}")
        return what.run

    async def _do(self, entry: Entry, run: Run, now: datetime) -> None:
        if is_over(entry, run.fire_at, now) and not self._replay:  # while others died or were done before it
            await self._running.give_up(entry, run, now)
            return
        began = time.perf_counter()
        state, note = await self._running.do(entry, run, now)
        ms = round(1000 * (time.perf_counter() - began), 1)
        log.info("job run", job=entry.name, fire_at=fire_words(run.fire_at), state=state, did=note, ms=ms)
        self._on_run(entry.name, state)
        self._on_queued()
