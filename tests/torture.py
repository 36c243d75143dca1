"""Replicas on one database, killed at any moment, their clocks jumping, three days of outage: nothing twice.

`python -m tests.torture [--minutes N]` prints what became of every fire time. Each replica is a process with
the product's own ticker and a clock that runs many times faster; only the jobs are ours: each leaves an
outbox row under a key that would not collide, so that a doubled effect is seen and not refused.
"""

import argparse
import asyncio
import contextlib
import os
import random
import re
import signal
import sys
import tempfile
import time as real
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import select

from bot import logs
from scheduler.jobs import Entry
from scheduler.ledger import fire_words
from scheduler.running import Running
from scheduler.shift import Job, Shift
from scheduler.ticker import Ticker
from scheduler.when import Daily, Every, fire_times
from storage import job_runs, outbox
from storage.engine import Database
from storage.job_runs import DONE, FAILED, RUNNING, SKIPPED, Run
from storage.message import Text, dump
from storage.tables import job_runs as runs_table
from storage.tables import outbox as outbox_table
from supervision.workdays import SHANGHAI, Workdays
from tests import postgres

START = datetime(2024, 7, 15, 6, tzinfo=SHANGHAI)
WORKDAYS = Workdays(overrides={date(2024, 7, 1) + timedelta(n): True for n in range(184)})
JUMP = timedelta(minutes=10)
OUTAGE = timedelta(days=3)
LEASE = timedelta(minutes=2)  # shorter than many a run lasts at this speed, on purpose
SLACK = timedelta(hours=2)  # at both ends of the outage: what was just due may have been left behind, and
# after it processes still die while they catch up
WAIT = 40.0  # seconds for a process to be ready, and for the last runs to settle


def leave(name: str) -> Job:
    """A job that leaves a row and takes its time; now and then it fails, or dies with its process."""

    async def do(shift: Shift) -> str:
        key = f"torture:{name}:{shift.fire_at.timestamp():.0f}:{uuid.uuid4().hex}"
        row = outbox.Outgoing(key, "app", "wangfang", dump(Text("到点了")))
        await outbox.add(shift.conn, [(row, None)], shift.now)
        await asyncio.sleep(random.choice((0, 0, 0.02, 0.2)))
        fate = random.random()
        if fate < 0.03:
            os.kill(os.getpid(), signal.SIGKILL)
        if fate < 0.06:
            raise RuntimeError("as the torture wants it")
        return "写了一条"

    return do


EACH = Entry("each", Every(10, time(0), time(23, 50)), timedelta(hours=4), leave("each"), "每一次都办")
NEWEST = Entry(
    "newest",
    Every(10, time(7, 30), time(18)),
    timedelta(hours=3),
    leave("newest"),
    "补最近一次",
    newest_only=True,
)
DAILY = Entry("daily", Daily(time(9, 10)), timedelta(hours=8), leave("daily"), "一天一次")
TABLE = (EACH, NEWEST, DAILY)


# -- a replica --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Course:
    """The time that all processes share: it began at `began` of the machine's own clock."""

    began: float
    speed: float
    lost: timedelta = timedelta()  # the outage

    def now(self) -> datetime:
        return START + timedelta(seconds=(real.monotonic() - self.began) * self.speed) + self.lost


class JumpyClock:
    """Is off by up to ten minutes, and every second or so by another amount."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._off = timedelta()
        self._until = 0.0

    def __call__(self) -> datetime:
        if real.monotonic() > self._until:
            self._until = real.monotonic() + random.uniform(0.3, 2)
            self._off = random.uniform(-1, 1) * JUMP
        return self._course.now() + self._off


async def replica(url: str, course: Course) -> None:
    """Runs until it is killed; says so when its ticker is there."""
    logs.set_up("warning")
    database = await Database.open(url)
    running = Running(
        database=database, book=lambda: None, workdays=lambda: WORKDAYS, admins=frozenset(), lease=LEASE,
    )  # type: ignore[arg-type]  # fmt: skip  # these jobs read no notice
    ticker = Ticker(
        running=running, table=TABLE, clock=JumpyClock(course), tick_seconds=0.05, on_queued=lambda: None
    )
    await ticker.start()
    print("ready", flush=True)
    await asyncio.Event().wait()


# -- the torturer -----------------------------------------------------------------------------------------


@dataclass
class Judged:
    """What became of the fire times."""

    fire_times: int = 0
    effects: int = 0
    duplicates: int = 0  # effects beyond the first of a fire time
    missed: int = 0  # within grace, and not done
    late: int = 0  # done after the outage, as the rule wants
    passed_over: int = 0
    obeyed: float = 0.0  # percent of the fire times that ended as the rule says
    taken_over: int = 0  # begun again by another process, or after a failure
    kills: int = 0
    surprises: int = 0  # what no ticker should log
    wrong: list[str] = field(default_factory=list)  # the fire times that broke the rule

    def __str__(self) -> str:
        return (
            f"fire times {self.fire_times}\neffects {self.effects}\nduplicates {self.duplicates}\n"
            f"missed within grace {self.missed}\ncatch-up rule obeyed {self.obeyed:.2f} %\n"
            f"done late after the outage {self.late}, passed over {self.passed_over}\n"
            f"kill -9 {self.kills}, runs begun again {self.taken_over}, surprises in the log {self.surprises}"
            + "".join(f"\n! {line}" for line in self.wrong)
        )


class Torturer:
    """Starts replicas, kills them, and lets time be lost."""

    def __init__(self, url: str, course: Course, replicas: int, log: Path) -> None:
        self._url = url
        self._course = course
        self._replicas = replicas
        self._log = log
        self._processes: dict[int, asyncio.subprocess.Process] = {}
        self.kills = 0

    async def keep_alive(self) -> None:
        """Every place has a living process again; returns when all are ready."""
        dead = [n for n in range(self._replicas) if n not in self._processes or self._gone(n)]
        await asyncio.gather(*(self._spawn(n) for n in dead))

    def _gone(self, number: int) -> bool:
        return self._processes[number].returncode is not None

    async def _spawn(self, number: int) -> None:
        course = self._course
        words = ("replica", self._url, str(course.began), str(course.speed), str(course.lost.total_seconds()))
        with self._log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.torture", *words, stdout=asyncio.subprocess.PIPE, stderr=log
            )
        self._processes[number] = process
        assert process.stdout is not None
        async with asyncio.timeout(WAIT):
            await process.stdout.readline()

    async def kill(self, *numbers: int) -> None:
        for number in numbers:
            if not self._gone(number):
                self._processes[number].send_signal(signal.SIGKILL)
                await self._processes[number].wait()
            self.kills += 1

    async def rage(self, seconds: float) -> None:
        """Kills one after the other, never the last that stands."""
        end = real.monotonic() + seconds
        while real.monotonic() < end:
            await asyncio.sleep(random.uniform(0.1, 0.8))
            self.kills += sum(map(self._gone, self._processes))  # by its own hand, in the middle of a job
            if not any(map(self._gone, self._processes)):
                await self.kill(random.randrange(self._replicas))
            await self.keep_alive()

    async def outage(self) -> tuple[datetime, datetime]:
        """All die, and come back three days later; when it began and when they were there again."""
        await self.kill(*self._processes)
        began = self._course.now()
        self._course = Course(self._course.began, self._course.speed, OUTAGE)
        await self.keep_alive()
        return began, self._course.now()

    async def settle(self, database: Database) -> datetime:
        """Lets everything due until now come to its end; that time."""
        until = self._course.now() - JUMP
        async with asyncio.timeout(WAIT):
            while await open_until(database, until):
                await self.keep_alive()
                await asyncio.sleep(0.2)
        return until

    def now(self) -> datetime:
        return self._course.now()


async def open_until(database: Database, until: datetime) -> bool:
    """Whether a fire time up to then has no end yet."""
    runs, _ = await written(database)
    states = {(run.job, run.fire_at): run.state for run in runs}
    since = min(run.fire_at for run in runs if run.state == job_runs.BEGAN)
    return any(
        states.get((entry.name, at), RUNNING) in (RUNNING, FAILED)
        for entry in TABLE
        for at in fire_times(entry.rule, since, until, WORKDAYS)
    )


async def written(database: Database) -> tuple[list[Run], Counter[tuple[str, int]]]:
    """The ledger, and how many effects each fire time had."""
    async with database.transaction() as conn:
        runs = [Run(*row) for row in await conn.execute(select(runs_table))]
        keys = [row.key.split(":") for row in await conn.execute(select(outbox_table.c.key))]
    return runs, Counter((key[1], int(key[2])) for key in keys)


async def torture(url: str, *, seconds: float, speed: float = 600, replicas: int = 3) -> Judged:
    """Half of the time before the outage, half after it."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        torturer = Torturer(url, Course(real.monotonic(), speed), replicas, log)
        async with _opened(url) as database:
            try:
                await torturer.keep_alive()
                await torturer.rage(seconds / 2)
                out = await torturer.outage()
                await torturer.rage(seconds / 2)
                until = await torturer.settle(database)
            finally:
                await torturer.kill(*torturer._processes)
            runs, effects = await written(database)
        judged = judge(runs, effects, out, until)
        judged.kills = torturer.kills - replicas  # the last were only put to rest
        judged.surprises = log.read_text("utf-8").count("will look again")
    return judged


@contextlib.asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = await Database.open(url)
    try:
        yield database
    finally:
        await database.close()


def judge(
    runs: list[Run], effects: Counter[tuple[str, int]], out: tuple[datetime, datetime], until: datetime
) -> Judged:
    """Holds what is written against what the rule says of each fire time."""
    since = min(run.fire_at for run in runs if run.state == job_runs.BEGAN)
    ledger = {(run.job, run.fire_at): run for run in runs}
    result = Judged(effects=effects.total(), duplicates=sum(many - 1 for many in effects.values()))
    for entry in TABLE:
        named = {fire_words(run.fire_at): run for run in runs if run.job == entry.name}
        for at in fire_times(entry.rule, since, until, WORKDAYS):
            run = ledger.get((entry.name, at))
            many = effects[entry.name, int(at.timestamp())]
            joined = entry.newest_only and run is not None and _stood_for(run, named)
            state = "" if run is None else run.state
            result.fire_times += 1
            result.passed_over += state == SKIPPED
            result.late += state == DONE and out[0] + JUMP < at < out[1] - JUMP
            result.taken_over += run is not None and run.attempts > 1
            missed = _owed(entry, at, out) and state != DONE and not joined
            result.missed += missed
            if run is None or missed or not _by_the_rule(entry, run, many, joined):
                result.wrong.append(f"{entry.name} {at:%d %H:%M} effects {many} {run}")
    result.obeyed = 100 * (1 - len(result.wrong) / result.fire_times)
    return result


def _by_the_rule(entry: Entry, run: Run, effects: int, joined: bool) -> bool:
    """Done once and in time, or passed over because it was too late or a later one stands for it; in time
    by the clock of the process that did it."""
    assert run.finished_at is not None
    late = run.finished_at - run.fire_at > entry.grace
    if run.state == DONE:
        return effects == 1 and not late
    return run.state == SKIPPED and effects == 0 and (late or joined)


def _stood_for(run: Run, named: dict[str, Run]) -> bool:
    """Whether a later one that was done stands for it, perhaps by way of another that was joined to it."""
    while found := re.fullmatch("并入(.+)的一次", run.note):
        run = named[found[1]]
    return run.state == DONE


def _owed(entry: Entry, at: datetime, out: tuple[datetime, datetime]) -> bool:
    """Whether somebody was there to do it in time, whatever the clocks said."""
    return at < out[0] - SLACK or at + entry.grace > out[1] + SLACK


def main() -> int:
    if sys.argv[1:2] == ["replica"]:
        url, began, speed, lost = sys.argv[2:]
        asyncio.run(replica(url, Course(float(began), float(speed), timedelta(seconds=float(lost)))))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--speed", type=float, default=600.0)
    parser.add_argument("--replicas", type=int, default=3)
    args = parser.parse_args()
    with postgres.server() as server:
        if server is None:
            print("NO POSTGRESQL: set TEST_PG_URL, or install pgserver or Debian's postgresql")
            return 2
        with postgres.fresh_database(server, f"torture{uuid.uuid4().hex[:8]}") as url:
            found = asyncio.run(
                torture(url, seconds=60 * args.minutes, speed=args.speed, replicas=args.replicas)
            )
    print(f"replicas {args.replicas}, {args.speed:g} times as fast, {args.minutes:g} minutes and three days")
    print(found)
    wrong = found.duplicates or found.missed or found.surprises or found.obeyed < 100
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
