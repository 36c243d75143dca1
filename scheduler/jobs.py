"""What happens by the clock, as a table: name, when, how late it may still be done, who does it, what it is.

The ticker, `bqw jobs` and docs/schedule.md read this one table. A new job is one line here, with its time in
`scheduler/times.py`; its function gets a Shift and returns what it did in a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from scheduler.calendar import warn_calendar
from scheduler.rounds import open_due_rounds
from scheduler.shift import Job
from scheduler.times import Times, read
from scheduler.when import Daily, MonthDay, Rule


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the table.

    `newest_only`: of several fire times that were missed only the newest is done, and stands for the others.
    """

    name: str
    rule: Rule
    grace: timedelta
    do: Job
    about: str
    newest_only: bool = False
    off: bool = False  # done by hand only


def table(at: Times) -> tuple[Entry, ...]:
    """The jobs, in the order in which they are done when they fall due together.

    A grace ends where a late run would be a nuisance: what is told to people is told within office hours.
    """
    rows = (
        Entry("rounds", Daily(read(at.rounds)), _hours(8), open_due_rounds,
              "到期前5个工作日自动开月报、季报"),
        Entry("calendar", MonthDay(1, read(at.calendar)), _hours(96), warn_calendar,
              "下一年节假日安排没有登记时提醒管理员（十二月起）"),
    )  # fmt: skip
    return tuple(replace(row, off=row.name in at.off) for row in rows)


def _hours(many: float) -> timedelta:
    return timedelta(hours=many)
