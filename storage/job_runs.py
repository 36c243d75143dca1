"""The ledger of the clock: one row per job and fire time decides, over all replicas, who does it and whether.

`scheduler/running.py` claims a row under a lease and finishes it in the transaction of the job's effects; a
row is never reopened once done, and removed only when it is long past. A job's first row (`began`) says
since when it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Insert, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.engine import Connection
from storage.tables import job_runs

BEGAN, RUNNING, DONE, SKIPPED, FAILED = "began", "running", "done", "skipped", "failed"
_AT_ONCE = 500  # rows per statement


@dataclass(frozen=True, slots=True)
class Run:
    """A job's fire time and what became of it."""

    id: int
    job: str
    fire_at: datetime
    state: str
    owner: str
    lease_until: datetime | None
    attempts: int
    started_at: datetime
    finished_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class Passed:
    """A fire time that nobody will do, and why."""

    job: str
    fire_at: datetime
    note: str


async def begin(conn: Connection, jobs: Iterable[str], now: datetime) -> dict[str, datetime]:
    """Since when each of these jobs is kept; those that are new from `now` on: nothing before is owed."""
    there = await _began(conn)
    if new := [Passed(job, now, "从此时起按表办理") for job in jobs if there.get(job, now) >= now]:
        await _write(conn, new, BEGAN, now)
    return {**there, **{row.job: row.fire_at for row in new}}


async def _began(conn: Connection) -> dict[str, datetime]:
    rows = await conn.execute(
        select(job_runs.c.job, func.min(job_runs.c.fire_at).label("since"))
        .where(job_runs.c.state == BEGAN)
        .group_by(job_runs.c.job)
    )
    return {row.job: row.since for row in rows}


async def known(conn: Connection, jobs: Sequence[str], since: datetime) -> set[tuple[str, datetime]]:
    """The fire times from `since` on that somebody has taken or passed over."""
    rows = await conn.execute(
        select(job_runs.c.job, job_runs.c.fire_at).where(
            job_runs.c.job.in_(jobs), job_runs.c.fire_at >= since, job_runs.c.state != BEGAN
        )
    )
    return {(row.job, row.fire_at) for row in rows}


async def skip(conn: Connection, rows: Sequence[Passed], now: datetime) -> None:
    """Passes fire times over; one that somebody took meanwhile stays his."""
    for at in range(0, len(rows), _AT_ONCE):
        await _write(conn, rows[at : at + _AT_ONCE], SKIPPED, now)


async def _write(conn: Connection, rows: Sequence[Passed], state: str, now: datetime) -> None:
    await conn.execute(
        _insert(conn).on_conflict_do_nothing(),
        [
            {**_new(row.job, row.fire_at, now), "state": state, "finished_at": now, "note": row.note}
            for row in rows
        ],
    )


async def claim(
    conn: Connection, job: str, fire_at: datetime, *, owner: str, now: datetime, lease: timedelta
) -> Run | None:
    """Takes a fire time that nobody has; None when somebody has."""
    if await find(conn, job, fire_at):  # a look does not wait for the one who is at work, an insert would
        return None
    values = {**_new(job, fire_at, now), "owner": owner, "lease_until": now + lease, "attempts": 1}
    found = await conn.execute(_insert(conn).values(values).on_conflict_do_nothing().returning(*job_runs.c))
    row = found.one_or_none()
    return None if row is None else Run(*row)


async def take_over(
    conn: Connection, jobs: Sequence[str], *, owner: str, now: datetime, lease: timedelta
) -> Run | None:
    """Takes the oldest run whose holder died, or that failed and is to be tried again; None when there is
    none. A holder that is at work still has its row locked, and is left alone whatever its lease says."""
    open = and_(
        job_runs.c.job.in_(jobs), job_runs.c.state.in_((RUNNING, FAILED)), job_runs.c.lease_until < now
    )
    found = await conn.execute(
        select(job_runs.c.id)
        .where(open)
        .order_by(job_runs.c.fire_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    number = found.scalar_one_or_none()
    return None if number is None else await _take(conn, job_runs.c.id == number, owner, now, lease)


async def take_by_hand(
    conn: Connection, job: str, fire_at: datetime, *, owner: str, now: datetime, lease: timedelta
) -> Run | None:
    """Takes a fire time for a person: also one that was passed over or failed; None when it is done or
    somebody is at it."""
    free = or_(
        job_runs.c.state.in_((SKIPPED, FAILED)),
        and_(job_runs.c.state == RUNNING, job_runs.c.lease_until < now),
    )
    place = and_(job_runs.c.job == job, job_runs.c.fire_at == fire_at)
    taken = await claim(conn, job, fire_at, owner=owner, now=now, lease=lease)
    return taken or await _take(conn, and_(place, free), owner, now, lease)


async def _take(
    conn: Connection, which: ColumnElement[bool], owner: str, now: datetime, lease: timedelta
) -> Run | None:
    found = await conn.execute(
        update(job_runs)
        .where(which)
        .values(
            state=RUNNING,
            owner=owner,
            lease_until=now + lease,
            attempts=job_runs.c.attempts + 1,
            finished_at=None,
        )
        .returning(*job_runs.c)
    )
    row = found.one_or_none()
    return None if row is None else Run(*row)


async def finish(conn: Connection, run: Run, state: str, note: str, now: datetime) -> bool:
    """Says how a run ended, as the first statement of the transaction that does its work: it locks the row.
    False when the run has passed to another, and then nothing may be done."""
    return await _settle(conn, run, {"state": state, "note": note, "lease_until": None, "finished_at": now})


async def say(conn: Connection, run: Run, note: str) -> None:
    """What a run that this transaction finished has done."""
    await conn.execute(update(job_runs).where(job_runs.c.id == run.id).values(note=note))


async def fail(conn: Connection, run: Run, note: str, *, now: datetime, again_at: datetime | None) -> bool:
    """Notes a failure; tried again at `again_at`, or left to a person."""
    values = {"state": FAILED, "note": note, "lease_until": again_at, "finished_at": now}
    return await _settle(conn, run, values)


async def _settle(conn: Connection, run: Run, values: dict[str, Any]) -> bool:
    changed = await conn.execute(
        update(job_runs)
        .where(job_runs.c.id == run.id, job_runs.c.owner == run.owner, job_runs.c.state == RUNNING)
        .where(job_runs.c.attempts == run.attempts)
        .values(values)
    )
    return changed.rowcount == 1


async def find(conn: Connection, job: str, fire_at: datetime) -> Run | None:
    rows = await conn.execute(select(job_runs).where(job_runs.c.job == job, job_runs.c.fire_at == fire_at))
    row = rows.one_or_none()
    return None if row is None else Run(*row)


async def forget(conn: Connection, before: datetime) -> int:
    """Removes the runs of fire times before this one that are over; how many there were."""
    over = job_runs.c.state.in_((DONE, SKIPPED, FAILED))
    gone = await conn.execute(delete(job_runs).where(over, job_runs.c.fire_at < before))
    return int(gone.rowcount)


async def latest(conn: Connection, job: str, limit: int = 1) -> list[Run]:
    """The newest fire times of a job, newest first."""
    rows = await conn.execute(
        select(job_runs)
        .where(job_runs.c.job == job, job_runs.c.state != BEGAN)
        .order_by(job_runs.c.fire_at.desc())
        .limit(limit)
    )
    return [Run(*row) for row in rows]


def _insert(conn: Connection) -> Any:
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    statement: Insert = dialect.insert(job_runs)
    return statement


def _new(job: str, fire_at: datetime, now: datetime) -> dict[str, Any]:
    return {
        "job": job,
        "fire_at": fire_at,
        "state": RUNNING,
        "owner": "",
        "lease_until": None,
        "attempts": 0,
        "started_at": now,
        "finished_at": None,
        "note": "",
    }
