"""Which fire times are to be done now, and which are passed over with a note: the rules of catching up.

Pure: the ticker brings the clock and what the database has, and writes down what comes back. After an
outage or a jump of the clock a fire time is done late within its job's grace, else only recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.jobs import Entry
from scheduler.when import Rule, fire_times
from storage.job_runs import Passed
from supervision.workdays import SHANGHAI, Workdays

LOOK_BACK = timedelta(days=7)  # what is older is not even recorded as passed over
# Seconds to wait after the n-th failure; after the last the run is left to a person.
RETRIES = (30, 120, 600, 1800)


@dataclass(frozen=True, slots=True)
class Due:
    """A fire time to be done now."""

    entry: Entry
    fire_at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """`run` in the order in which it fell due."""

    run: tuple[Due, ...]
    passed: tuple[Passed, ...]


def missing(rule: Rule, since: datetime, now: datetime, workdays: Workdays) -> list[datetime]:
    """The fire times from `since` to `now` that the ledger is to be asked about, oldest first."""
    return list(fire_times(rule, max(since, now - LOOK_BACK), now, workdays))


def plan(found: Iterable[tuple[Entry, list[datetime]]], now: datetime, *, late_is_fine: bool = False) -> Plan:
    """What to do with the missing fire times of each job. `late_is_fine`: no grace is over."""
    run: list[Due] = []
    passed: list[Passed] = []
    for entry, times in found:
        late = [] if late_is_fine else [at for at in times if is_over(entry, at, now)]
        passed += [Passed(entry.name, at, over_words(entry)) for at in late]
        left = times[len(late) :]
        if entry.newest_only and left:
            passed += [Passed(entry.name, at, f"并入{fire_words(left[-1])}的一次") for at in left[:-1]]
            left = left[-1:]
        run += [Due(entry, at) for at in left]
    return Plan(tuple(sorted(run, key=lambda due: due.fire_at)), tuple(passed))


def is_over(entry: Entry, fire_at: datetime, now: datetime) -> bool:
    """Whether it is too late for this fire time."""
    return now - fire_at > entry.grace


def over_words(entry: Entry) -> str:
    return f"当时没有进程在运行，恢复时已超过{span_words(entry.grace)}，不再补办"


def retry_at(attempts: int, now: datetime) -> datetime | None:
    """When a run that failed so often is tried again; None when a person has to look."""
    return now + timedelta(seconds=RETRIES[attempts - 1]) if attempts <= len(RETRIES) else None


def span_words(span: timedelta) -> str:
    """3小时, 50分钟, 5天, 2小时30分钟"""
    minutes = int(span.total_seconds() // 60)
    days, hours, left = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = ((days, "天"), (hours, "小时"), (left, "分钟"))
    return "".join(f"{many}{unit}" for many, unit in parts if many)


def fire_words(fire_at: datetime) -> str:
    """7月15日08:40"""
    here = fire_at.astimezone(SHANGHAI)
    return f"{here.month}月{here.day}日{here:%H:%M}"
